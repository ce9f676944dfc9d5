"""Sheets handed in, approved tier by tier, returned, taken back: and the figures with them."""

from threading import Barrier, Thread

import pytest
from django.db import connections

from gangmu.figures.filing.errors import FaultsRemain, NotAllowed, NotOpen, NotReady, WordsNeeded
from gangmu.figures.filing.models import Batch, Change, Fact, Mark, Revision, Sheet
from gangmu.figures.filing.queries import cells, check, content_hashes, events, findings, may
from gangmu.figures.filing.services import explain, recall_sheet, remark, submit_many, submit_sheet
from gangmu.figures.filing.tests.small import (
    DAY,
    GOOD,
    NOW,
    Small,
    approve,
    approved,
    filled,
    make_small,
    opened,
    organisation,
    put,
    send_back,
    stands,
    states,
    submit,
)
from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.approvals.errors import AlreadyDecided, ContentChanged
from gangmu.foundation.approvals.models import Case
from gangmu.foundation.approvals.subjects import kind_of
from gangmu.foundation.settings import clock
from gangmu.shell.testing.worlds import settle


@pytest.fixture
def small(db, tmp_path):
    with clock.frozen(NOW):
        yield make_small(tmp_path)


@pytest.mark.req("M-7.2.3")
def test_what_was_typed_becomes_facts_and_goes_up_the_tiers(small: Small):
    sheet = filled(small)
    assert not Fact.objects.exists()
    case = submit(small, sheet, words="all well")
    sheet.refresh_from_db()
    assert (sheet.status, sheet.state, sheet.revision) == ("submitted", 1, 1)
    assert (case.state, case.subject_id, case.words) == ("open", sheet.pk, "all well")
    fact = stands("P1U2", "gen")
    assert fact is not None and (fact.value, fact.state, fact.entered) == (60005, 1, None)
    state = stands("P1U1", "state")
    assert state is not None and (state.value, state.entered) == (1, "running")
    assert Fact.objects.count() == len(GOOD)
    batch = Batch.objects.get()
    assert (batch.kind, batch.facts_count, batch.recorded_by) == ("sheet", len(GOOD), small.clerk)
    for user, state in ((small.plant_reviewer, 2), (small.region_reviewer, 3), (small.group_manager, 4)):
        approve(case, user)
        sheet.refresh_from_db()
        assert (sheet.state, states()) == (state, {state})
    assert (sheet.status, sheet.approved_at) == ("approved", clock.now())
    assert [one.what for one in events(sheet)] == ["opened", "submitted", "passed", "passed", "approved"]


def test_a_return_lowers_the_figures_and_a_new_submission_records_only_what_changed(small: Small):
    sheet = filled(small)
    case = submit(small, sheet)
    approve(case, small.plant_reviewer)
    case.refresh_from_db()
    send_back(case, small.region_reviewer, "unit 1 looks wrong")
    sheet.refresh_from_db()
    assert (sheet.status, sheet.state, states()) == ("returned", 1, {1})
    assert events(sheet)[-1].words == "unit 1 looks wrong"
    put(small, sheet, {("P1U1", "gen"): "11000"})
    again = submit(small, sheet, key="s2")
    assert again.pk == case.pk
    sheet.refresh_from_db()
    first, second = Revision.objects.filter(sheet=sheet).order_by("number")
    assert (first.changed_count, second.changed_count, second.cells_count) == (len(GOOD), 1, len(GOOD))
    assert Fact.objects.filter(batch=second.batch).count() == 1
    old = Fact.objects.get(superseded_by=second.batch)
    assert (old.value, old.state) == (120000, 1)
    assert first.content_hash != second.content_hash


def test_nothing_new_makes_no_batch(small: Small):
    sheet = filled(small)
    case = submit(small, sheet)
    send_back(case, small.plant_reviewer)
    submit(small, sheet, key="s2")
    assert Batch.objects.count() == 1
    assert list(Revision.objects.order_by("number").values_list("number", "changed_count")) == [(1, len(GOOD)), (2, 0)]


def test_faults_come_first_with_their_cells(small: Small):
    sheet = filled(small)
    put(small, sheet, {("P1U1", "gen"): "x", ("P1", "burnt"): "", ("P1", "stock"): "801"})
    with pytest.raises(FaultsRemain) as caught:
        submit(small, sheet)
    found = {(one.rule, one.cells[0]) for one in caught.value.findings}
    assert ("entry", (organisation("P1U1").pk, "gen")) in found
    assert ("required", (organisation("P1").pk, "burnt")) in found
    put(small, sheet, {("P1U1", "gen"): "1", ("P1", "burnt"): "700"})
    with pytest.raises(FaultsRemain, match="The stock balances: 801 t differs from 800 t by 1 t"):
        submit(small, sheet)
    assert not Fact.objects.exists() and not Case.objects.exists()
    sheet.refresh_from_db()
    assert (sheet.status, sheet.revision) == ("open", 0)


def test_out_of_service_answers_what_is_asked_for(small: Small):
    sheet = filled(small)
    put(small, sheet, {("P1U1", "gen"): "out of service", ("P1U1", "state"): "停运"})
    submit(small, sheet)
    fact = stands("P1U1", "gen")
    assert fact is not None and (fact.value, fact.mark) == (0, Mark.OUT_OF_SERVICE)
    assert stands("P1U1", "state") is None
    assert cells(sheet)[organisation("P1U1").pk, "state"].mark == Mark.OUT_OF_SERVICE


@pytest.mark.req("M-7.2.3")
def test_a_warning_needs_words_and_other_figures_need_new_words(small: Small):
    sheet = filled(small)
    put(small, sheet, {("P1U1", "gen"): "15000"})
    with pytest.raises(WordsNeeded, match="Generation within capacity"):
        submit(small, sheet)
    (finding,) = findings(sheet)
    with acting_as(small.clerk) as scope:
        explain(sheet, finding, words="meter of the grid company", by=small.clerk, scope=scope)
    put(small, sheet, {("P1U1", "gen"): "15001"})
    with pytest.raises(WordsNeeded):
        submit(small, sheet)
    (finding,) = findings(sheet)
    with acting_as(small.clerk) as scope:
        explain(sheet, finding, words="read again, same", by=small.clerk, scope=scope)
    case = submit(small, sheet)
    assert case.exceptions == 1
    with acting_as(small.region_reviewer):
        shown = kind_of("filing.sheet").load([sheet.pk])[sheet.pk]
    assert [(line.kind, line.words) for line in shown.exceptions] == [("warning", "read again, same")]
    assert ("Generation", "21,001.5 MWh") in [(label, value.replace("6000.5", "")) for label, value in shown.facts]
    assert "Plant Alpha" in shown.title


def test_words_do_not_mend_an_error(small: Small):
    sheet = filled(small)
    put(small, sheet, {("P1", "stock"): "801"})
    (finding,) = findings(sheet)
    with acting_as(small.clerk) as scope, pytest.raises(NotReady, match="put right"):
        explain(sheet, finding, words="so what", by=small.clerk, scope=scope)


def test_an_empty_sheet_of_blanks_is_told(small: Small):
    sheet = opened(small)
    rules = {one.rule for one in check(sheet)}
    assert rules == {"required"}
    with pytest.raises(FaultsRemain):
        submit(small, sheet)


@pytest.mark.req("M-7.2.3")
def test_a_slow_line_submits_once(small: Small):
    sheet = filled(small)
    first = submit(small, sheet, key="same")
    assert submit(small, sheet, key="same") == first
    with pytest.raises(NotOpen, match="under approval"):
        submit(small, sheet, key="other")
    assert Revision.objects.count() == 1
    assert Case.objects.get().decisions.count() == 1


def test_who_may_not_file_submits_nothing(small: Small):
    sheet = filled(small)
    for user in (small.region_reviewer, small.plant_reviewer, small.group_manager):
        with acting_as(user) as scope, pytest.raises(NotAllowed):
            submit_sheet(sheet, by=user, scope=scope, key="k")


def test_what_may_be_done_follows_the_stage(small: Small):
    sheet = opened(small)

    def told(user) -> set[str]:
        sheet.refresh_from_db()
        with acting_as(user) as scope:
            return set(may(sheet, scope))

    assert told(small.clerk) == {"edit", "submit", "remark"}
    assert told(small.region_reviewer) == {"remark"}
    assert told(small.world.former) == set()
    filled(small)
    submit(small, sheet)
    assert told(small.clerk) == {"recall", "remark"}
    Sheet.objects.update(status="approved")
    assert told(small.clerk) == {"correct", "remark"}
    assert told(small.group_manager) == {"lock", "remark"}


def test_a_figure_that_was_emptied_is_taken_back(small: Small):
    sheet = filled(small)
    put(small, sheet, {("P1U1", "hours"): "24"})
    case = submit(small, sheet)
    send_back(case, small.plant_reviewer)
    put(small, sheet, {("P1U1", "hours"): ""})
    submit(small, sheet, key="s2")
    assert stands("P1U1", "hours") is None
    (old,) = Fact.objects.filter(indicator__code="hours")
    second = Revision.objects.get(number=2)
    assert old.superseded_by_id == second.batch_id
    assert (second.changed_count, second.cells_count) == (1, len(GOOD))
    batch = second.batch
    assert batch is not None and batch.takes_back == [old.batch_id]
    settle()
    assert set(Change.objects.values_list("batch_id", flat=True)) == {old.batch_id, batch.pk}


def test_a_sheet_taken_back_is_filled_in_again(small: Small):
    sheet = filled(small)
    submit(small, sheet)
    with acting_as(small.clerk) as scope:
        assert recall_sheet(sheet, by=small.clerk, scope=scope, key="w", reason="wrong day").status == "open"
    assert states() == {1}
    put(small, sheet, {("P1U1", "gen"): "1"})
    submit(small, sheet, key="s2")
    fact = stands("P1U1", "gen")
    assert fact is not None and fact.value == 10


def test_what_others_load_meanwhile_makes_what_was_seen_stale(small: Small):
    sheet = filled(small)
    case = submit(small, sheet)
    with acting_as(small.plant_reviewer):
        seen = content_hashes([sheet.pk])[sheet.pk]
    old = stands("P1U1", "gen")
    assert old is not None
    batch = Batch.objects.create(kind="correction", reason="meter", key="load", recorded_at=clock.now())
    Fact.objects.filter(pk=old.pk).update(superseded_by=batch)
    cell = {"indicator_id": old.indicator_id, "scenario_id": old.scenario_id, "organisation_id": old.organisation_id}
    Fact.objects.create(**cell, period=old.period, batch=batch, value=1, state=5)
    from gangmu.foundation.approvals import services as approving

    with acting_as(small.plant_reviewer), pytest.raises(ContentChanged):
        approving.approve(case.pk, by=small.plant_reviewer, seen=seen, key="k")
    with acting_as(small.plant_reviewer):
        (line,) = kind_of("filing.sheet").load([sheet.pk])[sheet.pk].exceptions
    assert line.kind == "changed" and "not what was submitted" in line.text


def test_a_locked_figure_in_the_way_is_told_and_kept(small: Small):
    sheet = filled(small)
    case = submit(small, sheet)
    send_back(case, small.plant_reviewer)
    Fact.objects.filter(pk=stands("P1U1", "gen").pk).update(value=5, state=5)  # type: ignore[union-attr]
    with pytest.raises(FaultsRemain, match=r"The figure 0\.5 is locked"):
        submit(small, sheet, key="s2")
    assert not put(small, sheet, {("P1U1", "gen"): "0.5"}).faults
    submit(small, sheet, key="s2")
    approve(case, small.plant_reviewer, key="a2")
    assert states() == {2, 5}


def test_whatever_is_said_or_filed_changes_the_hash(small: Small):
    sheet, cell = filled(small), (organisation("P1U1").pk, "gen")
    seen = {content_hashes([sheet.pk])[sheet.pk]}
    with acting_as(small.clerk) as scope:
        remark(sheet, cell, words="new meter", by=small.clerk, scope=scope)
    seen.add(content_hashes([sheet.pk])[sheet.pk])
    submit(small, sheet)
    Fact.objects.filter(pk=stands("P1U1", "gen").pk).update(mark=3)  # type: ignore[union-attr]
    seen.add(content_hashes([sheet.pk])[sheet.pk])
    Fact.objects.filter(pk=stands("P1U1", "gen").pk).update(entered="1２")  # type: ignore[union-attr]
    seen.add(content_hashes([sheet.pk])[sheet.pk])
    assert len(seen) == 4


def test_a_question_of_an_approver_does_not_keep_others_from_approving(small: Small):
    sheet, cell = filled(small), (organisation("P1U1").pk, "gen")
    with acting_as(small.clerk) as scope:
        remark(sheet, cell, words="new meter", by=small.clerk, scope=scope)
    case = submit(small, sheet)
    with acting_as(small.region_reviewer) as scope:
        remark(sheet, cell, words="why so much?", by=small.region_reviewer, scope=scope)
        remark(sheet, None, words="please call", by=small.region_reviewer, scope=scope)
    approve(case, small.plant_reviewer)
    assert states() == {2}
    send_back(case, small.region_reviewer)
    submit(small, sheet, key="s2")
    approve(case, small.plant_reviewer, key="again")
    assert [one.remarks_count for one in Revision.objects.order_by("number")] == [1, 3]


def test_hashes_and_subjects_of_many_sheets_cost_few_queries(small: Small, django_assert_max_num_queries):
    days = [DAY, DAY.previous(), DAY.previous().previous()]
    sheets = [filled(small, day) for day in days]
    for number, sheet in enumerate(sheets):
        submit(small, sheet, key=f"s{number}")
    with acting_as(small.group_manager), django_assert_max_num_queries(9):
        assert len(set(content_hashes([one.pk for one in sheets]).values())) == 3
    with acting_as(small.group_manager), django_assert_max_num_queries(17):
        assert len(kind_of("filing.sheet").load([one.pk for one in sheets])) == 3


def test_many_are_submitted_together_and_one_that_cannot_keeps_no_other(small: Small):
    good, bad = filled(small), filled(small, DAY.previous())
    put(small, bad, {("P1", "stock"): "801"})
    with acting_as(small.clerk) as scope:
        answers = submit_many([good, bad], by=small.clerk, scope=scope, key="m")
    assert isinstance(answers[good.pk], Case)
    assert isinstance(answers[bad.pk], FaultsRemain)
    good.refresh_from_db()
    bad.refresh_from_db()
    assert (good.status, bad.status) == ("submitted", "open")
    assert stands("P1", "stock", str(bad.period)) is None
    with acting_as(small.clerk) as scope:
        assert submit_many([good], by=small.clerk, scope=scope, key="m") == {good.pk: answers[good.pk]}


@pytest.mark.req("M-7.2.3")
def test_two_submissions_at_once_are_one(committed, tmp_path):
    with clock.frozen(NOW):
        small = make_small(tmp_path)
        sheet = filled(small)
    barrier, done, refused = Barrier(2), [], []

    def run(key: str) -> None:
        try:
            barrier.wait()
            with clock.frozen(NOW):
                done.append(submit(small, sheet, key=key))
        except NotOpen as error:
            refused.append(error)
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(key,)) for key in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(done), len(refused)) == (1, 1)
    assert Revision.objects.count() == 1 and Batch.objects.count() == 1


def test_two_approvals_at_once_are_one(committed, tmp_path):
    with clock.frozen(NOW):
        small = make_small(tmp_path)
        case = submit(small, filled(small))
    barrier, refused = Barrier(2), []

    def run(key: str) -> None:
        try:
            barrier.wait()
            with clock.frozen(NOW):
                approve(case, small.plant_reviewer, key=key)
        except Exception as error:
            refused.append(error)
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(key,)) for key in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert states() == {2}
    assert isinstance(refused[0], AlreadyDecided) or refused[0].__class__.__name__ == "NotAllowed"


def test_an_approved_sheet_stands_until_it_is_corrected(small: Small):
    sheet = approved(small)
    assert sheet.status == "approved"
    with pytest.raises(NotOpen, match="correction"):
        put(small, sheet, {("P1U1", "gen"): "1"})

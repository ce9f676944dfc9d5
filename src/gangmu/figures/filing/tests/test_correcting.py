"""Locking, and correcting what is approved or locked."""

import pytest
from django.db import connection

from gangmu.figures.filing.errors import FactsChanged, FaultsRemain, NotAllowed, NotOpen, NotReady
from gangmu.figures.filing.models import Batch, Cell, Correction, CorrectionCell, Fact, Mark, Revision, Saving, Sheet
from gangmu.figures.filing.queries import cells, events
from gangmu.figures.filing.services import (
    Edit,
    attach_file,
    lock_due,
    lock_sheets,
    save_cells,
    save_correction,
    start_correction,
    submit_correction,
    withdraw_correction,
)
from gangmu.figures.filing.tests.small import (
    DAY,
    NOW,
    Small,
    approve,
    approved,
    filled,
    make_small,
    organisation,
    put,
    send_back,
    stands,
    states,
    submit,
)
from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.approvals.models import Case
from gangmu.foundation.approvals.subjects import kind_of
from gangmu.foundation.documents.models import Document
from gangmu.foundation.settings import clock


@pytest.fixture
def small(db, tmp_path):
    with clock.frozen(NOW):
        yield make_small(tmp_path)


def locked(small: Small) -> Sheet:
    sheet = approved(small)
    with acting_as(small.group_manager) as scope:
        (sheet,) = lock_sheets([sheet], by=small.group_manager, scope=scope)
    return sheet


def begun(small: Small, sheet: Sheet, reason: str = "meter read again") -> Correction:
    with acting_as(small.clerk) as scope:
        return start_correction(sheet, reason=reason, by=small.clerk, key="c", scope=scope)


def say(small: Small, correction: Correction, *edits: tuple[str, str, str]):
    asked = [Edit(organisation(code).pk, indicator, text) for code, indicator, text in edits]
    with acting_as(small.clerk) as scope:
        return save_correction(correction, asked, by=small.clerk, key="", scope=scope)


def send(small: Small, correction: Correction, key: str = "cs") -> Case:
    with acting_as(small.clerk) as scope:
        return submit_correction(correction, by=small.clerk, key=key, scope=scope)


# Locking --------------------------------------------------------------------------------------------------------------


def test_a_locked_sheet_keeps_its_figures_and_drops_its_working_copy(small: Small):
    sheet = filled(small)
    put(small, sheet, {("P1U1", "state"): "停运"})
    with acting_as(small.clerk) as scope:
        save_cells(sheet, [], by=small.clerk, key="kept", scope=scope)
    case = submit(small, sheet)
    for user in (small.plant_reviewer, small.region_reviewer, small.group_manager):
        approve(case, user)
    with acting_as(small.group_manager) as scope:
        lock_sheets([sheet], by=small.group_manager, scope=scope)
    sheet.refresh_from_db()
    assert (sheet.status, sheet.state, sheet.locked_at, states()) == ("locked", 5, clock.now(), {5})
    assert not Saving.objects.exists()
    assert [(cell.mark, cell.value) for cell in Cell.objects.all()] == [(Mark.OUT_OF_SERVICE, None)]
    seen = cells(sheet)
    assert seen[organisation("P1U2").pk, "gen"].text == "6000.5"
    assert seen[organisation("P1U1").pk, "state"].mark == Mark.OUT_OF_SERVICE
    assert events(sheet)[-1].what == "locked"


def test_only_who_may_locks_and_only_what_is_approved(small: Small):
    sheet = filled(small)
    with acting_as(small.group_manager) as scope, pytest.raises(NotOpen, match="Only an approved sheet"):
        lock_sheets([sheet], by=small.group_manager, scope=scope)
    sheet = approved(small, DAY.previous())
    for user in (small.clerk, small.region_reviewer):
        with acting_as(user) as scope, pytest.raises(NotAllowed):
            lock_sheets([sheet], by=user, scope=scope)


def test_approved_sheets_are_locked_when_their_time_has_come(small: Small):
    sheet, other = approved(small), filled(small, DAY.previous())
    with clock.frozen("2026-11-22T11:59"):
        assert lock_due() == 0
    with clock.frozen("2026-11-22T12:00"), connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE gangmu_system")  # as the worker does
        assert lock_due() == 1
        assert lock_due() == 0
        cursor.execute("RESET ROLE")
    sheet.refresh_from_db()
    other.refresh_from_db()
    assert (sheet.status, other.status, states()) == ("locked", "open", {5})
    assert (events(sheet)[-1].what, events(sheet)[-1].by_name) == ("locked", "")


# Correcting -----------------------------------------------------------------------------------------------------------


@pytest.mark.req("M-7.2.3")
def test_a_correction_changes_figures_when_its_route_has_ended_and_not_before(small: Small):
    sheet = locked(small)
    correction = begun(small, sheet)
    saved = say(small, correction, ("P1U1", "gen", "12,345.6"))
    assert not saved.faults
    case = send(small, correction)
    approve(case, small.region_reviewer)
    old = stands("P1U1", "gen")
    assert old is not None and old.value == 120000
    approve(case, small.group_manager)
    new = stands("P1U1", "gen")
    assert new is not None and (new.value, new.state, new.entered) == (123456, 5, "12,345.6")
    old.refresh_from_db()
    assert (old.superseded_by_id, old.state) == (new.batch_id, 5)
    batch = Batch.objects.get(pk=new.batch_id)
    assert (batch.kind, batch.reason, batch.recorded_by) == ("correction", "meter read again", small.clerk)
    correction.refresh_from_db()
    assert (correction.status, correction.applied_at) == ("applied", clock.now())
    revision = Revision.objects.get(sheet=sheet, number=2)
    assert (revision.kind, revision.changed_count, revision.words) == ("correction", 1, "meter read again")
    sheet.refresh_from_db()
    assert (sheet.status, sheet.revision) == ("locked", 2)
    told = [one.what for one in events(sheet)][-3:]
    assert told == ["correction begun", "correction submitted", "corrected"]


def test_a_correction_of_an_approved_sheet_enters_at_its_state(small: Small):
    sheet = approved(small)
    correction = begun(small, sheet)
    say(small, correction, ("P1U1", "gen", "11000"), ("P1U2", "hours", "20"))
    case = send(small, correction)
    approve(case, small.region_reviewer)
    approve(case, small.group_manager)
    assert states() == {4}
    added = stands("P1U2", "hours")
    assert added is not None and (added.value, added.state) == (2000, 4)
    seen = cells(sheet)[organisation("P1U1").pk, "gen"]
    assert (str(seen.value), seen.version) == ("11000.0", 0)  # what was typed before is past


def test_a_sheet_that_is_open_needs_no_correction(small: Small):
    sheet = filled(small)
    with pytest.raises(NotOpen, match="change its figures directly"):
        begun(small, sheet)
    submit(small, sheet)
    with pytest.raises(NotOpen, match="Withdraw it"):
        begun(small, sheet)


def test_one_correction_at_a_time_and_twice_asked_is_asked_once(small: Small):
    sheet = approved(small)
    first = begun(small, sheet)
    assert begun(small, sheet) == first
    with pytest.raises(NotReady, match="Correction 1 of this sheet is under way"):
        begun(small, sheet, "another reason")
    with pytest.raises(NotReady, match="Say what is wrong"):
        begun(small, sheet, "  ")
    with acting_as(small.clerk) as scope:
        withdraw_correction(first, by=small.clerk, key="w", scope=scope)
    assert begun(small, sheet, "another reason").number == 2


def test_an_entry_that_says_what_stands_corrects_nothing(small: Small):
    correction = begun(small, approved(small))
    say(small, correction, ("P1U1", "gen", "1"), ("P1U2", "gen", "6000.5"))
    assert CorrectionCell.objects.count() == 1
    say(small, correction, ("P1U1", "gen", ""))
    assert not CorrectionCell.objects.exists()
    with pytest.raises(NotReady, match="changes no figure"):
        send(small, correction)
    saved = say(small, correction, ("P1U1", "gen", "abc"), ("P1U1", "state", "停运"))
    assert len(saved.faults) == 2 and not CorrectionCell.objects.exists()


def test_a_correction_that_breaks_a_rule_is_refused(small: Small):
    correction = begun(small, approved(small))
    say(small, correction, ("P1", "stock", "801"))
    with pytest.raises(FaultsRemain, match="stock balances"):
        send(small, correction)
    say(small, correction, ("P1", "burnt", "699"))
    assert send(small, correction).state == "open"


def test_figures_that_changed_meanwhile_are_told(small: Small):
    correction = begun(small, locked(small))
    say(small, correction, ("P1U1", "gen", "1"))
    old = stands("P1U1", "gen")
    assert old is not None

    def replace(value: int, key: str) -> None:
        present = stands("P1U1", "gen")
        assert present is not None
        batch = Batch.objects.create(kind="correction", reason="file", key=key, recorded_at=clock.now())
        Fact.objects.filter(pk=present.pk).update(superseded_by=batch)
        cell = {name: getattr(old, name) for name in ("indicator_id", "scenario_id", "organisation_id", "period")}
        Fact.objects.create(**cell, batch=batch, value=value, state=5)

    replace(7, "f1")
    with pytest.raises(FactsChanged, match=r"is 0\.7, no longer 12000\.0"):
        send(small, correction)
    say(small, correction, ("P1U1", "gen", "1"))
    case = send(small, correction)
    approve(case, small.region_reviewer)
    replace(8, "f2")
    with pytest.raises(Exception, match=r"(?i)changed|no longer"):
        approve(case, small.group_manager)
    present = stands("P1U1", "gen")
    assert present is not None and present.value == 8


def test_a_correction_is_sent_once_and_returned_with_a_reason(small: Small):
    correction = begun(small, approved(small))
    say(small, correction, ("P1U1", "gen", "1"))
    case = send(small, correction)
    assert send(small, correction) == case
    with pytest.raises(NotOpen):
        send(small, correction, key="other")
    send_back(case, small.region_reviewer, "prove it")
    correction.refresh_from_db()
    assert correction.status == "returned"
    document = Document.objects.create(
        organisation=organisation("P1"), name="proof.pdf", media_type="application/pdf", size=1, sha256="0" * 64
    )
    with acting_as(small.clerk) as scope:
        attach_file(correction, document, by=small.clerk, scope=scope)
    again = send(small, correction, key="cs2")
    assert again.pk == case.pk and again.round == 2


def test_who_approves_sees_old_new_and_reason(small: Small):
    correction = begun(small, approved(small))
    say(small, correction, ("P1U1", "gen", "11000"), ("P1U1", "state", "Stopped"))
    send(small, correction)
    with acting_as(small.region_reviewer):
        shown = kind_of("filing.correction").load([correction.pk])[correction.pk]
    assert ("Reason", "meter read again") in shown.facts
    assert ("Alpha 1 · Generation", "12000.0 → 11000.0") in shown.facts
    assert ("Alpha 1 · State", "Running → Stopped") in shown.facts


def test_strangers_correct_nothing(small: Small):
    sheet = approved(small)
    correction = begun(small, sheet)
    with acting_as(small.region_reviewer) as scope, pytest.raises(NotAllowed):
        start_correction(sheet, reason="x", by=small.region_reviewer, key="", scope=scope)
    with acting_as(small.region_reviewer) as scope, pytest.raises(NotAllowed):
        save_correction(correction, [], by=small.region_reviewer, key="", scope=scope)
    with acting_as(small.world.other) as scope, pytest.raises(Correction.DoesNotExist):
        submit_correction(correction, by=small.world.other, key="x", scope=scope)

"""Sheets that are opened and filled in: by two people, twice, offline, with faults."""

from datetime import date
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from django.db import connections

from gangmu.figures.filing.errors import CannotOpen, NotAllowed, NotOpen
from gangmu.figures.filing.models import Batch, Cell, Fact, Mark, Scenario, Sheet
from gangmu.figures.filing.queries import beside, cells
from gangmu.figures.filing.services import Edit, open_sheet, receive, save_cells
from gangmu.figures.filing.services.receiving import Value
from gangmu.figures.filing.tests.small import DAY, NOW, Small, make_small, organisation
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock


@pytest.fixture
def small(db, tmp_path):
    with clock.frozen(NOW):
        yield make_small(tmp_path)


def opened(small: Small, period: Period = DAY, code: str = "P1") -> Sheet:
    with acting_as(small.clerk) as scope:
        return open_sheet(small.form, organisation(code), period, by=small.clerk, scope=scope)


def edit(code: str, indicator: str, text: str, base: int = 0, mark: int = Mark.NONE) -> Edit:
    return Edit(organisation(code).pk, indicator, text, mark, base)


def put(small: Small, sheet: Sheet, *edits: Edit, user=None, key: str = ""):
    by = user or small.clerk
    with acting_as(by) as scope:
        return save_cells(sheet, edits, by=by, key=key, scope=scope)


def fact(code: str, indicator: str, day: str, value: int, state: int = 5) -> None:
    batch, _ = Batch.objects.get_or_create(key="given", defaults={"kind": "import", "recorded_at": clock.now()})
    Fact.objects.create(
        indicator=Indicator.objects.get(code=indicator),
        scenario=Scenario.objects.get(code="actual"),
        organisation=organisation(code),
        period=day,
        batch=batch,
        value=value,
        state=state,
    )


# Opening --------------------------------------------------------------------------------------------------------------


def test_a_sheet_is_made_when_first_asked_for(small: Small):
    sheet = opened(small)
    assert (sheet.status, sheet.period, sheet.version) == ("open", DAY.start, 0)
    assert sheet.due_at is not None and sheet.due_at.isoformat() == "2026-11-20T09:00:00+08:00"
    assert opened(small) == sheet
    assert list(sheet.events.values_list("what", "by_name")) == [("opened", "clerk")]


@pytest.mark.parametrize(
    ("code", "period", "words"),
    [
        ("P1", "2026-11-21", "has not begun"),
        ("P1", "2026-11", "filed for days"),
        ("P2", "2026-11-19", "does not file"),
        ("P1U1", "2026-11-19", "does not file"),
        ("P1", "2019-12-31", "did not stand"),
    ],
)
def test_what_has_no_sheet_is_refused_with_the_reason(small: Small, code, period, words):
    with acting_as(small.group_manager) as scope:
        pass
    with pytest.raises(CannotOpen, match=words):
        open_sheet(small.form, organisation(code), period, by=None)
    with acting_as(small.group_manager) as scope, pytest.raises(NotAllowed):  # a manager approves, and does not file
        open_sheet(small.form, organisation(code), period, by=small.group_manager, scope=scope)


def test_a_clerk_opens_and_fills_their_own_plants_sheets_alone(small: Small):
    sheet, typed = opened(small), edit("P1U1", "gen", "1")
    with acting_as(small.world.other) as scope, pytest.raises(Sheet.DoesNotExist):
        save_cells(sheet, [typed], by=small.world.other, key="", scope=scope)
    with pytest.raises(NotAllowed):
        put(small, sheet, edit("P1U1", "gen", "1"), user=small.region_reviewer)


def test_two_who_open_at_once_get_the_same_sheet(committed, tmp_path):
    with clock.frozen(NOW):
        small = make_small(tmp_path)
    barrier, made, failed = Barrier(2), [], []

    def run() -> None:
        try:
            with clock.frozen(NOW), acting_as(small.clerk) as scope:
                barrier.wait()
                made.append(open_sheet(small.form, organisation("P1"), DAY, by=small.clerk, scope=scope).pk)
        except Exception as error:
            failed.append(error)
        finally:
            connections.close_all()

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert len(made) == 2 and len(set(made)) == 1


# Saving ---------------------------------------------------------------------------------------------------------------


def test_what_is_typed_stands_as_typed_with_its_value(small: Small):
    sheet = opened(small)
    saved = put(small, sheet, edit("P1U1", "gen", "１２,345.6"), edit("P1U1", "state", "运行"))
    assert (saved.sheet_version, saved.conflicts, saved.faults) == (1, {}, {})
    seen = cells(sheet)
    shown = seen[organisation("P1U1").pk, "gen"]
    assert (shown.text, shown.value, shown.version) == ("１２,345.6", Decimal("12345.6"), 1)
    assert (shown.edited_by_name, shown.fault) == ("clerk", "")
    assert seen[organisation("P1U1").pk, "state"].value == 1
    assert seen[organisation("P1U2").pk, "gen"].text == ""
    assert len(seen) == 10


def test_a_fault_is_kept_as_typed_and_told(small: Small):
    sheet = opened(small)
    key = (organisation("P1U1").pk, "gen")
    saved = put(small, sheet, edit("P1U1", "gen", "abc"), edit("P1U2", "gen", "1.26"))
    assert set(saved.faults) == {key, (organisation("P1U2").pk, "gen")}
    assert saved.accepted[key].text == "abc"
    seen = cells(sheet)[key]
    assert (seen.text, seen.value) == ("abc", None)
    assert "not a number" in seen.fault
    assert put(small, sheet, edit("P1U1", "gen", "abc", base=1)).sheet_version == 1  # said again: nothing new


def test_a_cell_that_is_not_of_the_sheet_is_told(small: Small):
    sheet = opened(small)
    saved = put(small, sheet, edit("P3U1", "gen", "1"), edit("P1", "gen", "1"))
    assert len(saved.faults) == 2 and not saved.accepted
    assert not Cell.objects.exists()


@pytest.mark.req("M-7.2.3")
def test_two_people_lose_nothing_and_a_conflict_is_shown_and_not_decided(small: Small):
    sheet = opened(small)
    put(small, sheet, edit("P1U1", "gen", "100"))  # version 1
    saved = put(
        small,
        sheet,
        edit("P1U1", "gen", "200"),
        edit("P1U2", "gen", "300"),
        edit("P1", "burnt", "7"),
        user=small.colleague,
    )
    conflict = saved.conflicts[organisation("P1U1").pk, "gen"]
    assert (conflict.mine, conflict.theirs.value, conflict.their_name) == ("200", Decimal(100), "clerk")
    assert conflict.at == clock.now()
    assert saved.accepted[organisation("P1U2").pk, "gen"].value == 300
    values = {key: one.value for key, one in cells(sheet).items() if one.value is not None}
    assert values == {
        (organisation("P1U1").pk, "gen"): Decimal(100),
        (organisation("P1U2").pk, "gen"): Decimal(300),
        (organisation("P1").pk, "burnt"): Decimal(7),
    }
    again = put(small, sheet, edit("P1U1", "gen", "200", base=conflict.theirs.version), user=small.colleague)
    assert again.accepted[organisation("P1U1").pk, "gen"].value == 200


def test_an_edit_that_says_what_stands_is_no_conflict(small: Small):
    sheet = opened(small)
    put(small, sheet, edit("P1U1", "gen", "100"))
    saved = put(small, sheet, edit("P1U1", "gen", "100.0"), user=small.colleague)
    assert not saved.conflicts and saved.sheet_version == 1
    assert saved.accepted[organisation("P1U1").pk, "gen"].edited_by_name == "clerk"


def test_the_same_key_gives_the_same_answer_and_does_nothing_twice(small: Small):
    sheet = opened(small)
    first = put(small, sheet, edit("P1U1", "gen", "100"), edit("P1U2", "gen", "x"), key="k1")
    put(small, sheet, edit("P1U1", "gen", "150", base=1), user=small.colleague)
    again = put(small, sheet, edit("P1U1", "gen", "100"), edit("P1U2", "gen", "x"), key="k1")
    assert again == first
    assert cells(sheet)[organisation("P1U1").pk, "gen"].value == 150


def test_out_of_service_is_no_blank_and_no_zero(small: Small):
    sheet = opened(small)
    saved = put(
        small,
        sheet,
        edit("P1U1", "gen", "", mark=Mark.OUT_OF_SERVICE),
        edit("P1U1", "state", "停运"),
        edit("P1U1", "hours", "", mark=Mark.OUT_OF_SERVICE),
        edit("P1U2", "gen", "0"),
    )
    seen = {key[1]: one for key, one in cells(sheet).items() if key[0] == organisation("P1U1").pk}
    assert (seen["gen"].value, seen["gen"].mark) == (0, Mark.OUT_OF_SERVICE)
    assert (seen["state"].value, seen["state"].mark, seen["state"].is_answered) == (None, Mark.OUT_OF_SERVICE, True)
    assert set(saved.faults) == {(organisation("P1U1").pk, "hours")}  # asked for also while it stands still
    assert cells(sheet)[organisation("P1U2").pk, "gen"].mark == Mark.NONE
    turned = put(small, sheet, edit("P1U1", "gen", "0", base=1))  # a zero that was generated is another statement
    assert turned.accepted[organisation("P1U1").pk, "gen"].mark == Mark.NONE


def test_a_rounding_is_taken_when_it_is_accepted(small: Small):
    sheet = opened(small)
    saved = put(small, sheet, edit("P1U1", "gen", "1.26", mark=Mark.ROUNDED))
    shown = saved.accepted[organisation("P1U1").pk, "gen"]
    assert (shown.text, shown.value, shown.mark) == ("1.26", Decimal("1.3"), Mark.ROUNDED)


def test_nothing_is_saved_while_others_decide(small: Small):
    sheet = opened(small)
    for status, words in (("submitted", "under approval"), ("approved", "correction"), ("locked", "correction")):
        Sheet.objects.filter(pk=sheet.pk).update(status=status)
        with pytest.raises(NotOpen, match=words):
            put(small, sheet, edit("P1U1", "gen", "1"))


def test_a_locked_figure_is_not_written_over(small: Small):
    fact("P1U1", "gen", "2026-11-19", 1234)
    sheet = opened(small)
    saved = put(small, sheet, edit("P1U1", "gen", "123.4"), edit("P1U2", "gen", "1"))
    assert not saved.faults
    saved = put(small, sheet, edit("P1U1", "gen", "124"))
    assert "123.4 is locked" in saved.faults[organisation("P1U1").pk, "gen"]
    assert cells(sheet)[organisation("P1U1").pk, "gen"].value == Decimal("123.4")


@pytest.mark.req("M-7.2.3")
def test_two_at_once_in_one_cell_meet_each_other(committed, tmp_path):
    """Both had version 0 before them: one stands, the other learns of it; neither is lost, whoever comes first."""
    with clock.frozen(NOW):
        small = make_small(tmp_path)
        sheet = opened(small)
    key = (organisation("P1U1").pk, "gen")
    barrier, answers, failed = Barrier(2), {}, []

    def run(user, text: str) -> None:
        try:
            barrier.wait()
            with clock.frozen(NOW):
                answers[text] = put(small, sheet, Edit(*key, text), user=user)
        except Exception as error:
            failed.append(error)
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=pair) for pair in ((small.clerk, "100"), (small.colleague, "200"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    stood = cells(sheet)[key].text
    other = {"100": "200", "200": "100"}[stood]
    assert answers[stood].accepted[key].text == stood
    assert (answers[other].conflicts[key].mine, answers[other].conflicts[key].theirs.text) == (other, stood)


# Proposals ------------------------------------------------------------------------------------------------------------


def test_beside_a_cell_stand_yesterday_and_last_year(small: Small):
    fact("P1U1", "gen", "2026-11-18", 1000)
    fact("P1U1", "gen", "2025-11-19", 900)
    near = beside(opened(small))[organisation("P1U1").pk, "gen"]
    assert (near.yesterday, near.year_ago, near.proposed) == (Decimal(100), Decimal(90), None)


def test_of_the_29th_of_february_last_year_has_the_28th(small: Small):
    fact("P1U1", "gen", "2023-02-28", 700)
    sheet = open_sheet(small.form, organisation("P1"), Period.day(date(2024, 2, 29)), by=None)
    assert beside(sheet)[organisation("P1U1").pk, "gen"].year_ago == 70


@pytest.mark.req("M-7.2.3")
def test_a_value_of_an_interface_is_proposed_and_marked_when_taken_over(small: Small):
    unit = organisation("P1U1")
    told = [Value("P1U1", "gen", "2026-11-19", "100.5"), Value("P9", "gen", "2026-11-19", "1")]
    answer = receive(told, source="DCS", by=None)
    assert (answer.received, len(answer.faults)) == (1, 1)
    sheet = opened(small)
    assert not Fact.objects.exists() and cells(sheet)[unit.pk, "gen"].text == ""
    near = beside(sheet)[unit.pk, "gen"]
    assert near.proposed is not None
    assert (near.proposed.value, near.proposed.source) == (Decimal("100.5"), "DCS")
    assert near.proposed.differs(Decimal(101)) == Decimal("0.5")
    taken = put(small, sheet, edit("P1U1", "gen", "100.5", mark=Mark.RECEIVED))
    assert taken.accepted[unit.pk, "gen"].mark == Mark.RECEIVED
    changed = put(small, sheet, edit("P1U1", "gen", "101", base=1, mark=Mark.RECEIVED))  # it is their own figure now
    assert changed.accepted[unit.pk, "gen"].mark == Mark.NONE


def test_an_opening_is_carried_forward_from_a_draft_of_the_day_before(small: Small):
    plant = organisation("P1").pk
    fact("P1", "stock", "2026-11-18", 500, state=1)
    sheet = opened(small)
    near = beside(sheet)[plant, "stock_open"]
    assert near.proposed is not None and (near.proposed.value, near.proposed.mark) == (500, Mark.CARRIED)
    before = opened(small, Period.parse("2026-11-18"))
    put(small, before, edit("P1", "stock", "520"))
    near = beside(sheet)[plant, "stock_open"]
    assert near.proposed is not None and near.proposed.value == 520
    taken = put(small, sheet, edit("P1", "stock_open", "520", mark=Mark.CARRIED))
    assert taken.accepted[plant, "stock_open"].mark == Mark.CARRIED


def test_an_interface_gives_values_within_the_scope_of_whose_it_is(small: Small):
    told = [Value("P1U1", "gen", "2026-11-19", "1"), Value("P3U1", "gen", "2026-11-19", "1")]
    told += [Value("P1U1", "gen", "2026-11", "1"), Value("P1U1", "gen", "2026-11-19", "--")]
    with acting_as(small.clerk) as scope:
        answer = receive(told, source="DCS", by=small.clerk, scope=scope)
        again = receive([Value("P1U1", "gen", "2026-11-19", "2.5")], source="DCS", by=small.clerk, scope=scope)
    assert (answer.received, sorted(answer.faults), again.received) == (1, [1, 2, 3], 1)
    assert "no organisation that you file for" in answer.faults[1]
    near = beside(opened(small))[organisation("P1U1").pk, "gen"]
    assert near.proposed is not None and near.proposed.text == "2.5"

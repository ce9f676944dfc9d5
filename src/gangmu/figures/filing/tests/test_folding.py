"""What is filed, approved, returned and corrected is what the cube answers, at every state."""

import pytest

from gangmu.figures.cube.check import check
from gangmu.figures.cube.gateway import Question, ask
from gangmu.figures.filing.models import Batch, Fact, Mark, Sheet
from gangmu.figures.filing.services import (
    lock_sheets,
    save_cells,
    save_correction,
    start_correction,
    submit_correction,
    withdraw_correction,
)
from gangmu.figures.filing.services.saving import Edit
from gangmu.figures.filing.tests.small import (
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
    submit,
)
from gangmu.foundation.access.scope import SYSTEM, acting_as
from gangmu.foundation.settings import clock


@pytest.fixture
def small(committed, tmp_path):
    with clock.frozen(NOW):
        yield make_small(tmp_path)


def answers(indicator: str = "gen") -> list[str | None]:
    """The plant's figure of the day at each of the five states."""
    found = []
    for state in ("filed", "plant", "region", "group", "locked"):
        question = Question((indicator,), ("P1",), ("2026-11-19",), at_least=state)
        (row,) = ask(question, SYSTEM).rows
        found.append(row.value)
    return found


@pytest.mark.req("M-7.2.3")
def test_every_tier_is_seen_as_soon_as_it_has_approved(small: Small):
    sheet = filled(small)
    assert answers() == [None] * 5
    case = submit(small, sheet)
    assert answers() == ["18000.5", None, None, None, None]
    approve(case, small.plant_reviewer)
    assert answers() == ["18000.5", "18000.5", None, None, None]
    approve(case, small.region_reviewer)
    assert answers() == ["18000.5"] * 3 + [None] * 2
    send_back(case, small.group_manager)
    assert answers() == ["18000.5", None, None, None, None]
    put(small, sheet, {("P1U1", "gen"): "11000"})
    submit(small, sheet, key="s2")
    assert answers() == ["17000.5", None, None, None, None]
    for user in (small.plant_reviewer, small.region_reviewer, small.group_manager):
        approve(case, user, key=f"second{user.pk}")
    assert answers() == ["17000.5"] * 4 + [None]
    with acting_as(small.group_manager) as scope:
        lock_sheets([sheet], by=small.group_manager, scope=scope)
    assert answers() == ["17000.5"] * 5
    assert check() == []


def test_a_figure_taken_back_vanishes_from_totals(small: Small):
    sheet = filled(small)
    put(small, sheet, {("P1U1", "hours"): "24", ("P1U2", "hours"): "20"})
    case = submit(small, sheet)
    assert answers("hours")[0] == "44.00"
    send_back(case, small.plant_reviewer)
    put(small, sheet, {("P1U1", "hours"): ""})
    submit(small, sheet, key="s2")
    assert answers("hours")[0] == "20.00"
    assert check() == []
    send_back(case, small.plant_reviewer, key="r2")
    put(small, sheet, {("P1U1", "hours"): "1"})
    submit(small, sheet, key="s3")
    assert answers("hours")[0] == "21.00"
    assert check() == []


@pytest.mark.req("M-7.2.3")
def test_a_correction_restates_when_it_is_in_force(small: Small):
    sheet = filled(small)
    case = submit(small, sheet)
    for user in (small.plant_reviewer, small.region_reviewer, small.group_manager):
        approve(case, user)
    with acting_as(small.group_manager) as scope:
        lock_sheets([sheet], by=small.group_manager, scope=scope)
    unit = organisation("P1U1").pk
    with acting_as(small.clerk) as scope:
        sheet = Sheet.objects.get(pk=sheet.pk)
        correction = start_correction(sheet, reason="meter", by=small.clerk, key="c", scope=scope)
        save_correction(correction, [Edit(unit, "gen", "11000")], by=small.clerk, scope=scope)
        case = submit_correction(correction, by=small.clerk, key="cs", scope=scope)
    approve(case, small.region_reviewer, key="x")
    assert answers() == ["18000.5"] * 5
    approve(case, small.group_manager, key="y")
    assert answers() == ["17000.5"] * 5
    assert check() == []


@pytest.mark.req("M-7.2.3")
@pytest.mark.parametrize(
    ("first", "second", "value", "reported"),
    [
        ("0", "0", "0.00", 2),
        ("0", "", "0.00", 1),
        ("", "", None, 0),
        ("24", "０", "24.00", 2),
    ],
)
def test_zero_and_blank_stay_two_things_up_to_the_totals(small: Small, first, second, value, reported):
    sheet = filled(small)
    put(small, sheet, {("P1U1", "hours"): first, ("P1U2", "hours"): second})
    submit(small, sheet)
    (row,) = ask(Question(("hours",), ("P1",), ("2026-11-19",)), SYSTEM).rows
    assert (row.value, row.reported, row.expected) == (value, reported, 2)


@pytest.mark.req("M-7.2.3")
def test_a_unit_out_of_service_is_a_zero_that_is_reported_and_says_why(small: Small):
    sheet = filled(small)
    put(small, sheet, {("P1U1", "gen"): "停运", ("P1U1", "state"): "停运"})
    submit(small, sheet)
    (row,) = ask(Question(("gen",), ("P1",), ("2026-11-19",)), SYSTEM).rows
    assert (row.value, row.reported) == ("6000.5", 2)
    fact = stands("P1U1", "gen")
    assert fact is not None and (fact.value, fact.mark) == (0, Mark.OUT_OF_SERVICE)
    assert check() == []


@pytest.mark.req("M-7.2.3")
def test_an_accepted_rounding_counts_as_shown_and_keeps_what_was_typed(small: Small):
    sheet = filled(small)
    edit = Edit(organisation("P1U1").pk, "gen", "100.25", Mark.ROUNDED, 10**6)
    with acting_as(small.clerk) as scope:
        save_cells(sheet, [edit], by=small.clerk, key="", scope=scope)
    submit(small, sheet)
    fact = stands("P1U1", "gen")
    assert fact is not None and (fact.value, fact.mark, fact.entered) == (1003, Mark.ROUNDED, "100.25")
    assert answers()[0] == "6100.8"


@pytest.mark.req("M-7.2.3")
def test_a_correction_that_comes_to_nothing_leaves_nothing(small: Small):
    sheet = approved(small)
    before = list(Fact.objects.order_by("organisation_id", "indicator_id").values())
    batches = Batch.objects.count()
    with acting_as(small.clerk) as scope:
        correction = start_correction(sheet, reason="meter", by=small.clerk, key="c", scope=scope)
        edit = Edit(organisation("P1U1").pk, "gen", "1", 0, 10**6)
        save_correction(correction, [edit], by=small.clerk, key="", scope=scope)
    with acting_as(small.clerk) as scope:
        case = submit_correction(correction, by=small.clerk, key="s", scope=scope)
    approve(case, small.region_reviewer)
    case.refresh_from_db()
    send_back(case, small.group_manager, reason="the meter was right")
    with acting_as(small.clerk) as scope:
        withdraw_correction(correction, by=small.clerk, key="w", scope=scope)
    assert list(Fact.objects.order_by("organisation_id", "indicator_id").values()) == before
    assert Batch.objects.count() == batches and answers() == ["18000.5"] * 4 + [None]
    with acting_as(small.clerk) as scope:  # and the next one is a new one
        anew = start_correction(sheet, reason="the meter after all", by=small.clerk, key="c2", scope=scope)
    assert (anew.number, anew.cells.count()) == (2, 0)
    assert check() == []

"""What is filed, approved, returned and corrected is what the cube answers, at every state."""

import pytest

from gangmu.figures.cube.check import check
from gangmu.figures.cube.gateway import Question, ask
from gangmu.figures.filing.models import Sheet
from gangmu.figures.filing.services import lock_sheets, save_correction, start_correction, submit_correction
from gangmu.figures.filing.services.saving import Edit
from gangmu.figures.filing.tests.small import (
    NOW,
    Small,
    approve,
    filled,
    make_small,
    organisation,
    put,
    send_back,
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

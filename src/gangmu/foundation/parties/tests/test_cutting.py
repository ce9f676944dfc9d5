"""Rows end where what is above their organisation changes; to who writes them, the parts stay one."""

import pytest

from gangmu.foundation.parties import services
from gangmu.foundation.parties.days import Days
from gangmu.foundation.parties.models import AttributeValue, Organisation, Placement
from gangmu.foundation.parties.tests.conftest import D
from gangmu.foundation.records.models import History

BEFORE, AFTER = "2020-01-01 to 2023-12-31", "from 2024-01-01"
WORLD = (
    "G,集团,Group,group,,2020-01-01,,,",
    "R1,一区,East,region,G,2020-01-01,,,",
    "R2,二区,West,region,G,2020-01-01,,,",
    "P,甲厂,Plant,plant,R1,2020-01-01,2023-12-31,,coal",
    "P,甲厂,Plant,plant,R2,2024-01-01,,,coal",
    "U,一号机,Unit,unit,P,2020-01-01,,600,",
)


def placements(code: str) -> list[tuple[str | None, str, bool]]:
    rows = Placement.objects.filter(child__code=code).order_by("valid")
    return [(row.parent.code if row.parent else None, str(Days.of(row.valid)), row.continued) for row in rows]


def capacities(code: str) -> list[tuple[str, str, bool]]:
    rows = AttributeValue.objects.filter(organisation__code=code, name="capacity_mw").order_by("valid")
    return [(str(row.value), str(Days.of(row.valid)), row.continued) for row in rows]


def everything() -> list:
    return [list(model.objects.order_by("id").values_list()) for model in (Organisation, Placement, AttributeValue)]


def test_a_move_cuts_the_rows_of_everything_below(world):
    services.set_attribute(world["U1"], "capacity_mw", "600", D("2020-01-01"))
    services.move(world["P"], world["R2"], D("2024-01-01"))
    assert placements("U1") == [("P", "until 2023-12-31", False), ("P", AFTER, True)]
    assert capacities("U1") == [("600", BEFORE, False), ("600", AFTER, True)]
    assert placements("R1") == [("G", "always", False)]


def test_a_loaded_move_cuts_rows_too_and_the_same_file_again_changes_nothing(load):
    load(*WORLD)
    assert placements("U") == [("P", BEFORE, False), ("P", AFTER, True)]
    assert capacities("U") == [("600", BEFORE, False), ("600", AFTER, True)]
    before, written = everything(), History.objects.count()
    result = load(*WORLD)
    assert (result.created, result.changed, result.unchanged) == (0, 0, 5)
    assert (everything(), History.objects.count()) == (before, written)


def test_a_line_is_known_by_its_own_first_day_and_not_by_a_cut(load):
    load(*WORLD)
    result = load("U,一号机,Unit,unit,P,2024-01-01,,650,")
    assert "recorded already with another line" in str(result.problems[0])
    assert not load("U,一号机,Unit,unit,P,2020-01-01,,650,").problems
    assert placements("U") == [("P", BEFORE, False), ("P", AFTER, True)]
    assert capacities("U") == [("650", BEFORE, False), ("650", AFTER, True)]


def test_lines_that_meet_on_the_day_of_a_move_stay_two(load):
    """Only the first of two lines is given again; the second stays, though the database would have cut there."""
    first, second = "U,一号机,Unit,unit,P,2020-01-01,2023-12-31,600,", "U,一号机,Unit,unit,P,2024-01-01,,600,"
    load(*WORLD[:-1], first, second)
    assert placements("U") == [("P", BEFORE, False), ("P", AFTER, False)]
    assert load(first).unchanged == 1
    assert load(first.replace("600", "590")).changed == 1
    assert capacities("U") == [("590", BEFORE, False), ("600", AFTER, False)]


def test_an_attribute_set_later_is_cut_as_well(load):
    load(*WORLD)
    unit = Organisation.objects.get(code="U")
    services.set_attribute(unit, "capacity_mw", "630", D("2023-01-01"))
    assert capacities("U") == [
        ("600", "2020-01-01 to 2022-12-31", False),
        ("630", "2023-01-01 to 2023-12-31", False),
        ("630", AFTER, True),
    ]
    AttributeValue.objects.filter(organisation=unit).delete()
    AttributeValue.objects.create(organisation=unit, name="capacity_mw", value="5", valid=("2022-01-01", "2025-01-01"))
    assert capacities("U") == [("5", "2022-01-01 to 2023-12-31", False), ("5", "2024-01-01 to 2024-12-31", True)]
    AttributeValue.objects.filter(organisation=unit, continued=True).delete()
    AttributeValue.objects.filter(organisation=unit).update(valid=("2022-01-01", None))
    assert capacities("U") == [("5", "2022-01-01 to 2023-12-31", False), ("5", AFTER, True)]


@pytest.mark.parametrize("day", ["2022-01-01", "2024-01-01"])
def test_who_moves_takes_the_parts_along(load, day):
    load(*WORLD, "Q,乙厂,Other,plant,R1,2020-01-01,,,")
    unit, other = (Organisation.objects.get(code=code) for code in ("U", "Q"))
    services.move(unit, other, D(day))
    assert {parent for parent, days, _continued in placements("U") if days.endswith(AFTER)} <= {"Q"}
    assert [parent for parent, *_rest in placements("U")][-1] == "Q"
    assert {row.parent.code for row in Placement.objects.filter(child=unit, valid__contains=D("2026-01-01"))} == {"Q"}
    services.close(unit, D("2025-12-31"))
    assert placements("U")[-1][1].endswith("to 2025-12-31")

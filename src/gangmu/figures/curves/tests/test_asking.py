"""Curves as they are asked for: added up point by point, covered point by point, within the asker's scope."""

import json
from datetime import date
from typing import Any

import pytest
from django.db import connection

from gangmu.figures.cube.errors import BadOption, CannotAnswer, NotVisible, UnknownIndicator
from gangmu.figures.cube.gateway import Question, ask
from gangmu.figures.curves.asking import CurveQuestion, CurveRow, ask_curves
from gangmu.figures.curves.models import CurveDay
from gangmu.figures.curves.tests.conftest import Load, wide
from gangmu.figures.filing.models import Fact
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.access.scope import SYSTEM, Scope, acting_as
from gangmu.shell.testing.worlds import World

DAY, BEFORE = date(2026, 11, 19), date(2026, 5, 31)
RAMP = list(range(1, 97))


def asked(
    organisation: str, day: date = DAY, last: date | None = None, scope: Scope = SYSTEM, **more
) -> list[CurveRow]:
    return ask_curves(CurveQuestion(more.pop("indicator", "output"), organisation, day, last or day, **more), scope)


def one(*arguments, **more) -> CurveRow:
    (row,) = asked(*arguments, **more)
    return row


def test_points_are_added_up_with_their_coverage(load: Load):
    load(wide("P1", "2026-11-19", RAMP), wide("P2", "2026-11-19", ["0.25", None, *[1] * 94]))
    curve = one("G").curve
    assert curve.points[:3] == ["1.25", "2.00", "4.00"]
    assert (curve.reported[:3], curve.expected, curve.state) == ((2, 1, 2), 3, "locked")
    assert curve.comes_to is not None
    assert (curve.comes_to["highest"], curve.comes_to["highest_at"]) == ("97.00", "24:00")
    alone = one("P2").curve
    assert (alone.points[1], alone.given, alone.comes_to) == (None, 95, None)


def test_a_curve_agrees_with_its_daily_figures(load: Load):
    load(wide("P1", "2026-11-19", RAMP), wide("P3", "2026-11-19", [7] * 96))
    for place in ("P1", "P3", "R2", "G"):
        comes_to = one(place).curve.comes_to
        assert comes_to is not None
        (row,) = ask(Question(("output",), (place,), ("2026-11-19",)), SYSTEM).rows
        assert row.value == comes_to["energy"]


def test_power_is_asked_as_energy_exactly_and_back(load: Load):
    load(wide("P1", "2026-11-19", ["0.01", *[1] * 95]), wide("P1", "2026-11-19", ["2.5"] * 96, "cleared"))
    curve = one("P1", unit="MWh").curve
    assert curve.points[:2] == ["0.0025", "0.2500"]
    assert curve.comes_to == one("P1").curve.comes_to
    assert one("P1", unit="MW", indicator="cleared").curve.points[0] == "10.0"


def test_days_and_groups_stand_in_order_beside_what_they_are_compared_with(load: Load):
    load(*(wide(plant, f"2026-11-{day}", [day] * 96) for plant in ("P1", "P2") for day in (18, 19)),
         wide("P1", "2025-11-19", [3] * 96))  # fmt: skip
    rows = asked("G", date(2026, 11, 18), DAY, by="children", compare="previous")
    assert [(row.curve.day.day, row.group, row.curve.points[0]) for row in rows] == [
        (18, "R1", "18.00"), (18, "R2", "18.00"), (19, "R1", "19.00"), (19, "R2", "19.00"),
    ]  # fmt: skip
    assert [row.compare.points[0] if row.compare else "" for row in rows] == [None, None, "18.00", "18.00"]
    assert one("G", compare="year-ago").compare.points[0] == "3.00"  # type: ignore[union-attr]
    assert one("G", compare="2026-11-18").compare.points[0] == "36.00"  # type: ignore[union-attr]
    assert [row.group for row in asked("G", by="fuel")] == ["coal", "hydro", "wind"]
    text = json.dumps([row.as_json() for row in rows])
    assert len(json.loads(text)[0]["points"]) == 96


def test_a_plant_belongs_where_it_stood_that_day(load: Load):
    load(wide("P1", "2026-05-31", [1] * 96), wide("P1", "2026-06-01", [2] * 96))
    assert one("R1", BEFORE).curve.points[0] == "1.00"
    assert one("R2", BEFORE).curve.points[0] is None
    assert (one("R1", date(2026, 6, 1)).curve.points[0], one("R2", date(2026, 6, 1)).curve.points[0]) == (None, "2.00")


def test_a_former_branch_sees_its_own_days(load: Load, world: World):
    load(wide("P1", "2026-05-31", [1] * 96), wide("P1", "2026-06-01", [2] * 96))
    with acting_as(world.former) as scope:
        assert one("P1", BEFORE, scope=scope).curve.points[0] == "1.00"
        assert one("P1", date(2026, 6, 1), scope=scope).curve.points[0] is None
        assert CurveDay.objects.count() == 1  # the policy of the table says the same
        with pytest.raises(NotVisible):
            asked("R2", scope=scope)
        assert history() == []
    with acting_as(world.present) as scope:
        assert one("P1", BEFORE, scope=scope).curve.points[0] == "1.00"
        assert [row[2] for row in history()] == ["curves.csv"]
    with acting_as(world.other) as scope, pytest.raises(NotVisible):
        asked("P1", scope=scope)


def history() -> list[tuple]:
    with connection.cursor() as cursor:
        curve = CurveDay.objects.values_list("indicator_id", "organisation_id").first() or (0, 0)
        cursor.execute("SELECT * FROM curves_history(%s, 'actual', %s, '2026-05-31')", curve)
        return cursor.fetchall()


def test_who_files_for_those_below_is_expected_in_their_place(load: Load, world: World):
    load(wide("R2", "2026-11-19", [1] * 96))
    assert (one("G").curve.reported[0], one("G").curve.expected) == (1, 2)  # R2 itself, and P2
    assert one("P1").curve.expected == 0
    with acting_as(world.clerk) as scope:
        assert one("P1", scope=scope).curve.expected == 0


def test_points_follow_the_indicators_rule_over_organisations(load: Load):
    load(wide("P1", "2026-11-19", [1] * 96), wide("P2", "2026-11-19", [4] * 96), wide("P3", "2026-11-19", [4] * 96))
    output = Indicator.objects.filter(code="output")
    found = {}
    for rule in ("mean", "min", "max", "none"):
        output.update(over_organisations=rule)
        found[rule] = one("G").curve.points[0]
    assert found == {"mean": "3.00", "min": "1.00", "max": "4.00", "none": None}
    Indicator.objects.create(
        code="staff", name_zh="人数", name_en="Staff", unit="人", precision=1, level="plant", over_time="last",
        over_organisations="sum",
    )  # fmt: skip
    first = Fact.objects.all()[0]
    for code, value in (("P1", 10), ("P2", 30)):
        place = CurveDay.objects.get(organisation__code=code).organisation
        Fact.objects.create(
            indicator=Indicator.objects.get(code="staff"), scenario=first.scenario, organisation=place, period=DAY,
            batch=first.batch, value=value, state=5,
        )  # fmt: skip
    output.update(over_organisations="weighted", weight="staff")
    assert one("G").curve.points[0] == "3.25"


def test_a_question_that_makes_no_sense_says_what_does(load: Load):
    questions: tuple[tuple[type[Exception], str, dict[str, Any]], ...] = (
        (UnknownIndicator, "There is no curve of “outptu”. Did you mean “output”?", {"indicator": "outptu"}),
        (BadOption, "MW, MWh", {"unit": "GW"}),
        (BadOption, "children", {"by": "child"}),
        (CannotAnswer, "lies before", {"last": date(2026, 11, 1)}),
        (CannotAnswer, "more than 1000 curves", {"last": date(2036, 11, 1)}),
        (CannotAnswer, "ask for one day", {"last": date(2026, 11, 20), "compare": "2026-11-01"}),
    )
    for problem, told, more in questions:
        with pytest.raises(problem, match=told):
            asked("G", **more)

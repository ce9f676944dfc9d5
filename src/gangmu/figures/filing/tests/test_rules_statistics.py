"""Figures far from an organisation's own past or from its neighbours."""

import statistics as plainly
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangmu.figures.filing.models import Mark
from gangmu.figures.filing.rules import About, Context, Filled, Finding, RowFacts, RuleSet, Series
from gangmu.figures.filing.rules.statistics import NORMAL, usual
from gangmu.figures.filing.tests.ruling import DAY, PLANT, U1, U2, compiled, facts, sheet

HISTORY = {"indicators": ["generation"], "days": 30, "at_least": 10, "z": "6"}


def past(values: dict[int, list[str | None]], code: str = "generation", precision: int = 2) -> dict:
    """Series by organisation: the values of the days before DAY, the last one yesterday's."""
    series = {}
    for organisation, texts in values.items():
        known = [(DAY - timedelta(len(texts) - at), text) for at, text in enumerate(texts) if text is not None]
        series[organisation, code] = Series(
            np.array([day.toordinal() for day, _text in known], np.int64),
            np.array([int(Decimal(text).scaleb(precision)) for _day, text in known], np.int64),
        )
    return series


def judged(rules: RuleSet, value: str, before: list[str | None], **more) -> list[Finding]:
    context = Context(rows=facts(), past=past({U1: before}))
    return rules.check(sheet({(U1, "generation"): value}, **more), context)


# The measure ----------------------------------------------------------------------------------------------------------


@given(st.lists(st.lists(st.none() | st.integers(-10_000, 10_000), min_size=7, max_size=7), min_size=1, max_size=5))
def test_the_measure_is_that_of_the_textbook(rows):
    table = np.array([[value or 0 for value in row] for row in rows], float)
    present = np.array([[value is not None for value in row] for row in rows], bool)
    found = usual(table, present, 0.01)
    for at, row in enumerate(rows):
        numbers = [value for value in row if value is not None]
        assert found.count[at] == len(numbers)
        if not numbers:
            continue
        median = plainly.median(numbers)
        spread = NORMAL * plainly.median([abs(value - median) for value in numbers])
        assert found.median[at] == pytest.approx(median)
        assert found.spread[at] == pytest.approx(max(spread, 0.01 * abs(median), 0.01))


# Own past -------------------------------------------------------------------------------------------------------------


def test_a_figure_far_from_the_past_is_unusual():
    rules = compiled(history=HISTORY)
    before: list[str | None] = ["100.00", "102.00", "98.00", "101.00", "99.00"] * 4
    assert judged(rules, "105", before) == []
    (finding,) = judged(rules, "1030", before)
    assert (finding.about, finding.strength, finding.key) == (About.HISTORY, "warning", f"history.generation@{U1}")
    assert finding.cells == ((U1, "generation"),)
    assert finding.usual["median"] == "100.00" and finding.usual["count"] == "20"
    assert finding.usual["low"] == "91.10" and finding.usual["high"] == "108.90"  # 100 ± 6 × 1.4826 × 1
    assert finding.message("en") == (
        "Generation of 1,030.00 万kWh is unusual here: the last 20 figures were about 100.00 万kWh, usually between "
        "91.10 万kWh and 108.90 万kWh"
    )
    assert "1,030.00 万kWh" in finding.message("zh-hans") and "历史" in finding.message("zh-hans")


def test_errors_of_the_past_do_not_hide_an_error_of_today():
    """A mean and a standard deviation would have followed the ten times too large figures."""
    before: list[str | None] = ["100", "101", "99", "1000", "100", "102", "98", "1000", "100", "101", "99", "1000"]
    assert judged(compiled(history=HISTORY), "1000", before)


def test_a_figure_that_never_changed_may_change_a_little():
    rules = compiled(history=HISTORY)
    assert judged(rules, "105", ["100"] * 20) == []
    assert judged(rules, "107", ["100"] * 20)
    assert judged(rules, "0.05", ["0"] * 20) == []
    assert judged(rules, "0.07", ["0"] * 20)


def test_too_short_a_past_says_nothing():
    rules = compiled(history=HISTORY)
    assert judged(rules, "1000", ["100"] * 9) == []
    assert judged(rules, "1000", [None] * 5 + ["100"] * 10)
    assert judged(rules, "1000", ["100"] * 20 + [None] * 21) == []  # older than 30 days but nine


def test_a_standing_unit_is_not_judged():
    rules = compiled(history=HISTORY)
    marks = {(U1, "generation"): Mark.OUT_OF_SERVICE}
    assert judged(rules, "0", ["100"] * 20)
    assert judged(rules, "0", ["100"] * 20, marks=marks) == []


def test_ratios_have_a_past_of_their_own():
    rules = compiled(history=HISTORY | {"indicators": ["auxiliary_rate", "hours"]})
    series = past({U1: ["100", "200"] * 10}) | past({U1: ["5", "10"] * 10}, "auxiliary")
    context = Context(rows=facts(), past=series)
    usually = sheet({(U1, "generation"): "150", (U1, "auxiliary"): "7.5"})
    (finding,) = rules.check(sheet({(U1, "generation"): "150", (U1, "auxiliary"): "15"}), context)
    assert rules.check(usually, context) == []
    assert finding.numbers["value"] == "10.00" and finding.usual["median"] == "5.00" and finding.unit == "%"


# Neighbours -----------------------------------------------------------------------------------------------------------

OTHERS = range(101, 109)


def beside(rules: RuleSet, value: str, *, capacity: int = 10, group: object = "wind", others: int = 8) -> list[Finding]:
    """U1 among neighbours of 20 MW that made 20 万kWh each, more or less."""
    rows = {(U1, DAY): RowFacts((PLANT,), Fraction(capacity), None, group)}
    series = {}
    for at, one in enumerate(list(OTHERS)[:others]):
        rows[one, DAY] = RowFacts((), Fraction(20), None, "wind")
        series[one, "generation"] = Series(np.array([DAY.toordinal()]), np.array([2000 + 10 * (at % 3 - 1)]))
    return rules.check(sheet({(U1, "generation"): value}), Context(rows=rows, beside=series))


def test_neighbours_are_compared_by_their_size():
    rules = compiled(neighbours={"indicators": ["generation"], "at_least": 4, "z": "5"})
    assert beside(rules, "10") == []
    (finding,) = beside(rules, "20")
    assert (finding.about, finding.key) == (About.NEIGHBOURS, f"neighbours.generation@{U1}")
    assert finding.usual["median"] == "10.00" and finding.usual["count"] == "8"
    assert beside(rules, "20", capacity=20) == []
    assert "8" in finding.message("zh-hans") and finding.message("en").startswith(
        "Generation of 20.00 万kWh is far from 8"
    )


def test_ratios_are_compared_as_they_are():
    rules = compiled(neighbours={"indicators": ["auxiliary_rate"], "at_least": 3, "z": "5"})
    rows = {(one, DAY): RowFacts((), None, None, "wind") for one in (*range(21, 27), U1)}
    sheets = [
        Filled(plant, DAY, {"unit": [unit]}, {(unit, "generation"): Decimal(50), (unit, "auxiliary"): Decimal(used)})
        for plant, unit, used in [*((unit + 100, unit, "2.5") for unit in range(21, 27)), (PLANT, U1, "10")]
    ]
    found = rules.check_many(sheets, Context(rows=rows))
    assert [len(one) for one in found] == [0] * 6 + [1]
    assert found[-1][0].numbers["value"] == "20.00" and found[-1][0].usual["median"] == "5.00"


@pytest.mark.parametrize("more", [{"others": 3}, {"group": None}, {"group": "solar"}, {"capacity": 0}])
def test_without_enough_neighbours_nothing_is_said(more):
    rules = compiled(neighbours={"indicators": ["generation"], "at_least": 4, "z": "5"})
    assert beside(rules, "200", **more) == []


def test_neighbours_are_those_of_the_same_day():
    rules = compiled(neighbours={"indicators": ["generation"], "at_least": 3, "z": "5"})
    rows, sheets = {}, []
    for day, made in ((DAY, "10"), (date(2026, 7, 21), "2")):
        for unit in range(21, 27):
            rows[unit, day] = RowFacts((), Fraction(10), None, "wind")
            sheets.append(Filled(unit + 100, day, {"unit": [unit]}, {(unit, "generation"): Decimal(made)}))
    assert not any(rules.check_many(sheets, Context(rows=rows)))
    sheets[-1] = Filled(126, date(2026, 7, 21), {"unit": [26]}, {(26, "generation"): Decimal(10)})
    assert [len(one) for one in rules.check_many(sheets, Context(rows=rows))] == [0] * 11 + [1]


def test_both_units_are_judged_at_once():
    rules = compiled(history=HISTORY)
    context = Context(rows=facts(), past=past({U1: ["100"] * 20, U2: ["50"] * 20}))
    findings = rules.check(sheet({(U1, "generation"): "50", (U2, "generation"): "100"}), context)
    assert [finding.organisation_id for finding in findings] == [U1, U2]

"""Decimals that hold from a day on: read, refused where they make no sense, found for a day, changed from a day on."""

from dataclasses import replace
from datetime import date

import pytest

from gangmu.figures.indicators.changing import from_day
from gangmu.figures.indicators.decimals import EarlierPrecision, read_precisions, span, written_precisions
from gangmu.figures.indicators.definitions import Earlier
from gangmu.figures.indicators.loading.checking import check
from gangmu.figures.indicators.loading.reading import read_indicators
from gangmu.figures.indicators.models import Indicator
from gangmu.figures.indicators.queries import definition_of
from gangmu.figures.indicators.services import load_indicators
from gangmu.figures.indicators.tests.test_reading import RANKS, item

TWO = "[{until: 2023-12-31, precision: 0}, {until: 2024-12-31, precision: 3}]"


def gen(precisions: str, precision: str = "2"):
    [entry] = read_indicators(item("gen", unit="MWh", precision=precision, precisions=precisions)).entries
    return entry.definition


def problems(text: str) -> list[str]:
    return [str(problem) for problem in check(read_indicators(text), (), RANKS)[1]]


@pytest.mark.req("M-5.4.3")
def test_a_day_has_the_decimals_that_hold_on_it_and_figures_are_stored_with_the_most():
    one = gen(TWO)
    days = [date(2020, 1, 1), date(2023, 12, 31), date(2024, 1, 1), date(2024, 12, 31), date(2025, 1, 1)]
    assert [one.decimals(day) for day in days] == [0, 0, 3, 3, 2]
    assert one.scale == 3 and gen("[{until: 2023-12-31, precision: 0}]").scale == 2
    said = [span(day, one.precisions) for day in days]
    assert said == ["until 2023-12-31"] * 2 + ["since 2024-01-01"] * 2 + ["since 2025-01-01"]
    assert span(days[0], ()) == ""
    assert read_precisions(written_precisions(one.precisions)) == one.precisions


@pytest.mark.parametrize(
    ("precisions", "said"),
    [
        ("2", "precisions is a list"),
        ("[{until: 2025-12-31}]", "an earlier precision is {until: 2024-12-31"),
        ("[{until: 2025-12-31, precision: 1, formula: x}]", "an earlier precision is {until: 2024-12-31"),
        ("[{until: 2025-02-30, precision: 1}]", "“2025-02-30” is not a day"),
        ("[{until: 2025-12-31, precision: 10}]", "precision is a whole number from 0 to 9, not “10”"),
        ("[{until: 2025-12-31, precision: '1'}]", "Write it without quotes."),
        ("[{until: 2025-12-31, precision: 1}, {until: 2025-12-31, precision: 0}]", "in the order of their last days"),
        ("[{until: 2025-12-31, precision: 1}, {until: 2024-12-31, precision: 0}]", "in the order of their last days"),
        ("[" + ", ".join(f"{{until: 20{n}-12-31, precision: 1}}" for n in range(10, 20)) + "]", "of at most 9"),
    ],
)
def test_what_is_no_earlier_precision_is_refused_at_its_place(precisions, said):
    [problem] = problems(item("gen", unit="MWh", precisions=precisions))
    assert said in problem and problem.startswith("line 5, ")


def test_a_settled_value_has_no_more_decimals_than_its_days_on_any_day():
    rules = {"unit": "MWh", "grain": "month", "settles": "gen"}
    daily = item("gen", unit="MWh", precision="2", precisions="[{until: 2024-12-31, precision: 1}]")
    assert problems(daily + item("settled", precision="1", **rules)) == []
    dated = "[{until: 2024-12-31, precision: 0}]"
    assert problems(daily + item("settled", precision="2", precisions=dated, **rules)) == []
    [problem] = problems(daily + item("settled", precision="2", **rules))
    assert "gen, whose days it settles, has 1 decimals" in problem


def test_a_change_from_a_day_on_keeps_what_held_before():
    one = gen(TWO)
    kept = from_day(one, replace(one, precision=4), date(2024, 7, 1))
    assert kept.precisions == (EarlierPrecision(date(2023, 12, 31), 0), EarlierPrecision(date(2024, 6, 30), 3))
    assert from_day(one, replace(one, precision=4), None).precisions == ()
    assert from_day(one, one, None) == one
    # as it is today, but sooner
    assert from_day(one, one, date(2024, 7, 1)).precisions == kept.precisions
    # to what held before anyhow
    assert from_day(one, replace(one, precision=3), date(2025, 1, 1)).precisions == one.precisions[:1]


def test_formulas_and_decimals_change_apart():
    earlier = (Earlier(date(2025, 12, 31), "gen"),)
    one = replace(gen(TWO), code="rate", formula="gen * 2", earlier=earlier)
    finer = from_day(one, replace(one, precision=4), date(2025, 7, 1))
    assert finer.earlier == earlier and finer.precisions[-1] == EarlierPrecision(date(2025, 6, 30), 2)
    other = from_day(one, replace(one, formula="gen * 3"), date(2025, 7, 1))
    assert other.precisions == one.precisions and other.earlier == (Earlier(date(2025, 6, 30), "gen"),)


@pytest.mark.django_db
def test_they_are_kept_with_the_decimals_stored(tmp_path):
    path = tmp_path / "indicators.yaml"
    path.write_text(item("gen", unit="MWh", precision="2", precisions=TWO), "utf-8")
    assert not load_indicators(path).problems and load_indicators(path).unchanged == 1
    row = Indicator.objects.get(code="gen")
    assert definition_of(row) == gen(TWO)
    assert (row.precision, row.scale, row.decimals(date(2024, 5, 1))) == (2, 3, 3)
    Indicator.objects.filter(code="gen").update(precisions="")  # whoever writes, the database keeps the two together
    row.refresh_from_db()
    assert row.scale == 2

"""Formulas that are valid from a day on: read, refused where they do not hold, and found for a day."""

from datetime import date

import pytest

from gangmu.figures.indicators.definitions import Earlier
from gangmu.figures.indicators.loading.checking import check
from gangmu.figures.indicators.loading.reading import read_indicators
from gangmu.figures.indicators.models import Indicator
from gangmu.figures.indicators.queries import catalogue, definition_of
from gangmu.figures.indicators.services import load_indicators
from gangmu.figures.indicators.tests.test_reading import RANKS, item
from gangmu.figures.indicators.timeline import MOST_DAYS, Timeline
from gangmu.foundation.settings import clock

FILED = item("gen", unit="MWh") + item("aux", unit="MWh") + item("heat", unit="GJ")


def rate(earlier: str, formula: str = "aux / gen") -> str:
    return item("rate", unit="'%'", formula=formula, earlier=earlier)


def problems(text: str, known=()) -> list[str]:
    _catalogue, found = check(read_indicators(text), known, RANKS)
    return [str(problem) for problem in found]


def test_a_day_has_the_formula_that_is_valid_on_it():
    text = rate("[{until: 2024-12-31, formula: 'aux / gen * 2'}, {until: 2025-12-31, formula: 'aux / gen * 3'}]")
    [entry] = read_indicators(text).entries
    one = entry.definition
    assert one.earlier == (Earlier(date(2024, 12, 31), "aux / gen * 2"), Earlier(date(2025, 12, 31), "aux / gen * 3"))
    days = [date(2020, 1, 1), date(2024, 12, 31), date(2025, 1, 1), date(2025, 12, 31), date(2026, 1, 1)]
    assert [one.on(day).formula[-1] for day in days] == ["2", "2", "3", "3", "n"]
    assert [one.since(day) for day in days] == [None, None, *[date(2025, 1, 1)] * 2, date(2026, 1, 1)]
    assert not problems(FILED + text)


@pytest.mark.parametrize(
    ("earlier", "said"),
    [
        ("2025-12-31", "earlier is a list"),
        ("[{until: 2025-12-31}]", "an earlier formula is {until: 2025-12-31"),
        ("[{until: 2025-02-30, formula: aux}]", "“2025-02-30” is not a day"),
        ("[{until: 20251231, formula: aux}]", "“20251231” is not a day"),
        ("[{until: 9999-12-31, formula: aux}]", "“9999-12-31” is not a day"),
        ("[{until: 2025-12-31, formula: ' '}]", "the formula is empty"),
        (
            "[{until: 2025-12-31, formula: aux / gen}, {until: 2025-12-31, formula: aux / gen}]",
            "in the order of their last days",
        ),
    ],
)
def test_what_is_no_earlier_formula_is_refused(earlier, said):
    [problem] = problems(FILED + rate(earlier))
    assert said in problem and problem.startswith(f"line {len(FILED.splitlines()) + 6}, ")


def test_an_earlier_formula_is_checked_in_its_own_days_and_told_at_its_place():
    text = FILED + rate("[{until: 2025-12-31, formula: aux / gem}]")
    line = next(n for n, one in enumerate(text.splitlines(), 1) if "gem" in one)
    column = text.splitlines()[line - 1].index("gem") + 1
    assert problems(text) == [
        f"line {line}, column {column}: rate: there is no indicator gem. Did you mean gen?"
    ]  # said once, and where it stands
    [units] = problems(FILED + rate("[{until: 2025-12-31, formula: heat}]"))
    assert "GJ cannot be %" in units


def test_formulas_may_go_round_in_a_circle_only_if_never_on_the_same_day():
    a, b = "[{until: 2025-12-31, formula: b}]", "[{until: 2025-12-31, formula: gen}]"
    apart = item("a", unit="MWh", formula="gen", earlier=a) + item("b", unit="MWh", formula="a", earlier=b)
    assert not problems(FILED + apart)
    [problem] = problems(FILED + apart.replace(b, "[{until: 2025-06-30, formula: gen}]"))
    assert "circle" in problem


def test_what_stands_is_not_disturbed_in_its_own_days():
    standing = read_indicators(FILED + rate("[]") + item("twice", unit="'%'", formula="rate * 2")).entries
    known = [entry.definition for entry in standing]
    [problem] = problems(item("aux", unit="元"), known)
    assert "rate no longer holds" in problem
    rated = read_indicators(rate("[{until: 2025-12-31, formula: aux / gen}]", "1[%]")).entries
    known = [rated[0].definition if one.code == "rate" else one for one in known]
    [problem] = problems(item("aux", unit="元"), known)  # today's formula does without it
    assert "rate no longer holds" in problem


def test_the_days_of_all_formulas_are_bounded():
    rows = "".join(
        item(f"r{n}", unit="MWh", formula="gen", earlier=f"[{{until: {1950 + n}-12-31, formula: aux}}]")
        for n in range(MOST_DAYS + 1)
    )
    assert any(f"at most {MOST_DAYS}" in one or f"on {MOST_DAYS} days" in one for one in problems(FILED + rows))


@pytest.mark.django_db
def test_they_are_kept_and_todays_is_what_other_rooms_see(tmp_path):
    path = tmp_path / "indicators.yaml"
    path.write_text(FILED + rate("[{until: 2026-12-31, formula: aux / gen * 2}]"), "utf-8")
    assert not load_indicators(path).problems
    kept = definition_of(Indicator.objects.get(code="rate"))
    assert [one.formula for one in kept.earlier] == ["aux / gen * 2"]
    with clock.frozen("2026-11-20T12:00+08:00"):
        assert catalogue()["rate"].formula == "aux / gen * 2"
    with clock.frozen("2027-01-01T12:00+08:00"):
        assert catalogue()["rate"].formula == "aux / gen"
    stretches = list(Timeline([kept]).stretches())
    assert [day for day, _catalogue in stretches] == [date.min, date(2027, 1, 1)]

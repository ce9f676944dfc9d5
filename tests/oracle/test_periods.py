"""Periods as a calendar on the wall shows them."""

from datetime import date

import pytest

from oracle import periods


@pytest.mark.parametrize(
    ("code", "start", "end"),
    [
        ("2026-11-20", "2026-11-20", "2026-11-20"),
        ("2024-02-D3", "2024-02-21", "2024-02-29"),
        ("2025-02-D3", "2025-02-21", "2025-02-28"),
        ("2026-11-D2", "2026-11-11", "2026-11-20"),
        ("2026-W53", "2026-12-28", "2027-01-03"),
        ("2026-W01", "2025-12-29", "2026-01-04"),
        ("2026-11", "2026-11-01", "2026-11-30"),
        ("2026-Q4", "2026-10-01", "2026-12-31"),
        ("2026-H2", "2026-07-01", "2026-12-31"),
        ("2026", "2026-01-01", "2026-12-31"),
        ("2023-winter", "2023-12-01", "2024-02-29"),
        ("2025-heating", "2025-11-15", "2026-03-15"),
        ("2026-11-S", "2026-11-01", "2026-11-30"),
        ("2025-12-30..2026-01-02", "2025-12-30", "2026-01-02"),
    ],
)
def test_first_and_last_day(code: str, start: str, end: str):
    period = periods.parse(code)
    assert (period.code, period.start.isoformat(), period.end.isoformat()) == (code, start, end)


@pytest.mark.parametrize(
    ("code", "before", "a_year_ago"),
    [
        ("2024-02-29", "2024-02-28", "2023-02-28"),
        ("2024-03-D1", "2024-02-D3", "2023-03-D1"),
        ("2026-W53", "2026-W52", "2025-W52"),
        ("2027-W01", "2026-W53", "2026-W01"),
        ("2021-W53", "", ""),
        ("2026-01", "2025-12", "2025-01"),
        ("2026-Q1", "2025-Q4", "2025-Q1"),
        ("2026-H1", "2025-H2", "2025-H1"),
        ("2026", "2025", "2025"),
        ("2026-spring", "2025-winter", "2025-spring"),
        ("2026-winter", "2026-autumn", "2025-winter"),
        ("2026-heating", "2025-heating", "2025-heating"),
        ("2026-01-S", "2025-12-S", "2025-01-S"),
        ("2024-02-29..2024-03-01", "2024-02-27..2024-02-28", "2023-02-28..2023-03-01"),
    ],
)
def test_before_and_a_year_ago(code: str, before: str, a_year_ago: str):
    if not before:
        with pytest.raises(ValueError, match="week"):
            periods.parse(code)
        return
    assert periods.previous(periods.parse(code)).code == before
    assert periods.year_ago(periods.parse(code)).code == a_year_ago


@pytest.mark.parametrize(
    ("code", "this", "last"),
    [
        ("2026-11", "2026-01-01..2026-11-30", "2025-01-01..2025-11-30"),
        ("2024-02-29", "2024-01-01..2024-02-29", "2023-01-01..2023-02-28"),
        ("2024-02", "2024-01-01..2024-02-29", "2023-01-01..2023-02-28"),
        ("2025-02", "2025-01-01..2025-02-28", "2024-01-01..2024-02-29"),
        ("2026-W53", "2027-01-01..2027-01-03", "2026-01-01..2026-01-03"),
        ("2026-W01", "2026-01-01..2026-01-04", "2025-01-01..2025-01-05"),
        ("2023-W52", "2023-01-01..2023-12-31", "2022-01-01..2022-12-31"),
        ("2025-12-30..2026-01-02", "2026-01-01..2026-01-02", "2025-01-01..2025-01-02"),
    ],
)
def test_to_date(code: str, this: str, last: str):
    period = periods.parse(code)
    assert periods.to_date(period).code == this
    assert periods.to_date_year_ago(period).code == last


def test_months_that_are_wholly_inside():
    inside = periods.parse("2025-12-02..2026-02-28").grains("month")
    assert [month.code for month in inside] == ["2026-01", "2026-02"]
    assert periods.parse("2026-W10").grains("month") == []


def test_every_day_lies_in_one_period_of_each_kind():
    for number in range(800):
        day = date(2023, 12, 1) + number * periods.ONE_DAY
        for kind in ("day", "ten_day", "week", "month", "quarter", "half", "year", "settlement"):
            period = periods.containing(kind, day)
            assert period.start <= day <= period.end
            assert periods.parse(period.code) == period
            assert periods.previous(period).end == period.start - periods.ONE_DAY

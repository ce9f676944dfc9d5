"""The 96 points of a business day: which is which, and what they come to."""

from datetime import date
from fractions import Fraction

import pytest

from gangmu.figures.curves.points import LABELS, POINTS, Unit, day_of, decimals, factor, half_up
from gangmu.figures.curves.reading import cell_text, moment_of, point_of_time


@pytest.mark.parametrize(
    ("text", "labels", "point"),
    [("00:15", "end", 1), ("0:15", "end", 1), ("12:00", "end", 48), ("24:00", "end", 96), ("23:45:00", "end", 95),
     ("00:00", "start", 1), ("00:15", "start", 2), ("23:45", "start", 96)],
)  # fmt: skip
def test_a_time_is_a_point_of_its_day(text: str, labels: str, point: int):
    assert point_of_time(text, labels) == point


@pytest.mark.parametrize(
    ("text", "labels"),
    [("00:00", "end"), ("24:00", "start"), ("24:15", "end"), ("25:00", "end"), ("00:10", "end"), ("12:60", "end"),
     ("noon", "end"), ("", "end"), ("-1:00", "end"), ("12:00:30", "end")],
)  # fmt: skip
def test_what_is_no_point_says_why(text: str, labels: str):
    assert isinstance(point_of_time(text, labels), str)


def test_midnight_without_a_rule_is_explained():
    told = point_of_time("00:00", "end")
    assert isinstance(told, str)
    assert "24:00" in told
    assert "--times start" in told


@pytest.mark.parametrize(
    ("text", "labels", "day", "point"),
    [
        ("2026-11-21 00:00", "end", date(2026, 11, 20), 96),
        ("2026-11-21T00:00:00", "end", date(2026, 11, 20), 96),
        ("2027-01-01", "end", date(2026, 12, 31), 96),  # as spreadsheets write a midnight
        ("2026-11-20 24:00", "end", date(2026, 11, 20), 96),
        ("2026-11-20 00:15", "end", date(2026, 11, 20), 1),
        ("2026-11-21 00:00", "start", date(2026, 11, 21), 1),
    ],
)
def test_a_timestamp_of_midnight_belongs_to_the_day_that_ends(text: str, labels: str, day: date, point: int):
    assert moment_of(text, labels) == (day, point)


def test_a_timestamp_on_no_day_is_refused():
    assert isinstance(moment_of("2026-02-30 12:00", "end"), str)
    assert isinstance(moment_of("yesterday 12:00", "end"), str)


def test_labels_end_at_24_hours():
    assert (LABELS[0], LABELS[3], LABELS[-1], len(LABELS)) == ("00:15", "01:00", "24:00", POINTS)


def test_power_becomes_energy_by_a_quarter_of_an_hour_exactly():
    assert factor(Unit.MW, Unit.MWH) == Fraction(1, 4)
    assert factor(Unit.MWH, Unit.MW) == 4
    assert (decimals(Unit.MW, Unit.MWH, 3), decimals(Unit.MWH, Unit.MW, 3)) == (5, 3)


def test_a_day_of_power():
    values = [Fraction(one) for one in range(1, 97)]
    day = day_of(values, Unit.MW)
    assert day is not None
    assert day.energy == Fraction(sum(range(1, 97)), 4)
    assert (day.highest, day.highest_at, day.lowest, day.lowest_at) == (96, 96, 1, 1)
    assert day.mean == Fraction(97, 2)
    assert day.load_factor == Fraction(97, 192)


def test_a_day_of_energy_has_four_times_the_power():
    day = day_of([Fraction(5)] * 96, Unit.MWH)
    assert day is not None
    assert (day.energy, day.highest, day.mean, day.load_factor) == (480, 20, 20, 1)


def test_a_day_that_misses_a_point_comes_to_nothing():
    assert day_of([*[Fraction(1)] * 95, None], Unit.MW) is None


def test_no_load_factor_without_load():
    day = day_of([Fraction(-1)] * 96, Unit.MW)
    assert day is not None
    assert day.load_factor is None


def test_ties_go_away_from_zero():
    assert (half_up(Fraction(5, 1000), 2), half_up(Fraction(-5, 1000), 2)) == (1, -1)


def test_a_workbooks_times_are_read_as_they_are_shown():
    from datetime import datetime, time, timedelta

    assert cell_text(time(0, 15)) == "00:15"
    assert cell_text(timedelta(hours=24)) == "24:00"
    assert cell_text(datetime(1899, 12, 31)) == "24:00"
    assert cell_text(datetime(2026, 11, 20)) == "2026-11-20"
    assert cell_text(datetime(2026, 11, 20, 0, 14, 59, 999_999)) == "2026-11-20 00:15:00"
    assert cell_text(12.34) == "12.34"

"""Forecasts: right where the method's assumption holds, blind to what was not known, and honest about the past."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gangmu.figures.analysis import festival
from gangmu.figures.analysis.errors import AnalysisError, NoBase, TooLittle
from gangmu.figures.analysis.forecasts import (
    Forecast,
    Method,
    PastError,
    best,
    by_name,
    forecast,
    forecasts,
    past_error,
)
from gangmu.figures.analysis.tests.drawn import FIGURES, POSITIVE
from gangmu.figures.analysis.words import Words
from gangmu.foundation.periods.period import Period

NOVEMBER = Period.parse("2026-11")
KWH = Words("万kWh", "10⁴ kWh")
methods = st.sampled_from(Method)
gone_days = st.integers(1, 29)


def through(gone: int, period: Period = NOVEMBER) -> date:
    return period.start + timedelta(days=gone - 1)


def several(period: Period, years: int, figure) -> dict[date, Fraction | None]:
    """Figures of a period and of the same days of years before."""
    return {by_name(day, back): figure(by_name(day, back)) for back in range(years + 1) for day in period.iter_days()}


def total(daily, period=NOVEMBER) -> Fraction:
    return sum((daily[day] for day in period.iter_days()), Fraction(0))


@given(POSITIVE, gone_days, methods)
def test_what_is_always_the_same_is_foretold_by_every_method(level, gone, method):
    daily = several(NOVEMBER, 3, lambda _day: level)
    assert forecast(daily, NOVEMBER, through(gone), method) == level * 30


@settings(max_examples=40)
@given(
    st.lists(POSITIVE, min_size=30, max_size=30),
    POSITIVE,
    gone_days,
    st.sampled_from([Method.LAST_YEAR, Method.SEASONAL]),
)
def test_the_same_course_at_another_level_is_foretold_from_past_years(course, factor, gone, method):
    daily = several(NOVEMBER, 3, lambda day: course[day.day - 1] * (factor if day.year == 2026 else 1))
    assert forecast(daily, NOVEMBER, through(gone), method) == total(daily)


@settings(max_examples=40)
@given(st.data(), gone_days)
def test_what_was_not_known_has_no_influence(data, gone):
    daily = several(NOVEMBER, 3, lambda day: Fraction(100 + day.day * day.year % 7))
    known = forecasts(daily, NOVEMBER, through(gone), tests=0)
    assert all(one.value for one in known)
    later = {day: data.draw(st.none() | FIGURES) for day in NOVEMBER.iter_days() if day > through(gone)}
    assert forecasts(daily | later, NOVEMBER, through(gone), tests=0) == known


def test_a_period_that_is_over_and_reported_came_to_its_sum():
    daily: dict[date, Fraction | None] = {day: Fraction(day.day) for day in NOVEMBER.iter_days()}
    assert [one.value for one in forecasts(daily, NOVEMBER, NOVEMBER.end)] == [465, 465, 465]


@settings(max_examples=40)
@given(st.lists(POSITIVE, min_size=30, max_size=30), st.sets(st.integers(1, 30), max_size=20))
def test_missing_days_are_filled_as_days_to_come_are(course, missing):
    level = several(NOVEMBER, 3, lambda day: course[day.day - 1])
    holes: dict[date, Fraction | None] = dict.fromkeys([date(2026, 11, day) for day in missing])
    last = NOVEMBER.end
    for method in (Method.LAST_YEAR, Method.SEASONAL):
        assert forecast(level | holes, NOVEMBER, last, method) == total(level)
    reported = [value for day, value in enumerate(course, 1) if day not in missing]
    mean = sum(reported, Fraction(0)) / len(reported)
    assert forecast(level | holes, NOVEMBER, last, Method.RUN_RATE) == mean * 30


def test_three_methods_say_what_their_formulas_say():
    daily = several(NOVEMBER, 3, lambda day: Fraction({2026: 12, 2025: 10, 2024: 10, 2023: 20}[day.year]))
    daily |= {date(2025, 11, day): Fraction(20) for day in range(21, 31)}  # last year's end was twice its beginning
    found = [one.value for one in forecasts(daily, NOVEMBER, date(2026, 11, 20))]
    share = (Fraction(200, 400) + Fraction(200, 300) + Fraction(400, 600)) / 3
    assert found == [360, 240 + Fraction(12, 10) * 200, 240 / share]


def test_the_past_error_is_that_of_the_months_before():
    """Each month's second half is a tenth more than its first; run rate is too low by the same part each time."""
    days = Period.parse("2026-01-01..2026-11-30").iter_days()
    daily: dict[date, Fraction | None] = {day: Fraction(100 if day.day <= 15 else 110) for day in days}
    found = past_error(daily, NOVEMBER, date(2026, 11, 15), Method.RUN_RATE, tests=4)
    expected = []
    for length in (31, 30, 31, 31):  # October, September, August, July
        actual = 1500 + 110 * (length - 15)
        expected.append(Fraction(100 * length - actual, actual))
    size = -sum(expected, Fraction(0)) / 4
    assert found == PastError(4, size, -size, max(-one for one in expected))
    assert past_error(daily, NOVEMBER, date(2026, 11, 15), Method.LAST_YEAR) is None
    del daily[date(2026, 9, 3)]  # a month with a hole is no test
    again = past_error(daily, NOVEMBER, date(2026, 11, 15), Method.RUN_RATE, tests=4)
    assert again is not None
    assert again.tests == 3


def test_a_short_month_is_tried_with_all_but_its_last_day():
    daily: dict[date, Fraction | None] = {
        day: Fraction(1) for day in Period.parse("2026-02-01..2026-03-31").iter_days()
    }
    daily[date(2026, 2, 28)] = Fraction(29)
    found = past_error(daily, Period.parse("2026-03"), date(2026, 3, 31), Method.RUN_RATE, tests=1)
    assert found == PastError(1, Fraction(1, 2), Fraction(-1, 2), Fraction(1, 2))


@settings(max_examples=20)
@given(st.integers(0, 3), st.data())
def test_past_errors_know_nothing_of_this_period_after_today(tests, data):
    start = Period.parse("2026-08-01..2026-11-30")
    daily: dict[date, Fraction | None] = {day: Fraction(50 + day.day) for day in start.iter_days()}
    known = past_error(daily, NOVEMBER, date(2026, 11, 10), Method.RUN_RATE, tests=tests)
    later = {day: data.draw(FIGURES) for day in NOVEMBER.iter_days()}
    assert past_error(daily | later, NOVEMBER, date(2026, 11, 10), Method.RUN_RATE, tests=tests) == known


def test_a_past_year_with_a_hole_makes_no_profile():
    daily = several(NOVEMBER, 3, lambda day: Fraction(1000 if day.year == 2025 and day.day == 30 else 10))
    without = daily | {date(2025, 11, 29): None}
    assert forecast(without, NOVEMBER, date(2026, 11, 10), Method.SEASONAL) == 300  # by 2024 and 2023
    assert forecast(daily, NOVEMBER, date(2026, 11, 10), Method.SEASONAL) > 300
    with pytest.raises(TooLittle, match="there are 1"):
        forecast(without | {date(2024, 11, 29): None}, NOVEMBER, date(2026, 11, 10), Method.SEASONAL)


def test_what_is_lacking_is_said():
    daily = several(NOVEMBER, 1, lambda _day: Fraction(10))
    found = forecasts(daily, NOVEMBER, date(2026, 11, 10))
    assert [one.value for one in found] == [300, 300, None]
    assert "2 complete years of the last 3; there are 1" in str(found[2].why_not)
    daily[date(2025, 11, 12)] = None
    with pytest.raises(TooLittle, match="2025-11-12, which stands for 2026-11-12"):
        forecast(daily, NOVEMBER, date(2026, 11, 10), Method.LAST_YEAR)
    with pytest.raises(TooLittle, match="No day of 2026-11"):
        forecast({}, NOVEMBER, date(2026, 11, 10), Method.RUN_RATE)
    with pytest.raises(AnalysisError, match="2026-12-01 is not in"):
        forecasts(daily, NOVEMBER, date(2026, 12, 1))
    negative = several(NOVEMBER, 3, lambda day: Fraction(10 if day.day > 20 else 0))
    with pytest.raises(NoBase, match="zero or less"):
        forecast(negative, NOVEMBER, date(2026, 11, 10), Method.LAST_YEAR)
    with pytest.raises(NoBase, match="came to nothing"):
        forecast(negative, NOVEMBER, date(2026, 11, 10), Method.SEASONAL)


def test_with_the_festival_followed_the_dip_is_foretold_where_it_will_be():
    def load(day: date) -> Fraction:
        return Fraction(50 if 0 <= (day - festival.festival(day.year)).days < 10 else 100)

    february = Period.parse("2026-02")
    daily: dict[date, Fraction | None] = {day: load(day) for day in Period.parse("2024-01-01..2026-02-28").iter_days()}
    actual = total(daily, february)
    followed = festival.same_day()
    for method in (Method.LAST_YEAR, Method.SEASONAL):
        assert forecast(daily, february, date(2026, 2, 10), method, years=2, same_day=followed) == actual
    assert forecast(daily, february, date(2026, 2, 10), Method.LAST_YEAR) != actual


def test_the_best_is_the_one_that_was_least_wrong():
    def tried(method, mean, tests=5, value=Fraction(1)):
        return Forecast(method, value, past=PastError(tests, Fraction(mean), Fraction(0), Fraction(mean)))

    ones = [tried(Method.RUN_RATE, 3), tried(Method.LAST_YEAR, 2), tried(Method.SEASONAL, 1, tests=2)]
    assert best(ones) is ones[1]
    assert best([tried(Method.RUN_RATE, 1, tests=2), Forecast(Method.SEASONAL, Fraction(1))]) is None


def test_words():
    error = PastError(12, Fraction("0.0234"), Fraction("-0.011"), Fraction("0.05"))
    assert Forecast(Method.RUN_RATE, Fraction("345.62"), past=error).words(1, KWH) == Words(
        "按目前日均预计345.6万kWh，过去12期平均误差2.3%（平均偏低1.1%）",
        "345.6 10⁴ kWh by the run rate, mean error of the past 12 periods 2.3% (on average 1.1% too low)",
    )
    even = PastError(3, Fraction("0.02"), Fraction("0.0004"), Fraction("0.03"))
    assert Forecast(Method.LAST_YEAR, Fraction(2), past=even).words(0, Words("", "")) == Words(
        "按去年同日预计2，过去3期平均误差2.0%", "2 by the same days last year, mean error of the past 3 periods 2.0%"
    )
    assert Forecast(Method.SEASONAL, Fraction(1)).words(0, KWH).en == (
        "1 10⁴ kWh by the seasonal profile, error unknown"
    )
    assert Forecast(Method.LAST_YEAR, None, TooLittle("")).words(0, KWH).zh == "按去年同日无法预计"

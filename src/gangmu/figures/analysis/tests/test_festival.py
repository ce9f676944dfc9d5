"""The festival's dates against the sky, and the alignment's promises."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangmu.figures.analysis.errors import AnalysisError, UnknownFestival
from gangmu.figures.analysis.festival import By, Pair, Window, aligned, compare, festival, festivals, same_day, source
from gangmu.figures.analysis.tests import lunar
from gangmu.figures.analysis.tests.drawn import FIGURES
from gangmu.foundation.periods import content
from gangmu.foundation.periods.period import Period

windows = st.builds(Window, st.integers(0, 60), st.integers(0, 90))
spans = st.tuples(st.dates(date(1993, 1, 1), date(2035, 6, 30)), st.integers(0, 400)).map(
    lambda drawn: [min(drawn[0] + timedelta(days=n), date(2035, 9, 30)) for n in range(drawn[1])]
)


@pytest.mark.parametrize("year", range(1990, 2036))
def test_each_date_is_that_of_sun_and_moon(year):
    assert lunar.margin(year) > 2, "too near midnight for this computation to decide"
    assert festival(year) == lunar.new_year(year)


def test_the_years_are_complete_and_have_a_source():
    assert list(festivals()) == list(range(1990, 2036))
    assert all(day.year == year for year, day in festivals().items())
    assert "Apache-2.0" in source()


def test_the_working_calendar_has_the_festival_off():
    calendar = content.work_calendar()
    for year in sorted(set(calendar.years) & set(festivals())):
        assert calendar.years[year].off.get(festival(year)) == "春节", year


@given(spans, windows, st.integers(1, 3))
def test_no_counterpart_occurs_twice_and_both_sides_lie_alike(days, window, back):
    days = sorted(set(days))
    pairs = aligned(days, window, back)
    assert [pair.day for pair in pairs] == days
    bases = [pair.base for pair in pairs if pair.base]
    assert len(set(bases)) == len(bases)
    for pair in pairs:
        here = window.offset(pair.day)
        if here:
            assert pair.base is not None
            assert window.offset(pair.base) == (here[0] - back, here[1])
        elif pair.base:
            assert window.offset(pair.base) is None
            assert (pair.base.month, pair.base.day) == (pair.day.month, pair.day.day)
            assert pair.day.year - pair.base.year == back
        assert (pair.by is By.NONE) == (pair.base is None)


@given(windows, st.integers(1992, 2035))
def test_the_windows_of_two_years_match_day_by_day(window, year):
    first = festival(year) - timedelta(days=window.before)
    days = [first + timedelta(days=n) for n in range(window.before + window.after + 1)]
    pairs = aligned(days, window)
    before = festival(year - 1) - timedelta(days=window.before)
    assert [pair.base for pair in pairs] == [before + timedelta(days=n) for n in range(len(days))]


def test_new_years_day_meets_new_years_day():
    assert aligned([date(2026, 2, 17)]) == [Pair(date(2026, 2, 17), date(2025, 1, 29), By.FESTIVAL)]
    assert aligned([date(2026, 7, 1)]) == [Pair(date(2026, 7, 1), date(2025, 7, 1), By.CALENDAR)]
    # 20 January 2025 lies in the window of 2025, 20 January 2026 not in that of 2026.
    assert aligned([date(2026, 1, 20)]) == [Pair(date(2026, 1, 20), None, By.NONE)]
    assert aligned([date(2024, 2, 29)], Window(0, 0)) == [Pair(date(2024, 2, 29), None, By.NONE)]
    assert same_day()(date(2026, 2, 17), 1) == date(2025, 1, 29)
    assert same_day(Window(0, 0))(date(2024, 2, 29), 1) == date(2023, 2, 28)


@given(windows, st.dates(date(1993, 1, 1), date(2035, 9, 30)), st.integers(1, 3))
def test_for_forecasts_a_day_in_the_window_stands_for_one_in_it_and_one_outside_for_one_outside(window, day, back):
    other = same_day(window)(day, back)
    here, there = window.offset(day), window.offset(other)
    assert there == (here and (here[0] - back, here[1]))
    (pair,) = aligned([day], window, back)
    assert pair.base in (None, other)


def test_a_day_whose_namesake_lies_in_the_window_stands_for_the_nearest_outside():
    assert same_day()(date(2026, 1, 20), 1) == date(2025, 1, 13)
    assert same_day()(date(2026, 2, 1), 1) == date(2025, 1, 13)
    assert same_day()(date(2025, 3, 8), 1) == date(2024, 3, 8)
    assert same_day()(date(2025, 2, 25), 1) == date(2024, 3, 7)


@given(spans, st.data())
def test_sums_are_like_for_like(days, data):
    pairs = aligned(sorted(set(days)))
    needed = {day for pair in pairs for day in (pair.day, pair.base) if day}
    figures = {day: data.draw(st.none() | FIGURES) for day in sorted(needed)[:30]}
    found = compare(pairs, figures)
    both = [
        (figures[pair.day], figures[pair.base])
        for pair in pairs
        if pair.base and figures.get(pair.day) is not None and figures.get(pair.base) is not None
    ]
    assert found.value == sum((now for now, _then in both if now), Fraction(0))
    assert found.base == sum((then for _now, then in both if then), Fraction(0))
    assert found.days + found.left_out + found.missing == len(pairs)
    assert found.by_festival <= found.days == len(both)
    assert found.is_partial == (found.days < len(pairs))


def test_a_february_that_only_moved_did_not_grow():
    """Load falls to half in the ten days from the festival; the same every year."""

    def load(day: date) -> Fraction:
        return Fraction(50 if 0 <= (day - festival(day.year)).days < 10 else 100)

    january_to_march = Period.parse("2026-Q1")
    days = [*january_to_march.iter_days(), *Period.parse("2025-Q1").iter_days()]
    figures = {day: load(day) for day in days}
    february = list(Period.parse("2026-02").iter_days())
    by_name = sum(figures[day.replace(year=2025)] for day in february)
    assert sum(figures[day] for day in february) < by_name  # as if the load had fallen
    found = compare(aligned(february), figures)
    assert found.value == found.base
    assert (found.days, found.by_festival, found.left_out, found.missing) == (27, 27, 1, 0)  # 1 February has none
    assert found.words().en == (
        "aligned by the Spring Festival: 27 days, 27 of them by distance from it, 1 without a counterpart left out"
    )
    quarter = compare(aligned(january_to_march.iter_days()), figures)
    assert quarter.value == quarter.base
    assert quarter.left_out == 19  # 14 January to 1 February
    assert "19天无对应日未计" in quarter.words().zh


def test_years_without_a_source_are_refused_and_days_that_cannot_matter_are_not():
    with pytest.raises(UnknownFestival, match="1990 to 2035"):
        festival(2036)
    with pytest.raises(UnknownFestival):
        aligned([date(2036, 2, 1)])
    with pytest.raises(UnknownFestival):
        aligned([date(1990, 1, 27)])
    assert aligned([date(2040, 7, 1)])[0].base == date(2039, 7, 1)


def test_windows_that_could_meet_are_refused():
    for before, after in ((61, 0), (0, 91), (-1, 0)):
        with pytest.raises(AnalysisError, match="0 to 60 before and 0 to 90 after"):
            Window(before, after)
    with pytest.raises(ValueError, match="years back"):
        aligned([date(2026, 1, 1)], years_back=0)

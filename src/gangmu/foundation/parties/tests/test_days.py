"""Stretches of days behave like the sets of days that they stand for."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gangmu.foundation.parties.days import EVER, OPEN, Days, meet, minus

FIRST = date(2024, 2, 25)
few_days = st.integers(0, 12).map(lambda n: FIRST + timedelta(n))
bounds = st.tuples(few_days | st.just(EVER), few_days | st.just(OPEN)).filter(lambda pair: pair[0] < pair[1])
stretches = bounds.map(lambda pair: Days(*pair))
ALL = [FIRST + timedelta(n) for n in range(-2, 15)]


def as_set(*stretch: Days) -> set[date]:
    return {day for day in ALL for one in stretch if day in one}


@given(stretches, stretches)
def test_meeting_is_the_intersection(one, other):
    shared = meet(one, other)
    assert as_set(*([shared] if shared else [])) == as_set(one) & as_set(other)


@given(stretches, st.lists(stretches, max_size=4))
def test_minus_is_the_difference_in_disjoint_pieces(stretch, holes):
    left = minus(stretch, holes)
    assert as_set(*left) == as_set(stretch) - as_set(*holes)
    assert all(before.end < after.start for before, after in pairwise(left))


@given(stretches)
def test_a_stretch_survives_the_database_s_form(stretch):
    assert Days.of(stretch.valid) == stretch


def test_the_last_day_counts():
    days = Days.until(date(2024, 2, 28), date(2024, 2, 29))
    assert date(2024, 2, 29) in days
    assert date(2024, 3, 1) not in days
    assert days.last_day == date(2024, 2, 29)


def test_the_last_day_of_the_calendar_means_no_end():
    assert Days.until(None, date(9999, 12, 31)) == Days()

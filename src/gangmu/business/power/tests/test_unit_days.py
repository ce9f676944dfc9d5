"""A day of a unit from its events: across midnight, several starts, deratings, unknown beginnings."""

from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangmu.business.power.causes import causes
from gangmu.business.power.content import composing
from gangmu.business.power.unit_days import AVAILABLE, Event, Is, UnitDay, What, day_bounds, fits, spells, unit_day
from gangmu.foundation.settings.clock import BUSINESS_ZONE

DAY = date(2026, 11, 20)


def at(text: str, day: int = 20) -> datetime:
    hour, minute = map(int, text.split(":"))
    return datetime(2026, 11, day, hour, minute, tzinfo=BUSINESS_ZONE)


def start(text: str, day: int = 20) -> Event:
    return Event(at(text, day), What.START)


def stop(text: str, day: int = 20, state: Is = Is.RESERVE) -> Event:
    return Event(at(text, day), What.STOP, state)


def derate(text: str, mw: int, day: int = 20) -> Event:
    return Event(at(text, day), What.DERATE, available_mw=Fraction(mw))


def restore(text: str, day: int = 20) -> Event:
    return Event(at(text, day), What.RESTORE)


def known(events: list[Event], capacity_mw: Fraction | None = None) -> UnitDay:
    """The day, which the events do tell of."""
    found = unit_day(events, DAY, capacity_mw)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("events", "run", "available", "derated", "state", "starts"),
    [
        ([start("22:00", 19)], 24, 24, 0, Is.RUNNING, 0),  # ran across both midnights
        ([start("22:30", 19), stop("02:15")], "2.25", 24, 0, Is.RESERVE, 0),
        ([start("06:00")], 18, 24, 0, Is.RUNNING, 1),  # stood in reserve before, for all that is known
        ([stop("18:00", 18, Is.FORCED), start("06:00")], 18, 18, 0, Is.RUNNING, 1),
        ([stop("20:00", 20, Is.FORCED)], 20, 20, 0, Is.FORCED, 0),
        ([stop("20:00", 1, Is.PLANNED)], 0, 0, 0, Is.PLANNED, 0),
        (
            [start("01:00"), stop("03:00"), start("04:30"), stop("06:00"), start("23:45")],
            "3.75",
            24,
            0,
            "running",
            3,
        ),
        ([start("00:00", 19), derate("06:00", 450), restore("12:00")], 24, 24, "1.5", Is.RUNNING, 0),  # 6 h × 150/600
        ([derate("12:00", 300, 19)], 24, 24, 12, Is.DERATED, 0),
        ([derate("12:00", 300, 19), derate("12:00", 0)], 24, 24, 18, Is.DERATED, 0),  # 12 h × ½ + 12 h × 1
        ([derate("12:00", 300, 19), stop("12:00", 20, Is.FORCED)], 12, 12, 6, Is.FORCED, 0),
        ([stop("10:00", 21)], 24, 24, 0, Is.RUNNING, 0),  # what stops tomorrow ran today
        ([start("10:00", 21)], 0, 24, 0, Is.RESERVE, 0),
        ([start("00:00")], 24, 24, 0, Is.RUNNING, 1),  # exactly at midnight
        ([start("00:00", 19), stop("00:00", 21)], 24, 24, 0, Is.RUNNING, 0),  # the next midnight is tomorrow's
    ],
)
def test_a_day_by_hand(events, run, available, derated, state, starts):
    found = known(events, Fraction(600))
    hours = (found.run_hours, found.available_hours, found.derated_hours)
    assert hours == (Fraction(run), Fraction(available), Fraction(derated))
    assert (found.state, found.starts) == (state, starts)


def test_nothing_is_said_of_a_unit_without_events():
    assert unit_day([], DAY, Fraction(600)) is None


def test_a_derating_of_unknown_size_has_no_equivalent_hours():
    assert known([derate("12:00", 300)]).derated_hours is None
    assert known([restore("12:00")], Fraction(600)).derated_hours is None
    assert known([start("12:00")]).derated_hours == 0


moments = st.integers(0, 5 * 24 * 60).map(lambda minutes: at("00:00", 18) + timedelta(minutes=minutes))
any_events = st.lists(
    st.builds(
        Event,
        moments,
        st.sampled_from(What),
        st.sampled_from([Is.RESERVE, Is.PLANNED, Is.FORCED, Is.MOTHBALLED]),
        st.integers(0, 600).map(Fraction),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda event: event.at,
)


@given(any_events)
def test_spells_fill_the_day_without_gap_and_hours_stay_inside(events):
    begin, end = day_bounds(DAY)
    found = spells(events, begin, end)
    assert (found[0].start, found[-1].end) == (begin, end)
    assert all(one.end == other.start for one, other in pairwise(found))
    assert all(one.start < one.end for one in found)
    day = known(events, Fraction(600))
    assert 0 <= day.run_hours <= day.available_hours <= 24
    assert sum(spell.hours for spell in found) == 24
    assert day.derated_hours is None or 0 <= day.derated_hours <= day.run_hours
    assert (day.state in AVAILABLE) == (found[-1].state in AVAILABLE)


@given(any_events)
def test_days_join_up(events):
    """Two days one after the other are the two days as one stretch; the first ends as the second begins."""
    begin, middle = day_bounds(DAY)
    _, end = day_bounds(DAY + timedelta(days=1))
    whole = [(spell.state, spell.hours) for spell in spells(events, begin, end)]
    first, second = spells(events, begin, middle), spells(events, middle, end)
    if first[-1].state is second[0].state and not any(event.at == middle for event in events):
        joined = [*first[:-1], None, *second[1:]]
        assert len(joined) == len(whole)
    total = sum((spell.hours for spell in (*first, *second)), Fraction(0))
    assert total == sum((hours for _state, hours in whole), Fraction(0)) == 48


def test_what_may_follow_what():
    allowed = {
        ("start", "stop"), ("start", "derate"), ("stop", "start"), ("derate", "stop"), ("derate", "derate"),
        ("derate", "restore"), ("restore", "stop"), ("restore", "derate"),
    }  # fmt: skip
    assert {(one, other) for one in What for other in What if fits(one, other, None)} == allowed


def test_every_stop_has_a_state_and_every_cause_explains_something():
    states = {row["code"] for row in composing.unit_states()}
    assert set(Is) == states
    for cause in causes().values():
        assert cause.of and cause.of <= {What.STOP, What.DERATE} and cause.state in states - {"running", "derated"}
        assert cause.name.zh and cause.name.en

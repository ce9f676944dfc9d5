"""Clocks against an oracle that looks at one minute after the other."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangmu.foundation.periods import content
from gangmu.foundation.periods.calendars import UnknownDay
from gangmu.foundation.periods.hours import AroundTheClock, SessionHours, WorkingDays, WorkingHours
from gangmu.foundation.periods.measure import ClockError, Event, Happening, State, StopClock, Target, Why

SHANGHAI = ZoneInfo("Asia/Shanghai")
MINUTE = timedelta(minutes=1)
START = datetime(2026, 2, 12, tzinfo=SHANGHAI)  # before Spring Festival, with a make-up Saturday on the 14th
WORKDAYS = {date(2026, 2, day) for day in (12, 13, 14, 24, 25, 26, 27, 28)} | {
    date(2026, 3, day) for day in range(2, 7)
}
SESSIONS = {day for day in WORKDAYS if day.weekday() < 5}
OFFICE = [(time(9), time(12)), (time(13, 30), time(18))]


# What the oracle knows: whether a minute counts, from the minute and the start alone ---


def always(minute, start):
    return True


def office(minute, start):
    at = minute.time()
    return minute.date() in WORKDAYS and (time(9) <= at < time(12) or time(13, 30) <= at < time(18))


def whole_days(minute, start):
    return minute.date() in WORKDAYS and minute.date() > start.date()


def trading(minute, start):
    at = minute.time()
    return minute.date() in SESSIONS and (time(9, 30) <= at < time(11, 30) or time(13) <= at < time(15))


def make_hours(rule):
    calendar = content.work_calendar()
    return {
        always: AroundTheClock(),
        office: WorkingHours(calendar, OFFICE),
        whole_days: WorkingDays(calendar),
        trading: SessionHours(content.session_calendar(), "stock"),
    }[rule]


rules = st.sampled_from([always, office, whole_days, trading])


@st.composite
def histories(draw):
    """Events in an order that can happen, on whole minutes, and a moment to look."""
    happenings = [Happening.STARTED]
    for _ in range(draw(st.integers(0, 5))):
        happenings.append(Happening.RESUMED if happenings[-1] == Happening.PAUSED else Happening.PAUSED)
    if draw(st.booleans()):
        happenings.append(Happening.STOPPED)
    size = len(happenings)
    minutes = sorted(draw(st.lists(st.integers(0, 16 * 1440), min_size=size, max_size=size)))
    events = [
        Event(START + at * MINUTE, happening, f"{happening} by test")
        for at, happening in zip(minutes, happenings, strict=True)
    ]
    return events, START + draw(st.integers(0, 18 * 1440)) * MINUTE


def naive_state(events, moment):
    state = "waiting"
    for event in events:
        if event.at <= moment:
            state = {"started": "running", "resumed": "running"}.get(event.happening, str(event.happening))
    return state


def naive_elapsed(events, at, rule):
    minute, count = events[0].at, 0
    while minute < at:
        count += naive_state(events, minute) == "running" and rule(minute, events[0].at)
        minute += MINUTE
    return count * MINUTE


def naive_due(events, at, rule, amount):
    """The first minute before which `amount` minutes counted, if everything stays as it is at `at`."""
    known = [event for event in events if event.at <= at]
    if not known:
        return None
    minute, left = known[0].at, amount
    if rule is whole_days and not left:
        return (minute + timedelta(days=1)).replace(hour=0, minute=0)
    end = START + timedelta(days=22)
    while left and minute < end:
        left -= naive_state(known, minute) == "running" and rule(minute, known[0].at)
        minute += MINUTE
    return None if left else minute


@given(histories(), rules)
def test_elapsed_is_the_number_of_minutes_that_count(history, rule):
    events, at = history
    clock = StopClock(events, make_hours(rule))
    assert clock.elapsed(at) == naive_elapsed(events, at, rule)
    assert clock.state(at) == naive_state(events, at)


@given(histories(), rules, st.integers(0, 600))
def test_due_is_the_first_minute_at_which_the_target_is_reached(history, rule, amount):
    events, at = history
    clock = StopClock(events, make_hours(rule))
    target = Target("answer", amount * MINUTE, "test")
    expected = naive_due(events, at, rule, amount)
    assert clock.due(target, at) == expected
    reading = clock.read(target, at)
    ended = events[-1].at if reading.state == State.STOPPED else at
    if expected is not None and ended > expected:
        assert reading.met is False
    else:
        assert reading.met is (True if reading.state == State.STOPPED else None)


@given(histories(), rules)
def test_an_explanation_tiles_the_time_and_adds_up(history, rule):
    events, at = history
    clock = StopClock(events, make_hours(rule))
    stretches = clock.explain(at)
    stopped = clock.state(at) == State.STOPPED
    begin, end = events[0].at, min(at, events[-1].at) if stopped else at
    if end <= begin:
        assert stretches == []
        return
    assert (stretches[0].interval.start, stretches[-1].interval.end) == (begin, end)
    for one, following in pairwise(stretches):
        assert one.interval.end == following.interval.start
    assert (
        stretches[-1].elapsed
        == clock.elapsed(at)
        == sum((s.interval.length for s in stretches if s.why == Why.COUNTED), 0 * MINUTE)
    )
    for stretch in stretches:
        first_minute = stretch.interval.start.astimezone(SHANGHAI)
        running = naive_state(events, first_minute) == "running"
        assert (stretch.why == Why.COUNTED) == (running and rule(first_minute, events[0].at))
        assert stretch.reason


@given(histories(), st.integers(0, 3000))
def test_time_only_goes_forward(history, later):
    events, at = history
    clock = StopClock(events, make_hours(office))
    assert clock.elapsed(at) <= clock.elapsed(at + later * MINUTE) <= clock.elapsed(at) + later * MINUTE


# Known answers -------------------------------------------------------------------------------------------------------


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def started(text):
    return Event(at(text), Happening.STARTED, "reported by phone")


def test_five_working_days_end_with_the_fifth_day_after_the_start():
    clock = StopClock([started("2026-11-20T16:00")], WorkingDays(content.work_calendar()))
    reading = clock.read(Target.working_days("summary report", 5, "2012 rules, article 18"), at("2026-11-20T16:00"))
    assert reading.due == at("2026-11-28T00:00")
    assert reading.due_day == date(2026, 11, 27)
    assert reading.target.source == "2012 rules, article 18"
    assert not reading.provisional


def test_who_is_late_after_hours_is_late_although_no_time_counted_since():
    clock = StopClock([started("2026-11-20T16:00")], WorkingDays(content.work_calendar()))
    target = Target.working_days("summary report", 5, "article 18")
    assert clock.read(target, at("2026-11-28T00:00")).met is None
    saturday = clock.read(target, at("2026-11-28T00:01"))
    assert (saturday.met, saturday.remaining) == (False, timedelta())


def test_lunch_and_a_weekend_do_not_count():
    clock = StopClock([started("2026-11-20T11:00")], WorkingHours(content.work_calendar(), OFFICE))
    due = clock.due(Target("reply", timedelta(hours=6), "agreement 4.2"))
    assert due == at("2026-11-23T09:30")


def test_a_pause_moves_the_due_time_and_hides_it_while_it_lasts():
    events = [started("2026-11-23T09:00"), Event(at("2026-11-23T10:00"), Happening.PAUSED, "waits for the client")]
    target = Target("fix", timedelta(hours=2), "grade 1")
    assert StopClock(events).due(target) is None
    resumed = [*events, Event(at("2026-11-23T12:30"), Happening.RESUMED)]
    assert StopClock(resumed).due(target) == at("2026-11-23T13:30")
    assert StopClock(resumed).due(target, at("2026-11-23T09:30")) == at("2026-11-23T11:00")


def test_a_clock_that_runs_beyond_the_calendar_says_so_or_is_provisional():
    events = [started("2026-12-30T10:00")]
    target = Target.working_days("report", 10, "clause 7")
    with pytest.raises(UnknownDay, match="2027"):
        StopClock(events, WorkingDays(content.work_calendar())).due(target)
    reading = StopClock(events, WorkingDays(content.work_calendar(), provisional=True)).read(target, events[0].at)
    assert reading.provisional
    assert reading.due_day == date(2027, 1, 14)
    office_hours = WorkingHours(content.work_calendar(), OFFICE, provisional=True)
    assert StopClock(events, office_hours).read(target, events[0].at).provisional
    near = Target("near", timedelta(hours=1), "clause 8")
    assert not StopClock(events, office_hours).read(near, events[0].at).provisional


def test_a_clock_that_has_not_started_waits():
    clock = StopClock([])
    reading = clock.read(Target("reply", MINUTE, "x"), at("2026-11-20T10:00"))
    assert (reading.state, reading.elapsed, reading.due, reading.met) == (State.WAITING, timedelta(), None, None)
    assert reading.stretches == ()


@pytest.mark.parametrize(
    "happenings",
    [
        "paused",
        "resumed",
        "stopped",
        "started started",
        "started resumed",
        "started paused paused",
        "started stopped stopped",
    ],
)
def test_events_that_cannot_happen_so_are_refused(happenings):
    events = [Event(START + n * MINUTE, Happening(name)) for n, name in enumerate(happenings.split())]
    with pytest.raises(ClockError, match=f"Event {len(events)}"):
        StopClock(events)


def test_events_out_of_order_are_refused():
    with pytest.raises(ClockError, match="Event 2"):
        StopClock([Event(START, Happening.STARTED), Event(START - MINUTE, Happening.PAUSED)])


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        StopClock([Event(datetime(2026, 1, 1), Happening.STARTED)])


@pytest.mark.parametrize("source", ["", "  "])
def test_a_target_without_a_source_is_refused(source):
    with pytest.raises(ClockError, match="source"):
        Target("reply", MINUTE, source)


def test_a_negative_target_is_refused():
    with pytest.raises(ClockError, match="negative"):
        Target("reply", -MINUTE, "x")


def test_a_target_beyond_the_calendar_is_refused():
    with pytest.raises(ClockError, match="2201"):
        StopClock([Event(START, Happening.STARTED)]).due(Target("never", timedelta(days=100_000), "x"))


@pytest.mark.parametrize(
    "daily", [[], [(time(12), time(9))], [(time(9), time(9))], [(time(9), time(12)), (time(11), time(18))]]
)
def test_daily_hours_that_make_no_sense_are_refused(daily):
    with pytest.raises(ValueError, match="Daily hours"):
        WorkingHours(content.work_calendar(), daily)


def test_readings_do_not_depend_on_the_zone_of_the_asker():
    clock = StopClock([started("2026-11-20T09:00")])
    assert clock.elapsed(at("2026-11-20T10:00").astimezone(UTC)) == timedelta(hours=1)

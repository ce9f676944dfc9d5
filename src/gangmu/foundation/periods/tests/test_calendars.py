"""Calendars: known counts, loops over days as the oracle, and days that nobody knows."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gangmu.foundation.periods import content
from gangmu.foundation.periods.calendars import CalendarYear, SessionCalendar, UnknownDay, WorkCalendar
from gangmu.foundation.periods.intervals import Interval, intersect, merge, total
from gangmu.foundation.periods.markets import CONTINUOUS, Phase, TradingHours, TradingSpan

DAY = timedelta(days=1)
SHANGHAI = ZoneInfo("Asia/Shanghai")
MARKETS = ["XSHG", "XSHE", "CFFEX", "SHFE", "INE", "DCE", "CZCE"]
known_days = st.dates(date(2004, 1, 1), date(2026, 12, 31))


def all_days(first, last):
    return [first + i * DAY for i in range((last - first).days + 1)]


def year(calendar, number):
    return calendar.between(date(number, 1, 1), date(number, 12, 31))


# Known answers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "count"), [(2024, 251), (2025, 248), (2026, 248)])
def test_working_days_of_a_year(number, count):
    answer = year(content.work_calendar(), number)
    assert (len(answer), answer.provisional) == (count, False)


@pytest.mark.parametrize(("number", "count"), [(2024, 242), (2025, 243), (2026, 242)])
@pytest.mark.parametrize("market", MARKETS)
def test_sessions_of_a_year(market, number, count):
    assert len(year(content.session_calendar(market), number)) == count


OFF_2026 = [
    "01-01..01-03",
    "02-15..02-23",
    "04-04..04-06",
    "05-01..05-05",
    "06-19..06-21",
    "09-25..09-27",
    "10-01..10-07",
]
OFF_2025 = ["01-01..01-01", "01-28..02-04", "04-04..04-06", "05-01..05-05", "05-31..06-02", "10-01..10-08"]


@pytest.mark.parametrize(
    ("number", "off", "work"),
    [
        (2025, OFF_2025, ["01-26", "02-08", "04-27", "09-28", "10-11"]),
        (2026, OFF_2026, ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]),
    ],
)
def test_the_notices_of_two_years(number, off, work):
    """As read in the notices themselves, not in the package that carries them."""
    days_off = {
        day
        for first, _, last in (run.partition("..") for run in off)
        for day in all_days(date.fromisoformat(f"{number}-{first}"), date.fromisoformat(f"{number}-{last}"))
    }
    make_up = {date.fromisoformat(f"{number}-{day}") for day in work}
    calendar = content.work_calendar()
    sessions = content.session_calendar()
    for day in all_days(date(number, 1, 1), date(number, 12, 31)):
        weekday = day.weekday() < 5
        assert calendar.is_open(day) == (day in make_up or (weekday and day not in days_off)), day
        assert sessions.is_open(day) == (weekday and day not in days_off), day


def test_exchanges_do_not_trade_on_make_up_days_and_close_on_days_of_their_own():
    work, shanghai = content.work_calendar(), content.session_calendar()
    assert work.is_open(date(2026, 2, 14))
    assert not shanghai.is_open(date(2026, 2, 14))
    assert work.is_open(date(2024, 2, 9))
    assert not shanghai.is_open(date(2024, 2, 9))


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        ("2026-11-20", 1, "2026-11-23"),
        ("2026-11-20", 0, "2026-11-20"),
        ("2026-11-21", 0, "2026-11-21"),
        ("2026-11-21", 1, "2026-11-23"),
        ("2026-11-20", -10, "2026-11-06"),
        ("2026-02-13", 1, "2026-02-14"),  # a make-up Saturday counts
        ("2026-02-13", 2, "2026-02-24"),  # the days off after it do not
        ("2026-10-08", -1, "2026-09-30"),
        ("2026-03-02", -1, "2026-02-28"),
        ("2026-11-20", 29, "2026-12-31"),
        ("2025-12-31", 1, "2026-01-04"),
    ],
)
def test_counting_working_days(start, count, end):
    answer = content.work_calendar().add(date.fromisoformat(start), count)
    assert (answer.day.isoformat(), answer.provisional) == (end, False)


# The oracle: loops ---------------------------------------------------------------------------------------------------


@given(known_days, st.integers(0, 400))
def test_working_days_are_found_day_by_day(first, length):
    calendar = content.work_calendar()
    last = min(first + length * DAY, date(2026, 12, 31))
    expected = tuple(day for day in all_days(first, last) if calendar.is_open(day))
    assert calendar.between(first, last).days == expected


@given(st.dates(date(2006, 1, 1), date(2024, 12, 31)), st.integers(-300, 300), st.sampled_from(["CN", "XSHG"]))
def test_adding_walks_day_by_day(day, count, code):
    calendar = content.work_calendar() if code == "CN" else content.session_calendar()
    reached, left = day, abs(count)
    while left:
        reached += DAY if count > 0 else -DAY
        left -= calendar.is_open(reached)
    assert calendar.add(day, count).day == reached


@given(known_days, st.integers(1, 60))
def test_adding_and_taking_away_are_inverse_on_open_days(day, count):
    calendar = content.work_calendar()
    assume(calendar.is_open(day) and day < date(2026, 8, 1))
    assert calendar.add(calendar.add(day, count).day, -count).day == day


# Days that nobody knows ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "ask",
    [
        lambda c, **how: c.is_open(date(2027, 1, 4), **how),
        lambda c, **how: c.between(date(2026, 12, 1), date(2027, 1, 4), **how),
        lambda c, **how: c.add(date(2026, 12, 1), 40, **how),
        lambda c, **how: c.add(date(2027, 1, 4), -1, **how),
        lambda c, **how: c.is_open(date(1990, 1, 4), **how),
    ],
)
@pytest.mark.parametrize("code", ["CN", "XSHG", "SHFE"])
def test_an_unknown_day_is_an_error_that_says_what_to_do(ask, code):
    calendar = content.work_calendar() if code == "CN" else content.session_calendar(code)
    with pytest.raises(UnknownDay, match="--provisional") as caught:
        ask(calendar)
    assert code in str(caught.value)
    assert str(caught.value.year) in str(caught.value)
    ask(calendar, provisional=True)


def test_a_guess_is_marked_and_only_a_guess():
    calendar = content.work_calendar()
    assert not calendar.between(date(2026, 1, 1), date(2026, 12, 31), provisional=True).provisional
    assert not calendar.add(date(2026, 12, 1), 22, provisional=True).provisional
    assert calendar.add(date(2026, 12, 1), 23, provisional=True).provisional
    guess = calendar.between(date(2027, 1, 1), date(2027, 12, 31), provisional=True)
    assert guess.provisional
    off = {day for day in all_days(date(2027, 1, 1), date(2027, 12, 31)) if day.weekday() < 5} - set(guess.days)
    assert {f"{day:%m-%d}" for day in off} == {"01-01", "02-05", "02-08", "04-05", "06-09", "09-15", "10-01"}


def test_even_a_guess_ends_with_the_calendar():
    for count in (10**7, -(10**7)):
        with pytest.raises(UnknownDay, match="1900 to 2200"):
            content.work_calendar().add(date(2100, 1, 1), count, provisional=True)


def test_a_year_whose_source_is_not_final_marks_its_answers_unasked():
    calendar = WorkCalendar("X", {2030: CalendarYear(2030, {}, {}, "draft notice", provisional=True)})
    assert calendar.between(date(2030, 1, 1), date(2030, 1, 31)).provisional


def test_a_range_that_ends_before_it_begins_is_refused():
    with pytest.raises(ValueError, match="2026-01-02"):
        content.work_calendar().between(date(2026, 1, 2), date(2026, 1, 1))


def test_an_unknown_market_is_refused_with_the_known_ones():
    with pytest.raises(content.UnknownMarket, match="XSHG"):
        content.session_calendar("NASDAQ")


# Night sessions ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("session", "eve"),
    [
        ("2026-11-23", "2026-11-20"),  # Monday's night session begins on Friday evening
        ("2026-11-24", "2026-11-23"),
        ("2026-02-24", None),  # after Spring Festival
        ("2026-02-13", "2026-02-12"),  # the last day before it still has the night before
        ("2026-01-05", None),  # New Year's Day
        ("2026-09-28", None),  # Mid-autumn on the Friday before
        ("2015-09-28", None),  # Mid-autumn on the Sunday before, no weekday off
        ("2026-11-21", None),  # Saturday: no session
        ("2026-02-14", None),  # make-up Saturday: no session
        ("2020-03-16", None),  # suspended
        ("2020-05-07", "2020-05-06"),
    ],
)
def test_the_night_session_opens_the_next_trading_day(session, eve):
    found = content.session_calendar("SHFE").night_before(date.fromisoformat(session))
    assert (found.isoformat() if found else None) == eve


def test_a_closed_weekday_is_enough_to_have_no_night_session_before_the_next():
    calendar = SessionCalendar("T", {2026: CalendarYear(2026, {date(2026, 3, 4): ""})})
    assert calendar.night_before(date(2026, 3, 4)) is None
    assert calendar.night_before(date(2026, 3, 5)) is None
    assert calendar.night_before(date(2026, 3, 6)) == date(2026, 3, 5)


@pytest.mark.parametrize(
    ("market", "group", "minutes"),
    [
        ("XSHG", "stock", 240),
        ("XSHE", "stock", 240),
        ("CFFEX", "index", 240),
        ("CFFEX", "treasury", 255),
        ("SHFE", "day", 225),
        ("SHFE", "night_2300", 345),
        ("SHFE", "night_0100", 465),
        ("SHFE", "night_0230", 555),
        ("DCE", "night_2300", 345),
    ],
)
def test_minutes_of_an_ordinary_trading_day(market, group, minutes):
    intervals = content.session_calendar(market).session_intervals(date(2026, 11, 24), group)
    assert total(intervals) == timedelta(minutes=minutes)


def test_hours_that_changed_hold_from_their_day():
    auction = {"group": "stock", "phases": {Phase.CLOSING_AUCTION}}
    shanghai = content.session_calendar()
    assert shanghai.session_intervals(date(2018, 8, 17), **auction) == []
    assert total(shanghai.session_intervals(date(2018, 8, 20), **auction)) == timedelta(minutes=3)


def test_every_shipped_hour_has_a_source_and_none_claims_to_be_verified():
    groups = [hours for market in content.markets().values() for hours in market.hours.values()]
    assert len(groups) >= 12
    assert all(hours.source and not hours.verified and hours.name_zh and hours.name_en for hours in groups)


# Overlap with trading hours, minute by minute ------------------------------------------------------------------------

TEST_HOURS = TradingHours(
    "all", "全", "All",
    (
        TradingSpan(Phase.CONTINUOUS, time(21), time(2, 30), night=True),
        TradingSpan(Phase.OPENING_AUCTION, time(8, 55), time(9)),
        TradingSpan(Phase.CONTINUOUS, time(9), time(10, 15)),
        TradingSpan(Phase.CONTINUOUS, time(13, 30), time(15), since=date(2026, 2, 12)),
    ),
    "test",
)  # fmt: skip
FEBRUARY = [date(2026, 1, 28) + i * DAY for i in range(40)]
OPEN = {day for day in FEBRUARY if day.weekday() < 5 and not date(2026, 2, 16) <= day <= date(2026, 2, 23)}


def naive_market():
    work = WorkCalendar(
        "W", {2026: CalendarYear(2026, dict.fromkeys(all_days(date(2026, 2, 15), date(2026, 2, 23)), "x"))}
    )
    closed = dict.fromkeys([day for day in all_days(date(2026, 1, 1), date(2026, 12, 31)) if day not in OPEN], "")
    return SessionCalendar("T", {2026: CalendarYear(2026, closed)}, holidays=work, hours={"all": TEST_HOURS})


def trades_at(minute, phase):
    """Whether the market trades in the minute that begins at `minute` (Shanghai), told from the minute alone."""
    day, at = minute.date(), minute.time()
    if phase == Phase.OPENING_AUCTION:
        return day in OPEN and time(8, 55) <= at < time(9)
    if day in OPEN and time(9) <= at < time(10, 15):
        return True
    if day in OPEN and time(13, 30) <= at < time(15) and day >= date(2026, 2, 12):
        return True
    if time(2, 30) <= at < time(21):
        return False
    evening = day if at >= time(21) else day - DAY
    if evening not in OPEN:
        return False
    following = evening + DAY
    while following.weekday() >= 5 and not date(2026, 2, 15) <= following <= date(2026, 2, 23):
        following += DAY
    return following in OPEN


moments = st.integers(0, 33 * 24 * 60).map(lambda n: datetime(2026, 1, 30, tzinfo=SHANGHAI) + n * timedelta(minutes=1))
outages = st.lists(st.tuples(moments, st.integers(0, 3000)), max_size=4).map(
    lambda pairs: [Interval(at.astimezone(UTC), at.astimezone(UTC) + timedelta(minutes=n)) for at, n in pairs]
)


@given(outages, st.sampled_from([Phase.CONTINUOUS, Phase.OPENING_AUCTION]))
def test_overlap_counts_each_trading_minute_once(intervals, phase):
    minutes = {
        interval.start + i * timedelta(minutes=1)
        for interval in intervals
        for i in range(int(interval.length / timedelta(minutes=1)))
    }
    expected = sum(trades_at(minute.astimezone(SHANGHAI), phase) for minute in minutes)
    found = naive_market().overlap(intervals, "all", phases={phase})
    assert total(found) == timedelta(minutes=expected)
    assert all(a.end <= b.start for a, b in pairwise(found))


def test_an_evening_needs_the_next_trading_day_but_an_afternoon_does_not():
    gold = content.session_calendar("SHFE")
    afternoon = Interval(datetime(2026, 12, 31, 5, tzinfo=UTC), datetime(2026, 12, 31, 9, tzinfo=UTC))
    assert total(gold.overlap([afternoon], "night_0230")) == timedelta(minutes=90)
    evening = Interval(afternoon.start, datetime(2026, 12, 31, 14, tzinfo=UTC))
    with pytest.raises(UnknownDay, match="2027"):
        gold.overlap([evening], "night_0230")
    assert total(gold.overlap([evening], "night_0230", provisional=True)) == timedelta(minutes=90)
    assert total(gold.overlap([evening], "day")) == timedelta(minutes=90)


@given(outages, outages)
def test_merging_and_intersecting_agree_with_sets_of_minutes(one, other):
    def minutes(intervals):
        return {
            i.start + n * timedelta(minutes=1) for i in intervals for n in range(int(i.length.total_seconds() // 60))
        }

    assert minutes(merge(one)) == minutes(one)
    assert total(merge(one)) == timedelta(minutes=len(minutes(one)))
    both = list(intersect(merge(one), merge(other)))
    assert minutes(both) == minutes(one) & minutes(other)
    assert total(both) == timedelta(minutes=len(minutes(one) & minutes(other)))


def test_an_interval_that_ends_before_it_starts_is_refused():
    start = datetime(2026, 1, 1, tzinfo=UTC)
    with pytest.raises(ValueError, match="before it starts"):
        merge([Interval(start, start - DAY)])


def test_continuous_trading_is_what_counts_unless_asked_otherwise():
    assert {Phase.CONTINUOUS} == CONTINUOUS

"""Periods against a naive oracle that only knows how to walk day by day."""

import itertools
import pickle
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangmu.foundation.periods import rules
from gangmu.foundation.periods.period import Kind, Period, PeriodError, parse_day
from gangmu.foundation.periods.rules import PeriodRules, Season

DAY = timedelta(days=1)
days = st.dates(date(1902, 1, 1), date(2198, 12, 31))
tiling = st.sampled_from([k for k in Kind if k not in (Kind.SPAN, Kind.SEASON)])
seasons = st.builds("{}-{}".format, st.integers(1902, 2198), st.sampled_from(sorted(rules.SEASONS)))


@st.composite
def spans(draw):
    first = draw(st.dates(date(1905, 1, 1), date(2195, 12, 31)))
    return Period.span(first, draw(st.dates(first, first + 800 * DAY)))


periods = st.one_of(st.builds(Period.of, tiling, days), spans(), seasons.map(Period.parse))


# The oracle: what a day is called, asked of the day alone ------------------------------------------------------------


def name_of(kind, day):
    if kind == Kind.DAY:
        return f"{day:%Y-%m-%d}"
    if kind == Kind.TEN_DAY:
        return f"{day:%Y-%m}-D" + ("1" if day.day <= 10 else "2" if day.day <= 20 else "3")
    if kind == Kind.WEEK:
        return f"{day:%G}-W{day:%V}"
    if kind in (Kind.MONTH, Kind.SETTLEMENT):
        return f"{day:%Y-%m}" + ("-S" if kind == Kind.SETTLEMENT else "")
    if kind == Kind.QUARTER:
        return f"{day.year}-Q{ {1: 1, 2: 1, 3: 1, 4: 2, 5: 2, 6: 2, 7: 3, 8: 3, 9: 3}.get(day.month, 4) }"
    if kind == Kind.HALF:
        return f"{day.year}-H{1 if day.month < 7 else 2}"
    return str(day.year)


def walk(kind, day):
    """First and last day of the period that holds `day`, found by walking until the name changes."""
    name, first, last = name_of(kind, day), day, day
    while name_of(kind, first - DAY) == name:
        first -= DAY
    while name_of(kind, last + DAY) == name:
        last += DAY
    return name, first, last


@given(tiling, days)
def test_a_period_holds_exactly_the_days_that_bear_its_name(kind, day):
    name, first, last = walk(kind, day)
    period = Period.of(kind, day)
    assert (period.code, period.start, period.end) == (name, first, last)
    assert period.days == (last - first).days + 1
    assert list(period.iter_days()) == [first + i * DAY for i in range(period.days)]


@given(tiling, days)
def test_neighbours_tile_the_time_line(kind, day):
    period = Period.of(kind, day)
    assert period.previous().code == name_of(kind, period.start - DAY)
    assert period.previous().end + DAY == period.start
    assert period.next().start == period.end + DAY == period.until


@given(periods)
def test_previous_and_next_are_inverse_and_codes_read_back(period):
    assert period.previous().next() == period
    assert period.next().previous() == period
    assert Period.parse(period.code) == period
    assert hash(Period.parse(period.code)) == hash(period)
    assert period.previous().kind == period.kind == period.year_ago().kind


@given(spans())
def test_a_span_has_as_many_days_directly_before_it(span):
    assert (span.previous().days, span.previous().end + DAY) == (span.days, span.start)


@given(seasons.filter(lambda code: "heating" not in code).map(Period.parse))
def test_the_four_seasons_tile_the_time_line(season):
    assert season.previous().end + DAY == season.start
    assert season.next().start == season.end + DAY


@given(periods)
def test_a_year_ago_bears_the_same_name_a_year_earlier(period):
    ago = period.year_ago()
    if period.kind == Kind.WEEK:
        weeks = {day.isocalendar()[1] for day in walk_year(period.year - 1)}
        assert (ago.year, ago.number) == (period.year - 1, min(period.number, max(weeks)))
    elif period.kind in (Kind.DAY, Kind.SPAN):
        assert (ago.start, ago.end) == (a_year_earlier(period.start), a_year_earlier(period.end))
    else:
        assert ago.code == f"{period.year - 1}{period.code[4:]}"


def walk_year(iso_year):
    day = date(iso_year, 1, 4) - 7 * DAY
    return [d for d in (day + i * DAY for i in range(380)) if d.isocalendar()[0] == iso_year]


def a_year_earlier(day):
    try:
        return date(day.year - 1, day.month, day.day)
    except ValueError:
        return date(day.year - 1, day.month, day.day - 1)


@given(periods)
def test_to_date_runs_from_new_year_to_the_last_day(period):
    to_date = period.to_date()
    assert to_date.kind == Kind.SPAN
    assert (to_date.start, to_date.end) == (date(period.end.year, 1, 1), period.end)
    month = period.month_to_date()
    assert (month.start, month.end) == (walk(Kind.MONTH, period.end)[1], period.end)
    last_year = period.to_date_year_ago()
    assert last_year.start == date(period.end.year - 1, 1, 1)
    if period.year_ago().end.year == period.end.year - 1:
        assert last_year.end == period.year_ago().end
    else:
        assert period.kind == Kind.WEEK
        assert last_year.end == a_year_earlier(period.end)


@given(periods)
def test_the_months_inside_are_those_all_of_whose_days_are_inside(period):
    inside, day = set(period.iter_days()), period.start.replace(day=1)
    expected = []
    while day <= period.end:
        _, first, last = walk(Kind.MONTH, day)
        if {first, last} <= inside:
            expected.append(name_of(Kind.MONTH, day))
        day = last + DAY
    assert [month.code for month in period.iter_months()] == expected
    assert [month.code for month in period.iter_inside(Kind.MONTH)] == expected
    assert all(period.contains(month) for month in period.iter_months())


@given(spans(), st.sampled_from([Kind.DAY, Kind.TEN_DAY, Kind.WEEK, Kind.QUARTER, Kind.SETTLEMENT]))
def test_the_periods_inside_are_those_all_of_whose_days_are_inside(span, kind):
    groups = itertools.groupby(span.iter_days(), key=lambda day: name_of(kind, day))
    whole = [name for name, _ in groups if span.contains(Period.parse(name))]
    assert [period.code for period in span.iter_inside(kind)] == whole


@given(periods, periods)
def test_order_containment_and_overlap_agree_with_sets_of_days(one, other):
    ours, theirs = set(one.iter_days()), set(other.iter_days())
    assert one.contains(other) == (theirs <= ours)
    assert one.overlaps(other) == bool(ours & theirs)
    assert one.contains(other.start) == (other.start in ours)
    assert (one < other) + (other < one) + (one == other) == 1
    assert (one <= other) == (not one > other)
    if one.end < other.start:
        assert one < other


@given(periods)
def test_a_period_survives_pickling(period):
    assert pickle.loads(pickle.dumps(period)) == period


# Known answers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", ("answers")),
    [
        ("2026-11-20", ("2026-11-20", "2026-11-20", "2026-11-19", "2025-11-20", "2026-01-01..2026-11-20")),
        ("2024-02-29", ("2024-02-29", "2024-02-29", "2024-02-28", "2023-02-28", "2024-01-01..2024-02-29")),
        ("2025-03-01", ("2025-03-01", "2025-03-01", "2025-02-28", "2024-03-01", "2025-01-01..2025-03-01")),
        ("2026-01-01", ("2026-01-01", "2026-01-01", "2025-12-31", "2025-01-01", "2026-01-01..2026-01-01")),
        ("2026-02-D3", ("2026-02-21", "2026-02-28", "2026-02-D2", "2025-02-D3", "2026-01-01..2026-02-28")),
        ("2024-02-D3", ("2024-02-21", "2024-02-29", "2024-02-D2", "2023-02-D3", "2024-01-01..2024-02-29")),
        ("2026-03-D1", ("2026-03-01", "2026-03-10", "2026-02-D3", "2025-03-D1", "2026-01-01..2026-03-10")),
        ("2026-W47", ("2026-11-16", "2026-11-22", "2026-W46", "2025-W47", "2026-01-01..2026-11-22")),
        ("2026-W53", ("2026-12-28", "2027-01-03", "2026-W52", "2025-W52", "2027-01-01..2027-01-03")),
        ("2026-W01", ("2025-12-29", "2026-01-04", "2025-W52", "2025-W01", "2026-01-01..2026-01-04")),
        ("2021-W01", ("2021-01-04", "2021-01-10", "2020-W53", "2020-W01", "2021-01-01..2021-01-10")),
        ("2026-11", ("2026-11-01", "2026-11-30", "2026-10", "2025-11", "2026-01-01..2026-11-30")),
        ("2024-02", ("2024-02-01", "2024-02-29", "2024-01", "2023-02", "2024-01-01..2024-02-29")),
        ("2026-Q1", ("2026-01-01", "2026-03-31", "2025-Q4", "2025-Q1", "2026-01-01..2026-03-31")),
        ("2026-H2", ("2026-07-01", "2026-12-31", "2026-H1", "2025-H2", "2026-01-01..2026-12-31")),
        ("2026", ("2026-01-01", "2026-12-31", "2025", "2025", "2026-01-01..2026-12-31")),
        ("2026-spring", ("2026-03-01", "2026-05-31", "2025-winter", "2025-spring", "2026-01-01..2026-05-31")),
        ("2027-winter", ("2027-12-01", "2028-02-29", "2027-autumn", "2026-winter", "2028-01-01..2028-02-29")),
        ("2026-heating", ("2026-11-15", "2027-03-15", "2025-heating", "2025-heating", "2027-01-01..2027-03-15")),
        ("2026-01-S", ("2026-01-01", "2026-01-31", "2025-12-S", "2025-01-S", "2026-01-01..2026-01-31")),
        (
            "2024-02-29..2024-03-31",
            (
                "2024-02-29",
                "2024-03-31",
                "2024-01-28..2024-02-28",
                "2023-02-28..2023-03-31",
                "2024-01-01..2024-03-31",
            ),
        ),
    ],
)
def test_known_periods(code, answers):
    period = Period.parse(code)
    days = period.start.isoformat(), period.end.isoformat()
    assert (*days, period.previous().code, period.year_ago().code, period.to_date().code) == answers


@pytest.mark.parametrize(
    ("code", "last_year"),
    [
        ("2024-02-29", "2023-01-01..2023-02-28"),
        ("2025-02", "2024-01-01..2024-02-29"),
        ("2026-W47", "2025-01-01..2025-11-23"),
        ("2021-W52", "2021-01-01..2021-01-02"),  # ends in 2022; its namesake ends in December 2020
        ("2026-heating", "2026-01-01..2026-03-15"),
    ],
)
def test_last_year_to_date(code, last_year):
    assert Period.parse(code).to_date_year_ago().code == last_year


def test_a_settlement_month_may_end_on_another_day():
    on_25th = PeriodRules(settlement_last_day=25)
    month = Period.parse("2026-11-S", on_25th)
    assert (month.start, month.end) == (date(2026, 10, 26), date(2026, 11, 25))
    assert month.previous().end == date(2026, 10, 25)
    assert Period.of(Kind.SETTLEMENT, date(2026, 12, 26), on_25th).code == "2027-01-S"
    assert Period.parse("2026-11-S").start == date(2026, 11, 1)
    assert Period.parse("2026-11-S") != month


@given(st.integers(1, 31), days)
def test_settlement_months_tile_for_every_last_day(last_day, day):
    house = PeriodRules(settlement_last_day=last_day)
    month = Period.of(Kind.SETTLEMENT, day, house)
    assert month.contains(day)
    assert month.previous().end + DAY == month.start
    assert month.next().start == month.end + DAY
    assert month.next().previous() == month


def test_a_house_may_set_its_own_heating_season():
    harbin = PeriodRules(seasons={"heating": Season("heating", (10, 20), (4, 20), "供暖期", "Heating season")})
    before = rules.install(harbin)
    try:
        assert Period.parse("2026-heating").start == date(2026, 10, 20)
        assert Period.parse("2026-heating").end == date(2027, 4, 20)
    finally:
        rules.install(before)
    assert Period.parse("2026-heating").start == date(2026, 11, 15)


@pytest.mark.parametrize("wrong", [{"settlement_last_day": 0}, {"seasons": {"X": Season("X", (1, 1), (2, 1), "", "")}}])
def test_senseless_rules_are_refused(wrong):
    with pytest.raises(ValueError, match=r"settlement_last_day|season"):
        PeriodRules(**wrong)


@pytest.mark.parametrize(
    ("code", "zh", "en"),
    [
        ("2026-11-20", "2026年11月20日", "20 November 2026"),
        ("2026-02-D3", "2026年2月下旬", "21–28 February 2026"),
        ("2026-W01", "2026年第1周", "Week 1, 2026"),
        ("2026-11", "2026年11月", "November 2026"),
        ("2026-Q4", "2026年四季度", "Q4 2026"),
        ("2026-H2", "2026年下半年", "Second half of 2026"),
        ("2026", "2026年", "2026"),
        ("2026-spring", "2026年春季", "Spring 2026"),
        ("2026-heating", "2026至2027年供暖期", "Heating season 2026–2027"),
        ("2026-11-S", "2026年11月结算月", "Settlement month November 2026"),
        ("2025-12-31..2026-11-20", "2025年12月31日至2026年11月20日", "31 December 2025 – 20 November 2026"),
    ],
)
def test_labels(code, zh, en):
    period = Period.parse(code)
    assert (period.label("zh-hans"), period.label("en")) == (zh, en)


# Bad input -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("2026/11/20", "2026-11-20"),
        ("20261120", "2026-11-20"),
        ("2026.11.20", "2026-11-20"),
        ("2026-1-5", "2026-01-05"),
        ("2026年11月20日", "2026-11-20"),
        ("２０２６－１１－２０", "2026-11-20"),
        ("2026-11-20 00:00:00", "2026-11-20"),
        ("2026-11-20T08:00:00+08:00", "2026-11-20"),
        (" 2026-11 ", "2026-11"),
        ("2026-11\n", "2026-11"),
        ("202611", "2026-11"),
        ("2026/11", "2026-11"),
        ("2026年11月", "2026-11"),
        ("2026年", "2026"),
        ("2026-11-d2", "2026-11-D2"),
        ("2026年11月中旬", "2026-11-D2"),
        ("2026W47", "2026-W47"),
        ("2026-W1", "2026-W01"),
        ("2026年第47周", "2026-W47"),
        ("2026q4", "2026-Q4"),
        ("2026-h1", "2026-H1"),
        ("2026-Heating", "2026-heating"),
        ("2026/01/01~2026/11/20", "2026-01-01..2026-11-20"),
        ("2026-01-01 至 2026-11-20", "2026-01-01..2026-11-20"),
        ("2026-11-20..2026-01-01", "2026-01-01..2026-11-20"),
        ("2026-02-30", None),
        ("2026-13", None),
        ("2026-13-01", None),
        ("2026-00-10", None),
        ("2025-W53", None),
        ("2026-W00", None),
        ("2026-Q5", None),
        ("2026-H3", None),
        ("2026-11-D4", None),
        ("2026-autumnal", None),
        ("1899", None),
        ("2201-01", None),
        ("2200-winter", None),
        ("2026-01-01..2026-02-30", None),
        ("2026-01..2026-03", None),
        ("..", None),
        ("", None),
        ("20-11-2026", None),
        ("११११-११", "1111-11"),
        ("nonsense" * 1000, None),
    ],
)
def test_other_ways_of_writing_are_refused_with_the_right_one(text, suggestion):
    with pytest.raises(PeriodError) as caught:
        Period.parse(text)
    if suggestion == "1111-11":  # readable, but before 1900: no suggestion
        suggestion = None
    assert caught.value.suggestion == suggestion
    assert len(str(caught.value)) < 400
    if suggestion:
        assert suggestion in str(caught.value)
        assert Period.parse(suggestion).code == suggestion


@pytest.mark.parametrize("value", [None, 2026, 2026.11, date(2026, 11, 20), b"2026"])
def test_what_is_no_text_is_no_period(value):
    with pytest.raises(PeriodError):
        Period.parse(value)


@given(st.text(alphabet="0123456789-./WQHDS年月日 ２", max_size=24))
def test_no_text_is_read_in_two_ways(text):
    """Whatever is accepted is the period's own code: nothing is read leniently, nothing but PeriodError escapes."""
    try:
        period = Period.parse(text)
    except PeriodError as error:
        str(error)
        assert error.suggestion is None or Period.parse(error.suggestion).code == error.suggestion
    else:
        assert period.code == text


def test_an_error_names_the_text_and_the_reason():
    with pytest.raises(PeriodError) as caught:
        Period.parse("2026-02-30")
    assert str(caught.value) == "“2026-02-30” is not a valid period: 2026-02 has 28 days."


def test_the_calendar_ends_loudly():
    for code in ("2200-12-31", "2200", "2200-12", "2200-W52"):
        with pytest.raises(PeriodError, match="2200"):
            Period.parse(code).next()
    for code in ("1900-01-01", "1900", "1900-spring", "1900-W01"):
        with pytest.raises(PeriodError, match="1900"):
            Period.parse(code).previous().previous()
        with pytest.raises(PeriodError, match="1900"):
            Period.parse(code).year_ago()
    assert [month.code for month in Period.parse("2200-Q4").iter_months()][-1] == "2200-12"


def test_days_in_columns():
    assert parse_day("2026-11-20") == date(2026, 11, 20)
    with pytest.raises(PeriodError):
        parse_day("2026-11")
    with pytest.raises(PeriodError, match="2026-11-20"):
        parse_day("20261120")


def test_of_and_span_refuse_what_has_no_answer():
    with pytest.raises(ValueError, match="season"):
        Period.of(Kind.SEASON, date(2026, 1, 1))
    with pytest.raises(PeriodError):
        Period.span(date(2026, 1, 2), date(2026, 1, 1))

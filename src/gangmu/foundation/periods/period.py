"""`Period`: a named stretch of business days, as a value.

| kind | code | |
| --- | --- | --- |
| day 日 | `2026-11-20` | |
| ten-day 旬 | `2026-11-D1` … `D3` | 1st–10th, 11th–20th, 21st–end of month |
| week 周 | `2026-W47` | ISO 8601: Monday to Sunday, the year is that of its Thursday |
| month 月, quarter 季度, half 半年, year 年 | `2026-11`, `2026-Q4`, `2026-H2`, `2026` | |
| season 季节, 供暖期 | `2026-spring`, `2026-heating` | dates are parameters, see `rules` |
| settlement month 结算月 | `2026-11-S` | its last day is a parameter, see `rules` |
| span 任意区间 | `2026-01-01..2026-11-20` | both days included |

All meanings of "previous", "a year ago" and "to date" live here and nowhere else.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

from gangmu.foundation.periods import hints, labels
from gangmu.foundation.periods.dates import (
    FIRST_DAY,
    LAST_DAY,
    month_after,
    month_before,
    month_end,
    same_day_last_year,
    weeks_in,
)
from gangmu.foundation.periods.errors import PeriodError, _
from gangmu.foundation.periods.kinds import Kind
from gangmu.foundation.periods.reading import check_year, out_of_range, read
from gangmu.foundation.periods.rules import PeriodRules, Season
from gangmu.foundation.periods.rules import current as current_rules

__all__ = ["Kind", "Period", "PeriodError", "parse_day"]

_ONE_DAY = timedelta(days=1)


_RANK = {kind: rank for rank, kind in enumerate(Kind)}
_MONTHS_OF = {Kind.MONTH: 1, Kind.QUARTER: 3, Kind.HALF: 6, Kind.YEAR: 12}


@dataclass(frozen=True, slots=True, eq=False)
class Period:
    """A period. Make one with `Period.parse`, `Period.of` or `Period.span`; never with the constructor.

    Periods compare by start, then end, then kind (finest first); equal means the same kind, code and days.
    `year` and `number` are those of the code (ISO year and week for weeks, month and ten-day number …).
    """

    kind: Kind
    code: str
    start: date
    end: date
    year: int
    number: int = 0
    rules: PeriodRules = field(default_factory=current_rules, repr=False)

    # Making ----------------------------------------------------------------------------------------------------------

    @staticmethod
    def parse(code: str, rules: PeriodRules | None = None) -> "Period":
        """The period with this code. Strict: one way to write each period.

        Raises:
            PeriodError: says what is wrong and, where it can be told, which code is right.
        """
        if type(code) is not str:
            raise PeriodError(code, _("a period is a text such as 2026-11 or 2026-11-20."))
        return _parse(code, rules or current_rules())

    @staticmethod
    def of(kind: Kind, day: date, rules: PeriodRules | None = None) -> "Period":
        """The period of `kind` that contains `day`. For seasons use `parse`: they may overlap or leave gaps."""
        rules = rules or current_rules()
        match kind:
            case Kind.DAY:
                return _day(day, rules)
            case Kind.TEN_DAY:
                return _ten_day(day.year, day.month, min((day.day - 1) // 10, 2) + 1, rules)
            case Kind.WEEK:
                iso = day.isocalendar()
                return _week(iso.year, iso.week, rules)
            case Kind.MONTH | Kind.QUARTER | Kind.HALF | Kind.YEAR:
                return _months(kind, day.year, (day.month - 1) // _MONTHS_OF[kind] + 1, rules)
            case Kind.SETTLEMENT:
                year, month = day.year, day.month
                if day > rules.settlement_end(year, month):
                    year, month = month_after(year, month)
                return _settlement(year, month, rules)
        raise ValueError(f"no single {kind} contains a day; use Period.parse or Period.span")

    @staticmethod
    def day(day: date) -> "Period":
        return _day(day, current_rules())

    @staticmethod
    def month(year: int, month: int) -> "Period":
        return _months(Kind.MONTH, year, month, current_rules())

    @staticmethod
    def span(first: date, last: date, rules: PeriodRules | None = None) -> "Period":
        """The days from `first` to `last`, both included."""
        return _span(first, last, rules or current_rules())

    # Neighbours ------------------------------------------------------------------------------------------------------

    def previous(self) -> "Period":
        """The period of the same kind before this one; for a span, as many days directly before it.

        A season's previous is the season that ends the day before, or a year earlier for one that stands alone
        (heating season).
        """
        return self._moved(-1)

    def next(self) -> "Period":
        """The period of the same kind after this one: the inverse of `previous`."""
        return self._moved(1)

    def _moved(self, by: int) -> "Period":
        match self.kind:
            case Kind.SPAN:
                length = timedelta(days=self.days * by)
                return _span(self.start + length, self.end + length, self.rules)
            case Kind.SEASON:
                return self._season_moved(by)
            case Kind.SETTLEMENT:
                year, month = month_after(self.year, self.number) if by > 0 else month_before(self.year, self.number)
                return _settlement(year, month, self.rules)
        neighbour = (self.end if by > 0 else self.start) + by * _ONE_DAY
        return Period.of(self.kind, neighbour, self.rules)

    def _season_moved(self, by: int) -> "Period":
        season = self.season
        if not season.previous:
            return _season(self.year + by, season.code, self.rules)
        if by < 0:
            code, other = season.previous, self.rules.seasons[season.previous]
        else:
            other = next(s for s in self.rules.seasons.values() if s.previous == season.code)
            code = other.code
        wraps = (other.first > season.first) if by < 0 else (other.first < season.first)
        return _season(self.year + (by if wraps else 0), code, self.rules)

    def year_ago(self) -> "Period":
        """The same-named period of last year 上年同期.

        29 February becomes 28 February; week 53 becomes week 52 where last year has none; both ends of a span move.
        """
        year = self.year - 1
        match self.kind:
            case Kind.DAY:
                return _day(same_day_last_year(self.start), self.rules)
            case Kind.TEN_DAY:
                return _ten_day(year, self.start.month, self.number, self.rules)
            case Kind.WEEK:
                return _week(year, min(self.number, weeks_in(year)), self.rules)
            case Kind.SEASON:
                return _season(year, self.season.code, self.rules)
            case Kind.SETTLEMENT:
                return _settlement(year, self.number, self.rules)
            case Kind.SPAN:
                first, last = (same_day_last_year(day) for day in (self.start, self.end))
                return _span(first, last, self.rules)
        return _months(self.kind, year, self.number, self.rules)

    def to_date(self) -> "Period":
        """The year to date 年累计: from 1 January of the year in which the period ends to its last day."""
        return _span(date(self.end.year, 1, 1), self.end, self.rules)

    def month_to_date(self) -> "Period":
        """The month to date 月累计: from the first day of the month in which the period ends to its last day."""
        return _span(self.end.replace(day=1), self.end, self.rules)

    def to_date_year_ago(self) -> "Period":
        """Last year to date: from 1 January of the year before to the last day of `year_ago()`.

        A week that ends in January may have a namesake that ends in December, two years back. Then the span of
        `to_date()` is moved a year, so that a few days of January are compared with as many.
        """
        last = self.year_ago().end
        if last.year != self.end.year - 1:
            return self.to_date().year_ago()
        return _span(date(last.year, 1, 1), last, self.rules)

    # Days ------------------------------------------------------------------------------------------------------------

    @property
    def days(self) -> int:
        """The number of days."""
        return self.end.toordinal() - self.start.toordinal() + 1

    @property
    def until(self) -> date:
        """The day after the last: the exclusive end, as database ranges want it."""
        return self.end + _ONE_DAY

    def iter_days(self) -> Iterator[date]:
        """Its days, first to last."""
        return map(date.fromordinal, range(self.start.toordinal(), self.end.toordinal() + 1))

    def iter_months(self) -> Iterator["Period"]:
        """The calendar months that lie wholly inside, first to last."""
        year, month = self.start.year, self.start.month
        if self.start.day > 1:
            year, month = month_after(year, month)
        while (last := month_end(year, month)) <= self.end:
            yield _months(Kind.MONTH, year, month, self.rules)
            if last >= LAST_DAY:
                return
            year, month = month_after(year, month)

    def iter_inside(self, kind: Kind) -> Iterator["Period"]:
        """The periods of `kind` that lie wholly inside, first to last. Not for spans and seasons."""
        if kind == Kind.MONTH:
            yield from self.iter_months()
            return
        day = self.start
        while day <= self.end:
            try:
                period = Period.of(kind, day, self.rules)
            except PeriodError:  # the very first or last days of the calendar may belong to no week
                day += _ONE_DAY
                continue
            if period.start >= self.start and period.end <= self.end:
                yield period
            day = period.until

    def contains(self, other: "date | Period") -> bool:
        """Whether a day, or every day of a period, lies inside."""
        if isinstance(other, Period):
            return self.start <= other.start and other.end <= self.end
        return self.start <= other <= self.end

    def overlaps(self, other: "Period") -> bool:
        """Whether the two have a day in common."""
        return self.start <= other.end and other.start <= self.end

    # Words and comparison --------------------------------------------------------------------------------------------

    @property
    def season(self) -> Season:
        """The season of a season period."""
        return self.rules.seasons[self.code.partition("-")[2]]

    def label(self, language: str) -> str:
        """The period in words, in Chinese ("zh…") or English (everything else)."""
        return labels.label(self, language)

    def __str__(self) -> str:
        return self.code

    def __reduce__(self) -> tuple[object, ...]:
        return Period.parse, (self.code, None if self.rules is current_rules() else self.rules)

    def __hash__(self) -> int:
        return hash(self.code)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Period):
            return NotImplemented
        return (self.code, self.start, self.end) == (other.code, other.start, other.end)

    @property
    def _order(self) -> tuple[date, date, int, str]:
        return self.start, self.end, _RANK[self.kind], self.code

    def __lt__(self, other: "Period") -> bool:
        return self._order < other._order if isinstance(other, Period) else NotImplemented

    def __le__(self, other: "Period") -> bool:
        return self._order <= other._order if isinstance(other, Period) else NotImplemented

    def __gt__(self, other: "Period") -> bool:
        return self._order > other._order if isinstance(other, Period) else NotImplemented

    def __ge__(self, other: "Period") -> bool:
        return self._order >= other._order if isinstance(other, Period) else NotImplemented


def parse_day(text: str) -> date:
    """The day written `2026-11-20`, and nothing else: for columns that hold dates.

    Raises:
        PeriodError: as `Period.parse`; also for codes of other periods.
    """
    period = Period.parse(text)
    if period.kind != Kind.DAY:
        raise PeriodError(text, _("a day is wanted here, written such as 2026-11-20."))
    return period.start


# Makers: every period passes through one of these --------------------------------------------------------------------


def _made(kind: Kind, code: str, days: tuple[date, date], name: tuple[int, int], rules: PeriodRules) -> Period:
    start, end = days
    if start < FIRST_DAY or end > LAST_DAY:
        raise out_of_range(code)
    return Period(kind, code, start, end, *name, rules)


def _day(day: date, rules: PeriodRules) -> Period:
    code = day.isoformat()
    return _made(Kind.DAY, code, (day, day), (day.year, day.day), rules)


def _span(first: date, last: date, rules: PeriodRules) -> Period:
    code = f"{first.isoformat()}..{last.isoformat()}"
    if last < first:
        raise PeriodError(code, _("it ends before it begins."), f"{last.isoformat()}..{first.isoformat()}")
    return _made(Kind.SPAN, code, (first, last), (first.year, 0), rules)


def _ten_day(year: int, month: int, number: int, rules: PeriodRules) -> Period:
    code = f"{year:04}-{month:02}-D{number}"
    check_year(year, code)
    last = 10 * number if number < 3 else month_end(year, month).day
    days = date(year, month, 10 * number - 9), date(year, month, last)
    return _made(Kind.TEN_DAY, code, days, (year, number), rules)


def _week(year: int, number: int, rules: PeriodRules) -> Period:
    code = f"{year:04}-W{number:02}"
    check_year(year, code)
    monday = date.fromisocalendar(year, number, 1)
    return _made(Kind.WEEK, code, (monday, monday + 6 * _ONE_DAY), (year, number), rules)


_MONTHS_CODE = {Kind.MONTH: "{:04}-{:02}", Kind.QUARTER: "{:04}-Q{}", Kind.HALF: "{:04}-H{}", Kind.YEAR: "{:04}"}


def _months(kind: Kind, year: int, number: int, rules: PeriodRules) -> Period:
    code = _MONTHS_CODE[kind].format(year, number)
    check_year(year, code)
    last = number * _MONTHS_OF[kind]
    days = date(year, last - _MONTHS_OF[kind] + 1, 1), month_end(year, last)
    return _made(kind, code, days, (year, number), rules)


def _season(year: int, season: str, rules: PeriodRules) -> Period:
    code = f"{year:04}-{season}"
    check_year(year, code)
    return _made(Kind.SEASON, code, rules.seasons[season].dates(year), (year, 0), rules)


def _settlement(year: int, month: int, rules: PeriodRules) -> Period:
    code = f"{year:04}-{month:02}-S"
    check_year(year, code)
    first = rules.settlement_end(*month_before(year, month)) + _ONE_DAY
    return _made(Kind.SETTLEMENT, code, (first, rules.settlement_end(year, month)), (year, month), rules)


# Reading -------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1 << 16)
def _parse(code: str, rules: PeriodRules) -> Period:
    try:
        return _strict(code, rules)
    except PeriodError as error:
        error.code = code
        error.suggestion = error.suggestion or _suggestion(code, rules)
        raise error from None


def _suggestion(code: str, rules: PeriodRules) -> str | None:
    meant = hints.guess(code[:100])
    if meant is None or meant == code:
        return None
    try:
        return _strict(meant, rules).code
    except PeriodError:
        return None


def _strict(code: str, rules: PeriodRules) -> Period:
    written = read(code, rules.seasons)
    match written.kind:
        case Kind.DAY:
            return _day(written.first, rules)
        case Kind.SPAN:
            return _span(written.first, written.last, rules)
        case Kind.TEN_DAY:
            return _ten_day(written.year, written.first.month, written.number, rules)
        case Kind.WEEK:
            return _week(written.year, written.number, rules)
        case Kind.SETTLEMENT:
            return _settlement(written.year, written.number, rules)
        case Kind.SEASON:
            return _season(written.year, written.season, rules)
    return _months(written.kind, written.year, written.number, rules)

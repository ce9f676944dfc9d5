"""Working days and trading sessions: arithmetic over years of data, without a database.

A calendar knows some years, each from a named source. A day of any other year is *unknown*: asking for it is an error,
or, for an asker who accepts a provisional answer, a guess that is marked as one.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

from gangmu.foundation.periods.dates import FIRST_YEAR, LAST_YEAR
from gangmu.foundation.periods.errors import PeriodsError, RangeError, _
from gangmu.foundation.periods.intervals import Interval, business_days, intersect, merge, on_the_wall
from gangmu.foundation.periods.markets import CONTINUOUS, Phase, TradingHours

SATURDAY = 5
_ONE_DAY = timedelta(days=1)


class UnknownDay(PeriodsError, LookupError):
    """No source covers a day, and the asker did not accept a guess."""

    def __init__(self, calendar: str, year: int, known: Iterable[int]) -> None:
        years = sorted(known)
        if not FIRST_YEAR <= year <= LAST_YEAR:
            text = _("The calendar %(calendar)s cannot answer for %(year)s: only 1900 to 2200 are known.")
        elif years and year < years[0]:
            text = _(
                "No source covers %(year)s in the calendar %(calendar)s, which begins with %(first)s. "
                "Ask for later days, or accept a provisional answer (--provisional), which is a guess."
            )
        else:
            text = _(
                "No source covers %(year)s in the calendar %(calendar)s, which ends with %(last)s. Load the notice for "
                "%(year)s as soon as it is published, or accept a provisional answer (--provisional), which is a guess."
            )
        first, last = (years[0], years[-1]) if years else (year, year - 1)
        super().__init__(text, calendar=calendar, year=year, first=first, last=last)
        self.calendar, self.year = calendar, year


@dataclass(frozen=True)
class CalendarYear:
    """What one source says about one year.

    `off` holds days off with the festival's name (weekends inside a holiday too), `work` the make-up days at weekends.
    For a market, `off` holds the days on which it is closed; it never opens at weekends. `provisional` marks a year
    whose source is itself not final: answers that use it are marked, without being asked for.
    """

    year: int
    off: Mapping[date, str]
    work: Mapping[date, str] = field(default_factory=dict)
    source: str = ""
    provisional: bool = False


@dataclass(frozen=True)
class Days:
    """An answer: days in order, and whether any of it is a guess."""

    days: tuple[date, ...]
    provisional: bool

    def __len__(self) -> int:
        return len(self.days)


@dataclass(frozen=True)
class Day:
    """An answer: one day, and whether it rests on a guess."""

    day: date
    provisional: bool


@dataclass(frozen=True)
class _Open:
    days: tuple[date, ...]
    guessed: bool


class _DayCalendar:
    """Open days of the years in `years`; `guess` makes up a year that no source covers."""

    def __init__(
        self, code: str, years: Mapping[int, CalendarYear], guess: Callable[[int], CalendarYear] | None = None
    ) -> None:
        self.code = code
        self.years = dict(years)
        self._guess = guess
        self._open_days = lru_cache(maxsize=None)(self._list_open_days)

    def year(self, year: int, *, provisional: bool = False) -> CalendarYear:
        """What is known, or guessed, of a year.

        Raises:
            UnknownDay: nothing is known and `provisional` is false.
        """
        if year in self.years:
            return self.years[year]
        if provisional and self._guess and FIRST_YEAR <= year <= LAST_YEAR:
            return self._guess(year)
        raise UnknownDay(self.code, year, self.years)

    def _is_open(self, day: date, year: CalendarYear) -> bool:
        raise NotImplementedError

    def _list_open_days(self, year: int, provisional: bool) -> _Open:
        known = self.year(year, provisional=provisional)
        days = (date.fromordinal(n) for n in range(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal() + 1))
        return _Open(tuple(day for day in days if self._is_open(day, known)), known.provisional)

    def is_open(self, day: date, *, provisional: bool = False) -> bool:
        """Whether the day is a working day, or the market has a session."""
        return self._is_open(day, self.year(day.year, provisional=provisional))

    def between(self, first: date, last: date, *, provisional: bool = False) -> Days:
        """The open days from `first` to `last`, both included.

        Raises:
            ValueError: `last` is before `first`.
            UnknownDay: a day of the range is not covered and `provisional` is false.
        """
        if last < first:
            raise RangeError(_("The range ends (%(last)s) before it begins (%(first)s)."), first=first, last=last)
        days: list[date] = []
        guessed = False
        for year in range(first.year, last.year + 1):
            opened = self._open_days(year, provisional)
            days += opened.days[bisect_left(opened.days, first) : bisect_right(opened.days, last)]
            guessed = guessed or opened.guessed
        return Days(tuple(days), guessed)

    def add(self, day: date, count: int, *, provisional: bool = False) -> Day:
        """The `count`-th open day after `day`, or before it when negative. `day` itself is not counted; 0 is `day`.

        Raises:
            UnknownDay: the count runs into a year that is not covered and `provisional` is false.
        """
        left, year, guessed = abs(count), day.year, False
        while left:
            opened = self._open_days(year, provisional)
            guessed = guessed or opened.guessed
            if count > 0:
                ahead = opened.days[bisect_right(opened.days, day) :]
                if left <= len(ahead):
                    return Day(ahead[left - 1], guessed)
            else:
                ahead = opened.days[: bisect_left(opened.days, day)]
                if left <= len(ahead):
                    return Day(ahead[-left], guessed)
            left -= len(ahead)
            year += 1 if count > 0 else -1
        return Day(day, guessed)

    def rests_on_a_guess(self, first: date, last: date, *, provisional: bool = False) -> bool:
        """Whether any year touched by the range is guessed or provisional."""
        return any(self.year(y, provisional=provisional).provisional for y in range(first.year, last.year + 1))


class WorkCalendar(_DayCalendar):
    """Working days 工作日: weekdays less days off, and the make-up days at weekends."""

    def _is_open(self, day: date, year: CalendarYear) -> bool:
        return day in year.work or (day.weekday() < SATURDAY and day not in year.off)

    def festival(self, day: date, *, provisional: bool = False) -> str:
        """The festival for which the day is off (its Chinese name), or an empty text."""
        return self.year(day.year, provisional=provisional).off.get(day, "")


class SessionCalendar(_DayCalendar):
    """Trading sessions 交易日 of one market. Make-up days at weekends are no sessions.

    `holidays` tells festivals at weekends, before which there is no night session; `night_suspended` the trading days
    that had no night session for another reason.
    """

    def __init__(
        self,
        code: str,
        years: Mapping[int, CalendarYear],
        guess: Callable[[int], CalendarYear] | None = None,
        *,
        holidays: WorkCalendar | None = None,
        hours: Mapping[str, TradingHours] | None = None,
        night_suspended: frozenset[date] = frozenset(),
    ) -> None:
        super().__init__(code, years, guess)
        self.holidays = holidays
        self.hours = dict(hours or {})
        self.night_suspended = night_suspended

    def _is_open(self, day: date, year: CalendarYear) -> bool:
        return day.weekday() < SATURDAY and day not in year.off

    def night_before(self, session: date, *, provisional: bool = False) -> date | None:
        """The day on whose evening the night session of trading day `session` begins; None when there is none.

        The night session opens the next trading day: that of Monday begins on Friday evening. There is none on the
        eve of a holiday, that is, when anything but an ordinary weekend lies between two sessions.
        """
        if session in self.night_suspended or not self.is_open(session, provisional=provisional):
            return None
        eve = session - _ONE_DAY
        while not self.is_open(eve, provisional=provisional):
            if eve.weekday() < SATURDAY or (self.holidays and self.holidays.festival(eve, provisional=provisional)):
                return None
            eve -= _ONE_DAY
        return eve

    def session_intervals(
        self, session: date, group: str, *, phases: Iterable[Phase] = CONTINUOUS, provisional: bool = False
    ) -> list[Interval]:
        """When the product group `group` trades on trading day `session`, its night session included.

        Raises:
            KeyError: the market has no such product group.
        """
        wanted = frozenset(phases)
        intervals = []
        for span in self.hours[group].on(session):
            if span.phase not in wanted:
                continue
            day = self.night_before(session, provisional=provisional) if span.night else session
            if day is None:
                continue
            start = on_the_wall(day, span.starts)
            end = on_the_wall(day if span.ends > span.starts else day + _ONE_DAY, span.ends)
            intervals.append(Interval(start, end))
        return merge(intervals)

    def trading(
        self, within: Interval, group: str, *, phases: Iterable[Phase] = CONTINUOUS, provisional: bool = False
    ) -> Iterator[Interval]:
        """Trading hours inside one interval: disjoint, in order, computed only as far as they are taken.

        Raises:
            UnknownDay: a day that matters is not covered and `provisional` is false.
        """
        if within.start >= within.end:
            return
        first, last = business_days(within)
        for day in map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1)):
            if self.is_open(day, provisional=provisional):
                hours = self.session_intervals(day, group, phases=phases, provisional=provisional)
                yield from intersect([within], hours)
        nights = [span.starts for span in self.hours[group].spans if span.night]
        if not nights:
            return
        # An evening belongs to the next trading day, which must be known only when the evening matters.
        if not self.is_open(last, provisional=provisional) or within.end > on_the_wall(last, min(nights)):
            session = self.add(last, 1, provisional=provisional).day
            hours = self.session_intervals(session, group, phases=phases, provisional=provisional)
            yield from intersect([within], hours)

    def overlap(
        self,
        intervals: Iterable[Interval],
        group: str,
        *,
        phases: Iterable[Phase] = CONTINUOUS,
        provisional: bool = False,
    ) -> list[Interval]:
        """The part of `intervals` that lies inside trading hours, as for availability: overlaps count once."""
        return [
            part
            for interval in merge(intervals)
            for part in self.trading(interval, group, phases=phases, provisional=provisional)
        ]

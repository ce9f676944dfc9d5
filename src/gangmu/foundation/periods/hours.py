"""When a clock counts: always, in working hours, on working days, or in trading sessions."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Protocol

from gangmu.foundation.periods.calendars import SessionCalendar, WorkCalendar
from gangmu.foundation.periods.dates import LAST_DAY
from gangmu.foundation.periods.errors import RangeError, _, worded
from gangmu.foundation.periods.intervals import Interval, business_days, intersect, on_the_wall, utc
from gangmu.foundation.periods.markets import CONTINUOUS, Phase
from gangmu.foundation.settings.clock import business_date

_ONE_DAY = timedelta(days=1)
END_OF_TIME = on_the_wall(LAST_DAY + _ONE_DAY)


class Hours(Protocol):
    """A supply of counted time."""

    def first(self, started: datetime) -> datetime:
        """The instant from which a clock started at `started` counts."""
        ...

    def inside(self, within: Interval) -> Iterator[Interval]:
        """The counted time inside an interval: disjoint, in order, and lazily, so that a search may stop early."""
        ...

    def guessed(self, within: Interval) -> bool:
        """Whether what counts inside the interval rests on a guess."""
        ...

    def describe(self) -> str:
        """The rule in words, for explanations."""
        ...


@dataclass(frozen=True)
class AroundTheClock:
    """Every minute counts (7×24)."""

    def first(self, started: datetime) -> datetime:
        return utc(started)

    def inside(self, within: Interval) -> Iterator[Interval]:
        if within.start < within.end:
            yield within

    def guessed(self, within: Interval) -> bool:
        return False

    def describe(self) -> str:
        return worded(_("around the clock"))


@dataclass(frozen=True)
class WorkingHours:
    """The daily hours of working days, such as 09:00–12:00 and 13:30–18:00: the break does not count."""

    calendar: WorkCalendar
    daily: Sequence[tuple[time, time]]
    provisional: bool = False

    def __post_init__(self) -> None:
        flat = [moment for span in self.daily for moment in span]
        if not flat or flat != sorted(set(flat)):
            raise RangeError(_("Daily hours must be spans of one day, in order, none empty and none overlapping."))

    def first(self, started: datetime) -> datetime:
        return utc(started)

    def inside(self, within: Interval) -> Iterator[Interval]:
        for day in _open_days(self.calendar, within, self.provisional):
            spans = [Interval(on_the_wall(day, opens), on_the_wall(day, closes)) for opens, closes in self.daily]
            yield from intersect([within], spans)

    def guessed(self, within: Interval) -> bool:
        return self.calendar.rests_on_a_guess(*business_days(within), provisional=self.provisional)

    def describe(self) -> str:
        spans = ", ".join(f"{opens:%H:%M}–{closes:%H:%M}" for opens, closes in self.daily)
        return worded(_("working days, %(spans)s"), spans=spans)


@dataclass(frozen=True)
class WorkingDays:
    """Whole working days, from the day after the start: the start day is not counted.

    A target of n days is n × 24 hours of this time. Without a pause it is due at the end of the n-th working day.
    """

    calendar: WorkCalendar
    provisional: bool = False

    def first(self, started: datetime) -> datetime:
        return on_the_wall(business_date(started) + _ONE_DAY)

    def inside(self, within: Interval) -> Iterator[Interval]:
        for day in _open_days(self.calendar, within, self.provisional):
            yield from intersect([within], [Interval(on_the_wall(day), on_the_wall(day + _ONE_DAY))])

    def guessed(self, within: Interval) -> bool:
        return self.calendar.rests_on_a_guess(*business_days(within), provisional=self.provisional)

    def describe(self) -> str:
        return worded(_("working days, the day of the start not counted"))


@dataclass(frozen=True)
class SessionHours:
    """Trading hours of one product group."""

    calendar: SessionCalendar
    group: str
    phases: Iterable[Phase] = CONTINUOUS
    provisional: bool = False

    def first(self, started: datetime) -> datetime:
        return utc(started)

    def inside(self, within: Interval) -> Iterator[Interval]:
        return self.calendar.trading(within, self.group, phases=self.phases, provisional=self.provisional)

    def guessed(self, within: Interval) -> bool:
        return self.calendar.rests_on_a_guess(*business_days(within), provisional=self.provisional)

    def describe(self) -> str:
        hours = self.calendar.hours[self.group]
        return worded(_("trading hours of %(market)s, %(group)s"), market=self.calendar.code, group=hours.name)


def _open_days(calendar: WorkCalendar, within: Interval, provisional: bool) -> Iterator[date]:
    if within.start >= within.end:
        return
    day, last = business_days(within)
    while day <= last:
        if calendar.is_open(day, provisional=provisional):
            yield day
        day += _ONE_DAY

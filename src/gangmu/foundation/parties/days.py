"""Stretches of days, half-open like PostgreSQL's `daterange`, with open ends that compare like any other day."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from psycopg.types.range import DateRange

EVER = date.min  # as a start: since ever
OPEN = date.max  # as an end: until further notice
ONE_DAY = timedelta(days=1)


class Days(NamedTuple):
    """From `start` to before `end`. `EVER` and `OPEN` stand for no bound."""

    start: date = EVER
    end: date = OPEN

    @classmethod
    def of(cls, valid: DateRange | Any) -> "Days":
        """What a `daterange` column holds."""
        return cls(valid.lower or EVER, valid.upper or OPEN)

    @classmethod
    def until(cls, first_day: date | None, last_day: date | None) -> "Days":
        """From a first to a last day, both counted; None is no bound."""
        end = OPEN if last_day is None or last_day >= OPEN - ONE_DAY else last_day + ONE_DAY
        return cls(first_day or EVER, end)

    @property
    def valid(self) -> DateRange:
        """As a `daterange` column wants it."""
        return DateRange(None if self.start == EVER else self.start, None if self.end == OPEN else self.end)

    @property
    def first_day(self) -> date | None:
        return None if self.start == EVER else self.start

    @property
    def last_day(self) -> date | None:
        return None if self.end == OPEN else self.end - ONE_DAY

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.start <= day and (day < self.end or self.end == OPEN)

    def __str__(self) -> str:
        first, last = self.first_day, self.last_day
        if first and last:
            return _("%(first)s to %(last)s") % {"first": first, "last": last}
        if first:
            return _("from %(first)s") % {"first": first}
        return _("until %(last)s") % {"last": last} if last else _("always")


def meet(one: Days, other: Days) -> Days | None:
    """The days that both have, or None."""
    start, end = max(one.start, other.start), min(one.end, other.end)
    return Days(start, end) if start < end else None


def minus(stretch: Days, holes: Iterable[Days]) -> list[Days]:
    """What is left of `stretch` outside `holes`, in order."""
    left: list[Days] = []
    start = stretch.start
    for hole in sorted(holes):
        if hole.end <= start:
            continue
        if hole.start >= stretch.end:
            break
        if hole.start > start:
            left.append(Days(start, hole.start))
        start = max(start, hole.end)
    if start < stretch.end:
        left.append(Days(start, stretch.end))
    return left

"""Stretches of time between two instants, and the three things ever done with them: merge, intersect, add up."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from gangmu.foundation.settings.clock import BUSINESS_ZONE, business_date


class Interval(NamedTuple):
    """From `start` to before `end`, both aware instants in UTC."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        return self.end - self.start


def merge(intervals: Iterable[Interval]) -> list[Interval]:
    """The same instants as disjoint intervals in order; overlaps count once, empty intervals vanish.

    Raises:
        ValueError: an interval ends before it starts.
    """
    merged: list[Interval] = []
    for start, end in sorted(intervals):
        if end < start:
            raise ValueError(f"the interval from {start.isoformat()} ends before it starts, at {end.isoformat()}")
        if merged and start <= merged[-1].end:
            merged[-1] = Interval(merged[-1].start, max(merged[-1].end, end))
        elif start < end:
            merged.append(Interval(start, end))
    return merged


def intersect(one: Iterable[Interval], other: Iterable[Interval]) -> Iterator[Interval]:
    """What two ordered, disjoint sequences have in common, in order."""
    left, right = iter(one), iter(other)
    a, b = next(left, None), next(right, None)
    while a and b:
        start, end = max(a.start, b.start), min(a.end, b.end)
        if start < end:
            yield Interval(start, end)
        if a.end <= b.end:
            a = next(left, None)
        else:
            b = next(right, None)


def total(intervals: Iterable[Interval]) -> timedelta:
    """The sum of the lengths."""
    return sum((interval.length for interval in intervals), timedelta())


def utc(moment: datetime) -> datetime:
    """`moment` in UTC.

    Raises:
        ValueError: it has no offset, so nobody can know which instant it is.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone; give an instant with its offset")
    return moment.astimezone(UTC)


def on_the_wall(day: date, at: time = time.min) -> datetime:
    """The instant at which business clocks show `at` on `day`."""
    return datetime.combine(day, at, BUSINESS_ZONE).astimezone(UTC)


def business_days(within: Interval) -> tuple[date, date]:
    """The first and the last business day that an interval touches."""
    last = max(within.start, within.end - timedelta.resolution)
    return business_date(within.start), business_date(last)

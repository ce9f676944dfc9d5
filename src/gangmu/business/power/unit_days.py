"""What a unit's events make of a day: its state at the end, its hours on line, available and derated. Pure.

A day is from midnight to midnight, business time. A unit is what its last event made of it; before its first event it
was the opposite (what stops had been running). Hours are exact; equivalent hours are hours × lost MW ÷ capacity.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction

from gangmu.foundation.settings.clock import BUSINESS_ZONE

HOUR = timedelta(hours=1)


class What(StrEnum):
    """What happened to a unit."""

    START = "start"
    STOP = "stop"
    DERATE = "derate"
    RESTORE = "restore"


class Is(StrEnum):
    """What a unit is, as `content/unit_states.yaml` has it."""

    RUNNING = "running"
    DERATED = "derated"
    RESERVE = "reserve"
    PLANNED = "planned_outage"
    FORCED = "forced_outage"
    MOTHBALLED = "mothballed"


ON_LINE = frozenset({Is.RUNNING, Is.DERATED})
AVAILABLE = ON_LINE | {Is.RESERVE}
FOLLOWS: dict[What, frozenset[What | None]] = {  # what may come before an event; None: nothing known
    What.START: frozenset({What.STOP, None}),
    What.STOP: frozenset({What.START, What.DERATE, What.RESTORE, None}),
    What.DERATE: frozenset({What.START, What.DERATE, What.RESTORE, None}),
    What.RESTORE: frozenset({What.DERATE, None}),
}


@dataclass(frozen=True)
class Event:
    """One event. `state` is what a stop makes of the unit, `available_mw` what a derating leaves."""

    at: datetime
    what: What
    state: Is = Is.RESERVE
    available_mw: Fraction | None = None


@dataclass(frozen=True)
class Spell:
    """A time in which a unit was one thing. `available_mw` is the capacity left while it is derated."""

    start: datetime
    end: datetime
    state: Is
    available_mw: Fraction | None = None

    @property
    def hours(self) -> Fraction:
        lasted = self.end - self.start
        return Fraction(lasted // timedelta(microseconds=1), HOUR // timedelta(microseconds=1))


@dataclass(frozen=True)
class UnitDay:
    """A day of a unit. `derated_hours` is None when there was a derating and the capacity is not known."""

    state: Is
    run_hours: Fraction
    available_hours: Fraction
    derated_hours: Fraction | None
    starts: int


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """The midnights around a day, business time."""
    start = datetime(day.year, day.month, day.day, tzinfo=BUSINESS_ZONE)
    return start, start + timedelta(days=1)


def spells(events: Iterable[Event], start: datetime, end: datetime) -> list[Spell]:
    """The unit's states from `start` to `end`, in order and without gaps; none when nothing is known of it."""
    ordered = sorted(events, key=lambda event: event.at)
    if not ordered:
        return []
    state, available = _before(ordered[0])
    found: list[Spell] = []
    since = start
    for event in ordered:
        if event.at >= end:
            break
        if event.at > since:
            found.append(Spell(since, event.at, state, available))
            since = event.at
        state, available = _after(event)
    found.append(Spell(since, end, state, available))
    return found


def unit_day(events: Sequence[Event], day: date, capacity_mw: Fraction | None) -> UnitDay | None:
    """What a day was for a unit; None when no event says anything of it."""
    start, end = day_bounds(day)
    found = spells(events, start, end)
    if not found:
        return None
    derated = [spell for spell in found if spell.state is Is.DERATED]
    return UnitDay(
        state=found[-1].state,
        run_hours=_hours(found, ON_LINE),
        available_hours=_hours(found, AVAILABLE),
        derated_hours=_equivalent(derated, capacity_mw),
        starts=sum(event.what is What.START and start <= event.at < end for event in events),
    )


def fits(before: What | None, event: What, after: What | None) -> bool:
    """Whether an event may stand between its neighbours."""
    return before in FOLLOWS[event] and (after is None or event in FOLLOWS[after])


def _hours(found: Iterable[Spell], states: frozenset[Is]) -> Fraction:
    return sum((spell.hours for spell in found if spell.state in states), Fraction(0))


def _equivalent(derated: Sequence[Spell], capacity_mw: Fraction | None) -> Fraction | None:
    total = Fraction(0)
    for spell in derated:
        if not capacity_mw or spell.available_mw is None:
            return None
        total += spell.hours * max(capacity_mw - spell.available_mw, Fraction(0)) / capacity_mw
    return total


def _before(first: Event) -> tuple[Is, Fraction | None]:
    """What a unit was before the first event that is known of it."""
    if first.what is What.START:
        return Is.RESERVE, None
    return (Is.DERATED, None) if first.what is What.RESTORE else (Is.RUNNING, None)


def _after(event: Event) -> tuple[Is, Fraction | None]:
    if event.what is What.STOP:
        return event.state, None
    if event.what is What.DERATE:
        return Is.DERATED, event.available_mw
    return Is.RUNNING, None

"""`StopClock` 计时: time that is started, paused, resumed and stopped by events, measured against a calendar.

The clock itself is only its events; everything is computed from them, so that every reading can show how it came about.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from gangmu.foundation.periods.errors import PeriodsError, _, worded
from gangmu.foundation.periods.hours import END_OF_TIME, AroundTheClock, Hours
from gangmu.foundation.periods.intervals import Interval, total, utc
from gangmu.foundation.settings.clock import business_date


class Happening(StrEnum):
    """What an event does to a clock."""

    STARTED = "started"
    PAUSED = "paused"
    RESUMED = "resumed"
    STOPPED = "stopped"


class State(StrEnum):
    """How a clock stands. Before its start it is waiting."""

    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"


_WORDS = {
    Happening.STARTED: _("started"),
    Happening.PAUSED: _("paused"),
    Happening.RESUMED: _("resumed"),
    Happening.STOPPED: _("stopped"),
    State.WAITING: _("not started"),
    State.RUNNING: _("running"),
}
_FOLLOWS = {
    State.WAITING: {Happening.STARTED: State.RUNNING},
    State.RUNNING: {Happening.PAUSED: State.PAUSED, Happening.STOPPED: State.STOPPED},
    State.PAUSED: {Happening.RESUMED: State.RUNNING, Happening.STOPPED: State.STOPPED},
    State.STOPPED: {},
}


class ClockError(PeriodsError, ValueError):
    """Events that cannot have happened in this order, or a target that can never be reached."""


@dataclass(frozen=True)
class Event:
    """Something that started, paused, resumed or stopped the clock, and why (who reported it, which clause)."""

    at: datetime
    happening: Happening
    reason: str = ""


@dataclass(frozen=True)
class Target:
    """An amount of counted time that should not be exceeded. `source` is its clause or parameter, never empty."""

    name: str
    amount: timedelta
    source: str

    def __post_init__(self) -> None:
        if not self.source.strip():
            raise ClockError(_("The target “%(name)s” names no source: no clause, no parameter."), name=self.name)
        if self.amount < timedelta():
            raise ClockError(_("The target “%(name)s” is negative."), name=self.name)

    @classmethod
    def working_days(cls, name: str, count: int, source: str) -> "Target":
        """A target in whole working days; measure it with `WorkingDays`."""
        return cls(name, timedelta(days=count), source)


class Why(StrEnum):
    """Why a stretch of time counted, or did not."""

    COUNTED = "counted"
    OUTSIDE = "outside_hours"
    PAUSED = "paused"


@dataclass(frozen=True)
class Stretch:
    """One line of an explanation: from, to, whether it counted and why, the counted total at its end."""

    interval: Interval
    why: Why
    reason: str
    elapsed: timedelta


@dataclass(frozen=True)
class Reading:
    """A target read at a moment.

    `due` is the instant at which the counted time reaches the target if nothing more happens; None while the clock is
    paused or when it was stopped earlier. `met` is None as long as neither is certain. `stretches` say how it was
    computed.
    """

    target: Target
    at: datetime
    state: State
    elapsed: timedelta
    due: datetime | None
    met: bool | None
    hours: str
    provisional: bool
    stretches: tuple[Stretch, ...]

    @property
    def remaining(self) -> timedelta:
        """The counted time that is left; negative when more was used than allowed."""
        return self.target.amount - self.elapsed

    @property
    def due_day(self) -> date | None:
        """The last business day on which it is still in time."""
        return business_date(self.due - timedelta.resolution) if self.due else None


class StopClock:
    """A clock over its events, in the order in which they happened.

    Raises:
        ClockError: the events cannot have happened so.
    """

    def __init__(self, events: Iterable[Event], hours: Hours | None = None) -> None:
        self.events: Sequence[Event] = [Event(utc(e.at), Happening(e.happening), e.reason) for e in events]
        self.hours: Hours = hours or AroundTheClock()
        state, last = State.WAITING, None
        for number, event in enumerate(self.events, 1):
            if last and event.at < last:
                text = _("Event %(number)s (%(event)s) happened before the one that it follows.")
                raise ClockError(text, number=number, event=worded(_WORDS[event.happening]))
            if event.happening not in _FOLLOWS[state]:
                text = _("Event %(number)s: a clock that is %(state)s cannot be %(event)s.")
                raise ClockError(
                    text, number=number, state=worded(_WORDS[state]), event=worded(_WORDS[event.happening])
                )
            state, last = _FOLLOWS[state][event.happening], event.at

    def state(self, at: datetime) -> State:
        """How the clock stood at `at`, events at that very instant included."""
        state = State.WAITING
        for event in self._until(at):
            state = _FOLLOWS[state][event.happening]
        return state

    def elapsed(self, at: datetime) -> timedelta:
        """The counted time up to `at`.

        Raises:
            UnknownDay: a day is not covered by the calendar.
        """
        return total(part for running, _reason in self._runs(at) for part in self.hours.inside(running))

    def due(self, target: Target, at: datetime | None = None) -> datetime | None:
        """The first instant at which the counted time reaches the target, as known at `at` (default: all events).

        None when the clock is not running and the target was not reached before.

        Raises:
            UnknownDay: the search runs into days that the calendar does not cover.
            ClockError: the target lies beyond the year 2200.
        """
        if not self._until(at):
            return None
        left = target.amount
        if not left:
            return self.hours.first(self.events[0].at)
        for running, _reason in self._runs(at, to_the_end=True):
            for part in self.hours.inside(running):
                if left <= part.length:
                    return part.start + left
                left -= part.length
            if running.end == END_OF_TIME:
                raise ClockError(_("The target “%(name)s” is not reached before 2201."), name=target.name)
        return None

    def explain(self, at: datetime) -> list[Stretch]:
        """Every stretch from the start to `at` (or the stop): counted or not, why, and the sum so far."""
        stretches: list[Stretch] = []
        elapsed = timedelta()

        def add(start: datetime, end: datetime, why: Why, reason: str) -> None:
            nonlocal elapsed
            if start < end:
                interval = Interval(start, end)
                elapsed += interval.length if why == Why.COUNTED else timedelta()
                stretches.append(Stretch(interval, why, reason, elapsed))

        for start in self._until(at)[:1]:
            stop = self.events[-1].at if self.state(at) == State.STOPPED else utc(at)
            add(start.at, min(self.hours.first(start.at), stop), Why.OUTSIDE, self.hours.describe())
        for interval, running, reason in self._phases(at):
            if not running:
                add(*interval, Why.PAUSED, reason)
                continue
            reached = interval.start
            for part in self.hours.inside(interval):
                add(reached, part.start, Why.OUTSIDE, self.hours.describe())
                add(*part, Why.COUNTED, reason)
                reached = part.end
            add(reached, interval.end, Why.OUTSIDE, self.hours.describe())
        return stretches

    def read(self, target: Target, at: datetime) -> Reading:
        """Everything about one target at a moment, with the explanation."""
        at = utc(at)
        elapsed, due, state = self.elapsed(at), self.due(target, at), self.state(at)
        ended = self.events[-1].at if state == State.STOPPED else at
        met: bool | None = True if state == State.STOPPED else None
        if due and ended > due:  # not by the elapsed time, which stands still after hours
            met = False
        first = self.hours.first(self.events[0].at) if self.events else at
        seen = Interval(min(first, at), max(due or at, at, first))
        return Reading(
            target=target,
            at=at,
            state=state,
            elapsed=elapsed,
            due=due,
            met=met,
            hours=self.hours.describe(),
            provisional=self.hours.guessed(seen),
            stretches=tuple(self.explain(at)),
        )

    def _until(self, at: datetime | None) -> Sequence[Event]:
        moment = utc(at) if at else END_OF_TIME
        return [event for event in self.events if event.at <= moment]

    def _phases(self, at: datetime | None, to_the_end: bool = False) -> Iterator[tuple[Interval, bool, str]]:
        """Running and paused phases as known at `at`; the last one lasts until `at`, or for ever."""
        events = self._until(at)
        if not events:
            return
        first = self.hours.first(events[0].at)
        now = END_OF_TIME if to_the_end or at is None else utc(at)
        for number, event in enumerate(events):
            if event.happening == Happening.STOPPED:
                return
            end = events[number + 1].at if number + 1 < len(events) else now
            interval = Interval(max(event.at, first), max(end, first))
            if interval.start < interval.end:
                yield interval, event.happening != Happening.PAUSED, event.reason

    def _runs(self, at: datetime | None, to_the_end: bool = False) -> Iterator[tuple[Interval, str]]:
        for interval, running, reason in self._phases(at, to_the_end):
            if running:
                yield interval, reason

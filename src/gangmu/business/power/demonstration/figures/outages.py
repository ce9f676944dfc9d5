"""When units stand still or are derated: spells with a beginning and an end to the hour, drawn one after another."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from gangmu.business.power.demonstration.figures.calendar import EPOCH, Calendar
from gangmu.business.power.demonstration.figures.noise import Booleans, Floats, Ints, key
from gangmu.business.power.demonstration.figures.world import Unit

BEYOND = 64  # days
RUNNING, DERATED, RESERVE, PLANNED, FORCED = 1, 2, 3, 4, 5  # content/unit_states.yaml


@dataclass(frozen=True)
class Habits:
    """How units of a kind stand still.

    Args:
        planned: months in which they are overhauled, once a year, and for how many days.
        forced: mean number a year, and longest in days; short ones begin and end on one day.
        reserve: mean number a year, longest in days, and the months in which it may be.
        derated: mean number a year, and longest in days.
        never: months in which a unit is not stopped for longer than hours (heat must be supplied).
        at_midnight: stops and starts fall on midnight (nuclear plants: their load is too even for half days).
        every: an overhaul every so many years.
    """

    planned: tuple[int, ...]
    planned_days: tuple[int, int]
    forced: float = 1.0
    forced_days: int = 5
    reserve: float = 0.0
    reserve_days: int = 8
    reserve_months: tuple[int, ...] = (2, 3, 4, 5, 9, 10, 11)
    derated: float = 2.0
    derated_days: int = 4
    never: tuple[int, ...] = ()
    at_midnight: bool = False
    every: float = 1.0


@dataclass(frozen=True)
class Spells:
    """Of units (rows) on days: how long they ran and could run, how they stood at midnight, what deratings left.

    `in_service` is true from the day on which a unit is commissioned; `out` where it stood still all day.
    """

    in_service: Booleans
    run_hours: Floats
    available_hours: Floats
    derated: Floats  # share of the capacity that was not there while it ran
    state: Ints

    @property
    def out(self) -> Booleans:
        return self.in_service & (self.run_hours <= 0)

    @property
    def derated_hours(self) -> Floats:
        return self.run_hours * self.derated


def spells(
    units: Sequence[Unit], habits: Sequence[Habits], calendar: Calendar, seed: int, turns: Sequence[int] = ()
) -> Spells:
    """The spells of each unit. They are drawn beyond the last day, since what begins there may reach back to it.

    Args:
        turns: the units' numbers in their plants: they are overhauled in turn.
    """
    shape = (len(units), calendar.count + BEYOND)
    made = Spells(
        in_service=np.zeros(shape, np.bool_),
        run_hours=np.full(shape, 24.0),
        available_hours=np.full(shape, 24.0),
        derated=np.zeros(shape),
        state=np.full(shape, RUNNING, np.int64),
    )
    for row, (unit, its) in enumerate(zip(units, habits, strict=True)):
        _draw(made, row, unit, its, seed, turns[row] if turns else 0)
    kept = slice(0, calendar.count)
    return Spells(
        in_service=in_service([unit.commissioned for unit in units], calendar),
        run_hours=made.run_hours[:, kept],
        available_hours=made.available_hours[:, kept],
        derated=made.derated[:, kept],
        state=made.state[:, kept],
    )


def in_service(since: Sequence[date], calendar: Calendar) -> Booleans:
    first = np.array([(day - EPOCH).days for day in since])
    return np.arange(calendar.count)[None, :] >= first[:, None]


def _draw(made: Spells, row: int, unit: Unit, habits: Habits, seed: int, turn: int) -> None:
    """One unit's spells, one after another and never two at once. What is drawn does not depend on the last day."""
    random = np.random.default_rng(key(seed, f"{unit.code}/spells"))
    overhauls = _overhauls(random, habits, turn + key(seed, unit.code.split("-")[0]) % 97)
    rates = np.array([habits.forced, habits.reserve, habits.derated])
    total = float(rates.sum())
    day = 0
    next_overhaul = next(overhauls)
    count = made.run_hours.shape[1]
    while day < count:
        gap, which, length, hours = random.exponential(), random.random(), random.random(), random.random(2)
        day += 3 + int(min(gap, 4.0) * 365 / max(total, 0.2))
        while next_overhaul[0] <= day:
            first, days = next_overhaul
            _stop(made, row, first, days, PLANNED, hours if not habits.at_midnight else None)
            day = max(day, first + days + 8)
            next_overhaul = next(overhauls)
        month = (EPOCH + timedelta(days=day)).month
        guarded = month in habits.never
        kind = int(np.searchsorted(np.cumsum(rates) / total, which)) if total else 2
        if kind == 0:
            short = guarded or length < 0.35
            days = 0 if short else 1 + int(length * habits.forced_days)
            if habits.at_midnight:
                days = max(days, 1)
            if day + days + 2 >= next_overhaul[0]:
                continue
            _stop(made, row, day, days, FORCED, None if habits.at_midnight else hours)
            day += days + 4
        elif kind == 1 and month in habits.reserve_months and not guarded:
            days = 2 + int(length * (habits.reserve_days - 2))
            if day + days + 2 >= next_overhaul[0]:
                continue
            _stop(made, row, day, days, RESERVE, hours)
            day += days + 6
        else:
            days = 1 + int(length * habits.derated_days)
            if day + days + 2 >= next_overhaul[0]:
                continue
            span = slice(day, day + days)
            made.derated[row, span] = 0.05 + 0.15 * hours[0]
            made.state[row, span] = DERATED
            day += days + 4


def _overhauls(random: np.random.Generator, habits: Habits, turn: int) -> Iterator[tuple[int, int]]:
    """(first day, days) of the overhauls, counted from the epoch, without end."""
    offset, place = random.random(), random.random()
    low, high = habits.planned_days
    number = 0
    at = date(EPOCH.year, habits.planned[int(turn * 0.618 * len(habits.planned)) % len(habits.planned)], 1)
    first = (at - EPOCH).days + int(offset * 24) - int(place * habits.every) * 365
    while True:
        days = low + int(random.random() * (high - low + 1))
        start = first + int(number * habits.every * 365.25) + int(random.random() * 5)
        number += 1
        if start > 2:
            yield start, days


def _stop(made: Spells, row: int, first: int, days: int, state: int, hours: Floats | None) -> None:
    """Stands still from an hour of the first day to one of the day that follows the whole days; 0 days: for hours."""
    unavailable = state != RESERVE
    if first >= made.run_hours.shape[1]:
        return
    if days == 0 and hours is not None:
        lost = round(2.5 + 5 * float(hours[0]), 2)
        made.run_hours[row, first] = 24 - lost
        made.available_hours[row, first] = 24 - lost
        return
    whole = slice(first, first + days)
    made.run_hours[row, whole], made.state[row, whole] = 0, state
    if unavailable:
        made.available_hours[row, whole] = 0
    if hours is None:
        return
    ran = round(16 + 7.5 * float(hours[0]), 2)  # of the day before, until it stopped in the afternoon or night
    if first > 0:
        made.run_hours[row, first - 1], made.state[row, first - 1] = ran, state
        if unavailable:
            made.available_hours[row, first - 1] = ran
    after = first + days
    if after < made.run_hours.shape[1]:
        ran = round(16 + 7.5 * float(hours[1]), 2)
        made.run_hours[row, after] = ran
        if unavailable:
            made.available_hours[row, after] = ran

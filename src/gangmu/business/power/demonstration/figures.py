"""Daily figures for the demonstration's units, made from a seed: season, day of the week, weather, outages.

They obey their own definitions (auxiliary energy below generation, coal by a plausible rate) and repeat exactly for
the same units, days and seed.
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

SEED = 20260101


@dataclass(frozen=True)
class Unit:
    """A generating unit: its code, capacity in MW and fuel."""

    code: str
    capacity_mw: float
    fuel: str


# yearly shape by fuel: (mean load, seasonal swing, day of the year of the peak, weather noise, auxiliary share)
SHAPES = {
    "coal": (0.56, 0.12, 15, 0.05, 0.052),
    "hydro": (0.46, 0.26, 215, 0.09, 0.006),
    "nuclear": (0.90, 0.02, 30, 0.01, 0.060),
}


def write_facts(path: Path, units: Sequence[Unit], first: date, last: date, *, seed: int = SEED) -> int:
    """Write the facts file of `units` for the days from `first` to `last`; the number of facts is returned."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["organisation", "indicator", "period", "scenario", "value"])
        for unit in units:
            for day, load in zip(days, _loads(unit, days, seed), strict=True):
                generation = round(unit.capacity_mw * 24 * load, 1)
                auxiliary = round(generation * SHAPES[unit.fuel][4], 1)
                rows = [("generation", generation), ("auxiliary", auxiliary)]
                if unit.fuel == "coal":
                    rate = 0.268 + 0.9 / max(unit.capacity_mw, 100) * 10 + 0.03 * max(0.0, 0.7 - load)
                    rows.append(("standard_coal", round(generation * rate, 1)))
                for indicator, value in rows:
                    writer.writerow([unit.code, indicator, day.isoformat(), "actual", f"{value:.1f}"])
                count += len(rows)
    return count


def _loads(unit: Unit, days: Sequence[date], seed: int) -> Iterable[float]:
    """The unit's mean load of each day, 0 when it stands still."""
    mean, swing, peak, noise, _auxiliary = SHAPES[unit.fuel]
    random = np.random.default_rng([seed, *unit.code.encode()])
    numbers = np.array([day.timetuple().tm_yday for day in days])
    season = mean + swing * np.cos(2 * np.pi * (numbers - peak) / 365.25)
    if unit.fuel == "coal":  # a second peak in summer
        season += 0.08 * np.exp(-(((numbers - 205) / 28.0) ** 2))
    weekend = np.array([0.97 if day.weekday() > 4 else 1.0 for day in days])
    weather = np.zeros(len(days))
    step = random.normal(0, noise, len(days))
    for index in range(len(days)):
        weather[index] = 0.75 * (weather[index - 1] if index else 0.0) + step[index]
    load = np.clip(season * weekend + weather + random.normal(0, 0.03), 0.08, 0.98)
    return np.where(_outages(random, len(days)), 0.0, load)


def _outages(random: np.random.Generator, length: int) -> np.ndarray:
    """Days on which the unit stands still: seldom, and several in a row."""
    out = np.zeros(length, dtype=bool)
    index = int(random.integers(0, 90))
    while index < length:
        span = int(random.integers(1, 9))
        out[index : index + span] = True
        index += span + int(random.integers(25, 180))
    return out

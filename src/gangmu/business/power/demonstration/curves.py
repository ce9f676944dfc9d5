"""Curves of 96 points of the demonstration: what some plants generated each day, in the shape of their kind.

The points of a day come to the energy that the plant filed for it, so that curves and figures tell the same.
"""

import csv
import math
import tempfile
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from random import Random

from django.db import connection

from gangmu.business.power.demonstration.figures import SEED, Plant, model_of
from gangmu.figures.curves.loading import load_curves
from gangmu.figures.curves.points import LABELS, POINTS
from gangmu.foundation.periods.period import Period

KINDS = ("coal", "gas", "hydro", "onshore_wind", "solar", "nuclear")
OF_EACH = 2
DAYS = 7
FILE = "演示出力曲线.csv"
CLEARED = Decimal("0.25")  # MWh of a MW in a quarter of an hour


def make_curves(plants: Sequence[Plant], first: date, last: date) -> None:
    """The curves of some plants of each kind for the last days, and for the same days a year ago if they filed."""
    chosen = [plant for kind in KINDS for plant in [one for one in plants if model_of(one) == kind][:OF_EACH]]
    days = [last - timedelta(days=count) for count in range(DAYS) if last - timedelta(days=count) >= first]
    days += [Period.day(day).year_ago().start for day in days]
    energy = _energy([plant.code for plant in chosen], days)
    rows = []
    for plant in chosen:
        for day in days:
            total = energy.get((plant.code, day))
            if total is None:
                continue
            points = day_curve(model_of(plant), plant.code, day, total)
            rows.append([plant.code, "output_energy", day.isoformat(), *points])
            rows.append([plant.code, "day_ahead_cleared", day.isoformat(), *_cleared(plant.code, day, points)])
    if not rows:
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / FILE
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([["organisation", "indicator", "date", *LABELS], *rows])
        result = load_curves(path)
    if result.problems:
        raise RuntimeError("; ".join(map(str, result.problems[:5])))


def day_curve(kind: str, code: str, day: date, energy: Decimal) -> list[Decimal]:
    """96 powers in MW whose energy is `energy` (MWh), to the rounding of a point."""
    shape = _shape(kind, Random(f"{SEED} {code} {day}"), day)  # noqa: S311 (nothing secret)
    mean = sum(shape) / POINTS
    if not mean:
        return [Decimal(0)] * POINTS
    power = energy / 24
    return [(power * Decimal(one / mean)).quantize(Decimal("0.001"), ROUND_HALF_UP) for one in shape]


def _shape(kind: str, chance: Random, day: date) -> list[float]:
    """How the output of a kind runs through a day."""
    hours = [(point + 0.5) / 4 for point in range(POINTS)]
    if kind == "solar":  # a bell from sunrise to sunset, with clouds
        length = 12 + 2.2 * math.sin(2 * math.pi * (day.timetuple().tm_yday - 80) / 365)
        noon, cloud = 12.3, 1.0
        found = []
        for hour in hours:
            cloud = min(1.0, max(0.45, cloud + chance.uniform(-0.08, 0.085)))
            height = math.cos(math.pi * (hour - noon) / length) if abs(hour - noon) < length / 2 else 0.0
            found.append(max(0.0, height) ** 1.3 * cloud)
        return found
    if kind == "onshore_wind":  # wanders, stronger at night
        level, found = chance.uniform(0.4, 0.9), []
        for hour in hours:
            level = min(1.0, max(0.03, level + chance.uniform(-0.05, 0.05)))
            found.append(level * (1.0 + 0.25 * math.cos(2 * math.pi * (hour - 2) / 24)))
        return found
    if kind == "nuclear":
        return [1.0 + chance.uniform(-0.002, 0.002) for _hour in hours]
    morning, evening, night = (0.16, 0.24, 0.16) if kind == "coal" else (0.35, 0.6, 0.4)
    noon = 0.12 if kind == "coal" else 0.1  # the sun takes over at noon
    return [
        1.0
        + morning * math.exp(-(((hour - 9.5) / 2.2) ** 2))
        + evening * math.exp(-(((hour - 19) / 2.6) ** 2))
        - night * math.exp(-(((hour - 3.5) / 3.0) ** 2))
        - noon * math.exp(-(((hour - 13) / 1.8) ** 2))
        + chance.uniform(-0.008, 0.008)
        for hour in hours
    ]


def _cleared(code: str, day: date, points: Sequence[Decimal]) -> list[Decimal]:
    """What the day-ahead market cleared: about what came."""
    chance = Random(f"{SEED} cleared {code} {day}")  # noqa: S311
    share = Decimal(str(round(chance.uniform(0.94, 1.03), 3)))
    return [(point * CLEARED * share).quantize(Decimal("0.001"), ROUND_HALF_UP) for point in points]


def _energy(codes: Sequence[str], days: Sequence[date]) -> dict[tuple[str, date], Decimal]:
    """What plants generated, as their units filed it; MWh."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.code, f.period, sum(f.value) * power(10::numeric, -min(i.scale))"
            " FROM parties_organisation p JOIN parties_membership m ON m.ancestor_id = p.id"
            " JOIN indicators_indicator i ON i.code = 'generation'"
            " JOIN filing_scenario s ON s.code = 'actual'"
            " JOIN filing_fact f ON f.indicator_id = i.id AND f.scenario_id = s.id AND f.superseded_by_id IS NULL"
            "  AND f.organisation_id = m.organisation_id AND m.valid @> f.period"
            " WHERE p.code = ANY(%s) AND f.period = ANY(%s) GROUP BY p.code, f.period",
            [list(codes), list(days)],
        )
        return {(code, day): Decimal(value) for code, day, value in cursor}

"""Daily figures as they were made before: season, day of the week, weather, outages, stocks.

They obey their own definitions and the rules of the forms (auxiliary energy below generation, coal by a plausible rate
and in balance, water likewise) and repeat exactly for the same units, days and seed.
"""

import csv
import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import numpy as np

SEED = 20260101
STANDARD_COAL = Decimal("29307.6")  # kJ/kg
RUNNING, STANDING = "1", "3"  # of content/unit_states.yaml
WHOLE_DAYS = 8  # so many days at the end have every figure of their form; before, energy and coal of units alone


@dataclass(frozen=True)
class Unit:
    """A generating unit: its code, capacity in MW, fuel and plant."""

    code: str
    capacity_mw: float
    fuel: str
    plant: str


@dataclass(frozen=True)
class Figure:
    """One figure: whose, which, when, and its value as it would be typed."""

    organisation: str
    indicator: str
    day: date
    value: str


# yearly shape by fuel: (mean load, seasonal swing, day of the year of the peak, weather noise, auxiliary share)
SHAPES = {
    "coal": (0.56, 0.12, 15, 0.05, 0.052),
    "hydro": (0.46, 0.26, 215, 0.09, 0.006),
    "nuclear": (0.90, 0.02, 30, 0.01, 0.060),
    "pumped_storage": (0.14, 0.03, 215, 0.03, 0.010),
}


def figures(units: Sequence[Unit], first: date, last: date, *, seed: int = SEED) -> Iterator[Figure]:
    """The figures of `units` and their plants for the days from `first` to `last`."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    plants: dict[str, list[Unit]] = {}
    for unit in units:
        if unit.fuel in SHAPES:
            plants.setdefault(unit.plant, []).append(unit)
    for plant, its_units in plants.items():
        loads = [list(_loads(unit, days, seed)) for unit in its_units]
        for index, day in enumerate(days):
            of_units = [_unit(unit, load[index]) for unit, load in zip(its_units, loads, strict=True)]
            whole = (last - day).days < WHOLE_DAYS
            for unit, load, made in zip(its_units, loads, of_units, strict=True):
                extra = _running(unit, load[index]) if whole else {}
                for indicator, value in (made | extra).items():
                    yield Figure(unit.code, indicator, day, str(value))
            if whole:
                capacity = Decimal(str(sum(unit.capacity_mw for unit in its_units)))
                for indicator, value in _plant(plant, its_units[0].fuel, capacity, of_units, day).items():
                    yield Figure(plant, indicator, day, str(value))


def write_facts(path: Path, made: Iterable[Figure], leave_out: Collection[tuple[str, date]] = ()) -> list[Figure]:
    """Write a facts file; the figures of organisations and days in `leave_out` are returned instead."""
    left: list[Figure] = []
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["organisation", "indicator", "period", "scenario", "value"])
        for one in made:
            if (one.organisation, one.day) in leave_out:
                left.append(one)
            else:
                writer.writerow([one.organisation, one.indicator, one.day.isoformat(), "actual", one.value])
    return left


# Units ----------------------------------------------------------------------------------------------------------------


def _unit(unit: Unit, load: float) -> dict[str, Decimal]:
    generation = _decimal(unit.capacity_mw * 24 * load, 1)
    made = {"generation": generation, "auxiliary": _decimal(float(generation) * SHAPES[unit.fuel][4], 1)}
    if unit.fuel == "coal":
        rate = 0.268 + 0.9 / max(unit.capacity_mw, 100) * 10 + 0.03 * max(0.0, 0.7 - load)
        made["standard_coal"] = _decimal(float(generation) * rate, 1)
    return made


def _running(unit: Unit, load: float) -> dict[str, str | Decimal]:
    hours = "24.00" if load else "0.00"
    made: dict[str, str | Decimal] = {"run_hours": hours, "unit_state": RUNNING if load else STANDING}
    if unit.fuel == "nuclear":
        made |= {"reactor_power": _decimal(load * 100, 1), "full_power_days": _decimal(load, 3)}
    return made


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


# Plants ---------------------------------------------------------------------------------------------------------------


def _plant(
    code: str, fuel: str, capacity: Decimal, of_units: Sequence[dict[str, Decimal]], day: date
) -> dict[str, Decimal]:
    generation = sum((made["generation"] for made in of_units), Decimal(0))
    auxiliary = sum((made["auxiliary"] for made in of_units), Decimal(0))
    on_grid = _round((generation - auxiliary) * Decimal("0.996"), 3)
    price = _round(Decimal(360 + _own(code) % 60) + Decimal(day.day % 7) / 4, 2)
    made = {"on_grid_energy": on_grid, "on_grid_price": price}
    cost = on_grid * 12
    if fuel == "coal":
        coal = sum((made["standard_coal"] for made in of_units), Decimal(0))
        made |= _coal(code, capacity, coal, on_grid, day)
        cost += coal * made["standard_coal_price"]
    elif fuel == "hydro":
        made |= _water(code, capacity, generation, day)
    made["marginal_cost"] = _round(cost / 10000, 4)
    made["marginal_contribution"] = _round((on_grid * price - cost) / 10000, 4)
    return made


def _coal(code: str, capacity: Decimal, standard_coal: Decimal, on_grid: Decimal, day: date) -> dict[str, Decimal]:
    """Coal in balance: the stock swings around a month of use; what is too much on a day of rest is stock-taking."""
    heating_value = _round(Decimal(20200 + _own(code) % 900 + 60 * math.sin(day.toordinal() / 5)), 0)
    consumed = _round(standard_coal * STANDARD_COAL / heating_value, 1)
    opening, closing = (_stock(code, capacity, one) for one in (day - timedelta(days=1), day))
    received = closing - opening + consumed
    taken = min(received, Decimal(0))
    made = {
        "coal_stock_opening": opening,
        "coal_received": received - taken,
        "coal_consumed": consumed,
        "stock_taking": taken,
        "coal_stock": closing,
        "coal_heating_value": heating_value,
        "standard_coal_price": _round(Decimal(900 + _own(code) % 90), 2),
    }
    if on_grid:
        made["overall_net_coal_rate_filed"] = _round(standard_coal / on_grid * 1000, 2)
    return made


def _stock(code: str, capacity: Decimal, day: date) -> Decimal:
    swing = 1 + 0.06 * math.sin((day.toordinal() + _own(code)) / 9)
    return _round(capacity * 24 * Decimal("0.62") * Decimal("0.42") * 30 * Decimal(str(round(swing, 6))), 1)


def _water(code: str, capacity: Decimal, generation: Decimal, day: date) -> dict[str, Decimal]:
    """Water in balance: storage swings slowly, the level with it; in summer some is spilled."""
    used = _round(generation * Decimal("0.38"), 2)  # 万m³: 3.8 m³/kWh
    spilled = _round(capacity * Decimal("0.4"), 2) if day.month in (6, 7, 8) else Decimal("0.00")
    opening, closing = (_storage(code, capacity, one) for one in (day - timedelta(days=1), day))
    outflow = used + spilled
    return {
        "opening_level": _level(code, capacity, opening),
        "closing_level": _level(code, capacity, closing),
        "opening_storage": opening,
        "closing_storage": closing,
        "inflow": outflow + closing - opening,
        "outflow": outflow,
        "generation_water": used,
        "spill_water": spilled,
        "curtailed_hydro": _round(spilled / Decimal("0.38"), 1),
    }


def _storage(code: str, capacity: Decimal, day: date) -> Decimal:
    swing = 1 + 0.05 * math.sin((day.toordinal() + _own(code)) / 30)
    return _round(capacity * 200 * Decimal(str(round(swing, 6))), 2)


def _level(code: str, capacity: Decimal, storage: Decimal) -> Decimal:
    return _round(Decimal(120 + _own(code) % 800) + storage / (capacity * 200) * 40, 2)


def _own(code: str) -> int:
    """A number of the plant's own."""
    return sum((index + 7) * byte for index, byte in enumerate(code.encode())) * 37 % 1009


def _decimal(value: float, digits: int) -> Decimal:
    return Decimal(f"{round(value, digits):.{digits}f}")


def _round(value: Decimal, digits: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)

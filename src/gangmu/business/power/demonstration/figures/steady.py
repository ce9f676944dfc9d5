"""Plants that run as evenly as they can: nuclear, biomass, waste."""

import numpy as np

from gangmu.business.power.demonstration.figures.book import as_filed, scaled
from gangmu.business.power.demonstration.figures.money import benchmark, file_money
from gangmu.business.power.demonstration.figures.noise import Floats, between, persistent, white
from gangmu.business.power.demonstration.figures.outages import Habits
from gangmu.business.power.demonstration.figures.stocks import yard
from gangmu.business.power.demonstration.figures.units import Fleet

REACTOR = Habits(
    planned=(1, 3, 5, 9, 11),
    planned_days=(28, 38),
    every=1.5,
    forced=0.12,
    forced_days=4,
    derated=0.0,
    at_midnight=True,
)
BOILER = Habits(planned=(3, 4, 5, 9, 10), planned_days=(10, 16), forced=1.6, forced_days=3, derated=2.0)
GRATE = Habits(planned=(3, 4, 10, 11), planned_days=(8, 14), forced=1.0, forced_days=3, derated=2.0)
INCINERATES = 8.0  # MW of a unit: smaller ones are engines on landfill gas, that burn no waste


def nuclear(fleet: Fleet) -> None:
    """Nuclear plants: refuelled every year and a half; they follow the load a little."""
    fleet.draw(lambda _plant: REACTOR)
    follows = 0.030 * persistent(fleet.keys, "load", fleet.days, 0.6) - 0.25 * fleet.calendar.rest[None, :]
    level = 0.957 + fleet.per_unit(follows) + 0.012 * white(fleet.unit_keys, "load", fleet.days)
    level = np.clip(level, 0.70, 1.0)
    its = fleet.spells
    warm = 1 - 0.008 * fleet.per_unit(np.where(fleet.of_province(fleet.weather.temperature) > 22, 1.0, 0.0))
    made = fleet.mw * its.run_hours * level * warm
    generation, auxiliary = fleet.file_units(made, made * 0.062)
    book = fleet.book
    book.figure("reactor_power", fleet.unit_codes, level * 100, its.in_service, its.out)
    book.figure("full_power_days", fleet.unit_codes, level * its.run_hours / 24, its.in_service, its.out)
    on_grid = fleet.on_grid(generation, auxiliary)
    price = benchmark(fleet) * (0.98 - 0.01 * fleet.calendar.years)
    file_money(fleet, on_grid, np.broadcast_to(price, on_grid.shape), on_grid * 62.0)


def biomass(fleet: Fleet) -> None:
    """Straw and wood in a yard; lorries bring more after the harvests."""
    fleet.draw(lambda _plant: BOILER)
    generation, on_grid = _burn(fleet, 0.64)
    rate = between(fleet.keys, "rate", 1.02, 1.32)[:, None] * (1 + 0.012 * white(fleet.keys, "rate", fleet.days))
    used = scaled("biomass_consumed", fleet.summed(generation) * rate)
    daily = fleet.capacity * 24 * 0.58 * 1.17 * 10
    harvest = 1 + 0.25 * fleet.calendar.season(310)
    its = yard(
        fleet.keys, fleet.calendar, used, daily * 22 * harvest, used * 3, np.full(len(fleet.plants), 1500.0), taking=1
    )
    book, there = fleet.book, fleet.in_service
    book.write("biomass_stock_opening", fleet.codes, its.opening, there)
    book.write("biomass_received", fleet.codes, its.received, there)
    book.write("biomass_consumed", fleet.codes, used, there & ~fleet.out)
    book.write("biomass_stock_taking", fleet.codes, its.taken, there & its.is_taken)
    book.write("biomass_stock", fleet.codes, its.closing, there)
    value = between(fleet.keys, "value", 8800, 11200)[:, None] * (1 + 0.02 * white(fleet.keys, "value", fleet.days))
    book.figure("biomass_heating_value", fleet.codes, value, there, fleet.out)
    _sell(fleet, on_grid, 750.0, used / 10 * 300.0)


def waste(fleet: Fleet) -> None:
    """Waste that is burned; what comes in waits some days in the bunker. Engines on landfill gas only make power."""
    fleet.draw(lambda _plant: GRATE)
    generation, on_grid = _burn(fleet, 0.75)
    largest = np.array([max((unit.capacity_mw for unit in plant.units), default=0) for plant in fleet.plants])
    burns = fleet.in_service & (largest >= INCINERATES)[:, None]
    rate = between(fleet.keys, "rate", 2.05, 2.55)[:, None] * (1 + 0.02 * white(fleet.keys, "rate", fleet.days))
    burned = fleet.summed(generation) * rate
    steady = fleet.capacity * 24 * 0.67 * 2.3
    fleet.book.figure("waste_burned", fleet.codes, burned, burns & ~fleet.out)
    received = steady * (1.12 + 0.06 * white(fleet.keys, "received", fleet.days)) * (1 - 0.5 * fleet.calendar.rest)
    fleet.book.figure("waste_received", fleet.codes, received, burns)
    _sell(fleet, on_grid, 650.0, on_grid * 40.0)


def _burn(fleet: Fleet, mean: float) -> tuple[Floats, Floats]:
    plant = mean - 0.03 + 0.10 * persistent(fleet.keys, "load", fleet.days, 0.4)
    load = fleet.per_unit(plant) + 0.03 * white(fleet.unit_keys, "load", fleet.days)
    made = fleet.mw * fleet.spells.run_hours * np.minimum(load, 0.97) * (1 - fleet.spells.derated)
    rate = between(fleet.unit_keys, "auxiliary", 0.088, 0.125)[:, None]
    generation, auxiliary = fleet.file_units(made, made * rate, derated=False)
    return generation, fleet.on_grid(generation, auxiliary, 0.008)


def _sell(fleet: Fleet, on_grid: Floats, price: float, cost: Floats) -> None:
    own = price * between(fleet.keys, "price", 0.94, 1.0)[:, None]
    file_money(fleet, on_grid, as_filed("on_grid_price", np.broadcast_to(own, on_grid.shape)), cost)

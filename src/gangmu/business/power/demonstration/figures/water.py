"""Hydro plants and pumped storage: rivers fill reservoirs, which are kept along a curve; what is too much spills."""

import numpy as np

from gangmu.business.power.demonstration.figures.book import as_filed, scaled, unscaled
from gangmu.business.power.demonstration.figures.money import benchmark, file_money
from gangmu.business.power.demonstration.figures.noise import Floats, Ints, between, own, persistent, white
from gangmu.business.power.demonstration.figures.outages import RESERVE, Habits
from gangmu.business.power.demonstration.figures.rivers import Basins, basins
from gangmu.business.power.demonstration.figures.units import Fleet

TURBINE = Habits(planned=(1, 2, 3, 11, 12), planned_days=(10, 24), forced=0.5, forced_days=3, derated=0.0)
REVERSIBLE = Habits(planned=(3, 4, 10, 11), planned_days=(12, 24), forced=0.8, forced_days=3, derated=0.0)
ECOLOGICAL = [1, 2, 3, 4, 11, 12]  # months in which what passes beside the turbines keeps the river alive: no spill
MOST = 0.85  # of full load all day, even in flood


def hydro(fleet: Fleet) -> None:
    fleet.draw(lambda _plant: TURBINE)
    rain = 0.5 * fleet.of_province(fleet.weather.rain) + 0.8 * persistent(fleet.keys, "rain", fleet.days, 0.3)
    its = basins(list(fleet.plants), fleet.keys, fleet.calendar, rain, fleet.seed)
    running = fleet.summed(fleet.mw * fleet.spells.run_hours * fleet.spells.in_service)  # MWh at most
    limit = running * (MOST + 0.065 * persistent(fleet.keys, "most", fleet.days, 0.4)) * its.rate[:, None] / 10
    mean = fleet.whole * 24 * its.rate / 10 * its.hours / 9100
    inflow = _calm(its.inflow * mean[:, None])
    wanted = fleet.of_province(fleet.grid.load) * (1 + 0.18 * persistent(fleet.keys, "call", fleet.days, 0.3))
    wanted = wanted * np.sqrt(running / np.maximum(fleet.capacity * 24, 1))  # what stands still is not made up for
    used, passed, storage = _reservoirs(its, inflow, mean, limit, wanted, fleet)
    spilled = np.where(np.isin(fleet.calendar.months, ECOLOGICAL), 0, passed)
    generation, auxiliary = _by_units(fleet, used * 10 / its.rate[:, None], running)
    on_grid = fleet.on_grid(generation, auxiliary, 0.006)
    turbined = fleet.summed(generation) * its.rate[:, None] / 10
    _file_water(fleet, its, turbined, used + passed, spilled, storage)
    room = np.maximum(running * 0.98 - fleet.summed(generation), 0)
    lost = np.minimum(spilled * 10 / its.rate[:, None], room) * 0.8
    fleet.book.figure("curtailed_hydro", fleet.codes, lost, fleet.in_service)
    price = (
        benchmark(fleet) * between(fleet.keys, "price", 0.66, 0.78)[:, None] * (1 - 0.10 * fleet.calendar.season(215))
    )
    file_money(fleet, on_grid, price * fleet.of_province(fleet.grid.price) ** 0.3, on_grid * 6.0)


def _reservoirs(
    its: Basins, inflow: Floats, mean: Floats, limit: Floats, wanted: Floats, fleet: Fleet
) -> tuple[Floats, Floats, Floats]:
    """Water for generation, spill and storage at the end of each day, from the epoch on; 万 m³."""
    calendar, most, built = fleet.calendar, its.storage, fleet.in_service
    days_held = most / mean
    slow = np.clip(days_held / 5, 1.6, 50)  # days in which a gap to the curve is closed
    seasonal = np.clip((days_held - 5) / 30, 0, 1)[:, None]
    held = 0.6 * seasonal[:, 0]  # of the inflow's seasons, so much is evened out
    curve = 0.62 + 0.24 * seasonal * calendar.season(305)[None, :]
    curve = np.minimum(curve, 0.95)
    storage, used, passed = (np.zeros_like(inflow) for _part in range(3))
    stood = curve[:, 0] * most
    usual, before = inflow[:, 0].copy(), mean * 0.6
    for day in range(inflow.shape[1]):
        usual += (inflow[:, day] - usual) * 0.25
        steady = held * mean + (1 - held) * usual
        gap = np.clip((stood - curve[:, day] * most) / slow, -0.3 * mean, 0.9 * mean)
        least = np.minimum(0.4 * mean, 0.9 * usual + np.maximum(stood - 0.25 * most, 0) / 30)
        wish = np.maximum(steady + gap, least) * wanted[:, day]
        there = stood + inflow[:, day] - 0.03 * most
        wish = np.clip(wish, 0.72 * before, 1.4 * before)  # not all at once
        release = np.clip(np.minimum(wish, there), 0.04 * limit[:, day], limit[:, day])
        over = np.maximum(stood + inflow[:, day] - release - most, 0)
        more = np.clip(np.minimum(limit[:, day], 1.5 * before) - release, 0, over)
        used[:, day] = release + more
        before += np.where(built[:, day], (used[:, day] - before) * 0.045, 0)
        passed[:, day] = over - more
        stood = stood + inflow[:, day] - used[:, day] - passed[:, day]
        stood = np.where(built[:, day], np.maximum(stood, 0.01 * most), curve[:, day] * most)
        storage[:, day] = stood
    return used, passed, storage


def _calm(inflow: Floats) -> Floats:
    """A flood comes over days, and goes over days."""
    calm = inflow.copy()
    before = inflow[:, 0].copy()
    for day in range(1, inflow.shape[1]):
        calm[:, day] = np.clip(inflow[:, day], 0.55 * before, 1.55 * before)
        before += (calm[:, day] - before) * 0.06
    return calm


def _by_units(fleet: Fleet, energy: Floats, running: Floats) -> tuple[Floats, Floats]:
    """A plant's energy shared out to its units, that run for some hours of the day at a good load."""
    its = fleet.spells
    share = fleet.per_unit(np.minimum(energy / np.maximum(running, 1), 1))
    share = share * (1 + (0.05 + 0.36 * (1 - share)) * white(fleet.unit_keys, "share", fleet.days))
    load = np.clip(np.maximum(0.56 + 0.40 * share, share * 1.02), 0.3, 0.99) * (1 - 0.6 * its.derated)
    hours = as_filed("run_hours", its.run_hours * np.minimum(share / load, 1))
    hours = np.where(its.run_hours > 0, np.maximum(hours, 0.3), 0)
    np.copyto(its.run_hours, hours)
    stopped = (its.state <= 2) & (hours < 8 + 8 * own(fleet.unit_keys, "night")[:, None])
    np.copyto(its.state, RESERVE, where=stopped)
    generation = fleet.mw * hours * load
    rate = between(fleet.unit_keys, "auxiliary", 0.004, 0.009)[:, None]
    rate = rate * (1 + 0.14 * white(fleet.unit_keys, "auxiliary", fleet.days))
    return fleet.file_units(generation, generation * rate, derated=False)


def _file_water(fleet: Fleet, its: Basins, turbined: Floats, through: Floats, spilled: Floats, storage: Floats) -> None:
    """The balance of the reservoir in steps of 0.01 万 m³, under the reservoir's code where there is one."""
    book, there = fleet.book, fleet.in_service
    codes = [plant.reservoirs[0] if plant.reservoirs else plant.code for plant in fleet.plants]
    closing = scaled("closing_storage", storage + its.dead[:, None])
    opening = _before(closing)
    spill = scaled("spill_water", spilled)
    out = np.maximum(scaled("outflow", through), spill)
    book.write("opening_storage", codes, opening, there)
    book.write("closing_storage", codes, closing, there)
    book.write("outflow", codes, out, there)
    book.write("spill_water", codes, spill, there)
    book.write("generation_water", codes, np.minimum(scaled("generation_water", turbined), out - spill), there)
    book.write("inflow", codes, closing - opening + out, there)
    level = scaled("closing_level", np.array([its.level(day) for day in storage.T]).T)
    book.write("opening_level", codes, _before(level), there)
    book.write("closing_level", codes, level, there)


def _before(closing: Ints) -> Ints:
    """What was there at the end of the day before; the first day begins as it ends."""
    return np.concatenate([closing[:, :1], closing[:, :-1]], axis=1)


# Pumped storage -------------------------------------------------------------------------------------------------------


def pumped(fleet: Fleet) -> None:
    """Pumps at night, generates at the peak: more where there is more wind and sun, and more load."""
    fleet.draw(lambda _plant: REVERSIBLE)
    its = fleet.spells
    known = np.ones((len(fleet.plants), 1))
    head = between(fleet.keys, "head", 260, 620)
    water = Basins(
        normal=between(fleet.keys, "level", 380, 980),
        depth=between(fleet.keys, "depth", 18, 28),
        storage=fleet.whole * 6.5 * 367 / (0.905 * head) / 10,
        head=head,
        hours=known[:, 0],
        inflow=known,
    )
    rate = water.rate[:, None]
    busy = 1 + 1.2 * (fleet.of_province(fleet.grid.load) - 1) + 0.15 * fleet.of_province(fleet.weather.wind)
    hours = 3.3 * between(fleet.keys, "hours", 0.8, 1.15)[:, None] * np.clip(busy, 0.6, 1.6)
    hours = hours + 0.45 * white(fleet.keys, "hours", fleet.days)
    of_units = fleet.per_unit(np.clip(hours, 1.2, 5.6)) * (1 + 0.08 * white(fleet.unit_keys, "hours", fleet.days))
    was_running = its.run_hours / 24
    generation = fleet.mw * of_units * was_running * 0.93
    made = fleet.summed(as_filed("generation", generation * its.in_service))
    storage = water.storage[:, None] * np.clip(
        0.42 + 0.11 * persistent(fleet.keys, "stored", fleet.days, 0.5), 0.05, 0.9
    )
    turbined = made * rate / 10
    raised = np.maximum(np.diff(storage, axis=1, prepend=storage[:, :1]) + turbined, 0)
    lifting = raised * 10 / rate / 0.765
    share = (
        fleet.mw * was_running / np.maximum(fleet.per_unit(fleet.summed(fleet.mw * was_running * its.in_service)), 1e-6)
    )
    pumping = fleet.per_unit(lifting) * share * (was_running > 0)
    ran = of_units * was_running + pumping / fleet.mw / 0.98
    np.copyto(its.run_hours, np.minimum(as_filed("run_hours", ran), 24))
    np.copyto(its.state, RESERVE, where=its.state <= 2)
    filed, auxiliary = fleet.file_units(generation, generation * 0.011, derated=False)
    fleet.book.figure("pumping_energy", fleet.unit_codes, pumping, its.in_service, its.out)
    on_grid = fleet.on_grid(filed, auxiliary, 0.006)
    stored = np.where(fleet.out, 0, 1)
    used = turbined * stored
    storage = _held(storage, fleet.out)
    _file_water(fleet, water, used, used, np.zeros_like(used), storage)
    price = benchmark(fleet) * 1.02 * fleet.of_province(fleet.grid.price)
    cost = fleet.summed(unscaled("pumping_energy", scaled("pumping_energy", pumping))) * benchmark(fleet) * 0.70
    file_money(fleet, on_grid, price, cost)


def _held(storage: Floats, still: np.ndarray) -> Floats:
    """Nothing moves while no unit runs."""
    held = storage.copy()
    for day in range(1, storage.shape[1]):
        held[:, day] = np.where(still[:, day], held[:, day - 1], storage[:, day])
    return held

"""Coal and gas with or without heat: what the grid leaves to them, the fuel it takes, the yard it comes from."""

import numpy as np

from gangmu.business.power.demonstration.figures.book import as_filed, scaled, unscaled
from gangmu.business.power.demonstration.figures.money import OTHER_COST, benchmark, file_money, standard_coal_price
from gangmu.business.power.demonstration.figures.noise import Booleans, Floats, between, own, persistent, white
from gangmu.business.power.demonstration.figures.outages import Habits
from gangmu.business.power.demonstration.figures.stocks import offset, yard
from gangmu.business.power.demonstration.figures.units import Fleet

STANDARD = 29307.6  # kJ/kg of standard coal
STATION = Habits(planned=(3, 4, 5, 9, 10), planned_days=(18, 29), forced=1.3, forced_days=5, reserve=3.2, derated=3.0)
HEATING = Habits(  # whoever supplies heat is overhauled in summer and not stopped in winter
    planned=(4, 5, 6, 7, 8, 9), planned_days=(18, 30), forced=1.2, forced_days=4, reserve=0.4, derated=3.0,
    reserve_months=(4, 5, 9), never=(10, 11, 12, 1, 2, 3),
)  # fmt: skip
PEAKER = Habits(planned=(3, 4, 10, 11), planned_days=(12, 22), forced=1.0, forced_days=3, reserve=3.0, reserve_days=7)
PEAK_MONTHS = [1, 2, 6, 7, 8, 11, 12]  # in which 15 days of coal are asked for, 7 in others


def coal(fleet: Fleet) -> None:
    """Coal plants without heat supply."""
    fleet.draw(lambda _plant: STATION)
    load = load_rates(fleet, 0.545)
    generation, auxiliary = _power(fleet, load)
    standard = as_filed("standard_coal", generation * gross_rates(fleet, load))
    fleet.book.figure("standard_coal", fleet.unit_codes, standard, fleet.spells.in_service, fleet.spells.out)
    on_grid = fleet.on_grid(generation, auxiliary)
    burned = fleet.summed(standard)
    file_coal(fleet, burned, burned, on_grid)
    cost = burned * standard_coal_price(fleet) + on_grid * OTHER_COST
    file_money(fleet, on_grid, coal_price(fleet), cost)


def cogeneration(fleet: Fleet) -> None:
    """Plants that supply heat: coal, or gas."""
    fleet.draw(lambda _plant: HEATING)
    on_gas = np.array([plant.fuel == "gas" for plant in fleet.plants])[:, None]
    heat = _heat(fleet)
    warm = fleet.per_unit(heat / np.maximum(fleet.capacity * 24 * HEAT_AT_MOST, 1))
    load = np.minimum(load_rates(fleet, 0.51) + 0.10 * warm, 0.95)
    generation, auxiliary = _power(fleet, load)
    heat = as_filed("heat_supplied", heat * ~fleet.out)
    share = generation / np.maximum(fleet.per_unit(fleet.summed(generation)), 0.1)
    its, book = fleet.spells, fleet.book
    of_heat = as_filed("standard_coal_heat", fleet.per_unit(heat * heat_rate(fleet)) * share)
    for_heat = as_filed("auxiliary_heat", fleet.per_unit(heat * 0.0078) * share)
    gross = np.where(fleet.per_unit(on_gas), 0.259 + 0.03 * (0.75 - load), gross_rates(fleet, load) - 0.016 * warm)
    standard = as_filed("standard_coal", generation * np.maximum(gross, 0.247))
    book.figure("standard_coal", fleet.unit_codes, standard, its.in_service, its.out)
    book.figure("standard_coal_heat", fleet.unit_codes, of_heat, its.in_service, its.out)
    book.figure("auxiliary_heat", fleet.unit_codes, for_heat, its.in_service, its.out)
    book.figure("heat_supplied", fleet.codes, heat, fleet.in_service, fleet.out)
    price = as_filed(
        "heat_price",
        np.broadcast_to(np.where(on_gas, 2.2, 1.0) * between(fleet.keys, "heat price", 30, 44)[:, None], heat.shape),
    )
    book.figure("heat_price", fleet.codes, price, fleet.in_service & (heat > 0))
    on_grid = fleet.on_grid(generation, auxiliary + for_heat)
    burned, warmed = fleet.summed(standard), fleet.summed(of_heat)
    file_coal(fleet, burned + warmed, burned, on_grid, on_gas=on_gas, warmed=warmed)
    _file_gas(fleet, burned + warmed, fleet.in_service & on_gas)
    fuel = np.where(on_gas, gas_price(fleet) * 1.16, standard_coal_price(fleet))
    cost = (burned + warmed) * fuel + on_grid * OTHER_COST - heat * price
    sold = np.where(on_gas, benchmark(fleet) * 2.05, coal_price(fleet))
    file_money(fleet, on_grid, sold, cost)


def gas(fleet: Fleet) -> None:
    """Gas turbines that run by day: hours follow what is left for thermal plants."""
    fleet.draw(lambda _plant: PEAKER)
    wanted = np.clip(fleet.of_province(fleet.grid.thermal) - 1, -0.4, 0.5)
    hours = 10.2 + 11 * wanted + 2.0 * persistent(fleet.keys, "hours", fleet.days, 0.4)
    hours = hours * between(fleet.keys, "hours", 0.85, 1.15)[:, None]
    of_units = fleet.per_unit(hours) + 0.7 * white(fleet.unit_keys, "hours", fleet.days)
    its = fleet.spells
    ran = np.minimum(np.clip(of_units, 3.5, 20), its.run_hours)
    np.copyto(its.run_hours, as_filed("run_hours", ran))
    np.copyto(its.state, 3, where=(its.state <= 2) & (ran < 15))  # stopped for the night
    load = np.clip(0.74 + 0.05 * white(fleet.unit_keys, "load", fleet.days), 0.5, 0.95) * (1 - its.derated)
    generation, auxiliary = fleet.file_units(fleet.mw * its.run_hours * load, fleet.mw * its.run_hours * load * 0.019)
    standard = as_filed("standard_coal", generation * (0.222 + 0.03 * (0.8 - load)))
    fleet.book.figure("standard_coal", fleet.unit_codes, standard, its.in_service, its.out)
    on_grid = fleet.on_grid(generation, auxiliary)
    burned = fleet.summed(standard)
    _file_gas(fleet, burned, fleet.in_service)
    file_rate(fleet, burned, on_grid, fleet.in_service)
    file_money(fleet, on_grid, benchmark(fleet) * 1.55, burned * gas_price(fleet) * 1.16 + on_grid * OTHER_COST)


# Power ----------------------------------------------------------------------------------------------------------------


def load_rates(fleet: Fleet, mean: float) -> Floats:
    """Of units while they run: by what is left to thermal plants, more where a neighbour stands still."""
    left = fleet.of_province(fleet.grid.thermal)
    plant = mean * (1 + 0.80 * (left - 1)) + between(fleet.keys, "merit", -0.035, 0.035)[:, None]
    plant = plant + 0.078 * persistent(fleet.keys, "load", fleet.days, 0.35)
    big = 0.02 * np.log2(np.maximum(fleet.mw, 100) / 500)
    running = fleet.summed(fleet.mw * fleet.spells.in_service * (fleet.spells.run_hours > 0))
    helping = 1 + 0.40 * (1 - running / np.maximum(fleet.capacity, 1))
    rate = fleet.per_unit(plant * helping) + big + 0.030 * white(fleet.unit_keys, "load", fleet.days)
    rate = 0.63 + 0.30 * np.tanh((rate - 0.63) / 0.30)
    return np.minimum(rate, 0.97 * (1 - fleet.spells.derated))


def _power(fleet: Fleet, load: Floats) -> tuple[Floats, Floats]:
    generation = fleet.mw * fleet.spells.run_hours * load
    small = np.clip((600 - fleet.mw) / 600, 0, 1)
    rate = 0.043 + 0.018 * small + 0.014 * (0.72 - load) + between(fleet.unit_keys, "auxiliary", -0.004, 0.004)[:, None]
    return fleet.file_units(generation, generation * rate)


def gross_rates(fleet: Fleet, load: Floats) -> Floats:
    """t of standard coal for a MWh: large units need less, low load more, and so does the day of a start."""
    size = np.interp(fleet.mw[:, 0], [50, 135, 200, 300, 600, 1000], [0.355, 0.335, 0.316, 0.301, 0.287, 0.271])
    rate = size[:, None] + between(fleet.unit_keys, "coal rate", -0.006, 0.006)[:, None] + 0.055 * (0.75 - load)
    start = np.where(fleet.spells.run_hours < 24, 0.008, 0.0)
    return np.clip(rate + start + 0.0015 * white(fleet.unit_keys, "coal rate", fleet.days), 0.25, 0.41)


def coal_price(fleet: Fleet) -> Floats:
    """元/MWh: around the benchmark, a little more in the mean, and with the spot."""
    return benchmark(fleet) * (1.10 - 0.03 * fleet.calendar.years) * fleet.of_province(fleet.grid.price)


# Coal -----------------------------------------------------------------------------------------------------------------


def file_coal(
    fleet: Fleet,
    standard: Floats,
    for_power: Floats,
    on_grid: Floats,
    *,
    on_gas: Booleans | None = None,
    warmed: Floats | None = None,
) -> None:
    """Yard, heating value, price and rate of the plants that burn coal."""
    book, months = fleet.book, fleet.calendar.months
    on_coal = fleet.in_service if on_gas is None else fleet.in_service & ~on_gas
    usual = between(fleet.keys, "heating value", 18600, 22800)[:, None]
    value = as_filed("coal_heating_value", usual * (1 + 0.012 * persistent(fleet.keys, "heating", fleet.days, 0.3)))
    used = scaled("coal_consumed", standard * STANDARD / value)
    warm = 1.0 if warmed is None else 1.35
    full = fleet.capacity * 24 * 0.29 * warm * STANDARD / usual * 10
    season = np.where(np.isin(months, PEAK_MONTHS), 15, 7)[None, :]
    target = full * offset(fleet.keys) * (12.6 + 1.2 * fleet.calendar.season(10) ** 2)
    train = np.where(fleet.whole > 500, 38000.0, 9000.0)  # of 0.1 t: a train, or a convoy of lorries
    its = yard(fleet.keys, fleet.calendar, used, target, used * season, train)
    book.write("coal_stock_opening", fleet.codes, its.opening, on_coal)
    book.write("coal_received", fleet.codes, its.received, on_coal)
    book.write("coal_consumed", fleet.codes, used, on_coal, fleet.out)
    book.write("stock_taking", fleet.codes, its.taken, on_coal & its.is_taken)
    book.write("coal_stock", fleet.codes, its.closing, on_coal)
    book.figure("coal_heating_value", fleet.codes, value, on_coal, fleet.out)
    book.figure("standard_coal_price", fleet.codes, standard_coal_price(fleet), on_coal, fleet.out)
    if warmed is not None:
        share = np.where(standard > 0, warmed / np.maximum(standard, 0.1), 0)
        book.figure("coal_consumed_heat", fleet.codes, unscaled("coal_consumed", used) * share, on_coal, fleet.out)
    file_rate(fleet, for_power, on_grid, on_coal if on_gas is None else fleet.in_service)


def file_rate(fleet: Fleet, standard: Floats, on_grid: Floats, where: Booleans) -> None:
    """The net coal rate as the plant works it out."""
    rate = standard / np.maximum(on_grid, 0.001) * 1000
    fleet.book.figure("overall_net_coal_rate_filed", fleet.codes, rate, where & ((on_grid > 0) | fleet.out), fleet.out)


# Gas ------------------------------------------------------------------------------------------------------------------


def _file_gas(fleet: Fleet, standard: Floats, where: Booleans) -> None:
    value = between(fleet.keys, "gas", 33600, 36200)[:, None]
    value = as_filed("gas_heating_value", value * (1 + 0.004 * white(fleet.keys, "gas", fleet.days)))
    fleet.book.figure("gas_consumed", fleet.codes, standard * STANDARD / value / 10, where, fleet.out)
    fleet.book.figure("gas_heating_value", fleet.codes, value, where, fleet.out)


def gas_price(fleet: Fleet) -> Floats:
    """元 for the gas of a tonne of standard coal: 2.2 to 2.9 元/m³."""
    price = between(fleet.keys, "gas price", 1900, 2350)[:, None]
    return price * (1 + 0.05 * fleet.calendar.season(15) - 0.02 * fleet.calendar.years)


# Heat -----------------------------------------------------------------------------------------------------------------

HEAT_AT_MOST = 2.6  # GJ for each MWh of capacity on the coldest days


def _heat(fleet: Fleet) -> Floats:
    """GJ: steam for factories all the year, and houses by the cold; what stands still gives none."""
    cold = fleet.weather.heating(fleet.weather.rows(fleet.provinces))
    steam = between(fleet.keys, "steam", 0.16, 0.34)[:, None] * (
        1 + 0.18 * persistent(fleet.keys, "steam", fleet.days, 0.4)
    )
    houses = np.minimum(cold / 30, 1.1) * (0.72 + 0.06 * persistent(fleet.keys, "houses", fleet.days, 0.6))
    growth = 1 + 0.03 * fleet.calendar.years * own(fleet.keys, "growth")[:, None]
    running = fleet.summed(fleet.mw * fleet.spells.run_hours * fleet.spells.in_service) / np.maximum(
        fleet.capacity * 24, 1
    )
    return fleet.capacity * 24 * HEAT_AT_MOST * (steam + houses) * growth / 1.15 * running**0.8


def heat_rate(fleet: Fleet) -> Floats:
    """t of standard coal for a GJ."""
    return between(fleet.keys, "heat rate", 0.0378, 0.0402)[:, None]

"""Storage stations, heat companies and virtual power plants. They have no units and file for themselves."""

import numpy as np

from gangmu.business.power.demonstration.figures.book import as_filed
from gangmu.business.power.demonstration.figures.calendar import EPOCH
from gangmu.business.power.demonstration.figures.noise import Floats, between, own, persistent, white
from gangmu.business.power.demonstration.figures.outages import Habits, spells
from gangmu.business.power.demonstration.figures.units import Fleet
from gangmu.business.power.demonstration.figures.world import Unit

BATTERIES = Habits(planned=(4, 10), planned_days=(3, 6), forced=0.5, forced_days=2, derated=0.0, at_midnight=True)
AT_MOST = 38.9  # GJ a day for 万 m² of floor: 45 W/m²


def capacity(fleet: Fleet) -> Floats:
    return np.array([plant.capacity_mw for plant in fleet.plants])[:, None]


def storage(fleet: Fleet) -> None:
    """Batteries of two hours: charged at noon and at night, discharged at the peaks."""
    units = [Unit(plant.code, plant.capacity_mw, plant.commissioned) for plant in fleet.plants]
    its = spells(units, [BATTERIES] * len(units), fleet.calendar, fleet.seed)
    there, out = its.in_service, its.out
    cycles = (
        1.15
        + 0.25 * (fleet.of_province(fleet.grid.load) - 1)
        + 0.09 * persistent(fleet.keys, "cycles", fleet.days, 0.4)
    )
    charged = as_filed("charge_energy", capacity(fleet) * 2 * 0.9 * cycles * ~out)
    efficiency = between(fleet.keys, "efficiency", 0.842, 0.888)[:, None] + 0.004 * white(
        fleet.keys, "loss", fleet.days
    )
    discharged = as_filed("discharge_energy", charged * efficiency)
    fleet.book.figure("charge_energy", fleet.codes, charged, there, out)
    fleet.book.figure("discharge_energy", fleet.codes, discharged, there, out)
    level = 24 + 9 * white(fleet.keys, "charge", fleet.days)
    level = np.where(out, 12.0, level)
    fleet.book.figure("state_of_charge", fleet.codes, level, there)
    fleet.book.figure("charge_count", fleet.codes, cycles, there, out)
    hours = np.minimum((charged + discharged) / capacity(fleet) / 0.9, 23.9)
    fleet.book.figure("run_hours", fleet.codes, hours, there, out)
    fleet.book.figure(
        "auxiliary",
        fleet.codes,
        capacity(fleet) * (0.10 + 0.02 * own(fleet.keys, "own")[:, None]) + 0 * level,
        there,
        out,
    )
    price = 300 + 60 * own(fleet.keys, "price")[:, None]
    cost = as_filed("marginal_cost", charged * price * 0.75 / 10000)
    fleet.book.figure("marginal_cost", fleet.codes, cost, there)
    fleet.book.figure("marginal_contribution", fleet.codes, discharged * price * 2.2 / 10000 - cost, there)


def heat(fleet: Fleet) -> None:
    """Heat companies: they follow the cold; some warm water all the year."""
    there = fleet.in_service
    cold = fleet.weather.heating(fleet.weather.rows(fleet.provinces))
    winters = np.floor((fleet.days - EPOCH.toordinal() + 61) / 365.25)  # since November 2023
    area = as_filed("heating_area", between(fleet.keys, "area", 420, 3200)[:, None] * 1.025**winters)
    base = 0.16 * (1 + 0.22 * persistent(fleet.keys, "water", fleet.days, 0.4))
    warm = np.minimum(cold / 33, 1.08) * (0.84 + 0.03 * persistent(fleet.keys, "houses", fleet.days, 0.6))
    sold = as_filed("heat_sold", area * AT_MOST * (base + warm))
    share = 0.085 + 0.045 * own(fleet.keys, "loss")[:, None] + 0.004 * white(fleet.keys, "loss", fleet.days)
    lost = as_filed("heat_loss", sold * share / (1 - share))
    produced = as_filed("heat_produced", (sold + lost) * (0.08 + 0.14 * own(fleet.keys, "own")[:, None]))
    bought = as_filed("heat_bought", sold + lost - produced)
    book = fleet.book
    book.figure("heat_bought", fleet.codes, bought, there)
    book.figure("heat_produced", fleet.codes, produced, there)
    book.figure("heat_sold", fleet.codes, sold, there)
    book.figure("heat_loss", fleet.codes, lost, there)
    book.figure("heating_area", fleet.codes, area, there)
    book.figure(
        "make_up_water", fleet.codes, sold * 0.011 * (1 + 0.12 * white(fleet.keys, "make-up", fleet.days)), there
    )
    price = np.broadcast_to(between(fleet.keys, "price", 42, 58)[:, None], sold.shape)
    book.figure("heat_sold_price", fleet.codes, price, there & (sold > 0))
    cost = as_filed("marginal_cost", (bought * 33 + produced * 41) / 10000)
    book.figure("marginal_cost", fleet.codes, cost, there)
    book.figure("marginal_contribution", fleet.codes, sold * price / 10000 - cost, there)


def virtual_plant(fleet: Fleet) -> None:
    """Virtual power plants: called for some hours of every day, for more when much is used."""
    there, mw = fleet.in_service, capacity(fleet)
    quarters = np.floor(fleet.calendar.years * 4)
    aggregated = as_filed("aggregated_capacity", mw * (0.82 + 0.018 * quarters))
    load = fleet.of_province(fleet.grid.load)
    up = as_filed(
        "adjustable_capacity_up",
        aggregated * np.clip(0.24 + 0.03 * persistent(fleet.keys, "up", fleet.days, 0.6), 0.1, 0.5),
    )
    down = as_filed(
        "adjustable_capacity_down",
        aggregated * np.clip(0.19 + 0.03 * persistent(fleet.keys, "down", fleet.days, 0.6), 0.1, 0.5),
    )
    hours = as_filed(
        "called_hours", np.clip(2.4 + 2.2 * (load - 1) + 0.7 * white(fleet.keys, "called", fleet.days), 0.5, 6)
    )
    answered = up * hours * (0.80 + 0.08 * white(fleet.keys, "answered", fleet.days))
    book = fleet.book
    book.figure("aggregated_capacity", fleet.codes, aggregated, there)
    book.figure("adjustable_capacity_up", fleet.codes, up, there)
    book.figure("adjustable_capacity_down", fleet.codes, down, there)
    book.figure("called_times", fleet.codes, np.ceil(hours / 2), there)
    book.figure("called_hours", fleet.codes, hours, there)
    energy = as_filed("response_energy", answered)
    book.figure("response_energy", fleet.codes, energy, there)
    price = as_filed("response_price", 780 + 160 * white(fleet.keys, "price", fleet.days))
    book.figure("response_price", fleet.codes, price, there)
    cost = as_filed("marginal_cost", energy * price * 0.7 / 10000)
    book.figure("marginal_cost", fleet.codes, cost, there)
    book.figure("marginal_contribution", fleet.codes, energy * price / 10000 - cost, there)

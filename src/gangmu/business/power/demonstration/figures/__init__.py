"""Figures of the demonstration, made from a seed: weather, load and rivers, and what plants make of them.

See docs/concepts/demonstration.md. `blocks` gives whole years at once as arrays, `figures_of` one plant's day as it
would be typed. A day's figures are the same whichever window and whichever plants are asked for.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache

from gangmu.business.power.demonstration.figures import others, renewables, steady, thermal, water
from gangmu.business.power.demonstration.figures.before import Figure, Unit, figures, write_facts
from gangmu.business.power.demonstration.figures.book import Block, Book
from gangmu.business.power.demonstration.figures.calendar import EPOCH, Calendar
from gangmu.business.power.demonstration.figures.grid import Grid
from gangmu.business.power.demonstration.figures.units import Fleet
from gangmu.business.power.demonstration.figures.weather import Weather
from gangmu.business.power.demonstration.figures.world import Plant, plants_of, read_plants

__all__ = [
    "EPOCH",
    "SEED",
    "Block",
    "Figure",
    "Plant",
    "Unit",
    "blocks",
    "figures",
    "figures_of",
    "plants_of",
    "read_plants",
    "write_facts",
]

SEED = 20260101
OUT_OF_SERVICE = "停运"  # as a clerk types the mark
MODELS: dict[str, Callable[[Fleet], None]] = {
    "coal": thermal.coal,
    "cogeneration": thermal.cogeneration,
    "gas": thermal.gas,
    "hydro": water.hydro,
    "pumped_storage": water.pumped,
    "onshore_wind": renewables.wind,
    "offshore_wind": renewables.wind,
    "solar": renewables.solar,
    "nuclear": steady.nuclear,
    "biomass": steady.biomass,
    "waste": steady.waste,
    "storage": others.storage,
    "heat_company": others.heat,
    "virtual_plant": others.virtual_plant,
}


def blocks(plants: Sequence[Plant], first: date, last: date, *, seed: int = SEED) -> Iterator[Block]:
    """The figures of plants, their units and reservoirs for the days from `first` to `last`.

    Nothing is made for days before `EPOCH`, and nothing for what is not in service yet.
    """
    calendar, weather, grid = _country(last, seed)
    by_model: dict[str, list[Plant]] = defaultdict(list)
    for plant in plants:
        by_model[model_of(plant)].append(plant)
    for model, its in by_model.items():
        if model in MODELS:
            book = Book(calendar, first, last)
            MODELS[model](Fleet(its, book, weather, grid, seed))
            yield from book


def figures_of(plant: Plant, day: date, *, seed: int = SEED) -> dict[tuple[str, str], str]:
    """A plant's figures of one day as they would be typed, by organisation and indicator."""
    return {
        (code, block.indicator): typed
        for block in _window(plant, day.replace(day=1), day, seed)
        for row, code in enumerate(block.organisations)
        if (typed := _typed(block, row, (day - block.first).days))
    }


@lru_cache(maxsize=2)
def _country(last: date, seed: int) -> tuple[Calendar, Weather, Grid]:
    calendar = Calendar(last)
    weather = Weather(calendar, seed)
    return calendar, weather, Grid(calendar, weather, seed)


@lru_cache(maxsize=64)
def _window(plant: Plant, first: date, last: date, seed: int) -> tuple[Block, ...]:
    return tuple(blocks([plant], first, last, seed=seed))


def _typed(block: Block, row: int, column: int) -> str:
    if column < 0 or column >= block.values.shape[1]:
        return ""
    if block.out[row, column]:
        return OUT_OF_SERVICE
    if not block.present[row, column]:
        return ""
    return str(Decimal(int(block.values[row, column])).scaleb(-block.precision))


def model_of(plant: Plant) -> str:
    """Which model makes a plant's figures; the forms choose their plants alike."""
    if plant.kind != "plant":
        return plant.kind
    if plant.cogeneration and plant.fuel in ("coal", "gas"):
        return "cogeneration"
    return plant.fuel

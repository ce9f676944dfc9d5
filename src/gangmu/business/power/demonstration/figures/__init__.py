"""Figures of the demonstration, made from a seed: weather, load and rivers, and what plants make of them.

See docs/concepts/demonstration.md. `blocks` gives whole years at once as arrays. A day's figures are the same
whichever window and whichever plants are asked for.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import lru_cache

from gangmu.business.power.demonstration.figures import others, renewables, steady, thermal, water
from gangmu.business.power.demonstration.figures.book import Block, Book
from gangmu.business.power.demonstration.figures.calendar import EPOCH, Calendar
from gangmu.business.power.demonstration.figures.grid import Grid
from gangmu.business.power.demonstration.figures.units import Fleet
from gangmu.business.power.demonstration.figures.weather import Weather
from gangmu.business.power.demonstration.figures.world import Plant, Unit, plants_of, read_plants

__all__ = [
    "EPOCH",
    "SEED",
    "Block",
    "Plant",
    "Unit",
    "blocks",
    "model_of",
    "plants_of",
    "read_plants",
]

SEED = 20260101
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


@lru_cache(maxsize=2)
def _country(last: date, seed: int) -> tuple[Calendar, Weather, Grid]:
    calendar = Calendar(last)
    weather = Weather(calendar, seed)
    return calendar, weather, Grid(calendar, weather, seed)


def model_of(plant: Plant) -> str:
    """Which model makes a plant's figures; the forms choose their plants alike."""
    if plant.kind != "plant":
        return plant.kind
    if plant.cogeneration and plant.fuel in ("coal", "gas"):
        return "cogeneration"
    return plant.fuel

"""The fleet of one kind: plants and their units as rows of arrays, and what all units file alike."""

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np

from gangmu.business.power.demonstration.figures.book import Book, as_filed
from gangmu.business.power.demonstration.figures.grid import Grid
from gangmu.business.power.demonstration.figures.noise import Booleans, Floats, Keys, keys
from gangmu.business.power.demonstration.figures.outages import Habits, Spells, in_service, spells
from gangmu.business.power.demonstration.figures.weather import Weather
from gangmu.business.power.demonstration.figures.world import Plant


class Fleet:
    """Plants of one kind. Arrays of plants and of units have one row each, and one column a day."""

    def __init__(self, plants: Sequence[Plant], book: Book, weather: Weather, grid: Grid, seed: int) -> None:
        self.plants, self.book, self.weather, self.grid, self.seed = plants, book, weather, grid, seed
        self.calendar = book.calendar
        self.days = book.calendar.ordinals
        self.codes = [plant.code for plant in plants]
        self.keys: Keys = keys(seed, self.codes)
        self.provinces = [plant.province for plant in plants]
        self.units = [unit for plant in plants for unit in plant.units]
        self.unit_codes = [unit.code for unit in self.units]
        self.unit_keys: Keys = keys(seed, self.unit_codes)
        self.of_unit = np.repeat(np.arange(len(plants)), [len(plant.units) for plant in plants])
        self.mw: Floats = np.array([unit.capacity_mw for unit in self.units])[:, None]
        self.whole = np.array([sum(unit.capacity_mw for unit in plant.units) for plant in plants])  # of all units, ever
        self.spells: Spells

    def draw(self, habits: Callable[[Plant], Habits]) -> None:
        """When the units stand still."""
        of_units = [its for plant, its in ((one, habits(one)) for one in self.plants) for _unit in plant.units]
        turns = [turn for plant in self.plants for turn in range(len(plant.units))]
        self.spells = spells(self.units, of_units, self.calendar, self.seed, turns)

    def summed(self, of_units: Floats) -> Floats:
        """Of units to their plants."""
        total = np.zeros((len(self.plants), of_units.shape[1]))
        np.add.at(total, self.of_unit, of_units)
        return total

    def any_of(self, of_units: Booleans) -> Booleans:
        return self.summed(of_units.astype(np.float64)) > 0

    @cached_property
    def in_service(self) -> Booleans:
        """Plants that have a unit in service; those without units by their own first day."""
        if not self.units:
            return in_service([plant.commissioned for plant in self.plants], self.calendar)
        return self.any_of(self.spells.in_service)

    @cached_property
    def out(self) -> Booleans:
        """Plants of which no unit ran."""
        return self.in_service & ~self.any_of(self.spells.in_service & ~self.spells.out)

    @cached_property
    def capacity(self) -> Floats:
        """MW in service, by plant and day."""
        return self.summed(self.mw * self.spells.in_service)

    def of_province(self, table: Floats) -> Floats:
        return self.grid.of(table, self.provinces)

    def per_unit(self, of_plants: Floats) -> Floats:
        return of_plants[self.of_unit]

    def file_units(self, generation: Floats, auxiliary: Floats, *, derated: bool = True) -> tuple[Floats, Floats]:
        """What every unit files; gives back generation and auxiliary energy as they are filed.

        Args:
            derated: whether deratings are filed; where they hardly matter nobody does.
        """
        its, book = self.spells, self.book
        generation = as_filed("generation", generation * its.in_service * ~its.out)
        auxiliary = as_filed("auxiliary", auxiliary * its.in_service * ~its.out)
        book.write("unit_state", self.unit_codes, its.state, its.in_service)
        book.figure("run_hours", self.unit_codes, its.run_hours, its.in_service, its.out)
        book.figure("generation", self.unit_codes, generation, its.in_service, its.out)
        book.figure("auxiliary", self.unit_codes, auxiliary, its.in_service, its.out)
        book.figure("available_hours", self.unit_codes, its.available_hours, its.in_service)
        if derated:
            book.figure("derated_hours", self.unit_codes, its.derated_hours, its.in_service)
        return generation, auxiliary

    def on_grid(self, generation: Floats, auxiliary: Floats, lost: float = 0.004) -> Floats:
        """What reaches the grid: of generation, less what the plant uses and its transformers lose."""
        net = self.summed(generation - auxiliary)
        made = as_filed("on_grid_energy", np.maximum(net, 0) * (1 - lost))
        self.book.figure("on_grid_energy", self.codes, made, self.in_service, self.out)
        return made

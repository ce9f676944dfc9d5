"""Indicators: filed ones with every way of adding up, and formulas that rest on formulas."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

from oracle import formula
from oracle.draw.expressions import DIMENSION, UNITS, NothingToWriteOf, Writer
from oracle.draw.splits import split
from oracle.world import Dictionary, Indicator

LEVELS = ("unit", "reservoir", "phase", "plant", "region", "group")  # from below to above
OVER_TIME = ("sum", "mean", "first", "last", "min", "max")
OVER_ORGANISATIONS = ("sum", "mean", "min", "max", "none")
DEEPEST = 5
_WORDS = {
    "energy": ("电量", "Energy"),
    "power": ("出力", "Output"),
    "money": ("费用", "Amount"),
    "price": ("电价", "Price"),
    "mass": ("煤量", "Coal"),
    "specific": ("煤耗", "Coal rate"),
    "ratio": ("比率", "Ratio"),
    "hours": ("小时数", "Hours"),
    "length": ("水位", "Level"),
}


class IndicatorDrawing:
    def __init__(
        self,
        rng: Random,
        kinds: set[str],
        features: Counter[str],
        days: list[date],
        dictionaries: tuple[Dictionary, ...] = (),
    ) -> None:
        self.dictionaries = dictionaries
        self.parts: list[Indicator] = []
        self.rng = rng
        self.days = days
        self.levels = [level for level in LEVELS if level in kinds]
        self.features = features
        self.found: list[Indicator] = []
        self.depth: dict[str, int] = {}
        self.names_time: set[str] = set()  # formulas with functions of time in them, however deep
        self.tops = [level for level in self.levels if level in ("unit", "plant")] or self.levels

    def draw(self) -> list[Indicator]:
        rng = self.rng
        dimensions = rng.choice(
            (
                ["energy", "energy", "money"],
                ["energy", "price", "energy"],
                ["mass", "energy", "power"],
                ["ratio", "energy"],
                ["length", "ratio"],
                ["energy", "money", "price", "mass", "power"],
                ["energy", "energy", "energy"],
            )
        )
        mixed = rng.random() < 0.3
        level = rng.choice(self.tops if rng.random() < 0.75 else self.levels)
        grain = rng.choice(("day", "day", "month"))
        for dimension in dimensions:
            if mixed:
                level, grain = rng.choice((*self.tops, rng.choice(self.levels))), rng.choice(("day", "day", "month"))
            self._keep(self._filed(dimension, level, grain), 0)
        self.found, self.parts = split(Random(f"{rng.getstate()[1][:3]}"), self.found, self.dictionaries, self.features)
        for part in self.parts:
            self.depth[part.code] = 0
        if rng.random() < 0.15:
            self._keep(self._capacity(level, grain), 1)
        for _ in range(rng.choice((0, 1, 3, 4, 5, 6, 8))):
            for _ in range(8):
                if self._formula():
                    break
        return self.found

    def _keep(self, indicator: Indicator, depth: int) -> None:
        self.found.append(indicator)
        self.depth[indicator.code] = depth

    def _called(self, dimension: str) -> dict[str, Any]:
        zh, en = _WORDS[dimension]
        number = len(self.found) + 1
        code = self.rng.choice((f"{dimension}{number}", f"x.{dimension}_{number}", f"_{en[0]}{number}.a", f"K{number}"))
        return {"code": code, "name_zh": f"{zh}{number}", "name_en": f"{en} {number}"}

    def _adding_up(self, level: str, grain: str) -> dict[str, Any]:
        """How it is added up; sometimes weighted by one of the indicators of the same level and grain."""
        rng = self.rng
        weights = [
            one
            for one in self.found
            if (one.kind_of_organisation, one.grain) == (level, grain) and one.over_organisations
        ]
        if weights and rng.random() < 0.3:
            self.features["indicator: weighted"] += 1
            weight = rng.choice(weights)
            if weight.formula:
                self.features["indicator: weighted by a formula"] += 1
            return {"over_time": rng.choice(OVER_TIME), "over_organisations": "weighted", "weight": weight.code}
        over_time, over = (
            (rng.choice(OVER_TIME), rng.choice(OVER_ORGANISATIONS)) if rng.random() < 0.9 else ("sum", "sum")
        )
        self.features[f"indicator: {over_time} then {over}"] += 1
        return {"over_time": over_time, "over_organisations": over}

    def _filed(self, dimension: str, level: str, grain: str) -> Indicator:
        rng = self.rng
        self.features[f"indicator: filed by the {level} each {grain}"] += 1
        return Indicator(
            **self._called(dimension),
            unit=rng.choice(UNITS[dimension]),
            precision=rng.choice((0, 0, 1, 2, 2, 3, 4, 6, 9)),
            grain=grain,
            level="" if level == "unit" and rng.random() < 0.3 else level,
            **self._adding_up(level, grain),
        )

    # Formulas

    def _capacity(self, level: str, grain: str) -> Indicator:
        """Capacity as an indicator with cells, above all to weigh with."""
        self.features["formula: capacity alone"] += 1
        code, dimension = self.rng.choice((("capacity_mw", "power"), ("capacity_mwh", "energy")))
        return Indicator(
            **self._called(dimension),
            unit=self.rng.choice(UNITS[dimension]),
            precision=self.rng.choice((0, 2, 3)),
            grain=grain,
            level=level,
            formula=code,
            **self._adding_up(level, grain),
        )

    def _formula(self) -> bool:
        """Try one; whether it came to something."""
        in_cells = self.rng.random() < 0.45
        parts = self.parts if self.rng.random() < 0.4 else []
        at_hand = [one for one in (*parts, *self.found) if self.depth[one.code] < DEEPEST]
        if in_cells:
            at_hand = [one for one in at_hand if one.code not in self.names_time]
        if not at_hand:
            return False
        dimension = self.rng.choice((*UNITS, *(DIMENSION[one.unit] for one in at_hand), "ratio", "ratio"))
        counted = Counter[str]()
        writer = Writer(self.rng, counted, at_hand, in_time=not in_cells and self.rng.random() < 0.75)
        try:
            text = writer.write(dimension, self.rng.choice((1, 2, 2, 3)))
        except NothingToWriteOf:
            return False
        if not writer.used or len(text) > 400:
            return False
        earlier = self._earlier(writer, dimension)
        made = self._made(dimension, text, list(writer.used.values()), in_cells=in_cells, capacity=writer.capacity)
        if made is None:
            return False
        made = replace(made, earlier=earlier)
        self.features["categories: a part in a formula"] += any(one.part_of for one in writer.used.values())
        self.features["formula: changes with time"] += bool(earlier)
        depth = 1 + max(self.depth[code] for code in writer.used)
        self._keep(made, depth)
        functions = {name for one in made.formulas for name in formula.functions(formula.read(one))}
        if writer.used.keys() & self.names_time or functions & set(formula.TIME_FUNCTIONS):
            self.names_time.add(made.code)
        self.features.update(counted)
        self.features[f"formula: depth {depth}"] += 1
        for one in writer.used.values():
            self.features[f"formula: {_sort(made)} over {_sort(one)}"] += 1
        if len({one.unit for one in writer.used.values() if DIMENSION[one.unit] == dimension} | {made.unit}) > 1:
            self.features["formula: units converted"] += 1
        return True

    def _earlier(self, writer: Writer, dimension: str) -> tuple[tuple[str, str], ...]:
        """Other formulas that were valid until days around those of interest."""
        rng = self.rng
        if not self.days or rng.random() < 0.6:
            return ()
        found: dict[str, str] = {}
        for day in rng.sample(self.days, min(len(self.days), rng.choice((1, 1, 2, 3)))):
            last = rng.choice((day, day - timedelta(days=1), day.replace(day=1) - timedelta(days=1)))
            try:
                text = writer.write(dimension, rng.choice((0, 1, 2)))
            except NothingToWriteOf:
                continue
            if len(text) <= 400:
                found[last.isoformat()] = text
        return tuple(sorted(found.items()))

    def _made(
        self, dimension: str, text: str, used: list[Indicator], *, in_cells: bool, capacity: bool
    ) -> Indicator | None:
        rng = self.rng
        made = Indicator(
            **self._called(dimension),
            unit=rng.choice(UNITS[dimension]),
            precision=rng.choice((0, 1, 2, 2, 3, 4, 6, *(one.precision for one in used))),
            formula=text,
        )
        leaves = self._leaves(used)
        levels = {one.kind_of_organisation for one in leaves}
        level = max(levels, key=LEVELS.index)
        if not in_cells:
            if capacity or rng.random() < 0.3:
                return replace(made, level=rng.choice((level, *self.tops)) if capacity else level)
            return made
        if "reservoir" in levels and levels & {"unit", "phase"}:
            return None
        grains = {one.grain for one in leaves}
        grain = "month" if "month" in grains or rng.random() < 0.2 else "day"
        if len(levels) > 1:
            self.features["formula: inputs of several levels"] += 1
        if "day" in grains and grain == "month":
            self.features["formula: days in a formula of months"] += 1
        return replace(made, grain=grain, level=level, **self._adding_up(level, grain))

    def _leaves(self, used: list[Indicator]) -> list[Indicator]:
        """The indicators with cells below them."""
        everything = (*self.found, *self.parts)
        by_code = {one.code: one for one in everything} | {
            name: one for one in everything for name in (one.name_zh, one.name_en)
        }
        found = []
        for one in used:
            if one.is_result_formula:
                names = [name for text in one.formulas for name in formula.names(formula.read(text))]
                found += self._leaves([by_code[name] for name in names if name in by_code])
            else:
                found.append(one)
        return found


def _sort(indicator: Indicator) -> str:
    return "filed" if indicator.is_filed else "result" if indicator.is_result_formula else "cells"


def draw_indicators(
    rng: Random,
    kinds: set[str],
    features: Counter[str],
    days: Iterable[date] = (),
    dictionaries: tuple[Dictionary, ...] = (),
) -> list[Indicator]:
    """A handful of indicators for a world with organisations of these kinds; formulas change around `days`."""
    return IndicatorDrawing(rng, kinds, features, sorted(days), dictionaries).draw()

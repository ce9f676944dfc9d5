"""The demonstration's figures as sheets, put through the real rules of the forms, without a database."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from importlib import resources

import numpy as np

from gangmu.business.power.content import composing
from gangmu.business.power.demonstration.figures import Block, Plant, blocks, read_plants
from gangmu.figures.filing.definitions import SELF, FormDefinition
from gangmu.figures.filing.models import Mark
from gangmu.figures.filing.rules import Context, Filled, Finding, RowFacts, RuleSet, Series, compile_rules
from gangmu.figures.indicators.catalogue import Catalogue
from gangmu.figures.indicators.loading.checking import check
from gangmu.figures.indicators.loading.reading import read_indicators
from gangmu.foundation.parties import kinds

WINDOW = 60  # days of history that the forms look at


@dataclass(frozen=True)
class Complaint:
    """What a rule, or a blank, says about one sheet."""

    plant: str
    day: date
    rule: str
    strength: str
    text: str

    def __str__(self) -> str:
        return f"{self.plant} {self.day} {self.strength} {self.rule}: {self.text}"


@cache
def world() -> tuple[Plant, ...]:
    """The plants of the demonstration."""
    with resources.as_file(resources.files("gangmu.business.power.demonstration") / "organisations.csv") as path:
        return tuple(read_plants(path))


@cache
def regions() -> dict[str, str]:
    """Below which region each plant stands."""
    text = (resources.files("gangmu.business.power.demonstration") / "organisations.csv").read_text("utf-8")
    return {line.split(",")[0]: line.rsplit(",")[4] for line in text.splitlines() if '"' not in line}


@cache
def catalogue() -> Catalogue:
    ranks = {kind.code: kind.rank for kind in kinds.all_kinds()}
    return check(read_indicators(composing.indicators_text()), [], ranks)[0]


@cache
def forms() -> dict[str, RuleSet]:
    return {form["code"]: compile_rules(FormDefinition.from_json(form), catalogue()) for form in composing.forms()}


def form_of(plant: Plant) -> str:
    """The one form that a plant files."""
    given = {"cogeneration": "yes" if plant.cogeneration else ""}
    fitting = [
        code
        for code, rules in forms().items()
        if plant.kind in rules.definition.kinds
        and (not rules.definition.fuels or plant.fuel in rules.definition.fuels)
        and all(given.get(name) in wanted for name, wanted in rules.definition.having)
        and not any(given.get(name) in unwanted for name, unwanted in rules.definition.lacking)
    ]
    assert len(fitting) == 1, (plant, fitting)
    return fitting[0]


class Made:
    """Figures of some plants for some days, with the history that rules look at."""

    def __init__(self, plants: Sequence[Plant], first: date, last: date) -> None:
        self.plants = plants
        self.numbers: dict[str, int] = {}
        self.rows: dict[tuple[str, str], tuple[Block, int]] = {}
        self.of_organisation: dict[str, list[tuple[Block, int]]] = defaultdict(list)
        for block in blocks(plants, first - timedelta(days=WINDOW + 1), last):
            assert block.precision == catalogue()[block.indicator].precision, block.indicator
            for row, code in enumerate(block.organisations):
                assert (code, block.indicator) not in self.rows, (code, block.indicator)
                self.rows[code, block.indicator] = block, row
                self.of_organisation[code].append((block, row))

    def number(self, code: str) -> int:
        return self.numbers.setdefault(code, len(self.numbers) + 1)

    def complaints(self, days: Iterable[date]) -> tuple[int, list[Complaint]]:
        """How many sheets there are, and what is said about them."""
        by_form: dict[str, list[Plant]] = defaultdict(list)
        for plant in self.plants:
            by_form[form_of(plant)].append(plant)
        count, found = 0, []
        days = list(days)
        for code, plants in by_form.items():
            sheets = [(plant, day) for day in days for plant in plants if plant.commissioned <= day]
            count += len(sheets)
            found += self._checked(forms()[code], sheets)
        return count, found

    def _checked(self, rules: RuleSet, sheets: Sequence[tuple[Plant, date]]) -> Iterator[Complaint]:
        facts: dict[tuple[int, date], RowFacts] = {}
        filled = []
        for plant, day in sheets:
            rows = self._rows(rules, plant, day, facts)
            values, marks = self._cells(plant, day)
            filled.append(Filled(self.number(plant.code), day, rows, values, marks))
            for section in rules.definition.sections:
                for item in section.items:
                    for one in rows[section.level]:
                        key = one, item.indicator
                        if item.required and key not in values:
                            yield Complaint(plant.code, day, "required", "error", item.indicator)
                        if key in marks and not item.out_of_service:
                            yield Complaint(plant.code, day, "mark", "error", item.indicator)
        series, in_service = self._series()
        context = Context(rows=facts, earlier=series, past=in_service)
        for (plant, day), findings in zip(sheets, rules.check_many(filled, context), strict=True):
            for finding in findings:
                yield Complaint(plant.code, day, _rule(finding), finding.strength, finding.text)

    def _rows(
        self, rules: RuleSet, plant: Plant, day: date, facts: dict[tuple[int, date], RowFacts]
    ) -> dict[str, list[int]]:
        own = self.number(plant.code)
        units = [unit for unit in plant.units if unit.commissioned <= day]
        group = plant.kind, plant.fuel, regions().get(plant.code)
        facts[own, day] = _facts((), plant.capacity_mw, group)
        for unit in units:
            facts[self.number(unit.code), day] = _facts((own,), unit.capacity_mw, None)
        rows = {SELF: [own], "unit": [self.number(unit.code) for unit in units] or [own]}
        rows["reservoir"] = [self.number(code) for code in plant.reservoirs] or [own]
        for code in plant.reservoirs:
            facts[self.number(code), day] = _facts((own,), 0, None)
        return rows

    def _cells(
        self, plant: Plant, day: date
    ) -> tuple[dict[tuple[int, str], Decimal | None], dict[tuple[int, str], int]]:
        values: dict[tuple[int, str], Decimal | None] = {}
        marks: dict[tuple[int, str], int] = {}
        for code in (plant.code, *(unit.code for unit in plant.units), *plant.reservoirs):
            for block, row in self.of_organisation[code]:
                column = (day - block.first).days
                key = self.number(code), block.indicator
                if block.out[row, column]:
                    marks[key] = Mark.OUT_OF_SERVICE
                    values[key] = None
                if block.present[row, column]:
                    values[key] = Decimal(int(block.values[row, column])).scaleb(-block.precision)
        return values, marks

    def _series(self) -> tuple[dict[tuple[int, str], Series], dict[tuple[int, str], Series]]:
        everything, in_service = {}, {}
        for (code, indicator), (block, row) in self.rows.items():
            key = self.number(code), indicator
            days = np.arange(block.values.shape[1]) + block.first.toordinal()
            there, runs = block.present[row], block.present[row] & ~block.out[row]
            everything[key] = Series(days[there], block.values[row][there])
            in_service[key] = Series(days[runs], block.values[row][runs])
        return everything, in_service


def _facts(above: tuple[int, ...], megawatts: float, group: object) -> RowFacts:
    capacity = Fraction(str(megawatts)) if megawatts else None
    return RowFacts(above, capacity, capacity * 24 if capacity else None, group)


def _rule(finding: Finding) -> str:
    return finding.key.split("@")[0]

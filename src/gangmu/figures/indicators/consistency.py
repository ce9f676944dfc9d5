"""Mistakes between indicators: unknown names, cycles, units, levels, grains, weights."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from itertools import islice

from django.utils.translation import gettext as _

from gangmu.figures.indicators.catalogue import DEEPEST, Catalogue
from gangmu.figures.indicators.definitions import (
    CAPACITIES,
    Grain,
    IndicatorDefinition,
    Making,
    OverOrganisations,
    OverTime,
)
from gangmu.figures.indicators.formula import tree as trees
from gangmu.figures.indicators.formula.compiling import refuse_time_functions
from gangmu.figures.indicators.formula.errors import START, CyclicFormula, FormulaError, Place, UnknownName
from gangmu.figures.indicators.formula.graph import find_cycle
from gangmu.figures.indicators.formula.tree import Reference, Shift
from gangmu.figures.indicators.units import UnknownUnit


@dataclass(frozen=True)
class Fault:
    """What is wrong with one indicator among the others: in which field, and for a formula where in it."""

    code: str
    field: str
    message: str
    place: Place | None = None
    unknown: str = ""  # the code or name that does not exist, when that is what is wrong


MOST_FAULTS = 200  # a file with more has one cause; each costs a search for what was meant


def faults(catalogue: Catalogue, codes: Iterable[str], ranks: Mapping[str, int]) -> list[Fault]:
    """What is wrong with the indicators `codes` among all: the first 200 faults.

    A fault is told once, where it is, not at what needs it.

    Args:
        ranks: the kinds of organisation; a smaller rank is a higher level.
    """
    return list(islice(_Check(catalogue, ranks).faults(codes), MOST_FAULTS))


class _Check:
    def __init__(self, catalogue: Catalogue, ranks: Mapping[str, int]) -> None:
        self.catalogue, self.ranks = catalogue, ranks
        self.depths = catalogue.depths()
        self.sound: set[str] = set()  # what can be compiled, with all that it needs
        for code in self.depths:
            needs = [needed for needed in catalogue.needs_if_readable(code) if needed not in CAPACITIES]
            if all(needed in self.sound for needed in needs) and self._compiles(code):
                self.sound.add(code)

    def _compiles(self, code: str) -> bool:
        try:
            if self.catalogue[code].formula:
                self.catalogue.compiled(code)
            self.catalogue.unit(code)
        except (FormulaError, UnknownUnit):
            return False
        return True

    def faults(self, codes: Iterable[str]) -> Iterator[Fault]:
        told: set[str] = set()  # members of cycles that were told
        for code in codes:
            definition = self.catalogue[code]
            yield from self._field_faults(definition)
            if code not in self.depths and code not in told:
                cycle = find_cycle([code], self.catalogue.needs_if_readable)
                if cycle is None:
                    message = _("formulas stand on each other more than %(most)d deep.") % {"most": DEEPEST}
                    yield Fault(code, "formula", message, START)
                elif code in cycle:
                    told.update(cycle)
                    yield self._cycle_fault(definition, cycle)
            if definition.formula:
                yield from self._formula_faults(definition)

    def _field_faults(self, definition: IndicatorDefinition) -> Iterator[Fault]:
        code = definition.code
        try:
            self.catalogue.unit(code)
        except UnknownUnit as error:
            yield Fault(code, "unit", str(error))
        if definition.level not in self.ranks:
            known = sorted(self.ranks, key=lambda kind: (self.ranks[kind], kind))
            message = _("“%(level)s” is no kind of organisation. Known kinds: %(known)s.") % {
                "level": definition.level[:60],
                "known": ", ".join(known),
            }
            yield Fault(code, "level", message + _near(definition.level, known))
        if definition.weight:
            yield from self._weight_faults(definition, definition.weight)
        if definition.settles:
            yield from self._settling_faults(definition, definition.settles)

    def _weight_faults(self, definition: IndicatorDefinition, weight: str) -> Iterator[Fault]:
        found = self.catalogue.get(weight)
        if weight in CAPACITIES:
            message = _(
                "%(weight)s is no indicator. Make one with formula: %(weight)s, over_time and over_organisations."
            ) % {"weight": weight}
        elif found is None:
            message = _("there is no indicator %(name)s.") % {"name": weight} + _near(weight, self.catalogue)
        elif found.making is Making.RESULT:
            message = _("%(weight)s is evaluated after adding up and has no values to weigh with.") % {"weight": weight}
        elif (found.grain, found.level) != (definition.grain, definition.level):
            message = _(
                "a weight has the grain and level of what it weighs (%(grain)s, %(level)s); "
                "%(weight)s has %(its_grain)s, %(its_level)s."
            ) % {
                "grain": definition.grain,
                "level": definition.level,
                "weight": weight,
                "its_grain": found.grain,
                "its_level": found.level,
            }
        else:
            return
        unknown = weight if found is None else ""
        yield Fault(definition.code, "weight", message, unknown=unknown)

    def _settling_faults(self, definition: IndicatorDefinition, settled: str) -> Iterator[Fault]:
        """A settled value is filed by month and takes the place of days that are added up as it is."""
        code, found = definition.code, self.catalogue.get(settled)
        words = {"code": settled}
        if found is None:
            message = _("there is no indicator %(name)s.") % {"name": settled} + _near(settled, self.catalogue)
            yield Fault(code, "settles", message, unknown=settled)
            return
        both = (definition, found)
        if definition.making is not Making.STORED or definition.grain is not Grain.MONTH:
            yield Fault(code, "settles", _("settled values are filed by month: write grain: month, without a formula."))
        elif found.making is not Making.STORED or found.grain is not Grain.DAY:
            message = _("%(code)s is not filed by day; only days are settled by a monthly value.") % words
            yield Fault(code, "settles", message)
        elif any((one.over_time, one.over_organisations) != (OverTime.SUM, OverOrganisations.SUM) for one in both):
            message = _("a settled value and %(code)s, whose days it settles, are both added up: sum and sum.") % words
            yield Fault(code, "settles", message)
        elif self._units_differ(definition, found):
            message = _("%(code)s, whose days it settles, is in %(unit)s; a settled value has the same unit.")
            yield Fault(code, "settles", message % (words | {"unit": found.unit}))
        elif day := _with_more_decimals(definition, found):
            message = _("%(code)s, whose days it settles, has %(decimals)d decimals; a settled value has no more.")
            yield Fault(code, "settles", message % (words | {"decimals": found.decimals(day)}))
        elif self.ranks.get(definition.level, 0) > self.ranks.get(found.level, 0):
            message = _("%(code)s is filed at level %(level)s; its settled value is filed there or above it.")
            yield Fault(code, "settles", message % (words | {"level": found.level}))
        elif self.catalogue.settled_by[settled] != code:
            message = _("%(code)s is settled by %(other)s already.")
            yield Fault(code, "settles", message % (words | {"other": self.catalogue.settled_by[settled]}))

    def _units_differ(self, one: IndicatorDefinition, other: IndicatorDefinition) -> bool:
        try:
            unit, other_unit = self.catalogue.unit(one.code), self.catalogue.unit(other.code)
        except UnknownUnit:
            return False  # told at the one that has it
        return not unit.converts_to(other_unit) or unit.factor != other_unit.factor

    def _cycle_fault(self, definition: IndicatorDefinition, cycle: tuple[str, ...]) -> Fault:
        start = cycle.index(definition.code)
        turned = (*cycle[start:-1], *cycle[:start], definition.code)
        for reference in self._references(definition):
            if self.catalogue.resolve(reference) == turned[1]:
                return Fault(definition.code, "formula", CyclicFormula(turned).message, reference.place)
        return Fault(definition.code, "weight", CyclicFormula(turned).message)

    def _references(self, definition: IndicatorDefinition) -> list[Reference]:
        return trees.references(self.catalogue.tree(definition.code)) if definition.formula else []

    def _formula_faults(self, definition: IndicatorDefinition) -> Iterator[Fault]:
        code = definition.code
        try:
            self.catalogue.inputs(code)
            if definition.making is Making.CELL:
                self._check_cells(definition)
            if code not in self.depths:
                return
            if all(needed in self.sound or needed in CAPACITIES for needed in self.catalogue.needs(code)):
                self.catalogue.program(code)
                self._check_last(code)
        except UnknownUnit:
            return  # told at the indicator that has it
        except FormulaError as error:
            unknown = error.name if isinstance(error, UnknownName) else ""
            yield Fault(code, "formula", error.message, error.place, unknown)

    def _check_cells(self, definition: IndicatorDefinition) -> None:
        """Nothing looks at another period; no input is coarser, none is filed at a higher level."""
        refuse_time_functions(self.catalogue.tree(definition.code))
        for reference in self._references(definition):
            mentioned = self.catalogue.resolve(reference)
            found = self.catalogue.get(mentioned)
            if found is None:
                continue
            is_result = found.making is Making.RESULT
            if is_result:
                self._check_looks_at_no_other_period(mentioned, reference.place)
            for cells in self.catalogue.cells_below(mentioned) if is_result else [mentioned]:
                self._check_cells_meet(definition, self.catalogue[cells], reference.place)

    def _check_looks_at_no_other_period(self, code: str, place: Place) -> None:
        waiting, seen = [code], {code}
        while waiting:
            current = waiting.pop()
            try:
                refuse_time_functions(self.catalogue.tree(current))
            except FormulaError as error:
                raise FormulaError(
                    _("this formula is evaluated for each cell by itself, but %(code)s looks at another period.")
                    % {"code": current},
                    place,
                ) from error
            for needed in self.catalogue.needs_if_readable(current):
                found = self.catalogue.get(needed)
                if needed not in seen and found and found.making is Making.RESULT:
                    seen.add(needed)
                    waiting.append(needed)

    def _check_cells_meet(self, definition: IndicatorDefinition, below: IndicatorDefinition, place: Place) -> None:
        if below.grain is Grain.MONTH and definition.grain is Grain.DAY:
            raise FormulaError(
                _("%(code)s has monthly values only; a daily formula cannot use it. Write grain: month.")
                % {"code": below.code},
                place,
            )
        ranks = self.ranks
        if below.level in ranks and definition.level in ranks and ranks[below.level] < ranks[definition.level]:
            raise FormulaError(
                _(
                    "%(code)s is filed at level %(higher)s, above %(level)s; inputs meet at the higher level. "
                    "Write level: %(higher)s."
                )
                % {"code": below.code, "higher": below.level, "level": definition.level},
                place,
            )

    def _check_last(self, code: str) -> None:
        """Weighted means run over all cells at once; there is no last value of each organisation to take."""
        for leaf in self.catalogue.program(code).leaves:
            found = self.catalogue.get(leaf.code)
            if Shift.LAST in leaf.shifts and found and found.over_organisations is OverOrganisations.WEIGHTED:
                raise FormulaError(
                    _("last(…) cannot be taken of %(code)s, which is a weighted mean.") % {"code": leaf.code},
                    START,
                )


def _with_more_decimals(one: IndicatorDefinition, other: IndicatorDefinition) -> date | None:
    """A day on which one indicator has more decimals than another."""
    ends = {before.until for before in (*one.precisions, *other.precisions)} | {date.max}
    return next((day for day in sorted(ends) if one.decimals(day) > other.decimals(day)), None)


def _near(word: str, known: Iterable[str]) -> str:
    nearest = get_close_matches(word, list(known), n=1, cutoff=0.5)
    return " " + _("Did you mean “%(suggestion)s”?") % {"suggestion": nearest[0]} if nearest else ""

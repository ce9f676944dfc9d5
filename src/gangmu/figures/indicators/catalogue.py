"""All indicators together: names resolved, formulas compiled."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, lru_cache

from django.utils.translation import gettext as _

from gangmu.figures.indicators.definitions import CAPACITIES, IndicatorDefinition, Making
from gangmu.figures.indicators.formula import tree as trees
from gangmu.figures.indicators.formula.compiling import Compiled, compile_tree
from gangmu.figures.indicators.formula.errors import AmbiguousName, CyclicFormula, FormulaError, UnknownName
from gangmu.figures.indicators.formula.graph import find_cycle
from gangmu.figures.indicators.formula.parser import parse
from gangmu.figures.indicators.formula.program import Leaf, Program, link
from gangmu.figures.indicators.formula.tree import Node, Reference
from gangmu.figures.indicators.units import Unit, parse_unit

DEEPEST = 64
_parsed = lru_cache(maxsize=4096)(parse)  # catalogues of different days share most of their formulas


class Catalogue(Mapping[str, IndicatorDefinition]):
    """The indicators by code. What is asked of a formula is computed once and kept.

    The methods that compile raise FormulaError where `consistency.faults` has something to tell.
    """

    def __init__(self, definitions: Iterable[IndicatorDefinition]) -> None:
        self._definitions = {definition.code: definition for definition in definitions}
        self._trees: dict[str, Node] = {}
        self._compiled: dict[str, Compiled] = {}
        self._programs: dict[str, Program] = {}
        self._inputs: dict[str, tuple[str, ...]] = {}

    def __getitem__(self, code: str) -> IndicatorDefinition:
        return self._definitions[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._definitions)

    def __len__(self) -> int:
        return len(self._definitions)

    # Asking ----------------------------------------------------------------------------------------------------------

    def unit(self, code: str) -> Unit:
        """The unit of an indicator or of a capacity."""
        return parse_unit(CAPACITIES[code] if code in CAPACITIES else self[code].unit)

    def tree(self, code: str) -> Node:
        """The formula of an indicator, parsed."""
        if code not in self._trees:
            self._trees[code] = _parsed(self[code].formula)
        return self._trees[code]

    def inputs(self, code: str) -> tuple[str, ...]:
        """The codes that an indicator's formula mentions, each once, in order; none for a stored indicator."""
        if code not in self._inputs:
            found = self._definitions.get(code)
            mentioned = trees.references(self.tree(code)) if found and found.formula else []
            self._inputs[code] = tuple(dict.fromkeys(self.resolve(reference) for reference in mentioned))
        return self._inputs[code]

    def needs(self, code: str) -> tuple[str, ...]:
        """The codes without which an indicator has no values: its formula's inputs, its weight, what it settles."""
        found = self._definitions.get(code)
        beside = (found.weight, found.settles) if found else ()
        return (*self.inputs(code), *filter(None, beside))

    def compiled(self, code: str) -> Compiled:
        """One formula by itself, with the explanation of its units."""
        if code not in self._compiled:
            self._compiled[code] = compile_tree(self.tree(code), self.unit(code), self.resolve, self.unit)
        return self._compiled[code]

    def program(self, code: str) -> Program:
        """The steps of a formula down to what it stands on, in the units of the indicators.

        Its leaves are stored indicators, cell formulas and capacities; result formulas are put in. In the program of
        a cell formula no leaf has shifts.

        Raises:
            FormulaError: CyclicFormula, UnitMismatch, TooLarge, …
        """
        if code not in self._programs:
            cycle = find_cycle([code], self.needs)
            if cycle:
                raise CyclicFormula(cycle)
            self._programs[code] = link(Leaf(code), lambda mentioned: self._inlined(mentioned.code, code))
        return self._programs[code]

    def _inlined(self, code: str, asked: str) -> Program | None:
        found = self._definitions.get(code)
        if found is None or (code != asked and found.making is not Making.RESULT):
            return None
        return self.compiled(code).program if found.formula else None

    def leaves(self, code: str) -> tuple[Leaf, ...]:
        """What the cube has to provide for an indicator: for a stored one itself, else its program's leaves."""
        return self.program(code).leaves if self[code].formula else (Leaf(code),)

    def resolve(self, reference: Reference) -> str:
        """The code that a mention in a formula means. Among several of one name, what is local goes before shipped.

        Raises:
            UnknownName, AmbiguousName: with the codes or names that come near.
        """
        if not reference.is_name:
            if reference.text in self._definitions or reference.text in CAPACITIES:
                return reference.text
            raise self._unknown(reference)
        codes = self._codes_by_name.get(reference.text, ())
        if len(codes) > 1:
            codes = tuple(code for code in codes if not self[code].is_shipped) or codes
        if len(codes) == 1:
            return codes[0]
        if codes:
            raise AmbiguousName(
                _("several indicators are called 「%(name)s」: %(codes)s. Use the code.")
                % {"name": reference.text, "codes": ", ".join(codes)},
                reference.place,
            )
        raise self._unknown(reference)

    @cached_property
    def settled_by(self) -> dict[str, str]:
        """Of daily indicators, the monthly one whose values settle their closed months."""
        found: dict[str, str] = {}
        for one in self._definitions.values():
            if one.settles:
                found.setdefault(one.settles, one.code)  # a second one is a fault
        return found

    @cached_property
    def _codes(self) -> frozenset[str]:
        return frozenset({*self._definitions, *CAPACITIES})

    @cached_property
    def _codes_by_name(self) -> dict[str, tuple[str, ...]]:
        codes: dict[str, tuple[str, ...]] = {}
        for definition in self._definitions.values():
            for name in {definition.name.zh, definition.name.en}:
                codes[name] = (*codes.get(name, ()), definition.code)
        return codes

    def _unknown(self, reference: Reference) -> UnknownName:
        return UnknownName(
            reference.text,
            reference.place,
            is_name=reference.is_name,
            codes=self._codes,
            names=self._codes_by_name,
        )

    def needs_if_readable(self, code: str) -> tuple[str, ...]:
        """`needs`, and nothing for an indicator whose formula cannot be read."""
        try:
            return self.needs(code)
        except FormulaError:
            return ()

    def cells_below(self, code: str) -> tuple[str, ...]:
        """The indicators with cells (stored ones, cell formulas) that a formula mentions, through result formulas."""
        found: dict[str, None] = {}
        waiting = list(reversed(self._inputs_if_readable(code)))
        seen = set(waiting)
        while waiting:
            current = waiting.pop()
            definition = self._definitions.get(current)
            if definition is None:
                continue
            if definition.making is not Making.RESULT:
                found[current] = None
                continue
            below = [needed for needed in self._inputs_if_readable(current) if needed not in seen]
            seen.update(below)
            waiting.extend(reversed(below))
        return tuple(found)

    def _inputs_if_readable(self, code: str) -> tuple[str, ...]:
        try:
            return self.inputs(code)
        except FormulaError:
            return ()

    def dependants(self, codes: Iterable[str]) -> set[str]:
        """The indicators that need one of `codes`, directly or through others."""
        found: set[str] = set()
        waiting = list(codes)
        while waiting:
            for code in self._needed_by.get(waiting.pop(), ()):
                if code not in found:
                    found.add(code)
                    waiting.append(code)
        return found

    @cached_property
    def _needed_by(self) -> dict[str, list[str]]:
        needed_by: dict[str, list[str]] = {}
        for code in self:
            for needed in self.needs_if_readable(code):
                needed_by.setdefault(needed, []).append(code)
        return needed_by

    def depths(self) -> dict[str, int]:
        """How deep each indicator stands on others, in an order in which each comes after what it needs.

        Left out are those that are part of a cycle or need one, and those more than 64 deep.
        """
        open_needs = {code: sum(needed in self for needed in self.needs_if_readable(code)) for code in self}
        depths = {code: 0 for code, count in open_needs.items() if not count}
        ready = list(depths)
        for code in ready:  # grows while it is read
            for dependant in self._needed_by.get(code, ()):
                open_needs[dependant] -= 1
                if not open_needs[dependant]:
                    needs = self.needs_if_readable(dependant)
                    depth = 1 + max(depths.get(needed, 0) for needed in needs)
                    if depth <= DEEPEST:
                        depths[dependant] = depth
                        ready.append(dependant)
        return depths

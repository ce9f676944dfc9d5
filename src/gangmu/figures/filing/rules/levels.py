"""At which level the items of a form stand, and where formulas of them come together.

What a rule mentions meets at the highest of its levels: figures of units are added up, by the rules of their
indicators, to the plant that the other side speaks of.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from gangmu.figures.indicators.catalogue import Catalogue
from gangmu.figures.indicators.definitions import CAPACITIES, Making
from gangmu.figures.indicators.formula.program import Leaf, Program, link


@dataclass(frozen=True, eq=False)
class Levels:
    """The levels of one form.

    Args:
        ranks: of each level, from the top down; `self` is the highest.
        of_item: the level of each item by its indicator.
    """

    catalogue: Catalogue
    ranks: Mapping[str, int]
    of_item: Mapping[str, str]
    _stored: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    _programs: dict[str, Program] = field(default_factory=dict, repr=False)

    def highest(self, items: Iterable[str]) -> str:
        """The level at which items meet."""
        return min((self.of_item[item] for item in items), key=self.ranks.__getitem__)

    def lowest(self, items: Iterable[str]) -> str:
        return max((self.of_item[item] for item in items), key=self.ranks.__getitem__)

    def meets(self, code: str) -> str:
        """The level at which the items that an indicator needs come together."""
        return self.highest(self.stored_below(code))

    def is_formula(self, code: str) -> bool:
        return code not in CAPACITIES and bool(self.catalogue[code].formula)

    def stored_below(self, code: str) -> tuple[str, ...]:
        """The filed indicators that `code` needs, itself included, each once; none for a capacity."""
        if code not in self._stored:
            found: dict[str, None] = {}
            waiting, seen = [code], {code, *CAPACITIES}
            while waiting:
                one = waiting.pop()
                if one in CAPACITIES:
                    continue
                if not self.is_formula(one):
                    found[one] = None
                    continue
                below = [needed for needed in self.catalogue.inputs(one) if needed not in seen]
                seen.update(below)
                waiting += reversed(below)
            self._stored[code] = tuple(found)
        return self._stored[code]

    def template(self, code: str, level: str) -> Program | None:
        """The steps of a formula that is put in at `level`; None for what is given there: items, capacities, and cell
        formulas that are made below and added up."""
        if not self.is_formula(code):
            return None
        if self.catalogue[code].making is Making.CELL and self.meets(code) != level:
            return None
        return self.catalogue.compiled(code).program

    def program(self, code: str) -> Program:
        """The steps of an indicator at its own level, whether filed or made."""
        if code not in self._programs:
            level = self.meets(code)
            whole = self.catalogue.compiled(code).program if self.is_formula(code) else None
            self._programs[code] = link(
                Leaf(code), lambda one: whole if one.code == code else self.template(one.code, level)
            )
        return self._programs[code]

    def without(self, codes: Collection[str]) -> list[str]:
        """Those of some filed indicators that are no items of the form."""
        return [code for code in codes if code not in self.of_item]

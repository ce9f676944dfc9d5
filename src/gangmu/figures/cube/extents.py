"""Of whom and in what part of time an indicator can have cells: told from the edges of slabs, no cell is read."""

from functools import reduce
from itertools import chain

import numpy as np

from gangmu.figures.cube.cellblocks import Slabs, touched
from gangmu.figures.cube.measure import Measure, Measures, always_needed, capacity_of
from gangmu.figures.cube.settled import slab_of
from gangmu.figures.cube.storage import Grain, Slab
from gangmu.figures.cube.storage.layout import Int64s
from gangmu.figures.cube.stretches import Stretch, days_of
from gangmu.figures.cube.tree import EVER, OPEN, Tree
from gangmu.figures.indicators.formula.program import Program


class Extents:
    """See the module. With `settles` off, closed months are left out."""

    def __init__(self, snapshot: Slabs, scenario: int, tree: Tree, measures: Measures, *, settles: bool) -> None:
        self._snapshot, self._scenario, self._settles = snapshot, scenario, settles
        self._tree, self._measures = tree, measures
        self._filers: dict[int, Int64s] = {}  # who has a column, by indicator

    def _filed(self, measure: Measure) -> Slab | None:
        return self._snapshot.slab(measure.id, self._scenario)

    def _settled(self, measure: Measure) -> Slab | None:
        return slab_of(self._snapshot, self._scenario, measure) if self._settles else None

    def organisations(self, measure: Measure) -> Int64s:
        """The organisations that can have cells."""
        if measure.program is None:
            if measure.id not in self._filers:
                both = [one for one in (self._filed(measure), self._settled(measure)) if one is not None]
                filed = [one.organisations[: one.columns] for one in both]
                self._filers[measure.id] = np.unique(np.concatenate(filed)) if filed else np.empty(0, np.int64)
            return self._filers[measure.id]
        return reduce(np.union1d, [self._by_formula(measure, program) for program in measure.programs])

    def _by_formula(self, measure: Measure, program: Program) -> Int64s:
        of_level = self._tree.of_kind(measure.level)
        inputs = {one.code: self.organisations(one) if one.level == measure.level else of_level
                  for one in self.inputs(program)}  # fmt: skip
        if not inputs:  # capacities alone: whoever has the level can have a value
            return of_level
        needed = [inputs[leaf.code] for leaf in always_needed(program) if leaf.code in inputs]
        if needed:
            return reduce(np.intersect1d, needed)
        return np.unique(np.concatenate(list(inputs.values())))

    def strangers(self, measure: Measure) -> Int64s:
        """The organisations that can have cells and are not of the level's kind."""
        slab = self._filed(measure) if measure.is_filed else None
        key = (str(slab.path), slab.columns, measure.level) if slab else None
        if key in self._tree.strangers:
            return self._tree.strangers[key]
        candidates = np.unique(slab.organisations[: slab.columns]) if slab else self.organisations(measure)
        found = candidates[~np.isin(candidates, self._tree.of_kind(measure.level))]
        if key:
            self._tree.strangers[key] = found
        return found

    def periods(self, measure: Measure, within: Stretch) -> Stretch:
        """The part of `within` (on the measure's axis) outside of which nothing was filed."""
        days = self._days_filed(measure)
        if days is None:
            return within[0], within[0]
        low, high = touched(*days, measure.grain)
        low = max(within[0], low)
        return low, max(low, min(within[1], high))

    def _days_filed(self, measure: Measure) -> Stretch | None:
        if measure.program is None:
            both = ((self._filed(measure), measure.grain), (self._settled(measure), Grain.MONTH))
            days = [
                (days_of(slab.base, grain)[0], days_of(slab.base + slab.filled - 1, grain)[1])
                for slab, grain in both
                if slab is not None and slab.filled
            ]
            return (min(low for low, _ in days), max(high for _, high in days)) if days else None
        inputs = [self.inputs(program) for program in measure.programs]
        if not all(inputs):  # capacities alone: on whatever days there are
            return EVER, OPEN
        parts = [days for days in map(self._days_filed, chain(*inputs)) if days is not None]
        return (min(low for low, _ in parts), max(high for _, high in parts)) if parts else None

    def inputs(self, program: Program) -> list[Measure]:
        """The indicators that a formula needs; capacities are none."""
        return [self._measures(leaf.code) for leaf in program.leaves if capacity_of(leaf.code) is None]


def covered(tree: Tree, measure: Measure, filers: Int64s, at: Int64s) -> tuple[Int64s, Int64s]:
    """The cells in whose place others filed: of whoever stood below a filer on any day of the period."""
    order = np.lexsort((at, filers))
    filers, at = filers[order], at[order]
    found = [np.empty((0, 2), np.int64)]
    for filer in np.unique(filers).tolist():
        filed = at[np.searchsorted(filers, filer) : np.searchsorted(filers, filer, "right")]
        for organisation, start, end in tree.below(filer):
            if tree.kind(organisation) != measure.level:
                continue
            low, high = np.searchsorted(filed, touched(start, end, measure.grain))
            if low < high:
                found.append(np.stack([np.full(high - low, organisation), filed[low:high]], axis=1))
    table = np.unique(np.concatenate(found), axis=0)
    return table[:, 0], table[:, 1]

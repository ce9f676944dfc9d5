"""Answers for many groups and periods: filed indicators, formulas cell by cell, formulas on totals.

One engine serves one question: it reads one state of the cube and remembers what it has worked out. It knows nothing
of who asks; the groupings that it is given are already cut to what may be seen.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from gangmu.figures.cube import shares
from gangmu.figures.cube.bybranch import branch_sums
from gangmu.figures.cube.capacities import capacity_cells, over_periods
from gangmu.figures.cube.cellblocks import (
    CellBlock,
    Slabs,
    adds_up,
    every_period,
    holds,
    lowest,
    over_time,
    versions,
    weighted_mean,
)
from gangmu.figures.cube.columns import joined, kept, missing, present_in, taken
from gangmu.figures.cube.extents import Extents, covered
from gangmu.figures.cube.extremes import extremes
from gangmu.figures.cube.gather import Gather
from gangmu.figures.cube.measure import Measure, Measures, capacity_of, only_where_reported
from gangmu.figures.cube.running import summed
from gangmu.figures.cube.settled import adjusted
from gangmu.figures.cube.storage import Grain, Slab
from gangmu.figures.cube.storage.layout import Bools, Bytes, Int64s
from gangmu.figures.cube.stretches import Stretch, days_of, on_axis
from gangmu.figures.cube.together import group_sums
from gangmu.figures.cube.totals import Expectation, PairValues, Totals, group_lowest, nothing, over_organisations
from gangmu.figures.cube.totals import group_sums as totals_of
from gangmu.figures.cube.tree import Grouping, Reach, Tree
from gangmu.figures.indicators.exact.cells import Cells, Exact
from gangmu.figures.indicators.exact.evaluating import evaluate_now
from gangmu.figures.indicators.formula.program import Leaf

_MOST_REMEMBERED = 2_000_000  # cells of formulas, for the questions that one engine answers


class Engine:
    """See the module. `structure` is `now` with today's ordinal, or `then` with 0."""

    def __init__(
        self,
        snapshot: Slabs,
        tree: Tree,
        measures: Measures,
        scenario: int,
        at_least: int,
        now: bool,
        today: int,
        *,
        settles: bool = True,
    ) -> None:
        """With `settles` off, days answer for closed months too."""
        self.snapshot, self.tree, self.measures = snapshot, tree, measures
        self.scenario, self.at_least, self.now, self.today = scenario, at_least, now, today if now else 0
        self.settles = settles
        self.extents = Extents(snapshot, scenario, tree, measures, settles=settles)
        self._totals: dict[tuple[str, bool, int, int], Totals] = {}
        self._numbers: dict[tuple[Stretch, ...], int] = {}  # of periods that were asked for together
        self._expectations: dict[tuple[str, int, int], Expectation] = {}
        self._blocks: dict[tuple[str, bytes, int, int], CellBlock] = {}  # of formulas
        self._remembered_cells = 0
        self._groupings: dict[int, Grouping] = {}  # kept alive: totals are remembered by their identity
        self._gathers: dict[tuple[int, int], Gather] = {}  # by indicator and identity of the reach, which they hold
        self._every: dict[bytes, Reach] = {}

    # Totals ----------------------------------------------------------------------------------------------------------

    def totals(self, measure: Measure, grouping: Grouping, periods: Sequence[Stretch], *, last: bool = False) -> Totals:
        """What a filed indicator or a cell formula comes to, for stretches of days × groups.

        With `last`, each organisation's last reported value stands for its period, whatever the indicator's own rule.
        """
        key = (measure.code, last, id(grouping), self._number(periods))
        if key not in self._totals:
            self._groupings[id(grouping)] = grouping
            if grouping.shares is not None:
                self._totals[key] = shares.totals(self, measure, grouping, periods, last=last)
                return self._totals[key]
            if not last and adds_up(measure):
                self.together([measure], grouping, periods)
                if key in self._totals:
                    return self._totals[key]
            by_cells = not measure.is_filed or measure.over_organisations == "weighted"
            found = self._by_cells if by_cells else self._filed
            rule = "last" if last else measure.over_time
            reach = self.tree.reach(grouping, measure.grain)
            totals = found(measure, reach, [on_axis(one, measure.grain) for one in periods], rule)
            if self.settles and not last:
                totals = adjusted(self, measure, grouping, periods, totals)
            self._totals[key] = totals
        return self._totals[key]

    def together(self, measures: Iterable[Measure], grouping: Grouping, periods: Sequence[Stretch]) -> None:
        """Work out at once what those of several indicators come to that are filed and added up: `totals` has them."""
        if grouping.shares is not None:
            return
        asked = self._number(periods)
        by_grain: dict[Grain, list[tuple[Measure, Slab]]] = {}
        for measure in measures:
            if adds_up(measure) and (measure.code, False, id(grouping), asked) not in self._totals:
                slab = self.slab(measure)
                if slab is not None:
                    by_grain.setdefault(measure.grain, []).append((measure, slab))
        for grain, those in by_grain.items():
            reach = self.tree.reach(grouping, grain)
            stretches = [on_axis(one, grain) for one in periods]
            number = asked if stretches == periods else self._number(stretches)
            found = branch_sums([slab for _, slab in those], grouping, self.tree, grain, self.at_least, stretches)
            rest = [place for place, sums in enumerate(found) if sums is None]
            gathers = [self._gather(*those[place], reach) for place in rest]
            for place, sums in zip(rest, group_sums(gathers, stretches), strict=True):
                found[place] = sums
            for (measure, slab), sums in zip(those, found, strict=True):
                if sums is None:
                    continue
                total, count, state = sums
                values = Exact(total.ravel(), 10**slab.scale, (count > 0).ravel())
                expected = self._expectation(measure, reach, stretches, number).expected(reach.groups)
                self._groupings[id(grouping)] = grouping
                totals = Totals(values, count, expected, state)
                if self.settles:
                    totals = adjusted(self, measure, grouping, periods, totals)
                self._totals[measure.code, False, id(grouping), asked] = totals

    def _number(self, periods: Sequence[Stretch]) -> int:
        """One number for the same periods: hashed once, not with every indicator."""
        return self._numbers.setdefault(tuple(periods), len(self._numbers))

    def slab(self, measure: Measure) -> Slab | None:
        return self.snapshot.slab(measure.id, self.scenario)

    def _gather(self, measure: Measure, slab: Slab, reach: Reach) -> Gather:
        key = measure.id, id(reach)
        if key not in self._gathers:
            self._gathers[key] = Gather(slab, reach, self.at_least)
        return self._gathers[key]

    def _filed(self, measure: Measure, reach: Reach, periods: list[Stretch], rule: str) -> Totals:
        slab = self.slab(measure)
        expectation = self._expectation(measure, reach, periods)
        if slab is None:
            return nothing(expectation.expected(reach.groups))
        gather = self._gather(measure, slab, reach)
        if rule in {"sum", "mean"}:
            sums = gather.sums(periods)
        else:
            sums = gather.ends(periods, rule) if rule in {"first", "last"} else extremes(gather, periods, rule)
        known = sums.count > 0
        below = 10**slab.scale
        if rule == "mean":
            divisors = np.where(known, sums.count, 1).ravel()
            if divisors.size and int(divisors.max()) * below >= 2**62:
                divisors = divisors.astype(object)
            values = Exact.of(sums.total.ravel(), divisors * below, known.ravel())
        else:
            values = Exact.of(sums.total.ravel(), below, known.ravel())
        reported = np.zeros((len(periods), len(reach.group)), np.int64)
        reported[:, gather.pairs] = sums.count
        expected, with_cells = expectation.totals(reach.groups, reported)
        pairs = PairValues(values, known, sums.count, sums.state)
        return over_organisations(
            measure.over_organisations, pairs, reach.group[gather.pairs], reach.groups, expected, with_cells
        )

    def expected(self, measure: Measure, grouping: Grouping, periods: Sequence[Stretch]) -> Int64s:
        """By period × group, the cells that the indicator's level and grain let expect, whatever was filed."""
        reach = self.tree.reach(grouping, measure.grain)
        stretches = [on_axis(one, measure.grain) for one in periods]
        expectation = Expectation(reach, self.tree.of_kind(measure.level), stretches)
        return expectation.expected(reach.groups)

    # Coverage --------------------------------------------------------------------------------------------------------

    def _expectation(
        self, measure: Measure, reach: Reach, periods: list[Stretch], number: int | None = None
    ) -> Expectation:
        """`number` is that of the periods, for who knows it."""
        filers, at = self._filed_elsewhere(measure, reach, periods)
        key = (measure.level, id(reach), self._number(periods) if number is None else number)
        if not len(filers) and key in self._expectations:
            return self._expectations[key]
        expectation = Expectation(reach, self.tree.of_kind(measure.level), periods)
        if len(filers):
            expectation.filed_elsewhere(filers, at, *covered(self.tree, measure, filers, at))
        else:
            self._expectations[key] = expectation
        return expectation

    def _filed_elsewhere(self, measure: Measure, reach: Reach, periods: list[Stretch]) -> tuple[Int64s, Int64s]:
        """The cells at organisations that are not of the level's kind: organisations and periods; of those that the
        reach holds, or that stood above such at any time."""
        organisations = self.extents.strangers(measure)
        if len(organisations):
            organisations = organisations[np.isin(organisations, self.tree.line_of(reach))]
        if not len(organisations):
            return organisations, organisations
        low, high = min((one[0] for one in periods), default=0), max((one[1] for one in periods), default=0)
        low, high = self.extents.periods(measure, (low, high))
        rows, columns = np.nonzero(self.cells(measure, organisations, low, high).present)
        return organisations[columns], rows + low

    # Cells -----------------------------------------------------------------------------------------------------------

    def cells(self, measure: Measure, organisations: Int64s, low: int, high: int) -> CellBlock:
        """The cells of each organisation in periods [low, high) of the measure's grain, in whatever group they are."""
        if measure.program is None:
            return self._filed_cells(measure, organisations, low, high)
        key = (measure.code, organisations.tobytes(), low, high)
        if key not in self._blocks:
            size = (high - low) * len(organisations)
            if self._remembered_cells + size > _MOST_REMEMBERED:
                self._blocks.clear()
                self._remembered_cells = 0
            self._blocks[key] = self._formula_cells(measure, organisations, low, high)
            self._remembered_cells += size
        return self._blocks[key]

    def _worked(self, measure: Measure, organisations: Int64s, low: int, high: int) -> tuple[Cells, Bools, Bytes]:
        """As `cells`, not remembered."""
        block = self._formula_cells(measure, organisations, low, high)
        return block.values, block.present, block.state

    def _formula_cells(self, measure: Measure, organisations: Int64s, low: int, high: int) -> CellBlock:
        """The formula evaluated for each cell; the same for every group that holds them. Where the formula changes
        with time, each cell by that of its day, a month by that of its last day."""
        if measure.since:
            parts = [
                self._cells_of_one(replace(measure, program=program, since=()), organisations, first, after)
                for program, first, after in versions(measure, low, high)
            ]
            if len(parts) == 1:
                return parts[0]
            return CellBlock(
                joined([one.values for one in parts]) if parts else missing(0),
                np.concatenate([one.present for one in parts])
                if parts
                else np.zeros((0, len(organisations)), np.bool_),
                np.concatenate([one.state for one in parts]) if parts else np.zeros((0, len(organisations)), np.uint8),
            )
        return self._cells_of_one(measure, organisations, low, high)

    def _cells_of_one(self, measure: Measure, organisations: Int64s, low: int, high: int) -> CellBlock:
        """As `_formula_cells`, by one program."""
        assert measure.program is not None
        shape = (high - low, len(organisations))
        inputs: dict[Leaf, Cells] = {}
        below = np.full(shape, 255, np.uint8)  # one less than the lowest state; none as 255
        for leaf in measure.program.leaves:
            if capacity_of(leaf.code):
                inputs[leaf] = capacity_cells(
                    self.tree, leaf.code, organisations, (low, high), measure.grain, self.now, self.today
                )
                continue
            inputs[leaf], found = self._input_cells(self.measures(leaf.code), measure, organisations, low, high)
            np.minimum(below, found - np.uint8(1), out=below)
        values = kept(evaluate_now(only_where_reported(measure.program), inputs, shape[0] * shape[1]))
        present = present_in(values).reshape(shape)
        if not self.extents.inputs(measure.program):  # capacities alone: of the level's organisations, and never filed
            at_level = np.isin(organisations, self.tree.of_kind(measure.level))
            present &= at_level
            values = taken(values, np.arange(present.size), np.tile(at_level, high - low))
        return CellBlock(values, present, (below + np.uint8(1)) * present.view(np.uint8))

    def _filed_cells(self, measure: Measure, organisations: Int64s, low: int, high: int) -> CellBlock:
        shape = (high - low, len(organisations))
        value, present = np.zeros(shape, np.int64), np.zeros(shape, np.bool_)
        state = np.zeros(shape, np.uint8)
        slab = self.slab(measure)
        scale = 0 if slab is None else slab.scale
        if slab is not None:
            key = organisations.tobytes()
            if key not in self._every:
                self._every[key] = every_period(organisations)
            gather = self._gather(measure, slab, self._every[key])
            first, after = gather.rows((low, high))
            if (after - first, len(gather.pairs)) == shape:
                block = gather.block(first, after)
                values = Exact(block.value.ravel(), 10**slab.scale, block.present.ravel())
                return CellBlock(values, block.present, block.state)
            if first < after:
                block = gather.block(first, after)
                rows = np.arange(first + slab.base - low, after + slab.base - low)[:, None]
                value[rows, gather.pairs], present[rows, gather.pairs] = block.value, block.present
                state[rows, gather.pairs] = block.state
        values = Exact.of(value.ravel(), 10**scale, present.ravel())
        return CellBlock(values, present, state)

    def _input_cells(
        self, one: Measure, of: Measure, organisations: Int64s, low: int, high: int
    ) -> tuple[Cells, Bytes]:
        """What an input comes to in the cells of a formula: finer grains added up over time, lower levels over
        organisations. Values are flat, states periods × organisations."""
        if one.level == of.level and one.grain == of.grain:
            block = self.cells(one, organisations, low, high)
            return block.values, block.state
        periods = [days_of(index, of.grain) for index in range(low, high)]
        if one.level == of.level:
            grouping = self.tree.alone(organisations.tolist(), self.now, self.today)
            found = self.totals(one, grouping, periods)
            return found.values, found.state
        at_level = np.flatnonzero(np.isin(organisations, self.tree.of_kind(of.level)))
        grouping = self.tree.branches(organisations[at_level].tolist(), self.now, self.today)
        found = self.totals(one, grouping, periods)
        place = np.full(len(organisations), 0, np.int64)
        place[at_level] = np.arange(len(at_level))
        known = np.isin(np.arange(len(organisations)), at_level)
        state = np.zeros((high - low, len(organisations)), np.uint8)
        state[:, at_level] = found.state
        if not len(at_level):
            return missing(state.size), state
        index = (np.arange(high - low)[:, None] * len(at_level) + place).ravel()
        return taken(found.values, index, np.tile(known, high - low)), state

    def capacity(
        self, name: str, grouping: Grouping, level: str | None, periods: Sequence[Stretch], *, last: bool = False
    ) -> Exact:
        """Capacity in service as a number for each stretch of days × group: MW on average, or MWh."""
        return over_periods(self.tree, name, grouping, level, periods, last=last)

    def _by_cells(self, measure: Measure, reach: Reach, periods: list[Stretch], rule: str) -> Totals:
        """Totals from cells: for formulas cell by cell, and for weighted means."""
        expectation = self._expectation(measure, reach, periods)
        organisations = np.intersect1d(reach.organisation, self.extents.organisations(measure))
        place = np.searchsorted(organisations, reach.organisation)
        pairs = np.flatnonzero(np.isin(reach.organisation, organisations))
        if rule == measure.over_organisations == "sum":
            extents = [self.extents.periods(measure, period) for period in periods]
            sums = summed(
                lambda low, high: self._worked(measure, organisations, low, high),
                place[pairs], len(organisations), reach, pairs, extents,
            )  # fmt: skip
            if sums is not None:
                group = reach.group[pairs]
                count = totals_of(sums.count, group, reach.groups)
                values = Exact(totals_of(sums.total, group, reach.groups).ravel(), sums.below, (count > 0).ravel())
                state = group_lowest(sums.state, group, reach.groups)
                if not any(self.extents.inputs(one) for one in measure.programs):
                    state = np.zeros_like(state)  # capacities alone: never filed, so at no state
                return Totals(values, count, expectation.expected(reach.groups), state)
        parts: list[Cells] = []
        found: list[PairValues] = []
        weighted = measure.over_organisations == "weighted"
        for period in periods:
            low, high = self.extents.periods(measure, period)
            block = self.cells(measure, organisations, low, high)
            column = place[pairs]
            present: Bools = block.present[:, column] & holds(reach, pairs, low, high)
            index = np.arange(high - low)[:, None] * len(organisations) + column
            counted = PairValues(
                block.values,
                np.asarray(present.any(axis=0))[None],
                present.sum(axis=0)[None],
                lowest(block.state[:, column], present),
            )
            found.append(counted)
            if weighted:
                weights = self.cells(self.measures(measure.weight), organisations, low, high)
                both = present & weights.present[:, column]
                parts.append(weighted_mean(block.values, weights, both, index, reach.group[pairs], reach.groups))
            else:
                parts.append(over_time(rule, block.values, present, index))
        known = np.concatenate([one.known for one in found]) if found else np.zeros((0, len(pairs)), np.bool_)
        count = np.concatenate([one.count for one in found]) if found else np.zeros((0, len(pairs)), np.int64)
        state = np.concatenate([one.state for one in found]) if found else np.zeros((0, len(pairs)), np.uint8)
        reported = np.zeros((len(periods), len(reach.group)), np.int64)
        reported[:, pairs] = count
        expected, with_cells = expectation.totals(reach.groups, reported)
        values = joined(parts) if parts else missing(0)
        group = reach.group[pairs]
        totals = over_organisations(
            "none" if weighted else measure.over_organisations,
            PairValues(missing(known.size) if weighted else values, known, count, state),
            group,
            reach.groups,
            expected,
            with_cells,
        )
        return Totals(values, totals.reported, totals.expected, totals.state) if weighted else totals

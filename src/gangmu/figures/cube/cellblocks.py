"""Cells of organisations in consecutive periods, and what they come to over time and in groups."""

from collections.abc import Iterator
from datetime import date
from typing import Protocol

import numpy as np

from gangmu.figures.cube.measure import Measure
from gangmu.figures.cube.storage import LOCKED, Grain, Slab
from gangmu.figures.cube.storage.layout import Bools, Bytes, Int64s
from gangmu.figures.cube.stretches import Stretch
from gangmu.figures.cube.tree import Reach
from gangmu.figures.indicators.exact.aggregating import Grouping as Members
from gangmu.figures.indicators.exact.aggregating import aggregate
from gangmu.figures.indicators.exact.cells import Cells
from gangmu.figures.indicators.formula.program import Program

_EVERY_PERIOD = (-(10**9), 10**9)


class CellBlock:
    """Cells of organisations (columns) in consecutive periods (rows), row by row in one column of exact numbers."""

    def __init__(self, values: Cells, present: Bools, state: Bytes) -> None:
        self.values, self.present, self.state = values, present, state


def holds(reach: Reach, pairs: Int64s, low: int, high: int) -> Bools:
    """Where the pairs hold in periods [low, high): periods × pairs."""
    place = np.full(len(reach.group), -1, np.int64)
    place[pairs] = np.arange(len(pairs))
    pair = place[reach.segment_pair]
    first = np.clip(reach.segment_low, low, high) - low
    after = np.clip(reach.segment_high, low, high) - low
    wanted = (pair >= 0) & (first < after)
    edges = np.zeros((high - low + 1, len(pairs)), np.int32)
    np.add.at(edges, (first[wanted], pair[wanted]), 1)
    np.add.at(edges, (after[wanted], pair[wanted]), -1)
    return np.cumsum(edges, axis=0)[:-1] > 0


def lowest(state: Bytes, present: Bools) -> Bytes:
    """The lowest state of each pair's cells, as one row; 0 where there is none."""
    found = np.where(present & (state > 0), state, LOCKED + 1).min(axis=0, initial=LOCKED + 1)
    return np.where(found > LOCKED, 0, found).astype(np.uint8)[None]


def over_time(rule: str, values: Cells, present: Bools, index: Int64s) -> Cells:
    """One number for each pair: its cells `index` (periods × pairs) where `present`, by the rule."""
    pair, row = np.nonzero(present.T)
    pairs = present.shape[1]
    return aggregate(rule, values, Members(pairs, index[row, pair], pair), pairs)


def weighted_mean(
    values: Cells, weights: CellBlock, present: Bools, index: Int64s, group: Int64s, groups: int
) -> Cells:
    """Σ value · weight ÷ Σ weight over the cells of each group; `group` is that of each pair, ascending."""
    pair, row = np.nonzero(present.T)
    return aggregate("weighted", values, Members(groups, index[row, pair], group[pair]), groups, weights.values)


class Slabs(Protocol):
    """What an engine reads: the cube as it stands, or as it is being written."""

    def slab(self, indicator: int, scenario: int) -> Slab | None: ...


def versions(measure: Measure, low: int, high: int) -> Iterator[tuple[Program, int, int]]:
    """The programs of a formula that changes with time, with the periods [first, after) of [low, high) in which each
    is valid: those whose last day it is valid on."""
    days = [day for day, _program in measure.since]
    edges = [low, *(min(max(_first_ending(day, measure.grain), low), high) for day in days[1:]), high]
    for (_day, program), first, after in zip(measure.since, edges[:-1], edges[1:], strict=True):
        if first < after:
            yield program, first, after


def _first_ending(day: int, grain: Grain) -> int:
    """The first period of the grain that does not end before a day: the one that holds it."""
    return grain.index(date.fromordinal(day))


def adds_up(measure: Measure) -> bool:
    """Whether an indicator is filed, and its sums are sums of sums."""
    return measure.is_filed and measure.over_time == measure.over_organisations == "sum"


def every_period(organisations: Int64s) -> Reach:
    """Each organisation as a group of its own, at all times."""
    order = np.arange(len(organisations))
    low, high = np.full(len(order), _EVERY_PERIOD[0]), np.full(len(order), _EVERY_PERIOD[1])
    return Reach(len(order), order, organisations, order, low, high, order, low, high)


def touched(start: int, end: int, grain: Grain) -> Stretch:
    """The periods of which [start, end) has at least one day."""
    if grain is Grain.DAY:
        return start, end
    first = grain.index(date.fromordinal(max(start, 1)))
    return first, grain.index(date.fromordinal(min(end - 1, date.max.toordinal()))) + 1

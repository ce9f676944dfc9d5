"""Cells of organisations in consecutive periods, and what they come to over time and in groups."""

import numpy as np

from gangmu.figures.cube.storage import LOCKED
from gangmu.figures.cube.storage.layout import Bools, Bytes, Int64s
from gangmu.figures.cube.tree import Reach
from gangmu.figures.indicators.exact.aggregating import Grouping as Members
from gangmu.figures.indicators.exact.aggregating import aggregate
from gangmu.figures.indicators.exact.cells import Cells


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

"""Cells of formulas added up as running sums: every cell is worked out once, however many periods hold it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from gangmu.figures.cube.storage import LOCKED
from gangmu.figures.cube.storage.layout import Bools, Bytes, Int64s
from gangmu.figures.cube.stretches import Stretch, joined
from gangmu.figures.cube.tree import Reach
from gangmu.figures.indicators.exact.cells import Cells, Exact
from gangmu.figures.indicators.exact.integers import peak

_CELLS_AT_ONCE = 1 << 16  # small enough for a processor's cache
_INT64_SAFE = 2**62

Worked = tuple[Cells, Bools, Bytes]  # cells of some periods × organisations: numbers (flat), presence, state
Work = Callable[[int, int], Worked]


@dataclass
class CellSums:
    """By period × pair: sums in units of 1 / `below`, how many cells there were, and the lowest state among them."""

    total: Int64s
    below: int
    count: Int64s
    state: Bytes


def summed(
    work: Work, column: Int64s, columns: int, reach: Reach, pairs: Int64s, periods: Sequence[Stretch]
) -> CellSums | None:
    """What `work(low, high)` gives, added up for each of some pairs of a reach in each period.

    `column` says which of the `columns` organisations each pair is. None where the cells are not whole numbers of one
    unit, or their sums not certain to fit into int64.
    """
    place = np.full(len(reach.group), -1, np.int64)
    place[pairs] = np.arange(len(pairs))
    held = np.flatnonzero(place[reach.segment_pair] >= 0)
    segments = place[reach.segment_pair[held]], reach.segment_low[held], reach.segment_high[held]
    shape = len(periods), len(pairs)
    found = CellSums(np.zeros(shape, np.int64), 1, np.zeros(shape, np.int64), np.zeros(shape, np.uint8))
    for stretch in joined(one for one in periods if one[0] < one[1]):
        inside = [number for number, (low, high) in enumerate(periods) if low < high and stretch[0] <= low < stretch[1]]
        running = _Running(columns, stretch, [periods[number] for number in inside], segments)
        if not running.fill(work) or running.largest * len(pairs) * (stretch[1] - stretch[0]) >= _INT64_SAFE:
            return None
        found.below = running.below
        for number in inside:
            running.add(periods[number], segments, column, found, number)
    return found


class _Running:
    """Running sums, counts and counts by state of a stretch of periods, at the edges where something begins or ends."""

    def __init__(
        self, columns: int, stretch: Stretch, periods: list[Stretch], segments: tuple[Int64s, Int64s, Int64s]
    ) -> None:
        self._stretch, self._columns = stretch, columns
        ends = np.concatenate([np.array(periods, np.int64).ravel(), *segments[1:]])
        self.edges = np.unique(np.clip(ends, *stretch))
        self.largest, self.below = 0, 1
        shape = len(self.edges), columns
        self.total, self.count = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        self.of_state: dict[int, Int64s] = {}  # of unsettled states

    def fill(self, work: Work) -> bool:
        """Whether everything could be added up."""
        low, high = self._stretch
        step = max(1, _CELLS_AT_ONCE // max(1, self._columns))
        for first in range(low, high, step):
            after = min(first + step, high)
            values, present, state = work(first, after)
            if not isinstance(values, Exact) or not isinstance(values.denominator, int):
                return False
            if values.numerator.dtype == object or (self.largest and values.denominator != self.below):
                return False
            self.below, self.largest = values.denominator, max(self.largest, peak(values.numerator), 1)
            self._take(first, after, values.numerator.reshape(present.shape), present, state)
        for sums in (self.total, self.count, *self.of_state.values()):
            np.cumsum(sums, axis=0, out=sums)
        return True

    def _take(self, first: int, after: int, value: Int64s, present: Bools, state: Bytes) -> None:
        """Add rows [first, after) to the edges that follow them."""
        begins = np.unique(np.concatenate([[first], self.edges[(self.edges > first) & (self.edges < after)]]))
        into = np.searchsorted(self.edges, begins, "right")
        rows = begins - first
        self.total[into] += np.add.reduceat(value, rows, axis=0)
        lengths = np.diff(begins, append=after)
        if present.all():
            self.count[into] += lengths[:, None]
        else:
            self.count[into] += _counts(present, rows, int(lengths.max()))
        lowest = int(np.where(present, state, LOCKED).min(initial=LOCKED))
        for one in range(max(lowest, 1), LOCKED):
            if one not in self.of_state:
                self.of_state[one] = np.zeros_like(self.count)
            self.of_state[one][into] += _counts(present & (state == one), rows, int(lengths.max()))

    def add(
        self, period: Stretch, segments: tuple[Int64s, Int64s, Int64s], column: Int64s, found: CellSums, number: int
    ) -> None:
        """Add up one period for each pair."""
        pair, low, high = segments
        begin, end = np.clip(low, *period), np.clip(high, *period)
        if len(pair) == found.total.shape[1] and (begin == period[0]).all() and (end == period[1]).all():
            first, after = np.searchsorted(self.edges, period)
            self._spread(self.total[after] - self.total[first], column, found.total[number])
            self._spread(self.count[after] - self.count[first], column, found.count[number])
        else:
            inside = np.flatnonzero(begin < end)
            first, after = np.searchsorted(self.edges, begin[inside]), np.searchsorted(self.edges, end[inside])
            at = column[pair[inside]]
            np.add.at(found.total[number], pair[inside], self.total[after, at] - self.total[first, at])
            np.add.at(found.count[number], pair[inside], self.count[after, at] - self.count[first, at])
        found.state[number][found.count[number] > 0] = LOCKED
        for one in sorted(self.of_state, reverse=True):
            first, after = np.searchsorted(self.edges, begin), np.searchsorted(self.edges, end)
            running, at = self.of_state[one], column[pair]
            found.state[number][pair[running[after, at] > running[first, at]]] = one

    @staticmethod
    def _spread(sums: Int64s, column: Int64s, into: Int64s) -> None:
        into += sums[column]


def _counts(present: Bools, rows: Int64s, longest: int) -> Int64s:
    """How many are present in each stretch of rows: small numbers are added up in small integers."""
    kind = np.uint8 if longest < 256 else np.int64
    return np.add.reduceat(present.view(np.uint8), rows, axis=0, dtype=kind).astype(np.int64)

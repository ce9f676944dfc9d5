"""Least and greatest cells of one slab: every cell is looked at once, however many periods hold it."""

from collections.abc import Sequence

import numpy as np

from gangmu.figures.cube.gather import Gather, Sums
from gangmu.figures.cube.storage import LOCKED
from gangmu.figures.cube.storage.layout import Bools, Bytes, Int64s
from gangmu.figures.cube.stretches import Stretch, joined

_CELLS_AT_ONCE = 1 << 16  # small enough for a processor's cache


def extremes(gather: Gather, periods: Sequence[Stretch], rule: str) -> Sums:
    """As `Gather.sums`, but with the least (`min`) or greatest (`max`) reported value in the place of the sum."""
    rows = [gather.rows(period) for period in periods]
    shape = len(rows), len(gather.pairs)
    found = Sums(np.zeros(shape, np.int64), np.zeros(shape, np.int64), np.zeros(shape, np.uint8))
    if not len(gather.pairs):
        return found
    for stretch in joined(one for one in rows if one[0] < one[1]):
        inside = [number for number, (low, high) in enumerate(rows) if low < high and stretch[0] <= low < stretch[1]]
        pieces = _Pieces(gather, rule, stretch, [rows[number] for number in inside])
        for number in inside:
            pieces.join(rows[number], found, number)
    return found


class _Pieces:
    """A stretch of rows cut wherever a period or a segment begins or ends: for each piece × column the extreme value,
    how many cells were reported, and the lowest state among them (255: none)."""

    def __init__(self, gather: Gather, rule: str, stretch: Stretch, rows: list[Stretch]) -> None:
        self._gather, self._stretch = gather, stretch
        self._pick = np.minimum if rule == "min" else np.maximum
        limits = np.iinfo(np.int64)
        self._beyond = limits.max if rule == "min" else limits.min
        ends = np.concatenate([np.array(rows, np.int64).ravel(), gather.segment_low, gather.segment_high])
        self.edges = np.unique(np.clip(ends, *stretch))
        slab, columns = gather.slab, gather.slab.columns
        self.count: Int64s = np.diff(slab.count[self.edges, :columns], axis=0).astype(np.int64)
        self.state: Bytes = np.where(self.count > 0, LOCKED, 255).astype(np.uint8)
        self.value: Int64s = np.empty(self.count.shape, np.int64)
        self._open = np.flatnonzero((gather.overlay.row >= stretch[0]) & (gather.overlay.row < stretch[1]))
        if len(self._open):
            self._count_unsettled()
        step = max(1, _CELLS_AT_ONCE // max(1, columns))
        last = 0
        for piece in range(1, len(self.edges)):  # as many whole pieces at once as fit; long ones in parts
            if piece + 1 == len(self.edges) or self.edges[piece + 1] - self.edges[last] > step:
                self._fill(last, piece, step)
                last = piece

    def _count_unsettled(self) -> None:
        overlay, slab = self._gather.overlay, self._gather.slab
        row, column = overlay.row[self._open], overlay.column[self._open]
        piece = np.searchsorted(self.edges, row, "right") - 1
        newly = slab.presence[row, column] == 0
        settled = self.count.copy()
        np.subtract.at(settled, (piece[~newly], column[~newly]), 1)
        np.add.at(self.count, (piece[newly], column[newly]), 1)
        self.state = np.where(settled > 0, LOCKED, 255).astype(np.uint8)
        np.minimum.at(self.state, (piece, column), overlay.state[self._open].astype(np.uint8))

    def _fill(self, first: int, after: int, step: int) -> None:
        """The extremes of pieces [first, after), which are few rows or one piece."""
        low, high = int(self.edges[first]), int(self.edges[after])
        if after - first > 1:
            starts = self.edges[first:after] - low
            self.value[first:after] = self._pick.reduceat(self._rows(low, high), starts, axis=0)
            return
        self.value[first] = self._beyond
        for at in range(low, high, step):
            rows = self._rows(at, min(at + step, high))
            self._pick(self.value[first], self._pick.reduce(rows, axis=0), out=self.value[first])

    def _rows(self, low: int, high: int) -> Int64s:
        """The values of some rows, with something beyond all values where nothing is reported."""
        slab = self._gather.slab
        columns = slab.columns
        value = np.where(slab.presence[low:high, :columns].view(np.bool_), slab.value[low:high, :columns], self._beyond)
        if len(self._open):
            overlay = self._gather.overlay
            here = self._open[(overlay.row[self._open] >= low) & (overlay.row[self._open] < high)]
            value[overlay.row[here] - low, overlay.column[here]] = overlay.value[here]
        return value

    def join(self, rows: Stretch, found: Sums, number: int) -> None:
        """The extremes of one period, from its pieces."""
        gather = self._gather
        first, after = np.searchsorted(self.edges, rows)
        column, pieces = gather.column, slice(first, after)
        value, count, state = (part[pieces].take(column, axis=1) for part in (self.value, self.count, self.state))
        holds = self._holds(first, after)
        if holds is not None:
            value = np.where(holds, value, self._beyond)
            count, state = count * holds, np.where(holds, state, 255)
        found.count[number] = count.sum(axis=0)
        some = found.count[number] > 0
        found.total[number] = np.where(some, self._pick.reduce(value, axis=0), 0)
        lowest = state.min(axis=0)
        found.state[number] = np.where(lowest == 255, 0, lowest)

    def _holds(self, first: int, after: int) -> Bools | None:
        """Where segments hold in pieces × pairs; None: everywhere."""
        gather, edges = self._gather, self.edges[first : after + 1]
        pair, low, high = gather.segment_pair, gather.segment_low, gather.segment_high
        if gather.layout.single and (low <= edges[0]).all() and (high >= edges[-1]).all():
            return None
        holds = np.zeros((after - first, len(gather.pairs)), np.bool_)
        begin, end = np.searchsorted(edges, low), np.searchsorted(edges, high)
        steps = np.zeros((after - first + 1, len(gather.pairs)), np.int32)
        np.add.at(steps, (np.minimum(begin, after - first), pair), 1)
        np.add.at(steps, (np.minimum(np.maximum(end, begin), after - first), pair), -1)
        holds |= np.cumsum(steps, axis=0)[:-1] > 0
        return holds

"""Least and greatest cells of one slab: those of whole blocks of rows are known, every other cell is looked at once,
however many periods hold it."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from gangmu.figures.cube.gather import Gather, Sums
from gangmu.figures.cube.storage import LOCKED
from gangmu.figures.cube.storage.layout import Bools, Bytes, Int64s
from gangmu.figures.cube.stretches import Stretch, joined

_CELLS_AT_ONCE = 1 << 16  # small enough for a processor's cache
_LONG_PIECE = 8  # rows from which on one piece after the other is faster than all of them in one call
_PERIODS_AT_ONCE = 64


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
        for at in range(0, len(inside), _PERIODS_AT_ONCE):
            pieces.join(rows, inside[at : at + _PERIODS_AT_ONCE], found)
    return found


class _Pieces:
    """A stretch of rows cut wherever a period, a segment or a block of rows begins or ends: for each piece × column the
    extreme value, how many cells were reported, and the lowest state among them (255: none)."""

    def __init__(self, gather: Gather, rule: str, stretch: Stretch, rows: list[Stretch]) -> None:
        self._gather, self._stretch = gather, stretch
        self._pick = np.minimum if rule == "min" else np.maximum
        limits = np.iinfo(np.int64)
        self._beyond = limits.max if rule == "min" else limits.min
        slab, columns = gather.slab, gather.slab.columns
        ends = np.array(rows, np.int64).ravel(), gather.segment_low, gather.segment_high, slab.blocks.edges
        self.edges = np.unique(np.clip(np.concatenate(ends), *stretch))
        self.count: Int64s = np.diff(slab.count[self.edges, :columns], axis=0).astype(np.int64)
        self.state: Bytes = np.where(self.count > 0, LOCKED, 255).astype(np.uint8)
        self.value: Int64s = np.empty(self.count.shape, np.int64)
        self._open = np.flatnonzero((gather.overlay.row >= stretch[0]) & (gather.overlay.row < stretch[1]))
        if len(self._open):
            self._count_unsettled()
        self._step = max(1, _CELLS_AT_ONCE // max(1, columns))
        self._values: Int64s = np.empty((self._step, columns), np.int64)
        self._missing: Bools = np.empty((self._step, columns), np.bool_)
        whole = self._whole_blocks()
        for first, after in joined((piece, piece + 1) for piece in np.flatnonzero(~whole).tolist()):
            self._look(first, after)

    def _whole_blocks(self) -> Bools:
        """Which pieces are blocks without unsettled cells: their extremes are known, and are put in their places."""
        slab, edges = self._gather.slab, self.edges
        blocks, columns = slab.blocks, slab.columns
        block = np.searchsorted(blocks.edges, edges[:-1])
        ends = np.minimum(blocks.edges[1:], slab.filled).take(block, mode="clip")  # clipped ones do not begin one
        whole: Bools = (blocks.edges.take(block) == edges[:-1]) & (ends == edges[1:])
        if len(self._open):
            whole[np.searchsorted(edges, self._gather.overlay.row[self._open], "right") - 1] = False
        known = (blocks.least if self._pick is np.minimum else blocks.greatest)[block[whole], :columns]
        self.value[whole] = np.where(self.count[whole] > 0, known, self._beyond)
        return whole

    def _look(self, first: int, after: int) -> None:
        """The extremes of pieces [first, after) from their cells: as many whole pieces at once as fit."""
        last = first
        for piece in range(first + 1, after + 1):
            if piece == after or self.edges[piece + 1] - self.edges[last] > self._step:
                self._fill(last, piece, self._step)
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
            rows, starts = self._rows(low, high), self.edges[first : after + 1] - low
            if high - low < _LONG_PIECE * (after - first):
                self.value[first:after] = self._pick.reduceat(rows, starts[:-1], axis=0)
                return
            for piece, (begin, end) in enumerate(pairwise(starts.tolist()), first):
                self._pick.reduce(rows[begin:end], axis=0, out=self.value[piece])
            return
        self.value[first] = self._beyond
        for at in range(low, high, step):
            rows = self._rows(at, min(at + step, high))
            self._pick(self.value[first], self._pick.reduce(rows, axis=0), out=self.value[first])

    def _rows(self, low: int, high: int) -> Int64s:
        """The values of some rows, with something beyond all values where nothing is reported. The next call writes
        over them."""
        slab = self._gather.slab
        columns = slab.columns
        value, missing = self._values[: high - low], self._missing[: high - low]
        np.copyto(value, slab.value[low:high, :columns])
        np.logical_not(slab.presence[low:high, :columns], out=missing)
        np.copyto(value, self._beyond, where=missing)
        if len(self._open):
            overlay = self._gather.overlay
            here = self._open[(overlay.row[self._open] >= low) & (overlay.row[self._open] < high)]
            value[overlay.row[here] - low, overlay.column[here]] = overlay.value[here]
        return value

    def join(self, rows: Sequence[Stretch], numbers: list[int], found: Sums) -> None:
        """The extremes of the periods with these numbers, from their pieces."""
        cuts = np.searchsorted(self.edges, np.array([rows[number] for number in numbers], np.int64))
        low, high = int(cuts.min()), int(cuts.max())
        pieces = slice(low, high)
        value, count, state = (self._gather.of_pairs(part[pieces]) for part in (self.value, self.count, self.state))
        holds = self._holds(low, high)
        if holds is not None:
            value = np.where(holds, value, self._beyond)
            count, state = count * holds, np.where(holds, state, 255)
        reported = _over(np.add, count, cuts - low)
        lowest = _over(np.minimum, state, cuts - low)
        found.count[numbers] = reported
        found.total[numbers] = np.where(reported > 0, _over(self._pick, value, cuts - low), 0)
        found.state[numbers] = np.where(lowest == 255, 0, lowest)

    def _holds(self, first: int, after: int) -> Bools | None:
        """Where segments hold in pieces × pairs; None: everywhere."""
        gather, edges = self._gather, self.edges[first : after + 1]
        pair, low, high = gather.segment_pair, gather.segment_low, gather.segment_high
        if gather.layout.single and (low <= edges[0]).all() and (high >= edges[-1]).all():
            return None
        begin, end = np.searchsorted(edges, low), np.searchsorted(edges, high)
        steps = np.zeros((after - first + 1, len(gather.pairs)), np.int32)
        np.add.at(steps, (np.minimum(begin, after - first), pair), 1)
        np.add.at(steps, (np.minimum(np.maximum(end, begin), after - first), pair), -1)
        return np.cumsum(steps, axis=0)[:-1] > 0


def _over(join: np.ufunc, parts: npt.NDArray[Any], cuts: Int64s) -> npt.NDArray[Any]:
    """By row of `cuts` (first part, the one after the last) × pair, what those parts come to; none is empty."""
    if len(cuts) == len(parts) and (cuts[:, 0] == np.arange(len(parts))).all():  # each part is a period
        return parts
    whole = np.concatenate([parts, parts[:1]])  # so that each cut is a place in it
    return join.reduceat(whole, cuts.ravel(), axis=0)[::2]

"""Reading one slab for many groups and periods at once, settled and unsettled facts together.

Everything here returns copies, since the arrays below may change as soon as the reading is over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from gangmu.figures.cube.storage import LOCKED, Slab, key_parts
from gangmu.figures.cube.storage.layout import LONGEST_SUM, Bools, Bytes, Int64s
from gangmu.figures.cube.stretches import Stretch
from gangmu.figures.cube.tree import Reach

_BLOCK_CELLS = 2_000_000
_LAYOUTS_KEPT = 16
_INT64_SAFE = 2**62


class Sums(NamedTuple):
    """For each period and pair: the sum (int64, or Python integers where that could be too small), how many cells were
    reported, and the lowest state among them (0 where there are none)."""

    total: npt.NDArray[np.int64] | npt.NDArray[np.object_]
    count: Int64s
    state: Bytes


class Block(NamedTuple):
    """The cells of consecutive periods × pairs. `value` is 0 where nothing is reported; state 0 likewise."""

    value: Int64s
    present: Bools
    state: Bytes


@dataclass(frozen=True)
class Overlay:
    """Unsettled cells that count at a state, sorted by column and row, with running sums of what they change."""

    row: Int64s
    column: Int64s
    value: Int64s
    state: Int64s
    column_row: Int64s  # column << 32 | row, ascending
    added: Int64s  # running: value minus the settled value it hides
    newly: Int64s  # running: 1 where there was no settled value
    settled_hidden: Int64s  # running: 1 where there was one
    of_state: Int64s  # shape 4 × n + 1, running: cells per state

    def __len__(self) -> int:
        return len(self.row)


def read_overlay(slab: Slab, at_least: int) -> Overlay:
    """The unsettled cells of a slab whose newest revision at `at_least` or above is not the settled one."""
    keys, values = slab.overlay()
    if not len(keys) or at_least >= LOCKED:
        return _NOTHING_OPEN
    row, column, state = key_parts(np.array(keys))
    values = np.array(values)
    counts = np.flatnonzero(state >= at_least)
    row, column, state, values = row[counts], column[counts], state[counts], values[counts]
    cell = column << 32 | row
    order = np.lexsort((state, cell))  # the newest revision of a cell has the lowest state
    first = np.ones(len(order), np.bool_)
    first[1:] = cell[order][1:] != cell[order][:-1]
    order = order[first]
    row, column, state, values, cell = row[order], column[order], state[order], values[order], cell[order]
    had = slab.presence[row, column] != 0
    added = values - np.where(had, slab.value[row, column], 0)
    per_state = np.stack([state == one for one in range(1, LOCKED)]).astype(np.int64)
    return Overlay(
        row,
        column,
        values,
        state,
        cell,
        _running(added),
        _running(~had),
        _running(had),
        np.concatenate([np.zeros((LOCKED - 1, 1), np.int64), np.cumsum(per_state, axis=1)], axis=1),
    )


def _running(values: npt.NDArray[np.generic]) -> Int64s:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(values, dtype=np.int64)])


_EMPTY: Int64s = np.empty(0, np.int64)
_ZERO: Int64s = np.zeros(1, np.int64)
_NOTHING_OPEN = Overlay(
    _EMPTY, _EMPTY, _EMPTY, _EMPTY, _EMPTY, _ZERO, _ZERO, _ZERO, np.zeros((LOCKED - 1, 1), np.int64)
)


class Layout:
    """Where the pairs of a reach stand in slabs that have the same organisations as columns."""

    def __init__(self, reach: Reach, column: Int64s) -> None:
        """`column` is that of each of the reach's pairs, -1 for those without."""
        self.pairs: Int64s = np.flatnonzero(column >= 0)  # those of the reach that have a column
        self.column: Int64s = column[self.pairs]
        first = int(self.column[0]) if len(self.column) else 0
        together = np.array_equal(self.column, np.arange(first, first + len(self.column)))
        self.run = slice(first, first + len(self.column)) if together else None  # the columns, when side by side
        self.group_of: Int64s = reach.group[self.pairs]
        self.starts: Int64s = np.flatnonzero(np.diff(self.group_of, prepend=-1))  # of each group among the pairs
        place = np.full(len(column), -1, np.int64)
        place[self.pairs] = np.arange(len(self.pairs))
        segment = np.flatnonzero(column[reach.segment_pair] >= 0)
        pair, low, high = place[reach.segment_pair[segment]], reach.segment_low[segment], reach.segment_high[segment]
        follows = np.zeros(len(pair), np.bool_)  # right after the segment before, of the same pair
        follows[1:] = (pair[1:] == pair[:-1]) & (low[1:] == high[:-1])
        begins = np.flatnonzero(~follows)
        ends = np.append(begins[1:], len(pair)) - 1 if len(pair) else begins
        self.segment_pair, self.segment_low, self.segment_high = pair[begins], low[begins], high[ends]
        # whether each pair has one segment, in the pairs' order
        self.single = len(self.segment_pair) == len(self.pairs)

    @classmethod
    def of(cls, slab: Slab, reach: Reach) -> "Layout":
        """The layout for a slab, kept with the reach: slabs mostly have the same columns."""
        key = slab.organisations[: slab.columns].tobytes()
        found = reach._layouts.get(key)
        if found is None:
            if len(reach._layouts) >= _LAYOUTS_KEPT:
                reach._layouts.clear()
            found = reach._layouts[key] = cls(reach, slab.columns_of(reach.organisation))
        return found


class Gather:
    """One slab read for the pairs of one reach at one lowest state."""

    def __init__(self, slab: Slab, reach: Reach, at_least: int) -> None:
        self.slab, self.reach = slab, reach
        self.layout = Layout.of(slab, reach)
        self.pairs, self.column = self.layout.pairs, self.layout.column
        self.segment_pair = self.layout.segment_pair
        self.segment_low: Int64s = self.layout.segment_low - slab.base
        self.segment_high: Int64s = self.layout.segment_high - slab.base
        self.overlay = read_overlay(slab, at_least)

    def rows(self, period: Stretch) -> Stretch:
        """The period as rows of the slab, cut to those in use."""
        filled = self.slab.filled
        low = min(max(period[0] - self.slab.base, 0), filled)
        return low, max(low, min(period[1] - self.slab.base, filled))

    # Sums ------------------------------------------------------------------------------------------------------------

    def sums(self, periods: Sequence[Stretch], *, at_once: int = LONGEST_SUM) -> Sums:
        """Sums, counts and lowest states over the cells of each pair inside each period (on the grain's axis).

        `at_once` is of how many periods the sum certainly fits into int64.
        """
        rows = [self.rows(period) for period in periods]
        longest = max((high - low for low, high in rows), default=0)
        if longest > at_once:
            return self._long_sums(rows, at_once)
        total = np.zeros((len(rows), len(self.pairs)), np.int64)
        count = np.zeros((len(rows), len(self.pairs)), np.int64)
        state = np.zeros((len(rows), len(self.pairs)), np.uint8)
        if not len(self.pairs) or not rows:
            return Sums(total, count, state)
        whole = (self.segment_low <= min(low for low, _ in rows)) & (self.segment_high >= max(high for _, high in rows))
        self._whole_sums(np.flatnonzero(whole), rows, total, count)
        cut = np.flatnonzero(~whole)
        for place, period in enumerate(rows):
            self._cut_sums(cut, period, total[place], count[place])
        if len(self.overlay):
            for place, period in enumerate(rows):
                self._overlay_sums(period, total[place], count[place], state[place])
        else:
            state[count > 0] = LOCKED
        return Sums(total, count, state)

    def _whole_sums(self, segments: Int64s, rows: list[Stretch], total: Int64s, count: Int64s) -> None:
        """Segments that hold in all the periods: two rows each, whatever the period's length."""
        if not len(segments):
            return
        edges, place = np.unique(np.array(rows), return_inverse=True)
        place = place.reshape(-1, 2)
        pair = self.segment_pair[segments]
        columns = self.column[pair]
        totals = self.slab.total[edges][:, columns]
        counts = self.slab.count[edges][:, columns].astype(np.int64)
        if len(pair) == len(np.unique(pair)):
            total[:, pair] += totals[place[:, 1]] - totals[place[:, 0]]
            count[:, pair] += counts[place[:, 1]] - counts[place[:, 0]]
            return
        for index in range(len(rows)):
            np.add.at(total[index], pair, totals[place[index, 1]] - totals[place[index, 0]])
            np.add.at(count[index], pair, counts[place[index, 1]] - counts[place[index, 0]])

    def _clipped(self, segments: Int64s, period: Stretch) -> tuple[Int64s, Int64s, Int64s]:
        low = np.maximum(self.segment_low[segments], period[0])
        high = np.minimum(self.segment_high[segments], period[1])
        inside = low < high
        return self.segment_pair[segments][inside], low[inside], high[inside]

    def _cut_sums(self, segments: Int64s, period: Stretch, total: Int64s, count: Int64s) -> None:
        pair, low, high = self._clipped(segments, period)
        if len(pair):
            column = self.column[pair]
            np.add.at(total, pair, self.slab.total[high, column] - self.slab.total[low, column])
            np.add.at(count, pair, (self.slab.count[high, column] - self.slab.count[low, column]).astype(np.int64))

    def _overlay_sums(self, period: Stretch, total: Int64s, count: Int64s, state: Bytes) -> None:
        """Add what unsettled cells change, and find the lowest states."""
        overlay = self.overlay
        pair, low, high = self._clipped(np.arange(len(self.segment_pair)), period)
        column = self.column[pair] << 32
        first = np.searchsorted(overlay.column_row, column | low)
        after = np.searchsorted(overlay.column_row, column | high)
        settled = count.copy()
        np.subtract.at(settled, pair, overlay.settled_hidden[after] - overlay.settled_hidden[first])
        np.add.at(total, pair, overlay.added[after] - overlay.added[first])
        np.add.at(count, pair, overlay.newly[after] - overlay.newly[first])
        state[settled > 0] = LOCKED
        for one in range(LOCKED - 1, 0, -1):
            running = overlay.of_state[one - 1]
            state[pair[running[after] > running[first]]] = one

    def _long_sums(self, rows: list[Stretch], at_once: int) -> Sums:
        """Periods whose sums need not fit into int64: piece by piece, in Python's integers."""
        base = self.slab.base
        total = np.zeros((len(rows), len(self.pairs)), object)
        count = np.zeros((len(rows), len(self.pairs)), np.int64)
        state = np.zeros((len(rows), len(self.pairs)), np.uint8)
        for place, (low, high) in enumerate(rows):
            pieces = [(base + at, base + min(at + at_once, high)) for at in range(low, high, at_once)]
            found = self.sums(pieces, at_once=at_once)
            total[place] = found.total.astype(object).sum(axis=0) if pieces else 0
            count[place] = found.count.sum(axis=0)
            states = np.where(found.state == 0, LOCKED + 1, found.state).min(axis=0, initial=LOCKED + 1)
            state[place] = np.where(states > LOCKED, 0, states)
        return Sums(total, count, state)

    # Cells -----------------------------------------------------------------------------------------------------------

    def block(self, low: int, high: int) -> Block:
        """The cells of rows [low, high) × pairs, empty where a pair does not hold."""
        length, pairs = high - low, len(self.pairs)
        present = self.of_pairs(self.slab.presence[low:high]) != 0
        value = self.of_pairs(self.slab.value[low:high])
        state = present.view(np.uint8) * np.uint8(LOCKED)
        inside = np.flatnonzero((self.overlay.row >= low) & (self.overlay.row < high))
        if len(inside) and pairs:
            order = np.argsort(self.column, kind="stable")
            columns, wanted = self.column[order], self.overlay.column[inside]
            first, after = np.searchsorted(columns, wanted), np.searchsorted(columns, wanted, "right")
            repeats = after - first
            entry = np.repeat(inside, repeats)
            step = np.arange(len(entry)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
            pair = order[np.repeat(first, repeats) + step]
            row = self.overlay.row[entry] - low
            value[row, pair], present[row, pair] = self.overlay.value[entry], True
            state[row, pair] = self.overlay.state[entry]
        holds = self._holds(low, high)
        if holds is not None:
            present &= holds
            value[~present], state[~present] = 0, 0
        return Block(value.reshape(length, pairs), present, state)

    def of_pairs(self, rows: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """The pairs' columns of rows of the slab's columns: a copy."""
        run = self.layout.run
        return rows.take(self.column, axis=1) if run is None else rows[:, run].copy()

    def _holds(self, low: int, high: int) -> Bools | None:
        """Where segments hold in rows × pairs; None: everywhere."""
        begin, end = np.maximum(self.segment_low, low), np.minimum(self.segment_high, high)
        inside = begin < end
        whole = inside & (begin == low) & (end == high)
        if int(whole.sum()) == len(self.pairs):
            return None
        edges = np.zeros((high - low + 1, len(self.pairs)), np.int32)
        np.add.at(edges, (begin[inside] - low, self.segment_pair[inside]), 1)
        np.add.at(edges, (end[inside] - low, self.segment_pair[inside]), -1)
        return np.cumsum(edges, axis=0)[:-1] > 0

    def blocks(self, period: Stretch) -> "list[tuple[int, int]]":
        """The period's rows in pieces that fit into memory."""
        low, high = self.rows(period)
        step = max(1, _BLOCK_CELLS // max(1, len(self.pairs)))
        return [(at, min(at + step, high)) for at in range(low, high, step)]

    def ends(self, periods: Sequence[Stretch], rule: str) -> Sums:
        """As `sums`, but with the first or last reported value in the place of the sum."""
        shape = (len(periods), len(self.pairs))
        value, count, state = np.zeros(shape, np.int64), np.zeros(shape, np.int64), np.zeros(shape, np.uint8)
        for place, period in enumerate(periods):
            for low, high in self.blocks(period):
                block = self.block(low, high)
                here = block.present.any(axis=0)
                wanted = here if rule == "last" else here & (count[place] == 0)
                value[place] = np.where(wanted, _end(block, rule), value[place])
                lowest = np.where(block.present, block.state, LOCKED + 1).min(axis=0, initial=LOCKED + 1)
                known = np.where(state[place] == 0, LOCKED + 1, state[place])
                state[place] = np.where(here, np.minimum(lowest, known), state[place])
                count[place] += block.present.sum(axis=0)
        return Sums(value, count, state)


def _end(block: Block, rule: str) -> Int64s:
    value, present = block.value, block.present
    row = present.argmax(axis=0) if rule == "first" else len(present) - 1 - present[::-1].argmax(axis=0)
    return value[row, np.arange(value.shape[1])]


def fits_int64(numbers: npt.NDArray[np.int64], terms: int) -> bool:
    """Whether any `terms` of these numbers certainly add up inside int64."""
    if not numbers.size:
        return True
    largest = max(abs(int(numbers.max())), abs(int(numbers.min())))
    return largest * max(1, terms) < _INT64_SAFE

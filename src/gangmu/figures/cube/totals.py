"""From what each organisation reported to what a group comes to: exact, for all groups and periods at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from gangmu.figures.cube.columns import missing, taken
from gangmu.figures.cube.gather import fits_int64
from gangmu.figures.cube.storage import LOCKED
from gangmu.figures.cube.storage.layout import Bools, Bytes, Int64s
from gangmu.figures.cube.stretches import Stretch
from gangmu.figures.cube.tree import Reach
from gangmu.figures.indicators.exact.aggregating import Grouping as Members
from gangmu.figures.indicators.exact.aggregating import aggregate
from gangmu.figures.indicators.exact.cells import Cells

_AT_ONCE = 1 << 20  # pairs × periods that are worked out in one go
_SHIFT, _MOST = 1 << 31, (1 << 32) - 1  # periods as the lower half of a number, organisations as the upper


@dataclass
class PairValues:
    """What single organisations come to, by period × pair.

    `values` has one number for each period and pair (periods follow each other); `known` says where one is there.
    `count` is how many cells were reported, `state` the lowest state among them (0: none).
    """

    values: Cells
    known: Bools
    count: Int64s
    state: Bytes


@dataclass
class Totals:
    """What groups come to, by period × group: exact values (flat, periods follow each other), coverage, lowest state.

    State 0 is that of nothing. Where settled values of closed months are in it, `months` says how many (each of an
    organisation's month), and `adjustment` by how much they differ from their days (flat).
    """

    values: Cells
    reported: Int64s
    expected: Int64s
    state: Bytes
    months: Int64s | None = None
    adjustment: Cells | None = None

    @property
    def periods(self) -> int:
        return self.reported.shape[0]

    @property
    def groups(self) -> int:
        return self.reported.shape[1]

    def place(self, period: int, group: int) -> int:
        """Where the value of a period and group stands in `values`."""
        return period * self.groups + group


def nothing(expected: Int64s) -> Totals:
    """Where nothing was ever filed."""
    none = np.zeros(expected.shape, np.int64)
    return Totals(missing(none.size), none, expected, np.zeros(expected.shape, np.uint8))


def group_sums(values: npt.NDArray[Any], group: Int64s, groups: int) -> npt.NDArray[Any]:
    """Sums over the pairs (last axis) of each group; `group` is ascending. Exact."""
    if values.dtype != object and not fits_int64(values, values.shape[-1]):
        values = values.astype(object)
    result = np.zeros((*values.shape[:-1], groups), values.dtype)
    if len(group):
        starts = np.flatnonzero(np.diff(group, prepend=-1))
        result[..., group[starts]] = np.add.reduceat(values, starts, axis=-1)
    return result


def group_lowest(state: Bytes, group: Int64s, groups: int) -> Bytes:
    """The lowest state above 0 in each group."""
    result = np.zeros((len(state), groups), np.uint8)
    if len(group):
        starts = np.flatnonzero(np.diff(group, prepend=-1))
        lowest = np.minimum.reduceat(np.where(state == 0, LOCKED + 1, state), starts, axis=-1)
        result[:, group[starts]] = np.where(lowest > LOCKED, 0, lowest)
    return result


def over_organisations(
    rule: str, pairs: PairValues, group: Int64s, groups: int, expected: Int64s, with_cells: Int64s
) -> Totals:
    """Add up what the organisations of each group come to.

    `group` is the group of each pair, ascending; `expected` and `with_cells` are, by period × group, the cells that
    were expected and the number of organisations from which some were expected or came.
    """
    periods = len(pairs.known)
    size = periods * groups
    members = Members(size, np.flatnonzero(pairs.known), (np.arange(periods)[:, None] * groups + group)[pairs.known])
    # With "none" there is at most one organisation where a value is wanted, so a sum is that organisation's.
    values = aggregate("sum" if rule == "none" else rule, pairs.values, members, size)
    if rule == "none":
        values = taken(values, np.arange(size), (with_cells == 1).ravel())
    return Totals(
        values,
        group_sums(pairs.count, group, groups),
        expected,
        group_lowest(pairs.state, group, groups),
    )


class Expectation:
    """How many cells were expected of each pair of a reach, with what filed elsewhere takes away and adds."""

    def __init__(self, reach: Reach, of_level: Int64s, periods: Sequence[Stretch]) -> None:
        """`of_level` are the organisations of the kind that files."""
        self._reach, self._periods = reach, periods
        self._service = np.flatnonzero(np.isin(reach.organisation[reach.service_pair], of_level))
        self._of_pair: Int64s | None = None
        self._by_group: Int64s | None = None

    @property
    def of_pair(self) -> Int64s:
        """By period × pair, the cells expected."""
        if self._of_pair is None:
            self._of_pair = self._lengths()
        return self._of_pair

    def _lengths(self) -> Int64s:
        reach, service = self._reach, self._service
        pair, low, high = reach.service_pair[service], reach.service_low[service], reach.service_high[service]
        found = np.zeros((len(self._periods), len(reach.group)), np.int64)
        if len(self._periods) * len(pair) <= _AT_ONCE and (np.diff(pair) > 0).all():  # each once, in order
            first, after = np.array(self._periods, np.int64).reshape(-1, 2).T[:, :, None]
            found[:, pair] = np.maximum(np.minimum(high, after) - np.maximum(low, first), 0)
            return found
        for row, (first, after) in enumerate(self._periods):
            np.add.at(found[row], pair, np.maximum(np.minimum(high, after) - np.maximum(low, first), 0))
        return found

    def filed_elsewhere(self, filers: Int64s, at: Int64s, covered: Int64s, covered_at: Int64s) -> None:
        """Organisations that are not of the level's kind and filed: each such cell is expected in the place of the
        cells that it covers. All in pairs of organisation and period; no pair twice."""
        reach, service = self._reach, self._service
        expected = (reach.service_pair[service], reach.service_low[service], reach.service_high[service])
        self._count(covered, covered_at, *expected, -1)
        self._count(filers, at, reach.segment_pair, reach.segment_low, reach.segment_high, 1)

    def _count(self, organisations: Int64s, at: Int64s, pairs: Int64s, lows: Int64s, highs: Int64s, sign: int) -> None:
        cells = np.sort(organisations << 32 | (at + _SHIFT))
        of = self._reach.organisation[pairs] << 32
        for row, (first, after) in enumerate(self._periods):
            begin = np.maximum(lows, first)
            end = np.maximum(np.minimum(highs, after), begin)
            begin, end = (np.clip(one + _SHIFT, 0, _MOST) for one in (begin, end))
            found = np.searchsorted(cells, of | end) - np.searchsorted(cells, of | begin)
            np.add.at(self.of_pair[row], pairs, sign * found)

    def expected(self, groups: int) -> Int64s:
        """By period × group, the cells expected."""
        if self._by_group is None:
            everywhere = self._everywhere(groups) if self._of_pair is None else None
            self._by_group = group_sums(self.of_pair, self._reach.group, groups) if everywhere is None else everywhere
        return self._by_group

    def _everywhere(self, groups: int) -> Int64s | None:
        """Where everybody is in service throughout all periods: how many there are, times the periods' lengths."""
        reach, service = self._reach, self._service
        edges = np.array(self._periods, np.int64).reshape(-1, 2)
        if not len(edges) or not len(service):
            return None
        if reach.service_low[service].max() > edges.min() or reach.service_high[service].min() < edges.max():
            return None
        members = np.bincount(reach.group[reach.service_pair[service]], minlength=groups)
        return (edges[:, 1] - edges[:, 0])[:, None] * members

    def totals(self, groups: int, reported: Int64s) -> tuple[Int64s, Int64s]:
        """By period × group: cells expected, and organisations from which some were expected or came.

        `reported` counts the cells of each pair.
        """
        group = self._reach.group
        with_cells = ((self.of_pair > 0) | (reported > 0)).astype(np.int64)
        return self.expected(groups), group_sums(with_cells, group, groups)

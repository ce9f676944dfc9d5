"""Adding up columns by groups, exactly.

Missing numbers are left out; a group without any number is missing. Sums of integers are sums of integers whatever
their size; means and weighted means keep their denominators until somebody rounds.
"""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import Any, TypeGuard

import numpy as np

from gangmu.figures.indicators.exact import floating, rational
from gangmu.figures.indicators.exact.cells import (
    UNIT_ROUNDOFF,
    Booleans,
    Bounded,
    Cells,
    Exact,
    Floats,
    Index,
    settled,
)
from gangmu.figures.indicators.exact.integers import LARGEST, Integers, IntegersOrOne, narrow, peak, wide

_WIDER = 1 + 1e-6  # for sums of up to ten million numbers


class Rule(StrEnum):
    """How the numbers of a group become one. FIRST and LAST go by the order of the column."""

    SUM = "sum"
    MEAN = "mean"
    MIN = "min"
    MAX = "max"
    FIRST = "first"
    LAST = "last"
    WEIGHTED = "weighted"


@dataclass(frozen=True, eq=False)
class Grouping:
    """Which numbers of a column belong to which of `count` groups; `order` lists them group by group."""

    count: int
    order: Index
    labels: Index  # the group of each entry of `order`, ascending

    @staticmethod
    def of(groups: Any, count: int) -> "Grouping":
        """From one group number for each number of the column; -1 leaves a number out."""
        numbers = np.asarray(groups, dtype=np.intp)
        order = np.argsort(numbers, kind="stable") if (numbers[1:] < numbers[:-1]).any() else np.arange(len(numbers))
        labels = numbers[order]
        if labels.size and labels[-1] >= count:
            raise ValueError(f"group {labels[-1]} of {count}")
        first = int(np.searchsorted(labels, 0))
        return Grouping(count, order[first:], labels[first:])

    def only(self, wanted: Booleans) -> "Grouping":
        """Without the numbers that are not wanted."""
        kept = wanted[self.order]
        return self if kept.all() else Grouping(self.count, self.order[kept], self.labels[kept])

    def part(self, groups: Index) -> "Grouping":
        """Only `groups`, renumbered from 0 in their order; `order` still points into the whole column."""
        begins = np.searchsorted(self.labels, groups, "left")
        lengths = np.searchsorted(self.labels, groups, "right") - begins
        offsets = np.repeat(begins - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths)
        positions = np.arange(lengths.sum()) + offsets
        return Grouping(len(groups), self.order[positions], np.repeat(np.arange(len(groups)), lengths))

    @cached_property
    def starts(self) -> Index:
        """Where each group that is not empty begins in `order`."""
        return np.flatnonzero(np.concatenate([[True], self.labels[1:] != self.labels[:-1]])[: len(self.labels)])

    @cached_property
    def lengths(self) -> Index:
        """How many numbers each group that is not empty has."""
        return np.diff(np.append(self.starts, len(self.labels)))

    @cached_property
    def filled(self) -> Index:
        """The groups that are not empty."""
        return self.labels[self.starts]

    def spread(self, values: np.ndarray, empty: int) -> np.ndarray:
        """One value for each group, from one for each that is not empty."""
        if len(values) == self.count:
            return values
        everywhere = np.full(self.count, empty, dtype=values.dtype)
        everywhere[self.filled] = values
        return everywhere


@dataclass(frozen=True, eq=False)
class Aggregated(Cells):
    """One number for each group of a column."""

    rule: Rule
    cells: Cells
    grouping: Grouping
    weights: Cells | None = None

    @property
    def size(self) -> int:
        return self.grouping.count

    @cached_property
    def _floats(self) -> Bounded:
        weights = self.weights.bounded() if self.weights else None
        with np.errstate(all="ignore"):
            return _aggregate_floats(self.rule, self.cells.bounded(), self.grouping, weights)

    def bounded(self, start: int = 0, stop: int | None = None) -> Bounded:
        whole, part = self._floats, slice(start, stop)
        return Bounded(whole.value[part], whole.bound[part], whole.present[part])

    def exact(self, index: Index | None = None) -> Exact:
        grouping = self.grouping if index is None else self.grouping.part(index)
        cells = self.cells.exact(grouping.order)
        weights = self.weights.exact(grouping.order) if self.weights else None
        here = Grouping(grouping.count, np.arange(len(grouping.order)), grouping.labels)
        return _aggregate_exactly(self.rule, cells, here, weights)


def aggregate(rule: Rule | str, cells: Cells, groups: Any, count: int, weights: Cells | None = None) -> Cells:
    """One number for each of `count` groups.

    Args:
        groups: the group of each number of the column, -1 for none; or a `Grouping`, to be used several times.
        weights: for WEIGHTED, a column like `cells`; a number counts where both are present. Weights that add up to 0
            give a missing result.
    """
    rule = Rule(rule)
    if (rule is Rule.WEIGHTED) != (weights is not None):
        raise ValueError("weights belong to the weighted rule, and only to it")
    grouping = groups if isinstance(groups, Grouping) else Grouping.of(groups, count)
    if _whole(cells) and (weights is None or (_whole(weights) and _largest_product(cells, weights) <= LARGEST)):
        return _aggregate_exactly(rule, cells, grouping, weights)  # whole numbers: faster than floats, and final
    return Aggregated(rule, cells, grouping, weights)


def _whole(cells: Cells) -> TypeGuard[Exact]:
    """Whether these are whole numbers over one denominator."""
    return isinstance(cells, Exact) and isinstance(cells.denominator, int)


def _largest_product(left: Exact, right: Exact) -> int:
    return peak(left.numerator) * peak(right.numerator)


# Exactly -------------------------------------------------------------------------------------------------------------


def _aggregate_exactly(rule: Rule, cells: Exact, grouping: Grouping, weights: Exact | None) -> Exact:
    grouping = grouping.only(cells.present if weights is None else cells.present & weights.present)
    match rule:
        case Rule.SUM:
            return _sums(cells, grouping)
        case Rule.MEAN:
            counts = grouping.spread(grouping.lengths.astype(np.int64), 0)
            return rational.divide(_sums(cells, grouping), Exact(counts, 1, counts > 0))
        case Rule.WEIGHTED:
            assert weights is not None
            products = rational.multiply(cells, weights)
            return rational.divide(_sums(products, grouping), _sums(weights, grouping))
        case Rule.FIRST:
            return _chosen(cells, grouping, grouping.order[grouping.starts])
        case Rule.LAST:
            return _chosen(cells, grouping, grouping.order[grouping.starts + grouping.lengths - 1])
    return _extremes(rule, cells, grouping)


def _sums(cells: Exact, grouping: Grouping) -> Exact:
    present = _filled(grouping)
    if not len(grouping.order):
        return Exact(np.zeros(grouping.count, np.int64), 1, present)
    numerator = cells.numerator[grouping.order]
    if isinstance(cells.denominator, int):
        totals = _integer_sums(numerator, grouping.starts, grouping.lengths)
        return Exact(grouping.spread(totals, 0), cells.denominator, present)
    return _sums_of_fractions(numerator, cells.denominator[grouping.order], grouping, present)


def _integer_sums(values: Integers, starts: Index, lengths: Index) -> Integers:
    """Sums of consecutive stretches of any integers."""
    most = LARGEST // max(peak(values), 1)
    if values.dtype == object or int(lengths.max()) <= most:
        return np.asarray(narrow(np.add.reduceat(values, starts)))
    if most < 64:
        return np.asarray(narrow(np.add.reduceat(np.asarray(wide(values)), starts)))
    # Stretches short enough for int64 first, then those sums as Python integers.
    places = np.arange(len(values)) - np.repeat(starts, lengths)
    cuts = np.flatnonzero(places % most == 0)
    partial = np.add.reduceat(values, cuts).astype(object)
    return np.asarray(narrow(np.add.reduceat(partial, np.searchsorted(cuts, starts))))


def _sums_of_fractions(numerator: Integers, denominator: IntegersOrOne, grouping: Grouping, present: Booleans) -> Exact:
    """Numbers of one group and one denominator are added as integers; only what is left is added as fractions."""
    below = np.asarray(denominator)
    _distinct, kinds = np.unique(below, return_inverse=True)
    order = np.lexsort((kinds, grouping.labels))
    labels, kinds = grouping.labels[order], kinds[order]
    cuts = np.flatnonzero(np.concatenate([[True], (labels[1:] != labels[:-1]) | (kinds[1:] != kinds[:-1])]))
    totals = _integer_sums(numerator[order], cuts, np.diff(np.append(cuts, len(order))))
    parts: dict[int, list[tuple[int, int]]] = {}
    for label, top, bottom in zip(labels[cuts], totals, below[order][cuts], strict=True):
        parts.setdefault(int(label), []).append((int(top), int(bottom)))
    sums: list[Fraction | None] = [None] * grouping.count
    for label, fractions in parts.items():
        sums[label] = _sum_of(fractions)
    found = Exact.of_fractions(sums)
    return Exact(found.numerator, found.denominator, present)


def _sum_of(fractions: list[tuple[int, int]]) -> Fraction:
    """Pairs are added, then pairs of pairs: numbers stay short for as long as possible."""
    while len(fractions) > 1:
        paired = [(a * d + c * b, b * d) for (a, b), (c, d) in zip(fractions[::2], fractions[1::2], strict=False)]
        fractions = paired + fractions[len(paired) * 2 :]
    return Fraction(*fractions[0])


def _chosen(cells: Exact, grouping: Grouping, positions: Index) -> Exact:
    below = cells.denominator
    if not isinstance(below, int):
        below = grouping.spread(below[positions], 1)
    return Exact(grouping.spread(cells.numerator[positions], 0), below, _filled(grouping))


def _extremes(rule: Rule, cells: Exact, grouping: Grouping) -> Exact:
    if not len(grouping.order):
        return _chosen(cells, grouping, grouping.order)
    if isinstance(cells.denominator, int):
        extreme = np.minimum if rule is Rule.MIN else np.maximum
        values = extreme.reduceat(cells.numerator[grouping.order], grouping.starts)
        return Exact(grouping.spread(values, 0), cells.denominator, _filled(grouping))
    numbers = cells.exact(grouping.order).fractions()
    best = min if rule is Rule.MIN else max
    positions = [
        best(range(start, start + length), key=lambda at: numbers[at] or Fraction(0))
        for start, length in zip(grouping.starts, grouping.lengths, strict=True)
    ]
    return _chosen(cells, grouping, grouping.order[positions])


def _filled(grouping: Grouping) -> Booleans:
    present = np.zeros(grouping.count, bool)
    present[grouping.filled] = True
    return present


# By floats -----------------------------------------------------------------------------------------------------------


def _aggregate_floats(rule: Rule, cells: Bounded, grouping: Grouping, weights: Bounded | None) -> Bounded:
    grouping = grouping.only(cells.present if weights is None else cells.present & weights.present)
    order, starts = grouping.order, grouping.starts
    if not len(order):
        return settled(np.zeros(grouping.count), np.zeros(grouping.count), np.zeros(grouping.count, bool))
    value, bound = cells.value[order], cells.bound[order]
    match rule:
        case Rule.SUM:
            return _spread(grouping, *_float_sums(value, bound, grouping))
        case Rule.MEAN:
            lengths = grouping.lengths.astype(np.float64)
            total, total_bound = _float_sums(value, bound, grouping)
            # An unknown number may be missing, but then the bound of its group is infinite anyway.
            mean = floating.divide(
                settled(total, total_bound, np.ones(len(total), bool)),
                Bounded(lengths, np.zeros(len(total)), np.ones(len(total), bool)),
            )
            return _spread(grouping, mean.value, mean.bound)
        case Rule.WEIGHTED:
            assert weights is not None
            return _float_weighted(value, bound, weights.value[order], weights.bound[order], grouping)
        case Rule.FIRST:
            return _spread(grouping, value[starts], bound[starts])
        case Rule.LAST:
            ends = starts + grouping.lengths - 1
            return _spread(grouping, value[ends], bound[ends])
        case Rule.MIN:
            return _spread(grouping, *_float_minima(value, bound, grouping))
    largest, largest_bound = _float_minima(-value, bound, grouping)
    return _spread(grouping, -largest, largest_bound)


def _float_sums(value: Floats, bound: Floats, grouping: Grouping) -> tuple[Floats, Floats]:
    total = np.add.reduceat(value, grouping.starts)
    own = np.add.reduceat(bound, grouping.starts)
    size = np.add.reduceat(np.abs(value), grouping.starts)
    rounding = (grouping.lengths - 1).astype(np.float64) * UNIT_ROUNDOFF * size
    return total, (own + rounding) * _WIDER


def _float_minima(value: Floats, bound: Floats, grouping: Grouping) -> tuple[Floats, Floats]:
    """The true minimum lies between the least lower and the least upper end."""
    least = np.minimum.reduceat(value, grouping.starts)
    low = np.minimum.reduceat(value - bound, grouping.starts)
    high = np.minimum.reduceat(value + bound, grouping.starts)
    exact = np.maximum.reduceat(bound, grouping.starts) == 0
    margin = np.maximum(high - least, least - low) * _WIDER + np.abs(least) * (4 * UNIT_ROUNDOFF)
    return least, np.where(exact, 0.0, margin)


def _float_weighted(value: Floats, bound: Floats, weight: Floats, weight_bound: Floats, grouping: Grouping) -> Bounded:
    everywhere = np.ones(len(value), bool)
    weights = Bounded(weight, weight_bound, everywhere)
    products = floating.multiply(Bounded(value, bound, everywhere), weights)
    some = np.ones(len(grouping.starts), bool)
    top = settled(*_float_sums(products.value, products.bound, grouping), some)
    below = settled(*_float_sums(weight, weight_bound, grouping), some)
    mean = floating.divide(top, below)
    return _spread(grouping, mean.value, mean.bound, mean.present)


def _spread(grouping: Grouping, value: Floats, bound: Floats, present: Booleans | None = None) -> Bounded:
    there = np.ones(len(value), bool) if present is None else present
    return settled(grouping.spread(value, 0), grouping.spread(bound, 0), grouping.spread(there, 0))

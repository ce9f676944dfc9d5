"""Capacities in service as numbers, by day or for periods."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from gangmu.figures.cube.groups import Grouping
from gangmu.figures.cube.storage import Grain
from gangmu.figures.cube.storage.layout import Int64s
from gangmu.figures.cube.stretches import Stretch, days_of
from gangmu.figures.cube.tree import Tree
from gangmu.figures.indicators.exact.cells import Exact


def capacity_cells(
    tree: Tree, name: str, organisations: Int64s, periods: Stretch, grain: Grain, now: bool, today: int
) -> Exact:
    """The capacity of each organisation in consecutive periods of a grain, period by period."""
    grouping = tree.alone(organisations.tolist(), now, today)
    if grain is Grain.DAY:
        return _daily(tree, name, grouping, *periods)
    return over_periods(tree, name, grouping, None, [days_of(index, grain) for index in range(*periods)], last=False)


def _daily(tree: Tree, name: str, grouping: Grouping, low: int, high: int) -> Exact:
    """Day by day a capacity is what it is: nothing to add up."""
    rows = tree.capacities(grouping, None)
    shape = (high - low, len(grouping.labels))
    value, present = np.zeros(shape, object), np.zeros(shape, np.bool_)
    hours = 24 if name == "capacity_mwh" else 1
    for group, first, after, capacity in zip(
        rows.group.tolist(), rows.low.tolist(), rows.high.tolist(), rows.capacity.tolist(), strict=True
    ):
        days = slice(max(first, low) - low, max(min(after, high) - low, 0))
        value[days, group], present[days, group] = capacity * hours, True
    return Exact.of(value.ravel(), rows.below, present.ravel())


def over_periods(
    tree: Tree, name: str, grouping: Grouping, level: str | None, periods: Sequence[Stretch], *, last: bool
) -> Exact:
    """Capacity in service as a number for each stretch of days × group: MW on average, or MWh."""
    found = tree.megawatt_days(grouping, level, periods, last=last)
    values: list[Fraction | None] = []
    for (first, after), row in zip(periods, found, strict=True):
        factor = Fraction(24) if name == "capacity_mwh" else Fraction(1, 1 if last else after - first)
        values += [None if days is None else days * factor for days in row]
    return Exact.of_fractions(values)

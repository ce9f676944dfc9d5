"""Closed months 关账 in answers: what settled values 月报数 add to the days of their months.

Of each organisation and closed month the cube holds, beside the slab of the days, the month-end adjustment 月末调整
(the settled value less the days) and how many expected days were never reported. Both are monthly cells with running
totals of their own: a period is what its days come to, and the adjustments of the closed months that lie wholly inside
it, at a cost that does not depend on its length. `closing.py` writes them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from math import gcd
from typing import TYPE_CHECKING

import numpy as np

from gangmu.figures.cube.cellblocks import Slabs
from gangmu.figures.cube.gather import Gather
from gangmu.figures.cube.measure import Measure, capacity_of
from gangmu.figures.cube.storage import LOCKED, Grain, Slab
from gangmu.figures.cube.storage.layout import LONGEST_SUM, Int64s
from gangmu.figures.cube.stretches import Stretch, on_axis
from gangmu.figures.cube.totals import Totals, group_sums
from gangmu.figures.cube.tree import OPEN, Grouping
from gangmu.figures.indicators.exact.cells import Cells, Exact
from gangmu.figures.indicators.exact.evaluating import evaluate
from gangmu.figures.indicators.formula.program import Op, Program

if TYPE_CHECKING:
    from gangmu.figures.cube.engine import Engine

# Where the slabs of an indicator's closed months stand in the catalogue: beside all indicators.
ADJUSTMENT, DAYS_SETTLED = 1 << 40, 1 << 41
_MONTHS_AT_ONCE = LONGEST_SUM // 64  # an adjustment is a settled value less 31 days


@dataclass(frozen=True)
class Adjustments:
    """By period × group (flat in `amount`): the sum of month-end adjustments, exact; how many settled values of an
    organisation's month are in it; and how many days they settle that were never reported."""

    amount: Cells
    months: Int64s
    days: Int64s


def scaling(scales: Mapping[int, int]) -> Callable[[tuple[int, int]], int]:
    """With how many decimals the values of a slab are given, by those of the indicators: days that were settled are
    counted."""

    def of(key: tuple[int, int]) -> int:
        indicator = key[0]
        return 0 if indicator >= DAYS_SETTLED else scales.get(indicator % ADJUSTMENT, 0)

    return of


def is_of_closed_months(indicator: int) -> bool:
    """Whether a slab belongs to closed months, and not to what was filed."""
    return indicator >= ADJUSTMENT


def adjusted(
    engine: "Engine", measure: Measure, grouping: Grouping, periods: Sequence[Stretch], days: Totals
) -> Totals:
    """What the days come to, with the adjustments of the closed months inside each period."""
    found = adjustments(engine, measure, grouping, periods)
    if found is None:
        return days
    there = found.months > 0
    return replace(
        days,
        values=summed(days.values, found.amount),
        reported=days.reported + found.days,
        state=np.where(there & (days.state == 0), LOCKED, days.state).astype(np.uint8),
        months=found.months,
        adjustment=found.amount,
    )


def adjustments(
    engine: "Engine", measure: Measure, grouping: Grouping, periods: Sequence[Stretch]
) -> Adjustments | None:
    """The adjustments of closed months; None where there are none."""
    if measure.grain is not Grain.DAY or not measure.over_time == measure.over_organisations == "sum":
        return None
    if measure.program is None:
        return _filed(engine, measure, grouping, periods)
    if not engine.settles:
        return None
    found = [
        _of_formula(engine, program, grouping, [_cut(one, days) for one in periods])
        for program, days in _versions(measure, measure.program)
    ]
    return _together([one for one in found if one is not None])


def slab_of(snapshot: Slabs, scenario: int, measure: Measure) -> Slab | None:
    """The adjustments of a filed indicator."""
    return snapshot.slab(ADJUSTMENT + measure.id, scenario)


def _filed(engine: "Engine", measure: Measure, grouping: Grouping, periods: Sequence[Stretch]) -> Adjustments | None:
    slab = slab_of(engine.snapshot, engine.scenario, measure) if engine.settles else None
    if slab is None:
        return None
    months = [on_axis(one, Grain.MONTH) for one in periods]
    if all(low >= high for low, high in months):
        return None
    reach = engine.tree.reach(grouping, Grain.MONTH)
    gather = Gather(slab, reach, LOCKED)
    if not any(low < high for low, high in map(gather.rows, months)):
        return None
    group = reach.group[gather.pairs]
    sums = gather.sums(months, at_once=_MONTHS_AT_ONCE)
    count = group_sums(sums.count, group, reach.groups)
    if not count.any():
        return None
    total = group_sums(sums.total, group, reach.groups)
    amount = Exact.of(total.ravel(), 10**slab.scale, (count > 0).ravel())
    late = engine.snapshot.slab(DAYS_SETTLED + measure.id, engine.scenario)
    assert late is not None
    of_days = Gather(late, reach, LOCKED)
    days = group_sums(of_days.sums(months).total, reach.group[of_days.pairs], reach.groups)
    return Adjustments(amount, count, days)


def _versions(measure: Measure, newest: Program) -> list[tuple[Program, Stretch]]:
    """The formulas of cells, each with the days of the months on whose last day it holds."""
    if not measure.since:
        return [(newest, (1, OPEN))]
    firsts = [date.fromordinal(max(day, 1)).replace(day=1).toordinal() for day, _program in measure.since]
    return [(one, days) for (_day, one), days in zip(measure.since, pairwise([*firsts, OPEN]), strict=True)]


def _cut(one: Stretch, days: Stretch) -> Stretch:
    low = max(one[0], min(days[0], one[1]))
    return low, max(low, min(one[1], days[1]))


def _of_formula(
    engine: "Engine", program: Program, grouping: Grouping, periods: Sequence[Stretch]
) -> Adjustments | None:
    """A formula that only adds, subtracts and scales: the formula of its inputs' adjustments. Others keep to their
    days, since a product of days is none of months."""
    if not is_linear(program) or all(low >= high for low, high in periods):
        return None
    found = {leaf: adjustments(engine, engine.measures(leaf.code), grouping, periods) for leaf in program.leaves}
    there = [one for one in found.values() if one is not None]
    if not there:
        return None
    months = np.sum([one.months for one in there], axis=0)
    nothing = Exact.of(np.zeros(months.size, np.int64))
    inputs = {leaf: nothing if one is None else _or_zero(one.amount) for leaf, one in found.items()}
    amount = evaluate(program, inputs, months.size).exact()
    present = amount.present & (months > 0).ravel()  # nothing where it divides by 0
    months = np.where(present.reshape(months.shape), months, 0)
    return Adjustments(Exact.of(amount.numerator, amount.denominator, present), months, np.zeros_like(months))


def _together(parts: Sequence[Adjustments]) -> Adjustments | None:
    if not parts:
        return None
    whole = parts[0]
    for one in parts[1:]:
        whole = Adjustments(summed(whole.amount, one.amount), whole.months + one.months, whole.days + one.days)
    return whole


def is_linear(program: Program) -> bool:
    """Whether a formula of totals is the total of the formula: sums, differences and multiples of indicators."""
    constant: list[bool] = []
    for step in program.steps:
        given = [constant[number] for number in step.arguments]
        match step.op:
            case Op.LEAF:
                if not hasattr(step.payload, "code") or capacity_of(step.payload.code):  # type: ignore[union-attr]
                    return False
                constant.append(False)
            case Op.CONSTANT:
                constant.append(True)
            case Op.SCALE | Op.NEGATE:
                constant.append(given[0])
            case Op.ADD | Op.SUBTRACT | Op.TOTAL if len(set(given)) == 1:
                constant.append(given[0])
            case Op.MULTIPLY if any(given):
                constant.append(all(given))
            case Op.DIVIDE if given[1]:
                constant.append(given[0])
            case _:
                return False
    return not constant[-1]


def _or_zero(cells: Cells) -> Exact:
    found = cells.exact()
    return Exact.of(found.numerator, found.denominator)


def summed(one: Cells, other: Cells) -> Exact:
    """Sums of two columns; where only one has a number, that."""
    left, right = one.exact(), other.exact()
    below, other_below = (np.asarray(side.denominator, object) for side in (left, right))
    top = np.where(left.present, left.numerator.astype(object), 0) * other_below
    top = top + np.where(right.present, right.numerator.astype(object), 0) * below
    present = left.present | right.present
    if isinstance(left.denominator, int) and isinstance(right.denominator, int):
        shared = gcd(left.denominator, right.denominator)
        return Exact.of(top // shared, left.denominator * right.denominator // shared, present)
    return Exact.of(top, np.broadcast_to(below * other_below, top.shape), present)

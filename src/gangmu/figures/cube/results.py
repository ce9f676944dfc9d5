"""Formulas on totals: each input for the period that its time functions lead to, then the formula once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from gangmu.figures.cube.columns import joined, taken
from gangmu.figures.cube.engine import Engine
from gangmu.figures.cube.measure import Measure, capacity_of
from gangmu.figures.cube.storage import LOCKED
from gangmu.figures.cube.storage.layout import Bools, Bytes, Int64s
from gangmu.figures.cube.stretches import Stretch
from gangmu.figures.cube.totals import Totals
from gangmu.figures.cube.tree import Grouping
from gangmu.figures.indicators.exact.cells import Cells, Exact
from gangmu.figures.indicators.exact.evaluating import Rounded, evaluate, rounded
from gangmu.figures.indicators.formula.program import Leaf, Op, Program, Step
from gangmu.figures.indicators.formula.tree import Shift
from gangmu.foundation.periods.period import Period


@dataclass
class Result:
    """The figures of one indicator, by period × group (flat in `values`; periods follow each other).

    `differs` says where the inputs of a formula are covered differently. `inputs` are the totals that went into a
    result formula (None for capacities), with the periods they were asked for; none where the periods have different
    versions of the formula.
    """

    values: Cells
    reported: Int64s
    expected: Int64s
    state: Bytes
    differs: Bools
    inputs: dict[Leaf, tuple[list[Period], Totals | None, Cells]]
    months: Int64s | None = None  # how many settled values of closed months are in it
    adjustment: Cells | None = None  # and by how much they differ from their days

    def place(self, period: int, group: int) -> int:
        """Where the value of a period and group stands in `values`."""
        return period * self.reported.shape[1] + group


def prepare(
    engine: Engine,
    measures: Iterable[Measure],
    grouping: Grouping,
    periods: Sequence[Period],
    stretches: Sequence[Stretch] | None = None,
) -> None:
    """Have what several indicators come to worked out at once, as far as that can be; `figures` then finds it.
    `stretches` are the periods' days, for who has them."""
    inputs: dict[tuple[Shift, ...], dict[str, Measure]] = {}
    for measure in measures:
        if measure.in_period is not None:
            continue
        leaves = measure.program.leaves if measure.is_result and measure.program is not None else ()
        for code, shifts in [(leaf.code, leaf.shifts) for leaf in leaves] or [(measure.code, ())]:
            if Shift.LAST not in shifts and capacity_of(code) is None:
                inputs.setdefault(shifts, {})[code] = engine.measures(code)
    for shifts, those in inputs.items():
        if len(those) > 1:
            days = None if shifts else stretches
            engine.together(those.values(), grouping, days or [stretch(shifted(period, shifts)) for period in periods])


def figures(
    engine: Engine,
    measure: Measure,
    grouping: Grouping,
    periods: Sequence[Period],
    stretches: Sequence[Stretch] | None = None,
) -> Result:
    """What an indicator comes to in each period and group, in the unit in which it is shown, and how complete that is.
    `stretches` are the periods' days, for who has them."""
    found = _figures(engine, measure, grouping, periods, stretches)
    if measure.shown is None or measure.shown.factor == 1:
        return found
    adjustment = None if found.adjustment is None else _times(found.adjustment, measure.shown.factor)
    return replace(found, values=_times(found.values, measure.shown.factor), adjustment=adjustment)


_VALUE = Leaf("value")


def _times(values: Cells, factor: Fraction) -> Cells:
    steps = (Step(Op.LEAF, (), _VALUE), Step(Op.CONSTANT, (), factor), Step(Op.MULTIPLY, (0, 1)))
    return evaluate(Program(steps, (_VALUE,)), {_VALUE: values}, values.size)


def _figures(
    engine: Engine,
    measure: Measure,
    grouping: Grouping,
    periods: Sequence[Period],
    stretches: Sequence[Stretch] | None = None,
) -> Result:
    days = [stretch(period) for period in periods] if stretches is None else stretches
    if not measure.is_result:
        found = engine.totals(measure, grouping, days)
        nowhere = np.zeros(found.reported.shape, np.bool_)
        return Result(
            found.values, found.reported, found.expected, found.state, nowhere, {}, found.months, found.adjustment
        )
    if measure.in_period is not None:
        return _by_version(engine, measure, grouping, periods)
    assert measure.program is not None
    inputs: dict[Leaf, tuple[list[Period], Totals | None, Cells]] = {}
    for leaf in measure.program.leaves:
        moved = [shifted(period, leaf.shifts) for period in periods] if leaf.shifts else [*periods]
        last = Shift.LAST in leaf.shifts
        of_leaf = [stretch(period) for period in moved] if leaf.shifts else days
        capacity = capacity_of(leaf.code)
        if capacity:
            inputs[leaf] = moved, None, engine.capacity(capacity[0], grouping, capacity[1], of_leaf, last=last)
        else:
            totals = engine.totals(engine.measures(leaf.code), grouping, of_leaf, last=last)
            inputs[leaf] = moved, totals, totals.values
    shape = (len(periods), len(grouping.labels))
    values = evaluate(measure.program, {leaf: column for leaf, (_, _, column) in inputs.items()}, shape[0] * shape[1])
    totals = [found for _, found, _ in inputs.values() if found is not None]
    return Result(values, *_least_covered(totals, shape), inputs)


def _by_version(engine: Engine, measure: Measure, grouping: Grouping, periods: Sequence[Period]) -> Result:
    """A formula that is another one in some of the periods: those that share a version are worked out together."""
    assert measure.in_period is not None
    programs = [measure.in_period(period) for period in periods]
    places: dict[int, list[int]] = {}
    for place, program in enumerate(programs):
        places.setdefault(id(program), []).append(place)
    found = [
        _figures(
            engine, replace(measure, program=programs[of[0]], in_period=None), grouping, [periods[one] for one in of]
        )
        for of in places.values()
    ]
    if len(found) == 1:
        return found[0]
    order = np.argsort(np.concatenate([np.array(of) for of in places.values()]))
    groups = len(grouping.labels)
    index = (order[:, None] * groups + np.arange(groups)).ravel()

    def in_order(parts: list[np.ndarray]) -> np.ndarray:
        return np.concatenate(parts)[order]

    return Result(
        taken(joined([one.values for one in found]), index),
        in_order([one.reported for one in found]),
        in_order([one.expected for one in found]),
        in_order([one.state for one in found]),
        in_order([one.differs for one in found]),
        {},
    )


def _least_covered(totals: list[Totals], shape: tuple[int, int]) -> tuple[Int64s, Int64s, Bytes, Bools]:
    """Coverage of the input with the lowest share reported (the first of several), the lowest state of all, and
    whether shares differ. Where nothing is expected, nothing is covered."""
    reported, expected = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    state, differs = np.full(shape, LOCKED + 1, np.uint8), np.zeros(shape, np.bool_)
    for number, one in enumerate(totals):
        if number == 0:
            reported, expected = one.reported.copy(), one.expected.copy()
        else:
            # shares as cross products; nothing expected counts as the share 0
            left = np.where(one.expected > 0, one.reported * np.maximum(expected, 1), 0)
            right = np.where(expected > 0, reported * np.maximum(one.expected, 1), 0)
            differs |= left != right
            lower = left < right
            reported, expected = np.where(lower, one.reported, reported), np.where(lower, one.expected, expected)
        state = np.minimum(state, np.where(one.state == 0, LOCKED + 1, one.state))
    return reported, expected, np.where(state > LOCKED, 0, state).astype(np.uint8), differs


def rounded_by_period(values: Cells, decimals: Sequence[int]) -> Rounded:
    """Figures by period × group (flat), each period's rounded once to its own decimals: `scaled` are in their units."""
    if len(set(decimals)) <= 1:
        below = values.denominator if isinstance(values, Exact) else None
        if isinstance(values, Exact) and decimals and isinstance(below, int) and below == 10 ** decimals[0]:
            return Rounded(values.numerator, values.present)  # they are as round as that
        return rounded(values, decimals[0] if decimals else 0)
    groups = values.size // len(decimals)
    by_period = np.array(decimals)
    parts, places = [], []
    for one in np.unique(by_period).tolist():
        index = (np.flatnonzero(by_period == one)[:, None] * groups + np.arange(groups)).ravel()
        parts.append(rounded(taken(values, index), one))
        places.append(index)
    order = np.argsort(np.concatenate(places))
    return Rounded(
        np.concatenate([part.scaled for part in parts])[order], np.concatenate([part.present for part in parts])[order]
    )


def shifted(period: Period, shifts: Sequence[Shift]) -> Period:
    """The period that the time functions of a formula lead to, from left to right."""
    for shift in shifts:
        match shift:
            case Shift.PRIOR:
                period = period.previous()
            case Shift.YEAR_AGO:
                period = period.year_ago()
            case Shift.YTD:
                period = period.to_date()
            case Shift.MTD:
                period = period.month_to_date()
    return period


def stretch(period: Period) -> Stretch:
    """Its days as ordinals, half-open."""
    return period.start.toordinal(), period.end.toordinal() + 1

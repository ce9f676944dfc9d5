"""Figures as exact numbers, with what their formulas were made of: for those who calculate with them.

Everything else asks the gateway for figures as they are shown. Who asks here rounds once, at the end.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from gangmu.figures.cube import services
from gangmu.figures.cube.explain.formulas import CAPACITY_NAMES
from gangmu.figures.cube.gateway import REFUSALS, Asked, Refused
from gangmu.figures.cube.measure import Measure, capacity_of
from gangmu.figures.cube.question import STATES, Question
from gangmu.figures.cube.reading import Reading, read
from gangmu.figures.cube.results import Result, figures, shifted, stretch
from gangmu.figures.cube.storage import Snapshot
from gangmu.figures.cube.tree import Grouping, OrganisationRow, Tree
from gangmu.figures.cube.visibility import Scope
from gangmu.figures.indicators.exact.cells import Cells, Exact
from gangmu.figures.indicators.formula.program import Leaf
from gangmu.foundation.periods.period import Period


@dataclass(frozen=True)
class Input:
    """A filed figure, a formula by cell or a capacity that a formula stands on, as totals of the same groups."""

    leaf: Leaf
    code: str
    unit: str
    precision: int
    name_zh: str
    name_en: str
    sides: tuple[Exact, ...]


@dataclass(frozen=True)
class Side:
    """The figures of one period, a place for each group."""

    period: Period
    values: Exact
    reported: tuple[int, ...]
    expected: tuple[int, ...]
    states: tuple[str | None, ...]

    def fractions(self) -> list[Fraction | None]:
        return self.values.fractions()


@dataclass(frozen=True)
class Figures:
    """One indicator of one organisation (or of its groups, in the order of `labels`) in several periods, exact.

    `measure` has the formula of the last period, and the finest decimals of all; `formula_changed`: an earlier one had
    another. `inputs` are those of a formula, and for a weighted mean its weight.
    """

    measure: Measure
    labels: tuple[str | None, ...]
    sides: tuple[Side, ...]
    inputs: Mapping[Leaf, Input]
    formula_changed: bool = False


def exactly(questions: Sequence[Question], scope: Scope) -> list["Figures | Refused"]:
    """The exact figures of each question's first indicator and organisation, all of one state of the cube.

    Where a question cannot be answered, the error stands in its answer's place, as with `ask_all`.

    Raises:
        CubeBehind: the cube cannot be read now.
    """
    services.ensure_fresh()
    found: list[Figures | Refused] = []
    asked: list[Asked | Refused] = []
    for question in questions:
        try:
            question.check()
            asked.append(Asked.of(question))
        except REFUSALS as error:
            asked.append(error)

    def compute(snapshot: Snapshot, tree: Tree) -> list["Figures | Refused"]:
        found.clear()
        for one in asked:
            try:
                found.append(_figures(one, Reading.of(one, snapshot, tree, scope)) if isinstance(one, Asked) else one)
            except REFUSALS as error:
                found.append(error)
        return list(found)

    return read(compute)


def _figures(asked: Asked, reading: Reading) -> Figures:
    question = asked.question
    organisation = reading.visibility.organisation(question.organisations[0])
    grouping = reading.visibility.grouping(organisation, question.by or "", asked.now, asked.today if asked.now else 0)
    latest = max(asked.periods, key=lambda period: period.start)  # who is new is the same on all sides
    grouping = asked.counted(grouping, reading.tree, asked.counting(latest))
    measure = asked.measures[0]
    result = figures(reading.engine, measure, grouping, asked.periods)
    shown = _shown(asked, reading, grouping, result, organisation)
    sides = tuple(_side(period, place, result, shown) for place, period in enumerate(asked.periods))
    last = _finest(measure.within(asked.periods[-1]), measure, asked.periods)
    changed = any(measure.within(period).program != last.program for period in asked.periods[:-1])
    inputs = {one.leaf: one for one in _inputs(asked, reading, grouping, last, result, shown)}
    return Figures(last, tuple(grouping.labels[group] for group in shown), sides, inputs, changed)


def _finest(into: Measure, measure: Measure, periods: Sequence[Period]) -> Measure:
    """With the finest decimals of the periods: what is told of several is told with the same, so that it adds up."""
    return replace(into, precision=max(map(measure.decimals, periods)))


def _shown(
    asked: Asked, reading: Reading, grouping: Grouping, result: Result, organisation: OrganisationRow
) -> list[int]:
    """The groups that have a row in one of the periods, as the gateway gives rows."""
    by = asked.question.by
    if not by:
        return [0]
    if by == "children":
        codes: set[str] = set()
        for period in asked.periods:
            days = (asked.today, asked.today + 1) if asked.now else stretch(period)
            codes.update(reading.visibility.children(organisation, *days, asked.now))
        levels = asked.scope.levels if asked.scope else ()
        if levels:  # who is no part that the scope is shown for stands in the whole alone
            codes = {code for code in codes if reading.tree.by_code[code].kind in levels}
        return [place for place, label in enumerate(grouping.labels) if label in codes]
    there = ((result.reported + result.expected) > 0).any(axis=0)
    present = np.array([result.values.fraction(result.place(p, g)) is not None
                        for p in range(len(asked.periods)) for g in range(there.size)])  # fmt: skip
    return np.flatnonzero(there | present.reshape(len(asked.periods), -1).any(axis=0)).tolist()


def _side(period: Period, place: int, result: Result, shown: list[int]) -> Side:
    states = result.state[place]
    return Side(
        period,
        _part(result.values, place, result, shown),
        tuple(int(result.reported[place, group]) for group in shown),
        tuple(int(result.expected[place, group]) for group in shown),
        tuple(STATES[int(states[group]) - 1] if states[group] else None for group in shown),
    )


def _part(values: Cells, place: int, result: Result, shown: list[int]) -> Exact:
    index = np.array([result.place(place, group) for group in shown], dtype=np.intp)
    return values.exact(index)


def _inputs(
    asked: Asked, reading: Reading, grouping: Grouping, measure: Measure, result: Result, shown: list[int]
) -> list[Input]:
    engine = reading.engine
    leaves = measure.program.leaves if measure.program else ((Leaf(measure.weight),) if measure.weight else ())
    found = []
    for leaf in leaves:
        capacity = capacity_of(leaf.code)
        if leaf in result.inputs:
            values = result.inputs[leaf][2]
        else:
            stretches = [stretch(shifted(period, leaf.shifts)) for period in asked.periods]
            if capacity:
                values = engine.capacity(capacity[0], grouping, capacity[1] or measure.level, stretches)
            else:
                values = engine.totals(engine.measures(leaf.code), grouping, stretches).values
        sides = tuple(_part(values, place, result, shown) for place in range(len(asked.periods)))
        if capacity:
            unit = "MW" if capacity[0] == "capacity_mw" else "MWh"
            names = CAPACITY_NAMES[capacity[0]]
            found.append(Input(leaf, capacity[0], unit, 3, names["zh"], names["en"], sides))
        else:
            one = engine.measures(leaf.code)
            decimals = _finest(one, one, asked.periods).precision
            found.append(Input(leaf, one.code, one.unit, decimals, one.name_zh, one.name_en, sides))
    return found

"""What is unusual: figures far from an organisation's own past, or from its neighbours on the same day.

The measure is the robust z: (x − median) ÷ (1.4826 × MAD), where MAD is the median of the absolute deviations from the
median. 1.4826 makes it the standard deviation of a normal distribution (Rousseeuw and Croux, Alternatives to the median
absolute deviation, JASA 88, 1993); unlike that, it does not follow the very errors that are looked for (Iglewicz and
Hoaglin, How to Detect and Handle Outliers, ASQC 1993). The divisor is never less than 1 % of the median or one step of
the indicator's precision: a figure that never changed may change a little.

These are judgements, not figures: floats are good enough for them. What is shown is rounded to the indicator's
precision.
"""

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from gangmu.figures.filing.definitions import Statistics
from gangmu.figures.filing.models import Mark
from gangmu.figures.filing.rules.columns import Sheets
from gangmu.figures.filing.rules.compiled import Measured
from gangmu.figures.filing.rules.context import AllSeries, Day
from gangmu.figures.filing.rules.findings import About, Finding
from gangmu.figures.filing.rules.numbers import shown
from gangmu.figures.indicators.definitions import CAPACITIES
from gangmu.figures.indicators.exact.cells import Booleans, Cells, Exact, Floats
from gangmu.figures.indicators.exact.evaluating import evaluate
from gangmu.figures.indicators.formula.program import Leaf

NORMAL = 1.4826
LEAST_SHARE = 0.01


class Usual(NamedTuple):
    """For each row: how many numbers there were, their median, and the robust standard deviation."""

    count: np.ndarray
    median: Floats
    spread: Floats


def usual(values: Floats, present: Booleans, step: float) -> Usual:
    """Of each row of a table; `step` is the least that a figure can change by."""
    count = present.sum(axis=1)
    median = _medians(values, present, count)
    deviations = np.abs(values - median[:, None])
    spread = NORMAL * _medians(deviations, present, count)
    return Usual(count, median, np.maximum(spread, np.maximum(LEAST_SHARE * np.abs(median), step)))


def _medians(values: Floats, present: Booleans, count: np.ndarray) -> Floats:
    """The median of what is present in each row; 0 of nothing."""
    if not values.shape[1]:
        return np.zeros(len(values))
    ordered = np.sort(np.where(present, values, np.inf), axis=1)
    rows, most = np.arange(len(values)), np.maximum(count, 1)
    middle = (ordered[rows, (most - 1) // 2] + ordered[rows, most // 2]) / 2
    return np.where(count > 0, middle, 0.0)


# An organisation's own past -------------------------------------------------------------------------------------------


def against_history(measured: Measured, statistics: Statistics, table: Sheets) -> Iterator[tuple[int, Finding]]:
    """Figures far from those of the organisation's last days, with the number of their sheet."""
    rows = table.rows(measured.level)
    now, judged = _now(measured, table)
    if not judged.any():
        return
    values, present = _past(measured, statistics.days, table)
    precision = table.levels.catalogue[measured.code].scale
    found = usual(values, present, 10.0**-precision)
    distance = np.abs(_floats(now) - found.median) / found.spread
    for at in np.flatnonzero(judged & (found.count >= statistics.at_least) & (distance > measured.limit)).tolist():
        around = _around(measured, table, float(found.median[at]), float(found.spread[at]))
        around |= {"count": str(int(found.count[at])), "z": f"{distance[at]:.1f}"}
        yield int(rows.sheet[at]), _finding(measured, table, now, at, About.HISTORY, around)


def _now(measured: Measured, table: Sheets) -> tuple[Exact, Booleans]:
    """The figures to be judged: those that are there, of organisations that are in service."""
    rows = table.rows(measured.level)
    now, _columns = table.evaluated(measured.program, measured.level, measured.level, zero=False)
    judged = now.present.copy()
    for at, (sheet, organisation) in enumerate(zip(rows.sheet.tolist(), rows.organisation, strict=True)):
        marks = table.sheets[sheet].marks
        if marks and any(marks.get((organisation, item)) == Mark.OUT_OF_SERVICE for item in measured.items):
            judged[at] = False
    return now, judged


def _past(measured: Measured, days: int, table: Sheets) -> tuple[Floats, Booleans]:
    """For each row its figures of the days before its period: one column a day."""
    rows = table.rows(measured.level)
    size = len(rows)
    inputs: dict[Leaf, Cells] = {}
    for leaf in measured.program.leaves:
        if leaf.code in CAPACITIES:  # today's: what a unit could do 60 days ago is not asked for
            own = table.column(leaf, measured.level, measured.level, zero=False).cells
            inputs[leaf] = own.exact(np.repeat(np.arange(size), days))
            continue
        scaled, present = np.zeros((size, days), np.int64), np.zeros((size, days), np.bool_)
        for at, (sheet, organisation) in enumerate(zip(rows.sheet.tolist(), rows.organisation, strict=True)):
            series = table.context.past.get((organisation, leaf.code))
            if series is None:
                continue
            until = table.sheets[sheet].period.toordinal()
            first, after = np.searchsorted(series.days, (until - days, until))
            columns = series.days[first:after] - (until - days)
            scaled[at, columns], present[at, columns] = series.values[first:after], True
        precision = table.levels.catalogue[leaf.code].scale
        inputs[leaf] = Exact.scaled(scaled.ravel(), precision, present.ravel())
    result = evaluate(measured.program, inputs, size * days).bounded()
    known = result.present & np.isfinite(result.bound)
    return result.value.reshape(size, days), known.reshape(size, days)


# Neighbours -----------------------------------------------------------------------------------------------------------


def against_neighbours(measured: Measured, statistics: Statistics, table: Sheets) -> Iterator[tuple[int, Finding]]:
    """Figures far from those that organisations of the same group have in the same period."""
    rows = table.rows(measured.level)
    now, judged = _now(measured, table)
    if not judged.any():
        return
    values = _floats(now)
    sizes = np.ones(len(rows))
    if measured.additive:
        capacity = table.column(Leaf("capacity_mw"), measured.level, measured.level, zero=False).cells
        judged &= capacity.present & (capacity.numerator != 0)
        sizes = np.where(judged, _floats(capacity), 1.0)
    groups: dict[tuple[object, Day], list[int]] = defaultdict(list)
    for at in np.flatnonzero(judged).tolist():
        sheet = int(rows.sheet[at])
        group = table.facts(sheet, rows.organisation[at]).group
        if group is not None:
            groups[group, table.sheets[sheet].period].append(at)
    others = _others(measured, table, set(groups))
    step = 10.0 ** -table.levels.catalogue[measured.code].scale
    for (group, day), members in groups.items():
        everybody = np.concatenate([values[members] / sizes[members], others.get((group, day), np.zeros(0))])
        if len(everybody) <= statistics.at_least:
            continue
        smallest = step / float(sizes[members].max())
        found = usual(everybody[None, :], np.ones((1, len(everybody)), np.bool_), smallest)
        distance = np.abs(everybody[: len(members)] - found.median[0]) / found.spread[0]
        for place in np.flatnonzero(distance > measured.limit).tolist():
            at = members[place]
            around = _around(measured, table, float(found.median[0]), float(found.spread[0]), float(sizes[at]))
            around |= {"count": str(len(everybody) - 1), "z": f"{distance[place]:.1f}"}
            yield int(rows.sheet[at]), _finding(measured, table, now, at, About.NEIGHBOURS, around)


def _others(measured: Measured, table: Sheets, wanted: set[tuple[object, Day]]) -> dict[tuple[object, Day], Floats]:
    """What neighbours have filed that are not checked now, by group and period; per MW where that is compared."""
    rows = table.rows(measured.level)
    checked = {
        (organisation, table.sheets[sheet].period)
        for sheet, organisation in zip(rows.sheet.tolist(), rows.organisation, strict=True)
    }
    found = [
        (key, facts)
        for key, facts in table.context.rows.items()
        if (facts.group, key[1]) in wanted and key not in checked
    ]
    inputs: dict[Leaf, Cells] = {}
    for leaf in measured.program.leaves:
        if leaf.code in CAPACITIES:
            inputs[leaf] = Exact.of_fractions([getattr(facts, leaf.code) for _key, facts in found])
        else:
            precision = table.levels.catalogue[leaf.code].scale
            inputs[leaf] = _at(table.context.beside, leaf.code, precision, [key for key, _facts in found])
    result = evaluate(measured.program, inputs, len(found)).bounded()
    by_group: dict[tuple[object, Day], list[float]] = defaultdict(list)
    for at, ((_organisation, day), facts) in enumerate(found):
        if not result.present[at] or (measured.additive and not facts.capacity_mw):
            continue
        size = float(facts.capacity_mw) if measured.additive and facts.capacity_mw else 1.0
        by_group[facts.group, day].append(float(result.value[at]) / size)
    return {key: np.array(values) for key, values in by_group.items()}


def _at(series: AllSeries, code: str, precision: int, keys: list[tuple[int, Day]]) -> Exact:
    scaled = [found.at(day) if (found := series.get((one, code))) else None for one, day in keys]
    present = np.array([value is not None for value in scaled], np.bool_)
    return Exact.scaled(np.array([value or 0 for value in scaled], np.int64), precision, present)


# Findings -------------------------------------------------------------------------------------------------------------


def _floats(cells: Exact) -> Floats:
    return cells.bounded().value


def _around(measured: Measured, table: Sheets, median: float, spread: float, size: float = 1.0) -> dict[str, str]:
    """The middle and the usual bounds, as shown."""
    digits = table.levels.catalogue[measured.code].scale
    reach = measured.limit * spread
    bounds = {"median": median, "low": median - reach, "high": median + reach}
    return {name: shown(Fraction(value * size), digits) for name, value in bounds.items()}


def _finding(measured: Measured, table: Sheets, now: Exact, at: int, about: About, around: dict[str, str]) -> Finding:
    organisation = table.rows(measured.level).organisation[at]
    definition = table.levels.catalogue[measured.code]
    value = now.exact(np.array([at], dtype=np.intp)).fractions()[0]
    assert value is not None
    return Finding(
        key=f"{about.value}.{measured.code}@{organisation}",
        about=about,
        rule=about.value,
        strength="warning",
        organisation_id=organisation,
        indicators=measured.items,
        cells=tuple((organisation, item) for item in measured.items),
        numbers={"value": shown(value, definition.scale)},
        usual=around,
        unit=definition.unit,
        name=definition.name,
        names=(definition.name,),
    )

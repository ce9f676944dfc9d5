"""Closed months 关账 on their way into the cube: adjustments worked out from settled values and days.

Only what is locked goes into them: a month is closed when all its figures are, and none changes until it is reopened.
They are worked out anew whenever a batch says that a month was closed or reopened, or touches days of a closed month,
and all of them when the tree changes, since a plant's settled value is compared with the days of its units.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np
import psycopg

from gangmu.figures.cube.database import SlabKey
from gangmu.figures.cube.engine import Engine
from gangmu.figures.cube.measure import Measure
from gangmu.figures.cube.measures import KnownMeasures, known_measures
from gangmu.figures.cube.settled import ADJUSTMENT, DAYS_SETTLED
from gangmu.figures.cube.storage import LOCKED, Cells, Grain, Open, Slab
from gangmu.figures.cube.storage.layout import Int64s
from gangmu.figures.cube.stretches import days_of
from gangmu.figures.cube.tree import Tree

Changes = dict[SlabKey, tuple[Grain, Cells]]
SlabOf = Callable[[SlabKey], Slab | None]

# The settled values that answer: those of organisations that stood, on their last day in a closed month, at or below
# where it was closed.
IN_FORCE = """
    SELECT DISTINCT d.id, f.scenario_id, f.organisation_id, f.period,
        f.value * (10 ^ (d.scale - p.scale))::bigint AS value, d.scale, p.code
    FROM filing_monthclosing c
    JOIN indicators_indicator d ON d.id = c.indicator_id
    JOIN indicators_indicator p ON p.settles = d.code
    JOIN filing_scenario s ON s.code = 'actual'
    JOIN parties_membership m ON m.ancestor_id = c.organisation_id
      AND m.valid && daterange(c.month, (c.month + interval '1 month')::date)
    JOIN filing_fact f ON f.indicator_id = p.id AND f.scenario_id = s.id AND f.organisation_id = m.organisation_id
      AND f.period = c.month AND f.superseded_by_id IS NULL AND f.state = 5
    WHERE c.reopened_at IS NULL AND m.valid @> filing_last_day(f.organisation_id, c.month)
    ORDER BY 1, 2, 4, 3"""


class _Slabs:
    """The slabs as they are being written, for an engine."""

    def __init__(self, slab_of: SlabOf) -> None:
        self._slab_of = slab_of

    def slab(self, indicator: int, scenario: int) -> Slab | None:
        return self._slab_of((indicator, scenario))


def closed_months(connection: psycopg.Connection[Any]) -> set[tuple[int, int]]:
    """Indicators and months (on the axis) of which something is closed."""
    rows = connection.execute(
        "SELECT DISTINCT indicator_id, month FROM filing_monthclosing WHERE reopened_at IS NULL"
    ).fetchall()
    return {(indicator, Grain.MONTH.index(month)) for indicator, month in rows}


def touches(changes: Mapping[SlabKey, tuple[Grain, Cells]], closed: set[tuple[int, int]]) -> bool:
    """Whether days of a closed month are among the changed cells."""
    indicators = {indicator for indicator, _month in closed}
    for (indicator, _scenario), (grain, cells) in changes.items():
        if indicator not in indicators or grain is not Grain.DAY:
            continue
        days = np.unique(cells.period).tolist()
        months = {Grain.MONTH.index(Grain.DAY.first_day(day)) for day in days}
        if any((indicator, month) in closed for month in months):
            return True
    return False


def changed(connection: psycopg.Connection[Any], tree: Tree, slab_of: SlabOf, held: Collection[SlabKey]) -> Changes:
    """The cells of all closed months as they have to stand, and those of `held` slabs that stand no longer.

    Only what differs from what the slabs hold.
    """
    in_force: dict[SlabKey, list[tuple[int, int, int, int, str]]] = {}
    for indicator, scenario, organisation, month, *rest in connection.execute(IN_FORCE):
        line = organisation, Grain.MONTH.index(month), *rest
        in_force.setdefault((indicator, scenario), []).append(line)
    keys = in_force.keys() | {(key[0] - ADJUSTMENT, key[1]) for key in held if key[0] in _adjustments(held)}
    found: Changes = {}
    measures = known_measures() if in_force else None
    for key in sorted(keys):
        rows = in_force.get(key, [])
        organisation = np.array([row[0] for row in rows], np.int64)
        month = np.array([row[1] for row in rows], np.int64)
        amount = days = np.empty(0, np.int64)
        if rows and measures is not None:
            value = np.array([row[2] for row in rows], np.int64)
            settled = organisation, month, value
            amount, days = _worked_out(measures, tree, slab_of, key, settled, rows[0][3], rows[0][4])
        for base, numbers in ((ADJUSTMENT, amount), (DAYS_SETTLED, days)):
            here = base + key[0], key[1]
            cells = _differing(slab_of(here), organisation, month, numbers)
            if len(cells):
                found[here] = Grain.MONTH, cells
    return found


def _adjustments(held: Collection[SlabKey]) -> set[int]:
    return {indicator for indicator, _scenario in held if ADJUSTMENT <= indicator < DAYS_SETTLED}


def _worked_out(
    measures: KnownMeasures,
    tree: Tree,
    slab_of: SlabOf,
    key: SlabKey,
    settled: tuple[Int64s, Int64s, Int64s],
    scale: int,
    code: str,
) -> tuple[Int64s, Int64s]:
    """Of each settled value, by how much it differs from its days, and how many expected days were not reported.

    Settled values, and what they differ by, are in units of 10^-scale, as the days are stored.
    Its days are those of its organisation and of all that stood below it, each day by the tree of that day.
    """
    organisation, month, value = settled
    measure: Measure = measures(measures.catalogue[measures(code).settles].code)
    engine = Engine(_Slabs(slab_of), tree, measures, key[1], LOCKED, False, 0, settles=False)
    ids, column = np.unique(organisation, return_inverse=True)
    months, row = np.unique(month, return_inverse=True)
    grouping = tree.branches(ids.tolist(), False, 0)
    totals = engine.totals(measure, grouping, [days_of(one, Grain.MONTH) for one in months.tolist()])
    exact = totals.values.exact()
    shape = totals.reported.shape
    below = 10**scale
    sums = np.where(exact.present, exact.numerator * (below // _whole(exact.denominator)), 0)
    missing = np.maximum(totals.expected - totals.reported, 0)
    return value - sums.astype(np.int64).reshape(shape)[row, column], missing[row, column]


def _whole(denominator: Any) -> Any:
    return denominator if isinstance(denominator, int) else np.asarray(denominator, object)


def _differing(slab: Slab | None, organisation: Int64s, month: Int64s, value: Int64s) -> Cells:
    """The cells that do not stand as given, and those that stand and are not given."""
    wanted = {(one, at): number for one, at, number in zip(
        organisation.tolist(), month.tolist(), value.tolist(), strict=True)}  # fmt: skip
    stands: dict[tuple[int, int], int] = {}
    if slab is not None:
        rows, columns = np.nonzero(slab.presence[: slab.filled, : slab.columns])
        ids = slab.organisations[columns]
        numbers = slab.value[rows, columns]
        stands = dict(zip(zip(ids.tolist(), (rows + slab.base).tolist(), strict=True), numbers.tolist(), strict=True))
    different = sorted(cell for cell in wanted.keys() | stands.keys() if wanted.get(cell) != stands.get(cell))
    return Cells(
        np.array([cell[0] for cell in different], np.int64),
        np.array([cell[1] for cell in different], np.int64),
        np.array([cell in wanted for cell in different], np.bool_),
        np.array([wanted.get(cell, 0) for cell in different], np.int64),
        Open.none(),
    )

"""Proof that the cube is what the database says: every cell, every running total, every unsettled revision.

What should be there is worked out anew, by queries that share nothing with folding: the chain of revisions is followed
by PostgreSQL, and each slab is compared as a whole.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import psycopg
from django.utils.translation import gettext as _

from gangmu.figures.cube import database, services
from gangmu.figures.cube.branching import wrong_branches
from gangmu.figures.cube.copying import EPOCH, copied, integers
from gangmu.figures.cube.settled import ADJUSTMENT, DAYS_SETTLED, is_of_closed_months
from gangmu.figures.cube.storage import Grain, Slab, Writer, key_parts, writing
from gangmu.figures.cube.storage.layout import Int64s
from gangmu.figures.cube.storage.store import VERSION
from gangmu.figures.cube.tree import Tree

_TOLD = 5  # examples of each fault of a slab

# Revisions of cells whose current one is not locked: newest first; `counts` where no newer one has as high a state.
_CHAINS = """
    WITH RECURSIVE chain AS (
        SELECT organisation_id, period, value, state, batch_id, state AS highest, true AS counts
        FROM filing_fact
        WHERE indicator_id = {indicator} AND scenario_id = {scenario} AND superseded_by_id IS NULL AND state < 5
        UNION ALL
        SELECT older.organisation_id, older.period, older.value, older.state, older.batch_id,
               greatest(chain.highest, older.state), older.state > chain.highest
        FROM chain JOIN filing_fact older
            ON older.indicator_id = {indicator} AND older.scenario_id = {scenario}
            AND older.organisation_id = chain.organisation_id AND older.period = chain.period
            AND older.superseded_by_id = chain.batch_id)"""
_SETTLED = (
    _CHAINS
    + """
    SELECT organisation_id, period, value FROM filing_fact
    WHERE indicator_id = {indicator} AND scenario_id = {scenario} AND superseded_by_id IS NULL AND state = 5
    UNION ALL
    SELECT organisation_id, period, value FROM chain WHERE counts AND state = 5"""
)
_UNSETTLED = _CHAINS + " SELECT organisation_id, period, value, state FROM chain WHERE counts AND state < 5"


@dataclass(frozen=True)
class Finding:
    """One disagreement between the cube and the database."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def check() -> list[Finding]:
    """Fold what is due, then compare everything. An empty list is the proof."""
    services.fold()
    with writing(services.store()) as writer, database.snapshot() as snapshot:
        return list(_findings(writer, snapshot))


def _findings(writer: Writer, snapshot: psycopg.Connection[Any]) -> Iterator[Finding]:
    head = database.head(snapshot)
    if writer.position.change > head.change or not database.knows(snapshot, writer.position):
        yield Finding(
            _("position"),
            _("the cube has folded change %(cube)s, the log ends with %(log)s")
            % {"cube": writer.position.change, "log": head.change},
        )
        return
    if writer.position != head:  # committed since the folding above
        services.fold_changes(writer, snapshot)
    if writer.header[VERSION] % 2 or writer.unfinished() is not None:
        yield Finding(_("version"), _("the cube is half written"))
    yield from _tree_findings(writer, snapshot)
    tree = Tree.load(writer.folder / writer.tree_file) if writer.tree_file else None
    grains, names, scales = database.grains(snapshot), _names(snapshot), database.scales(snapshot)
    with_facts = {
        (indicator, scenario)
        for indicator, scenario in snapshot.execute("SELECT DISTINCT indicator_id, scenario_id FROM filing_fact")
    }
    yield from _closed_findings(writer, snapshot, names)
    for key in sorted(with_facts | {key for key in writer.entries if not is_of_closed_months(key[0])}):
        where = names.get(key, f"{key[0]} · {key[1]}")
        slab = writer.slab(key)
        if slab is None:
            yield Finding(where, _("the database has facts, the cube has none"))
            continue
        if key[0] not in grains:
            yield Finding(where, _("the cube has an indicator that the database does not know"))
            continue
        if writer.entries[key]["grain"] != grains[key[0]].value:
            yield Finding(where, _("the grain has changed since the facts were folded"))
            continue
        if slab.scale != scales[key[0]]:
            yield Finding(where, _("the cube's values have another number of decimals than the facts"))
            continue
        for what in _slab_faults(slab, grains[key[0]], key, snapshot):
            yield Finding(where, what)
        if tree is not None and wrong_branches(slab, tree, grains[key[0]]):
            yield Finding(where, _("totals of branches are not those of who stood there"))


# Of each settled value that answers: what its days come to. The closings are followed downwards here, from each to whom
# it closes, and days are added up by PostgreSQL.
_CLOSED = """
    WITH closed AS (
        SELECT DISTINCT c.indicator_id, f.scenario_id, f.organisation_id, c.month, f.value, d.level,
               (c.month + interval '1 month')::date AS after, (10 ^ (d.scale - p.scale))::bigint AS scale
        FROM filing_monthclosing c
        JOIN indicators_indicator d ON d.id = c.indicator_id JOIN indicators_indicator p ON p.settles = d.code
        JOIN filing_fact f ON f.indicator_id = p.id AND f.period = c.month AND f.superseded_by_id IS NULL
            AND f.state = 5 AND f.scenario_id = (SELECT id FROM filing_scenario WHERE code = 'actual')
        WHERE c.reopened_at IS NULL AND EXISTS (
            SELECT FROM parties_membership m WHERE m.ancestor_id = c.organisation_id
            AND m.organisation_id = f.organisation_id AND m.valid @> (
                SELECT max(least(upper(o.valid), (c.month + interval '1 month')::date)) - 1 FROM parties_membership o
                WHERE o.organisation_id = f.organisation_id AND o.depth = 0
                AND o.valid && daterange(c.month, (c.month + interval '1 month')::date))))
    SELECT k.indicator_id, k.scenario_id, k.organisation_id, k.month, (k.value * k.scale - coalesce((
        SELECT sum(f.value) FROM parties_membership m JOIN filing_fact f
            ON f.organisation_id = m.organisation_id AND m.valid @> f.period
        WHERE m.ancestor_id = k.organisation_id AND f.indicator_id = k.indicator_id AND f.scenario_id = k.scenario_id
            AND f.period >= k.month AND f.period < k.after AND f.superseded_by_id IS NULL AND f.state = 5), 0))::bigint
    FROM closed k"""


def _closed_findings(
    writer: Writer, snapshot: psycopg.Connection[Any], names: dict[tuple[int, int], str]
) -> Iterator[Finding]:
    """The adjustments of closed months, and the running totals of what they settle."""
    right: dict[tuple[int, int], dict[tuple[int, int], int]] = {}
    for indicator, scenario, organisation, month, amount in snapshot.execute(_CLOSED):
        key = (ADJUSTMENT + indicator, scenario)
        right.setdefault(key, {})[organisation, Grain.MONTH.index(month)] = amount
    held = {key for key in writer.entries if is_of_closed_months(key[0])}
    for key in sorted(held | right.keys()):
        base = DAYS_SETTLED if key[0] >= DAYS_SETTLED else ADJUSTMENT
        where = _("closed months of %(indicator)s") % {
            "indicator": names.get((key[0] - base, key[1]), f"{key[0] - base} · {key[1]}")
        }
        slab = writer.slab(key)
        if slab is None:
            yield Finding(where, _("months are closed, the cube has none"))
            continue
        for what in _structure_faults(slab, Grain.MONTH):
            yield Finding(where, what)
        rows, columns = np.nonzero(slab.presence[: slab.filled, : slab.columns])
        cells = zip(slab.organisations[columns].tolist(), (rows + slab.base).tolist(), strict=True)
        stands = dict(zip(cells, slab.value[rows, columns].tolist(), strict=True))
        wanted = right.get((ADJUSTMENT + key[0] - base, key[1]), {})
        if base == DAYS_SETTLED:
            wrong = stands.keys() ^ wanted.keys()
        else:
            wrong = {cell for cell in stands.keys() | wanted.keys() if stands.get(cell) != wanted.get(cell)}
        if wrong:
            examples = ", ".join(
                f"#{organisation} {Grain.MONTH.first_day(month):%Y-%m}" for organisation, month in sorted(wrong)[:_TOLD]
            )
            told = {"what": _("another value"), "count": len(wrong), "examples": examples}
            yield Finding(where, _("%(what)s, %(count)d cells: %(examples)s") % told)


def _names(snapshot: psycopg.Connection[Any]) -> dict[tuple[int, int], str]:
    rows = snapshot.execute("SELECT i.id, s.id, i.code, s.code FROM indicators_indicator i, filing_scenario s")
    return {(indicator, scenario): f"{code} · {of}" for indicator, scenario, code, of in rows}


def _tree_findings(writer: Writer, snapshot: psycopg.Connection[Any]) -> Iterator[Finding]:
    stamp = database.tree_stamp(snapshot)
    if writer.tree_file is None or writer.tree_stamp != stamp:
        yield Finding(_("organisation tree"), _("the cube has another version than the database"))
        return
    held, right = Tree.load(writer.folder / writer.tree_file), database.read_tree(snapshot)
    same = (
        held.organisations == right.organisations
        and sorted(held.memberships.tolist()) == sorted(right.memberships.tolist())
        and sorted(held.placements.tolist()) == sorted(right.placements.tolist())
        and set(held.attributes) == set(right.attributes)
        and held.inherited == right.inherited
    )
    if not same:
        yield Finding(_("organisation tree"), _("the cube's differs from the database's under the same version"))


def _slab_faults(slab: Slab, grain: Grain, key: tuple[int, int], snapshot: psycopg.Connection[Any]) -> Iterator[str]:
    yield from _structure_faults(slab, grain)
    if len(np.unique(np.array(slab.organisations[: slab.columns]))) == slab.columns:
        yield from _settled_faults(slab, grain, key, snapshot)
        yield from _unsettled_faults(slab, grain, key, snapshot)


def _structure_faults(slab: Slab, grain: Grain) -> Iterator[str]:
    """What must hold of a slab by itself."""
    rows, columns = slab.filled, slab.columns
    organisations = np.array(slab.organisations[:columns])
    if len(np.unique(organisations)) != columns:
        yield _("two columns belong to one organisation")
        return
    value, present = slab.value[:rows, :columns], slab.presence[:rows, :columns]
    if slab.total[0].any() or slab.count[0].any():
        yield _("running totals do not begin with 0")
    yield from _told(slab, grain, np.diff(slab.total[: rows + 1, :columns], axis=0) != value, _("wrong running total"))
    yield from _told(slab, grain, np.diff(slab.count[: rows + 1, :columns], axis=0) != present, _("wrong count"))
    yield from _told(slab, grain, (present == 0) & (value != 0), _("a value where nothing is reported"))
    block, column = np.nonzero(slab.blocks.faults(slab.value, slab.presence, rows, columns))
    wrong = np.zeros((slab.rows_room, columns), np.bool_)
    wrong[slab.blocks.edges[block], column] = True
    yield from _told(slab, grain, wrong, _("wrong least or greatest value of a month or year"))
    if slab.value[rows:].any() or slab.presence[rows:].any() or slab.presence[:, columns:].any():
        yield _("something stands where the slab is free")
    if rows and columns and slab.largest < max(abs(int(value.max())), abs(int(value.min()))):
        yield _("the largest value is larger than noted")


def _settled_faults(slab: Slab, grain: Grain, key: tuple[int, int], snapshot: psycopg.Connection[Any]) -> Iterator[str]:
    """The database's settled cells against the arrays, both ways."""
    rows, columns = slab.filled, slab.columns
    right = np.zeros((rows, columns), np.int64)
    there = np.zeros((rows, columns), np.bool_)
    query = _SETTLED.format(indicator=key[0], scenario=key[1])
    for part in copied(snapshot, query, (("organisation", "int8"), ("period", "date"), ("value", "int8"))):
        row, column = _places(slab, grain, integers(part, "organisation"), integers(part, "period"))
        outside = (row < 0) | (row >= rows) | (column < 0)
        if outside.any():
            yield _("%(count)d settled cells of the database have no place in the cube") % {"count": outside.sum()}
        row, column = row[~outside], column[~outside]
        if there[row, column].any():
            yield _("the database has two current revisions of one cell")
        right[row, column], there[row, column] = integers(part, "value")[~outside], True
    held = slab.presence[:rows, :columns] != 0
    yield from _told(slab, grain, there & ~held, _("missing in the cube"))
    yield from _told(slab, grain, held & ~there, _("in the cube alone"))
    yield from _told(slab, grain, held & there & (slab.value[:rows, :columns] != right), _("another value"))


def _unsettled_faults(
    slab: Slab, grain: Grain, key: tuple[int, int], snapshot: psycopg.Connection[Any]
) -> Iterator[str]:
    query = _UNSETTLED.format(indicator=key[0], scenario=key[1])
    right: set[tuple[int, int, int, int]] = set()
    columns = (("organisation", "int8"), ("period", "date"), ("value", "int8"), ("state", "int2"))
    for part in copied(snapshot, query, columns):
        row, column = _places(slab, grain, integers(part, "organisation"), integers(part, "period"))
        state, value = integers(part, "state"), integers(part, "value")
        right.update(zip(row.tolist(), column.tolist(), state.tolist(), value.tolist(), strict=True))
    keys, values = slab.overlay()
    if (np.diff(keys) <= 0).any():
        yield _("unsettled revisions are out of order")
    held = set(zip(*(one.tolist() for one in key_parts(np.array(keys))), values.tolist(), strict=True))
    for what, cells in (
        (_("unsettled, missing in the cube"), right - held),
        (_("unsettled, in the cube alone"), held - right),
    ):
        if cells:
            examples = ", ".join(
                f"{_organisation(slab, column)} {_period(slab, grain, row)}"
                for row, column, _s, _v in sorted(cells)[:_TOLD]
            )
            yield _("%(what)s, %(count)d cells: %(examples)s") % {
                "what": what,
                "count": len(cells),
                "examples": examples,
            }


def _places(slab: Slab, grain: Grain, organisations: Int64s, days: Int64s) -> tuple[Int64s, Int64s]:
    if grain is Grain.DAY:
        row = days + EPOCH - slab.base
    else:
        months = np.datetime64("2000-01-01", "D") + days.astype("timedelta64[D]")
        row = months.astype("datetime64[M]").astype(np.int64) + 1970 * 12 - slab.base
    ids = np.array(slab.organisations[: slab.columns])
    order = np.argsort(ids)
    if not len(ids):
        return row, np.full(len(row), -1)
    place = np.minimum(np.searchsorted(ids[order], organisations), len(ids) - 1)
    return row, np.where(ids[order][place] == organisations, order[place], -1)


def _told(slab: Slab, grain: Grain, wrong: np.ndarray, what: str) -> Iterator[str]:
    """One line for all cells with the same fault, the first few by name."""
    if not wrong.any():
        return
    cells = np.argwhere(wrong)
    examples = ", ".join(
        f"{_organisation(slab, column)} {_period(slab, grain, row)}" for row, column in cells[:_TOLD].tolist()
    )
    yield _("%(what)s, %(count)d cells: %(examples)s") % {"what": what, "count": len(cells), "examples": examples}


def _organisation(slab: Slab, column: int) -> str:
    return f"#{int(slab.organisations[column])}" if 0 <= column < slab.columns else "?"


def _period(slab: Slab, grain: Grain, row: int) -> str:
    day = grain.first_day(slab.base + row)
    return day.isoformat() if grain is Grain.DAY else f"{day:%Y-%m}"

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
from gangmu.figures.cube.copying import EPOCH, copied, integers
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
        changes = database.touched_cells(
            snapshot,
            database.batches_since(snapshot, writer.position.change),
            database.NO_CELLS,
            database.grains(snapshot),
        )
        writer.fold(changes, head)
    if writer.header[VERSION] % 2 or writer.unfinished() is not None:
        yield Finding(_("version"), _("the cube is half written"))
    yield from _tree_findings(writer, snapshot)
    grains, names = database.grains(snapshot), _names(snapshot)
    with_facts = {
        (indicator, scenario)
        for indicator, scenario in snapshot.execute("SELECT DISTINCT indicator_id, scenario_id FROM filing_fact")
    }
    for key in sorted(with_facts | set(writer.entries)):
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
        for what in _slab_faults(slab, grains[key[0]], key, snapshot):
            yield Finding(where, what)


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
    if slab.value[rows:].any() or slab.presence[rows:].any() or slab.presence[:, columns:].any():
        yield _("something stands where the slab is free")
    if rows and columns and slab.largest < max(abs(int(value.max())), abs(int(value.min()))):
        yield _("the largest value is larger than noted")
    yield from _settled_faults(slab, grain, key, snapshot)
    yield from _unsettled_faults(slab, grain, key, snapshot)


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

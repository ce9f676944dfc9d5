"""What the cube reads from the database: the log, facts, the tree. Always in one snapshot of its own connection.

The connection is the process's own role, never the web role: the cube holds everybody's facts, and who sees which is
decided when it is asked.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any, LiteralString, NamedTuple

import numpy as np
import psycopg
from django.db import connections
from psycopg import pq
from psycopg.rows import tuple_row

from gangmu.figures.cube.copying import EPOCH, Rows, copied, integers
from gangmu.figures.cube.storage import LOCKED, Cells, Grain, Open, Position
from gangmu.figures.cube.storage.layout import Int64s
from gangmu.figures.cube.storage.store import SlabKey
from gangmu.figures.cube.tree import EVER, OPEN, AttributeRow, OrganisationRow, Tree
from gangmu.foundation.parties import kinds

CELL = (("indicator", "int8"), ("scenario", "int2"), ("organisation", "int8"), ("period", "date"))
CURRENT = (*CELL, ("value", "int8"), ("state", "int2"))
_CELL_SQL = "indicator_id, scenario_id, organisation_id, period"
# The ends of a daterange as the tree's days.
_DAYS = (
    f"coalesce(lower(valid) - '0001-01-01'::date + 1, {EVER}) AS first_day,"
    f" coalesce(upper(valid) - '0001-01-01'::date + 1, {OPEN}) AS after_day"
)
_ENDS = (("first_day", "int4"), ("after_day", "int4"))
_MEMBERSHIP = (("ancestor", "int8"), ("organisation", "int8"), ("depth", "int2"), *_ENDS)
_PLACEMENT = (("child", "int8"), ("parent", "int8"), *_ENDS)
_MONTHS_BEFORE_1970 = 1970 * 12
FEW_CELLS = 2_000
_NEVER_BY_COUNT = 1 << 30  # what is prepared is said to be
NO_CELLS: Int64s = np.empty((0, 4), np.int64)


@contextmanager
def snapshot(kept: psycopg.Connection[Any] | None = None) -> Iterator[psycopg.Connection[Any]]:
    """A connection in which everything is read as of one instant: a new one, or one that the caller keeps."""
    connection = kept or connect()
    try:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        yield connection
        connection.execute("ROLLBACK")
    finally:
        if kept is None or connection.info.transaction_status != pq.TransactionStatus.IDLE:
            connection.close()


def connect(alias: str = "default") -> psycopg.Connection[Any]:
    """A connection of its own, in the process's own role."""
    wrapper = connections[alias]
    connection = wrapper.get_new_connection(wrapper.get_connection_params())
    connection.row_factory = tuple_row
    connection.autocommit = True
    connection.prepare_threshold = _NEVER_BY_COUNT
    return connection


def _planned(connection: psycopg.Connection[Any], query: LiteralString, parameters: Any = None) -> psycopg.Cursor[Any]:
    """The query executed, planned once for all the times that a connection that is kept asks it."""
    return psycopg.Cursor(connection).execute(query, parameters, prepare=True)


def connection_parameters(alias: str = "default") -> dict[str, Any]:
    """How to connect once more, from another process."""
    wrapper = connections[alias]
    return {
        name: value
        for name, value in wrapper.get_connection_params().items()
        if name in {"dbname", "user", "password", "host", "port", "options", "sslmode", "sslrootcert", "service"}
    }


# The log --------------------------------------------------------------------------------------------------------------


def head(connection: psycopg.Connection[Any]) -> Position:
    """The last entry of the log."""
    found = connection.execute(
        "SELECT c.id, b.key FROM filing_change c JOIN filing_batch b ON b.id = c.batch_id ORDER BY c.id DESC LIMIT 1"
    ).fetchone()
    return Position(found[0], key_number(found[1])) if found else Position(0, 0)


def knows(connection: psycopg.Connection[Any], position: Position) -> bool:
    """Whether the log has this very entry: not so when another database, or an older one, was put in its place."""
    if position.change == 0:
        return True
    found = connection.execute(
        "SELECT b.key FROM filing_change c JOIN filing_batch b ON b.id = c.batch_id WHERE c.id = %s", [position.change]
    ).fetchone()
    return found is not None and key_number(found[0]) == position.key


class Since(NamedTuple):
    """What the log holds after an entry: its last entry, the batches that committed, how many facts they recorded,
    whether one of them closed or reopened months. And whether it has the entry itself: not so when another database, or
    an older one, was put in its place. Besides: whether any month is closed, and the versions of the tree and of the
    definitions."""

    known: bool
    head: Position
    batches: list[int]
    facts: int
    closes: bool
    has_closed: bool
    tree_stamp: int
    definition_stamp: int


def since(connection: psycopg.Connection[Any], position: Position) -> Since:
    """All that a folding asks of the log, in one query."""
    found = _planned(
        connection,
        """
        WITH later AS MATERIALIZED (SELECT DISTINCT batch_id FROM filing_change WHERE id > %(change)s)
        SELECT (SELECT b.key FROM filing_change c JOIN filing_batch b ON b.id = c.batch_id WHERE c.id = %(change)s),
               coalesce((SELECT array_agg(batch_id) FROM later), '{}'),
               (SELECT coalesce(sum(facts_count), 0)::bigint FROM filing_batch JOIN later ON later.batch_id = id),
               EXISTS (SELECT FROM filing_batch JOIN later ON later.batch_id = id WHERE kind = 'closing'),
               EXISTS (SELECT FROM filing_monthclosing WHERE reopened_at IS NULL),
               cube_tree_stamp(), cube_definition_stamp(), h.id, h.key
        FROM (VALUES (0)) one LEFT JOIN LATERAL (
            SELECT c.id, b.key FROM filing_change c JOIN filing_batch b ON b.id = c.batch_id ORDER BY c.id DESC LIMIT 1
        ) h ON true""",
        {"change": position.change},
    ).fetchone()
    assert found is not None
    key, batches, facts, closes, has_closed, tree_stamp, definition_stamp, last, last_key = found
    known = position.change == 0 or (key is not None and key_number(key) == position.key)
    end = Position(last, key_number(last_key)) if last else Position(0, 0)
    return Since(known, end, batches, facts, closes, has_closed, tree_stamp, definition_stamp)


def key_number(key: str) -> int:
    """A batch's key as a number that fits the cube's header."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:7], "big")


# Facts ----------------------------------------------------------------------------------------------------------------


Stored = tuple[dict[int, int], dict[int, Grain]]
_last_stored: dict[tuple[str, int], Stored] = {}


def stored(connection: psycopg.Connection[Any], stamp: int | None = None) -> Stored:
    """Of each indicator: with how many decimals its facts are stored, and of which grain they are. `stamp` is the
    version of the definitions, for who knows it: the last one is kept."""
    key = (connection.info.dbname, stamp or 0)
    found = _last_stored.get(key) if stamp else None
    if found is None:
        rows = connection.execute("SELECT id, scale, grain FROM indicators_indicator").fetchall()
        found = {one: scale for one, scale, _ in rows}, {one: Grain(grain) for one, _, grain in rows}
        _last_stored.clear()
        _last_stored[key] = found
    return found


def grains(connection: psycopg.Connection[Any]) -> dict[int, Grain]:
    """The grain of each stored indicator."""
    return stored(connection)[1]


def scales(connection: psycopg.Connection[Any]) -> dict[int, int]:
    """With how many decimals the facts of each indicator are stored."""
    return stored(connection)[0]


def touched_cells(
    connection: psycopg.Connection[Any], batches: list[int], facts: int, also: Int64s, known: dict[int, Grain]
) -> dict[SlabKey, tuple[Grain, Cells]]:
    """The cells that the batches wrote (with so many facts), and those of `also` (rows of indicator, scenario,
    organisation, period), as they stand now."""
    few = len(also) <= FEW_CELLS and facts <= FEW_CELLS
    if few:
        query = _few_cells(batches, _named(also, known))
    else:
        _name_cells(connection, batches, also, known)
        query = f"""
            SELECT c.indicator_id, c.scenario_id, c.organisation_id, c.period, coalesce(f.value, 0),
                   coalesce(f.state, 0::int2)
            FROM cube_touched c LEFT JOIN filing_fact f
                ON (f.indicator_id, f.scenario_id, f.organisation_id, f.period)
                 = (c.indicator_id, c.scenario_id, c.organisation_id, c.period) AND f.superseded_by_id IS NULL
            ORDER BY {", ".join(f"c.{name.strip()}" for name in _CELL_SQL.split(","))}"""
    parts = list(copied(connection, query, CURRENT))
    if not parts:
        return {}
    rows = np.concatenate(parts)
    state = integers(rows, "state")
    chains = revisions(connection, rows[(state > 0) & (state < LOCKED)])
    return _by_slab(rows, chains, known)


def _named(also: Int64s, known: dict[int, Grain]) -> list[tuple[int, int, int, date]]:
    """The cells as the table names them, without those of indicators that have gone."""
    return [
        (indicator, scenario, organisation, known[indicator].first_day(period))
        for indicator, scenario, organisation, period in np.unique(also, axis=0).tolist()
        if indicator in known
    ]


def _few_cells(batches: list[int], also: list[tuple[int, int, int, date]]) -> str:
    """A query for the cells of a sheet or two: each looked up by the key, without a table of their names."""
    names = f"SELECT {_CELL_SQL} FROM filing_fact WHERE batch_id = ANY ('{{{','.join(map(str, batches))}}}'::bigint[])"
    for indicator, scenario, organisation, day in also:
        names += f" UNION ALL SELECT {indicator}, {scenario}::int2, {organisation}, '{day.isoformat()}'::date"
    return f"""
        WITH named AS MATERIALIZED (SELECT DISTINCT {_CELL_SQL} FROM ({names}) AS n)
        SELECT c.indicator_id, c.scenario_id, c.organisation_id, c.period, coalesce(f.value, 0),
               coalesce(f.state, 0::int2)
        FROM named c LEFT JOIN LATERAL (
            SELECT value, state FROM filing_fact
            WHERE (indicator_id, scenario_id, organisation_id, period)
                = (c.indicator_id, c.scenario_id, c.organisation_id, c.period) AND superseded_by_id IS NULL LIMIT 1
        ) f ON true
        ORDER BY 1, 2, 3, 4"""


def _name_cells(connection: psycopg.Connection[Any], batches: list[int], also: Int64s, known: dict[int, Grain]) -> None:
    """Fill the temporary table `cube_touched`."""
    connection.execute(
        "CREATE TEMPORARY TABLE cube_touched ON COMMIT DROP AS SELECT DISTINCT"
        f" {_CELL_SQL} FROM filing_fact WHERE batch_id = ANY(%s)",
        [batches],
    )
    if len(also):
        with connection.cursor().copy("COPY cube_touched FROM STDIN") as copy:
            for row in _named(also, known):
                copy.write_row(row)
        connection.execute(
            f"DELETE FROM cube_touched t USING (SELECT {_CELL_SQL}, min(ctid) AS first FROM cube_touched"
            f" GROUP BY {_CELL_SQL}) k WHERE (t.indicator_id, t.scenario_id, t.organisation_id, t.period)"
            " = (k.indicator_id, k.scenario_id, k.organisation_id, k.period) AND t.ctid <> k.first"
        )
    connection.execute("ANALYZE cube_touched")


def _by_slab(rows: Rows, chains: "Chains", known: dict[int, Grain]) -> dict[SlabKey, tuple[Grain, Cells]]:
    """`rows` are sorted by indicator and scenario."""
    found: dict[SlabKey, tuple[Grain, Cells]] = {}
    indicator, scenario = integers(rows, "indicator"), integers(rows, "scenario")
    edges = np.flatnonzero(np.diff(indicator, prepend=-1) | np.diff(scenario, prepend=-1))
    for first, after in zip(edges, [*edges[1:], len(rows)], strict=True):
        key = (int(indicator[first]), int(scenario[first]))
        grain = known[key[0]]
        found[key] = grain, cells_of(rows[first:after], chains, grain)
    return found


class Chains(dict[tuple[int, int, int, int], list[tuple[int, int]]]):
    """For cells whose current revision is not locked: (state, value) of the revisions that count at some state,
    newest first, states rising. The key is the cell with its period in days since `EPOCH`."""


def revisions(connection: psycopg.Connection[Any], rows: Rows) -> Chains:
    """The revisions of the cells in `rows`, followed backwards from the current one."""
    chains = Chains()
    if not len(rows):
        return chains
    query = f"""
        SELECT {_CELL_SQL}, value, state, batch_id, superseded_by_id FROM filing_fact
        JOIN unnest(%s::bigint[], %s::smallint[], %s::bigint[], %s::date[])
            AS c (indicator_id, scenario_id, organisation_id, period) USING ({_CELL_SQL})"""
    names = [integers(rows, name).tolist() for name, _kind in CELL]
    names[3] = [date.fromordinal(EPOCH + day) for day in names[3]]
    replaced: dict[tuple[int, int, int, int], dict[int | None, tuple[int, int, int]]] = {}
    for indicator, scenario, organisation, period, value, state, batch, by in connection.execute(query, names):
        cell = (indicator, scenario, organisation, period.toordinal() - EPOCH)
        replaced.setdefault(cell, {})[by] = (state, value, batch)
    for cell, by_successor in replaced.items():
        chain: list[tuple[int, int]] = []
        successor: int | None = None
        while successor in by_successor:
            state, value, batch = by_successor.pop(successor)
            if not chain or state > chain[-1][0]:
                chain.append((state, value))
            successor = batch
        chains[cell] = chain
    return chains


def cells_of(rows: Rows, chains: Chains, grain: Grain) -> Cells:
    """The rows of one slab as cells."""
    state, value = integers(rows, "state"), integers(rows, "value")
    settled = state == LOCKED
    value = np.where(settled, value, 0)
    opened: list[tuple[int, int, int]] = []
    unsettled = np.flatnonzero((state > 0) & ~settled)
    names = [integers(rows, name)[unsettled].tolist() for name, _kind in CELL]
    for place, *cell in zip(unsettled.tolist(), *names, strict=True):
        for one_state, one_value in chains[cell[0], cell[1], cell[2], cell[3]]:
            if one_state == LOCKED:
                settled[place], value[place] = True, one_value
            else:
                opened.append((place, one_state, one_value))
    table = np.array(opened, np.int64).reshape(-1, 3)
    return Cells(
        integers(rows, "organisation"),
        on_axis(integers(rows, "period"), grain),
        settled,
        value,
        Open(table[:, 0].copy(), table[:, 1].copy(), table[:, 2].copy()),
    )


def on_axis(days: Int64s, grain: Grain) -> Int64s:
    """Days since `EPOCH` as places on the grain's axis."""
    if grain is Grain.DAY:
        return days + EPOCH
    months = (days + (EPOCH - date(1970, 1, 1).toordinal())).astype("datetime64[D]").astype("datetime64[M]")
    return months.astype(np.int64) + _MONTHS_BEFORE_1970


# The tree -------------------------------------------------------------------------------------------------------------


def tree_stamp(connection: psycopg.Connection[Any]) -> int:
    """The version of the organisation tree."""
    found = connection.execute("SELECT cube_tree_stamp()").fetchone()
    return found[0] if found else 0


def read_tree(connection: psycopg.Connection[Any]) -> Tree:
    """All organisations with their placements, memberships and attributes."""
    organisations = [
        OrganisationRow(*row)
        for row in connection.execute("SELECT id, code, name_zh, name_en, kind FROM parties_organisation ORDER BY id")
    ]
    memberships = _integers(
        connection, f"SELECT ancestor_id, organisation_id, depth, {_DAYS} FROM parties_membership", _MEMBERSHIP
    )
    placements = _integers(
        connection, f"SELECT child_id, coalesce(parent_id, 0), {_DAYS} FROM parties_placement", _PLACEMENT
    )
    attributes = [
        AttributeRow(*row)
        for row in connection.execute(
            f"SELECT organisation_id, name, value, {_DAYS} FROM parties_attributevalue ORDER BY id".encode()
        )
    ]
    inherited = [attribute.name for attribute in kinds.attributes().values() if attribute.inherited]
    return Tree(
        organisations,
        memberships,
        placements,
        attributes,
        inherited,
    )


def _integers(connection: psycopg.Connection[Any], query: str, columns: tuple[tuple[str, str], ...]) -> Int64s:
    """The rows of a query of integers, as a table."""
    parts = [
        np.stack([integers(rows, name) for name, _kind in columns], axis=1)
        for rows in copied(connection, query, columns)
    ]
    return np.concatenate(parts) if parts else np.empty((0, len(columns)), np.int64)

"""Building the whole cube anew from the database: two processes copy, scatter and add up."""

import multiprocessing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import psycopg
from django.utils.translation import gettext as _

from gangmu.figures.cube import closing, database
from gangmu.figures.cube.copying import Rows, copied, integers
from gangmu.figures.cube.database import CELL, CURRENT, Chains
from gangmu.figures.cube.settled import scaling
from gangmu.figures.cube.storage import LOCKED, Dimensions, Grain, Slab, Writer
from gangmu.figures.cube.storage.keys import overlay_keys
from gangmu.figures.cube.storage.layout import Int64s
from gangmu.figures.cube.storage.store import SlabKey
from gangmu.figures.cube.tree import Tree

_PROCESSES = 2
_BLOCKS_WORTH_A_PROCESS = 1_000
_CURRENT_SQL = "indicator_id, scenario_id, organisation_id, period, value, state"


class RebuildFailed(Exception):
    """One of the copying processes broke off."""


@dataclass
class _New:
    """A slab being built."""

    grain: Grain
    entry: dict[str, Any]
    slab: Slab
    largest: int = 0


def rebuild(writer: Writer, connection: psycopg.Connection[Any]) -> tuple[int, Tree]:
    """Put a cube built from the facts that `connection` sees in the place of the present one.

    Gives the number of cells, and the organisation tree, read while others copied facts. `connection` must be in a
    repeatable-read transaction.
    """
    position = database.head(connection)
    scale_of = scaling(database.scales(connection))
    new = _empty_slabs(writer, connection, scale_of)
    blocks = _scalar(connection, "SELECT pg_relation_size('filing_fact') / current_setting('block_size')::int")
    if blocks < _BLOCKS_WORTH_A_PROCESS:
        found = _scatter(connection, new, "")
        _settle(connection, new, [found])
        _total_up(new, 0, 1)
        tree = database.read_tree(connection)
    else:
        found, tree = _in_processes(connection, new, blocks)
    for one in new.values():
        one.slab.note_largest(one.largest)
    entries = {key: one.entry for key, one in new.items()}
    slabs = {key: one.slab for key, one in new.items()}
    for key, (grain, cells) in closing.changed(connection, tree, slabs.get, ()).items():
        first, last = int(cells.period.min()), int(cells.period.max())
        room = Dimensions.with_headroom(grain, first, last, len(np.unique(cells.organisation)))
        entries[key], slab = writer.new_slab(key, grain, room, 0, scale_of(key))
        slab.write(cells)
    writer.replace_all(entries, position)
    return found.cells, tree


def _scalar(connection: psycopg.Connection[Any], query: str) -> Any:
    row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None


def _empty_slabs(
    writer: Writer, connection: psycopg.Connection[Any], scale_of: Callable[[SlabKey], int]
) -> dict[SlabKey, _New]:
    """A slab of the right size for every indicator and scenario that has facts, without values yet.

    Organisations and their first and last periods are found by jumping through the primary key's index.
    """
    query = """
        WITH RECURSIVE line AS (
            (SELECT indicator_id, scenario_id, organisation_id FROM filing_fact ORDER BY 1, 2, 3 LIMIT 1)
            UNION ALL
            SELECT following.* FROM line, LATERAL (
                SELECT indicator_id, scenario_id, organisation_id FROM filing_fact f
                WHERE (f.indicator_id, f.scenario_id, f.organisation_id)
                    > (line.indicator_id, line.scenario_id, line.organisation_id)
                ORDER BY 1, 2, 3 LIMIT 1) following)
        SELECT line.*, first.period, last.period FROM line,
            LATERAL (SELECT period FROM filing_fact f WHERE (f.indicator_id, f.scenario_id, f.organisation_id)
                = (line.indicator_id, line.scenario_id, line.organisation_id) ORDER BY period LIMIT 1) first,
            LATERAL (SELECT period FROM filing_fact f WHERE (f.indicator_id, f.scenario_id, f.organisation_id)
                = (line.indicator_id, line.scenario_id, line.organisation_id) ORDER BY period DESC LIMIT 1) last"""
    lines: dict[SlabKey, list[tuple[int, Any, Any]]] = {}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for indicator, scenario, organisation, first, last in cursor.execute(query):
            lines.setdefault((indicator, scenario), []).append((organisation, first, last))
        cursor.execute("SET LOCAL enable_seqscan = on")
    known = database.grains(connection)
    new: dict[SlabKey, _New] = {}
    for key, found in lines.items():
        grain = known[key[0]]
        first = grain.index(min(one for _id, one, _last in found))
        last = grain.index(max(one for _id, _first, one in found))
        room = Dimensions.with_headroom(grain, first, last, len(found))
        entry, slab = writer.new_slab(key, grain, room, 0, scale_of(key))
        slab.start(np.array([one for one, _first, _last in found], np.int64), last - room.base + 1)
        new[key] = _New(grain, entry, slab)
    return new


@dataclass
class _Scattered:
    """What a copying process tells the others."""

    cells: int
    largest: dict[SlabKey, int]
    unsettled: Rows


def _scatter(connection: psycopg.Connection[Any], new: dict[SlabKey, _New], part: str) -> _Scattered:
    """Copy the current revisions of a part of the table and write the locked ones where they belong."""
    query = f"SELECT {_CURRENT_SQL} FROM filing_fact WHERE superseded_by_id IS NULL {part}"
    unsettled: list[Rows] = []
    largest: dict[SlabKey, int] = {}
    cells = 0
    for rows in copied(connection, query, CURRENT):
        cells += len(rows)
        state = integers(rows, "state")
        if (state != LOCKED).any():
            unsettled.append(rows[state != LOCKED].copy())
            rows = rows[state == LOCKED]  # noqa: PLW2901
        if not len(rows):
            continue
        slab_of = integers(rows, "indicator") << 16 | integers(rows, "scenario")
        order = np.argsort(slab_of, kind="stable")
        edges = np.flatnonzero(np.diff(slab_of[order], prepend=-1))
        for first, after in zip(edges, [*edges[1:], len(order)], strict=True):
            here = rows[order[first:after]]
            key = (int(here["indicator"][0]), int(here["scenario"][0]))
            one = new[key]
            value = integers(here, "value")
            row = database.on_axis(integers(here, "period"), one.grain) - one.slab.base
            column = one.slab.columns_of(integers(here, "organisation"))
            one.slab.value[row, column] = value
            one.slab.presence[row, column] = 1
            largest[key] = max(largest.get(key, 0), int(np.abs(value).max()))
    wire = unsettled[0].dtype if unsettled else np.dtype([(name, ">i8") for name, _kind in CURRENT])
    return _Scattered(cells, largest, np.concatenate(unsettled) if unsettled else np.empty(0, wire))


def _settle(connection: psycopg.Connection[Any], new: dict[SlabKey, _New], parts: list[_Scattered]) -> None:
    """Write overlays, and the locked revisions below unsettled ones."""
    for part in parts:
        for key, largest in part.largest.items():
            new[key].largest = max(new[key].largest, largest)
    overlays: dict[SlabKey, list[tuple[int, int, int, int]]] = {}
    for part in parts:
        chains = database.revisions(connection, part.unsettled)
        for cell in zip(*(integers(part.unsettled, name).tolist() for name, _kind in CELL), strict=True):
            _settle_cell(new[cell[0], cell[1]], cell, chains, overlays.setdefault((cell[0], cell[1]), []))
    for key, entries in overlays.items():
        table = np.array(sorted(entries), np.int64)
        keys = overlay_keys(table[:, 0], table[:, 1], table[:, 2])
        one = new[key]
        one.slab.remake_overlay(keys, np.ascontiguousarray(table[:, 3]))
        one.largest = max(one.largest, int(np.abs(table[:, 3]).max()))


def _settle_cell(one: _New, cell: tuple[int, ...], chains: Chains, entries: list[tuple[int, int, int, int]]) -> None:
    day: Int64s = np.array([cell[3]])
    row = int(database.on_axis(day, one.grain)[0]) - one.slab.base
    column = int(one.slab.columns_of(np.array([cell[2]]))[0])
    for state, value in chains[cell[0], cell[1], cell[2], cell[3]]:
        if state == LOCKED:
            one.slab.value[row, column], one.slab.presence[row, column] = value, 1
            one.largest = max(one.largest, abs(value))
        else:
            entries.append((row, column, state, value))


def _total_up(new: dict[SlabKey, _New], number: int, of: int) -> None:
    for one in list(new.values())[number::of]:
        one.slab.total_up()


# In processes ---------------------------------------------------------------------------------------------------------


def _in_processes(
    connection: psycopg.Connection[Any], new: dict[SlabKey, _New], blocks: int
) -> tuple[_Scattered, Tree]:
    """Each process copies its share of the table's blocks into the mapped slabs, then adds up its share of them."""
    shared = _scalar(connection, "SELECT pg_export_snapshot()")
    parameters = database.connection_parameters()
    context = multiprocessing.get_context("fork")
    edges = [blocks * number // _PROCESSES for number in range(_PROCESSES)] + [None]
    workers: list[tuple[Any, Any]] = []
    try:
        for number in range(_PROCESSES):
            here, there = context.Pipe()
            part = f"AND ctid >= '({edges[number]},0)'"
            if edges[number + 1] is not None:
                part += f" AND ctid < '({edges[number + 1]},0)'"
            process = context.Process(target=_work, args=(there, parameters, shared, new, part, number))
            process.start()
            there.close()
            workers.append((process, here))
        tree = database.read_tree(connection)
        found = [_told(pipe) for _process, pipe in workers]
        _settle(connection, new, found)
        for _process, pipe in workers:
            pipe.send("add up")
        for _process, pipe in workers:
            _told(pipe)
    finally:
        for process, pipe in workers:
            pipe.close()
            process.join(5)
            if process.is_alive():
                process.kill()
                process.join()
    return _Scattered(sum(one.cells for one in found), {}, found[0].unsettled[:0]), tree


def _told(pipe: Any) -> Any:
    try:
        answer = pipe.recv()
    except EOFError:
        raise RebuildFailed(_("A process that copied facts was killed. Nothing was changed; try again.")) from None
    if isinstance(answer, Exception):
        raise RebuildFailed(_("Copying facts failed: %(why)s. Nothing was changed.") % {"why": answer}) from answer
    return answer


def _work(pipe: Any, parameters: dict[str, Any], shared: str, new: dict[SlabKey, _New], part: str, number: int) -> None:
    try:
        with psycopg.connect(**parameters, autocommit=True) as connection:
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            connection.execute("SET LOCAL enable_bitmapscan = off")  # the blocks in order, not by way of an index
            connection.execute("SET LOCAL enable_indexscan = off")
            connection.execute(f"SET TRANSACTION SNAPSHOT '{shared}'".encode())
            pipe.send(_scatter(connection, new, part))
        pipe.recv()
        _total_up(new, number, _PROCESSES)
        pipe.send(None)
    except EOFError:
        return
    except Exception as error:
        pipe.send(RuntimeError(str(error)))

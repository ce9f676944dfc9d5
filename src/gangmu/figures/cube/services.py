"""Keeping the cube equal to the database: fold what changed, build anew, watch."""

import logging
import os
import select
import signal
import threading
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import psycopg
from django.conf import settings
from django.db import Error as DjangoError
from django.db import InterfaceError, OperationalError, connection, connections
from psycopg.pq import DiagnosticField, ExecStatus

from gangmu.figures.cube import branching, closing, database
from gangmu.figures.cube.models import DefinitionChange, TreeChange
from gangmu.figures.cube.rebuilding import rebuild as _rebuild
from gangmu.figures.cube.settled import ADJUSTMENT, scaling
from gangmu.figures.cube.storage import CubeBusy, Store, Writer, writing
from gangmu.figures.cube.storage.layout import no_fault
from gangmu.figures.cube.storage.store import SlabKey
from gangmu.figures.cube.tree import load_tree

logger = logging.getLogger(__name__)

CHANNEL = "gangmu_facts"
LOST = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)
_PAUSE_SECONDS = 1.0
_POLL_SECONDS = 5.0
_SYNC_SECONDS = 20.0
_PATIENCE_SECONDS = 3.0
_CHANGES_KEPT = 1_000
_LOOK = "SELECT head, tree, definitions FROM cube_look()"
MOST_FOLDED = 1_000_000  # facts; of more, building everything anew is faster


def folder() -> Path:
    """Where this node's cube lives."""
    return Path(settings.GANGMU_HOME) / "cube"


@lru_cache(maxsize=4)
def _store_of(_home: str) -> Store:
    return Store(folder())


def store() -> Store:
    """This node's cube, for reading."""
    return _store_of(str(settings.GANGMU_HOME))


def fold(*, at: Callable[[str], None] = no_fault, sync: bool = True, kept: psycopg.Connection | None = None) -> int:
    """Bring the cube up to what has been committed; the number of cells written.

    Repairs what a killed writer left, and builds everything anew where only that can help. `sync=False` leaves it to
    a later call to have the files on disk: until then, a power cut costs a rebuild. `kept` is a connection from
    `database.connect`, for who folds often.
    """
    with writing(store(), at=at) as writer, database.snapshot(kept) as snapshot:
        had_branches, tree_file = writer.has_branches, writer.tree_file
        since = database.since(snapshot, writer.position)
        if writer.must_rebuild() or not since.known or since.facts > MOST_FOLDED:
            cells = _build(writer, snapshot)
        else:
            cells = fold_changes(writer, snapshot, since)
            _fold_tree(writer, snapshot, since.tree_stamp)
        if not writer.has_branches:
            _refresh_branches(writer, writer.opened if had_branches and writer.tree_file == tree_file else None)
        if sync:
            writer.sync()
        return cells


def rebuild() -> int:
    """Build the cube anew from the database, whatever it holds; the number of cells."""
    with writing(store()) as writer, database.snapshot() as snapshot:
        cells = _build(writer, snapshot)
        _refresh_branches(writer, None)
        writer.sync()
        return cells


def fold_changes(writer: Writer, snapshot: psycopg.Connection, since: database.Since | None = None) -> int:
    """Fold what was committed since the cube's position; the number of cells written. `since` is the log after it, for
    who has asked."""
    since = database.since(snapshot, writer.position) if since is None else since
    head, batches = since.head, since.batches
    unfinished = writer.unfinished()
    if head.change == writer.position.change and unfinished is None:
        return 0
    also = unfinished.cells if unfinished is not None else database.NO_CELLS
    scales, grains = database.stored(snapshot, since.definition_stamp)
    scale_of = scaling(scales)
    changes = database.touched_cells(snapshot, batches, since.facts, also, grains)
    if _months_are_concerned(writer, snapshot, since, changes):
        # The position stays until the adjustments stand too: who dies in between is followed by who does both again.
        writer.fold(changes, writer.position, scale_of)
        tree = database.read_tree(snapshot)
        settled = closing.changed(snapshot, tree, writer.slab, writer.entries)
        writer.fold(settled, head, scale_of)
        changes = {**changes, **settled}
    else:
        writer.fold(changes, head, scale_of)
    return sum(len(cells) for _grain, cells in changes.values())


def _months_are_concerned(
    writer: Writer, snapshot: psycopg.Connection, since: database.Since, changes: closing.Changes
) -> bool:
    unfinished = writer.unfinished()
    if unfinished is not None and len(unfinished.cells) and int(unfinished.cells[:, 0].max()) >= ADJUSTMENT:
        return True
    if since.closes:
        return True
    return since.has_closed and bool(changes) and closing.touches(changes, closing.closed_months(snapshot))


def refresh_branches() -> bool:
    """Go on making branch totals, for a turn. Whether all of them hold."""
    with writing(store()) as writer:
        return writer.has_branches or _refresh_branches(writer, None)


def _refresh_branches(writer: Writer, keys: list[SlabKey] | None) -> bool:
    if writer.tree_file is None or writer.must_rebuild():
        return True
    whole = branching.refresh(writer, load_tree(writer.folder / writer.tree_file), keys)
    writer.note_branches(whole)
    return whole


def _build(writer: Writer, snapshot: psycopg.Connection) -> int:
    cells, tree = _rebuild(writer, snapshot)
    writer.put_tree(tree.save, database.tree_stamp(snapshot))
    return cells


def _fold_tree(writer: Writer, snapshot: psycopg.Connection, stamp: int) -> None:
    if stamp != writer.tree_stamp or writer.tree_file is None:
        tree = database.read_tree(snapshot)
        settled = closing.changed(snapshot, tree, writer.slab, writer.entries)
        if settled:
            writer.fold(settled, writer.position, scaling(database.scales(snapshot)))
        writer.put_tree(tree.save, stamp)


# Freshness ------------------------------------------------------------------------------------------------------------


class Look(NamedTuple):
    """Whether the cube holds everything that this transaction can see to be committed, and the version of the
    definitions that it sees."""

    fresh: bool
    definitions: int


def look() -> Look:
    """The cube beside the database, for one query."""
    head, stamp, definitions = _look()
    cube = store()
    return Look(cube.exists and cube.position == head and cube.tree_stamp == stamp, definitions)


def _look() -> tuple[int, int, int]:
    """The log's end and both stamps. Every figure begins with this query, so it goes to the server by the shortest way;
    who counts queries is shown it."""
    connection.ensure_connection()
    if connection.queries_logged:
        with connection.cursor() as cursor:
            cursor.execute(_LOOK)
            return cursor.fetchone()
    with connection.wrap_database_errors:
        result = connection.connection.pgconn.exec_(_LOOK.encode())
        if result.status != ExecStatus.TUPLES_OK:
            if not result.error_field(DiagnosticField.SQLSTATE):  # the library's own words: the server is gone
                raise psycopg.OperationalError(result.get_error_message())
            raise psycopg.errors.error_from_result(result)
    return int(result.get_value(0, 0)), int(result.get_value(0, 1)), int(result.get_value(0, 2))


def is_fresh() -> bool:
    """Whether the cube holds everything that this transaction can see to be committed."""
    return look().fresh


def ensure_fresh() -> Look:
    """See to it that an answer includes what was committed before it was asked for.

    A process that may read all facts folds itself. A web process waits a little for the folder; when that was not
    enough, the look is not fresh, and the answer may be behind.
    """
    found = look()
    if found.fresh:
        return found
    if settings.DATABASE_ROLE != "web":
        fold(sync=False)
        return found._replace(fresh=True)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline and not found.fresh:
        time.sleep(0.01)
        found = look()
    return found


def repair() -> bool:
    """After `CubeUnsound`: whether it could be repaired from here, or was repaired meanwhile."""
    if settings.DATABASE_ROLE != "web":
        fold(sync=False)
        return True
    time.sleep(0.05)
    return False


# The folder process ---------------------------------------------------------------------------------------------------


def watch(stop: threading.Event | None = None) -> None:
    """Fold whatever is committed, as soon as the database says so, until told to stop (SIGTERM or `stop`).

    A database that dies in the middle says so in many ways, not all of them an operational error: none ends this.
    """
    stop = stop or _stopped_by_signal()
    synced = time.monotonic()
    while not stop.is_set():
        try:
            with _listening() as listener, database.connect() as kept:
                while not stop.is_set():
                    fold(sync=False, kept=kept)
                    if not refresh_branches():
                        continue
                    if time.monotonic() - synced > _SYNC_SECONDS:
                        _compact_changes()
                        sync()
                        synced = time.monotonic()
                    _wait(listener, stop)
        except (DjangoError, psycopg.Error, CubeBusy) as problem:
            unexpected = not isinstance(problem, (*LOST, CubeBusy))
            logger.warning("the folder tries again: %s", problem, exc_info=unexpected)
            stop.wait(_PAUSE_SECONDS)  # a database that is away is started again by its supervisor
        finally:
            connections.close_all()
    sync()


def sync() -> None:
    """Have the cube's files on disk."""
    with writing(store()) as writer:
        writer.sync()


def _listening() -> psycopg.Connection:
    listener = database.connect()
    listener.execute(f"LISTEN {CHANNEL}")
    return listener


def _wait(listener: psycopg.Connection, stop: threading.Event) -> None:
    """Until the database reports a change, or some time has passed."""
    deadline = time.monotonic() + _POLL_SECONDS
    while not stop.is_set() and time.monotonic() < deadline:
        ready, _, _ = select.select([listener.fileno()], [], [], 0.25)
        if ready:
            listener.pgconn.consume_input()
            noticed = False
            while listener.pgconn.notifies() is not None:
                noticed = True
            if noticed:
                return
            listener.execute("SELECT 1")  # raises when the server has gone


def _compact_changes() -> None:
    """Make one row of many; the sum, which is the version of the tree or of definitions, stays."""
    with connection.cursor() as cursor:
        for table in (TreeChange._meta.db_table, DefinitionChange._meta.db_table):
            cursor.execute(f"SELECT count(*) FROM {table}")
            (rows,) = cursor.fetchone()
            if rows > _CHANGES_KEPT:
                cursor.execute(
                    f"WITH gone AS (DELETE FROM {table} RETURNING weight)"
                    f" INSERT INTO {table} (weight) SELECT sum(weight)::bigint FROM gone"
                )


def _stopped_by_signal() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    parent = os.getppid()
    threading.Thread(target=_stop_with_parent, args=(parent, stop), daemon=True).start()
    return stop


def _stop_with_parent(parent: int, stop: threading.Event) -> None:
    while not stop.wait(1.0):
        if os.getppid() != parent:
            stop.set()

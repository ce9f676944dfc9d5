"""The cube follows the database: folding, rebuilding, repairing, and the check that proves it."""

import os
import threading
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, ProgrammingError, connection, transaction

from gangmu.figures.cube import database, services
from gangmu.figures.cube.check import check
from gangmu.figures.cube.copying import CopyFailed
from gangmu.figures.cube.gateway import Question, ask
from gangmu.figures.cube.rebuilding import rebuild
from gangmu.figures.cube.storage import CubeUnsound, writing
from gangmu.figures.cube.storage.store import POSITION, SYNCED, VERSION
from gangmu.figures.cube.tests.killing import killed_at
from gangmu.figures.filing.models import Batch, Fact, Scenario, State
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.access.scope import SYSTEM
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings import clock


def findings() -> list[str]:
    return [str(finding) for finding in check()]


def value(organisation: str, period: str, indicator: str = "gen", **options: str) -> str | None:
    [row] = ask(Question((indicator,), (organisation,), (period,), **options), SYSTEM).rows
    return row.value


def record(lines: list[tuple[str, str, int, State]], indicator: str = "gen") -> None:
    """Write revisions as an approval would: (organisation, day, stored value, state)."""
    measure, actual = Indicator.objects.get(code=indicator), Scenario.objects.get(code="actual")
    with transaction.atomic():
        batch = Batch.objects.create(
            kind="sheet", key=os.urandom(16).hex(), recorded_at=clock.now(), facts_count=len(lines)
        )
        for code, day, number, state in lines:
            cell = {
                "indicator": measure,
                "scenario": actual,
                "organisation": Organisation.objects.get(code=code),
                "period": day,
            }
            Fact.objects.filter(**cell, superseded_by=None).update(superseded_by=batch)
            Fact.objects.create(**cell, batch=batch, value=number, state=state)


def test_what_is_loaded_is_in_the_cube_and_proved(world):
    world("P1U1,gen,2026-11-01,actual,1", "P1U1,gen,2020-11-01,actual,1", "P1,staff,2026-10,actual,4")
    assert findings() == []
    assert services.is_fresh()
    assert value("G", "2026-11-01..2026-11-30") == "1.00"


def test_what_is_too_much_to_be_folded_is_built_anew(world, monkeypatch):
    world("P1U1,gen,2026-11-01,actual,1")
    built: list[int] = []
    monkeypatch.setattr(services, "_rebuild", lambda *given: built.append(1) or rebuild(*given))
    world("P1U1,gen,2026-11-02,actual,2")
    assert built == []
    monkeypatch.setattr(services, "MOST_FOLDED", 1)
    world("P1U1,gen,2026-11-03,actual,3", "P1U1,gen,2026-11-04,actual,4")
    assert built == [1]
    assert value("P1", "2026-11") == "10.00"
    assert findings() == []


def test_a_question_folds_what_was_committed_before_it(world):
    world("P1U1,gen,2026-11-01,actual,1")
    world("P1U1,gen,2026-11-02,actual,2", fold=False)
    assert not services.is_fresh()
    assert value("P1", "2026-11") == "3.00"


def test_a_correction_replaces_a_cell(world):
    world("P1U1,gen,2026-11-01,actual,1", "P1U1,gen,2026-11-02,actual,1")
    world("P1U1,gen,2026-11-01,actual,5.5", correct="meter changed")
    assert value("P1", "2026-11") == "6.50"
    assert findings() == []


def test_states_choose_the_newest_revision_that_is_far_enough(world):
    record([("P1U1", "2026-11-01", 100, State.LOCKED), ("P1U1", "2026-11-02", 100, State.PLANT)])
    record([("P1U1", "2026-11-01", 250, State.REGION), ("P1U2", "2026-11-01", 7, State.FILED)])
    record([("P1U1", "2026-11-01", 300, State.FILED)])
    for _round in ("folded", "rebuilt"):
        answers = {
            state: ask(Question(("gen",), ("P1",), ("2026-11",), at_least=state), SYSTEM).rows[0]
            for state in ("filed", "plant", "region", "group", "locked")
        }
        found = {state: (row.value, row.reported, row.state) for state, row in answers.items()}
        assert found == {
            "filed": ("4.07", 3, "filed"),
            "plant": ("3.50", 2, "plant"),
            "region": ("2.50", 1, "region"),
            "group": ("1.00", 1, "locked"),
            "locked": ("1.00", 1, "locked"),
        }
        assert findings() == []
        services.rebuild()


def test_extremes_and_cells_see_unsettled_values(world):
    record([("P1U1", "2026-11-01", 50, State.LOCKED), ("P1U2", "2026-11-01", 40, State.LOCKED)], "peak")
    record([("P1U1", "2026-11-01", 30, State.FILED), ("P1U2", "2026-11-03", 45, State.PLANT)], "peak")
    assert value("P1", "2026-11", "peak") == "4.5"
    assert value("P1U1", "2026-11", "peak") == "3.0"
    assert value("P1U1", "2026-11", "peak", at_least="plant") == "5.0"
    record([("P1U1", "2026-11-01", 1000, State.FILED)], "gen")
    record([("P1U1", "2026-11-01", 30000, State.REGION)], "price")
    [row] = ask(Question(("revenue",), ("P1",), ("2026-11",)), SYSTEM).rows
    assert (row.value, row.state) == ("3000.00", "filed")
    assert value("P1", "2026-11", "revenue", at_least="plant") is None


def test_a_rebuild_is_what_folding_made(world):
    world(
        *(
            f"P{n}U1,gen,2026-{month:02}-{day:02},actual,{n * month + day}"
            for n in (1, 2, 3)
            for month in range(1, 12)
            for day in (1, 9, 27)
        )
    )
    before = value("G", "2026")
    services.rebuild()
    assert value("G", "2026") == before
    assert findings() == []


def test_a_rebuild_by_two_processes_is_the_same(world, monkeypatch):
    monkeypatch.setattr("gangmu.figures.cube.rebuilding._BLOCKS_WORTH_A_PROCESS", 0)
    world(
        *(
            f"P{n}U1,gen,2026-{month:02}-{day:02},actual,{n * month + day}"
            for n in (1, 2, 3)
            for month in range(1, 12)
            for day in range(1, 28)
        )
    )
    record([("P1U1", "2026-11-01", 100, State.PLANT), ("P1U2", "2026-11-02", 100, State.PLANT)])
    before = value("G", "2026"), value("G", "2026", at_least="locked")
    assert services.rebuild() == 3 * 11 * 27 + 1
    assert (value("G", "2026"), value("G", "2026", at_least="locked")) == before
    assert findings() == []


def test_late_commits_are_not_lost(world):
    """A batch whose number was drawn first commits last; a position by batch number would pass it by."""
    world("P1U1,gen,2026-11-01,actual,1")
    other = psycopg.connect(**database.connection_parameters())
    try:
        [[batch]] = other.execute(
            "INSERT INTO filing_batch (kind, source, reason, key, recorded_at, facts_count)"
            " VALUES ('import', '', '', 'late', now(), 1) RETURNING id"
        ).fetchall()
        world("P1U2,gen,2026-11-01,actual,2")
        other.execute(
            "INSERT INTO filing_fact (indicator_id, scenario_id, organisation_id, period, batch_id, value, state)"
            " SELECT indicator_id, scenario_id, organisation_id, '2026-11-05', %s, 400, 5 FROM filing_fact LIMIT 1",
            [batch],
        )
        other.commit()
    finally:
        other.close()
    assert value("P1", "2026-11") == "7.00"
    assert findings() == []


def test_a_moved_organisation_is_seen_at_once(world):
    world("P1U1,gen,2026-11-01,actual,1")
    assert value("R2", "2026-11") == "1.00"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE parties_placement SET parent_id = (SELECT id FROM parties_organisation WHERE code = 'R1')"
            " WHERE child_id = (SELECT id FROM parties_organisation WHERE code = 'P1')"
        )
    assert value("R2", "2026-11") is None
    assert value("R1", "2026-11") == "1.00"
    assert findings() == []


def test_compacting_keeps_the_version_of_the_tree(world, monkeypatch):
    services.fold()
    monkeypatch.setattr(services, "_CHANGES_KEPT", 1)
    services._compact_changes()
    assert services.is_fresh()


def test_another_database_in_its_place_is_noticed(world):
    world("P1U1,gen,2026-11-01,actual,1")
    with writing(services.store()) as writer:
        writer.header[POSITION] += 5
    assert value("P1", "2026-11") == "1.00"
    assert findings() == []


@pytest.mark.parametrize("step", ["journal", "odd", "values", "blocks", "totals", "counts", "position", "tree",
                                  "published", "branches made", "branches"])  # fmt: skip
def test_a_folder_killed_in_the_middle_is_repaired_by_the_next_question(world, step):
    world("P1U1,gen,2026-11-01,actual,1", "P1U1,gen,2026-11-20,actual,1")
    world("P1U1,gen,2026-11-02,actual,2", "P2U1,gen,2027-12-31,actual,8", fold=False)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE parties_organisation SET name_en = 'renamed' WHERE code = 'P1'")
    killed_at(step)
    assert value("G", "2026-11") == "4.00"
    assert value("G", "2027") == "8.00"
    assert findings() == []
    assert services.store().header[VERSION] % 2 == 0


WAYS_TO_GO = (
    psycopg.OperationalError("terminating connection due to crash of another server process"),
    psycopg.DatabaseError("server closed the connection unexpectedly"),  # told by the client's library, without a code
    psycopg.errors.InternalError_("tuple concurrently deleted"),
    CopyFailed("server closed the connection unexpectedly"),  # in the middle of the facts that are read
)


def test_whatever_a_dying_database_says_the_folder_goes_on(world, monkeypatch):
    world("P1U1,gen,2026-11-01,actual,1", fold=False)
    left, stop, fold = list(WAYS_TO_GO), threading.Event(), services.fold

    def dying(**options: Any) -> int:
        if left:
            raise left.pop()
        stop.set()
        return fold(**options)

    monkeypatch.setattr(services, "fold", dying)
    monkeypatch.setattr(services, "_PAUSE_SECONDS", 0)
    services.watch(stop)
    assert services.is_fresh()


def test_after_a_power_cut_the_cube_is_built_anew(world, monkeypatch):
    world("P1U1,gen,2026-11-01,actual,1")
    with writing(services.store()) as writer:
        writer.header[SYNCED] = -1
    monkeypatch.setattr("gangmu.figures.cube.storage.store.boot_id", lambda: 99)
    monkeypatch.setattr("gangmu.figures.cube.storage.writer.boot_id", lambda: 99)
    assert value("P1", "2026-11") == "1.00"
    assert findings() == []


def test_what_the_database_says_of_the_look_is_what_is_raised(world):
    with pytest.raises(ProgrammingError, match="cube_look"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER FUNCTION cube_look() RENAME TO something_else")
        services.look()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [own] = cursor.fetchone()
    with database.connect() as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [own])
    with pytest.raises(OperationalError):
        services.look()
    connection.close()
    assert services.look().definitions


def test_a_cube_of_an_earlier_version_is_built_anew(world):
    world("P1U1,gen,2026-11-01,actual,1")
    [path] = services.folder().glob("catalogue-*.json")
    path.write_text(path.read_text("ascii").replace('"format": 2, ', ""), "ascii")
    services._store_of.cache_clear()  # as in a process that has just begun
    with pytest.raises(CubeUnsound, match="earlier version"):
        services.store().read(lambda snapshot: [snapshot.slab(*key) for key in snapshot.entries])
    assert value("P1", "2026-11") == "1.00"
    assert findings() == []


PLANTED = {
    "another value": lambda slab, row, column: slab.value.__setitem__((row, column), 99),
    "wrong least or greatest value": lambda slab, row, column: slab.blocks.greatest.__setitem__((10, column), 7),
    "wrong running total": lambda slab, row, column: slab.total.__setitem__((row + 1, column), 7),
    "wrong count": lambda slab, row, column: slab.count.__setitem__((row + 1, column), 7),
    "missing in the cube": lambda slab, row, column: slab.presence.__setitem__((row, column), 0),
    "in the cube alone": lambda slab, row, column: slab.presence.__setitem__((row + 1, column), 1),
    "two columns": lambda slab, row, column: slab.organisations.__setitem__(1, slab.organisations[0]),
    "unsettled, missing in the cube": lambda slab, row, column: slab.put_overlay(*(one[:0] for one in slab.overlay())),
    "unsettled, in the cube alone": lambda slab, row, column: slab.put_overlay(
        slab.overlay()[0], slab.overlay()[1] + 1
    ),
    "something stands where the slab is free": lambda slab, row, column: slab.presence.__setitem__((slab.filled, 0), 1),
}


@pytest.mark.parametrize("fault", PLANTED)
def test_the_check_finds_what_is_planted(world, fault):
    world("P1U1,gen,2026-11-01,actual,1", "P1U2,gen,2026-11-03,actual,2")
    record([("P1U1", "2026-11-02", 5, State.FILED)])
    assert findings() == []
    with writing(services.store()) as writer:
        [key] = writer.entries
        slab = writer.slab(key)
        assert slab is not None
        row = slab.filled - 3
        PLANTED[fault](slab, row, 0)
    assert any(fault in finding for finding in findings())

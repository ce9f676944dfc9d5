"""The chain: which rows a seal holds, and what a crash leaves behind."""

import os
import subprocess
import sys
import threading

import psycopg
import pytest
from django.db import connection

from gangmu.foundation.records import chain
from gangmu.foundation.records.install import install_history
from gangmu.foundation.records.models import Event, Seal
from gangmu.foundation.records.services import ChainBroken, note, seal, seal_pending
from gangmu.foundation.records.tests.conftest import codes
from gangmu.foundation.records.verify import verify

KILLED_WHILE_SEALING = """
import os, django
django.setup()
from gangmu.foundation.records import chain
def stop(*arguments): os.kill(os.getpid(), 9)
chain.{step} = stop
chain.seal()
"""


def kill_while_sealing(step: str) -> None:
    """Seal in a process that is killed when it comes to `step`."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "gangmu.shell.settings"}
    ended = subprocess.run(
        [sys.executable, "-c", KILLED_WHILE_SEALING.format(step=step)], env=environment, check=False, timeout=60
    )
    assert ended.returncode == -9


def notes_of(report) -> set[str]:
    return {finding.code for finding in report.findings if finding.is_note}


def test_everything_committed_is_sealed_once(sealed_world):
    first, second = Seal.objects.order_by("number")
    assert (first.number, second.number, second.previous) == (1, 2, first.head)
    assert second.from_xact == first.to_xact
    report = verify()
    assert report.ok
    assert report.unsealed.total() == 0
    assert report.sealed["event"] == Event.objects.count()
    assert seal() is None
    assert len(chain.read_log().lines) == 2


def connect(**changes: object) -> psycopg.Connection:
    """A second connection beside Django's."""
    parameters = {**connection.get_connection_params(), "autocommit": False, **changes}
    return psycopg.connect(
        **{name: value for name, value in parameters.items() if name not in ("cursor_factory", "context")}
    )


def test_work_that_is_going_on_in_another_database_of_the_server_holds_nothing_up(sealed_world):
    with connect(dbname="postgres") as elsewhere:
        elsewhere.execute("SELECT pg_current_xact_id()")
        note("tests.meanwhile")
        assert seal_pending() == 1
        elsewhere.rollback()


def test_a_row_that_commits_late_is_in_a_later_seal(sealed_world):
    with connect() as late:
        late.execute("SELECT records_note('tests.late', NULL, '', '{}', NULL, now(), NULL, false)")
        note("tests.early")  # a higher number and id, committed before the other
        assert seal() is None, "a transaction that began earlier is still open"
        late.commit()
    assert seal_pending() == 2
    assert codes() == set()
    assert list(Event.objects.order_by("id").values_list("kind", flat=True))[-2:] == ["tests.late", "tests.early"]


def test_writers_and_sealers_at_once_lose_nothing(sealed_world):
    done = threading.Event()

    def write() -> None:
        for number in range(60):
            note("tests.busy", data={"number": number})
        connection.close()

    def keep_sealing() -> None:
        while not done.is_set():
            seal()
        connection.close()

    writers = [threading.Thread(target=write) for _ in range(4)]
    sealers = [threading.Thread(target=keep_sealing) for _ in range(2)]
    for thread in writers + sealers:
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    for thread in sealers:
        thread.join()
    seal()
    report = verify()
    assert report.ok, report.lines()
    assert report.unsealed.total() == 0
    assert Event.objects.filter(kind="tests.busy").count() == 240


@pytest.mark.parametrize("step", ["append", "_insert"])
def test_a_sealer_that_is_killed_leaves_a_chain_that_the_next_one_completes(sealed_world, step):
    note("tests.before-the-kill")
    kill_while_sealing(step)
    ahead = step == "_insert"  # the line was written, the seal not committed
    assert Seal.objects.count() == 2
    assert len(chain.read_log().lines) == 2 + ahead
    report = verify()
    assert report.ok, report.lines()
    assert notes_of(report) == ({"unfinished"} if ahead else set())
    note("tests.after-the-kill")
    while seal_pending():
        pass
    report = verify()
    assert report.ok
    assert not notes_of(report)
    assert report.unsealed.total() == 0


def test_a_torn_last_line_is_noted_and_removed_by_the_next_sealing(sealed_world):
    with chain.log_path().open("ab") as file:
        file.write(b'{"event":[3,"0a')
    report = verify()
    assert report.ok
    assert notes_of(report) == {"torn-line"}
    note("tests.next")
    assert seal_pending() == 1
    assert codes() == set()
    assert len(chain.read_log().lines) == 3


def test_a_seal_that_was_cut_off_with_its_rows_is_not_taken_for_a_crash(sealed_world, owner):
    last = Seal.objects.get(number=2)
    owner("DELETE FROM records_event WHERE xact >= %s", last.from_xact)
    owner("DELETE FROM records_sealpart WHERE seal_id = 2")
    owner("DELETE FROM records_seal WHERE number = 2")
    assert codes() == {"chain-cut"}
    note("tests.next")
    with pytest.raises(ChainBroken):
        seal()


def test_the_transaction_numbers_go_on_rising_in_a_restored_database(sealed_world, owner):
    """A dump restored into a younger server begins with low numbers: the offset lifts them over those in use."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(own_xact) FROM records_seal")
        (highest,) = cursor.fetchone()
        cursor.execute(  # as if this server had given out few numbers yet
            "CREATE OR REPLACE FUNCTION records_offset() RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE "
            "AS $$ SELECT -1000000::bigint $$"
        )
        install_history(connection)
        cursor.execute("SELECT records_xact()")
        assert cursor.fetchone()[0] > highest
    note("tests.after-the-restore")
    assert seal_pending() > 0
    assert codes() == set()

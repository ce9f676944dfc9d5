import os
import shutil
import signal

import psycopg
import pytest

from gangmu.foundation.settings.postgres import Cluster, locks, open_database, processes, stop
from gangmu.foundation.settings.tests.postgres_helpers import (
    first_line,
    kill,
    query,
    server_process,
    start_user,
    supervisor_process,
    wait_until,
    wait_until_stopped,
)


def connects(database) -> bool:
    try:
        return query(database, "SELECT 1") == 1
    except psycopg.OperationalError:
        return False


def committed_row(database) -> None:
    query(database, "CREATE TABLE kept (a int)")
    query(database, "INSERT INTO kept VALUES (42)")


def test_a_killed_server_comes_back_with_every_committed_row(cluster):
    with open_database(cluster.home, linger=0.0) as database:
        committed_row(database)
        server = server_process(cluster)
        kill(server)
        wait_until(lambda: connects(database), "the server is back")
        assert query(database, "SELECT a FROM kept") == 42
        assert server_process(cluster) != server
    wait_until_stopped(cluster)


def test_a_killed_supervisor_does_not_disturb_and_the_next_command_takes_its_place(cluster):
    with open_database(cluster.home, linger=0.0) as database:
        server, supervisor = server_process(cluster), supervisor_process(cluster)
        connection = psycopg.connect(**database.dsn("web"))
        kill(supervisor)
        assert cluster.status().state == "unsupervised"
        with open_database(cluster.home, linger=0.0) as other:
            assert query(other, "SELECT 1") == 1
            assert supervisor_process(cluster) != supervisor
            assert server_process(cluster) == server
            assert connection.execute("SELECT 1").fetchone() == (1,)
            connection.close()
            # The new supervisor looks after the server that it did not start.
            kill(server)
            wait_until(lambda: connects(other), "the adopted server is back")
    wait_until_stopped(cluster)


def test_the_last_one_out_stops_it_without_a_supervisor_too(cluster):
    database = open_database(cluster.home, linger=0.0)
    server = server_process(cluster)
    kill(supervisor_process(cluster))
    database.close()
    wait_until(lambda: not server.alive(), "the server is stopped")
    wait_until_stopped(cluster)


def test_a_watching_process_replaces_a_killed_supervisor_and_server(cluster):
    with open_database(cluster.home, linger=0.0, watch=True) as database:
        committed_row(database)
        kill(supervisor_process(cluster))
        kill(server_process(cluster))
        wait_until(lambda: connects(database), "supervisor and server are back")
        assert query(database, "SELECT a FROM kept") == 42
    wait_until_stopped(cluster)


def test_both_killed_with_an_orphan_that_holds_the_shared_memory(cluster):
    user = start_user(cluster.home)
    first_line(user)
    database = cluster
    committed_row(database)
    connection = psycopg.connect(**database.dsn("owner"))
    orphan = processes.identify(connection.info.backend_pid)
    assert orphan is not None
    orphan.kill(signal.SIGSTOP)  # it does not notice that its postmaster is gone
    supervisor, server = supervisor_process(cluster), server_process(cluster)
    for process in (supervisor, server):
        kill(process)
    user.kill()
    user.communicate()
    assert orphan.alive()
    with open_database(cluster.home, linger=0.0) as after:
        assert not orphan.alive()
        assert query(after, "SELECT a FROM kept") == 42
    wait_until_stopped(cluster)
    connection.close()


def test_a_killed_backend_takes_nothing_along(cluster):
    with open_database(cluster.home, linger=0.0) as database:
        committed_row(database)
        server = server_process(cluster)
        with psycopg.connect(**database.dsn("owner")) as connection:
            backend = processes.identify(connection.info.backend_pid)
            assert backend is not None
            kill(backend)
        wait_until(lambda: connects(database), "the server has recovered")
        assert query(database, "SELECT a FROM kept") == 42
        assert server_process(cluster) == server


def test_files_of_a_server_long_gone_that_name_a_living_stranger(cluster):
    with open_database(cluster.home, linger=0.0) as database:
        socket = cluster.socket_folder / ".s.PGSQL.5432.lock"
        left = (cluster.data / "postmaster.pid").read_text(), socket.read_text()
        server = str(server_process(cluster).pid)
        committed_row(database)
    wait_until_stopped(cluster)
    stranger = str(os.getppid())
    (cluster.data / "postmaster.pid").write_text(left[0].replace(server, stranger, 1))
    socket.write_text(left[1].replace(server, stranger, 1))
    with open_database(cluster.home, linger=0.0) as database:
        assert query(database, "SELECT a FROM kept") == 42


def test_a_creation_that_was_killed_leaves_nothing_in_the_way(tmp_path):
    cluster = Cluster(tmp_path / "home")
    user = start_user(cluster.home)
    state = wait_until(
        lambda: (state := locks.read_state(cluster.state_file)).get("step") in ("creating", "roles") and state,
        "the creation begins",
    )
    user.kill()
    user.communicate()
    supervisor = locks.supervisor_of(state)
    assert supervisor is not None
    kill(supervisor)
    assert not cluster.exists()
    with open_database(cluster.home, create=True, linger=0.0) as database:
        assert query(database, "SELECT 1", "web") == 1
    wait_until_stopped(cluster)
    assert list(cluster.home.glob("postgres.new-*")) == []


def test_the_supervisor_ends_when_its_folder_is_removed(cluster):
    database = open_database(cluster.home, linger=0.0)
    supervisor, server = supervisor_process(cluster), server_process(cluster)
    shutil.rmtree(cluster.home)
    wait_until(lambda: not supervisor.alive() and not server.alive(), "supervisor and server end")
    database.close()


def test_stop_ends_a_server_without_supervisor(cluster):
    with open_database(cluster.home, linger=0.0):
        kill(supervisor_process(cluster))
        server = server_process(cluster)
        assert stop(cluster.home, force=True)
        assert not server.alive()


@pytest.mark.prove
def test_fifty_kills_in_a_row_lose_no_committed_row(cluster, capsys):
    with open_database(cluster.home, linger=0.0, watch=True) as database:
        query(database, "CREATE TABLE kept (a int)")
        for number in range(50):
            wait_until(lambda: connects(database), "the server is back")
            query(database, f"INSERT INTO kept VALUES ({number})")
            if number % 5 == 4:
                kill(supervisor_process(cluster))
            kill(server_process(cluster))
        wait_until(lambda: connects(database), "the server is back")
        assert query(database, "SELECT array_agg(a ORDER BY a) FROM kept") == list(range(50))
    with capsys.disabled():
        print(
            "\nPROOF database: 50 kills of the server in a row, 10 with its supervisor: every committed row is there."
        )

"""Real clusters for the tests of the database's home: copies of one template, other processes, waiting."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from gangmu.foundation.settings import postgres
from gangmu.foundation.settings.postgres import Cluster, locks, processes

SOURCES = Path(postgres.__file__).resolve().parents[4]
PATIENCE = 60.0

# A command that uses the database: says what it sees, then stays until its standard input ends.
USER = """
import json, os, sys
from gangmu.foundation.settings.postgres import open_database
import psycopg
with open_database(sys.argv[1], create=True, linger=0.0) as database:
    with psycopg.connect(**database.dsn("owner")) as connection:
        (server,) = connection.execute("SELECT pg_postmaster_start_time()::text").fetchone()
    print(json.dumps({"server": server, "uid": os.geteuid()}), flush=True)
    sys.stdin.read()
"""


def start_user(
    home: Path, *, python: str = sys.executable, wrapper: tuple[str, ...] = (), **more: Any
) -> "subprocess.Popen[str]":
    """Start a process that uses the database of `home`."""
    return subprocess.Popen(
        [*wrapper, python, "-c", USER, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(SOURCES), *more.pop("path", [])]), **more.pop("env", {})},
        cwd="/",
        **more,
    )


def first_line(user: "subprocess.Popen[str]") -> str:
    """What a process of `start_user` says when it has the database."""
    assert user.stdout is not None and user.stderr is not None
    line = user.stdout.readline()
    assert line, user.stderr.read()
    return line


def query(database: Any, statement: str, role: str = "owner", dbname: str | None = None) -> Any:
    """The first column of the first row, on a connection of its own."""
    with psycopg.connect(**database.dsn(role, dbname), autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def wait_until(condition: Callable[[], Any], what: str) -> Any:
    """Look again and again until `condition` gives something true."""
    end = time.monotonic() + PATIENCE
    while not (value := condition()):
        assert time.monotonic() < end, f"never happened: {what}"
        time.sleep(0.01)
    return value


def wait_until_stopped(cluster: Cluster) -> None:
    """Until no supervisor holds the lock and no server process is left."""
    lock = locks.open_lock(cluster.supervisor_lock, cluster.home)
    try:
        wait_until(lambda: locks.try_lock(lock), "the supervisor leaves")
        assert processes.servers_in(cluster.data) == []
    finally:
        os.close(lock)


def server_process(cluster: Cluster) -> processes.Process:
    """The running postmaster, as its own file names it."""
    pid = int((cluster.data / "postmaster.pid").read_text().splitlines()[0])
    process = processes.identify(pid)
    assert process is not None
    return process


def supervisor_process(cluster: Cluster) -> processes.Process:
    """The living supervisor."""
    process = locks.supervisor_of(locks.read_state(cluster.state_file))
    assert process is not None and process.alive()
    return process


def kill(process: processes.Process) -> None:
    """kill -9, and wait until it is dead."""
    process.kill()
    wait_until(lambda: not process.alive(), "the process dies")

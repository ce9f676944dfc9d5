"""Using the database: every command opens it, the first one in starts it, the last one out stops it."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from . import locks
from .cluster import Cluster
from .outside import OutsideDatabase, database_url_override
from .problems import STEPS, DatabaseUnavailable, from_os_error
from .server import Server

logger = logging.getLogger(__name__)

STEP = 0.02
WATCH_SECONDS = 1.0
UNSEEN_SECONDS = 60.0
SPAWN_ATTEMPTS = 3
LOG_BYTES = 1_000_000
PACKAGE_ROOT = Path(__file__).resolve().parents[4]

Progress = Callable[[str], None]


class Lease:
    """The embedded database, kept running as long as this is open or its process lives.

    The lock behind it dies with the process and its forked children, so a killed command leaves nothing behind.
    """

    def __init__(self, cluster: Cluster, users: int, linger: float) -> None:
        self.cluster = cluster
        self.home = cluster.home
        self._users = users
        self._linger = linger
        self._closed = threading.Event()

    def dsn(self, role: str = "system", dbname: str | None = None) -> dict[str, Any]:
        """Connection parameters for psycopg; `role` is owner, system or web."""
        return self.cluster.dsn(role, dbname)

    def close(self) -> None:
        """Use it no longer."""
        if self._closed.is_set():
            return
        self._closed.set()
        os.close(self._users)
        status = self.cluster.status()
        if status.state == "unsupervised":  # its supervisor was killed: a new one will stop it
            try:
                _spawn_if_free(self.cluster, create=False, linger=self._linger)
            except (OSError, DatabaseUnavailable) as error:
                logger.warning("the database stays without a supervisor: %s", error)

    def watch(self) -> None:
        """From now on start the supervisor again when it is killed. For processes that live long."""
        threading.Thread(target=self._watch, name="gangmu-database-watch", daemon=True).start()

    def _watch(self) -> None:
        while not self._closed.wait(WATCH_SECONDS):
            if self.cluster.status().state in ("unsupervised", "failed") or self._left_alone():
                try:
                    _spawn_if_free(self.cluster, create=False, linger=self._linger)
                except (OSError, DatabaseUnavailable) as error:
                    logger.warning("cannot start the database's supervisor: %s", error)

    def _left_alone(self) -> bool:
        """Whether supervisor and server were both killed; a stop that somebody asked for says "stopped"."""
        state = locks.read_state(self.cluster.state_file)
        supervisor = locks.supervisor_of(state)
        return state.get("state") != "stopped" and supervisor is not None and not supervisor.alive()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_database(
    home: Path | str,
    *,
    create: bool = False,
    watch: bool = False,
    linger: float | None = None,
    timeout: float = 600.0,
    progress: Progress | None = None,
) -> Lease | OutsideDatabase:
    """Join the database of `home`, starting it when none runs; with GANGMU_DATABASE_URL, that one.

    Args:
        create: make the data folder when there is none.
        watch: restart a killed supervisor while this is open.
        linger: seconds that the server stays after the last one left (GANGMU_DATABASE_LINGER, 2).
        timeout: seconds to wait until it is ready; recovery after a crash takes its time.
        progress: told what is waited for; else it goes to the log.

    Raises:
        DatabaseUnavailable: with what to do.
    """
    outside = database_url_override()
    if outside is not None:
        return outside
    cluster = Cluster(home)
    if linger is None:
        linger = float(os.environ.get("GANGMU_DATABASE_LINGER") or 2)
    try:
        cluster.check(create=create)
        cluster.make_folders()
        users = locks.open_lock(cluster.users_lock, cluster.home)
        try:
            _join(cluster, users, create=create, linger=linger, timeout=timeout, progress=progress or logger.info)
        except BaseException:
            os.close(users)
            raise
    except OSError as error:
        raise from_os_error(error, cluster.home) or error from error
    lease = Lease(cluster, users, linger)
    if watch:
        lease.watch()
    return lease


def stop(home: Path | str, *, force: bool = False, timeout: float = 90.0) -> bool:
    """Stop the database now; False when it is in use and `force` is not given.

    Raises:
        DatabaseUnavailable: it does not stop in time.
    """
    cluster = Cluster(home)
    if not cluster.exists():
        return True
    cluster.make_folders()
    users = locks.open_lock(cluster.users_lock, cluster.home)
    lock = locks.open_lock(cluster.supervisor_lock, cluster.home)
    try:
        # Holding the users' lock keeps newcomers out while it stops.
        if not locks.try_lock(users) and not force:
            return False
        end = time.monotonic() + timeout
        while not locks.try_lock(lock):
            supervisor = locks.supervisor_of(locks.read_state(cluster.state_file))
            if supervisor is not None:
                supervisor.kill(signal.SIGTERM)
            if time.monotonic() > end:
                raise DatabaseUnavailable("too_slow", seconds=timeout, state="stopping", log=cluster.logs)
            time.sleep(STEP)
        server = Server(cluster)
        if server.find():
            server.stop()
        return True
    finally:
        os.close(lock)
        os.close(users)


def _join(cluster: Cluster, users: int, *, create: bool, linger: float, timeout: float, progress: Progress) -> None:
    """Take the users' lock and wait until the server is ready."""
    begin = time.monotonic()
    unseen_since: float | None = None
    tries, said = 0, ""
    joined = False
    while True:
        now = time.monotonic()
        state = locks.read_state(cluster.state_file)
        supervisor = locks.supervisor_of(state)
        name = state.get("state", "starting")
        joined = joined or locks.try_lock(users, shared=True)
        if joined:
            if _spawn_if_free(cluster, create=create, linger=linger, failed_before=tries > 0, tries=tries):
                tries += 1
                unseen_since = None
            elif supervisor is not None and supervisor.alive():
                unseen_since = None
                if name == "ready":
                    return
            else:  # somebody holds the lock whom we do not see: just starting, or in another container
                unseen_since = unseen_since or now
                if now - unseen_since > UNSEEN_SECONDS:
                    raise DatabaseUnavailable("in_use_elsewhere", folder=cluster.data)
        step = state.get("step") or name
        if step != said and step in STEPS:
            progress("{} （{}）".format(*STEPS[step]))
        said = step
        if now - begin > timeout:
            raise DatabaseUnavailable("too_slow", seconds=round(timeout), state=name, log=cluster.logs)
        time.sleep(STEP)


def _spawn_if_free(
    cluster: Cluster, *, create: bool, linger: float, failed_before: bool = False, tries: int = 0
) -> bool:
    """Start a supervisor if there is none.

    Raises:
        DatabaseUnavailable: the one that was started before has failed.
    """
    lock = locks.open_lock(cluster.supervisor_lock, cluster.home)
    try:
        if not locks.try_lock(lock):
            return False
        if failed_before:
            _raise_failure(cluster, tries)
        _spawn(cluster, lock, create, linger)
        return True
    finally:
        os.close(lock)


def _raise_failure(cluster: Cluster, tries: int) -> None:
    """Raise what the last supervisor said, if it failed; or give up if it dies again and again without a word."""
    state = locks.read_state(cluster.state_file)
    if state.get("state") == "failed":
        raise DatabaseUnavailable.from_json(state["problem"])
    if tries >= SPAWN_ATTEMPTS:
        lines = cluster.supervisor_log.read_text("utf-8", "replace").strip().splitlines()
        raise DatabaseUnavailable("supervisor_died", detail=(lines or ["?"])[-1], log=cluster.supervisor_log)


def _spawn(cluster: Cluster, lock: int, create: bool, linger: float) -> None:
    """Start the supervisor, handing it the locked descriptor."""
    locks.write_state(cluster.state_file, {"state": "starting"}, cluster.home)
    log = os.open(cluster.supervisor_log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        locks.give_to_owner_of(cluster.home, log)
        if os.fstat(log).st_size > LOG_BYTES:
            os.ftruncate(log, 0)
        arguments = [sys.executable, "-P", "-m", f"{__package__}.supervisor", str(cluster.home), str(lock)]
        arguments += [f"--linger={linger}", *(["--create"] if create else [])]
        # The same package, wherever it was imported from: the supervisor's working directory is another.
        places = [str(PACKAGE_ROOT), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
        path = os.pathsep.join(os.path.abspath(place) for place in places)
        process = subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env={**os.environ, "PYTHONPATH": path},
            pass_fds=[lock],
            start_new_session=True,
        )
        process.wait()
    finally:
        os.close(log)

"""The running server: started, found again after its supervisor was killed, cleared away after a crash, stopped."""

import contextlib
import logging
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable

from . import binaries
from .cluster import PORT, Cluster
from .configuration import write_configuration
from .locks import give_to_owner_of
from .problems import DatabaseUnavailable, from_server_log
from .processes import Process, identify, servers_in
from .serveruser import ServerUser, server_user

logger = logging.getLogger(__name__)

STEP = 0.02  # seconds between two looks at something that is about to happen
FAST_SHUTDOWN_SECONDS = 60
IMMEDIATE_SHUTDOWN_SECONDS = 10
START_ATTEMPTS = 3
LOG_SECONDS = 6 * 86400


class Server:
    """The server process of one cluster. Only the holder of the supervisor's lock may have one.

    With `reaps` it takes leave of every dead child of this process, so only the supervisor asks for that.
    """

    def __init__(self, cluster: Cluster, *, reaps: bool = False) -> None:
        self.cluster = cluster
        self.reaps = reaps
        self.process: Process | None = None
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def user(self) -> ServerUser:
        return server_user(self.cluster.home, self.cluster.data)

    def start(self, pause: Callable[[float], None] = time.sleep) -> None:
        """Adopt the server that runs already, or start one; returns when it accepts connections.

        `pause` waits; it may raise to give up (the server is left as it is).

        Raises:
            DatabaseUnavailable: why it does not start.
        """
        attempt = 0
        while True:
            attempt += 1
            self.process = self._running_server()
            if self.process is None:
                self._clear_away()
                self._launch()
            else:
                logger.info("adopted the running server %d", self.process.pid)
            while self.running():
                if self._accepts_connections():
                    return
                pause(STEP)
            problem = self._problem()
            logger.warning("start %d of %d failed: %s", attempt, START_ATTEMPTS, problem.english)
            # Somebody's server may have come up between our look and our start; every other reason stays.
            if problem.code not in ("start_failed", "memory") or attempt == START_ATTEMPTS:
                raise problem
            pause(attempt * 0.5)

    def running(self) -> bool:
        """Whether the server process lives."""
        if self._child is not None:
            self._child.poll()
        self._reap()
        return self.process is not None and self.process.alive()

    def stop(self) -> None:
        """Stop it: fast, then at once, then by force; returns when nothing of it is left."""
        for number, seconds in (
            (signal.SIGINT, FAST_SHUTDOWN_SECONDS),
            (signal.SIGQUIT, IMMEDIATE_SHUTDOWN_SECONDS),
        ):
            if self._signal_and_wait(number, seconds):
                break
            logger.warning("the server does not stop on %s", number.name)
        self._clear_away()
        if self.cluster.socket_folder != self.cluster.run:
            with contextlib.suppress(OSError):
                self.cluster.socket_folder.rmdir()
        self.process = None

    def find(self) -> bool:
        """Look for a server that a killed supervisor left behind."""
        self.process = self._running_server()
        return self.process is not None

    def _signal_and_wait(self, number: signal.Signals, seconds: float) -> bool:
        end = time.monotonic() + seconds
        if self.process is not None:
            self.process.kill(number)
        while self.running():
            if time.monotonic() > end:
                return False
            time.sleep(STEP)
        return True

    def _launch(self) -> None:
        user = self.user
        self.cluster.make_socket_folder(user.uid, user.gid)
        write_configuration(self.cluster, user)
        self._remove_old_logs()
        with self.cluster.start_log.open("wb") as log:
            give_to_owner_of(self.cluster.home, log.fileno())
            self._child = user.start([binaries.program("postgres"), "-D", str(self.cluster.data)], output=log)
        self.process = identify(self._child.pid)

    def _remove_old_logs(self) -> None:
        """Remove logs of last week's days: PostgreSQL empties them only when it runs past midnight."""
        oldest = time.time() - LOG_SECONDS
        for path in self.cluster.logs.glob("postgres-???.log"):
            if path.stat().st_mtime < oldest:
                path.unlink(missing_ok=True)

    def _running_server(self) -> Process | None:
        """The postmaster that holds the data folder; None when there is none or only its orphans are left."""
        lines = self._postmaster_file()
        if not lines or not lines[0].isdigit():
            return None
        pid = int(lines[0])
        return next((process for process in servers_in(self.cluster.data) if process.pid == pid), None)

    def _accepts_connections(self) -> bool:
        """Whether the server has said so in its postmaster.pid, where pg_ctl looks too."""
        lines = self._postmaster_file()
        return (
            len(lines) > 7
            and self.process is not None
            and lines[0] == str(self.process.pid)
            and lines[7].strip() == "ready"
        )

    def _postmaster_file(self) -> list[str]:
        try:
            return (self.cluster.data / "postmaster.pid").read_text("utf-8", "replace").splitlines()
        except FileNotFoundError:
            return []

    def _clear_away(self) -> None:
        """Remove what a killed server left: orphaned backends, and files that name a process long gone.

        Orphans keep the shared memory attached, and PostgreSQL does not start beside them. A process number in a
        left-over file may belong to a stranger by now, whom PostgreSQL would take for a running server.

        Raises:
            DatabaseUnavailable: in_use_elsewhere: a server that we cannot see answers on the socket.
        """
        orphans = servers_in(self.cluster.data)
        while orphans:
            for process in orphans:
                process.kill(signal.SIGKILL)
            time.sleep(STEP)
            self._reap()
            orphans = servers_in(self.cluster.data)
        path = self.cluster.socket_folder / f".s.PGSQL.{PORT}"
        if self._postmaster_file() and _answers(str(path)):
            raise DatabaseUnavailable("in_use_elsewhere", folder=self.cluster.data)
        for left in (self.cluster.data / "postmaster.pid", path, path.with_name(path.name + ".lock")):
            try:
                left.unlink(missing_ok=True)
            except IsADirectoryError:
                raise DatabaseUnavailable("socket", socket=path.parent, detail=f"{left} is a folder") from None

    def _reap(self) -> None:
        """Take leave of dead children that are not ours by birth (see `become_subreaper`)."""
        with contextlib.suppress(ChildProcessError):
            while self.reaps and os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG):
                pass

    def _problem(self) -> DatabaseUnavailable:
        """Why the server ended before it was ready, from its own words."""
        cluster = self.cluster
        said = cluster.start_log.read_text("utf-8", "replace")
        collected = [path for path in cluster.logs.glob("postgres-???.log") if path.stat().st_size]
        if "redirecting log output" in said and collected:
            newest = max(collected, key=lambda path: path.stat().st_mtime)
            said += newest.read_bytes()[-8000:].decode("utf-8", "replace").rpartition("starting PostgreSQL")[2]
        return from_server_log(
            said,
            "start_failed",
            folder=cluster.data,
            log=cluster.logs,
            local=cluster.local_configuration,
            socket=cluster.socket_folder,
        )


def _answers(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(path)
        except OSError:
            return False
    return True

"""The process that holds the server: `python -m gangmu.foundation.settings.postgres.supervisor HOME LOCK …`.

A command that finds the supervisor's lock free takes it, starts this program with the locked descriptor and lets go of
its own copy: from the first moment exactly one supervisor exists, and the lock dies with it. It

- creates the cluster when asked to,
- starts the server, or adopts the one that a killed supervisor left behind,
- starts it again whenever it dies,
- stops it when for `linger` seconds nobody has held the users' lock, keeping that lock while it stops, so that who
  comes meanwhile waits and then starts anew.

What it does stands in the state file, for the commands that wait.
"""

import argparse
import contextlib
import logging
import os
import signal
import sys
import time
from pathlib import Path

from . import locks, processes
from .cluster import Cluster
from .creation import create_cluster
from .problems import DatabaseUnavailable, from_os_error
from .server import Server
from .serveruser import server_user

logger = logging.getLogger(__name__)

TICK = 0.1  # seconds between two looks at the users' lock
SIGNALS = {signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP}


class StopRequested(Exception):
    """A signal told the supervisor to stop."""


class Supervisor:
    """Runs one cluster's server until nobody needs it."""

    def __init__(self, cluster: Cluster, lock: int, *, create: bool, linger: float) -> None:
        self.cluster = cluster
        self.lock = lock
        self.users = locks.open_lock(cluster.users_lock, cluster.home)
        self.create = create
        self.linger = linger
        self.server = Server(cluster, reaps=True)
        self.me = processes.myself()

    def run(self) -> None:
        """Live through it all; every end is told in the state file."""
        try:
            self.report("starting")
            self.cluster.check(create=self.create)
            if not self.cluster.exists():
                user = server_user(self.cluster.home, self.cluster.data)
                if user.way == "switch" and self.cluster.home.stat().st_uid != user.uid:
                    self.give_home_away(user.uid, user.gid)
                create_cluster(self.cluster, user, lambda step: self.report("starting", step=step))
                self.report("starting")
            self.start()
            self.watch()
        except StopRequested:
            self.stop()
        except DatabaseUnavailable as problem:
            self.fail(problem)
        except OSError as error:
            logger.exception("ended by an error")
            self.fail(from_os_error(error, self.cluster.home) or self.died(error))
        except Exception as error:
            logger.exception("ended by an error")
            self.fail(self.died(error))

    def start(self) -> None:
        """Start or adopt the server and say so."""
        self.server.start(self.pause)
        assert self.server.process is not None
        logger.info("server %d is ready", self.server.process.pid)
        self.report("ready")

    def watch(self) -> None:
        """Look after the server until nobody uses it."""
        used = time.monotonic()
        ready_since = used
        while True:
            self.pause(TICK)
            now = time.monotonic()
            if not self.cluster.data.exists():
                logger.warning("the data folder is gone")
                return self.stop()
            if not self.server.running():
                logger.warning("the server died; starting it again")
                self.report("recovering")
                self.pause(0.0 if now - ready_since > 1 else 0.5)
                self.start()
                ready_since = time.monotonic()
            if not locks.try_lock(self.users):
                used = now
            elif now - used < self.linger:
                locks.unlock(self.users)
            else:
                logger.info("nobody uses the database")
                return self.stop()

    def stop(self) -> None:
        """Stop the server; afterwards another supervisor may come."""
        self.report("stopping")
        self.server.stop()
        logger.info("stopped")
        self.report("stopped")

    def fail(self, problem: DatabaseUnavailable) -> None:
        logger.error("%s", problem.english)
        self.report("failed", problem=problem.to_json())

    def died(self, error: Exception) -> DatabaseUnavailable:
        return DatabaseUnavailable("supervisor_died", detail=repr(error), log=self.cluster.supervisor_log)

    def pause(self, seconds: float) -> None:
        """Wait; a child's death ends the wait early, a request to stop ends everything."""
        received = signal.sigtimedwait(SIGNALS, seconds)
        if received is not None and received.si_signo != signal.SIGCHLD:
            raise StopRequested

    def report(self, state: str, **more: object) -> None:
        """Replace the state file."""
        server = self.server.process
        value = {
            "state": state,
            "supervisor": [self.me.pid, self.me.started],
            "server": server.pid if server else None,
            **more,
        }
        try:
            locks.write_state(self.cluster.state_file, value, self.cluster.home)
        except OSError as error:  # a full disk or a vanished folder must not end the server as well
            logger.error("cannot write %s: %s", self.cluster.state_file, error)

    def give_home_away(self, uid: int, gid: int) -> None:
        """Give a new GANGMU_HOME to the user as whom the server will run (see serveruser)."""
        cluster = self.cluster
        logger.warning("user namespaces are forbidden: %s now belongs to user %d", cluster.home, uid)
        for path in (cluster.home, cluster.run, cluster.logs, cluster.secrets):
            os.chown(path, uid, gid)
        for path in (*cluster.run.iterdir(), *cluster.logs.iterdir()):
            os.chown(path, uid, gid)


def main(arguments: list[str]) -> None:
    """Leave the caller's process family and session, then supervise."""
    parser = argparse.ArgumentParser(prog="supervisor")
    parser.add_argument("home", type=Path)
    parser.add_argument("lock", type=int, help="descriptor of the locked supervisor lock")
    parser.add_argument("--create", action="store_true")
    parser.add_argument("--linger", type=float, default=2.0)
    options = parser.parse_args(arguments)
    if os.fork():
        os._exit(0)
    os.setsid()
    os.set_inheritable(options.lock, False)
    os.umask(0o077)
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    processes.become_subreaper()
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(asctime)s [%(process)d] %(levelname)s %(message)s"
    )
    cluster = Cluster(options.home)
    with contextlib.suppress(StopRequested):
        Supervisor(cluster, options.lock, create=options.create, linger=options.linger).run()


if __name__ == "__main__":
    main(sys.argv[1:])

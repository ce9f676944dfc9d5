"""A real site for the crash proofs: its own data folder and database, `gangmu run`, and the writers."""

import contextlib
import http.client
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from crash import journal
from gangmu.foundation.settings.postgres import Cluster, stop
from gangmu.foundation.settings.postgres.processes import Process, identify

PATIENCE = 150.0  # seconds for what takes a few; two cores may be shared
LOOK = 0.02
ROOT = Path(__file__).resolve().parents[2]
WRITERS = {"early": "facts", "late": "facts", "person": "web", "batch": "jobs"}
HASTY = "hasty"  # a writer of facts with a planted fault


def wait_until(condition: Callable[[], Any], what: str, explain: Callable[[], str] = str) -> Any:
    """Look again and again until `condition` gives something true."""
    end = time.monotonic() + PATIENCE
    while not (value := condition()):
        assert time.monotonic() < end, f"never happened: {what}\n{explain()}"
        time.sleep(LOOK)
    return value


class Site:
    """One installation with its processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.cluster = Cluster(self.home)
        self.journals = folder / "journals"
        self.journals.mkdir(parents=True)
        self.seed = 0
        self.port = free_port()
        self.office_port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.run: subprocess.Popen | None = None
        self.writers: dict[str, subprocess.Popen] = {}

    # Commands and processes -----------------------------------------------------------------------------------------

    @property
    def environment(self) -> dict[str, str]:
        """Of a shell in which nothing but GANGMU_HOME is set."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("GANGMU_", "DJANGO_"))}
        path = [str(ROOT / "tests"), str(ROOT / "src")]
        return {**kept, "GANGMU_HOME": str(self.home), "GANGMU_LANGUAGE": "en", "PYTHONPATH": os.pathsep.join(path)}

    def command(self, *arguments: str, expect: int | None = 0) -> str:
        """Run `gangmu …` to its end; what it printed."""
        return self._run("gangmu.shell.cli", *arguments, expect=expect)

    def _run(self, *module: str, expect: int | None = 0) -> str:
        ended = subprocess.run(
            [sys.executable, "-P", "-m", *module],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        said = ended.stdout + ended.stderr
        assert expect is None or ended.returncode == expect, f"{' '.join(module)}: {said}"
        return said

    def _start(self, name: str, *module: str) -> subprocess.Popen:
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-P", "-m", "gangmu.shell.cli.tethered", str(os.getpid()), *module],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def logs(self) -> str:
        """The ends of all logs, for the report of a failure."""
        paths = [*sorted(self.folder.glob("*.log")), *sorted((self.home / "logs").glob("*.log"))]
        return "\n".join(f"--- {path.name}\n{path.read_text('utf-8', 'replace')[-3000:]}" for path in paths)

    def own_deaths(self) -> list[str]:
        """What `gangmu run` says of processes that ended though nobody had killed them.

        Each with what was logged before it. The web server is not among them: it gives up when its worker is killed
        twice within seconds.
        """
        log = (self.folder / "run.log").read_text("utf-8", "replace")
        deaths = re.finditer(r"(?m)^gangmu: (?:folder|worker) ended \((?!-9\)).*$", log)
        return [log[max(0, death.start() - 4000) : death.end()] for death in deaths]

    # Life -----------------------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Make the installation with a small world and two accounts."""
        self.command("init")
        self._run("crash.preparing", str(self.folder))

    def start(self) -> None:
        """Start `gangmu run` and wait until it answers."""
        ports = ("--port", str(self.port), "--office-port", str(self.office_port))
        self.run = self._start("run", "gangmu.shell.cli", "run", "--workers", "1", *ports)
        wait_until(self.answers, "the site answers", self.logs)

    def keep_running(self) -> None:
        """Start the site again once it is gone; a process that was killed may take a moment to die."""
        if self.run is None or self.run.poll() is not None:
            self.start()

    def answers(self) -> bool:
        """Whether the sign-in page comes."""
        try:
            with urllib.request.urlopen(f"{self.address}/sign-in/", timeout=5) as answer:
                return answer.status == 200
        except (OSError, http.client.HTTPException):  # refused, cut off, or answered with an error
            return False

    def close(self) -> None:
        """End everything; also after a failure."""
        for process in [*self.writers.values(), *([self.run] if self.run else [])]:
            process.terminate()
        for process in [*self.writers.values(), *([self.run] if self.run else [])]:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.writers.clear()
        self.run = None
        stop(self.home, force=True)

    # Writers --------------------------------------------------------------------------------------------------------

    def start_writer(self, name: str) -> None:
        module = f"crash.writers.{WRITERS.get(name, 'facts')}"
        self.writers[name] = self._start(name, module, name, str(self.seed), str(self.journals), self.address)

    def keep_writers(self) -> None:
        """Start again the writers that were killed.

        Raises:
            AssertionError: one has ended by itself.
        """
        for name, process in self.writers.items():
            code = process.poll()
            if code is not None:
                assert code == -9, f"writer {name} ended with {code}\n{self.logs()}"
                self.start_writer(name)

    def stop_writers(self) -> None:
        """Let them finish what they are at."""
        (self.journals / "stop").touch()
        for name, process in self.writers.items():
            wait_until(lambda process=process: process.poll() is not None, f"writer {name} stops", self.logs)
            assert process.returncode == 0, f"writer {name} ended with {process.returncode}\n{self.logs()}"
        self.writers.clear()
        (self.journals / "stop").unlink()

    def ledgers(self) -> dict[str, journal.Ledger]:
        """What the writers' journals say now."""
        return {path.stem: journal.read(path) for path in sorted(self.journals.glob("*.journal"))}

    # The database ---------------------------------------------------------------------------------------------------

    def connect(self, role: str = "owner", **options: Any) -> psycopg.Connection:
        """A connection, as soon as there is a server."""

        def connected() -> psycopg.Connection | None:
            with contextlib.suppress(psycopg.OperationalError):
                return psycopg.connect(**self.cluster.dsn(role), **options)
            return None

        return wait_until(connected, "the database answers", self.logs)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def children_of(pid: int) -> list[Process]:
    """The living processes that `pid` has started."""
    found = []
    for entry in os.listdir("/proc"):
        with contextlib.suppress(OSError, ValueError):
            fields = Path(f"/proc/{int(entry)}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
            if int(fields[1]) == pid:
                found.append(identify(int(entry)))
    return [process for process in found if process is not None]


def command_line(process: Process) -> list[str]:
    """Its arguments; none when it is gone."""
    try:
        return Path(f"/proc/{process.pid}/cmdline").read_text("utf-8", "replace").split("\0")
    except OSError:
        return []

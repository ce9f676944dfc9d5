"""One database cluster: where its files are, which roles it has, how to reach it.

GANGMU_HOME/postgres/              the data folder (PGDATA)
GANGMU_HOME/postgresql.local.conf  the operator's own settings, optional
GANGMU_HOME/secrets/database-ROLE  passwords, 0600
GANGMU_HOME/run/                   socket, locks, the supervisor's state
GANGMU_HOME/logs/                  postgres-Mon.log …, postgres-start.log, supervisor.log
"""

import hashlib
import os
import secrets
import stat
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from . import binaries, locks
from .problems import DatabaseUnavailable
from .processes import servers_in

DATABASE = "gangmu"
PORT = 5432
ROLES = {"owner": "gangmu_owner", "system": "gangmu_system", "web": "gangmu_web"}
LONGEST_SOCKET_PATH = 107


@dataclass(frozen=True)
class Status:
    """What goes on in a cluster now."""

    state: Literal["missing", "stopped", "starting", "ready", "recovering", "stopping", "failed", "unsupervised"]
    version: str | None = None
    supervisor: int | None = None
    server: int | None = None
    problem: DatabaseUnavailable | None = None


class Cluster:
    """The embedded cluster of one GANGMU_HOME. Nothing here starts or stops it; see `open_database` and `stop`."""

    def __init__(self, home: Path | str) -> None:
        self.home = Path(home).resolve()  # the same for all, whatever links they come by
        self.data = self.home / "postgres"
        self.secrets = self.home / "secrets"
        self.run = self.home / "run"
        self.logs = self.home / "logs"
        self.local_configuration = self.home / "postgresql.local.conf"
        self.start_log = self.logs / "postgres-start.log"
        self.supervisor_log = self.logs / "supervisor.log"
        self.users_lock = self.run / "database-users.lock"
        self.supervisor_lock = self.run / "database-supervisor.lock"
        self.state_file = self.run / "database-state.json"

    def __repr__(self) -> str:
        return f"Cluster({str(self.home)!r})"

    def exists(self) -> bool:
        """Whether it has been created (a creation that was cut off leaves nothing here)."""
        return (self.data / "PG_VERSION").exists()

    def version(self) -> str | None:
        """The major version that made the data folder."""
        try:
            return (self.data / "PG_VERSION").read_text("ascii").strip()
        except FileNotFoundError:
            return None

    def check(self, *, create: bool = False) -> None:
        """Refuse what cannot be run or, with `create`, made here.

        Raises:
            DatabaseUnavailable: unsupported_platform, no_binaries, not_a_cluster, other_version, not_initialised.
        """
        if not sys.platform.startswith("linux"):
            raise DatabaseUnavailable("unsupported_platform", platform=sys.platform)
        binaries.folder()
        found = self.version()
        if found is None:
            if self.data.is_dir() and any(self.data.iterdir()):
                raise DatabaseUnavailable("not_a_cluster", folder=self.data)
            if not create:
                raise DatabaseUnavailable("not_initialised", home=self.home)
        elif found != binaries.major_version():
            raise DatabaseUnavailable("other_version", folder=self.data, found=found, expected=binaries.major_version())

    def make_folders(self) -> None:
        """Make the folders, closed to others; as root, they belong to whom GANGMU_HOME belongs."""
        for folder in (self.home, self.run, self.logs, self.secrets):
            if not folder.is_dir():
                folder.mkdir(mode=0o700, parents=folder == self.home, exist_ok=True)
                locks.give_to_owner_of(self.home, folder)

    @property
    def socket_folder(self) -> Path:
        """The folder of the Unix socket: `run`, or a short one of the owner's where that path cannot serve.

        It cannot when it is too long, or has a comma (which parts hosts in a connection's parameters). The short one
        has the same name for every process, whatever its environment.
        """
        path = os.fsencode(self.run / f".s.PGSQL.{PORT}")
        if len(path) <= LONGEST_SOCKET_PATH and b"," not in path:
            return self.run
        place = os.stat(self.data if self.data.exists() else self.home)
        name = hashlib.sha256(os.fsencode(self.home.resolve())).hexdigest()[:16]
        return Path(f"/tmp/gangmu-{place.st_uid}-{name}")  # noqa: S108 (checked by make_socket_folder)

    def make_socket_folder(self, uid: int, gid: int) -> Path:
        """Make the socket's folder, or refuse one that somebody else put in its place.

        Raises:
            DatabaseUnavailable: socket.
        """
        folder = self.socket_folder
        if folder != self.run:
            try:
                folder.mkdir(mode=0o700)
                os.chown(folder, uid, gid)
            except FileExistsError:
                pass
            found = os.lstat(folder)
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != uid or stat.S_IMODE(found.st_mode) & 0o077:
                raise DatabaseUnavailable(
                    "socket",
                    socket=folder,
                    detail="the folder is not ours alone (it must be a folder, ours, mode 0700)",
                )
        return folder

    def password(self, role: str, *, create: bool = False) -> str:
        """The password of `owner`, `system` or `web`.

        Raises:
            DatabaseUnavailable: secret_missing.
        """
        path = self.secret_path(role)
        if create and not path.exists():
            locks.write_file(path, secrets.token_urlsafe(32), owner_like=self.home)
        try:
            return path.read_text("ascii").strip()
        except FileNotFoundError:
            raise DatabaseUnavailable("secret_missing", path=path) from None

    def secret_path(self, role: str) -> Path:
        """The file that holds the password of `owner`, `system` or `web`."""
        return self.secrets / f"database-{role}"

    def dsn(self, role: str = "system", dbname: str | None = None) -> dict[str, Any]:
        """Connection parameters for psycopg: host (the socket's folder), port, user, password, dbname."""
        return {
            "host": str(self.socket_folder),
            "port": PORT,
            "user": ROLES[role],
            "password": self.password(role),
            "dbname": dbname or DATABASE,
        }

    def status(self) -> Status:
        """What goes on now; changes nothing."""
        version = self.version()
        state = locks.read_state(self.state_file)
        supervisor = locks.supervisor_of(state)
        if supervisor is not None and supervisor.alive():
            problem = state.get("problem")
            return Status(
                state.get("state", "starting"),
                version,
                supervisor.pid,
                state.get("server"),
                DatabaseUnavailable.from_json(problem) if problem else None,
            )
        running = servers_in(self.data)
        if running:
            return Status("unsupervised", version, server=running[0].pid)
        if state.get("state") == "failed":
            return Status("failed", version, problem=DatabaseUnavailable.from_json(state["problem"]))
        return Status("stopped" if version else "missing", version)

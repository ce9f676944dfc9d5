"""As whom the server runs. PostgreSQL refuses root, so root needs a way round.

- An ordinary user runs it as themselves.
- Root, with a data folder that belongs to somebody else, runs it as that user.
- Root, with a folder of its own, runs it in a user namespace: inside, the server believes to be `nobody`; outside,
  its files are root's, so that a folder below a closed home directory works too.
- Where namespaces are forbidden, a new folder is given to the first of `gangmu`, `postgres`, `nobody` who can
  reach it.
"""

import functools
import os
import pwd
import signal
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from . import binaries, processes
from .problems import DatabaseUnavailable

FALLBACK_USERS = ("gangmu", "postgres", "nobody")


@dataclass(frozen=True)
class ServerUser:
    """How a server program is started: `uid` and `gid` own its files; `inside_*` is what it believes to be."""

    way: Literal["same", "switch", "namespace"]
    uid: int
    gid: int
    inside_uid: int
    inside_gid: int

    def start(
        self, arguments: Sequence[str], *, output: IO[bytes] | int, mortal: bool = False, input: IO[bytes] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a program in its own way; `mortal` programs die with us."""

        def prepare() -> None:
            signal.pthread_sigmask(signal.SIG_SETMASK, [])
            if self.way == "namespace":
                processes.enter_user_namespace(self.inside_uid, self.inside_gid)
            if mortal:
                processes.die_with_parent()

        switch = self.way == "switch"
        return subprocess.Popen(
            arguments,
            stdin=input or subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=binaries.environment(),
            umask=0o077,
            user=self.uid if switch else None,
            group=self.gid if switch else None,
            extra_groups=[] if switch else None,
            preexec_fn=prepare,  # noqa: PLW1509 (the supervisor has one thread)
        )

    def own(self, path: Path) -> None:
        """Make a file that we wrote the server's."""
        if self.way == "switch":
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def server_user(home: Path, data: Path) -> ServerUser:
    """As whom the server of this folder runs; an existing `data` decides, else `home`.

    Raises:
        DatabaseUnavailable: other_owner, root_refused, unreachable.
    """
    place = data if data.exists() else home
    owner = place.stat()
    uid, gid = os.geteuid(), os.getegid()
    if uid != 0:
        if owner.st_uid != uid:
            raise DatabaseUnavailable("other_owner", folder=place, owner=name_of(owner.st_uid), user=name_of(uid))
        return ServerUser("same", uid, gid, uid, gid)
    if owner.st_uid != 0:
        return _switched(owner.st_uid, owner.st_gid, home)
    reason = namespaces_forbidden()
    if reason is None:
        inside = _somebody()
        return ServerUser("namespace", uid, gid, inside.pw_uid, inside.pw_gid)
    if not data.exists():
        for name in FALLBACK_USERS:
            try:
                user = pwd.getpwnam(name)
                return _switched(user.pw_uid, user.pw_gid, home)
            except (KeyError, DatabaseUnavailable):
                continue
    raise DatabaseUnavailable("root_refused", home=home, reason=reason)


@functools.cache
def namespaces_forbidden() -> str | None:
    """Why root may not make a user namespace here; None when it may."""
    if os.environ.get("GANGMU_DATABASE_NAMESPACE") == "0":
        return "GANGMU_DATABASE_NAMESPACE=0"
    try:
        subprocess.run(
            [binaries.program("postgres"), "--version"],
            check=True,
            capture_output=True,
            preexec_fn=lambda: processes.enter_user_namespace(65534, 65534),
        )
    except (OSError, subprocess.SubprocessError) as error:
        return str(error)
    return None


def name_of(uid: int) -> str:
    """A user's name, or the number when it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _somebody() -> pwd.struct_passwd:
    """Any user with a name but root (initdb asks for the name): `nobody` where there is one."""
    try:
        return pwd.getpwnam("nobody")
    except KeyError:
        pass
    for user in pwd.getpwall():
        if user.pw_uid != 0:
            return user
    raise DatabaseUnavailable("root_refused", home="GANGMU_HOME", reason="/etc/passwd names nobody but root")


def _switched(uid: int, gid: int, home: Path) -> ServerUser:
    for path in (home.parent, Path(binaries.program("postgres"))):
        blocked = _blocked_at(path, uid, gid)
        if blocked is not None:
            raise DatabaseUnavailable("unreachable", user=name_of(uid), path=blocked)
    return ServerUser("switch", uid, gid, uid, gid)


def _blocked_at(path: Path, uid: int, gid: int) -> Path | None:
    """The first folder on the way to `path` (or `path` itself) that this user may not enter or execute."""
    for place in [*reversed(path.resolve().parents), path.resolve()]:
        status = place.stat()
        if status.st_uid == uid:
            allowed = status.st_mode & stat.S_IXUSR
        elif status.st_gid == gid:
            allowed = status.st_mode & stat.S_IXGRP
        else:
            allowed = status.st_mode & stat.S_IXOTH
        if not allowed:
            return place
    return None

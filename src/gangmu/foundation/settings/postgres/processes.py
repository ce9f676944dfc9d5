"""What Linux tells about processes, and the few system calls that Python 3.11 does not wrap."""

import contextlib
import ctypes
import os
import signal
from dataclasses import dataclass
from pathlib import Path

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Process:
    """One process for all time: its number and the tick at which it started (numbers are used again)."""

    pid: int
    started: int

    def alive(self) -> bool:
        """Whether it still runs; a zombie does not."""
        return identify(self.pid) == self

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Send a signal, if the process is still the one meant."""
        if self.alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)


def identify(pid: int) -> Process | None:
    """The running process with this number; None when there is none or it is dead and not yet reaped."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return None
    state, started = fields[0], int(fields[19])
    return None if state in "ZXx" else Process(pid, started)


def myself() -> Process:
    """This process."""
    process = identify(os.getpid())
    assert process is not None
    return process


def servers_in(data: Path) -> list[Process]:
    """Every PostgreSQL process whose working directory is `data`: postmaster, backends, orphans of a killed one."""
    try:
        folder = os.stat(data)
    except FileNotFoundError:
        return []
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            place = os.stat(f"/proc/{entry}/cwd")
            if (place.st_dev, place.st_ino) != (folder.st_dev, folder.st_ino):
                continue
            executable = os.readlink(f"/proc/{entry}/exe").removesuffix(" (deleted)")
        except OSError:  # gone meanwhile, a zombie, or somebody else's
            continue
        process = identify(int(entry))
        if process is not None and os.path.basename(executable) == "postgres":
            found.append(process)
    return found


def become_subreaper() -> None:
    """Let the orphans of our children become our children, so that they are reaped even where process 1 does not."""
    _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def die_with_parent() -> None:
    """In a child before exec: be killed when the parent dies."""
    _libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)


def enter_user_namespace(uid: int, gid: int) -> None:
    """Become `uid` and `gid` inside a user namespace of our own, while files still see the user that we were.

    Raises:
        OSError: the system forbids it.
    """
    outer_uid, outer_gid = os.geteuid(), os.getegid()
    if _libc.unshare(CLONE_NEWUSER) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {outer_uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {outer_gid} 1")

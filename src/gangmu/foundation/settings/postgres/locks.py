"""Files that processes agree by: locks that die with their holder, and small files that are replaced whole."""

import fcntl
import json
import os
from pathlib import Path
from typing import Any

from .processes import Process


def give_to_owner_of(home: Path, path: Path | int) -> None:
    """As root, give a file that we made to the user whose folder it is in."""
    if os.geteuid() == 0:
        owner = home.stat()
        if owner.st_uid != 0:
            os.chown(path, owner.st_uid, owner.st_gid)


def open_lock(path: Path, home: Path) -> int:
    """A descriptor on a lock file; it is not inherited by programs that we start."""
    try:
        return os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        give_to_owner_of(home, descriptor)
        return descriptor


def try_lock(descriptor: int, *, shared: bool = False) -> bool:
    """Take the lock if that needs no waiting."""
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def unlock(descriptor: int) -> None:
    """Let go of the lock, for every process that shares the descriptor."""
    fcntl.flock(descriptor, fcntl.LOCK_UN)


def write_file(path: Path, text: str, *, owner_like: Path, durable: bool = True) -> None:
    """Write a file of mode 0600 whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            give_to_owner_of(owner_like, file.fileno())
            file.flush()
            if durable:
                os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if durable:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a new or renamed entry of a folder survive power loss."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_state(path: Path) -> dict[str, Any]:
    """What the supervisor last said; empty when it said nothing."""
    try:
        value = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def supervisor_of(state: dict[str, Any]) -> Process | None:
    """The supervisor that wrote a state, alive or not."""
    who = state.get("supervisor")
    return Process(*who) if who else None


def write_state(path: Path, value: dict[str, Any], home: Path) -> None:
    """Say what the supervisor does. It need not survive power loss: after one, no supervisor lives."""
    write_file(path, json.dumps(value), owner_like=home, durable=False)

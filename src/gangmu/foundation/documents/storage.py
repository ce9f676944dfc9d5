"""Where the content of documents lies: `documents/aa/bb/<sha256>` in the data folder.

A file appears under its hash in one step, complete and on disk, or not at all; it is never changed afterwards. Rows
are written after their file, so a rolled-back upload leaves a file that nobody refers to: `collect` removes it.
"""

import contextlib
import fcntl
import hashlib
import os
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO

from gangmu.foundation.settings import home

BLOCK = 1 << 20
GRACE = timedelta(days=1)  # how long a file may wait for its row to be committed


class TooLarge(Exception):
    """The stream holds more than was allowed."""


@dataclass(frozen=True)
class Received:
    """A stream that has been written down, not yet under its hash."""

    path: Path
    sha256: str
    size: int

    def keep(self) -> None:
        """Put it under its hash."""
        target = path_of(self.sha256)
        with _store_locked(fcntl.LOCK_SH):
            _make(target.parent)
            if target.exists():
                os.utime(target)  # the collector leaves it alone while a row for it is being written
                self.path.unlink()
            else:
                self.path.rename(target)
                _sync(target.parent)


def folder() -> Path:
    return home.home() / "documents"


def path_of(sha256: str) -> Path:
    """Where the content with this hash lies, or would lie."""
    return folder() / sha256[:2] / sha256[2:4] / sha256


@contextlib.contextmanager
def receive(stream: IO[bytes], limit: int) -> Iterator[Received]:
    """Write a stream to disk, for the block to look at and `keep`; otherwise nothing is left of it.

    Raises:
        TooLarge: it holds more than `limit` bytes.
    """
    incoming = folder() / "incoming"
    _make(incoming)
    path = incoming / secrets.token_hex(16)
    try:
        digest, size = hashlib.sha256(), 0
        with path.open("xb") as file:
            while block := stream.read(BLOCK):
                size += len(block)
                if size > limit:
                    raise TooLarge(size)
                digest.update(block)
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
        yield Received(path, digest.hexdigest(), size)
    finally:
        path.unlink(missing_ok=True)


def collect(is_referred_to: Callable[[str], bool], *, older_than: timedelta = GRACE) -> int:
    """Remove files that no row refers to and that are old enough for no row to come; how many."""
    removed = 0
    limit = time.time() - older_than.total_seconds()
    for path in sorted(folder().glob("incoming/*")) + sorted(folder().glob("??/??/*")):
        if path.parent.name != "incoming" and is_referred_to(path.name):
            continue
        with _store_locked(fcntl.LOCK_EX), contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime < limit:
                path.unlink()
                removed += 1
    return removed


def sha256_of(path: Path) -> str:
    """The hash of a file's content as it is now."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def _store_locked(how: int) -> Iterator[None]:
    _make(folder())
    with (folder() / ".lock").open("a") as lock:
        fcntl.flock(lock, how)
        yield


def _make(path: Path) -> None:
    """Make a folder and those above it, and their entries durable."""
    missing = []
    while not path.exists():
        missing.append(path)
        path = path.parent
    for one in reversed(missing):
        one.mkdir(mode=0o700, exist_ok=True)
        _sync(one.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

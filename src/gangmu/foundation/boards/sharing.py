"""What one web process of a node has rendered, for the others: a folder of small files under digests of their keys.

As with what a process keeps for itself, a key names everything that could make the thing another, so that a file is
never wrong, only old. A key that holds something of which the digest is not certain is not shared.
"""

import json
import os
import shutil
from collections.abc import Hashable
from contextlib import suppress
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from hashlib import blake2b
from itertools import count
from pathlib import Path
from typing import Any

from gangmu.foundation.settings.postgres.processes import Process

MOST_BYTES = 256 << 20
LOOK_EVERY = 500  # writes of a process between looks at how much there is
PREFIX = "kept-"


def digest(key: Hashable) -> str | None:
    """The same for equal keys in every process, and another for others; None where that cannot be said."""
    try:
        return blake2b(_text(key).encode(), digest_size=20).hexdigest()
    except TypeError:
        return None


def _text(key: Any) -> str:
    if key is None or isinstance(key, bool | int | float | str):
        return f"{type(key).__name__}:{key!r}"
    if isinstance(key, Path | date | Decimal):
        return f"{type(key).__name__}:{str(key)!r}"
    if isinstance(key, tuple):
        return f"({','.join(map(_text, key))})"
    if isinstance(key, frozenset):
        return f"{{{','.join(sorted(map(_text, key)))}}}"
    if is_dataclass(key):
        return f"{type(key).__qualname__}{_text(tuple(getattr(key, field.name) for field in fields(key)))}"
    raise TypeError(type(key))


class Shelf:
    """Texts by digest in a folder that the processes of one server share. Whatever fails costs time, never a page."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._numbers = folder, count(1)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def get(self, name: str) -> Any | None:
        try:
            return json.loads((self._folder / name).read_text("utf-8"))
        except (OSError, ValueError):
            return None

    def put(self, name: str, thing: Any) -> None:
        """Share something; what JSON would not give back as it was is not shared."""
        number = next(self._numbers)
        path, draft = self._folder / name, self._folder / f"{os.getpid()}-{number}.draft"
        with suppress(OSError, TypeError, ValueError):
            draft.write_text(json.dumps(thing, ensure_ascii=False, allow_nan=False), "utf-8")
            draft.replace(path)
        if number % LOOK_EVERY == 0:
            self._tidy()

    def _tidy(self) -> None:
        """Take the oldest half away where there is too much."""
        with suppress(OSError):
            found = sorted((one.stat().st_mtime_ns, one.stat().st_size, one.path) for one in os.scandir(self._folder))
            if sum(size for _at, size, _path in found) > MOST_BYTES:
                for _at, _size, path in found[: len(found) // 2]:
                    Path(path).unlink(missing_ok=True)


_shelves: list[Shelf] = []  # at most one


def shelf() -> Shelf | None:
    """The shelf of this server's processes; None in tests and on the command line."""
    return _shelves[0] if _shelves else None


def share(folder: Path, server: Process) -> None:
    """Share with the other processes that the server started, and throw away what dead servers left in the folder."""
    _shelves[:] = [Shelf(folder / f"{PREFIX}{server.pid}-{server.started}")]
    for other in folder.glob(f"{PREFIX}*"):
        pid, _dash, started = other.name.removeprefix(PREFIX).partition("-")
        if not (pid.isdecimal() and started.isdecimal() and Process(int(pid), int(started)).alive()):
            shutil.rmtree(other, ignore_errors=True)


def unshare() -> None:
    """Keep things for oneself (for tests)."""
    _shelves.clear()

"""The cube as a whole: a mapped header with the version, the catalogue of slabs, and how to read safely.

The version is odd while the writer writes. A reader notes it, computes, and looks again: if it has moved, what was
computed may be half old and half new, and is computed again. A reader that loses this race too often waits for the
writer's lock instead. A version that stays odd although nobody holds the lock belongs to a writer that was killed:
reading stops with `CubeUnsound` until somebody folds, which repairs it.

This relies on stores becoming visible to other processors in order, as they do on x86-64; elsewhere every reading
takes the lock.
"""

import fcntl
import json
import os
import platform
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from gangmu.figures.cube.storage.grains import Grain
from gangmu.figures.cube.storage.layout import Int64s, Slab
from gangmu.figures.cube.storage.mapping import Mapped

T = TypeVar("T")

_MAGIC_NUMBER = 0x47_4D_43_55_42_45_30_31  # "GMCUBE01"
MAGIC, VERSION, CATALOGUE, POSITION, POSITION_KEY, BOOT, SYNCED, TREE, BRANCHES = range(9)
_FIELDS = 512
FORMAT = 2  # of slabs; those of another one are built anew
_TRIES = 20
_PATIENCE_SECONDS = 10.0
_ORDERED_STORES = platform.machine().lower() in {"x86_64", "amd64", "i686", "i386"}

SlabKey = tuple[int, int]  # indicator, scenario


class CubeUnsound(Exception):
    """The cube cannot be read as it is: a writer died in the middle, or it has not been built. Folding repairs it."""


class CubeBusy(Exception):
    """The writer has held the lock for too long."""


@cache
def boot_id() -> int:
    """A number that changes when the machine starts anew; 0 where that cannot be told."""
    try:
        text = Path("/proc/sys/kernel/random/boot_id").read_text("ascii")
    except OSError:
        return 0
    return int(text.replace("-", "").strip()[:15], 16) or 1


class Snapshot:
    """The slabs of one catalogue, mapped when first asked for. Valid for as long as the version stands still."""

    def __init__(self, folder: Path, number: int) -> None:
        self.number = number
        self._folder = folder
        listed = json.loads((folder / f"catalogue-{number}.json").read_text("ascii")) if number else {"slabs": []}
        self.entries: dict[SlabKey, dict[str, Any]] = {
            (entry["indicator"], entry["scenario"]): entry for entry in listed["slabs"]
        }
        self.tree_file: str | None = listed.get("tree")
        self._slabs: dict[SlabKey, Slab] = {}

    def slab(self, indicator: int, scenario: int) -> Slab | None:
        """The slab of an indicator and scenario; None when nothing was ever filed."""
        key = (indicator, scenario)
        found = self._slabs.get(key)
        if found is None and key in self.entries:
            entry = self.entries[key]
            if entry.get("format") != FORMAT:
                raise CubeUnsound("the cube is of an earlier version; folding builds it anew")
            found = Slab(self._folder / entry["file"], self._folder / entry["overlay"], scale=entry["scale"])
            if "branches" in entry:
                found.with_branches(self._folder / entry["branches"])
            self._slabs[key] = found
        return found

    def forget(self) -> None:
        """Hold no page of the cube, for who goes through much of it: the kernel gives them with 64 kB around each."""
        for slab in list(self._slabs.values()):
            slab.forget()

    def grain(self, key: SlabKey) -> Grain:
        return Grain(self.entries[key]["grain"])

    @property
    def tree_path(self) -> Path | None:
        return self._folder / self.tree_file if self.tree_file else None


class Store:
    """The cube's folder, for readers. One object serves all threads of a process."""

    def __init__(self, folder: Path, *, checked: bool = True) -> None:
        """`checked=False` reads without looking at the version: for the test that shows why it is looked at."""
        self.folder, self._header_path = folder, folder / "header"
        self._checked = checked
        self._header: Int64s | None = None
        self._inode = 0
        self._snapshot: Snapshot | None = None
        self._guard = threading.Lock()

    @property
    def exists(self) -> bool:
        return os.path.exists(self._header_path)

    @property
    def header(self) -> Int64s:
        """The mapped header, for reading; mapped anew when somebody has made the folder anew."""
        path = self._header_path
        try:
            inode = os.stat(path).st_ino
        except FileNotFoundError:
            raise CubeUnsound(f"the cube in {self.folder} has not been built yet; `gangmu check` builds it") from None
        if self._header is None or self._inode != inode:
            header = Mapped(path).bytes.view(np.int64)
            if len(header) < _FIELDS or header[MAGIC] != _MAGIC_NUMBER:
                raise CubeUnsound(f"{path} is not the header of a cube")
            with self._guard:
                self._header, self._inode, self._snapshot = header, inode, None
        return self._header

    @property
    def position(self) -> int:
        """The last folded change of the log; -1 when the cube has not been built."""
        return int(self.header[POSITION]) if self.exists else -1

    @property
    def tree_stamp(self) -> int:
        """The version of the organisation tree that the cube holds."""
        return int(self.header[TREE]) if self.exists else -1

    def trusted_after_boot(self) -> bool:
        """Whether what was written before the machine's last start has certainly reached the disk."""
        header = self.header
        return header[BOOT] == boot_id() or header[SYNCED] == header[VERSION]

    def read(self, compute: Callable[[Snapshot], T]) -> T:
        """The result of `compute` on a cube that did not change meanwhile.

        `compute` may run several times and must copy what it keeps.

        Raises:
            CubeUnsound: a killed writer left it half written, or it does not exist.
            CubeBusy: the writer did not finish in time.
        """
        header = self.header
        if not self._checked:
            return compute(self._current())
        if not self.trusted_after_boot():
            raise CubeUnsound("the machine stopped before the cube was safely on disk; it has to be built again")
        for _attempt in range(_TRIES if _ORDERED_STORES else 0):
            before = int(header[VERSION])
            if before % 2:
                time.sleep(0.0005)
                continue
            try:
                result = compute(self._current())
            except Exception:
                if int(header[VERSION]) == before:
                    raise
                continue
            if int(header[VERSION]) == before:
                return result
        with self._locked():
            if int(header[VERSION]) % 2:
                raise CubeUnsound("a writer of the cube was killed while writing; folding repairs it")
            return compute(self._current())

    def _current(self) -> Snapshot:
        number = int(self.header[CATALOGUE])
        with self._guard:
            if self._snapshot is None or self._snapshot.number != number:
                self._snapshot = Snapshot(self.folder, number)
            return self._snapshot

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep the writer out, sharing with other readers."""
        with (self.folder / "lock").open("rb") as file:
            deadline = time.monotonic() + _PATIENCE_SECONDS
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise CubeBusy("the cube is being written and did not become free in time") from None
                    time.sleep(0.002)
            yield


def make_header(folder: Path) -> None:
    """Make the folder, its lock and an empty header, unless they are there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / "lock").touch(mode=0o600)
    path = folder / "header"
    if not path.exists():
        fields = np.zeros(_FIELDS, np.int64)
        fields[[MAGIC, POSITION, BOOT]] = _MAGIC_NUMBER, -1, boot_id()
        fields[TREE] = -1
        draft = folder / f"header.{os.getpid()}"
        draft.write_bytes(fields.tobytes())
        draft.rename(path)

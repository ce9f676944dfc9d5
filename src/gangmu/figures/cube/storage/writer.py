"""The one writer of a node's cube.

What is about to be written is first noted in the journal: the cells' names, not their values. A writer that finds a
journal folds those cells again from the database; since folding computes everything from stored values, it does not
matter how far the dead writer came. What needs more room is first copied aside, where no reader looks.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gangmu.figures.cube.storage.branches import make_branches
from gangmu.figures.cube.storage.grains import Dimensions, Grain
from gangmu.figures.cube.storage.layout import Cells, Int64s, Slab, make_slab, no_fault
from gangmu.figures.cube.storage.mapping import Mapped
from gangmu.figures.cube.storage.store import (
    BOOT,
    BRANCHES,
    CATALOGUE,
    FORMAT,
    POSITION,
    POSITION_KEY,
    SYNCED,
    TREE,
    VERSION,
    CubeBusy,
    SlabKey,
    Snapshot,
    Store,
    boot_id,
    make_header,
)

_OVERLAY_ROOM = 256
_REBUILD = -1
_JOURNAL = "journal"  # rows of four numbers


def no_scale(key: SlabKey) -> int:
    """For values without decimals."""
    return 0


@dataclass(frozen=True)
class Journal:
    """What a dead writer was writing: cells (indicator, scenario, organisation, period), or everything."""

    cells: Int64s  # shape n × 4
    everything: bool


@dataclass(frozen=True)
class Position:
    """Up to where the log has been folded. `key` recognises the entry, should the database be another one."""

    change: int
    key: int


class Writer:
    """Writes the cube in `store`'s folder. Use inside `writing(...)`, which holds the lock."""

    def __init__(self, store: Store, at: Callable[[str], None] = no_fault) -> None:
        self.store, self.folder, self._at = store, store.folder, at
        self._map = Mapped(self.folder / "header", write=True)
        self.header: Int64s = self._map.bytes.view(np.int64)
        self._slabs: dict[SlabKey, Slab] = {}
        self._read_catalogue()
        # whether there may be files that the catalogue does not name: of another one, or of a writer that was killed
        self._leaves_files = self.unfinished() is not None or bool(self.header[VERSION] % 2)

    def _read_catalogue(self) -> None:
        snapshot = Snapshot(self.folder, int(self.header[CATALOGUE]))
        self.entries, self.tree_file = snapshot.entries, snapshot.tree_file

    # What is there ---------------------------------------------------------------------------------------------------

    @property
    def position(self) -> Position:
        return Position(int(self.header[POSITION]), int(self.header[POSITION_KEY]))

    @property
    def tree_stamp(self) -> int:
        return int(self.header[TREE])

    @property
    def opened(self) -> list[SlabKey]:
        """The slabs that this writer has looked at."""
        return list(self._slabs)

    @property
    def has_branches(self) -> bool:
        """Whether the branch totals of all slabs hold."""
        return bool(self.header[BRANCHES])

    def note_branches(self, whole: bool) -> None:
        self.header[BRANCHES] = whole

    def must_rebuild(self) -> bool:
        """Whether only building anew can make the cube right."""
        journal = self.unfinished()
        torn = bool(self.header[VERSION] % 2)
        return (
            self.position.change < 0
            or not self.store.trusted_after_boot()
            or (torn and (journal is None or journal.everything))
            or any(entry.get("format") != FORMAT for entry in self.entries.values())
        )

    def unfinished(self) -> Journal | None:
        """The journal of a writer that did not come to its end."""
        path = self.folder / _JOURNAL
        if not path.exists():
            return None
        cells: Int64s = np.fromfile(path, np.int64).reshape(-1, 4)
        return Journal(cells[cells[:, 0] != _REBUILD], bool((cells[:, 0] == _REBUILD).any()))

    def slab(self, key: SlabKey) -> Slab | None:
        """The present slab, mapped for writing."""
        if key not in self._slabs and key in self.entries:
            entry = self.entries[key]
            paths = self.folder / entry["file"], self.folder / entry["overlay"]
            self._slabs[key] = Slab(*paths, scale=entry["scale"], write=True)
            if "branches" in entry:
                self._slabs[key].with_branches(self.folder / entry["branches"])
        return self._slabs.get(key)

    # Folding ---------------------------------------------------------------------------------------------------------

    def fold(
        self,
        changes: Mapping[SlabKey, tuple[Grain, Cells]],
        position: Position,
        scale_of: Callable[[SlabKey], int] = no_scale,
    ) -> None:
        """Make the cells stand as given and note up to where the log has been folded.

        `scale_of` says with how many decimals the values of a slab are given. Slabs of fewer are made anew, with all
        that is in them.
        """
        rows = [_names(key, cells) for key, (_grain, cells) in changes.items()]
        unfinished = self.unfinished()
        if unfinished is not None:
            rows.append(unfinished.cells)
        grown = self._make_room(changes, scale_of)
        self._at("grown")
        self._note(np.concatenate(rows) if rows else np.empty((0, 4), np.int64))
        self._at("journal")
        with self._odd():
            if grown:
                self._publish({**self.entries, **grown}, self.tree_file)
            for key, (_grain, cells) in changes.items():
                slab = self.slab(key)
                assert slab is not None
                slab.write(cells, self._at)
                self._at("slab")
            self._set_position(position)
        self._done()

    def put_tree(self, write: Callable[[Path], None], stamp: int) -> None:
        """Publish a new organisation tree; `write` writes its file."""
        name = f"tree-{int(self.header[CATALOGUE]) + 1}.npz"
        write(self.folder / name)
        self._at("tree")
        self._note(np.empty((0, 4), np.int64) if self.unfinished() is None else self.unfinished().cells)  # type: ignore[union-attr]
        with self._odd():
            self._publish(self.entries, name)
            self.header[TREE] = stamp
        self._done()

    @contextmanager
    def branches(self, keys: Iterable[SlabKey], columns: int) -> Iterator[None]:
        """While branch totals of some slabs are written: each has a file with room for so many organisations."""
        made: dict[SlabKey, dict[str, Any]] = {}
        for key in keys:
            slab = self.slab(key)
            assert slab is not None
            if slab.branches is not None and slab.branches.has_room(slab.rows_room, columns):
                continue
            name = f"{key[0]}-{key[1]}-{int(self.header[CATALOGUE]) + 1}.branches"
            make_branches(self.folder / name, slab.rows_room, columns)
            made[key] = {**self.entries[key], "branches": name}
        self._at("branches made")
        unfinished = self.unfinished()
        self._note(np.empty((0, 4), np.int64) if unfinished is None else unfinished.cells)
        with self._odd():
            if made:
                self._publish({**self.entries, **made}, self.tree_file)
            yield
            self._at("branches")
        self._done()

    # Building anew ---------------------------------------------------------------------------------------------------

    def new_slab(
        self, key: SlabKey, grain: Grain, room: Dimensions, overlay_room: int, scale: int = 0
    ) -> tuple[dict[str, Any], Slab]:
        """A new empty slab aside, and its entry for the catalogue."""
        number = int(self.header[CATALOGUE]) + 1
        stem = f"{key[0]}-{key[1]}-{number}"
        entry = {
            "indicator": key[0],
            "scenario": key[1],
            "format": FORMAT,
            "grain": grain.value,
            "scale": scale,
            "file": f"{stem}.slab",
            "overlay": f"{stem}.overlay",
        }
        slab = make_slab(
            self.folder / entry["file"],
            self.folder / entry["overlay"],
            room,
            max(_OVERLAY_ROOM, 2 * overlay_room),
            scale,
        )
        return entry, slab

    def replace_all(self, entries: Mapping[SlabKey, dict[str, Any]], position: Position) -> None:
        """Put newly built slabs in the place of all there were."""
        self._at("built")
        self._note(np.full((1, 4), _REBUILD, np.int64))
        self._at("journal")
        with self._odd():
            self._publish(dict(entries), self.tree_file)
            self._set_position(position)
            self.header[BOOT] = boot_id()
        self._done()

    # Steps -----------------------------------------------------------------------------------------------------------

    def _make_room(
        self, changes: Mapping[SlabKey, tuple[Grain, Cells]], scale_of: Callable[[SlabKey], int]
    ) -> dict[SlabKey, dict[str, Any]]:
        """Copy aside, with more room, what is full or has too few decimals; make what is not there yet."""
        grown: dict[SlabKey, dict[str, Any]] = {}
        rescaled = {key for key, entry in self.entries.items() if entry["scale"] < scale_of(key)}
        nothing = Cells.none()
        for key in [*changes, *(rescaled - changes.keys())]:
            grain, cells = changes[key] if key in changes else (Grain(self.entries[key]["grain"]), nothing)
            old = self.slab(key)
            if key not in rescaled and (not len(cells) or (old is not None and old.has_room(cells))):
                continue
            scale = max(scale_of(key), old.scale if old is not None else 0)
            if not len(cells):
                assert old is not None
                room = Dimensions(old.base, old.rows_room, old.columns_room, grain)
                grown[key], slab = self.new_slab(key, grain, room, len(old.overlay()[0]), scale)
                old.copy_into(slab)
                continue
            first, last = int(cells.period.min()), int(cells.period.max())
            organisations, opened = len(np.unique(cells.organisation)), len(cells.open.cell)
            if old is not None:
                if old.filled:
                    first, last = min(first, old.base), max(last, old.base + old.filled - 1)
                organisations += old.columns
                opened += len(old.overlay()[0])
            room = Dimensions.with_headroom(grain, first, last, organisations)
            entry, slab = self.new_slab(key, grain, room, opened, scale)
            if old is not None:
                old.copy_into(slab)
            grown[key] = entry
        return grown

    def _publish(self, entries: dict[SlabKey, dict[str, Any]], tree_file: str | None) -> None:
        self._leaves_files = True
        number = int(self.header[CATALOGUE]) + 1
        text = json.dumps({"slabs": list(entries.values()), "tree": tree_file})
        _write_whole(self.folder / f"catalogue-{number}.json", text.encode("ascii"))
        self._at("catalogue")
        self.header[CATALOGUE] = number
        self._at("published")
        self._slabs = {key: slab for key, slab in self._slabs.items() if self.entries.get(key) == entries.get(key)}
        self._read_catalogue()

    def _note(self, cells: Int64s) -> None:
        draft = self.folder / "journal.draft"
        draft.write_bytes(cells.tobytes())
        draft.rename(self.folder / _JOURNAL)

    @contextmanager
    def _odd(self) -> Iterator[None]:
        """Mark the cube as being written. It stays so marked if anything goes wrong inside."""
        if self.header[SYNCED] >= 0:  # from here on the disk may hold a mixture
            self.header[SYNCED] = -1
            self._map.flush()
        self.header[BOOT] = boot_id()
        self.header[BRANCHES] = 0
        if self.header[VERSION] % 2 == 0:
            self.header[VERSION] += 1
        self._at("odd")
        yield
        self._at("written")
        self.header[VERSION] += 1
        self._at("even")

    def _set_position(self, position: Position) -> None:
        self.header[POSITION_KEY] = position.key
        self.header[POSITION] = position.change
        self._at("position")

    def _done(self) -> None:
        (self.folder / _JOURNAL).unlink(missing_ok=True)
        if self._leaves_files:
            self.remove_leftovers()
            self._leaves_files = False

    def remove_leftovers(self) -> None:
        """Delete files that the catalogue does not name."""
        keep = {"header", "lock", _JOURNAL, f"catalogue-{int(self.header[CATALOGUE])}.json", self.tree_file}
        for entry in self.entries.values():
            keep |= {entry["file"], entry["overlay"], entry.get("branches", "")}
        for path in self.folder.iterdir():
            if path.name not in keep:
                path.unlink(missing_ok=True)

    def sync(self) -> None:
        """Have everything on disk, so that the cube can be trusted after a power cut."""
        if self.header[SYNCED] == self.header[VERSION]:
            return
        for key in self.entries:
            slab = self.slab(key)
            assert slab is not None
            slab.sync()
        if self.tree_file:
            _sync_path(self.folder / self.tree_file)
        _sync_path(self.folder)
        self._map.flush()
        self.header[SYNCED] = self.header[VERSION]
        self._map.flush()


@contextmanager
def writing(store: Store, *, wait: bool = True, at: Callable[[str], None] = no_fault) -> Iterator[Writer]:
    """The writer, while holding the lock of this node's cube.

    Raises:
        CubeBusy: `wait` is off and somebody else is writing.
    """
    make_header(store.folder)
    with (store.folder / "lock").open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            raise CubeBusy("another process is writing the cube") from None
        yield Writer(store, at)


def _names(key: SlabKey, cells: Cells) -> Int64s:
    names = np.empty((len(cells), 4), np.int64)
    names[:, 0], names[:, 1], names[:, 2], names[:, 3] = *key, cells.organisation, cells.period
    return names


def _write_whole(path: Path, content: bytes) -> None:
    draft = path.with_suffix(".draft")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)


def _sync_path(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

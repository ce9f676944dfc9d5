"""One slab: the settled facts of one indicator and scenario, period × organisation, with running totals along time.

A slab file holds, one after the other, a header, the organisation of each column, and six period-major arrays:

| array | type | shape | |
| --- | --- | --- | --- |
| `value` | int64 | rows × columns | the stored integer, 0 where nothing is reported |
| `total` | int64 | rows + 1 × columns | `total[t]` = sum of `value[:t]`, modulo 2^64 |
| `count` | int32 | rows + 1 × columns | `count[t]` = number of reported cells before row t |
| `least`, `greatest` | int64 | blocks × columns | of a calendar month of days, a year of months; 0 where nothing is |
| `presence` | uint8 | rows × columns | 1 where something is reported |

so the sum of any period [a, b) is `total[b] - total[a]`. Running totals may wrap around; the difference is exact all
the same, as long as the period's own sum fits into int64: |value| ≤ 10^15, so up to 9,223 periods at a time.

Row t is period `base + t` on the grain's axis: proleptic ordinal of the day, or year · 12 + month - 1. Rows from
`filled` on, and columns from `columns` on, are free. Files are sparse: what is free takes no disk.

Unsettled facts stand in the slab's overlay file: sorted keys (row, column, state) and values, twice: the writer
prepares the copy that is not in use and switches over, so that a writer that is killed cannot tear it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gangmu.figures.cube.storage.blocks import Blocks
from gangmu.figures.cube.storage.branches import Branches
from gangmu.figures.cube.storage.grains import Dimensions, Grain, block_edges
from gangmu.figures.cube.storage.keys import cells_of_keys, first_key_of_row, member, overlay_keys
from gangmu.figures.cube.storage.mapping import Mapped

Int64s = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]
Bools = npt.NDArray[np.bool_]

LOCKED = 5
LONGEST_SUM = 9_000  # periods whose sum is certain to fit into int64
_SLAB_MAGIC = 0x47_4D_53_4C_41_42_30_32  # "GMSLAB02"
_OVERLAY_MAGIC = 0x47_4D_4F_56_45_52_30_31
_HEADER = 64  # int64 fields at the head of each file
_MAGIC, _ROWS, _COLUMNS_ROOM, _BASE, _FILLED, _COLUMNS, _LARGEST, _CHANGED, _FRESH_BEFORE, _MONTHS = range(10)
_ACTIVE, _LENGTH_A, _LENGTH_B, _ROOM = 1, 2, 3, 4


@dataclass
class Open:
    """Unsettled revisions: of the cell at place `cell` of `Cells`, newest first have the lower states."""

    cell: Int64s
    state: Int64s
    value: Int64s

    @classmethod
    def none(cls) -> "Open":
        empty = np.empty(0, np.int64)
        return cls(empty, empty, empty)


@dataclass
class Cells:
    """Cells of one slab as they stand in the database; no cell twice.

    `settled` says whether the cell has a locked revision that counts, `value` is that revision's (else 0). `open`
    holds the newer revisions of lower states.
    """

    organisation: Int64s
    period: Int64s  # on the grain's axis
    settled: Bools
    value: Int64s
    open: Open

    def __len__(self) -> int:
        return len(self.period)

    @classmethod
    def none(cls) -> "Cells":
        empty = np.empty(0, np.int64)
        return cls(empty, empty, np.empty(0, np.bool_), empty, Open.none())


def no_fault(step: str) -> None:
    """What a writer calls between its steps; tests put a sudden death in its place."""


class Slab:
    """A slab and its overlay, mapped for reading or for writing."""

    def __init__(self, path: Path, overlay_path: Path, *, scale: int = 0, write: bool = False) -> None:
        """`scale`: values are integers in units of 10^-scale."""
        self.scale = scale
        self.path, self.overlay_path, self._write = path, overlay_path, write
        self._mapped = Mapped(path, write=write)
        raw = self._mapped.bytes
        self.header: Int64s = raw[: _HEADER * 8].view(np.int64)
        if self.header[_MAGIC] != _SLAB_MAGIC:
            raise ValueError(f"{path} is not a slab of the cube")
        rows, columns = int(self.header[_ROWS]), int(self.header[_COLUMNS_ROOM])
        self.rows_room, self.columns_room, self.base = rows, columns, int(self.header[_BASE])
        at = _HEADER * 8

        def part(kind: type, *shape: int) -> npt.NDArray[Any]:
            nonlocal at
            size = int(np.prod(shape)) * np.dtype(kind).itemsize
            view = raw[at : at + size].view(kind).reshape(shape)
            at += size
            return view

        self.organisations: Int64s = part(np.int64, columns)
        self.value: Int64s = part(np.int64, rows, columns)
        self.total: Int64s = part(np.int64, rows + 1, columns)
        self.count: Int32s = part(np.int32, rows + 1, columns)
        edges = block_edges(Grain.MONTH if self.header[_MONTHS] else Grain.DAY, self.base, rows)
        self.blocks = Blocks(edges, *(part(np.int64, len(edges) - 1, columns) for _ in range(2)))
        self.presence: Bytes = part(np.uint8, rows, columns)  # last: its size is no multiple of eight
        self._map_overlay()
        self._mapping: tuple[int, Int64s, Int64s] = (-1, np.empty(0, np.int64), np.empty(0, np.int64))
        self.branches: Branches | None = None

    def with_branches(self, path: Path) -> "Slab":
        """Itself, with its branch totals."""
        self.branches = Branches(path, write=self._write)
        return self

    def _map_overlay(self) -> None:
        self._mapped_overlay = Mapped(self.overlay_path, write=self._write)
        overlay = self._mapped_overlay.bytes
        self._overlay_header: Int64s = overlay[: _HEADER * 8].view(np.int64)
        if self._overlay_header[_MAGIC] != _OVERLAY_MAGIC:
            raise ValueError(f"{self.overlay_path} is not an overlay of the cube")
        room = int(self._overlay_header[_ROOM])
        self._overlay: Int64s = overlay[_HEADER * 8 :].view(np.int64).reshape(2, 2, room)

    # Reading ---------------------------------------------------------------------------------------------------------

    def forget(self) -> None:
        """See `Mapped.forget`."""
        for one in (self._mapped, self._mapped_overlay, self.branches):
            if one is not None:
                one.forget()

    @property
    def filled(self) -> int:
        """How many rows are in use."""
        return int(self.header[_FILLED])

    @property
    def columns(self) -> int:
        """How many columns are in use."""
        return int(self.header[_COLUMNS])

    @property
    def largest(self) -> int:
        """No |value| in the arrays or the overlay has ever been larger."""
        return int(self.header[_LARGEST])

    @property
    def changed(self) -> int:
        """Grows with every write to this slab."""
        return int(self.header[_CHANGED])

    def columns_of(self, organisations: Int64s) -> Int64s:
        """The column of each organisation, -1 for those without."""
        used = self.columns
        known, ids, order = self._mapping
        if used != known:
            unsorted = np.array(self.organisations[:used])
            order = np.argsort(unsorted, kind="stable")
            ids = unsorted[order]
            self._mapping = (used, ids, order)
        if not used:
            return np.full(len(organisations), -1, np.int64)
        place = np.minimum(np.searchsorted(ids, organisations), used - 1)
        return np.where(ids[place] == organisations, order[place], -1)

    def overlay(self) -> tuple[Int64s, Int64s]:
        """Keys, ascending, and values of the unsettled revisions. `key_parts` takes keys apart."""
        active = int(self._overlay_header[_ACTIVE])
        length = int(self._overlay_header[_LENGTH_B if active else _LENGTH_A])
        return self._overlay[active, 0, :length], self._overlay[active, 1, :length]

    @property
    def is_open(self) -> bool:
        """Whether there are unsettled revisions."""
        return bool(self._overlay_header[_LENGTH_B if self._overlay_header[_ACTIVE] else _LENGTH_A])

    @property
    def overlay_room(self) -> int:
        return self._overlay.shape[2]

    @property
    def stale_from(self) -> int:
        """The first row that was written since branch totals were made: 0 where they never were."""
        return int(self.header[_FRESH_BEFORE])

    # Writing ---------------------------------------------------------------------------------------------------------

    def rows_of(self, periods: Int64s) -> Int64s:
        return periods - self.base

    def write(self, cells: Cells, at: Callable[[str], None] = no_fault) -> None:
        """Make the cells stand as given, and every total after them. All periods and organisations have room."""
        columns = self._columns_for(cells.organisation)
        at("columns")
        rows = self.rows_of(cells.period)
        if len(rows):
            self.header[_FRESH_BEFORE] = min(self.stale_from, self.filled, int(rows.min()))
            self._fill(int(rows.max()) + 1)
        at("filled")
        largest = max(np.abs(cells.value).max(initial=0), np.abs(cells.open.value).max(initial=0))
        self.header[_LARGEST] = max(self.largest, int(largest))
        self.header[_CHANGED] += 1
        self.value[rows, columns] = np.where(cells.settled, cells.value, 0)
        at("values")
        self.presence[rows, columns] = cells.settled
        at("presence")
        self.blocks.renew(self.value, self.presence, np.unique(rows), np.unique(columns))
        at("blocks")
        self._retotal(rows, columns, at)
        self._write_overlay(rows, columns, cells.open, at)

    def _columns_for(self, organisations: Int64s) -> Int64s:
        columns = self.columns_of(organisations)
        new = np.unique(organisations[columns < 0])
        if len(new):
            used = self.columns
            self.organisations[used : used + len(new)] = new
            self.header[_COLUMNS] = used + len(new)
            columns = self.columns_of(organisations)
        return columns

    def _fill(self, rows: int) -> None:
        """Bring the running totals forward, so that `rows` rows are in use."""
        filled = self.filled
        if rows > filled:
            self.total[filled + 1 : rows + 1] = self.total[filled]
            self.count[filled + 1 : rows + 1] = self.count[filled]
            self.header[_FILLED] = rows

    def _retotal(self, rows: Int64s, columns: Int64s, at: Callable[[str], None]) -> None:
        """Add up again, from the first changed row on, the changed columns."""
        if not len(rows):
            return
        changed, first, filled = np.unique(columns), int(rows.min()), self.filled
        block = self.value[first:filled][:, changed]
        self.total[first + 1 : filled + 1, changed] = self.total[first, changed] + np.cumsum(block, axis=0)
        at("totals")
        reported = self.presence[first:filled][:, changed]
        self.count[first + 1 : filled + 1, changed] = self.count[first, changed] + np.cumsum(
            reported, axis=0, dtype=np.int32
        )
        at("counts")

    def _write_overlay(self, rows: Int64s, columns: Int64s, opened: Open, at: Callable[[str], None]) -> None:
        keys, values = self.overlay()
        if not len(keys) and not len(opened.cell):
            return
        touched = np.unique(cells_of_keys(overlay_keys(rows, columns, np.zeros_like(rows))))
        kept = ~member(cells_of_keys(keys), touched)
        new_keys = overlay_keys(rows[opened.cell], columns[opened.cell], opened.state)
        merged = np.concatenate([keys[kept], new_keys])
        order = np.argsort(merged, kind="stable")
        active = 1 - int(self._overlay_header[_ACTIVE])
        length = len(merged)
        self._overlay[active, 0, :length] = merged[order]
        at("overlay keys")
        self._overlay[active, 1, :length] = np.concatenate([values[kept], opened.value])[order]
        self._overlay_header[_LENGTH_B if active else _LENGTH_A] = length
        at("overlay values")
        self._overlay_header[_ACTIVE] = active
        at("overlay switched")

    def has_room(self, cells: Cells) -> bool:
        rows = self.rows_of(cells.period)
        if len(rows) and (int(rows.min()) < 0 or int(rows.max()) >= self.rows_room):
            return False
        new = np.unique(cells.organisation[self.columns_of(cells.organisation) < 0])
        opened = len(self.overlay()[0]) + len(cells.open.cell)
        return self.columns + len(new) <= self.columns_room and opened <= self.overlay_room

    def total_up(self) -> None:
        """Compute all running totals from the values: the last step of a rebuild."""
        rows, columns = self.filled, self.columns
        np.cumsum(self.value[:rows, :columns], axis=0, out=self.total[1 : rows + 1, :columns])
        np.cumsum(self.presence[:rows, :columns], axis=0, dtype=np.int32, out=self.count[1 : rows + 1, :columns])
        self.blocks.renew(self.value, self.presence, np.arange(rows), slice(0, columns))

    def start(self, organisations: Int64s, filled: int, largest: int = 0) -> None:
        """Set what a newly made slab holds, before its values are written."""
        self.organisations[: len(organisations)] = organisations
        self.header[_COLUMNS], self.header[_FILLED] = len(organisations), filled
        self.header[_LARGEST] = largest

    def note_branches(self) -> None:
        """Branch totals have been made of what stands here."""
        self.header[_FRESH_BEFORE] = self.filled

    def note_largest(self, largest: int) -> None:
        self.header[_LARGEST] = max(self.largest, largest)

    def copy_into(self, other: "Slab") -> None:
        """Copy everything into an empty, roomier slab whose rows may begin earlier, and whose scale may be greater."""
        shift, rows, columns = self.base - other.base, self.filled, self.columns
        factor = 10 ** (other.scale - self.scale)
        other.start(self.organisations[:columns], shift + rows if rows else 0, self.largest * factor)
        other.header[_CHANGED] = self.changed
        inside, sums = slice(shift, shift + rows), slice(shift, shift + rows + 1)
        other.value[inside, :columns] = self.value[:rows, :columns] * factor
        other.presence[inside, :columns] = self.presence[:rows, :columns]
        other.total[sums, :columns] = self.total[: rows + 1, :columns] * factor
        other.count[sums, :columns] = self.count[: rows + 1, :columns]
        other.blocks.renew(other.value, other.presence, np.arange(shift, shift + rows), slice(0, columns))
        keys, values = self.overlay()
        other.put_overlay(keys + first_key_of_row(shift), values * factor)

    def put_overlay(self, keys: Int64s, values: Int64s) -> None:
        """Set the overlay of a slab that no reader sees yet."""
        self._overlay[0, 0, : len(keys)], self._overlay[0, 1, : len(keys)] = keys, values
        self._overlay_header[_LENGTH_A], self._overlay_header[_ACTIVE] = len(keys), 0

    def remake_overlay(self, keys: Int64s, values: Int64s) -> None:
        """As `put_overlay`, in a file that has room for it."""
        if len(keys) > self.overlay_room:
            _make_overlay(self.overlay_path, 2 * len(keys))
            self._map_overlay()
        self.put_overlay(keys, values)

    def sync(self) -> None:
        """Have the operating system write everything to disk."""
        for mapped in (self._mapped, self._mapped_overlay):
            mapped.flush()
        if self.branches is not None:
            self.branches.sync()


def make_slab(path: Path, overlay_path: Path, room: Dimensions, overlay_room: int, scale: int = 0) -> Slab:
    """Make the two files of an empty slab; it takes disk only as it fills."""
    cells = room.rows * room.columns
    blocks = len(block_edges(room.grain, room.base, room.rows)) - 1
    size = _HEADER * 8 + room.columns * 8 + cells * 9 + (cells + room.columns) * 12 + blocks * room.columns * 16
    header = np.zeros(_HEADER, np.int64)
    header[[_MAGIC, _ROWS, _COLUMNS_ROOM, _BASE]] = _SLAB_MAGIC, room.rows, room.columns, room.base
    header[_MONTHS] = room.grain is Grain.MONTH
    _make(path, header, size)
    _make_overlay(overlay_path, overlay_room)
    return Slab(path, overlay_path, scale=scale, write=True)


def _make_overlay(path: Path, room: int) -> None:
    header = np.zeros(_HEADER, np.int64)
    header[[_MAGIC, _ROOM]] = _OVERLAY_MAGIC, room
    _make(path, header, _HEADER * 8 + room * 32)


def _make(path: Path, header: Int64s, size: int) -> None:
    with path.open("wb") as file:
        file.write(header.tobytes())
        file.truncate(size)

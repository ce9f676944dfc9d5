"""Branch totals 分支合计: the running totals of a slab, added up for every organisation with all that stands below it.

A file beside a slab holds, one after the other, a header, the organisation of each column, and an array of int64, rows
+ 1 × columns × 2, in which two numbers stand side by side:

| | |
| --- | --- |
| `total` | `total[t]` = Σ of the branch's settled values before row t, modulo 2^64 |
| `count` | how many reported cells these are |

A branch is whoever stood there on the day of a cell.

They say nothing that the slab does not say. They hold for one state of the slab (`changed`) and for one history of the
tree (`mark`): whoever reads compares both, and goes to the slab when they are of another. So nobody waits for them.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from gangmu.figures.cube.storage.mapping import Mapped

Int64s = npt.NDArray[np.int64]

_MAGIC_NUMBER = 0x47_4D_42_52_41_4E_30_31  # "GMBRAN01"
_HEADER = 64
_MAGIC, _ROWS, _ROOM, _COLUMNS, _CHANGED, _MARK = range(6)
_NEVER = -1


class Branches:
    """The branch totals of one slab, mapped for reading or for writing."""

    def __init__(self, path: Path, *, write: bool = False) -> None:
        self._mapped = Mapped(path, write=write)
        raw = self._mapped.bytes.view(np.int64)
        self.header: Int64s = raw[:_HEADER]
        if self.header[_MAGIC] != _MAGIC_NUMBER:
            raise ValueError(f"{path} holds no branch totals of the cube")
        self.rows_room, self.room = int(self.header[_ROWS]), int(self.header[_ROOM])
        at, size = _HEADER + self.room, (self.rows_room + 1) * self.room
        self._ids: Int64s = raw[_HEADER:at]
        cells = raw[at : at + 2 * size]
        self._cells = cells.view("V16")
        self.total: Int64s = cells.reshape(-1, self.room, 2)[..., 0]
        self.count: Int64s = cells.reshape(-1, self.room, 2)[..., 1]

    def hold(self, changed: int, mark: int) -> bool:
        """Whether they are those of a slab's state, by the history of the tree that has this mark."""
        return int(self.header[_CHANGED]) == changed and int(self.header[_MARK]) == mark

    @property
    def mark(self) -> int:
        """That of the history of the tree by which they were made."""
        return int(self.header[_MARK])

    def forget(self) -> None:
        """See `Mapped.forget`."""
        self._mapped.forget()

    def at(self, rows: Int64s, columns: Int64s, into: Int64s) -> None:
        """Put total and count of some columns in some rows into an array of rows × columns × 2."""
        places = rows[:, None] * self.room + columns
        self._cells.take(places, mode="clip", out=into.view(self._cells.dtype)[..., 0])

    # Writing ---------------------------------------------------------------------------------------------------------

    def has_room(self, rows: int, columns: int) -> bool:
        return rows <= self.rows_room and columns <= self.room

    def begin(self, ids: Int64s, mark: int) -> None:
        """From here on they hold for nothing, until `done`. `ids` are the organisations, ascending."""
        self.header[_CHANGED] = _NEVER
        self._ids[: len(ids)] = ids
        self.header[_COLUMNS], self.header[_MARK] = len(ids), mark

    def done(self, changed: int) -> None:
        """They are those of this state of the slab."""
        self.header[_CHANGED] = changed

    def sync(self) -> None:
        self._mapped.flush()


def make_branches(path: Path, rows: int, columns: int) -> Branches:
    """Make the file, with room for so many rows and for some more organisations; it takes disk only as it fills."""
    room = -(-(columns + columns // 4 + 8) // 8) * 8
    header = np.zeros(_HEADER, np.int64)
    header[[_MAGIC, _ROWS, _ROOM, _CHANGED]] = _MAGIC_NUMBER, rows, room, _NEVER
    with path.open("wb") as file:
        file.write(header.tobytes())
        file.truncate(8 * (_HEADER + room + 2 * (rows + 1) * room))
    return Branches(path, write=True)

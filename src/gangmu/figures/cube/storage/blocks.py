"""The least and greatest settled value of each block of rows and column of a slab: whoever looks for those of a year
looks at twelve rows. What they are of an unsettled cell is asked of the cells."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Int64s = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]

BEYOND = np.iinfo(np.int64)  # its ends are beyond all values


@dataclass(frozen=True)
class Blocks:
    """Arrays of blocks × columns, 0 where nothing is reported. Block b holds the rows from `edges[b]` to before
    `edges[b + 1]`."""

    edges: Int64s
    least: Int64s
    greatest: Int64s

    def renew(self, value: Int64s, presence: Bytes, rows: Int64s, columns: Int64s | slice) -> None:
        """From the cells, for the blocks that hold these rows."""
        for block in np.unique(np.searchsorted(self.edges, rows, "right") - 1).tolist():
            inside = slice(int(self.edges[block]), int(self.edges[block + 1]))
            cells, missing = value[inside][:, columns].copy(), presence[inside][:, columns] == 0
            nothing = missing.all(axis=0)
            for into, pick, beyond in (
                (self.least, np.minimum, BEYOND.max),
                (self.greatest, np.maximum, BEYOND.min),
            ):
                np.copyto(cells, beyond, where=missing)
                into[block, columns] = np.where(nothing, 0, pick.reduce(cells, axis=0))

    def faults(self, value: Int64s, presence: Bytes, rows: int, columns: int) -> npt.NDArray[np.bool_]:
        """By block and column, whether it is another than the first `rows` rows say: worked out cell by cell."""
        used = int(np.searchsorted(self.edges, rows))
        wrong = np.zeros((len(self.edges) - 1, columns), np.bool_)
        reported = presence[:rows, :columns] != 0
        for into, beyond, pick in ((self.least, BEYOND.max, np.minimum), (self.greatest, BEYOND.min, np.maximum)):
            right = np.full((used, columns), beyond)
            block = np.searchsorted(self.edges, np.arange(rows), "right") - 1
            row, column = np.nonzero(reported)
            pick.at(right, (block[row], column), value[row, column])
            right[right == beyond] = 0
            wrong[:used] |= into[:used, :columns] != right
            wrong[used:] |= into[used:, :columns] != 0
        return wrong

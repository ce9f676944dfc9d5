"""Names of unsettled revisions in an overlay: row, column and state in one number."""

import numpy as np
import numpy.typing as npt

Int64s = npt.NDArray[np.int64]

_STATE_BITS, _COLUMN_BITS = 3, 24


def overlay_keys(rows: Int64s, columns: Int64s, states: Int64s) -> Int64s:
    """Keys that sort by row, column and state."""
    return ((rows << _COLUMN_BITS) | columns) << _STATE_BITS | states


def key_parts(keys: Int64s) -> tuple[Int64s, Int64s, Int64s]:
    """Row, column and state of overlay keys."""
    return (
        keys >> (_COLUMN_BITS + _STATE_BITS),
        (keys >> _STATE_BITS) & ((1 << _COLUMN_BITS) - 1),
        keys & ((1 << _STATE_BITS) - 1),
    )


def cells_of_keys(keys: Int64s) -> Int64s:
    """The keys without their states: equal for revisions of one cell."""
    return keys >> _STATE_BITS


def first_key_of_row(row: int) -> int:
    """The smallest key that a cell of this row can have."""
    return row << (_COLUMN_BITS + _STATE_BITS)


def member(keys: Int64s, sorted_set: Int64s) -> npt.NDArray[np.bool_]:
    """Which of the keys are in the set."""
    if not len(sorted_set):
        return np.zeros(len(keys), np.bool_)
    place = np.minimum(np.searchsorted(sorted_set, keys), len(sorted_set) - 1)
    return sorted_set[place] == keys

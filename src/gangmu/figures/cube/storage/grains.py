"""The rows of a slab: days or months on an axis, how many there is room for, and the blocks that they make."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

import numpy as np
import numpy.typing as npt


class Grain(StrEnum):
    """The grain of a slab's rows."""

    DAY = "day"
    MONTH = "month"

    def index(self, day: date) -> int:
        """Where the period that contains `day` stands on the axis."""
        return day.toordinal() if self is Grain.DAY else day.year * 12 + day.month - 1

    def first_day(self, index: int) -> date:
        return date.fromordinal(index) if self is Grain.DAY else date(index // 12, index % 12 + 1, 1)


@dataclass(frozen=True)
class Dimensions:
    """What a slab has room for."""

    base: int
    rows: int
    columns: int
    grain: Grain = Grain.DAY

    @classmethod
    def with_headroom(cls, grain: Grain, first: int, last: int, organisations: int) -> "Dimensions":
        """Room for periods `first` to `last` and as many organisations, and for a year or so and a quarter more."""
        start, end = grain.first_day(first), grain.first_day(last)
        base = grain.index(date(start.year, 1, 1))
        until = grain.index(date(end.year + 2, 1, 1))
        columns = -(-max(8, organisations + organisations // 4) // 8) * 8
        return cls(base, until - base, columns, grain)


@lru_cache(maxsize=256)
def block_edges(grain: Grain, base: int, rows: int) -> npt.NDArray[np.int64]:
    """The first row of each block and, at last, `rows`. A block is a calendar month of days, or a year of months."""
    if grain is Grain.MONTH:
        block = (base + np.arange(rows)) // 12
    else:
        days = np.datetime64("0001-01-01", "D") + np.arange(base - 1, base - 1 + rows)  # ordinal 1 is that day
        block = days.astype("datetime64[M]").astype(np.int64)
    edges = np.append(np.flatnonzero(np.diff(block, prepend=block[:1] - 1)), rows)
    edges.flags.writeable = False
    return edges

"""Groups of organisations by day, and the same on the axis of a grain: what the tree gives, the engine adds up by."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING, Any

import numpy as np

from gangmu.figures.cube.storage import Grain
from gangmu.figures.cube.storage.layout import Int64s

if TYPE_CHECKING:
    from gangmu.figures.cube.shares import Shares


@dataclass(frozen=True)
class Segment:
    """The organisation belongs to the group on these days."""

    group: int
    organisation: int
    start: int
    end: int


@dataclass(frozen=True)
class Grouping:
    """Groups of organisations by day. `labels` name them; None stands for "no value"."""

    labels: tuple[str | None, ...]
    segments: tuple[Segment, ...]
    now: bool = False  # by today's tree, whatever the day of the cell
    today: int = 0
    shares: "Shares | None" = field(default=None, compare=False, repr=False)  # with which the organisations count
    # of whom each group is the whole branch, by the tree of each day; None where it is not so of all
    branches: tuple[int, ...] | None = field(default=None, compare=False, repr=False)
    _reaches: dict[Grain, "Reach"] = field(default_factory=dict, compare=False, repr=False)
    _capacities: dict[str | None, "Capacities"] = field(default_factory=dict, compare=False, repr=False)
    _pieces: dict[tuple[str, Grain], Any] = field(default_factory=dict, compare=False, repr=False)  # see `shares`


@dataclass(frozen=True)
class Reach:
    """A grouping on the axis of one grain.

    A pair is a group and an organisation; pairs are sorted by group. Segments say from and to which period the pair
    holds, `service` the same but only for periods in which the organisation was in the tree.
    """

    groups: int
    group: Int64s  # of each pair
    organisation: Int64s  # of each pair
    segment_pair: Int64s
    segment_low: Int64s
    segment_high: Int64s
    service_pair: Int64s
    service_low: Int64s
    service_high: Int64s
    _line: list[Int64s] = field(default_factory=list, init=False, compare=False, repr=False)
    _layouts: dict[bytes, Any] = field(default_factory=dict, init=False, compare=False, repr=False)  # of gathering


@dataclass(frozen=True)
class Capacities:
    """Capacities with the days [low, high) on which each counts, sorted by group, organisation and day.

    A capacity is an integer over the common denominator `below`: exact, and added up without fractions.
    """

    group: Int64s
    organisation: Int64s
    low: Int64s
    high: Int64s
    capacity: np.ndarray  # Python's integers
    below: int

    @classmethod
    def of(cls, rows: Sequence[tuple[int, int, int, int, Fraction]]) -> "Capacities":
        below = lcm(*(row[4].denominator for row in rows)) if rows else 1
        capacity = np.empty(len(rows), object)
        capacity[:] = [row[4].numerator * (below // row[4].denominator) for row in rows]
        group, organisation, low, high = columns([row[:4] for row in rows], 4)
        return cls(group, organisation, low, high, capacity, below)


def columns(rows: Sequence[tuple[int, ...]], width: int) -> tuple[Int64s, ...]:
    table = np.array(rows, np.int64).reshape(-1, width)
    return tuple(np.ascontiguousarray(table[:, column]) for column in range(width))

"""Columns of exact numbers cut and joined, as lazily as the columns themselves."""

from fractions import Fraction

import numpy as np

from gangmu.figures.cube.storage.layout import Bools, Int64s
from gangmu.figures.indicators.exact.cells import Bounded, Cells, Exact, Index


def present_in(column: Cells) -> Bools:
    """Which numbers of a column are there, for certain."""
    if isinstance(column, Exact):
        return column.present.copy()
    bounded = column.bounded()
    present = bounded.present.copy()
    unknown = np.flatnonzero(~np.isfinite(bounded.bound))
    if len(unknown):
        present[unknown] = column.exact(unknown).present
    return present


def missing(size: int) -> Exact:
    """A column without any number."""
    return Exact.of(np.zeros(size, np.int64), 1, np.zeros(size, np.bool_))


def taken(column: Cells, index: Int64s, present: Bools | None = None) -> Cells:
    """The numbers at `index`; where `present` is given and false, nothing."""
    present = np.ones(len(index), np.bool_) if present is None else present
    if isinstance(column, Exact):
        found = column.exact(index)
        return Exact.of(found.numerator, found.denominator, found.present & present)
    return _Taken(column, index, present)


def joined(columns: list[Cells]) -> Cells:
    """The columns one after the other."""
    if len(columns) == 1:
        return columns[0]
    exact = [column for column in columns if isinstance(column, Exact)]
    below = {column.denominator for column in exact if isinstance(column.denominator, int)}
    if len(exact) == len(columns) and len(below) == 1 and all(isinstance(one.denominator, int) for one in exact):
        numerator = np.concatenate([one.numerator for one in exact])
        return Exact.of(numerator, below.pop(), np.concatenate([one.present for one in exact]))
    return _Joined(columns)


def kept(column: Cells) -> Cells:
    """The column with its floats worked out once, for several groupings that add it up."""
    return column if isinstance(column, Exact) else _Kept(column)


class _Kept(Cells):
    def __init__(self, column: Cells) -> None:
        self._column = column
        self._floats: Bounded | None = None

    @property
    def size(self) -> int:
        return self._column.size

    def bounded(self, start: int = 0, stop: int | None = None) -> Bounded:
        if self._floats is None:
            self._floats = self._column.bounded()
        return _part(self._floats, start, stop)

    def exact(self, index: Index | None = None) -> Exact:
        return self._column.exact(index)


class _Taken(Cells):
    def __init__(self, column: Cells, index: Int64s, present: Bools) -> None:
        self._column, self._index, self._present = column, index, present
        self._floats: Bounded | None = None

    @property
    def size(self) -> int:
        return len(self._index)

    def bounded(self, start: int = 0, stop: int | None = None) -> Bounded:
        if self._floats is None:
            below = self._column.bounded()
            self._floats = Bounded(
                np.where(self._present, below.value[self._index], 0.0),
                np.where(self._present, below.bound[self._index], 0.0),
                self._present & below.present[self._index],
            )
        return _part(self._floats, start, stop)

    def exact(self, index: Index | None = None) -> Exact:
        wanted = np.arange(self.size) if index is None else index
        below = self._column.exact(self._index[wanted])
        return Exact.of(below.numerator, below.denominator, below.present & self._present[wanted])


class _Joined(Cells):
    def __init__(self, columns: list[Cells]) -> None:
        self._columns = columns
        self._edges = np.cumsum([0, *(column.size for column in columns)])
        self._floats: Bounded | None = None

    @property
    def size(self) -> int:
        return int(self._edges[-1])

    def bounded(self, start: int = 0, stop: int | None = None) -> Bounded:
        if self._floats is None:
            parts = [column.bounded() for column in self._columns]
            self._floats = Bounded(
                np.concatenate([one.value for one in parts]),
                np.concatenate([one.bound for one in parts]),
                np.concatenate([one.present for one in parts]),
            )
        return _part(self._floats, start, stop)

    def exact(self, index: Index | None = None) -> Exact:
        wanted = np.arange(self.size) if index is None else index
        numbers: list[Fraction | None] = [None] * len(wanted)
        of = np.searchsorted(self._edges, wanted, "right") - 1
        for place, column in enumerate(self._columns):
            here = np.flatnonzero(of == place)
            if len(here):
                found = column.exact(wanted[here] - self._edges[place]).fractions()
                for at, one in zip(here.tolist(), found, strict=True):
                    numbers[at] = one
        return Exact.of_fractions(numbers)


def _part(whole: Bounded, start: int, stop: int | None) -> Bounded:
    part = slice(start, stop)
    return Bounded(whole.value[part], whole.bound[part], whole.present[part])

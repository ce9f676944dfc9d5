"""Columns of exact numbers, some of which may be missing.

`Cells` is what everything here takes and gives: floats with certain error bounds for all its numbers at once, and the
exact numbers of those that are asked for. So a million numbers cost floats, and the few whose rounding the floats
cannot decide cost integers.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from gangmu.figures.indicators.exact.integers import Integers, IntegersOrOne, integers, narrow, peak, wide

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]
Index = npt.NDArray[np.intp]

UNIT_ROUNDOFF = 2.0**-53
LARGEST_EXACT_FLOAT = 2**53
UNDERFLOW = 1e-290  # below this, relative errors no longer hold; an absolute error of this size is added instead


@dataclass(frozen=True, eq=False)
class Bounded:
    """Floats that are at most `bound` away from the true numbers.

    An infinite bound says that nothing is known, not even whether the number is present. Where nothing is `present`,
    value and bound are 0.
    """

    value: Floats
    bound: Floats
    present: Booleans


class Cells(ABC):
    """A column of numbers; see the module."""

    @property
    @abstractmethod
    def size(self) -> int: ...

    @abstractmethod
    def bounded(self, start: int = 0, stop: int | None = None) -> Bounded:
        """Floats and bounds of the numbers from `start` to before `stop`."""

    @abstractmethod
    def exact(self, index: Index | None = None) -> "Exact":
        """The exact numbers at `index`, or all."""

    def fraction(self, position: int) -> Fraction | None:
        """One number; None when it is missing."""
        one = self.exact(np.array([position], dtype=np.intp))
        return one.fractions()[0]


@dataclass(frozen=True, eq=False)
class Exact(Cells):
    """numerator / denominator where present.

    `numerator` is int64 or object (Python integers), `denominator` one positive integer for all, or an array of them.
    """

    numerator: Integers
    denominator: IntegersOrOne
    present: Booleans

    @staticmethod
    def of(numerator: Any, denominator: Any = 1, present: Any = None) -> "Exact":
        """Numbers from any integers; a missing number may have any numerator and denominator.

        Raises:
            ValueError: a denominator of a present number is not positive.
        """
        top = integers(numerator)
        there = np.ones(top.shape, bool) if present is None else np.asarray(present, dtype=bool)
        below: IntegersOrOne
        if np.ndim(denominator) == 0:
            below = int(denominator)
        else:
            below = integers(denominator)
            below = np.where(there, below, 1)
        if below <= 0 if isinstance(below, int) else bool((below <= 0).any()):
            raise ValueError("denominators must be positive")
        if not there.all():
            top = np.where(there, top, 0)
        return Exact(top, below, there)

    @staticmethod
    def scaled(values: Any, precision: int, present: Any = None) -> "Exact":
        """Numbers stored as integers in units of 10^-precision."""
        return Exact.of(values, 10**precision, present)

    @staticmethod
    def of_fractions(values: "list[Fraction | None]") -> "Exact":
        present = np.array([value is not None for value in values], dtype=bool)
        top, below = np.empty(len(values), dtype=object), np.empty(len(values), dtype=object)
        top[:] = [0 if value is None else value.numerator for value in values]
        below[:] = [1 if value is None else value.denominator for value in values]
        if len(set(below)) == 1:
            return Exact(np.asarray(narrow(top)), below[0], present)
        return Exact(np.asarray(narrow(top)), narrow(below), present)

    @property
    def size(self) -> int:
        return len(self.numerator)

    def exact(self, index: Index | None = None) -> "Exact":
        if index is None:
            return self
        below = self.denominator if isinstance(self.denominator, int) else self.denominator[index]
        return Exact(self.numerator[index], below, self.present[index])

    def bounded(self, start: int = 0, stop: int | None = None) -> Bounded:
        part = slice(start, stop)
        below = self.denominator if isinstance(self.denominator, int) else self.denominator[part]
        return _floats(self.numerator[part], below, self.present[part])

    def fractions(self) -> list[Fraction | None]:
        below = np.broadcast_to(np.asarray(self.denominator, dtype=object), self.numerator.shape)
        return [
            Fraction(int(top), int(bottom)) if there else None
            for top, bottom, there in zip(self.numerator, below, self.present, strict=True)
        ]


def _floats(numerator: Integers, denominator: IntegersOrOne, present: Booleans) -> Bounded:
    if isinstance(denominator, int) and denominator == 1 and peak(numerator) <= LARGEST_EXACT_FLOAT:
        return Bounded(numerator.astype(np.float64), np.zeros(len(numerator)), present)
    if numerator.dtype == object or peak(denominator) > LARGEST_EXACT_FLOAT:
        value = _quotients(wide(numerator), denominator)
    else:
        value = numerator.astype(np.float64) / denominator
    with np.errstate(all="ignore"):
        bound = np.abs(value) * (4 * UNIT_ROUNDOFF)
    bound[(np.abs(value) < UNDERFLOW) & (numerator != 0)] = UNDERFLOW
    return settled(value, bound, present)


def _quotients(numerator: IntegersOrOne, denominator: IntegersOrOne) -> Floats:
    """Correctly rounded quotients of integers of any size; infinite where they are beyond the floats."""
    below = np.broadcast_to(np.asarray(wide(denominator), dtype=object), np.shape(numerator))
    values = np.empty(np.shape(numerator))
    for position, (top, bottom) in enumerate(zip(np.asarray(numerator), below, strict=True)):
        try:
            values[position] = top / bottom
        except OverflowError:
            values[position] = np.inf
    return values


def settled(value: Floats, bound: Floats, present: Booleans) -> Bounded:
    """A `Bounded` in which whatever is not finite is unknown, and what is missing is 0."""
    unknown = ~(np.isfinite(value) & np.isfinite(bound))
    if unknown.any():
        value, bound = np.where(unknown, 0.0, value), np.where(unknown, np.inf, bound)
    if not present.all():
        value, bound = np.where(present, value, 0.0), np.where(present, bound, 0.0)
    return Bounded(value, bound, present)

"""Programs applied to columns, and the rounding of columns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from gangmu.figures.indicators.exact import floating, rational, small
from gangmu.figures.indicators.exact.cells import LARGEST_EXACT_FLOAT, Booleans, Bounded, Cells, Exact, Index
from gangmu.figures.indicators.exact.integers import LARGEST, Integers, peak, wide
from gangmu.figures.indicators.exact.running import run
from gangmu.figures.indicators.formula.program import Leaf, Op, Program, Step

_NUMBERS_AT_ONCE = 1 << 22  # results of steps that are held in memory at once, 17 bytes each


@dataclass(frozen=True, eq=False)
class Rounded:
    """Integers in units of 10^-precision (int64, or Python integers where one does not fit); 0 where not present."""

    scaled: Integers
    present: Booleans


class MissingInput(LookupError):
    """A leaf of the program was not given."""


@dataclass(frozen=True, eq=False)
class Evaluated(Cells):
    """The result of a program for every row of its inputs, which all have the same length.

    `rows` is only needed for a program without leaves.
    """

    program: Program
    inputs: Mapping[Leaf, Cells]
    rows: int | None = None
    _size: int = field(init=False)

    def __post_init__(self) -> None:
        missing = [leaf for leaf in self.program.leaves if leaf not in self.inputs]
        if missing:
            raise MissingInput(missing)
        sizes = {self.inputs[leaf].size for leaf in self.program.leaves} or {self.rows or 0}
        if len(sizes) != 1:
            raise ValueError(f"columns of different lengths: {sorted(sizes)}")
        object.__setattr__(self, "_size", sizes.pop())

    @property
    def size(self) -> int:
        return self._size

    def bounded(self, start: int = 0, stop: int | None = None) -> Bounded:
        begin, end, _step = slice(start, stop).indices(self.size)
        stride = max(1, _NUMBERS_AT_ONCE // len(self.program.steps))
        parts = [self._bounded(at, min(at + stride, end)) for at in range(begin, end, stride)]
        if len(parts) == 1:
            return parts[0]
        return Bounded(
            np.concatenate([part.value for part in parts] or [np.zeros(0)]),
            np.concatenate([part.bound for part in parts] or [np.zeros(0)]),
            np.concatenate([part.present for part in parts] or [np.zeros(0, bool)]),
        )

    def _bounded(self, start: int, stop: int) -> Bounded:
        given = {leaf: self.inputs[leaf].bounded(start, stop) for leaf in self.program.leaves}
        with np.errstate(all="ignore"):
            return run(self.program.steps, floating, given, stop - start)

    def exact(self, index: Index | None = None) -> Exact:
        given = {leaf: self.inputs[leaf].exact(index) for leaf in self.program.leaves}
        return run(self.program.steps, rational, given, self.size if index is None else len(index))


def evaluate(program: Program, inputs: Mapping[Leaf, Cells], rows: int | None = None) -> Evaluated:
    """The program's result, one number for each row of the inputs; nothing is computed yet.

    Missing in, missing out; a division by zero is missing; `if` needs only the side that it takes.

    Raises:
        MissingInput: a leaf is not given.
        ValueError: the columns differ in length.
    """
    return Evaluated(program, inputs, rows)


def evaluate_now(program: Program, inputs: Mapping[Leaf, Cells], rows: int) -> Cells:
    """As `evaluate`; whole numbers are worked out at once where int64 holds every step: faster than floats, final."""
    lazy = Evaluated(program, inputs, rows)
    return lazy.exact() if small.sizes(program.steps, inputs) is not None else lazy


def rounded(cells: Cells, precision: int) -> Rounded:
    """The numbers rounded once, half up, to `precision` decimals: ratios of small whole numbers by one division, others
    by floats where they decide it, else exactly."""
    if isinstance(cells, Exact):
        return Rounded(rational.rounded(cells, precision), cells.present)
    if isinstance(cells, Evaluated):
        ratios = small.rounded_ratios(cells.program.steps, cells.inputs, precision)
        if ratios is not None:
            return Rounded(*ratios)
    floats = cells.bounded()
    with np.errstate(all="ignore"):
        scaled = floating.scale(floats, Fraction(10) ** precision)
        whole, known = floating.nearest(scaled)
    known &= np.abs(whole) <= LARGEST_EXACT_FLOAT
    result: Integers = np.where(known, whole, 0.0).astype(np.int64)
    present = floats.present
    undecided = np.flatnonzero(~known)
    if undecided.size:
        exact = cells.exact(undecided)
        numbers = rational.rounded(exact, precision)
        present = present.copy()
        present[undecided] = exact.present
        if peak(numbers) > LARGEST:
            result = np.asarray(wide(result))
        result[undecided] = numbers
    return Rounded(result, present)


def growth(value: Cells, base: Cells) -> Cells:
    """(value − base) / base, missing where either is, and where the base is zero or negative."""
    return Evaluated(_GROWTH, {_VALUE: value, _BASE: base})


_VALUE, _BASE = Leaf("value"), Leaf("base")
_GROWTH = Program(
    steps=(
        Step(Op.LEAF, payload=_VALUE),
        Step(Op.LEAF, payload=_BASE),
        Step(Op.CONSTANT, payload=Fraction(0)),
        Step(Op.LESS, (2, 1)),
        Step(Op.CHOOSE, (3, 1, 2)),  # a base that is not positive becomes 0, by which nothing is divided
        Step(Op.SUBTRACT, (0, 4)),
        Step(Op.DIVIDE, (5, 4)),
    ),
    leaves=(_VALUE, _BASE),
)

"""Programs applied to columns, and the rounding of columns."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np

from gangmu.figures.indicators.exact import floating, rational
from gangmu.figures.indicators.exact.cells import LARGEST_EXACT_FLOAT, Booleans, Bounded, Cells, Exact, Index
from gangmu.figures.indicators.exact.integers import LARGEST, Integers, peak, wide
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
            return _run(self.program.steps, floating, given, stop - start)

    def exact(self, index: Index | None = None) -> Exact:
        given = {leaf: self.inputs[leaf].exact(index) for leaf in self.program.leaves}
        return _run(self.program.steps, rational, given, self.size if index is None else len(index))


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
    return lazy.exact() if _stays_small(program, inputs) else lazy


def _stays_small(program: Program, inputs: Mapping[Leaf, Cells]) -> bool:
    """Whether all steps have one denominator each and certainly fit into int64."""
    sizes: list[tuple[int, int]] = []  # of each step: the largest numerator that it could have, and its denominator
    for step in program.steps:
        given = [sizes[argument] for argument in step.arguments]
        match step.op, step.payload:
            case Op.LEAF, Leaf() as leaf:
                cells = inputs[leaf]
                if not isinstance(cells, Exact) or not isinstance(cells.denominator, int):
                    return False
                found = peak(cells.numerator), cells.denominator
            case Op.CONSTANT, Fraction() as value:
                found = abs(value.numerator), value.denominator
            case Op.SCALE, Fraction() as factor:
                ((top, below),) = given
                found = top * abs(factor.numerator), below * factor.denominator
            case Op.MULTIPLY, _:
                (left, below), (right, other) = given
                found = left * right, below * other
            case Op.NEGATE | Op.ABSOLUTE, _:
                found = given[0]
            case (
                (
                    Op.ADD
                    | Op.TOTAL
                    | Op.SUBTRACT
                    | Op.MINIMUM
                    | Op.MAXIMUM
                    | Op.CHOOSE
                    | Op.LESS
                    | Op.LESS_OR_EQUAL
                    | Op.EQUAL
                    | Op.DIFFERENT
                ),
                _,
            ):
                sides = given[-2:]
                below = lcm(*(one for _top, one in sides))
                found = sum(top * (below // one) for top, one in sides), below
            case _:
                return False
        if max(found) > LARGEST:
            return False
        sizes.append(found)
    return True


def rounded(cells: Cells, precision: int) -> Rounded:
    """The numbers rounded once, half up, to `precision` decimals: by floats where they decide it, else exactly."""
    if isinstance(cells, Exact):
        return Rounded(rational.rounded(cells, precision), cells.present)
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


def _run(steps: tuple[Step, ...], arithmetic: Any, given: Mapping[Leaf, Any], size: int) -> Any:
    """Run the steps with one of the two arithmetics; a result is dropped after its last use."""
    last_use = {argument: number for number, step in enumerate(steps) for argument in step.arguments}
    results: dict[int, Any] = {}
    for number, step in enumerate(steps):
        arguments = [results[argument] for argument in step.arguments]
        match step.op:
            case Op.LEAF:
                results[number] = given[step.payload]  # pyright: ignore[reportArgumentType]
            case Op.CONSTANT:
                results[number] = arithmetic.constant(step.payload, size)
            case _:
                results[number] = _operation(step, arithmetic)(*arguments)
        for argument in step.arguments:
            if last_use[argument] == number:
                results.pop(argument, None)
    return results[len(steps) - 1]


def _operation(step: Step, arithmetic: Any) -> Callable[..., Any]:
    match step.op:
        case Op.SCALE:
            return lambda x: arithmetic.scale(x, step.payload)
        case Op.ROUND:
            return lambda x: arithmetic.round_half_up(x, step.payload)
        case Op.LESS | Op.LESS_OR_EQUAL:
            return lambda x, y: arithmetic.less(x, y, or_equal=step.op is Op.LESS_OR_EQUAL)
        case Op.EQUAL | Op.DIFFERENT:
            return lambda x, y: arithmetic.equal(x, y, negated=step.op is Op.DIFFERENT)
    return {
        Op.ADD: arithmetic.add,
        Op.TOTAL: arithmetic.total,
        Op.SUBTRACT: arithmetic.subtract,
        Op.MULTIPLY: arithmetic.multiply,
        Op.DIVIDE: arithmetic.divide,
        Op.NEGATE: arithmetic.negate,
        Op.ABSOLUTE: arithmetic.absolute,
        Op.MINIMUM: arithmetic.smaller,
        Op.MAXIMUM: arithmetic.larger,
        Op.CHOOSE: arithmetic.choose,
    }[step.op]

"""Programs on whole numbers that int64 certainly holds at every step: known beforehand, from the largest inputs."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import gcd, lcm

import numpy as np

from gangmu.figures.indicators.exact import rational
from gangmu.figures.indicators.exact.cells import Booleans, Cells, Exact
from gangmu.figures.indicators.exact.integers import LARGEST, Integers, halves_up, peak
from gangmu.figures.indicators.exact.running import results
from gangmu.figures.indicators.formula.program import Leaf, Op, Step


def sizes(steps: Sequence[Step], inputs: Mapping[Leaf, Cells]) -> list[tuple[int, int]] | None:
    """Of each step the largest numerator that it could have, and its denominator; None unless all of them have one
    denominator each and certainly fit into int64."""
    known: list[tuple[int, int]] = []
    for step in steps:
        given = [known[argument] for argument in step.arguments]
        match step.op, step.payload:
            case Op.LEAF, Leaf() as leaf:
                cells = inputs[leaf]
                if not isinstance(cells, Exact) or not isinstance(cells.denominator, int):
                    return None
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
                return None
        if max(found) > LARGEST:
            return None
        known.append(found)
    return known


def rounded_ratios(
    steps: Sequence[Step], inputs: Mapping[Leaf, Cells], precision: int
) -> tuple[Integers, Booleans] | None:
    """Of a program that divides once and scales what comes out: its numbers rounded half up, as integers in units of
    10^-precision (0 where missing), and where they are. None for other programs, and where int64 might be too small.
    """
    parts = _ratio(steps)
    if parts is None or precision < 0:
        return None
    before, (upper, lower), factor = parts
    known = sizes(before, inputs)
    if known is None or not inputs:
        return None
    size = next((cells.size for cells in inputs.values()), 0)
    top, below = results(before, rational, inputs, size, [upper, lower])
    up, down = below.denominator * factor.numerator * 10**precision, top.denominator * factor.denominator
    common = gcd(up, down)
    up, down = up // common, down // common
    if 2 * (max(known[upper][0], 1) * abs(up) + max(known[lower][0], 1) * down) > LARGEST:  # zeros times too much, too
        return None
    present = top.present & below.present & (below.numerator != 0)
    numerator, divisor = np.where(present, top.numerator, 0) * up, np.where(present, below.numerator, 1) * down
    return halves_up(np.where(divisor < 0, -numerator, numerator), np.abs(divisor)), present


def _ratio(steps: Sequence[Step]) -> tuple[Sequence[Step], tuple[int, ...], Fraction] | None:
    """The steps before a division, those that it divides, and by what its result is scaled; None where anything else
    happens after it."""
    factor = Fraction(1)
    for last in reversed(range(len(steps))):
        match steps[last]:
            case Step(Op.SCALE, (scaled,), Fraction() as by) if scaled == last - 1:
                factor *= by
            case Step(Op.DIVIDE, arguments):
                return steps[:last], arguments, factor
            case _:
                return None
    return None

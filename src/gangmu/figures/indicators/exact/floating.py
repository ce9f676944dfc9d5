"""The steps of a program on floats, with an error bound carried along for every single number.

Each operation rounds to nearest, so its own error is at most 2^-53 of the result (plus `UNDERFLOW` where the result
is that small); bounds are widened by 2^-40 for the rounding of the bounds themselves. A comparison or rounding that the
bounds leave open gives an infinite bound: unknown, to be asked exactly.
"""

from fractions import Fraction

import numpy as np

from gangmu.figures.indicators.exact.cells import (
    UNDERFLOW,
    UNIT_ROUNDOFF,
    Booleans,
    Bounded,
    Floats,
    settled,
)

_WIDER = 1 + 2.0**-40


def constant(value: Fraction, size: int) -> Bounded:
    number, bound = _constant(value)
    return settled(np.full(size, number), np.full(size, bound), np.ones(size, bool))


def _constant(value: Fraction) -> tuple[float, float]:
    try:
        number = float(value)
    except OverflowError:
        return 0.0, np.inf
    if Fraction(number) == value:
        return number, 0.0
    return number, abs(number) * 2 * UNIT_ROUNDOFF + (UNDERFLOW if abs(number) < UNDERFLOW else 0.0)


def scale(x: Bounded, factor: Fraction) -> Bounded:
    if factor == 1:
        return x
    number, bound = _constant(factor)
    return _product(x.value, x.bound, np.float64(number), np.float64(bound), x.present)


def negate(x: Bounded) -> Bounded:
    return Bounded(-x.value, x.bound, x.present)


def absolute(x: Bounded) -> Bounded:
    return Bounded(np.abs(x.value), x.bound, x.present)


def add(x: Bounded, y: Bounded) -> Bounded:
    value = x.value + y.value
    bound = (x.bound + y.bound + np.abs(value) * UNIT_ROUNDOFF) * _WIDER
    return settled(value, bound, x.present & y.present)


def total(x: Bounded, y: Bounded) -> Bounded:
    """The sum of those that are there; what is missing adds an exact 0."""
    return add(_or_zero(x, y.present), _or_zero(y, x.present))


def _or_zero(x: Bounded, wanted: Booleans) -> Bounded:
    """`x` with 0 where it is missing and a number is wanted. Where an unknown one may be missing, it stays unknown."""
    return Bounded(np.where(x.present, x.value, 0.0), np.where(x.present, x.bound, 0.0), x.present | wanted)


def subtract(x: Bounded, y: Bounded) -> Bounded:
    return add(x, negate(y))


def multiply(x: Bounded, y: Bounded) -> Bounded:
    return _product(x.value, x.bound, y.value, y.bound, x.present & y.present)


def _product(
    x: Floats, x_bound: Floats, y: Floats | np.float64, y_bound: Floats | np.float64, present: Booleans
) -> Bounded:
    value = x * y
    bound = (np.abs(x) * y_bound + np.abs(y) * x_bound + x_bound * y_bound + np.abs(value) * UNIT_ROUNDOFF) * _WIDER
    small = np.abs(value) < UNDERFLOW
    if small.any():
        # An exact 0 as a factor gives an exact 0 whatever the other factor is, as long as that one is known at all.
        zero = ((x == 0) & (x_bound == 0) & np.isfinite(y_bound)) | ((y == 0) & (y_bound == 0) & np.isfinite(x_bound))
        bound = np.where(zero, 0.0, np.where(small, bound + UNDERFLOW, bound))
    return settled(value, bound, present)


def divide(x: Bounded, y: Bounded) -> Bounded:
    """Quotients; missing where the divisor is exactly 0, unknown where it may be."""
    zero = (y.value == 0) & (y.bound == 0)
    divisor = np.where(zero, 1.0, y.value)
    value = x.value / divisor
    least = np.abs(divisor) - y.bound
    bound = ((x.bound + np.abs(value) * y.bound) / least + np.abs(value) * UNIT_ROUNDOFF) * _WIDER
    small = (np.abs(value) < UNDERFLOW) & ~((x.value == 0) & (x.bound == 0))
    bound = np.where(least > 0, np.where(small, bound + UNDERFLOW, bound), np.inf)
    return settled(value, bound, x.present & y.present & ~zero)


def smaller(x: Bounded, y: Bounded) -> Bounded:
    value = np.minimum(x.value, y.value)
    return settled(value, np.maximum(x.bound, y.bound), x.present & y.present)


def larger(x: Bounded, y: Bounded) -> Bounded:
    return negate(smaller(negate(x), negate(y)))


def less(x: Bounded, y: Bounded, *, or_equal: bool) -> Bounded:
    truth = x.value <= y.value if or_equal else x.value < y.value
    return _truth(truth, x, y)


def equal(x: Bounded, y: Bounded, *, negated: bool) -> Bounded:
    truth = (x.value == y.value) != negated
    return _truth(truth, x, y)


def _truth(truth: Booleans, x: Bounded, y: Bounded) -> Bounded:
    """1 or 0; unknown where the two numbers may stand in the other order. Float comparison itself is exact."""
    margin = (x.bound + y.bound) * _WIDER
    known = (margin == 0) | (np.abs(x.value - y.value) * (1 - 4 * UNIT_ROUNDOFF) > margin)
    return settled(truth.astype(np.float64), np.where(known, 0.0, np.inf), x.present & y.present)


def choose(condition: Bounded, yes: Bounded, no: Bounded) -> Bounded:
    truth = condition.value != 0
    unknown = ~np.isfinite(condition.bound)
    value = np.where(truth, yes.value, no.value)
    bound = np.where(unknown, np.inf, np.where(truth, yes.bound, no.bound))
    present = condition.present & (unknown | np.where(truth, yes.present, no.present))
    return settled(value, bound, present)


def round_half_up(x: Bounded, digits: int) -> Bounded:
    scaled = scale(x, Fraction(10) ** digits)
    whole, known = nearest(scaled)
    rounded = settled(whole, np.where(known, 0.0, np.inf), scaled.present)
    return scale(rounded, Fraction(10) ** -digits)


def nearest(x: Bounded) -> tuple[Floats, Booleans]:
    """The nearest integers, halves away from zero, and where they are certain."""
    size = np.abs(x.value)
    whole = np.floor(size)
    over = size - whole  # exact, like floor
    margin = (x.bound + size * (2 * UNIT_ROUNDOFF)) * _WIDER
    exact = x.bound == 0
    known = exact | (np.abs(over - 0.5) > margin) & (margin < 0.25)
    return np.copysign(whole + (over >= 0.5), x.value) + 0.0, known & np.isfinite(x.bound)

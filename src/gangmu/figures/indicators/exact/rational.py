"""The steps of a program on exact numbers, whole columns at a time.

A column whose numbers share one denominator keeps one; otherwise fractions are kept in lowest terms.
"""

from fractions import Fraction
from math import gcd, lcm

import numpy as np

from gangmu.figures.indicators.exact.cells import Exact
from gangmu.figures.indicators.exact.integers import (
    Integers,
    IntegersOrOne,
    halves_up,
    narrow,
    peak,
    plus,
    times,
    wide,
)


def constant(value: Fraction, size: int) -> Exact:
    fits = abs(value.numerator) < 2**63
    top = np.full(size, value.numerator, dtype=np.int64 if fits else object)
    return Exact(top, value.denominator, np.ones(size, bool))


def made(numerator: IntegersOrOne, denominator: IntegersOrOne, present: np.ndarray) -> Exact:
    """Exact numbers in normal form: 0 / 1 where missing, lowest terms where denominators differ."""
    top = np.asarray(numerator)
    if not present.all():
        top = np.where(present, top, 0)
        denominator = denominator if isinstance(denominator, int) else np.where(present, denominator, 1)
    if isinstance(denominator, int):
        return Exact(np.asarray(narrow(top)), denominator, present)
    if top.dtype != denominator.dtype:
        top, denominator = np.asarray(wide(top)), np.asarray(wide(denominator))
    common = np.gcd(top, denominator)
    top, below = np.asarray(narrow(top // common)), narrow(denominator // common)
    distinct = np.asarray(below)
    if distinct.size and bool((distinct == distinct[0]).all()):
        return Exact(top, int(distinct[0]), present)
    return Exact(top, distinct, present)


def scale(x: Exact, factor: Fraction) -> Exact:
    if isinstance(x.denominator, int):
        common = gcd(x.denominator, factor.numerator)
        top = times(x.numerator, factor.numerator // common)
        return made(top, x.denominator // common * factor.denominator, x.present)
    return made(times(x.numerator, factor.numerator), times(x.denominator, factor.denominator), x.present)


def negate(x: Exact) -> Exact:
    return Exact(-_safe(x.numerator), x.denominator, x.present)


def absolute(x: Exact) -> Exact:
    return Exact(np.abs(_safe(x.numerator)), x.denominator, x.present)


def _safe(values: Integers) -> Integers:
    """-2**63 has no opposite in int64."""
    return np.asarray(wide(values)) if peak(values) >= 2**63 else values


def add(x: Exact, y: Exact) -> Exact:
    left, right, below = _common(x, y)
    return made(plus(left, right), below, x.present & y.present)


def total(x: Exact, y: Exact) -> Exact:
    """The sum of those that are there; a missing number is 0 / 1."""
    left, right, below = _common(x, y)
    top = plus(np.where(x.present, left, 0), np.where(y.present, right, 0))
    return made(top, below, x.present | y.present)


def subtract(x: Exact, y: Exact) -> Exact:
    return add(x, negate(y))


def multiply(x: Exact, y: Exact) -> Exact:
    return made(times(x.numerator, y.numerator), times(x.denominator, y.denominator), x.present & y.present)


def divide(x: Exact, y: Exact) -> Exact:
    """Quotients; missing where the divisor is 0."""
    present = x.present & y.present & (y.numerator != 0)
    divisor = np.where(present, y.numerator, 1)
    top = times(times(x.numerator, y.denominator), np.where(divisor < 0, -1, 1))
    below = times(np.abs(_safe(divisor)), x.denominator)
    return made(top, below, present)


def smaller(x: Exact, y: Exact) -> Exact:
    left, right, below = _common(x, y)
    return made(np.minimum(left, right), below, x.present & y.present)


def larger(x: Exact, y: Exact) -> Exact:
    left, right, below = _common(x, y)
    return made(np.maximum(left, right), below, x.present & y.present)


def less(x: Exact, y: Exact, *, or_equal: bool) -> Exact:
    left, right, _below = _common(x, y)
    return _truth(left <= right if or_equal else left < right, x.present & y.present)


def equal(x: Exact, y: Exact, *, negated: bool) -> Exact:
    left, right, _below = _common(x, y)
    return _truth(left != right if negated else left == right, x.present & y.present)


def _truth(truth: np.ndarray, present: np.ndarray) -> Exact:
    return Exact((truth.astype(bool) & present).astype(np.int64), 1, present)


def choose(condition: Exact, yes: Exact, no: Exact) -> Exact:
    truth = condition.numerator != 0
    left, right, below = _common(yes, no)
    present = condition.present & np.where(truth, yes.present, no.present)
    return made(np.where(truth, left, right), below, present)


def round_half_up(x: Exact, digits: int) -> Exact:
    whole = rounded(x, digits)
    return made(whole if digits >= 0 else times(whole, 10**-digits), 10 ** max(digits, 0), x.present)


def rounded(x: Exact, precision: int) -> Integers:
    """The numbers as integers in units of 10^-precision, halves away from zero; 0 where missing."""
    if isinstance(x.denominator, int) and precision >= 0 and 10**precision % x.denominator == 0:
        return np.asarray(times(x.numerator, 10**precision // x.denominator))
    moved = scale(x, Fraction(10) ** precision)
    return halves_up(moved.numerator, moved.denominator)


def _common(x: Exact, y: Exact) -> tuple[Integers, Integers, IntegersOrOne]:
    """Both numerators over one denominator."""
    if isinstance(x.denominator, int) and isinstance(y.denominator, int):
        below = lcm(x.denominator, y.denominator)
        return (
            np.asarray(times(x.numerator, below // x.denominator)),
            np.asarray(times(y.numerator, below // y.denominator)),
            below,
        )
    return (
        np.asarray(times(x.numerator, y.denominator)),
        np.asarray(times(y.numerator, x.denominator)),
        times(x.denominator, y.denominator),
    )

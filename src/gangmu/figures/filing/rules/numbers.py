"""Exact numbers as a reader sees them."""

from decimal import Decimal
from fractions import Fraction

from gangmu.figures.filing.entry import plain_text

MOST_DIGITS = 15


def shown(value: Fraction, digits: int) -> str:
    """With `digits` decimals, halves away from zero: -0.05 with one is -0.1."""
    top, below = value.numerator, value.denominator
    whole = (2 * abs(top) * 10**digits + below) // (2 * below)
    return plain_text(-whole if top < 0 else whole, digits)


def apart(one: Fraction, other: Fraction, digits: int) -> int:
    """As few decimals, but at least `digits`, as show two different numbers as different."""
    if one != other:
        while digits < MOST_DIGITS and shown(one, digits) == shown(other, digits):
            digits += 1
    return digits


def grouped(text: str) -> str:
    """Plain digits with thousands separators: 1234567.80 → 1,234,567.80."""
    return f"{Decimal(text):,}"

"""Rounding, and the one rule for what is left over when parts are rounded.

**Residue** 尾差. The parts of a difference are rounded half up, each by itself; then they may miss the difference of
the shown figures by some units of the last decimal. Those units go, one each, to the parts that rounding moved
furthest the other way, the earlier part first among equals. So the shown parts add up to the shown difference, and no
part is more than one unit away from its exact value.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

MOST_DIGITS = 12  # an indicator has up to 9, a percentage of it two more


def half_up(value: Fraction, digits: int) -> int:
    """`value` in units of 10^-digits, rounded to the nearest integer, halves away from zero.

    Raises:
        ValueError: digits below 0 or above 12.
    """
    if not 0 <= digits <= MOST_DIGITS:
        raise ValueError(f"{digits} decimals; 0 to {MOST_DIGITS} are possible")
    numerator, denominator = abs(value.numerator) * 10**digits, value.denominator
    size = (2 * numerator + denominator) // (2 * denominator)
    return -size if value < 0 else size


def shown(scaled: int, digits: int) -> Decimal:
    """The exact decimal of an integer in units of 10^-digits, with all its decimals: 150, 2 → 1.50."""
    return Decimal(f"{scaled}E-{digits}")


def apportioned(parts: Sequence[Fraction], total: int, digits: int) -> list[int]:
    """The parts in units of 10^-digits, adding up to `total` by the rule of the module.

    Args:
        total: the shown total in units of 10^-digits: at most one unit away from the exact sum of the parts, as the
            difference of two rounded figures is.

    Raises:
        ValueError: a total further away than that, or one that is not 0 for no parts.
    """
    if abs(sum(parts, Fraction(0)) * 10**digits - total) > 1:
        raise ValueError("the total is not that of the parts")
    rounded = [half_up(part, digits) for part in parts]
    residue = total - sum(rounded)
    if residue:
        if not parts:
            raise ValueError("a total of nothing")
        unit = 1 if residue > 0 else -1
        moved = [(number - part * 10**digits) * unit for number, part in zip(rounded, parts, strict=True)]
        for place in sorted(range(len(parts)), key=lambda place: moved[place])[: abs(residue)]:
            rounded[place] += unit
    return rounded


def shown_difference(actual: Fraction, base: Fraction, digits: int) -> int:
    """The difference of the two figures as shown, in units of 10^-digits: what a reader subtracts."""
    return half_up(actual, digits) - half_up(base, digits)

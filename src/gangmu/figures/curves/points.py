"""The 96 points of a business day, and what they come to. Exact numbers, no database.

Point n covers ((n - 1) · 15 min, n · 15 min] of the business day: 00:15 is point 1, 24:00 is point 96 of the same day.
China keeps one time all year, so that every day has 96.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

POINTS = 96
MINUTES = 15
HOURS = Fraction(MINUTES, 60)  # of a point
Values = Sequence[Fraction | None]  # of the 96 points, None where one is missing


class Unit(StrEnum):
    """What a curve is measured in: the mean power of a quarter of an hour, or its energy."""

    MW = "MW"
    MWH = "MWh"


def label(point: int) -> str:
    """The end of a point, 1 to 96, as it is written: 00:15 … 24:00."""
    return f"{point * MINUTES // 60:02}:{point * MINUTES % 60:02}"


LABELS = tuple(label(point) for point in range(1, POINTS + 1))


def factor(given: Unit, wanted: Unit) -> Fraction:
    """By how much a value in `given` is multiplied to be one in `wanted`: a MW over 15 minutes is 0.25 MWh, exactly."""
    if given is wanted:
        return Fraction(1)
    return HOURS if given is Unit.MW else 1 / HOURS


def decimals(given: Unit, wanted: Unit, precision: int) -> int:
    """How many decimals keep every value exact that had `precision` of them before it was converted."""
    return precision + 2 if given is Unit.MW and wanted is Unit.MWH else precision


@dataclass(frozen=True)
class Day:
    """What the 96 points of a day come to; there is none of a day that misses one.

    Args:
        energy: MWh. highest, lowest, mean: MW. highest_at, lowest_at: the first such point, from 1.
    """

    energy: Fraction
    highest: Fraction
    highest_at: int
    lowest: Fraction
    lowest_at: int
    mean: Fraction

    @property
    def load_factor(self) -> Fraction | None:
        """Mean ÷ highest 负荷率; None where the highest is not above zero."""
        return self.mean / self.highest if self.highest > 0 else None

    @property
    def valley_peak(self) -> Fraction | None:
        """Lowest ÷ highest 谷峰比; None where the highest is not above zero."""
        return self.lowest / self.highest if self.highest > 0 else None


def day_of(values: Values, unit: Unit) -> Day | None:
    """What the points of a curve come to; None when one is missing."""
    known = [value for value in values if value is not None]
    if len(known) < POINTS:
        return None
    power = [value * factor(unit, Unit.MW) for value in known]
    energy = sum(known, Fraction(0)) * factor(unit, Unit.MWH)
    highest, lowest = max(power), min(power)
    mean = sum(power, Fraction(0)) / POINTS
    return Day(energy, highest, power.index(highest) + 1, lowest, power.index(lowest) + 1, mean)


def half_up(value: Fraction, precision: int) -> int:
    """The value in units of 10^-precision, a tie away from zero."""
    scaled = abs(value) * 10**precision
    rounded = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return -rounded if value < 0 else rounded

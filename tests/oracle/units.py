"""The units that the drawn worlds use, as exact multiples of base units.

A unit is a factor and the powers of mass, length, time and money.
"""

from dataclasses import dataclass
from fractions import Fraction

from oracle.world import WorldError

MONEY = "CNY"
PLAIN = "1"


@dataclass(frozen=True)
class Unit:
    factor: Fraction
    powers: tuple[int, int, int, int] = (0, 0, 0, 0)

    def times(self, other: "Unit", sign: int = 1) -> "Unit":
        factor = self.factor * other.factor if sign > 0 else self.factor / other.factor
        one, two, three, four = (a + sign * b for a, b in zip(self.powers, other.powers, strict=True))
        return Unit(factor, (one, two, three, four))

    def over(self, other: "Unit") -> "Unit":
        return self.times(other, -1)


ONE = Unit(Fraction(1))
_ENERGY = (1, 2, -2, 0)
_POWER = (1, 2, -3, 0)
_UNITS = {
    PLAIN: ONE,
    "%": Unit(Fraction(1, 100)),
    "h": Unit(Fraction(3600), (0, 0, 1, 0)),
    "m": Unit(Fraction(1), (0, 1, 0, 0)),
    "g": Unit(Fraction(1, 1000), (1, 0, 0, 0)),
    "kg": Unit(Fraction(1), (1, 0, 0, 0)),
    "t": Unit(Fraction(1000), (1, 0, 0, 0)),
    "kW": Unit(Fraction(10**3), _POWER),
    "MW": Unit(Fraction(10**6), _POWER),
    "kWh": Unit(Fraction(36 * 10**5), _ENERGY),
    "MWh": Unit(Fraction(36 * 10**8), _ENERGY),
    "GWh": Unit(Fraction(36 * 10**11), _ENERGY),
    MONEY: Unit(Fraction(1), (0, 0, 0, 1)),
}


def unit(text: str) -> Unit:
    """The unit written so: a name, or one name / another."""
    try:
        over, _, under = text.partition("/")
        return _UNITS[over].over(_UNITS[under]) if under else _UNITS[over]
    except KeyError:
        raise WorldError(f"no unit {text}") from None

"""Units per tier 分级计量单位: what a plant files in MWh, a region reads in 万kWh and the headquarters in 亿kWh.

Only the point moves: a unit of a tier stands for every unit that it is a power of ten of. An industry registers its
own.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from gangmu.figures.indicators.units import UnknownUnit, parse_unit


@dataclass(frozen=True, slots=True)
class TierUnit:
    """A unit, and with how many decimals its figures are read."""

    unit: str
    decimals: int


_tiers: dict[tuple[str, str], tuple[TierUnit, ...]] = {}  # by kind of organisation and language


def register_tier(kind: str, language: str, units: Iterable[TierUnit]) -> None:
    """The units of a kind of organisation, for readers of a language (`zh`, `en`).

    Raises:
        UnknownUnit: one is none.
    """
    listed = tuple(units)
    for one in listed:
        parse_unit(one.unit)
    _tiers[kind, language] = listed


def tier_unit(unit: str, kind: str, language: str) -> TierUnit | None:
    """In which unit organisations of a kind read figures of another; None: as they are."""
    known = _tiers.get((kind, "zh" if language.startswith("zh") else "en"), ())
    return next((one for one in known if tens_between(unit, one.unit) is not None), None)


def tens_between(unit: str, wanted: str) -> int | None:
    """By how many places the point moves from one unit to another; None where it is not a matter of tens."""
    factor = factor_between(unit, wanted)
    if factor is None:
        return None
    part, sign = (factor.numerator, 1) if factor >= 1 else (factor.denominator, -1)
    is_ten = 1 in (factor.numerator, factor.denominator) and str(part).rstrip("0") == "1"
    return sign * (len(str(part)) - 1) if is_ten else None


def factor_between(unit: str, wanted: str) -> Fraction | None:
    """How many of one unit make another's one; None where figures cannot be told in it."""
    try:
        one, other = parse_unit(unit), parse_unit(wanted)
    except UnknownUnit:
        return None
    if one.is_offset or other.is_offset or not one.converts_to(other):
        return None
    return one.in_terms_of(other)

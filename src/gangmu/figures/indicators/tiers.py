"""Units per tier 分级计量单位: what a plant files in MWh, a region reads in 万kWh and the headquarters in 亿kWh.

Only the point moves: a unit of a tier stands for every unit that it is a power of ten of. An industry registers its
own.

Pages ask for the units of a kind of organisation by `tier:KIND`, for one that their reader chose by `tier:KIND:UNIT`:
what fits it is told in it, everything else in the units of the kind, so that a table can hold energy, money and rates.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from gangmu.figures.indicators.units import UnknownUnit, parse_unit


@dataclass(frozen=True, slots=True)
class TierUnit:
    """A unit, and with how many decimals its figures are read."""

    unit: str
    decimals: int | None = None  # as many as nothing is lost with


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


def of_tier(kind: str, unit: str = "") -> str:
    """How a question asks for the units of a kind of organisation; with a unit, for that one where it fits."""
    return f"tier:{kind}:{unit}" if unit else f"tier:{kind}"


def told_in(unit: str, wanted: str, language: str) -> TierUnit | None:
    """In which unit what is filed in another is told by `tier:KIND` or `tier:KIND:UNIT`; None: as it is filed."""
    _tier, kind, chosen = (*wanted.split(":", 2), "", "")[:3]
    if chosen and tens_between(unit, chosen) is not None:
        return TierUnit(chosen, _decimals(chosen, kind, language))
    return tier_unit(unit, kind, language)


def _decimals(unit: str, kind: str, language: str) -> int | None:
    """With how many decimals a unit is read: by the kind, else by whoever reads it with the most; None: with all."""
    own = "zh" if language.startswith("zh") else "en"
    for key in ((kind, own), (kind, "en" if own == "zh" else "zh")):
        for one in _tiers.get(key, ()):
            if one.unit == unit:
                return one.decimals
    known = [
        one.decimals for units in _tiers.values() for one in units if one.unit == unit and one.decimals is not None
    ]
    return max(known, default=None)


def units_like(units: Iterable[str]) -> list[str]:
    """The units of all tiers that some of these can be told in by moving the point, the largest first."""
    asked = list(dict.fromkeys(units))
    known = dict.fromkeys([one.unit for several in _tiers.values() for one in several] + asked)
    found = {one: unit for one in known for unit in asked if tens_between(unit, one) is not None}
    places = {unit: place for place, unit in enumerate(asked)}
    return sorted(found, key=lambda one: (places[found[one]], tens_between(found[one], one) or 0, one))


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

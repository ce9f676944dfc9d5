"""What the parts of a whole contributed to its change: of a sum, and of a ratio of sums.

**Sum.** A part contributes what it changed by. Divided by the base of the whole that is its pull 拉动 on the growth
rate; divided by the change of the whole its share of the change 贡献率.

**Ratio** R = Σ n ÷ Σ d (coal rate, price, load factor). With w = d ÷ Σ d and r = n ÷ d of a part, R = Σ w·r, and what a
part contributes to the change of R has two effects:

| | symmetric (mean of both orders) | chain (structure first, then rates) |
| --- | --- | --- |
| rate effect 单耗（价格）影响 | (r₁ − r₀) × (w₀ + w₁) ÷ 2 | (r₁ − r₀) × w₁ |
| mix effect 结构影响 | (w₁ − w₀) × ((r₀ + r₁) ÷ 2 − (R₀ + R₁) ÷ 2) | (w₁ − w₀) × (r₀ − R₀) |

Since Σ (w₁ − w₀) = 0, any one level of reference may be subtracted in the mix effect; with that of the whole, a part
that grows and is above it raises R, one that is below lowers it. A part with d = 0 on one side has no rate there: it
takes the rate of the other side, so that joining and leaving is mix. An n without a d is an effect of its own.

Source: 结构影响 and 单耗影响 as in 连环替代 with structure first (from general knowledge); the symmetric form is that
of A. Marshall and F. Edgeworth, and of Shapley for two factors.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from django.utils.translation import gettext as _

from gangmu.figures.analysis.errors import NoBase
from gangmu.figures.analysis.rounding import apportioned, half_up, shown, shown_difference

_ZERO = Fraction(0)


class Weighing(StrEnum):
    """At which side's weights and rates the effects on a ratio are measured."""

    SYMMETRIC = "symmetric"
    CHAIN = "chain"


class Presence(StrEnum):
    """On which sides a part is there."""

    BOTH = "both"
    JOINED = "joined"  # in the period itself only: a new plant
    LEFT = "left"  # in the base only
    MISSING = "missing"  # on neither side; contributes nothing


@dataclass(frozen=True)
class Part:
    """A part of a sum; None where it is not there. Both in one unit."""

    key: str
    base: Fraction | None
    actual: Fraction | None


@dataclass(frozen=True)
class Contribution:
    """What a part contributed to the change of a sum, in the sum's unit, exact.

    `pull` is a part of the growth rate, None where the whole's base is not positive; `share` a part of the change, None
    where the whole did not change.
    """

    key: str
    presence: Presence
    change: Fraction
    pull: Fraction | None
    share: Fraction | None


@dataclass(frozen=True)
class SumChange:
    """The change of a sum. The contributions' changes add up to `change`, pulls to the growth rate, shares to 1."""

    base: Fraction
    actual: Fraction
    contributions: tuple[Contribution, ...]

    @property
    def change(self) -> Fraction:
        return self.actual - self.base

    def at(self, digits: int) -> tuple[Decimal, ...]:
        """The parts' changes at `digits` decimals, adding up to the difference of the two sums as shown."""
        return _shown(self.base, self.actual, [one.change for one in self.contributions], digits)


def of_sum(parts: Sequence[Part]) -> SumChange:
    """What each part contributed to the change of their sum. A part that is not there counts 0."""
    base = sum((part.base or _ZERO for part in parts), _ZERO)
    actual = sum((part.actual or _ZERO for part in parts), _ZERO)
    return SumChange(base, actual, tuple(_contribution(part, base, actual - base) for part in parts))


def _contribution(part: Part, base: Fraction, whole: Fraction) -> Contribution:
    change = (part.actual or _ZERO) - (part.base or _ZERO)
    pull = change / base if base > 0 else None
    share = change / whole if whole else None
    return Contribution(part.key, _presence(part.base is not None, part.actual is not None), change, pull, share)


def _presence(base: bool, actual: bool) -> Presence:
    if base and actual:
        return Presence.BOTH
    return Presence.JOINED if actual else Presence.LEFT if base else Presence.MISSING


# Ratios -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ratio:
    """Numerator and denominator of a part on one side, each in one unit for all parts."""

    numerator: Fraction
    denominator: Fraction


@dataclass(frozen=True)
class RatioPart:
    """A part of a ratio of sums; None where it is not there."""

    key: str
    base: Ratio | None
    actual: Ratio | None


@dataclass(frozen=True)
class RatioContribution:
    """What a part contributed to the change of a ratio, in numerator's unit by denominator's, exact.

    `other` comes from a numerator without a denominator, and is 0 else.
    """

    key: str
    presence: Presence
    mix: Fraction
    rate: Fraction
    other: Fraction

    @property
    def change(self) -> Fraction:
        return self.mix + self.rate + self.other


@dataclass(frozen=True)
class ShownContribution:
    """A part's effects at the decimals of the ratio; `change` is their sum."""

    key: str
    mix: Decimal
    rate: Decimal
    other: Decimal

    @property
    def change(self) -> Decimal:
        return self.mix + self.rate + self.other


@dataclass(frozen=True)
class RatioChange:
    """The change of a ratio of sums: the contributions' mix, rate and other effects add up to it."""

    base: Fraction
    actual: Fraction
    contributions: tuple[RatioContribution, ...]

    @property
    def change(self) -> Fraction:
        return self.actual - self.base

    @property
    def mix(self) -> Fraction:
        """The mix effects of all parts together."""
        return sum((one.mix for one in self.contributions), _ZERO)

    @property
    def rate(self) -> Fraction:
        """The rate effects of all parts together."""
        return sum((one.rate for one in self.contributions), _ZERO)

    def at(self, digits: int, factor: Fraction = Fraction(1)) -> tuple[ShownContribution, ...]:
        """All effects at `digits` decimals of the ratio times `factor` (100 for %).

        They add up to the difference of the two ratios as shown; totals of columns are to be added up from these.
        """
        effects = [effect * factor for one in self.contributions for effect in (one.mix, one.rate, one.other)]
        cells = iter(_shown(self.base * factor, self.actual * factor, effects, digits))
        return tuple(
            ShownContribution(one.key, mix, rate, other)
            for one, mix, rate, other in zip(self.contributions, cells, cells, cells, strict=True)
        )


def of_ratio(parts: Sequence[RatioPart], weighing: Weighing = Weighing.SYMMETRIC) -> RatioChange:
    """What each part contributed to the change of Σ numerators ÷ Σ denominators, by mix and by rate.

    Raises:
        NoBase: the denominators of one side add up to 0.
    """
    numerators, denominators = [_ZERO, _ZERO], [_ZERO, _ZERO]
    for part in parts:
        for side, ratio in enumerate((part.base, part.actual)):
            if ratio:
                numerators[side] += ratio.numerator
                denominators[side] += ratio.denominator
    if not denominators[0]:
        raise NoBase(_("The denominators of the base add up to 0, so it has no ratio. Choose another base."))
    if not denominators[1]:
        raise NoBase(_("The denominators of the period itself add up to 0, so it has no ratio. Choose another period."))
    base, actual = (top / below for top, below in zip(numerators, denominators, strict=True))
    middle = base if weighing is Weighing.CHAIN else (base + actual) / 2
    found = tuple(_effects(part, denominators, middle, weighing) for part in parts)
    return RatioChange(base, actual, found)


def _effects(part: RatioPart, totals: Sequence[Fraction], middle: Fraction, weighing: Weighing) -> RatioContribution:
    sides = [ratio or Ratio(_ZERO, _ZERO) for ratio in (part.base, part.actual)]
    weights = [ratio.denominator / total for ratio, total in zip(sides, totals, strict=True)]
    rates = [ratio.numerator / ratio.denominator if ratio.denominator else None for ratio in sides]
    bare = [_ZERO if ratio.denominator else ratio.numerator / total for ratio, total in zip(sides, totals, strict=True)]
    before = rates[0] if rates[0] is not None else rates[1] or _ZERO
    after = rates[1] if rates[1] is not None else before
    shift = weights[1] - weights[0]
    if weighing is Weighing.CHAIN:
        rate, mix = (after - before) * weights[1], shift * (before - middle)
    else:
        rate = (after - before) * (weights[0] + weights[1]) / 2
        mix = shift * ((before + after) / 2 - middle)
    presence = _presence(part.base is not None, part.actual is not None)
    return RatioContribution(part.key, presence, mix, rate, bare[1] - bare[0])


def _shown(base: Fraction, actual: Fraction, parts: Sequence[Fraction], digits: int) -> tuple[Decimal, ...]:
    if not parts:
        return ()
    total = shown_difference(actual, base, digits)
    return tuple(shown(number, digits) for number in apportioned(parts, total, digits))


def shown_figure(value: Fraction, digits: int) -> Decimal:
    """A whole as it is shown beside its contributions."""
    return shown(half_up(value, digits), digits)

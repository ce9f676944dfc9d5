"""What a tax is, as a value: its rates, each until a last day; and what the companions of indicators are called."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from gangmu.figures.indicators.definitions import MOST_EARLIER, Basis, IndicatorDefinition
from gangmu.foundation.parties.kinds import Words

MOST_TAXES = 100
MOST_RATES = MOST_EARLIER + 1  # each makes a formula of its companions
RATE_DECIMALS = 6
SUFFIX = {Basis.INCLUDED: "taxed", Basis.EXCLUDED: "untaxed"}
_NAMED = {
    Basis.INCLUDED: Words("（含税）", "with tax"),
    Basis.EXCLUDED: Words("（不含税）", "without tax"),
}


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate (0.13 is 13 %) up to its last day `until`; the newest has none. `source`: by which act it is so."""

    rate: Decimal
    source: Words
    is_verified: bool
    until: date | None = None

    @property
    def percent(self) -> str:
        """13 %, written `13`."""
        return f"{(self.rate * 100).normalize():f}"


@dataclass(frozen=True, slots=True)
class Tax:
    """A tax and its rates, the first one first; each holds from the day after the one before it."""

    code: str
    name: Words
    rates: tuple[Rate, ...]

    def on(self, day: date) -> Rate:
        """The rate of a day."""
        return next(one for one in self.rates if one.until is None or day <= one.until)

    def since(self, rate: Rate) -> date | None:
        """The first day of a rate; None: it held from the beginning."""
        number = self.rates.index(rate)
        before = self.rates[number - 1].until if number else None
        return before + timedelta(days=1) if before else None

    def within(self, first: date, last: date) -> Sequence[Rate]:
        """The rates that hold on one of the days."""
        return [
            one
            for one in self.rates
            if (one.until is None or first <= one.until) and (self.since(one) or date.min) <= last
        ]


def companion_code(code: str, basis: Basis) -> str:
    """`settlement_fees.taxed`: the figures of an indicator with tax; `.untaxed` without."""
    return f"{code}.{SUFFIX[basis]}"


def companion_name(of: IndicatorDefinition, basis: Basis) -> Words:
    """结算费用（含税）, Settlement fees with tax: what it said of tax gives way.

    Of a part: 结算费用（含税）·容量电费.
    """
    zh, en = of.name.zh, of.name.en
    mine = _NAMED[basis]
    for other in _NAMED.values():
        if other.zh in zh:
            zh = zh.replace(other.zh, mine.zh, 1)
            break
    else:
        zh = _inserted(zh, "·" if of.member else "", mine.zh)
    for said in ("excluding tax", "including tax", *(other.en for other in _NAMED.values())):
        if said in en:
            en = en.replace(said, mine.en, 1)
            break
    else:
        en = _inserted(en, " · " if of.member else "", f" {mine.en}")
    return Words(zh, en)


def _inserted(name: str, before: str, words: str) -> str:
    """A name with words at its end, or at the end of its whole's name where it is that of a part."""
    whole, between, part = name.rpartition(before) if before and before in name else (name, "", "")
    return f"{whole}{words}{between}{part}"

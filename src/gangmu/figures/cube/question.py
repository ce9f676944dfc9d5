"""A question to the cube and its answer, as values."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from gangmu.figures.analysis.changes import in_words
from gangmu.figures.cube.errors import BadOption

COMPARISONS = ("previous", "year-ago", "year-ago-festival", "to-date", "to-date-year-ago")
STRUCTURES = ("then", "now")
STATES = ("filed", "plant", "region", "group", "locked")  # from 1
TAXES = ("included", "excluded")
TIER = "tier"  # also tier:KIND and tier:KIND:UNIT, see `gangmu.figures.indicators.tiers`
CATEGORY = "category"  # asks for one row for each part of a split indicator
GROUPINGS = ("children", "fuel", "province", "grid", "kind")


@dataclass(frozen=True)
class Question:
    """Which figures are wanted.

    Args:
        indicators, organisations, periods: codes; every combination is answered.
        by: one row for each child of the organisation, or each fuel, province, grid or kind below it;
            with `category`, one for each part of a split indicator.
        compare: with which period; see `gangmu.foundation.periods`.
        structure: `then`: by the tree of each day; `now`: by today's.
        at_least: only facts at this state or above count.
        scenario: what happened (`actual`), a plan version, a forecast.
        scope: the code of a statistical scope 统计口径 that says who counts, and with which share; everybody without.
        category: of each indicator only its part for this category.
        tax: `included` or `excluded`: figures with tax or without 含税/不含税, of those indicators that know of a tax;
            each row says which indicator answers. Without it, those that are asked for.
        unit: in which unit figures are told, such as 亿kWh; `tier`: in those of the first organisation's kind, in the
            active language; `tier:KIND`: of that kind; `tier:KIND:UNIT`: what fits the unit in it, with the decimals
            with which it is read, the rest of that kind; else in that of each indicator.
    """

    indicators: Sequence[str]
    organisations: Sequence[str]
    periods: Sequence[str]
    by: str | None = None
    compare: str | None = None
    structure: str = "then"
    at_least: str = "filed"
    scenario: str = "actual"
    scope: str | None = None
    category: str | None = None
    unit: str | None = None
    tax: str | None = None

    def check(self) -> None:
        """Refuse options that do not exist.

        Raises:
            BadOption: with the value that was probably meant.
        """
        for option, value, known in (
            ("by", self.by, (*GROUPINGS, CATEGORY)),
            ("compare", self.compare, COMPARISONS),
            ("structure", self.structure, STRUCTURES),
            ("at_least", self.at_least, STATES),
            ("tax", self.tax, TAXES),
        ):
            if value is None and option in {"by", "compare", "tax"}:
                continue
            if value not in known:
                nearest = get_close_matches(str(value), known, n=1, cutoff=0.5)
                raise BadOption(option, value, known, nearest[0] if nearest else None)
        for option, values in (
            ("indicators", self.indicators),
            ("organisations", self.organisations),
            ("periods", self.periods),
        ):
            if not values or isinstance(values, str):
                raise BadOption(option, values, ("…",))
        if (self.category or self.unit) and self.by == CATEGORY:  # what is not split would hold what was rounded away
            raise BadOption("by", self.by, GROUPINGS)

    @property
    def lowest_state(self) -> int:
        return STATES.index(self.at_least) + 1

    @property
    def is_by_tier(self) -> bool:
        """Whether figures are told in units that depend on the active language."""
        return self.unit is not None and self.unit.split(":")[0] == TIER


@dataclass(frozen=True)
class Comparison:
    """The figure of the other period. Values are decimal strings; `rate` has six decimals.

    `state` is as a row's; pages mark with it what is not approved yet. `word` is the code of what is said in the place
    of a rate, see `gangmu.figures.analysis.changes`.
    """

    period: str
    value: str | None
    change: str | None
    rate: str | None
    state: str | None = None
    word: str | None = None

    def as_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {"period": self.period, "value": self.value, "change": self.change, "rate": self.rate}
        if self.word:
            found["word"] = self.word
        return found

    @property
    def told(self) -> str:
        """In words of the active language, where a rate says nothing: 扭亏为盈, base was zero; else empty."""
        return str(in_words(self.word)) if self.word else ""


@dataclass(frozen=True)
class Settled:
    """What settled values 月报数 of closed months do to a figure: how many are in it, each of an organisation's month,
    and the month-end adjustment 月末调整, by which they differ from their days."""

    months: int
    adjustment: str

    def as_json(self) -> dict[str, Any]:
        return {"months": self.months, "adjustment": self.adjustment}


@dataclass(frozen=True)
class Row:
    """One figure. `group` is None for the organisation's total, and for "no value" when asked by an attribute.

    `category` is that of a part of a split indicator, "" of what is in no part; `share` its share of the whole; `part`
    the code of the part itself where rows are by category.
    """

    organisation: str
    group: str | None
    indicator: str
    period: str
    value: str | None
    unit: str
    reported: int
    expected: int
    state: str | None
    compare: Comparison | None = None
    marks: tuple[str, ...] = ()
    scope: str | None = None
    settled: Settled | None = None
    category: str | None = None
    share: str | None = None
    part: str = ""

    def as_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "organisation": self.organisation,
            "group": self.group,
            "indicator": self.indicator,
            "period": self.period,
            "value": self.value,
            "unit": self.unit,
            "coverage": {"reported": self.reported, "expected": self.expected},
            "state": self.state,
            "compare": self.compare.as_json() if self.compare else None,
        }
        if self.scope:
            found["scope"] = self.scope
        if self.marks:
            found["marks"] = list(self.marks)
        if self.settled:
            found["settled"] = self.settled.as_json()
        if self.category is not None:
            found["category"] = self.category or None
        if self.share is not None:
            found["share"] = self.share
        return found


@dataclass(frozen=True)
class Answer:
    """The rows: by organisation, period, indicator, then group."""

    rows: list[Row] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {"rows": [row.as_json() for row in self.rows]}


def stored_text(value: int, scale: int, decimals: int) -> str:
    """A stored number as decimal text: with the decimals of its period, with more where it has them."""
    while scale > decimals and not value % 10:
        value, scale = value // 10, scale - 1
    return decimal_text(value, scale)


def decimal_text(scaled: int, precision: int) -> str:
    """An integer in units of 10^-precision as decimal text; zero has no sign."""
    digits = str(abs(scaled)).rjust(precision + 1, "0")
    whole, part = (digits[:-precision], digits[-precision:]) if precision else (digits, "")
    return ("-" if scaled < 0 else "") + whole + (f".{part}" if part else "")

"""What an indicator 指标 is, as a value: the same from a file, from the database, and for the cube."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum

from gangmu.figures.indicators.decimals import EarlierPrecision, decimals_on, greatest
from gangmu.figures.indicators.formula.tree import FUNCTIONS
from gangmu.foundation.parties.kinds import Words

LONGEST_CODE = 64
LONGEST_NAME = 120
LONGEST_UNIT = 40
CODE = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
DEFAULT_LEVEL = "unit"
MOST_EARLIER = 32  # formulas that an indicator had before


class Grain(StrEnum):
    """The period of one fact."""

    DAY = "day"
    MONTH = "month"


class OverTime(StrEnum):
    """How an organisation's values inside a period become one."""

    SUM = "sum"
    MEAN = "mean"
    FIRST = "first"
    LAST = "last"
    MIN = "min"
    MAX = "max"


class OverOrganisations(StrEnum):
    """How the values of several organisations become one. NONE: they do not."""

    SUM = "sum"
    MEAN = "mean"
    MIN = "min"
    MAX = "max"
    WEIGHTED = "weighted"
    NONE = "none"


class Making(StrEnum):
    """Where an indicator's values come from.

    STORED: filed as facts. CELL: a formula for each cell, whose results are added up like facts. RESULT: a formula on
    the added-up results of its inputs (ratios).
    """

    STORED = "stored"
    CELL = "cell"
    RESULT = "result"


@dataclass(frozen=True, slots=True)
class Earlier:
    """A formula that was valid before 以前的公式: `until` is its last day."""

    until: date
    formula: str


class Total(StrEnum):
    """Where the whole of a split indicator comes from: filed beside its parts, or made of them."""

    FILED = "filed"
    PARTS = "parts"


@dataclass(frozen=True, slots=True)
class Split:
    """By which dictionary of categories an indicator is split 分类."""

    by: str
    total: Total = Total.FILED


@dataclass(frozen=True, slots=True)
class Member:
    """Of a part of a split indicator: whose part, which category, and on which days it takes figures."""

    of: str
    category: str
    valid_from: date | None = None
    valid_to: date | None = None

    def takes(self, first: date, last: date) -> bool:
        """Whether it takes figures on one of the days of a period."""
        return (self.valid_from is None or self.valid_from <= last) and (
            self.valid_to is None or first <= self.valid_to
        )


class Basis(StrEnum):
    """Whether a tax is in a figure: 含税, 不含税."""

    INCLUDED = "included"
    EXCLUDED = "excluded"

    @property
    def other(self) -> "Basis":
        return Basis.EXCLUDED if self is Basis.INCLUDED else Basis.INCLUDED


@dataclass(frozen=True, slots=True)
class Taxed:
    """Of an indicator that is told with tax and without: which of the two it is itself, and the code of the tax.

    Without a `tax`, a formula follows what it stands on. `of` is set in companions alone: the indicators that are made
    to tell the same on the other basis.
    """

    basis: Basis
    tax: str = ""
    of: str = ""


@dataclass(frozen=True, slots=True)
class IndicatorDefinition:
    """An indicator. `formula` is empty for stored ones; both rules are empty for result formulas.

    `formula` is the newest; `earlier` are those that were valid before it, the first one first: each from the day after
    the one before it. So are `precision` and `precisions`: a figure of a period has the decimals that hold on the last
    day of the period; figures are stored with those of `scale`.
    `weight` is the code of another indicator and belongs to WEIGHTED alone.
    `settles` is the code of the daily indicator whose months this monthly one settles once they are closed (月报数).
    `split` says by which categories it is split; each makes an indicator of its own, its `member`.
    `taxed` says whether tax is in it; the other of the two is told by its companion, an indicator of its own.
    `is_profit`: it can be a profit or a loss, so that changes are told in the words for these.
    `is_shipped` tells where the definition comes from and is no part of what it says.
    """

    code: str
    name: Words
    unit: str
    precision: int
    grain: Grain
    level: str = DEFAULT_LEVEL
    over_time: OverTime | None = OverTime.SUM
    over_organisations: OverOrganisations | None = OverOrganisations.SUM
    weight: str | None = None
    formula: str = ""
    earlier: tuple[Earlier, ...] = ()
    precisions: tuple[EarlierPrecision, ...] = ()
    settles: str | None = None
    is_profit: bool = False
    split: Split | None = None
    member: Member | None = None
    taxed: Taxed | None = None
    is_shipped: bool = field(default=False, compare=False)

    @property
    def making(self) -> Making:
        if not self.formula:
            return Making.STORED
        return Making.RESULT if self.over_organisations is None else Making.CELL

    @property
    def scale(self) -> int:
        """The decimals with which figures are stored: the most that it ever had."""
        return greatest(self.precision, self.precisions)

    def decimals(self, day: date) -> int:
        """The decimals that hold on a day."""
        return decimals_on(day, self.precision, self.precisions)

    def on(self, day: date) -> "IndicatorDefinition":
        """The indicator with the formula of one day alone."""
        if not self.earlier:
            return self
        formula = next((one.formula for one in self.earlier if day <= one.until), self.formula)
        return replace(self, formula=formula, earlier=())

    def since(self, day: date) -> date | None:
        """The first day of the formula that is valid on `day`; None: it was valid from the beginning."""
        ended = [one.until for one in self.earlier if one.until < day]
        return ended[-1] + timedelta(days=1) if ended else None


# What every formula may use besides indicators, with its unit. Its values come from the organisations' dated capacity.
CAPACITIES: Mapping[str, str] = {"capacity_mw": "MW", "capacity_mwh": "MWh"}
RESERVED_CODES = frozenset({*CAPACITIES, *FUNCTIONS, "and", "or", "not", "true", "false", "null"})

"""What an indicator 指标 is, as a value: the same from a file, from the database, and for the cube."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gangmu.figures.indicators.formula.tree import FUNCTIONS
from gangmu.foundation.parties.kinds import Words

MOST_DECIMALS = 9
LONGEST_CODE = 64
LONGEST_NAME = 120
LONGEST_UNIT = 40
CODE = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
DEFAULT_LEVEL = "unit"


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
class IndicatorDefinition:
    """An indicator. `formula` is empty for stored ones; both rules are empty for result formulas.

    `weight` is the code of another indicator and belongs to WEIGHTED alone. `is_shipped` tells where the definition
    comes from and is no part of what it says.
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
    is_shipped: bool = field(default=False, compare=False)

    @property
    def making(self) -> Making:
        if not self.formula:
            return Making.STORED
        return Making.RESULT if self.over_organisations is None else Making.CELL


# What every formula may use besides indicators, with its unit. Its values come from the organisations' dated capacity.
CAPACITIES: Mapping[str, str] = {"capacity_mw": "MW", "capacity_mwh": "MWh"}
RESERVED_CODES = frozenset({*CAPACITIES, *FUNCTIONS, "and", "or", "not", "true", "false", "null"})

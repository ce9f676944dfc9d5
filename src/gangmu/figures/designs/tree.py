"""What an expression says, as values. Nothing nests: arithmetic is left to the spreadsheet's own formulas."""

from dataclasses import dataclass, field
from enum import StrEnum


class Shows(StrEnum):
    """What of a figure is shown.

    RATE and CHANGE are against `Figure.against`; PROGRESS, PLAN and PLAN_CHANGE against the plan's scenario.
    """

    VALUE = "value"
    RATE = "rate"
    CHANGE = "change"
    PLAN = "plan"
    PROGRESS = "progress"
    PLAN_CHANGE = "plan_change"
    STATE = "state"
    COVERAGE = "coverage"
    COVERAGE_RATE = "coverage_rate"
    REPORTED = "reported"
    EXPECTED = "expected"
    UNIT = "unit"
    NAME = "name"


class Against(StrEnum):
    """With which period a figure is compared."""

    YEAR_AGO = "year-ago"
    PREVIOUS = "previous"


class Place(StrEnum):
    """HERE: the row's member in a repeated block, elsewhere the report's own. OWN: always the report's own."""

    HERE = "here"
    OWN = "own"
    NAMED = "named"


@dataclass(frozen=True, slots=True)
class Where:
    """Whose figure: an organisation, and of it all or one group (fuel, province, kind)."""

    place: Place = Place.HERE
    organisation: str = ""
    by: str = ""
    group: str = ""


class PartKind(StrEnum):
    DAY = "day"
    TEN_DAY = "ten_day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


class ToDate(StrEnum):
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class When:
    """Which period: the report's, a named one (`code`) or a part of the report's; then moved, then stretched to date.

    `number` counts the parts from 1; 0 is the last.
    """

    code: str = ""
    part: PartKind | None = None
    number: int = 0
    previous: bool = False
    year_ago: bool = False
    to_date: ToDate | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the cube. `at_least`: only facts at this state or above count; `scenario`: its own or the plan's;
    `unit`: in which it is shown, a power of ten from the indicator's."""

    indicator: str
    shows: Shows = Shows.VALUE
    against: Against | None = None
    where: Where = field(default_factory=Where)
    when: When = field(default_factory=When)
    at_least: str = "filed"
    scenario: str = ""
    unit: str = ""


class Head(StrEnum):
    """What a report says of itself; the last three only inside a repeated block."""

    TITLE = "title"
    ORGANISATION = "organisation"
    ORGANISATION_CODE = "organisation_code"
    PERIOD = "period"
    PERIOD_CODE = "period_code"
    START = "start"
    END = "end"
    EDITION = "edition"
    PRINTED_AT = "printed_at"
    NUMBER = "number"
    MEMBER = "member"
    MEMBER_CODE = "member_code"


OF_PERIODS = frozenset({Head.PERIOD, Head.PERIOD_CODE, Head.START, Head.END})
OF_PRINTING = frozenset({Head.EDITION, Head.PRINTED_AT})
OF_MEMBERS = frozenset({Head.NUMBER, Head.MEMBER, Head.MEMBER_CODE})


@dataclass(frozen=True, slots=True)
class Heading:
    head: Head
    when: When = field(default_factory=When)


@dataclass(frozen=True, slots=True)
class Repeat:
    """Repeats its row, and as many below it as `rows` says, for each member; shows the member's name."""

    by: str = "children"
    organisation: str = ""
    rows: int = 1


Expression = Figure | Heading | Repeat


@dataclass(frozen=True, slots=True)
class CellText:
    """The text of a cell with expressions in it; a lone expression makes the cell a number or date."""

    parts: tuple[str | Expression, ...]
    columns: tuple[int, ...]  # where each expression begins, in their order

    @property
    def lone(self) -> Expression | None:
        return self.parts[0] if len(self.parts) == 1 and not isinstance(self.parts[0], str) else None

    @property
    def expressions(self) -> tuple[Expression, ...]:
        return tuple(part for part in self.parts if not isinstance(part, str))

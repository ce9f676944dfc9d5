"""Lists to go down by: children, and the parts of a period, each with its figure and its bar."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from gangmu.foundation.ui.templatetags.ui import number
from gangmu.shell.figures.sheets import is_provisional, state_word

TENTH = Decimal("0.1")
BAR_HEIGHT = 40


@dataclass(frozen=True)
class Line:
    """One line of a list to go down by: a child, or a part of the period."""

    name: str
    url: str
    row: Mapping[str, Any]
    width: Decimal | None = None  # of its bar, of 100
    code: str = ""
    own: bool = False

    @property
    def value(self) -> str:
        return number(self.row["value"])

    @property
    def height(self) -> Decimal:
        """Of its bar, of 40."""
        return (self.width or Decimal(0)) * 4 / 10

    @property
    def top(self) -> Decimal:
        return BAR_HEIGHT - self.height

    @property
    def is_complete(self) -> bool:
        return self.row["coverage"]["reported"] >= self.row["coverage"]["expected"]

    @property
    def is_provisional(self) -> bool:
        return self.row["value"] is not None and is_provisional(self.row["state"])

    @property
    def state(self) -> str:
        return state_word(self.row["state"]) if self.row["state"] else ""


def widths(values: Sequence[str | None]) -> list[Decimal | None]:
    """Bars of 100 for the largest; none where one of them is negative."""
    numbers = [None if value is None else Decimal(value) for value in values]
    known = [one for one in numbers if one is not None]
    most = max(known, default=Decimal(0))
    if most <= 0 or min(known) < 0:
        return [None] * len(numbers)
    return [None if one is None else share(one, most) for one in numbers]


def share(part: Decimal, whole: Decimal) -> Decimal:
    return (part * 100 / whole).quantize(TENTH, ROUND_HALF_UP)

"""What is found in a workbook: each with its address, whose figure it is, and the reason."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from gangmu.figures.filing.excel.shape import Place


class Kind(StrEnum):
    """How much it matters.

    FAULT: the cell or row is not taken. ROUNDING: neither, unless the user takes the shown rounding. ERROR: a rule is
    broken. WARNING: a rule needs the clerk's words. NOTE: taken, and said.
    """

    FAULT = "fault"
    ROUNDING = "rounding"
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def refuses(self) -> bool:
        """Whether its row is not good."""
        return self in (Kind.FAULT, Kind.ROUNDING, Kind.ERROR)


@dataclass(frozen=True, slots=True)
class Found:
    """One thing found. `organisation` and `indicator` are codes, empty where it is about more than one cell."""

    place: Place
    message: str
    kind: Kind = Kind.FAULT
    organisation: str = ""
    indicator: str = ""
    period: str = ""
    also: tuple[Place, ...] = ()  # further cells that it is about

    def __str__(self) -> str:
        whose = ", ".join(part for part in (self.organisation, self.indicator, self.period) if part)
        return f"{self.place} ({whose}): {self.message}" if whose else f"{self.place}: {self.message}"


def in_order(found: Iterable[Found]) -> list[Found]:
    """By their places, what refuses before what only warns."""
    order = list(Kind)
    return sorted(found, key=lambda one: (order.index(one.kind) == len(order) - 1, one.place))

"""What a check needs to know besides the figures themselves: capacities, earlier figures, neighbours' figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np
import numpy.typing as npt

Day = date  # the first day of a period, by which it is known


@dataclass(frozen=True)
class Filled:
    """The figures of one sheet, to be checked.

    Args:
        organisation_id: whose sheet it is.
        period: its first day.
        rows: for each level of the form's sections, the organisations that have a row there; `self` has the sheet's
            own.
        values: by organisation and indicator; None or left out where the cell is blank.
        marks: those that are not NONE.
    """

    organisation_id: int
    period: Day
    rows: Mapping[str, Sequence[int]]
    values: Mapping[tuple[int, str], Decimal | None]
    marks: Mapping[tuple[int, str], int] = field(default_factory=dict)


@dataclass(frozen=True)
class RowFacts:
    """An organisation in one period.

    Args:
        ancestors: ids of those above it, nearest first.
        capacity_mw: the mean over the period's days of its capacity in service; None where it has none.
        capacity_mwh: that capacity × hours in service.
        group: organisations with the same one are neighbours; None: it has none.
    """

    ancestors: tuple[int, ...] = ()
    capacity_mw: Fraction | None = None
    capacity_mwh: Fraction | None = None
    group: object = None


@dataclass(frozen=True, eq=False)
class Series:
    """Stored figures of one organisation and indicator: first days (ordinals, ascending) and scaled values."""

    days: npt.NDArray[np.int64]
    values: npt.NDArray[np.int64]

    def at(self, day: Day) -> int | None:
        """The scaled figure of a period."""
        ordinal = day.toordinal()
        position = int(np.searchsorted(self.days, ordinal))
        if position < len(self.days) and self.days[position] == ordinal:
            return int(self.values[position])
        return None


AllSeries = Mapping[tuple[int, str], Series]  # by organisation and indicator


@dataclass(frozen=True)
class Context:
    """What is known beside the sheets, for as many sheets and periods as are checked together.

    Args:
        rows: by organisation and period: those of the sheets, and their neighbours.
        earlier: figures of the periods before and a year ago.
        past: figures for the comparison with an organisation's own history; none that were out of service.
        beside: figures of neighbours in the sheets' periods; none that were out of service.
    """

    rows: Mapping[tuple[int, Day], RowFacts] = field(default_factory=dict)
    earlier: AllSeries = field(default_factory=dict)
    past: AllSeries = field(default_factory=dict)
    beside: AllSeries = field(default_factory=dict)

"""What a check needs to know besides the figures themselves: capacities, earlier figures, neighbours' figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

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
    """An organisation that has rows, in one period.

    Args:
        ancestors: ids of those above it, nearest first.
        capacity_mw: the mean over the period's days of its capacity in service; None where it has none.
        capacity_mwh: that capacity × hours in service.
        group: organisations with the same one are neighbours; None: it has none.
    """

    ancestors: tuple[int, ...] = ()
    capacity_mw: Decimal | None = None
    capacity_mwh: Decimal | None = None
    group: object = None


@dataclass(frozen=True)
class Series:
    """Stored figures of one organisation and indicator: first days (ordinals, ascending) and scaled values."""

    days: npt.NDArray[np.int64]
    values: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Context:
    """What is known beside the sheets, for as many sheets and periods as are checked together.

    `facts` are what is filed already, out-of-service figures left out of it: the period before, a year ago, the past
    for `history`, the same day for `neighbours`. Figures that are checked together come before them.
    """

    rows: Mapping[tuple[int, Day], RowFacts] = field(default_factory=dict)
    facts: Mapping[tuple[int, str], Series] = field(default_factory=dict)

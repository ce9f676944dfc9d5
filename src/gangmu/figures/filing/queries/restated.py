"""Figures that a correction replaced after they had been approved 重述."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from gangmu.figures.filing.models import CorrectionCell
from gangmu.figures.filing.models.corrections import Correction
from gangmu.foundation.parties.queries import among


@dataclass(frozen=True)
class Restatement:
    """One figure as it was approved and as it stands since. `old` is None where nothing had been reported."""

    correction: int
    organisation: str  # code
    whose: str  # its name
    indicator: str
    name: str
    unit: str
    period: date  # the first day
    is_daily: bool
    old: Decimal | None
    new: Decimal
    reason: str
    applied_at: datetime


def restatements(organisations: Collection[int], first: date, last: date, most: int) -> tuple[list[Restatement], int]:
    """The newest restatements on sheets of some organisations whose period begins within [first, last], and how
    many there are. Only what the asker's row security shows."""
    cells = CorrectionCell.objects.filter(
        among("correction__organisation_id", organisations),
        correction__status=Correction.Status.APPLIED,
        correction__sheet__period__range=(first, last),
    ).order_by("-correction__applied_at", "-correction_id", "organisation_id", "indicator_id")
    rows = cells.select_related("correction", "correction__sheet", "indicator", "organisation")[: most + 1]
    found = [_told(cell) for cell in rows]
    return found[:most], len(found) if len(found) <= most else cells.count()


def _told(cell: CorrectionCell) -> Restatement:
    correction, indicator = cell.correction, cell.indicator

    def scaled(value: int) -> Decimal:
        return Decimal(value).scaleb(-indicator.scale)

    return Restatement(
        correction=correction.pk,
        organisation=str(cell.organisation.code),
        whose=str(cell.organisation.name),
        indicator=str(indicator.code),
        name=str(indicator.name),
        unit=str(indicator.unit),
        period=correction.sheet.period,
        is_daily=indicator.grain == "day",
        old=None if cell.old is None else scaled(cell.old),
        new=scaled(cell.new),
        reason=str(correction.reason),
        applied_at=correction.applied_at,
    )

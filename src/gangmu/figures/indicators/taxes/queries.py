"""Reading taxes."""

from django.db.models import F

from gangmu.figures.indicators.taxes.definitions import Rate, Tax
from gangmu.figures.indicators.taxes.models import Tax as TaxRow
from gangmu.figures.indicators.taxes.models import TaxRate
from gangmu.foundation.parties.kinds import Words


def taxes() -> dict[str, Tax]:
    """All taxes by code. Two queries."""
    found: dict[int, list[Rate]] = {}
    for row in TaxRate.objects.order_by("tax", F("until").asc(nulls_last=True)):
        source = Words(str(row.source_zh), str(row.source_en))
        rate = Rate(row.rate.normalize(), source, bool(row.is_verified), row.until)
        found.setdefault(row.tax_id, []).append(rate)
    return {
        str(row.code): Tax(str(row.code), Words(str(row.name_zh), str(row.name_en)), tuple(found.get(row.pk, ())))
        for row in TaxRow.objects.order_by("code")
    }

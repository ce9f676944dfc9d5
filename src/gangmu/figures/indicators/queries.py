"""Reading indicators."""

import json
from collections.abc import Iterable
from datetime import date

from gangmu.figures.indicators.catalogue import Catalogue
from gangmu.figures.indicators.decimals import read_precisions
from gangmu.figures.indicators.definitions import (
    Basis,
    Earlier,
    Grain,
    IndicatorDefinition,
    Member,
    OverOrganisations,
    OverTime,
    Split,
    Taxed,
    Total,
)
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.parties.kinds import Words
from gangmu.foundation.settings import clock


def definition_of(indicator: Indicator) -> IndicatorDefinition:
    """The row as a value."""
    return IndicatorDefinition(
        code=str(indicator.code),
        name=Words(str(indicator.name_zh), str(indicator.name_en)),
        unit=str(indicator.unit),
        precision=int(indicator.precision),
        grain=Grain(indicator.grain),
        level=str(indicator.level),
        over_time=OverTime(indicator.over_time) if indicator.over_time else None,
        over_organisations=OverOrganisations(indicator.over_organisations) if indicator.over_organisations else None,
        weight=str(indicator.weight) or None,
        formula=str(indicator.formula),
        earlier=read_earlier(str(indicator.earlier)),
        precisions=read_precisions(str(indicator.precisions)),
        settles=str(indicator.settles) or None,
        is_profit=bool(indicator.is_profit),
        split=Split(str(indicator.split_by), Total(indicator.split_total)) if indicator.split_by else None,
        member=_member_of(indicator) if indicator.member_of else None,
        taxed=_taxed_of(indicator) if indicator.tax_basis else None,
        is_shipped=indicator.source == Indicator.Source.SHIPPED,
    )


def _member_of(indicator: Indicator) -> Member:
    return Member(
        str(indicator.member_of), str(indicator.category), indicator.valid_from or None, indicator.valid_to or None
    )


def _taxed_of(indicator: Indicator) -> Taxed:
    return Taxed(Basis(indicator.tax_basis), str(indicator.tax), str(indicator.tax_of))


def read_earlier(text: str) -> tuple[Earlier, ...]:
    """Earlier formulas as they are kept in a row."""
    return tuple(Earlier(date.fromisoformat(day), formula) for day, formula in json.loads(text)) if text else ()


def written(earlier: Iterable[Earlier]) -> str:
    """Earlier formulas as a row keeps them; nothing where there are none."""
    rows = [[one.until.isoformat(), one.formula] for one in earlier]
    return json.dumps(rows, ensure_ascii=False) if rows else ""


def catalogue() -> Catalogue:
    """All indicators, with the formulas of today. One query; formulas are compiled when they are asked for."""
    today = clock.today()
    return Catalogue(definition_of(indicator).on(today) for indicator in Indicator.objects.all())

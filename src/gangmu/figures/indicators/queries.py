"""Reading indicators."""

from gangmu.figures.indicators.catalogue import Catalogue
from gangmu.figures.indicators.definitions import Grain, IndicatorDefinition, OverOrganisations, OverTime
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.parties.kinds import Words


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
        is_shipped=indicator.source == Indicator.Source.SHIPPED,
    )


def catalogue() -> Catalogue:
    """All indicators. One query; formulas are compiled when they are asked for."""
    return Catalogue(definition_of(indicator) for indicator in Indicator.objects.all())

"""`{{ row.unit|unit }}`: the unit for the reader."""

from django import template

from gangmu.figures.indicators.unitwords import unit_words

register = template.Library()


@register.filter
def unit(text: object) -> str:
    """See `unit_words`."""
    return unit_words(str(text or ""))

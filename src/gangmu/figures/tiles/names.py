"""What indicators are called: all that a page's tiles name, in one query."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gangmu.figures.indicators.categories.queries import category_names
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.access.scope import Scope


@dataclass(frozen=True)
class Name:
    """Wants the name of an indicator."""

    code: str


@dataclass(frozen=True)
class Categories:
    """Wants the names of the categories by which an indicator is split."""

    indicator: str


def fetch_categories(wanted: Sequence[Categories], scope: Scope) -> Mapping[Categories, Mapping[str, str]]:
    """Names by code in the active language, of each indicator."""
    return {one: category_names(one.indicator) for one in wanted}


def fetch_names(wanted: Sequence[Name], scope: Scope) -> Mapping[Name, str]:
    """Each name in the active language; an unknown indicator's is its code."""
    known = {str(one.code): one.name for one in Indicator.objects.filter(code__in=[name.code for name in wanted])}
    return {name: known.get(name.code, name.code) for name in wanted}

"""What revisions of a sheet changed: which figure stood in a cell before, and which since."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from gangmu.figures.filing.entry import figure
from gangmu.figures.filing.layouts import Column, Key, Layout
from gangmu.figures.filing.models import Fact, Revision
from gangmu.figures.filing.views.tables import anchor, shown


@dataclass(frozen=True)
class Changed:
    """One figure that was replaced."""

    where: str
    anchor: str
    old: str
    new: str


def changes_of(revisions: Collection[Revision], layout: Layout, places: Mapping[Key, str]) -> dict[int, list[Changed]]:
    """By the batch of a revision: which figures it replaced or took back, in the order of the sheet; not new ones."""
    batches = [one.batch_id for one in revisions if one.batch_id]
    rows = Fact.objects.filter(
        organisation_id__in=list(layout.rows), indicator_id__in=list(layout.columns_by_id), period=layout.period.start
    )
    columns = ("organisation_id", "indicator_id", "value")
    new = {
        (batch, organisation, indicator): value
        for batch, organisation, indicator, value in rows.filter(batch_id__in=batches).values_list("batch_id", *columns)
    }
    old: dict[int, dict[Key, tuple[int, int | None]]] = defaultdict(dict)
    replaced = rows.filter(superseded_by_id__in=batches).values_list("superseded_by_id", *columns)
    for batch, organisation, indicator, value in replaced:
        key, after = layout.keys_by_id.get((organisation, indicator)), new.get((batch, organisation, indicator))
        if key is not None and after != value:
            old[batch][key] = (value, after)
    return {
        batch: [
            Changed(places[key], anchor(key), _text(found[key][0], column), _text(found[key][1], column))
            for key, column in layout.cells.items()
            if key in found
        ]
        for batch, found in old.items()
    }


def _text(value: int | None, column: Column) -> str:
    if value is None:
        return _("taken back")
    return shown(figure(value, column), column)

"""Values that are proposed for cells 建议值: from interfaces, carried forward, derived by other rooms.

A proposal is never a figure by itself. Whoever fills in the sheet takes it over, and the cell then bears its mark, or
types something else, and the difference is shown beside the cell.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gangmu.figures.filing.entry import fits, show
from gangmu.figures.filing.layouts import Column, Key, Layout
from gangmu.figures.filing.models import Cell, Fact, Mark, Received, Sheet
from gangmu.figures.indicators.models import Indicator

Text = str | Promise


@dataclass(frozen=True)
class Proposed:
    """A value for a cell: its number, how it would be written, where it comes from, the mark it gives when taken."""

    value: Decimal
    text: str
    source: Text
    mark: Mark = Mark.DERIVED

    def differs(self, typed: Decimal | None) -> Decimal | None:
        """What was typed less what is proposed; None when they are equal or nothing was typed."""
        return None if typed is None or typed == self.value else typed - self.value


Source = Callable[[Sheet, Layout], Mapping[Key, Proposed]]
_registered: list[Source] = []


def register(source: Source) -> None:
    """Let another room propose values; it calls this when it starts. What interfaces give goes before, what is
    carried forward after."""
    if source not in _registered:
        _registered.append(source)


def proposals(sheet: Sheet, layout: Layout) -> dict[Key, Proposed]:
    """What is proposed for the cells of a sheet; of several proposals for a cell the first source's."""
    found: dict[Key, Proposed] = {}
    for source in (received, *_registered, carried):
        for key, proposed in source(sheet, layout).items():
            if key in layout.cells:
                found.setdefault(key, proposed)
    return found


def propose(value: int, column: Column, source: Text, mark: Mark) -> Proposed:
    """A proposal of a stored value."""
    return Proposed(Decimal(value).scaleb(-column.indicator.scale), show(value, column), source, mark)


def received(sheet: Sheet, layout: Layout) -> dict[Key, Proposed]:
    """What interfaces gave; of several sources the one that spoke last."""
    rows = Received.objects.filter(
        period=layout.period.start,
        organisation_id__in=list(layout.rows),
        indicator_id__in=list(layout.columns_by_id),
    ).order_by("received_at", "pk")
    keys = layout.keys_by_id
    return {
        key: propose(row.value, layout.cells[key], row.source, Mark.RECEIVED)
        for row in rows
        if (key := keys.get((row.organisation_id, row.indicator_id)))
    }


def carried(sheet: Sheet, layout: Layout) -> dict[Key, Proposed]:
    """Openings: what the period before closed with. A draft of the day before counts before what was filed."""
    opening = {column.code: column for column in layout.columns.values() if column.item.opens_with}
    if not opening:
        return {}
    closing_codes = {column.item.opens_with for column in opening.values()}
    closings = {row.code: row for row in Indicator.objects.filter(code__in=closing_codes)}
    before = layout.period.previous().start
    where = {"organisation_id__in": list(layout.rows), "indicator_id__in": [one.pk for one in closings.values()]}
    values: dict[tuple[int, int], int] = {}
    facts = Fact.objects.filter(
        **where, period=before, superseded_by__isnull=True, scenario__code=layout.definition.scenario
    )
    for organisation_id, indicator_id, value in facts.values_list("organisation_id", "indicator_id", "value"):
        values[organisation_id, indicator_id] = value
    drafts = Cell.objects.filter(
        **where,
        sheet__period=before,
        sheet__form_code=sheet.form_code,
        sheet__status__in=[Sheet.Status.OPEN, Sheet.Status.RETURNED],
        value__isnull=False,
    )
    for organisation_id, indicator_id, value in drafts.values_list("organisation_id", "indicator_id", "value"):
        values[organisation_id, indicator_id] = value
    found: dict[Key, Proposed] = {}
    for key, column in layout.cells.items():
        closing = closings.get(column.item.opens_with)
        value = values.get((key[0], closing.pk)) if closing else None
        if closing and value is not None:
            scaled = Decimal(value).scaleb(column.indicator.scale - closing.scale)
            if fits(scaled, column):
                found[key] = propose(int(scaled), column, CLOSING_BEFORE, Mark.CARRIED)
    return found


CLOSING_BEFORE = _("closing figure of the period before")

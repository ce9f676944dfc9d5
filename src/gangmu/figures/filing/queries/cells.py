"""The cells of sheets as people see them: what was typed, what stands as a fact, what stood before."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from gangmu.figures.filing.entry import read_entry, show
from gangmu.figures.filing.layouts import Column, Key, Layout, layouts
from gangmu.figures.filing.models import Cell, Mark, Sheet
from gangmu.figures.filing.proposals import Proposed, proposals
from gangmu.figures.filing.queries.facts import FactRow, WantedFact, as_decimal, current_facts, facts_of


@dataclass(frozen=True)
class CellView:
    """One cell of a sheet.

    `text` is what was typed, or the figure that stands where nothing was typed since; `value` its number, None where
    there is none or none that can be read (`fault` says why). `version` is the sheet's version at which it was last
    changed. `fact_value` and `fact_state` are of the fact that stands; 0 is no state.
    """

    text: str = ""
    value: Decimal | None = None
    mark: Mark = Mark.NONE
    version: int = 0
    edited_by_name: str = ""
    edited_at: datetime | None = None
    fact_value: Decimal | None = None
    fact_state: int = 0
    fault: str = ""

    @property
    def is_answered(self) -> bool:
        """Whether there is a figure, or the mark that there can be none."""
        return self.value is not None or self.mark == Mark.OUT_OF_SERVICE


@dataclass(frozen=True)
class Beside:
    """What stands beside a cell: the figure of the period before, of a year ago, and one that is proposed."""

    yesterday: Decimal | None = None
    year_ago: Decimal | None = None
    proposed: Proposed | None = None


def cells(sheet: Sheet, layout: Layout | None = None) -> dict[Key, CellView]:
    """Every cell of a sheet, blank ones too."""
    return cells_of([sheet], {sheet.pk: layout} if layout else None)[sheet.pk]


def cells_of(sheets: Collection[Sheet], laid_out: Mapping[int, Layout] | None = None) -> dict[int, dict[Key, CellView]]:
    """Every cell of many sheets; two queries besides the layouts'."""
    made = laid_out if laid_out is not None else layouts(sheets)
    facts = facts_of(made)
    typed: dict[int, dict[Key, Typed]] = {place: {} for place in made}
    rows = Cell.objects.filter(sheet_id__in=list(made)).values_list(
        "sheet_id", "organisation_id", "indicator_id", *Typed._fields
    )
    for sheet_id, organisation_id, indicator_id, *cell in rows.iterator(chunk_size=5000):
        key = made[sheet_id].keys_by_id.get((organisation_id, indicator_id))
        if key is not None:
            typed[sheet_id][key] = Typed(*cell)
    return {
        place: {key: view(column, typed[place].get(key), facts[place].get(key)) for key, column in one.cells.items()}
        for place, one in made.items()
    }


class Typed(NamedTuple):
    """What of a cell's working copy is shown."""

    text: str
    value: int | None
    mark: int
    version: int
    edited_by_name: str
    edited_at: datetime


def view(column: Column, cell: Cell | Typed | None, fact: FactRow | None) -> CellView:
    """One cell from its working copy and its fact."""
    fact_value = as_decimal(fact.value, column) if fact else None
    state = fact.state if fact else 0
    if cell is None:
        if fact is None:
            return CellView()
        return CellView(
            show(fact.value, column), fact_value, Mark(fact.mark), fact_value=fact_value, fact_state=fact.state
        )
    fault = ""
    if cell.value is None and cell.text and cell.mark != Mark.OUT_OF_SERVICE:
        unread = read_entry(cell.text, column).fault
        fault = unread.text if unread else ""
    return CellView(
        text=cell.text,
        value=None if cell.value is None else as_decimal(cell.value, column),
        mark=Mark(cell.mark),
        version=cell.version,
        edited_by_name=cell.edited_by_name,
        edited_at=cell.edited_at,
        fact_value=fact_value,
        fact_state=state,
        fault=fault,
    )


def beside(sheet: Sheet, layout: Layout | None = None) -> dict[Key, Beside]:
    """What stands beside the cells of a sheet; cells without anything are left out."""
    return besides([sheet], {sheet.pk: layout} if layout else None)[sheet.pk]


def besides(sheets: Collection[Sheet], laid_out: Mapping[int, Layout] | None = None) -> dict[int, dict[Key, Beside]]:
    """The same for many sheets. The figures of before cost one query; 29 February compares with 28 February."""
    made = laid_out if laid_out is not None else layouts(sheets)
    before = {place: (one.period.previous().start, one.period.year_ago().start) for place, one in made.items()}
    wanted = [
        WantedFact(place, one.definition.scenario, column.id, organisation_id, day)
        for place, one in made.items()
        for (organisation_id, _code), column in one.cells.items()
        for day in before[place]
    ]
    figures: dict[int, dict[Key, dict[int, Decimal]]] = {place: {} for place in made}
    for one, fact in current_facts(wanted):
        key = made[one.place].keys_by_id[one.organisation_id, one.indicator_id]
        value = as_decimal(fact.value, made[one.place].cells[key])
        figures[one.place].setdefault(key, {})[before[one.place].index(one.period)] = value
    offered = {sheet.pk: proposals(sheet, made[sheet.pk]) for sheet in sheets if sheet.pk in made}
    return {
        place: {
            key: Beside(figures[place].get(key, {}).get(0), figures[place].get(key, {}).get(1), offered[place].get(key))
            for key in one.cells
            if key in figures[place] or key in offered[place]
        }
        for place, one in made.items()
    }

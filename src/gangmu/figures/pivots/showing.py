"""A pivot as a table or a chart for a template."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.translation import gettext as _

from gangmu.figures.indicators.unitwords import unit_words
from gangmu.figures.pivots.grid import Cell, Grid, Header, Item
from gangmu.figures.pivots.layout import DIMENSION_WORDS
from gangmu.foundation.ui.templatetags.ui import number

MOST_SERIES = 8
TONES = ("primary", "orange", "green", "purple", "azure", "yellow", "red", "lime")


@dataclass(frozen=True)
class TableLine:
    """A line of the table: its headings (those that begin here) and its cells."""

    headers: list[Header]
    cells: list[tuple[Cell, str]]  # and how it is read
    is_total: bool


@dataclass(frozen=True)
class Table:
    """`tops` are the headings of the columns, outermost first; `corner` how many columns stand left of the figures."""

    tops: list[list[Header]]
    lines: list[TableLine]
    corner: int
    names: list[str]  # of the dimensions on the rows


def table_of(grid: Grid, most: int | None = None) -> Table:
    """The first lines of a pivot, or all."""
    layout = grid.layout
    lines, over = grid.lines(layout.rows), grid.lines(layout.columns)
    sides = grid.headers(layout.rows)
    first = lines[:most]
    found = []
    for place, line in enumerate(first):
        headers = [_cut(side[place], place, len(first)) for side in sides if side[place].starts]
        total = any(item.is_total for item in line)
        cells = [grid.cell(line, column) for column in over]
        found.append(TableLine(headers, [(cell, shown(cell)) for cell in cells], total))
    tops = [[header for header in top if header.starts] for top in grid.headers(layout.columns)]
    return Table(tops, found, max(1, len(layout.rows)), [str(DIMENSION_WORDS[name]) for name in layout.rows])


def _cut(header: Header, place: int, count: int) -> Header:
    """A heading over no more lines than are shown."""
    return Header(header.item, min(header.span, count - place), True, header.is_total)


@dataclass(frozen=True)
class Chart:
    """A chart's data, or why there is none. `left_out`: lines that are not drawn."""

    data: dict[str, Any] | None
    problem: str = ""
    left_out: int = 0


def chart_of(grid: Grid) -> Chart:
    """The lines of the rows as series, the columns as places beside each other; totals only where nothing else is."""
    layout = grid.layout
    lines = [line for line in grid.lines(layout.rows) if not grid.is_total_line(line)] or grid.lines(layout.rows)
    over = [line for line in grid.lines(layout.columns) if not grid.is_total_line(line)] or grid.lines(layout.columns)
    names, places = (
        [_words(one, [len({other[depth].key for other in some}) > 1 for depth in range(len(one))]) for one in some]
        for some in (lines, over)
    )
    if len(over) == 1 and len(lines) > 1:  # one column: the lines stand beside each other
        series = [("", [grid.cell(line, over[0]) for line in lines])]
        labels, left_out = names, 0
    else:
        series = [
            (name, [grid.cell(line, column) for column in over])
            for name, line in zip(names[:MOST_SERIES], lines, strict=False)
        ]
        labels, left_out = places, max(0, len(lines) - MOST_SERIES)
    cells = [cell for _name, some in series for cell in some if cell.value is not None]
    units = {unit_words(cell.unit) for cell in cells}
    if len(units) > 1:
        return Chart(None, _("A chart has one unit; chosen are %(units)s. Choose alike ones, or the table.")
                     % {"units": ", ".join(sorted(units))})  # fmt: skip
    data = {
        "kind": layout.drawn,
        "unit": next(iter(units), ""),
        "labels": labels,
        "series": [
            {
                "name": name,
                "values": [None if cell.value is None else float(cell.value) for cell in some],
                "shown": [shown(cell) for cell in some],
                "role": "main",
                "tone": TONES[place % len(TONES)],
            }
            for place, (name, some) in enumerate(series)
        ],
    }
    return Chart(data, "", left_out)


def shown(cell: Cell) -> str:
    """A figure as it is read; rates with their sign and percent."""
    if cell.value is None:
        return "–"
    if cell.part == "rate":
        value = cell.value.quantize(Decimal("0.01"), ROUND_HALF_UP)
        return f"{'+' if value > 0 else ''}{number(value)}%"
    return f"{'+' if cell.part == 'change' and cell.value > 0 else ''}{number(cell.value)}"


def _words(line: Sequence[Item], several: Sequence[bool]) -> str:
    """What a line is called: by what tells it from the others."""
    told = [item.label for item, tells in zip(line, several, strict=True) if tells]
    return " · ".join(told or [item.label for item in line])

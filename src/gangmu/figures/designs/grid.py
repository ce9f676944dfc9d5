"""A worksheet as rows of cells, merged ones once, blank ones too: what a page and paper are set from."""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gangmu.figures.designs.showing import Box, Sheet

CHARACTER = 5.25  # points: the width of a digit in the usual font
EDGE = 3.75
USUAL_HEIGHT = 15.0
BLANK = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as it is set; `column` counts the columns that are shown from 0, `width` is in points."""

    box: Box
    column: int
    width: float

    @property
    def spills(self) -> bool:
        """Whether a text is longer than its cell and would run on into blank neighbours."""
        return not self.box.wrap and wide(self.box.text) * CHARACTER * self.box.size / 11 > self.width

    @property
    def shrunk(self) -> float:
        """The size of letters with which a figure fits its cell."""
        needed = wide(self.box.text) * CHARACTER * self.box.size / 11
        return self.box.size if needed <= self.width or self.box.wrap else max(5, self.box.size * self.width / needed)


@dataclass(frozen=True)
class Line:
    """A row; `height` in points, 0 where it is the letters'."""

    row: int
    height: float
    cells: tuple[Cell, ...]


def wide(text: str) -> int:
    """How many digits wide a text is: Chinese signs count twice."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WFA" else 1 for sign in text)


def points(sheet: Sheet) -> list[float]:
    """The widths of the columns that are shown."""
    return [width * CHARACTER + EDGE for width in sheet.widths.values()]


def lines(sheet: Sheet) -> list[Line]:
    places = {column: place for place, column in enumerate(sheet.widths)}
    widths = points(sheet)
    by_row: dict[int, dict[int, Box]] = {}
    for box in sheet.boxes:
        by_row.setdefault(box.row, {})[box.column] = box
    shown = list(sheet.rows)
    covered: set[tuple[int, int]] = set()
    found = []
    for order, row in enumerate(shown):
        cells = []
        for column, place in places.items():
            if (row, place) in covered:
                continue
            box = by_row.get(row, {}).get(column) or Box(row, column, BLANK)
            columns = min(box.columns, len(widths) - place)
            rows = min(box.rows, len(shown) - order)
            covered |= {(under, at) for under in shown[order : order + rows] for at in range(place, place + columns)}
            cells.append(Cell(box, place, sum(widths[place : place + columns])))
        found.append(Line(row, sheet.heights.get(row, 0), tuple(cells)))
    return _without_blank_end(found)


def _without_blank_end(found: list[Line]) -> list[Line]:
    while found and not any(cell.box.text or cell.box.borders or cell.box.fill for cell in found[-1].cells):
        found.pop()
    return found


def between(found: list[Line], breaks: Iterable[int]) -> Iterator[list[Line]]:
    """The rows of each page that the design begins by hand; `breaks` are rows after which a page ends."""
    wanted, part = set(breaks), list[Line]()
    open_until = 0
    for line in found:
        part.append(line)
        open_until = max([open_until, *(line.row + cell.box.rows - 1 for cell in line.cells)])
        if line.row in wanted and line.row >= open_until:
            yield part
            part = []
    if part:
        yield part

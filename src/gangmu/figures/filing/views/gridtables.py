"""The tables of the grid: organisations down the side and items across; one organisation alone the other way round."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gangmu.figures.filing.queries import Beside, CellView, Column, Key, Row
from gangmu.figures.filing.queries.checking import Examined
from gangmu.figures.filing.views import cellwire
from gangmu.figures.filing.views.tables import anchor, short_names, shown
from gangmu.figures.indicators.unitwords import unit_words
from gangmu.foundation.parties.kinds import Words

EMPTY = Beside()


@dataclass(frozen=True)
class Head:
    """An item: its name, its unit, and the id by which its cells name it to a screen reader."""

    id: str
    name: Words
    unit: str
    required: bool
    choices: str

    @property
    def label(self) -> str:
        return f"{self.name} {self.unit}".strip()


@dataclass(frozen=True)
class Cell:
    """One input: its name is its key."""

    key: str
    anchor: str
    head: Head
    text: str
    yesterday: str
    year_ago: str


@dataclass(frozen=True)
class Line:
    """One organisation with its cells; None where its form does not ask for the item."""

    id: str
    row: Row
    name: str
    cells: Sequence[Cell | None]
    may_stand: bool  # whether being out of service makes a difference to any of its cells


@dataclass(frozen=True)
class Table:
    """One section. With `tall` there is one line, whose cells stand below each other with what was before beside."""

    code: str
    name: Words
    heads: Sequence[Head]
    lines: Sequence[Line]

    @property
    def tall(self) -> bool:
        return len(self.lines) == 1


def tables_of(sheets: Sequence[Examined], besides: Mapping[int, Mapping[Key, Beside]]) -> list[Table]:
    """The sections of all sheets, those of the same code in one table."""
    codes = dict.fromkeys(part.section.code for one in sheets for part in one.layout.sections)
    return [table for code in codes if (table := _table(code, sheets, besides)).lines]


def _table(code: str, sheets: Sequence[Examined], besides: Mapping[int, Mapping[Key, Beside]]) -> Table:
    parts = [(one, part) for one in sheets for part in one.layout.sections if part.section.code == code]
    columns = {column.code: column for _one, part in parts for column in part.columns}
    heads = {name: _head(code, column) for name, column in columns.items()}

    def cells(one: Examined, row: Row, asked: set[str]) -> Iterator[Cell | None]:
        near = besides.get(one.sheet.pk, {})
        for name, column in columns.items():
            key = (row.organisation_id, name)
            yield _cell(key, column, heads[name], one.cells[key], near.get(key, EMPTY)) if name in asked else None

    lines = []
    for one, part in parts:
        names = short_names(one.layout) if len(sheets) == 1 else {}
        asked = {column.code for column in part.columns}
        stands = any(column.item.out_of_service for column in part.columns)
        for row in part.rows if asked else ():
            name = names.get(row.organisation_id) or str(row.name)
            lines.append(Line(f"r-{code}-{row.organisation_id}", row, name, list(cells(one, row, asked)), stands))
    return Table(code, parts[0][1].section.name, list(heads.values()), lines)


def _head(code: str, column: Column) -> Head:
    choices = f"choices-{column.code}" if column.item.choices else ""
    unit = "" if choices else unit_words(column.indicator.unit)
    return Head(f"c-{code}-{column.code}", column.name, unit, column.item.required, choices)


def _cell(key: Key, column: Column, head: Head, view: CellView, near: Beside) -> Cell:
    return Cell(
        key=cellwire.key(key),
        anchor=anchor(key),
        head=head,
        text=cellwire.shown(view, column),
        yesterday=shown(near.yesterday, column),
        year_ago=shown(near.year_ago, column),
    )

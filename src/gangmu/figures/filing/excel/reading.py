"""A workbook read: its tables found by their ids, its cells as they stand, and what is wrong with its structure.

No database is asked here. Worksheets, rows and columns may have been moved: each table is found by its marker, each
column by the id over it, each row by its two ids.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import python_calamine
from django.utils.translation import gettext as _

from gangmu.figures.filing.excel import shape
from gangmu.figures.filing.excel.faults import Found, Kind
from gangmu.figures.filing.excel.shape import Place
from gangmu.foundation.documents.workbooks.guarding import WorkbookRefused, open_archive
from gangmu.foundation.documents.workbooks.scanning import Scanned, scan
from gangmu.foundation.periods.period import Period

SEARCHED_ROWS, SEARCHED_COLUMNS = 60, 120  # in which the marker of a table is looked for
TOTALS = ("合计", "总计", "小计", "累计", "平均", "total", "sum", "subtotal", "average")
LONGEST_TEXT = 200  # of a cell that is kept as typed
LONGEST_WORDS = 2000


class Entered(NamedTuple):
    """One filled cell."""

    row: int
    column: int
    indicator: str
    text: str


@dataclass(slots=True)
class Row:
    """One row of a table, as it stands."""

    number: int
    organisation: str
    period: str
    label: str
    out_of_service: bool = False
    words: str = ""
    cells: list[Entered] = field(default_factory=list)


@dataclass
class Table:
    """A section of a form, as found in a worksheet."""

    sheet: str
    form: str
    version: int
    section: str
    columns: dict[int, str]  # of indicators
    heads: dict[int, str]  # what people read over them
    at_organisation: int
    rows: list[Row] = field(default_factory=list)
    at_words: int | None = None
    at_out: int | None = None
    dead: dict[int, str] = field(default_factory=dict)  # columns whose id stands over another one too


@dataclass
class Reading:
    """What a workbook holds."""

    meta: dict[str, str] = field(default_factory=dict)
    tables: list[Table] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)

    @property
    def cells(self) -> int:
        return sum(len(row.cells) for table in self.tables for row in table.rows)


def read_workbook(path: Path, name: str = "") -> Reading:
    """Read a workbook that was made from a template.

    Args:
        name: how people call the file, when it lies elsewhere under another name.

    Raises:
        WorkbookRefused: it cannot be read, is not taken, or no table of a template is in it.
    """
    name = name or path.name
    scanned = {sheet.name: sheet for sheet in scan(open_archive(path, name), name)}
    reading = Reading()
    try:
        with python_calamine.CalamineWorkbook.from_path(path) as book:
            for one in book.sheets_metadata:
                sheet = scanned.get(one.name)
                if sheet is not None and one.typ == python_calamine.SheetTypeEnum.WorkSheet and sheet.filled:
                    _read_sheet(book.get_sheet_by_name(one.name), sheet, reading)
    except python_calamine.PasswordError as error:
        raise WorkbookRefused(_("%(file)s is protected by a password.") % {"file": name}) from error
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise WorkbookRefused(
            _("%(file)s is damaged or not complete. Send it again; if that does not help, open it and save it anew.")
            % {"file": name}
        ) from error
    if not reading.tables and not any(one.kind is Kind.FAULT for one in reading.found):
        raise WorkbookRefused(_no_table(name, reading))
    return reading


def _no_table(name: str, reading: Reading) -> str:
    if reading.meta:
        return _(
            "%(file)s was made from a template, but the hidden row and columns that say whose figures these are have "
            "been deleted. Copy the figures into a new template."
        ) % {"file": name}
    return _(
        "%(file)s was not made from a template of Gangmu: nothing in it says whose figures these are. Get the template "
        "of the form and copy the figures into it."
    ) % {"file": name}


def _read_sheet(sheet: python_calamine.CalamineSheet, scanned: Scanned, reading: Reading) -> None:
    values = sheet.to_python(skip_empty_area=False)
    if not values:
        return
    if scanned.name == shape.META:
        reading.meta = {str(row[0]): str(row[1]) for row in values if len(row) > 1 and row[0]}
        return
    if values[0][0] == shape.CHECK:
        return
    marks = _markers(values)
    if not marks:
        if scanned.hidden:
            message = _("This worksheet is hidden and has nothing to do with the form; it was not read.")
            reading.found.append(Found(Place(scanned.name), message, Kind.NOTE))
        return
    if scanned.hidden:
        message = _(
            "This worksheet is hidden, so nobody sees what is filed with it. Show it, then send the file again."
        )
        reading.found.append(Found(Place(scanned.name), message))
        return
    if len(marks) > 1:
        message = _(
            "Two tables stand in one worksheet; the ids are there twice (here and at %(first)s). Use a new template."
        )
        first = Place(scanned.name, *marks[0])
        reading.found.append(Found(Place(scanned.name, *marks[1]), message % {"first": first.cell}))
        return
    table = _table(values, scanned, marks[0], reading)
    if table is not None:
        _Rows(table, values, scanned, sheet.merged_cell_ranges or [], marks[0][0], reading).read()
        reading.tables.append(table)


def _markers(values: list[list[Any]]) -> list[tuple[int, int]]:
    return [
        (number, column)
        for number, row in enumerate(values[:SEARCHED_ROWS])
        for column, value in enumerate(row[:SEARCHED_COLUMNS])
        if isinstance(value, str) and value.startswith("@gangmu") and shape.read_marker(value)
    ]


def _table(values: list[list[Any]], scanned: Scanned, at: tuple[int, int], reading: Reading) -> Table | None:
    """The table whose marker is at a place; None when its ids make no sense."""
    ids = [value.strip() if isinstance(value, str) else "" for value in values[at[0]]]
    named = shape.read_marker(ids[at[1]])
    if named is None:
        return None
    heads = values[at[0] + 1] if at[0] + 1 < len(values) else []
    columns: dict[int, str] = {}
    dead: dict[int, str] = {}
    for column, one in enumerate(ids):
        if not one or one.startswith("@"):
            continue
        if one in columns.values() or one in dead.values():  # which of the two is meant, nobody can tell
            for other in [other for other, code in columns.items() if code == one]:
                dead[other] = columns.pop(other)
            dead[column] = one
            continue
        columns[column] = one
    missing = [one for one in (shape.PERIOD,) if one not in ids]
    if missing:
        message = _("The hidden column of periods is gone. Copy the figures into a new template.")
        reading.found.append(Found(Place(scanned.name, *at), message))
        return None
    texts = {column: str(heads[column]).strip() if column < len(heads) else "" for column in columns}
    table = Table(scanned.name, *named, columns, texts, at[1])
    table.dead = dead
    table.at_out = ids.index(shape.OUT) if shape.OUT in ids else None
    table.at_words = ids.index(shape.WORDS) if shape.WORDS in ids else None
    return table


class _Rows:
    """The rows of one table being read."""

    def __init__(
        self,
        table: Table,
        values: list[list[Any]],
        scanned: Scanned,
        merged: list[tuple[tuple[int, int], tuple[int, int]]],
        ids_row: int,
        reading: Reading,
    ) -> None:
        self.table, self.values, self.scanned, self.reading = table, values, scanned, reading
        ids = [value.strip() if isinstance(value, str) else "" for value in values[ids_row]]
        self.at_period = ids.index(shape.PERIOD)
        self.at_label = ids.index(shape.NAME) if shape.NAME in ids else None
        self.at_day = ids.index(shape.DAY) if shape.DAY in ids else None
        self.ids_row = ids_row
        self.merged = self._merged(merged)
        self.seen: dict[tuple[str, str], int] = {}

    def read(self) -> None:
        odd_errors, percent = self.scanned.errors, self.scanned.percent
        plain = not (odd_errors or percent or self.scanned.formulas or self.merged)
        columns = list(self.table.columns.items())
        for number in range(self.ids_row + 1, len(self.values)):
            values = self.values[number]
            organisation = values[self.table.at_organisation]
            organisation = organisation.strip() if isinstance(organisation, str) else _plain(organisation)
            if organisation.startswith("@"):  # heads
                continue
            row = Row(number, organisation, self._period(number, values), self._text(values, self.at_label))
            cells = row.cells
            for column, indicator in columns:
                value = values[column]
                if value == "" and plain:
                    continue
                if type(value) is float and plain:
                    cells.append(Entered(number, column, indicator, number_text(value)))
                else:
                    text = self._cell(row, column, indicator, value)
                    if text:
                        cells.append(Entered(number, column, indicator, text))
            for column, indicator in self.table.dead.items():
                if _plain(values[column]):
                    message = _("The column %(indicator)s is there twice; delete the one that is not meant.")
                    self._tell(row, column, message % {"indicator": indicator}, indicator=indicator)
            self._ends(row, values)
            if self._is_whole(row):
                self.table.rows.append(row)

    def _text(self, values: list[Any], column: int | None) -> str:
        return "" if column is None or column >= len(values) else str(values[column]).strip()

    def _period(self, number: int, values: list[Any]) -> str:
        value = values[self.at_period]
        return value.strip() if isinstance(value, str) else value.isoformat()[:10] if isinstance(value, date) else ""

    def _tell(self, row: Row, column: int, message: str, kind: Kind = Kind.FAULT, indicator: str = "") -> None:
        place = Place(self.table.sheet, row.number, column)
        self.reading.found.append(Found(place, message, kind, row.organisation, indicator, row.period))

    def _cell(self, row: Row, column: int, indicator: str, value: Any) -> str:
        """The text of a cell that may be odd; blank when there is none, or a fault was told."""
        at = (row.number, column)
        if at in self.merged:
            self._tell(row, column, self.merged[at], indicator=indicator)
            return ""
        if at in self.scanned.errors:
            message = _("holds the error %(error)s. Put the figure there, or leave the cell blank.")
            self._tell(row, column, message % {"error": self.scanned.errors[at]}, indicator=indicator)
            return ""
        if at in self.scanned.without_result:
            message = _("holds a formula without a result. Open the file in Excel or WPS, let it compute, and save it.")
            self._tell(row, column, message, indicator=indicator)
            return ""
        if isinstance(value, datetime | date | time | timedelta):
            message = _(
                "holds a date or time (%(value)s), not a figure. Format the cell as a number, and type the figure."
            )
            self._tell(row, column, message % {"value": value}, indicator=indicator)
            return ""
        text = _plain(value)
        if at in self.scanned.percent and isinstance(value, float):
            text = number_text(float(format(value * 100, ".15g"))) + "%"
        if len(text) > LONGEST_TEXT:
            message = _("holds a text of %(length)d characters, not a figure.") % {"length": len(text)}
            self._tell(row, column, message, indicator=indicator)
            return ""
        if text and at in self.scanned.formulas:
            message = _("holds a formula; its result %(value)s was taken.") % {"value": text}
            self._tell(row, column, message, Kind.NOTE, indicator)
        return text

    def _ends(self, row: Row, values: list[Any]) -> None:
        """The mark and the explanation at the row's end."""
        out = self._text(values, self.table.at_out)
        row.out_of_service = out.casefold() in shape.OUT_OF_SERVICE
        if out and not row.out_of_service:
            message = _("“%(text)s” is not understood here. Choose “%(out)s”, or leave the cell blank.")
            column = self.table.at_out or 0
            self._tell(row, column, message % {"text": out[:40], "out": shape.OUT_OF_SERVICE[0]})
        row.words = self._text(values, self.table.at_words)[:LONGEST_WORDS]

    def _is_whole(self, row: Row) -> bool:
        """Whether a row says whose figures it holds, once, and holds any."""
        if not row.organisation:
            if not row.cells:
                return False
            if row.label.casefold().startswith(TOTALS):
                message = _("A row of totals; it was not read.")
                self._tell(row, self.table.at_organisation, message, Kind.NOTE)
                return False
            message = _(
                "The row holds figures, but not whose they are: its hidden id is missing. Use a row of the template."
            )
            self._tell(row, self.table.at_organisation, message)
            return False
        if not self._is_of_its_day(row):
            return False
        if not (row.cells or row.out_of_service or row.words):
            return False
        first = self.seen.setdefault((row.organisation, row.period), row.number)
        if first != row.number:
            message = _(
                "The row of %(organisation)s for %(period)s is there twice (here and in row %(first)d). Keep one."
            )
            values = {"organisation": row.organisation, "period": row.period, "first": first + 1}
            self._tell(row, self.table.at_organisation, message % values)
            return False
        return True

    def _is_of_its_day(self, row: Row) -> bool:
        """Whether the period that people read is the one that the id says; sorting one without the other parts them."""
        values = self.values[row.number]
        shown = values[self.at_day] if self.at_day is not None else ""
        text = shown.isoformat()[:10] if isinstance(shown, date) else str(shown).strip()
        if not text or text == row.period:
            return True
        try:
            other = Period.parse(text).code
        except ValueError:
            return True
        if not row.cells or other.startswith(row.period):
            return True
        message = _(
            "The row reads %(shown)s, but its hidden id says %(id)s: columns were moved apart. Use a new template."
        )
        self._tell(row, self.at_day or 0, message % {"shown": other, "id": row.period})
        return False

    def _merged(self, ranges: list[tuple[tuple[int, int], tuple[int, int]]]) -> Mapping[tuple[int, int], str]:
        """The cells to fill in that were merged, each with what to say of it."""
        found: dict[tuple[int, int], str] = {}
        for (top, left), (bottom, right) in ranges:
            if bottom <= self.ids_row + 2:
                continue
            cells = f"{shape.letters(left)}{top + 1}:{shape.letters(right)}{bottom + 1}"
            message = _("is part of the merged cells %(cells)s. Take the cells apart and give each its own figure.")
            for row in range(max(top, self.ids_row + 1), min(bottom + 1, len(self.values))):
                for column in range(left, right + 1):
                    if column in self.table.columns:
                        found[row, column] = message % {"cells": cells}
        return found


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return number_text(float(value))
    return str(value).strip()


def number_text(value: float) -> str:
    """A number as spreadsheets show it, in fifteen digits: to whoever typed it, 1234.5600000000002 is 1234.56."""
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    text = format(value, ".15g")
    return format(Decimal(text), "f") if "e" in text else text

"""A filled workbook as a page shows it and paper prints it: neutral of HTML and Typst."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from openpyxl.cell.cell import MergedCell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from gangmu.figures.designs.calculating import Calculator, Failed, Unknown, as_decimal, formula
from gangmu.figures.designs.colours import Palette
from gangmu.figures.designs.filling import Filled
from gangmu.figures.designs.numberformat import shown
from gangmu.figures.designs.references import End, RowMap, plain_ranges
from gangmu.figures.designs.template import At
from gangmu.figures.designs.values import Origin

MOST_SHOWN = 400_000
SIDES = ("left", "right", "top", "bottom")
NOT_COMPUTED = "…"


@dataclass(frozen=True, slots=True)
class Box:
    """One cell, or several merged. `colour` comes from its number format, `ink` and `fill` are rrggbb or nothing.

    `not_computed`: its formula is not computed here; the workbook has the figure. `plain`: so its number format.
    """

    row: int
    column: int
    text: str
    rows: int = 1
    columns: int = 1
    align: str = "left"
    vertical: str = "bottom"
    bold: bool = False
    italic: bool = False
    size: float = 11
    wrap: bool = False
    indent: int = 0
    ink: str = ""
    fill: str = ""
    colour: str = ""
    borders: frozenset[str] = frozenset()
    origins: tuple[Origin, ...] = ()
    formula: str = ""
    not_computed: bool = False
    plain: bool = False


@dataclass(frozen=True)
class Sheet:
    """A worksheet's printed area. Widths are in characters, heights in points; hidden rows and columns are left out.

    `rows`: those that are shown, blank ones too.
    """

    title: str
    boxes: list[Box]
    widths: Mapping[int, float]
    heights: Mapping[int, float]
    rows: tuple[int, ...] = ()
    title_rows: tuple[int, int] | None = None
    landscape: bool = False
    breaks: tuple[int, ...] = field(default=())


def show(filled: Filled, language: str = "zh-hans") -> list[Sheet]:
    """The visible worksheets of a filled workbook."""
    calculator = Calculator(_values(filled))
    return [_sheet(one, filled, calculator, language) for one in filled.book.worksheets if one.sheet_state == "visible"]


def _values(filled: Filled) -> dict[tuple[str, int, int], Any]:
    found: dict[tuple[str, int, int], Any] = {}
    for sheet in filled.book.worksheets:
        name = sheet.title.casefold()
        for (row, column), cell in sheet._cells.items():
            value = getattr(cell, "_value", None)
            if value is None:
                continue
            if isinstance(value, date):
                value = None if value is None else Fraction(str(_serial(value)))
            elif cell.data_type == "f":
                value = formula(value) if isinstance(value, str) else formula("=?")
            elif isinstance(value, bool):
                pass
            elif isinstance(value, int | float | Decimal):
                value = Fraction(str(value)) if Decimal(str(value)).is_finite() else None
            else:
                value = str(value)
            found[name, row, column] = value
    for at, number in filled.exact.items():  # also those of more digits than a spreadsheet keeps
        found[at.sheet.casefold(), at.row, at.column] = Fraction(number)
    return found


def _serial(day: Any) -> Decimal:
    from openpyxl.utils.datetime import to_excel

    return Decimal(str(to_excel(day)))


def _sheet(sheet: Worksheet, filled: Filled, calculator: Calculator, language: str) -> Sheet:
    left, top, right, bottom = _area(sheet)
    merged = {(one.min_row, one.min_col): one for one in sheet.merged_cells.ranges}
    hidden_rows = {row for row, dimension in sheet.row_dimensions.items() if dimension.hidden}
    hidden_columns = {
        column
        for dimension in sheet.column_dimensions.values()
        if dimension.hidden
        for column in range(dimension.min or 0, min(dimension.max or 0, right) + 1)
    }
    boxes, palette = [], Palette(filled.book)
    for (row, column), cell in sorted(sheet._cells.items()):
        if not (top <= row <= bottom and left <= column <= right) or isinstance(cell, MergedCell):
            continue
        if row in hidden_rows or column in hidden_columns:
            continue
        span = merged.get((row, column))
        rows = columns = 1
        if span is not None:
            rows = sum(one not in hidden_rows for one in range(row, min(span.max_row, bottom) + 1))
            columns = sum(one not in hidden_columns for one in range(column, min(span.max_col, right) + 1))
        boxes.append(_box(cell, rows, columns, filled, calculator, palette, language))
    rows_shown = range(top, bottom + 1)
    heights = {
        row: float(sheet.row_dimensions[row].height)
        for row in rows_shown
        if row in sheet.row_dimensions and sheet.row_dimensions[row].height and row not in hidden_rows
    }
    widths = {column: _width(sheet, column) for column in range(left, right + 1) if column not in hidden_columns}
    return Sheet(
        sheet.title, boxes, widths, heights, tuple(row for row in rows_shown if row not in hidden_rows),
        _title_rows(sheet), sheet.page_setup.orientation == "landscape",
        tuple(each.id for each in sheet.row_breaks.brk),
    )  # fmt: skip


def _area(sheet: Worksheet) -> tuple[int, int, int, int]:
    """The first printed area, else all that is filled: left, top, right, bottom."""
    filled = [at for at, cell in sheet._cells.items() if getattr(cell, "_value", None) is not None]
    used_rows, used_columns = [row for row, _c in filled] or [1], [column for _r, column in filled] or [1]
    for one in sheet.merged_cells.ranges:
        if (one.min_row, one.min_col) in sheet._cells and one.max_row <= max(used_rows) + 100:
            used_columns.append(min(one.max_col, max(used_columns) + 100))
    whole = 1, 1, max(used_columns), max(used_rows)
    ranges = plain_ranges(str(sheet.print_area or "").rpartition("!")[2].partition(",")[0], RowMap())
    if not ranges:
        return whole
    first, last = ranges[0].first, ranges[0].last or ranges[0].first
    if not (first.row and last.row and first.column and last.column):
        return whole
    return _number(first), first.row, min(_number(last), max(whole[2], 100)), min(last.row, max(whole[3], 1_000))


def _number(end: End) -> int:
    from openpyxl.utils import column_index_from_string

    return column_index_from_string(end.column)


def _width(sheet: Worksheet, column: int) -> float:
    for dimension in sheet.column_dimensions.values():
        if dimension.min and dimension.max and dimension.min <= column <= dimension.max and dimension.width:
            return float(dimension.width)
    letter = get_column_letter(column)
    return float(sheet.column_dimensions[letter].width) if letter in sheet.column_dimensions else 8.43


def _title_rows(sheet: Worksheet) -> tuple[int, int] | None:
    found = plain_ranges((sheet.print_title_rows or "").rpartition("!")[2], RowMap())
    return (found[0].first.row, (found[0].last or found[0].first).row) if found and found[0].first.row else None


def _box(
    cell: Any, rows: int, columns: int, filled: Filled, calculator: Calculator, palette: Palette, language: str
) -> Box:
    at = At(cell.parent.title, cell.row, cell.column)
    value: Any = filled.exact.get(at, cell._value)
    text_of_formula, not_computed = "", False
    if cell.data_type == "f":
        text_of_formula = value if isinstance(value, str) else str(getattr(value, "text", ""))
        value, not_computed = _computed(calculator, at)
    elif isinstance(value, bool):
        value = str(value).upper()
    elif isinstance(value, float):
        value = Decimal(str(value))
    elif value is not None and not isinstance(value, Decimal | int | str | date):
        value = str(value)
    told = shown(value, cell.number_format, language)
    alignment, font = cell.alignment, cell.font
    horizontal = alignment.horizontal
    if horizontal in {None, "general"}:
        horizontal = "left" if isinstance(value, str) else "right"
    return Box(
        cell.row, cell.column, told.text, rows, columns,
        "center" if horizontal in {"centerContinuous", "distributed", "center"} else horizontal or "left",
        alignment.vertical or "bottom", bool(font.b), bool(font.i), float(font.sz or 11), bool(alignment.wrap_text),
        int(alignment.indent or 0), palette.rgb(font.color),
        palette.rgb(cell.fill.fgColor) if cell.fill.fill_type == "solid" else "",
        told.colour, frozenset(side for side in SIDES if getattr(getattr(cell.border, side), "style", None)),
        tuple(filled.origins.get(at, ())), text_of_formula, not_computed, told.plain,
    )  # fmt: skip


def _computed(calculator: Calculator, at: At) -> tuple[Decimal | str | None, bool]:
    try:
        value = calculator.value((at.sheet.casefold(), at.row, at.column))
    except Unknown:
        return NOT_COMPUTED, True
    except Failed as error:
        return str(error), False
    if isinstance(value, bool):
        return str(value).upper(), False
    return (as_decimal(value) if isinstance(value, Fraction) else value), False

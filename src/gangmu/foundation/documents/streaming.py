"""Tables as files, CSV or Excel: row by row, in constant memory, however many rows there are.

Whatever leaves as a table goes through here, so that numbers are exact, days are days, and no text is taken for a
formula.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

import xlsxwriter
from django.utils.encoding import force_str
from django.utils.translation import gettext as _
from xlsxwriter.worksheet import Worksheet

from gangmu.foundation.settings import clock

SHEET_ROWS = 1_048_576
# Half- and full-width: spreadsheets in East Asian settings take both for the beginning of a formula.
FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")
SAFE_DIGITS = 15  # what a spreadsheet's number can hold exactly
_SAFE = 10**SAFE_DIGITS


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula. Plain negative numbers stay as they are."""
    if not text.startswith(FORMULA_STARTS) or _is_number(text):
        return text
    return f"'{text}"


def _is_number(text: str) -> bool:
    body = text[1:] if text[0] in "+-" else text
    return body.replace(".", "", 1).isascii() and body.replace(".", "", 1).isdigit()


def write_csv(target: IO[bytes], rows: Iterable[Sequence[Any]], headers: Sequence[str]) -> None:
    """UTF-8 with the mark that makes Excel and WPS read Chinese rightly, lines ended as RFC 4180 wants them."""
    text = io.TextIOWrapper(target, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow([harmless(header) for header in headers])
    writer.writerows([_csv_cell(cell) for cell in row] for row in rows)
    text.flush()
    text.detach()


def _csv_cell(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return _("yes") if cell else _("no")
    if isinstance(cell, Decimal):
        return format(cell, "f")
    if isinstance(cell, (int, float)):
        return str(cell)
    if isinstance(cell, datetime):
        return cell.astimezone(clock.BUSINESS_ZONE).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(cell, date):
        return cell.isoformat()
    return harmless(force_str(cell))


def write_xlsx(target: IO[bytes], rows: Iterable[Sequence[Any]], headers: Sequence[str]) -> None:
    """A workbook with a frozen header row and a filter. What does not fit on one sheet goes on to the next."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "in_memory": False}
    with xlsxwriter.Workbook(target, options) as book:  # type: ignore[arg-type]
        formats = {
            "head": book.add_format({"bold": True, "bottom": 1}),
            "day": book.add_format({"num_format": "yyyy-mm-dd"}),
            "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        sheet, line = _new_sheet(book, headers, formats), 1
        for row in rows:
            if line == SHEET_ROWS:
                _close_sheet(sheet, line, headers)
                sheet, line = _new_sheet(book, headers, formats), 1
            _xlsx_row(sheet, line, row, formats)
            line += 1
        _close_sheet(sheet, line, headers)


def _new_sheet(book: xlsxwriter.Workbook, headers: Sequence[str], formats: dict[str, Any]) -> Worksheet:
    sheet = book.add_worksheet()
    for column, header in enumerate(headers):
        width = sum(2 if ord(letter) > 0x2E7F else 1 for letter in header)
        sheet.set_column(column, column, min(max(width + 4, 12), 40))
        sheet.write_string(0, column, header, formats["head"])
    sheet.freeze_panes(1, 0)
    return sheet


def _close_sheet(sheet: Worksheet, lines: int, headers: Sequence[str]) -> None:
    if headers:
        sheet.autofilter(0, 0, max(lines - 1, 0), len(headers) - 1)


def _xlsx_row(sheet: Worksheet, line: int, row: Sequence[Any], formats: dict[str, Any]) -> None:
    """The innermost loop: what nearly all cells are is told by their class alone."""
    for column, cell in enumerate(row):
        kind = cell.__class__
        if kind is str:
            if cell:
                sheet.write_string(line, column, cell)
        elif kind is int and -_SAFE < cell < _SAFE:
            sheet.write_number(line, column, cell)
        elif kind is Decimal and len(text := str(cell)) <= SAFE_DIGITS and text[-1].isdigit():
            sheet.write_number(line, column, float(text))
        elif cell is not None:
            _xlsx_cell(sheet, line, column, cell, formats)


def _xlsx_cell(sheet: Worksheet, line: int, column: int, cell: Any, formats: dict[str, Any]) -> None:
    if isinstance(cell, bool):
        sheet.write_string(line, column, _("yes") if cell else _("no"))
    elif isinstance(cell, (int, float, Decimal)):
        _xlsx_number(sheet, line, column, cell)
    elif isinstance(cell, datetime):
        here = cell.astimezone(clock.BUSINESS_ZONE).replace(tzinfo=None)
        sheet.write_datetime(line, column, here, formats["moment"])
    elif isinstance(cell, date):
        sheet.write_datetime(line, column, datetime(cell.year, cell.month, cell.day), formats["day"])  # noqa: DTZ001
    elif text := force_str(cell):
        sheet.write_string(line, column, text)


def _xlsx_number(sheet: Worksheet, line: int, column: int, cell: int | float | Decimal) -> None:
    """A number, or its digits as text where a spreadsheet would silently change the last ones."""
    exact = Decimal(str(cell))
    if not exact.is_finite():
        sheet.write_string(line, column, str(cell))
    elif len(exact.normalize().as_tuple().digits) > SAFE_DIGITS:
        sheet.write_string(line, column, format(exact, "f"))
    else:
        sheet.write_number(line, column, float(exact))

"""A list as a file: CSV or Excel.

The file is written to the end, in constant memory, before its first byte is sent: inside the request's transaction,
so with the asker's scope, and never half a file that looks like a whole one.
"""

import csv
import io
import tempfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

import xlsxwriter
from django.http import FileResponse
from django.utils.encoding import force_str
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from xlsxwriter.worksheet import Worksheet

from gangmu.foundation.settings import clock

IN_MEMORY = 4 * 1024 * 1024
SHEET_ROWS = 1_048_576
# Half- and full-width: spreadsheets in East Asian settings take both for the beginning of a formula.
FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")
SAFE_DIGITS = 15  # what a spreadsheet's number can hold exactly

FORMATS = ("csv", "xlsx")
CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula. Plain negative numbers stay as they are."""
    if not text.startswith(FORMULA_STARTS) or _is_number(text):
        return text
    return f"'{text}"


def _is_number(text: str) -> bool:
    body = text[1:] if text[0] in "+-" else text
    return body.replace(".", "", 1).isascii() and body.replace(".", "", 1).isdigit()


def file_response(
    rows: Iterable[Sequence[Any]], *, headers: Sequence[str | Promise], name: str, kind: str
) -> FileResponse:
    """A download named `NAME-2026-11-20.csv` (or .xlsx).

    Args:
        rows: cells as Python values: numbers stay numbers, days stay days.
        kind: `csv` or `xlsx`.
    """
    target: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 (the response closes it)
    write = {"csv": write_csv, "xlsx": write_xlsx}[kind]
    write(target, rows, [force_str(header) for header in headers])
    target.seek(0)
    filename = f"{name}-{clock.today().isoformat()}.{kind}"
    return FileResponse(target, as_attachment=True, filename=filename, content_type=CONTENT_TYPES[kind])


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
            for column, cell in enumerate(row):
                _xlsx_cell(sheet, line, column, cell, formats)
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


def _xlsx_cell(sheet: Worksheet, line: int, column: int, cell: Any, formats: dict[str, Any]) -> None:
    if cell is None or cell == "":
        return
    if isinstance(cell, bool):
        sheet.write_string(line, column, _("yes") if cell else _("no"))
    elif isinstance(cell, (int, float, Decimal)):
        _xlsx_number(sheet, line, column, cell)
    elif isinstance(cell, datetime):
        here = cell.astimezone(clock.BUSINESS_ZONE).replace(tzinfo=None)
        sheet.write_datetime(line, column, here, formats["moment"])
    elif isinstance(cell, date):
        sheet.write_datetime(line, column, datetime(cell.year, cell.month, cell.day), formats["day"])  # noqa: DTZ001
    else:
        sheet.write_string(line, column, force_str(cell))


def _xlsx_number(sheet: Worksheet, line: int, column: int, cell: int | float | Decimal) -> None:
    """A number, or its digits as text where a spreadsheet would silently change the last ones."""
    exact = Decimal(str(cell))
    if not exact.is_finite():
        sheet.write_string(line, column, str(cell))
    elif len(exact.normalize().as_tuple().digits) > SAFE_DIGITS:
        sheet.write_string(line, column, format(exact, "f"))
    else:
        sheet.write_number(line, column, float(exact))

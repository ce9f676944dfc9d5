"""A list as a file: CSV or Excel.

The file is written to the end, in constant memory, before its first byte is sent: inside the request's transaction,
so with the asker's scope, and never half a file that looks like a whole one.
"""

import tempfile
from collections.abc import Iterable, Sequence
from typing import IO, Any

from django.http import FileResponse
from django.utils.encoding import force_str
from django.utils.functional import Promise
from xlsxwriter.worksheet import Worksheet

from gangmu.foundation.documents.streaming import harmless, write_csv, write_xlsx
from gangmu.foundation.settings import clock

__all__ = ["CONTENT_TYPES", "FORMATS", "file_response", "harmless", "write_csv", "write_xlsx"]

IN_MEMORY = 4 * 1024 * 1024

FORMATS = ("csv", "xlsx")
CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


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


def live(sheet: Worksheet, row: int, column: int, formula: str, form: Any, value: float) -> None:
    """A formula with what it comes to, for readers that do not recalculate."""
    sheet.write_formula(row, column, formula, form, value)  # pyright: ignore[reportArgumentType] (any number is taken)

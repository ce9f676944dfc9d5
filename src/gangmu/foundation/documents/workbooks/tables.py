"""A table that people give, as a workbook or a CSV file: what stands in each field, and what is wrong with it.

Nothing is opened that is no plain workbook: see `guarding`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import python_calamine
from django.utils.translation import gettext as _

from gangmu.foundation.documents.workbooks.guarding import open_archive
from gangmu.foundation.documents.workbooks.scanning import Scanned, scan
from gangmu.foundation.settings import textfiles
from gangmu.foundation.settings.textfiles import Unreadable

LARGEST_FILE = 4 * 1024 * 1024
MOST_LINES = 5_000


@dataclass(frozen=True)
class Layout:
    """The columns of a table. `called`: what else people call them, in small letters."""

    required: tuple[str, ...]
    optional: tuple[str, ...]
    called: Mapping[str, tuple[str, ...]]
    most_lines: int = MOST_LINES

    @property
    def columns(self) -> tuple[str, ...]:
        return self.required + self.optional


@dataclass
class Line:
    """One line as it stands in the file. `faults` are fields that could not even be read: (column, what is wrong)."""

    number: int
    fields: dict[str, str]
    faults: list[tuple[str, str]] = field(default_factory=list)

    def kept(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    @classmethod
    def of(cls, kept: dict[str, Any]) -> "Line":
        """From JSON."""
        return cls(kept["number"], dict(kept["fields"]), [(column, text) for column, text in kept["faults"]])


def read_table(path: Path, layout: Layout, name: str = "") -> list[Line]:
    """The lines below the first one, which names the columns.

    Args:
        name: how people call the file, when it lies elsewhere under another name.

    Raises:
        Unreadable: it is no such table, too large, or something that is not opened.
    """
    name = name or path.name
    if _size(path, name) > LARGEST_FILE:
        raise Unreadable(
            _("%(file)s is larger than %(most)d MB. Split it.") % {"file": name, "most": LARGEST_FILE >> 20}
        )
    with path.open("rb") as file:
        head = file.read(8)
    rows = worksheet(path, name) if head.startswith((b"PK", b"\xd0\xcf")) else _text(path, name)
    return list(_lines(rows, name, layout))


def _size(path: Path, name: str) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise Unreadable(
            _("%(file)s cannot be read: %(why)s") % {"file": name, "why": error.strerror or error}
        ) from error


Row = tuple[int, list[str], dict[int, str]]  # number, fields, faults by position


def _text(path: Path, name: str) -> Iterator[Row]:
    for number, fields in textfiles.read_rows(textfiles.decode(path), name):
        yield number, fields, {}


def worksheet(path: Path, name: str, text_of: Callable[[Any], str] | None = None) -> Iterator[Row]:
    """The first worksheet that is shown and holds something.

    Args:
        text_of: how a cell's value is written; days and whole numbers in the usual way when it is not told.
    """
    text_of = text_of or _cell
    scanned = [one for one in scan(open_archive(path, name), name) if one.filled and not one.hidden]
    if not scanned:
        raise Unreadable(_("%(file)s is empty.") % {"file": name})
    try:
        with python_calamine.CalamineWorkbook.from_path(path) as book:
            rows = book.get_sheet_by_name(scanned[0].name).to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise Unreadable(_("%(file)s is damaged or not complete. Save it anew.") % {"file": name}) from error
    for index, row in enumerate(rows):
        texts = [text_of(value) for value in row]
        if "".join(texts).strip() or any((index, at) in scanned[0].formulas for at in range(len(row))):
            yield index + 1, texts, _suspicious(scanned[0], index, len(row))


def _suspicious(sheet: Scanned, row: int, width: int) -> dict[int, str]:
    """Cells that do not say themselves what they mean."""
    found = {at: _("is a formula; write its value") for at in range(width) if (row, at) in sheet.formulas}
    found |= {
        at: _("is the error %(error)s") % {"error": sheet.errors[row, at]}
        for at in range(width)
        if (row, at) in sheet.errors
    }
    return found


def _cell(value: Any) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))  # telephone numbers
    return "" if value is None else str(value).strip()


def _lines(rows: Iterator[Row], name: str, layout: Layout) -> Iterator[Line]:
    first = next(rows, None)
    if first is None:
        raise Unreadable(
            _("%(file)s is empty. The first line names the columns: %(columns)s.")
            % {"file": name, "columns": ", ".join(layout.columns)}
        )
    known = {called: column for column, names in layout.called.items() for called in (column, *names)}
    header = [known.get(" ".join(text.split()).lower(), text) for text in textfiles.trimmed(first[1])]
    positions = textfiles.header_positions(header, name, layout.required, layout.optional)
    for count, (number, found, faults) in enumerate(rows, start=1):
        if count > layout.most_lines:
            raise Unreadable(
                _("%(file)s has more than %(most)d lines. Split the file.") % {"file": name, "most": layout.most_lines}
            )
        fields = textfiles.trimmed(found)
        line = Line(number, dict.fromkeys(layout.columns, ""))
        for column, at in positions.items():
            text = fields[at].strip() if at < len(fields) else ""
            line.fields[column] = text
            if at in faults:
                line.faults.append((column, faults[at]))
        if len(fields) > len(header):
            line.faults.append((header[-1], textfiles.miscounted(number, fields, positions).message))
        yield line

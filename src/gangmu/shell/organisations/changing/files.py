"""Parameters from and to files: a CSV file or a workbook with a code, and a column for each parameter.

What a file says is read whole, with all that is wrong with it by line and column, before anything is prepared. A blank
cell says nothing unless it is told to mean that there is no value.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse
from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from gangmu.foundation.documents.workbooks.guarding import look_at
from gangmu.foundation.parties import kinds
from gangmu.foundation.parties.loading import values
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings import textfiles
from gangmu.foundation.settings.textfiles import Problem, Unreadable
from gangmu.foundation.ui import exports
from gangmu.shell.organisations.changing.parameters import Wanted, differs, own_values

MOST_BYTES = 5 * 1024 * 1024
MOST_LINES = 20_000
CODE, FROM = "code", "valid_from"
NAME = "name"  # for the reader; not read
NOTHING = "-"  # a cell that says: no value


@dataclass
class Reading:
    """What a file says: values that would change, and what is wrong with it."""

    wanted: list[Wanted] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    lines: int = 0


def exported(ones: Sequence[Organisation], day: date, kind: str) -> FileResponse:
    """The parameters of organisations on a day, as a file that can be mended and taken back."""
    held = own_values(ones, day)
    names = list(kinds.attributes())
    rows = ([one.code, one.name, *(_typed(held.get((one.pk, name)), name) for name in names)] for one in ones)
    return exports.file_response(rows, headers=[CODE, NAME, *names], name="parameters", kind=kind)


def _typed(text: str | None, name: str) -> Any:
    """A value as a spreadsheet keeps it: numbers as numbers, days as days."""
    if not text:
        return None
    match kinds.attributes()[name].type:
        case kinds.AttributeType.NUMBER:
            return Decimal(text)
        case kinds.AttributeType.DATE:
            return date.fromisoformat(text)
    return text


def read(upload: UploadedFile, from_day: date, mine: Iterable[int]) -> Reading:
    """What an uploaded file says about organisations whose parameters are the asker's to set.

    Raises:
        Unreadable: the file as a whole is no such table.
    """
    mine = set(mine)
    if (upload.size or 0) > MOST_BYTES:
        raise Unreadable(_("%(file)s is larger than %(most)d MB.") % {"file": upload.name, "most": MOST_BYTES >> 20})
    rows = _rows(upload)
    first = next(rows, None)
    attributes = kinds.attributes()
    optional = (NAME, FROM, *attributes)
    name = str(upload.name)
    if first is None:
        raise Unreadable(
            _("%(file)s is empty. The first line names the columns: %(columns)s.")
            % {"file": name, "columns": ", ".join((CODE, *optional))}
        )
    columns = textfiles.header_positions(textfiles.trimmed(first[1]), name, (CODE,), optional)
    found = Reading()
    lines: list[tuple[int, dict[str, str]]] = []
    for number, cells in rows:
        if not any(cells):
            continue
        found.lines += 1
        if found.lines > MOST_LINES:
            raise Unreadable(_("%(file)s has more than %(most)d lines. Split the file.")
                             % {"file": name, "most": MOST_LINES})  # fmt: skip
        lines.append((number, {column: cells[at].strip() if at < len(cells) else "" for column, at in columns.items()}))
    known = {str(one.code): one for one in Organisation.objects.filter(code__in={line[CODE] for _n, line in lines})}
    days = {number: _day(number, line.get(FROM, ""), from_day, found) for number, line in lines}
    held = {day: own_values(known.values(), day) for day in {day for day in days.values() if day is not None}}
    seen: dict[tuple[str, str, date], int] = {}
    for number, line in lines:
        one, day = known.get(line[CODE]), days[number]
        if one is None or one.pk not in mine:
            message = _("there is no organisation “%(code)s” whose parameters are yours to set")
            found.problems.append(Problem(number, CODE, message % {"code": line[CODE][:80]}))
        elif day is not None:
            for attribute in attributes.values():
                text = line.get(attribute.name, "")
                before = held[day].get((one.pk, attribute.name), "")
                value = _value(number, text, attribute, found) if text else None
                if value is None or not differs(value, before, attribute):
                    continue
                key = line[CODE], attribute.name, day
                if key in seen:
                    message = _("is given in line %(line)d already") % {"line": seen[key]}
                    found.problems.append(Problem(number, attribute.name, message))
                    continue
                seen[key] = number
                found.wanted.append(Wanted(line[CODE], attribute.name, value or None, day))
    return found


def _day(number: int, text: str, default: date, found: Reading) -> date | None:
    if not text:
        return default
    try:
        return values.day(text)
    except values.Fault as fault:
        found.problems.append(Problem(number, FROM, fault.text))
        return None


def _value(number: int, text: str, attribute: kinds.Attribute, found: Reading) -> str | None:
    """The value, "" for a dash, None for one that cannot be taken."""
    if text == NOTHING:
        return ""
    try:
        value = values.attribute_value(text, attribute)[0]
    except values.Fault as fault:
        found.problems.append(Problem(number, attribute.name, fault.text))
        return None
    warning = values.warning(value, attribute)
    if warning:
        found.warnings.append(Problem(number, attribute.name, warning))
    return value


def _rows(upload: UploadedFile) -> Iterator[tuple[int, list[str]]]:
    """Lines with their numbers: of a workbook's first sheet, or of a text table."""
    name = str(upload.name)
    head = upload.read(8)
    upload.seek(0)
    if head.startswith(b"PK\x03\x04"):
        look_at(upload)  # programs, bombs and what else is no workbook
        upload.seek(0)
        yield from _of_workbook(upload)
        return
    with NamedTemporaryFile(suffix=".csv") as file:
        file.write(upload.read())
        file.flush()
        path = Path(file.name)
        try:
            text = textfiles.decode(path)
        except Unreadable as error:
            raise Unreadable(str(error).replace(path.name, name).replace(str(path), name)) from error
    yield from textfiles.read_rows(text, name)


def _of_workbook(upload: UploadedFile) -> Iterator[tuple[int, list[str]]]:
    try:
        sheet = CalamineWorkbook.from_filelike(BytesIO(upload.read())).get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False)
    except (CalamineError, ValueError, OSError, IndexError) as error:
        raise Unreadable(
            _("%(file)s cannot be read as a workbook. Save it as XLSX or CSV (UTF-8).") % {"file": upload.name}
        ) from error
    for number, cells in enumerate(rows, start=1):
        yield number, [_text(cell) for cell in cells]


def _text(cell: Any) -> str:
    """A cell of a workbook as it would be typed: 600, not 600.0; days as 2026-11-20."""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float):
        return values.canonical(Decimal(repr(cell)))
    return "" if cell is None else str(cell).strip()

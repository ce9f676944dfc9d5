"""Reading text tables that people give us, and saying exactly what is wrong with them.

A file is never trusted to be what its name says: archives, workbooks and binaries are told apart by their first
bytes and refused without being opened.
"""

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from django.utils.translation import gettext as _

LARGEST_FILE = 128 * 1024 * 1024
MOST_BROKEN_LINES = 1000
LONGEST_FIELD = 10_000

SIGNATURES = (
    (b"PK\x03\x04", "ZIP / XLSX"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "XLS / OLE2"),
    (b"\x1f\x8b", "GZIP"),
    (b"%PDF", "PDF"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"Rar!", "RAR"),
    (b"\x89PNG", "PNG"),
    (b"BZh", "BZIP2"),
    (b"\xfd7zXZ", "XZ"),
    (b"\x7fELF", "ELF"),
    (b"SQLite format 3", "SQLite"),
)

FULL_WIDTH_DIGITS = re.compile(r"[０-９．－＋，]")
THOUSANDS = re.compile(r"^[+-]?\d{1,3}([,，' _\u00a0\u202f]\d{3})+(\.\d+)?$")
NUMBER = re.compile(r"^[+-]?[0-9]+(\.[0-9]+)?$")
EXPONENT = re.compile(r"^[+-]?[0-9]+(\.[0-9]+)?[eE][+-]?[0-9]+$")
NUMBER_WITH_UNIT = re.compile(r"^[+-]?[0-9]+(\.[0-9]+)?\s*([^\d\s.,].*)$")


class Unreadable(Exception):
    """The file as a whole cannot be read; the text says what it is and what to give instead."""


@dataclass(frozen=True)
class Problem:
    """One fault in a file: where it is and what to do."""

    line: int
    column: str
    message: str

    def __str__(self) -> str:
        where = _("line %(line)d") % {"line": self.line}
        return f"{where}, {self.column}: {self.message}" if self.column else f"{where}: {self.message}"


def read_bytes(path: Path, most: int) -> bytes:
    """The content of a file of at most `most` bytes; never reads on in one that is longer or has no end.

    Raises:
        Unreadable: the file is missing, too large, or no file.
    """
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except (OSError, ValueError) as error:  # ValueError: a name with a zero byte
        raise Unreadable(_("%(file)s cannot be read: %(why)s") % {"file": path, "why": _why(error)}) from error
    if len(content) > most:
        raise Unreadable(
            _("%(file)s is larger than %(most)d MB, more than can be read at once. Split the file.")
            % {"file": path.name, "most": most >> 20}
        )
    return content


def _why(error: Exception) -> str:
    """Why the system gives no file, in the reader's language where it is one of the usual reasons."""
    if isinstance(error, FileNotFoundError):
        return _("there is no such file")
    if isinstance(error, IsADirectoryError):
        return _("it is a folder")
    if isinstance(error, PermissionError):
        return _("you have no permission to read it")
    return str(getattr(error, "strerror", None) or error)


def decode(path: Path) -> str:
    """The text of a UTF-8 (with or without mark) or GB18030 file.

    Raises:
        Unreadable: the file is missing, too large, or not text.
    """
    content = read_bytes(path, LARGEST_FILE)
    for signature, what in SIGNATURES:
        if content.startswith(signature):
            raise Unreadable(
                _("%(file)s is not a text table: its content is %(what)s. Save it as CSV (UTF-8) and give that file.")
                % {"file": path.name, "what": what}
            )
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise Unreadable(_("%(file)s is UTF-16 text. Save it as CSV (UTF-8).") % {"file": path.name})
    if b"\x00" in content:
        raise Unreadable(_("%(file)s holds binary data, not text. Save it as CSV (UTF-8).") % {"file": path.name})
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        try:
            return content.decode("gb18030")
        except UnicodeDecodeError:
            line = content.count(b"\n", 0, error.start) + 1
            raise Unreadable(
                _("%(file)s is neither UTF-8 nor GB18030 text (line %(line)d). Save it as CSV (UTF-8).")
                % {"file": path.name, "line": line}
            ) from error


def read_rows(
    text: str, name: str, broken: Callable[[int, list[str], str], None] | None = None
) -> Iterator[tuple[int, list[str]]]:
    """(line number, fields) of each line that is not blank. The line number is where the row begins.

    Args:
        broken: told of a line whose quotes or length make it no row (number, roughly its fields, what is wrong); the
            next line is read as if it had not been there. Without `broken`, such a line refuses the whole file.

    Raises:
        Unreadable: a quote that never closes, or a field beyond all measure.
    """
    before = csv.field_size_limit(LONGEST_FIELD)
    lines = _Lines(text)
    reader = csv.reader(lines, strict=True)
    found = 0
    try:
        while True:
            begin, number = lines.at, lines.number + 1
            try:
                fields = next(reader, None)
            except csv.Error as error:
                found += 1
                if broken is None or number == 1 or found > MOST_BROKEN_LINES:
                    raise Unreadable(
                        _("%(file)s, line %(line)d %(fault)s") % {"file": name, "line": number, "fault": _broken_line()}
                    ) from error
                lines.go_back(begin, number - 1)
                rough = next(lines).rstrip("\r\n").split(",")
                broken(number, rough, _broken_line())
                continue
            if fields is None:
                return
            if "".join(fields).strip():
                yield number, fields
    finally:
        csv.field_size_limit(before)


def _broken_line() -> str:
    return _("is no line of a table: a quote is not closed, or a field has more than %(most)d characters") % {
        "most": LONGEST_FIELD
    }


class _Lines:
    """The physical lines of a text, one after the other without a copy of it; reading can go back to an earlier one.

    `at` is where the next line begins, `number` how many were read.
    """

    def __init__(self, text: str) -> None:
        self.text = text if "\n" in text else text.replace("\r", "\n")  # as old spreadsheets end lines
        self.at = self.number = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if self.at >= len(self.text):
            raise StopIteration
        end = self.text.find("\n", self.at) + 1 or len(self.text)
        line = self.text[self.at : end]
        self.at, self.number = end, self.number + 1
        return line

    def go_back(self, at: int, number: int) -> None:
        self.at, self.number = at, number


def miscounted(line: int, fields: list[str], positions: dict[str, int]) -> Problem:
    """The problem of a line with more or fewer fields than there are columns, told where the first is missing."""
    columns = sorted(positions, key=lambda column: positions[column])
    message = _("has %(found)d fields where the first line names %(named)d") % {
        "found": len(fields),
        "named": len(columns),
    }
    return Problem(line, columns[min(len(fields), len(columns) - 1)], message)


def trimmed(fields: list[str], width: int = 0) -> list[str]:
    """Without the blank fields that spreadsheets leave behind the last column."""
    end = len(fields)
    while end > width and not fields[end - 1].strip():
        end -= 1
    return fields[:end]


def header_positions(
    header: list[str], name: str, required: tuple[str, ...], optional: tuple[str, ...] = ()
) -> dict[str, int]:
    """Where each known column stands.

    Raises:
        Unreadable: a required column is missing, one stands twice, or one is unknown.
    """
    names = [field.strip().lower() for field in header]
    known = required + optional
    if len(names) == 1 and names[0] not in known:
        separator = next((sign for sign in ";\t|，、" if sign in names[0]), "")
        if separator:
            raise Unreadable(
                _("%(file)s, line 1: its columns are separated by “%(sign)s”. Save it as CSV with commas.")
                % {"file": name, "sign": separator.replace("\t", "Tab")}
            )
    for position, column in enumerate(names):
        if column not in known:
            close = get_close_matches(column, known, 1)
            hint = _(" Did you mean “%(close)s”?") % {"close": close[0]} if close else ""
            raise Unreadable(
                _("%(file)s, line 1: unknown column “%(column)s”. Known columns: %(known)s.")
                % {"file": name, "column": header[position].strip(), "known": ", ".join(known)}
                + hint
            )
        if names.index(column) != position:
            raise Unreadable(
                _("%(file)s, line 1: the column “%(column)s” stands twice.") % {"file": name, "column": column}
            )
    missing = [column for column in required if column not in names]
    if missing:
        raise Unreadable(
            _("%(file)s, line 1: missing columns: %(missing)s. The first line names the columns.")
            % {"file": name, "missing": ", ".join(missing)}
        )
    return {column: position for position, column in enumerate(names)}


def number_fault(text: str) -> str:
    """Why `text` is not a plain decimal number, and what to write instead."""
    if not text:
        return _("is blank; leave the line out where there is no value")
    if FULL_WIDTH_DIGITS.search(text):
        return _("“%(text)s” has full-width characters; write half-width digits (0-9)") % {"text": text}
    if THOUSANDS.match(text):
        return _("“%(text)s” has thousand separators; write the digits alone") % {"text": text}
    if EXPONENT.match(text):
        return _("“%(text)s” has an exponent; write the number out") % {"text": text}
    with_unit = NUMBER_WITH_UNIT.match(text)
    if with_unit:
        return _("“%(text)s” carries “%(unit)s”; write the number alone") % {
            "text": text[:40],
            "unit": with_unit.group(2)[:20],
        }
    return _("“%(text)s” is not a number such as 1234.5") % {"text": text[:40]}

"""What the reader of values does not tell of a worksheet: formulas, errors, percent formats, and how far it reaches.

python-calamine gives values alone: an error cell is blank to it, 5 % is 0.05, and it makes a matrix as large as the
farthest cell demands. So the markup is searched first; most worksheets have nothing to find and cost some milliseconds.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree

from django.utils.translation import gettext as _

from gangmu.foundation.documents.workbooks.columns import column_of
from gangmu.foundation.documents.workbooks.guarding import Archive, WorkbookRefused

MOST_ROWS = 50_000
MOST_CELLS = 400_000
LARGEST_MATRIX = 4_000_000

PREFIX = rb"<(?:[^\s<>/:!?]+:)?"
FILLED = re.compile(PREFIX + rb"c(?:\s[^<>]*)?(?<!/)>")
ADDRESSED = re.compile(PREFIX + rb"""c\s(?:[^<>]*?\s)?r="([A-Z]{1,3})([1-9][0-9]{0,6})"[^<>]*(?<!/)>""")
ADDRESS = re.compile(rb"""(?:\A|\s)r="([A-Z]{1,3})([1-9][0-9]{0,6})\"""")
FORMULA = re.compile(PREFIX + rb"c(\s[^<>]*(?<!/))>\s*" + PREFIX + rb"f[\s/>]")
# a value after the formula, before the cell ends
RESULT = re.compile(rb"(?:(?!</(?:[^\s<>/:!?]+:)?c\s*>).)*?" + PREFIX + rb"v(?:\s[^<>]*)?>[^<]", re.DOTALL)
MOST_FORMULA = 40_000  # bytes in which the end of a formula is looked for; a formula has at most 8,192 characters
ERROR = re.compile(PREFIX + rb"""c(\s(?:[^<>]*?\s)?t="e"[^<>]*(?<!/))>(.*?)</(?:[^\s<>/:!?]+:)?c\s*>""", re.DOTALL)
ERROR_NAME = re.compile(rb"#[A-Z0-9/!?_]+")
QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')


@dataclass(frozen=True)
class Scanned:
    """One worksheet as its markup tells it. Cells are (row, column), counted from 0."""

    name: str
    hidden: bool
    filled: int = 0
    formulas: frozenset[tuple[int, int]] = frozenset()
    without_result: frozenset[tuple[int, int]] = frozenset()  # formulas that no program has computed
    percent: frozenset[tuple[int, int]] = frozenset()
    errors: Mapping[tuple[int, int], str] = field(default_factory=dict)  # #N/A, #REF! …


def scan(archive: Archive, file: str) -> list[Scanned]:
    """The worksheets of a workbook, in its order.

    Raises:
        WorkbookRefused: it is damaged, or larger than can be read.
    """
    try:
        percent = _percent_styles(archive.parts.get("xl/styles.xml", b""))
        sheets = _sheets(archive)
    except ElementTree.ParseError as error:
        raise WorkbookRefused(
            _("%(file)s is damaged or not complete. Send it again; if that does not help, open it and save it anew.")
            % {"file": file}
        ) from error
    return [_scan_sheet(name, hidden, content, percent, file) for name, hidden, content in sheets]


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _sheets(archive: Archive) -> list[tuple[str, bool, bytes]]:
    """Name, whether hidden, and markup of each worksheet that is there."""
    parts = {name.casefold(): content for name, content in archive.parts.items()}
    targets: dict[str, str] = {}
    if links := parts.get("xl/_rels/workbook.xml.rels"):
        for one in ElementTree.fromstring(links):  # noqa: S314 (document types are refused by guarding)
            target = one.get("Target", "")
            targets[one.get("Id", "")] = (
                target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
            ).casefold()
    found = []
    for element in ElementTree.fromstring(parts["xl/workbook.xml"]).iter():  # noqa: S314
        if _local(element.tag) != "sheet":
            continue
        key = next((value for name, value in element.attrib.items() if _local(name) == "id" and name != "id"), "")
        content = parts.get(targets.get(key, ""))
        if content is not None:
            found.append((element.get("name", ""), element.get("state", "visible") != "visible", content))
    return found


def _percent_styles(styles: bytes) -> frozenset[bytes]:
    """Indexes of the cell styles that show a number as percent."""
    if b"%" not in styles and b'numFmtId="9"' not in styles and b'numFmtId="10"' not in styles:
        return frozenset()
    percent, found = {"9", "10"}, set()
    for element in ElementTree.fromstring(styles).iter():  # noqa: S314
        if _local(element.tag) == "numFmt" and "%" in QUOTED.sub("", element.get("formatCode", "")):
            percent.add(element.get("numFmtId", ""))
        elif _local(element.tag) == "cellXfs":
            found = {
                str(index).encode() for index, style in enumerate(element) if style.get("numFmtId", "0") in percent
            }
    return frozenset(found)


def _scan_sheet(name: str, hidden: bool, content: bytes, percent: frozenset[bytes], file: str) -> Scanned:
    filled = len(FILLED.findall(content))
    _refuse_size(name, content, filled, file)
    shown_as_percent: set[tuple[int, int]] = set()
    formulas: set[tuple[int, int]] = set()
    without_result: set[tuple[int, int]] = set()
    errors: dict[tuple[int, int], str] = {}
    if percent:
        styled = re.compile(
            PREFIX + rb"""c(\s(?:[^<>]*?\s)?s="(?:""" + b"|".join(sorted(percent)) + rb""")"[^<>]*(?<!/))>"""
        )
        shown_as_percent = {_at(found[1]) for found in styled.finditer(content)}
    for found in FORMULA.finditer(content):
        at = _at(found[1])
        formulas.add(at)
        if b't="str"' not in found[1] and not RESULT.match(content, found.end(), found.end() + MOST_FORMULA):
            without_result.add(at)
    if b't="e"' in content:
        for found in ERROR.finditer(content):
            named = ERROR_NAME.search(found[2])
            errors[_at(found[1])] = named[0].decode("ascii") if named else "#?"
    return Scanned(
        name,
        hidden,
        filled,
        frozenset(formulas),
        frozenset(without_result),
        frozenset(shown_as_percent),
        errors,
    )


def _at(attributes: bytes) -> tuple[int, int]:
    found = ADDRESS.search(attributes)
    if found is None:  # `_refuse_size` has seen an address in every cell
        raise AssertionError(attributes)
    return int(found[2]) - 1, column_of(found[1].decode("ascii"))


def _refuse_size(name: str, content: bytes, filled: int, file: str) -> None:
    """Refuse what would take too long or too much memory, before it does."""
    if filled > MOST_CELLS:
        raise WorkbookRefused(_too_large(file, name, filled))
    addressed = ADDRESSED.findall(content)
    if len(addressed) != filled:
        raise WorkbookRefused(
            _("%(file)s, worksheet %(sheet)s: cells do not say where they stand.") % {"file": file, "sheet": name}
            + " "
            + _("Open it in Excel or WPS, save it as an Excel workbook (.xlsx), and send that.")
        )
    if not filled:
        return
    rows = {row for _column, row in addressed}
    if len(rows) > MOST_ROWS:
        raise WorkbookRefused(
            _("%(file)s, worksheet %(sheet)s has %(rows)d filled rows; at most %(most)d are read at once.")
            % {"file": file, "sheet": name, "rows": len(rows), "most": MOST_ROWS}
            + " "
            + _("Split it by periods or organisations and send the parts one after the other.")
        )
    columns = {column for column, _row in addressed}
    last_row = max(map(int, rows))
    last = max(columns, key=lambda column: (len(column), column))
    if last_row * (column_of(last.decode("ascii")) + 1) > LARGEST_MATRIX:
        far = max(addressed, key=lambda at: (int(at[1]) > MOST_ROWS, len(at[0]), at[0], int(at[1])))
        raise WorkbookRefused(
            _("%(file)s, worksheet %(sheet)s: the cell %(cell)s lies far away from all others. Delete it and save.")
            % {"file": file, "sheet": name, "cell": (far[0] + far[1]).decode("ascii")}
        )


def _too_large(file: str, name: str, filled: int) -> str:
    return (
        _("%(file)s, worksheet %(sheet)s has %(cells)d filled cells; at most %(most)d are read at once.")
        % {"file": file, "sheet": name, "cells": filled, "most": MOST_CELLS}
        + " "
        + _("Split it by periods or organisations and send the parts one after the other.")
    )

"""Workbooks as people make them: templates filled in, and all that happens to them on the way."""

import re
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from gangmu.figures.filing.excel.planning import plan_template
from gangmu.figures.filing.excel.template import FIRST_ROW, write_template
from gangmu.figures.filing.models import Form
from gangmu.figures.filing.tests.small import DAY, organisation
from gangmu.foundation.periods.period import Period

UNITS, PLANT = "机组 Units", "全厂 Plant"
FIRST = FIRST_ROW + 1  # the first row to fill in, as spreadsheets count
GOOD: dict[str, Any] = {"E5": 1200.5, "F5": "Running", "G5": 24, "E6": 600, "F6": "运行", "G6": 23.5}
GOOD_PLANT: dict[str, Any] = {"E5": 1000, "F5": 500, "G5": 400, "H5": 1100}


def make_template(
    path: Path, form: Form, *, at: Iterable[str] = ("P1",), periods: Iterable[Period] = (DAY,), language: str = "en"
) -> Path:
    """The template of a form for some organisations and periods."""
    plan = plan_template(form, [organisation(code).pk for code in at], periods, language=language)
    write_template(path, plan)
    return path


def filled(
    path: Path,
    form: Form,
    units: Mapping[str, Any] | None = None,
    plant: Mapping[str, Any] | None = None,
    change: Callable[[Workbook], None] | None = None,
    **of_template: Any,
) -> Path:
    """A template whose cells were filled in with openpyxl; `change` does to the workbook what else was done to it."""
    book = openpyxl.load_workbook(make_template(path, form, **of_template))
    for name, cells in ((UNITS, GOOD if units is None else units), (PLANT, GOOD_PLANT if plant is None else plant)):
        for address, value in cells.items():
            book[name][address] = value
    if change is not None:
        change(book)
    book.save(path)
    return path


def sheet_of(book: Workbook, name: str = UNITS) -> Worksheet:
    found = book[name]
    assert isinstance(found, Worksheet)
    return found


def rewrite(
    path: Path,
    change: Mapping[str, Callable[[bytes], bytes]] | None = None,
    add: Mapping[str, bytes] | None = None,
    leave_out: str = "",
) -> Path:
    """A workbook whose members were changed, added or left out."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist() if name != leave_out}
    for name, one in (change or {}).items():
        members[name] = one(members[name])
    members |= add or {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def part_of(path: Path, sheet: str) -> str:
    """The member that holds a worksheet."""
    with zipfile.ZipFile(path) as archive:
        book = archive.read("xl/workbook.xml").decode()
        links = archive.read("xl/_rels/workbook.xml.rels").decode()
    found = re.search(rf'<sheet [^>]*name="{re.escape(sheet)}"[^>]*r:id="(\w+)"', book)
    assert found
    for link in re.findall(r"<Relationship [^>]*>", links):
        if f'Id="{found[1]}"' in link:
            target = re.search(r'Target="/?(?:xl/)?([^"]+)"', link)
            assert target
            return f"xl/{target[1]}"
    raise AssertionError(sheet)


def cell_as(address: str, markup: str) -> Callable[[bytes], bytes]:
    """Replaces one cell's markup."""

    def change(content: bytes) -> bytes:
        pattern = rf'<c r="{address}"[^>]*?(?:/>|>.*?</c>)'
        changed, count = re.subn(pattern, markup, content.decode(), flags=re.DOTALL)
        assert count == 1, address
        return changed.encode()

    return change

"""Workbooks as `workbooks_made.py` makes them, read.

Good ones, however they were saved, give the same cells; bad ones give the same marked errors, or are refused whole.
"""

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest

from gangmu.figures.filing.excel.importing import import_workbook
from gangmu.figures.filing.models import Cell, Sheet
from gangmu.figures.filing.tests.small import NOW, Small, make_small
from gangmu.figures.filing.tests.workbooks_made import FAULTY_ONES, GOOD_ONES, REFUSED_ONES
from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.documents.workbooks.guarding import WorkbookRefused
from gangmu.foundation.settings import clock

PAGE = Path(__file__).resolve().parents[5] / "docs" / "concepts" / "excel.md"


CELLS = {
    "P1U1 gen": 12005,
    "P1U1 state": 1,
    "P1U1 hours": 2400,
    "P1U2 gen": 6000,
    "P1U2 state": 1,
    "P1U2 hours": 2350,
    "P1 stock_open": 1000,
    "P1 received": 500,
    "P1 burnt": 400,
    "P1 stock": 1100,
}


@pytest.fixture
def small(db, tmp_path):
    with clock.frozen(f"{NOW}+08:00"):
        yield make_small(tmp_path)


def stored() -> dict[str, int | None]:
    rows = Cell.objects.select_related("organisation", "indicator")
    return {f"{one.organisation.code} {one.indicator.code}": one.value for one in rows}


def taken(small: Small, path: Path, **options: Any) -> Any:
    with acting_as(small.clerk) as scope:
        return import_workbook(path, small.form.code, by=small.clerk, scope=scope, **options)


@pytest.mark.parametrize("name", GOOD_ONES)
def test_however_a_good_workbook_was_made_it_gives_the_same_cells(name, small, tmp_path):
    made, expected = GOOD_ONES[name]
    result = taken(small, made(tmp_path / "book.xlsx", small))
    said = [str(one) for one in result.found]
    assert len(said) == len(expected) and all(any(one.startswith(begin) for one in said) for begin in expected), said
    assert stored() == CELLS


@pytest.mark.parametrize("name", FAULTY_ONES)
def test_each_fault_is_told_with_its_address_and_nothing_is_stored(name, small, tmp_path):
    made, expected = FAULTY_ONES[name]
    result = taken(small, made(tmp_path / "book.xlsx", small))
    said = {one.place.cell or "_": one.message for one in result.found if one.kind.refuses}
    assert said.keys() == expected.keys()
    for cell, words in expected.items():
        assert words in said[cell], said[cell]
    assert (result.nothing_kept, stored(), Sheet.objects.count()) == (True, {}, 0)


@pytest.mark.parametrize("name", REFUSED_ONES)
def test_what_is_no_workbook_of_the_form_is_refused_whole_and_says_why(name, small, tmp_path):
    made, words = REFUSED_ONES[name]
    path = made(tmp_path / "book.xlsx", small)
    with pytest.raises(WorkbookRefused, match=words):
        taken(small, path)
    assert (stored(), Sheet.objects.count()) == ({}, 0)


def test_the_page_lists_every_workbook():
    listed = re.findall(r"^\| `(\w+)` \|", PAGE.read_text("utf-8"), re.MULTILINE)
    assert listed == [*GOOD_ONES, *FAULTY_ONES, *REFUSED_ONES]


def test_an_archive_that_is_a_bomb_only_by_its_own_word_is_not_believed(tmp_path):
    """The directory says a few bytes; unpacking stops at the limit all the same."""
    from gangmu.foundation.documents.workbooks.guarding import open_archive

    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"<a>" + b" " * (20 << 20))
    lied = content.getvalue().replace((3 + (20 << 20)).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    (tmp_path / "book.xlsx").write_bytes(lied)
    with pytest.raises(WorkbookRefused, match="damaged"):
        open_archive(tmp_path / "book.xlsx")

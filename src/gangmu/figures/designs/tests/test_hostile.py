"""Hostile input of every kind: an error that says what is wrong, or a result within bounds; never a crash."""

import io
import random
import time
import zipfile
from fractions import Fraction

import openpyxl
import pytest

from gangmu.figures.designs.calculating import Calculator, Failed, Unknown
from gangmu.figures.designs.calculating import formula as computed
from gangmu.figures.designs.errors import DesignRefused, ExpressionError
from gangmu.figures.designs.filling import MOST_FILLED_CELLS, fill
from gangmu.figures.designs.parser import MOST_IN_A_CELL, parse_cell
from gangmu.figures.designs.printing import print_cell
from gangmu.figures.designs.references import Block, RowMap, moved
from gangmu.figures.designs.showing import show
from gangmu.figures.designs.template import read_template
from gangmu.figures.designs.tests import hostile
from gangmu.figures.designs.tests.samples import ISSUE, design
from gangmu.figures.designs.tests.world import VOCABULARY, World
from gangmu.foundation.documents.workbooks.guarding import WorkbookRefused

LONGEST_CPU = 5.0  # seconds of one case; what hangs takes minutes


def texts(first: int, count: int) -> dict[str, int]:
    """Read expressions, move and compute formulas; what became of them."""
    told = {"read": 0, "refused": 0, "computed": 0}
    rows = {"s": RowMap((Block(3, 2, 50),))}
    for seed in range(first, first + count):
        chance = random.Random(seed)
        started = time.process_time()
        text = hostile.expression(chance)
        try:
            cell = parse_cell(text, VOCABULARY)
            if cell is not None:
                told["read"] += 1
                assert len(cell.expressions) <= MOST_IN_A_CELL
                again = parse_cell(print_cell(cell), VOCABULARY)
                assert again is not None
                assert again.expressions == cell.expressions
        except ExpressionError as error:
            told["refused"] += 1
            assert 1 <= error.column <= len(text) + 1
            assert error.message
        formula = "=" + hostile.formula(chance)
        changed = moved(formula, "S", rows, rows["s"].blocks[0], chance.randrange(50))
        assert len(changed) < 8 * len(formula) + 100
        try:
            Calculator({("s", 1, 1): computed(formula), ("s", 1, 2): Fraction(2)}).value(("s", 1, 1))
            told["computed"] += 1
        except (Unknown, Failed):
            pass
        assert time.process_time() - started < LONGEST_CPU, seed
    return told


def workbooks(first: int, count: int, folder) -> dict[str, int]:
    """Read, fill, show and save workbooks; what became of them."""
    told = {"filled": 0, "refused": 0}
    world = World({"G": ("JS", "=AH", "HN"), "JS": ()})
    for seed in range(first, first + count):
        chance = random.Random(seed)
        path = hostile.workbook(chance, folder / "hostile.xlsx")
        started = time.process_time()
        try:
            filled = fill(read_template(path, VOCABULARY), ISSUE, world, VOCABULARY)
            assert sum(len(sheet._cells) for sheet in filled.book.worksheets) <= MOST_FILLED_CELLS
            show(filled)
            filled.book.save(io.BytesIO())
            told["filled"] += 1
        except WorkbookRefused as error:
            told["refused"] += 1
            assert str(error)
        assert time.process_time() - started < LONGEST_CPU, seed
    return told


def test_hostile_texts():
    told = texts(0, 1_500)
    assert all(told.values())


def test_hostile_workbooks(tmp_path):
    told = workbooks(0, 80, tmp_path)
    assert min(told.values()) > 5


@pytest.mark.prove
def test_very_many_hostile_texts_and_workbooks(tmp_path):
    told = texts(1_000_000, 200_000)
    print(f"PROOF 200,000 hostile expressions and as many formulas: {told}, none crashed or ran on")
    told = workbooks(1_000_000, 3_000, tmp_path)
    print(f"PROOF 3,000 hostile designs: {told}, none crashed or ran on")


def changed_archive(path, part, old, new):
    content: dict[str, bytes] = {}
    with zipfile.ZipFile(path) as archive:
        content |= {one: archive.read(one) for one in archive.namelist()}
    assert part not in content or old in content[part]
    content[part] = content.get(part, bytes(old)).replace(old, new, 1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for one, body in content.items():
            archive.writestr(one, body)
    return path


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    ("part", "old", "new", "said"),
    [
        (SHEET, b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>', "merged"),
        (SHEET, b"</sheetData>", b'</sheetData><hyperlinks><hyperlink ref="A1:XFD1048576"/></hyperlinks>', "merged"),
        (SHEET, b"</sheetData>", b"<row>" + b'<c r="B2" s="1"/>' * 100_001 + b"</row></sheetData>", "cells"),
        (SHEET, b"</sheetData>", b'<row><c r="A2"><f>' + b"A1+" * 3000 + b"</f></c></row></sheetData>", "formulas"),
        (SHEET, b"</sheetData>", b'<row><c r="A2"><f>' + b"[a]" * 99 + b"</f></c></row></sheetData>", "formulas"),
        ("xl/externalLinks/externalLink1.xml", b"x", b"<externalLink/>", "other workbooks"),
        ("xl/connections.xml", b"x", b"<connections/>", "data sources"),
        ("xl/vbaProject.bin", b"x", b"x", "macros"),
        ("xl/media/bomb.bin", b"x", b"\0" * (300 << 20), "unpacks"),
    ],
)
def test_what_would_grow_or_fetch_is_refused_before_it_is_opened(tmp_path, monkeypatch, part, old, new, said):
    path = changed_archive(design(tmp_path / "d.xlsx", {"A1": "{{发电量}}"}), part, old, new)
    monkeypatch.setattr(openpyxl, "load_workbook", lambda *a, **k: pytest.fail("opened"))
    with pytest.raises(WorkbookRefused, match=said):
        read_template(path, VOCABULARY)


def test_a_report_that_would_grow_without_end_is_refused(tmp_path):
    cells = {f"{column}1": "{{发电量}}" for column in "BCDEFGHIJKLMNOPQRSTUVWXYZ"} | {"A1": "{{每个下级，行数=20}}"}
    cells |= {f"{column}{row}": "x" for column in "BCDEFGHIJKLMNOPQRSTUVWXYZ" for row in range(2, 21)}
    template = read_template(design(tmp_path / "d.xlsx", cells), VOCABULARY)
    with pytest.raises(DesignRefused, match="at most"):
        fill(template, ISSUE, World({"G": [f"P{n}" for n in range(1_000)]}), VOCABULARY)
    with pytest.raises(DesignRefused, match="repeated more than"):
        fill(template, ISSUE, World({"G": [f"P{n}" for n in range(5_001)]}), VOCABULARY)

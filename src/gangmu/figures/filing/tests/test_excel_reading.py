"""Whatever is done to a workbook, reading it ends with its figures or with a reason."""

import io
import random
import zipfile
from decimal import ROUND_HALF_EVEN, Context, Decimal

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangmu.figures.filing.excel.placing import head_of
from gangmu.figures.filing.excel.reading import number_text, read_workbook
from gangmu.figures.filing.excel.shape import (
    LAST_COLUMN,
    Place,
    column_of,
    letters,
    place_of,
    quoted,
    read_marker,
    worksheet_names,
)
from gangmu.figures.filing.excel.template import checksum
from gangmu.figures.filing.queries import Wanted, lay_out
from gangmu.figures.filing.tests.books import PLANT, UNITS, filled, make_template
from gangmu.figures.filing.tests.small import DAY, NOW, make_small, organisation
from gangmu.foundation.documents.workbooks.guarding import WorkbookRefused
from gangmu.foundation.settings import clock


@pytest.fixture
def small(db, tmp_path):
    with clock.frozen(f"{NOW}+08:00"):
        yield make_small(tmp_path)


# Templates ------------------------------------------------------------------------------------------------------------


def test_a_template_says_whose_figures_it_wants_and_locks_everything_else(small, tmp_path):
    book = openpyxl.load_workbook(make_template(tmp_path / "book.xlsx", small.form, at=["P1"], language="zh-hans"))
    assert book.sheetnames == ["填写说明 How to fill in", UNITS, PLANT, "_gangmu"]
    assert book["_gangmu"].sheet_state == "veryHidden"
    sheet = book[UNITS]
    ids = [cell.value for cell in sheet[2]]
    assert ids == ["@gangmu:small_daily:1:units", "@period", "@name", "@day", "gen", "state", "hours", "@out", "@words"]
    assert sheet.row_dimensions[2].hidden and sheet.column_dimensions["A"].hidden
    assert [sheet[cell].value for cell in ("E3", "E4", "G4")] == ["发电量\nGeneration *", "MWh", "h"]
    assert [sheet[cell].value for cell in ("A5", "B5", "C5", "D5")] == [
        "P1U1",
        "2026-11-19",
        "甲厂1号机 Alpha 1",
        "2026-11-19",
    ]
    assert sheet.protection.sheet and not sheet.protection.password
    assert {sheet[cell].protection.locked for cell in ("A5", "C5", "E3")} == {True}
    assert {sheet[cell].protection.locked for cell in ("E5", "G6", "H5", "I6")} == {False}
    assert sheet.freeze_panes == "E5"
    rules = {str(rule.sqref): (rule.type, rule.formula1) for rule in sheet.data_validations.dataValidation}
    assert rules["F5:F6"] == ("list", '"运行,停机,停运"')
    assert rules["E5:E6"] == ("custom", 'OR(ISNUMBER(E5),E5="停运",E5="out of service")')
    assert rules["H5:H6"] == ("list", '"停运"')
    assert (book.properties.subject, book.custom_doc_props["gangmu_form"].value) == ("small_daily v1", "small_daily")


def test_the_hidden_worksheet_tells_form_version_and_periods(small, tmp_path):
    meta = read_workbook(make_template(tmp_path / "book.xlsx", small.form)).meta
    assert (meta["form"], meta["version"], meta["digest"]) == ("small_daily", "1", small.form.digest)
    assert (meta["first"], meta["last"], meta["section units"]) == ("2026-11-19", "2026-11-19", UNITS)
    assert meta.pop("checksum") == checksum(list(meta.items()))


def test_the_head_of_a_column_in_a_template_is_the_one_that_reading_looks_for(small, tmp_path):
    (layout,) = lay_out([Wanted(small.form, organisation("P1").pk, DAY)])
    assert layout is not None
    for table in read_workbook(filled(tmp_path / "book.xlsx", small.form)).tables:
        for column, code in table.columns.items():
            head = "".join(table.heads[column].replace("*", "").casefold().split())
            assert head == head_of(layout.columns[code])


# Damage ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(40))
def test_a_workbook_that_was_damaged_anywhere_is_read_or_refused(seed, small, tmp_path):
    content = bytearray(filled(tmp_path / "book.xlsx", small.form).read_bytes())
    chance = random.Random(seed)
    if seed % 2:  # on the way
        for _ in range(chance.randrange(1, 20)):
            content[chance.randrange(len(content))] = chance.randrange(256)
    else:  # by a program that packs it anew
        content = _repacked(bytes(content), chance)
    path = tmp_path / "damaged.xlsx"
    path.write_bytes(content)
    try:
        reading = read_workbook(path)
    except WorkbookRefused as refused:
        assert "damaged.xlsx" in str(refused)
    else:
        assert reading.cells <= 10


def _repacked(content: bytes, chance: random.Random) -> bytearray:
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            member = bytearray(old.read(name))
            for _ in range(chance.randrange(4)):
                at = chance.randrange(len(member))
                member[at : at + chance.randrange(5)] = chance.choice([b"", b"<", b'"', b"\xff", b"1", b"/>"])
            new.writestr(name, bytes(member))
    return bytearray(written.getvalue())


# Small things ---------------------------------------------------------------------------------------------------------


@given(st.integers(0, LAST_COLUMN - 1), st.integers(0, 1_048_575))
def test_addresses_read_back(column, row):
    assert column_of(letters(column)) == column
    assert place_of("A", Place("A", row, column).cell) == Place("A", row, column)


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e25, max_value=1e25))
def test_a_number_is_what_fifteen_digits_of_it_are(value):
    text = number_text(value)
    assert "e" not in text.lower()
    if abs(value) >= 1e15 or not value.is_integer():
        assert Decimal(text) == Context(prec=15, rounding=ROUND_HALF_EVEN).create_decimal(Decimal(value))
    else:
        assert int(text) == value


def test_names_of_worksheets_fit_and_differ():
    assert worksheet_names(["a/b", "A b", "x" * 40, "x" * 40, "", "_gangmu"]) == [
        "a b",
        "A b 2",
        "x" * 31,
        "x" * 27 + " 2",
        "Sheet",
        "_gangmu 2",
    ]
    assert (quoted("Sheet1"), quoted("机组 Units"), quoted("it's")) == ("Sheet1", "'机组 Units'", "'it''s'")


@pytest.mark.parametrize("text", ["@gangmu:a:1", "@gangmu:a:x:b", "gangmu:a:1:b", "@gangmu-check", ""])
def test_what_is_no_marker_is_none(text):
    assert read_marker(text) is None

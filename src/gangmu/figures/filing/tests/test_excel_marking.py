"""The marked return: everything of the user's is there, and what was found beside it."""

import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill

from gangmu.figures.filing.excel import shape
from gangmu.figures.filing.excel.faults import Found, Kind
from gangmu.figures.filing.excel.marking import AUTHOR, COLOURS, mark
from gangmu.figures.filing.excel.shape import Place
from gangmu.figures.filing.tests.books import sheet_of


@pytest.fixture
def sent(tmp_path):
    """A workbook with formats, a formula, a comment and a width of its own."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    sheet = book.create_sheet("机组 Units")
    sheet["A1"], sheet["B2"], sheet["B3"], sheet["C2"] = "head", 12.5, 13.5, "=B2*2"
    sheet["B2"].fill = PatternFill("solid", start_color="00FF00")
    sheet["B2"].font = Font(bold=True)
    sheet["B2"].number_format = "0.000"
    sheet["B2"].comment = Comment("my own note", "me")
    sheet.column_dimensions["B"].width = 33
    sheet.protection.sheet = True
    book.create_sheet("Other")["A1"] = "kept"
    path = tmp_path / "sent.xlsx"
    book.save(path)
    return path


FOUND = [
    Found(Place("机组 Units", 1, 1), "is too much", Kind.FAULT, "P1U1", "gen", "2026-11-19"),
    Found(Place("机组 Units", 2, 1), "has more decimals", Kind.ROUNDING, "P1U2", "gen", "2026-11-19"),
    Found(Place("机组 Units"), "was made for version 1", Kind.NOTE),
    Found(Place("Not there", 4, 4), "=is harmless", Kind.WARNING, also=(Place("机组 Units", 0, 0),)),
]


def colours(sheet) -> dict[str, str]:
    return {
        str(ranges.sqref): rule.dxf.fill.bgColor.rgb[-6:]
        for ranges in sheet.conditional_formatting
        for rule in ranges.rules
    }


def test_faulty_cells_are_coloured_and_say_why_and_formats_stay(sent, tmp_path):
    mark(sent, tmp_path / "marked.xlsx", FOUND, ["a summary"])
    book = openpyxl.load_workbook(tmp_path / "marked.xlsx")
    sheet = book["机组 Units"]
    assert colours(sheet) == {
        "B2": COLOURS[Kind.FAULT],
        "B3": COLOURS[Kind.ROUNDING],
        "A1": COLOURS[Kind.WARNING],
    }
    cell = sheet["B2"]
    assert (cell.value, cell.number_format, cell.font.bold, cell.fill.start_color.rgb) == (
        12.5,
        "0.000",
        True,
        "0000FF00",
    )
    assert cell.comment.text.startswith("is too much") and cell.comment.text.endswith("my own note")
    assert (sheet["B3"].comment.text, sheet["B3"].comment.author) == ("has more decimals", AUTHOR)
    assert (sheet["C2"].value, sheet.column_dimensions["B"].width, sheet.protection.sheet) == ("=B2*2", 33, True)
    assert book["Other"]["A1"].value == "kept"


def test_the_first_worksheet_lists_everything_with_links(sent, tmp_path):
    mark(sent, tmp_path / "marked.xlsx", FOUND, ["a summary"])
    book = openpyxl.load_workbook(tmp_path / "marked.xlsx")
    first = book.worksheets[0]
    assert (book.active, first["A1"].value, first["A2"].value) == (first, shape.CHECK, "a summary")
    rows = [[cell.value for cell in row] for row in first.iter_rows(min_row=5)]
    assert [row[1] for row in rows] == ["Not there!E5", "机组 Units!B2", "机组 Units!B3", "机组 Units"]
    assert rows[1] == ["not taken", "机组 Units!B2", "P1U1", "2026-11-19", "gen", "is too much"]
    assert rows[0][5] == "'=is harmless"
    assert first["B6"].hyperlink.location == "'机组 Units'!B2"
    assert first["B5"].hyperlink is None


def test_marks_of_an_earlier_return_are_taken_away(sent, tmp_path):
    mark(sent, tmp_path / "once.xlsx", FOUND)
    mark(tmp_path / "once.xlsx", tmp_path / "twice.xlsx", FOUND[1:2])
    book = openpyxl.load_workbook(tmp_path / "twice.xlsx")
    assert len(book.sheetnames) == 3
    sheet = book["机组 Units"]
    assert colours(sheet) == {"B3": COLOURS[Kind.ROUNDING]}
    assert sheet["B2"].comment.text == "my own note"
    assert sheet["A1"].comment is None


def test_cells_below_each_other_are_one_range_and_thousands_of_marks_are_taken(sent, tmp_path):
    many = [Found(Place("机组 Units", row, 3), f"fault {row}") for row in range(1, 3001)]
    mark(sent, tmp_path / "marked.xlsx", many)
    book = openpyxl.load_workbook(tmp_path / "marked.xlsx")
    sheet = book["机组 Units"]
    assert colours(sheet) == {"D2:D3001": COLOURS[Kind.FAULT]}
    assert book.worksheets[0].max_row == 3 + 3000


def test_what_the_copy_may_not_show_is_named(sent, tmp_path):
    book = openpyxl.load_workbook(sent)
    chart = BarChart()
    chart.add_data(Reference(book["机组 Units"], min_col=2, min_row=2, max_row=3))
    sheet_of(book, "Other").add_chart(chart, "C3")
    book.save(sent)
    before = sent.read_bytes()
    mark(sent, tmp_path / "marked.xlsx", FOUND)
    assert sent.read_bytes() == before
    first = openpyxl.load_workbook(tmp_path / "marked.xlsx").worksheets[0]
    assert "charts" in first["A2"].value

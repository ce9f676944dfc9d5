"""Workbooks made by the habits of Excel, WPS and LibreOffice, and by accident: docs/concepts/excel.md lists them.

What is said of each beside its making is what reading it must say.
"""

import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from gangmu.figures.filing.services import load_forms
from gangmu.figures.filing.tests.books import GOOD, PLANT, UNITS, cell_as, filled, part_of, rewrite, sheet_of
from gangmu.figures.filing.tests.small import FORM, Small

Made = Callable[[Path, Small], Path]
GOOD_ONES: dict[str, tuple[Made, list[str]]] = {}
FAULTY_ONES: dict[str, tuple[Made, dict[str, str]]] = {}
REFUSED_ONES: dict[str, tuple[Made, str]] = {}


def good(*said: str) -> Callable[[Made], Made]:
    """A workbook that gives all cells; `said` begins what is told besides."""

    def register(made: Made) -> Made:
        GOOD_ONES[made.__name__] = (made, list(said))
        return made

    return register


def faulty(**said: str) -> Callable[[Made], Made]:
    """A workbook with faults: address (of the units' worksheet unless `PLANT_…`) and words of each."""

    def register(made: Made) -> Made:
        FAULTY_ONES[made.__name__] = (made, said)
        return made

    return register


def refused(words: str) -> Callable[[Made], Made]:
    """A workbook of which nothing is taken."""

    def register(made: Made) -> Made:
        REFUSED_ONES[made.__name__] = (made, words)
        return made

    return register


@contextmanager
def units_changed(path: Path) -> Iterator[list[Callable[[bytes], bytes]]]:
    changes: list[Callable[[bytes], bytes]] = []
    yield changes
    part = part_of(path, UNITS)
    for change in changes:
        rewrite(path, {part: change})


# Good ones ------------------------------------------------------------------------------------------------------------


@good()
def filled_in_excel(path: Path, small: Small) -> Path:
    return filled(path, small.form)


@good()
def typed_in_wps_with_an_input_method(path: Path, small: Small) -> Path:
    """Full-width digits, thousands separators, spaces, numbers kept as text."""
    units = {
        "E5": "１，２００．５",
        "F5": " running ",
        "G5": "24.00",
        "E6": "600",
        "F6": "1",
        "G6": "２３．５",
    }
    return filled(path, small.form, units, {"E5": "1,000", "F5": "500 t", "G5": "400", "H5": "1 100"})


@good()
def saved_by_libreoffice(path: Path, small: Small) -> Path:
    """What nobody shows is hidden only, texts stand in the cells, numbers say that they are numbers."""
    filled(path, small.form)
    rewrite(path, {"xl/workbook.xml": lambda content: content.replace(b"veryHidden", b"hidden")})
    with units_changed(path) as changes:
        changes.append(cell_as("E5", '<c r="E5" t="n"><v>1200.5</v></c>'))
        changes.append(cell_as("F5", '<c r="F5" t="inlineStr"><is><t xml:space="preserve">Running </t></is></c>'))
    return path


@good()
def written_by_a_program_with_prefixes(path: Path, small: Small) -> Path:
    """Some programs write every element with a prefix."""
    filled(path, small.form)

    def prefixed(content: bytes) -> bytes:
        text = re.sub(r"<(/?)(?!\?)(?:x:)?([A-Za-z])", r"<\1x:\2", content.decode())
        return text.replace("xmlns=", "xmlns:x=", 1).encode()

    with units_changed(path) as changes:
        changes.append(prefixed)
    return path


@good()
def rows_and_columns_inserted_and_moved(path: Path, small: Small) -> Path:
    """Ids move with their rows and columns: a column of one's own, a blank row, the rows the other way round."""

    def change(book: Any) -> None:
        sheet = sheet_of(book)
        rows = [[sheet.cell(row, column).value for column in range(1, 10)] for row in (5, 6)]
        for number, values in zip((6, 5), rows, strict=True):
            for column, value in enumerate(values, start=1):
                sheet.cell(number, column).value = value
        sheet.insert_cols(6)
        sheet["F3"], sheet["F5"] = "my own", "note to myself"
        sheet.insert_rows(1, 2)
        sheet.insert_rows(8)

    return filled(path, small.form, change=change)


@good("机组 Units!E5 (P1U1, gen, 2026-11-19): holds a formula; its result 1200.5 was taken.")
def formulas_with_their_results(path: Path, small: Small) -> Path:
    filled(path, small.form)
    with units_changed(path) as changes:
        changes.append(cell_as("E5", '<c r="E5"><f>1200+1/2</f><v>1200.5</v></c>'))
    return path


@good()
def digits_that_only_the_file_has(path: Path, small: Small) -> Path:
    """A spreadsheet shows 1200.5 and writes 1200.5000000000002."""
    filled(path, small.form)
    with units_changed(path) as changes:
        changes.append(cell_as("E5", '<c r="E5"><v>1200.5000000000002</v></c>'))
        changes.append(cell_as("G6", '<c r="G6"><v>2.3500000000000004E1</v></c>'))
    return path


@good("机组 Units!A7: A row of totals", "scratch: This worksheet is hidden")
def worksheets_and_totals_of_ones_own(path: Path, small: Small) -> Path:
    def change(book: Any) -> None:
        sheet = sheet_of(book)
        sheet["C7"], sheet["E7"], sheet["G7"] = "合计 Total", 1800.5, 47.5
        book.create_sheet("notes", 0)["A1"] = "do not forget the meter"
        book.create_sheet("scratch")["A1"] = 1
        book["scratch"].sheet_state = "hidden"

    return filled(path, small.form, change=change)


@good()
def renamed_coloured_commented(path: Path, small: Small) -> Path:
    def change(book: Any) -> None:
        from openpyxl.comments import Comment
        from openpyxl.styles import PatternFill

        sheet = sheet_of(book)
        sheet["E5"].comment = Comment("read twice", "me")
        sheet["E5"].fill = PatternFill("solid", start_color="FF0000")
        sheet.column_dimensions["C"].hidden = True
        sheet.title = "1号厂房"

    return filled(path, small.form, change=change)


# Faulty ones ----------------------------------------------------------------------------------------------------------


@faulty(
    E5="“--” is no figure",
    F5="is none of the choices",
    G5="is not a number",
    E6="holds the error #N/A",
    F6="holds the error #REF!",
    G6="holds a date or time (2026-11-19",
)
def dashes_texts_errors_dates(path: Path, small: Small) -> Path:
    units = {"E5": "--", "F5": "sleeping", "G5": "about ten", "E6": 0, "F6": 0, "G6": datetime(2026, 11, 19)}
    filled(path, small.form, units)
    with units_changed(path) as changes:
        changes.append(cell_as("E6", '<c r="E6" t="e"><v>#N/A</v></c>'))
        changes.append(cell_as("F6", '<c r="F6" t="e"><f>Gone!A1</f><v>#REF!</v></c>'))
    return path


@faulty(E5="is part of the merged cells E5:E6", E6="is part of the merged cells E5:E6")
def merged_cells(path: Path, small: Small) -> Path:
    return filled(path, small.form, GOOD | {"E6": None}, change=lambda book: sheet_of(book).merge_cells("E5:E6"))


@faulty(E5="holds a formula without a result")
def formulas_that_nobody_computed(path: Path, small: Small) -> Path:
    return filled(path, small.form, GOOD | {"E5": "=1200+1/2"})


@faulty(E5="carries “%”")
def percent_formats(path: Path, small: Small) -> Path:
    """0.05 that is shown as 5 % is not taken for 0.05."""

    def change(book: Any) -> None:
        sheet_of(book)["E5"].number_format = "0.0%"

    return filled(path, small.form, GOOD | {"E5": 0.05}, change=change)


@faulty(A7="The row of P1U1 for 2026-11-19 is there twice (here and in row 5)")
def rows_copied_below(path: Path, small: Small) -> Path:
    def change(book: Any) -> None:
        sheet = sheet_of(book)
        for column in range(1, 10):
            sheet.cell(7, column).value = sheet.cell(5, column).value

    return filled(path, small.form, change=change)


@faulty(
    A5="The row reads 甲厂2号机 Alpha 2, but its hidden id says P1U1",
    A6="The row reads 甲厂1号机 Alpha 1, but its hidden id says P1U2",
)
def sorted_without_the_hidden_columns(path: Path, small: Small) -> Path:
    def change(book: Any) -> None:
        sheet = sheet_of(book)
        for column in range(3, 10):
            one, other = sheet.cell(5, column), sheet.cell(6, column)
            one.value, other.value = other.value, one.value

    return filled(path, small.form, change=change)


@faulty(
    E5="whose id says gen and whose head says hours",
    G5="whose id says hours and whose head says gen",
    E6="whose id says gen and whose head says hours",
    G6="whose id says hours and whose head says gen",
)
def columns_shifted_below_their_ids(path: Path, small: Small) -> Path:
    def change(book: Any) -> None:
        sheet = sheet_of(book)
        for row in range(3, 7):
            one, other = sheet.cell(row, 5), sheet.cell(row, 7)
            one.value, other.value = other.value, one.value

    return filled(path, small.form, change=change)


@faulty(A5="“P9U9”, the hidden id of this row, is no organisation known to you", A7="its hidden id is missing")
def rows_of_nobody(path: Path, small: Small) -> Path:
    def change(book: Any) -> None:
        sheet = sheet_of(book)
        sheet["A5"], sheet["C7"], sheet["E7"] = "P9U9", "unit 3", 12

    return filled(path, small.form, change=change)


@faulty(_="This worksheet is hidden, so nobody sees what is filed with it")
def a_hidden_section(path: Path, small: Small) -> Path:
    def change(book: Any) -> None:
        sheet_of(book).sheet_state = "hidden"

    return filled(path, small.form, change=change)


@faulty(**dict.fromkeys(("E5", "E6", "G5", "G6"), "The column gen is there twice"))
def a_column_copied_over_another(path: Path, small: Small) -> Path:
    def change(book: Any) -> None:
        sheet = sheet_of(book)
        for row in range(2, 7):
            sheet.cell(row, 7).value = sheet.cell(row, 5).value

    return filled(path, small.form, change=change)


# Refused ones ---------------------------------------------------------------------------------------------------------


@refused("was made for the form|is of the form Other form .other_daily., not of")
def another_forms_template(path: Path, small: Small) -> Path:
    other = {"code": "other_daily", "name": {"zh": "别的日报", "en": "Other form"}}
    return filled(path, load_forms([FORM | other])["other_daily"])


@refused("hidden row and columns that say whose figures these are have been deleted")
def a_template_without_its_ids(path: Path, small: Small) -> Path:
    def change(book: Any) -> None:
        for name in (UNITS, PLANT):
            sheet_of(book, name).delete_rows(2)

    return filled(path, small.form, change=change)


@refused("was not made from a template of Gangmu")
def a_table_of_ones_own(path: Path, small: Small) -> Path:
    book = xlsxwriter.Workbook(str(path))
    book.add_worksheet().write_row(0, 0, ["机组", "发电量", 1200.5])
    book.close()
    return path


@refused("has 100000 filled rows; at most 50000 are read at once. Split it")
def a_hundred_thousand_rows(path: Path, small: Small) -> Path:
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet()
    for row in range(100_000):
        sheet.write_number(row, 0, row)
    book.close()
    return path


@refused("the cell XFD1048576 lies far away from all others. Delete it")
def a_cell_at_the_end_of_the_world(path: Path, small: Small) -> Path:
    def change(book: Any) -> None:
        sheet_of(book)["XFD1048576"] = 1

    return filled(path, small.form, change=change)


@refused("is protected by a password")
def protected_by_a_password(path: Path, small: Small) -> Path:
    path.write_bytes(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1024) + "EncryptedPackage".encode("utf-16-le") + bytes(512)
    )
    return path


@refused("is a workbook of the old format .* save it as an Excel workbook")
def of_the_old_format(path: Path, small: Small) -> Path:
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1024) + "Workbook".encode("utf-16-le") + bytes(512))
    return path


@refused("contains macros")
def with_macros(path: Path, small: Small) -> Path:
    return rewrite(filled(path, small.form), add={"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" + bytes(64)})


@refused("is a web page or XML table that only has the name of a workbook")
def a_web_page(path: Path, small: Small) -> Path:
    path.write_text("<html><body><table><tr><td>发电量</td><td>1</td></tr></table></body></html>", "gb18030")
    return path


@refused("is text .CSV. that only has the name of a workbook")
def a_text_table(path: Path, small: Small) -> Path:
    path.write_text("organisation,gen\nP1U1,1200.5\n", "utf-8")
    return path


@refused("unpacks to more than 256 MB; it is not opened")
def a_bomb(path: Path, small: Small) -> Path:
    return rewrite(filled(path, small.form), add={"xl/media/image1.xml": b"<a>" + b" " * (300 << 20) + b"</a>"})


@refused("contains markup that no workbook needs .xl/worksheets/sheet2.xml.")
def entities(path: Path, small: Small) -> Path:
    filled(path, small.form)
    bomb = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>\n<worksheet'
    return rewrite(path, {"xl/worksheets/sheet2.xml": lambda content: content.replace(b"<worksheet", bomb, 1)})


@refused("is damaged or not complete")
def cut_off_on_the_way(path: Path, small: Small) -> Path:
    content = filled(path, small.form).read_bytes()
    path.write_bytes(content[: len(content) // 2])
    return path


@refused("is an OpenDocument table")
def an_opendocument_table(path: Path, small: Small) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<office:document-content/>")
    return path


@refused("cells do not say where they stand")
def cells_without_addresses(path: Path, small: Small) -> Path:
    filled(path, small.form)
    with units_changed(path) as changes:
        changes.append(lambda content: content.replace(b'<c r="E5"', b"<c", 1))
    return path

"""The workbook and the PDF say what the page says, in both languages, read back by programs of others."""

import io
import re

import pytest
from django.utils import translation
from openpyxl import load_workbook
from pypdf import PdfReader

from gangmu.figures.reports import showing
from gangmu.figures.reports.building import build
from gangmu.figures.reports.content import Block, Content, Section
from gangmu.figures.reports.printing import LANGUAGES, charts, file_name, printed
from gangmu.figures.reports.printing.pdf import picture
from gangmu.figures.reports.tests.conftest import LAST
from gangmu.foundation.access.scope import SYSTEM
from gangmu.foundation.parties.kinds import Words
from gangmu.foundation.parties.models import Organisation


@pytest.fixture
def content(world, daily, group) -> Content:
    return build(daily, group, LAST, SYSTEM)


def cells_of(book) -> dict[str, list[list[object]]]:
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book.worksheets}


def expected_rows(content: Content, blocks: tuple[str, ...]) -> list[list[object]]:
    """The lines of some kinds of blocks as numbers, the way a spreadsheet holds them."""
    rows: list[list[object]] = []
    for section in content.sections:
        for block in section.blocks:
            if block.kind in blocks:
                for line in block.lines:
                    row: list[object] = [str(line.label)]
                    for cell in line.cells:
                        exact = content.decimal(cell)
                        row.append(None if exact is None else float(exact))
                        if block.compared:
                            rate = cell.rate_number if cell else None
                            part = None if rate is None else float(rate if cell and cell.unit == "%" else rate / 100)
                            row.append(part)
                    rows.append(row)
    return rows


@pytest.mark.req("M-7.2.9")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_workbook_holds_the_figures_of_the_page(content, language):
    with translation.override(language):
        book = load_workbook(io.BytesIO(printed(content, language, "xlsx")))
        sheets = cells_of(book)
        first, *others = sheets.values()
        told = expected_rows(content, ("figures", "table", "groups", "states"))
        assert len(told) > 10
        found = [[row[0], *row[2 : 2 + len(want) - 1]] for want in told for row in first if row[0] == want[0]]
        for want in told:
            assert want in [row[: len(want)] for row in found], want
        lists = [row for sheet in others for row in sheet]
        for want in expected_rows(content, ("members", "trend", "filing")):
            assert any(row[: len(want)] == want for row in lists), want
        sheet = book.worksheets[0]
        assert str(content.title) in sheet["A1"].value and str(content.organisation_name) in sheet["A1"].value
        assert showing.period_label(content) in sheet["A2"].value and sheet.freeze_panes == "B6"
        unit = content.unit("MWh").name
        line = next(row for row in sheet.iter_rows(min_row=6) if row[1].value == unit)
        assert line[2].number_format == ("#,##0.00" if language == "zh-hans" else "#,##0.0000")
        assert line[3].number_format.startswith("+0.0%")


@pytest.mark.req("M-7.2.9")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pdf_holds_the_figures_of_the_page(content, language):
    with translation.override(language):
        made = printed(content, language, "pdf")
        reader = PdfReader(io.BytesIO(made))
        text = " ".join(page.extract_text() for page in reader.pages)
        flat = re.sub(r"\s+", "", text)
        sections = showing.shown_sections(content)
        wanted = {
            told
            for section in sections
            for block in section.blocks
            if not block.chart
            for line in block.lines
            for told in (line.coverage, *(told for cell in line.cells if cell for told in (cell.value, cell.rate)))
            if told
        }
        assert len(wanted) > 20
        assert {one for one in wanted if re.sub(r"\s+", "", one) not in flat} == set()
        for section in sections:
            assert re.sub(r"\s+", "", section.title) in flat
        assert re.sub(r"\s+", "", showing.standing_words(content)) in flat
        assert len(made) < 1_000_000
        fonts = {str(name) for page in reader.pages for name in _fonts(page)}
        assert fonts and all("NotoSansSC" in name for name in fonts), fonts


def _fonts(page) -> set[str]:
    return {font.get_object()["/BaseFont"] for font in page["/Resources"]["/Font"].values()}


@pytest.mark.parametrize("kind", ["xlsx", "pdf"])
def test_the_same_content_gives_the_same_bytes(content, kind):
    first = printed(content, "zh-hans", kind)
    assert printed(content, "zh-hans", kind) == first
    assert printed(content, "en", kind) != first


def test_no_name_becomes_a_formula_or_markup(world, daily, group):
    Organisation.objects.filter(code="R1").update(name_zh="=1+1", name_en="@SUM(A1)")
    Organisation.objects.filter(code="R2").update(name_zh='#read("/etc/passwd") *a*', name_en="$x$ <b>")
    content = build(daily, group, LAST, SYSTEM)
    book = load_workbook(io.BytesIO(printed(content, "zh-hans", "xlsx")))
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    named = [cell for cell in cells if cell.value == "=1+1"]
    assert named and all(cell.data_type == "s" for cell in named)
    assert not [cell for cell in cells if cell.data_type == "f"]
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(printed(content, "zh-hans", "pdf"))).pages)
    assert '#read("/etc/passwd")*a*' in re.sub(r"\s+", "", text)


def test_a_file_s_name_is_in_its_language_and_harmless(content):
    assert file_name(content, "zh-hans", "pdf") == "经营日报-示例集团-2026-11-19.pdf"
    assert file_name(content, "en", "xlsx") == "Daily_operations_report-Example_Group-2026-11-19.xlsx"


def test_the_picture_has_the_size_of_a_phone(content, daily):
    for language in LANGUAGES:
        with translation.override(language):
            made = picture(daily, content)
        assert made.startswith(b"\x89PNG")
        assert (int.from_bytes(made[16:20]), int.from_bytes(made[20:24])) == (1080, 1440)


def test_a_report_without_any_figure_can_still_be_printed(world, daily, group):
    from gangmu.foundation.periods.period import Period

    content = build(daily, group, Period.parse("2021-03-01"), SYSTEM)
    assert [section.code for section in content.sections] in ([], ["filing"])
    for kind in ("xlsx", "pdf"):
        assert printed(content, "en", kind)
    assert picture(daily, content)


def test_axes_have_round_bounds_around_what_is_drawn():
    for values in ([860.1, 943.0], [0.0, 0.0], [5.0], [-3.0, 12.0], [1e9, 3e9], []):
        low, high, step = charts.scale(values)
        assert low < high and step > 0
        assert all(low <= value <= high for value in values)
        assert 1 <= (high - low) / step <= 8


def test_a_chart_escapes_its_words():
    svg = charts.line_chart(
        {"labels": ["<a>", "b"], "series": [{"name": "x & y", "values": [1.0, None], "role": "main", "shown": []}]}
    )
    assert "&lt;a&gt;" in svg and "x &amp; y" in svg and "<a>" not in svg


def test_blocks_of_sheets_never_share_a_name(content):
    block = Block("members", Words("甲", "A"), (), ())
    doubled = Section("x", Words("电煤", "Coal"), (block, block, block))
    from dataclasses import replace

    book = load_workbook(io.BytesIO(printed(replace(content, sections=(doubled,)), "en", "xlsx")))
    assert book.sheetnames[1:] == ["Coal", "Coal 2", "Coal 3"]

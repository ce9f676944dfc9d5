"""The filled workbook: figures where expressions stood, everything else as it was, formulas as if filled down."""

import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from openpyxl.comments import Comment
from openpyxl.formula.translate import Translator
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.table import Table

from gangmu.figures.designs.asking import period_of
from gangmu.figures.designs.errors import DesignRefused
from gangmu.figures.designs.filling import fill
from gangmu.figures.designs.references import Block, RowMap, moved
from gangmu.figures.designs.template import At, read_template
from gangmu.figures.designs.tests.samples import ISSUE, MONTH, design, month_report
from gangmu.figures.designs.tests.world import CHILDREN, VOCABULARY, World, value_of
from gangmu.figures.designs.tree import PartKind, ToDate, When
from gangmu.foundation.periods.period import Period


def made(path, world=None, issue=ISSUE):
    """The design filled, saved and read again."""
    world = world or World()
    filled = fill(read_template(path, VOCABULARY), issue, world, VOCABULARY)
    target = path.with_name("filled.xlsx")
    filled.book.save(target)
    return filled, openpyxl.load_workbook(target), world


def test_the_month_report_is_filled_and_keeps_its_looks(tmp_path):
    filled, book, world = made(month_report(tmp_path / "month.xlsx"))
    sheet = book["月报"]
    assert sheet["A1"].value == "集团2026年10月经营月报"
    assert sheet["A2"].value == "第3期"
    assert [sheet[f"A{row}"].value for row in (4, 5, 6, 7)] == ["江苏公司", "安徽公司", "HN厂", "合计"]
    for row, code in ((4, "JS"), (5, "AH"), (6, "HN")):
        assert Decimal(str(sheet[f"B{row}"].value)) == value_of("generation", "G", code, "2026-10")
        assert sheet[f"E{row}"].value == f"=B{row}/B$7"
        assert sheet[f"B{row}"].number_format == "#,##0.00"
        assert sheet[f"B{row}"].border.left.style == "thin"
        assert sheet.row_dimensions[row].height == 21
    assert sheet.row_dimensions[7].height == 30
    assert (sheet["B7"].value, sheet["D7"].value, sheet["E7"].value) == ("=SUM(B4:B6)", "=SUM(D4:D6)", "=SUM(E4:E6)")
    assert sheet["A7"].fill.fgColor.rgb == "FFDDEBF7"
    assert sheet["C9"].value == "=B9/B7"
    assert Decimal(str(sheet["B9"].value)) == value_of("generation", "G", "wind", "2026-10")
    assert {str(one) for one in sheet.merged_cells.ranges} == {"A1:E1", "A10:E10"}
    assert (sheet.print_area, sheet.print_title_rows) == ("'月报'!$A$1:$E$10", "$1:$3")
    rules = {str(one.sqref): one.rules[0].formula for one in sheet.conditional_formatting}
    assert rules == {"C4:C6": ["0"], "A4:E6": ["$B4>$B$7/2"]}
    assert book.defined_names["各单位发电量"].attr_text == "月报!$B$4:$B$6"
    [check] = sheet.data_validations.dataValidation
    assert (str(check.sqref), check.formula1) == ("E4:E6", "B4")
    [chart] = sheet._charts
    assert chart.series[0].val.numRef.f.endswith("$B$4:$B$6")
    assert chart.series[0].cat.numRef.f.endswith("$A$4:$A$6")
    assert chart.anchor._from.row == 11
    assert (book["摘要"]["B1"].value, book["摘要"]["B2"].value) == ("=月报!B7", "=AVERAGE(月报!B4:B6)")
    assert (book["摘要"]["A3"].value, book["摘要"]["A3"].data_type) == ("=cmd不是公式", "s")
    assert book.calculation.fullCalcOnLoad
    assert openpyxl.load_workbook(tmp_path / "filled.xlsx", data_only=True)["月报"]["B7"].value is None
    assert sheet["A10"].value.startswith("上旬 ")
    assert re.search(r"[\d,]+\.\d\d MWh，同比 -?[\d,.]+%。$", sheet["A10"].value)
    assert len(world.asked) == 1
    assert filled.exact[At("月报", 4, 2)] == value_of("generation", "G", "JS", "2026-10")
    assert At("月报", 4, 2) in filled.incomplete


def test_everything_is_asked_once_and_together(tmp_path):
    _filled, _book, world = made(month_report(tmp_path / "month.xlsx"))
    [questions] = world.asked
    asked = [
        (one.by, one.compare, organisation, period, indicator)
        for one in questions
        for organisation in one.organisations
        for period in one.periods
        for indicator in one.indicators
    ]
    assert len(asked) == len(set(asked))
    # the value and its comparison come from one row; the blank's fuel and the ten-day are questions of their own
    assert sorted(asked, key=str) == sorted(
        [
            ("children", "year-ago", "G", "2026-10", "generation"),
            ("children", None, "G", "2026-01-01..2026-10-31", "generation"),
            ("fuel", None, "G", "2026-10", "generation"),
            (None, "year-ago", "G", "2026-10", "generation"),
            (None, "year-ago", "G", "2026-10-D1", "generation"),
        ],
        key=str,
    )


@pytest.mark.parametrize(
    ("when", "code"),
    [
        (When(), "2026-10"),
        (When(previous=True, year_ago=True), "2025-09"),
        (When(to_date=ToDate.YEAR), "2026-01-01..2026-10-31"),
        (When(to_date=ToDate.YEAR, year_ago=True), "2025-01-01..2025-10-31"),
        (When(part=PartKind.TEN_DAY, number=2), "2026-10-D2"),
        (When(part=PartKind.DAY), "2026-10-31"),
        (When(part=PartKind.DAY, number=5, to_date=ToDate.MONTH), "2026-10-01..2026-10-05"),
        (When("2026-02", PartKind.DAY, 30), None),
        (When("2026-Q1", PartKind.MONTH, 3), "2026-03"),
    ],
)
def test_periods(when, code):
    found = period_of(when, Period.parse("2026-10"))
    assert (found.code if found else None) == code


def test_a_block_without_members_stays_one_blank_row(tmp_path):
    path = design(tmp_path / "d.xlsx", {"A1": "{{每个下级}}", "B1": "{{发电量}}", "B2": "=SUM(B1)"})
    _filled, book, _world = made(path, World({"G": ()}))
    assert [book["Sheet1"][cell].value for cell in ("A1", "B1", "B2")] == [None, None, "=SUM(B1)"]


def test_blocks_of_two_rows_and_one_sheet_that_follows_another(tmp_path):
    path = design(
        tmp_path / "d.xlsx",
        {"A2": "{{每个下级，行数=2}}", "B2": "{{发电量}}", "B3": "{{发电量，去年同期}}", "C2": "=B2-B3",
         "C3": "=Data!B2", "D2": "=C$2+C1"},
        {"Data": {"A2": "{{每个下级}}", "B2": "{{发电量}}"}},
    )  # fmt: skip
    _filled, book, _world = made(path)
    sheet = book["Sheet1"]
    assert [sheet[f"C{row}"].value for row in (2, 4, 6)] == ["=B2-B3", "=B4-B5", "=B6-B7"]
    assert [sheet[f"D{row}"].value for row in (2, 4, 6)] == ["=C$2+C1", "=C$2+C3", "=C$2+C5"]
    assert sheet["A4"].value == "安徽公司"
    assert Decimal(str(sheet["B5"].value)) == value_of("generation", "G", "AH", "2025-10")


def test_merged_cells_over_the_blocks_edge_grow_and_those_inside_are_repeated(tmp_path):
    path = design(tmp_path / "d.xlsx", {"A1": "各单位", "B2": "{{每个下级}}", "D2": "{{发电量}}"})
    book = openpyxl.load_workbook(path)
    book["Sheet1"].merge_cells("A1:A2")
    book["Sheet1"].merge_cells("B2:C2")
    book.save(path)
    _filled, book, _world = made(path)
    assert {str(one) for one in book["Sheet1"].merged_cells.ranges} == {"A1:A4", "B2:C2", "B3:C3", "B4:C4"}


def test_notes_links_tables_filters_breaks_and_array_formulas_move_along(tmp_path):
    path = design(tmp_path / "d.xlsx", {"A1": "单位", "B1": "量", "A2": "{{每个下级}}", "B2": "{{发电量}}", "A4": "末"})
    book = openpyxl.load_workbook(path)
    sheet = book["Sheet1"]
    sheet["A2"].comment, sheet["A4"].comment = Comment("每行", "我"), Comment("末行", "我")
    sheet["A2"].hyperlink = Hyperlink(ref="A2", location="Sheet1!A4")
    sheet["C2"] = ArrayFormula("C2", "=SUM(B2*B$4)")
    sheet["C4"] = ArrayFormula("C4:C5", "=SUM(B2:B2)")
    sheet.add_table(Table(displayName="T", ref="A1:B2"))
    sheet.auto_filter.ref = "A1:B2"
    sheet.row_breaks.append(Break(id=4))
    book.save(path)
    _filled, book, _world = made(path)
    sheet = book["Sheet1"]
    assert [sheet[f"A{row}"].comment.text for row in (2, 3, 4, 6)] == ["每行", "每行", "每行", "末行"]
    assert [sheet[f"A{row}"].hyperlink.location for row in (2, 3, 4)] == ["Sheet1!A6"] * 3
    assert [sheet[f"A{row}"].hyperlink.ref for row in (2, 3, 4)] == ["A2", "A3", "A4"]
    assert [(sheet[f"C{row}"].value.ref, sheet[f"C{row}"].value.text) for row in (2, 4, 6)] == [
        ("C2", "=SUM(B2*B$6)"), ("C4", "=SUM(B4*B$6)"), ("C6:C7", "=SUM(B2:B4)"),
    ]  # fmt: skip
    assert sheet.tables["T"].ref == "A1:B4"
    assert sheet.auto_filter.ref == "A1:B4"
    assert [each.id for each in sheet.row_breaks.brk] == [6]


def test_names_never_become_formulas(tmp_path):
    path = design(tmp_path / "d.xlsx", {"A1": "{{每个下级}}", "B1": "{{成员编码}} 厂"})
    _filled, book, _world = made(path, World({"G": ("=cmd|'/c calc'!A0", "+1", "@SUM(1)", "\x01bad")}))
    for row in (1, 2, 3, 4):
        assert book["Sheet1"][f"A{row}"].data_type == "s"
        assert book["Sheet1"][f"B{row}"].data_type == "s"
    assert book["Sheet1"]["B1"].value == "=cmd|'/c calc'!A0 厂"
    assert book["Sheet1"]["B1"].quotePrefix


def test_what_nobody_reported_is_blank_and_told(tmp_path):
    path = design(tmp_path / "d.xlsx", {"A1": "{{发电量}}", "A2": "共 {{发电量}}", "A3": "{{发电量，覆盖}}"})
    filled, book, _world = made(path, World(missing=frozenset({"G"})))
    assert [book["Sheet1"][f"A{row}"].value for row in (1, 2, 3)] == [None, "共 –", "0/30"]
    assert [at.cell for at in filled.missing] == ["A1", "A2"]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"B7": "{{发电亮}}"}, "Sheet1!B7, column 3"),
        ({"A1": "{{序号}}"}, "only in a repeated row"),
        ({"A1": "{{每个下级}}", "B1": "{{每种燃料}}"}, "repeated already, by A1"),
        ({"A1": "{{每种燃料}}", "B1": "{{发电量，燃料=风电}}"}, "divided once more"),
        ({"A1": "{{发电量}}", "B1": "='[1]Sheet'!A1"}, "another workbook"),
        ({"A1": "{{发电量}}", "B1": "=[book.xlsx]Sheet1!A1"}, "another workbook"),
        ({"A1": "{{发电量}}", "B1": '=WEBSERVICE("http://x")'}, "WEBSERVICE"),
        ({"A1": "{{发电量}}", "B1": "=cmd|'/c calc'!A0"}, "another workbook"),
        ({"A1": "no expression"}, "no cell holds"),
    ],
)
def test_faults_name_their_place_and_nothing_is_applied(tmp_path, cells, said):
    with pytest.raises(DesignRefused) as error:
        read_template(design(tmp_path / "d.xlsx", cells), VOCABULARY)
    assert said in str(error.value)


@pytest.mark.parametrize(("language", "said"), [("zh-hans", "扭亏为盈"), ("en", "turned to profit")])
def test_where_a_rate_makes_no_sense_its_word_is_said(tmp_path, language, said):
    template = read_template(design(tmp_path / "d.xlsx", {"A1": "{{发电量，同比增长率}}"}), VOCABULARY)
    world = World()
    world.word = "turned_to_profit"
    sheet = fill(template, replace(ISSUE, language=language), world, VOCABULARY).book["Sheet1"]
    assert sheet["A1"].value == said


def test_formulas_that_change_their_meaning_are_told(tmp_path):
    cells = {"A1": "{{每个下级}}", "B1": "{{发电量}}", "C1": "=B1/B2", "B2": "=SUM(B1)", "C2": "=B1"}
    template = read_template(design(tmp_path / "d.xlsx", cells), VOCABULARY)
    assert [(one.cell, "$" in one.message) for one in template.warnings] == [("C1", True), ("C2", False)]


def test_five_hundred_rows_are_one_question_and_all_there(tmp_path):
    cells = (
        {"A1": "{{每个下级}}"} | {f"{column}1": "{{发电量，同比}}" for column in "BCDEFGHIJ"} | {"K1": "=SUM(B1:J1)"}
    )
    path = design(tmp_path / "d.xlsx", cells | {"K2": "=SUM(K1:K1)"})
    template = read_template(path, VOCABULARY)
    world = World({"G": [f"P{number:03}" for number in range(500)]})
    filled = fill(template, ISSUE, world, VOCABULARY)
    assert filled.book["Sheet1"]["K501"].value == "=SUM(K1:K500)"
    assert filled.book["Sheet1"]["K500"].value == "=SUM(B500:J500)"
    assert sum(len(one.organisations) * len(one.periods) for one in world.asked[0]) == 1


REFERENCES = some.builds(
    lambda c, column, r, row: ("$" if c else "") + column + ("$" if r else "") + str(row),
    some.booleans(), some.sampled_from(["A", "B", "AA", "XFD"]), some.booleans(), some.integers(1, 60),
)  # fmt: skip
OPERANDS = some.one_of(
    REFERENCES,
    some.builds("{}:{}".format, REFERENCES, REFERENCES),
    some.builds("'Other sheet'!{}".format, REFERENCES),
    some.sampled_from(['"B4""C5"', "LOG10(7)", "1E5", "Name1.B4", "TRUE", "Table1[Col B4]", "A:B", "#REF!"]),
)
FORMULAS = some.builds(
    lambda first, others, name: f"={name}({first}{''.join(others)})",
    OPERANDS,
    some.lists(some.builds("{}{}".format, some.sampled_from(["+", "*", ",", " - ", "&"]), OPERANDS), max_size=5),
    some.sampled_from(["IF", "ROUND", ""]),
)


@settings(max_examples=300, deadline=None)
@given(FORMULAS, some.integers(0, 30))
def test_a_formula_filled_down_is_what_another_hand_makes_of_it(formula, down):
    """A block in the last row that anything refers to: inserting below it moves nothing, so filling down is all."""
    block = Block(60, 1, down + 1)
    expected = Translator(formula, "A60").translate_formula(row_delta=down)
    assert moved(formula, "S", {}, block, down) == expected


@settings(max_examples=200, deadline=None)
@given(FORMULAS)
def test_a_formula_that_no_row_is_added_to_stays_as_it_is(formula):
    assert moved(formula, "S", {"s": RowMap((Block(5, 2, 1),))}) == formula


@pytest.mark.parametrize(
    ("formula", "where", "expected"),
    [  # rows 4 and 5 stand three times: 4 to 9; row 8 before is row 12 after
        ("=SUM(B4:B5)", None, "=SUM(B4:B9)"),
        ("=SUM(B$4:B$5)", None, "=SUM(B$4:B$9)"),
        ("=SUM(B1:B8)", None, "=SUM(B1:B12)"),
        ("=B8*$B$8+B3", None, "=B12*$B$12+B3"),
        ("=SUM(8:8)+SUM($4:$5)", None, "=SUM(12:12)+SUM($4:$9)"),
        ("=SUM(B:B)", None, "=SUM(B:B)"),
        ("=SUM(B4,C4)", None, "=SUM(B4:B8,C4:C8)"),
        ("=IF(B4>0,1)", None, "=IF(B4>0,1)"),
        ("=B4/SUM(B$4:B$5)", 2, "=B8/SUM(B$4:B$9)"),
        ("=SUM(B$4:B4)", 2, "=SUM(B$4:B8)"),
        ("=SUM(B4:D4)+B5", 1, "=SUM(B6:D6)+B7"),
        ("=B4/B$8", 2, "=B8/B$12"),
        ("=Other!B8+S!B8", None, "=Other!B8+S!B12"),
    ],
)
def test_formulas_around_and_inside_a_block(formula, where, expected):
    block = Block(4, 2, 3)
    assert moved(formula, "S", {"s": RowMap((block,))}, None if where is None else block, where or 0) == expected


@settings(max_examples=40, deadline=None)
@given(
    some.dictionaries(
        some.builds("{}{}".format, some.sampled_from("ABCDE"), some.integers(1, 12)),
        some.one_of(
            some.text(alphabet="ab1 {}，=!", max_size=8).filter(lambda text: "{{" not in text and text.strip()),
            some.integers(-9, 9),
            some.just("{{发电量}}"),
            some.just("{{每个下级}}"),
        ),
        min_size=1,
    ),
    some.integers(0, 3),
)
def test_filling_never_changes_cells_without_expressions(tmp_path_factory, cells, children):
    folder = tmp_path_factory.mktemp("d")
    plain = {}
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for name, content in {"Z99": "{{发电量}}", **cells}.items():
        sheet[name] = content
        if isinstance(content, str):
            sheet[name].data_type = "s"
        if content not in ("{{发电量}}", "{{每个下级}}"):
            plain[name] = content
    book.save(folder / "d.xlsx")
    repeated = [int(name[1:]) for name, content in cells.items() if content == "{{每个下级}}"]
    if len(set(repeated)) != len(repeated):
        return
    _filled, result, _world = made(folder / "d.xlsx", World({"G": CHILDREN["G"][:children]}))
    rows = RowMap(tuple(Block(row, 1, max(children, 1)) for row in sorted(repeated)))
    for name, content in plain.items():
        for row in range(rows.first(int(name[1:])), rows.last(int(name[1:])) + 1):
            cell = result.worksheets[0][f"{name[0]}{row}"]
            assert cell.value == content
            assert cell.data_type == ("s" if isinstance(content, str) else "n")


def test_the_sample_is_the_one_of_the_documents():
    text = (Path(__file__).parents[5] / "docs" / "concepts" / "designs.md").read_text("utf-8")
    told = dict(re.findall(r"^([A-Z]\d+) +(\S.*)$", text.partition("```cells\n")[2].partition("```")[0], re.MULTILINE))
    assert told == MONTH

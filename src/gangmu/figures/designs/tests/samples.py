"""The month report of the tests, built by code; it is also the example of docs/concepts/designs.md."""

from pathlib import Path

from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.formatting.rule import CellIsRule, FormulaRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from gangmu.figures.designs.asking import Issue
from gangmu.figures.designs.vocabulary import Named
from gangmu.foundation.periods.period import Period

ISSUE = Issue("经营月报", Named("G", "集团", "Group"), Period.parse("2026-10"), edition=3)
# the cells of docs/concepts/designs.md
MONTH = {
    "A1": "{{机构}}{{期间}}{{标题}}",
    "A2": "第{{版次}}期",
    "E2": "{{期末}}",
    "A3": "单位", "B3": "发电量", "C3": "同比", "D3": "年累计", "E3": "占比",
    "A4": "{{每个下级}}", "B4": "{{发电量}}", "C4": "{{发电量，同比}}", "D4": "{{发电量，年累计}}", "E4": "=B4/B$5",
    "A5": "合计", "B5": "=SUM(B4:B4)", "C5": "{{发电量，同比}}", "D5": "=SUM(D4)", "E5": "=SUM(E4)",
    "A7": "其中风电", "B7": "{{发电量，燃料=风电}}", "C7": "=B7/B5",
    "A8": "上旬 {{发电量，上旬}} MWh，同比 {{发电量，上旬，同比}}。",
}  # fmt: skip


def month_report(path: Path) -> Path:
    """Write the sample: merged head, formats, heights, print area, conditional formats, a name, a chart."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "月报"
    for cell, text in MONTH.items():
        sheet[cell] = text
    sheet.merge_cells("A1:E1")
    sheet.merge_cells("A8:E8")
    sheet["A1"].font, sheet["A1"].alignment = Font(size=18, bold=True), Alignment(horizontal="center")
    edge = Side("thin")
    for row in sheet["A3:E5"]:
        for cell in row:
            cell.border = Border(edge, edge, edge, edge)
    for column in "BD":
        for number in (4, 5, 7):
            sheet[f"{column}{number}"].number_format = "#,##0.00"
    for cell in ("C4", "C5", "E4", "E5", "C7"):
        sheet[cell].number_format = "0.0%;[Red]-0.0%"
    sheet["A5"].fill = PatternFill("solid", "FFDDEBF7")
    sheet.row_dimensions[4].height, sheet.row_dimensions[5].height = 21, 30
    sheet.column_dimensions["A"].width = 24
    sheet.print_area, sheet.print_title_rows = "A1:E8", "1:3"
    sheet.conditional_formatting.add("C4:C4", CellIsRule(operator="lessThan", formula=["0"], font=Font(color="FF0000")))
    sheet.conditional_formatting.add("A4:E4", FormulaRule(formula=["$B4>$B$5/2"], font=Font(bold=True)))
    book.defined_names["各单位发电量"] = DefinedName("各单位发电量", attr_text="月报!$B$4:$B$4")
    check = DataValidation(type="decimal", formula1="B4", allow_blank=True)
    check.add("E4")
    sheet.add_data_validation(check)
    chart = BarChart()
    chart.add_data(Reference(worksheet=sheet, min_col=2, min_row=4, max_row=4))
    chart.set_categories(Reference(worksheet=sheet, min_col=1, min_row=4, max_row=4))
    chart.anchor = "A10"
    sheet.add_chart(chart)
    other = book.create_sheet("摘要")
    other["A1"], other["B1"] = "合计", "=月报!B5"
    other["A2"], other["B2"] = "平均", "=AVERAGE(月报!B4:B4)"
    other["A3"] = "=cmd不是公式"
    other["A3"].data_type = "s"
    book.save(path)
    return path


def design(path: Path, cells: dict[str, str], sheets: dict[str, dict[str, str]] | None = None) -> Path:
    """A plain workbook with these cells, and further worksheets."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Sheet1"
    for cell, text in cells.items():
        sheet[cell] = text
    for name, texts in (sheets or {}).items():
        one = book.create_sheet(name)
        for cell, text in texts.items():
            one[cell] = text
    book.save(path)
    return path

"""The workbooks of the shipped reports (src/gangmu/business/power/content/designs/): python tools/power_designs.py.

They are made here once and kept as files, so that whoever wants another report opens one in Excel and goes on from it.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

FOLDER = Path(__file__).resolve().parents[1] / "src/gangmu/business/power/content/designs"
EDGE = Side("thin", color="FF6B7280")
BOX = Border(EDGE, EDGE, EDGE, EDGE)
HEAD = PatternFill("solid", "FFDDE7F3")
SECTION = PatternFill("solid", "FF16324F")
TOTAL = PatternFill("solid", "FFF1F5F9")
RATE = "0.00%;[Red]-0.00%;0.00%"
WHOLE, ONE, TWO = "#,##0", "#,##0.0", "#,##0.00"


@dataclass(frozen=True)
class Words:
    zh: str
    en: str

    def in_(self, language: str) -> str:
        return self.zh if language == "zh-hans" else self.en


@dataclass(frozen=True)
class Line:
    """An indicator's row: its code, format, and the unit in which it is shown in each language."""

    code: str
    shown: str = TWO
    unit: Words | None = None


MWH = Words("万kWh", "GWh")
MONEY = Words("万元", "万元")
ENERGY = [
    Line("generation", TWO, MWH),
    Line("on_grid_energy", TWO, MWH),
    Line("overall_auxiliary_rate"),
    Line("utilisation_hours"),
]
HEAT = [
    Line("heat_supplied", WHOLE),
    Line("heat_sold", WHOLE),
    Line("heat_coal_rate"),
    Line("heat_power_ratio"),
    Line("heat_loss_rate"),
]
HEAT_SALES = [Line("heat_sold", WHOLE), Line("heat_sold_price"), Line("heat_price"), Line("heating_area", ONE)]
UNITS = [
    Line(f"units_{state}", WHOLE)
    for state in ("running", "derated", "in_reserve", "in_planned_outage", "in_forced_outage", "mothballed")
]
EQUIPMENT = [Line("operating_rate"), Line("load_rate"), Line("load_factor"), Line("equivalent_availability")]
CURTAILED = [
    Line("curtailed_wind", WHOLE),
    Line("wind_curtailment_rate"),
    Line("curtailed_solar", WHOLE),
    Line("solar_curtailment_rate"),
    Line("curtailed_hydro", WHOLE),
    Line("hydro_curtailment_rate"),
]
COAL = [
    Line("coal_received", WHOLE),
    Line("coal_consumed", WHOLE),
    Line("coal_stock", WHOLE),
    Line("coal_days", ONE),
    Line("coal_rate"),
    Line("net_coal_rate"),
]
WATER = [
    Line("inflow", WHOLE),
    Line("outflow", WHOLE),
    Line("spill_water", WHOLE),
    Line("closing_storage", WHOLE),
    Line("water_rate"),
]
MARKET = [
    Line("on_grid_price"),
    Line("on_grid_revenue"),
    Line("marginal_contribution"),
    Line("contribution_per_energy"),
    Line("standard_coal_price"),
    Line("fuel_cost_per_energy"),
]
SECTIONS = {
    "energy": (Words("一、电量", "Energy"), ENERGY),
    "units": (Words("设备状态", "States of units at the end"), UNITS),
    "equipment": (Words("在线率与负荷率", "On-line rate and load"), EQUIPMENT),
    "curtailed": (Words("弃电", "Curtailment"), CURTAILED),
    "coal": (Words("电煤", "Coal"), COAL),
    "water": (Words("水库", "Reservoirs"), WATER),
    "heat": (Words("供热", "Heat"), HEAT),
    "heat_sales": (Words("热力销售", "Heat sales"), HEAT_SALES),
    "market": (Words("电价与效益", "Prices and results"), MARKET),
}


@dataclass(frozen=True)
class Column:
    """A column of figures: its head, what is added to the expression, and whether it is a rate."""

    head: Words
    zh: str = ""
    en: str = ""
    is_rate: bool = False

    def added(self, language: str) -> str:
        return self.zh if language == "zh-hans" else self.en


def value(zh: str, en: str, zh_option: str = "", en_option: str = "") -> Column:
    return Column(Words(zh, en), zh_option, en_option)


def rate(zh: str, en: str, zh_option: str, en_option: str) -> Column:
    return Column(Words(zh, en), zh_option, en_option, True)


YOY = rate("同比", "On year", "，同比", ", yoy")
YEAR = [
    value("年累计", "Year to date", "，年累计", ", to date"),
    rate("累计同比", "On year", "，年累计，同比", ", to date, yoy"),
]
MONTH = [
    value("月累计", "Month to date", "，月累计", ", month to date"),
    rate("月累计同比", "On year", "，月累计，同比", ", month to date, yoy"),
]
POP = rate("环比", "On period", "，环比", ", pop")


@dataclass(frozen=True)
class Report:
    code: str
    title: Words
    columns: Sequence[Column]
    sections: Sequence[str]
    parts: Sequence[tuple[Words, str, str]] = field(default=())  # generation by parts of the period


TENS = [
    (Words(zh, en), zh, f"ten-day {number}")
    for number, (zh, en) in enumerate((("上旬", "1–10"), ("中旬", "11–20"), ("下旬", "21–end")), 1)
]
MONTHS = [(Words(f"{n}月", f"Month {n}"), f"第{n}月", f"month {n}") for n in range(1, 13)]
QUARTERS = [(Words(f"{n}季度", f"Q{n}"), f"第{n}季度", f"quarter {n}") for n in range(1, 5)]
WEEKDAYS = [
    (Words(f"周{name}", english), f"第{number}日", f"day {number}")
    for number, (name, english) in enumerate(
        zip("一二三四五六日", ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), strict=True), 1
    )
]
DAYS = [(Words(f"{number}日", f"Day {number}"), f"第{number}日", f"day {number}") for number in range(1, 12)]
REPORTS = [
    Report(
        "power_day",
        Words("生产经营日报", "Daily production report"),
        [value("本日", "Day"), YOY, *MONTH, *YEAR],
        ["energy", "equipment", "units", "curtailed", "coal", "water", "heat", "market"],
    ),
    Report(
        "power_week",
        Words("生产经营周报", "Weekly production report"),
        [value("本周", "Week"), POP, YOY, *YEAR],
        ["energy", "equipment", "curtailed", "coal", "water", "heat"],
        WEEKDAYS,
    ),
    Report(
        "power_ten_day",
        Words("生产经营旬报", "Ten-day production report"),
        [value("本旬", "Ten-day"), POP, YOY, *YEAR],
        ["energy", "equipment", "curtailed", "coal", "water", "heat"],
        DAYS,
    ),
    Report(
        "power_month",
        Words("生产经营月报", "Monthly operations report"),
        [value("本月", "Month"), POP, YOY, *YEAR],
        ["energy", "equipment", "market", "curtailed", "coal", "water", "heat", "heat_sales"],
        TENS,
    ),
    Report(
        "power_quarter",
        Words("生产经营季报", "Quarterly operations report"),
        [value("本季", "Quarter"), POP, YOY, *YEAR],
        ["energy", "equipment", "market", "curtailed", "coal", "water", "heat", "heat_sales"],
        MONTHS[:3],
    ),
    Report(
        "power_year",
        Words("生产经营年报", "Yearly operations report"),
        [value("全年", "Year"), YOY],
        ["energy", "equipment", "market", "curtailed", "coal", "water", "heat", "heat_sales"],
        QUARTERS,
    ),
]


def workbook(report: Report, language: str) -> Workbook:
    """The template of a report in one language."""
    return _Making(report, language).book


class _Making:
    def __init__(self, report: Report, language: str) -> None:
        self.report, self.language = report, language
        self.zh = language == "zh-hans"
        self.book = Workbook()
        self.sheet = _first(self.book)
        self.sheet.title = report.title.in_(language)[:31]
        self.width = 2 + len(report.columns)
        self._lay_out()
        self._head()
        row = 5
        for number, code in enumerate(report.sections):
            row = self._section(row, *SECTIONS[code], number)
        row = self._by_rows(row, "每个下级", "each child", Words("分单位发电量", "Generation by organisation"))
        row = self._by_rows(row, "每种燃料", "each fuel", Words("分电源发电量", "Generation by fuel"))
        if report.parts:
            row = self._by_parts(row)
        self._foot(row)

    def _lay_out(self) -> None:
        sheet = self.sheet
        sheet.column_dimensions["A"].width = 26 if self.zh else 36
        sheet.column_dimensions["B"].width = 10
        for number in range(3, self.width + 1):
            sheet.column_dimensions[get_column_letter(number)].width = 16
        sheet.sheet_view.showGridLines = False
        sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
        sheet.page_setup.fitToHeight, sheet.page_setup.fitToWidth = 0, 1
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        sheet.print_title_rows = "1:4"
        sheet.freeze_panes = "C5"

    def _head(self) -> None:
        last = get_column_letter(self.width)
        sheet = self.sheet
        title = "{{机构}}{{标题}}" if self.zh else "{{organisation}}: {{title}}"
        self._merged("A1", f"A1:{last}1", title, Font(size=18, bold=True, color="FF16324F"), 34)
        under = (
            "{{期间}}　第{{版次}}期　制表 {{打印时间}}"
            if self.zh
            else "{{period}} · edition {{edition}} · {{printed at}}"
        )
        self._merged("A2", f"A2:{last}2", under, Font(size=10, color="FF64748B"), 18)
        filed = (
            "发电量填报 {{发电量，覆盖}}，{{发电量，状态}}"
            if self.zh
            else ("Generation filed {{generation, coverage}}, {{generation, state}}")
        )
        self._merged("A3", f"A3:{last}3", filed, Font(size=9, color="FF64748B"), 16)
        heads = [Words("指标", "Indicator"), Words("单位", "Unit"), *(one.head for one in self.report.columns)]
        for number, head in enumerate(heads, 1):
            cell = sheet.cell(4, number, head.in_(self.language))
            cell.font, cell.fill, cell.border = Font(size=10, bold=True), HEAD, BOX
            cell.alignment = Alignment(horizontal="center", vertical="center")
        sheet.row_dimensions[4].height = 22

    def _merged(self, at: str, area: str, text: str, font: Font, height: float) -> None:
        self.sheet[at] = text
        self.sheet.merge_cells(area)
        self.sheet[at].font = font
        self.sheet[at].alignment = Alignment(horizontal="center", vertical="center")
        self.sheet.row_dimensions[self.sheet[at].row].height = height

    def _title(self, row: int, words: Words) -> int:
        cell = self.sheet.cell(row, 1, words.in_(self.language))
        self.sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=self.width)
        cell.font, cell.fill = Font(size=10, bold=True, color="FFFFFFFF"), SECTION
        cell.alignment = Alignment(vertical="center", indent=1)
        self.sheet.row_dimensions[row].height = 20
        return row + 1

    def _section(self, row: int, words: Words, lines: Sequence[Line], number: int) -> int:
        numbered = Words(f"{'一二三四五六七八九'[number]}、{words.zh.split('、')[-1]}", f"{number + 1}. {words.en}")
        row = self._title(row, numbered)
        for line in lines:
            code = line.code
            unit = self._unit(line)
            self._cell(row, 1, f"{{{{{code}{'，名称' if self.zh else ', name'}}}}}")
            self._cell(row, 2, f"{{{{{code}{'，单位' if self.zh else ', unit'}{unit}}}}}", align="center")
            for place, column in enumerate(self.report.columns, 3):
                added = column.added(self.language) + ("" if column.is_rate else unit)
                self._cell(row, place, f"{{{{{code}{added}}}}}", RATE if column.is_rate else line.shown)
            row += 1
        return row

    def _unit(self, line: Line) -> str:
        if line.unit is None:
            return ""
        wanted = line.unit.in_(self.language)
        return f"，计量单位={wanted}" if self.zh else f", unit={wanted}"

    def _by_rows(self, row: int, zh: str, en: str, words: Words) -> int:
        """A block that is repeated, with its share, and the total by the report's own figure."""
        row = self._title(row, words)
        unit = self._unit(ENERGY[0])
        code = "generation"
        wanted = ENERGY[0].unit
        assert wanted is not None
        total = row + 1
        self._cell(row, 1, f"{{{{{zh if self.zh else en}}}}}", indent=1)
        self._cell(row, 2, wanted.in_(self.language), align="center")
        self._cell(total, 1, "合计" if self.zh else "Total", bold=True, fill=True)
        self._cell(total, 2, wanted.in_(self.language), align="center", fill=True)
        for place, column in enumerate(self.report.columns, 3):
            letter = get_column_letter(place)
            added = column.added(self.language) + ("" if column.is_rate else unit)
            shown = RATE if column.is_rate else TWO
            self._cell(row, place, f"{{{{{code}{added}}}}}", shown)
            summed = f"{{{{{code}{added}}}}}" if column.is_rate else f"=SUM({letter}{row}:{letter}{row})"
            self._cell(total, place, summed, shown, bold=True, fill=True)
        return total + 1

    def _by_parts(self, row: int) -> int:
        row = self._title(row, Words("发电量进程", "Generation by part of the period"))
        unit = self._unit(ENERGY[0])
        wanted = ENERGY[0].unit
        assert wanted is not None
        for words, zh, en in self.report.parts:
            part = f"，{zh}" if self.zh else f", {en}"
            self._cell(row, 1, words.in_(self.language), indent=1)
            self._cell(row, 2, wanted.in_(self.language), align="center")
            for place, column in enumerate(self.report.columns, 3):
                added, to_date = column.added(self.language), "累计" in column.zh
                if to_date:
                    self._cell(row, place, None)
                    continue
                text = f"{{{{generation{part}{added}{'' if column.is_rate else unit}}}}}"
                self._cell(row, place, text, RATE if column.is_rate else TWO)
            row += 1
        return row

    def _foot(self, row: int) -> None:
        text = (
            "同比与去年同期比较；累计同比为年初至期末与去年同期比较。空白为未填报。"
            if self.zh
            else ("On year: against the same period of last year. Blank: not filed.")
        )
        cell = self.sheet.cell(row, 1, text)
        cell.font = Font(size=9, color="FF64748B")
        self.sheet.print_area = f"A1:{get_column_letter(self.width)}{row}"

    def _cell(
        self,
        row: int,
        column: int,
        text: str | None,
        shown: str = "",
        *,
        align: str = "",
        bold: bool = False,
        fill: bool = False,
        indent: int = 0,
    ) -> None:
        cell = self.sheet.cell(row, column, text)
        cell.border, cell.font = BOX, Font(size=10, bold=bold)
        cell.alignment = Alignment(horizontal=align or ("right" if shown else None), vertical="center", indent=indent)
        if shown:
            cell.number_format = shown
        if fill:
            cell.fill = TOTAL
        self.sheet.row_dimensions[row].height = 18


def _first(book: Workbook) -> Worksheet:
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    return sheet


def main() -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for report in REPORTS:
        for language in ("zh-hans", "en"):
            workbook(report, language).save(FOLDER / f"{report.code}.{language}.xlsx")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""A study as a workbook: a sheet for each part, the waterfall as a chart of Excel's own, totals as living formulas."""

import tempfile
from decimal import Decimal
from typing import IO, Any

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.worksheet import Worksheet

from gangmu.figures.studies.showing import Shown
from gangmu.foundation.settings import clock
from gangmu.foundation.ui.exports import IN_MEMORY, live

INK, SOFT, LINE = "#1F2937", "#EEF3F9", "#CBD5E1"
FIRST_ROW = 4
Cell = Decimal | int | str | None


def workbook(found: Shown) -> tuple[IO[bytes], str, int]:
    """The workbook, what its file is called, and how many lines it has."""
    target: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 (whoever sends it closes it)
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, options) as book:  # type: ignore[arg-type]
        lines = _Book(book, found).write()
    target.seek(0)
    name = f"analysis-{found.asked.indicator}-{found.study.period.code}-{clock.today().isoformat()}.xlsx"
    return target, name, lines


class _Book:
    def __init__(self, book: xlsxwriter.Workbook, found: Shown) -> None:
        self.book, self.found, self.study = book, found, found.study
        digits = found.study.measure.precision
        number = "#,##0" + (f".{'0' * digits}" if digits else "")
        make = lambda **more: book.add_format({"font_size": 10, "bottom": 4, "bottom_color": LINE, **more})  # noqa: E731
        self.formats = {
            "title": book.add_format({"bold": True, "font_size": 14, "font_color": INK}),
            "soft": book.add_format({"font_color": "#475569"}),
            "head": book.add_format({"bold": True, "bg_color": SOFT, "bottom": 1, "text_wrap": True}),
            "text": make(),
            "number": make(num_format=number),
            "plain": make(num_format="#,##0.########"),
            "percent": make(num_format='0.0"%"'),
            "total": make(num_format=number, bold=True, bg_color=SOFT),
            "total_text": make(bold=True, bg_color=SOFT),
        }
        self.lines = 0

    def write(self) -> int:
        self._factors()
        self._factor_parts()
        self._contributions()
        self._places()
        self._course()
        return self.lines

    def _sheet(self, name: str, heads: list[str], widths: list[int]) -> Worksheet:
        sheet = self.book.add_worksheet(name[:31])
        found = self.found
        sheet.write_string(0, 0, f"{found.name} · {found.organisation}", self.formats["title"])
        against = _("%(period)s against %(base)s") % {"period": found.period, "base": found.base}
        sheet.write_string(1, 0, " · ".join(filter(None, [against, found.unit, found.scope])), self.formats["soft"])
        for column, (head, width) in enumerate(zip(heads, widths, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(FIRST_ROW - 1, column, head, self.formats["head"])
        sheet.freeze_panes(FIRST_ROW, 1)
        sheet.hide_gridlines(2)
        return sheet

    def _row(self, sheet: Worksheet, row: int, cells: list[Cell], kinds: str) -> None:
        """`kinds`: a letter for each cell: t text, n number of the figure, p percent, x any number."""
        names = {"t": "text", "n": "number", "p": "percent", "x": "plain", "N": "total", "T": "total_text"}
        for column, (cell, kind) in enumerate(zip(cells, kinds, strict=True)):
            if cell is None or cell == "":
                sheet.write_blank(row, column, None, self.formats[names[kind]])
            elif isinstance(cell, str):
                sheet.write_string(row, column, cell, self.formats[names[kind]])
            else:
                sheet.write_number(row, column, float(cell), self.formats[names[kind]])
        self.lines += 1

    def _factors(self) -> None:
        table = self.study.factors.value
        if table is None:
            return
        heads = [_("Factor"), _("Unit"), _("Base period"), _("Period"), _("Effect"), _("Share of the change")]
        heads += [_("Level"), _("Rise"), _("Fall")]
        sheet = self._sheet(_("Factors"), heads, [34, 12, 18, 18, 18, 16, 14, 14, 14])
        row = FIRST_ROW
        base = row
        self._row(sheet, row, [self.found.base, self.found.unit, None, None, table.base, None, table.base, None, None],
                  "TTNNNTNNN")  # fmt: skip
        level = table.base
        for factor in table.factors:
            row += 1
            low = min(level, level + factor.effect)
            rise, fall = max(factor.effect, Decimal(0)), max(-factor.effect, Decimal(0))
            cells: list[Cell] = [factor.name, factor.unit, factor.base, factor.actual, factor.effect, factor.share]
            self._row(sheet, row, [*cells, low, rise, fall], "ttxxnpnnn")
            level += factor.effect
        row += 1
        self._row(sheet, row, [self.found.period, self.found.unit, None, None, None, None, table.actual, None, None],
                  "TTNNNTNNN")  # fmt: skip
        live(sheet, row, 4, f"=SUM(E{base + 1}:E{row})", self.formats["total"], float(table.actual))
        self._waterfall(sheet, base, row)

    def _waterfall(self, sheet: Worksheet, first: int, last: int) -> None:
        """Columns that stand on an invisible one: every version of Excel and WPS draws it."""
        chart = self.book.add_chart({"type": "column", "subtype": "stacked"})
        assert chart is not None
        name = sheet.get_name()
        total = {"fill": {"color": "#1F5FA8"}}
        points = [total if row in (first, last) else {"fill": {"none": True}} for row in range(first, last + 1)]
        for column, fill in ((6, {"none": True}), (7, {"color": "#2F9E44"}), (8, {"color": "#E8590C"})):
            series: dict[str, Any] = {
                "name": [name, FIRST_ROW - 1, column],
                "categories": [name, first, 0, last, 0],
                "values": [name, first, column, last, column],
                "fill": fill,
                "gap": 60,
            }
            chart.add_series({**series, **({"points": points} if column == 6 else {})})
        chart.set_legend({"none": True})
        chart.set_title({"name": self.found.name, "name_font": {"size": 12}})
        chart.set_size({"width": 760, "height": 340})
        sheet.insert_chart(last + 2, 0, chart)

    def _factor_parts(self) -> None:
        table = self.study.factors.value
        if table is None or not table.parts:
            return
        heads = [_("Part"), _("Base period"), _("Period"), _("Difference"), *table.columns, _("Remarks")]
        count = len(table.columns)
        sheet = self._sheet(_("Factors by part"), heads, [30, 16, 16, 16, *([18] * count), 40])
        for row, (label, _url, one) in enumerate(self.found.factor_parts, FIRST_ROW):
            effects: list[Cell] = list(one.effects) if one.effects else [None] * count
            cells: list[Cell] = [label, one.base, one.actual, None, *effects, one.problem]
            self._row(sheet, row, cells, f"tnnn{'n' * count}t")
            if one.change is not None:
                formula = f"=ROUND(C{row + 1}-B{row + 1},{self.study.measure.precision})"
                live(sheet, row, 3, formula, self.formats["number"], float(one.change))

    def _contributions(self) -> None:
        made = self.study.contributions.value
        if made is None:
            return
        more = [_("Mix effect"), _("Rate effect")] if made.is_ratio else [_("Pull (points)")]
        heads = [_("Part"), _("Base period"), _("Period"), _("Contribution"), *more, _("Share of the change")]
        sheet = self._sheet(_("Contributions"), heads, [30, 16, 16, 16, *([16] * len(more)), 16])
        row = FIRST_ROW
        for row, (label, _url, one, _bar) in enumerate(self.found.contributions, FIRST_ROW):
            extra: list[Cell] = [one.mix, one.rate] if made.is_ratio else [one.pull]
            kinds = f"tnnn{'nn' if made.is_ratio else 'p'}p"
            self._row(sheet, row, [label, one.base, one.actual, one.change, *extra, one.share], kinds)
        blank: list[Cell] = [None] * (len(more) + 1)
        self._row(sheet, row + 1, [_("Total"), made.base, made.actual, None, *blank], f"TNNN{'N' * len(more)}N")
        total = f"=SUM(D{FIRST_ROW + 1}:D{row + 1})"
        live(sheet, row + 1, 3, total, self.formats["total"], float(made.change))
        if not made.is_ratio:
            for column, whole in ((1, made.base), (2, made.actual)):
                letter = "BC"[column - 1]
                live(sheet, row + 1, column, f"=SUM({letter}{FIRST_ROW + 1}:{letter}{row + 1})",
                                    self.formats["total"], float(whole))  # fmt: skip

    def _places(self) -> None:
        heads = [_("Rank"), _("Part"), _("Base period"), _("Period"), _("Places risen"), _("Remarks")]
        sheet = self._sheet(_("Ranking"), heads, [10, 30, 16, 16, 14, 70])
        for row, (label, _url, one, words) in enumerate(self.found.places, FIRST_ROW):
            cells: list[Cell] = [one.ranked.place, label, one.base, one.actual, one.moved]
            self._row(sheet, row, [*cells, words or str(one.ranked.words())], "xtnnxt")

    def _course(self) -> None:
        sheet = self._sheet(_("Course and plan"), [_("What"), _("Words")], [26, 110])
        told: list[tuple[str, str]] = [(_("Records"), str(one)) for one in self.found.records]
        if self.found.own_past:
            told.append((_("Own past"), str(self.found.own_past)))
        told += [(f"{_('Plan')} {one['period']}", str(one["words"])) for one in self.found.plans]
        told += [(_("Forecast"), words) for words, _best, _why in self.found.forecasts]
        for row, (what, words) in enumerate(told, FIRST_ROW):
            self._row(sheet, row, [what, words], "tt")

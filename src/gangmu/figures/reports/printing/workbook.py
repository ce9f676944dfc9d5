"""A report as a workbook: the tables of all sections on the first sheet, lists and series on sheets of their own."""

import re
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import xlsxwriter
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from xlsxwriter.worksheet import Worksheet

from gangmu.figures.reports import showing
from gangmu.figures.reports.content import PERCENT, Block, Cell, Content, Line
from gangmu.figures.reports.models import Edition
from gangmu.foundation.settings.clock import BUSINESS_ZONE

SAFE_DIGITS = 15  # what a spreadsheet's number holds exactly
HEAD_ROW = 4  # of the first sheet; above it stand title, period and state
FONT = "Microsoft YaHei"  # on the readers' machines; others take their own
INK, SOFT, LINE, AMBER, RED = "#1F2937", "#EEF3F9", "#CBD5E1", "#B45309", "#B91C1C"
ON_FIRST = ("figures", "table", "groups", "states")


def write(content: Content, edition: Edition | None = None) -> bytes:
    """The workbook in the active language."""
    target = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, options) as book:  # type: ignore[arg-type]
        made = datetime.fromisoformat(content.made_at).astimezone(BUSINESS_ZONE).replace(tzinfo=None)
        book.set_properties({"title": str(content.title), "company": str(content.organisation_name), "created": made})
        _Book(book, content, edition).write()
    return target.getvalue()


class _Book:
    """The sheets of one workbook."""

    def __init__(self, book: xlsxwriter.Workbook, content: Content, edition: Edition | None) -> None:
        self.book, self.content, self.edition = book, content, edition
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        self._names: set[str] = set()

    def write(self) -> None:
        self._first_sheet()
        for section in self.content.sections:
            for block in section.blocks:
                if block.kind not in ON_FIRST:
                    self._own_sheet(str(section.title), block)

    # The first sheet --------------------------------------------------------------------------------------------------

    def _first_sheet(self) -> None:
        content = self.content
        heads = next((block.heads for block in self._blocks() if len(block.heads) > 1), ())
        heads = heads or next((block.heads for block in self._blocks()), ())
        last = 2 + 2 * len(heads) + 1
        sheet = self._sheet(str(content.title), [30, 11, *([17, 14] * len(heads)), 18, 12])
        self._masthead(sheet)
        names = [_("Indicator"), _("Unit")]
        for head in heads:
            names += [str(head), pgettext("change", "on year")]
        for column, name in enumerate([*names, pgettext("figure", "State"), _("Coverage")]):
            sheet.write_string(HEAD_ROW, column, name, self._head(left=column < 2))
        sheet.freeze_panes(HEAD_ROW + 1, 1)
        sheet.repeat_rows(HEAD_ROW)
        row = HEAD_ROW + 1
        for section in content.sections:
            blocks = [block for block in section.blocks if block.kind in ON_FIRST]
            if not blocks:
                continue
            for column in range(last + 1):
                sheet.write_blank(row, column, None, self._format(bg_color=INK))
            sheet.write_string(row, 0, str(section.title), self._format(bold=True, font_color="#FFFFFF", bg_color=INK))
            row += 1
            for block in blocks:
                if block.title:
                    told = f"{block.title}"
                    sheet.write_string(row, 0, told, self._format(bold=True, font_color=INK, top=1, top_color=LINE))
                    row += 1
                for line in block.lines:
                    covers = section.covers_all and not line.is_partial
                    self._line(sheet, row, line, block, last, covers=covers)
                    row += 1
        self._foot(sheet, row + 1)

    def _blocks(self) -> list[Block]:
        return [block for one in self.content.sections for block in one.blocks if block.kind in ON_FIRST]

    def _line(self, sheet: Worksheet, row: int, line: Line, block: Block, last: int, *, covers: bool) -> None:
        shape: dict[str, Any] = {"bottom": 4, "bottom_color": LINE}
        if line.is_total:
            shape |= {"bold": True, "bg_color": SOFT}
        sheet.write_string(row, 0, str(line.label), self._format(**shape, indent=1))
        sheet.write_string(row, 1, self.content.unit(line.unit).name, self._format(**shape, font_color="#64748B"))
        for place, cell in enumerate(line.cells):
            self._figure(sheet, row, 2 + 2 * place, cell, shape)
            if block.compared:
                self._rate(sheet, row, 3 + 2 * place, cell, shape)
        first = line.first
        if first is not None and first.state is not None:
            sheet.write_string(row, last - 1, state_words(first), self._format(**shape, **_tone(first)))
            counted = f"{first.reported}/{first.expected}" if covers else ""
            sheet.write_string(row, last, counted, self._format(**shape, align="right", font_color="#64748B"))

    def _masthead(self, sheet: Worksheet) -> None:
        content = self.content
        sheet.set_row(0, 30)
        title = f"{content.organisation_name} · {content.title}"
        sheet.write_string(0, 0, title, self._format(bold=True, font_size=18, font_color=INK, valign="vcenter"))
        number = showing.issue_number(content.of_period)
        told = [showing.period_label(content), number, *edition_words(self.edition)]
        sheet.write_string(1, 0, " · ".join(told), self._format(font_color="#475569"))
        standing = f"{_('At %(at)s') % {'at': showing.made_at(content)}} · {showing.standing_words(content)}"
        tone = {"font_color": INK} if content.standing.is_final else {"font_color": AMBER, "bold": True}
        sheet.write_string(2, 0, standing, self._format(**tone))
        if settings.DEMONSTRATION:
            sheet.write_string(3, 0, _("Demonstration: made figures"), self._format(font_color=RED))

    def _foot(self, sheet: Worksheet, row: int) -> None:
        for text in foot(self.content):
            sheet.write_string(row, 0, text, self._format(font_color="#64748B", font_size=9))
            row += 1

    # Sheets of their own ----------------------------------------------------------------------------------------------

    def _own_sheet(self, section: str, block: Block) -> None:
        sheet = self._sheet(section, [30, *([18] * len(block.heads))])
        title = " · ".join(filter(None, [section, str(block.title or "")]))
        sheet.write_string(0, 0, title, self._format(bold=True, font_size=14, font_color=INK))
        place = f"{self.content.organisation_name} · {showing.period_label(self.content)}"
        sheet.write_string(1, 0, place, self._format(font_color="#475569"))
        sheet.write_string(2, 0, showing.first_head(block), self._head(left=True))
        for column, head in enumerate(block.heads, 1):
            unit = self.content.unit(block.head_unit(column - 1)).name
            sheet.write_string(2, column, f"{head} ({unit})" if unit else str(head), self._head())
        for row, line in enumerate(block.lines, 3):
            shape: dict[str, Any] = {"bottom": 4, "bottom_color": LINE}
            shape |= {"bold": True, "bg_color": SOFT} if line.is_total else {}
            shape |= {"bg_color": "#FEF2F2"} if line.is_low else {}
            sheet.write_string(row, 0, str(line.label), self._format(**shape, indent=1))
            for column, cell in enumerate(line.cells, 1):
                self._figure(sheet, row, column, cell, shape)
        sheet.freeze_panes(3, 1)
        if block.kind == "trend":
            self._chart(sheet, block)

    def _chart(self, sheet: Worksheet, block: Block) -> None:
        """A chart of Excel's own, which readers can change."""
        chart = self.book.add_chart({"type": "line"})
        assert chart is not None
        last = 2 + len(block.lines)
        name = sheet.get_name()
        for place, line in enumerate(({"color": "#1F5FA8", "width": 2}, {"color": "#94A3B8", "dash_type": "dash"}), 1):
            if place <= len(block.heads):
                values = [name, 3, place, last, place]
                series = {"name": str(block.heads[place - 1]), "categories": [name, 3, 0, last, 0], "values": values}
                chart.add_series({**series, "line": line})
        chart.set_title({"name": str(block.title or ""), "name_font": {"size": 12}})
        chart.set_y_axis({"name": self.content.unit(block.head_unit(0)).name, "major_gridlines": {"visible": True}})
        chart.set_legend({"position": "bottom"})
        chart.set_size({"width": 820, "height": 360})
        sheet.insert_chart("E4", chart)

    # Cells ------------------------------------------------------------------------------------------------------------

    def _figure(self, sheet: Worksheet, row: int, column: int, cell: Cell | None, shape: dict[str, Any]) -> None:
        exact = self.content.decimal(cell)
        if cell is None or exact is None:
            sheet.write_blank(row, column, None, self._format(**shape))
            return
        if len(exact.normalize().as_tuple().digits) > SAFE_DIGITS:
            shape = {**shape, **_tone(cell), "align": "right"}
            sheet.write_string(row, column, format(exact, "f"), self._format(**shape))
            return
        sheet.write_number(row, column, float(exact), self._format(**shape, **_tone(cell), num_format=_pattern(exact)))

    def _rate(self, sheet: Worksheet, row: int, column: int, cell: Cell | None, shape: dict[str, Any]) -> None:
        if cell is not None and cell.told:
            sheet.write_string(row, column, cell.told, self._format(**shape, font_color="#475569"))
            return
        rate = cell.rate_number if cell else None
        if cell is None or rate is None:
            sheet.write_blank(row, column, None, self._format(**shape))
            return
        if cell.unit == PERCENT:
            plain = _pattern(rate).replace("#,##", "") + f'" {cell.rate_unit}"'
            number = float(rate)
        else:
            plain, number = "0.0%", float(rate / 100)
        pattern = f"+{plain};-{plain};{plain}"
        sheet.write_number(row, column, number, self._format(**shape, num_format=pattern, font_color="#475569"))

    def _format(self, **properties: Any) -> Any:
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format({"font_name": FONT, "font_size": 10, **properties})
        return self._formats[key]

    def _head(self, *, left: bool = False) -> Any:
        align = "left" if left else "right"
        return self._format(bold=True, bg_color=SOFT, bottom=1, font_color=INK, align=align, text_wrap=True)

    def _sheet(self, name: str, widths: list[int]) -> Worksheet:
        base = re.sub(r"[\[\]:*?/\\']", " ", name).strip()[:28] or "Sheet"
        unique, count = base, 1
        while unique.casefold() in self._names:
            count += 1
            unique = f"{base} {count}"
        self._names.add(unique.casefold())
        sheet = self.book.add_worksheet(unique)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        title = f"{self.content.title} {self.content.period}".replace("&", "&&")
        sheet.set_footer(f"&L&8{title}&R&8&P / &N")
        return sheet


def state_words(cell: Cell) -> str:
    """The state of a figure; what the group has not approved is called so."""
    word = showing.state_word(cell)
    return f"{word} ({pgettext('figure', 'provisional')})" if cell.is_provisional else word


def edition_words(edition: Edition | None) -> list[str]:
    if edition is None:
        return [_("current figures, not an edition")]
    return [_("edition %(number)d") % {"number": edition.number}, str(edition.get_reason_display())]


def foot(content: Content) -> list[str]:
    """What stands below every printed report: how figures are meant, and by what they can be known again."""
    return [
        _("Orange: not yet approved by the group, may still change. Changes are against the same period a year ago."),
        _("Gangmu · digest %(digest)s") % {"digest": content.digest[:16]},
    ]


def _pattern(exact: Decimal) -> str:
    exponent = exact.as_tuple().exponent
    digits = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return "#,##0" + (f".{'0' * digits}" if digits else "")


def _tone(cell: Cell) -> dict[str, Any]:
    return {"font_color": AMBER} if cell.is_provisional else {}

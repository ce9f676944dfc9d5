"""A pivot as a workbook: its headings, its figures, and totals that Excel recalculates.

A total of what adds up is `SUBTOTAL` of the cells above it, one of a ratio the formula on the sums of its inputs, which
stand on the sheet of inputs: rates are ratios of sums, never sums of rates. A formula is written where it gives exactly
the figure that the product gives; elsewhere (a plant that files for itself, a formula that no spreadsheet has) the
figure itself, and the foot says so.
"""

import tempfile
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import IO, Any

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from gangmu.figures.analysis.rounding import half_up, shown
from gangmu.figures.cube.measure import Measure, capacity_of
from gangmu.figures.indicators.exact.cells import Exact
from gangmu.figures.indicators.exact.evaluating import evaluate
from gangmu.figures.indicators.formula.program import Leaf, Op, Program
from gangmu.figures.indicators.tiers import factor_between
from gangmu.figures.pivots.choices import told
from gangmu.figures.pivots.grid import Cell, Grid, Header, Item
from gangmu.figures.pivots.layout import SHOWS
from gangmu.foundation.settings import clock
from gangmu.foundation.ui.exports import IN_MEMORY, live

INK, SOFT, LINE, AMBER = "#1F2937", "#EEF3F9", "#CBD5E1", "#B45309"
TOP = 3  # lines above the headings
MOST_REFERENCES = 200  # of one formula; Excel takes 255 arguments
MOST_STEPS = 60
SAFE_DIGITS = 15  # what a spreadsheet number holds exactly

OPERATORS = {Op.ADD: "+", Op.SUBTRACT: "-", Op.MULTIPLY: "*", Op.DIVIDE: "/", Op.LESS: "<", Op.LESS_OR_EQUAL: "<=",
             Op.EQUAL: "=", Op.DIFFERENT: "<>"}  # fmt: skip
FUNCTIONS = {Op.ABSOLUTE: "ABS", Op.MINIMUM: "MIN", Op.MAXIMUM: "MAX", Op.CHOOSE: "IF", Op.TOTAL: "SUM"}


def write(grid: Grid, title: str) -> IO[bytes]:
    """The workbook in the active language, ready to be read."""
    target: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 (who asked closes it)
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, options) as book:  # type: ignore[arg-type]
        _Book(book, grid, title).write()
    target.seek(0)
    return target


class _Book:
    def __init__(self, book: xlsxwriter.Workbook, grid: Grid, title: str) -> None:
        self.book, self.grid, self.title = book, grid, title
        self.sheet = book.add_worksheet(_("Pivot"))
        self.inputs: Worksheet | None = None
        self.input_rows = 0
        self.static = 0
        self.lines, self.columns = grid.lines(grid.layout.rows), grid.lines(grid.layout.columns)
        self.left, self.head = max(1, len(grid.layout.rows)), TOP + max(1, len(grid.layout.columns))
        self.at: dict[tuple[str, str, str, str], tuple[int, int]] = {}
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}

    def write(self) -> None:
        sheet, layout = self.sheet, self.grid.layout
        sheet.write_string(0, 0, self.title, self._format(bold=True, font_size=14, font_color=INK))
        made = clock.now().astimezone(clock.BUSINESS_ZONE).strftime("%Y-%m-%d %H:%M")
        said = [_("At %(at)s") % {"at": made}, *map(str, told(layout))]
        sheet.write_string(1, 0, " · ".join(said), self._format(font_color="#475569"))
        for column in range(self.left):
            sheet.write_blank(self.head - 1, column, None, self._head())
        for row in range(TOP, self.head):
            for column in range(self.left):
                sheet.write_blank(row, column, None, self._head())
        if not layout.columns:
            sheet.write_string(TOP, self.left, _("Value"), self._head())
        for depth, headers in enumerate(self.grid.headers(layout.columns)):
            self._headings(headers, depth)
        for depth, headers in enumerate(self.grid.headers(layout.rows)):
            self._side(headers, depth)
        if not layout.rows:
            sheet.write_string(self.head, 0, _("Value"), self._head())
        self._place()
        for row, line in enumerate(self.lines):
            for column, over in enumerate(self.columns):
                self._cell(self.head + row, self.left + column, line, over)
        for column in range(self.left):
            sheet.set_column(column, column, 26)
        sheet.set_column(self.left, self.left + len(self.columns) - 1, 16)
        sheet.freeze_panes(self.head, self.left)
        sheet.hide_gridlines(2)
        self._foot(self.head + max(1, len(self.lines)) + 1)

    # Headings ---------------------------------------------------------------------------------------------------------

    def _headings(self, headers: Sequence[Header], depth: int) -> None:
        for column, header in enumerate(headers):
            if not header.starts:
                continue
            text, row = _label(header.item), TOP + depth
            first, last = self.left + column, self.left + column + header.span - 1
            if first == last:
                self.sheet.write_string(row, first, text, self._head(align="right"))
            else:
                self.sheet.merge_range(row, first, row, last, text, self._head(align="center"))

    def _side(self, headers: Sequence[Header], depth: int) -> None:
        for row, header in enumerate(headers):
            shape: dict[str, Any] = {"bold": True, "bg_color": SOFT} if header.is_total else {}
            text = _label(header.item) if header.starts else ""
            shape |= {"bottom": 4, "bottom_color": LINE, "indent": 0 if depth == 0 else 1}
            self.sheet.write_string(self.head + row, depth, text, self._format(**shape))

    def _foot(self, row: int) -> None:
        texts = [_("Orange: not yet approved by the group, may still change.")]
        if self.inputs is not None:
            texts.append(
                _("Totals of ratios, and of what is told in larger units, are recalculated from the sheet of inputs.")
                if self.grid.filed
                else _("Totals of ratios are recalculated from the sheet of inputs.")
            )
        if self.static:
            texts.append(
                _("%(count)d totals hold more than the rows above (or follow another rule) and stand as figures.")
                % {"count": self.static}
            )
        for text in texts:
            self.sheet.write_string(row, 0, text, self._format(font_color="#64748B", font_size=9))
            row += 1

    # Cells ------------------------------------------------------------------------------------------------------------

    def _place(self) -> None:
        """Where every figure stands, for the formulas that add them up."""
        names = (*self.grid.layout.rows, *self.grid.layout.columns)
        for row, line in enumerate(self.lines):
            for column, over in enumerate(self.columns):
                keys = {name: item.key for name, item in zip(names, (*line, *over), strict=True)}
                key = keys["indicator"], keys["place"], keys["period"], keys["show"]
                self.at[key] = self.head + row, self.left + column

    def _cell(self, row: int, column: int, line: Sequence[Item], over: Sequence[Item]) -> None:
        cell = self.grid.cell(line, over)
        total = any(item.is_total for item in (*line, *over))
        shape: dict[str, Any] = {"bottom": 4, "bottom_color": LINE}
        shape |= {"bold": True, "bg_color": SOFT} if total else {}
        if cell.value is None:
            self.sheet.write_blank(row, column, None, self._format(**shape))
            return
        shape |= {"font_color": AMBER} if cell.provisional else {}
        if len(cell.value.normalize().as_tuple().digits) > SAFE_DIGITS:
            self.sheet.write_string(row, column, f"{cell.value:f}", self._format(**shape, align="right"))
            return
        form = self._format(**shape, num_format=_pattern(cell))
        value = float(cell.value / 100 if cell.part == "rate" else cell.value)
        formula = self._formula(line, over, cell) if total else ""
        if formula:
            live(self.sheet, row, column, f"={formula}", form, value)
        else:
            self.static += total
            self.sheet.write_number(row, column, value, form)

    # Totals -----------------------------------------------------------------------------------------------------------

    def _formula(self, line: Sequence[Item], over: Sequence[Item], cell: Cell) -> str:
        """What gives this total in a spreadsheet, exactly; empty where nothing does."""
        keys = dict(zip((*self.grid.layout.rows, *self.grid.layout.columns), (*line, *over), strict=True))
        indicator, item, period, show = (keys[name].key for name in ("indicator", "place", "period", "show"))
        token = item.rpartition("|")[0]
        parts = [one.key for one in self.grid.axes["place"] if one.key.rpartition("|")[0] == token and one.key != item]
        measure = self.grid.measures[indicator]
        if cell.part in ("change", "rate"):
            return self._beside(indicator, item, period, show, cell)
        assert cell.value is not None
        if measure.over_organisations == "sum":
            return self._sum(indicator, parts, period, show, cell)
        if measure.is_result and measure.program is not None:
            return self._ratio(measure, parts, period, show, cell)
        if measure.over_organisations == "weighted":
            return self._weighted(measure, parts, period, show, cell)
        return ""

    def _sum(self, indicator: str, parts: Sequence[str], period: str, show: str, cell: Cell) -> str:
        numbers = [self.grid.figure(indicator, part, period, show).value for part in parts]
        if sum((number for number in numbers if number is not None), Decimal(0)) != cell.value:
            return self._sum_of_filed(indicator, parts, period, show, cell) if self.grid.filed else ""
        places = [self.at[indicator, part, period, show] for part in parts]
        references = _ranges(places)
        if len(references) > MOST_REFERENCES:
            return ""
        return f"ROUND(SUBTOTAL(9,{','.join(references)}),{cell.digits})"

    def _sum_of_filed(self, indicator: str, parts: Sequence[str], period: str, show: str, cell: Cell) -> str:
        """A total in a larger unit: what is shown of the parts is rounded, so it is added up as it was filed."""
        numbers = [self._input(indicator, part, period, show) for part in parts]
        factor = self._factor(self.grid.measures[indicator], cell)
        whole = _added(numbers)
        if whole is None or not self._is(whole * factor, cell):
            return ""
        return f"ROUND(SUM({self._row(indicator, parts, period, show, numbers)})*{_number(factor)},{cell.digits})"

    def _factor(self, measure: Measure, cell: Cell) -> Fraction:
        """How many of the unit of a cell make one of the indicator's own."""
        return factor_between(measure.unit, cell.unit) or Fraction(1) if self.grid.filed else Fraction(1)

    def _ratio(self, measure: Measure, parts: Sequence[str], period: str, show: str, cell: Cell) -> str:
        program = measure.program
        assert program is not None
        if len(program.steps) > MOST_STEPS or any(leaf.shifts or capacity_of(leaf.code) for leaf in program.leaves):
            return ""
        columns = {leaf: [self._input(leaf.code, part, period, show) for part in parts] for leaf in program.leaves}
        sums = {leaf: _added(column) for leaf, column in columns.items()}
        if any(step.op is Op.TOTAL for step in program.steps) and not all(sums.values()):
            return ""  # a spreadsheet's SUM counts nothing as 0, and does not pass over an error
        given = {leaf: Exact.of_fractions([number]) for leaf, number in sums.items()}
        result, factor = evaluate(program, given, 1).fraction(0), self._factor(measure, cell)
        if not self._is(None if result is None else result * factor, cell):
            return ""
        references = {
            leaf: f"SUM({self._row(leaf.code, parts, period, show, column)})" for leaf, column in columns.items()
        }
        return f"ROUND({_excel(program, references)}{_times(factor)},{cell.digits})"

    def _weighted(self, measure: Measure, parts: Sequence[str], period: str, show: str, cell: Cell) -> str:
        values = [self._input(measure.code, part, period, show) for part in parts]
        weights = [
            None if value is None else self._input(measure.weight, part, period, show)
            for value, part in zip(values, parts, strict=True)
        ]
        pairs = [(v, w) for v, w in zip(values, weights, strict=True) if v is not None and w is not None]
        below = sum((w for _v, w in pairs), Fraction(0))
        factor = self._factor(measure, cell)
        if not below or not self._is(sum((v * w for v, w in pairs), Fraction(0)) / below * factor, cell):
            return ""
        value = self._row(measure.code, parts, period, show, values)
        weight = self._row(measure.weight, parts, period, show, weights)
        return f"ROUND(SUMPRODUCT({value},{weight})/SUM({weight}){_times(factor)},{cell.digits})"

    def _beside(self, indicator: str, item: str, period: str, show: str, cell: Cell) -> str:
        """A change or a rate from the value and the base, where both stand in the workbook."""
        told = SHOWS[show]
        base = next((code for code, one in SHOWS.items() if one.compare == told.compare and one.part == "base"), "")
        value = "to-date" if told.compare == "to-date-year-ago" else "value"
        places = [self.at.get((indicator, item, period, code)) for code in (value, base)]
        now, then = (self.grid.figure(indicator, item, period, code).value for code in (value, base))
        if None in places or now is None or then is None or (then <= 0 and cell.part == "rate"):
            return ""
        one, other = (xl_rowcol_to_cell(*place) for place in places if place)
        if cell.part == "change":
            return f"ROUND({one}-{other},{cell.digits})" if now - then == cell.value else ""
        rate = (Fraction(now) - Fraction(then)) / Fraction(then)
        assert cell.value is not None
        return f"ROUND({one}/{other}-1,6)" if shown(half_up(rate, 6), 6) * 100 == cell.value else ""

    def _is(self, found: Fraction | None, cell: Cell) -> bool:
        return found is not None and shown(half_up(found, cell.digits), cell.digits) == cell.value

    def _input(self, code: str, part: str, period: str, show: str) -> Fraction | None:
        value = self.grid.as_filed(code, part, period, show)
        return None if value is None else Fraction(value)

    def _row(self, code: str, parts: Sequence[str], period: str, show: str, numbers: Sequence[Fraction | None]) -> str:
        """A line of the sheet of inputs, and its range."""
        if self.inputs is None:
            self.inputs = self.book.add_worksheet(_("Inputs"))
            self.inputs.set_column(0, 0, 44)
        sheet, row = self.inputs, self.input_rows
        measure = self.grid.measures[code]
        token = parts[0].rpartition("|")[0]
        sheet.write_string(row, 0, f"{measure.code} · {token} · {period} · {SHOWS[show].words}")
        for column, number in enumerate(numbers, 1):
            if number is not None:
                sheet.write_number(row, column, float(number))
        self.input_rows += 1
        name = str(sheet.get_name()).replace("'", "''")
        first, last = (xl_rowcol_to_cell(row, column, True, True) for column in (1, len(numbers)))
        return f"'{name}'!{first}:{last}"

    def _format(self, **properties: Any) -> Any:
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format({"font_size": 10, **properties})
        return self._formats[key]

    def _head(self, **more: Any) -> Any:
        return self._format(bold=True, bg_color=SOFT, bottom=1, font_color=INK, text_wrap=True, **more)


def _label(item: Item) -> str:
    return f"{item.label} ({item.note})" if item.note and not item.is_total and "|" not in item.key else item.label


def _pattern(cell: Cell) -> str:
    if cell.part == "rate":
        return "+0.00%;-0.00%;0.00%"
    number = "#,##0" + (f".{'0' * cell.digits}" if cell.digits else "")
    return f"+{number};-{number};{number}" if cell.part == "change" else number


def _added(numbers: Sequence[Fraction | None]) -> Fraction | None:
    known = [number for number in numbers if number is not None]
    return sum(known, Fraction(0)) if known else None


def _ranges(places: Sequence[tuple[int, int]]) -> list[str]:
    """Cells as references, neighbours of one column or one row joined."""
    found: list[list[tuple[int, int]]] = []
    for place in sorted(places, key=lambda one: (one[1], one[0])):
        if found and found[-1][-1] == (place[0] - 1, place[1]):
            found[-1].append(place)
        else:
            found.append([place])
    if len(found) == len(places) > 1:
        found = []
        for place in sorted(places):
            if found and found[-1][-1] == (place[0], place[1] - 1):
                found[-1].append(place)
            else:
                found.append([place])
    return [
        xl_rowcol_to_cell(*run[0]) if len(run) == 1 else f"{xl_rowcol_to_cell(*run[0])}:{xl_rowcol_to_cell(*run[-1])}"
        for run in found
    ]


def _excel(program: Program, references: Mapping[Leaf, str]) -> str:
    """A formula's steps as a spreadsheet writes them."""
    texts: list[str] = []
    for step in program.steps:
        given = [texts[number] for number in step.arguments]
        match step.op:
            case Op.LEAF:
                assert isinstance(step.payload, Leaf)
                texts.append(references[step.payload])
            case Op.CONSTANT:
                assert isinstance(step.payload, Fraction)
                texts.append(_number(step.payload))
            case Op.SCALE:
                assert isinstance(step.payload, Fraction)
                texts.append(f"({given[0]}*{_number(step.payload)})")
            case Op.NEGATE:
                texts.append(f"(-{given[0]})")
            case Op.ROUND:
                texts.append(f"ROUND({given[0]},{step.payload})")
            case _ if step.op in OPERATORS:
                texts.append(f"({given[0]}{OPERATORS[step.op]}{given[1]})")
            case _:
                texts.append(f"{FUNCTIONS[step.op]}({','.join(given)})")
    return texts[-1]


def _times(factor: Fraction) -> str:
    return "" if factor == 1 else f"*{_number(factor)}"


def _number(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else f"({value.numerator}/{value.denominator})"

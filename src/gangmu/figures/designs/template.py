"""A workbook read as a design: its expressions, its blocks, and every fault in it with its place."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
from django.utils.translation import gettext as _
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.cell.rich_text import CellRichText
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula
from openpyxl.worksheet.worksheet import Worksheet

from gangmu.figures.designs.errors import DesignRefused, ExpressionError, Fault
from gangmu.figures.designs.guarding import guard
from gangmu.figures.designs.parser import OPEN, parse_cell
from gangmu.figures.designs.references import (
    BY_TEXT,
    FETCHING,
    LONGEST_FORMULA,
    Block,
    RowMap,
    cut,
    runs_off,
    takes_the_first,
)
from gangmu.figures.designs.tree import OF_MEMBERS, CellText, Figure, Heading, Place, Repeat
from gangmu.figures.designs.vocabulary import Vocabulary

MOST_EXPRESSIONS = 10_000
MOST_BLOCKS = 100
MOST_FAULTS = 200


@dataclass(frozen=True, slots=True)
class At:
    """A cell; row and column count from 1, as openpyxl's."""

    sheet: str
    row: int
    column: int

    @property
    def cell(self) -> str:
        return f"{get_column_letter(self.column)}{self.row}"


@dataclass(frozen=True, slots=True)
class RepeatedRows:
    """A block of a worksheet, and the expression that repeats it."""

    sheet: str
    block: Block  # counted once
    repeat: Repeat
    at: At


@dataclass
class Template:
    """A design that holds. `warnings` are told to its maker and refuse nothing."""

    path: Path
    name: str
    cells: dict[At, CellText]
    blocks: list[RepeatedRows]
    sheets: tuple[str, ...]
    warnings: list[Fault] = field(default_factory=list)

    def block(self, at: At) -> RepeatedRows | None:
        return next(
            (one for one in self.blocks if one.sheet == at.sheet and one.block.top <= at.row <= one.block.bottom), None
        )


def read_template(path: Path, vocabulary: Vocabulary, name: str = "") -> Template:
    """Read a workbook as a design.

    Raises:
        WorkbookRefused: the file is not taken; `DesignRefused`, with its faults, when expressions are wrong.
    """
    guarded = guard(path, name)
    book = load(path, guarded.name)
    template = Template(path, guarded.name, {}, [], tuple(book.sheetnames))
    template.warnings += [Fault("", "", 0, _lost(what)) for what in guarded.lost]
    faults: list[Fault] = []
    for sheet in book.worksheets:
        for cell in _filled(sheet):
            _read_cell(cell, template, vocabulary, faults)
    _check_names(book, faults)
    _check_blocks(template, faults)
    _check_formulas(book, template)
    if not template.cells and not faults:
        faults.append(Fault("", "", 0, _("no cell holds an expression such as {{发电量}} or {{generation}}.")))
    if faults:
        message = _("%(file)s cannot be used as a report; nothing of it was applied.") % {"file": guarded.name}
        raise DesignRefused(message, faults[:MOST_FAULTS])
    return template


def load(path: Path, name: str) -> Workbook:
    """The workbook as openpyxl reads it.

    Raises:
        DesignRefused: openpyxl cannot read it.
    """
    try:
        return openpyxl.load_workbook(path, rich_text=True, keep_links=False)
    except MemoryError:
        raise
    except Exception as error:  # a reader of others' files fails in many ways, none of which is ours
        raise DesignRefused(
            _("%(file)s is damaged or not complete. Open it in Excel or WPS, save it, and send that.") % {"file": name}
        ) from error


def _filled(sheet: Worksheet) -> Iterator[Cell]:
    for _at, cell in sorted(sheet._cells.items()):
        if not isinstance(cell, MergedCell) and cell._value is not None:
            yield cell


def _read_cell(cell: Cell, template: Template, vocabulary: Vocabulary, faults: list[Fault]) -> None:
    at = At(cell.parent.title, cell.row, cell.column)
    value = cell._value
    if isinstance(value, ArrayFormula | DataTableFormula) or cell.data_type == "f":
        _read_formula(at, value, faults)
        return
    if not isinstance(value, str | CellRichText) or OPEN.search(str(value)) is None or len(faults) >= MOST_FAULTS:
        return
    try:
        found = parse_cell(str(value), vocabulary)
    except ExpressionError as error:
        faults.append(Fault(at.sheet, at.cell, error.column, error.message))
        return
    if found is None:
        return
    if len(template.cells) >= MOST_EXPRESSIONS:
        message = _("a design has at most %(most)d cells with expressions.") % {"most": MOST_EXPRESSIONS}
        raise DesignRefused(str(Fault(at.sheet, at.cell, 0, message)))
    if isinstance(value, CellRichText):
        message = _("the cell is written in several fonts; filled, it has the cell's own alone.")
        template.warnings.append(Fault(at.sheet, at.cell, 0, message))
    template.cells[at] = found
    for part, column in zip(found.expressions, found.columns, strict=True):
        if isinstance(part, Repeat):
            block = Block(at.row, part.rows, 1)
            template.blocks.append(RepeatedRows(at.sheet, block, part, at))
            if len(template.blocks) > MOST_BLOCKS:
                message = _("a design has at most %(most)d blocks.") % {"most": MOST_BLOCKS}
                raise DesignRefused(str(Fault(at.sheet, at.cell, column, message)))


def _read_formula(at: At, value: Any, faults: list[Fault]) -> None:
    text = value if isinstance(value, str) else getattr(value, "text", "") or ""
    if isinstance(value, DataTableFormula):
        faults.append(Fault(at.sheet, at.cell, 0, _("what-if tables are not taken; write formulas.")))
        return
    if wrong := _wrong_formula(text):
        faults.append(Fault(at.sheet, at.cell, 0, wrong))


def _wrong_formula(text: str) -> str:
    if len(text) > LONGEST_FORMULA:
        return _("the formula is longer than a spreadsheet allows.")
    formula = cut(text)
    if formula.external:
        return _("the formula refers to another workbook. Put the figure there with an expression.")
    fetching = sorted(formula.functions & FETCHING)
    return _("%(function)s fetches from elsewhere and is not taken.") % {"function": fetching[0]} if fetching else ""


def _check_names(book: Workbook, faults: list[Fault]) -> None:
    for names in (book.defined_names, *(sheet.defined_names for sheet in book.worksheets)):
        for name, defined in names.items():
            if wrong := _wrong_formula("=" + (defined.value or "")):
                faults.append(Fault(_("name %(name)s") % {"name": name}, "", 0, wrong))


def _check_blocks(template: Template, faults: list[Fault]) -> None:
    template.blocks.sort(key=lambda one: (one.sheet, one.block.top))
    for before, after in zip(template.blocks, template.blocks[1:], strict=False):
        if before.sheet == after.sheet and after.block.top <= before.block.bottom:
            message = _("the row is repeated already, by %(cell)s. A block stands in rows of its own.")
            faults.append(Fault(after.sheet, after.at.cell, 1, message % {"cell": before.at.cell}))
    for at, cell in template.cells.items():
        block = template.block(at)
        for part, column in zip(cell.expressions, cell.columns, strict=True):
            if isinstance(part, Heading) and part.head in OF_MEMBERS and block is None:
                message = _("this stands only in a repeated row. Write {{每个下级}} or {{each child}} in the row.")
                faults.append(Fault(at.sheet, at.cell, column, message))
            if block is None or block.repeat.by == "children" or not isinstance(part, Figure):
                continue
            if part.where.place == Place.HERE and part.where.by:
                message = _("a row of a fuel, province or kind cannot be divided once more.")
                faults.append(Fault(at.sheet, at.cell, column, message))


def _check_formulas(book: Workbook, template: Template) -> None:
    """Formulas that mean something else once rows are repeated are said, not refused."""
    maps = {
        sheet: RowMap(tuple(Block(one.block.top, one.block.height, 2) for one in template.blocks if one.sheet == name))
        for name in template.sheets
        for sheet in [name.casefold()]
    }
    by_text = False
    for sheet in book.worksheets:
        rows = maps[sheet.title.casefold()]
        for cell in _filled(sheet):
            if cell.data_type != "f" or not isinstance(cell._value, str):
                continue
            by_text = by_text or bool(cut(cell._value).functions & BY_TEXT)
            block = rows.block(cell.row)
            wrong = ""
            if block is not None and (found := runs_off(cell._value, sheet.title, block)):
                wrong = _("%(ref)s moves down with the rows. Put $ before the row number so that it stands still.")
            elif block is None and (found := takes_the_first(cell._value, sheet.title, maps)):
                wrong = _("%(ref)s is repeated; the formula takes its first row. For all of them write SUM(%(ref)s).")
            if wrong and len(template.warnings) < MOST_FAULTS:
                template.warnings.append(Fault(sheet.title, cell.coordinate, 0, wrong % {"ref": found}))
    if by_text and template.blocks:
        message = _("INDIRECT and OFFSET name cells by text or number: they do not move when rows are repeated.")
        template.warnings.append(Fault("", "", 0, message))


def _lost(what: str) -> str:
    return {
        "drawings": _("Drawings, notes' shapes and diagrams may be lost or look otherwise."),
        "slicers": _("Slicers and timelines are lost."),
        "controls": _("Controls and embedded objects are lost."),
        "threads": _("Threaded comments are lost; notes are kept."),
        "pivots": _("Pivot tables are kept as they are and show the figures only when refreshed."),
        "chart looks": _("Charts are kept with their series and axes; styles of newer versions are lost."),
        "chart sheets": _("Charts on sheets of their own are kept, but their ranges do not grow."),
        "pictures": _("Pictures are kept only as far as the server can read them (PNG, JPEG)."),
        "shapes": _("Shapes and text boxes are lost; charts and pictures are kept."),
        "extensions": _("Sparklines and conditional formats of newer versions are lost."),
    }[what]

"""A worksheet with its blocks repeated: cells, formats, heights, merged cells, rules, print areas, charts.

openpyxl's own `insert_rows` moves values alone; so everything that knows a row is moved here.
"""

from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.descriptors.serialisable import Serialisable
from openpyxl.formatting.formatting import ConditionalFormattingList
from openpyxl.worksheet.cell_range import CellRange, MultiCellRange
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.worksheet import Worksheet

from gangmu.figures.designs.references import Block, RowMap, moved, moved_ranges, plain_ranges


@dataclass
class Repeated:
    """Where each row came from: new row → (old row, block, repetition), for the rows of blocks."""

    rows: RowMap
    places: dict[tuple[int, int], list[tuple[int, int]]] = field(
        default_factory=dict
    )  # (row, column) → (row, repetition)


def repeat(sheet: Worksheet, maps: Mapping[str, RowMap]) -> Repeated:
    """Repeat a worksheet's blocks in place, and move every reference in it. All worksheets have to be done.

    Args:
        maps: of all worksheets with blocks, by their names in small letters.
    """
    rows = maps.get(sheet.title.casefold(), RowMap())
    done = Repeated(rows)
    _cells(sheet, rows, maps, done)
    if rows.blocks:
        _merged(sheet, rows, done)
        _heights(sheet, rows)
        _areas(sheet, rows)
    _rules(sheet, rows, maps)
    _charts(sheet, rows, maps)
    return done


def _repetitions(rows: RowMap, row: int) -> Iterator[tuple[int, Block | None, int]]:
    block, first = rows.block(row), rows.first(row)
    if block is None:
        yield first, None, 0
        return
    for number in range(block.count):
        yield first + number * block.height, block, number


def _cells(sheet: Worksheet, rows: RowMap, maps: Mapping[str, RowMap], done: Repeated) -> None:
    cells: dict[tuple[int, int], Any] = {}
    links = []
    for (row, column), cell in sheet._cells.items():
        for new, block, number in _repetitions(rows, row):
            one = cell if number == 0 else _copied(sheet, cell)
            cells[new, column] = one
            if block is not None:
                done.places.setdefault((row, column), []).append((new, number))
        original = getattr(cell, "_value", None)
        for new, block, number in reversed(list(_repetitions(rows, row))):
            one = cells[new, column]
            one.row = new
            if isinstance(one, Cell):
                _move_formula(one, original, sheet.title, maps, block, number)
                if one.hyperlink is not None:
                    one.hyperlink.ref = one.coordinate
                    if one.hyperlink.location:
                        one.hyperlink.location = moved(one.hyperlink.location, sheet.title, maps)
                    links.append(one.hyperlink)
    sheet._cells = cells
    sheet._hyperlinks = links
    sheet._current_row = max((row for row, _column in cells), default=0)


def _copied(sheet: Worksheet, cell: Any) -> Any:
    if isinstance(cell, MergedCell):
        made = MergedCell(sheet, cell.row, cell.column)
        made._style = copy(cell._style)
        return made
    made = Cell(sheet, cell.row, cell.column)
    made._style = copy(cell._style)
    made._value, made.data_type = copy(cell._value), cell.data_type
    if cell.hyperlink is not None:
        made._hyperlink = copy(cell.hyperlink)
    if cell.comment is not None:
        made.comment = copy(cell.comment)
    return made


def _move_formula(
    cell: Cell, original: Any, sheet: str, maps: Mapping[str, RowMap], block: Block | None, number: int
) -> None:
    if isinstance(original, ArrayFormula):
        text = moved(original.text or "", sheet, maps, block, number)
        area = moved(original.ref, sheet, maps, block, number)
        cell._value = ArrayFormula(area, text)
    elif cell.data_type == "f" and isinstance(original, str):
        cell._value = moved(original, sheet, maps, block, number)


def _merged(sheet: Worksheet, rows: RowMap, done: Repeated) -> None:
    """Merged cells inside a block are repeated, those that reach over its edge grow."""
    made = []
    for one in sheet.merged_cells.ranges:
        left, top, right, bottom = one.bounds
        block = rows.block(top)
        if block is not None and block == rows.block(bottom):
            for number in range(block.count):
                down = number * block.height + rows.first(top) - top
                made.append((left, top + down, right, bottom + down))
            continue
        new_top, new_bottom = rows.first(top), rows.last(bottom)
        made.append((left, new_top, right, new_bottom))
        for row in range(new_top, new_bottom + 1):
            for column in range(left, right + 1):
                cell = sheet._cells.get((row, column))
                if (row, column) != (new_top, left) and isinstance(cell, Cell):
                    hidden = MergedCell(sheet, row, column)
                    hidden._style = copy(cell._style)
                    sheet._cells[row, column] = hidden
    sheet.merged_cells = MultiCellRange()
    for left, top, right, bottom in made:
        merged = CellRange(min_col=left, min_row=top, max_col=right, max_row=bottom)
        sheet.merged_cells.ranges.add(merged)
    hidden = {at for at, cell in sheet._cells.items() if isinstance(cell, MergedCell)}
    for (_row, column), places in done.places.items():
        places[:] = [(row, number) for row, number in places if (row, column) not in hidden]


def _heights(sheet: Worksheet, rows: RowMap) -> None:
    old = dict(sheet.row_dimensions)
    sheet.row_dimensions.clear()
    for row, dimension in old.items():
        for new, _block, _number in _repetitions(rows, row):
            one = copy(dimension)
            one.index = new
            sheet.row_dimensions[new] = one
    for each in sheet.row_breaks.brk:
        each.id = rows.last(each.id)


def _areas(sheet: Worksheet, rows: RowMap) -> None:
    area = sheet.print_area
    if area:
        plain = [part.rpartition("!")[2] for part in str(area).split(",")]
        sheet.print_area = moved_ranges(" ".join(plain).replace("$", ""), rows).replace(" ", ",")
    if sheet.print_title_rows:
        sheet.print_title_rows = moved_ranges(sheet.print_title_rows.rpartition("!")[2].replace("$", ""), rows)
    if sheet.auto_filter.ref:
        sheet.auto_filter.ref = moved_ranges(sheet.auto_filter.ref, rows)
    for table in sheet.tables.values():
        table.ref = moved_ranges(table.ref, rows)
        if table.autoFilter is not None and table.autoFilter.ref:
            table.autoFilter.ref = moved_ranges(table.autoFilter.ref, rows)


def _rules(sheet: Worksheet, rows: RowMap, maps: Mapping[str, RowMap]) -> None:
    """Conditional formats and validations; their formulas are relative to the first cell of their ranges."""

    def formula(text: Any, ranges: str) -> Any:
        if not isinstance(text, str):
            return text
        found = plain_ranges(ranges)
        return moved(text, sheet.title, maps, rows.block(found[0].first.row) if found else None)

    made = ConditionalFormattingList()
    for one in sheet.conditional_formatting:
        ranges = str(one.sqref)
        for rule in one.rules:
            rule.formula = [formula(text, ranges) for text in rule.formula]
            for scale in (rule.colorScale, rule.dataBar, rule.iconSet):
                for bound in scale.cfvo if scale is not None else ():
                    if bound.type == "formula":
                        bound.val = formula(bound.val, ranges)
            made.add(moved_ranges(ranges, rows), rule)
    sheet.conditional_formatting = made
    validation: DataValidation
    for validation in sheet.data_validations.dataValidation:
        ranges = str(validation.sqref)
        validation.formula1 = formula(validation.formula1, ranges)
        validation.formula2 = formula(validation.formula2, ranges)
        validation.sqref = MultiCellRange(moved_ranges(ranges, rows))


def _charts(sheet: Worksheet, rows: RowMap, maps: Mapping[str, RowMap]) -> None:
    for drawing in [*sheet._charts, *sheet._images]:
        for name in ("_from", "to"):
            mark = getattr(drawing.anchor, name, None)
            if mark is not None:
                mark.row = rows.first(mark.row + 1) - 1
    for chart in sheet._charts:
        for one in chart._charts:
            for reference, is_title in _references(one):
                reference.f = moved(reference.f, sheet.title, maps, grows=not is_title)
                for cache in ("numCache", "strCache", "multiLvlStrCache"):  # figures of the template
                    if hasattr(reference, cache):
                        setattr(reference, cache, None)


def _references(thing: Any, depth: int = 0, *, is_title: bool = False) -> Iterator[tuple[Any, bool]]:
    """Everything in a chart that refers to cells, and whether it is a title: that of one cell."""
    if depth > 12:
        return
    if isinstance(thing, list | tuple):
        for one in thing:
            yield from _references(one, depth + 1, is_title=is_title)
    elif isinstance(thing, Serialisable):
        if isinstance(getattr(thing, "f", None), str):
            yield thing, is_title
        for name, one in vars(thing).items():  # a series names its elements only when it is written
            if not name.startswith("_"):
                yield from _references(one, depth + 1, is_title=is_title or name in {"tx", "title"})

"""A design filled: every expression a figure, everything else as its maker left it.

Formulas are kept without results, and the workbook asks to be computed when it is opened. What is filled in is a
number, a date or a text, never a formula.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.workbook import Workbook

from gangmu.figures.designs import values
from gangmu.figures.designs.asking import Asked, Figures, Issue, Wanted, answered, members_of, wanted
from gangmu.figures.designs.errors import DesignRefused, Fault
from gangmu.figures.designs.references import RowMap, moved
from gangmu.figures.designs.repeating import Repeated, repeat
from gangmu.figures.designs.template import At, RepeatedRows, Template, load
from gangmu.figures.designs.tree import OF_PRINTING, CellText, Figure, Heading, Repeat
from gangmu.figures.designs.values import Origin, Value, in_a_text
from gangmu.figures.designs.vocabulary import Named, Vocabulary

MOST_FILLED_CELLS = 400_000
MOST_FILLED_ROWS = 50_000
LONGEST_TEXT = 32_767
EXACT_DIGITS = 15
FIRST_SIGNS = ("=", "+", "-", "@", "\t", "\r")


@dataclass
class Filled:
    """A filled workbook, and of each filled cell what it tells: `origins` by its new place.

    `missing` are the places whose figure nobody has reported, `incomplete` those where some are missing, `volatile`
    those that tell the edition or the time of printing.
    """

    book: Workbook
    origins: dict[At, list[Origin]] = field(default_factory=dict)
    exact: dict[At, Decimal] = field(default_factory=dict)
    missing: list[At] = field(default_factory=list)
    incomplete: list[At] = field(default_factory=list)
    volatile: set[At] = field(default_factory=set)
    warnings: list[Fault] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Placed:
    """An expression in one row of the filled sheet."""

    at: At
    cell: CellText
    block: Repeat | None = None
    member: Named | None = None
    number: int = 0


def fill(template: Template, issue: Issue, figures: Figures, vocabulary: Vocabulary) -> Filled:
    """Fill a design for an organisation and period.

    Raises:
        DesignRefused: it asks for more, or would become larger, than is filled at once.
    """
    members = members_of([one.repeat for one in template.blocks], issue, figures)
    book = load(template.path, template.name)
    maps = _maps(template, members)
    _refuse_growth(book, maps)
    filled = Filled(book)
    done = {sheet.title: repeat(sheet, maps) for sheet in book.worksheets}
    _names(book, maps)
    placed = _placed(template, done, members)
    needs: dict[tuple[int, int], Wanted] = {}
    asked: set[Asked] = set()
    for number, one in enumerate(placed):
        for place, part in enumerate(one.cell.parts):
            if isinstance(part, Figure) and (one.block is None or one.member is not None):
                need = needs[number, place] = wanted(part, issue, one.block, one.member)
                asked |= {found for found in (need.value, need.plan) if found is not None}
    answers = answered(asked, figures)
    with translation.override(issue.language):
        for number, one in enumerate(placed):
            parts: list[str | Value] = []
            for place, part in enumerate(one.cell.parts):
                if isinstance(part, str):
                    parts.append(part)
                elif isinstance(part, Figure):
                    need = needs.get((number, place))
                    found = values.of_figure(part, need, answers, vocabulary, issue) if need else Value()
                    parts.append(found)
                else:
                    parts.append(_said(part, issue, one))
            _put(filled, one, parts)
    book.calculation.fullCalcOnLoad = True
    return filled


def _maps(template: Template, members: Mapping[Repeat, Sequence[Named]]) -> dict[str, RowMap]:
    maps = {}
    for name in template.sheets:
        blocks = [
            replace(one.block, count=max(1, len(members[one.repeat]))) for one in template.blocks if one.sheet == name
        ]
        if blocks:
            maps[name.casefold()] = RowMap(tuple(blocks))
    return maps


def _refuse_growth(book: Workbook, maps: Mapping[str, RowMap]) -> None:
    total, longest, formulas = 0, 0, 0
    for sheet in book.worksheets:
        rows = maps.get(sheet.title.casefold(), RowMap())
        counts = {row: block.count for block in rows.blocks for row in range(block.top, block.bottom + 1)}
        for (row, _column), cell in sheet._cells.items():
            count = counts.get(row, 1)
            total += count
            if cell.data_type == "f" and count > 1:
                formulas += count * len(str(getattr(cell._value, "text", cell._value)))
        merged = [one for one in sheet.merged_cells.ranges if one.min_row in counts]
        total += sum(counts[one.min_row] for one in merged)
        longest = max(longest, sheet.max_row + sum(block.added for block in rows.blocks))
    if total > MOST_FILLED_CELLS or longest > MOST_FILLED_ROWS or formulas > 100 * MOST_FILLED_CELLS:
        raise DesignRefused(
            _(
                "Filled, the report would have %(cells)d cells and %(rows)d rows; at most %(most)d and %(longest)d "
                "are made."
            )
            % {"cells": total, "rows": longest, "most": MOST_FILLED_CELLS, "longest": MOST_FILLED_ROWS}
        )


def _names(book: Workbook, maps: Mapping[str, RowMap]) -> None:
    for sheet, names in ((None, book.defined_names), *((one, one.defined_names) for one in book.worksheets)):
        for defined in names.values():
            if defined.value:
                defined.value = moved(defined.value, sheet.title if sheet else "", maps)


def _placed(
    template: Template, done: Mapping[str, Repeated], members: Mapping[Repeat, Sequence[Named]]
) -> list[Placed]:
    placed = []
    for at, cell in template.cells.items():
        block: RepeatedRows | None = template.block(at)
        if block is None:
            placed.append(Placed(replace(at, row=done[at.sheet].rows.first(at.row)), cell))
            continue
        found = members[block.repeat]
        for row, number in done[at.sheet].places.get((at.row, at.column), ()):
            member = found[number] if number < len(found) else None
            placed.append(Placed(replace(at, row=row), cell, block.repeat, member, number + 1 if member else 0))
    return placed


def _said(part: Heading | Repeat, issue: Issue, placed: Placed) -> Value:
    if isinstance(part, Repeat):
        return Value(placed.member.name(issue.language)) if placed.member else Value()
    return values.of_heading(part, issue, placed.member, placed.number)


def _put(filled: Filled, placed: Placed, parts: Sequence[str | Value]) -> None:
    cell: Any = filled.book[placed.at.sheet]._cells[placed.at.row, placed.at.column]
    found = [part for part in parts if isinstance(part, Value)]
    if any(isinstance(part, Heading) and part.head in OF_PRINTING for part in placed.cell.parts):
        filled.volatile.add(placed.at)
    origins = [one.origin for one in found if one.origin is not None]
    if origins:
        filled.origins[placed.at] = origins
        if any(one.expected and one.reported < one.expected for one in origins):
            filled.incomplete.append(placed.at)
        if any(one.content is None and one.origin is not None for one in found):
            filled.missing.append(placed.at)
    if len(parts) == 1 and isinstance(parts[0], Value):
        content = parts[0].content
        if isinstance(content, Decimal):
            filled.exact[placed.at] = content
        put(cell, content)
    else:
        put(cell, "".join(part if isinstance(part, str) else in_a_text(part) for part in parts))


def put(cell: Cell, content: Decimal | int | str | date | datetime | None) -> None:
    """Write a value into a cell; a text stays a text whatever it begins with, and a number keeps its digits."""
    if isinstance(content, Decimal) and len(content.normalize().as_tuple().digits) > EXACT_DIGITS:
        content = format(content, "f")  # a spreadsheet would change its last digits
    if content is None:
        cell._value, cell.data_type = None, "n"
    elif isinstance(content, Decimal | int):
        cell._value, cell.data_type = content, "n"
    elif isinstance(content, date):
        stamp = content.replace(tzinfo=None) if isinstance(content, datetime) else content
        shown = cell.number_format
        cell._value = stamp if isinstance(stamp, datetime) else datetime.combine(stamp, time())
        cell.data_type = "d"
        if shown == "General":
            cell.number_format = "yyyy-mm-dd hh:mm" if isinstance(content, datetime) else "yyyy-mm-dd"
    else:
        text = ILLEGAL_CHARACTERS_RE.sub("", content)[:LONGEST_TEXT]
        cell._value, cell.data_type = text, "s"
        if text.startswith(FIRST_SIGNS):
            cell.quotePrefix = True

"""The marked return: the user's own workbook with what was found in it.

Nothing of the user's is changed: faulty cells are coloured by a conditional format, which lies over their own, and the
reason stands in a comment; a first worksheet lists everything, with links. Marks of an earlier return are taken away
before. What openpyxl does not keep when it writes a workbook (charts, shapes, …) is named on that first worksheet; the
file as it was sent is a document of its own and stays as it is.
"""

import re
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
from django.utils.translation import gettext as _
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.comments import Comment
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook import Workbook
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from gangmu.figures.filing.excel import shape
from gangmu.figures.filing.excel.faults import Found, Kind, in_order
from gangmu.figures.filing.excel.shape import Place

AUTHOR = "Gangmu 纲目"
SIGNATURE = 'ISTEXT("gangmu")'  # by which a later return knows the marks of an earlier one
COLOURS = {
    Kind.FAULT: "FFC7CE",
    Kind.ROUNDING: "FFE699",
    Kind.ERROR: "F4B084",
    Kind.WARNING: "FFF2CC",
    Kind.NOTE: "DDEBF7",
}
MOST_COMMENTS = 2_000  # each is a shape of its own; the list has all
MOST_LISTED = 50_000
RANGES_A_RULE = 500
LONGEST_COMMENT = 1_000
LOST = (
    (re.compile(r"^xl/charts/chart|^xl/chartsheets/", re.I), "charts"),
    (re.compile(r"^xl/media/", re.I), "pictures"),
    (re.compile(r"^xl/(drawings/[^/]+\.xml$|diagrams/)", re.I), "shapes"),
    (re.compile(r"^xl/(slicers|timelines)/", re.I), "slicers"),
    (re.compile(r"^xl/(activeX|ctrlProps|embeddings)/", re.I), "controls"),
    (re.compile(r"^xl/(threadedComments|persons)/", re.I), "threads"),
)


def mark(source: Path, target: Path, found: Iterable[Found], summary: Sequence[str] = ()) -> None:
    """Write the workbook of `source` to `target`, with what was found marked in it, in the active language.

    A workbook that openpyxl cannot read becomes a new one with the list alone.

    Args:
        summary: lines that stand over the list.
    """
    told = in_order(found)
    lost = _lost(source)
    try:
        book = openpyxl.load_workbook(source, keep_vba=False, rich_text=True, keep_links=True)
    except (InvalidFileException, ValueError, KeyError, TypeError, AttributeError, IndexError, OSError):
        book = Workbook()
        book.remove(book.worksheets[0])
        lost = [_("The workbook itself could not be written again; only the list is here.")]
    _clean(book)
    _colour(book, told)
    _comment(book, told)
    _list(book, told, [*summary, *lost])
    book.save(target)


def _lost(source: Path) -> list[str]:
    """What of the workbook is not in the marked copy, in words."""
    words = {
        "charts": _("charts"),
        "pictures": _("pictures"),
        "shapes": _("shapes and drawings"),
        "slicers": _("slicers"),
        "controls": _("controls and embedded objects"),
        "threads": _("threaded comments"),
    }
    with zipfile.ZipFile(source) as archive:
        names = archive.namelist()
    kinds = dict.fromkeys(kind for pattern, kind in LOST if any(pattern.search(name) for name in names))
    if not kinds:
        return []
    return [
        _("This copy may not show all that the file you sent does: %(what)s.")
        % {"what": ", ".join(words[kind] for kind in kinds)}
    ]


def _clean(book: Workbook) -> None:
    """Take away what an earlier return has put in."""
    for sheet in list(book.worksheets):
        if sheet.sheet_state == "visible" and sheet["A1"].value == shape.CHECK:
            book.remove(sheet)
            continue
        kept = [
            (str(ranges.sqref), rule)
            for ranges in sheet.conditional_formatting
            for rule in ranges.rules
            if SIGNATURE not in (rule.formula or [])
        ]
        if len(kept) < sum(len(ranges.rules) for ranges in sheet.conditional_formatting):
            sheet.conditional_formatting = type(sheet.conditional_formatting)()
            for cells, rule in kept:
                sheet.conditional_formatting.add(cells, rule)
        for row in sheet.iter_rows():
            for cell in row:
                if cell.comment is not None and cell.comment.author == AUTHOR:
                    cell.comment = _restored(cell.comment)


SEPARATOR = "\n— — —\n"


def _restored(comment: Comment) -> Comment | None:
    """The user's own comment below ours; None when there was none."""
    _ours, separator, theirs = comment.text.partition(SEPARATOR)
    return Comment(theirs, "") if separator else None


def _places(told: Sequence[Found]) -> dict[str, dict[Place, list[Found]]]:
    found: dict[str, dict[Place, list[Found]]] = defaultdict(lambda: defaultdict(list))
    for one in told:
        for place in (one.place, *one.also):
            if place.row >= 0:
                found[place.sheet][place].append(one)
    return found


def _colour(book: Workbook, told: Sequence[Found]) -> None:
    order = list(Kind)
    for name, places in _places(told).items():
        if name not in book.sheetnames:
            continue
        by_kind: dict[Kind, list[Place]] = defaultdict(list)
        for place, ones in places.items():
            by_kind[min((one.kind for one in ones), key=order.index)].append(place)
        sheet = book[name]
        for kind, marked in by_kind.items():
            ranges = _ranges(marked)
            fill = PatternFill("solid", start_color=COLOURS[kind], end_color=COLOURS[kind])
            for begin in range(0, len(ranges), RANGES_A_RULE):
                rule = FormulaRule(formula=[SIGNATURE], fill=fill, stopIfTrue=True)
                sheet.conditional_formatting.add(" ".join(ranges[begin : begin + RANGES_A_RULE]), rule)
        # the marks come first: what the user has coloured stays below them
        _first_ours(sheet)


def _first_ours(sheet: Worksheet) -> None:
    number = 1
    rules = [rule for ranges in sheet.conditional_formatting for rule in ranges.rules]
    for rule in sorted(rules, key=lambda rule: (SIGNATURE not in (rule.formula or []), rule.priority or 0)):
        rule.priority = number
        number += 1


def _ranges(places: Iterable[Place]) -> list[str]:
    """Addresses of cells, those that stand below each other as one."""
    found: list[str] = []
    run: list[Place] = []
    for place in sorted(places, key=lambda one: (one.column, one.row)):
        if run and (place.column, place.row) == (run[-1].column, run[-1].row + 1):
            run.append(place)
            continue
        if run:
            found.append(_range(run))
        run = [place]
    return [*found, _range(run)] if run else found


def _range(run: Sequence[Place]) -> str:
    return run[0].cell if len(run) == 1 else f"{run[0].cell}:{run[-1].cell}"


def _comment(book: Workbook, told: Sequence[Found]) -> None:
    left = MOST_COMMENTS
    for name, places in _places(told).items():
        if name not in book.sheetnames:
            continue
        sheet = book[name]
        for place, ones in places.items():
            if not left:
                return
            left -= 1
            cell: Any = sheet.cell(place.row + 1, place.column + 1)
            if type(cell).__name__ == "MergedCell":
                cell = _top_left(sheet, cell.coordinate)
            text = "\n".join(dict.fromkeys(one.message for one in ones))[:LONGEST_COMMENT]
            theirs = cell.comment.text if cell.comment is not None and cell.comment.author != AUTHOR else ""
            cell.comment = Comment(text + (SEPARATOR + theirs if theirs else ""), AUTHOR, height=110, width=300)


def _top_left(sheet: Worksheet, address: str) -> Any:
    merged = next(one for one in sheet.merged_cells.ranges if address in one)
    return sheet.cell(merged.min_row, merged.min_col)


def _list(book: Workbook, told: Sequence[Found], summary: Sequence[str]) -> None:
    """The first worksheet: what was found, each with a link to its cell."""
    title = shape.worksheet_names([*book.sheetnames, _("Result of the check")])[-1]
    sheet = book.create_sheet(title, 0)
    book.active = 0
    for other in book.worksheets:
        other.sheet_view.tabSelected = other is sheet
    sheet["A1"] = shape.CHECK
    sheet.row_dimensions[1].hidden = True
    for line in summary:
        sheet.append([_harmless(line)])
    sheet.append([])
    heads = [_("Kind"), _("Cell"), _("Organisation"), _("Period"), _("Indicator"), _("Reason")]
    sheet.append(heads)
    head = sheet.max_row
    for cell in sheet[head]:
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", start_color="DDEBF7", end_color="DDEBF7")
    kinds = {
        Kind.FAULT: _("not taken"),
        Kind.ROUNDING: _("too many decimals"),
        Kind.ERROR: _("breaks a rule"),
        Kind.WARNING: _("needs your words"),
        Kind.NOTE: _("for your information"),
    }
    fills = {kind: PatternFill("solid", start_color=colour, end_color=colour) for kind, colour in COLOURS.items()}
    link, wrap = Font(color="0563C1", underline="single"), Alignment(wrap_text=True, vertical="top")
    known = set(book.sheetnames)
    for one in told[:MOST_LISTED]:
        whose = (one.organisation, one.period, one.indicator, one.message)
        sheet.append([kinds[one.kind], str(one.place), *(_harmless(text) for text in whose)])
        row = sheet.max_row
        sheet.cell(row, 1).fill = fills[one.kind]
        sheet.cell(row, 6).alignment = wrap
        if one.place.sheet in known:
            cell = sheet.cell(row, 2)
            goal = f"{shape.quoted(one.place.sheet)}!{one.place.cell or 'A1'}"
            cell.hyperlink = Hyperlink(ref=cell.coordinate, location=goal)
            cell.font = link
    if len(told) > MOST_LISTED:
        sheet.append([_("… and %(more)d more.") % {"more": len(told) - MOST_LISTED}])
    for letter, width in zip("ABCDEF", (16, 22, 18, 14, 26, 90), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = f"A{head + 1}"
    sheet.auto_filter.ref = f"A{head}:F{max(head + 1, sheet.max_row)}"


def _harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula, and that XML can hold."""
    clean = ILLEGAL_CHARACTERS_RE.sub("", text)
    return f"'{clean}" if clean.startswith(("=", "+", "-", "@", "\t")) else clean

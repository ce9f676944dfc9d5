"""The spreadsheet's own formulas: what they refer to, moved as if rows had been inserted and filled down.

A repeated block is what somebody gets who inserts rows below it and fills the block down: in its formulas relative rows
move along, rows after `$` stand still. Formulas elsewhere follow the insertion, and a range that ends in the block
ends in its last repetition.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

LONGEST_FORMULA = 8_192
LAST_ROW = 1_048_576
LAST_COLUMN = "XFD"
# of a reference standing alone in one of these, the whole block is meant
AGGREGATES = frozenset(
    [
        "SUM",
        "AVERAGE",
        "MIN",
        "MAX",
        "COUNT",
        "COUNTA",
        "COUNTBLANK",
        "PRODUCT",
        "MEDIAN",
        "STDEV",
        "VAR",
        "LARGE",
        "SMALL",
        "SUMPRODUCT",
        "SUMIF",
        "SUMIFS",
        "COUNTIF",
        "COUNTIFS",
        "AVERAGEIF",
        "AVERAGEIFS",
        "SUBTOTAL",
        "AGGREGATE",
        "RANK",
        "MAXIFS",
        "MINIFS",
    ]
)
FETCHING = frozenset(
    [
        "WEBSERVICE",
        "FILTERXML",
        "RTD",
        "CALL",
        "REGISTER",
        "REGISTER.ID",
        "EXEC",
        "IMAGE",
        "DDE",
        "IMPORTDATA",
        "IMPORTXML",
    ]
)
BY_TEXT = frozenset({"INDIRECT", "OFFSET"})

_CELL = r"\$?[A-Za-z]{1,3}\$?[1-9][0-9]{0,6}"
_TOKEN = re.compile(
    rf"""(?P<text>"(?:[^"]|"")*")
    | (?P<sheet>(?:'(?:[^']|'')*'|[^\W\d][\w.]*)!)?
      (?P<ref>{_CELL}(?::{_CELL})? | \$?[A-Za-z]{{1,3}}:\$?[A-Za-z]{{1,3}} | \$?[1-9][0-9]{{0,6}}:\$?[1-9][0-9]{{0,6}})
      (?![\w.(!\[])
    | (?P<quoted>'(?:[^']|'')*'!)
    | (?P<bracket>\[)
    | (?P<word>[\w.\\]+)
    | (?P<space>\s+)
    | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_END = re.compile(r"(\$?)([A-Za-z]{0,3})(\$?)([0-9]*)")


@dataclass(frozen=True, slots=True)
class Block:
    """Rows that are repeated: from `top` (counted from 1) as many as `height`, `count` times."""

    top: int
    height: int
    count: int

    @property
    def bottom(self) -> int:
        return self.top + self.height - 1

    @property
    def added(self) -> int:
        return self.height * (self.count - 1)


@dataclass(frozen=True)
class RowMap:
    """Where the rows of a worksheet go when its blocks, which do not overlap, are repeated."""

    blocks: tuple[Block, ...] = ()

    def block(self, row: int) -> Block | None:
        return next((one for one in self.blocks if one.top <= row <= one.bottom), None)

    def first(self, row: int) -> int:
        """The row's first repetition."""
        return row + sum(one.added for one in self.blocks if one.bottom < row)

    def last(self, row: int) -> int:
        """The row's last repetition."""
        block = self.block(row)
        return self.first(row) + (block.added if block else 0)


@dataclass(frozen=True, slots=True)
class End:
    """One end of a reference; `row` is 0 in a reference to whole columns, `column` empty in one to whole rows."""

    column_fixed: bool
    column: str
    row_fixed: bool
    row: int

    def __str__(self) -> str:
        column = ("$" if self.column_fixed else "") + self.column if self.column else ""
        return column + (("$" if self.row_fixed else "") + str(self.row) if self.row else "")


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference in a formula. `sheet` as written, with its `!`. `aggregated`: alone in SUM or its like."""

    sheet: str
    first: End
    last: End | None = None
    aggregated: bool = False

    @property
    def sheet_name(self) -> str:
        name = self.sheet[:-1]
        return name[1:-1].replace("''", "'") if name.startswith("'") else name

    def __str__(self) -> str:
        return self.sheet + str(self.first) + (f":{self.last}" if self.last else "")


@dataclass(frozen=True)
class Formula:
    """A formula cut up: texts and references, in order; and what makes it one that is refused or warned of."""

    parts: tuple[str | Reference, ...]
    functions: frozenset[str] = frozenset()
    external: bool = False

    def __str__(self) -> str:
        return "".join(map(str, self.parts))


@lru_cache(maxsize=4_096)
def cut(text: str) -> Formula:
    """The references of a formula. Everything else is kept as it is written."""
    parts: list[str | Reference] = []
    functions: set[str] = set()
    external, position = False, 0
    inside: list[str] = []  # the functions that are open
    alone = False  # whether a reference here would begin an argument
    while position < len(text):
        found = _TOKEN.match(text, position)
        assert found is not None  # the last alternative takes anything
        position, kind, word = found.end(), found.lastgroup, found.group()
        if kind == "ref" and (reference := _reference(found["sheet"] or "", found["ref"])) is not None:
            external = external or "[" in reference.sheet
            ends = re.compile(r"\s*[,;)]").match(text, position) is not None
            aggregated = alone and ends and bool(inside) and inside[-1] in AGGREGATES
            parts.append(replace(reference, aggregated=aggregated))
            alone = False
            continue
        if kind == "bracket":
            position, is_external = _past_bracket(text, found.start())
            word, external = text[found.start() : position], external or is_external
        elif kind == "quoted":
            external = external or "[" in word
        elif kind == "other":
            if word == "(":
                before = parts[-1].upper() if parts and isinstance(parts[-1], str) else ""
                name = re.compile(r"[\w.]+").fullmatch(before)
                inside.append(before.removeprefix("_XLFN.").removeprefix("_XLWS.") if name else "")
                functions |= {inside[-1]} - {""}
            elif word == ")" and inside:
                inside.pop()
            external = external or word == "|"  # the sign of dynamic data exchange
        if kind != "space":
            alone = word in {"(", ",", ";"}
        parts.append(word)
    return Formula(tuple(parts), frozenset(functions), external)


def _past_bracket(text: str, start: int) -> tuple[int, bool]:
    """The end of what stands in brackets (of a table, or of another workbook), and whether it is another workbook."""
    depth = 0
    for position in range(start, len(text)):
        depth += {"[": 1, "]": -1}.get(text[position], 0)
        if depth == 0:
            return position + 1, re.compile(r"[\w. ]*!").match(text, position + 1) is not None
    return len(text), False


def _reference(sheet: str, text: str) -> Reference | None:
    ends = [_end(part) for part in text.split(":")]
    if any(end is None for end in ends):
        return None
    first = ends[0]
    assert first is not None
    return Reference(sheet, first, ends[1] if len(ends) > 1 else None)


def _end(text: str) -> End | None:
    found = _END.fullmatch(text)
    if found is None:
        return None
    one, column, two, row = found.groups()
    if not column:  # a whole row: its $ was taken by the first group
        one, two = "", one or two
    upper = column.upper()
    if int(row or 0) > LAST_ROW or (len(upper), upper) > (3, LAST_COLUMN):
        return None
    return End(bool(one), upper, bool(two), int(row or 0))


def moved(
    text: str,
    sheet: str,
    maps: Mapping[str, RowMap],
    block: Block | None = None,
    repetition: int = 0,
    *,
    grows: bool = False,
) -> str:
    """A formula after rows have been inserted in the worksheets of `maps`.

    Args:
        sheet: where the formula stands.
        block: in which block it stands, and in its how many-th `repetition` (from 0).
        grows: a single cell stands for all its repetitions, as in a chart's series.
    """
    made: list[str] = []
    for part in cut(text).parts:
        if isinstance(part, str):
            made.append(part)
            continue
        rows = maps.get(part.sheet_name.casefold() if part.sheet else sheet.casefold())
        made.append(_moved(replace(part, aggregated=part.aggregated or grows), rows or RowMap(), block, repetition))
    return "".join(made)


def _moved(reference: Reference, rows: RowMap, block: Block | None, repetition: int) -> str:
    down = block.height * repetition if block else 0

    def end(one: End, *, last: bool) -> End:
        if not one.row:
            return one
        stays = block is None or one.row_fixed
        row = rows.last(one.row) if last and stays else rows.first(one.row)
        return replace(one, row=row if stays else row + down)

    first = end(reference.first, last=False)
    if reference.last is not None:
        last: End | None = end(reference.last, last=True)
    else:
        whole = end(reference.first, last=True)
        last = whole if reference.aggregated and whole != first else None
    if max(first.row, last.row if last else 0) > LAST_ROW:
        return "#REF!"
    return str(replace(reference, first=first, last=last))


def moved_ranges(text: str, rows: RowMap) -> str:
    """Ranges such as those of a conditional format: each grows with the block in which it ends."""
    return " ".join(_moved(one, rows, None, 0) for one in plain_ranges(text, grown=rows))


def plain_ranges(text: str, grown: RowMap | None = None) -> Sequence[Reference]:
    found = []
    for part in text.replace(",", " ").split():
        reference = _reference("", part)
        if reference is not None:
            found.append(replace(reference, aggregated=grown is not None))
    return found


def runs_off(text: str, sheet: str, block: Block) -> str:
    """The first reference of a block's formula that, filled down, runs off rows below the block; or nothing."""
    for part in cut(text).parts:
        if isinstance(part, Reference) and (not part.sheet or part.sheet_name.casefold() == sheet.casefold()):
            for one in (part.first, part.last):
                if one is not None and one.row > block.bottom and not one.row_fixed:
                    return str(part)
    return ""


def takes_the_first(text: str, sheet: str, maps: Mapping[str, RowMap]) -> str:
    """The first reference, from outside any block, to a single cell that is repeated; or nothing."""
    for part in cut(text).parts:
        if isinstance(part, Reference) and part.last is None and not part.aggregated:
            rows = maps.get(part.sheet_name.casefold() if part.sheet else sheet.casefold())
            if rows and rows.block(part.first.row):
                return str(part)
    return ""

"""A content as it is read, in the active language: texts alone, the same for the page, the PDF file and the brief."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from gangmu.figures.cube.gateway import Question
from gangmu.figures.cube.question import STATES, Row
from gangmu.figures.filing.models import State
from gangmu.figures.reports.content import Block, Cell, Content, Line
from gangmu.figures.tiles.showing import explanation
from gangmu.foundation.parties import kinds
from gangmu.foundation.periods.kinds import Kind
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings.clock import BUSINESS_ZONE
from gangmu.foundation.ui.templatetags.ui import number

MOST_NAMED = 5
COVERED = ("figures", "groups")  # where it is said that somebody is missing


@dataclass(frozen=True)
class ShownCell:
    """A figure as it stands in a table; `rate` is empty where there is nothing to compare it with."""

    value: str
    unit: str
    rate: str
    moved: str
    is_provisional: bool
    url: str

    @property
    def parts(self) -> tuple[str, str]:
        """What stands before the decimals, and the decimals with their point."""
        whole, point, decimals = self.value.partition(".")
        return whole, point + decimals


@dataclass(frozen=True)
class ShownLine:
    label: str
    unit: str
    cells: list[ShownCell | None]
    coverage: str
    is_total: bool
    is_low: bool
    tone: str
    start: float  # in a bar of all lines, in percent
    part: float

    @property
    def start_text(self) -> str:
        """As a drawing takes it, whatever the language."""
        return f"{self.start:.2f}"

    @property
    def part_text(self) -> str:
        return f"{self.part:.2f}"


@dataclass(frozen=True)
class ShownBlock:
    """`first` heads the lines' names; `heads` are labels with the unit of their column, where columns have one each."""

    kind: str
    title: str
    first: str
    heads: list[tuple[str, str]]
    lines: list[ShownLine]
    compared: bool
    note: str
    chart: dict[str, Any] | None


@dataclass(frozen=True)
class ShownSection:
    code: str
    title: str
    blocks: list[ShownBlock]


def shown_sections(content: Content) -> list[ShownSection]:
    """The sections in the active language."""
    return [
        ShownSection(
            section.code,
            str(section.title),
            [_block(content, block, section.covers_all, f"{section.title}") for block in section.blocks],
        )
        for section in content.sections
    ]


def _block(content: Content, block: Block, covers_all: bool, section: str) -> ShownBlock:
    by_column = block.kind in ("members", "trend", "filing")
    heads = [
        (str(head), content.unit(block.head_unit(place)).name if by_column else "")
        for place, head in enumerate(block.heads)
    ]
    sizes = [float(line.first.value or 0) if line.first else 0.0 for line in block.lines]
    total = sum(sizes) or 1.0
    lines = [
        ShownLine(
            str(line.label),
            "" if by_column else content.unit(line.unit).name,
            [cell and _cell(content, cell) for cell in line.cells],
            _coverage(line) if covers_all and block.kind in COVERED and not line.is_partial else "",
            line.is_total,
            line.is_low,
            line.tone,
            100 * sum(sizes[:place]) / total,
            100 * sizes[place] / total,
        )
        for place, line in enumerate(block.lines)
    ]
    return ShownBlock(
        block.kind,
        _title(content, block),
        first_head(block),
        heads,
        lines,
        block.compared,
        _note(content, block),
        trend(content, block),
    )


def first_head(block: Block) -> str:
    """What stands above the names of the lines."""
    if block.kind == "trend":
        return _("Period")
    cell = next((cell for line in block.lines for cell in line.cells if cell), None)
    by = cell.by if cell else ""
    if block.kind in ("members", "filing") or by in ("children", "kind"):
        return _("Organisation")
    attribute = kinds.attributes().get(by)
    return str(attribute.label) if attribute else _("Indicator")


def _title(content: Content, block: Block) -> str:
    """A block's own title with the unit, where the whole block has one."""
    title = str(block.title or "")
    if block.kind in ("groups", "trend") and block.lines:
        unit = content.unit(block.lines[0].unit).name
        return f"{title} ({unit})" if unit else title
    return title


def _note(content: Content, block: Block) -> str:
    if not block.bound:
        return ""
    cell = next((line.first for line in block.lines if line.first), None)
    unit = content.unit(cell.unit).name if cell else ""
    return _("%(low)d of %(all)d below %(bound)s %(unit)s") % {
        "low": block.low,
        "all": block.all,
        "bound": block.bound,
        "unit": unit,
    }


def _coverage(line: Line) -> str:
    """287 of 300, where somebody is missing in the period's own figure."""
    cell = line.first
    if cell is None or cell.is_complete:
        return ""
    told = {"reported": number(cell.reported), "expected": number(cell.expected)}
    return _("%(reported)s of %(expected)s") % told


def _cell(content: Content, cell: Cell) -> ShownCell:
    return ShownCell(
        content.shown(cell),
        content.unit(cell.unit).name,
        cell.rate_text,
        cell.moved,
        cell.is_provisional,
        url(content, cell),
    )


def url(content: Content, cell: Cell) -> str:
    """The address of where a figure comes from; empty where there is none, and for counts that no fact holds."""
    if not cell.indicator or not cell.known:
        return ""
    row = Row(cell.organisation, cell.group, cell.indicator, cell.period, None, cell.unit, 0, 0, None)
    compare = "year-ago" if cell.base is not None else None
    asked = Question((cell.indicator,), (cell.organisation,), (cell.period,), cell.by or None, compare)
    return explanation(row, replace(asked, at_least=content.at_least))


def state_word(cell: Cell) -> str:
    """The state of a figure in words; empty where nobody has reported."""
    return str(State(STATES.index(cell.state) + 1).label) if cell.state else ""


def trend(content: Content, block: Block) -> dict[str, Any] | None:
    """The data of a line chart, as `<c-chart>` and the printed charts take it."""
    if block.kind != "trend":
        return None

    def series(place: int, role: str) -> dict[str, Any]:
        cells = [line.cells[place] for line in block.lines]
        return {
            "name": str(block.heads[place]),
            "values": [_float(content.decimal(cell)) for cell in cells],
            "shown": [content.shown(cell) if cell and cell.known else "" for cell in cells],
            "role": role,
        }

    lines = [series(0, "main")]
    if any(line.cells[1] and line.cells[1].known for line in block.lines):
        lines.append(series(1, "before"))
    return {
        "kind": "line",
        "unit": content.unit(block.lines[0].unit).name,
        "labels": [_short(line) for line in block.lines],
        "series": lines,
    }


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _short(line: Line) -> str:
    code = line.note.en if line.note else ""
    return code[5:] if len(code) == 10 else code


# The head and the foot ------------------------------------------------------------------------------------------------


def issue_number(period: Period) -> str:
    """No. 324 of 2026: days of the year, weeks, months are counted."""
    count = period.start.timetuple().tm_yday if period.kind is Kind.DAY else period.number or 1
    return _("No. %(number)s of %(year)s") % {"number": count, "year": period.year}


def made_at(content: Content) -> str:
    return datetime.fromisoformat(content.made_at).astimezone(BUSINESS_ZONE).strftime("%Y-%m-%d %H:%M")


def period_label(content: Content) -> str:
    return content.of_period.label(get_language() or "")


def standing_words(content: Content) -> str:
    """How many have filed and how far that is approved, in one line."""
    return " · ".join(_standing_parts(content))


def _standing_parts(content: Content) -> Iterator[str]:
    one = content.standing
    if not one.expected:
        yield _("Nobody has to report.")
        return
    yield _("%(count)d expected") % {"count": one.expected}
    if one.is_final:
        yield _("all approved by the group")
        return
    if one.group:
        yield _("%(count)d approved by the group") % {"count": one.group}
    if one.provisional:
        yield _("%(count)d not yet approved") % {"count": one.provisional}
    if one.missing:
        yield _("%(count)d not reported") % {"count": one.missing}


def late_words(content: Content) -> str:
    """Who has not filed, by name as far as there is room."""
    one = content.standing
    if not one.missing:
        return ""
    names = _(", ").join(str(name) for name in one.late[:MOST_NAMED])
    more = one.missing - min(len(one.late), MOST_NAMED)
    if more > 0:
        names += " " + ngettext("and %(count)d other", "and %(count)d others", more) % {"count": more}
    return _("Not reported: %(names)s") % {"names": names}

"""The figures of a sheet as tables to read: what stands in each cell, what stood there before, what is said of it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise

from gangmu.figures.filing.layouts import Column, Key, Layout, SectionLayout
from gangmu.figures.filing.models import Mark
from gangmu.figures.filing.queries import Beside, CellView
from gangmu.figures.indicators.unitwords import unit_words
from gangmu.foundation.parties.kinds import Words
from gangmu.foundation.ui.templatetags.ui import number

Text = str | Promise | Words

MARK_ICONS = {
    Mark.OUT_OF_SERVICE: "player-stop",
    Mark.CARRIED: "corner-down-left",
    Mark.RECEIVED: "database",
    Mark.DERIVED: "bolt",
    Mark.ROUNDED: "hash",
}
WIDEST = 8  # more organisations than that stand below each other, with the items across


@dataclass(frozen=True)
class ShownCell:
    """One cell to read. `anchor` is its address on the page, `tone` that of the gravest thing found in it."""

    anchor: str
    text: str = ""
    typed: str = ""  # what was typed, where no figure can be made of it; `fault` says why
    fault: str = ""
    mark: Text = ""
    mark_icon: str = ""
    yesterday: str = ""
    year_ago: str = ""
    proposed: str = ""  # an interface's figure where it differs
    proposed_by: Text = ""
    remarks: int = 0
    tone: str = ""
    is_answered: bool = False
    is_missing: bool = False
    state: int = 0


@dataclass(frozen=True)
class Head:
    """The name of a line or a column: an item with its unit, or an organisation with its code."""

    label: Text
    note: str = ""


@dataclass(frozen=True)
class Line:
    """One line of a section."""

    head: Head
    cells: list[ShownCell]


@dataclass(frozen=True)
class ShownSection:
    """One section. With `single` there is one organisation, and what stood before has columns of its own."""

    code: str
    name: Text
    heads: list[Head]
    lines: list[Line]
    single: bool
    organisations: int


@dataclass
class Figures:
    """All sections of a sheet, and how full they are."""

    sections: list[ShownSection] = field(default_factory=list)
    filled: int = 0
    total: int = 0
    missing: int = 0  # required cells without an answer
    places: dict[Key, str] = field(default_factory=dict)  # where a cell is, in words


@dataclass(frozen=True)
class About:
    """What is said of the cells besides their figures."""

    beside: Mapping[Key, Beside] = field(default_factory=dict)
    remarks: Mapping[Key, int] = field(default_factory=dict)
    tones: Mapping[Key, str] = field(default_factory=dict)


def anchor(key: Key) -> str:
    """The address of a cell on the pages that show it."""
    return f"cell-{key[0]}-{key[1]}"


def figures(layout: Layout, cells: Mapping[Key, CellView], about: About | None = None) -> Figures:
    """The tables of a sheet: items down the side and organisations across, or the other way round where many."""
    about = about or About()
    made, names = Figures(places=places(layout)), short_names(layout)
    for section in layout.sections:
        grid = [
            [_cell((row.organisation_id, column.code), column, cells, about) for row in section.rows]
            for column in section.columns
        ]
        shown = [cell for line in grid for cell in line]
        made.total += len(shown)
        made.filled += sum(cell.is_answered for cell in shown)
        made.missing += sum(cell.is_missing for cell in shown)
        if shown:
            made.sections.append(_section(section, grid, names))
    return made


def places(layout: Layout) -> dict[Key, str]:
    """Where each cell is, in words; the filing organisation itself goes without saying."""
    own, names = layout.organisation.organisation_id, short_names(layout)
    return {
        key: str(column.name) if key[0] == own else f"{names[key[0]]} · {column.name}"
        for key, column in layout.cells.items()
    }


def short_names(layout: Layout) -> dict[int, str]:
    """Units without their plant's name, which stands on top of the page; those of the same name with their codes."""
    above = str(layout.organisation.name)
    names = {
        pk: str(row.name) if row is layout.organisation else _without(str(row.name), above)
        for pk, row in layout.rows.items()
    }
    times = Counter(names.values())
    return {pk: f"{name} {layout.rows[pk].code}" if times[name] > 1 else name for pk, name in names.items()}


def _without(name: str, above: str) -> str:
    return name.removeprefix(above).strip(" ,，·-") or name


def _section(section: SectionLayout, grid: list[list[ShownCell]], names: Mapping[int, str]) -> ShownSection:
    items = [Head(column.name, unit(column)) for column in section.columns]
    organisations = [Head(names[row.organisation_id]) for row in section.rows]
    if len(organisations) > WIDEST and len(organisations) > len(items):
        heads, sides, turned = items, organisations, [list(line) for line in zip(*grid, strict=True)]
    else:
        heads, sides, turned = organisations, items, grid
    return ShownSection(
        code=section.section.code,
        name=section.section.name,
        heads=heads,
        lines=[Line(head, line) for head, line in zip(sides, turned, strict=True)],
        single=len(organisations) == 1,
        organisations=len(organisations),
    )


def unit(column: Column) -> str:
    """The unit as it is shown: plain numbers have none."""
    return unit_words(column.indicator.unit)


def _cell(key: Key, column: Column, cells: Mapping[Key, CellView], about: About) -> ShownCell:
    held, near = cells.get(key) or CellView(), about.beside.get(key) or Beside()
    proposed = near.proposed if near.proposed and near.proposed.value != held.value else None
    mark = Mark(held.mark)
    return ShownCell(
        anchor=anchor(key),
        text=shown(held.value, column),
        typed=held.text if held.fault else "",
        fault=held.fault,
        mark=mark.label if mark else "",
        mark_icon=MARK_ICONS.get(mark, ""),
        yesterday=shown(near.yesterday, column),
        year_ago=shown(near.year_ago, column),
        proposed=shown(proposed.value, column) if proposed else "",
        proposed_by=proposed.source if proposed else "",
        remarks=about.remarks.get(key, 0),
        tone=about.tones.get(key, "danger" if held.fault else ""),
        is_answered=held.is_answered,
        is_missing=column.item.required and not held.is_answered and not held.fault,
        state=held.fact_state,
    )


def shown(value: Decimal | None, column: Column) -> str:
    """A figure with thousands separators, or the name of what was chosen."""
    if value is None:
        return ""
    chosen = next((str(one.name) for one in column.item.choices if one.value == value), "")
    return chosen or number(value)


def tones_of(findings: Sequence[Any]) -> dict[Key, str]:
    """The tone of every cell that a finding speaks of, the graver one where there are two."""
    found: dict[Key, str] = {}
    for finding in findings:
        tone = "danger" if finding.strength == "error" else "warning"
        for key in finding.cells:
            if found.get(key) != "danger":
                found[key] = tone
    return found


def counted(remarks: Iterable[Any]) -> dict[Key, int]:
    """How many remarks each cell has."""
    return Counter((one.organisation_id, one.indicator.code) for one in remarks if one.indicator)

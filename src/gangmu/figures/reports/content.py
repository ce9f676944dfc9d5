"""The content of a report: sections, blocks, lines, cells; pure data. Page, workbook, PDF and brief are made of it.

Texts stand in it in both languages and figures as the cube rounded them, so an edition that was kept as JSON shows
later exactly what it showed when it was issued.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any, NamedTuple

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gangmu.figures.analysis.changes import in_words
from gangmu.figures.cube.question import STATES
from gangmu.figures.indicators.unitwords import unit_words
from gangmu.figures.reports.definitions import ShownUnit
from gangmu.foundation.parties.kinds import Words
from gangmu.foundation.periods.period import Period
from gangmu.foundation.ui.templatetags.ui import number

APPROVED = "group"
TENTH = Decimal("0.1")
PERCENT = "%"
MINUS = "\u2212"
FORMAT = 1  # of the JSON


class Key(NamedTuple):
    """Of what a figure is: it is the same figure in every edition."""

    indicator: str
    organisation: str
    period: str
    by: str
    group: str | None


@dataclass(frozen=True)
class Cell:
    """One figure. `rate` is its change against the year before as a part of one, `change` the difference.

    Without an indicator it is a count that no fact holds (how many have filed).
    """

    value: str | None
    unit: str = ""
    indicator: str = ""
    organisation: str = ""
    period: str = ""
    by: str = ""
    group: str | None = None
    state: str | None = None
    reported: int = 0
    expected: int = 0
    base: str | None = None
    change: str | None = None
    rate: str | None = None
    word: str = ""  # in the place of a rate that would say nothing, by its code

    @property
    def key(self) -> Key:
        return Key(self.indicator, self.organisation, self.period, self.by, self.group)

    @property
    def known(self) -> bool:
        return self.value is not None

    @property
    def is_provisional(self) -> bool:
        """Whether the group has not approved all of it yet 未审定."""
        return self.known and self.state is not None and STATES.index(self.state) < STATES.index(APPROVED)

    @property
    def is_complete(self) -> bool:
        return self.reported >= self.expected

    @property
    def moved(self) -> str:
        """up, down, or nothing where it is the same as far as is told."""
        told = self.rate_number
        change = Decimal(self.change or 0) if told is None else told
        return "up" if change > 0 else "down" if change < 0 else ""

    @property
    def rate_number(self) -> Decimal | None:
        """The change in percent with one decimal; of percentages the difference in points."""
        if self.unit == PERCENT:
            return None if self.change is None else Decimal(self.change)
        if self.rate is None:
            return None
        return (Decimal(self.rate) * 100).quantize(TENTH, ROUND_HALF_UP)

    @property
    def told(self) -> str:
        """What is said in the place of a rate, in the active language; of percentages nothing."""
        return str(in_words(self.word)) if self.word and self.unit != PERCENT else ""

    @property
    def rate_unit(self) -> str:
        return str(_("points")) if self.unit == PERCENT else PERCENT

    @property
    def rate_text(self) -> str:
        """How it moved, as it is read: +3.2%, −0.15 points."""
        if self.told:
            return self.told
        moved = self.rate_number
        if moved is None:
            return ""
        space = " " if self.unit == PERCENT else ""
        return f"{signed(moved)}{space}{self.rate_unit}"


@dataclass(frozen=True)
class Line:
    """One line of a block: what it is of, and its cells, one below each head; None where there is no figure."""

    label: Words
    cells: tuple[Cell | None, ...]
    is_total: bool = False
    is_low: bool = False
    is_partial: bool = False  # only some organisations have this at all, so nobody is missing
    tone: str = ""
    note: Words | None = None

    @property
    def unit(self) -> str:
        """The unit of its figures."""
        return next((cell.unit for cell in self.cells if cell), "")

    @property
    def first(self) -> Cell | None:
        return self.cells[0] if self.cells else None


@dataclass(frozen=True)
class Block:
    """A table, chart or list; see `BlockDefinition` for its kinds.

    `compared`: every cell stands with its change. `bound`, `low`, `all`: how many of all members are below a bound.
    """

    kind: str
    title: Words | None
    heads: tuple[Words, ...]
    lines: tuple[Line, ...]
    compared: bool = False
    indicator: str = ""
    name: Words | None = None
    bound: str = ""
    low: int = 0
    all: int = 0

    def head_unit(self, place: int) -> str:
        """The unit of a column, where the columns are indicators."""
        return next((cell.unit for line in self.lines if (cell := line.cells[place])), "")


@dataclass(frozen=True)
class Section:
    """A part of the report under a heading."""

    code: str
    title: Words
    blocks: tuple[Block, ...]
    covers_all: bool = False


@dataclass(frozen=True)
class Standing:
    """How many organisations have filed the period, by the state of their figures; `late` are the names of some."""

    expected: int = 0
    missing: int = 0
    filed: int = 0
    plant: int = 0
    region: int = 0
    group: int = 0
    late: tuple[Words, ...] = ()

    @property
    def provisional(self) -> int:
        """Those whose figures the group has not approved, besides those that have not filed."""
        return self.filed + self.plant + self.region

    @property
    def is_final(self) -> bool:
        """Everybody who should has filed, and the group has approved all of it."""
        return self.expected > 0 and self.missing == 0 and self.provisional == 0


@dataclass(frozen=True)
class Content:
    """A report of an organisation for a period, as it stood at `made_at`."""

    report: str
    title: Words
    organisation: str
    organisation_name: Words
    period: str
    at_least: str
    made_at: str
    standing: Standing
    sections: tuple[Section, ...]
    units: Mapping[str, Mapping[str, ShownUnit]]

    # Looking into it --------------------------------------------------------------------------------------------------

    def cells(self) -> Iterator[tuple[Block, Line, Cell]]:
        for section in self.sections:
            for block in section.blocks:
                for line in block.lines:
                    for cell in line.cells:
                        if cell is not None:
                            yield block, line, cell

    def block(self, kind: str, **about: str) -> Block | None:
        """The first block of a kind, about an indicator or grouping where that is said."""
        for section in self.sections:
            for block in section.blocks:
                if block.kind == kind and all(getattr(block, name) == value for name, value in about.items()):
                    return block
        return None

    def cell(self, indicator: str, period: str = "") -> Cell | None:
        """The organisation's own figure of an indicator, for the report's period unless told otherwise."""
        return self._own.get((indicator, period or self.period))

    def line_label(self, indicator: str) -> Words | None:
        return self._labels.get(indicator)

    @cached_property
    def _own(self) -> dict[tuple[str, str], Cell]:
        found: dict[tuple[str, str], Cell] = {}
        for _block, _line, cell in self.cells():
            if not cell.by and cell.organisation == self.organisation and cell.indicator:
                found.setdefault((cell.indicator, cell.period), cell)
        return found

    @cached_property
    def _labels(self) -> dict[str, Words]:
        found: dict[str, Words] = {}
        for block, line, cell in self.cells():
            if block.kind in ("table", "figures", "states"):
                found.setdefault(cell.indicator, line.label)
        return found

    @property
    def of_period(self) -> Period:
        return Period.parse(self.period)

    @property
    def state(self) -> str | None:
        """The lowest state of the period's own figures; what lies before may have been approved or not."""
        states = [
            cell.state for _block, _line, cell in self.cells() if cell.known and cell.state and self._is_own(cell)
        ]
        return min(states, key=STATES.index, default=None)

    def _is_own(self, cell: Cell) -> bool:
        return cell.period == self.period

    def figures(self, *, own: bool = False) -> dict[Key, Cell]:
        """Every figure by what it is of; `own`: of the report's period alone, without what is summed up to it."""
        found: dict[Key, Cell] = {}
        for _block, _line, cell in self.cells():
            if cell.indicator and (not own or self._is_own(cell)):
                found.setdefault(cell.key, cell)
        return found

    # Writing figures --------------------------------------------------------------------------------------------------

    def unit(self, unit: str) -> ShownUnit:
        """How a unit is written in the active language."""
        language = "zh" if is_chinese() else "en"
        return self.units.get(unit, {}).get(language) or ShownUnit(unit_words(unit))

    def decimal(self, cell: Cell | None) -> Decimal | None:
        """A figure in the unit in which it is shown: the same digits with the point moved."""
        if cell is None or cell.value is None:
            return None
        return Decimal(cell.value).scaleb(-self.unit(cell.unit).tens)

    def shown(self, cell: Cell | None) -> str:
        """A figure as it is read, in the active language's unit; a dash where there is none."""
        return number(self.decimal(cell))

    # Keeping it -------------------------------------------------------------------------------------------------------

    @property
    def digest(self) -> str:
        """SHA-256 of every figure with its state; when and how it was made is no part of it."""
        told = sorted([*map(str, cell.key), cell.value, cell.state, cell.base] for cell in self.figures().values())
        text = json.dumps([self.report, self.organisation, self.period, told], ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def as_json(self) -> dict[str, Any]:
        return {"format": FORMAT, **_plain(asdict(self))}


def _plain(value: Any) -> Any:
    """Without what is empty anyway: an edition holds hundreds of cells."""
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items() if one not in ("", None, False, 0, (), [], {})}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value


def content_of(kept: Mapping[str, Any]) -> Content:
    """The content that was kept as JSON."""
    return Content(
        report=kept["report"],
        title=_words(kept["title"]),
        organisation=kept["organisation"],
        organisation_name=_words(kept["organisation_name"]),
        period=kept["period"],
        at_least=kept["at_least"],
        made_at=kept["made_at"],
        standing=_standing(kept.get("standing", {})),
        sections=tuple(_section(one) for one in kept.get("sections", ())),
        units={
            unit: {language: ShownUnit(**shown) for language, shown in languages.items()}
            for unit, languages in kept.get("units", {}).items()
        },
    )


def _words(kept: Mapping[str, str]) -> Words:
    return Words(kept.get("zh", ""), kept.get("en", ""))


def _optional_words(kept: Mapping[str, str] | None) -> Words | None:
    return _words(kept) if kept else None


def _standing(kept: Mapping[str, Any]) -> Standing:
    counts = {one.name: kept[one.name] for one in fields(Standing) if one.name in kept and one.name != "late"}
    return Standing(**counts, late=tuple(map(_words, kept.get("late", ()))))


def _section(kept: Mapping[str, Any]) -> Section:
    blocks = tuple(_block(one) for one in kept["blocks"])
    return Section(kept["code"], _words(kept["title"]), blocks, kept.get("covers_all", False))


def _block(kept: Mapping[str, Any]) -> Block:
    plain = {name: kept[name] for name in ("kind", "compared", "indicator", "bound", "low", "all") if name in kept}
    return Block(
        **plain,
        title=_optional_words(kept.get("title")),
        name=_optional_words(kept.get("name")),
        heads=tuple(map(_words, kept.get("heads", ()))),
        lines=tuple(_line(one) for one in kept.get("lines", ())),
    )


def _line(kept: Mapping[str, Any]) -> Line:
    plain = {name: kept[name] for name in ("is_total", "is_low", "is_partial", "tone") if name in kept}
    cells = tuple(Cell(**{"value": None, **one}) if one else None for one in kept["cells"])
    return Line(_words(kept["label"]), cells, note=_optional_words(kept.get("note")), **plain)


def signed(value: Decimal) -> str:
    """With a sign in front, as wide as a digit; nothing has none."""
    value = abs(value) if value == 0 else value
    return f"+{value:,f}" if value > 0 else f"{value:,f}".replace("-", MINUS, 1)


def is_chinese() -> bool:
    return (get_language() or "zh-hans").startswith("zh")

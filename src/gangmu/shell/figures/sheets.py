"""Answers as a table: a line for each group, a column for each indicator; the same for the page and for files."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from gangmu.figures.cube.question import CATEGORY, STATES, Row
from gangmu.figures.filing.models import State
from gangmu.figures.indicators.categories.definitions import NOT_SPLIT
from gangmu.figures.indicators.models import Indicator
from gangmu.figures.indicators.unitwords import unit_words
from gangmu.foundation.ui.templatetags.ui import number

CENT = Decimal("0.01")
APPROVED = "group"  # the state from which a figure is the group's word; below it is provisional 未审定
PERCENT = "%"

BASES: dict[str, str | Promise] = {
    "previous": gettext_lazy("Previous period"),
    "year-ago": gettext_lazy("Year ago"),
    "year-ago-festival": gettext_lazy("Year ago by the Spring Festival"),
    "to-date": gettext_lazy("This year to date"),
    "to-date-year-ago": gettext_lazy("Last year to date"),
}
MARKS: dict[str, str | Promise] = {
    "coverage_differs": gettext_lazy("Its inputs are not equally complete"),
    "behind": gettext_lazy("The latest entries may be missing"),
}


def settled_words(settled: dict[str, Any], unit: str) -> str:
    """That settled values of closed months are in a figure, and by how much they differ from their days."""
    amount = number(Decimal(settled["adjustment"]))
    signed = amount if amount.startswith(("-", "−")) else f"+{amount}"
    return str(
        ngettext(
            "%(months)d settled value of a closed month is in it; month-end adjustment %(amount)s %(unit)s",
            "%(months)d settled values of closed months are in it; month-end adjustment %(amount)s %(unit)s",
            settled["months"],
        )
        % {"months": settled["months"], "amount": signed, "unit": unit}
    ).strip()


def state_word(code: str) -> str:
    return str(State(STATES.index(code) + 1).label)


def is_provisional(state: str | None) -> bool:
    """Whether a figure of this state may still change without a correction: the group has not approved all of it."""
    return state is not None and STATES.index(state) < STATES.index(APPROVED)


@dataclass(frozen=True)
class Column:
    """One indicator; its unit is the one the cube answers in."""

    code: str
    name: str
    unit: str
    is_monthly: bool

    @property
    def heading(self) -> str:
        return f"{self.name} ({self.unit})" if self.unit else self.name

    @property
    def change_unit(self) -> str:
        """The difference of percentages is in points."""
        return str(_("points")) if self.unit == PERCENT else self.unit


@dataclass(frozen=True)
class Figure:
    """One figure and all that stands beside it."""

    row: Row
    column: Column
    href: str = ""

    @property
    def value(self) -> Decimal | None:
        return _decimal(self.row.value)

    @property
    def base(self) -> Decimal | None:
        return _decimal(self.row.compare.value) if self.row.compare else None

    @property
    def change(self) -> Decimal | None:
        return _decimal(self.row.compare.change) if self.row.compare else None

    @property
    def rate(self) -> Decimal | None:
        """In percent, with two decimals."""
        rate = _decimal(self.row.compare.rate) if self.row.compare else None
        return None if rate is None else (rate * 100).quantize(CENT, ROUND_HALF_UP)

    @property
    def share(self) -> Decimal | None:
        """Of a category: its share of the whole in percent, with two decimals."""
        share = _decimal(self.row.share)
        return None if share is None else (share * 100).quantize(CENT, ROUND_HALF_UP)

    @property
    def word(self) -> str:
        """What is said where a rate says nothing; empty else."""
        return self.row.compare.told if self.row.compare else ""

    @property
    def direction(self) -> str:
        change = self.change
        return "" if not change else "up" if change > 0 else "down"

    @property
    def is_complete(self) -> bool:
        return self.row.reported >= self.row.expected

    @property
    def state(self) -> str:
        """In words: the lowest of the cells that are in it."""
        return state_word(self.row.state) if self.row.state else ""

    @property
    def is_provisional(self) -> bool:
        return self.row.value is not None and is_provisional(self.row.state)

    @property
    def base_state(self) -> str:
        return state_word(self.row.compare.state) if self.row.compare and self.row.compare.state else ""

    @property
    def base_is_provisional(self) -> bool:
        compare = self.row.compare
        return compare is not None and compare.value is not None and is_provisional(compare.state)

    @property
    def marks(self) -> list[str]:
        return [str(MARKS.get(mark, mark)) for mark in self.row.marks if mark != "behind"]

    @property
    def settled(self) -> str:
        """That settled values of closed months are in it."""
        return settled_words(self.row.settled.as_json(), self.column.unit) if self.row.settled else ""


@dataclass(frozen=True)
class Line:
    """One group, or the total."""

    label: str
    code: str
    figures: list[Figure]
    href: str = ""
    is_total: bool = False


@dataclass(frozen=True)
class Sheet:
    """The whole table. `by` is empty when there is one line only: then indicators stand below each other."""

    columns: list[Column]
    lines: list[Line]
    by: str
    compare: str

    @property
    def base_label(self) -> str | Promise:
        return BASES.get(self.compare, "")

    @property
    def value_label(self) -> str | Promise:
        return _("This year to date") if self.compare == "to-date-year-ago" else _("Value")

    @property
    def has_change(self) -> bool:
        """A part of the year is no base for a change."""
        return self.compare not in ("", "to-date")

    @property
    def has_share(self) -> bool:
        """Categories have shares of their whole."""
        return self.by == CATEGORY

    @property
    def span(self) -> int:
        """How many columns an indicator takes: value and coverage, its share, and what it is compared with."""
        return 2 + self.has_share + bool(self.compare) + 2 * self.has_change

    @cached_property
    def everything(self) -> list[Figure]:
        return [figure for line in self.lines for figure in line.figures]

    @property
    def is_behind(self) -> bool:
        return any("behind" in figure.row.marks for figure in self.everything)

    @property
    def is_blank(self) -> bool:
        return not any(figure.row.reported for figure in self.everything)

    @property
    def has_incomplete(self) -> bool:
        return any(not figure.is_complete for figure in self.everything)

    @property
    def has_provisional(self) -> bool:
        return any(figure.is_provisional or figure.base_is_provisional for figure in self.everything)

    @property
    def has_settled(self) -> bool:
        return any(figure.settled for figure in self.everything)

    @property
    def has_marks(self) -> bool:
        return any(figure.marks for figure in self.everything)

    @property
    def unasked_grain(self) -> list[Column]:
        """Indicators filed by month of which the period holds no whole month."""
        found = []
        for place, column in enumerate(self.columns):
            figures = [line.figures[place] for line in self.lines]
            if column.is_monthly and not any(one.row.expected or one.row.reported for one in figures):
                found.append(column)
        return found


@dataclass(frozen=True)
class Words:
    """What lines are called and where their links lead. `explanation`: of a row, and whether it is a group's."""

    total: str
    labels: Mapping[Any, str]
    links: Mapping[Any, str]
    explanation: Callable[[Row, bool], str]


def sheet_of(
    total: Sequence[Row], groups: Sequence[Row], indicators: dict[str, Indicator], words: Words, by: str, compare: str
) -> Sheet:
    """The table of an answer and of the same question asked without groups.

    An attribute's group has rows only for indicators that have cells there; the rest stay blank. Categories stand in
    the order of their dictionary.
    """
    codes = list(dict.fromkeys(row.indicator for row in total))
    columns = [
        Column(
            code,
            indicators[code].name if code in indicators else code,
            next(unit_words(row.unit) for row in total if row.indicator == code),
            code in indicators and indicators[code].grain == Indicator.Grain.MONTH,
        )
        for code in codes
    ]
    first = {row.indicator: row for row in total}
    figures = [Figure(first[one.code], one, words.explanation(first[one.code], False)) for one in columns]
    lines = [Line(words.total, "", figures, is_total=True)]
    found: dict[str | None, dict[str, Row]] = {}
    for row in groups:
        found.setdefault(row.group, {})[row.indicator] = row
    order = list(found) if by == CATEGORY else sorted(found, key=lambda one: one or "")
    for group in sorted(order, key=lambda one: one is None):
        figures = []
        for column in columns:
            own = found[group].get(column.code)
            href = words.explanation(own, True) if own and own.category != NOT_SPLIT else ""
            figures.append(Figure(own or _blank(first[column.code], group), column, href))
        lines.append(Line(words.labels.get(group, group or ""), group or "", figures, words.links.get(group, "")))
    return Sheet(columns, lines, by, compare)


def _blank(like: Row, group: str | None) -> Row:
    return Row(like.organisation, group, like.indicator, like.period, None, like.unit, 0, 0, None)


# Files ----------------------------------------------------------------------------------------------------------------


def headers(sheet: Sheet) -> list[str]:
    """One line of headings for a file."""
    if not sheet.by:
        return [_("Indicator"), _("Code"), _("Unit"), _("Period"), *_parts(sheet, "", "")]
    found = [_("Group"), _("Code")]
    for column in sheet.columns:
        found += [f"{column.heading} · {part}" for part in _parts(sheet, column.unit, column.change_unit)]
    return found


def rows(sheet: Sheet) -> Iterator[list[Any]]:
    """The cells under them: the numbers as the page shows them."""
    if not sheet.by:
        for figure in sheet.lines[0].figures:
            column = figure.column
            yield [column.name, column.code, column.unit, figure.row.period, *_cells(sheet, figure)]
        return
    for line in sheet.lines:
        yield [line.label, line.code, *(cell for figure in line.figures for cell in _cells(sheet, figure))]


def _parts(sheet: Sheet, unit: str, change_unit: str) -> list[str]:
    parts = [str(sheet.value_label)]
    if sheet.has_share:
        parts.append(pgettext("of the whole", "Share") + " (%)")
    if sheet.compare:
        parts.append(str(sheet.base_label))
    if sheet.has_change:
        points = f" ({change_unit})" if change_unit != unit else ""
        parts += [_("Difference") + points, _("Rate of change") + " (%)"]
    return [*parts, _("Reported"), _("Expected"), _("State"), _("Remarks")]


def _cells(sheet: Sheet, figure: Figure) -> list[Any]:
    cells: list[Any] = [figure.value]
    if sheet.has_share:
        cells.append(figure.share)
    if sheet.compare:
        cells.append(figure.base)
    if sheet.has_change:
        cells += [figure.change, figure.word or figure.rate]
    return [*cells, figure.row.reported, figure.row.expected, figure.state, "; ".join(_remarks(sheet, figure))]


def _remarks(sheet: Sheet, figure: Figure) -> Iterator[str]:
    if figure.is_provisional:
        yield _("Provisional: not yet approved by the group")
    if figure.base_is_provisional:
        yield _("%(compared)s: provisional") % {"compared": sheet.base_label}
    for mark in figure.row.marks:
        yield str(MARKS.get(mark, mark))
    if figure.settled:
        yield figure.settled


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)

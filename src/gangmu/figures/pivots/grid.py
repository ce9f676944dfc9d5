"""The figures of a pivot: asked in one call in the asker's scope, and put onto rows and columns."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import groupby, product

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gangmu.figures.cube.gateway import Answer, ask_all
from gangmu.figures.cube.links import explanation
from gangmu.figures.cube.measure import Measure, capacity_of
from gangmu.figures.cube.measures import KnownMeasures, known_measures
from gangmu.figures.cube.question import TIER, Question, Row
from gangmu.figures.indicators.tiers import of_tier, tens_between, units_like
from gangmu.figures.indicators.unitwords import unit_words
from gangmu.figures.pivots import items
from gangmu.figures.pivots.errors import PivotError
from gangmu.figures.pivots.items import Group
from gangmu.figures.pivots.layout import DIMENSION_WORDS, SHOWS, Layout, Show
from gangmu.figures.tiles.showing import attribute_word, is_provisional
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.boards.places import Places, places
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.periods.period import Period

MOST_CELLS = 5_000  # of a page
MOST_FILED = 200_000  # of a workbook
TOTAL = "\u03a3"  # the total of a token, among its items; no code is this
NO_VALUE = "-"

Key = tuple[str, str, str, str]  # indicator, item of the organisations, period, show


@dataclass(frozen=True)
class Item:
    """Something that stands on an axis. An organisation's key is TOKEN|GROUP, its total's TOKEN|Σ."""

    key: str
    label: str
    note: str = ""
    is_total: bool = False


@dataclass(frozen=True)
class Cell:
    """One figure of a pivot. `unit` is its own: percent for rates."""

    value: Decimal | None
    part: str = "value"
    unit: str = ""
    digits: int = 0
    url: str = ""
    provisional: bool = False
    partial: bool = False


BLANK = Cell(None)


@dataclass(frozen=True)
class Header:
    """A heading over (or beside) `span` lines; `starts` where it is written."""

    item: Item
    span: int
    starts: bool
    is_total: bool = False


@dataclass
class Grid:
    """A filled pivot. `answers` holds the rows under (indicator, item, period, comparison) for whoever adds them up."""

    layout: Layout
    axes: dict[str, list[Item]]
    groups: list[Group]
    periods: list[Period]
    measures: dict[str, Measure]
    answers: dict[tuple[str, str, str, str], tuple[Row, Question]] = field(default_factory=dict)
    filed: dict[tuple[str, str, str, str], Row] = field(default_factory=dict)  # as filed, where that was asked besides

    def lines(self, axis: Sequence[str]) -> list[tuple[Item, ...]]:
        """Every combination of the items on an axis; one empty one where nothing stands there."""
        return list(product(*(self.axes[name] for name in axis)))

    def headers(self, axis: Sequence[str]) -> list[list[Header]]:
        """The headings of an axis, outermost first: for each line one for each dimension, repeated ones joined."""
        found: list[list[Header]] = []
        lines = self.lines(axis)
        for depth in range(len(axis)):
            row: list[Header] = []
            for _keys, run in groupby(lines, key=lambda line: tuple(item.key for item in line[: depth + 1])):
                same = list(run)
                total = any(item.is_total for item in same[0][: depth + 1])
                row += [Header(line[depth], len(same), place == 0, total) for place, line in enumerate(same)]
            found.append(row)
        return found

    def cell(self, line: Sequence[Item], column: Sequence[Item]) -> Cell:
        keys = dict(zip((*self.layout.rows, *self.layout.columns), (*line, *column), strict=True))
        return self.figure(keys["indicator"].key, keys["place"].key, keys["period"].key, keys["show"].key)

    def figure(self, indicator: str, item: str, period: str, show: str) -> Cell:
        told = SHOWS[show]
        found = self.answers.get((indicator, item, period, self._compare(told)))
        if found is None:
            return BLANK
        return _cell(found[0], found[1], told, self.measures[indicator])

    def as_filed(self, indicator: str, item: str, period: str, show: str) -> Decimal | None:
        """A figure in the unit of its indicator, for whoever calculates with it."""
        key = (indicator, item, period, self._compare(SHOWS[show]))
        row = self.filed.get(key)
        if row is None:
            return None if self.filed else self.figure(indicator, item, period, show).value
        other = row.compare
        text = row.value if SHOWS[show].part == "value" else other.value if other else None
        return None if text is None else Decimal(text)

    @property
    def nobody_counts(self) -> bool:
        """Whether by the statistical scope nobody counts who was asked for."""
        rows = [row for row, _question in self.answers.values()]
        return bool(self.layout.scope and rows) and not any(row.expected or row.reported for row in rows)

    def _compare(self, show: Show) -> str:
        return show.compare or self.plain

    @property
    def plain(self) -> str:
        """The comparison whose answers hold the values themselves too."""
        return plain_of(self.layout)

    @property
    def count(self) -> int:
        """How many cells there are."""
        found = 1
        for one in self.axes.values():
            found *= len(one)
        return found

    def is_total_line(self, line: Sequence[Item]) -> bool:
        return any(item.is_total for item in line)


def plain_of(layout: Layout) -> str:
    compares = [SHOWS[show].compare for show in layout.shows]
    return next((one for one in compares if one in ("year-ago", "previous", "to-date")), "")


@dataclass(frozen=True)
class Plan:
    """What a pivot asks of the cube, before it is asked: all of it in one call."""

    layout: Layout
    groups: list[Group]
    periods: list[Period]
    measures: dict[str, Measure]
    asked: list["Asked"]
    codes: list[str] = field(default_factory=list)  # what stands on the axis: also parts of what is wanted by category
    as_filed: list["Asked"] = field(default_factory=list)  # the same in the units of the indicators, for workbooks

    @property
    def questions(self) -> list[Question]:
        return [question for question, _group, _compare in (*self.asked, *self.as_filed)]


def plan(layout: Layout, known: Places, *, most: int = MOST_CELLS, extra: bool = False) -> Plan:
    """What a pivot asks.

    Args:
        most: cells; what has more is refused before anything is asked.
        extra: also the inputs of formulas and weights, for those who recalculate totals.

    Raises:
        PivotError: an option that does not exist, nothing chosen, or too many cells.
        CannotAnswer, PeriodError, FormulaError: an indicator or a period that does not exist.
    """
    layout.check()
    if layout.is_empty:
        raise PivotError(_("Choose at least one indicator, one organisation and one period."))
    groups, periods = items.groups(layout.places, known), items.periods(layout.periods)
    measures = known_measures()
    shown = items.indicators(layout.indicators, measures)
    counts = {
        "indicator": len(shown),
        "place": sum(items.expected(group, known) for group in groups),
        "period": len(periods),
        "show": len(layout.shows),
    }
    _bound(counts, most)
    codes = list(shown)
    if extra:
        codes += [code for code in dict.fromkeys(_inputs(shown, measures)) if code not in codes]
    known_of = {code: measures(code) for code in codes}
    unit = unit_asked(layout, groups[0].code, known, [known_of[code].unit for code in shown])
    asked = _questions(layout, groups, periods, shown if unit else codes, unit)
    as_filed = _questions(layout, groups, periods, codes, None) if unit and extra else []
    return Plan(layout, groups, periods, known_of, asked, shown, as_filed)


def unit_asked(layout: Layout, code: str, known: Places, units: Sequence[str]) -> str | None:
    """In which unit the cube is asked: one for all organisations of a pivot, of the tier of the first.

    Raises:
        PivotError: none of the indicators can be told in the unit.
    """
    if not layout.unit:
        return None
    chosen = "" if layout.unit == TIER else layout.unit
    if chosen and not any(tens_between(unit, chosen) is not None for unit in units):
        words = {"unit": chosen, "known": ", ".join(units_like(units))}
        raise PivotError(_("None of these indicators can be told in “%(unit)s”. Possible: %(known)s.") % words)
    place = known.by_code.get(code)
    kind = (
        place.kind if place else next(iter(Organisation.objects.filter(code=code).values_list("kind", flat=True)), "")
    )
    return of_tier(kind, chosen)


def filled(plan: Plan, answers: Sequence[Sequence[Row]], names: Callable[[set[str]], Mapping[str, str]]) -> Grid:
    """The grid of a plan and the rows of its questions; `names` says what organisations are called."""
    grid = Grid(plan.layout, {}, plan.groups, plan.periods, plan.measures)
    labels: dict[str, dict[str, None]] = {group.token: {} for group in plan.groups}
    units: dict[str, str] = {}
    for (question, group, compare), rows in zip(plan.asked, answers[: len(plan.asked)], strict=True):
        of_period = {_asked_code(one, compare): one.code for one in plan.periods}
        for row in rows:
            key = _item_key(group, row, question)
            labels[group.token].setdefault(key)
            grid.answers[row.indicator, f"{group.token}|{key}", of_period[row.period], compare] = row, question
            units.setdefault(row.indicator, row.unit)
    for (question, group, compare), rows in zip(plan.as_filed, answers[len(plan.asked) :], strict=True):
        of_period = {_asked_code(one, compare): one.code for one in plan.periods}
        for row in rows:
            key = f"{group.token}|{_item_key(group, row, question)}"
            grid.filed[row.indicator, key, of_period[row.period], compare] = row
    grid.axes = _axes(plan, labels, names, units)
    return grid


def grid(layout: Layout, scope: Scope, *, most: int = MOST_CELLS, extra: bool = False) -> Grid:
    """The figures of a pivot, asked in one call in the scope; see `plan`.

    Raises:
        PivotError, CannotAnswer, PeriodError, FormulaError: as `plan` and `gateway.ask`.
    """
    made = plan(layout, places(scope), most=most, extra=extra)
    answers = ask_all(made.questions, scope)
    for answer in answers:
        if not isinstance(answer, Answer):
            raise answer
    return filled(made, [answer.rows for answer in answers if isinstance(answer, Answer)], names_of)


def names_of(codes: set[str]) -> Mapping[str, str]:
    """Code → name in the active language, of those that the asker may see."""
    return {str(one.code): one.name for one in Organisation.objects.filter(code__in=codes)}


def _bound(counts: Mapping[str, int], most: int) -> None:
    cells = 1
    for count in counts.values():
        cells *= count
    if cells <= most:
        return
    widest = max(counts, key=lambda name: counts[name])
    told = " × ".join(f"{count:,} {DIMENSION_WORDS[name]}" for name, count in counts.items())
    raise PivotError(
        _(
            "This pivot has %(cells)s cells (%(told)s); at most %(most)s are possible. Take fewer %(widest)s: at most "
            "%(fewer)s beside the rest. Nothing was asked."
        )
        % {
            "cells": f"{cells:,}",
            "told": told,
            "most": f"{most:,}",
            "widest": DIMENSION_WORDS[widest],
            "fewer": f"{most // max(1, cells // counts[widest]):,}",
        }
    )


def _inputs(indicators: Sequence[str], measures: KnownMeasures) -> Iterator[str]:
    """What totals are recalculated from: the inputs of formulas on totals, the weights of weighted means."""
    for code in indicators:
        measure = measures(code)
        if measure.is_result and measure.program is not None:
            for leaf in measure.program.leaves:
                if not leaf.shifts and not capacity_of(leaf.code):
                    yield leaf.code
        elif measure.weight:
            yield measure.weight


Asked = tuple[Question, Group, str]


def _questions(
    layout: Layout, groups: Sequence[Group], periods: Sequence[Period], codes: Sequence[str], unit: str | None
) -> list[Asked]:
    plain = plain_of(layout)
    compares = dict.fromkeys(SHOWS[show].compare or plain for show in layout.shows)
    found: list[Asked] = []
    for group in groups:
        for compare in compares:
            for by in (group.by, "") if group.by else ("",):
                organisations = (group.code,) if group.by else group.codes
                question = Question(
                    tuple(codes),
                    organisations,
                    tuple(one.code for one in periods),
                    by=by or None,
                    compare=compare or None,
                    structure=layout.structure,
                    at_least=layout.at_least,
                    scope=layout.scope or None,
                    unit=unit,
                )
                found.append((question, group, compare))
            if not group.by and group.has_total:
                found.append((_total_question(found[-1][0], group), group, compare))
    return found


def _total_question(question: Question, group: Group) -> Question:
    """The organisation above those of a tier."""
    return replace(question, organisations=(group.code,))


def _asked_code(period: Period, compare: str) -> str:
    return period.to_date().code if compare == "to-date-year-ago" else period.code


def _item_key(group: Group, row: Row, question: Question) -> str:
    if group.by:
        return (row.group or NO_VALUE) if question.by else TOTAL
    if group.has_total and row.organisation == group.code:
        return TOTAL
    return row.organisation


def _axes(
    plan: Plan,
    labels: Mapping[str, Mapping[str, None]],
    named: Callable[[set[str]], Mapping[str, str]],
    units: Mapping[str, str],
) -> dict[str, list[Item]]:
    language = get_language() or "zh-hans"
    chinese = language.startswith("zh")
    codes = {group.code for group in plan.groups} | {
        key for group in plan.groups if group.by in ("", "children") for key in labels[group.token]
    }
    names, measures, several = named(codes), plan.measures, len(plan.groups) > 1
    return {
        "indicator": [
            Item(
                code,
                measures[code].name_zh if chinese else measures[code].name_en,
                unit_words(units.get(code, measures[code].unit)),
            )
            for code in plan.codes
        ],
        "place": [item for group in plan.groups for item in _place_items(group, labels[group.token], names, several)],
        "period": [Item(one.code, one.label(language)) for one in plan.periods],
        "show": [Item(code, str(SHOWS[code].words)) for code in plan.layout.shows],
    }


def _place_items(group: Group, keys: Mapping[str, None], names: Mapping[str, str], several: bool) -> Iterator[Item]:
    """The parts in order of their codes, those without a value and the total last; told whose they are where there
    are several."""
    own = names.get(group.code, group.code)
    parts = [key for key in keys if key != TOTAL]
    parts.sort(key=lambda key: (key == NO_VALUE, key))
    for key in parts:
        if group.by in ("", "children"):
            label = names.get(key, key)
        else:
            label = _("Not stated") if key == NO_VALUE else attribute_word(group.by, key)
        yield Item(f"{group.token}|{key}", label, own if several and group.has_total else "")
    if group.has_total and TOTAL in keys:
        yield Item(f"{group.token}|{TOTAL}", _("%(organisation)s, total") % {"organisation": own}, is_total=True)


def _cell(row: Row, question: Question, show: Show, measure: Measure) -> Cell:
    other = row.compare
    unit = row.unit
    state, value = row.state, row.value
    if show.part != "value":
        value = {"base": other.value, "change": other.change, "rate": other.rate}[show.part] if other else None
        state = other.state if other and show.part == "base" else row.state
    number = None if value is None else Decimal(value)
    digits = measure.precision if number is None else -int(number.as_tuple().exponent)  # those of its own period
    if show.part == "rate":
        number, digits, unit = None if number is None else (number * 100).quantize(Decimal("0.0001")), 2, "%"
    return Cell(
        number,
        show.part,
        unit,
        digits,
        explanation(row, question),
        value is not None and is_provisional(state),
        show.part == "value" and row.reported < row.expected,
    )

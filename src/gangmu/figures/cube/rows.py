"""The rows of an answer: whose they are, what is shown of them, and what they are compared with."""

from collections.abc import Iterator, Sequence

import numpy as np

from gangmu.figures.analysis.changes import Kind, change
from gangmu.figures.cube.asked import Asked
from gangmu.figures.cube.columns import taken
from gangmu.figures.cube.counting import Counting
from gangmu.figures.cube.errors import NotShown
from gangmu.figures.cube.measure import Measure, capacity_of
from gangmu.figures.cube.question import STATES, Comparison, Row, Settled, decimal_text
from gangmu.figures.cube.reading import Reading
from gangmu.figures.cube.results import Result, figures, prepare, rounded_by_period, stretch
from gangmu.figures.cube.totals import Totals
from gangmu.figures.cube.tree import Grouping, OrganisationRow
from gangmu.figures.indicators.exact.evaluating import Rounded, growth, rounded
from gangmu.foundation.parties import kinds
from gangmu.foundation.periods.period import Period

RATE_DECIMALS = 6
Found = tuple[Row, Measure, Grouping, int, Period]  # a row, and of what it is


def rows_of(asked: Asked, reading: Reading, marks: tuple[str, ...] = ()) -> Iterator[Found]:
    """The rows by organisation, period, indicator, then group."""
    organisations = [reading.visibility.organisation(code) for code in asked.question.organisations]
    for one in organisations:
        require_shown(asked, one)
    countings = asked.countings()
    if not asked.question.by and len(organisations) > 1 and len(set(countings)) == 1:
        together = branches_together(asked, reading, organisations)
        if together is not None:
            grouping = asked.counted(together, reading.tree, countings[0])
            yield from _rows_together(asked, reading, grouping, marks)
            return
    for organisation in organisations:
        whole = reading.visibility.grouping(organisation, asked.question.by or "", asked.now, _today(asked))
        sheets: dict[Counting | None, tuple[Grouping, list[_Sheet], list[int]]] = {}
        for counting in dict.fromkeys(countings):  # periods to which the same ones are new are worked out together
            places = [place for place, one in enumerate(countings) if one == counting]
            grouping = asked.counted(whole, reading.tree, counting)
            part = asked.part(places)
            sheets[counting] = grouping, _sheets(part, reading, grouping), places
        for place, period in enumerate(asked.periods):
            grouping, own, places = sheets[countings[place]]
            at = places.index(place)
            for sheet in own:
                for group in _groups(sheet.asked, reading, organisation, sheet, period, at):
                    yield sheet.row(organisation.code, at, group, marks), sheet.measure, grouping, group, period


def require_shown(asked: Asked, organisation: OrganisationRow) -> None:
    scope = asked.scope
    if scope and scope.levels and organisation.kind not in scope.levels:
        names = ", ".join(str(one.name) for one in kinds.all_kinds() if one.code in scope.levels)
        raise NotShown(scope.code, organisation.code, names)


def branches_together(asked: Asked, reading: Reading, organisations: Sequence[OrganisationRow]) -> Grouping | None:
    """Many organisations as groups beside each other, worked out at once; None where some may be seen in part only."""
    if any(reading.visibility.windows(one.id) is not None for one in organisations):
        return None
    return reading.tree.branches([one.id for one in organisations], asked.now, _today(asked))


def _rows_together(asked: Asked, reading: Reading, grouping: Grouping, marks: tuple[str, ...]) -> Iterator[Found]:
    sheets = _sheets(asked, reading, grouping)
    for group, code in enumerate(asked.question.organisations):
        for place, period in enumerate(asked.periods):
            for sheet in sheets:
                yield sheet.row(code, place, group, marks), sheet.measure, grouping, group, period


def _sheets(asked: Asked, reading: Reading, grouping: Grouping) -> "list[_Sheet]":
    prepare(reading.engine, asked.measures, grouping, [*asked.periods, *asked.bases])
    return [_Sheet(asked, reading, grouping, measure) for measure in asked.measures]


def _today(asked: Asked) -> int:
    return asked.today if asked.now else 0


def _groups(
    asked: Asked,
    reading: Reading,
    organisation: OrganisationRow,
    sheet: "_Sheet",
    period: Period,
    place: int,
) -> list[int]:
    """The groups that have a row: children that there were, or attribute values with cells expected or reported."""
    if not asked.question.by:
        return [0]
    if asked.question.by == "children":
        days = (asked.today, asked.today + 1) if asked.now else stretch(period)
        children = reading.visibility.children(organisation, *days, asked.now)
        levels = asked.scope.levels if asked.scope else ()
        shown = [code for code in children if not levels or reading.tree.by_code[code].kind in levels]
        return [sheet.place_of[code] for code in shown]
    return np.flatnonzero(sheet.has_cells()[place]).tolist()


class _Sheet:
    """All figures of one indicator for one asked organisation."""

    def __init__(self, asked: Asked, reading: Reading, grouping: Grouping, measure: Measure) -> None:
        self.asked, self.reading, self.grouping, self.measure = asked, reading, grouping, measure
        self.result: Result = figures(reading.engine, measure, grouping, [*asked.periods, *asked.bases])
        self.decimals = measure.decimals_in([*asked.periods, *asked.bases])
        self.shown: Rounded = rounded_by_period(self.result.values, self.decimals)
        self.rates: Rounded | None = None
        self.place_of = {label: place for place, label in enumerate(grouping.labels)}
        result = self.result
        self.states, self.differs = result.state.tolist(), result.differs.tolist()
        self.reported, self.expected = result.reported.tolist(), result.expected.tolist()
        self.months = result.months.tolist() if result.months is not None else None
        self.adjustment = None if result.adjustment is None else rounded_by_period(result.adjustment, self.decimals)
        if asked.bases and asked.question.compare != "to-date":
            numbers = np.arange(self.result.values.size)
            half = len(numbers) // 2
            grown = growth(taken(self.result.values, numbers[:half]), taken(self.result.values, numbers[half:]))
            self.rates = rounded(grown, RATE_DECIMALS)

    def has_cells(self) -> np.ndarray:
        """For each asked period × group, whether cells were expected or reported: the indicator's, or its inputs'."""
        count = len(self.asked.periods)
        measure = self.measure
        if not measure.is_result:
            return _with_cells(self.result)[:count]
        if measure.in_period is not None:
            return np.vstack([self._inputs_there(measure.within(one), [one]) for one in self.asked.periods])
        return self._inputs_there(measure, self.asked.periods)

    def _inputs_there(self, measure: Measure, periods: Sequence[Period]) -> np.ndarray:
        """For periods × groups, whether a cell was expected or reported of an input of a formula on totals."""
        assert measure.program is not None
        engine, stretches = self.reading.engine, [stretch(period) for period in periods]
        codes = {leaf.code for leaf in measure.program.leaves if capacity_of(leaf.code) is None}
        if not codes:
            return engine.expected(measure, self.grouping, stretches) > 0
        found = [engine.totals(engine.measures(code), self.grouping, stretches) for code in sorted(codes)]
        return np.logical_or.reduce([_with_cells(one) for one in found])

    def row(self, organisation: str, place: int, group: int, marks: tuple[str, ...]) -> Row:
        at = self.result.place(place, group)
        if self.differs[place][group]:
            marks = ("coverage_differs", *marks)
        state = self.states[place][group]
        return Row(
            organisation=organisation,
            group=self.grouping.labels[group] if self.asked.question.by else None,
            indicator=self.measure.code,
            period=self.asked.periods[place].code,
            value=_text(self.shown, at, self.decimals[place]),
            unit=self.measure.told_unit,
            reported=self.reported[place][group],
            expected=self.expected[place][group],
            state=STATES[state - 1] if state else None,
            compare=self._compared(place, group) if self.asked.bases else None,
            marks=marks,
            scope=self.asked.question.scope,
            settled=self._settled(place, group),
            category=self.measure.category or None,
        )

    def _settled(self, place: int, group: int) -> Settled | None:
        if self.months is None or self.adjustment is None or not self.months[place][group]:
            return None
        at = self.result.place(place, group)
        return Settled(self.months[place][group], _text(self.adjustment, at, self.decimals[place]) or "0")

    def _compared(self, place: int, group: int) -> Comparison:
        at = self.result.place(place, group)
        base = len(self.asked.periods) + place
        other = self.result.place(base, group)
        change = None
        if self.rates is not None and self.shown.present[at] and self.shown.present[other]:
            change = difference(self.shown, (at, self.decimals[place]), (other, self.decimals[base]))
        state = self.states[base][group]
        rate = _text(self.rates, at, RATE_DECIMALS) if self.rates is not None else None
        return Comparison(
            period=self.asked.bases[place].code,
            value=_text(self.shown, other, self.decimals[base]),
            change=change,
            rate=rate,
            state=STATES[state - 1] if state else None,
            word=self._word(at, other, rate),
        )

    def _word(self, at: int, other: int, rate: str | None) -> str | None:
        """What is said in the place of a rate: where there is none, or a profit became a loss."""
        if self.rates is None or not (self.shown.present[at] and self.shown.present[other]):
            return None
        if rate is not None and not (self.measure.is_profit and int(self.shown.scaled[at]) <= 0):
            return None
        value, base = self.result.values.exact(np.array([at, other])).fractions()
        kind = change(value, base, profit=self.measure.is_profit).kind
        return None if kind in (Kind.RATE, Kind.NO_FIGURE) else kind.value


def _with_cells(found: Result | Totals) -> np.ndarray:
    cells = (found.reported + found.expected) > 0
    return cells if found.months is None else cells | (found.months > 0)


def difference(numbers: Rounded, one: tuple[int, int], other: tuple[int, int]) -> str:
    """The difference of two shown numbers, given by their places and decimals: with the finer decimals of the two."""
    finer = max(one[1], other[1])
    value, base = (int(numbers.scaled[at]) * 10 ** (finer - decimals) for at, decimals in (one, other))
    return decimal_text(value - base, finer)


def _text(numbers: Rounded, at: int, precision: int) -> str | None:
    return decimal_text(int(numbers.scaled[at]), precision) if numbers.present[at] else None

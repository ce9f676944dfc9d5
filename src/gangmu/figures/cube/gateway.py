"""The one way to ask the cube: it knows the asker's scope, and no figure leaves it unrounded or unexplained."""

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from django.utils.translation import get_language

from gangmu.figures.analysis.changes import Kind, change
from gangmu.figures.cube import services
from gangmu.figures.cube.asked import Asked
from gangmu.figures.cube.bycategory import Spread
from gangmu.figures.cube.columns import taken
from gangmu.figures.cube.counting import Counting
from gangmu.figures.cube.engine import Engine
from gangmu.figures.cube.errors import (
    BadOption,
    CannotAnswer,
    CubeBehind,
    NotShown,
    NotVisible,
    UnknownIndicator,
    UnknownScope,
)
from gangmu.figures.cube.measure import Measure, capacity_of
from gangmu.figures.cube.measures import KnownMeasures, definitions
from gangmu.figures.cube.question import (
    CATEGORY,
    STATES,
    Answer,
    Comparison,
    Question,
    Row,
    Settled,
    decimal_text,
)
from gangmu.figures.cube.remembering import Remembered
from gangmu.figures.cube.results import Result, figures, prepare, rounded_by_period, stretch
from gangmu.figures.cube.storage import CubeBusy, CubeUnsound, Snapshot
from gangmu.figures.cube.totals import Totals
from gangmu.figures.cube.tree import Grouping, OrganisationRow, Tree, load_tree
from gangmu.figures.cube.visibility import ROOM, Scope, Visibility
from gangmu.figures.indicators.exact.evaluating import Rounded, growth, rounded
from gangmu.figures.indicators.formula.errors import FormulaError
from gangmu.figures.scopes.queries import book
from gangmu.foundation.parties import kinds
from gangmu.foundation.periods.errors import PeriodError
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock

__all__ = [
    "Answer",
    "Asked",
    "BadOption",
    "CannotAnswer",
    "CubeBehind",
    "NotShown",
    "NotVisible",
    "Question",
    "UnknownIndicator",
    "UnknownScope",
    "ask",
    "ask_all",
    "explain",
    "state",
]

RATE_DECIMALS = 6
REFUSALS = (CannotAnswer, PeriodError, FormulaError)
T = TypeVar("T")


def ask(question: Question, scope: Scope) -> Answer:
    """The figures that `question` asks for, as far as `scope` may see them.

    Raises:
        CannotAnswer: NotVisible, UnknownIndicator, BadOption, CubeBehind.
        PeriodError: a period's code is wrong, or a comparison leaves the known years.
    """
    question.check()
    if question.by == CATEGORY:
        spread = Spread.of(question, definitions().known.catalogue)
        return spread.assembled(ask(spread.plain, scope))
    look = services.ensure_fresh()
    asked = Asked.of(question, *definitions(look.definitions))
    marks = () if look.fresh else ("behind",)

    def compute(snapshot: Snapshot, tree: Tree) -> list[Row]:
        return [row for row, *_ in rows_of(asked, Reading.of(asked, snapshot, tree, scope), marks)]

    return Answer(read(compute))


Refused = CannotAnswer | PeriodError | FormulaError
_remembered = Remembered()


def ask_all(questions: Sequence[Question], scope: Scope) -> list[Answer | Refused]:
    """The answers to several questions, all of one state of the cube, for as many queries as one takes.

    Where a question cannot be answered, what `ask` would raise stands in its answer's place. Answers are kept until
    something changes on which they depend.

    Raises:
        CubeBehind: the cube cannot be read now.
    """
    look = services.ensure_fresh()
    known, scenarios = definitions(look.definitions)
    if any(question.by == CATEGORY for question in questions):
        return _by_category(questions, known, scope)
    scopes = book() if any(question.scope for question in questions) else None
    told = get_language() if any(question.is_by_tier for question in questions) else ""
    under = (*_state(known, scenarios, scope), scopes.stamp if scopes else "", told) if look.fresh else None
    answers: dict[Question, Answer | Refused] = {}
    asked: dict[Question, Asked] = {}
    for question in dict.fromkeys(questions):
        kept = _remembered.get((under, question)) if under else None
        if kept is not None:
            answers[question] = kept
            continue
        try:
            question.check()
            asked[question] = Asked.of(question, known, scenarios, scopes)
        except REFUSALS as error:
            answers[question] = error
    if asked:
        answers |= read(_answering(asked, scope, look.fresh))
    for question in asked:
        answer = answers[question]
        if under and isinstance(answer, Answer):
            _remembered.put((under, question), answer, len(answer.rows))
    return [answers[question] for question in questions]


def _by_category(questions: Sequence[Question], known: KnownMeasures, scope: Scope) -> list[Answer | Refused]:
    """As `ask_all`, where some of the questions are by category."""
    spreads: dict[Question, Spread | CannotAnswer] = {}
    for question in questions:
        if question.by == CATEGORY:
            try:
                question.check()
                spreads[question] = Spread.of(question, known.catalogue)
            except CannotAnswer as error:
                spreads[question] = error
    plain = [one.plain for one in spreads.values() if isinstance(one, Spread)]
    rest = [question for question in questions if question.by != CATEGORY]
    answers = dict(zip([*rest, *plain], ask_all([*rest, *plain], scope), strict=True))
    found: list[Answer | Refused] = []
    for question in questions:
        spread = spreads.get(question)
        if not isinstance(spread, Spread):
            found.append(spread or answers[question])
            continue
        answer = answers[spread.plain]
        found.append(spread.assembled(answer) if isinstance(answer, Answer) else answer)
    return found


def _answering(
    asked: Mapping[Question, "Asked"], scope: Scope, fresh: bool
) -> Callable[[Snapshot, Tree], dict[Question, Answer | Refused]]:
    """Computes all answers from one state of the cube; questions about the same facts share what is worked out."""
    marks = () if fresh else ("behind",)

    def compute(snapshot: Snapshot, tree: Tree) -> dict[Question, Answer | Refused]:
        visibility = Visibility(tree, scope)
        engines: dict[tuple[int, int, bool], Engine] = {}
        found: dict[Question, Answer | Refused] = {}
        for question, one in asked.items():
            shared = one.scenario, question.lowest_state, one.now
            if shared not in engines:
                engines[shared] = Reading.of(one, snapshot, tree, scope).engine
            try:
                rows = rows_of(one, Reading(engines[shared], visibility, tree), marks)
                found[question] = Answer([row for row, *_ in rows])
            except REFUSALS as error:
                found[question] = error
        return found

    return compute


def state(scope: Scope) -> Hashable | None:
    """What a change makes another whenever it may change an answer to `scope`: who keeps what was made of answers keeps
    it under this. None while the cube cannot be brought up to date."""
    look = services.ensure_fresh()
    return _state(*definitions(look.definitions), scope) if look.fresh else None


def _state(known: KnownMeasures, scenarios: Mapping[str, int], scope: Scope) -> tuple[Hashable, ...]:
    """Everything besides the question on which an answer depends."""
    cube = services.store()
    seen = (True,) if scope.everything else (frozenset(scope.ids(ROOM)), tuple(scope.former(ROOM)))
    return cube.folder, cube.position, cube.tree_stamp, known.stamp, tuple(scenarios.items()), clock.today(), seen


def explain(question: Question, scope: Scope, groups: Collection[str | None] | None = None) -> dict[str, Any]:
    """As `ask`, with the origin of every row, or of those of some `groups`; see `gangmu.figures.cube.explain`."""
    from gangmu.figures.cube.explain import explain as explained

    return explained(question, scope, groups)


@dataclass(frozen=True)
class Reading:
    """One state of the cube, read for one question."""

    engine: Engine
    visibility: Visibility
    tree: Tree

    @classmethod
    def of(cls, asked: Asked, snapshot: Snapshot, tree: Tree, scope: Scope) -> "Reading":
        state = asked.question.lowest_state
        engine = Engine(snapshot, tree, asked.known, asked.scenario, state, asked.now, asked.today)
        return cls(engine, Visibility(tree, scope), tree)


def read(compute: Callable[[Snapshot, Tree], T]) -> T:
    """What `compute` makes of a cube that did not change meanwhile.

    Raises:
        CubeBehind: it cannot be read now, and not repaired from here.
    """
    for _attempt in range(20):
        try:
            return services.store().read(lambda snapshot: compute(snapshot, _tree_of(snapshot)))
        except CubeUnsound:
            services.repair()
        except CubeBusy:
            break
    raise CubeBehind


def _tree_of(snapshot: Snapshot) -> Tree:
    path = snapshot.tree_path
    if path is None:
        raise CubeUnsound("the cube holds no organisation tree yet")
    return load_tree(path)


# Rows -----------------------------------------------------------------------------------------------------------------


Found = tuple[Row, Measure, Grouping, int, Period]  # a row, and of what it is


def rows_of(asked: Asked, reading: Reading, marks: tuple[str, ...] = ()) -> Iterator[Found]:
    """The rows by organisation, period, indicator, then group."""
    organisations = [reading.visibility.organisation(code) for code in asked.question.organisations]
    for one in organisations:
        require_shown(asked, one)
    countings = [asked.counting(period) for period in asked.periods]
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

"""The one way to ask the cube: it knows the asker's scope, and no figure leaves it unrounded or unexplained."""

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from typing import Any

from django.utils.translation import get_language

from gangmu.figures.cube import services
from gangmu.figures.cube.asked import Asked
from gangmu.figures.cube.bycategory import Spread
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
from gangmu.figures.cube.measures import KnownMeasures, definitions
from gangmu.figures.cube.question import (
    CATEGORY,
    Answer,
    Question,
    Row,
)
from gangmu.figures.cube.reading import Reading, read
from gangmu.figures.cube.remembering import Remembered
from gangmu.figures.cube.rows import rows_of
from gangmu.figures.cube.storage import Snapshot
from gangmu.figures.cube.tree import Tree
from gangmu.figures.cube.visibility import ROOM, Scope, Visibility
from gangmu.figures.indicators.formula.errors import FormulaError
from gangmu.figures.scopes.queries import book
from gangmu.foundation.periods.errors import PeriodError
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

REFUSALS = (CannotAnswer, PeriodError, FormulaError)


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

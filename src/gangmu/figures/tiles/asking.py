"""The source of figures: all questions of a page together, those of equal shape as one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gangmu.figures.cube.gateway import Answer, Question, ask_all
from gangmu.figures.cube.question import Row
from gangmu.foundation.access.scope import Scope


@dataclass(frozen=True)
class Figures:
    """The answer to one question; `problem` says why there is none."""

    rows: tuple[Row, ...] = ()
    problem: str = ""

    def row(self, indicator: str, *, period: str = "", organisation: str = "", group: str | None = None) -> Row | None:
        """The first row of an indicator; of a period, an organisation and a group where they are given."""
        return next(
            (
                row
                for row in self.rows
                if row.indicator == indicator
                and (not period or row.period == period)
                and (not organisation or row.organisation == organisation)
                and (group is None or row.group == group)
            ),
            None,
        )

    def of(self, indicator: str) -> list[Row]:
        """All rows of an indicator."""
        return [row for row in self.rows if row.indicator == indicator]


def fetch_figures(questions: Sequence[Question], scope: Scope) -> Mapping[Question, Figures]:
    """What each question comes to. Questions that differ in their indicators alone are asked as one."""
    shapes: dict[Question, dict[str, None]] = {}
    for question in questions:
        shapes.setdefault(_shape(question), {}).update(dict.fromkeys(question.indicators))
    joined = [replace(shape, indicators=tuple(codes)) for shape, codes in shapes.items()]
    answers = dict(zip(shapes, ask_all(joined, scope), strict=True))
    refused = [one for one in questions if not isinstance(answers[_shape(one)], Answer)]
    # A question that cannot be answered must not take down those that were asked with it.
    alone = dict(zip(refused, ask_all(refused, scope), strict=True)) if refused else {}
    return {question: _part(question, alone.get(question, answers[_shape(question)])) for question in questions}


def _shape(question: Question) -> Question:
    return replace(question, indicators=())


def _part(question: Question, answer: object) -> Figures:
    if not isinstance(answer, Answer):
        return Figures(problem=str(answer))
    wanted = set(question.indicators)
    return Figures(tuple(row for row in answer.rows if row.indicator in wanted))

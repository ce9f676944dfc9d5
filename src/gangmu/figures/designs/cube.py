"""The cube's gateway as who answers a design: one batch of questions for a report, in the scope of whoever asks."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from itertools import product

from gangmu.figures.cube import gateway
from gangmu.figures.cube.errors import CubeBehind
from gangmu.figures.cube.question import Answer
from gangmu.figures.cube.question import Question as Asked
from gangmu.figures.cube.question import Row as Told
from gangmu.figures.designs.asking import Compared, Members, Question, Row
from gangmu.figures.designs.vocabulary import Named
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.parties import kinds
from gangmu.foundation.parties.models import Organisation

WITHOUT = Named("", "未注明", "Not stated")  # the group of those that have no fuel or province


class CubeFigures:
    """Answers with what `scope` may see. What may not be seen, or does not exist any more, stays blank.

    Args:
        indicators: those in repeated rows. Fuels and provinces are members when one of these has cells there.

    Raises (both methods):
        CubeBehind: the cube cannot be read now.
    """

    def __init__(self, scope: Scope, indicators: Collection[str]) -> None:
        self._scope, self._indicators = scope, tuple(sorted(indicators))

    def members(self, wanted: Sequence[Members]) -> Sequence[Sequence[Named]]:
        asked = [
            Question(self._indicators if one.by != "children" else self._indicators[:1], (one.organisation,),
                     (one.period,), one.by)
            for one in wanted
        ]  # fmt: skip
        groups = [{row.group or "" for row in rows} for rows in self._answered(asked)]
        children = {code for one, found in zip(wanted, groups, strict=True) if one.by == "children" for code in found}
        by_name = _organisations(children)
        return [
            [by_name[code] for code in by_name if code in found] if one.by == "children" else _choices(one.by, found)
            for one, found in zip(wanted, groups, strict=True)
        ]

    def figures(self, questions: Sequence[Question]) -> Sequence[Sequence[Row]]:
        return [[_row(row, question) for row in rows] for question, rows in
                zip(questions, self._answered(questions), strict=True)]  # fmt: skip

    def _answered(self, questions: Sequence[Question]) -> list[list[Told]]:
        """Of a question that is refused, whatever of it can be answered alone."""
        found = gateway.ask_all([_asked(one) for one in questions], self._scope)
        parts: dict[int, list[Question]] = {}
        for place, (question, answer) in enumerate(zip(questions, found, strict=True)):
            if isinstance(answer, Answer):
                continue
            if isinstance(answer, CubeBehind):
                raise answer
            parts[place] = _alone(question)
        rows = [list(answer.rows) if isinstance(answer, Answer) else [] for answer in found]
        alone = [(place, one) for place, ones in parts.items() for one in ones]
        again = gateway.ask_all([_asked(one) for _place, one in alone], self._scope) if alone else []
        for (place, _one), answer in zip(alone, again, strict=True):
            if isinstance(answer, Answer):
                rows[place] += answer.rows
        return rows


def _alone(question: Question) -> list[Question]:
    return [
        replace(question, indicators=(code,), organisations=(organisation,), periods=(period,))
        for code, organisation, period in product(question.indicators, question.organisations, question.periods)
    ]


def _asked(one: Question) -> Asked:
    return Asked(
        one.indicators, one.organisations, one.periods, one.by, one.compare,
        at_least=one.at_least, scenario=one.scenario,
    )  # fmt: skip


def _row(row: Told, question: Question) -> Row:
    compare = None
    if row.compare is not None:
        compare = Compared(row.compare.value, row.compare.change, row.compare.rate, row.compare.word or "")
    group = "" if question.by and row.group is None else row.group
    return Row(row.organisation, group, row.indicator, row.period, row.value, row.unit, row.reported, row.expected,
               row.state, compare)  # fmt: skip


def _organisations(codes: Iterable[str]) -> dict[str, Named]:
    """Organisations by their codes, in the order of their names."""
    rows = Organisation.objects.filter(code__in=list(codes)).order_by("sort_key", "code")
    return {str(one.code): Named(str(one.code), str(one.name_zh), str(one.name_en)) for one in rows}


def _choices(by: str, codes: Iterable[str]) -> list[Named]:
    """Fuels, provinces or kinds in the order in which they are declared; what is not declared comes last."""
    known = groups(by)
    order = list(known)
    found = sorted(codes, key=lambda code: (order.index(code) if code in known else len(order), code))
    return [known.get(code) or (WITHOUT if code == "" else Named(code)) for code in found]


def groups(by: str) -> dict[str, Named]:
    """What a grouping knows, by code."""
    if by == "kind":
        return {one.code: Named(one.code, one.name.zh, one.name.en) for one in kinds.all_kinds()}
    attribute = kinds.attributes().get(by)
    choices = attribute.choices if attribute else ()
    return {one.code: Named(one.code, one.name.zh, one.name.en) for one in choices}

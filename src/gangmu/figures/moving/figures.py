"""Which figures become others: asked of the cube twice, with the tree that is and with the one that would be.

From its first day on, a change that has begun moves the cells of those days from one total to another; ratios are
worked out anew from the totals. A change whose day has not come moves no cell that is filed yet: then both answers are
by the structure of that day, as if it had held all along.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gangmu.figures.cube import services
from gangmu.figures.cube.errors import CannotAnswer
from gangmu.figures.cube.gateway import Asked
from gangmu.figures.cube.measures import KnownMeasures, known_measures
from gangmu.figures.cube.question import Question, Row
from gangmu.figures.cube.reading import Reading, read
from gangmu.figures.cube.rows import rows_of
from gangmu.figures.cube.storage import Snapshot
from gangmu.figures.cube.tree import Tree
from gangmu.figures.cube.visibility import ROOM, Scope
from gangmu.figures.indicators.unitwords import unit_words
from gangmu.figures.moving.trees import affected, holders, number_of, planned_tree
from gangmu.foundation.access.scope import Former
from gangmu.foundation.boards.definitions import board_for
from gangmu.foundation.parties import kinds
from gangmu.foundation.parties.changes.plans import Plan
from gangmu.foundation.parties.changes.worlds import Known
from gangmu.foundation.parties.dependents import Section
from gangmu.foundation.parties.models import Verb
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock

MOST_ORGANISATIONS = 12
MOST_INDICATORS = 8


class Asker(Scope, Protocol):
    """What a preview needs of `gangmu.foundation.access.scope.Scope`."""

    def may(self, permission: str) -> bool: ...
    def may_at(self, permission: str, organisation_id: int) -> bool: ...


@dataclass(frozen=True)
class Figure:
    """One figure before and after; None where there is none. `change` is the difference of what is shown."""

    before: str | None
    after: str | None
    change: Decimal | None

    @property
    def differs(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True)
class Line:
    """One indicator of an organisation over the periods."""

    code: str
    name: str
    unit: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Organisation:
    """An organisation whose totals change, or which holds all of it and therefore stays as it is."""

    code: str
    name: str
    lines: tuple[Line, ...]

    @property
    def differs(self) -> bool:
        return any(figure.differs for line in self.lines for figure in line.figures)


@dataclass(frozen=True)
class Preview:
    """The figures of everybody concerned. `as_if` when the change's day has not come."""

    as_if: bool
    periods: tuple[tuple[str, str], ...]  # code and label
    organisations: tuple[Organisation, ...]
    more: int = 0


class Widened:
    """Whose totals a preview tells: what the asker may see of figures; those of whom they may change, since the right
    to change a tree includes being told what it does to totals; and those of organisations that would be opened there.
    """

    def __init__(self, scope: Asker, plan: Plan) -> None:
        needed = "parties:parameters" if plan.verb == Verb.PARAMETERS else "parties:structure"
        own = {one for one in plan.world.organisations if scope.may_at(needed, one)} if scope.may(needed) else set()
        seen = frozenset(scope.ids(ROOM)) | own
        opened = {
            number_of(one.id) for one in plan.made if any(parent in seen for _days, parent in plan.after.line(one.id))
        }
        self._scope, self._seen = scope, seen | opened

    @property
    def everything(self) -> bool:
        return self._scope.everything

    def ids(self, room: str) -> frozenset[int]:
        return self._seen

    def former(self, room: str) -> Sequence[Former]:
        return tuple(self._scope.former(room))


def show(plan: Plan, scope: Asker) -> Section | None:
    """The section of a change's preview."""
    if not plan.moving and not plan.changing:
        return None
    try:
        found = preview(plan, scope)
    except CannotAnswer as error:
        return Section(_("Figures"), summary=str(error))
    changed = sum(one.differs for one in found.organisations)
    return Section(
        _("Figures"),
        changed,
        template="moving/figures.html",
        context={"preview": found, "day": plan.from_date, "unchanged": not changed},
    )


def periods_of(today: date) -> list[Period]:
    """The month that runs, the year to date, and the last full month."""
    month = Period.month(today.year, today.month)
    return [month, Period.span(date(today.year, 1, 1), today), month.previous()]


def preview(plan: Plan, scope: Asker, indicators: Sequence[str] | None = None) -> Preview:
    """What the figures of everybody concerned are, and what they would be.

    Raises:
        CannotAnswer: the cube cannot be asked now.
    """
    services.ensure_fresh()
    today = clock.today()
    periods = periods_of(today)
    since = plan.from_date or today
    known = known_measures()
    widened = Widened(scope, plan)

    def compute(snapshot: Snapshot, tree: Tree) -> Preview:
        after = planned_tree(tree, plan)
        shown, more = _concerned(plan, tree, after, widened, since)
        codes = tuple(indicators or main_indicators([one.kind for one in shown], known))
        language = get_language() or ""
        labels = tuple((period.code, period.label(language)) for period in periods)
        if not shown or not codes:
            return Preview(since > today, labels, ())
        asked = Question(codes, tuple(one.code for one in shown), tuple(period.code for period in periods))
        now = _rows(asked, snapshot, tree, widened, since, today, known)
        then = _rows(asked, snapshot, after, widened, since, today, known)
        organisations = [_organisation(one, codes, [p.code for p in periods], now, then, known) for one in shown]
        return Preview(since > today, labels, tuple(one for one in organisations if one.lines), more)

    return read(compute)


def main_indicators(of_kinds: Sequence[str], known: KnownMeasures) -> list[str]:
    """What the home pages of these kinds of organisations tell first: the indicators of their tables, as far as there
    are any; otherwise whatever there is."""
    found: list[str] = []
    for kind in dict.fromkeys(of_kinds):
        board = board_for(kind)
        for tile in board.tiles if board else ():
            if tile.kind == "table":
                found += tile.options.get("indicators", ())
    found = [code for code in dict.fromkeys(found) if code in known.catalogue]
    return (found or sorted(known.catalogue))[:MOST_INDICATORS]


def _concerned(plan: Plan, before: Tree, after: Tree, scope: Widened, since: date) -> tuple[list[Known], int]:
    """Whose figures are shown, from the top down: those that change, then the one that holds them all; and how many
    more there are."""
    found = affected(before, after, map(number_of, plan.moved), since)
    found |= holders(after, (number_of(one) for one, _name in plan.changing if one not in plan.moved), since)
    found -= {one for one in plan.leaving if one not in plan.subjects}  # of a branch that closes, its top says it
    numbers = {number_of(one): known for one, known in plan.after.organisations.items()}
    ranks = {kind.code: kind.rank for kind in kinds.all_kinds()}
    seen = [numbers[one] for one in found if one in numbers and _visible(numbers[one], scope)]
    seen.sort(key=lambda one: (ranks.get(one.kind, 0), one.code))
    shown = seen[:MOST_ORGANISATIONS]
    place = plan.after.organisations.get(plan.place)
    if place and place not in seen and plan.moving and _visible(place, scope):
        shown.append(place)
    return shown, len(seen) - len(seen[:MOST_ORGANISATIONS])


def _visible(one: Known, scope: Widened) -> bool:
    return scope.everything or number_of(one.id) in scope.ids(ROOM)


def _rows(
    question: Question, snapshot: Snapshot, tree: Tree, scope: Scope, since: date, today: date, known: KnownMeasures
) -> dict[tuple[str, str, str], Row]:
    """The figures by organisation, indicator and period; by the tree of each day, or of a day to come."""
    asked = Asked.of(question, known)
    if since > today:
        asked = replace(asked, now=True, today=since.toordinal())
    found: dict[tuple[str, str, str], Row] = {}
    for code in question.organisations:
        if code not in tree.by_code:
            continue  # it would be opened
        one = replace(asked, question=replace(question, organisations=(code,)))
        for row, *_rest in rows_of(one, Reading.of(one, snapshot, tree, scope)):
            found[row.organisation, row.indicator, row.period] = row
    return found


def _organisation(
    one: Known,
    codes: Sequence[str],
    periods: Sequence[str],
    now: dict[tuple[str, str, str], Row],
    then: dict[tuple[str, str, str], Row],
    known: KnownMeasures,
) -> Organisation:
    lines = []
    for code in codes:
        figures = tuple(_figure(now.get((one.code, code, p)), then.get((one.code, code, p))) for p in periods)
        if any(figure.before is not None or figure.after is not None for figure in figures):
            measure = known(code)
            chinese = (get_language() or "zh").startswith("zh")
            name = measure.name_zh if chinese else measure.name_en
            lines.append(Line(code, name, unit_words(measure.unit), figures))
    return Organisation(one.code, one.name, tuple(lines))


def _figure(before: Row | None, after: Row | None) -> Figure:
    was, becomes = before.value if before else None, after.value if after else None
    change = Decimal(becomes) - Decimal(was) if was is not None and becomes is not None else None
    return Figure(was, becomes, change)


def facts(found: Preview) -> dict[tuple[str, str, str], Any]:
    """The figures that would be, by organisation, indicator and period: for tests and programs."""
    return {
        (one.code, line.code, code): figure
        for one in found.organisations
        for line in one.lines
        for (code, _label), figure in zip(found.periods, line.figures, strict=True)
    }


__all__ = ["Preview", "facts", "main_indicators", "periods_of", "preview", "show"]

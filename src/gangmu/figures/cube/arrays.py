"""Figures as arrays, for who goes on computing with many of them. The same figures as the gateway's rows, and the same
rules of who sees which; only the words are left out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from gangmu.figures.cube import services
from gangmu.figures.cube.asked import Asked
from gangmu.figures.cube.bycategory import plain
from gangmu.figures.cube.errors import CubeBehind
from gangmu.figures.cube.measures import definitions
from gangmu.figures.cube.question import Question
from gangmu.figures.cube.reading import Reading, read
from gangmu.figures.cube.results import figures, prepare, rounded_by_period, stretch
from gangmu.figures.cube.rows import branches_together, require_shown
from gangmu.figures.cube.storage import Snapshot
from gangmu.figures.cube.storage.layout import Bools, Bytes, Int64s
from gangmu.figures.cube.stretches import joined
from gangmu.figures.cube.tree import Grouping, OrganisationRow, Tree
from gangmu.figures.cube.visibility import Scope, Visibility


@dataclass(frozen=True)
class Arrays:
    """The answer to one question. All arrays are indicator × period × group.

    `periods` are those asked for, then those they are compared with. `groups` are the organisation asked for and the
    label of the group below it (None: the whole, or no value of the attribute). `scaled` are integers in units of
    10^-precision of the indicator in the period (`precisions`), rounded once; 0 where none is `present`. `state` 0 is
    that of nothing.
    """

    indicators: tuple[str, ...]
    units: tuple[str, ...]
    precisions: tuple[tuple[int, ...], ...]
    periods: tuple[str, ...]
    groups: tuple[tuple[str, str | None], ...]
    scaled: npt.NDArray[Any]
    present: Bools
    reported: Int64s
    expected: Int64s
    state: Bytes


def arrays(questions: Sequence[Question], scope: Scope, *, lean: bool = False) -> list[Arrays]:
    """The figures that several questions ask for, all of one state of the cube. Nothing is remembered. With `lean`,
    little memory is held meanwhile, of one question at a time.

    Raises:
        CannotAnswer: NotVisible, UnknownIndicator, BadOption; CubeBehind also where the cube is not up to date.
        PeriodError: a period's code is wrong, or a comparison leaves the known years.
    """
    for question in questions:
        question.check()
    look = services.ensure_fresh()
    if not look.fresh:
        raise CubeBehind
    known, scenarios = definitions(look.definitions)
    questions = [plain(question, known.catalogue) for question in questions]
    asked = [Asked.of(question, known, scenarios) for question in questions]

    def compute(snapshot: Snapshot, tree: Tree) -> list[Arrays]:
        visibility = Visibility(tree, scope)
        engines: dict[tuple[int, int, bool], Reading] = {}
        found = []
        for one in asked:
            shared = one.scenario, one.question.lowest_state, one.now
            if lean:
                engines.clear()
                snapshot.forget()
            if shared not in engines:
                engine = Reading.of(one, snapshot, tree, scope).engine
                engines[shared] = Reading(engine, visibility, tree)
            found.append(_answer(one, engines[shared]))
        return found

    return read(compute)


@dataclass(frozen=True)
class _Part:
    """Some of the groups of an answer: those of `grouping` at `columns`."""

    grouping: Grouping
    columns: Int64s
    labels: list[tuple[str, str | None]]


def _answer(asked: Asked, reading: Reading) -> Arrays:
    periods = [*asked.periods, *asked.bases]
    parts = _parts(asked, reading)
    shape = len(asked.measures), len(periods), sum(len(part.columns) for part in parts)
    into = Arrays(
        tuple(measure.code for measure in asked.measures),
        tuple(measure.told_unit for measure in asked.measures),
        tuple(tuple(measure.decimals_in(periods)) for measure in asked.measures),
        tuple(period.code for period in periods),
        tuple(label for part in parts for label in part.labels),
        np.zeros(shape, np.int64),
        np.zeros(shape, np.bool_),
        np.zeros(shape, np.int64),
        np.zeros(shape, np.int64),
        np.zeros(shape, np.uint8),
    )
    countings = asked.countings()
    at = 0
    for part in parts:
        here = slice(at, at + len(part.columns))
        at = here.stop
        for counting in dict.fromkeys(countings):  # as the rows: periods to which the same ones are new, together
            places = [place for place, one in enumerate(countings) if one == counting]
            grouping = asked.counted(part.grouping, reading.tree, counting)
            into = _filled(into, asked.part(places), reading, grouping, part.columns, places, here)
    return into


def _filled(
    into: Arrays,
    asked: Asked,
    reading: Reading,
    grouping: Grouping,
    columns: Int64s,
    places: list[int],
    here: slice,
) -> Arrays:
    """With the figures of some periods (and of those they are compared with) and groups."""
    periods = [*asked.periods, *asked.bases]
    days = [stretch(period) for period in periods]
    half = len(into.periods) // 2
    rows = _run(places + [half + place for place in places] if asked.bases else places)
    wanted = _run(columns.tolist())
    prepare(reading.engine, asked.measures, grouping, periods, days)
    for place, measure in enumerate(asked.measures):
        found = figures(reading.engine, measure, grouping, periods, days)
        shown = rounded_by_period(found.values, measure.decimals_in(periods))
        if shown.scaled.dtype == object and into.scaled.dtype != object:
            into = replace(into, scaled=into.scaled.astype(object))
        whole = found.reported.shape
        into.scaled[place, rows, here] = shown.scaled.reshape(whole)[:, wanted]
        into.present[place, rows, here] = shown.present.reshape(whole)[:, wanted]
        into.reported[place, rows, here] = found.reported[:, wanted]
        into.expected[place, rows, here] = found.expected[:, wanted]
        into.state[place, rows, here] = found.state[:, wanted]
    return into


def _run(places: list[int]) -> slice | Int64s:
    """Places as an index: those that follow each other as a slice, by which nothing has to be looked up."""
    if places and places == list(range(places[0], places[0] + len(places))):
        return slice(places[0], places[0] + len(places))
    return np.array(places, np.int64)


def _parts(asked: Asked, reading: Reading) -> list[_Part]:
    codes, by = asked.question.organisations, asked.question.by
    organisations = [reading.visibility.organisation(code) for code in codes]
    for one in organisations:
        require_shown(asked, one)
    if not by and len(codes) > 1:
        together = branches_together(asked, reading, organisations)
        if together is not None:
            return [_Part(together, np.arange(len(codes)), [(code, None) for code in codes])]
    parts = []
    for organisation in organisations:
        grouping = reading.visibility.grouping(organisation, by or "", asked.now, asked.today if asked.now else 0)
        labelled = {one.group for one in grouping.segments} if by else {0}
        if by == "children":  # those that may not be seen in any of the periods are not named
            seen = _children(asked, reading, organisation)
            labelled = {place for place, label in enumerate(grouping.labels) if label in seen}
        columns = np.array(sorted(labelled), np.int64)
        labels = [(organisation.code, grouping.labels[column] if by else None) for column in columns.tolist()]
        parts.append(_Part(grouping, columns, labels))
    return parts


def _children(asked: Asked, reading: Reading, organisation: OrganisationRow) -> set[str]:
    """The children that have a row in one of the periods."""
    days = [(asked.today, asked.today + 1)] if asked.now else joined(map(stretch, asked.periods))
    levels = asked.scope.levels if asked.scope else ()
    return {
        child
        for low, high in days
        for child in reading.visibility.children(organisation, low, high, asked.now)
        if not levels or reading.tree.by_code[child].kind in levels
    }

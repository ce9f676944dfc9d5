"""Where a figure comes from: definition, formula with its numbers, who and when, who is missing, cells, sources.

One function gives a plain structure; pages and `gangmu explain --json` show it. See docs/concepts/explain.md.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gangmu.figures.cube import services
from gangmu.figures.cube.bycategory import plain
from gangmu.figures.cube.explain import taxes as taxed
from gangmu.figures.cube.explain import telling
from gangmu.figures.cube.explain.formulas import Formula, is_one_cell
from gangmu.figures.cube.explain.sources import sources
from gangmu.figures.cube.explain.subject import Subject
from gangmu.figures.cube.explain.telling import MOST_LISTED, Absent, Cover
from gangmu.figures.cube.gateway import Asked
from gangmu.figures.cube.measure import Measure
from gangmu.figures.cube.measures import known_measures
from gangmu.figures.cube.question import Question, stored_text
from gangmu.figures.cube.reading import Reading, read
from gangmu.figures.cube.results import figures
from gangmu.figures.cube.rows import rows_of
from gangmu.figures.cube.storage import Snapshot
from gangmu.figures.cube.tree import Tree
from gangmu.figures.cube.visibility import Scope
from gangmu.figures.filing.queries.provenance import CellKey, CellLife, whom_to_call
from gangmu.figures.indicators.taxes.queries import taxes
from gangmu.foundation.periods.period import Period

# Parts of an explanation that can be left out. `sources` costs with every cell that went into the figure; the others
# cost about the same whether it is that of a unit on a day or of the group over a year.
ABSENT, STATES, CHILDREN, PERIODS, CELLS, CELL, SOURCES = PARTS = (
    "absent",
    "states",
    "children",
    "periods",
    "cells",
    "cell",
    "sources",
)


@dataclass(frozen=True)
class Wanted:
    """Which parts are wanted. `cells_of` chooses one of the filed indicators behind a figure; `offset` and `limit` a
    page of its organisations. With `few_sources`, sources only of figures of no more cells than that; those of a single
    cell are told by its life."""

    parts: Collection[str] = PARTS
    cells_of: str = ""
    offset: int = 0
    limit: int = MOST_LISTED
    few_sources: int | None = None


EVERYTHING = Wanted()


def explain(
    question: Question, scope: Scope, groups: Collection[str | None] | None = None, wanted: Wanted = EVERYTHING
) -> dict[str, Any]:
    """What `ask` answers, and for each row where it comes from; with `groups`, only for the rows of these.

    Raises:
        CannotAnswer, PeriodError: as `ask`.
    """
    question.check()
    question = replace(plain(question, known_measures().catalogue), unit=None)  # with the figures that were filed
    services.ensure_fresh()
    asked = Asked.of(question)

    def compute(snapshot: Snapshot, tree: Tree) -> list[_Explained]:
        reading = Reading.of(asked, snapshot, tree, scope)
        found = (one for one in rows_of(asked, reading) if groups is None or one[0].group in groups)
        return [_explained(Subject(asked, reading, *one), wanted) for one in found]

    return {"rows": [_with_people(one, asked, wanted) for one in read(compute)]}


@dataclass(frozen=True)
class _Explained:
    """What the cube knows of a row, and what the database must be asked for."""

    facts: dict[str, Any]
    absent: Absent | None = None
    cell: "_Cell | None" = None
    covers: list[Cover] = field(default_factory=list)
    codes: Mapping[int, str] = field(default_factory=dict)
    names: Mapping[int, dict[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Cell:
    measure: Measure
    period: Period
    organisation: int
    above: tuple[int, ...]


def _explained(subject: Subject, wanted: Wanted) -> _Explained:
    result = figures(subject.engine, subject.measure, subject.whole, [subject.period])
    weakest = telling.least_covered(subject, result)
    facts: dict[str, Any] = {
        **subject.row.as_json(),
        "definition": telling.definition(subject),
        "formula": Formula(subject, result).as_json() if subject.measure.formula else None,
        "tax": taxed.basis(subject),
        "above": telling.above(subject),
        "period_covered": telling.period_covered(subject),
        "organisations_covered": telling.organisations_covered(subject),
        "missing": telling.missing(subject, weakest),
        "structure": subject.asked.structure,
        "at_least": subject.asked.question.at_least,
        "scenario": subject.asked.question.scenario,
        "filed": [
            {"indicator": one.code, "name": {"zh": one.name_zh, "en": one.name_en}, "unit": one.unit}
            for one in subject.filed
        ],
    }
    if subject.asked.scope:
        facts["scope"] = telling.scope(subject)
    tell: dict[str, Callable[[], Any]] = {
        STATES: lambda: telling.states(subject),
        CHILDREN: lambda: telling.children(subject),
        PERIODS: lambda: telling.periods(subject),
        CELLS: lambda: _cells(subject, wanted),
    }
    facts |= {part: made() for part, made in tell.items() if part in wanted.parts}
    absent = telling.absent(subject, weakest) if ABSENT in wanted.parts else None
    covers = telling.stretches(subject) if SOURCES in wanted.parts else []
    named = {one for one, *_rest in absent.lacking[:MOST_LISTED]} if absent else set()
    return _Explained(
        facts,
        absent,
        _cell(subject) if CELL in wanted.parts else None,
        covers,
        {one: subject.code(one) for _measure, found in covers for one, _low, _high in found}
        | {one: subject.code(one) for one in named},
        {one: subject.name(one) for one in named},
    )


def _cells(subject: Subject, wanted: Wanted) -> dict[str, Any] | None:
    """The cells of one of the filed indicators; None of capacities alone."""
    known = {one.code: one for one in subject.filed}
    if not known:
        return None
    chosen = known.get(wanted.cells_of) or subject.filed[0]
    return telling.cells(subject, chosen, max(wanted.offset, 0), wanted.limit)


def _cell(subject: Subject) -> _Cell | None:
    """The one cell that a figure is, if it is one that the asker may see by itself."""
    measure, own = subject.measure, subject.organisation.id
    if not measure.is_filed:
        return None
    low, high = subject.cells_in(subject.period)
    [[itself]] = subject.shown(subject.alone([own]), [subject.period])
    if high - low != 1 or not (itself.reported or (is_one_cell(subject) and itself.is_there)):
        return None
    return _Cell(measure, subject.period, own, tuple(subject.tree.above(own, subject.period.end.toordinal())))


def _with_people(one: _Explained, asked: Asked, wanted: Wanted) -> dict[str, Any]:
    """The row with what the database knows, in the asker's scope."""
    facts = dict(one.facts)
    if facts["tax"]:
        facts["tax"] = taxed.with_rates(facts["tax"], taxes(), Period.parse(facts["period"]))
    if ABSENT in wanted.parts:
        facts["absent"] = _absent(one)
    if CELL in wanted.parts:
        facts["cell"] = _life(one.cell, asked.scenario) if one.cell else None
    if SOURCES in wanted.parts:
        count = sum(high - low for _measure, found in one.covers for _one, low, high in found)
        few = wanted.few_sources is None or (count <= wanted.few_sources and one.cell is None)
        facts["sources"] = sources(one.covers, dict(one.codes), asked.scenario) if few else None
    return facts


def _absent(one: _Explained) -> dict[str, Any]:
    absent = one.absent
    if absent is None or not absent.lacking:
        until = absent.until.isoformat() if absent and absent.until else None
        return {"until": until, "count": 0, "never": 0, "cells": 0, "organisations": []}
    shown = absent.lacking[:MOST_LISTED]
    assert absent.until is not None
    chains = {organisation: absent.chains[organisation] for organisation, *_rest in shown}
    people = whom_to_call(chains, absent.measure.code, absent.measure.grain.value, absent.until)
    return {
        "until": absent.until.isoformat(),
        "indicator": absent.measure.code,
        "name": {"zh": absent.measure.name_zh, "en": absent.measure.name_en},
        "count": len(absent.lacking),
        "never": len(absent.never),
        "cells": absent.cells,
        "organisations": [
            {
                "code": one.codes[organisation],
                "name": one.names[organisation],
                "missing": missing,
                "expected": expected,
                "never": organisation in absent.never,
                "call": [{"name": person.name, "phone": person.phone} for person in people[organisation]],
            }
            for organisation, missing, expected in shown
        ],
    }


def _life(cell: _Cell, scenario: int) -> dict[str, Any]:
    """The life of a cell, with its numbers as they are shown."""
    measure = cell.measure
    start = measure.grain.first_day(measure.grain.index(cell.period.start))
    key = CellKey(measure.id, measure.code, measure.grain.value, scenario, cell.organisation, start, cell.above)
    life = CellLife(key).as_json()

    def text(value: int | None) -> str | None:
        return None if value is None else stored_text(value, measure.scale, measure.decimals(cell.period))

    life["value"] = text(life["value"])
    for rows, names in (("revisions", ("value",)), ("corrections", ("old", "new")), ("received", ("value",))):
        for row in life[rows]:
            row.update({name: text(row[name]) for name in names})
    return life


__all__ = ["CELLS", "EVERYTHING", "PARTS", "SOURCES", "Wanted", "explain"]

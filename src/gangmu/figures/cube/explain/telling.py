"""What a figure is made of: definition, period, organisations, who is missing, states; by child, by part, by cell."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from hashlib import sha256
from typing import Any

import numpy as np

from gangmu.figures.cube.engine import on_axis
from gangmu.figures.cube.explain.subject import Shown, Subject
from gangmu.figures.cube.measure import Measure, capacity_of
from gangmu.figures.cube.question import STATES
from gangmu.figures.cube.results import Result, shifted, stretch
from gangmu.figures.cube.storage import Grain
from gangmu.figures.cube.tree import Grouping
from gangmu.figures.scopes.definitions import Part
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock

MOST_LISTED = 20
MOST_DAYS = 35  # a longer period is told by months


def definition(subject: Subject) -> dict[str, Any]:
    """What the indicator is. `version` names what its definition says now: another text, another version."""
    one, known = subject.measure, subject.asked.known.catalogue[subject.measure.code]
    told = (
        one.code,
        one.unit,
        one.precision,
        one.level,
        one.over_time,
        one.over_organisations,
        one.weight,
        one.formula,
        *known.earlier,
        *known.precisions,
    )
    return {
        "code": one.code,
        "name": {"zh": one.name_zh, "en": one.name_en},
        "unit": one.unit,
        "precision": one.decimals(subject.period),
        "grain": one.grain.value,
        "level": one.level,
        "over_time": one.over_time or None,
        "over_organisations": one.over_organisations or None,
        "weight": one.weight or None,
        "made": "filed" if one.is_filed else "on totals" if one.is_result else "cell by cell",
        "source": "shipped" if known.is_shipped else "local",
        "version": sha256(repr((*told, one.grain.value)).encode()).hexdigest()[:8],
    }


def period_covered(subject: Subject) -> dict[str, Any]:
    period, (low, high) = subject.period, subject.cells_in(subject.period)
    return {
        "code": period.code,
        "name": named(period),
        "start": period.start.isoformat(),
        "end": period.end.isoformat(),
        "grain": subject.measure.grain.value,
        "count": high - low,
    }


def named(period: Period) -> dict[str, str]:
    return {"zh": period.label("zh"), "en": period.label("en")}


def organisations_covered(subject: Subject) -> dict[str, Any]:
    """The organisations of the filing level with days in the period; named are those that the asker may know."""
    low, high = stretch(subject.period)
    now = [one.organisation for one in subject.whole.segments if one.start < high and low < one.end]
    filing = {one for one in now if subject.tree.kind(one) == subject.measure.level}
    codes = sorted(subject.code(one) for one in filing if subject.named(one))
    return {"level": subject.measure.level, "count": len(filing), "codes": codes[:MOST_LISTED]}


def above(subject: Subject) -> list[dict[str, Any]]:
    """Those above the organisation on the last day that has begun, as far as the asker sees them there; the highest
    first."""
    day = min(subject.period.end, clock.today()).toordinal()
    found = [one for one in subject.tree.above(subject.organisation.id, day)[1:] if subject.sees(one, day)]
    return [{"code": subject.code(one), "name": subject.name(one)} for one in reversed(found)]


def scope(subject: Subject) -> dict[str, Any]:
    """The statistical scope: its rules, and how many organisations of the filing level it counts in the period. Of
    organisations that its rules name, those that the asker may know."""
    one = subject.asked.scope
    assert one is not None
    version = one.version_on(clock.today() if subject.asked.now else subject.period.end)
    low, high = stretch(subject.period)
    counted: dict[int, list[Fraction]] = {}
    for segment in subject.whole.segments:
        if segment.start >= high or low >= segment.end:
            continue
        if subject.tree.kind(segment.organisation) != subject.measure.level:
            continue
        days = max(segment.start, low), min(segment.end, high)
        shares = subject.whole.shares
        held = shares.within(segment.organisation, days) if shares else [(*days, Fraction(1))]
        counted.setdefault(segment.organisation, []).extend(share for _low, _high, share in held)
    least = min((min(found) for found in counted.values() if found), default=None)
    known = {code: subject.named(row.id) for code, row in subject.tree.by_code.items()}

    def told(parts: Sequence[Part]) -> list[dict[str, Any]]:
        return [part.but_known(known).as_json() for part in parts]

    return {
        "code": one.code,
        "name": {"zh": one.name.zh, "en": one.name.en},
        "valid_from": version.first.isoformat() if version and version.first else None,
        "valid_to": version.last.isoformat() if version and version.last else None,
        "count": told(version.count) if version else [],
        "except": told(version.exceptions) if version else [],
        "new_plants": one.new_plants.value,
        "organisations": len(counted),
        "with_a_share": sum(any(share != 1 for share in found) for found in counted.values()),
        "least_share": None if least is None else f"{float(least * 100):g}",
    }


# Who is missing -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Absent:
    """Organisations that have not reported what was due: first those that ever have, then those that never have (most
    of them are not asked for it). `chains`: each with those above it, the nearest first."""

    measure: Measure
    until: date | None  # the last day that counts as due
    lacking: tuple[tuple[int, int, int], ...]  # organisation, cells missing, of how many
    chains: dict[int, list[int]]
    never: frozenset[int] = frozenset()

    @property
    def cells(self) -> int:
        return sum(missing for _organisation, missing, _expected in self.lacking)


def least_covered(subject: Subject, result: Result) -> tuple[Measure, Period] | None:
    """Whose coverage the figure has: its own, or the input's with the lowest share; None of capacities alone."""
    if not subject.measure.is_result:
        return subject.measure, subject.period
    found: tuple[Measure, Period] | None = None
    share: tuple[int, int] | None = None
    for leaf, ([moved], totals, _column) in result.inputs.items():
        if totals is None:
            continue
        reported, expected = int(totals.reported[0, 0]), int(totals.expected[0, 0])
        if share is None or (reported if expected else 0) * max(share[1], 1) < share[0] * max(expected, 1):
            share = (reported if expected else 0), expected
            found = subject.engine.measures(leaf.code), moved
    return found


def missing(subject: Subject, of: tuple[Measure, Period] | None) -> dict[str, Any]:
    """Who has not reported everything that the period can hold, days to come included."""
    if of is None:
        return {"count": 0, "organisations": []}
    measure, period = of
    found = _lacking(subject, subject.each, measure, stretch(period))
    rows = [
        {"code": subject.code(one), "name": subject.name(one), "periods": lacking}
        for one, lacking, _expected in found
        if subject.named(one)
    ]
    return {"indicator": measure.code, "count": len(found), "organisations": rows[:MOST_LISTED]}


def absent(subject: Subject, of: tuple[Measure, Period] | None) -> Absent | None:
    """Who has not reported what was due: of days before today. A period that has not begun lacks nothing."""
    if of is None:
        return None
    measure, period = of
    first, after = stretch(period)
    due = min(after, clock.today().toordinal())
    lacking = _lacking(subject, subject.visible, measure, (first, due)) if first < due else []
    ever = set(subject.engine.extents.organisations(measure).tolist())
    lacking.sort(key=lambda one: one[0] not in ever)
    day = max(first, due - 1)
    chains = {one: subject.tree.above(one, day) for one, _lacking, _expected in lacking}
    until = date.fromordinal(due - 1) if first < due else None
    never = frozenset(one for one, _lacking, _expected in lacking if one not in ever)
    return Absent(measure, until, tuple(lacking), chains, never)


def _lacking(subject: Subject, each: Grouping, measure: Measure, days: tuple[int, int]) -> list[tuple[int, int, int]]:
    found = subject.engine.totals(measure, each, [days])
    return [
        (one, int(expected - reported), int(expected))
        for one, reported, expected in zip(subject.ids, found.reported[0], found.expected[0], strict=True)
        if expected > reported
    ]


# States ---------------------------------------------------------------------------------------------------------------


def states(subject: Subject) -> list[dict[str, Any]]:
    """How many organisations contribute, by the lowest state of what each contributes; the lowest state first."""
    low, high = stretch(subject.period)
    lowest = np.zeros(len(subject.ids), np.int64)
    for measure in subject.filed:
        found = subject.engine.totals(measure, subject.each, [(low, high)]).state[0].astype(np.int64)
        lowest = np.where((lowest == 0) | ((found > 0) & (found < lowest)), found, lowest)
    counted = Counter(lowest[lowest > 0].tolist())
    return [{"state": STATES[state - 1], "organisations": counted[state]} for state in sorted(counted)]


# By child, by part of the period, by cell -----------------------------------------------------------------------------


def children(subject: Subject) -> list[dict[str, Any]]:
    """What each organisation directly below contributes, and the organisation's own cells; those without cells are
    left out. Of formulas a child's figure is the formula's there: it need not add up."""
    asked, own = subject.asked, subject.organisation
    now, today = asked.now, asked.today if asked.now else 0
    grouping = subject.within(subject.reading.visibility.grouping(own, "children", now, today))
    days = (asked.today, asked.today + 1) if now else stretch(subject.period)
    seen = set(subject.reading.visibility.children(own, *days, now))
    [line] = subject.shown(grouping, [subject.period])
    rows = [
        (subject.tree.by_code[label].id, shown)
        for label, shown, is_there in zip(grouping.labels, line, subject.there(grouping), strict=True)
        if label in seen and is_there
    ]
    [[itself]] = subject.shown(subject.alone([own.id]), [subject.period])
    if itself.is_there and rows:
        rows.insert(0, (own.id, itself))
    return [_line(subject, organisation, shown) for organisation, shown in rows]


def _line(subject: Subject, organisation: int, shown: Shown) -> dict[str, Any]:
    return {
        "code": subject.code(organisation),
        "name": subject.name(organisation),
        "kind": subject.tree.kind(organisation),
        "own": organisation == subject.organisation.id,
        **shown.as_json(),
    }


def periods(subject: Subject) -> list[dict[str, Any]]:
    """The figure of each part of the period: its days, or of a longer one its months; not those to come."""
    parts = parts_of(subject.period, subject.measure.grain)
    if len(parts) < 2:
        return []
    lines = subject.shown(subject.whole, parts)
    return [
        {"code": part.code, "name": named(part), **line[0].as_json()} for part, line in zip(parts, lines, strict=True)
    ]


def parts_of(period: Period, grain: Grain) -> list[Period]:
    """Its days or months up to today; what is cut off at its ends is a span."""
    today = clock.today()
    if grain is Grain.DAY and period.days <= MOST_DAYS:
        found = [Period.day(day) for day in period.iter_days()]
    else:
        found = []
        day = period.start
        while day <= period.end:
            month = Period.month(day.year, day.month)
            last = min(month.end, period.end)
            found.append(month if (day, last) == (month.start, month.end) else Period.span(day, last))
            day = month.until
    begun = [part for part in found if part.start <= today]
    return begun or found


def cells(subject: Subject, of: Measure, offset: int = 0, limit: int = MOST_LISTED) -> dict[str, Any]:
    """The organisations that contribute to a figure, each with its part in every day (of long periods: month), and the
    sums as the indicator's rules give them. `rows` are a page of them."""
    parts = parts_of(subject.period, of.grain)
    [line] = subject.shown(subject.visible, [subject.period], of)
    there = [(one, shown) for one, shown in zip(subject.ids, line, strict=True) if shown.is_there]
    page = there[offset : offset + limit]
    grid = subject.shown(subject.alone([one for one, _shown in page]), parts, of) if page else []
    [[whole]] = subject.shown(subject.whole, [subject.period], of)
    return {
        "indicator": of.code,
        "name": {"zh": of.name_zh, "en": of.name_en},
        "unit": of.unit,
        "periods": [part.code for part in parts],
        "count": len(there),
        "offset": offset,
        "rows": [
            {
                "code": subject.code(one),
                "name": subject.name(one),
                "cells": [grid[place][column].as_json() for place in range(len(parts))],
                "sum": shown.as_json(),
            }
            for column, (one, shown) in enumerate(page)
        ],
        "sums": [line[0].as_json() for line in subject.shown(subject.whole, parts, of)],
        "sum": whole.as_json(),
    }


Cover = tuple[Measure, list[tuple[int, int, int]]]  # organisation, from and to (exclusive) on the grain's axis


def stretches(subject: Subject) -> list[Cover]:
    """The cells that can have gone into the figure: by filed indicator, organisations on stretches of its grain's axis.

    Of inputs of a formula on totals, those of the period that their time functions lead to.
    """
    return list(_stretches(subject, subject.measure, subject.period))


def _stretches(subject: Subject, measure: Measure, period: Period) -> Iterator[Cover]:
    if measure.is_filed:
        reach = subject.tree.reach(subject.whole, measure.grain)
        low, high = on_axis(stretch(period), measure.grain)
        found = []
        for pair, first, after in zip(reach.segment_pair, reach.segment_low, reach.segment_high, strict=True):
            begin, end = max(int(first), low), min(int(after), high)
            if begin < end:
                found.append((int(reach.organisation[pair]), begin, end))
        yield measure, found
        if measure.weight:
            yield from _stretches(subject, subject.engine.measures(measure.weight), period)
        return
    programs = measure.within(period).programs if measure.is_result else measure.programs
    for leaf in dict.fromkeys(leaf for program in programs for leaf in program.leaves):
        if capacity_of(leaf.code) is None:
            moved = shifted(period, leaf.shifts) if measure.is_result else period
            yield from _stretches(subject, subject.engine.measures(leaf.code), moved)

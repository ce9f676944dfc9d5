"""Where a figure comes from: definition, formula with its numbers, who and when, what is missing, state, sources."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from gangmu.figures.cube import services
from gangmu.figures.cube.engine import on_axis
from gangmu.figures.cube.gateway import Asked, Reading, read, rows_of
from gangmu.figures.cube.measure import Measure, capacity_of
from gangmu.figures.cube.question import STATES, Question, Row, decimal_text
from gangmu.figures.cube.results import Result, figures, shifted, stretch
from gangmu.figures.cube.storage import Grain, Snapshot
from gangmu.figures.cube.stretches import Stretch
from gangmu.figures.cube.tree import Grouping, Segment, Tree
from gangmu.figures.cube.visibility import Scope
from gangmu.figures.indicators.exact.evaluating import rounded
from gangmu.figures.indicators.formula import tree as formulas
from gangmu.foundation.periods.period import Period

MOST_LISTED = 20


def explain(question: Question, scope: Scope, groups: Collection[str | None] | None = None) -> dict[str, Any]:
    """What `ask` answers, and for each row where it comes from; with `groups`, only for the rows of these.

    Raises:
        CannotAnswer, PeriodError: as `ask`.
    """
    question.check()
    services.ensure_fresh()
    asked = Asked.of(question)

    def compute(snapshot: Snapshot, tree: Tree) -> list[_Explained]:
        reading = Reading.of(asked, snapshot, tree, scope)
        found = (one for one in rows_of(asked, reading) if groups is None or one[0].group in groups)
        return [_Explanation(asked, reading, *one).explained() for one in found]

    explained = read(compute)
    return {"rows": [{**one.facts, "sources": _sources(one, asked.scenario)} for one in explained]}


@dataclass(frozen=True)
class _Cover:
    """Cells of a filed indicator that went into a figure: organisations on stretches of its grain's axis."""

    measure: Measure
    cells: tuple[tuple[int, int, int], ...]  # organisation, from, to (exclusive)


@dataclass(frozen=True)
class _Explained:
    facts: dict[str, Any]
    covers: tuple[_Cover, ...]
    codes: dict[int, str]


class _Explanation:
    """Everything about one row that the cube knows."""

    def __init__(
        self, asked: Asked, reading: Reading, row: Row, measure: Measure, grouping: Grouping, group: int, period: Period
    ) -> None:
        self.asked, self.reading, self.row, self.measure, self.period = asked, reading, row, measure, period
        self.tree, self.engine = reading.tree, reading.engine
        segments = [one for one in grouping.segments if one.group == group]
        self.whole = Grouping(
            ("",),
            tuple(Segment(0, one.organisation, one.start, one.end) for one in segments),
            grouping.now,
            grouping.today,
        )
        ids = sorted({one.organisation for one in segments}, key=lambda one: self.tree.organisations[one].code)
        place = {organisation: index for index, organisation in enumerate(ids)}
        self.each = Grouping(
            tuple(self.tree.organisations[one].code for one in ids),
            tuple(Segment(place[one.organisation], one.organisation, one.start, one.end) for one in segments),
            grouping.now,
            grouping.today,
        )
        self.ids = ids

    def explained(self) -> _Explained:
        result = figures(self.engine, self.measure, self.whole, [self.period])
        covers = tuple(self._covers(self.measure, self.period))
        facts = {
            **self.row.as_json(),
            "definition": self._definition(),
            "formula": self._formula(result) if self.measure.formula else None,
            "period_covered": self._period(self.period),
            "organisations_covered": self._organisations(),
            "missing": self._missing(result),
            "structure": self.asked.question.structure,
            "at_least": self.asked.question.at_least,
            "scenario": self.asked.question.scenario,
        }
        used = {organisation for cover in covers for organisation, _low, _high in cover.cells}
        return _Explained(facts, covers, {one: self.tree.organisations[one].code for one in used})

    def _definition(self) -> dict[str, Any]:
        one = self.measure
        return {
            "code": one.code,
            "name": {"zh": one.name_zh, "en": one.name_en},
            "unit": one.unit,
            "precision": one.precision,
            "grain": one.grain.value,
            "level": one.level,
            "over_time": one.over_time or None,
            "over_organisations": one.over_organisations or None,
            "weight": one.weight or None,
            "made": "filed" if one.is_filed else "on totals" if one.is_result else "cell by cell",
        }

    def _period(self, period: Period) -> dict[str, Any]:
        low, high = on_axis(stretch(period), self.measure.grain)
        return {
            "code": period.code,
            "name": {"zh": period.label("zh"), "en": period.label("en")},
            "start": period.start.isoformat(),
            "end": period.end.isoformat(),
            "grain": self.measure.grain.value,
            "count": high - low,
        }

    def _organisations(self) -> dict[str, Any]:
        """The organisations of the filing level with days in the period; named are those that the asker may know."""
        low, high = stretch(self.period)
        now = [one.organisation for one in self.whole.segments if one.start < high and low < one.end]
        filing = {one for one in now if self.tree.kind(one) == self.measure.level}
        codes = sorted(self._code(one) for one in filing if self.reading.visibility.named(one))
        return {"level": self.measure.level, "count": len(filing), "codes": codes[:MOST_LISTED]}

    # Formula ---------------------------------------------------------------------------------------------------------

    def _formula(self, result: Result) -> dict[str, Any]:
        return {
            "text": self.measure.formula,
            "with_numbers": self._with_numbers() if self.measure.is_result else None,
            "inputs": list(self._inputs(result)),
        }

    def _inputs(self, result: Result) -> Iterable[dict[str, Any]]:
        assert self.measure.program is not None
        for leaf in self.measure.program.leaves:
            capacity = capacity_of(leaf.code)
            found = {
                "indicator": capacity[0] if capacity else leaf.code,
                "functions": [str(one) for one in leaf.shifts],
            }
            if capacity:
                moved = shifted(self.period, leaf.shifts)
                column = self.engine.capacity(capacity[0], self.whole, capacity[1], [stretch(moved)])
                number = column.fraction(0)
                value = None if number is None else decimal_text(round(number * 10**6), 6)
                yield {**found, "period": moved.code, "value": value, "unit": _capacity_unit(capacity[0])}
                continue
            one = self.engine.measures(leaf.code)
            if leaf in result.inputs:
                [moved], totals, column = result.inputs[leaf]
            else:
                moved = self.period
                totals = self.engine.totals(one, self.whole, [stretch(moved)])
                column = totals.values
            shown = rounded(column, one.precision)
            assert totals is not None
            state = int(totals.state[0, 0])
            yield {
                **found,
                "period": moved.code,
                "value": decimal_text(int(shown.scaled[0]), one.precision) if shown.present[0] else None,
                "unit": one.unit,
                "coverage": {"reported": int(totals.reported[0, 0]), "expected": int(totals.expected[0, 0])},
                "state": STATES[state - 1] if state else None,
            }

    def _with_numbers(self) -> str:
        """The formula's text with every indicator replaced by its figure of this period and its unit."""
        catalogue = self.asked.known.catalogue
        lines = self.measure.formula.splitlines() or [""]
        mentions = formulas.references(catalogue.tree(self.measure.code))
        for mention in sorted(mentions, key=lambda one: (one.place.line, one.place.column), reverse=True):
            row, column = mention.place.line - 1, mention.place.column - 1
            written = f"「{mention.text}」" if mention.is_name else mention.text
            if lines[row][column : column + len(written)] == written:
                number = self._number(catalogue.resolve(mention))
                lines[row] = lines[row][:column] + number + lines[row][column + len(written) :]
        return "\n".join(lines)

    def _number(self, code: str) -> str:
        if capacity_of(code):
            column = self.engine.capacity(code, self.whole, self.measure.level, [stretch(self.period)])
            number = column.fraction(0)
            return "–" if number is None else f"{float(number):g} {_capacity_unit(code)}"
        one = self.engine.measures(code)
        shown = rounded(figures(self.engine, one, self.whole, [self.period]).values, one.precision)
        if not shown.present[0]:
            return "–"
        return f"{decimal_text(int(shown.scaled[0]), one.precision)} {one.unit}".strip()

    # Coverage --------------------------------------------------------------------------------------------------------

    def _missing(self, result: Result) -> dict[str, Any]:
        """Who has not reported everything: of the indicator, or of the least covered input of a result formula."""
        measure, period = self.measure, self.period
        if measure.is_result:
            share: tuple[int, int] | None = None
            for leaf, ([moved], totals, _column) in result.inputs.items():
                if totals is None:
                    continue
                reported, expected = int(totals.reported[0, 0]), int(totals.expected[0, 0])
                if share is None or (reported if expected else 0) * max(share[1], 1) < share[0] * max(expected, 1):
                    share = (reported if expected else 0), expected
                    measure, period = self.engine.measures(leaf.code), moved
            if share is None:
                return {"count": 0, "organisations": []}
        found = self.engine.totals(measure, self.each, [stretch(period)])
        missing = [
            {"code": code, "name": self._name(one), "periods": int(expected - reported)}
            if self.reading.visibility.named(one)
            else None
            for code, one, reported, expected in zip(
                self.each.labels, self.ids, found.reported[0], found.expected[0], strict=True
            )
            if expected > reported
        ]
        named = [one for one in missing if one is not None]
        return {"indicator": measure.code, "count": len(missing), "organisations": named[:MOST_LISTED]}

    def _name(self, organisation: int) -> dict[str, str]:
        row = self.tree.organisations[organisation]
        return {"zh": row.name_zh, "en": row.name_en}

    def _code(self, organisation: int) -> str:
        return self.tree.organisations[organisation].code

    # Cells -----------------------------------------------------------------------------------------------------------

    def _covers(self, measure: Measure, period: Period) -> Iterable[_Cover]:
        """The cells of filed indicators that can have gone into the figure."""
        if measure.is_filed:
            yield self._cover(measure, stretch(period))
            if measure.weight:
                yield from self._covers(self.engine.measures(measure.weight), period)
            return
        assert measure.program is not None
        for leaf in measure.program.leaves:
            if capacity_of(leaf.code) is None:
                moved = shifted(period, leaf.shifts) if measure.is_result else period
                yield from self._covers(self.engine.measures(leaf.code), moved)

    def _cover(self, measure: Measure, days: Stretch) -> _Cover:
        reach = self.tree.reach(self.whole, measure.grain)
        low, high = on_axis(days, measure.grain)
        cells = []
        for pair, first, after in zip(reach.segment_pair, reach.segment_low, reach.segment_high, strict=True):
            begin, end = max(int(first), low), min(int(after), high)
            if begin < end:
                cells.append((int(reach.organisation[pair]), begin, end))
        return _Cover(measure, tuple(cells))


def _capacity_unit(name: str) -> str:
    return "MWh" if name == "capacity_mwh" else "MW"


# Sources --------------------------------------------------------------------------------------------------------------

_CELLS = """
    FROM filing_fact f JOIN unnest(%s::bigint[], %s::bigint[], %s::date[], %s::date[])
        AS c (indicator_id, organisation_id, first_day, after_day)
        ON f.indicator_id = c.indicator_id AND f.scenario_id = %s AND f.organisation_id = c.organisation_id
        AND f.period >= c.first_day AND f.period < c.after_day"""


def _sources(explained: _Explained, scenario: int) -> dict[str, Any]:
    """Which batches the facts came in with, and which were corrected; only facts that the asker may read."""
    cells = [
        (cover.measure.id, organisation, _day(cover.measure.grain, low), _day(cover.measure.grain, high))
        for cover in explained.covers
        for organisation, low, high in cover.cells
    ]
    arguments = [*([cell[place] for cell in cells] for place in range(4)), scenario]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT f.batch_id, count(*) {_CELLS} AND f.superseded_by_id IS NULL"
            " GROUP BY f.batch_id ORDER BY f.batch_id DESC",
            arguments,
        )
        counted = cursor.fetchall()
        cursor.execute(
            "SELECT f.indicator_id, f.organisation_id, f.period, f.value, newer.value, newer.batch_id"
            f" {_CELLS} JOIN filing_fact newer ON (newer.indicator_id, newer.scenario_id, newer.organisation_id,"
            " newer.period, newer.batch_id)"
            " = (f.indicator_id, f.scenario_id, f.organisation_id, f.period, f.superseded_by_id)"
            " WHERE newer.value <> f.value"
            f" ORDER BY newer.batch_id DESC, f.organisation_id, f.period LIMIT {MOST_LISTED}",
            arguments,
        )
        corrected = cursor.fetchall()
        wanted = sorted({row[0] for row in counted[:MOST_LISTED]} | {row[5] for row in corrected})
        batches = _batches(cursor, wanted)
    measures = {cover.measure.id: cover.measure for cover in explained.covers}
    return {
        "batches_count": len(counted),
        "batches": [{**batches[batch], "facts": facts} for batch, facts in counted[:MOST_LISTED]],
        "corrections": [
            {
                "indicator": measures[indicator].code,
                "organisation": explained.codes[organisation],
                "period": period.isoformat() if measures[indicator].grain is Grain.DAY else f"{period:%Y-%m}",
                "old": decimal_text(old, measures[indicator].precision),
                "new": decimal_text(new, measures[indicator].precision),
                "batch": batches[batch],
            }
            for indicator, organisation, period, old, new, batch in corrected
        ],
    }


_BATCHES = """
    SELECT b.id, b.kind, b.source, b.reason, b.recorded_at, u.name FROM filing_batch b
    LEFT JOIN accounts_user u ON u.id = b.recorded_by_id WHERE b.id = ANY(%s)"""
_BATCHES_IN_SCOPE = "SELECT id, kind, source, reason, recorded_at, recorded_by FROM filing_batches(%s)"


def _batches(cursor: Any, wanted: list[int]) -> dict[int, dict[str, Any]]:
    """What is known of batches; of those that brought nothing of the asker's present scope, their numbers."""
    found: dict[int, dict[str, Any]] = {batch: {"id": batch} for batch in wanted}
    if not wanted:
        return found
    cursor.execute("SELECT has_table_privilege('filing_batch', 'SELECT')")
    cursor.execute(_BATCHES if cursor.fetchone()[0] else _BATCHES_IN_SCOPE, [wanted])
    for batch, kind, source, reason, recorded_at, recorded_by in cursor.fetchall():
        found[batch].update(
            kind=kind,
            source=source,
            reason=reason,
            recorded_at=recorded_at.isoformat(),
            recorded_by=recorded_by,
        )
    return found


def _day(grain: Grain, index: int) -> date:
    return grain.first_day(index)

"""With which acts the facts of a figure came in, and which of them replaced others."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connection

from gangmu.figures.cube.explain.telling import MOST_LISTED, Cover
from gangmu.figures.cube.measure import Measure
from gangmu.figures.cube.question import stored_text
from gangmu.figures.cube.storage import Grain
from gangmu.figures.filing.queries.provenance import batches_told
from gangmu.foundation.periods.period import Period

_CELLS = """
    FROM filing_fact f JOIN unnest(%s::bigint[], %s::bigint[], %s::date[], %s::date[])
        AS c (indicator_id, organisation_id, first_day, after_day)
        ON f.indicator_id = c.indicator_id AND f.scenario_id = %s AND f.organisation_id = c.organisation_id
        AND f.period >= c.first_day AND f.period < c.after_day"""


def sources(covers: Sequence[Cover], codes: dict[int, str], scenario: int) -> dict[str, Any]:
    """Which batches the facts came in with, and which were corrected; only facts that the asker may read.

    `codes` are the organisations'. What this costs grows with the number of cells.
    """
    cells = [
        (measure.id, organisation, _day(measure.grain, low), _day(measure.grain, high))
        for measure, found in covers
        for organisation, low, high in found
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
    batches = batches_told({row[0] for row in counted[:MOST_LISTED]} | {row[5] for row in corrected})
    measures = {measure.id: measure for measure, _found in covers}
    return {
        "batches_count": len(counted),
        "batches": [{**batches[batch], "facts": facts} for batch, facts in counted[:MOST_LISTED]],
        "corrections": [
            {
                "indicator": measures[indicator].code,
                "organisation": codes[organisation],
                "period": period.isoformat() if measures[indicator].grain is Grain.DAY else f"{period:%Y-%m}",
                "old": _text(old, measures[indicator], period),
                "new": _text(new, measures[indicator], period),
                "batch": batches[batch],
            }
            for indicator, organisation, period, old, new, batch in corrected
        ],
    }


def _text(value: int, measure: Measure, start: date) -> str:
    period = Period.day(start) if measure.grain is Grain.DAY else Period.month(start.year, start.month)
    return stored_text(value, measure.scale, measure.decimals(period))


def _day(grain: Grain, index: int) -> date:
    return grain.first_day(index)

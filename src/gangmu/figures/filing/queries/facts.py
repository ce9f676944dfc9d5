"""Figures that stand: the current revisions of the facts of sheets, many sheets at once."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db import connection

from gangmu.figures.filing.layouts import Column, Key, Layout

# There is but one; the limit makes it one look into the index a cell, whatever statistics say.
_CURRENT = """
    SELECT w.place, f.organisation_id, f.indicator_id, f.period, f.value, f.state, f.mark, f.entered, f.batch_id
    FROM unnest(%s::integer[], %s::bigint[], %s::bigint[], %s::date[])
        AS w (place, indicator_id, organisation_id, period)
    CROSS JOIN LATERAL (
        SELECT * FROM filing_fact f
        WHERE f.superseded_by_id IS NULL AND f.indicator_id = w.indicator_id
            AND f.scenario_id = (SELECT id FROM filing_scenario WHERE code = %s)
            AND f.organisation_id = w.organisation_id AND f.period = w.period
        LIMIT 1) f"""


class FactRow(NamedTuple):
    """The current revision of a fact: `value` as stored, `entered` where something else was typed."""

    value: int
    state: int
    mark: int
    entered: str
    batch_id: int


class WantedFact(NamedTuple):
    """A fact to look for. `place` comes back with it."""

    place: int
    scenario: str
    indicator_id: int
    organisation_id: int
    period: date


def facts_of(layouts: Mapping[int, Layout]) -> dict[int, dict[Key, FactRow]]:
    """The facts in the cells of sheets, by sheet and cell; one query."""
    wanted = [
        WantedFact(place, layout.definition.scenario, column.id, organisation_id, layout.period.start)
        for place, layout in layouts.items()
        for (organisation_id, _code), column in layout.cells.items()
    ]
    found: dict[int, dict[Key, FactRow]] = {place: {} for place in layouts}
    for one, row in current_facts(wanted):
        found[one.place][layouts[one.place].keys_by_id[one.organisation_id, one.indicator_id]] = row
    return found


def current_facts(wanted: Iterable[WantedFact]) -> list[tuple[WantedFact, FactRow]]:
    """Those of the wanted facts that stand, as far as the asker may see them; one query a scenario."""
    by_scenario: dict[str, list[WantedFact]] = {}
    for one in wanted:
        by_scenario.setdefault(one.scenario, []).append(one)
    found: list[tuple[WantedFact, FactRow]] = []
    with connection.cursor() as cursor:
        for scenario, rows in by_scenario.items():
            places, _scenarios, indicators, organisations, periods = zip(*rows, strict=True)
            columns = map(as_array, (places, indicators, organisations, periods))
            cursor.execute(_CURRENT, [*columns, scenario])
            found += [
                (
                    WantedFact(place, scenario, indicator, organisation, period),
                    FactRow(value, state, mark, entered or "", batch),
                )
                for place, organisation, indicator, period, value, state, mark, entered, batch in cursor
            ]
    return found


def as_array(values: Iterable[object]) -> str:
    """Numbers or days as the text of an array, None as NULL. The driver takes ten times as long to write a list."""
    return "{" + ",".join("NULL" if value is None else str(value) for value in values) + "}"


def as_said(value: int, column: Column) -> str:
    """A stored value as plain digits, the same however many decimals it is stored with."""
    text = f"{as_decimal(value, column):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def as_decimal(value: int, column: Column) -> Decimal:
    """A stored value as the number it stands for."""
    return Decimal(value).scaleb(-column.indicator.scale)

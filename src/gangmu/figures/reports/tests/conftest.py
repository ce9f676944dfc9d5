"""A small world with figures of this and the last year in a database of the test's own; the shipped daily report."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from gangmu.figures.cube import gateway
from gangmu.figures.cube import services as cube
from gangmu.figures.filing.importing import load_facts
from gangmu.figures.reports import definitions
from gangmu.figures.reports.definitions import ReportDefinition
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock
from gangmu.shell.testing.worlds import World, make_world

STANDS_AT = "2026-11-20T10:30+08:00"
DAYS = ("2026-11-17", "2026-11-18", "2026-11-19")
GENERATION = {"P1U1": ("9000.5", "8000.5", "7000.5"), "P1U2": ("3000.0", "3100.0", "3200.0"),
              "P2U1": ("400.0", "300.0", "200.0"), "P3U1": ("12000.0", "12100.0", "12200.0")}  # fmt: skip
COAL = {"coal_stock": "9000", "coal_consumed": "3000", "coal_received": "1000"}


def load(folder: Path, lines: list[tuple[str, str, str, str]], correct: str = "") -> None:
    """Facts as a file, folded into the cube."""
    rows = ["organisation,indicator,period,scenario,value"]
    rows += [f"{code},{indicator},{day},actual,{value}" for code, indicator, day, value in lines]
    path = folder / "facts.csv"
    path.write_text("\n".join(rows) + "\n", "utf-8")
    result = load_facts(path, correct=correct)
    assert not result.problems, [str(problem) for problem in result.problems]
    cube.fold(sync=False)


def at_state(state: int, day: str, *units: str) -> None:
    """Bring the facts of a day to a state, as approvals do."""
    among = " AND organisation_id IN (SELECT id FROM parties_organisation WHERE code = ANY(%s))" if units else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE filing_fact SET state = %s WHERE period = %s AND superseded_by_id IS NULL{among}",
            [state, day, *([list(units)] if units else [])],
        )
    cube.rebuild()
    gateway._remembered.clear()  # no batch tells that something has changed


@pytest.fixture
def world(committed: str, tmp_path: Path) -> Iterator[World]:
    """Figures of three days and of the last of them a year ago; P3 has not filed the last day."""
    with clock.frozen(STANDS_AT):
        made = make_world(tmp_path)
        lines = [
            (unit, "generation", day, value)
            for unit, values in GENERATION.items()
            for day, value in zip(DAYS, values, strict=True)
            if (unit, day) != ("P3U1", DAYS[-1])
        ]
        lines += [("P1U1", "generation", "2025-11-19", "8000.0"), ("P2U1", "generation", "2025-11-19", "160.0")]
        lines += [("P3U1", "generation", "2025-11-19", "12000.0")]
        lines += [("P1", indicator, day, value) for indicator, value in COAL.items() for day in DAYS]
        lines += [("P2", "curtailed_wind", day, "50.0") for day in DAYS]
        lines += [
            (unit, "unit_state", DAYS[-1], state) for unit, state in (("P1U1", "1"), ("P1U2", "5"), ("P2U1", "1"))
        ]
        load(tmp_path, lines)
        yield made


@pytest.fixture
def daily() -> ReportDefinition:
    found = definitions.report("power_daily")
    assert found is not None
    return found


@pytest.fixture
def group(world: World) -> Organisation:
    return Organisation.objects.get(code="G")


LAST = Period.parse(DAYS[-1])

"""Loading facts, rebuilding the cube."""

import csv
from collections.abc import Iterator
from pathlib import Path

import psycopg
from django.db import connection
from psycopg import sql

from bench.halves import in_two_processes
from bench.measure import Result, compare, once
from bench.world import INDICATORS, write_facts, write_organisations
from gangmu.figures.cube import services as cube
from gangmu.figures.filing.importing import load_facts
from gangmu.figures.indicators.services import load_indicators
from gangmu.foundation.parties.services import load_organisations

DAYS_OF_300_000 = 63  # × 1,200 units × 4 indicators = 302,400 facts


def prepare(folder: Path) -> None:
    """Organisations and indicators of the bench's world."""
    write_organisations(folder / "organisations.csv")
    (folder / "indicators.yaml").write_text(INDICATORS, "utf-8")
    for loader, name in ((load_organisations, "organisations.csv"), (load_indicators, "indicators.yaml")):
        result = loader(folder / name)
        if result.problems:
            raise SystemExit("\n".join(map(str, result.problems[:5])))


def cases(folder: Path) -> Iterator[Result]:
    """Run in order: each builds on the rows of the one before."""
    yield _load(folder)
    yield _rebuild()


def _load(folder: Path) -> Result:
    """300,000 lines checked, compared, stored and logged, beside a bare COPY of the same values into a like table."""
    path = folder / "facts.csv"
    count = write_facts(path, DAYS_OF_300_000)
    rows = _as_rows(path)
    ours = once(lambda: load_facts(path))
    theirs = once(lambda: _bare_copy(rows))
    cube.fold()
    return Result(
        f"load {count:,} facts",
        "PostgreSQL",
        round(ours),
        round(theirs),
        round(ours / theirs, 2),
        "ms",
        "—",
        "one run each; ours reads, checks and compares the file besides",
        "COPY of parsed rows into a table with the same keys",
    )


def _as_rows(path: Path) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT code, id FROM parties_organisation")
        organisations = dict(cursor.fetchall())
        cursor.execute("SELECT code, id FROM indicators_indicator")
        indicators = dict(cursor.fetchall())
    with path.open(encoding="utf-8", newline="") as file:
        return [
            (
                indicators[row["indicator"]],
                1,
                organisations[row["organisation"]],
                row["period"],
                1,
                int(row["value"].replace(".", "")),
                5,
            )
            for row in csv.DictReader(file)
        ]


def _bare_copy(rows: list[tuple]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bare")
        cursor.execute(
            "CREATE TABLE bare (LIKE filing_fact INCLUDING DEFAULTS INCLUDING INDEXES INCLUDING CONSTRAINTS)"
        )
        with cursor.copy(
            "COPY bare (indicator_id, scenario_id, organisation_id, period, batch_id, value, state) FROM STDIN"
        ) as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute("DROP TABLE bare")


def _rebuild() -> Result:
    return compare(
        "rebuild",
        "PostgreSQL",
        cube.rebuild,
        two_process_copy,
        goal="≤ 2",
        runs=5,
        note="of the facts loaded above",
        against="bare COPY of the same rows in two processes",
    )


def two_process_copy() -> None:
    """What it costs to read the rows at all: COPY … TO STDOUT (binary), half of the indicators in each process."""
    in_two_processes(_copy_half, "the bare COPY failed")


def _copy_half(dsn: dict, half: int) -> None:
    with (
        psycopg.connect(**dsn) as own,
        own.cursor() as cursor,
        cursor.copy(
            sql.SQL(
                "COPY (SELECT indicator_id, scenario_id, organisation_id, period, value, state FROM filing_fact"
                " WHERE superseded_by_id IS NULL AND indicator_id % 2 = {}) TO STDOUT (FORMAT binary)"
            ).format(half)
        ) as copy,
    ):
        for _block in copy:
            pass

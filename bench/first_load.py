"""The first load of all facts, and how long the demonstration takes from its command to its first page."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from django.db import connection

from bench.measure import Result, once
from bench.world import FIRST, STORED, UNITS
from gangmu.figures.filing import bulk
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.parties.models import Organisation

DAYS = 365  # × 1,200 units × 4 indicators = 1,752,000 facts
PORT = 8490
LONGEST = 900.0


@dataclass(frozen=True)
class Figures:
    """A block of figures, all of them filed."""

    indicator: str
    organisations: Sequence[str]
    first: date
    values: np.ndarray

    @property
    def present(self) -> np.ndarray:
        return np.ones(self.values.shape, np.bool_)

    @property
    def out(self) -> np.ndarray:
        return np.zeros(self.values.shape, np.bool_)


def cases() -> Iterator[Result]:
    """Into an empty table, which is left empty."""
    random = np.random.default_rng(1)
    units = [f"U{number:04d}" for number in range(UNITS)]
    made = [Figures(code, units, FIRST, random.integers(0, 72000, (UNITS, DAYS))) for code in STORED]
    ready = list(_ready(made))
    ours = once(lambda: bulk.record_blocks(made, source="bench"))
    _empty()
    theirs = once(lambda: _bare_copy(ready))
    yield Result(
        f"first load of {UNITS * DAYS * len(STORED):,} facts from arrays, checked",
        "PostgreSQL",
        round(ours),
        round(theirs),
        round(ours / theirs, 2),
        "ms",
        "≤ 1",
        "one run each",
        "COPY of the same rows, made ready beforehand, into a table with the same keys",
    )


def _ready(made: Sequence[Figures]) -> Iterator[bytes]:
    """The rows as binary COPY reads them."""
    ids = dict(Organisation.objects.values_list("code", "pk"))
    indicators = dict(Indicator.objects.values_list("code", "pk"))
    since = np.arange(DAYS) + (FIRST - date(2000, 1, 1)).days
    for block in made:
        row, column = np.nonzero(block.present)
        yield bulk.packed(
            bulk.FACT,
            {
                "indicator_id": indicators[block.indicator],
                "scenario_id": 1,
                "organisation_id": np.array([ids[code] for code in block.organisations])[row],
                "period": since[column],
                "batch_id": 1,
                "value": block.values[row, column],
                "state": 5,
                "mark": 0,
            },
        )


def _bare_copy(ready: Sequence[bytes]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bare")
        cursor.execute(
            "CREATE TABLE bare (LIKE filing_fact INCLUDING DEFAULTS INCLUDING INDEXES INCLUDING CONSTRAINTS)"
        )
        with cursor.copy(bulk.copy_statement("bare", bulk.FACT, "FORMAT binary")) as copy:
            copy.write(bulk.HEAD)
            for rows in ready:
                copy.write(rows)
            copy.write(bulk.TAIL)
        cursor.execute("DROP TABLE bare")


def _empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE filing_fact")
        cursor.execute("DELETE FROM filing_change")
        cursor.execute("DELETE FROM filing_batch")


# The demonstration ----------------------------------------------------------------------------------------------------


def demonstration(folder: Path) -> Iterator[Result]:
    """From `gangmu demo` to the first page of both sites: on an empty folder, and again."""
    home = folder / "demonstration"
    for case, goal in (
        ("gangmu demo on an empty folder: two years of figures made, loaded, filed, added up, served", "≤ 180 s"),
        ("gangmu demo on a prepared folder", "≤ 10 s"),
    ):
        yield Result(case, "none", round(_start(home) * 1000), None, None, "ms", goal)


def _start(home: Path) -> float:
    """Seconds until both sites answer; they are stopped then."""
    environment = {**os.environ, "GANGMU_HOME": str(home)}
    command = [sys.executable, "-P", "-m", "gangmu.shell.cli", "demo", f"--port={PORT}"]
    begun = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        while not (_answers(PORT) and _answers(PORT + 1)):
            if process.poll() is not None or time.perf_counter() - begun > LONGEST:
                raise SystemExit(f"gangmu demo did not serve: {process.returncode}")
            time.sleep(0.1)
        return time.perf_counter() - begun
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(60)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False

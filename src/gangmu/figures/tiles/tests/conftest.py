"""A small world with figures of two days in a database of the test's own, committed like the real thing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gangmu.figures.cube import services
from gangmu.figures.filing.importing import load_facts
from gangmu.foundation.settings import clock
from gangmu.shell.testing.worlds import World, make_world

DAYS = ("2026-11-17", "2026-11-18", "2026-11-19")
GENERATION = {"P1U1": ("9000.5", "8000.5", "7000.5"), "P1U2": ("3000.0", "3100.0", "3200.0"),
              "P2U1": ("400.0", "300.0", "200.0"), "P3U1": ("12000.0", "12100.0", "12200.0")}  # fmt: skip
STANDS_AT = "2026-11-20T07:30+08:00"


def figures_of_the_world(folder: Path) -> None:
    """Generation of every unit on three days; the 18th of P2 of the year before; P3's last day is missing."""
    rows = ["organisation,indicator,period,scenario,value"]
    for unit, values in GENERATION.items():
        for day, value in zip(DAYS, values, strict=True):
            if (unit, day) != ("P3U1", DAYS[-1]):
                rows.append(f"{unit},generation,{day},actual,{value}")
    rows += ["P2U1,generation,2025-11-19,actual,160.0", "P1,coal_stock,2026-11-19,actual,9000"]
    rows += [f"P1,coal_consumed,{day},actual,3000" for day in DAYS]
    path = folder / "facts.csv"
    path.write_text("\n".join(rows) + "\n", "utf-8")
    result = load_facts(path)
    assert not result.problems, [str(problem) for problem in result.problems]
    services.fold(sync=False)


@pytest.fixture
def world(committed: str, tmp_path: Path) -> Iterator[World]:
    with clock.frozen(STANDS_AT):
        made = make_world(tmp_path)
        figures_of_the_world(tmp_path)
        yield made

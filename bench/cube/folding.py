"""A sheet that has just been recorded, brought into the cube as the folder process does it."""

from datetime import date, timedelta
from pathlib import Path
from random import Random
from statistics import median

from bench.cube.figures import LAST, SUMMED
from bench.measure import Result, once
from gangmu.figures.cube import database, services
from gangmu.figures.filing.importing import load_facts

UNITS, INDICATORS = ("U0000", "U0001", "U0002", "U0003"), SUMMED[:4]
RUNS = 15


def case(folder: Path) -> Result:
    """Four units and four indicators of a day, each day after the one before; over a connection that is kept, the files
    on disk later. The folding alone is timed, with the totals of branches that it renews."""
    random, times = Random(1), []
    with database.connect() as kept:
        for run in range(RUNS + 2):
            _record(folder / "sheet.csv", LAST + timedelta(days=1 + run), random)
            times.append(once(lambda: services.fold(sync=False, kept=kept)))
    note = "16 cells, into five years of 1,200 units"
    return Result("fold of one sheet", "none", round(median(times[2:]), 2), None, None, "ms", "≤ 10 ms", note)


def _record(path: Path, day: date, random: Random) -> None:
    lines = [f"{unit},{code},{day},actual,{random.randrange(72_000) / 10}\n" for unit in UNITS for code in INDICATORS]
    path.write_text("organisation,indicator,period,scenario,value\n" + "".join(lines), "utf-8")
    result = load_facts(path)
    if result.problems:
        raise SystemExit("\n".join(map(str, result.problems[:5])))

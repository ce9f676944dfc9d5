"""A table of 500,000 rows × 10 columns as a workbook: the product's writer beside bare XlsxWriter, each in a process of
its own, whose peak of memory is the largest that the kernel saw."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from bench.measure import Result

ROWS, RUNS = int(os.environ.get("GANGMU_BENCH_ROWS") or 500_000), 5
MARK = "bench-export: "


def cases() -> Iterator[Result]:
    """Product, then bare, in turn; the first on a question to the cube, whose figures are made on the way."""
    found: dict[str, list[dict]] = {"ours": [], "theirs": []}
    for _run in range(RUNS):
        for side, measured in found.items():
            measured.append(_measured(side))
    ours, theirs = (statistics.median(one["ms"] for one in found[side]) for side in ("ours", "theirs"))
    ratio = statistics.median(a["ms"] / b["ms"] for a, b in zip(found["ours"], found["theirs"], strict=True))
    peak = max(one["megabytes"] for one in found["ours"])
    bare = max(one["megabytes"] for one in found["theirs"])
    if {one["lines"] for side in found.values() for one in side} != {ROWS}:
        raise SystemExit(f"export: not {ROWS} lines")
    note = f"peak memory {peak:.0f} MB (goal: under 250; bare XlsxWriter {bare:.0f} MB)"
    case = f"export of {ROWS:,} rows × 10 columns"
    yield Result(case, "XlsxWriter", round(ours), round(theirs), round(ratio, 3), "ms", "≤ 1.3", note)


def _measured(side: str) -> dict:
    command = [sys.executable, "-m", "bench.cube.export", side]
    made = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    (line,) = [line for line in made.stdout.splitlines() if line.startswith(MARK)]
    return json.loads(line.removeprefix(MARK))


def question() -> Any:
    """240 plants, region by region, × 60 months × 35 indicators: 504,000 figures."""
    from bench.cube.figures import MONTHS, SUMMED
    from gangmu.figures.cube.question import Question

    return Question((*SUMMED, "rate1"), tuple(f"R{number}" for number in range(8)), tuple(MONTHS), by="children")


def ours(path: Path) -> int:
    """As `gangmu query --to` does it: the question, its figures, the workbook."""
    from gangmu.foundation.access.scope import SYSTEM
    from gangmu.foundation.documents.streaming import write_xlsx
    from gangmu.shell.figures.exporting import gathered, headers, lines

    found = gathered(question(), SYSTEM)
    with path.open("wb") as target:
        write_xlsx(target, islice(lines(found, by="children"), ROWS), headers())
    return ROWS


def theirs(path: Path) -> int:
    """Ten cells that are there already, over and over: strings and numbers as ours."""
    import xlsxwriter

    words = "energy01", "energy01", "MWh"
    rows = [
        ("R1", f"P{n % 240:03d}", *words, f"2025-{n % 12 + 1:02d}", n * 7919 / 10, 150, 155, "locked")
        for n in range(1_000)
    ]
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["x"] * 10)
        for line in range(1, ROWS + 1):
            sheet.write_row(line, 0, rows[line % 1_000])
    return ROWS


def main(side: str) -> None:
    with tempfile.TemporaryDirectory(prefix="gangmu-export-") as folder:
        path = Path(folder) / "table.xlsx"
        if side == "theirs":
            report(theirs, path)
            return
        from gangmu.shell.cli.session import session

        with session("system"):
            report(ours, path)


def report(work: Callable[[Path], int], path: Path) -> None:
    start = time.perf_counter()
    lines = work(path)
    spent = (time.perf_counter() - start) * 1000
    print(MARK + json.dumps({"ms": spent, "megabytes": _peak(), "lines": lines}), flush=True)


def _peak() -> float:
    """The most memory that this process has had; `ru_maxrss` may be that of whoever started it."""
    status = Path("/proc/self/status").read_text("ascii")
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    os.environ.setdefault("GANGMU_LANGUAGE", "en")
    main(sys.argv[1])

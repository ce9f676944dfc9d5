"""python -m bench: run every case on a database of its own and write bench/results.json and docs/performance.md.

`python -m bench cube export` runs the named groups of cases alone and leaves what is known of the others.
"""

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from bench.measure import Result

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results.json"
BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"


def first_use(home: Path) -> Iterator[Result]:
    """`gangmu init` on a folder that does not exist, as an operator does it."""
    shutil.rmtree(home, ignore_errors=True)
    start = time.perf_counter()
    subprocess.run([sys.executable, "-P", "-m", "gangmu.shell.cli", "init"], check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - start
    yield Result("gangmu init on a fresh folder", "none", round(seconds * 1000), None, None, "ms", "≤ 15 s")


def graphs(_folder: Path) -> Iterator[Result]:
    from bench import duties, norms

    yield from duties.cases()
    yield from norms.cases()


def rooms(folder: Path) -> Iterator[Result]:
    """What is recorded, found, read and approved."""
    from gangmu.shell.cli.session import session

    with session("owner"):
        from bench import excel, facts, filing, first_load, security

        facts.prepare(folder)
        yield from first_load.cases()
        yield from facts.cases(folder)
        yield from security.cases()
        yield from excel.cases(folder)
        yield from filing.cases(folder)


def cube(_folder: Path) -> Iterator[Result]:
    """Five years of 1,200 units × 40 indicators."""
    from gangmu.shell.cli.session import session

    with session("owner"):
        from bench.cube import cases

        yield from cases.cases()


def home_pages(folder: Path) -> Iterator[Result]:
    """A demonstration of two years: some minutes."""
    from bench import first_load, home

    if os.environ.get("GANGMU_BENCH_WITHOUT_HOME") != "1":
        yield from first_load.demonstration(folder)
        yield from home.cases(folder)


GROUPS: dict[str, Callable[[Path], Iterator[Result]]] = {
    "graphs": graphs,
    "rooms": rooms,
    "cube": cube,
    "home": home_pages,
}


def results(folder: Path, wanted: list[str]) -> Iterator[Result]:
    """Every case in order."""
    home = folder / "home"
    os.environ |= {"GANGMU_HOME": str(home), "GANGMU_LANGUAGE": "en"}
    os.environ.pop("GANGMU_DATABASE_URL", None)
    yield from first_use(home)
    for name in wanted:
        yield from GROUPS[name](folder)


def machine() -> str:
    """What it ran on, in a line."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores of {platform.machine()}, {memory:.0f} GiB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}"
    )


def write(found: list[Result]) -> None:
    """The figures for programs and for people, in the place of what was known of the same cases."""
    names = {(one.case, one.rival) for one in found}
    known = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else []
    kept = [one for one in known if (one["case"], one["rival"]) not in names]
    records = [*kept, *(one.as_json() for one in found)]
    RESULTS.write_text(json.dumps(records, indent=1, ensure_ascii=False) + "\n", "utf-8")
    page = ROOT / "docs" / "performance.md"
    head, _, rest = page.read_text("utf-8").partition(BEGIN)
    old, _, tail = rest.partition(END)
    rows = {one.case + one.rival: _line(one) for one in found}
    before = [line for line in old.splitlines() if line.startswith("| ") and not line.startswith(("| case", "| ---"))]
    told = {_name(line) for line in rows.values()}
    lines = [
        f"Measured on {date.today().isoformat()}: {machine()}.",  # noqa: DTZ011 (a stamp of the run)
        "",
        "| case | rival | ours | theirs | ratio | goal |",
        "| --- | --- | ---: | ---: | ---: | --- |",
        *(line for line in before if _name(line) not in told),
        *rows.values(),
    ]
    page.write_text(f"{head}{BEGIN}\n" + "\n".join(lines) + f"\n{END}{tail}", "utf-8")


def _line(one: Result) -> str:
    theirs = "" if one.theirs is None else f"{one.theirs:,} {one.unit}"
    ratio = "" if one.ratio is None else f"{one.ratio:.3g}" if one.ratio < 1 else f"{one.ratio:.2f}"
    note = f" ({one.note})" if one.note else ""
    rival = f"{one.rival}: {one.against}" if one.against and one.rival != "none" else one.against or one.rival
    return f"| {one.case}{note} | {rival} | {one.ours:,} {one.unit} | {theirs} | {ratio} | {one.goal} |"


def _name(line: str) -> tuple[str, ...]:
    """Case and rival of a line of the table."""
    cells = [cell.strip() for cell in line.split("|")]
    return cells[1].partition(" (")[0], cells[2]


def main() -> None:
    wanted = sys.argv[1:] or list(GROUPS)
    unknown = [name for name in wanted if name not in GROUPS]
    if unknown:
        raise SystemExit(f"There are no cases {unknown}; there are: {', '.join(GROUPS)}")
    found = []
    with tempfile.TemporaryDirectory(prefix="gangmu-bench-") as folder:
        for result in results(Path(folder), wanted):
            found.append(result)
            ratio = "" if result.ratio is None else f"  ratio {result.ratio:.3g}  (goal {result.goal})"
            print(f"{result.case}, {result.rival}: {result.ours:,} {result.unit}{ratio}", flush=True)
    write(found)


if __name__ == "__main__":
    main()

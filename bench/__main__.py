"""python -m bench: run every case on a database of its own and write bench/results.json and docs/performance.md."""

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from bench.measure import Result

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"


def first_use(home: Path) -> Result:
    """`gangmu init` on a folder that does not exist, as an operator does it."""
    shutil.rmtree(home, ignore_errors=True)
    start = time.perf_counter()
    subprocess.run([sys.executable, "-P", "-m", "gangmu.shell.cli", "init"], check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - start
    return Result("gangmu init on a fresh folder", "none", round(seconds * 1000), None, None, "ms", "≤ 15 s")


def results(folder: Path) -> Iterator[Result]:
    """Every case in order."""
    home = folder / "home"
    os.environ |= {"GANGMU_HOME": str(home), "GANGMU_LANGUAGE": "en"}
    os.environ.pop("GANGMU_DATABASE_URL", None)
    yield first_use(home)
    from bench import duties, norms
    from gangmu.shell.cli.session import session

    yield from duties.cases()
    yield from norms.cases()

    with session("owner"):
        from bench import excel, facts, filing, first_load, security

        facts.prepare(folder)
        yield from first_load.cases()
        yield from facts.cases(folder)
        yield from security.cases()
        yield from excel.cases(folder)
        yield from filing.cases(folder)
    from bench import first_load
    from bench import home as home_pages

    if os.environ.get("GANGMU_BENCH_WITHOUT_HOME") != "1":  # a demonstration of two years: some minutes
        yield from first_load.demonstration(folder)
        yield from home_pages.cases(folder)


def machine() -> str:
    """What it ran on, in a line."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores of {platform.machine()}, {memory:.0f} GiB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}"
    )


def write(found: list[Result]) -> None:
    """The figures for programs and for people."""
    (ROOT / "bench" / "results.json").write_text(
        json.dumps([result.as_json() for result in found], indent=1, ensure_ascii=False) + "\n", "utf-8"
    )
    lines = [
        f"Measured on {date.today().isoformat()}: {machine()}.",  # noqa: DTZ011 (a stamp of the run)
        "",
        "| case | rival | ours | theirs | ratio | goal |",
        "| --- | --- | ---: | ---: | ---: | --- |",
    ]
    for one in found:
        theirs = "" if one.theirs is None else f"{one.theirs:,} {one.unit}"
        ratio = "" if one.ratio is None else f"{one.ratio:.2f}"
        note = f" ({one.note})" if one.note else ""
        lines.append(f"| {one.case}{note} | {one.rival} | {one.ours:,} {one.unit} | {theirs} | {ratio} | {one.goal} |")
    page = ROOT / "docs" / "performance.md"
    text = page.read_text("utf-8")
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    page.write_text(f"{head}{BEGIN}\n" + "\n".join(lines) + f"\n{END}{tail}", "utf-8")


def main() -> None:
    found = []
    with tempfile.TemporaryDirectory(prefix="gangmu-bench-") as folder:
        for result in results(Path(folder)):
            found.append(result)
            ratio = "" if result.ratio is None else f"  ratio {result.ratio:.2f}  (goal {result.goal})"
            print(f"{result.case}: {result.ours:,} {result.unit}{ratio}", flush=True)
    write(found)


if __name__ == "__main__":
    main()

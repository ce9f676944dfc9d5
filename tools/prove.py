"""`make prove`: the long proofs. Their log is kept in docs/proofs.md, the newest run first.

Words after the command choose those whose title holds one of them: `python tools/prove.py oracle`.

A proof prints lines that begin with `PROOF `; these, and what pytest says at its end, go into the log.
"""

import os
import platform
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parents[1]
LOG = ROOT / "docs" / "proofs.md"
MARK = "PROOF "
RUNS_KEPT = 10
HEAD = """\
# Proofs

What `make prove` found, the newest run first. `make test` runs the same proofs with smaller counts. What each of them
does: [crashes](concepts/crashes.md), the [oracle](../tests/oracle/README.md), the database's home
([database](concepts/database.md)), the rules of [approvals](concepts/approvals.md).
"""
RUNS = {
    "Kills, recoveries and other long proofs": (["-m", "prove"], {}),
    "The cube against the oracle": (["tests/test_against_oracle.py"], {"GANGMU_ORACLE_CASES": "10000"}),
}


def run(arguments: list[str], environment: dict[str, str]) -> tuple[int, list[str]]:
    """One pytest, shown as it goes; its exit code and everything that it said."""
    command = [sys.executable, "-m", "pytest", "-q", *arguments]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "GANGMU_PROVE": "1", "PYTHONUNBUFFERED": "1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said = []
    assert process.stdout is not None
    for line in process.stdout:
        print(line, end="", flush=True)
        said.append(line.rstrip("\n"))
    return process.wait(), said


def section(title: str, code: int, said: list[str], seconds: float) -> str:
    """What the log says of one pytest."""
    proofs = [f"- {line.removeprefix(MARK)}" for line in said if line.startswith(MARK)]
    closing = next((line.strip("= ") for line in reversed(said) if line.strip()), "nothing was said")
    verdict = "held" if code == 0 else f"**failed** (exit code {code})"
    return "\n".join([f"### {title}: {verdict}", "", *proofs, f"- {closing}; {seconds / 60:.0f} minutes in all", ""])


def version() -> str:
    """The product's, as pyproject.toml says."""
    lines = (ROOT / "pyproject.toml").read_text("utf-8").splitlines()
    return next(line.split('"')[1] for line in lines if line.startswith("version"))


def earlier() -> list[str]:
    """The runs that the log holds."""
    if not LOG.exists():
        return []
    return [f"## {part}" for part in LOG.read_text("utf-8").split("\n## ")[1:]]


def main() -> int:
    now = datetime.now(ZoneInfo("Asia/Shanghai"))
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    parts = [f"## {now:%Y-%m-%d %H:%M} (Asia/Shanghai), version {version()}", "", machine, ""]
    worst = 0
    for title, (arguments, environment) in RUNS.items():
        if sys.argv[1:] and not any(word in title for word in sys.argv[1:]):
            continue
        begin = time.monotonic()
        code, said = run(arguments, environment)
        parts.append(section(title, code, said, time.monotonic() - begin))
        worst = max(worst, code)
    runs = ["\n".join(parts), *earlier()][:RUNS_KEPT]
    LOG.write_text(HEAD + "\n" + "\n".join(run.rstrip() + "\n" for run in runs), "utf-8")
    print(f"log kept in {LOG.relative_to(ROOT)}")
    return worst


if __name__ == "__main__":
    sys.exit(main())

"""Scan the product with tools that others made: make scan [ONLY="bandit wapiti"].

Starts both sites on loopback, on a database of its own with a small world in it, and runs

    bandit         the code (what was judged to be no fault, and why: tools/scan_judged.py)
    dependencies   pip-audit --strict and npm audit: a package that could not be judged fails like one with a fault
    wapiti         both sites, signed in and not
    sqlmap         every address with every parameter of the business site, signed in
    schemathesis   the operations of the OpenAPI document

Exit code 1 when any finds something of medium severity or higher. The scanners are no part of the product: they are
installed into .gangmu-scan, and what they say stands there in files.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scan_judged import BANDIT, WAPITI

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tools"), str(ROOT / "src")]
OUT = ROOT / ".gangmu-scan"
BIN = OUT / "venv" / "bin"
SCANNERS = {  # schemathesis and wapiti do not fit into one
    "venv": ("bandit==1.9.4", "wapiti3==3.2.3", "sqlmap==1.10.10", "pip-audit==2.10.1"),
    "schemathesis": ("schemathesis==4.32.5",),
}
SECONDS = int(os.environ.get("GANGMU_SCAN_SECONDS", "300"))  # of each scanner at each site
# Addresses that end the session that the scanner scans with.
LEAVES = ("sign-out", "sessions/end", "account/remove", "account/password")


@dataclass(frozen=True)
class Site:
    """A site that is being served, and the cookies of somebody who may do nearly everything there."""

    name: str
    url: str
    cookies: str
    pages: tuple[str, ...]  # every address
    asked: tuple[str, ...]  # every page that reads parameters, with all that it reads


class Findings(list[str]):
    """What was found, of medium severity and higher, in words."""


def main(only: list[str]) -> int:
    """Run the scanners named, or all. The exit code."""
    _install()
    asked = set(only) or {*OF_CODE, *OF_SITES}
    if unknown := asked - {*OF_CODE, *OF_SITES}:
        print(f"no scanner {', '.join(sorted(unknown))}; there are {', '.join([*OF_CODE, *OF_SITES])}")
        return 2
    found: dict[str, Findings] = {name: scan() for name, scan in OF_CODE.items() if name in asked}
    if asked & set(OF_SITES):
        with served() as sites:
            found |= {name: scan(sites) for name, scan in OF_SITES.items() if name in asked}
    for name, findings in found.items():
        print(f"{name}: {len(findings)} of medium severity or higher")
        for finding in findings:
            print(f"    {finding}")
    return 1 if any(found.values()) else 0


def _install() -> None:
    OUT.mkdir(exist_ok=True)
    for name, wanted in SCANNERS.items():
        stamp = OUT / f"{name}.installed"
        if stamp.exists() and stamp.read_text() == " ".join(wanted):
            continue
        shutil.rmtree(OUT / name, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(OUT / name)], check=True)
        pip = str(OUT / name / "bin" / "pip")
        subprocess.run([pip, "install", "-q", "--disable-pip-version-check", *wanted], check=True)
        stamp.write_text(" ".join(wanted))


def run(*command: str, seconds: int = SECONDS, log: str) -> tuple[int, str]:
    """(exit code, what was said); a scanner that was stopped after its time has the code 124."""
    path = OUT / log
    with path.open("w") as file:
        process = subprocess.Popen(command, cwd=ROOT, stdout=file, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            code = 124
    return code, path.read_text("utf-8", "replace")


# Code -----------------------------------------------------------------------------------------------------------------


def bandit() -> Findings:
    """The product's code, tests aside."""
    report = OUT / "bandit.json"
    options = ("-q", "-r", "src/gangmu", "-x", "*/tests/*,*/testing/*", "-f", "json", "-o", str(report))
    run(str(BIN / "bandit"), *options, log="bandit.log")
    told = json.loads(report.read_text())
    print("bandit:", dict(Counter(one["issue_severity"] for one in told["results"])), told["metrics"]["_totals"]["loc"])
    serious = [one for one in told["results"] if one["issue_severity"] != "LOW"]
    count = Counter((one["filename"], one["test_id"]) for one in serious)
    found = Findings(f"{one['filename']} was not read: {one['reason']}" for one in told["errors"])
    for one in serious:
        key = (one["filename"], one["test_id"])
        if count[key] != BANDIT.get(key, (0, ""))[0]:
            found.append(f"{key[0]}:{one['line_number']} {key[1]} {one['issue_text']}")
    return found


def dependencies() -> Findings:
    """Everything that is locked. What cannot be asked about counts as a finding: silence is no good news."""
    found = Findings()
    pip = (str(BIN / "pip-audit"), "--strict", "--disable-pip", "--require-hashes", "-r", "requirements/dev.txt")
    for name, command in (("pip-audit", pip), ("npm", ("npm", "audit", "--audit-level=moderate"))):
        code, said = run(*command, log=f"{name}.log")
        if code:
            found.append(f"{name} ended with {code}: {' '.join(said.split())[-300:]}")
    return found


OF_CODE: dict[str, Callable[[], Findings]] = {"bandit": bandit, "dependencies": dependencies}


# Sites ----------------------------------------------------------------------------------------------------------------


@contextmanager
def served() -> Iterator[list[Site]]:
    """Both sites on loopback, with the world of the matrix test and no rate limits, which would end a scan early."""
    home = Path(tempfile.mkdtemp(prefix="gangmu-scan-"))
    os.environ |= {"GANGMU_HOME": str(home), "GANGMU_DB_ROLE": "owner", "DJANGO_SETTINGS_MODULE": "scan_settings"}
    os.environ["PYTHONPATH"] = os.pathsep.join(sys.path[:3])
    from gangmu.shell.cli.database import init_command
    from gangmu.shell.cli.session import session

    try:
        init_command.main([], standalone_mode=False)
        with session("owner"):
            people = _world(home)
            from hardening.servers import both_sites  # pyright: ignore[reportMissingImports]

            with both_sites(home) as ports:
                yield [_site(name, port, *people[name]) for name, port in ports.items()]
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _world(folder: Path) -> dict[str, tuple[Any, list[Any]]]:
    """{site: (who scans, every address)}, after making the rows of the matrix."""
    from gangmu.foundation.settings.sites import SITES
    from gangmu.shell.testing import clients
    from gangmu.shell.testing.sites import at_site
    from gangmu.shell.testing.worlds import make_user
    from matrix.addresses import addresses  # pyright: ignore[reportMissingImports]
    from matrix.people import make_people, make_role  # pyright: ignore[reportMissingImports]
    from matrix.rows import make_rows  # pyright: ignore[reportMissingImports]

    clients.install()
    clerk = make_people(folder).users["clerk"]
    assert clerk is not None
    rows = make_rows(clerk)
    mine = ("parties:*", "figures:*", "approvals:*", "documents:*", "jobs:*", "accounts:*")
    make_role("scans", "both", *mine)
    found = {}
    for site in SITES:
        with at_site(site):
            found[site] = (make_user(f"scanner-{site}", "G", "scans"), addresses(rows))
    return found


def _site(name: str, port: int, user: Any, places: list[Any]) -> Site:
    from django.db import transaction
    from django.test import Client

    from gangmu.shell.testing.sites import at_site
    from matrix.addresses import asked_whole  # pyright: ignore[reportMissingImports]

    with at_site(name):
        client = Client(HTTP_HOST="127.0.0.1")
        client.force_login(user)
        client.get("/account/")
        with transaction.atomic():
            asked = tuple(page for page in asked_whole(client, places) if not any(one in page for one in LEAVES))
            transaction.set_rollback(True)
    cookies = "; ".join(f"{key}={morsel.value}" for key, morsel in client.cookies.items())
    return Site(name, f"http://127.0.0.1:{port}", cookies, tuple(one.path for one in places), asked)


def wapiti(sites: list[Site]) -> Findings:
    """Every kind of attack that wapiti makes by itself, on each site, as a stranger and signed in."""
    found = Findings()
    for site in sites:
        for who, cookies in (("stranger", ""), ("signed-in", site.cookies)):
            report = OUT / f"wapiti-{site.name}-{who}.json"
            command = [
                *(str(BIN / "wapiti"), "-u", f"{site.url}/", "--scope", "domain", "--flush-session", "--no-bugreport"),
                *("-f", "json", "-o", str(report), "--max-scan-time", str(SECONDS // 2), "-v", "0"),
                *("--max-attack-time", str(SECONDS // 12), "--max-links-per-page", "30", "-d", "3", "-t", "20"),
                *("--max-files-per-dir", "12", "--store-session", str(OUT / "wapiti"), "-l", "1", "--tasks", "4"),
            ]
            command += [part for one in LEAVES for part in ("-x", f"{site.url}/{one}/*")]
            if cookies:
                command += ["-H", f"Cookie: {cookies}", "--drop-set-cookie"]
                command += [part for page in site.pages if "?" not in page for part in ("-s", f"{site.url}{page}")][
                    :400
                ]
            code, said = run(*command, seconds=2 * SECONDS, log=report.with_suffix(".log").name)
            if not report.exists():
                found.append(f"wapiti at {site.name} as {who} ended with {code}: {said[-200:]}")
                continue
            found += _of_wapiti(json.loads(report.read_text()), f"{site.name} as {who}")
    return found


def _of_wapiti(told: dict[str, Any], where: str) -> list[str]:
    """Levels are 1 (low) to 4 (critical). Faults of the server are told as anomalies."""
    faults = [
        (kind, one)
        for part in ("vulnerabilities", "anomalies")
        for kind, ones in told[part].items()
        for one in ones
        if one.get("level", 4) >= 2 and not _is_judged(kind, one)
    ]
    crawled = told["infos"].get("crawled_pages_nbr", "?")
    print(f"wapiti {where}: {crawled} addresses, {len(faults)} found")
    return [f"{where}: {kind}: {one['method']} {one['path']} {one['info']}"[:300] for kind, one in faults]


def _is_judged(kind: str, one: dict[str, Any]) -> bool:
    return any((kind, one["method"], one["path"]) == known[:3] and known[3] in one["info"] for known in WAPITI)


def sqlmap(sites: list[Site]) -> Findings:
    """Every page with every parameter that it reads, by what is true, by errors, by unions and by time."""
    found = Findings()
    for site in sites:
        listed = OUT / f"sqlmap-{site.name}.txt"
        listed.write_text("".join(f"{site.url}{page}\n" for page in site.asked))
        code, said = run(
            *(str(BIN / "sqlmap"), "-m", str(listed), "--batch", "--cookie", site.cookies, "--disable-coloring"),
            *("--level=1", "--risk=1", "--technique=BEUST", "--dbms=PostgreSQL", "--time-sec=5", "--timeout=20"),
            # Without a bound the search for columns once went on for half an hour at one page.
            *("--union-cols=1-12", "--threads=4", "--output-dir", str(OUT / "sqlmap"), "--flush-session"),
            log=f"sqlmap-{site.name}.log",
        )
        tried = said.count("testing URL")
        print(f"sqlmap {site.name}: {tried} of {len(site.asked)} pages{', stopped by time' if code == 124 else ''}")
        if tried < len(site.asked):
            found.append(f"sqlmap at {site.name} did not try all pages: give it more GANGMU_SCAN_SECONDS")
        found += suspicions(said)
    return found


def suspicions(said: str) -> list[str]:
    """What sqlmap suspected of a parameter and did not take back: its guesses at the columns of a union are followed by
    tests, whose verdict counts."""
    found: list[str] = []
    open_ones: list[str] = []
    for line in said.splitlines():
        if "is vulnerable" in line or "identified the following injection point" in line:
            found.append(line.strip())
        elif re.search(r"appears to be .*injectable", line):
            open_ones.append(line.strip())
        elif re.search(r"parameter '.*' does not seem to be injectable", line):
            open_ones.clear()
        elif "testing URL" in line:
            found += open_ones
            open_ones.clear()
    return found + open_ones


def schemathesis(sites: list[Site]) -> Findings:
    """Every operation of the OpenAPI document of the business site, with all checks."""
    (site,) = [one for one in sites if one.name == "business"]
    from gangmu.shell.api import api
    from gangmu.shell.testing.sites import at_site

    with at_site("business"):
        schema = json.loads(json.dumps(api.get_openapi_schema()))
    document, settings = OUT / "openapi.json", OUT / "schemathesis.toml"
    document.write_text(json.dumps(schema))
    name, found = schema["components"]["securitySchemes"]["SessionAuth"]["name"], dict(_pairs(site.cookies))
    settings.write_text(
        f'[auth.openapi.SessionAuth]\napi_key = "{found[name]}"\n'
    )  # which it leaves out where it should
    code, said = run(
        *(str(OUT / "schemathesis" / "bin" / "st"), "--config-file", str(settings), "run", str(document)),
        *("--url", site.url, "--checks", "all", "--max-examples", "200", "--generation-deterministic"),
        log="schemathesis.log",
    )
    print("schemathesis:", " ".join(said.split())[-160:])
    return Findings([f"ended with {code}: see {OUT / 'schemathesis.log'}"] if code else [])


def _pairs(cookies: str) -> list[tuple[str, str]]:
    return [(name, value) for name, _is, value in (one.partition("=") for one in cookies.split("; "))]


OF_SITES: dict[str, Callable[[list[Site]], Findings]] = {
    "wapiti": wapiti,
    "sqlmap": sqlmap,
    "schemathesis": schemathesis,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Home pages under load, on the demonstration's two years: `python -m bench.home` alone, or as a part of `make bench`.

    python -m bench.home                      # makes a demonstration in a folder of its own, measures, removes it
    GANGMU_BENCH_HOME=… python -m bench.home  # uses one that is there (accounts for the measurement are added to it)

Prints one line a case, and JSON at the end for `make bench`.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench.measure import Result
from bench.opening import Page, percentile, run

SESSIONS, RATE, SECONDS, WARMING = 180, 25, 60, 15
RUNS, AFTER_COMMITS = 200, 8
MARK = "bench-home: "


def cases(folder: Path) -> Iterator[Result]:
    """In a process of its own, since the bench's process belongs to another database."""
    environment = os.environ | {"GANGMU_BENCH_FOLDER": str(folder)}
    command = [sys.executable, "-m", "bench.home"]
    made = subprocess.run(command, env=environment, check=False, stdout=subprocess.PIPE, text=True)
    lines = [line for line in made.stdout.splitlines() if line.startswith(MARK)]
    if made.returncode or not lines:
        yield Result("home page of the group", "none", 0, None, None, "ms", "≤ 60 ms", "could not be measured")
        return
    for row in json.loads(lines[-1].removeprefix(MARK)):
        yield Result(**row)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="gangmu-home-") as own:
        folder = os.environ.get("GANGMU_BENCH_FOLDER") or own
        home = os.environ.get("GANGMU_BENCH_HOME") or str(Path(folder) / "demonstration")
        os.environ |= {"GANGMU_HOME": home, "GANGMU_LANGUAGE": "en", "GANGMU_SITE": "business"}
        os.environ.pop("GANGMU_DATABASE_URL", None)
        found = []
        for one in measured(Path(home)):
            found.append(one)
            told(f"{one.case}: {one.ours:,} {one.unit} (goal {one.goal}) {one.note}")
    print(MARK + json.dumps([vars(one) for one in found], ensure_ascii=False), flush=True)


def measured(home: Path) -> Iterator[Result]:
    load = os.getloadavg()[0]
    if load > 1:
        told(f"the machine is busy (load {load:.1f}): the figures below are those of a shared machine")
    if "GANGMU_BENCH_HOME" not in os.environ:
        prepare(home)
    from gangmu.shell.cli.session import session

    with session("system"):
        people = sessions()
        yield from alone(people[0])
    with served() as port:
        yield from under_load(port, people)


def told(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def prepare(home: Path) -> None:
    """The demonstration, as `gangmu demo` makes it."""
    if not (home / "secrets" / "django").exists():
        subprocess.run([sys.executable, "-P", "-m", "gangmu.shell.cli", "init"], check=True, stdout=subprocess.DEVNULL)
    from gangmu.shell.cli.session import session

    os.environ["GANGMU_DEMONSTRATION"] = "1"
    with session("owner"):
        from gangmu.shell import demonstration

        demonstration.prepare(say=told)
    del os.environ["GANGMU_DEMONSTRATION"]


def sessions() -> list[tuple[str, str, str]]:
    """Cookie, own organisation and one below of 180 people: a tenth at the group, a third at its regions, the others
    at plants."""
    from django.conf import settings
    from django.test import Client

    from gangmu.foundation.access.models import Assignment, Role
    from gangmu.foundation.accounts.models import User
    from gangmu.foundation.parties.models import Placement
    from gangmu.foundation.settings import clock
    from gangmu.shell.testing.clients import force_login

    placed = Placement.objects.filter(valid__contains=clock.today()).select_related("child", "parent")
    tops = [one for one in placed if one.parent_id is None]
    regions = [one for one in placed if one.parent_id in {top.child_id for top in tops}]
    plants = [one for one in placed if one.child.kind == "plant"]
    role = Role.objects.get(code="viewer")
    found = []
    for number in range(SESSIONS):
        part = number % 30
        kind = tops if part < 3 else regions if part < 13 else plants
        place = kind[number % len(kind)]
        username = f"bench{number:03d}"
        user = User.objects.filter(username=username).first()
        if user is None:
            user = User(username=username, name=username, organisation=place.child)
            user.set_unusable_password()
            user.save()
            Assignment.objects.create(user=user, role=role, organisation=place.child, valid_from="2020-01-01")
        client = Client()
        force_login(client, user)
        cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
        below = next((str(one.child.code) for one in placed if one.parent_id == place.child_id
                      and one.child.kind in ("region", "plant")), str(place.child.code))  # fmt: skip
        found.append((cookie, str(place.child.code), below))
    return found


# One request at a time ------------------------------------------------------------------------------------------------


def alone(person: tuple[str, str, str]) -> Iterator[Result]:
    """The group's home page through the whole site, without network: server time, queries, sizes."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from gangmu.figures.filing.models import Fact
    from gangmu.foundation.periods.period import Period
    from gangmu.foundation.settings import clock

    settings.ALLOWED_HOSTS = ["*"]
    client = Client(headers={"accept-encoding": "gzip", "accept-language": "zh-CN", "cookie": person[0]})
    first, units = Fact.objects.order_by("period").values_list("period", flat=True).first(), _units()
    world = f"{units:,} units, figures since {first}"

    def page(path: str = "/home/", **headers: str) -> Any:
        start = time.perf_counter()
        answer = client.get(path, headers=headers)
        assert answer.status_code == 200, answer.status_code
        return (time.perf_counter() - start) * 1000, answer

    page()
    times = [page()[0] for _ in range(RUNS)]
    with CaptureQueriesContext(connection) as queries:
        _ms, answer = page()
    whole = len(answer.content)
    yield _of("home page of the group, server time p95", percentile(times, 0.95), "≤ 60 ms",
              f"{world}; p50 {percentile(times, 0.5):.1f}")  # fmt: skip
    yield Result("queries of the home page of the group", "none", len(queries), None, None, "queries", "≤ 25")
    days = [Period.day(clock.today() - timedelta(days=back)).code for back in range(2, 12)]
    swaps = [page(f"/home/?period={day}", **{"HX-Request": "true", "HX-Target": "board"}) for day in days]
    yield _of("another day on the home page of the group, nobody having asked before, median",
              percentile([ms for ms, _answer in swaps], 0.5), "—", "its figures are worked out")  # fmt: skip
    size = max(len(answer.content) for _ms, answer in swaps)
    yield Result("bytes of a change of period", "none", size, None, None, "B", "≤ 15 KB", f"gzip; the page {whole} B")
    commits = []
    for number in range(AFTER_COMMITS):
        _commit(number)
        start = time.process_time()
        page()
        commits.append((time.process_time() - start) * 1000)
    yield _of("first home page of the group after a commit of figures, CPU time, median", percentile(commits, 0.5), "—")


def _of(case: str, ms: float, goal: str, note: str = "") -> Result:
    return Result(case, "none", round(ms, 1), None, None, "ms", goal, note)


def _units() -> int:
    from gangmu.foundation.parties.models import Organisation

    return Organisation.objects.filter(kind="unit").count()


def _commit(number: int) -> None:
    """One corrected figure of yesterday, folded."""
    from gangmu.figures.cube import services
    from gangmu.figures.filing.importing import load_facts
    from gangmu.figures.filing.models import Fact

    newest = Fact.objects.filter(indicator__code="generation", superseded_by=None).select_related("organisation")
    fact = newest.order_by("-period", "organisation_id")[number]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "one.csv"
        value = abs(fact.value) / 10 + 0.1
        row = f"{fact.organisation.code},generation,{fact.period},actual,{value:.1f}"
        path.write_text(f"organisation,indicator,period,scenario,value\n{row}\n", "utf-8")
        result = load_facts(path, correct="bench")
        assert not result.problems, result.problems
    services.fold(sync=False)


# Many at once ---------------------------------------------------------------------------------------------------------


def under_load(port: int, people: list[tuple[str, str, str]]) -> Iterator[Result]:
    """25 pages a second from 180 sessions: own home page, another day of it, and one below."""
    from gangmu.foundation.periods.period import Period
    from gangmu.foundation.settings import clock

    days = [Period.day(clock.today() - timedelta(days=back)).code for back in (2, 3)]
    pages = [
        [Page(cookie, "/home/")] * 7
        + [Page(cookie, f"/home/{code}/?period={day}", is_part=True) for day in days]
        + [Page(cookie, f"/home/{below}/")]
        for cookie, code, below in people
    ]
    run(port, pages, RATE, WARMING, seed=2)
    before = os.getloadavg()[0]
    asked = run(port, pages, RATE, SECONDS)
    errors = sum(one.status != 200 for one in asked)
    times = [one.seconds * 1000 for one in asked if one.status == 200]
    note = (
        f"{len(asked)} pages in {SECONDS} s, p50 {percentile(times, 0.5):.0f}, p99 {percentile(times, 0.99):.0f}, "
        f"longest {max(times):.0f} ms, {errors} errors; load average before {before:.1f}"
    )
    yield _of(f"open load of {RATE} pages a second from {SESSIONS} sessions, p95", percentile(times, 0.95),
              "≤ 300 ms", note)  # fmt: skip


@contextmanager
def served() -> Iterator[int]:
    """`gangmu run` as an operator starts it: two web processes, folder and worker."""
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        port, office = one.getsockname()[1], other.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if name not in ("GANGMU_SITE", "GANGMU_DB_ROLE")}
    command = [sys.executable, "-P", "-m", "gangmu.shell.cli", "run", f"--port={port}", f"--office-port={office}"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in/", timeout=5):
                    break
            except OSError:
                if time.monotonic() > deadline or process.poll() is not None:
                    raise
                time.sleep(0.3)
        yield port
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


if __name__ == "__main__":
    main()

"""kill -9 of everything that runs, under writing load: what was acknowledged is there, nothing is half-there.

`make test` kills 5 times, `make prove` 50 times. GANGMU_CRASH_SEED says which victims; the moments are never the same.
"""

import json
import os
import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random

import pytest

from crash.journal import Ledger
from crash.site import WRITERS, Site, wait_until
from crash.truth import Truth
from crash.victims import kill, plan

PROVING = os.environ.get("GANGMU_PROVE") == "1"
SEED = int(os.environ.get("GANGMU_CRASH_SEED") or (20261121 if PROVING else 20261120))
KILLS_A_ROUND = 5  # then the writers rest, and the cube and the record are checked as well


@dataclass
class Toll:
    """What happened."""

    kills: Counter[str] = field(default_factory=Counter)
    under_way: int = 0  # writes that were sent and not yet answered when somebody was killed

    def said(self, ledgers: dict[str, Ledger]) -> str:
        written: Counter[str] = Counter()
        for writer, ledger in ledgers.items():
            written[WRITERS[writer]] += ledger.acknowledged
        again = sum(ledger.repeated + ledger.unanswered for ledger in ledgers.values())
        victims = ", ".join(f"{kind} {count}" for kind, count in sorted(self.kills.items()))
        return (
            f"{self.kills.total()} kills (seed {SEED}): {victims}. Acknowledged: {written['facts']} files of facts, "
            f"{written['web']} forms, {written['jobs']} jobs. {self.under_way} writes were under way at a kill, "
            f"{again} attempts got no answer and were made again."
        )


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A site that runs, without writers."""
    site = Site(tmp_path_factory.mktemp("crash"))
    site.seed = SEED
    try:
        site.prepare()
        site.start()
        yield site
    finally:
        site.close()


@pytest.fixture(scope="module")
def truth(site: Site) -> Truth:
    return Truth(site)


def done(ledgers: dict[str, Ledger]) -> dict[str, int]:
    """Of each writer, the last write of which it knows that it is done."""
    return {
        writer: max(ledgers[writer].ended, default=0) if kind == "jobs" else ledgers[writer].acknowledged
        for writer, kind in WRITERS.items()
        if writer in ledgers
    }


def wait_for_new_writes(site: Site, more: int = 1) -> None:
    """Until every writer has had something acknowledged that it sent after now."""
    sent = {writer: ledger.sent for writer, ledger in site.ledgers().items()}

    def going_on() -> bool:
        site.keep_writers()
        latest = done(site.ledgers())
        return all(latest.get(writer, 0) >= sent.get(writer, 0) + more for writer in WRITERS)

    wait_until(going_on, "every writer goes on", lambda: f"sent {sent}, done {done(site.ledgers())}\n{site.logs()}")


def wait_for_the_moment(site: Site, random: Random) -> None:
    """Until some writer is about to send a write drawn by lot, and then a moment longer."""
    writer = random.choice(list(WRITERS))
    number = site.ledgers()[writer].sent + random.randint(1, 4)
    wait_until(lambda: site.ledgers()[writer].sent >= number, f"{writer} sends {number}", site.logs)
    time.sleep(random.uniform(0, 0.03))  # nobody waits for anything here: it is where in the write the blow falls


def kill_under_load(site: Site, truth: Truth, kinds: list[str], random: Random, toll: Toll) -> None:
    """Kill one after the other; between any two every writer gets something done."""
    for writer in WRITERS:
        site.start_writer(writer)
    wait_for_new_writes(site)
    for kind in kinds:
        wait_for_the_moment(site, random)
        ledgers = site.ledgers()
        toll.under_way += sum(ledger.sent > ledger.acknowledged for ledger in ledgers.values())
        kill(site, kind, random)
        toll.kills[kind] += 1
        assert site.run is not None
        if site.run.poll() is not None:
            site.start()
        wait_for_new_writes(site)
        assert truth.findings() == [], f"after killing {kind}\n{site.logs()}"
    site.stop_writers()
    assert truth.findings() == []
    assert wait_until(lambda: jobs_have_ended(site), "all jobs end", site.logs)
    assert truth.findings() == []
    assert cube_findings(site) == []
    site.command("audit", "verify")


def jobs_have_ended(site: Site) -> bool:
    with site.connect() as connection:
        row = connection.execute("SELECT count(*) FROM jobs_job WHERE state IN ('waiting', 'running')").fetchone()
    return row == (0,)


def cube_findings(site: Site) -> list[str]:
    """What `gangmu check` finds."""
    return json.loads(site.command("check", "--json", expect=None).splitlines()[-1])["findings"]


@pytest.mark.parametrize("kills", [pytest.param(5, id="five"), pytest.param(50, id="fifty", marks=pytest.mark.prove)])
def test_nothing_acknowledged_is_lost_and_nothing_is_half_there(site: Site, truth: Truth, kills: int, capsys):
    random = Random(f"{SEED} {kills}")
    toll = Toll()
    kinds = plan(kills, random)
    for start in range(0, kills, KILLS_A_ROUND):
        kill_under_load(site, truth, kinds[start : start + KILLS_A_ROUND], random, toll)
    with capsys.disabled():
        print(f"\nPROOF crash: {toll.said(site.ledgers())}")

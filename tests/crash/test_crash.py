"""kill -9 of everything that runs, under writing load: what was acknowledged is there, nothing is half-there.

`make test` kills 5 times, `make prove` 50 times. GANGMU_CRASH_SEED says which victims; the moments are never the same.
"""

import json
import os
import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from statistics import median

import pytest

from crash.journal import Ledger
from crash.site import HASTY, WRITERS, Site, wait_until
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
    pauses: list[tuple[float, str]] = field(default_factory=list)  # until every writer was through again, by victim

    def said(self, ledgers: dict[str, Ledger]) -> str:
        written: Counter[str] = Counter()
        for writer, ledger in ledgers.items():
            written[WRITERS[writer]] += ledger.acknowledged
        again = sum(ledger.repeated + ledger.unanswered for ledger in ledgers.values())
        victims = ", ".join(f"{kind} {count}" for kind, count in sorted(self.kills.items()))
        longest, whom = max(self.pauses)
        return (
            f"{self.kills.total()} kills (seed {SEED}): {victims}. Acknowledged: {written['facts']} files of facts, "
            f"{written['web']} forms, {written['jobs']} jobs. {self.under_way} writes were under way at a kill, "
            f"{again} attempts got no answer and were made again. After a kill every writer had something new "
            f"acknowledged within {median(pause for pause, _ in self.pauses):.1f} s (median), {longest:.1f} s at most "
            f"({whom})."
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
        site.keep_running()
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
        begin = time.monotonic()
        kill(site, kind, random)
        toll.kills[kind] += 1
        wait_for_new_writes(site)
        toll.pauses.append((time.monotonic() - begin, kind))
        assert truth.findings() == [], f"after killing {kind}\n{site.logs()}"
    site.stop_writers()
    assert truth.findings() == []
    assert wait_until(lambda: jobs_have_ended(site), "all jobs end", site.logs)
    assert truth.findings() == []
    assert cube_findings(site) == []
    site.command("audit", "verify")
    assert site.own_deaths() == []


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


# The test of the test: whether all this would notice anything. Each kind of damage is planted in a transaction that is
# rolled back, below whatever the database does to prevent it.

FIRST = "SELECT id FROM filing_batch WHERE kind = 'import' AND source LIKE 'early-%' ORDER BY id LIMIT 1"
LATEST = "SELECT id FROM filing_batch WHERE source LIKE 'late-%' ORDER BY id DESC LIMIT 1"
DAMAGE = {
    "half a batch": f"""DELETE FROM filing_fact WHERE batch_id = ({LATEST})
        AND organisation_id = (SELECT min(organisation_id) FROM filing_fact WHERE batch_id = ({LATEST}))""",
    "a lost batch": f"""DELETE FROM filing_fact WHERE batch_id = ({LATEST});
        DELETE FROM filing_batch WHERE id = ({LATEST})""",
    "another value": f"UPDATE filing_fact SET value = value + 1 WHERE batch_id = ({FIRST})",
    "two revisions that hold": """DROP INDEX one_revision_of_a_cell_holds;
        UPDATE filing_fact SET superseded_by_id = NULL WHERE superseded_by_id IS NOT NULL""",
    "none that holds": f"UPDATE filing_fact SET superseded_by_id = ({LATEST}) WHERE batch_id = ({FIRST})",
    "a batch recorded twice": f"""INSERT INTO filing_batch (kind, source, reason, key, recorded_at, facts_count)
        SELECT kind, source, reason, 'again', recorded_at, 0 FROM filing_batch WHERE id = ({LATEST})""",
    "a batch that was never sent": """INSERT INTO filing_batch (kind, source, reason, key, recorded_at, facts_count)
        VALUES ('import', 'early-999999.csv', '', 'never', now(), 0), ('import', 'x-1.csv', '', 'x', now(), 0)""",
    "a hole in the log": f"DELETE FROM filing_change WHERE batch_id = ({FIRST})",
    "a lost job": "DELETE FROM jobs_job WHERE id = (SELECT max(id) FROM jobs_job)",
    "a job that is done and waits": """UPDATE jobs_job SET state = 'waiting', finished_at = NULL
        WHERE id = (SELECT min(id) FROM jobs_job WHERE state = 'succeeded')""",
    "a job that is done and says that it is not": """UPDATE jobs_job SET state = 'failed', error = 'x'
        WHERE id = (SELECT min(id) FROM jobs_job WHERE state = 'succeeded')""",
    "a job that did nothing": """UPDATE jobs_job SET result = '{"recorded": 0, "rejected": 0}'
        WHERE id = (SELECT min(id) FROM jobs_job WHERE state = 'succeeded')""",
    "a file without its job": "UPDATE jobs_job SET params = '{}' WHERE id = (SELECT min(id) FROM jobs_job)",
    "a lost form": "DELETE FROM ui_submission WHERE id = (SELECT max(id) FROM ui_submission)",
    "a form that counted and did nothing": """UPDATE ui_savedview SET query = 'q=0'
        WHERE id = (SELECT max(id) FROM ui_savedview)""",
    "a view that nobody saved": """INSERT INTO ui_savedview (page, name, query, shared, created_at, user_id)
        SELECT page, 'another', query, shared, created_at, user_id FROM ui_savedview LIMIT 1""",
    "a lost sign-in": """ALTER TABLE records_event DISABLE TRIGGER USER;
        DELETE FROM records_event WHERE kind = 'accounts.signed-in'""",
}


@pytest.fixture(scope="module")
def written(site: Site, truth: Truth) -> None:
    """Something of every kind has been written, and nobody writes now."""
    if not site.ledgers():
        for writer in WRITERS:
            site.start_writer(writer)
        wait_for_new_writes(site, more=12)
        site.stop_writers()
    assert truth.findings() == []


@pytest.mark.parametrize("damage", DAMAGE)
def test_planted_damage_is_found(site: Site, truth: Truth, written: None, damage: str):
    with site.connect() as connection:
        connection.execute("SET LOCAL session_replication_role = replica")
        for statement in DAMAGE[damage].split(";"):
            assert connection.execute(statement.encode()).rowcount != 0, "nothing was damaged"
        assert truth.findings(connection)
        connection.rollback()


def test_what_was_planted_was_taken_back(truth: Truth, written: None):
    assert truth.findings() == []


def test_a_cube_that_is_not_the_database_is_found(site: Site, written: None):
    change = b"""UPDATE filing_fact SET value = value + %s WHERE superseded_by_id IS NULL
        AND batch_id = (SELECT max(batch_id) FROM filing_fact WHERE superseded_by_id IS NULL)"""
    with site.connect(autocommit=True) as connection:
        assert connection.execute(change, [1]).rowcount
        try:
            assert cube_findings(site)
        finally:
            connection.execute(change, [-1])
    assert cube_findings(site) == []


def test_a_writer_that_takes_sending_for_an_acknowledgement_is_found(site: Site, truth: Truth, written: None):
    """The last test of this site: what this writer lost stays lost."""
    site.start_writer(HASTY)
    wait_until(lambda: site.ledgers().get(HASTY, Ledger()).sent > 2, "the hasty writer writes", site.logs)
    kill(site, "database server", Random(SEED))
    sent = site.ledgers()[HASTY].sent
    wait_until(lambda: site.ledgers()[HASTY].sent > sent + 2, "the hasty writer goes on", site.logs)
    site.connect().close()
    site.stop_writers()
    found = truth.findings()
    assert found and all(HASTY in finding for finding in found)

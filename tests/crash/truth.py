"""Compares what the database holds with what the writers' journals say it must hold. Plain SQL, nothing of ours.

A writer sends its operations one after the other, so the database must hold exactly the effects of its first k, where
k is at least what was acknowledged before we looked and at most what was sent before we had looked. The jobs' writer
has several under way: each job's effects must be there as a whole or not at all, as the job's own row says.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import psycopg

from crash.journal import Ledger
from crash.operations import Operation, operations
from crash.site import WRITERS, Site
from crash.writers import jobs, web

Revision = tuple[int, str | None]  # value, and the source of the batch that superseded it
Held = dict[str, dict[tuple[str, str, Any], Revision]]  # of each source, its cells

FACTS = """
    SELECT b.source, o.code, i.code, f.period, f.value, s.source
    FROM filing_fact f
    JOIN filing_batch b ON b.id = f.batch_id
    JOIN parties_organisation o ON o.id = f.organisation_id
    JOIN indicators_indicator i ON i.id = f.indicator_id
    LEFT JOIN filing_batch s ON s.id = f.superseded_by_id
"""
# Each gives what must not be: a text and how often it is so.
NEVER = {
    "batches that do not hold as many facts as they say": """
        SELECT count(*) FROM filing_batch b
        WHERE facts_count <> (SELECT count(*) FROM filing_fact f WHERE f.batch_id = b.id)""",
    "cells without exactly one revision that holds": """
        SELECT count(*) FROM (SELECT FROM filing_fact GROUP BY indicator_id, scenario_id, organisation_id, period
        HAVING count(*) FILTER (WHERE superseded_by_id IS NULL) <> 1) cells""",
    "revisions superseded by a batch that has no revision of their cell": """
        SELECT count(*) FROM filing_fact f WHERE superseded_by_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM filing_fact later WHERE later.batch_id = f.superseded_by_id
        AND (later.indicator_id, later.scenario_id, later.organisation_id, later.period)
          = (f.indicator_id, f.scenario_id, f.organisation_id, f.period))""",
    "batches that are not in the log of changes exactly once": """
        SELECT count(*) FROM filing_batch b
        WHERE (SELECT count(*) FROM filing_change c WHERE c.batch_id = b.id) <> 1""",
    "gaps in the numbers of the log of changes": "SELECT coalesce(max(id), 0) - count(*) FROM filing_change",
    "scenarios that nobody sent": "SELECT count(*) FROM filing_scenario WHERE code <> 'actual'",
    "jobs that failed without a reason": "SELECT count(*) FROM jobs_job WHERE state = 'failed' AND error = ''",
    "documents of several jobs or editions, or of none": """
        SELECT count(*) FROM documents_document d WHERE name NOT LIKE '%.rejected.csv' AND 1 <>
        (SELECT count(*) FROM jobs_job j WHERE (j.params ->> 'document')::bigint = d.id)
        + (SELECT count(*) FROM reports_editionfile f WHERE f.document_id = d.id)""",
    "editions of reports without all their files": """
        SELECT count(*) FROM reports_edition e
        WHERE (SELECT count(*) FROM reports_editionfile f WHERE f.edition_id = e.id) NOT IN (0, 4)""",
}


@dataclass
class Snapshot:
    """What the database held at one moment."""

    facts: Held = field(default_factory=dict)
    batches: dict[str, int] = field(default_factory=dict)
    jobs: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    views: dict[str, str] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    sign_ins: int = 0
    never: list[str] = field(default_factory=list)


def look(connection: psycopg.Connection) -> Snapshot:
    """Read everything as of one moment, in the connection's transaction."""
    seen = Snapshot()
    for source, organisation, indicator, day, value, later in connection.execute(FACTS):
        seen.facts.setdefault(source, {})[organisation, indicator, day] = (value, later)
    seen.batches = dict(connection.execute("SELECT source, count(*) FROM filing_batch GROUP BY source").fetchall())
    for key, state, result in connection.execute("SELECT key, state, result FROM jobs_job"):
        seen.jobs[key] = (state, result)
    seen.views = dict(connection.execute("SELECT name, query FROM ui_savedview WHERE page = %s", [web.PAGE]).fetchall())
    seen.keys = {key for (key,) in connection.execute("SELECT key FROM ui_submission")}
    events = connection.execute("SELECT count(*) FROM records_event WHERE kind = 'accounts.signed-in'").fetchone()
    seen.sign_ins = events[0] if events else 0
    for what, statement in NEVER.items():
        row = connection.execute(statement.encode()).fetchone()
        if row and row[0]:
            seen.never.append(f"{row[0]} {what}")
    return seen


class Filed:
    """What must be there of a writer of facts after its first operations; goes forward only."""

    def __init__(self, writer: str, seed: int) -> None:
        self.writer = writer
        self.expected: Held = {}
        self.applied = 0
        self._stands: dict[tuple[str, str, Any], str] = {}
        self._operations = operations(writer, seed)

    def findings(self, seen: Snapshot, before: Ledger, after: Ledger) -> Iterator[str]:
        held = {source: cells for source, cells in seen.facts.items() if _writer_of(source) == self.writer}
        found = max((_number_of(source) for source in held), default=0)
        yield from _between(self.writer, found, before.acknowledged, after.sent, self.applied)
        for operation in islice(self._operations, max(0, min(found, after.sent) - self.applied)):
            self._apply(operation)
        yield from _differences(self.expected, held)
        for source in held:
            if seen.batches.get(source) != 1:
                yield f"{source} was recorded {seen.batches.get(source)} times"

    def _apply(self, operation: Operation) -> None:
        self.applied = operation.number
        cells = self.expected[operation.source] = {}
        for cell, value in operation.rows.items():
            earlier = self._stands.get(cell)
            if earlier is not None:
                self.expected[earlier][cell] = (self.expected[earlier][cell][0], operation.source)
            self._stands[cell] = operation.source
            cells[cell] = (value, None)


class Worked:
    """What must be there of the jobs' writer: of every job that succeeded everything, of every other one nothing."""

    def __init__(self, writer: str, seed: int) -> None:
        self.writer = writer
        self.jobs: list[Operation] = []
        self._operations = operations(writer, seed, corrections=False)

    def findings(self, seen: Snapshot, before: Ledger, after: Ledger) -> Iterator[str]:
        numbers = {int(key.rpartition(".")[2]) for key in seen.jobs}
        found = max(numbers, default=0)
        yield from _between(self.writer, found, before.acknowledged, after.sent, 0)
        for missing in sorted(set(range(1, found + 1)) - numbers):
            yield f"job {missing} of {self.writer} is lost"
        self.jobs.extend(islice(self._operations, max(0, min(found, after.sent) - len(self.jobs))))
        expected: Held = {}
        for operation in self.jobs[:found]:
            state, result = seen.jobs.get(jobs.key_of(self.writer, operation.number), ("lost", {}))
            if state == "succeeded":
                expected[operation.source] = {cell: (value, None) for cell, value in operation.rows.items()}
                counts = (result.get("recorded"), result.get("rejected"), "document" in result)
                if counts != (len(operation.rows), len(operation.faulty), bool(operation.faulty)):
                    yield f"job {operation.number} of {self.writer} says that it did {result}"
                if seen.batches.get(operation.source) != 1:
                    yield f"{operation.source} was recorded {seen.batches.get(operation.source)} times"
            elif operation.number in before.ended and state in ("waiting", "running"):
                yield f"job {operation.number} of {self.writer} had ended and is {state} again"
        held = {source: cells for source, cells in seen.facts.items() if _writer_of(source) == self.writer}
        yield from _differences(expected, held)


def _saved(writer: str, seen: Snapshot, before: Ledger, after: Ledger) -> Iterator[str]:
    """Every form counted once, and each view is as the last form that counted left it."""
    numbers = {_number_of_key(key) for key in seen.keys}
    found = max(numbers, default=0)
    yield from _between(writer, found, before.acknowledged, after.sent, 0)
    for missing in sorted(set(range(1, found + 1)) - numbers):
        yield f"form {missing} of {writer} is lost"
    expected = {web.name_of(number): web.query_of(number) for number in range(1, found + 1)}
    for name in sorted(expected.keys() | seen.views.keys()):
        if expected.get(name) != seen.views.get(name):
            yield f"{name} is {seen.views.get(name)} instead of {expected.get(name)}"
    if not before.signed_in <= seen.sign_ins <= after.sign_ins:
        yield f"{seen.sign_ins} sign-ins recorded, {before.signed_in} acknowledged, {after.sign_ins} attempted"


class Truth:
    """The whole comparison, kept from one look to the next."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._writers: dict[str, Filed | Worked] = {}

    def findings(self, connection: psycopg.Connection | None = None) -> list[str]:
        """What is not as it must be. With a connection, as that transaction sees it."""
        before = self.site.ledgers()
        if connection is not None:
            seen = look(connection)
        else:
            with self.site.connect() as own:
                own.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
                seen = look(own)
        after = self.site.ledgers()
        found = list(seen.never)
        for writer, ledger in after.items():
            found += [f"{writer}: {fault}" for fault in ledger.faults]
            then = before.get(writer, Ledger())
            kind = WRITERS.get(writer, "facts")
            if kind == "web":
                found += _saved(writer, seen, then, ledger)
            else:
                found += self._of(writer, kind).findings(seen, then, ledger)
        strangers = {source for source in seen.batches if _writer_of(source) not in after}
        found += [f"{source} was never sent" for source in sorted(strangers)]
        return found

    def _of(self, writer: str, kind: str) -> "Filed | Worked":
        if writer not in self._writers:
            self._writers[writer] = (Worked if kind == "jobs" else Filed)(writer, self.site.seed)
        return self._writers[writer]


def _writer_of(source: str) -> str:
    return source.rpartition("-")[0]


def _number_of(source: str) -> int:
    return int(source.removesuffix(".csv").rpartition("-")[2])


def _number_of_key(key: str) -> int:
    return int(key.rpartition(".")[2])


def _between(writer: str, found: int, acknowledged: int, sent: int, before: int) -> Iterator[str]:
    if found < acknowledged:
        yield f"{writer}: {acknowledged} writes were acknowledged, the last one there is {found}"
    if found > sent:
        yield f"{writer}: write {found} is there, but only {sent} were sent"
    if found < before:
        yield f"{writer}: write {before} was there and is gone"


def _differences(expected: Held, held: Held) -> Iterator[str]:
    for source in sorted(expected.keys() | held.keys()):
        must, has = expected.get(source, {}), held.get(source, {})
        if must == has:
            continue
        missing, extra = must.keys() - has.keys(), has.keys() - must.keys()
        other = [cell for cell in must.keys() & has.keys() if must[cell] != has[cell]]
        example = next(iter([*missing, *extra, *other]))
        yield (
            f"{source}: of {len(must)} facts {len(missing)} are missing, {len(other)} are otherwise, {len(extra)} were "
            f"never in it; {example}: {has.get(example)} instead of {must.get(example)}"
        )

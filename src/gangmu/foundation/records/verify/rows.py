"""Every record against the leaves of its seal, and its times against the seals around it."""

import hmac
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from django.db.backends.utils import CursorWrapper

from gangmu.foundation.records import chain
from gangmu.foundation.records.models import Event, Purge, SealPart
from gangmu.foundation.records.verify.report import Report
from gangmu.foundation.records.verify.seals import Link
from gangmu.foundation.settings.home import HomeMissing

BATCH = 50_000  # rows read at a time, roughly
CLOCK_STEP = timedelta(minutes=2)  # how far a machine's clock may be set back without alarm
A_DAY = timedelta(days=1)
TOMBSTONE = "records.purged"


def check_rows(cursor: CursorWrapper, report: Report, links: list[Link]) -> set[str]:
    """Compare all records with the seals; the models of which history was purged."""
    tombstones, models = _tombstones(report)
    times = _Times(cursor, report, links)
    for table in chain.COLUMNS:
        for batch in _batches(links):
            _check_batch(cursor, report, table, batch, tombstones.get(table, set()), times)
        _check_tail(cursor, report, table, links[-1].to_xact if links else 0, times)
    if times.still:
        report.add("clock-stood-still", count=times.still)
    return models


def _batches(links: list[Link]) -> Iterator[list[Link]]:
    batch: list[Link] = []
    held = 0
    for link in links:
        batch.append(link)
        held += link.rows
        if held >= BATCH:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


def _check_batch(
    cursor: CursorWrapper, report: Report, table: str, batch: list[Link], purged: set[int], times: "_Times"
) -> None:
    expected = _leaves(table, batch)
    ends = [link.to_xact for link in batch]
    condition = f"xact >= {batch[0].from_xact} AND xact < {ends[-1]}"
    for line in chain.rows(cursor, table, condition):
        row, digest = chain.leaf(line)
        link = batch[bisect_right(ends, _xact(line))]
        sealed, known = expected.pop(row, (None, None))
        if known is None:
            report.add("row-forged", table=table, row=row, seal=link.number)
        elif known != digest:
            report.add("row-changed", table=table, row=row, seal=sealed)
        report.sealed[table] += 1
        times.check(table, row, line, until=link.taken_at)
    for row, (seal, _) in expected.items():
        if row not in purged:
            report.add("row-removed", table=table, row=row, seal=seal)


def _leaves(table: str, batch: list[Link]) -> dict[int, tuple[int, bytes]]:
    parts = SealPart.objects.filter(
        table=table, seal_id__gte=batch[0].number, seal_id__lte=batch[-1].number
    ).values_list("seal_id", "leaves")
    found: dict[int, tuple[int, bytes]] = {}
    for number, leaves in parts:
        packed = bytes(leaves)
        whole = len(packed) - len(packed) % chain.LEAF.size
        for row, digest in chain.LEAF.iter_unpack(packed[:whole]):
            found[row] = (number, digest)
    return found


def _check_tail(cursor: CursorWrapper, report: Report, table: str, from_xact: int, times: "_Times") -> None:
    numbers: list[tuple[int, int]] = []
    for line in chain.rows(cursor, table, f"xact < 0 OR xact >= {from_xact}"):
        row, _ = chain.leaf(line)
        numbers.append((_xact(line), row))
        report.unsealed[table] += 1
        written = times.check(table, row, line, until=times.now())
        if report.oldest_unsealed is None or written < report.oldest_unsealed:
            report.oldest_unsealed = written
    # whatever was read has been committed, or is our own: a snapshot of now lies above it
    cursor.execute(
        "SELECT greatest(pg_snapshot_xmax(pg_current_snapshot())::text::bigint, "
        "pg_current_xact_id_if_assigned()::text::bigint + 1) + records_offset()"
    )
    (beyond,) = cursor.fetchone()
    for xact, row in numbers:
        if xact < 0 or xact >= beyond:
            report.add("row-future", table=table, row=row)


def _xact(line: bytes) -> int:
    return int(line[line.rindex(b"\t") + 1 :])


class _Times:
    """What the seals say of when a transaction can have run: after every seal whose own number is lower."""

    def __init__(self, cursor: CursorWrapper, report: Report, links: list[Link]) -> None:
        cursor.execute("SELECT clock_timestamp()")
        self.ahead = cursor.fetchone()[0] - datetime.now(UTC)  # the database may stand on another machine
        self.report = report
        self.own = [link.own_xact for link in links]
        self.taken = [link.taken_at for link in links]
        self.still = 0

    def now(self) -> datetime:
        """The database's time."""
        return datetime.now(UTC) + self.ahead

    def check(self, table: str, row: int, line: bytes, *, until: datetime) -> datetime:
        """Report a row whose times cannot be true; when it was written."""
        *_, at_text, written_text, still, xact = line.rstrip(b"\n").rsplit(b"\t", 4)
        at, written = _instant(at_text), _instant(written_text)
        place = bisect_left(self.own, int(xact))
        after = self.taken[place - 1] if place else None
        if (after and written < after - CLOCK_STEP) or written > until + CLOCK_STEP:
            self.report.add(
                "row-time", table=table, row=row, at=written, after=after or "…", until=until.isoformat(" ", "seconds")
            )
        if still == b"t":
            self.still += 1
        elif abs(at - written) > A_DAY:
            self.report.add("row-back-dated", table=table, row=row, at=at, written=written)
        return written


def _instant(text: bytes) -> datetime:
    return datetime.fromisoformat(text.decode())


def _tombstones(report: Report) -> tuple[dict[str, set[int]], set[str]]:
    """The rows that confirmed purges removed, by table, and the models whose history they shortened."""
    removed: dict[str, set[int]] = {}
    models: set[str] = set()
    for event in Event.objects.filter(kind=TOMBSTONE):
        data = dict(event.data)
        mac = data.pop("mac", "")
        purge = Purge.objects.select_related("retention").filter(pk=data.get("purge")).first()
        confirmed = purge is not None and purge.done_at is not None and purge.confirmed_by_id != purge.requested_by_id
        try:
            signed = hmac.compare_digest(chain.mac_of(chain.canonical(data)), mac)
        except HomeMissing:
            signed = True  # reported with the seals
        if not (confirmed and signed):
            report.add("tombstone-forged", row=event.pk)
            continue
        removed.setdefault(data["table"], set()).update(data["rows"])
        if purge and data["table"] == "history":
            models.update(purge.retention.kinds)
    return removed, models

"""The chain of seals: which records a seal holds, what its head is, and the copy of it outside the database.

A seal holds the records of every transaction numbered in [from, to). `to` is the lowest number still open when the
seal is taken, so the set is closed for ever: no transaction in it can write any more, in whatever order they commit.

Taking a seal, and what `kill -9` leaves at each point:

1. take the lock, read the horizon, draw a number of our own and flush it to the WAL, hash the rows;
2. append the line to `seals.log` and fsync it;
3. insert the seal and commit.

Before 2 there is nothing. Between 2 and 3 the file is one line ahead: since the set is closed, the next sealing takes
the same rows again, finds the same head and inserts the seal that was missing (`_finish`). Rows that somebody removed
meanwhile give another head, which is how a cut differs from a crash. The flush in 1 keeps a crash of the database
from giving out a transaction number again that the line already counts as past.
"""

import errno
import hashlib
import hmac
import json
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _

from gangmu.foundation.records.models import Seal, SealPart
from gangmu.foundation.settings import home

FORMAT = 1
LOCK = 0x67616E67_7365616C  # "gangseal"
LEAF = struct.Struct(">q32s")
COMMON = "by_id, organisation_id, role, request, at, written_at, fixed_clock, xact"
# What is sealed of each table, in this order; `id` is first.
COLUMNS = {
    "history": f"id, model, row, operation, before, after, changed, {COMMON}",
    "event": f"id, kind, refused, subject, data, ip, {COMMON}",
}


class ChainBroken(Exception):
    """Sealing stopped because the chain and its copy disagree; `gangmu audit verify` says how."""


@dataclass(frozen=True)
class Part:
    """What a seal holds of one table."""

    count: int
    digest: str


@dataclass(frozen=True)
class Header:
    """Everything that a seal's head is the SHA-256 of."""

    number: int
    previous: str
    from_xact: int
    to_xact: int
    own_xact: int
    taken_at: str
    history: Part
    event: Part
    format: int = FORMAT

    def canonical(self) -> bytes:
        """The header as one line of JSON with sorted keys."""
        return canonical(
            {
                **{name: getattr(self, name) for name in HEADER_FIELDS},
                "history": [self.history.count, self.history.digest],
                "event": [self.event.count, self.event.digest],
            }
        )

    @property
    def head(self) -> str:
        return hashlib.sha256(self.canonical()).hexdigest()


HEADER_FIELDS = ("format", "number", "previous", "from_xact", "to_xact", "own_xact", "taken_at")


@dataclass(frozen=True)
class Line:
    """One line of `seals.log`."""

    header: Header
    head: str
    mac: str

    def text(self) -> str:
        return f"{self.header.canonical().decode()} {self.head} {self.mac}\n"


@dataclass(frozen=True)
class Log:
    """`seals.log` as read: its whole lines, and what follows the last whole line (a torn write), if anything.

    `damaged` is the number of the first line that is no seal's line, or None; nothing after it was read.
    """

    lines: list[Line]
    torn: bytes
    damaged: int | None


def canonical(value: object) -> bytes:
    """The one way in which we write JSON that is hashed."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def mac_of(text: bytes | str) -> str:
    """The HMAC of `text` under the key of this installation, which the database does not hold."""
    message = text.encode() if isinstance(text, str) else text
    return hmac.new(home.secret("seal").encode(), message, hashlib.sha256).hexdigest()


def log_path() -> Path:
    return home.home() / "seals" / "seals.log"


def read_log() -> Log:
    """The copy of the chain outside the database; empty when there is none."""
    path = log_path()
    content = path.read_bytes() if path.exists() else b""
    *whole, torn = content.split(b"\n")
    lines = []
    for place, raw in enumerate(whole, start=1):
        try:
            lines.append(_parse(raw))
        except (ValueError, KeyError, TypeError):
            return Log(lines, torn, place)
    return Log(lines, torn, None)


def _parse(raw: bytes) -> Line:
    text, head, mac = raw.decode("ascii").rsplit(" ", 2)
    values = json.loads(text)
    return Line(
        Header(
            **{name: values[name] for name in HEADER_FIELDS},
            history=Part(*values["history"]),
            event=Part(*values["event"]),
        ),
        head,
        mac,
    )


def append(line: Line) -> None:
    """Write one line at the end of the file, on disk before this returns."""
    path = log_path()
    if not path.parent.exists():
        path.parent.mkdir(mode=0o700, parents=True)
        _sync(path.parent.parent)
    new = not path.exists()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        text = line.text().encode()
        if os.write(descriptor, text) != len(text):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if new:
        _sync(path.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def stored_line(seal: Seal, parts: dict[str, Part]) -> Line:
    """The line that `seals.log` should hold for a seal of the database."""
    header = Header(
        **{name: getattr(seal, name) for name in HEADER_FIELDS if name != "taken_at"},
        taken_at=seal.taken_at.astimezone(UTC).isoformat(),
        history=parts.get("history", Part(0, "")),
        event=parts.get("event", Part(0, "")),
    )
    return Line(header, seal.head, seal.mac)


def stable_text(cursor: CursorWrapper) -> None:
    """Make the database print values the same way in every session, until the transaction ends."""
    cursor.execute(
        "SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL intervalstyle = 'iso_8601'; "
        "SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1"
    )


def rows(cursor: CursorWrapper, table: str, condition: str, order: str = "id") -> Iterator[bytes]:
    """The sealed text of rows, one line each, as COPY prints it. `condition` holds numbers of ours only."""
    statement = f"COPY (SELECT {COLUMNS[table]} FROM records_{table} WHERE {condition} ORDER BY {order}) TO STDOUT"
    with cursor.copy(statement) as copy:
        for line in copy:  # libpq hands over one row at a time
            yield bytes(line)


def leaf(line: bytes) -> tuple[int, bytes]:
    """A row's id and the SHA-256 of its text."""
    return int(line[: line.index(b"\t")]), hashlib.sha256(line).digest()


def _hash(cursor: CursorWrapper, from_xact: int, to_xact: int) -> dict[str, bytes]:
    condition = f"xact >= {from_xact} AND xact < {to_xact}"
    return {table: b"".join(LEAF.pack(*leaf(line)) for line in rows(cursor, table, condition)) for table in COLUMNS}


def _part(leaves: bytes) -> Part:
    return Part(len(leaves) // LEAF.size, hashlib.sha256(leaves).hexdigest())


def seal() -> Seal | None:
    """Seal every record whose transaction has ended; None when there is nothing new or another process is at it.

    Raises:
        ChainBroken: the database and `seals.log` disagree in a way that no crash leaves behind.
    """
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return None
        stable_text(cursor)
        last = Seal.objects.order_by("-number").first()
        last = _agree_with_log(cursor, last)
        cursor.execute("SELECT clock_timestamp(), records_horizon()")
        taken_at, to_xact = cursor.fetchone()
        from_xact = last.to_xact if last else 0
        leaves = _hash(cursor, from_xact, to_xact)
        if not any(leaves.values()):
            return None
        if last is None:
            home.secret("seal", create=True)
        cursor.execute("SELECT records_xact(), pg_logical_emit_message(true, 'gangmu.seal', '', true)")
        own_xact = cursor.fetchone()[0]
        header = Header(
            number=last.number + 1 if last else 1,
            previous=last.head if last else "",
            from_xact=from_xact,
            to_xact=to_xact,
            own_xact=own_xact,
            taken_at=taken_at.astimezone(UTC).isoformat(),
            history=_part(leaves["history"]),
            event=_part(leaves["event"]),
        )
        line = Line(header, header.head, mac_of(header.head))
        append(line)
        return _insert(line, leaves)


def _insert(line: Line, leaves: dict[str, bytes]) -> Seal:
    header = line.header
    seal = Seal.objects.create(
        **{name: getattr(header, name) for name in HEADER_FIELDS if name != "taken_at"},
        taken_at=datetime.fromisoformat(header.taken_at),
        head=line.head,
        mac=line.mac,
    )
    for table, packed in leaves.items():
        part: Part = getattr(header, table)
        SealPart.objects.create(seal=seal, table=table, count=part.count, digest=part.digest, leaves=packed)
    return seal


def _agree_with_log(cursor: CursorWrapper, last: Seal | None) -> Seal | None:
    """Bring database and file to the same seal after a crash, or refuse; the last seal of both."""
    log = read_log()
    held = last.number if last else 0
    written = log.lines[-1].header.number if log.lines else 0
    if log.damaged is not None:
        raise ChainBroken(_("line %(line)d of seals.log is no seal") % {"line": log.damaged})
    if log.torn:
        _drop_torn_line(log.torn)
    if written > held + 1 or (log.lines and held >= 1 and written < held):
        raise ChainBroken(
            _("the database ends with seal %(held)d, seals.log with seal %(written)d")
            % {"held": held, "written": written}
        )
    if held and not log.lines:
        raise ChainBroken(_("seals.log is missing, but the database holds %(held)d seals") % {"held": held})
    before = log.lines[held - 1] if held else None
    if before and last and (before.head, before.mac) != (last.head, last.mac):
        raise ChainBroken(_("seal %(held)d differs between the database and seals.log") % {"held": held})
    return _finish(cursor, log.lines[held], last) if written == held + 1 else last


def finished_leaves(cursor: CursorWrapper, line: Line, last: Seal | None) -> dict[str, bytes] | None:
    """The leaves of a seal that only the file holds, or None when the rows no longer give its head."""
    header = line.header
    leaves = _hash(cursor, header.from_xact, header.to_xact)
    again = (_part(leaves["history"]), _part(leaves["event"]))
    fits = (
        again == (header.history, header.event)
        and header.head == line.head
        and hmac.compare_digest(mac_of(line.head), line.mac)
        and header.from_xact == (last.to_xact if last else 0)
        and header.previous == (last.head if last else "")
    )
    return leaves if fits else None


def _finish(cursor: CursorWrapper, line: Line, last: Seal | None) -> Seal:
    leaves = finished_leaves(cursor, line, last)
    if leaves is None:
        raise ChainBroken(
            _("seals.log holds seal %(number)d, but the records that it sealed are gone or changed")
            % {"number": line.header.number}
        )
    return _insert(line, leaves)


def _drop_torn_line(torn: bytes) -> None:
    """Take away what a power loss left of an unfinished line; its seal was never committed."""
    path = log_path()
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - len(torn))
        file.flush()
        os.fsync(file.fileno())

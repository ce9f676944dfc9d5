"""The chain itself: each seal, its links, its signature, and the copy outside the database."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

from django.db.backends.utils import CursorWrapper

from gangmu.foundation.records import chain
from gangmu.foundation.records.models import Seal, SealPart
from gangmu.foundation.records.verify.report import Report
from gangmu.foundation.settings.home import HomeMissing


@dataclass(frozen=True)
class Link:
    """What the check of rows needs to know of a seal."""

    number: int
    from_xact: int
    to_xact: int
    own_xact: int
    taken_at: datetime
    rows: int


def check_seals(cursor: CursorWrapper, report: Report) -> list[Link]:
    """Check every seal of the database and compare with `seals.log`; the seals in order."""
    log = chain.read_log()
    if log.damaged is not None:
        report.add("log-damaged", line=log.damaged)
    if log.torn:
        report.add("torn-line")
    written = {line.header.number: line for line in log.lines}
    parts = _parts()
    links: list[Link] = []
    before: Seal | None = None
    for seal in Seal.objects.order_by("number"):
        own = parts.get(seal.number, {})
        line = chain.stored_line(seal, own)
        _check_one(report, seal, line, before)
        copy = written.get(seal.number)
        if copy is not None and copy.text() != line.text():
            report.add("seal-differs", seal=seal.number)
        links.append(
            Link(
                seal.number,
                seal.from_xact,
                seal.to_xact,
                seal.own_xact,
                seal.taken_at,
                sum(part.count for part in own.values()),
            )
        )
        before = seal
    report.seals = len(links)
    _compare_ends(cursor, report, log, before)
    return links


def _parts() -> dict[int, dict[str, chain.Part]]:
    """The parts of every seal, as its leaves give them; what the columns say is of no account."""
    found: dict[int, dict[str, chain.Part]] = {}
    for number, table, leaves in SealPart.objects.values_list("seal_id", "table", "leaves").iterator(chunk_size=50):
        packed = bytes(leaves)
        part = chain.Part(len(packed) // chain.LEAF.size, hashlib.sha256(packed).hexdigest())
        found.setdefault(number, {})[table] = part
    return found


def _check_one(report: Report, seal: Seal, line: chain.Line, before: Seal | None) -> None:
    expected = before.number + 1 if before else 1
    for number in range(expected, min(seal.number, expected + 100)):
        report.add("seal-missing", seal=number)
    if line.header.head != seal.head:
        report.add("seal-altered", seal=seal.number)
    if not _signed(report, seal.head, seal.mac):
        report.add("seal-forged", seal=seal.number)
    follows = (
        (seal.previous, seal.from_xact) == (before.head, before.to_xact)
        if before
        else (seal.previous, seal.from_xact) == ("", 0)
    )
    if not follows or seal.to_xact < seal.from_xact or seal.own_xact < seal.to_xact:
        report.add("seal-unlinked", seal=seal.number, before=before.number if before else 0)


def _signed(report: Report, head: str, mac: str) -> bool:
    try:
        return hmac.compare_digest(chain.mac_of(head), mac)
    except HomeMissing:
        if all(one.code != "key-missing" for one in report.findings):
            report.add("key-missing")
        return True


def _compare_ends(cursor: CursorWrapper, report: Report, log: chain.Log, last: Seal | None) -> None:
    held = last.number if last else 0
    numbers = [line.header.number for line in log.lines]
    if numbers != list(range(1, len(numbers) + 1)):
        place = next(at for at, number in enumerate(numbers, start=1) if number != at)
        report.add("log-damaged", line=place)
        return
    written = len(numbers)
    if held and not written and log.damaged is None:
        report.add("log-missing", held=held)
    elif written < held:
        report.add("log-cut", written=written, held=held)
    elif written == held + 1 and chain.finished_leaves(cursor, log.lines[-1], last) is not None:
        report.add("unfinished", seal=written)
    elif written > held:
        report.add("chain-cut", held=held, written=written)

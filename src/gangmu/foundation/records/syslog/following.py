"""Following the record: every event once at least, in the order of transactions, over restarts and dead receivers.

An event is sent when its transaction and all with lower numbers have ended, so none is passed over that commits late.
How far a receiver has got stands in the database. After a break, or a start, sending begins a page earlier than that:
what had left us need not have arrived.
"""

import json
import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.db import close_old_connections, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import F

from gangmu.foundation.records.alarms import Seen, raise_alarm, rule_of
from gangmu.foundation.records.models import Receiver, Sign
from gangmu.foundation.records.services import note
from gangmu.foundation.records.syslog.lines import Line, Unreachable, read_address
from gangmu.foundation.records.syslog.messages import LONGEST_DATAGRAM, Told, message
from gangmu.foundation.settings import clock

logger = logging.getLogger(__name__)
PAGE = 500
EVERY = 1.0  # seconds between two looks
LONGEST_PAUSE = 60.0
LOCK = 0x67616E67_73797300  # "gangsys", and the receiver's number
ENVIRONMENT = "environment"
EVENTS = """
    SELECT e.id, e.xact, e.kind, e.refused, e.at, coalesce(u.username, ''), e.by_id, coalesce(o.code, ''), e.subject,
           coalesce(host(e.ip), ''), e.request, e.data::text
    FROM records_event e
    LEFT JOIN accounts_user u ON u.id = e.by_id
    LEFT JOIN parties_organisation o ON o.id = e.organisation_id
    WHERE (e.xact, e.id) > (%s, %s) AND e.xact < %s
    ORDER BY e.xact, e.id LIMIT %s
"""


@dataclass
class Follower:
    """One receiver and the line to it."""

    receiver: Receiver
    line: Line | None = None
    pause: float = 0.0
    due: float = 0.0

    def step(self, at: float) -> int:
        """Send what is there; how many events. A receiver that is dead is tried again ever later."""
        if at < self.due:
            return 0
        with _alone(self.receiver.pk) as mine:
            if not mine:
                return 0
            try:
                sent = self._send_all()
            except Unreachable as problem:
                self._failed(str(problem))
                self.pause = min(max(EVERY, 2 * self.pause), LONGEST_PAUSE)
                self.due = at + self.pause
                return 0
        self.pause = 0.0
        return sent

    def _send_all(self) -> int:
        mine = Receiver.objects.get(pk=self.receiver.pk)
        if self.line is None:
            self.line = Line(read_address(mine.url), mine.ca)
            mine.next_xact, mine.last_event = mine.safe_xact, 0
        total = 0
        while page := _events(mine.next_xact, mine.last_event or 0):
            longest = LONGEST_DATAGRAM if self.line.address.kind == "udp" else None
            self.line.send([message(one, HOST, longest=longest) for one in page])
            self.line.settle()
            total += len(page)
            mine.safe_xact, mine.next_xact, mine.last_event = page[0].xact, page[-1].xact, page[-1].event
            Receiver.objects.filter(pk=mine.pk).update(
                safe_xact=mine.safe_xact,
                next_xact=mine.next_xact,
                last_event=mine.last_event,
                sent=F("sent") + len(page),
                last_ok_at=clock.now(),
            )
        if not total:
            self.line.settle()
        if mine.failing_since is not None:
            self._recovered(mine)
        return total

    def _recovered(self, mine: Receiver) -> None:
        with transaction.atomic():
            Receiver.objects.filter(pk=mine.pk).update(failing_since=None, failure="")
            note("records.stream-resumed", subject=mine, data={"name": mine.name})

    def _failed(self, why: str) -> None:
        """Note that a receiver fails, once; after a while it is an alarm."""
        self.drop()
        now = clock.now()
        with transaction.atomic():
            mine = Receiver.objects.get(pk=self.receiver.pk)
            if mine.failing_since is None:
                mine.failing_since = now
                note("records.stream-failed", subject=mine, data={"name": mine.name, "url": mine.url, "why": why})
            Receiver.objects.filter(pk=mine.pk).update(failing_since=mine.failing_since, failure=why)
            rule = rule_of(Sign.STREAM)
            if now - mine.failing_since >= timedelta(minutes=rule.window):
                told = {"name": mine.name, "url": mine.url, "why": why}
                raise_alarm(Seen(Sign.STREAM, f"receiver:{mine.name}", 1, mine.failing_since, now, data=told), rule)

    def drop(self) -> None:
        """Close the line, if there is one."""
        if self.line is not None:
            self.line.close()
        self.line = None


HOST = socket.gethostname()


@contextmanager
def _alone(receiver: int):
    """Whether nobody else sends to this receiver meanwhile; several nodes have workers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK + receiver])
        mine = cursor.fetchone()[0]
    try:
        yield mine
    finally:
        if mine:
            with suppress(Exception), connection.cursor() as cursor:  # a lost connection has let go by itself
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK + receiver])


def _events(xact: int, event: int) -> list[Told]:
    """What follows an event, in the order of the stream; nothing that something may still be put before."""
    with connection.cursor() as cursor:
        # Before the events are read, in a statement of its own: else one that is committed while they are read would
        # be left out, and be passed over because later ones were sent.
        horizon = _horizon(cursor)
        cursor.execute(EVENTS, [xact, event, horizon, PAGE])
        return [
            Told(number, of, kind, refused, at, by, by_id, where, subject, ip, request, json.loads(data))
            for number, of, kind, refused, at, by, by_id, where, subject, ip, request, data in cursor.fetchall()
        ]


def _horizon(cursor: CursorWrapper) -> int:
    cursor.execute("SELECT records_horizon()")
    return cursor.fetchone()[0]


@transaction.atomic
def adopt_environment() -> Receiver | None:
    """Take over the receiver that the environment names; end the one that it no longer names, which is an alarm.

    GANGMU_SYSLOG is its address, GANGMU_SYSLOG_CA a file with the certificates of its CA.

    Raises:
        ValueError: the address is none.
    """
    url = os.environ.get("GANGMU_SYSLOG", "").strip()
    held = Receiver.objects.filter(name=ENVIRONMENT).first()
    if not url:
        if held is not None and held.ended_at is None:
            now = clock.now()
            Receiver.objects.filter(pk=held.pk).update(ended_at=now)
            told = {"name": held.name, "url": held.url}
            note("records.stream-ended", subject=held, data=told)
            raise_alarm(Seen(Sign.STREAM, f"receiver:{held.name}", 1, now, now, data={**told, "why": "taken away"}))
        return None
    read_address(url)
    path = os.environ.get("GANGMU_SYSLOG_CA", "")
    ca = Path(path).read_text("ascii") if path else ""
    if held is not None and (held.url, held.ca, held.ended_at) == (url, ca, None):
        return held
    with connection.cursor() as cursor:
        horizon = _horizon(cursor)
    made, _new = Receiver.objects.update_or_create(
        name=ENVIRONMENT,
        defaults={"url": url, "ca": ca, "ended_at": None},
        create_defaults={
            "url": url,
            "ca": ca,
            "from_environment": True,
            "started_at": clock.now(),
            "next_xact": horizon,
            "safe_xact": horizon,
        },
    )
    note("records.stream-set", subject=made, data={"name": made.name, "url": url})
    return made


def follow(stop: threading.Event, *, tick: Callable[[], float] = time.monotonic) -> None:
    """Send to every receiver until told to stop. A fault here stops nothing else, and is tried again."""
    followers: dict[tuple[int, str, str], Follower] = {}
    while not stop.is_set():
        try:
            close_old_connections()
            present = {(one.pk, one.url, one.ca): one for one in Receiver.objects.filter(ended_at=None)}
            for key in followers.keys() - present.keys():
                followers.pop(key).drop()
            for key, receiver in present.items():
                followers.setdefault(key, Follower(receiver)).step(tick())
        except Exception:
            logger.exception("sending the record to its receivers is interrupted and tried again")
        stop.wait(EVERY)
    for one in followers.values():
        one.drop()

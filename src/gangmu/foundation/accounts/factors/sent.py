"""Codes sent by mail or by short message. The row of a code goes when it is used, or when a new one is sent.

Mail goes by Django's settings. Messages go by the class that `SMS_SENDER` names: `send(number, text)`; which provider
stands behind it is the installation's affair. Without one, no codes go by message.

Nothing is sent while somebody waits for a page: what is to be sent is handed to the workers, encrypted, in the
transaction that it belongs to (`post`), and a worker sends it, again where a server was away (`deliver`).
"""

import json
import os
import secrets
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.core.mail import send_mail
from django.db import connection
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from gangmu.foundation.accounts.factors.secrecy import InvalidToken, closed, digest, opened
from gangmu.foundation.accounts.models import Challenge, Outgoing, Policy, User
from gangmu.foundation.settings import clock

PURPOSE, TO_SEND = "sent", "outgoing"
PAUSE = timedelta(seconds=60)  # between two codes


class Sender(Protocol):
    """Whoever can send a short message."""

    def send(self, number: str, text: str) -> None: ...


class FileSender:
    """Writes messages into a file of the data folder, for trying out; never a provider."""

    def send(self, number: str, text: str) -> None:
        path = Path(settings.GANGMU_HOME) / "logs" / "messages.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8") as file:
            file.write(f"{number}\t{text}\n")


@cache
def _sender(name: str) -> Sender:
    return import_string(name)()


def post(user: User, way: str, subject: str, text: str, *, until: datetime) -> None:
    """Let a worker send something to a person, when and if the present transaction commits, and not after `until`."""
    content = closed(json.dumps([subject, text]), TO_SEND)
    with connection.cursor() as cursor:
        cursor.execute("SELECT accounts_post(%s, %s, %s, %s, %s)", [user.pk, way, content, clock.now(), until])


def deliver(number: int) -> bool:
    """Send what was handed over under this number, to where its person is reached now. Whether it was sent.

    Needs the system's connection. Raises whatever the sender does, and may then be tried again.
    """
    row = Outgoing.objects.select_related("user").filter(pk=number).first()
    if row is None:
        return False
    sends = clock.now() < row.expires_at and _hand_over(row)
    row.delete()
    return sends


def _hand_over(row: Outgoing) -> bool:
    try:
        subject, text = json.loads(opened(row.content, TO_SEND))
    except InvalidToken:  # closed under another secret: nobody can read it any more
        return False
    if row.way == Outgoing.Way.MESSAGE:
        if not (row.user.phone and getattr(settings, "SMS_SENDER", "")):
            return False
        _sender(settings.SMS_SENDER).send(row.user.phone, text)
        return True
    if not row.user.email:
        return False
    send_mail(subject, text, None, [row.user.email])
    return True


def ways(user: User) -> dict[str, str]:
    """How a code can reach the person: way → where to, masked."""
    found = {}
    if user.email:
        name, _at, domain = user.email.partition("@")
        found["mail"] = f"{name[:1]}***@{domain}"
    if user.phone and getattr(settings, "SMS_SENDER", ""):
        found["message"] = f"{user.phone[:3]}****{user.phone[-2:]}"
    return found


def send(user: User, way: str) -> bool:
    """Have a code sent. False when one was sent a moment ago, which is still good."""
    now = clock.now()
    if Challenge.objects.filter(user=user, sent_at__gt=now - PAUSE, expires_at__gt=now).exists():
        return False
    minutes = Policy.of().code_minutes
    code = f"{secrets.randbelow(10**6):06d}"
    Challenge.objects.filter(user=user).delete()
    Challenge.objects.create(
        user=user,
        digest=digest(f"{user.pk}:{code}", PURPOSE),
        sent_at=now,
        expires_at=now + timedelta(minutes=minutes),
    )
    text = _("Your code for Gangmu is %(code)s. It is good for %(n)d minutes. Nobody of us will ask you for it.") % {
        "code": code,
        "n": minutes,
    }
    post(user, way, _("Code for signing in"), text, until=now + timedelta(minutes=minutes))
    return True


def accept(user: User, code: str) -> bool:
    """Whether this is the code that was sent; it is gone then."""
    rows = Challenge.objects.filter(
        user=user, digest=digest(f"{user.pk}:{code.strip()}", PURPOSE), expires_at__gt=clock.now()
    )
    deleted, _by_model = rows.delete()
    return deleted == 1

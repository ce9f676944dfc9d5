"""What is done with records: note what happened, hold what must stay, purge what may go."""

import json
import logging
from collections.abc import Mapping
from typing import Any

import psycopg
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from django.http import HttpRequest

from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.records.chain import ChainBroken, seal
from gangmu.foundation.settings import clock
from gangmu.foundation.settings.aside import Aside

logger = logging.getLogger(__name__)

NOTE = "SELECT public.records_note(%s, %s, %s, %s::jsonb, %s, %s, %s, %s)"
_aside = Aside()  # a refusal stands although the request's transaction rolls back


def note(
    kind: str,
    *,
    by: User | None = None,
    organisation: Organisation | None = None,
    subject: models.Model | None = None,
    data: Mapping[str, Any] | None = None,
    request: HttpRequest | None = None,
) -> int:
    """Record an event in the present transaction: it stands if and only if what it speaks of stands. Its id.

    Args:
        kind: what happened, `room.past-participle`: `accounts.signed-in`, `documents.exported`.
        by: who did it; whoever the scope says is signed in counts before.
        subject: the row it is about.
        data: whatever else a reader needs; no secrets.
        request: the request in which it happened, for the address it came from.
    """
    with connection.cursor() as cursor:
        cursor.execute(NOTE, [*_values(kind, by, organisation, subject, data, request), False])
        return cursor.fetchone()[0]


def note_refusal(
    kind: str,
    *,
    by: User | None = None,
    organisation: Organisation | None = None,
    subject: models.Model | None = None,
    data: Mapping[str, Any] | None = None,
    request: HttpRequest | None = None,
) -> None:
    """Record that something was refused, on a connection of its own: the request's transaction rolls back.

    Never raises: a refusal stays a refusal when it cannot be recorded; the log then says so.
    """
    try:
        _aside.ask(NOTE, [*_values(kind, by, organisation, subject, data, request), True])
    except psycopg.Error:
        logger.exception("a refusal could not be recorded: %s by %s", kind, by.pk if by else None)


def seal_pending() -> int:
    """Seal what has happened since the last seal; the number of records sealed.

    Raises:
        ChainBroken: the chain and its copy outside the database disagree.
    """
    sealed = seal()
    return sum(sealed.parts.values_list("count", flat=True)) if sealed else 0


def subject_of(row: models.Model | None) -> str:
    """How an event names a row: "parties.organisation:12"."""
    return f"{row._meta.label_lower}:{row.pk}" if row is not None else ""


def _values(
    kind: str,
    by: User | None,
    organisation: Organisation | None,
    subject: models.Model | None,
    data: Mapping[str, Any] | None,
    request: HttpRequest | None,
) -> list[Any]:
    text = json.dumps(data or {}, cls=DjangoJSONEncoder)
    organisation_id = organisation.pk if organisation else None
    address = (request.META.get("REMOTE_ADDR") or None) if request else None
    return [kind, organisation_id, subject_of(subject), text, address, clock.now(), by.pk if by else None]


__all__ = ["ChainBroken", "note", "note_refusal", "seal", "seal_pending", "subject_of"]

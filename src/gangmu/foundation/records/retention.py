"""How long records are kept: longer by one person, shorter by two, never below 180 days; and legal holds.

Everything here is done by whoever the transaction's scope says has signed in, through functions of the database that
ask for their permission themselves (`retention.sql`).
"""

import json
from collections.abc import Sequence
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext as _
from psycopg import errors

from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.records.models import Hold, Retention, RetentionChange, Table


class Refused(Exception):
    """The database did not do it; the text says why, for whoever asked."""


def call(statement: str, *values: Any) -> Any:
    """Call one of our functions; what it gives.

    Raises:
        Refused: it was refused, and nothing was done.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchone()[0]
    except DatabaseError as problem:
        raise Refused(_why(problem)) from problem


def _why(problem: DatabaseError) -> str:
    match problem.__cause__:
        case errors.CheckViolation() as cause:
            return _("This is not allowed: %(why)s.") % {"why": cause.diag.message_primary}
        case errors.UniqueViolation():
            return _("The same is waiting for an answer already.")
        case errors.NoDataFound():
            return _("There is nothing of this kind any more. Load the page again.")
        case errors.InsufficientPrivilege() as cause:
            return _("You may not do this, or not alone: %(why)s.") % {"why": cause.diag.message_primary}
    raise problem


def lengthen(retention: Retention, days: int, *, reason: str) -> Retention:
    """Keep the records of a class longer, from now on.

    Raises:
        Refused: not longer than now, or without the permission.
    """
    call("SELECT public.records_lengthen(%s, %s, %s)", retention.code, days, reason)
    retention.refresh_from_db()
    return retention


def ask_change(
    code: str, name_zh: str, name_en: str, *, table: Table | str, kinds: Sequence[str], days: int, reason: str
) -> RetentionChange:
    """Ask that records of some kinds be kept for a shorter time than now; somebody else answers.

    Raises:
        Refused: below 180 days, without a reason, or without the permission.
    """
    values = [code, name_zh, name_en, str(table), json.dumps(sorted(kinds)), days, reason]
    asked = call("SELECT public.records_ask_retention(%s, %s, %s, %s, %s::jsonb, %s, %s)", *values)
    return RetentionChange.objects.get(pk=asked)


def answer_change(change: RetentionChange, *, agree: bool, words: str = "") -> RetentionChange:
    """Agree to a change as a second person, or decline it.

    Raises:
        Refused: they asked for it themselves, may not answer, or it was answered before.
    """
    call("SELECT public.records_answer_retention(%s, %s, %s)", change.pk, agree, words)
    change.refresh_from_db()
    return change


def place_hold(reason: str, *, table: Table | str, kind: str = "", organisation: Organisation | None = None) -> Hold:
    """Keep records from being purged until the hold is released.

    Raises:
        Refused: without a reason or the permission.
    """
    at = organisation.pk if organisation else None
    placed = call("SELECT public.records_place_hold(%s, %s, %s, %s)", reason, str(table), kind, at)
    return Hold.objects.get(pk=placed)


def release_hold(hold: Hold, *, reason: str) -> Hold:
    """Let retention run again for what the hold covered.

    Raises:
        Refused: released before, or without the permission.
    """
    call("SELECT public.records_release_hold(%s, %s)", hold.pk, reason)
    hold.refresh_from_db()
    return hold

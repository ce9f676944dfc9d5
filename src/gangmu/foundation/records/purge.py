"""Removing records that their retention class no longer needs: one person asks, another confirms.

Only sealed records go, and of a row that still stands never the last image. What stays behind is the leaf of each
removed record in its seal and an event, the tombstone, that names them all and is signed with the seals' key; so
verification passes, and nobody without the key can pass off a deletion as a purge. Who may ask and confirm, and that
nothing younger than 180 days goes, is the database's to say (`retention.sql`).
"""

from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from gangmu.foundation.records import chain
from gangmu.foundation.records.models import Purge, Retention
from gangmu.foundation.records.retention import Refused, call
from gangmu.foundation.records.services import note


def request_purge(retention: Retention, before: datetime) -> Purge:
    """Ask, as whoever has signed in, for the records of a class written before an instant to be removed.

    Raises:
        Refused: they may not ask, or some of the records must still be kept.
    """
    asked = call("SELECT public.records_ask_purge(%s, %s)", retention.pk, before)
    return Purge.objects.select_related("retention").get(pk=asked)


def answer_purge(purge: Purge, *, agree: bool) -> Purge:
    """Confirm or decline, as a second person, that the purge is carried out; a worker does it then.

    Raises:
        Refused: they asked for it themselves, may not answer, or it was answered before.
    """
    call("SELECT public.records_answer_purge(%s, %s)", purge.pk, agree)
    purge.refresh_from_db()
    return purge


# what a purge takes: sealed before the limit, of the class's kinds, under no hold
CANDIDATES = {
    "history": """
        SELECT id FROM records_history AS r
        WHERE model = ANY (%(kinds)s) AND xact < %(sealed)s
          AND written_at < least(%(before)s, records_now() - make_interval(days => greatest(%(days)s, 180)))
          AND NOT EXISTS (
            SELECT FROM records_hold h WHERE h.released_at IS NULL AND h."table" = 'history'
              AND (h.kind = '' OR h.kind = r.model)
              AND (h.organisation_id IS NULL OR h.organisation_id = r.organisation_id))
          AND (
            operation = 'delete'
            OR EXISTS (SELECT FROM records_history n WHERE n.model = r.model AND n.row = r.row AND n.id > r.id))
        ORDER BY id
    """,
    "event": """
        SELECT id FROM records_event AS r
        WHERE kind = ANY (%(kinds)s) AND kind <> 'records.purged' AND xact < %(sealed)s
          AND written_at < least(%(before)s, records_now() - make_interval(days => greatest(%(days)s, 180)))
          AND NOT EXISTS (
            SELECT FROM records_hold h WHERE h.released_at IS NULL AND h."table" = 'event'
              AND (h.kind = '' OR h.kind = r.kind)
              AND (h.organisation_id IS NULL OR h.organisation_id = r.organisation_id))
        ORDER BY id
    """,
}


def carry_out_confirmed() -> list[Purge]:
    """Carry out every purge that two people agreed to. Needs the system's connection."""
    waiting = Purge.objects.filter(confirmed_at__isnull=False, done_at__isnull=True).order_by("pk")
    return [carry_out_purge(one) for one in waiting]


@transaction.atomic
def carry_out_purge(purge: Purge) -> Purge:
    """Remove what a confirmed purge names. Needs the system's connection.

    Raises:
        Refused: it has not been confirmed, or was carried out before.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [chain.LOCK])
        purge = Purge.objects.select_related("retention").get(pk=purge.pk)
        if purge.confirmed_at is None or purge.done_at is not None:
            raise Refused(_("Only a purge that was confirmed and not yet carried out can be carried out."))
        rule = purge.retention
        cursor.execute("SELECT coalesce(max(to_xact), 0) FROM records_seal")
        (sealed,) = cursor.fetchone()
        wanted = {"kinds": rule.kinds, "before": purge.before, "days": rule.keep_days, "sealed": sealed}
        cursor.execute(CANDIDATES[rule.table], wanted)
        rows = [row for (row,) in cursor.fetchall()]
        data = {"purge": purge.pk, "class": rule.code, "table": str(rule.table), "rows": rows}
        note(
            "records.purged",
            by=purge.confirmed_by,
            subject=purge,
            data={**data, "mac": chain.mac_of(chain.canonical(data))},
        )
        empty: list[int] = []
        cursor.execute(
            "SELECT public.records_purge(%s, %s::bigint[], %s::bigint[])",
            [purge.pk, rows if rule.table == "history" else empty, rows if rule.table == "event" else empty],
        )
    purge.refresh_from_db()
    return purge

"""Removing records that their retention class no longer needs: one person asks, another confirms.

Only sealed records go, and of a row that still stands never the last image. What stays behind is the leaf of each
removed record in its seal and an event, the tombstone, that names them all and is signed with the seals' key; so
verification passes, and nobody without the key can pass off a deletion as a purge.
"""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils.translation import gettext as _

from gangmu.foundation.accounts.models import User
from gangmu.foundation.records import chain
from gangmu.foundation.records.models import Purge, Retention
from gangmu.foundation.records.services import note
from gangmu.foundation.settings import clock


class PurgeRefused(Exception):
    """This purge may not be asked for, confirmed or carried out; the text says why."""


@transaction.atomic
def request_purge(retention: Retention, before: datetime, *, by: User) -> Purge:
    """Ask for the records of a retention class written before an instant to be removed.

    Raises:
        PurgeRefused: some of them must still be kept.
    """
    keep_from = clock.now() - timedelta(days=366 * retention.keep_years)
    if before > keep_from:
        raise PurgeRefused(
            _("%(class)s is kept for %(years)d years: nothing written after %(day)s may be removed.")
            % {"class": retention, "years": retention.keep_years, "day": clock.business_date(keep_from)}
        )
    purge = Purge.objects.create(retention=retention, before=before, requested_by=by)
    note("records.purge-requested", by=by, subject=purge, data={"class": retention.code, "before": before})
    return purge


@transaction.atomic
def confirm_purge(purge: Purge, *, by: User) -> Purge:
    """Agree, as a second person, that the purge is carried out.

    Raises:
        PurgeRefused: `by` asked for it, or it was confirmed before.
    """
    purge = Purge.objects.select_for_update().get(pk=purge.pk)
    if purge.requested_by_id == by.pk:
        raise PurgeRefused(_("A purge is confirmed by somebody else than whoever asked for it."))
    if purge.confirmed_at:
        raise PurgeRefused(_("This purge has been confirmed already."))
    purge.confirmed_by, purge.confirmed_at = by, clock.now()
    purge.save(update_fields=["confirmed_by", "confirmed_at"])
    note("records.purge-confirmed", by=by, subject=purge)
    return purge


# what a purge takes: sealed before the limit, of the class's kinds, under no hold
CANDIDATES = {
    "history": """
        SELECT id FROM records_history AS r
        WHERE model = ANY (%(kinds)s) AND written_at < %(before)s AND xact < %(sealed)s
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
        WHERE kind = ANY (%(kinds)s) AND kind <> 'records.purged' AND written_at < %(before)s AND xact < %(sealed)s
          AND NOT EXISTS (
            SELECT FROM records_hold h WHERE h.released_at IS NULL AND h."table" = 'event'
              AND (h.kind = '' OR h.kind = r.kind)
              AND (h.organisation_id IS NULL OR h.organisation_id = r.organisation_id))
        ORDER BY id
    """,
}


@transaction.atomic
def carry_out_purge(purge: Purge) -> Purge:
    """Remove what a confirmed purge names. Needs the system's connection.

    Raises:
        PurgeRefused: it has not been confirmed, or was carried out before.
    """
    purge = Purge.objects.select_for_update().select_related("retention").get(pk=purge.pk)
    if purge.confirmed_at is None or purge.done_at is not None:
        raise PurgeRefused(_("Only a purge that was confirmed and not yet carried out can be carried out."))
    table = purge.retention.table
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [chain.LOCK])
        cursor.execute("SELECT coalesce(max(to_xact), 0) FROM records_seal")
        (sealed,) = cursor.fetchone()
        cursor.execute(CANDIDATES[table], {"kinds": purge.retention.kinds, "before": purge.before, "sealed": sealed})
        rows = [row for (row,) in cursor.fetchall()]
        data = {"purge": purge.pk, "class": purge.retention.code, "table": str(table), "rows": rows}
        note(
            "records.purged",
            by=purge.confirmed_by,
            subject=purge,
            data={**data, "mac": chain.mac_of(chain.canonical(data))},
        )
        empty: list[int] = []
        cursor.execute(
            "SELECT public.records_purge(%s, %s::bigint[], %s::bigint[])",
            [purge.pk, rows if table == "history" else empty, rows if table == "event" else empty],
        )
        (purge.removed,) = cursor.fetchone()
    purge.done_at = clock.now()
    purge.save(update_fields=["removed", "done_at"])
    return purge

"""Closing months 关账 and reopening them: recorded acts, each with its reason."""

from collections.abc import Collection
from datetime import date

from django.db import connection, transaction
from django.utils.translation import gettext as _

from gangmu.figures.filing.access import LOCK, scope_for
from gangmu.figures.filing.errors import NotAllowed, NotReady
from gangmu.figures.filing.models import MonthClosing, State
from gangmu.figures.filing.staging import WRITERS_LOCK
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.periods.period import Period
from gangmu.foundation.records.services import note
from gangmu.foundation.settings import clock

TOLD = 5


@transaction.atomic
def close_month(
    indicator: Indicator,
    organisation: Organisation,
    month: Period,
    *,
    reason: str,
    by: User | None,
    scope: Scope | None = None,
) -> MonthClosing:
    """Let the settled values 月报数 answer for a month, for `organisation` and all below it.

    From then on no figure of that month changes, neither days nor settled values, until it is reopened.

    Raises:
        NotAllowed: `by` may not lock figures there.
        NotReady: it is no past month, it is closed already, nothing settles the indicator or the month, or a figure is
            not locked yet; says which.
    """
    reason = reason.strip()
    _require(scope_for(by, scope), organisation)
    if not reason:
        raise NotReady(_("Say why the month is closed, or on whose word."))
    if month.kind != "month":
        raise NotReady(_("%(period)s is no month; write it like 2026-11.") % {"period": month.code})
    if month.end >= clock.today():
        raise NotReady(_("%(month)s is not over; a month is closed after its last day.") % {"month": month.code})
    settled = Indicator.objects.filter(settles=indicator.code).first()
    if settled is None:
        raise NotReady(
            _("Nothing settles %(indicator)s: make a monthly indicator with settles: %(indicator)s first.")
            % {"indicator": indicator.code}
        )
    _take_turns()
    if standing := _closed_at(indicator, organisation, month.start):
        raise NotReady(
            _("%(month)s is closed for %(indicator)s at %(closed_at)s already.")
            % {"month": month.code, "indicator": indicator.code, "closed_at": standing[0][1]}
        )
    _require_settled(indicator, settled, organisation, month)
    made = MonthClosing.objects.create(
        indicator=indicator,
        organisation=organisation,
        month=month.start,
        closed_at=clock.now(),
        closed_by=by,
        reason=reason,
    )
    data = {"indicator": indicator.code, "month": month.code, "reason": reason}
    note("filing.month-closed", by=by, organisation=organisation, subject=made, data=data)
    return made


@transaction.atomic
def reopen_month(closing: MonthClosing, *, reason: str, by: User | None, scope: Scope | None = None) -> MonthClosing:
    """Let the days answer for the month again, and its figures be corrected. The closing stays on record.

    Raises:
        NotAllowed: `by` may not lock figures there.
        NotReady: it is open, or closed further up, where it has to be reopened first; or no reason was given.
    """
    reason = reason.strip()
    _require(scope_for(by, scope), closing.organisation)
    _take_turns()
    closing = (
        MonthClosing.objects.select_for_update(of=("self",))
        .select_related("indicator", "organisation")
        .get(pk=closing.pk)
    )
    words = {
        "month": Period.month(closing.month.year, closing.month.month).code,
        "indicator": closing.indicator.code,
        "closed_at": closing.organisation.code,
    }
    if not reason:
        raise NotReady(_("Say why %(month)s is reopened for %(indicator)s at %(closed_at)s.") % words)
    if closing.reopened_at is not None:
        raise NotReady(_("%(month)s is open for %(indicator)s at %(closed_at)s already.") % words)
    above = [
        code for pk, code in _closed_at(closing.indicator, closing.organisation, closing.month) if pk != closing.pk
    ]
    if above:
        raise NotReady(
            _("%(month)s is closed for %(indicator)s at %(above)s, above %(closed_at)s, too; reopen it there first.")
            % (words | {"above": above[0]})
        )
    closing.reopened_at, closing.reopened_by, closing.reopening_reason = clock.now(), by, reason
    closing.save(update_fields=["reopened_at", "reopened_by", "reopening_reason"])
    data = {"indicator": closing.indicator.code, "month": words["month"], "reason": reason}
    note("filing.month-reopened", by=by, organisation=closing.organisation, subject=closing, data=data)
    return closing


def standing_closing(indicator: Indicator, organisation: Organisation, month: Period) -> MonthClosing:
    """The closing of a month at just this organisation.

    Raises:
        NotReady: the month is open there; says where above it is closed, if anywhere.
    """
    found = MonthClosing.objects.filter(
        indicator=indicator, organisation=organisation, month=month.start, reopened_at__isnull=True
    ).first()
    if found:
        return found
    words = {"month": month.code, "indicator": indicator.code, "organisation": organisation.code}
    if above := _closed_at(indicator, organisation, month.start):
        raise NotReady(
            _("%(month)s was not closed for %(indicator)s at %(organisation)s but at %(above)s; reopen it there.")
            % (words | {"above": above[0][1]})
        )
    raise NotReady(_("%(month)s is not closed for %(indicator)s at %(organisation)s.") % words)


def require_open_months(cells: Collection[tuple[int, int]], day: date) -> None:
    """See that figures of a day or month, given by indicator and organisation, may change.

    Raises:
        NotReady: the month is closed for one of them; says where.
    """
    if not cells:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_char(%(month)s::date, 'YYYY-MM'), d.code, o.code, c.closed_at"
            " FROM unnest(%(indicators)s::bigint[], %(organisations)s::bigint[]) AS a (indicator_id, organisation_id)"
            " JOIN indicators_indicator i ON i.id = a.indicator_id"
            " JOIN indicators_indicator d ON d.code = coalesce(nullif(i.settles, ''), i.code)"
            " JOIN parties_organisation o ON o.id = a.organisation_id"
            " CROSS JOIN LATERAL filing_closings(d.id, a.organisation_id, %(month)s::date) c LIMIT 1",
            {
                "month": day.replace(day=1),
                "indicators": [indicator for indicator, _organisation in cells],
                "organisations": [organisation for _indicator, organisation in cells],
            },
        )
        found = cursor.fetchone()
    if found:
        raise NotReady(month_is_closed(*found))


def month_is_closed(month: str, indicator: str, organisation: str, closed_at: str) -> str:
    """What somebody is told who would change a figure of a closed month."""
    return _(
        "%(month)s is closed for %(indicator)s at %(closed_at)s, and with it for %(organisation)s. Whoever "
        "closes months there has to reopen it first, with a reason."
    ) % {"month": month, "indicator": indicator, "organisation": organisation, "closed_at": closed_at}


def _take_turns() -> None:
    """As every writer of facts: what was looked at is still true when it is stored."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [WRITERS_LOCK])


def _require(scope: Scope, organisation: Organisation) -> None:
    if not scope.may_at(LOCK, organisation.pk):
        raise NotAllowed(
            _("Your roles do not include closing months at %(organisation)s. Ask whoever administers roles for it.")
            % {"organisation": organisation.name}
        )


def _closed_at(indicator: Indicator, organisation: Organisation, month: date) -> list[tuple[int, str]]:
    """Where the month is closed for the organisation, at itself or above: ids and codes, the highest first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM filing_closings(%s, %s, %s)", [indicator.pk, organisation.pk, month])
        return cursor.fetchall()


def _require_settled(indicator: Indicator, settled: Indicator, organisation: Organisation, month: Period) -> None:
    """Some settled value is there, and everything of the month is locked."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM filing_month_figures(%s, %s, %s, %s)",
            [indicator.pk, settled.pk, organisation.pk, month.start],
        )
        rows = cursor.fetchall()
    loose = [(code, of, period) for code, of, period, state in rows if state < State.LOCKED]
    if loose:
        told = ", ".join(
            f"{code} {of} {period:%Y-%m}" if of == settled.code else f"{code} {of} {period}"
            for code, of, period in loose[:TOLD]
        )
        raise NotReady(
            _("%(count)d figures of %(month)s are not locked yet: %(places)s. Have them approved and locked first.")
            % {"count": len(loose), "month": month.code, "places": told + (" …" if len(loose) > TOLD else "")}
        )
    if not rows:
        raise NotReady(
            _("There is no settled value of %(month)s at or below %(organisation)s. File %(settled)s first.")
            % {"month": month.code, "organisation": organisation.code, "settled": settled.code}
        )

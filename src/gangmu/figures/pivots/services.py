"""Keeping pivots, sharing them, putting them onto home pages, and filing them by the clock."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import get_language, gettext_noop, override
from django.utils.translation import gettext as _

from gangmu.figures.cube.gateway import REFUSALS
from gangmu.figures.pivots.errors import NotAllowed, PivotError
from gangmu.figures.pivots.grid import MOST_FILED, grid
from gangmu.figures.pivots.layout import Layout
from gangmu.figures.pivots.models import Pivot, Use
from gangmu.figures.pivots.workbook import write
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.accounts.models import User
from gangmu.foundation.documents.models import Document
from gangmu.foundation.documents.services import add_document
from gangmu.foundation.jobs import services as jobs
from gangmu.foundation.notices.services import tell
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.records.services import note
from gangmu.foundation.settings import clock

ROOM = "figures"
MOST_KEPT = 200
FILED = gettext_noop("%(name)s is filed, as it stands at %(at)s")
FAILED = gettext_noop("%(name)s could not be filed: %(why)s")


@transaction.atomic
def save(layout: Layout, name: str, organisation: Organisation | None, *, by: User, scope: Scope) -> Pivot:
    """Keep a pivot under a name; the same name of the same user again is the same pivot, changed.

    Raises:
        PivotError: nothing is chosen, or there are too many.
        NotAllowed: `by` may not see figures of the organisation with whose people it is shared.
    """
    layout.check()
    if layout.is_empty:
        raise PivotError(_("Choose at least one indicator, one organisation and one period."))
    if organisation is not None and not scope.may_at(f"{ROOM}:view", organisation.pk):
        raise NotAllowed(_("You cannot share with people of %(organisation)s.") % {"organisation": organisation.name})
    kept = Pivot.objects.filter(user=by)
    if kept.count() >= MOST_KEPT and not kept.filter(name=name).exists():
        raise PivotError(_("You keep %(count)d pivots already. Delete some first.") % {"count": MOST_KEPT})
    values = {"query": layout.query(), "organisation": organisation}
    pivot, _made = Pivot.objects.update_or_create(user=by, name=name, defaults=values)
    data = {"pivot": pivot.pk, "name": name, "query": pivot.query}
    note("pivots.saved", by=by, organisation=organisation, data=data)
    return pivot


def delete(pivot: Pivot, *, by: User) -> None:
    """Forget a pivot.

    Raises:
        NotAllowed: it is somebody else's.
    """
    if pivot.user_id != by.pk:
        raise NotAllowed(_("Only its owner deletes a pivot."))
    note("pivots.deleted", by=by, organisation=pivot.organisation, data={"pivot": pivot.pk, "name": pivot.name})
    pivot.delete()


def put_on_home(pivot: Pivot, on: bool, *, by: User) -> None:
    """Show a pivot on one's own home pages, or no longer."""
    Use.objects.update_or_create(user=by, pivot=pivot, defaults={"on_home": on})


def schedule(pivot: Pivot, every: str, at: time | None, *, by: User) -> Use:
    """File a pivot's workbook for `by` at set times; with no `every`, no longer.

    Raises:
        PivotError: no time is given.
    """
    if every and at is None:
        raise PivotError(_("Say at what time it is filed."))
    values: dict[str, Any] = {"every": every, "at": None, "next_at": None}
    if every and at is not None:
        values |= {"at": at, "next_at": next_time(every, at), "language": get_language() or "zh-hans"}
    use, _made = Use.objects.update_or_create(user=by, pivot=pivot, defaults=values)
    return use


def next_time(every: str, at: time) -> datetime:
    """The next moment at which something is due, after now."""
    now = clock.now()
    day = clock.today()
    while not (_is_day(every, day) and datetime.combine(day, at, clock.BUSINESS_ZONE) > now):
        day += timedelta(days=1)
    return datetime.combine(day, at, clock.BUSINESS_ZONE)


def _is_day(every: str, day: date) -> bool:
    match every:
        case Use.Every.WEEK:
            return day.weekday() == 0
        case Use.Every.MONTH:
            return day.day == 1
    return True


@transaction.atomic
def start_due() -> int:
    """Hand every pivot that is due to the workers, each in its reader's scope; how many. The system's own work."""
    due = (
        Use.objects.select_for_update(of=["self"], skip_locked=True).filter(next_at__lte=clock.now()).exclude(every="")
    )
    started = 0
    for use in due.select_related("user"):
        assert use.at is not None and use.next_at is not None
        if use.user.is_active:
            key = f"pivots-{use.pk}-{use.next_at.isoformat()}"
            jobs.start("pivots.file", by=use.user, params={"use": use.pk}, key=key)
            started += 1
        use.next_at = next_time(use.every, use.at)
        use.save(update_fields=["next_at"])
    return started


def file_for(use: Use, *, scope: Scope) -> Document | None:
    """File a pivot's workbook as its reader's own document and tell them; None where it could not be made."""
    at = clock.now().astimezone(clock.BUSINESS_ZONE).strftime("%Y-%m-%d %H:%M")
    key = f"pivots-{use.pk}-{at}"
    with override(use.language):
        try:
            found = grid(Layout.of_query(use.pivot.query), scope, most=MOST_FILED, extra=True)
        except (PivotError, *REFUSALS) as error:
            tell(
                [use.user], "pivots.failed", FAILED, url="/pivots/saved/", key=key, name=use.pivot.name, why=str(error)
            )
            return None
        title = f"{use.pivot.name} {at}"
        document = add_document(
            write(found, use.pivot.name),
            name=f"{_file_name(use.pivot.name)}-{at[:10]}.xlsx",
            by=use.user,
            owner=use.user,
            title=title,
        )
    tell([use.user], "pivots.filed", FILED, url=f"/documents/{document.pk}/", key=key, name=use.pivot.name, at=at)
    return document


def _file_name(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in name)[:60] or "pivot"

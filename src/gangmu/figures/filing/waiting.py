"""What waits for a clerk in the inbox: sheets to file, sheets that came back, corrections begun; and the menu."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from gangmu.figures.filing import queries
from gangmu.figures.filing.access import FILE
from gangmu.figures.filing.models import Correction, Sheet
from gangmu.figures.filing.queries.filers import Standing
from gangmu.foundation.accounts.queries import signed_in
from gangmu.foundation.approvals.actions import CaseState
from gangmu.foundation.approvals.models import Case
from gangmu.foundation.inbox.sources import Entry, Source, register
from gangmu.foundation.periods.kinds import Kind
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock
from gangmu.foundation.ui import menu

TO_FILE = ("not_opened", "open", "late", "missing", "returned")
TOGETHER = 6  # as many sheets of one form and period are one line, which leads to the grid for many
KEPT = "_sheets_to_file"


def periods() -> list[Period]:
    """What is filed today: yesterday, and last month."""
    yesterday = Period.day(clock.today() - timedelta(days=1))
    return [yesterday, Period.of(Kind.MONTH, clock.today()).previous()]


def files(request: HttpRequest) -> bool:
    return request.scope.may(FILE)


def to_file(request: HttpRequest) -> list[tuple[Period, Standing]]:
    """What the asker has to file and has not submitted; asked once a request."""
    if not hasattr(request, KEPT):
        scope = request.scope
        found = [
            (period, one)
            for period in periods()
            for one in queries.standings(scope, period.kind, period, with_holders=False)
            if one.status in TO_FILE and scope.may_at(FILE, one.organisation.pk)
        ]
        setattr(request, KEPT, found)
    return getattr(request, KEPT)


def due_entries(request: HttpRequest) -> Sequence[Entry]:
    """One line a sheet; many of one form and period are one line."""
    groups: dict[tuple[str, str], list[tuple[Period, Standing]]] = defaultdict(list)
    for period, one in to_file(request):
        if one.status != "returned":  # those stand with what came back
            groups[one.form.code, period.code].append((period, one))
    entries: list[Entry] = []
    for rows in groups.values():
        entries += [_many(rows)] if len(rows) > TOGETHER else [_one(period, one) for period, one in rows]
    return entries


def _one(period: Period, one: Standing) -> Entry:
    address = (
        reverse("filing:edit", args=[one.sheet.pk]) if one.sheet else f"{reverse('filing:day')}?period={period.code}"
    )
    return Entry(
        title=f"{one.form.name} · {period.code}",
        url=address,
        organisation=one.organisation.name,
        since=_begun(period),
        due=one.due_at,
        late=one.is_late,
        kind=_("begun") if one.sheet else _("not begun"),
    )


def _many(rows: Sequence[tuple[Period, Standing]]) -> Entry:
    period, first = rows[0]
    late = sum(one.is_late for _period, one in rows)
    told = ngettext("%(n)d organisation", "%(n)d organisations", len(rows)) % {"n": len(rows)}
    return Entry(
        title=f"{first.form.name} · {period.code}",
        url=f"{reverse('filing:many')}?form={first.form.code}&period={period.code}",
        organisation=told,
        since=_begun(period),
        due=min((one.due_at for _period, one in rows if one.due_at), default=None),
        late=late > 0,
        kind=_("side by side"),
        note=ngettext("%(n)d late", "%(n)d late", late) % {"n": late} if late else "",
    )


def _begun(period: Period) -> datetime:
    """A period can be filed when it has ended."""
    return datetime.combine(period.end + timedelta(days=1), datetime.min.time(), clock.BUSINESS_ZONE)


def due_count(request: HttpRequest) -> int:
    return len(due_entries(request))


def returned_sheets(request: HttpRequest) -> list[Sheet]:
    """Sheets that came back to a colleague: what the asker submitted themselves stands with approvals."""
    found = Sheet.objects.filter(
        status=Sheet.Status.RETURNED, organisation__in=request.scope.changeable("figures")
    ).select_related("form", "organisation")
    mine = set(
        Case.objects.filter(kind="filing.sheet", state=CaseState.RETURNED, requested_by=signed_in(request)).values_list(
            "subject_id", flat=True
        )
    )
    may = request.scope.may_at
    return [one for one in found.order_by("period") if one.pk not in mine and may(FILE, one.organisation_id)]


def returned_entries(request: HttpRequest) -> Sequence[Entry]:
    sheets = returned_sheets(request)
    cases = Case.objects.filter(
        kind="filing.sheet", state=CaseState.RETURNED, subject_id__in=[one.pk for one in sheets]
    )
    returned = {one.subject_id: one for one in cases}
    return [
        Entry(
            title=f"{one.form.name} · {queries.period_of(one).code}",
            url=reverse("filing:sheet", args=[one.pk]),
            organisation=one.organisation.name,
            since=returned[one.pk].since if one.pk in returned else one.opened_at,
            due=one.due_at,
            late=bool(one.due_at and one.due_at < clock.now()),
            kind=_("returned"),
            tone="danger",
            by=returned[one.pk].requested_by_name if one.pk in returned else "",
        )
        for one in sheets
    ]


def corrections(request: HttpRequest) -> list[Correction]:
    """Corrections begun and not submitted, where the asker files."""
    found = Correction.objects.filter(
        status=Correction.Status.OPEN, organisation__in=request.scope.changeable("figures")
    ).select_related("sheet__form", "organisation")
    may = request.scope.may_at
    return [one for one in found.order_by("asked_at") if may(FILE, one.organisation_id)]


def correction_entries(request: HttpRequest) -> Sequence[Entry]:
    return [
        Entry(
            title=__("Correction %(n)d") % {"n": one.number}
            + f" · {one.sheet.form.name} · {queries.period_of(one.sheet).code}",
            url=reverse("filing:correction", args=[one.pk]),
            organisation=one.organisation.name,
            since=one.asked_at,
            kind=_("not submitted"),
            note=one.reason,
            by=one.asked_by_name,
        )
        for one in corrections(request)
    ]


def register_waiting() -> None:
    """The groups of the inbox, and the lines of the menu."""
    day = (_("Daily filing"), "filing:day")
    for source in (
        Source("filing.due", _("To file"), "pencil", 5, due_entries, due_count, day, visible=files),
        Source(
            "filing.returned", _("Returned to colleagues"), "arrow-back-up", 11, returned_entries,
            lambda request: len(returned_sheets(request)), visible=files,
        ),
        Source(
            "filing.corrections", _("Corrections begun"), "refresh", 12, correction_entries,
            lambda request: len(corrections(request)), visible=files,
        ),
    ):  # fmt: skip
        register(source)
    menu.register(
        "filing.day",
        _("Daily filing"),
        "filing:day",
        icon="clipboard-list",
        section="work",
        order=20,
        visible=_may_view,
    )
    menu.register(
        "filing.corrections", _("Corrections"), "filing:corrections", icon="refresh", section="work", order=40,
        visible=_may_view,
    )  # fmt: skip
    menu.register(
        "filing.months", _("Closed months"), "filing:months", icon="calendar", section="work", order=45,
        visible=_may_view,
    )  # fmt: skip


def _may_view(request: HttpRequest) -> bool:
    return request.scope.may("figures:view")

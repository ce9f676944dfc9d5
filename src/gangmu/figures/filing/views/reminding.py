"""Reminding from the page of the day: one line, or every late, missing or returned one that the filters leave."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from gangmu.figures.filing.services.reminding import Due, Reminded, remind
from gangmu.figures.filing.views.common import KIND, key_of
from gangmu.figures.filing.views.day import CHASED, Day, Line
from gangmu.foundation.accounts.queries import signed_in
from gangmu.foundation.approvals.actions import UNENDED
from gangmu.foundation.approvals.models import Case
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.ui.once import submit_once

MOST_NAMES = 8


@require_POST
@submit_once
def remind_people(request: HttpRequest) -> HttpResponse:
    """`who` names lines (form:organisation); without it, every one to be chased under the filters of the address."""
    page = Day()
    page.setup(request)
    page.request = request
    if not page.may_remind:
        raise PermissionDenied(_("Your roles do not include reminding others."))
    who = request.POST.getlist("who")
    wanted = [line for line in page.lines if line.pk in who]
    if not who:
        wanted = [line for line in page.filtered if line.status in CHASED]
    done = remind(_due(page, wanted), by=signed_in(request), scope=request.scope, key=key_of(request))
    _tell(request, done)
    return redirect(_back(request))


def _due(page: Day, lines: list[Line]) -> list[Due]:
    sheets = [line.standing.sheet.pk for line in lines if line.standing.sheet]
    cases = {one.subject_id: one for one in Case.objects.filter(kind=KIND, subject_id__in=sheets, state__in=UNENDED)}
    organisations = Organisation.objects.in_bulk([line.standing.organisation.pk for line in lines])
    return [
        Due(
            form=one.form,
            organisation=organisations[one.organisation.pk],
            period=page.period,
            url=f"{reverse('filing:day')}?period={page.period.code}",
            clerks=[(person.user_id, person.name) for person in one.holders if person.user_id],
            case=cases.get(one.sheet.pk) if one.sheet else None,
        )
        for one in (line.standing for line in lines)
        if one.organisation.pk in organisations
    ]


def _tell(request: HttpRequest, done: Reminded) -> None:
    if done.sheets:
        names = ", ".join(done.names[:MOST_NAMES]) + ("…" if len(done.names) > MOST_NAMES else "")
        text = ngettext("Reminded of %(n)d sheet: %(names)s.", "Reminded of %(n)d sheets: %(names)s.", done.sheets)
        messages.success(request, text % {"n": done.sheets, "names": names})
    if done.too_soon:
        text = ngettext(
            "%(n)d sheet was left in peace: those who hold it were reminded less than an hour ago.",
            "%(n)d sheets were left in peace: those who hold them were reminded less than an hour ago.",
            done.too_soon,
        )
        messages.info(request, text % {"n": done.too_soon})
    if done.nobody:
        names = ", ".join(done.nobody[:MOST_NAMES])
        messages.warning(
            request, _("Nobody has an account that may file for: %(names)s. Call them.") % {"names": names}
        )
    for text in done.refused[:3]:
        messages.warning(request, text)
    if not (done.sheets or done.too_soon or done.nobody or done.refused):
        messages.info(request, _("Nothing is to be chased here."))


def _back(request: HttpRequest) -> str:
    """The page that it was asked from."""
    given = request.POST.get("next", "")
    return given if url_has_allowed_host_and_scheme(given, allowed_hosts=None) else reverse("filing:day")

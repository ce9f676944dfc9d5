"""Filing for many stations 集控: the sheets of one form and period, chosen here and filled in side by side."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from gangmu.figures.filing import queries, services
from gangmu.figures.filing.access import FILE
from gangmu.figures.filing.errors import FilingError
from gangmu.figures.filing.models import Form
from gangmu.figures.filing.views.common import STANDINGS, TONES, in_words, numbers, sheet_url, trail
from gangmu.figures.filing.views.grid import MOST_SHEETS
from gangmu.foundation.accounts.queries import signed_in
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.periods.errors import PeriodError
from gangmu.foundation.periods.period import Period
from gangmu.foundation.ui.once import submit_once

OPEN = ("not_opened", "open", "late", "missing", "returned")


@require_http_methods(["GET", "POST"])
def many(request: HttpRequest) -> HttpResponse:
    """The stations whose sheets are open, ticked; one press opens them all in one grid."""
    asked = request.POST if request.method == "POST" else request.GET
    form = get_object_or_404(Form, code=asked.get("form", ""), is_current=True)
    try:
        period = Period.parse(asked.get("period", ""))
    except PeriodError as error:
        raise Http404(str(error)) from error
    if period.kind != form.defined.grain:
        raise Http404
    mine = [
        one
        for one in queries.standings(request.scope, form.defined.grain, period)
        if one.form.code == form.code and request.scope.may_at(FILE, one.organisation.pk)
    ]
    if request.method == "POST":
        return _open(request, form, period, mine)
    context = {
        "title": _("Side by side"),
        "breadcrumbs": trail((_("Side by side"), "")),
        "form": form,
        "period": period,
        "in_words": in_words(period),
        "lines": [
            {
                "standing": one,
                "label": STANDINGS[one.status],
                "tone": TONES[one.status],
                "is_open": one.status in OPEN,
            }
            for one in mine
        ],
        "open": sum(one.status in OPEN for one in mine),
        "most": MOST_SHEETS,
    }
    return render(request, "filing/many.html", context)


@submit_once
def _open(request: HttpRequest, form: Form, period: Period, mine: list[Any]) -> HttpResponse:
    chosen = set(numbers(request.POST.getlist("selected")))
    stations = Organisation.objects.in_bulk(chosen)
    sheets = []
    for one in mine:
        station = stations.get(one.organisation.pk)
        if station is None or one.status not in OPEN or len(sheets) == MOST_SHEETS:
            continue
        try:
            with transaction.atomic():
                sheets.append(services.open_sheet(form, station, period, by=signed_in(request), scope=request.scope))
        except FilingError as error:
            messages.error(request, f"{one.organisation.name}: {error}")
    if not sheets:
        messages.warning(
            request, _("No station was ticked, so nothing was opened. Tick those that you want to fill in.")
        )
        return redirect(f"{request.path}?form={form.code}&period={period.code}")
    first, *others = sheets
    told = ngettext("%(n)d sheet is open below.", "%(n)d sheets are open below.", len(sheets))
    messages.info(request, told % {"n": len(sheets)})
    more = ",".join(str(one.pk) for one in others)
    return redirect(f"{sheet_url(first, 'edit')}?with={more}" if more else sheet_url(first, "edit"))

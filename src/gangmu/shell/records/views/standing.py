"""How the record stands: the overview, the chain with its verification."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from gangmu.foundation.accounts.queries import signed_in
from gangmu.foundation.jobs import services as jobs
from gangmu.foundation.records import queries
from gangmu.foundation.records.models import Alarm
from gangmu.foundation.ui.once import submit_once
from gangmu.shell.records import state, words
from gangmu.shell.records.views.asking import needs

LATEST = 12


@require_GET
@needs("records:view")
def overview(request: HttpRequest) -> HttpResponse:
    """Fourteen days of events, what was refused last, open alarms, the chain."""
    days = state.days()
    context = {
        "days": days,
        "groups": state.groups(),
        "chart": state.chart(days),
        "seals": state.seals(),
        "verification": state.last_verification(),
        "open_alarms": Alarm.objects.filter(acknowledged_at=None).count(),
        "alarms": [
            (one, words.about(one))
            for one in Alarm.objects.filter(acknowledged_at=None).select_related("user").order_by("-id")[:LATEST]
        ],
        "refused": [(one, words.kind(one), words.who(one)) for one in queries.events().filter(refused=True)[:LATEST]],
    }
    return render(request, "records/overview.html", context)


@require_GET
@needs("records:view")
def seals(request: HttpRequest) -> HttpResponse:
    """The chain, and what the last verifications found."""
    title = _("Seals and verification")
    found = queries.events(kind="records.verified")[:LATEST]
    context = {
        "title": title,
        "breadcrumbs": [(_("Records"), reverse("records:overview")), (title, "")],
        "seals": state.seals(),
        "verifications": [(one, words.who(one), words.findings(one)) for one in found],
    }
    return render(request, "records/seals.html", context)


@require_POST
@needs("records:view")
@submit_once
def verify(request: HttpRequest) -> HttpResponse:
    """Verify now, as long work."""
    job = jobs.start("records.verify", by=signed_in(request), key=f"records.verify:{request.POST['_key']}")
    return redirect("ui:job", pk=job.pk)

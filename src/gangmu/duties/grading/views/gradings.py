"""One grading: its calculation, its parties, its certificate and services; submitting it and giving it up."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from gangmu.duties.grading import queries, services, showing
from gangmu.duties.grading.access import GRADE, REGRADE
from gangmu.duties.grading.catalogue import services_of
from gangmu.duties.grading.models import Certificate, Grading
from gangmu.duties.grading.queries import Inherited
from gangmu.duties.grading.services import certifying
from gangmu.duties.grading.services.preparing import IN_HAND, SUBJECTS, UNENDED
from gangmu.duties.grading.shipped import shipped
from gangmu.duties.grading.views.common import REFUSED, grading_or_404, system_trail
from gangmu.duties.grading.views.systems import way_of
from gangmu.foundation.approvals import panels
from gangmu.foundation.documents.services import download
from gangmu.foundation.ui.asking import asker
from gangmu.foundation.ui.once import submit_once


@require_GET
def grading(request: HttpRequest, pk: int) -> HttpResponse:
    """One grading."""
    return _page(request, grading_or_404(pk))


def _page(request: HttpRequest, shown: Grading, problem: str = "") -> HttpResponse:
    scheme = shipped(shown.scheme)
    again = shown.kind == Grading.Kind.AGAIN
    acts = request.scope.may_at(REGRADE if again else GRADE, shown.organisation_id)
    path = shown.calculation.get("path", [])
    kind = SUBJECTS.get(Grading.Kind(shown.kind))
    title = _("Grading %(number)d by %(scheme)s") % {"number": shown.number, "scheme": scheme.number}
    context = {
        "title": title,
        "breadcrumbs": system_trail(shown.resource, (title, "")),
        "grading": shown,
        "resource": shown.resource,
        "scheme": scheme,
        "result": showing.result_name(scheme, shown.result),
        "tone": showing.result_tone(scheme, shown.result),
        "status_tone": showing.TONES[shown.status],
        "factors": showing.factors(scheme, shown.factors),
        "steps": showing.steps(scheme, shown.calculation),
        "parties": showing.parties(scheme, shown),
        "way": way_of(Inherited(shown.result, tuple(path), 0)) if path else [],
        "approval": panels.panel(request, kind, shown.pk) if kind else None,
        "may_edit": acts and shown.status in IN_HAND,
        "may_withdraw": acts and shown.status in UNENDED,
        "may_certify": certifying.may_certify(shown, request.scope),
        "certificates": list(shown.certificates.select_related("document").order_by("language", "kind")),
        "services": services_of(shown),
        "problem": problem,
    }
    return render(request, "grading/grading.html", context, status=422 if problem else 200)


@require_POST
@submit_once
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the parties confirm."""
    shown = grading_or_404(pk)
    try:
        services.submit_grading(shown, by=asker(request), key=request.POST["_key"], scope=request.scope)
    except REFUSED as error:
        return _page(request, shown, str(error))
    messages.success(request, _("The grading was submitted to its parties."))
    return redirect("grading:grading", pk=pk)


@require_POST
@submit_once
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a grading up."""
    shown = grading_or_404(pk)
    try:
        services.withdraw_grading(shown, by=asker(request), key=request.POST["_key"], scope=request.scope)
    except REFUSED as error:
        messages.error(request, str(error))
        return redirect("grading:grading", pk=pk)
    messages.success(request, _("The grading was given up."))
    return redirect("grading:system", system=shown.resource_id)


@require_POST
@submit_once
def certify(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the certificates of a grade: Word and PDF, in both languages."""
    shown = grading_or_404(pk)
    try:
        certifying.certify(shown, by=asker(request), scope=request.scope)
    except REFUSED as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The certificates were made."))
    return redirect("grading:grading", pk=pk)


@require_GET
def certificate(request: HttpRequest, pk: int, kind: str, language: str) -> HttpResponseBase:
    """One certificate as a file."""
    found = get_object_or_404(Certificate.objects.select_related("document"), grading=pk, kind=kind, language=language)
    return download(found.document, by=asker(request))


@require_GET
def catalogue(request: HttpRequest, pk: int) -> HttpResponse:
    """The services that a grade promises, with their hours and standby."""
    shown = grading_or_404(pk)
    scheme = shipped(shown.scheme)
    title = _("Services of the grade")
    context = {
        "title": title,
        "breadcrumbs": system_trail(shown.resource, (title, "")),
        "grading": shown,
        "resource": shown.resource,
        "scheme": scheme,
        "result": showing.result_name(scheme, shown.result),
        "tone": showing.result_tone(scheme, shown.result),
        "services": services_of(shown),
        "standing": queries.standings_of(shown.resource)[shown.scheme],
    }
    return render(request, "grading/catalogue.html", context)

"""A system's way into operation: the gate, what is handed over, and letting the system go live."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from gangmu.duties.grading import services, showing
from gangmu.duties.grading.access import GOLIVE
from gangmu.duties.grading.forms import GoLiveForm, HandOverForm
from gangmu.duties.grading.models import GoLive, GoLiveFile
from gangmu.duties.grading.services import golive as gate
from gangmu.duties.grading.shipped import shipped
from gangmu.duties.grading.views.common import REFUSED, resource_or_404, system_trail
from gangmu.duties.resources.models import Resource
from gangmu.foundation.approvals import panels
from gangmu.foundation.documents.names import DocumentRefused
from gangmu.foundation.documents.services import download
from gangmu.foundation.ui.asking import asker
from gangmu.foundation.ui.once import submit_once


def _find(resource: Resource) -> GoLive | None:
    rows = GoLive.objects.select_related("resource", "organisation", "grading")
    return rows.filter(resource=resource).exclude(status=GoLive.Status.WITHDRAWN).first()


@require_GET
def golive(request: HttpRequest, system: int) -> HttpResponse:
    """The gate of one system."""
    return _page(request, resource_or_404(system))


def _page(
    request: HttpRequest,
    shown: Resource,
    form: GoLiveForm | None = None,
    file_form: HandOverForm | None = None,
    problem: str = "",
) -> HttpResponse:
    found = _find(shown)
    grading = gate.grade_in_force(shown)
    scheme = shipped(gate.SCHEME)
    is_open = found is None or found.status in gate.IN_HAND
    texts = {item.value: getattr(found, item.value) for item in gate.NAMES} if found else {}
    files = list(found.files.select_related("document").order_by("item", "pk")) if found else []
    wanted = gate.needs(grading.result) if grading else []
    lacking = gate.missing(found or GoLive(resource=shown), grading) if is_open else []
    context = {
        "title": _("Going live"),
        "breadcrumbs": system_trail(shown, (_("Going live"), "")),
        "resource": shown,
        "golive": found,
        "tone": showing.TONES[found.status] if found else "secondary",
        "grading": grading,
        "result": showing.result_name(scheme, grading.result) if grading else "",
        "grade_tone": showing.result_tone(scheme, grading.result) if grading else "",
        "items": [
            {"name": str(gate.NAMES[item]), "is_needed": item in wanted, "text": texts.get(item.value, ""),
             "files": [one for one in files if one.item == item]}
            for item in gate.NAMES
        ],
        "missing": [str(one) for one in lacking],
        "may_edit": is_open and not shown.supporting and request.scope.may_at(GOLIVE, shown.organisation_id),
        "form": form or GoLiveForm(initial=texts),
        "file_form": file_form or HandOverForm(),
        "approval": panels.panel(request, gate.KIND, found.pk) if found else None,
        "problem": problem,
    }  # fmt: skip
    bad = problem or (form and form.errors) or (file_form and file_form.errors)
    return render(request, "grading/golive.html", context, status=422 if bad else 200)


@require_POST
@submit_once
def save(request: HttpRequest, system: int) -> HttpResponse:
    """Say what is handed over."""
    shown = resource_or_404(system)
    form = GoLiveForm(request.POST)
    if not form.is_valid():
        return _page(request, shown, form)
    try:
        with transaction.atomic():
            found = services.prepare_golive(shown, by=asker(request), scope=request.scope)
            services.save_golive(found, form.cleaned_data, by=asker(request), scope=request.scope)
    except REFUSED as error:
        return _page(request, shown, form, problem=str(error))
    messages.success(request, _("Saved."))
    return redirect("grading:golive", system=system)


@require_POST
@submit_once
def attach(request: HttpRequest, system: int) -> HttpResponse:
    """Hand a file over."""
    shown = resource_or_404(system)
    form = HandOverForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, shown, file_form=form)
    file = form.cleaned_data["file"]
    try:
        with transaction.atomic():
            found = services.prepare_golive(shown, by=asker(request), scope=request.scope)
            services.hand_over(
                found, form.cleaned_data["item"], file, name=file.name, by=asker(request), scope=request.scope
            )
    except (DocumentRefused, *REFUSED) as error:
        form.add_error(None, str(error))
        return _page(request, shown, file_form=form)
    messages.success(request, _("%(name)s was handed over.") % {"name": file.name})
    return redirect("grading:golive", system=system)


@require_POST
@submit_once
def submit(request: HttpRequest, system: int) -> HttpResponse:
    """Ask the parties to let the system go live."""
    shown = resource_or_404(system)
    try:
        with transaction.atomic():
            found = services.prepare_golive(shown, by=asker(request), scope=request.scope)
            services.submit_golive(found, by=asker(request), key=request.POST["_key"], scope=request.scope)
    except REFUSED as error:
        return _page(request, shown, problem=str(error))
    messages.success(request, _("Submitted: business side, sponsor and operation decide."))
    return redirect("grading:golive", system=system)


@require_POST
@submit_once
def withdraw(request: HttpRequest, system: int) -> HttpResponse:
    """Give it up."""
    shown = resource_or_404(system)
    found = _find(shown)
    try:
        if found is not None:
            services.withdraw_golive(found, by=asker(request), key=request.POST["_key"], scope=request.scope)
    except REFUSED as error:
        messages.error(request, str(error))
        return redirect("grading:golive", system=system)
    return redirect("grading:system", system=system)


@require_POST
@submit_once
def take_back(request: HttpRequest, system: int, file: int) -> HttpResponse:
    """Take a file out again."""
    found = get_object_or_404(GoLiveFile.objects.select_related("golive"), pk=file, golive__resource=system)
    try:
        services.take_back_file(found, by=asker(request), scope=request.scope)
    except REFUSED as error:
        messages.error(request, str(error))
    return redirect("grading:golive", system=system)


@require_GET
def file(request: HttpRequest, system: int, file: int) -> HttpResponseBase:
    """A file that was handed over."""
    found = get_object_or_404(GoLiveFile.objects.select_related("document"), pk=file, golive__resource=system)
    return download(found.document, by=asker(request))

"""People from a file: give it, look at what it would change, take it over, fetch the sheet of passwords."""

import tempfile
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gangmu.foundation.accounts.proof import ask_for_proof, is_fresh
from gangmu.foundation.settings.textfiles import Unreadable
from gangmu.foundation.ui.asking import asker
from gangmu.foundation.ui.forms import show_form
from gangmu.foundation.ui.once import submit_once
from gangmu.shell.people import services
from gangmu.shell.people.forms import ImportForm
from gangmu.shell.people.lists import CHANGE
from gangmu.shell.people.loading import files
from gangmu.shell.people.loading.checking import Judged, Outcome, counts
from gangmu.shell.people.models import Intake
from gangmu.shell.people.views.one import trail

SHOWN = 400  # lines on the page; those with faults first
TONES = {"new": "success", "changed": "info", "unchanged": "secondary", "error": "danger"}
WORDS = {
    "new": gettext_lazy("new"),
    "changed": gettext_lazy("changed"),
    "unchanged": gettext_lazy("as it is"),
    "error": gettext_lazy("fault"),
}
FIRST = [Outcome.ERROR, Outcome.CHANGED, Outcome.NEW, Outcome.UNCHANGED]


def _allowed(request: HttpRequest) -> None:
    if not request.scope.may(CHANGE):
        raise PermissionDenied


@require_GET
def template(request: HttpRequest, kind: str) -> HttpResponseBase:
    """An empty file to fill in."""
    _allowed(request)
    if kind not in ("xlsx", "csv"):
        raise Http404
    return files.template(kind)


@require_http_methods(["GET", "POST"])
@submit_once
def take(request: HttpRequest) -> HttpResponse:
    """Give a file."""
    _allowed(request)
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data["file"]
        with tempfile.NamedTemporaryFile(prefix="gangmu-people-") as copy:
            for block in given.chunks():
                copy.write(block)
            copy.flush()
            try:
                handing = form.cleaned_data["handing"]
                intake = services.take(Path(copy.name), name=given.name, handing=handing, by=asker(request))
            except Unreadable as problem:
                form.add_error("file", str(problem))
            else:
                return redirect("people:preview", intake=intake.pk)
    context = {
        "title": _("People from a file"),
        "breadcrumbs": trail((_("People from a file"), "")),
        "notes": files.notes(),
        "earlier": Intake.objects.filter(by=asker(request)).defer("lines", "sheet").order_by("-pk")[:10],
    }
    return show_form(request, "people/import.html", form, context)


def _own(request: HttpRequest, pk: int) -> Intake:
    _allowed(request)
    return get_object_or_404(Intake.objects.select_related("job"), pk=pk, by=asker(request))


@require_POST
@submit_once
def take_over(request: HttpRequest, intake: int) -> HttpResponse:
    """Let the workers take the file over: all of it, or the good lines."""
    one = _own(request, intake)
    page = reverse("people:preview", args=[intake])
    if not is_fresh(request):
        return ask_for_proof(page)
    services.begin(one, by=asker(request), keep_good="keep_good" in request.POST)
    return redirect(page)


@never_cache
@require_GET
def preview(request: HttpRequest, intake: int) -> HttpResponse:
    """What the file would change, line by line; then how far it is, and what came of it."""
    one = _own(request, intake)
    running = one.job is not None and one.job.is_open
    context: dict[str, Any] = {
        "title": one.file,
        "breadcrumbs": trail((_("People from a file"), reverse("people:import")), (one.file, "")),
        "intake": one,
        "job": one.job,
        "running": running,
    }
    if not one.done_at and not running:
        judged = services.worked_out(one, request.scope)
        context |= {"counts": counts(judged), "lines": _shown(judged), "hidden": max(len(judged) - SHOWN, 0)}
    return render(request, "people/preview.html", context)


def _shown(judged: list[Judged]) -> list[dict[str, Any]]:
    ordered = sorted(judged, key=lambda one: (FIRST.index(one.outcome), one.line.number))[:SHOWN]
    return [
        {
            "number": one.line.number,
            "username": one.username,
            "name": one.line.fields["name_zh"]
            or one.line.fields["name_en"]
            or (one.account.name if one.account else ""),
            "word": WORDS[one.outcome],
            "tone": TONES[one.outcome],
            "faults": one.faults,
            "changes": one.changes if one.outcome is not Outcome.ERROR else [],
        }
        for one in ordered
    ]


@never_cache
@require_POST
def sheet(request: HttpRequest, intake: int) -> HttpResponseBase:
    """The one-time passwords, once."""
    one = _own(request, intake)
    if not is_fresh(request):
        return ask_for_proof(reverse("people:preview", args=[intake]))
    passwords = services.fetch_sheet(one, by=asker(request), request=request)
    if not passwords:
        messages.warning(
            request, _("The sheet was fetched before, or nobody was new. Reset a password where one is lost.")
        )
        return redirect("people:preview", intake=intake)
    return files.sheet(passwords)

"""Resources from a file and to a file."""

import tempfile
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gangmu.duties.resources import queries
from gangmu.duties.resources.errors import ResourceRefused
from gangmu.duties.resources.forms import FileForm
from gangmu.duties.resources.loading import files
from gangmu.duties.resources.loading import intake as intakes
from gangmu.duties.resources.loading.judged import Judged, Outcome, counts
from gangmu.duties.resources.models import Dependency, Intake
from gangmu.duties.resources.rights import CHANGE, EXPORT
from gangmu.duties.resources.views.looking import trail
from gangmu.foundation.access.needs import needs
from gangmu.foundation.records.services import note
from gangmu.foundation.settings import clock
from gangmu.foundation.settings.textfiles import Unreadable
from gangmu.foundation.ui.asking import asker
from gangmu.foundation.ui.forms import show_form
from gangmu.foundation.ui.once import submit_once

SHOWN = 400  # lines on the page; those with faults first
TONES = {"new": "success", "changed": "info", "unchanged": "secondary", "error": "danger"}
WORDS = {
    "new": gettext_lazy("new"),
    "changed": gettext_lazy("changed"),
    "unchanged": gettext_lazy("as it is"),
    "error": gettext_lazy("fault"),
}
FIRST = [Outcome.ERROR, Outcome.CHANGED, Outcome.NEW, Outcome.UNCHANGED]


@require_GET
@needs(EXPORT)
def export(request: HttpRequest) -> HttpResponseBase:
    """The register of today with what needs what, as a workbook that can be mended and given back."""
    day = clock.today()
    rows = list(queries.resources(day).select_related("post"))
    content = files.register(rows, queries.dependencies(day))
    note("resources.exported", by=asker(request), data={"format": "xlsx", "rows": len(rows)}, request=request)
    return files.response(content, f"resources-{day.isoformat()}.xlsx")


@require_GET
@needs(CHANGE)
def template(request: HttpRequest) -> HttpResponseBase:
    """An empty file to fill in."""
    return files.response(files.register((), Dependency.objects.none()), "resources.xlsx")


@require_http_methods(["GET", "POST"])
@needs(CHANGE)
@submit_once
def take(request: HttpRequest) -> HttpResponse:
    """Give a file."""
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data["file"]
        with tempfile.NamedTemporaryFile(prefix="gangmu-resources-") as copy:
            for block in given.chunks():
                copy.write(block)
            copy.flush()
            try:
                kept = intakes.take(Path(copy.name), name=given.name, by=asker(request))
            except Unreadable as problem:
                form.add_error("file", str(problem))
            else:
                return redirect("resources:preview", intake=kept.pk)
    context = {
        "title": _("Resources from a file"),
        "breadcrumbs": trail((_("Resources from a file"), "")),
        "notes": files.notes(),
        "earlier": Intake.objects.filter(by=asker(request)).defer("lines").order_by("-pk")[:10],
    }
    return show_form(request, "resources/import.html", form, context)


def _mine(request: HttpRequest, pk: int) -> Intake:
    if not request.scope.may(CHANGE):
        raise PermissionDenied
    return get_object_or_404(Intake, pk=pk, by=asker(request))


@never_cache
@require_GET
def preview(request: HttpRequest, intake: int) -> HttpResponse:
    """What the file would change, line by line; or what came of it."""
    one = _mine(request, intake)
    context: dict[str, Any] = {
        "title": one.file,
        "breadcrumbs": trail((_("Resources from a file"), reverse("resources:import")), (one.file, "")),
        "intake": one,
    }
    if not one.done_at:
        judged = intakes.worked_out(one, request.scope)
        context |= {"counts": counts(judged), "lines": _shown(judged), "hidden": max(len(judged) - SHOWN, 0)}
    return render(request, "resources/preview.html", context)


def _shown(judged: list[Judged]) -> list[dict[str, Any]]:
    ordered = sorted(judged, key=lambda one: (FIRST.index(one.outcome), one.line.number))[:SHOWN]
    return [
        {
            "number": one.line.number,
            "code": one.given["code"],
            "name": one.given["name_zh"] or one.given["name_en"] or (one.wanted.row.name if one.wanted.row else ""),
            "word": WORDS[one.outcome],
            "tone": TONES[one.outcome],
            "faults": [(column, one.given.get(column, ""), text) for column, text in one.faults],
            "changes": one.changes if one.outcome is not Outcome.ERROR else [],
        }
        for one in ordered
    ]


@require_POST
@submit_once
def take_over(request: HttpRequest, intake: int) -> HttpResponse:
    """Take the file over: all of it, or the good lines."""
    one = _mine(request, intake)
    try:
        intakes.carry_out(one, by=asker(request), scope=request.scope, keep_good="keep_good" in request.POST)
    except ResourceRefused as problem:
        messages.error(request, str(problem))
    return redirect("resources:preview", intake=one.pk)

"""The pages on which curves are handed in: choose or paste, look at what would change, confirm."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gangmu.figures.curves import uploading
from gangmu.figures.curves.forms import DayForm, FileForm
from gangmu.figures.curves.models import Curve
from gangmu.figures.curves.template import template as workbook
from gangmu.foundation.boards.asking import yesterday
from gangmu.foundation.documents.models import Document
from gangmu.foundation.documents.names import DocumentRefused
from gangmu.foundation.documents.services import add_document
from gangmu.foundation.documents.workbooks.guarding import WorkbookRefused, look_at
from gangmu.foundation.jobs import queries as jobs
from gangmu.foundation.jobs.models import Job
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.periods.period import PeriodError, parse_day
from gangmu.foundation.records.services import note
from gangmu.foundation.settings import clock
from gangmu.foundation.ui.asking import asker
from gangmu.foundation.ui.exports import CONTENT_TYPES
from gangmu.foundation.ui.here import here
from gangmu.foundation.ui.once import submit_once

MOST_LINES = 2_000  # of a template
PASTED = "day"


@require_http_methods(["GET", "POST"])
@submit_once
def load(request: HttpRequest) -> HttpResponse:
    """Take a file, or a day that was pasted; a worker tries it, and its page shows what would change."""
    uploading.require(request.scope)
    whose, curves = _organisations(request), list(Curve.objects.select_related("indicator").order_by("indicator_id"))
    choices = {
        "organisations": [(str(one.code), f"{one.name} ({one.code})") for one in whose],
        "indicators": [(str(one.indicator.code), f"{one.indicator.name} ({one.unit})") for one in curves],
    }
    is_day = request.POST.get("how") == PASTED
    first = {name: request.GET.get(name, "") for name in ("organisation", "indicator") if request.GET.get(name)}
    is_file = request.method == "POST" and not is_day
    file_form = FileForm(request.POST if is_file else None, request.FILES if is_file else None)
    day_form = DayForm(request.POST if is_day else None, **choices, initial=first)
    form = day_form if is_day else file_form
    if request.method == "POST" and form.is_valid():
        try:
            document = _document(request, form.cleaned_data, is_day)
        except (WorkbookRefused, DocumentRefused) as refused:
            form.add_error("values" if is_day else "file", str(refused))
        else:
            job = uploading.start(
                document,
                by=asker(request),
                scope=request.scope,
                key=request.POST.get("_key", ""),
                trial=True,
                correct=form.cleaned_data["correct"].strip(),
                labels=form.cleaned_data.get("labels", "end"),
            )
            return redirect("curves:loaded", pk=job.pk)
    title = _("Hand in curves")
    context = {
        "title": title,
        "breadcrumbs": [(_("Curves"), reverse("curves:one")), (title, "")],
        "file_form": file_form,
        "day_form": day_form,
        "cancel": reverse("curves:one"),
        "has_curves": bool(curves),
        "day": yesterday().code,
    }
    refused = request.method == "POST"
    return render(request, "curves/load.html", context, status=422 if refused else 200)


def _document(request: HttpRequest, given: dict[str, Any], is_day: bool) -> Document:
    by = asker(request)
    if is_day:
        return uploading.written_out(
            given["organisation"], given["indicator"], given["day"].isoformat(), given["values"], by=by
        )
    file = given["file"]
    if str(file.name).lower().endswith(".xlsx"):
        look_at(file)
    return add_document(file, name=file.name, by=by, owner=by)


def _organisations(request: HttpRequest) -> list[Organisation]:
    """Those at which the asker may load, of the levels that curves are filed by."""
    levels = set(Curve.objects.values_list("indicator__level", flat=True))
    found = Organisation.objects.filter(pk__in=uploading.within(request.scope), kind__in=levels)
    return list(found.filter(placements__valid__contains=clock.today()).distinct().order_by("sort_key", "code"))


@require_GET
def template(request: HttpRequest) -> FileResponse:
    """The workbook to fill in for a day: a line for each organisation at which the asker may load."""
    uploading.require(request.scope)
    day = _day(request.GET.get("day", ""))
    curves = list(Curve.objects.select_related("indicator").order_by("indicator_id"))
    lines = [
        (one, curve) for one in _organisations(request) for curve in curves if one.kind == curve.indicator.level
    ][:MOST_LINES]  # fmt: skip
    data = {"list": "figures.curves-template", "format": "xlsx", "rows": len(lines), "query": f"day={day.isoformat()}"}
    note("ui.exported", by=asker(request), data=data, request=request)
    name = f"curves-{day.isoformat()}.xlsx"
    return FileResponse(workbook(lines, day), as_attachment=True, filename=name, content_type=CONTENT_TYPES["xlsx"])


def _day(text: str) -> date:
    try:
        return parse_day(text) if text else yesterday().start
    except PeriodError as error:
        raise BadRequest(str(error)) from error


def _own(request: HttpRequest, pk: int) -> Job:
    return get_object_or_404(jobs.jobs_of(asker(request)), pk=pk, kind=uploading.LOAD)


@require_GET
def loaded(request: HttpRequest, pk: int) -> HttpResponse:
    """What a file would change, or has changed: the days, and each fault with its cell."""
    job = _own(request, pk)
    result, source = job.result or {}, Document.objects.filter(pk=job.params.get("document")).first()
    title = _("Hand in curves")
    trail = [(_("Curves"), reverse("curves:one")), (title, reverse("curves:load")), (f"{pk}", "")]
    context = {
        "title": source.name if source else title,
        "breadcrumbs": trail,
        "job": job,
        "result": result,
        "is_trial": bool(job.params.get("trial")),
        "correct": job.params.get("correct", ""),
        "to_do": result.get("recorded", 0) + result.get("corrected", 0),
        "does": result.get("recorded", 0) + result.get("corrected", 0) + result.get("figures", 0) > 0,
        "source": source,
        "hidden": max(result.get("found_count", 0) - len(result.get("found", [])), 0),
        "more": max(result.get("recorded", 0) + result.get("corrected", 0) - len(result.get("changes", [])), 0),
        "refused": here("documents:detail", result["document"]) if result.get("document") else "",
    }
    return render(request, "curves/loaded.html", context)


@require_POST
@submit_once
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Record what was tried. Everything is compared anew: what has changed meanwhile counts."""
    uploading.require(request.scope)
    before = _own(request, pk)
    document = Document.objects.filter(pk=before.params.get("document")).first()
    if document is None:
        raise Http404(_("The file is not there any more, or you may not see it any more. Upload it again."))
    if not before.params.get("trial") or before.state != Job.State.SUCCEEDED:
        messages.error(request, _("Only what was tried, with its outcome shown, can be recorded."))
        return redirect("curves:loaded", pk=pk)
    job = uploading.start(
        document,
        by=asker(request),
        scope=request.scope,
        key=request.POST.get("_key", ""),
        trial=False,
        correct=before.params.get("correct", ""),
        labels=before.params.get("labels", "end"),
    )
    return redirect("curves:loaded", pk=job.pk)

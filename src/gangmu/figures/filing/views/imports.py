"""Workbooks in: upload, progress, what was found, and once more with another choice."""

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django import forms
from django.core.exceptions import BadRequest, PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gangmu.figures.filing import queries
from gangmu.figures.filing.access import FILE
from gangmu.figures.filing.errors import CannotOpen
from gangmu.figures.filing.excel.faults import Kind
from gangmu.figures.filing.excel.guarding import WorkbookRefused, open_archive
from gangmu.figures.filing.excel.planning import plan_template
from gangmu.figures.filing.excel.starting import IMPORT, start_import
from gangmu.figures.filing.excel.template import write_template
from gangmu.figures.filing.models import Form, Sheet
from gangmu.figures.filing.views.common import key_of, numbers, trail
from gangmu.foundation.accounts.queries import signed_in
from gangmu.foundation.documents.models import Document
from gangmu.foundation.documents.names import DocumentRefused
from gangmu.foundation.documents.services import ContentMissing, add_document, download
from gangmu.foundation.jobs.models import Job
from gangmu.foundation.jobs.queries import jobs_of
from gangmu.foundation.periods.kinds import Kind as PeriodKind
from gangmu.foundation.periods.period import Period
from gangmu.foundation.ui.forms import show_form
from gangmu.foundation.ui.once import submit_once

TITLE = gettext_lazy("Import from Excel")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TONES = {
    Kind.FAULT: "danger",
    Kind.ROUNDING: "warning",
    Kind.ERROR: "danger",
    Kind.WARNING: "warning",
    Kind.NOTE: "info",
}
LABELS = {
    Kind.FAULT: gettext_lazy("not taken"),
    Kind.ROUNDING: gettext_lazy("too many decimals"),
    Kind.ERROR: gettext_lazy("breaks a rule"),
    Kind.WARNING: gettext_lazy("needs your words"),
    Kind.NOTE: gettext_lazy("for your information"),
}
MOST_PERIODS = 366
MOST_ORGANISATIONS = 500
SAVED_AT_ONCE = 1024 * 1024


class ImportForm(forms.Form):
    """A workbook, and what is done with what is not good in it."""

    form = forms.ChoiceField(label=gettext_lazy("Form"))
    file = forms.FileField(
        label=gettext_lazy("Workbook (.xlsx)"),
        max_length=200,
        help_text=gettext_lazy("Filled in on the form's own template."),
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )
    accept_rounding = forms.BooleanField(
        label=gettext_lazy("Take figures with too many decimals as rounded; what was entered is kept"), required=False
    )
    keep_good = forms.BooleanField(
        label=gettext_lazy("Store the good rows although others have faults"), required=False
    )
    submit = forms.BooleanField(label=gettext_lazy("Submit the sheets where every rule holds"), required=False)
    period = forms.CharField(required=False, max_length=10, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["form"].choices = [(form.code, form.name) for form in queries.current_forms()]


@require_http_methods(["GET", "POST"])
@submit_once
def take(request: HttpRequest) -> HttpResponse:
    """Take a workbook; a worker imports it. `form` and, for a sheet's own page, `period` come with the address."""
    if not request.scope.may(FILE):
        raise PermissionDenied(_("Your roles do not let you file figures."))
    asked = {name: request.GET.get(name, "") for name in ("form", "period")}
    entered = ImportForm(request.POST or None, request.FILES or None, initial=asked)
    if entered.is_valid():
        job = _start(request, entered)
        if job is not None:
            return redirect("filing:import-result", pk=job.pk)
    context = {
        "title": TITLE,
        "breadcrumbs": trail((TITLE, "")),
        "period": asked["period"],
        "cancel": reverse("filing:day"),
    }
    return show_form(request, "filing/import.html", entered, context)


def _start(request: HttpRequest, entered: ImportForm) -> Job | None:
    """The job, or None with the form's errors saying why the file is not taken."""
    given = entered.cleaned_data
    file: UploadedFile = given.pop("file")
    by = signed_in(request)
    try:
        _look_at(file)
        document = add_document(file, name=file.name or "", by=by, owner=by)
    except (WorkbookRefused, DocumentRefused) as refused:
        entered.add_error("file", str(refused))
        return None
    return start_import(document, by=by, scope=request.scope, key=key_of(request), **given)


def _look_at(file: UploadedFile) -> None:
    """See that the file is a workbook, with better words than a look at its beginning has.

    Raises:
        WorkbookRefused: it is not, or one that is not taken.
    """
    with tempfile.NamedTemporaryFile(prefix="gangmu-look-", suffix=".xlsx") as copy:
        for block in file.chunks(SAVED_AT_ONCE):
            copy.write(block)
        copy.flush()
        open_archive(Path(copy.name), file.name or "")
    file.seek(0)


# What came of it ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One thing that was found, for the page."""

    label: Any
    tone: str
    place: str
    organisation: str
    period: str
    indicator: str
    message: str


def _job(request: HttpRequest, pk: int) -> Job:
    return get_object_or_404(jobs_of(signed_in(request)), pk=pk, kind=IMPORT)


def _lines(found: Iterable[list[str]]) -> list[Line]:
    return [Line(LABELS[Kind(kind)], TONES[Kind(kind)], *rest) for kind, *rest in found]


@require_GET
def result(request: HttpRequest, pk: int) -> HttpResponse:
    """How far an import is, and what came of it; htmx asks for the part that changes as long as it does."""
    job = _job(request, pk)
    told = job.result or {}
    params = job.params
    context = {
        "title": TITLE,
        "breadcrumbs": trail((TITLE, reverse("filing:import")), (_("Result"), "")),
        "job": job,
        "told": told,
        "params": params,
        "form": Form.objects.filter(code=params["form"], is_current=True).first(),
        "sent": Document.objects.filter(pk=params["document"]).first(),
        "marked": Document.objects.filter(pk=told.get("document", 0)).first(),
        "lines": _lines(told.get("found", ())),
        "more": told.get("found_count", 0) - len(told.get("found", ())),
        "sheets": Sheet.objects.filter(pk__in=told.get("sheets", ())).select_related("organisation", "form")[:20],
        "other_period": job.error_params.get("other_period", ""),
        "other_form": job.error_params.get("other_form", ""),
    }
    part = "filing/import_state.html" if request.GET.get("part") else "filing/import_result.html"
    return render(request, part, context)


@require_POST
@submit_once
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """The same workbook once more, with what was chosen after seeing what was found in it."""
    earlier = _job(request, pk)
    document = Document.objects.filter(pk=earlier.params["document"]).first()
    if document is None:
        raise Http404(_("The file is not there any more. Upload it again."))
    options: dict[str, Any] = {
        name: earlier.params[name] for name in ("form", "period", "accept_rounding", "keep_good", "submit")
    }
    for name in ("accept_rounding", "keep_good", "submit"):
        options[name] = options[name] or name in request.POST
    for name in ("form", "period"):
        if name in request.POST:
            options[name] = request.POST[name][:64]
    job = start_import(document, by=signed_in(request), scope=request.scope, key=key_of(request), **options)
    return redirect("filing:import-result", pk=job.pk)


@require_GET
def file(request: HttpRequest, pk: int, which: str) -> HttpResponseBase:
    """The workbook as it was sent, or its marked copy."""
    job = _job(request, pk)
    wanted = {"sent": job.params.get("document"), "marked": (job.result or {}).get("document")}.get(which)
    try:
        return download(get_object_or_404(Document, pk=wanted or 0), by=signed_in(request))
    except ContentMissing as missing:
        raise Http404(str(missing)) from missing


# Templates for many ---------------------------------------------------------------------------------------------------


@require_GET
def template(request: HttpRequest) -> HttpResponseBase:
    """One template for many organisations and periods: `form`, `first` and `last` (a period each), `organisation` ids;
    without those, all that the asker files for."""
    form = get_object_or_404(Form, code=request.GET.get("form", ""), is_current=True)
    periods = _periods(form, request.GET.get("first", ""), request.GET.get("last", ""))
    chosen = numbers(request.GET.getlist("organisation"))[:MOST_ORGANISATIONS]
    if not chosen:
        chosen = [
            one.organisation.pk
            for one in queries.standings(request.scope, form.defined.grain, periods[-1])
            if one.form.code == form.code and request.scope.may_at(FILE, one.organisation.pk)
        ][:MOST_ORGANISATIONS]
    try:
        plan = plan_template(form, chosen, periods)
    except CannotOpen as error:
        raise Http404(str(error)) from error
    target = tempfile.TemporaryFile(prefix="gangmu-template-")  # noqa: SIM115 (the response closes it)
    write_template(target, plan)
    target.seek(0)
    span = periods[0].code if len(periods) == 1 else f"{periods[0].code}-{periods[-1].code}"
    return FileResponse(target, as_attachment=True, filename=f"{form.name}-{span}.xlsx", content_type=XLSX)


def _periods(form: Form, first: str, last: str) -> list[Period]:
    """The days or months from `first` to `last`.

    Raises:
        BadRequest: they are none of this form's grain, or too many.
    """
    grain = PeriodKind(form.defined.grain)
    try:
        one, end = Period.parse(first), Period.parse(last or first)
    except ValueError as error:
        raise BadRequest(str(error)) from error
    found = [one]
    while found[-1].start < end.start and len(found) <= MOST_PERIODS:
        found.append(found[-1].next())
    if one.kind != grain or end.kind != grain or end.start < one.start or len(found) > MOST_PERIODS:
        raise BadRequest(
            _("Ask for at most %(most)d periods, the first before the last, written like %(example)s.")
            % {"most": MOST_PERIODS, "example": "2026-11-20" if grain == PeriodKind.DAY else "2026-11"}
        )
    return found

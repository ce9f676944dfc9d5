"""Workbooks: templates to fill in elsewhere, taking them back, and what came of it."""

import io
from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gangmu.figures.filing import queries
from gangmu.figures.filing.access import FILE
from gangmu.figures.filing.errors import FilingError
from gangmu.figures.filing.excel.faults import Kind
from gangmu.figures.filing.excel.planning import plan_template
from gangmu.figures.filing.excel.starting import IMPORT, start_import
from gangmu.figures.filing.excel.template import write_template
from gangmu.figures.filing.models import Form, Sheet
from gangmu.figures.filing.views.common import key_of, send, sheet_or_404, sheet_period, sheet_url, trail
from gangmu.figures.filing.waiting import periods
from gangmu.foundation.accounts.queries import signed_in
from gangmu.foundation.documents.models import Document
from gangmu.foundation.documents.names import DocumentRefused
from gangmu.foundation.documents.services import add_document
from gangmu.foundation.documents.workbooks.guarding import WorkbookRefused, look_at
from gangmu.foundation.jobs import queries as jobs
from gangmu.foundation.jobs.models import Job
from gangmu.foundation.periods.errors import PeriodError
from gangmu.foundation.periods.period import Period
from gangmu.foundation.ui.forms import show_form
from gangmu.foundation.ui.once import submit_once

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TONES = {
    Kind.FAULT: "danger",
    Kind.ROUNDING: "warning",
    Kind.ERROR: "danger",
    Kind.WARNING: "warning",
    Kind.NOTE: "info",
}
KINDS = {
    Kind.FAULT: gettext_lazy("fault"),
    Kind.ROUNDING: gettext_lazy("too many decimals"),
    Kind.ERROR: gettext_lazy("rule broken"),
    Kind.WARNING: gettext_lazy("needs your words"),
    Kind.NOTE: gettext_lazy("note"),
}
MOST_LINKED = 12


# Templates ------------------------------------------------------------------------------------------------------------


@require_GET
def template(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The template of one sheet as a workbook."""
    sheet = sheet_or_404(pk)
    try:
        return _workbook(sheet.form, [sheet.organisation_id], sheet_period(sheet), sheet.organisation.name)
    except FilingError as error:
        messages.error(request, str(error))
        return redirect(sheet_url(sheet))


@require_GET
def many_template(request: HttpRequest) -> HttpResponseBase:
    """The template of a form for every organisation for which the asker files it in a period."""
    form = get_object_or_404(Form, code=request.GET.get("form", ""), is_current=True)
    try:
        period = Period.parse(request.GET.get("period", ""))
        standings = queries.standings(request.scope, form.defined.grain, period)
        mine = [one.organisation.pk for one in standings if _is_mine(request, one, form)]
        return _workbook(form, mine, period, "")
    except (FilingError, PeriodError) as error:
        raise BadRequest(str(error)) from error


def _is_mine(request: HttpRequest, standing: Any, form: Form) -> bool:
    return standing.form.code == form.code and request.scope.may_at(FILE, standing.organisation.pk)


def _workbook(form: Form, organisations: Iterable[int], period: Period, name: str) -> FileResponse:
    target = io.BytesIO()
    write_template(target, plan_template(form, organisations, [period]))
    target.seek(0)
    called = "-".join(filter(None, (form.name, name, period.code)))
    return FileResponse(target, as_attachment=True, filename=f"{called}.xlsx", content_type=XLSX)


# Taking back ----------------------------------------------------------------------------------------------------------


class ImportForm(forms.Form):
    """A workbook, of which form, and what to do where it is not wholly right."""

    form_code = forms.ChoiceField(label=gettext_lazy("Form"))
    file = forms.FileField(
        label=gettext_lazy("Workbook"),
        max_length=200,
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
        help_text=gettext_lazy("The template as you filled it in. One workbook may hold many organisations and days."),
    )
    period = forms.CharField(
        label=gettext_lazy("Only for"),
        required=False,
        max_length=20,
        help_text=gettext_lazy("A day or month such as 2026-11-20; a workbook of another one is then refused."),
    )
    accept_rounding = forms.BooleanField(
        label=gettext_lazy("Take figures with too many decimals as rounded; what was entered is kept"), required=False
    )
    keep_good = forms.BooleanField(label=gettext_lazy("Keep the good rows when others have faults"), required=False)
    submit_complete = forms.BooleanField(
        label=gettext_lazy("Submit the sheets that are complete and right"), required=False
    )

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["form_code"].choices = choices

    def clean_period(self) -> str:
        text = self.cleaned_data["period"].strip()
        try:
            return Period.parse(text).code if text else ""
        except PeriodError as error:
            raise forms.ValidationError(str(error)) from error


@require_http_methods(["GET", "POST"])
@submit_once
def take(request: HttpRequest) -> HttpResponse:
    """Take a workbook; a worker reads it, and its page shows how far it is."""
    if not request.scope.may(FILE):
        raise PermissionDenied(_("Your roles do not let you file figures."))
    choices = _forms(request)
    given = {"form_code": request.GET.get("form", ""), "period": request.GET.get("period", "")}
    form = ImportForm(request.POST or None, request.FILES or None, choices=choices, initial=given)
    if form.is_valid():
        asked, by = form.cleaned_data, signed_in(request)
        try:
            look_at(asked["file"])
            document = add_document(asked["file"], name=asked["file"].name, by=by, owner=by)
        except (WorkbookRefused, DocumentRefused) as refused:
            form.add_error("file", str(refused))
        else:
            job = start_import(
                document,
                form=asked["form_code"],
                by=by,
                scope=request.scope,
                key=key_of(request),
                period=asked["period"],
                accept_rounding=asked["accept_rounding"],
                keep_good=asked["keep_good"],
                submit=asked["submit_complete"],
            )
            return redirect("filing:imported", pk=job.pk)
    title = _("Import from Excel")
    context = {"title": title, "breadcrumbs": trail((title, "")), "cancel": reverse("filing:day")}
    return show_form(request, "filing/import.html", form, context)


def _forms(request: HttpRequest) -> list[tuple[str, str]]:
    """The forms that the asker files these days; all there are where they file none at present."""
    mine = {
        one.form.code
        for period in periods()
        for one in queries.standings(request.scope, period.kind, period)
        if request.scope.may_at(FILE, one.organisation.pk)
    }
    return [(one.code, one.name) for one in queries.current_forms() if not mine or one.code in mine]


def _own_import(request: HttpRequest, pk: int) -> Job:
    return get_object_or_404(jobs.jobs_of(signed_in(request)), pk=pk, kind=IMPORT)


@require_GET
def imported(request: HttpRequest, pk: int) -> HttpResponse:
    """How far an import is, and what came of it: each fault with its address, the workbook with its cells marked."""
    job = _own_import(request, pk)
    result = job.result or {}
    sheets = Sheet.objects.select_related("form", "organisation").filter(pk__in=result.get("sheets", [])[:MOST_LINKED])
    marked = Document.objects.filter(pk=result.get("document")).first() if result.get("document") else None
    source = Document.objects.filter(pk=job.params.get("document")).first()
    title = _("Import from Excel")
    context = {
        "title": source.name if source else title,
        "breadcrumbs": trail((title, reverse("filing:import")), (f"{pk}", "")),
        "job": job,
        "result": result,
        "found": [
            {"tone": TONES[Kind(kind)], "kind": KINDS[Kind(kind)], "at": at, "whose": whose, "what": what, "text": text}
            for kind, at, whose, _period, what, text in result.get("found", [])
        ],
        "hidden": max(result.get("found_count", 0) - len(result.get("found", [])), 0),
        "source": source,
        "marked": marked,
        "sheets": list(sheets.order_by("period", "organisation__sort_key")),
        "more_sheets": max(len(result.get("sheets", [])) - MOST_LINKED, 0),
        "other": job.error_params.get("other_period") or job.error_params.get("other_form") or "",
        "may_round": bool(result.get("roundings")) and not job.params.get("accept_rounding"),
        "may_keep": result.get("nothing_kept") and not job.params.get("keep_good"),
    }
    return render(request, "filing/imported.html", context)


@require_GET
def marked_workbook(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The user's own workbook with what was found marked in it."""
    result = _own_import(request, pk).result or {}
    return send(request, get_object_or_404(Document, pk=result.get("document") or 0))


def _as_itself(before: Job, request: HttpRequest) -> dict[str, str]:
    """The form or period that a refused workbook says it is of, when the asker wants it taken for that."""
    if "as_itself" not in request.POST:
        return {}
    other = before.error_params
    return {name: other[f"other_{name}"] for name in ("form", "period") if other.get(f"other_{name}")}


@require_POST
@submit_once
def import_again(request: HttpRequest, pk: int) -> HttpResponse:
    """The same workbook once more: with the shown rounding taken, its good rows kept, or as what it says it is."""
    before = _own_import(request, pk)
    document = Document.objects.filter(pk=before.params.get("document")).first()
    if document is None:
        raise Http404(_("The file is not there any more, or you may not see it any more. Upload it again."))
    given = {**before.params, **_as_itself(before, request)}
    job = start_import(
        document,
        form=given["form"],
        by=signed_in(request),
        scope=request.scope,
        key=key_of(request),
        period=given.get("period", ""),
        accept_rounding=given.get("accept_rounding", False) or "accept_rounding" in request.POST,
        keep_good=given.get("keep_good", False) or "keep_good" in request.POST,
        submit=given.get("submit", False),
    )
    return redirect("filing:imported", pk=job.pk)

"""What is done with a whole sheet: open it, submit it with the words for its warnings, take it back, lock it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from gangmu.figures.filing import queries, services
from gangmu.figures.filing.access import require
from gangmu.figures.filing.errors import FilingError
from gangmu.figures.filing.models import Form, Sheet
from gangmu.figures.filing.queries.checking import examine
from gangmu.figures.filing.views import remarked, tables
from gangmu.figures.filing.views.common import (
    key_of,
    layout_of,
    sheet_or_404,
    sheet_period,
    sheet_title,
    sheet_trail,
    sheet_url,
)
from gangmu.foundation.accounts.queries import signed_in
from gangmu.foundation.approvals import queries as approvals
from gangmu.foundation.approvals.errors import ApprovalError
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.periods.errors import PeriodError
from gangmu.foundation.periods.period import Period
from gangmu.foundation.ui.once import submit_once

REFUSED = (FilingError, ApprovalError)
LONGEST_WORDS = 2000


@require_POST
@submit_once
def open_sheet(request: HttpRequest) -> HttpResponse:
    """Begin a sheet, or go on with it: the same address either way."""
    organisation = _organisation(request.POST.get("organisation", ""))
    form = get_object_or_404(Form, code=request.POST.get("form", ""), is_current=True)
    try:
        period = Period.parse(request.POST.get("period", ""))
        sheet = services.open_sheet(form, organisation, period, by=signed_in(request), scope=request.scope)
    except PeriodError as error:
        raise BadRequest(str(error)) from error
    except FilingError as error:
        messages.error(request, str(error))
        return redirect("filing:day")
    may = queries.may(sheet, request.scope)
    return redirect(sheet_url(sheet, "edit" if "edit" in may else "sheet"))


def _organisation(text: str) -> Organisation:
    if not (text.isascii() and text.isdigit()):
        raise Http404
    return get_object_or_404(Organisation, pk=int(text[:18]))


@require_http_methods(["GET", "POST"])
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    """What stands in the way, what needs words, and the button. What was typed comes back with every refusal."""
    sheet = sheet_or_404(pk)
    if layout_of(sheet) is None:
        return redirect(sheet_url(sheet))
    if "submit" not in queries.may(sheet, request.scope):
        messages.info(
            request, _("This sheet cannot be submitted now: %(status)s.") % {"status": sheet.get_status_display()}
        )
        return redirect(sheet_url(sheet))
    return _submit(request, sheet) if request.method == "POST" else _ask(request, sheet)


@submit_once
def _submit(request: HttpRequest, sheet: Sheet) -> HttpResponse:
    said = _said(request)
    by = signed_in(request)
    try:
        with transaction.atomic():
            for finding in examine([sheet])[sheet.pk].findings:
                words = said.get(finding.key, "")
                if words and finding.needs_words:
                    services.explain(sheet, finding, words=words, by=by)
            case = services.submit_sheet(sheet, by=by, scope=request.scope, key=key_of(request), words=_words(request))
    except REFUSED as error:
        return _ask(request, sheet_or_404(sheet.pk), str(error))
    names = "、".join(one.name for one in approvals.holders(case)[:3])
    text = _("Submitted. It is now with %(names)s.") if names else _("Submitted.")
    messages.success(request, text % {"names": names})
    return redirect(sheet_url(sheet))


def _said(request: HttpRequest) -> dict[str, str]:
    """The words by the finding that they are of: `finding-N` names it, `words-N` says them."""
    return {
        request.POST[name]: request.POST.get(f"words-{name[8:]}", "").strip()[:LONGEST_WORDS]
        for name in request.POST
        if name.startswith("finding-")
    }


def _words(request: HttpRequest) -> str:
    return request.POST.get("words", "").strip()[:LONGEST_WORDS]


def _ask(request: HttpRequest, sheet: Sheet, problem: str = "") -> HttpResponse:
    examined = examine([sheet])[sheet.pk]
    places = tables.places(examined.layout)
    figures = tables.figures(examined.layout, examined.cells)
    lines = [remarked.line(one, examined.explanations.get(one.key), places) for one in examined.findings]
    said = _said(request)
    context = {
        "title": _("Submit"),
        "breadcrumbs": sheet_trail(sheet, (_("Submit"), "")),
        "sheet": sheet,
        "sheet_title": sheet_title(sheet),
        "period": sheet_period(sheet),
        "progress": figures,
        "faults": [remarked.line(one, None, places) for one in examined.errors],
        "warnings": [_warning(number, one, said) for number, one in enumerate(lines) if one.tone != "danger"],
        "words": _words(request),
        "problem": problem,
        "edit": sheet_url(sheet, "edit"),
    }
    return render(request, "filing/submit.html", context, status=422 if problem else 200)


def _warning(number: int, line: remarked.Line, said: dict[str, str]) -> dict[str, Any]:
    """One textarea: what was just typed, or what had been said before."""
    typed = said.get(line.key)
    return {
        "number": number,
        "line": line,
        "words": line.words if typed is None else typed,
        "is_silent": typed == "" or (typed is not None and line.stale),
    }


@require_http_methods(["GET", "POST"])
def recall(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a submitted sheet back before anybody has approved it."""
    sheet = sheet_or_404(pk)
    if "recall" not in queries.may(sheet, request.scope):
        messages.info(
            request, _("This sheet cannot be recalled now: %(status)s.") % {"status": sheet.get_status_display()}
        )
        return redirect(sheet_url(sheet))
    return _recall(request, sheet) if request.method == "POST" else _ask_recall(request, sheet)


def _ask_recall(request: HttpRequest, sheet: Sheet, problem: str = "") -> HttpResponse:
    context = {
        "title": _("Recall"),
        "breadcrumbs": sheet_trail(sheet, (_("Recall"), "")),
        "sheet": sheet,
        "sheet_title": sheet_title(sheet),
        "problem": problem,
        "words": _words(request),
        "cancel": sheet_url(sheet),
    }
    return render(request, "filing/recall.html", context, status=422 if problem else 200)


@submit_once
def _recall(request: HttpRequest, sheet: Sheet) -> HttpResponse:
    try:
        with transaction.atomic():
            services.recall_sheet(
                sheet, by=signed_in(request), scope=request.scope, key=key_of(request), reason=_words(request)
            )
    except REFUSED as error:
        return _ask_recall(request, sheet, str(error))
    messages.success(request, _("The sheet is yours again. Submit it when it is right."))
    return redirect(sheet_url(sheet, "edit"))


@require_POST
@submit_once
def lock(request: HttpRequest, pk: int) -> HttpResponse:
    """Lock an approved sheet: its figures then change by a correction only."""
    sheet = sheet_or_404(pk)
    try:
        require("lock", sheet, request.scope)
        with transaction.atomic():
            services.lock_sheets([sheet], by=signed_in(request), scope=request.scope)
    except REFUSED as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The sheet is locked."))
    return redirect(sheet_url(sheet))


@require_POST
@submit_once
def remark(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a remark to a cell, or to the sheet."""
    sheet = sheet_or_404(pk)
    organisation, _dash, code = request.POST.get("cell", "").partition("-")
    key = (int(organisation[:18]), code) if organisation.isascii() and organisation.isdigit() else None
    try:
        with transaction.atomic():
            services.remark(sheet, key, words=_words(request), by=signed_in(request), scope=request.scope)
    except REFUSED as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The remark was added."))
    return redirect(f"{reverse('filing:sheet', args=[sheet.pk])}#remarks")

"""Making designs: their workbooks, settings and the language of expressions."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gangmu.figures.designs import designing
from gangmu.figures.designs.designing import DESIGN, CodeTaken, NotAllowed, may_change
from gangmu.figures.designs.errors import DesignRefused, Fault
from gangmu.figures.designs.examples import examples
from gangmu.figures.designs.forms import AddForm, ApplyForm, RetiringForm, WorkbookForm
from gangmu.figures.designs.models import Design, Version
from gangmu.figures.indicators.models import Indicator
from gangmu.figures.reports.printing import CONTENT_TYPES
from gangmu.foundation.documents.workbooks.guarding import WorkbookRefused
from gangmu.foundation.records.services import note
from gangmu.foundation.ui.asking import asker
from gangmu.foundation.ui.forms import show_form
from gangmu.foundation.ui.once import submit_once


@require_http_methods(["GET", "POST"])
@submit_once
def add(request: HttpRequest) -> HttpResponse:
    """A new report, with its first workbook."""
    if not request.scope.may(DESIGN):
        raise PermissionDenied(_("Your roles do not let you design reports."))
    places = [pk for pk in request.scope.ids("figures") if request.scope.may_at(DESIGN, pk)]
    form = AddForm(request.POST or None, request.FILES or None, places=places)
    title = _("New report")
    context: dict[str, Any] = {"title": title, "breadcrumbs": _trail((title, "")), "cancel": reverse("designs:list")}
    if form.is_valid():
        given = form.cleaned_data
        design = form.put_into(Design(code=given["code"], grain=given["grain"], organisation=given["organisation"]))
        version = _taken(
            form,
            context,
            lambda path, name: designing.add_design(
                design, path, name, given["language"], by=asker(request), scope=request.scope
            ),
        )
        if version is not None:
            return _to_preview(request, version)
    return show_form(request, "designs/upload.html", form, context)


@require_http_methods(["GET", "POST"])
@submit_once
def versions(request: HttpRequest, code: str) -> HttpResponse:
    """The workbooks of a report, and a new one."""
    design = _design(code)
    changes = may_change(design, request.scope)
    form = WorkbookForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {
        "title": f"{design.name} · {_('Workbooks')}",
        "breadcrumbs": _trail((design.name, reverse("designs:report", args=[code])), (_("Workbooks"), "")),
        "design": design,
        "may_change": changes,
        "rows": design.versions.defer("content"),
    }
    if request.method == "POST":
        if not changes:
            raise PermissionDenied(_("Your roles do not let you change this report."))
        if form.is_valid():
            given = form.cleaned_data
            version = _taken(
                form,
                context,
                lambda path, name: designing.upload(
                    design, path, name, given["language"], by=asker(request), scope=request.scope,
                    remark=given["remark"],
                ),
            )  # fmt: skip
            if version is not None:
                return _to_preview(request, version)
    return show_form(request, "designs/versions.html", form, context)


@require_http_methods(["GET", "POST"])
@submit_once
def settings(request: HttpRequest, code: str) -> HttpResponse:
    """Names, for whom, when it is issued, what has to be complete, to whom it is sent."""
    design = _design(code)
    if not may_change(design, request.scope):
        raise PermissionDenied(_("Your roles do not let you change this report."))
    initial = {**RetiringForm.initial_of(design), "is_retired": design.is_retired}
    form = RetiringForm(request.POST or None, initial=initial)
    back = reverse("designs:report", args=[code])
    if form.is_valid():
        form.put_into(design).is_retired = form.cleaned_data["is_retired"]
        designing.change(design, by=asker(request), scope=request.scope)
        messages.success(request, _("Saved."))
        return redirect(back)
    title = f"{design.name} · {_('Settings')}"
    context = {"title": title, "breadcrumbs": _trail((design.name, back), (_("Settings"), "")), "cancel": back}
    return show_form(request, "designs/settings.html", form, context)


@require_GET
def template(request: HttpRequest, code: str) -> HttpResponse:
    """A version's workbook with its expressions, to go on working with."""
    design = _design(code)
    number = request.GET.get("version", "")
    rows = design.versions.filter(number=int(number)) if number.isascii() and number.isdigit() else design.versions
    version = rows.order_by("-number").first() if len(number) < 6 else None
    if version is None or not (version.valid_from or may_change(design, request.scope)):
        raise Http404(_("There is no such version, or you may not see it."))
    data = {"design": design.code, "version": version.number}
    note("designs.downloaded", by=asker(request), organisation=design.organisation, data=data, request=request)
    response = HttpResponse(bytes(version.content), content_type=CONTENT_TYPES["xlsx"])
    response["Content-Disposition"] = content_disposition_header(True, version.file_name)
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
@submit_once
def apply(request: HttpRequest, code: str) -> HttpResponse:
    """Let a version that was tried out apply from a day on."""
    design = _design(code)
    number = request.GET.get("version", "")
    found = Version.objects.filter(design=design, number=int(number)) if number.isascii() and number.isdigit() else None
    version = found.first() if found is not None and len(number) < 6 else None
    if version is None or not may_change(design, request.scope):
        raise PermissionDenied(_("Your roles do not let you change this report."))
    form = ApplyForm(request.POST)
    if version.valid_from is not None:
        messages.info(request, _("This version applies already."))
    elif form.is_valid():
        version.design = design
        designing.apply(version, form.cleaned_data["first_day"], by=asker(request), scope=request.scope)
        messages.success(request, _("Version %(number)d applies.") % {"number": version.number})
        return redirect(reverse("designs:report", args=[code]))
    else:
        messages.error(request, _("Say from which day it applies."))
    return redirect(f"{reverse('designs:report', args=[code])}?version={version.number}")


@require_GET
def language(request: HttpRequest) -> HttpResponse:
    """The language of expressions, with examples, and every indicator by its names."""
    if not request.scope.may("figures:view"):
        raise PermissionDenied
    title = _("The language of expressions")
    context = {
        "title": title,
        "breadcrumbs": _trail((title, "")),
        "examples": examples(),
        "indicators": Indicator.objects.order_by("code"),
        "is_chinese": (get_language() or "zh").startswith("zh"),
    }
    return render(request, "designs/language.html", context)


def _design(code: str) -> Design:
    return get_object_or_404(Design.objects.select_related("organisation"), code=code)


def _trail(*rest: tuple[Any, str]) -> list[tuple[Any, str]]:
    return [(_("Reports designed in Excel"), reverse("designs:list")), *rest]


def _to_preview(request: HttpRequest, version: Version) -> HttpResponse:
    messages.success(request, _("The workbook is right. This is how it shows; it does not apply yet."))
    return redirect(f"{reverse('designs:report', args=[version.design.code])}?version={version.number}")


def _taken(form: Any, context: dict[str, Any], keep: Callable[[Path, str], Version]) -> Version | None:
    """The version that was kept, or None when the workbook or the form has faults: they are in the context then."""
    file: UploadedFile = form.cleaned_data["file"]
    with tempfile.NamedTemporaryFile(prefix="gangmu-design-", suffix=".xlsx") as copy:
        for block in file.chunks():
            copy.write(block)
        copy.flush()
        try:
            with transaction.atomic():
                return keep(Path(copy.name), file.name or "design.xlsx")
        except DesignRefused as error:
            form.add_error("file", error.message)
            context["faults"] = [_fault(one) for one in error.faults]
        except WorkbookRefused as error:
            form.add_error("file", str(error))
        except (NotAllowed, CodeTaken) as error:
            form.add_error(None, str(error))
    return None


def _fault(one: Fault) -> dict[str, Any]:
    at = f"{one.sheet}!{one.cell}" if one.cell else one.sheet
    return {"at": at, "column": one.column or "", "message": one.message}

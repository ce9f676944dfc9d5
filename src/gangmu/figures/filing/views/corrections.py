"""Corrections 更正: why approved figures are wrong, what they shall be, what proves it, and what it will restate."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gangmu.figures.filing import queries, services
from gangmu.figures.filing.access import FILE, require
from gangmu.figures.filing.entry import show
from gangmu.figures.filing.errors import FilingError
from gangmu.figures.filing.layouts import Key
from gangmu.figures.filing.lists import CorrectionList
from gangmu.figures.filing.models import Correction, CorrectionFile
from gangmu.figures.filing.views import restating, tables
from gangmu.figures.filing.views.common import (
    CORRECTION_KIND,
    TONES,
    in_words,
    key_of,
    layout_of,
    send,
    sheet_or_404,
    sheet_period,
    sheet_title,
    sheet_trail,
    sheet_url,
    trail,
)
from gangmu.figures.filing.views.submitting import REFUSED
from gangmu.foundation.accounts.queries import signed_in
from gangmu.foundation.approvals import panels
from gangmu.foundation.documents.names import KINDS, DocumentRefused
from gangmu.foundation.documents.services import add_document
from gangmu.foundation.ui.forms import show_form
from gangmu.foundation.ui.once import submit_once

IN_HAND = (Correction.Status.OPEN, Correction.Status.RETURNED)
UNENDED = (*IN_HAND, Correction.Status.SUBMITTED)


class ReasonForm(forms.Form):
    """Why the figures are wrong."""

    reason = forms.CharField(
        label=gettext_lazy("What is wrong, and why"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        help_text=gettext_lazy(
            "Everybody who approves the correction, or later asks for the figure's history, reads this."
        ),
    )


class FileForm(forms.Form):
    """A document that proves it."""

    file = forms.FileField(label=gettext_lazy("File"), max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].widget.attrs["accept"] = ",".join(f".{extension}" for extension in sorted(KINDS))


def correction_or_404(pk: int) -> Correction:
    found = get_object_or_404(Correction.objects.select_related("sheet__form", "sheet__organisation"), pk=pk)
    if layout_of(found.sheet) is None:
        raise Http404
    return found


def correction_url(correction: Correction, page: str = "correction") -> str:
    return reverse(f"filing:{page}", args=[correction.pk])


def correction_trail(correction: Correction, *steps: tuple[Any, str]) -> list[tuple[Any, str]]:
    name = _("Correction %(n)d") % {"n": correction.number}
    own = correction_url(correction) if steps else ""
    return trail(
        (CorrectionList.title, reverse("filing:corrections")),
        (f"{sheet_title(correction.sheet)} · {name}", own),
        *steps,
    )


@require_http_methods(["GET", "POST"])
@submit_once
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin a correction: the reason first."""
    sheet = sheet_or_404(pk)
    under_way = Correction.objects.filter(sheet=sheet, status__in=UNENDED).first()
    if under_way:
        return redirect(correction_url(under_way))
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        try:
            require("correct", sheet, request.scope)
            with transaction.atomic():
                made = services.start_correction(
                    sheet, reason=form.cleaned_data["reason"], by=signed_in(request), key=key_of(request)
                )
        except FilingError as error:
            form.add_error(None, str(error))
        else:
            return redirect(correction_url(made, "correction-edit"))
    context = {
        "title": _("Correct"),
        "breadcrumbs": sheet_trail(sheet, (_("Correct"), "")),
        "sheet_title": f"{sheet_title(sheet)} · {sheet_period(sheet).code}",
        "cancel": sheet_url(sheet),
    }
    return show_form(request, "filing/correct.html", form, context)


@require_GET
def correction(request: HttpRequest, pk: int) -> HttpResponse:
    """The correction to read: reason, old and new figures, files, what it restates, its approval."""
    shown = correction_or_404(pk)
    return render(request, "filing/correction.html", _context(request, shown))


def _context(
    request: HttpRequest, shown: Correction, file_form: FileForm | None = None, problem: str = ""
) -> dict[str, Any]:
    sheet = shown.sheet
    layout = queries.layout(sheet)
    changes = restating.changes(shown, layout)
    period = sheet_period(sheet)
    return {
        "title": _("Correction %(n)d") % {"n": shown.number},
        "breadcrumbs": correction_trail(shown),
        "correction": shown,
        "sheet": sheet,
        "sheet_title": sheet_title(sheet),
        "in_words": in_words(period),
        "tone": TONES[shown.status],
        "changes": changes,
        "files": list(shown.files.select_related("document")),
        "restated": restating.restated(changes, layout),
        "approval": panels.panel(request, CORRECTION_KIND, shown.pk),
        "may_edit": may_edit(request, shown),
        "may_withdraw": shown.status in UNENDED and request.scope.may_at(FILE, shown.organisation_id),
        "file_form": file_form or FileForm(),
        "problem": problem,
    }


def _refused(request: HttpRequest, shown: Correction) -> HttpResponse:
    """Back to the correction, with why it cannot be changed."""
    if request.scope.may_at(FILE, shown.organisation_id):
        words = {"status": shown.get_status_display()}
        messages.info(request, _("This correction cannot be changed now: %(status)s.") % words)
    else:
        messages.info(
            request, _("Your roles do not let you correct figures here. Ask whoever administers roles for it.")
        )
    return redirect(correction_url(shown))


def may_edit(request: HttpRequest, shown: Correction) -> bool:
    """Whether the asker may still change it: it is in hand, and they may file there."""
    return shown.status in IN_HAND and request.scope.may_at(FILE, shown.organisation_id)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The figures of the sheet with a box beside each: what shall stand there. Boxes left empty change nothing."""
    shown = correction_or_404(pk)
    if not may_edit(request, shown):
        return _refused(request, shown)
    return _save(request, shown) if request.method == "POST" else _edit_page(request, shown)


@submit_once
def _save(request: HttpRequest, shown: Correction) -> HttpResponse:
    typed = _typed(request)
    edits = [services.Edit(key[0], key[1], text) for key, text in typed.items()]
    try:
        with transaction.atomic():
            saved = services.save_correction(shown, edits, by=signed_in(request), key=key_of(request))
    except REFUSED as error:
        return _edit_page(request, shown, typed, {}, str(error))
    if saved.faults:
        return _edit_page(request, shown, typed, saved.faults)
    messages.success(request, _("The figures of the correction were saved."))
    return redirect(correction_url(shown))


def _typed(request: HttpRequest) -> dict[Key, str]:
    """What stands in the boxes `new-ORGANISATION-INDICATOR`, the empty ones too."""
    found: dict[Key, str] = {}
    for name, text in request.POST.items():
        head, _dash, rest = name.partition("-")
        organisation, _dash, code = rest.partition("-")
        if head == "new" and organisation.isascii() and organisation.isdigit() and code:
            found[int(organisation[:18]), code] = text.strip()
    return found


def _edit_page(
    request: HttpRequest,
    shown: Correction,
    typed: Mapping[Key, str] | None = None,
    faults: Mapping[Key, str] | None = None,
    problem: str = "",
) -> HttpResponse:
    layout = queries.layout(shown.sheet)
    kept = {
        key: cell.text or show(cell.new, layout.cells[key])
        for cell in shown.cells.all()
        if (key := layout.keys_by_id.get((cell.organisation_id, cell.indicator_id)))
    }
    texts = kept if typed is None else typed
    figures = tables.figures(layout, queries.cells(shown.sheet, layout))
    boxes = {
        tables.anchor(key): {
            "name": f"new-{key[0]}-{key[1]}",
            "text": texts.get(key, ""),
            "fault": (faults or {}).get(key, ""),
            "choices": f"choices-{key[1]}" if column.item.choices else "",
        }
        for key, column in layout.cells.items()
    }
    context = {
        "title": _("Correct figures"),
        "breadcrumbs": correction_trail(shown, (_("Correct figures"), "")),
        "correction": shown,
        "sheet_title": f"{sheet_title(shown.sheet)} · {sheet_period(shown.sheet).code}",
        "figures": figures,
        "boxes": boxes,
        "choices": {
            f"choices-{code}": [str(option.name) for option in column.item.choices]
            for code, column in layout.columns.items()
            if column.item.choices
        },
        "faults": [(figures.places.get(key, ""), tables.anchor(key), text) for key, text in (faults or {}).items()],
        "problem": problem,
        "cancel": correction_url(shown),
    }
    return render(request, "filing/correction_edit.html", context, status=422 if problem or faults else 200)


@require_POST
@submit_once
def attach(request: HttpRequest, pk: int) -> HttpResponse:
    """Attach a document that proves the correction."""
    shown = correction_or_404(pk)
    form = FileForm(request.POST, request.FILES)
    if not may_edit(request, shown):
        return _refused(request, shown)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            with transaction.atomic():
                document = add_document(
                    file, name=file.name, by=signed_in(request), organisation=shown.sheet.organisation
                )
                services.attach_file(shown, document, by=signed_in(request))
        except DocumentRefused as refused:
            form.add_error("file", str(refused))
        except FilingError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("%(name)s was added.") % {"name": document})
            return redirect(correction_url(shown))
    return render(request, "filing/correction.html", _context(request, shown, form), status=422)


@require_POST
@submit_once
def submit_correction(request: HttpRequest, pk: int) -> HttpResponse:
    """Send it on its way."""
    shown = correction_or_404(pk)
    if not may_edit(request, shown):
        return _refused(request, shown)
    try:
        with transaction.atomic():
            services.submit_correction(shown, by=signed_in(request), key=key_of(request))
    except REFUSED as error:
        return render(
            request, "filing/correction.html", _context(request, correction_or_404(pk), problem=str(error)), status=422
        )
    messages.success(request, _("The correction was submitted."))
    return redirect(correction_url(shown))


@require_POST
@submit_once
def withdraw_correction(request: HttpRequest, pk: int) -> HttpResponse:
    """Give it up: the figures stay as they are."""
    shown = correction_or_404(pk)
    try:
        with transaction.atomic():
            services.withdraw_correction(shown, by=signed_in(request), key=key_of(request))
    except REFUSED as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The correction was given up; the figures stay as they are."))
    return redirect(correction_url(shown))


@require_GET
def proof(request: HttpRequest, pk: int, file: int) -> HttpResponseBase:
    """A document that proves a correction."""
    found = get_object_or_404(CorrectionFile.objects.select_related("document"), pk=file, correction=pk)
    return send(request, found.document)

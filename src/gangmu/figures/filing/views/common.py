"""What the pages of filing share: finding a sheet in the asker's scope, trails, tones, words for periods."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from gangmu.figures.filing.layouts import Layout, layout
from gangmu.figures.filing.models import Sheet
from gangmu.foundation.accounts.queries import signed_in
from gangmu.foundation.documents.models import Document
from gangmu.foundation.documents.services import ContentMissing, download
from gangmu.foundation.periods.kinds import Kind
from gangmu.foundation.periods.period import Period
from gangmu.foundation.ui.here import here

TONES = {
    "not_opened": "secondary",
    "open": "info",
    "late": "warning",
    "missing": "danger",
    "submitted": "primary",
    "returned": "danger",
    "approved": "success",
    "locked": "success",
    "applied": "success",
    "withdrawn": "secondary",
}
ICONS = {
    "not_opened": "circle-dashed",
    "open": "pencil",
    "late": "alarm",
    "missing": "alert-circle",
    "submitted": "send",
    "returned": "arrow-back-up",
    "approved": "circle-check",
    "locked": "lock",
}
STANDINGS = {
    "not_opened": _("not begun"),
    "open": _("being filled in"),
    "late": _("late"),
    "missing": _("missing"),
    "submitted": _("under approval"),
    "returned": _("returned"),
    "approved": _("approved"),
    "locked": _("locked"),
}
KIND, CORRECTION_KIND = "filing.sheet", "filing.correction"  # what approvals call them
DAILY = _("Daily filing")


def sheet_or_404(pk: int) -> Sheet:
    """The sheet, if it lies in the asker's scope: row security gives no other."""
    return get_object_or_404(Sheet.objects.select_related("form", "organisation"), pk=pk)


def period_of(grain: str, first: date) -> Period:
    """The period that begins on `first`."""
    return Period.of(Kind.MONTH if grain == "month" else Kind.DAY, first)


def layout_of(sheet: Sheet) -> Layout | None:
    """The sheet laid out; None where its organisation did not stand in the tree, or not within the asker's sight."""
    try:
        return layout(sheet)
    except LookupError:
        return None


def sheet_period(sheet: Sheet) -> Period:
    return period_of(sheet.form.defined.grain, sheet.period)


def in_words(period: Period) -> str:
    """2026-11-19, with its weekday; a month by its name."""
    return period.label(get_language() or "")


def sheet_title(sheet: Sheet) -> str:
    return f"{sheet.organisation.name} · {sheet.form.name}"


def trail(*steps: tuple[Any, str]) -> list[tuple[Any, str]]:
    """Where one is, below the page of the day where there is one."""
    daily = here("filing:day")
    return [(DAILY, daily), *steps] if daily else list(steps)


def sheet_trail(sheet: Sheet, *steps: tuple[Any, str]) -> list[tuple[Any, str]]:
    return trail((f"{sheet_title(sheet)} · {sheet_period(sheet).code}", sheet_url(sheet)), *steps)


def sheet_url(sheet: Sheet, page: str = "sheet") -> str:
    return reverse(f"filing:{page}", args=[sheet.pk])


def key_of(request: HttpRequest) -> str:
    """The idempotency key that came with the form."""
    return request.POST.get("_key", "")


def numbers(texts: Iterable[str]) -> list[int]:
    """Those of some texts that are keys of rows."""
    return [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 19]


def send(request: HttpRequest, document: Document) -> HttpResponseBase:
    """A document that was found in the asker's scope, as a file."""
    try:
        return download(document, by=signed_in(request))
    except ContentMissing as missing:
        raise Http404(str(missing)) from missing

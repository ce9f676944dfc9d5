"""Filling in: the page on which the cells of a sheet, or of many stations' sheets, are typed 集控.

The page is a form of plain inputs; the island `frontend/src/grid` makes a spreadsheet of it, which sends what was
typed cell by cell to `cells` and takes in what others wrote.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gangmu.figures.filing import queries, services
from gangmu.figures.filing.access import may
from gangmu.figures.filing.errors import FilingError
from gangmu.figures.filing.models import Sheet
from gangmu.figures.filing.queries.checking import examine
from gangmu.figures.filing.queries.sheets import remarks
from gangmu.figures.filing.services import Edit, Saved
from gangmu.figures.filing.views import cellwire, gridwords
from gangmu.figures.filing.views.common import in_words, sheet_period, sheet_title, sheet_url, trail
from gangmu.figures.filing.views.gridtables import tables_of
from gangmu.foundation.access.middleware import open_to_strangers
from gangmu.foundation.accounts.queries import signed_in
from gangmu.foundation.ui import assets

MOST_SHEETS = 200
ACCOUNT = "Gangmu-Account"  # says to the service worker whose page this is, and that a copy may be kept
WORKER = "frontend/src/grid/worker.ts"


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The grid of one sheet, or, with `?with=2,3`, of several of the same form and period."""
    sheets = _sheets_of_page(pk, request.GET.get("with", ""))
    able = [sheet for sheet in sheets if "edit" in may(sheet, request.scope)]
    if not able:
        messages.info(request, _("This sheet cannot be changed at its present stage: you are shown it to read."))
        return redirect(sheet_url(sheets[0]))
    if request.method == "POST":
        return _save_form(request, sheets)
    return _page(request, sheets)


def _sheets_of_page(pk: int, others: str) -> list[Sheet]:
    """The sheets of a page in the order of their organisations; what is not of the first's form and day is left out."""
    found = Sheet.objects.select_related("form", "organisation")
    first = get_object_or_404(found, pk=pk)
    wanted = [int(one) for one in others.split(",") if one.isascii() and one.isdigit() and len(one) < 19]
    if not wanted:
        return [first]
    more = found.filter(pk__in=wanted[:MOST_SHEETS], form_code=first.form_code, period=first.period).exclude(pk=pk)
    return [first, *more.order_by("organisation__sort_key", "organisation__code")]


def _page(request: HttpRequest, sheets: list[Sheet], problems: Iterable[str] = (), status: int = 200) -> HttpResponse:
    examined = examine(sheets)
    shown = [examined[sheet.pk] for sheet in sheets if sheet.pk in examined]
    besides = queries.besides([one.sheet for one in shown], {one.sheet.pk: one.layout for one in shown})
    user = signed_in(request)
    single = sheets[0] if len(sheets) == 1 else None
    period = sheet_period(sheets[0])
    title = sheet_title(sheets[0]) if single else _("%(form)s · %(count)d sheets") % _many(sheets)
    known = cellwire.known(shown, besides, request.scope, user)
    context = {
        "title": title,
        "breadcrumbs": _trail(sheets, title),
        "sheets": sheets,
        "single": single,
        "period": period,
        "in_words": in_words(period),
        "tables": tables_of(shown, besides),
        "before": gridwords.words(period.kind)["yesterday"],
        "choices": _choices(one.layout for one in shown),
        "known": cellwire.packed(known),
        "words": cellwire.packed(gridwords.words(period.kind)),
        "account": cellwire.account(user),
        "problems": list(problems),
        "onwards": sheet_url(single, "submit") if single else reverse("filing:day"),
        "worker": reverse("filing:worker") if _worker_file() else "",
    }
    response = render(request, "filing/grid.html", context, status=status)
    patch_cache_control(response, private=True, no_cache=True)
    if status == 200:
        response[ACCOUNT] = cellwire.account(user)
    return response


def _many(sheets: list[Sheet]) -> dict[str, Any]:
    return {"form": sheets[0].form.name, "count": len(sheets)}


def _trail(sheets: list[Sheet], title: str) -> list[tuple[Any, str]]:
    if len(sheets) > 1:
        return trail((title, ""))
    code = sheet_period(sheets[0]).code
    return trail((f"{title} · {code}", sheet_url(sheets[0])), (_("Fill in"), ""))


def _choices(layouts: Iterable[queries.Layout]) -> dict[str, list[str]]:
    """The names of choices for the lists that open below a cell, by the id of the list."""
    return {
        f"choices-{column.code}": [str(option.name) for option in column.item.choices]
        for layout in layouts
        for column in layout.columns.values()
        if column.item.choices
    }


def _save_form(request: HttpRequest, sheets: list[Sheet]) -> HttpResponse:
    """What a browser without script sends: all cells at once. Only those that differ from what it was shown count."""
    known = cellwire.read_known(request.POST.get("known", ""))
    key = request.POST.get("_key", "")[:40]
    problems: list[str] = []
    count = 0
    layouts = queries.layouts(sheets)
    for sheet in sorted(sheets, key=lambda one: one.pk):
        cells = layouts[sheet.pk].cells if sheet.pk in layouts else {}
        typed = {one: text for one in cells if (text := request.POST.get(cellwire.key(one))) is not None}
        edits = [
            Edit(*one, text=text, base_version=known.version(sheet.pk))
            for one, text in typed.items()
            if text.strip() != known.text(cellwire.key(one))
        ]
        if not edits:
            continue
        saved = _save(request, sheet, edits, f"{key}:{sheet.pk}")
        if isinstance(saved, str):
            problems.append(saved)
            continue
        count += len(saved.accepted)
        problems += _in_words(sheet, layouts[sheet.pk], saved)
    if problems:
        return _page(request, _sheets_of_page(sheets[0].pk, request.GET.get("with", "")), problems, status=422)
    if count:
        messages.success(request, _("%(count)d cells were saved.") % {"count": count})
    return redirect(request.get_full_path())


def _in_words(sheet: Sheet, layout: queries.Layout, saved: Saved) -> list[str]:
    """Conflicts and faults for people without script: where, what, and what to do."""

    def where(key: queries.Key) -> str:
        row, column = layout.rows.get(key[0]), layout.columns.get(key[1])
        return f"{row.name if row else sheet.organisation.name} · {column.name if column else key[1]}"

    conflicts = [
        _(
            "%(where)s: you typed %(mine)s, but %(name)s has written %(theirs)s meanwhile. "
            "Theirs stands; type yours again if it is right."
        )
        % {
            "where": where(one),
            "mine": found.mine,
            "name": found.their_name,
            "theirs": cellwire.shown(found.theirs, None),
        }
        for one, found in saved.conflicts.items()
    ]
    return conflicts + [f"{where(one)}: {fault}" for one, fault in saved.faults.items()]


def _save(request: HttpRequest, sheet: Sheet, edits: list[Edit], key: str) -> Saved | str:
    """Save cells of one sheet; in place of what became of them, why none was taken."""
    try:
        with transaction.atomic():
            return services.save_cells(sheet, edits, by=signed_in(request), key=key, scope=request.scope)
    except FilingError as error:
        return str(error)


@require_POST
def cells(request: HttpRequest, pk: int) -> JsonResponse:
    """One exchange with the island: its edits, and everything in its sheets that is newer than what it has seen."""
    asked = cellwire.read_request(request)
    if asked.account != cellwire.account(signed_in(request)):
        raise BadRequest(
            _("Somebody else has signed in in this browser. What you typed is kept here; sign in again to save it.")
        )
    found = Sheet.objects.select_related("form", "organisation").in_bulk([one.sheet for one in asked.sheets])
    if pk not in found:
        raise Http404
    answers = [_answer(request, found.get(one.sheet), one) for one in sorted(asked.sheets, key=lambda one: one.sheet)]
    return JsonResponse({"sheets": answers}, json_dumps_params=cellwire.COMPACT)


def _answer(request: HttpRequest, sheet: Sheet | None, asked: cellwire.Asked) -> dict[str, Any]:
    if sheet is None:
        refused = _("The sheet is not in your scope any more.")
        return {"id": asked.sheet, "version": asked.seen, "editable": False, "refused": refused}
    refused, saved = "", Saved()
    if asked.edits:
        outcome = _save(request, sheet, asked.edits, asked.key)
        refused, saved = (outcome, saved) if isinstance(outcome, str) else ("", outcome)
        sheet.refresh_from_db(fields=["version", "status"])
    editable = "edit" in may(sheet, request.scope)
    answer: dict[str, Any] = {"id": sheet.pk, "version": sheet.version, "editable": editable}
    if refused:
        answer["refused"] = refused
    if asked.edits or sheet.version != asked.seen:
        answer |= cellwire.news(sheet, asked, saved, signed_in(request))
    return answer


@require_http_methods(["GET", "POST"])
def cell_remarks(request: HttpRequest, pk: int) -> JsonResponse:
    """What was said of one cell, after adding to it if it is a POST."""
    sheet = get_object_or_404(Sheet.objects.select_related("form", "organisation"), pk=pk)
    key = cellwire.read_key(request.GET.get("cell", ""))
    words = request.POST.get("words", "").strip()
    if words:
        said = [one for one in _said(sheet, key) if one.said_by_id == signed_in(request).pk and one.words == words]
        if not said:  # the same words again are the same remark, sent twice by a slow line
            services.remark(sheet, key, words=words, by=signed_in(request), scope=request.scope)
    told = [
        {"by": one.said_by_name, "at": cellwire.moment(one.said_at), "words": one.words} for one in _said(sheet, key)
    ]
    return JsonResponse({"said": told}, json_dumps_params=cellwire.COMPACT)


def _said(sheet: Sheet, key: queries.Key) -> list[Any]:
    return [one for one in remarks(sheet) if one.indicator and (one.organisation_id, one.indicator.code) == key]


def _worker_file() -> str:
    return assets.manifest().get(WORKER, {}).get("file", "")


@require_GET
@open_to_strangers
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, at an address whose folder is its scope. A browser asks for it anew by itself."""
    name = _worker_file()
    if not name:
        raise Http404
    code = (assets.BUILT / name).read_bytes()
    response = HttpResponse(code, content_type="text/javascript; charset=utf-8")
    patch_cache_control(response, public=True, max_age=0, no_cache=True)
    return response

"""The page of a pivot; keeping, sharing, showing at home and filing it."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gangmu.figures.cube.gateway import CannotAnswer
from gangmu.figures.indicators.formula.errors import FormulaError
from gangmu.figures.indicators.models import Indicator
from gangmu.figures.pivots import services
from gangmu.figures.pivots.choices import indicator_offers, palettes, place_choices, scope_offers, told, unit_offers
from gangmu.figures.pivots.errors import NotAllowed, PivotError
from gangmu.figures.pivots.forms import SaveForm, ScheduleForm
from gangmu.figures.pivots.grid import MOST_FILED, Grid, grid
from gangmu.figures.pivots.layout import DIMENSION_WORDS, DRAWN, Layout
from gangmu.figures.pivots.models import Pivot, Use
from gangmu.figures.pivots.showing import chart_of, table_of
from gangmu.figures.pivots.workbook import write
from gangmu.foundation.boards.places import places
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.periods.errors import PeriodError
from gangmu.foundation.records.services import note
from gangmu.foundation.settings import clock
from gangmu.foundation.ui.asking import asker
from gangmu.foundation.ui.exports import CONTENT_TYPES
from gangmu.foundation.ui.forms import show_form
from gangmu.foundation.ui.once import submit_once

VIEW, EXPORT = "figures:view", "figures:export"
REFUSED = (PivotError, CannotAnswer, PeriodError, FormulaError)
FIRST = "generation"


@require_GET
def one(request: HttpRequest) -> HttpResponse | FileResponse:
    """A pivot as its address says; an address that moves a dimension leads to the one of what comes of it."""
    _require(request, VIEW)
    layout = Layout.of(request.GET)
    if "move" in request.GET:
        return redirect(f"{reverse('pivots:one')}?{layout.query()}")
    known = list(Indicator.objects.order_by("source", "id"))
    if layout.is_empty and not request.GET:
        layout = _first(request, known)
    if request.GET.get("export") == "xlsx":
        return _export(request, layout)
    found, problem = None, ""
    if not layout.is_empty:
        try:
            found = grid(layout, request.scope)
        except REFUSED as error:
            problem = str(error)
    pivot = _opened(request, layout)
    return render(request, "pivots/pivot.html", _context(request, layout, known, found, problem, pivot),
                  status=422 if problem else 200)  # fmt: skip


def _context(
    request: HttpRequest, layout: Layout, known: list[Indicator], found: Grid | None, problem: str, pivot: Pivot | None
) -> dict[str, Any]:
    query = layout.query()
    axis = {name: [(one, DIMENSION_WORDS[one]) for one in getattr(layout, name)] for name in ("rows", "columns")}
    return {
        "title": pivot.name if pivot else _("Pivot"),
        "breadcrumbs": [(_("Pivots"), reverse("pivots:saved")), (pivot.name if pivot else _("Pivot"), "")],
        "layout": layout,
        "query": query,
        "zones": [("rows", _("Rows"), axis["rows"]), ("columns", _("Columns"), axis["columns"])],
        "palettes": palettes(layout, indicator_offers(known, layout), request.scope),
        "drawn": [
            (code, words, code == layout.drawn, replace(layout, drawn=code).query()) for code, words in DRAWN.items()
        ],
        "grid": found,
        "table": table_of(found) if found and layout.drawn == "table" else None,
        "chart": chart_of(found) if found and layout.drawn != "table" else None,
        "problem": problem,
        "told": told(layout),
        "options": [
            ("unit", _("Units shown"), unit_offers(known, layout)),
            ("scope", _("Statistical scope"), scope_offers(layout)),
        ],
        "nobody_counts": found is not None and found.nobody_counts,
        "pivot": pivot,
        "use": Use.objects.filter(user=asker(request), pivot=pivot).first() if pivot else None,
        "is_own": pivot is not None and pivot.user_id == asker(request).pk,
        "may_export": request.scope.may(EXPORT),
    }


def _first(request: HttpRequest, known: list[Indicator]) -> Layout:
    """What is shown to who has asked for nothing: one indicator of the highest organisation, by month."""
    codes = [str(one.code) for one in known]
    top = next(iter(places(request.scope).tops), None)
    if not codes or top is None:
        return Layout()
    code = FIRST if FIRST in codes else codes[0]
    part = f"{top.code}/children"
    return Layout((code,), (part,), ("last-month",), ("value", "year-ago", "year-ago-rate"))


def _opened(request: HttpRequest, layout: Layout) -> Pivot | None:
    """The kept pivot that is just this one: one's own before others'."""
    if layout.is_empty:
        return None
    found = [one for one in Pivot.objects.filter(query=layout.query()) if _may_open(request, one)]
    return min(found, key=lambda pivot: (pivot.user_id != asker(request).pk, pivot.pk), default=None)


def _export(request: HttpRequest, layout: Layout) -> HttpResponse | FileResponse:
    _require(request, EXPORT)
    try:
        found = grid(layout, request.scope, most=MOST_FILED, extra=True)
    except REFUSED as error:
        return render(request, "pivots/refused.html", {"title": _("Pivot"), "problem": str(error)}, status=422)
    pivot = _opened(request, layout)
    target = write(found, pivot.name if pivot else _("Pivot"))
    data = {"list": "figures.pivot", "format": "xlsx", "rows": found.count, "query": layout.query()}
    note("ui.exported", by=asker(request), data=data, request=request)
    name = f"pivot-{clock.today().isoformat()}.xlsx"
    return FileResponse(target, as_attachment=True, filename=name, content_type=CONTENT_TYPES["xlsx"])


# Kept ones ------------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@submit_once
def save(request: HttpRequest) -> HttpResponse:
    """Give a pivot a name, and share it."""
    _require(request, VIEW)
    query = request.POST.get("query") or request.GET.urlencode()
    layout = Layout.of_query(query)
    pivot = _opened(request, layout)
    initial = {"query": layout.query(), "name": pivot.name if pivot and pivot.user_id == asker(request).pk else ""}
    if pivot and pivot.organisation:
        initial["organisation"] = str(pivot.organisation.code)
    form = SaveForm(request.POST or None, initial=initial, places=place_choices(request.scope))
    if form.is_valid():
        given = form.cleaned_data
        organisation = (
            Organisation.objects.filter(code=given["organisation"]).first() if given["organisation"] else None
        )
        try:
            made = services.save(Layout.of_query(given["query"]), given["name"], organisation, by=asker(request),
                                 scope=request.scope)  # fmt: skip
        except PivotError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("%(name)s is saved.") % {"name": made.name})
            return redirect("pivots:open", pk=made.pk)
    title = _("Save the pivot")
    context = {"title": title, "breadcrumbs": [(_("Pivots"), reverse("pivots:saved")), (title, "")],
               "cancel": f"{reverse('pivots:one')}?{layout.query()}"}  # fmt: skip
    return show_form(request, "pivots/form.html", form, context)


@require_GET
def open_kept(request: HttpRequest, pk: int) -> HttpResponse:
    """A kept pivot, under the address that says everything."""
    return redirect(f"{reverse('pivots:one')}?{_kept(request, pk).query}")


@require_POST
@submit_once
def home(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a pivot onto one's home pages, or take it off."""
    pivot, on = _kept(request, pk), request.POST.get("on") == "1"
    services.put_on_home(pivot, on, by=asker(request))
    messages.success(
        request,
        _("%(name)s stands on your home pages, below the other tiles.") % {"name": pivot.name}
        if on
        else _("%(name)s is off your home pages.") % {"name": pivot.name},
    )
    return redirect("pivots:open", pk=pk)


@require_http_methods(["GET", "POST"])
@submit_once
def schedule(request: HttpRequest, pk: int) -> HttpResponse:
    """When a pivot is filed as a workbook for the asker."""
    pivot = _kept(request, pk)
    _require(request, EXPORT)
    use = Use.objects.filter(user=asker(request), pivot=pivot).first()
    form = ScheduleForm(
        request.POST or None, initial={"every": use.every if use else "", "at": use.at if use else "08:00"}
    )
    if form.is_valid():
        try:
            made = services.schedule(pivot, form.cleaned_data["every"], form.cleaned_data["at"], by=asker(request))
        except PivotError as error:
            form.add_error("at", str(error))
        else:
            if made.next_at:
                when = made.next_at.astimezone(clock.BUSINESS_ZONE).strftime("%Y-%m-%d %H:%M")
                messages.success(request, _("It is filed next at %(when)s.") % {"when": when})
            else:
                messages.success(request, _("It is not filed any more."))
            return redirect("pivots:open", pk=pk)
    title = f"{_('File at set times')} · {pivot.name}"
    context = {"title": title, "breadcrumbs": [(_("Pivots"), reverse("pivots:saved")), (title, "")],
               "cancel": reverse("pivots:open", args=[pk])}  # fmt: skip
    return show_form(request, "pivots/form.html", form, context)


@require_POST
@submit_once
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a pivot of one's own."""
    pivot = _kept(request, pk)
    try:
        services.delete(pivot, by=asker(request))
    except NotAllowed as error:
        raise PermissionDenied(str(error)) from None
    messages.success(request, _("%(name)s is deleted.") % {"name": pivot.name})
    return redirect("pivots:saved")


def _kept(request: HttpRequest, pk: int) -> Pivot:
    """A pivot of one's own, or shared with people of an organisation in one's scope."""
    _require(request, VIEW)
    found = Pivot.objects.select_related("organisation").filter(pk=pk).first()
    if found is None or not _may_open(request, found):
        raise Http404(_("There is no such pivot, or it is not shared with you."))
    return found


def _may_open(request: HttpRequest, pivot: Pivot) -> bool:
    shared = pivot.organisation_id
    return pivot.user_id == asker(request).pk or (shared is not None and request.scope.may_at(VIEW, shared))


def _require(request: HttpRequest, right: str) -> None:
    if not request.scope.may(right):
        raise PermissionDenied(_("Your roles do not include this use of figures."))

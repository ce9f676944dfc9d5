"""Looking figures up, and saying where one comes from. Every figure comes through the cube's gateway."""

from dataclasses import replace
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from gangmu.figures.cube.explain import CELLS, PARTS, SOURCES, Wanted, explain
from gangmu.figures.cube.gateway import CannotAnswer, ask
from gangmu.figures.cube.links import NO_GROUP
from gangmu.figures.cube.question import CATEGORY, Row
from gangmu.figures.indicators.categories.queries import category_names
from gangmu.figures.indicators.formula.errors import FormulaError
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.periods.errors import PeriodError
from gangmu.foundation.periods.period import Period
from gangmu.foundation.records.services import note
from gangmu.foundation.ui import exports
from gangmu.foundation.ui.asking import asker
from gangmu.shell.figures import asking, choices, explaining, places, sheets
from gangmu.shell.figures.asking import Asked
from gangmu.shell.figures.cells import Cells

LOOKUP = "lookup"
FEW_CELLS = 2_000  # of how many cells the acts that recorded them are looked up without being asked for
ROWS_SHOWN = 20
KINDS_SHOWN = ("day", "month", "quarter", "year")
REFUSED = (CannotAnswer, PeriodError, FormulaError)


@require_GET
def lookup(request: HttpRequest) -> HttpResponse | FileResponse:
    """The form and, below it, the figures that it asks for."""
    scope: Scope = request.scope
    known = list(Indicator.objects.order_by("source", "id"))
    groups = places.choices(scope)
    asked = asking.completed(Asked.of(request.GET), known, groups, scope)
    sheet, problem = None, ""
    if known and groups:
        try:
            sheet = _sheet(asked, known, scope)
        except REFUSED as error:
            problem = str(error)
    kind = request.GET.get("export")
    if kind and sheet:
        return _file(request, kind, sheet, asked)
    period = asking.parsed(asked.period)
    before, after = asking.neighbours(period)
    context = {
        "title": _("Look up figures"),
        "breadcrumbs": [(_("Figures"), "")],
        "asked": asked,
        "sheet": sheet,
        "problem": problem,
        "has_indicators": bool(known),
        "has_places": bool(groups),
        "indicators": choices.indicators(known, asked),
        "chosen": choices.chosen(known, asked),
        "places": choices.places(groups, asked, _names_of(asked, groups)),
        "selects": choices.selects(asked),
        "period": period,
        "period_label": period.label(get_language() or "") if period else "",
        "kinds": [
            (choices.KIND_WORDS[step.kind], asked.but(period=step.code), step) for step in asking.kinds_of(period)
        ],
        "by_label": choices.BY.get(asked.by, ""),
        "before": asked.but(period=before) if before else "",
        "after": asked.but(period=after) if after else "",
        "trail": [(one, asked.but(organisation=str(one.code))) for one in _trail(asked, period, scope)],
        "at_least": sheets.state_word(asked.at_least) if sheet else "",
        "approved_only": asked.but(at_least=sheets.APPROVED),
        "every_state": asked.but(at_least="filed"),
        "may_export": scope.may("figures:export"),
        "address": asked.but(),
    }
    partial = request.headers.get("HX-Request") == "true" and LOOKUP in request.headers.get("HX-Target", "")
    template = "figures/lookup_body.html" if partial else "figures/lookup.html"
    return render(request, template, context, status=422 if problem else 200)


@require_GET
def explanation(request: HttpRequest) -> HttpResponse:
    """Where one figure comes from: a page, or what fills the window above a table; `part` is one that is asked for
    later, `cells` (of one indicator, from `offset` on) or `sources`."""
    scope: Scope = request.scope
    asked = Asked.of(request.GET)
    if not (asked.indicators and asked.organisation and asked.period):
        known = list(Indicator.objects.order_by("source", "id"))
        asked = asking.completed(asked, known, places.choices(scope), scope)
    asked = replace(asked, indicators=asked.indicators[:1])
    wanted, part = _wanted(request.GET)
    one, problem = None, ""
    try:
        one = _explained(asked, request.GET.get("group"), scope, wanted)
    except REFUSED as error:
        problem = str(error)
    context = {
        "title": one.title if one else _("Where this figure comes from"),
        "breadcrumbs": [(_("Look up figures"), f"{reverse('figures:lookup')}?{asked.but()}"), (_("Explanation"), "")],
        "one": one,
        "cells": Cells(one, wanted.limit) if one and one.row.get("cells") else None,
        "kinds": _longer(one) if one else [],
        "part": part,
        "problem": problem,
    }
    partial = request.headers.get("HX-Request") == "true"
    template = "figures/explanation_body.html" if partial else "figures/explanation.html"
    return render(request, template, context, status=422 if problem else 200)


def _longer(one: explaining.Explained) -> list[tuple[Any, str, bool]]:
    """The same figure in periods of other kinds around this one."""
    steps = asking.kinds_of(asking.parsed(one.row["period"]))
    shown = [step for step in steps if step.kind in KINDS_SHOWN]
    return [(choices.KIND_WORDS[step.kind], one.url(period=step.code), step.active) for step in shown]


def _wanted(parameters: QueryDict) -> tuple[Wanted, str]:
    """The parts of an explanation that an address asks for. What can be long comes when it is asked for."""
    part, offset = parameters.get("part", ""), parameters.get("offset", "")
    parts = [one for one in PARTS if one != CELLS or part == CELLS]
    first = int(offset) if offset.isascii() and offset.isdigit() and len(offset) < 7 else 0
    few = None if part == SOURCES else FEW_CELLS
    return Wanted(parts, parameters.get("cells", ""), first, ROWS_SHOWN, few), part


def _sheet(asked: Asked, known: list[Indicator], scope: Scope) -> sheets.Sheet:
    total = ask(asked.question(by=False), scope).rows
    groups = _groups(asked, known, scope) if asked.by else []
    found = {row.group for row in groups}
    links = {
        group: f"?{asked.but(organisation=group)}" for group in found if asked.by == "children" and group is not None
    }
    labels = places.group_labels(asked.by, found)
    if asked.by == CATEGORY and groups:
        labels = {None: _("not categorised"), **category_names(groups[0].indicator)}
    words = sheets.Words(_("Total"), labels, links, _linked(asked))
    return sheets.sheet_of(total, groups, {str(one.code): one for one in known}, words, asked.by, asked.compare)


def _groups(asked: Asked, known: list[Indicator], scope: Scope) -> list[Row]:
    """The rows of the groups. By category those of the indicators that are split like the first that is; the others
    stay blank, unless none is split."""
    if asked.by == CATEGORY:
        split = {str(one.code): str(one.split_by) for one in known if one.split_by}
        split |= {str(one.code): split[str(one.tax_of)] for one in known if one.tax_of in split}
        by = next((split[one] for one in asked.indicators if one in split), "")
        alike = tuple(one for one in asked.indicators if by and split.get(one) == by)
        asked = replace(asked, indicators=alike or asked.indicators)
    return ask(asked.question(), scope).rows


def _linked(asked: Asked) -> Any:
    """Gives the address of the explanation of a row."""
    base = reverse("figures:explain")

    def link(row: Row, of_group: bool) -> str:
        code = row.indicator
        if of_group and asked.by == CATEGORY:  # a part is an indicator of its own
            code, of_group = row.part or code, False
        one = replace(asked, indicators=(code,), by=asked.by if of_group else "", tax="")  # the code says it
        query = one.but()
        return f"{base}?{query}&{choices.encoded('group', row.group or NO_GROUP)}" if of_group else f"{base}?{query}"

    return link


def _explained(asked: Asked, group: str | None, scope: Scope, wanted: Wanted) -> explaining.Explained | None:
    """The one row that is wanted, in words; None when the answer has no such row."""
    of_group = group is not None and bool(asked.by)
    code = None if group in (None, NO_GROUP) else group
    asked = asked if of_group else replace(asked, by="")
    found = explain(asked.question(by=of_group), scope, (code,) if of_group else None, wanted)["rows"]
    if not found:
        return None
    asked = replace(asked, indicators=(found[0]["indicator"],), tax="")  # what it stands on is told as it is
    label = places.group_labels(asked.by, {code}).get(code, code or "") if of_group else ""
    names = places.names({asked.organisation})
    return explaining.Explained(found[0], asked, names.get(asked.organisation, asked.organisation), label, code)


def _file(request: HttpRequest, kind: str, sheet: sheets.Sheet, asked: Asked) -> FileResponse:
    """The table as a file; that it left is recorded."""
    if not request.scope.may("figures:export"):
        raise PermissionDenied(_("Your roles do not include the export of figures."))
    if kind not in exports.FORMATS:
        raise BadRequest(_("Figures can be exported as csv or xlsx."))
    rows = list(sheets.rows(sheet))
    response = exports.file_response(rows, headers=sheets.headers(sheet), name=f"figures-{asked.period}", kind=kind)
    data = {"list": "figures.lookup", "format": kind, "rows": len(rows), "query": asked.but()}
    note("ui.exported", by=asker(request), data=data, request=request)
    return response


def _names_of(asked: Asked, groups: list[places.PlaceGroup]) -> dict[str, str]:
    """The name of the organisation asked for, when it is too far down to be among the choices."""
    among = any(place.code == asked.organisation for group in groups for place in group.places)
    return {} if among or not asked.organisation else places.names({asked.organisation})


def _trail(asked: Asked, period: Period | None, scope: Scope) -> list[Organisation]:
    return places.trail(asked.organisation, asking.last_day(period), scope) if asked.organisation else []

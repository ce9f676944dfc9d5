"""The page of curves, and their workbook."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from gangmu.figures.cube.gateway import CannotAnswer
from gangmu.figures.cube.question import GROUPINGS
from gangmu.figures.curves import uploading
from gangmu.figures.curves.asking import CurveRow, ask_curves
from gangmu.figures.curves.models import Curve, CurveDay
from gangmu.figures.curves.points import Unit
from gangmu.figures.curves.showing import (
    MOST_SERIES,
    Asked,
    chart_of,
    drawn,
    figures_of,
    history_of,
    hours_of,
    lines_of,
)
from gangmu.figures.curves.workbook import columns_of, workbook
from gangmu.figures.filing.models import Scenario
from gangmu.foundation.boards.asking import yesterday
from gangmu.foundation.boards.places import places
from gangmu.foundation.parties import kinds
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.periods.period import PeriodError, parse_day
from gangmu.foundation.records.services import note
from gangmu.foundation.ui.asking import asker
from gangmu.foundation.ui.exports import CONTENT_TYPES

REFUSED = (CannotAnswer, PeriodError)
MOST_PLACES = 600
INDENT = "　"
BY_WORDS: dict[str, str | Promise] = {
    "children": gettext_lazy("Directly below"),
    "fuel": gettext_lazy("Fuel"),
    "province": gettext_lazy("Province"),
    "grid": gettext_lazy("Grid"),
    "kind": gettext_lazy("Kind"),
}
COMPARED: dict[str, str | Promise] = {
    "": gettext_lazy("no other day"),
    "previous": gettext_lazy("the day before"),
    "year-ago": gettext_lazy("the same day a year ago"),
}


@require_GET
def one(request: HttpRequest) -> HttpResponse | FileResponse:
    """The curve of an organisation on a business day, beside another day's, or those of the groups below it."""
    if not request.scope.may("figures:view"):
        raise PermissionDenied
    curves = list(Curve.objects.select_related("indicator").order_by("indicator__source", "indicator_id"))
    asked = _completed(Asked.of(request.GET), curves, request)
    rows: list[CurveRow] = []
    problem = ""
    if asked.indicator and asked.organisation:
        try:
            rows = ask_curves(asked.question(), request.scope)
        except REFUSED as error:
            problem = str(error)
    names = _names(rows, asked)
    if request.GET.get("export") == "xlsx" and rows:
        return _file(request, asked, rows, names)
    context = {
        "title": _("Curves"),
        "breadcrumbs": [(_("Curves"), "")],
        "asked": asked,
        "problem": problem,
        "address": asked.but(),
        "indicators": [(str(each.indicator.code), each.indicator.name, str(each.indicator.code) == asked.indicator)
                       for each in curves],
        "places": _places(request, asked),
        "compared": [(code, words, code == asked.compare) for code, words in COMPARED.items()]
        + ([] if asked.compare in COMPARED else [(asked.compare, asked.compare, True)]),
        "groupings": [(code, BY_WORDS[code], code == asked.by) for code in GROUPINGS],
        "units": [(unit.value, unit.value == asked.unit) for unit in Unit],
        "scenarios": [(code, code == asked.scenario) for code in
                      Scenario.objects.exclude(code="actual").order_by("code").values_list("code", flat=True)],
        "may_load": uploading.may(request.scope),
        "may_export": request.scope.may("figures:export"),
        "before": _moved(asked, -1),
        "after": _moved(asked, 1),
        **(_shown(rows, names, asked, curves) if rows else {}),
    }  # fmt: skip
    return render(request, "curves/curves.html", context, status=422 if problem else 200)


def _shown(
    rows: Sequence[CurveRow], names: dict[str | None, str], asked: Asked, curves: Sequence[Curve]
) -> dict[str, Any]:
    curve = next(each for each in curves if each.indicator.code == asked.indicator)
    chart = chart_of(rows, names)
    found: dict[str, Any] = {
        "rows": rows,
        "has_points": any(row.curve.given or (row.compare and row.compare.given) for row in rows),
        "name": curve.indicator.name,
        "organisation": names[None] if not asked.by else _name(asked.organisation),
        "chart": chart,
        "chart_words": [(series["name"], series["shown"]) for series in chart["series"]],
        "left_out": max(0, len(drawn(rows)) - MOST_SERIES),
    }
    if asked.by:
        lines = lines_of(rows, names, asked)
        return {**found, "lines": lines, "heads": next((line.figures for line in lines if line.figures), [])}
    row = rows[0]
    place = Organisation.objects.filter(code=asked.organisation).first()
    scenario = asked.scenario or "actual"
    return {
        **found,
        "row": row,
        "figures": figures_of(row.curve, row.compare),
        "hours": hours_of(row.curve, row.compare),
        "whole": row.curve.given == len(row.curve.values),
        "incomplete": min(row.curve.reported) < row.curve.expected,
        "coverage": f"{min(row.curve.reported)}/{row.curve.expected}",
        "history": history_of(curve, place.pk, row.curve.day, scenario) if place else [],
    }


def _completed(asked: Asked, curves: Sequence[Curve], request: HttpRequest) -> Asked:
    """With the first curve, the highest organisation and the newest day that has one, where none is asked."""
    code = asked.indicator or (str(curves[0].indicator.code) if curves else "")
    top = next(iter(places(request.scope).tops), None)
    day = asked.day
    if not day:
        newest = CurveDay.objects.filter(indicator__indicator__code=code, superseded_by=None).order_by("-day").first()
        day = newest.day.isoformat() if newest else yesterday().code
    return replace(asked, indicator=code, organisation=asked.organisation or (top.code if top else ""), day=day)


def _moved(asked: Asked, days: int) -> str:
    try:
        return f"?{asked.but(day=(parse_day(asked.day) + timedelta(days=days)).isoformat())}"
    except (PeriodError, OverflowError):
        return ""


def _names(rows: Sequence[CurveRow], asked: Asked) -> dict[str | None, str]:
    """What the groups are called; None is the organisation itself, or "no value"."""
    groups = [row.group for row in rows if row.group is not None]
    if not asked.by:
        return {None: _name(asked.organisation)}
    if asked.by == "children":
        return {str(one.code): one.name for one in Organisation.objects.filter(code__in=groups)}
    if asked.by == "kind":
        return {code: str(kinds.kind(code).name) for code in groups}
    attribute = kinds.attributes().get(asked.by)
    choices = {one.code: str(one.name) for one in attribute.choices} if attribute else {}
    return {**{code: choices.get(code, code) for code in groups}, None: _("no value")}


def _name(code: str) -> str:
    found = Organisation.objects.filter(code=code).first()
    return found.name if found else code


def _places(request: HttpRequest, asked: Asked) -> list[tuple[str, str, bool]]:
    """The organisations to choose from, those below indented; the asked one is among them always."""
    known = places(request.scope)
    found: list[tuple[str, str, bool]] = []
    deep = len(known) <= MOST_PLACES

    def add(place: Any, depth: int) -> None:
        found.append((place.code, INDENT * depth + place.name, place.code == asked.organisation))
        if deep or depth < 1:
            for child in known.children(place):
                add(child, depth + 1)

    for top in known.tops:
        add(top, 0)
    if asked.organisation and not any(chosen for *_rest, chosen in found):
        found.insert(0, (asked.organisation, _name(asked.organisation), True))
    return found


def _file(request: HttpRequest, asked: Asked, rows: Sequence[CurveRow], names: dict[str | None, str]) -> FileResponse:
    if not request.scope.may("figures:export"):
        raise PermissionDenied(_("Your roles do not include the export of figures."))
    title = f"{asked.indicator} · {_name(asked.organisation)}"
    content = workbook(rows, names, title)
    data = {"list": "figures.curves", "format": "xlsx", "rows": len(columns_of(rows, names)), "query": asked.but()}
    note("ui.exported", by=asker(request), data=data, request=request)
    name = f"curve-{asked.indicator}-{asked.day}.xlsx"
    return FileResponse(content, as_attachment=True, filename=name, content_type=CONTENT_TYPES["xlsx"])

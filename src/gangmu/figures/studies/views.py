"""The page of a study, and its workbook."""

from dataclasses import replace
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from gangmu.figures.cube.gateway import CannotAnswer
from gangmu.figures.cube.question import GROUPINGS, STATES
from gangmu.figures.filing.models import Scenario, State
from gangmu.figures.indicators.categories.queries import below_wholes
from gangmu.figures.indicators.formula.errors import FormulaError
from gangmu.figures.indicators.models import Indicator
from gangmu.figures.scopes.queries import book
from gangmu.figures.studies.asked import BASES, METHODS, Asked
from gangmu.figures.studies.errors import StudyError
from gangmu.figures.studies.showing import Shown, place_choices
from gangmu.figures.studies.study import ACTUAL, study
from gangmu.figures.studies.workbook import workbook
from gangmu.foundation.boards.asking import yesterday
from gangmu.foundation.boards.places import places
from gangmu.foundation.periods.errors import PeriodError
from gangmu.foundation.periods.period import Period
from gangmu.foundation.records.services import note
from gangmu.foundation.ui.asking import asker
from gangmu.foundation.ui.exports import CONTENT_TYPES

REFUSED = (StudyError, CannotAnswer, PeriodError, FormulaError)
BY_WORDS: dict[str, str | Promise] = {
    "children": gettext_lazy("Directly below"),
    "fuel": gettext_lazy("Fuel"),
    "province": gettext_lazy("Province"),
    "grid": gettext_lazy("Grid"),
    "kind": gettext_lazy("Kind"),
}
FIRST = ("generation", "on_grid_revenue")


@require_GET
def one(request: HttpRequest) -> HttpResponse | FileResponse:
    """A figure beside another period's, taken apart."""
    if not request.scope.may("figures:view"):
        raise PermissionDenied
    known = list(Indicator.objects.order_by("source", "id"))
    asked = _completed(Asked.of(request.GET), known, request)
    found, problem = None, ""
    if asked.indicator and asked.organisation:
        try:
            found = Shown(study(asked, request.scope), request.scope)
        except REFUSED as error:
            problem = str(error)
    if request.GET.get("export") == "xlsx" and found:
        return _file(request, found)
    context: dict[str, Any] = {
        "title": _("Analyse a figure"),
        "breadcrumbs": [(_("Analyse a figure"), "")],
        "asked": asked,
        "one": found,
        "study": found.study if found else None,
        "problem": problem,
        "address": asked.but(),
        "indicators": [(str(each.code), name, each.code == asked.indicator) for each, name in below_wholes(known)],
        "places": place_choices(request.scope, asked),
        "bases": [(code, words, code == asked.base) for code, words in BASES.items()]
        + ([] if asked.base in BASES else [(asked.base, asked.base, True)]),
        "groupings": [(code, BY_WORDS[code], code == asked.by) for code in GROUPINGS],
        "methods": [(code, words, code == asked.method) for code, words in METHODS.items()],
        "states": [
            (code, _("any state") if place == 0 else State(place + 1).label, code == asked.at_least)
            for place, code in enumerate(STATES)
        ],
        "scopes": scope_choices(asked.scope),
        "plans": [
            (code, code == asked.plan)
            for code in Scenario.objects.exclude(code=ACTUAL).order_by("code").values_list("code", flat=True)
        ],
        "other_order": f"?{asked.but(best='lower' if asked.best == 'higher' else 'higher')}",
        "may_export": request.scope.may("figures:export"),
        "before": _neighbour(asked, "previous"),
        "after": _neighbour(asked, "next"),
    }
    return render(request, "studies/study.html", context, status=422 if problem else 200)


def scope_choices(asked: str) -> list[tuple[str, str, bool]]:
    """The statistical scopes; one that is asked for and gone stays, so that the error beside it makes sense."""
    named = {code: str(one.name) for code, one in book().items()}
    named.setdefault(asked, asked)
    return [(code, name, code == asked) for code, name in named.items() if code]


def _completed(asked: Asked, known: list[Indicator], request: HttpRequest) -> Asked:
    """With an indicator that has factors, the highest organisation and yesterday's month, where none is asked."""
    codes = [str(each.code) for each in known]
    first = next((code for code in FIRST if code in codes), codes[0] if codes else "")
    top = next(iter(places(request.scope).tops), None)
    return replace(
        asked,
        indicator=asked.indicator or first,
        organisation=asked.organisation or (top.code if top else ""),
        period=asked.period or yesterday().code,
    )


def _neighbour(asked: Asked, move: str) -> str:
    try:
        return f"?{asked.but(period=getattr(Period.parse(asked.period), move)().code)}"
    except PeriodError:
        return ""


def _file(request: HttpRequest, found: Shown) -> FileResponse:
    if not request.scope.may("figures:export"):
        raise PermissionDenied(_("Your roles do not include the export of figures."))
    content, name, lines = workbook(found)
    data = {"list": "figures.study", "format": "xlsx", "rows": lines, "query": found.asked.but()}
    note("ui.exported", by=asker(request), data=data, request=request)
    return FileResponse(content, as_attachment=True, filename=name, content_type=CONTENT_TYPES["xlsx"])

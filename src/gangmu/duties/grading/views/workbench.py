"""The workbench: choose factors, and see the calculation step by step, with the matrices, before anything is saved."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from gangmu.duties.grading import queries, services, showing
from gangmu.duties.grading.access import GRADE, REGRADE
from gangmu.duties.grading.calculating import Outcome, grade
from gangmu.duties.grading.errors import FactorsRefused
from gangmu.duties.grading.forms import FactorsForm
from gangmu.duties.grading.scheme import Scheme
from gangmu.duties.grading.views.common import REFUSED, resource_or_404, scheme_or_404, system_trail
from gangmu.duties.resources.models import Resource
from gangmu.foundation.ui.asking import asker
from gangmu.foundation.ui.once import submit_once


@require_http_methods(["GET", "POST"])
@submit_once
def workbench(request: HttpRequest, system: int, slug: str) -> HttpResponse:
    """Grade a system by a scheme. `?realtime=high&…` calculates and saves nothing."""
    shown, scheme = resource_or_404(system), scheme_or_404(slug)
    standing = queries.standings_of(shown)[scheme.code]
    again = standing.in_force is not None
    problem = ""
    if request.method == "POST":
        form = FactorsForm(request.POST, scheme=scheme, again=again)
        if form.is_valid():
            reason = form.cleaned_data["reason"]
            try:
                grading = services.prepare_grading(
                    shown, scheme.code, form.factors, by=asker(request), reason=reason, scope=request.scope
                )
            except REFUSED as error:
                problem = str(error)
            else:
                messages.success(request, _("The grading was saved. Submit it, so that the parties can confirm."))
                return redirect("grading:grading", pk=grading.pk)
    else:
        kept = standing.in_hand or standing.in_force
        asked = {code: request.GET[code] for code in scheme.factors if code in request.GET}
        given = asked or (dict(kept.factors) if kept else {})
        reason = request.GET.get("reason", kept.reason if kept and kept is standing.in_hand else "")
        form = FactorsForm(initial={**given, "reason": reason}, scheme=scheme, again=again)
    return _page(request, shown, scheme, form, again, problem)


def _page(
    request: HttpRequest, shown: Resource, scheme: Scheme, form: FactorsForm, again: bool, problem: str
) -> HttpResponse:
    outcome, refused = _calculated(scheme, form)
    calculation = outcome.as_json() if outcome else {}
    title = _("Grade by %(scheme)s") % {"scheme": scheme.number}
    permission = REGRADE if again else GRADE
    context: dict[str, Any] = {
        "title": title,
        "breadcrumbs": system_trail(shown, (title, "")),
        "resource": shown,
        "scheme": scheme,
        "form": form,
        "again": again,
        "problem": problem,
        "refused": refused if form.factors else "",
        "outcome": outcome,
        "result": showing.result_name(scheme, outcome.result) if outcome else "",
        "tone": showing.result_tone(scheme, outcome.result) if outcome else "",
        "steps": showing.steps(scheme, calculation),
        "matrices": showing.matrices(scheme, calculation),
        "may_save": request.scope.may_at(permission, shown.organisation_id),
        "supporting": shown.supporting and scheme.propagates,
    }
    status = 422 if problem or (form.is_bound and form.errors) else 200
    return render(request, "grading/workbench.html", context, status=status)


def _calculated(scheme: Scheme, form: FactorsForm) -> tuple[Outcome | None, str]:
    try:
        return grade(scheme, form.factors), ""
    except FactorsRefused as error:
        return None, str(error)

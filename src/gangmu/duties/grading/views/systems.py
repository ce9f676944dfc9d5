"""One system and its grades: by each scheme what is in force, in hand and inherited, and what it raises."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from gangmu.duties.grading import queries, showing
from gangmu.duties.grading.access import GOLIVE, GRADE, REGRADE
from gangmu.duties.grading.catalogue import services_of
from gangmu.duties.grading.queries import Inherited, Standing
from gangmu.duties.grading.services import inheriting
from gangmu.duties.grading.shipped import schemes, shipped
from gangmu.duties.grading.views.common import REFUSED, resource_or_404, standing_view, system_trail
from gangmu.duties.resources.models import Resource
from gangmu.foundation.ui.asking import asker
from gangmu.foundation.ui.once import submit_once


@require_GET
def system(request: HttpRequest, system: int) -> HttpResponse:
    """One system: its grades, the way on which it inherits one, the systems that it raises, its history."""
    shown = resource_or_404(system)
    standings = queries.standings_of(shown)
    raised = [
        {"resource": one, "result": showing.result_name(scheme, taken.result), "way": way_of(taken), "scheme": scheme}
        for scheme in schemes().values()
        if scheme.propagates
        for one, taken in queries.supported_by(shown, scheme)
    ]
    context = {
        "title": shown.name,
        "breadcrumbs": system_trail(shown),
        "resource": shown,
        "standings": [_standing(request, shown, one) for one in standings.values()],
        "raised": raised,
        "history": [
            {
                "grading": one,
                "result": showing.result_name(shipped(one.scheme), one.result),
                "tone": showing.TONES[one.status],
            }
            for one in queries.history(shown)
        ],
        "may_go_live": request.scope.may_at(GOLIVE, shown.organisation_id) and not shown.supporting,
    }
    return render(request, "grading/system.html", context)


def _standing(request: HttpRequest, shown: Resource, standing: Standing) -> dict[str, Any]:
    scheme, in_force = standing.scheme, standing.in_force
    has_factors = not (shown.supporting and scheme.propagates)
    permission = REGRADE if in_force else GRADE
    in_hand = standing.in_hand
    free = in_hand is None or in_hand.status in ("open", "returned")
    return standing_view(standing) | {
        "way": way_of(standing.inherited) if standing.inherited else [],
        "has_factors": has_factors,
        "may_grade": has_factors and free and request.scope.may_at(permission, shown.organisation_id),
        "may_take_over": standing.is_behind and request.scope.may_at(GRADE, shown.organisation_id),
        "workbench": reverse("grading:workbench", args=[shown.pk, scheme.slug]),
        "services": services_of(in_force) if in_force else None,
    }


def way_of(taken: Inherited) -> list[dict[str, Any]]:
    """The way of an inherited grade, the supporting system first; systems outside the scope without their names."""
    known = queries.named(taken.path)
    return [{"resource": known.get(one), "is_last": one == taken.path[-1]} for one in taken.path]


@require_POST
@submit_once
def take_over(request: HttpRequest, system: int, slug: str) -> HttpResponse:
    """Take the inherited grade over, with its catalogue of services."""
    shown = resource_or_404(system)
    scheme = next((one for one in schemes().values() if one.slug == slug), None)
    try:
        inheriting.take_over(shown, scheme.code if scheme else slug, by=asker(request), scope=request.scope)
    except REFUSED as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The grade was taken over; its services hold from today on."))
    return redirect("grading:system", system=system)

"""What the pages of grading share: finding things in the asker's scope, trails, what is refused."""

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from gangmu.duties.grading import showing
from gangmu.duties.grading.errors import GradingError
from gangmu.duties.grading.models import Grading
from gangmu.duties.grading.queries import Standing
from gangmu.duties.grading.scheme import Scheme
from gangmu.duties.grading.services import scheme_on
from gangmu.duties.grading.shipped import schemes
from gangmu.duties.resources.models import Resource
from gangmu.foundation.approvals.errors import ApprovalError

REFUSED = (GradingError, ApprovalError)
TITLE = _("Grades of systems")


def resource_or_404(pk: int) -> Resource:
    """The system, if it lies in the asker's scope: row security gives no other."""
    return get_object_or_404(Resource.objects.select_related("organisation"), pk=pk)


def grading_or_404(pk: int) -> Grading:
    """The grading, if it lies in the asker's scope."""
    return get_object_or_404(Grading.objects.select_related("resource", "organisation"), pk=pk)


def scheme_or_404(slug: str) -> Scheme:
    """The scheme whose code stands in an address, with today's matrices."""
    found = next((one for one in schemes().values() if one.slug == slug), None)
    if found is None:
        raise Http404(slug)
    return scheme_on(found.code)


def trail(*further: tuple[Any, str]) -> list[tuple[Any, str]]:
    """What stands above a page."""
    return [(TITLE, reverse("grading:systems")), *further]


def system_trail(resource: Resource, *further: tuple[Any, str]) -> list[tuple[Any, str]]:
    return trail((resource.name, reverse("grading:system", args=[resource.pk]) if further else ""), *further)


def standing_view(standing: Standing) -> dict[str, Any]:
    """Where a system stands by a scheme, as pages draw it."""
    scheme = standing.scheme
    return {
        "standing": standing,
        "scheme": scheme,
        "result": showing.result_name(scheme, standing.result),
        "tone": showing.result_tone(scheme, standing.result),
        "is_graded": bool(standing.result),
        "in_hand": standing.in_hand,
        "in_hand_tone": showing.TONES.get(standing.in_hand.status, "secondary") if standing.in_hand else "",
    }

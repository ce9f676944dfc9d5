"""Telling the owners of supporting systems that the grade they inherit is another than the one in force there."""

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_noop

from gangmu.duties.grading import queries
from gangmu.duties.grading.access import GRADE
from gangmu.duties.grading.models import Grading
from gangmu.duties.grading.services.matrices import scheme_on
from gangmu.duties.grading.shipped import schemes
from gangmu.foundation.accounts.models import User
from gangmu.foundation.approvals.gathering import gather
from gangmu.foundation.notices.services import tell

RAISED = gettext_noop("%(system_en)s now inherits grade %(grade)s by %(scheme)s: take it over, with what it asks for.")


@transaction.atomic
def tell_inherited() -> int:
    """Tell of every supporting system whose inherited grade has not been taken over, each grade once; how many people
    were told. Runs as the system: who needs a system may belong to somebody else."""
    supporting = list(queries.gradable().filter(supporting=True).select_related("organisation"))
    people = gather([one.organisation_id for one in supporting]) if supporting else None
    told = 0
    for scheme in map(scheme_on, schemes()):
        taken = queries.inherited([one.pk for one in supporting], scheme)
        in_force = dict(
            Grading.objects.filter(
                resource_id__in=taken, scheme=scheme.code, status=Grading.Status.IN_FORCE
            ).values_list("resource_id", "result")
        )
        for one in supporting:
            if people is None or one.pk not in taken or in_force.get(one.pk) == taken[one.pk].result:
                continue
            owners = [user for user in people.persons if people.may(user, one.organisation_id, GRADE)]
            told += tell(
                User.objects.filter(pk__in=owners),
                "grading.inherited",
                RAISED,
                url=reverse("grading:system", args=[one.pk]),
                key=f"grading-{one.pk}-{scheme.code}-{taken[one.pk].result}",
                system_zh=one.name_zh or one.name_en,
                system_en=one.name_en or one.name_zh,
                grade=taken[one.pk].result,
                scheme=scheme.number,
            )
    return told

"""Supporting systems take the grade of what needs them. What they inherit is always computed; taking it over freezes it
with its way and its catalogue of services."""

from django.db import transaction
from django.db.models import Max

from gangmu.duties.grading import access, queries
from gangmu.duties.grading.access import GRADE, require, scope_for
from gangmu.duties.grading.errors import NotReady, _
from gangmu.duties.grading.models import Grading
from gangmu.duties.grading.services.confirming import enforce
from gangmu.duties.grading.services.matrices import scheme_on
from gangmu.duties.resources.models import Resource
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.accounts.models import User
from gangmu.foundation.settings import clock


@transaction.atomic
def take_over(resource: Resource, scheme_code: str, *, by: User, scope: Scope | None = None) -> Grading:
    """Let the grade that a supporting system inherits today be the one in force, with its catalogue.

    Nobody confirms it: those who confirmed the grades that it comes from have.

    Raises:
        NotPossible: the roles of `by` do not cover it there.
        NotReady: nothing graded needs it, or it has this grade already.
        UnknownScheme.
    """
    resource = access.held(resource)
    require(GRADE, resource.organisation_id, scope_for(by, scope))
    scheme = scheme_on(scheme_code)
    taken = queries.inherited([resource.pk], scheme).get(resource.pk)
    if taken is None:
        raise NotReady(
            _("Nothing that has a grade by %(scheme)s needs %(resource)s: there is no grade to take over."),
            scheme=scheme.number,
            resource=resource.name,
        )
    of_scheme = Grading.objects.filter(resource=resource, scheme=scheme_code)
    before = of_scheme.filter(status=Grading.Status.IN_FORCE).first()
    if before is not None and before.result == taken.result:
        raise NotReady(_("It has this grade already."))
    grading = Grading.objects.create(
        resource=resource,
        organisation_id=resource.organisation_id,
        scheme=scheme_code,
        number=(of_scheme.aggregate(last=Max("number"))["last"] or 0) + 1,
        kind=Grading.Kind.INHERITED,
        factors={},
        calculation={
            "scheme": scheme_code,
            "steps": [],
            "path": list(taken.path),
            "sources": taken.sources,
            "of_day": clock.today().isoformat(),
        },
        result=taken.result,
        source="printed",
        parties=[],
        asked_by=by,
        asked_by_name=by.name,
        asked_at=clock.now(),
    )
    enforce(grading, by)
    return grading

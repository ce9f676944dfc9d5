"""Preparing a grading, submitting it to its parties, and giving it up."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max

from gangmu.duties.grading import access
from gangmu.duties.grading.access import GRADE, REGRADE, require, scope_for
from gangmu.duties.grading.calculating import Outcome, grade
from gangmu.duties.grading.errors import NotPossible, NotReady, _
from gangmu.duties.grading.models import Grading
from gangmu.duties.grading.parties import require_different_people
from gangmu.duties.grading.scheme import Scheme
from gangmu.duties.grading.services.matrices import scheme_on
from gangmu.duties.resources.models import Resource
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.accounts.models import User
from gangmu.foundation.approvals import queries as approvals
from gangmu.foundation.approvals import services as approving
from gangmu.foundation.approvals.actions import CaseState
from gangmu.foundation.approvals.models import Case, Route
from gangmu.foundation.records.services import note
from gangmu.foundation.settings import clock

Kind, Status = Grading.Kind, Grading.Status
IN_HAND = (Status.OPEN, Status.RETURNED)
UNENDED = (*IN_HAND, Status.SUBMITTED)
SUBJECTS = {Kind.FIRST: "grading.grading", Kind.AGAIN: "grading.regrading"}


def route_of(scheme: Scheme, kind: str) -> str:
    """The code of the route by which a scheme's gradings are confirmed; re-gradings may have one of their own."""
    first = f"grade_{scheme.slug.replace('-', '_')}"
    again = f"{first}_again"
    return again if kind == Kind.AGAIN and Route.objects.filter(code=again, is_current=True).exists() else first


@transaction.atomic
def prepare_grading(
    resource: Resource,
    scheme_code: str,
    factors: Mapping[str, str | None],
    *,
    by: User | None,
    reason: str = "",
    scope: Scope | None = None,
) -> Grading:
    """Grade a system: begin a grading, or change the one in hand. With a grade in force it is a re-grading.

    Raises:
        FactorsRefused, UnknownScheme: the calculation does not take this.
        NotReady: a supporting system, which has no factors of its own; a re-grading without a reason.
        NotPossible: the roles of `by` do not cover it there, or a grading is being confirmed.
    """
    resource = access.held(resource)
    scheme = scheme_on(scheme_code)
    if resource.supporting and scheme.propagates:
        raise NotReady(
            _(
                "%(resource)s is a supporting system: it has no factors of its own and takes the highest grade of what "
                "needs it. Grade those systems."
            ),
            resource=resource.name,
        )
    acting = scope_for(by, scope)
    of_scheme = Grading.objects.filter(resource=resource, scheme=scheme_code)
    again = of_scheme.filter(status=Status.IN_FORCE).exists()
    kind = Kind.AGAIN if again else Kind.FIRST
    require(REGRADE if again else GRADE, resource.organisation_id, acting)
    if again and not reason.strip():
        raise NotReady(_("Say how the system differs from its grade: everybody who agrees to the new one reads it."))
    outcome = grade(scheme, factors)
    grading = of_scheme.filter(status__in=UNENDED).first()
    if grading is not None and grading.status == Status.SUBMITTED:
        raise NotPossible(_("This grading is being confirmed. Withdraw it, or have it returned, and change it then."))
    if grading is None:
        last = of_scheme.aggregate(last=Max("number"))["last"] or 0
        grading = Grading(
            resource=resource, organisation_id=resource.organisation_id, scheme=scheme_code, number=last + 1
        )
    else:
        grading.version += 1
    _fill(grading, scheme, outcome, kind, reason, by)
    grading.save()
    return grading


def _fill(grading: Grading, scheme: Scheme, outcome: Outcome, kind: Grading.Kind, reason: str, by: User | None) -> None:
    grading.kind, grading.reason = kind, reason.strip()
    grading.factors, grading.result, grading.source = dict(outcome.factors), outcome.result, outcome.source
    grading.calculation = {**outcome.as_json(), "matrices_of": clock.today().isoformat()}
    grading.parties = list(scheme.confirmers_of(kind == Kind.AGAIN))
    grading.asked_by, grading.asked_by_name, grading.asked_at = by, by.name if by else "", clock.now()


def content(grading: Grading) -> dict[str, Any]:
    """What is decided on with a grading."""
    return {
        "resource": grading.resource_id,
        "scheme": grading.scheme,
        "number": grading.number,
        "kind": grading.kind,
        "factors": grading.factors,
        "calculation": grading.calculation,
        "result": grading.result,
        "reason": grading.reason,
        "parties": grading.parties,
    }


def hash_of(what: Mapping[str, Any]) -> str:
    """The SHA-256 of what is decided on."""
    text = json.dumps(what, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@transaction.atomic
def submit_grading(grading: Grading, *, by: User, key: str, words: str = "", scope: Scope | None = None) -> Case:
    """Let the parties confirm. The same key again gives the same case.

    Raises:
        NotPossible: it is not in hand, or the roles of `by` do not cover it.
        NotReady: the matrices have changed since it was prepared; or the parties are not as many different people.
        ApprovalError: the route refuses it.
    """
    grading = held(grading)
    again = grading.kind == Kind.AGAIN
    require(REGRADE if again else GRADE, grading.organisation_id, scope_for(by, scope))
    if grading.status == Status.SUBMITTED:
        case = approvals.case_of(SUBJECTS[Kind(grading.kind)], grading.pk)
        if case is not None and case.requested_by_id == by.pk:
            return case
    if grading.status not in IN_HAND:
        raise NotPossible(_("This grading cannot be submitted: it is %(status)s."), status=grading.get_status_display())
    scheme = scheme_on(grading.scheme)
    now = grade(scheme, grading.factors)
    if (now.result, now.as_json()["steps"]) != (grading.result, grading.calculation["steps"]):
        raise NotReady(
            _("A matrix has changed since this was calculated: it now gives %(result)s. Look at it and save it again."),
            result=scheme.result.levels[now.result],
        )
    route = route_of(scheme, grading.kind)
    require_different_people(scheme, route, grading, by)
    grading.confirmations.all().delete()
    grading.status = Status.SUBMITTED
    grading.save(update_fields=["status"])
    note("grading.submitted", by=by, organisation=grading.organisation, subject=grading)
    return approving.submit(
        SUBJECTS[Kind(grading.kind)],
        grading.pk,
        route=route,
        organisation=grading.organisation_id,
        by=by,
        key=key,
        words=words,
        facts={"scheme": grading.scheme, "result": grading.result, "kind": grading.kind, "source": grading.source},
        exceptions=1 if grading.source == "house" else 0,
    )


@transaction.atomic
def withdraw_grading(grading: Grading, *, by: User, key: str, scope: Scope | None = None) -> Grading:
    """Give a grading up before it is in force.

    Raises:
        NotPossible: it has ended, or the roles of `by` do not cover it.
        ApprovalError: it is somebody else's.
    """
    grading = held(grading)
    permission = REGRADE if grading.kind == Kind.AGAIN else GRADE
    require(permission, grading.organisation_id, scope_for(by, scope))
    if grading.status not in UNENDED:
        raise NotPossible(_("This grading cannot be given up: it is %(status)s."), status=grading.get_status_display())
    case = approvals.case_of(SUBJECTS[Kind(grading.kind)], grading.pk)
    if case is not None and case.state in (CaseState.OPEN, CaseState.RETURNED):
        approving.withdraw(case.pk, by=by, key=key, reason=str(_("given up")))
    grading.status = Status.WITHDRAWN
    Grading.objects.filter(pk=grading.pk).update(status=Status.WITHDRAWN)
    note("grading.withdrawn", by=by, organisation=grading.organisation, subject=grading)
    return grading


def held(grading: Grading) -> Grading:
    """The grading as it stands, held for this transaction."""
    rows = Grading.objects.select_for_update(of=("self",)).select_related("resource", "organisation")
    return rows.get(pk=grading.pk)

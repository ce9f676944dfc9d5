"""Following the case of a grading: each party's confirmation, and the grade in force when all have given theirs."""

from gangmu.duties.grading.catalogue import freeze
from gangmu.duties.grading.models import Confirmation, Grading
from gangmu.duties.grading.shipped import shipped
from gangmu.foundation.accounts.models import User
from gangmu.foundation.approvals.actions import Action, CaseState
from gangmu.foundation.approvals.models import Case
from gangmu.foundation.approvals.subjects import Moved
from gangmu.foundation.records.services import note
from gangmu.foundation.settings import clock

Status = Grading.Status
STATUSES = {
    CaseState.OPEN: Status.SUBMITTED,
    CaseState.RETURNED: Status.RETURNED,
    CaseState.WITHDRAWN: Status.OPEN,
    CaseState.APPROVED: Status.IN_FORCE,
}


def moved(case: Case, move: Moved) -> None:
    """Let a grading follow its case. What was confirmed before a return is asked anew."""
    rows = Grading.objects.select_for_update(of=("self",)).select_related("resource", "organisation")
    grading = rows.filter(pk=case.subject_id).first()
    status = STATUSES.get(CaseState(case.state))
    if grading is None or status is None or grading.status not in (Status.OPEN, Status.SUBMITTED, Status.RETURNED):
        return
    if move.action == Action.APPROVE and move.passed and move.from_node in grading.parties:
        _confirm(grading, move)
    if move.action in (Action.RETURN, Action.WITHDRAW, Action.SUBMIT):
        grading.confirmations.exclude(party__in=_passed(case)).delete()
    if status == Status.IN_FORCE:
        enforce(grading, User.objects.get(pk=move.by))
    elif grading.status != status:
        grading.status = status
        grading.save(update_fields=["status"])


def _passed(case: Case) -> list[str]:
    """The parties before the node at which the case now stands."""
    if case.step is None:
        return []
    return [step["node"] for step in case.path[: case.step]]


def _confirm(grading: Grading, move: Moved) -> None:
    by = User.objects.get(pk=move.by)
    Confirmation.objects.create(
        grading=grading,
        organisation_id=grading.organisation_id,
        party=move.from_node,
        user=by,
        user_name=move.by_name,
        contact_id=by.contact_id,
        confirmed_at=clock.now(),
    )


def enforce(grading: Grading, by: User) -> None:
    """The grade stands from today on; the one before it ends. One of the same day never stood."""
    today = clock.today()
    before = Grading.objects.filter(resource=grading.resource, scheme=grading.scheme, status=Status.IN_FORCE).first()
    if before is not None:
        Grading.objects.filter(pk=before.pk).update(status=Status.ENDED, valid=(before.valid.lower, today))
    grading.status, grading.valid, grading.confirmed_at = Status.IN_FORCE, (today, None), clock.now()
    grading.baseline, services = freeze(grading, shipped(grading.scheme), by)
    grading.catalogue = [one.as_json() for one in services]
    grading.save(update_fields=["status", "valid", "confirmed_at", "baseline", "catalogue"])
    note(
        "grading.in-force",
        by=by,
        organisation=grading.organisation,
        subject=grading,
        data={"scheme": grading.scheme, "result": grading.result, "source": grading.source},
    )

"""A system's way into operation 上线: no grade, no backups and monitoring handed over, no going live."""

from collections.abc import Mapping
from typing import IO

from django.db import transaction

from gangmu.duties.grading import access
from gangmu.duties.grading.access import GOLIVE, require, scope_for
from gangmu.duties.grading.errors import NotPossible, NotReady, _
from gangmu.duties.grading.models import GoLive, GoLiveFile, Grading
from gangmu.duties.grading.scheme import Words
from gangmu.duties.resources.models import Resource
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.accounts.models import User
from gangmu.foundation.approvals import queries as approvals
from gangmu.foundation.approvals import services as approving
from gangmu.foundation.approvals.actions import CaseState
from gangmu.foundation.approvals.models import Case
from gangmu.foundation.approvals.subjects import Moved
from gangmu.foundation.documents.services import add_document
from gangmu.foundation.records.services import note
from gangmu.foundation.settings import clock

KIND, ROUTE, SCHEME = "grading.golive", "go_live", "HS/T-42"
Status, Item = GoLive.Status, GoLiveFile.Item
IN_HAND = (Status.OPEN, Status.RETURNED)
STATUSES = {
    CaseState.OPEN: Status.SUBMITTED,
    CaseState.RETURNED: Status.RETURNED,
    CaseState.WITHDRAWN: Status.OPEN,
    CaseState.APPROVED: Status.LIVE,
}
WITH_FILES = (Item.POLICY, Item.SERVERS, Item.MONITORING)


def needs(result: str) -> list[GoLiveFile.Item]:
    """What a grade of HS/T 42 asks to be handed over.

    Backups and application monitoring are services from grade 4 up (table 1; chapter 5 has the business side give
    policy, servers and needs), and grades 1 and 2 need the business side around the clock (note 1 of table 1).
    """
    found = [Item.POLICY, Item.SERVERS, Item.MONITORING] if result in ("1", "2", "3", "4") else []
    return [*found, Item.SUPPORT] if result in ("1", "2") else found


def grade_in_force(resource: Resource) -> Grading | None:
    """The grade with which a system would go live."""
    return Grading.objects.filter(resource=resource, scheme=SCHEME, status=Grading.Status.IN_FORCE).first()


@transaction.atomic
def prepare_golive(resource: Resource, *, by: User, scope: Scope | None = None) -> GoLive:
    """Begin a system's way into operation; the one that is there already is given.

    Raises:
        NotPossible: the roles of `by` do not cover it there.
        NotReady: a supporting system, which goes live with the systems that it supports.
    """
    resource = access.held(resource)
    require(GOLIVE, resource.organisation_id, scope_for(by, scope))
    if resource.supporting:
        raise NotReady(_("A supporting system goes live with the systems that it supports."))
    found = GoLive.objects.filter(resource=resource).exclude(status=Status.WITHDRAWN).first()
    return found or GoLive.objects.create(
        resource=resource,
        organisation_id=resource.organisation_id,
        asked_by=by,
        asked_by_name=by.name,
        asked_at=clock.now(),
    )


@transaction.atomic
def save_golive(golive: GoLive, texts: Mapping[str, str], *, by: User, scope: Scope | None = None) -> GoLive:
    """Say what is handed over: item → text."""
    golive = _held(golive, by, scope)
    for item, text in texts.items():
        setattr(golive, Item(item).value, text.strip())
    golive.version += 1
    golive.save()
    return golive


@transaction.atomic
def hand_over(
    golive: GoLive, item: str, stream: IO[bytes], *, name: str, by: User, scope: Scope | None = None
) -> GoLiveFile:
    """Hand a file over.

    Raises:
        DocumentRefused: the file is not taken; says why. NotPossible.
    """
    golive = _held(golive, by, scope)
    document = add_document(stream, name=name, by=by, organisation=golive.organisation)
    golive.version += 1
    golive.save(update_fields=["version"])
    return GoLiveFile.objects.create(
        golive=golive, organisation_id=golive.organisation_id, item=Item(item), document=document
    )


@transaction.atomic
def take_back_file(file: GoLiveFile, *, by: User, scope: Scope | None = None) -> None:
    """Take a file out again; the document itself stays where it is kept."""
    golive = _held(file.golive, by, scope)
    file.delete()
    golive.version += 1
    golive.save(update_fields=["version"])


def missing(golive: GoLive, grading: Grading | None) -> list[Words]:
    """What still lacks, in words; empty: the gate is open."""
    if grading is None:
        return [Words("已确认的运维服务保障等级", "a confirmed service assurance grade")]
    files = set(golive.files.values_list("item", flat=True)) if golive.pk else set()
    found = []
    for item in needs(grading.result):
        said = NAMES[item]
        if not getattr(golive, item.value).strip():
            found.append(Words(f"{said.zh}的说明", f"what is handed over as {said.en}"))
        if item in WITH_FILES and item.value not in files:
            found.append(Words(f"{said.zh}的文件", f"a file of the {said.en}"))
    return found


NAMES = {
    Item.POLICY: Words("备份策略", "backup policy"),
    Item.SERVERS: Words("备份服务器", "backup servers"),
    Item.MONITORING: Words("监控需求", "monitoring needs"),
    Item.SUPPORT: Words("业务方 7×24 小时支持", "round-the-clock support by the business side"),
}


@transaction.atomic
def submit_golive(golive: GoLive, *, by: User, key: str, scope: Scope | None = None) -> Case:
    """Ask business side, sponsor and operation to let a system go live.

    Raises:
        NotReady: something that its grade asks for lacks; names all of it. NotPossible, ApprovalError.
    """
    golive = _held(golive, by, scope)
    grading = grade_in_force(golive.resource)
    lacking = missing(golive, grading)
    if lacking:
        raise NotReady(_("Not yet: %(missing)s."), missing="; ".join(map(str, lacking)))
    golive.grading, golive.status = grading, Status.SUBMITTED
    golive.save(update_fields=["grading", "status"])
    note("grading.golive-submitted", by=by, organisation=golive.organisation, subject=golive)
    return approving.submit(KIND, golive.pk, route=ROUTE, organisation=golive.organisation_id, by=by, key=key)


@transaction.atomic
def withdraw_golive(golive: GoLive, *, by: User, key: str, scope: Scope | None = None) -> None:
    """Give a system's way into operation up.

    Raises:
        NotPossible: it is live already, or the roles of `by` do not cover it. ApprovalError.
    """
    require(GOLIVE, golive.organisation_id, scope_for(by, scope))
    golive = GoLive.objects.select_for_update(of=("self",)).get(pk=golive.pk)
    if golive.status in (Status.LIVE, Status.WITHDRAWN):
        raise NotPossible(_("This cannot be given up: it is %(status)s."), status=golive.get_status_display())
    case = approvals.case_of(KIND, golive.pk)
    if case is not None and case.state in (CaseState.OPEN, CaseState.RETURNED):
        approving.withdraw(case.pk, by=by, key=key)
    GoLive.objects.filter(pk=golive.pk).update(status=Status.WITHDRAWN)


def moved(case: Case, move: Moved) -> None:
    """Let it follow its case; at the end of the route the system is live."""
    golive = GoLive.objects.select_for_update(of=("self",)).filter(pk=case.subject_id).first()
    status = STATUSES.get(CaseState(case.state))
    if golive is None or status is None or golive.status in (status, Status.LIVE, Status.WITHDRAWN):
        return
    golive.status = status
    if status == Status.LIVE:
        golive.live_on = clock.today()
        note("grading.live", organisation=golive.organisation, subject=golive)
    golive.save(update_fields=["status", "live_on"])


def refuses(case: Case, by: User) -> str:
    """Why a system does not go live although its route would let it: its grade has changed since."""
    golive = GoLive.objects.filter(pk=case.subject_id).select_related("resource").first()
    now = grade_in_force(golive.resource) if golive is not None else None
    if golive is None or now is None or now.pk == golive.grading_id:
        return ""
    return str(NotReady(_("The grade has changed since this was submitted. Return it, so that it is looked at again.")))


def _held(golive: GoLive, by: User, scope: Scope | None) -> GoLive:
    rows = GoLive.objects.select_for_update(of=("self",)).select_related("resource", "organisation")
    golive = rows.get(pk=golive.pk)
    require(GOLIVE, golive.organisation_id, scope_for(by, scope))
    if golive.status not in IN_HAND:
        raise NotPossible(_("This cannot be changed: it is %(status)s."), status=golive.get_status_display())
    return golive

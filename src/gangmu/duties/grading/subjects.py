"""What of this room goes through approval: gradings, re-gradings, and systems that go live."""

from collections.abc import Collection, Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy, gettext_noop

from gangmu.duties.grading import access, parties
from gangmu.duties.grading.errors import worded
from gangmu.duties.grading.models import GoLive, Grading
from gangmu.duties.grading.scheme import Scheme
from gangmu.duties.grading.services import confirming, golive
from gangmu.duties.grading.services.preparing import SUBJECTS, content, hash_of
from gangmu.duties.grading.shipped import shipped
from gangmu.foundation.approvals.subjects import ExceptionLine, Subject, SubjectKind, register
from gangmu.foundation.records.kinds import register_kind

_ = gettext_lazy


def load_gradings(ids: Collection[int]) -> Mapping[int, Subject]:
    """Gradings as their parties read them."""
    rows = Grading.objects.filter(pk__in=list(ids)).select_related("resource")
    return {row.pk: _grading(row, shipped(row.scheme)) for row in rows}


def _grading(row: Grading, scheme: Scheme) -> Subject:
    result = scheme.result.levels[row.result]
    facts = [
        (str(scheme.scale(code).title), str(scheme.scale(code).levels[level])) for code, level in row.factors.items()
    ]
    facts.append((str(scheme.result.title), str(result)))
    if row.reason:
        facts.append((str(_("Reason")), row.reason))
    exceptions = ()
    if row.source == "house":
        exceptions = (ExceptionLine("warning", str(_("Rests on a house rule, not on the standard's own text."))),)
    return Subject(
        row.pk,
        f"{row.resource.name} · {scheme.result.title} {result}",
        reverse("grading:grading", args=[row.pk]),
        row.organisation_id,
        tuple(facts),
        exceptions,
    )


def grading_hashes(ids: Collection[int]) -> dict[int, str]:
    """The hashes of what is decided on with gradings."""
    return {row.pk: hash_of(content(row)) for row in Grading.objects.filter(pk__in=list(ids))}


def grading_hash(grading_id: int) -> str:
    """The hash of one grading.

    Raises:
        Grading.DoesNotExist: there is none in the asker's scope.
    """
    return hash_of(content(Grading.objects.get(pk=grading_id)))


def load_golives(ids: Collection[int]) -> Mapping[int, Subject]:
    """Systems that go live, as business side, sponsor and operation read them."""
    rows = GoLive.objects.filter(pk__in=list(ids)).select_related("resource", "grading")
    return {row.pk: _golive(row) for row in rows}


def _golive(row: GoLive) -> Subject:
    facts = [(str(golive.NAMES[item]), getattr(row, item.value)) for item in golive.NAMES if getattr(row, item.value)]
    if row.grading is not None:
        scheme = shipped(row.grading.scheme)
        facts.insert(0, (str(scheme.result.title), str(scheme.result.levels[row.grading.result])))
    title = f"{row.resource.name} · {worded('Going live')}"
    return Subject(row.pk, title, reverse("grading:golive", args=[row.resource_id]), row.organisation_id, tuple(facts))


def golive_content(row: GoLive) -> dict[str, Any]:
    """What is decided on when a system goes live."""
    files = row.files.order_by("item", "document__sha256").values_list("item", "document__sha256")
    texts = {item.value: getattr(row, item.value) for item in golive.NAMES}
    return {"resource": row.resource_id, "grading": row.grading_id, **texts, "files": [list(one) for one in files]}


def golive_hash(golive_id: int) -> str:
    """The hash of one. Raises GoLive.DoesNotExist."""
    return hash_of(golive_content(GoLive.objects.get(pk=golive_id)))


def _kind(code: str, label: Any, ask: str) -> SubjectKind:
    return SubjectKind(
        code=code,
        label=label,
        decide_permission=access.CONFIRM,
        ask_permission=ask,
        load=load_gradings,
        content_hash=grading_hash,
        content_hashes=grading_hashes,
        moved=confirming.moved,
        refuses=parties.refuses,
    )


FIRST = _kind(SUBJECTS[Grading.Kind.FIRST], _("grading"), access.GRADE)
AGAIN = _kind(SUBJECTS[Grading.Kind.AGAIN], _("re-grading"), access.REGRADE)
GOLIVE = SubjectKind(
    code=golive.KIND,
    label=_("going live"),
    decide_permission=access.CONFIRM,
    ask_permission=access.GOLIVE,
    load=load_golives,
    content_hash=golive_hash,
    moved=golive.moved,
    refuses=golive.refuses,
)
RECORDED = {
    "grading.submitted": gettext_noop("Grading submitted"),
    "grading.withdrawn": gettext_noop("Grading withdrawn"),
    "grading.in-force": gettext_noop("Grade in force"),
    "grading.matrix-changed": gettext_noop("Matrix of grading changed"),
    "grading.golive-submitted": gettext_noop("Going live submitted"),
    "grading.live": gettext_noop("System live"),
    "grading.certificate-made": gettext_noop("Grade certificate made"),
}


def register_kinds() -> None:
    """Make them known to approvals, and name what is recorded of them."""
    for kind in (FIRST, AGAIN, GOLIVE):
        register(kind)
    for kind, title in RECORDED.items():
        register_kind(kind, title)

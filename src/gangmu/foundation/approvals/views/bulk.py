"""Approving many at once: what is unusual first and one by one, the clean rest under one tick."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from gangmu.foundation.accounts.queries import signed_in
from gangmu.foundation.approvals import queries, services, subjects
from gangmu.foundation.approvals.actions import PlaceKind
from gangmu.foundation.approvals.errors import ApprovalError, ContentChanged
from gangmu.foundation.approvals.models import Case, Place
from gangmu.foundation.approvals.panels import acknowledges
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.ui.once import submit_once

AT_ONCE = 400  # cases on one page; what follows comes after these are decided
SEEN = 16  # characters of the hash that a box carries: 300 whole ones would cost a slow line seconds
TOLD = 50  # refused cases that the result names
RESULT = "approvals.bulk"


@dataclass(frozen=True)
class Row:
    """One case that waits for the reader's approval."""

    case: Case
    place: Place
    subject: subjects.Subject | None
    organisation: str
    hash: str

    @property
    def box(self) -> str:
        """What its box sends: the case, and what was on the screen."""
        return f"{self.case.pk}:{self.hash[:SEEN]}"

    @property
    def title(self) -> str:
        return self.subject.title if self.subject else str(subjects.kind_of(self.case.kind).label)

    @property
    def url(self) -> str:
        """Where all of it can be seen, and decided by itself."""
        return (self.subject.url if self.subject else "") or reverse("approvals:case", args=[self.case.pk])

    @property
    def where(self) -> str:
        """The organisation, where the title does not say it already."""
        return "" if self.organisation in self.title else self.organisation

    @property
    def exceptions(self) -> list[subjects.ExceptionLine]:
        """What deserves a look: the subject's own, what is no longer as submitted, what came back once."""
        found: list[subjects.ExceptionLine] = []
        if self.case.content_hash != self.hash:
            found.append(subjects.ExceptionLine("changed", _("Changed after it was submitted: look at it again.")))
        if self.case.round > 1:
            text = ngettext(
                "Submitted again after %(n)d return.", "Submitted again after %(n)d returns.", self.case.round - 1
            )
            found.append(subjects.ExceptionLine("changed", text % {"n": self.case.round - 1}, self.case.words))
        return [*found, *(self.subject.exceptions if self.subject else ())]


@require_http_methods(["GET", "POST"])
def bulk(request: HttpRequest) -> HttpResponse:
    """All that waits for the asker's approval, the unusual on top; POST approves what is ticked."""
    return _approve(request) if request.method == "POST" else _show(request)


def _show(request: HttpRequest) -> HttpResponse:
    waiting = _waiting(request)
    rows = _rows(waiting[:AT_ONCE])
    unusual = [row for row in rows if row.exceptions]
    context = {
        "tab": "bulk",
        "unusual": unusual,
        "clean": [row for row in rows if not row.exceptions],
        "total": len(rows),
        "later": len(waiting) - len(rows),
        "result": request.session.pop(RESULT, None),
    }
    return render(request, "approvals/bulk.html", context)


def _waiting(request: HttpRequest) -> list[tuple[Case, Place]]:
    found: dict[int, tuple[Case, Place]] = {}
    for case, place in queries.waiting_for(signed_in(request)):
        if place.kind != PlaceKind.CONSULT and not acknowledges(case, place):
            found.setdefault(case.pk, (case, place))
    return list(found.values())


def _rows(waiting: Collection[tuple[Case, Place]]) -> list[Row]:
    cases = [case for case, _place in waiting]
    loaded, hashes = subjects.load(cases), _hashes(cases)
    places = Organisation.objects.in_bulk([case.organisation_id for case in cases])
    return [
        Row(
            case,
            place,
            loaded.get(case.pk),
            places[case.organisation_id].name if case.organisation_id in places else "",
            hashes.get(case.pk, ""),
        )
        for case, place in waiting
    ]


def _hashes(cases: Collection[Case]) -> dict[int, str]:
    """What each case's subject is now, one question a kind."""
    found: dict[int, str] = {}
    for kind in subjects.kinds():
        mine = [case for case in cases if case.kind == kind.code]
        hashes = kind.hashes({case.subject_id for case in mine}) if mine else {}
        found |= {case.pk: hashes[case.subject_id] for case in mine if case.subject_id in hashes}
    return found


@submit_once
def _approve(request: HttpRequest) -> HttpResponse:
    seen = dict(_box(text) for text in request.POST.getlist("case")[: 2 * AT_ONCE] if ":" in text)
    cases = {case.pk: case for case in Case.objects.filter(pk__in=seen)}
    hashes = _hashes(list(cases.values()))
    # A box carries the beginning of the hash. Where it still fits, the whole one is what was seen; the engine
    # compares it again under its lock. Where it does not, what was seen is gone.
    chosen = [(pk, hashes[pk] if hashes.get(pk, "")[:SEEN] == seen[pk] else seen[pk]) for pk in seen if pk in cases]
    outcomes = services.approve_many(
        chosen, by=signed_in(request), key=request.POST["_key"], words=request.POST.get("words", "").strip()[:2000]
    )
    refused = [one for one in outcomes if one.error is not None]
    titles = subjects.load([cases[one.case_id] for one in refused[:TOLD]])
    request.session[RESULT] = {
        "approved": len(outcomes) - len(refused),
        "refused": len(refused),
        "changed": sum(isinstance(one.error, ContentChanged) for one in refused),
        "lines": [_line(one.case_id, one.error, titles) for one in refused[:TOLD]],
        "asked": len(seen),
    }
    return redirect("approvals:bulk")


def _box(text: str) -> tuple[int, str]:
    pk, _colon, seen = text.partition(":")
    return (int(pk) if pk.isascii() and pk.isdigit() and len(pk) < 18 else 0), seen[:SEEN] or "-"


def _line(case: int, error: ApprovalError | None, titles: dict[int, subjects.Subject]) -> dict[str, Any]:
    return {"case": case, "title": titles[case].title if case in titles else f"{case}", "text": str(error)}

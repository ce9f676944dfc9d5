"""What waits for somebody in approvals: to approve, to acknowledge, to answer, and what came back."""

from collections.abc import Callable, Collection, Sequence

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from gangmu.foundation.accounts.queries import signed_in
from gangmu.foundation.approvals import queries, subjects
from gangmu.foundation.approvals.actions import Action, CaseState, PlaceKind
from gangmu.foundation.approvals.models import Case, Decision, Place
from gangmu.foundation.approvals.panels import acknowledges
from gangmu.foundation.inbox.sources import Entry, Source, register
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings import clock

Waiting = list[tuple[Case, Place]]
KEPT = "_waiting_cases"


def waiting(request: HttpRequest) -> Waiting:
    """Every place at which something waits for the asker; asked of the database once a request."""
    if not hasattr(request, KEPT):
        setattr(request, KEPT, queries.waiting_for(signed_in(request)))
    return getattr(request, KEPT)


def is_question(case: Case, place: Place) -> bool:
    return place.kind == PlaceKind.CONSULT


def is_receipt(case: Case, place: Place) -> bool:
    return place.kind != PlaceKind.CONSULT and acknowledges(case, place)


def is_decision(case: Case, place: Place) -> bool:
    return place.kind != PlaceKind.CONSULT and not acknowledges(case, place)


def returned(request: HttpRequest) -> list[Case]:
    """What the asker submitted and got back."""
    return list(Case.objects.filter(state=CaseState.RETURNED, requested_by=signed_in(request)).order_by("since"))


def entries_where(fits: Callable[[Case, Place], bool]) -> Callable[[HttpRequest], Sequence[Entry]]:
    """The entries of one kind of place."""

    def entries(request: HttpRequest) -> list[Entry]:
        mine = [(case, place) for case, place in waiting(request) if fits(case, place)]
        about = About([case for case, _place in mine])
        return [about.place(case, place) for case, place in mine]

    return entries


def count_where(fits: Callable[[Case, Place], bool]) -> Callable[[HttpRequest], int]:
    """How many those are."""
    return lambda request: sum(fits(case, place) for case, place in waiting(request))


def returned_entries(request: HttpRequest) -> list[Entry]:
    """What came back to the asker, with the reason."""
    mine = returned(request)
    about = About(mine)
    return [about.returned(case) for case in mine]


def reasons_of_return(cases: Collection[int]) -> dict[int, tuple[str, str]]:
    """Why each case came back last, and who sent it."""
    if not cases:
        return {}
    returns = Decision.objects.filter(case_id__in=cases, action=Action.RETURN)
    latest = returns.order_by("case_id", "-number").distinct("case_id")
    return {one.case_id: (one.reason, one.decided_by_name) for one in latest}


class About:
    """What entries say of some cases, asked for all of them at once."""

    def __init__(self, cases: Sequence[Case]) -> None:
        self.subjects = subjects.load(cases)
        self.organisations = Organisation.objects.in_bulk({case.organisation_id for case in cases})
        self.now = clock.now()
        self.reasons = reasons_of_return([case.pk for case in cases if case.state == CaseState.RETURNED])

    def title(self, case: Case) -> str:
        found = self.subjects.get(case.pk)
        return found.title if found else str(subjects.kind_of(case.kind).label)

    def url(self, case: Case) -> str:
        """Where it is decided: the subject's own page, which has the panel of approvals."""
        found = self.subjects.get(case.pk)
        return (found.url if found else "") or reverse("approvals:case", args=[case.pk])

    def organisation(self, case: Case) -> str:
        found = self.organisations.get(case.organisation_id)
        return found.name if found else ""

    def place(self, case: Case, place: Place) -> Entry:
        question = place.kind == PlaceKind.CONSULT
        return Entry(
            title=self.title(case),
            url=self.url(case),
            organisation=self.organisation(case),
            since=place.opened_at or case.since,
            due=place.due_at,
            late=bool(place.due_at and place.due_at < self.now),
            kind=subjects.kind_of(case.kind).label,
            note=place.question if question else self.exceptions(case),
            tone="info" if question else "warning" if self.exceptions(case) else "",
            by=place.asked_by_name or case.requested_by_name,
        )

    def exceptions(self, case: Case) -> str:
        """Why it deserves a look; empty for most."""
        found = self.subjects.get(case.pk)
        number = len(found.exceptions) if found else 0
        if not number:
            return ""
        return ngettext("%(n)d thing to look at", "%(n)d things to look at", number) % {"n": number}

    def returned(self, case: Case) -> Entry:
        reason, by = self.reasons.get(case.pk, ("", ""))
        return Entry(
            title=self.title(case),
            url=self.url(case),
            organisation=self.organisation(case),
            since=case.since,
            kind=subjects.kind_of(case.kind).label,
            note=__("Reason: %(reason)s") % {"reason": reason} if reason else "",
            tone="danger",
            by=by,
        )


def register_cases() -> None:
    """The groups of approvals in the inbox."""
    decide, answer, receive = is_decision, is_question, is_receipt
    many = (_("Approve many"), "approvals:bulk")
    groups = [
        Source(
            "returned", _("Returned to me"), "arrow-back-up", 10, returned_entries, lambda asked: len(returned(asked))
        ),
        Source("approve", _("To approve"), "clipboard-check", 20, entries_where(decide), count_where(decide), many),
        Source("answer", _("Questions to me"), "message-question", 30, entries_where(answer), count_where(answer)),
        Source("acknowledge", _("To acknowledge"), "checkbox", 40, entries_where(receive), count_where(receive)),
    ]
    for group in groups:
        register(group)

"""Handing over, adding people, asking for advice, and helping a case that nobody holds."""

from typing import Literal

from django.utils.translation import gettext as _

from gangmu.foundation.accounts.models import User
from gangmu.foundation.approvals.actions import Action, PlaceKind
from gangmu.foundation.approvals.engine import Act
from gangmu.foundation.approvals.errors import NotFound
from gangmu.foundation.approvals.models import Decision, Place
from gangmu.foundation.approvals.services.performing import perform_one


def delegate(case_id: int, *, by: User, to: int, key: str, reason: str, place: int | None = None) -> Decision:
    """Hand one's place over 转办: the other decides instead.

    Raises:
        NotAllowed: the place is not theirs, or the other may not decide here (as a requester never may).
        NeedsReason, AlreadyDecided, CaseClosed.
    """
    deed = Act(Action.DELEGATE, by.pk, place, who=to, reason=reason)
    return perform_one(case_id, deed, by=by, key=key)


def add_approver(
    case_id: int,
    *,
    by: User,
    who: int,
    when: Literal["before", "after"] = "before",
    key: str,
    reason: str,
    place: int | None = None,
) -> Decision:
    """Have somebody decide too 加签, before or after oneself. Refused as `delegate` is."""
    deed = Act(Action.ADD, by.pk, place, who=who, when=when, reason=reason)
    return perform_one(case_id, deed, by=by, key=key)


def countersign(case_id: int, *, by: User, who: int, key: str, words: str = "", place: int | None = None) -> Decision:
    """Have somebody decide at the same time 会签: the node passes when both have. Refused as `delegate` is."""
    return perform_one(case_id, Act(Action.COUNTERSIGN, by.pk, place, who=who, words=words), by=by, key=key)


def consult(case_id: int, *, by: User, who: int, question: str, key: str, place: int | None = None) -> Decision:
    """Ask somebody 征询; the answer decides nothing, and nothing waits for it.

    Raises:
        NeedsReason: no question was written; otherwise as `delegate`.
    """
    return perform_one(case_id, Act(Action.CONSULT, by.pk, place, who=who, words=question), by=by, key=key)


def answer(place_id: int, *, by: User, words: str, key: str) -> Decision:
    """Answer a question that one was asked; `place_id` is the id of the consultation's `Place`.

    Raises:
        NotFound: there is no such question in their scope.
        NotAllowed: it was asked of somebody else.
        AlreadyDecided: it was answered, or its node has passed.
    """
    place = Place.objects.filter(pk=place_id, kind=PlaceKind.CONSULT).first()
    if place is None:
        raise NotFound(_("There is no such question, or it is not in your scope."))
    return perform_one(place.case_id, Act(Action.ANSWER, by.pk, place.number, words=words), by=by, key=key)


def reassign(case_id: int, *, by: User, to: int, key: str, reason: str, place: int | None = None) -> Decision:
    """Let somebody decide at a place too, above all where nobody can any more; for `approvals:configure`.

    Raises:
        NotAllowed: `by` may not, `to` may not decide here, or they are the same.
        NeedsReason, AlreadyDecided, CaseClosed.
    """
    return perform_one(case_id, Act(Action.REASSIGN, by.pk, place, who=to, reason=reason), by=by, key=key)

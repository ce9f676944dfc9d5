"""Approving, acknowledging and returning, one by one and many at once."""

from collections.abc import Iterable

from gangmu.foundation.accounts.models import User
from gangmu.foundation.approvals.actions import Action
from gangmu.foundation.approvals.engine import Act
from gangmu.foundation.approvals.engine.acting import REQUESTER
from gangmu.foundation.approvals.models import Decision
from gangmu.foundation.approvals.services.performing import Outcome, perform, perform_one


def approve(case_id: int, *, by: User, seen: str, key: str, words: str = "", place: int | None = None) -> Decision:
    """Record that `by` approves what they saw, and move the case on.

    Raises:
        NotAllowed: they hold no open place, asked for it themselves, or lack a permission.
        ContentChanged: the subject is no longer what was seen, or what was submitted.
        AlreadyDecided: somebody was faster.
        CaseClosed: it has ended, or is with its requester.
    """
    return perform_one(case_id, Act(Action.APPROVE, by.pk, place, seen, words=words), by=by, key=key)


def acknowledge(case_id: int, *, by: User, seen: str, key: str, words: str = "", place: int | None = None) -> Decision:
    """Record that `by` has received 签收 what was issued. Refused as `approve` is."""
    return perform_one(case_id, Act(Action.ACKNOWLEDGE, by.pk, place, seen, words=words), by=by, key=key)


def return_(
    case_id: int,
    *,
    by: User,
    seen: str,
    key: str,
    reason: str,
    to: str | int = REQUESTER,
    place: int | None = None,
) -> Decision:
    """Send the case back to whoever submitted it, or to an earlier node (its place in the path), and say why.

    Raises:
        NeedsReason: no reason was given; otherwise as `approve`.
    """
    return perform_one(case_id, Act(Action.RETURN, by.pk, place, seen, to=to, reason=reason), by=by, key=key)


def approve_many(
    cases: Iterable[tuple[int, str] | tuple[int, str, int | None]], *, by: User, key: str, words: str = ""
) -> list[Outcome]:
    """Approve many cases at once, each (id, seen) or (id, seen, place); one that is refused keeps no other."""
    deeds: dict[int, Act] = {}
    for case_id, seen, *place in cases:
        deeds[case_id] = Act(Action.APPROVE, by.pk, place[0] if place else None, seen, words=words)
    return perform(list(deeds.items()), by=by, key=key)


__all__ = ["REQUESTER", "Outcome", "acknowledge", "approve", "approve_many", "return_"]

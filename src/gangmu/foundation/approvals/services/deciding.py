"""Approving, acknowledging and returning, one by one and many at once."""

from collections.abc import Iterable
from dataclasses import dataclass

from gangmu.foundation.accounts.models import User
from gangmu.foundation.approvals.errors import ApprovalError
from gangmu.foundation.approvals.models import Decision

REQUESTER = "requester"


@dataclass(frozen=True)
class Outcome:
    """What became of one case of many: the decision, or why there is none."""

    case_id: int
    decision: Decision | None
    error: ApprovalError | None


def approve(case_id: int, *, by: User, seen: str, key: str, words: str = "", place: int | None = None) -> Decision:
    """Record that `by` approves what they saw, and move the case on."""
    raise NotImplementedError


def acknowledge(case_id: int, *, by: User, seen: str, key: str, words: str = "", place: int | None = None) -> Decision:
    """Record that `by` has received what was issued."""
    raise NotImplementedError


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
    """Send the case back to whoever submitted it, or to an earlier node (its place in the path), and say why."""
    raise NotImplementedError


def approve_many(cases: Iterable[tuple[int, str]], *, by: User, key: str, words: str = "") -> list[Outcome]:
    """Approve many cases at once, each (id, seen); one that is refused does not keep the others."""
    raise NotImplementedError

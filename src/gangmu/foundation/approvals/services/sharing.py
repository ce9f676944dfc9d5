"""Handing over, adding people, asking for advice, and helping a case that nobody holds."""

from typing import Literal

from gangmu.foundation.accounts.models import User
from gangmu.foundation.approvals.models import Decision


def delegate(case_id: int, *, by: User, to: int, key: str, reason: str, place: int | None = None) -> Decision:
    """Hand one's place over 转办."""
    raise NotImplementedError


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
    """Have somebody decide too 加签, before or after oneself."""
    raise NotImplementedError


def countersign(case_id: int, *, by: User, who: int, key: str, words: str = "", place: int | None = None) -> Decision:
    """Have somebody decide at the same time 会签: the node passes when both have."""
    raise NotImplementedError


def consult(case_id: int, *, by: User, who: int, question: str, key: str, place: int | None = None) -> Decision:
    """Ask somebody 征询; the answer decides nothing, and nothing waits for it."""
    raise NotImplementedError


def answer(place_id: int, *, by: User, words: str, key: str) -> Decision:
    """Answer a question that one was asked."""
    raise NotImplementedError


def reassign(case_id: int, *, by: User, to: int, key: str, reason: str, place: int | None = None) -> Decision:
    """Give a place that nobody can fill to somebody; for administrators of approvals."""
    raise NotImplementedError

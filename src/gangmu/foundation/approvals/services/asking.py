"""Submitting upward, issuing downward, and taking back."""

from collections.abc import Mapping
from typing import Any

from gangmu.foundation.accounts.models import User
from gangmu.foundation.approvals.models import Case


def submit(
    kind: str,
    subject_id: int,
    *,
    route: str,
    organisation: int,
    by: User,
    key: str,
    words: str = "",
    facts: Mapping[str, Any] | None = None,
    exceptions: int = 0,
) -> Case:
    """Put a subject on its way; after a return, on its way again (same case, next round)."""
    raise NotImplementedError


def issue(kind: str, receivers: Mapping[int, int], *, route: str, by: User, key: str, words: str = "") -> list[Case]:
    """Issue downward 下达: `receivers` are subject id → receiving organisation's id; one case each."""
    raise NotImplementedError


def withdraw(case_id: int, *, by: User, key: str, reason: str = "") -> Case:
    """Take back what one has submitted and nobody has ended."""
    raise NotImplementedError

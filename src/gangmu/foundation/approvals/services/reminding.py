"""Reminding 催办, of one case and of all that are late."""

from collections.abc import Collection
from dataclasses import dataclass

from gangmu.foundation.accounts.models import User


@dataclass(frozen=True)
class Reminded:
    """How many people were reminded of how many cases, and how many were left in peace for another while."""

    people: int
    cases: int
    too_soon: int


def remind(case_id: int, *, by: User, key: str, words: str = "") -> list[str]:
    """Remind everybody who holds the case; their names."""
    raise NotImplementedError


def remind_late(*, by: User, key: str, organisations: Collection[int] | None = None, words: str = "") -> Reminded:
    """Remind everybody who holds a case that is late, of the asker's organisations or of those given."""
    raise NotImplementedError

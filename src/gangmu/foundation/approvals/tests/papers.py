"""A kind of subject for tests: papers in memory, whose text is what is decided on."""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.utils.translation import get_language

from gangmu.foundation.accounts.models import User
from gangmu.foundation.approvals import subjects
from gangmu.foundation.approvals.models import Case
from gangmu.foundation.approvals.subjects import Moved, Subject, SubjectKind

KIND = "test.paper"


@dataclass
class Papers:
    """Papers by id: whose they are, and their texts. `moves` is what their cases told them."""

    organisations: dict[int, int] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)
    moves: list[tuple[str, Moved]] = field(default_factory=list)
    refusals: dict[int, str] = field(default_factory=dict)

    def add(self, number: int, organisation: int, text: str = "first") -> int:
        self.organisations[number], self.texts[number] = organisation, text
        return number

    def hash_of(self, number: int) -> str:
        return hashlib.sha256(self.texts[number].encode()).hexdigest()


_papers = Papers()


def _paper() -> str:
    return "纸" if (get_language() or "").startswith("zh") else "Paper"


def _load(numbers: Collection[int]) -> Mapping[int, Subject]:
    return {
        number: Subject(
            number, f"{_paper()} {number}", "/", _papers.organisations[number], (("text", _papers.texts[number]),)
        )
        for number in numbers
        if number in _papers.texts
    }


def _moved(case: Case, moved: Moved) -> None:
    _papers.moves.append((case.state, moved))


def _refuses(case: Case, by: User) -> str:
    return _papers.refusals.get(case.subject_id, "")


def _hash(number: int) -> str:
    return _papers.hash_of(number)


subjects.register(
    SubjectKind(
        code=KIND,
        label="Paper",
        decide_permission="figures:approve",
        ask_permission="figures:file",
        load=_load,
        content_hash=_hash,
        moved=_moved,
        refuses=_refuses,
    )
)


@contextmanager
def fresh_papers() -> Iterator[Papers]:
    """No papers at the beginning of a test."""
    global _papers
    _papers = Papers()
    yield _papers
    _papers = Papers()

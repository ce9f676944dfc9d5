"""What can be approved. The wings register their kinds; this room knows nothing of sheets or plans."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from gangmu.foundation.accounts.models import User
from gangmu.foundation.approvals.actions import Action
from gangmu.foundation.approvals.models import Case

Text = str | Promise


@dataclass(frozen=True)
class ExceptionLine:
    """Something about a subject that deserves a look before it is approved.

    Args:
        kind: what it is: `changed` since last seen, `warning` of a rule, `history` outside its own past, ….
        text: what was found.
        words: what the clerk says to it.
    """

    kind: str
    text: str
    words: str = ""


@dataclass(frozen=True)
class Subject:
    """One subject as its reader sees it, in the reader's language. `facts` are labels and values."""

    id: int
    title: str
    url: str
    organisation_id: int
    facts: tuple[tuple[str, str], ...] = ()
    exceptions: tuple[ExceptionLine, ...] = ()


@dataclass(frozen=True)
class Moved:
    """What just happened to a case, for the subject to follow.

    Args:
        action: what was done.
        from_node, to_node: codes of the nodes at which the case stood and stands; empty: with the requester, or ended.
        by: the id of whoever did it, `by_name` their name.
        reason: why; of returns never empty.
        stage: the word that the last node passed grants; empty: none has passed.
        passed: whether a node was passed by it (an approval of one of several does not).
    """

    action: Action
    from_node: str
    to_node: str
    by: int
    by_name: str
    reason: str
    stage: str
    passed: bool


@dataclass(frozen=True)
class SubjectKind:
    """A kind of subject and what the room needs to ask of it.

    Args:
        code: `room.thing`.
        label: its name, translated lazily.
        decide_permission: what somebody's roles over the subject's organisation must grant before they may decide.
        ask_permission: the same, before they may submit or issue.
        load: subjects by id for the present reader, as many at once as asked; those they may not see are left out.
        content_hash: the SHA-256 of what is decided on, as it stands in the present transaction.
        moved: called inside the transaction after every change of a case.
        content_hashes: the same as `content_hash` for many at once.
        moved_many: the same as `moved` for many at once.
        refuses: why the subject does not take a decision of somebody whom its route asks; empty: it does. Asked before
            approving and acknowledging.
    """

    code: str
    label: Text
    decide_permission: str
    ask_permission: str
    load: Callable[[Collection[int]], Mapping[int, Subject]]
    content_hash: Callable[[int], str]
    moved: Callable[[Case, Moved], Any]
    content_hashes: Callable[[Collection[int]], Mapping[int, str]] | None = None
    moved_many: Callable[[Sequence[tuple[Case, Moved]]], Any] | None = None
    refuses: Callable[[Case, User], str] | None = None

    def hashes(self, subjects: Collection[int]) -> Mapping[int, str]:
        """The hash of each subject."""
        if self.content_hashes is not None:
            return self.content_hashes(subjects)
        return {one: self.content_hash(one) for one in subjects}

    def tell(self, moves: Sequence[tuple[Case, Moved]]) -> None:
        """Let the subjects follow their cases."""
        if self.moved_many is not None:
            self.moved_many(moves)
            return
        for case, moved in moves:
            self.moved(case, moved)


_kinds: dict[str, SubjectKind] = {}


def register(kind: SubjectKind) -> None:
    """Make a kind known; a room calls it when it starts.

    Raises:
        ValueError: another kind has this code.
    """
    if _kinds.setdefault(kind.code, kind) != kind:
        raise ValueError(f"subject kind {kind.code!r} is registered twice")


def kind_of(code: str) -> SubjectKind:
    """The kind registered as `code`.

    Raises:
        KeyError: nobody registered it.
    """
    return _kinds[code]


def kinds() -> list[SubjectKind]:
    """All kinds, in the order of registration."""
    return list(_kinds.values())


def load(cases: Collection[Case]) -> dict[int, Subject]:
    """The subjects of cases by the case's id, one question a kind."""
    found: dict[int, Subject] = {}
    for kind in kinds():
        mine = [case for case in cases if case.kind == kind.code]
        subjects = kind.load({case.subject_id for case in mine}) if mine else {}
        found |= {case.pk: subjects[case.subject_id] for case in mine if case.subject_id in subjects}
    return found

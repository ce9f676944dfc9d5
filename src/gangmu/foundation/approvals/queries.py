"""What pages, the API and other rooms ask about cases; always of what the asker may see."""

from dataclasses import dataclass, field
from datetime import datetime

from gangmu.foundation.accounts.models import User
from gangmu.foundation.approvals.actions import Action
from gangmu.foundation.approvals.models import Case, Decision, Place


@dataclass(frozen=True)
class Holder:
    """Somebody who holds a case now. Without a `user_id` nobody does, and `why` says what to do."""

    user_id: int | None
    name: str
    organisation: str
    phone: str
    since: datetime
    due: datetime | None
    late: bool
    on_behalf_of: str = ""
    why: str = ""
    place: int | None = None  # its number


@dataclass(frozen=True)
class Person:
    """Somebody who may be named."""

    user_id: int
    name: str
    organisation: str
    phone: str


@dataclass(frozen=True)
class Step:
    """One line of a case's history: a decision, or a node that was skipped, in the reader's language."""

    at: datetime
    text: str
    by: str
    on_behalf_of: str
    reason: str
    words: str
    node: str
    round: int
    decision: Decision | None = None


@dataclass(frozen=True)
class NodeView:
    """One node of a case's path, as pages draw it."""

    index: int
    name: str
    organisation: str
    status: str  # passed | present | ahead | skipped
    note: str = ""  # why it is skipped
    places: tuple[Place, ...] = field(default=())


def allowed_actions(case: Case, user: User) -> frozenset[Action]:
    """What a user may do with a case now."""
    raise NotImplementedError


def waiting_for(user: User) -> list[tuple[Case, Place]]:
    """What waits for a user, also as somebody's stand-in; what is due first comes first."""
    raise NotImplementedError


def holders(case: Case) -> list[Holder]:
    """Who holds a case that has not ended: never empty."""
    raise NotImplementedError


def history(case: Case) -> list[Step]:
    """Everything that was done with a case, the oldest first."""
    raise NotImplementedError


def path(case: Case) -> list[NodeView]:
    """The nodes of a case's route in order."""
    raise NotImplementedError


def case_of(kind: str, subject_id: int, organisation: int | None = None) -> Case | None:
    """The latest case of a subject."""
    raise NotImplementedError


def candidates(case: Case, action: Action) -> list[Person]:
    """People who may be named in an action: their scope covers the case's organisation."""
    raise NotImplementedError

"""How a case stands: values that are never changed, only replaced."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from gangmu.foundation.approvals.actions import LIVE, CaseState, PlaceKind, PlaceStatus
from gangmu.foundation.approvals.routes import NodeDefinition, RouteDefinition

Skipped = Literal["", "absent", "condition"]


@dataclass(frozen=True)
class PathStep:
    """One node of the route as resolved for one round: where it is held, or why it is skipped."""

    node: str
    at: int | None = None
    users: tuple[int, ...] = ()
    skipped: Skipped = ""

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> "PathStep":
        return cls(given["node"], given["at"], tuple(given["users"]), given["skipped"])

    def to_json(self) -> dict[str, Any]:
        return {"node": self.node, "at": self.at, "users": list(self.users), "skipped": self.skipped}


@dataclass(frozen=True)
class Place:
    """A place at which somebody is asked; see `models.Place`."""

    number: int
    round: int
    step: int
    kind: str
    status: str
    users: tuple[int, ...] = ()
    roles: tuple[str, ...] = ()
    post: str = ""
    at: int | None = None
    excluded: frozenset[int] = frozenset()
    waits_for: int | None = None
    asked_by: int | None = None
    question: str = ""

    @property
    def decides(self) -> bool:
        """Whether its node waits for it."""
        return self.kind != PlaceKind.CONSULT

    @property
    def is_open(self) -> bool:
        return self.status == PlaceStatus.OPEN


@dataclass(frozen=True)
class Seat:
    """Somebody's right to a place: their own, or that of `on_behalf_of`, who is away."""

    place: Place
    on_behalf_of: int | None


@dataclass(frozen=True)
class Standing:
    """A case. `places` are those of this round; `decide` and `ask` are the permissions that these take."""

    route: RouteDefinition
    organisation: int
    decide: tuple[str, ...]
    ask: tuple[str, ...]
    requester: int
    askers: frozenset[int]
    content_hash: str
    downward: bool = False
    state: str = CaseState.OPEN
    round: int = 1
    path: tuple[PathStep, ...] = ()
    step: int | None = None
    stage: str = ""
    places: tuple[Place, ...] = ()
    places_count: int = 0

    @property
    def is_live(self) -> bool:
        """Whether somebody has to decide."""
        return self.state in LIVE

    @property
    def node(self) -> NodeDefinition | None:
        """The node at which the case stands."""
        return self.node_at(self.step)

    def node_at(self, step: int | None) -> NodeDefinition | None:
        return None if step is None else self.route.node(self.path[step].node)

    def place(self, number: int | None) -> Place | None:
        return next((one for one in self.places if one.number == number), None)

    @property
    def open_places(self) -> tuple[Place, ...]:
        """Open places that decide."""
        return tuple(one for one in self.places if one.is_open and one.decides)

    def deciding(self, step: int) -> tuple[Place, ...]:
        """The places for which a node waits or waited, void ones left out."""
        return tuple(one for one in self.places if one.step == step and one.decides and one.status != PlaceStatus.VOID)

    def with_places(self, changed: Iterable[Place]) -> "Standing":
        """The same with some places replaced or added."""
        by_number = {one.number: one for one in self.places} | {one.number: one for one in changed}
        count = max([self.places_count, *by_number])
        return replace(self, places=tuple(by_number[number] for number in sorted(by_number)), places_count=count)

"""A role's permissions as a tree: rooms, their actions, and under each the elements of pages that belong to it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gangmu.foundation.access import permissions, permits
from gangmu.foundation.access.models import Role
from gangmu.foundation.access.permits import Action, Element


@dataclass(frozen=True)
class ElementLine:
    """An element, and whether the role opens it."""

    element: Element
    open: bool
    kind: Any


@dataclass(frozen=True)
class ActionLine:
    """An action, whether the role holds it, and the elements that belong to it."""

    action: Action
    held: bool
    elements: list[ElementLine]


@dataclass(frozen=True)
class RoomLine:
    """A room. `whole`: the role holds everything in it, also what comes later."""

    code: str
    label: Any
    whole: bool
    actions: list[ActionLine]

    @property
    def held(self) -> list[ActionLine]:
        return [one for one in self.actions if one.held]


@dataclass(frozen=True)
class Tree:
    """Every room; `others` are permissions that no room has declared."""

    rooms: list[RoomLine] = field(default_factory=list)
    others: list[str] = field(default_factory=list)


def tree_of(granted: Iterable[str], hides: Iterable[str] = ()) -> Tree:
    """The tree of a role with these permissions."""
    granted, hidden = list(granted), set(hides)
    atoms = permissions.atoms(granted)
    rooms = []
    for room in permits.rooms():
        lines = [
            ActionLine(
                one,
                permissions.any_implies(granted, one.code),
                [
                    ElementLine(each, each.code not in hidden, permits.KINDS[each.kind])
                    for each in permits.elements_of(one.code)
                ],
            )
            for one in room.actions
        ]
        rooms.append(RoomLine(room.code, room.label, permissions.any_implies(granted, f"{room.code}:*"), lines))
    known = set(permits.actions()) | {f"{room.code}:*" for room in permits.rooms()} | {r.code for r in permits.rooms()}
    return Tree(rooms, sorted(atoms - known))


def permissions_from(data: Any) -> list[str]:
    """The permissions that a form of the tree says: `whole` rooms, `held` actions, `others` one in a line."""
    whole = [one for one in data.getlist("whole") if one in {room.code for room in permits.rooms()}]
    held: dict[str, list[str]] = {}
    for code in data.getlist("held"):
        if code in permits.actions():
            room, _colon, action = code.partition(":")
            held.setdefault(room, []).append(action)
    found = []
    for room in permits.rooms():
        if room.code in whole:
            found.append(f"{room.code}:*")
        elif room.code in held:
            found.append(f"{room.code}:{','.join(dict.fromkeys(held[room.code]))}")
    others = [line.strip() for line in data.get("others", "").splitlines() if line.strip()]
    return found + list(dict.fromkeys(others))


def hides_from(data: Any, before: Iterable[str]) -> list[str]:
    """The elements that the form leaves out: those offered that are not ticked; others stay as they were."""
    offered, opened = set(data.getlist("offered")), set(data.getlist("opened"))
    known = set(permits.elements())
    kept = {one for one in before if one not in offered}
    return sorted(kept | ((offered & known) - opened))


@dataclass(frozen=True)
class Difference:
    """What one set of rights has and the other has not, in words."""

    added: list[str]
    removed: list[str]
    shown: list[str]
    hidden: list[str]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.shown or self.hidden)


def difference(before: Role, after: Role) -> Difference:
    """What changes from one role to another."""
    old, new = held_of(before), held_of(after)
    return Difference(
        in_words(new - old),
        in_words(old - new),
        element_words(set(before.hides) - set(after.hides)),
        element_words(set(after.hides) - set(before.hides)),
    )


def held_of(role: Role) -> set[str]:
    """Everything declared that a role holds, and what it holds besides."""
    declared = {one.code for one in permits.granted_actions(role.permissions)}
    return declared | {one for one in permissions.atoms(role.permissions) if one not in permits.actions()}


def in_words(codes: Iterable[str]) -> list[str]:
    return sorted(permits.in_words(code) for code in codes)


def element_words(codes: Iterable[str]) -> list[str]:
    known: Mapping[str, Element] = permits.elements()
    return sorted(f"{permits.KINDS[known[one].kind]}: {known[one].label}" if one in known else one for one in codes)

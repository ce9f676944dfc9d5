"""What can be permitted, in words: rooms declare their actions, and the elements of pages that belong to them.

    permits.room("documents", _("Documents"), order=50)
    permits.action("documents:add", _("Add documents"))
    permits.page("documents:add", _("Add a document"), "documents:add")
    permits.button("filing.submit", _("Submit a sheet"), "figures:file", "filing:submit")
    permits.field("accounts.phone", _("Phone"), "accounts:contact", mask=masks.phone)

An **action** is a permission, `room:action`. An **element** (menu entry, page, button, field) belongs to a permission:
who holds the permission has the element too, unless each role that grants it leaves the element out (`Role.hides`). A
page or a button has an address, by which the server refuses whoever has it not, shown or not.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import Literal

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.access.permissions import implies
from gangmu.foundation.access.scope import Scope

Text = str | Promise
Kind = Literal["menu", "page", "button", "field"]
KINDS: dict[Kind, Text] = {
    "menu": _("menu entry"),
    "page": _("page"),
    "button": _("button"),
    "field": _("field"),
}


@dataclass(frozen=True)
class Action:
    """One permission that a role may hold."""

    code: str
    label: Text
    note: Text = ""

    @property
    def room(self) -> str:
        return self.code.partition(":")[0]


@dataclass(frozen=True)
class Element:
    """A menu entry, page, button or field. `address`: the name of the URL that it is or sends to."""

    kind: Kind
    key: str
    label: Text
    permission: str
    address: str = ""
    mask: Callable[[str], str] | None = attribute(default=None, compare=False)

    @property
    def code(self) -> str:
        return f"{self.kind}:{self.key}"


@dataclass
class Room:
    """A part of the product as the role editor shows it."""

    code: str
    label: Text
    order: int
    actions: list[Action] = attribute(default_factory=list)


_rooms: dict[str, Room] = {}
_actions: dict[str, Action] = {}
_elements: dict[str, Element] = {}
_by_address: dict[tuple[str, str], Element] = {}


def room(code: str, label: Text, *, order: int = 100) -> None:
    """Name a room. Rooms, actions and elements may be declared in any order."""
    _rooms[code] = Room(code, label, order)


def action(code: str, label: Text, note: Text = "") -> None:
    """Declare a permission `room:action`."""
    _actions[code] = Action(code, label, note)


def page(address: str, label: Text, permission: str) -> None:
    """Declare a page by the name of its URL."""
    _declare(Element("page", address, label, permission, address))


def button(key: str, label: Text, permission: str, address: str) -> None:
    """Declare a button by what its form sends to."""
    _declare(Element("button", key, label, permission, address))


def field(key: str, label: Text, permission: str, mask: Callable[[str], str]) -> None:
    """Declare a field that is shown masked to who does not hold the permission."""
    _declare(Element("field", key, label, permission, mask=mask))


def menu(key: str, label: Text, permission: str) -> None:
    """Declare that a menu entry belongs to a permission; entries are declared by `foundation/ui/menu.py`."""
    _declare(Element("menu", key, label, permission))


def _declare(element: Element) -> None:
    _elements[element.code] = element
    if element.address:
        _by_address[element.kind, element.address] = element


def rooms() -> list[Room]:
    """Every room with its actions, in order."""
    found = {code: Room(one.code, one.label, one.order) for code, one in _rooms.items()}
    for one in _actions.values():
        found.setdefault(one.room, Room(one.room, one.room, 999)).actions.append(one)
    return sorted(found.values(), key=lambda one: (one.order, one.code))


def actions() -> dict[str, Action]:
    """Every declared permission by its code."""
    return dict(_actions)


def elements() -> dict[str, Element]:
    """Every declared element by its code."""
    return dict(_elements)


def elements_of(permission: str) -> list[Element]:
    """The elements that belong to a permission, menu entries first, fields last."""
    order = list(KINDS)
    found = [one for one in _elements.values() if one.permission == permission]
    return sorted(found, key=lambda one: (order.index(one.kind), str(one.label)))


def at(address: str, method: str = "GET") -> Element | None:
    """The page at a URL's name, or the button that posts to it."""
    if method == "POST" and (found := _by_address.get(("button", address))):
        return found
    return _by_address.get(("page", address)) or _by_address.get(("button", address))


def is_open(scope: Scope, address: str, method: str = "GET") -> bool:
    """Whether the roles behind a scope open what stands at an address. What nobody declared, its view judges."""
    if not scope.hides_anything:
        return True
    wanted = [_by_address.get(("page", address))]
    if method == "POST":
        wanted.append(_by_address.get(("button", address)))
    return all(one is None or scope.opens(one.code, one.permission) for one in wanted)


def may_press(scope: Scope, code: str) -> bool:
    """Whether the roles behind a scope hold the permission of a declared element, and open it.

    Raises:
        KeyError: nobody declared it.
    """
    element = _elements[code]
    return scope.may(element.permission) and scope.opens(code, element.permission)


def granted_actions(granted: tuple[str, ...] | list[str]) -> Iterator[Action]:
    """The declared actions that permissions grant."""
    for one in _actions.values():
        if any(implies(permission, one.code) for permission in granted):
            yield one


def in_words(permission: str) -> str:
    """A permission as its room and its action are called, its code behind; whatever else stays as it is."""
    code, _space, rest = permission.partition(" ")
    found = _actions.get(code)
    if found is None:
        room_code, _colon, name = code.partition(":")
        if room_code not in _rooms or name not in ("", "*"):
            return permission
        words = _now("%(room)s: everything") % {"room": _rooms[room_code].label}
    else:
        words = _now("%(room)s: %(action)s") % {
            "room": _rooms[found.room].label if found.room in _rooms else found.room,
            "action": found.label,
        }
    return f"{words} ({code})" + (f" {rest}" if rest else "")


POWERS: dict[str, Text] = {
    "system": _("system administrator"),
    "security": _("security administrator"),
    "audit": _("audit administrator"),
}


def power_name(power: str) -> Text:
    """What one of the three powers is called."""
    return POWERS.get(power, power)


def of_request(request: HttpRequest) -> Scope:
    """The scope of a request."""
    return request.scope  # type: ignore[attr-defined]

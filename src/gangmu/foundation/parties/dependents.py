"""What depends on the tree, as the rooms above register it: what speaks against a change, and what it affects.

The foundation knows no figures. A room that keeps something by organisation registers

- an *objector*: asked by the verbs before anything is changed; what it says is refused, or, where it may be done all
  the same, must be said to be known;
- a *dependent*: shown before a change is applied: which figures, sheets, cases, people it touches.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError
from django.utils.functional import Promise

if TYPE_CHECKING:
    from gangmu.foundation.parties.changes.plans import Plan


@dataclass(frozen=True)
class Objection:
    """What speaks against a change. `key` names it where somebody says that they know; a `final` one stands."""

    key: str
    text: str
    final: bool = False


@dataclass(frozen=True)
class Told:
    """One thing that is affected: what it is, where it is shown ("" where it has no page at this site), and a word."""

    what: str
    note: str = ""
    href: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Section:
    """What a change does to one sort of things. `count` is of all, `lines` are the first of them.

    A section with a `template` is drawn by it, with `context`; one without as its lines.
    """

    title: str
    count: int = 0
    summary: str = ""
    lines: Sequence[Told] = ()
    template: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)


Objector = Callable[["Plan"], Iterator[Objection]]
Show = Callable[["Plan", Any], Section | None]  # the second is the asker's scope


@dataclass(frozen=True)
class Dependent:
    """Something that depends on the tree. `permission` is what the asker needs to be shown it."""

    key: str
    label: str | Promise
    order: int
    permission: str
    show: Show


Words = Callable[[IntegrityError], str | None]  # what to tell when a constraint does not hold

_objectors: dict[str, Objector] = {}
_dependents: dict[str, Dependent] = {}
_constraints: dict[str, Words] = {}


def register_objector(key: str, objector: Objector) -> None:
    """Have an objector asked before each change; a second one under the same key takes the place of the first."""
    _objectors[key] = objector


def register_constraint(name: str, words: Words) -> None:
    """Have a deferred constraint of the database, which speaks about the tree, asked with each change."""
    _constraints[name] = words


def register(dependent: Dependent) -> None:
    """Show a dependent in previews; a second one under the same key takes the place of the first."""
    _dependents[dependent.key] = dependent


def objections(plan: "Plan") -> list[Objection]:
    """All that speaks against a change."""
    return [objection for key in sorted(_objectors) for objection in _objectors[key](plan)]


def constraints() -> list[tuple[str, Words]]:
    return sorted(_constraints.items())


def all_dependents() -> list[Dependent]:
    return sorted(_dependents.values(), key=lambda one: (one.order, one.key))

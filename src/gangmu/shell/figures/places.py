"""The organisations whose figures the asker may see, as choices and as a trail."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.access.scope import Scope
from gangmu.foundation.parties import kinds, queries
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings import clock

ROOM = "figures"
MOST_CHOICES = 200  # tiers that do not fit are reached by going down from those that do
INDENT = "\u2003"


@dataclass(frozen=True)
class Place:
    """One choice: `depth` tiers below the highest that is shown."""

    code: str
    name: str
    depth: int

    @property
    def label(self) -> str:
        return INDENT * self.depth + self.name


@dataclass(frozen=True)
class PlaceGroup:
    """Choices under a heading; the heading of the present tree is empty."""

    label: str | Promise
    places: list[Place]


def choices(scope: Scope) -> list[PlaceGroup]:
    """Today's tree as far down as it stays readable, then those that were in the scope once."""
    ids, own = _seen(scope)
    roots = queries.tree(clock.today(), scope)
    levels: list[list[tuple[queries.Node, int]]] = [[(root, 0) for root in roots]]
    total = len(roots)
    while levels[-1]:
        below = [(child, depth + 1) for node, depth in levels[-1] for child in node.children]
        total += len(below)
        if not below or (total > MOST_CHOICES and len(levels) > 1):
            break
        levels.append(below)
    deepest = len(levels) - 1
    present: list[Place] = []

    def add(node: queries.Node, depth: int) -> None:
        one = node.organisation
        if scope.everything or one.pk in ids:
            present.append(Place(str(one.code), one.name, depth))
        if depth < deepest:
            for child in node.children:
                add(child, depth + 1)

    for root in roots:
        add(root, 0)
    left = Organisation.objects.filter(queries.among("pk", own)).order_by("sort_key", "code") if own else []
    former = [Place(str(one.code), one.name, 0) for one in left[:MOST_CHOICES]]
    groups = [PlaceGroup("", present), PlaceGroup(_("No longer in your scope"), former)]
    return [group for group in groups if group.places]


def names(codes: set[str]) -> dict[str, str]:
    """Code → name in the active language, of those that the asker may see."""
    return {str(one.code): one.name for one in Organisation.objects.filter(code__in=codes)} if codes else {}


def trail(code: str, on: date, scope: Scope) -> list[Organisation]:
    """From the highest organisation that may be seen down to this one; empty when there is no such one."""
    shown = queries.visible(scope).filter(code=code).first()
    if shown is None:
        return []
    ids, _own = _seen(scope)
    path = queries.path(shown, min(on, clock.today()), scope) or [shown]
    return [one for one in path if one.pk == shown.pk or scope.everything or one.pk in ids]


def group_labels(by: str, values: set[str | None]) -> dict[str | None, str]:
    """What to call the groups. Two spellings of one thing are two groups: then the spelling is told as well."""
    if by == "children":
        return {**names({value for value in values if value is not None})}
    shown: dict[str | None, str] = {}
    for value in values:
        if value is None:
            shown[value] = str(_("Not stated"))
        elif by == "kind":
            shown[value] = str(next((one.name for one in kinds.all_kinds() if one.code == value), value))
        else:
            attribute = kinds.attributes().get(by)
            shown[value] = attribute.shown(value) if attribute else value
    same: defaultdict[str, list[str | None]] = defaultdict(list)
    for value, label in shown.items():
        same[label].append(value)
    for label, spellings in same.items():
        if len(spellings) > 1:
            shown.update({value: f"{label} ({value})" for value in spellings if value not in (None, label)})
    return shown


def _seen(scope: Scope) -> tuple[frozenset[int], set[int]]:
    """Organisations of the scope, and those of former days."""
    ids = scope.ids(ROOM)
    return ids, {one.organisation_id for one in scope.former(ROOM)} - ids

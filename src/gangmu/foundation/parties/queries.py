"""Reading organisations as of a day.

`scope` is the asker's scope (`access.scope.Scope`). None asks for whatever the transaction may see, which under the
web role is what row security leaves. With a scope, an organisation that was once in it is shown as it was in that
time and no further: row security gives the rows that touch the time, these queries clip them to it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from typing import Any, Protocol

from django.db.models import Q, QuerySet

from gangmu.foundation.parties import kinds
from gangmu.foundation.parties.days import EVER, ONE_DAY, OPEN, Days, meet
from gangmu.foundation.parties.models import AttributeValue, Organisation, Placement

ROOM = "parties"
PLACEMENT = "placement"
AT_THE_TOP = ""
OUTSIDE = "?"


class Scope(Protocol):
    """What of `access.scope.Scope` matters here; that room comes later in the order of imports."""

    @property
    def everything(self) -> bool: ...
    def ids(self, room: str) -> frozenset[int]: ...
    def former(self, room: str) -> Sequence[Any]: ...  # (organisation_id, start, end) by name


@dataclass
class Node:
    """An organisation in the tree of a day."""

    organisation: Organisation
    children: list["Node"] = field(default_factory=list)

    def walk(self) -> Iterator["Node"]:
        """This node and all below it, from the top."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True)
class Held:
    """A value of an attribute on a day and the organisation that it comes from."""

    attribute: kinds.Attribute
    value: AttributeValue
    source_id: int
    inherited: bool

    @property
    def text(self) -> str:
        """For a reader in the active language."""
        return self.attribute.shown(str(self.value.value))


@dataclass(frozen=True)
class Stretch:
    """What held without a change during `days`: a value's text, or the parent (None where the asker sees none)."""

    days: Days
    text: str = ""
    parent: Organisation | None = None


@dataclass(frozen=True)
class Change:
    """What differs for one organisation between two days: `what` is an attribute's name, with the values' texts, or
    `PLACEMENT`, with the parents' names, `AT_THE_TOP` or `OUTSIDE` the scope. None is no value, or not in the tree."""

    day: date
    organisation: Organisation
    what: str
    before: str | None
    after: str | None


def windows(scope: Scope | None, organisation_id: int) -> list[Days]:
    """The days on which the asker may look at an organisation: all of them, those of its time, or none."""
    if scope is None or scope.everything or organisation_id in scope.ids(ROOM):
        return [Days()]
    return _former(scope).get(organisation_id, [])


def _former(scope: Scope) -> dict[int, list[Days]]:
    """The days on which organisations that left the scope were in it."""
    found: dict[int, list[Days]] = defaultdict(list)
    for one in scope.former(ROOM):
        found[one.organisation_id].append(Days(one.start or EVER, one.end or OPEN))
    return {organisation_id: sorted(stretches) for organisation_id, stretches in found.items()}


def visible(scope: Scope | None) -> QuerySet[Organisation]:
    """Every organisation that is or ever was in the scope."""
    if scope is None or scope.everything:
        return Organisation.objects.all()
    former = {one.organisation_id for one in scope.former(ROOM)}
    return Organisation.objects.filter(pk__in=scope.ids(ROOM) | former)


def tree(on: date, scope: Scope | None = None) -> list[Node]:
    """The tree of a day. Whoever's parent is not in the scope stands at the top."""
    placements = _placed(on, scope).select_related("child").order_by("child__sort_key", "child__code")
    parents = {placement.child_id: placement.parent_id for placement in placements}
    nodes = {placement.child_id: Node(placement.child) for placement in placements}
    roots: list[Node] = []
    for child, node in nodes.items():
        above = nodes.get(parents[child]) if parents[child] else None
        (above.children if above else roots).append(node)
    return roots


def children(organisation: Organisation, on: date, scope: Scope | None = None) -> list[Organisation]:
    """Those directly below on a day."""
    rows = _placed(on, scope).filter(parent=organisation).select_related("child")
    return [row.child for row in rows.order_by("child__sort_key", "child__code")]


def path(organisation: Organisation, on: date, scope: Scope | None = None) -> list[Organisation]:
    """From the highest visible organisation down to this one; empty when it is not in the tree that day."""
    found: list[Organisation] = []
    one: Organisation | None = organisation
    while one is not None:
        row = _placed(on, scope).filter(child=one).first()
        if row is None:
            break
        found.insert(0, one)
        one = visible(scope).filter(pk=row.parent_id).first() if row.parent_id else None
    return found


def attributes_on(organisation: Organisation, on: date, scope: Scope | None = None) -> dict[str, Held]:
    """The attributes of a day by name, in order of registration; inherited ones from the nearest ancestor."""
    line = [one.pk for one in reversed(path(organisation, on, scope))]
    values: dict[tuple[int, str], AttributeValue] = {
        (row.organisation_id, row.name): row
        for row in _on(AttributeValue.objects.filter(organisation__in=line), on, scope, "organisation_id")
    }
    held: dict[str, Held] = {}
    for name, attribute in kinds.attributes().items():
        for distance, owner in enumerate(line if attribute.inherited else line[:1]):
            if (owner, name) in values:
                held[name] = Held(attribute, values[owner, name], owner, distance > 0)
                break
    return held


@dataclass(frozen=True)
class Standing:
    """One organisation on a day, for lists: its parent's id, and the text of each attribute, inherited ones too."""

    parent_id: int | None
    attributes: dict[str, str]


def standings(on: date, scope: Scope | None = None) -> dict[int, Standing]:
    """Everybody in the tree of a day, by id, in two queries."""
    own: dict[int, dict[str, str]] = defaultdict(dict)
    rows = _on(AttributeValue.objects.order_by(), on, scope, "organisation_id")
    for owner, name, text in rows.values_list("organisation_id", "name", "value"):
        own[owner][name] = text
    inherited = [name for name, attribute in kinds.attributes().items() if attribute.inherited]
    found: dict[int, Standing] = {}
    parents = dict(_placed(on, scope).order_by().values_list("child_id", "parent_id"))

    def stand(one: int) -> Standing:
        if one not in found:
            parent = parents[one]
            above = stand(parent).attributes if parent in parents else {}
            found[one] = Standing(parent, {name: above[name] for name in inherited if name in above} | own[one])
        return found[one]

    for one in parents:
        stand(one)
    return found


def placements_of(organisation: Organisation, scope: Scope | None = None) -> list[Stretch]:
    """Where the organisation stood, by time; rows with the same parent that follow each other are one stretch."""
    rows = [(Days.of(row.valid), row.parent_id) for row in Placement.objects.filter(child=organisation)]
    names = visible(scope).in_bulk([parent for _days, parent in rows if parent])
    pieces = _clipped(rows, windows(scope, organisation.pk))
    return [
        Stretch(days, "root" if parent is None else "", names.get(parent) if parent else None)
        for days, parent in pieces
    ]


def attribute_history(organisation: Organisation, scope: Scope | None = None) -> dict[str, list[Stretch]]:
    """The values of each attribute that ever had one, by time; equal values that follow each other are one."""
    rows: dict[str, list[tuple[Days, str]]] = defaultdict(list)
    for row in AttributeValue.objects.filter(organisation=organisation):
        rows[row.name].append((Days.of(row.valid), row.value))
    window = windows(scope, organisation.pk)
    return {
        name: [Stretch(days, attribute.shown(text)) for days, text in pieces]
        for name, attribute in kinds.attributes().items()
        if (pieces := _clipped(rows.get(name, []), window))
    }


def days_of_change(scope: Scope | None = None, *, most: int = 365) -> list[date]:
    """The days on which a placement or an attribute began, or held no longer, in order; the latest `most` of them."""
    everything = scope is None or scope.everything
    former = {} if everything else _former(scope)
    found: set[date] = set()
    for model, owner in ((Placement, "child_id"), (AttributeValue, "organisation_id")):
        rows = model.objects.order_by()
        own = rows if everything else rows.filter(**{f"{owner}__in": scope.ids(ROOM)})
        for valid in own.values_list("valid", flat=True).distinct():
            found |= set(Days.of(valid))
        for one, valid in rows.filter(**{f"{owner}__in": former}).values_list(owner, "valid") if former else ():
            for window in former[one]:
                found |= set(meet(Days.of(valid), window) or ())
    return sorted(found - {EVER, OPEN})[-most:]


def changes_between(earlier: date, later: date, scope: Scope | None = None) -> list[Change]:
    """What was otherwise on the earlier day, by the day on which it became so."""
    earlier, later = sorted((earlier, later))
    during = Days(earlier, later + ONE_DAY).valid
    placements = Placement.objects.order_by().filter(valid__overlap=during)
    attributes = AttributeValue.objects.order_by().filter(valid__overlap=during)
    rows = chain(
        (
            (child, PLACEMENT, parent, valid)
            for child, parent, valid in placements.values_list("child_id", "parent_id", "valid")
        ),
        attributes.values_list("organisation_id", "name", "value", "valid"),
    )
    organisations = visible(scope).in_bulk()

    def words(what: str, state: tuple | None) -> str | None:
        if state is None or what != PLACEMENT:
            return state[0] if state else None
        (parent,) = state
        return AT_THE_TOP if parent is None else organisations[parent].name if parent in organisations else OUTSIDE

    told = [
        Change(day, organisations[one], what, words(what, before), words(what, after))
        for (one, what), (day, before, after) in _states(rows, earlier, later, scope).items()
        if one in organisations
    ]
    return sorted(told, key=lambda change: (change.day, change.organisation.sort_key, change.organisation.code))


def _states(rows: Iterable[tuple], earlier: date, later: date, scope: Scope | None) -> dict[tuple[int, str], tuple]:
    """(day of the last change, state on the earlier day, state on the later day) of everything that differs."""
    everything = scope is None or scope.everything
    present, former = (frozenset(), {}) if everything else (scope.ids(ROOM), _former(scope))
    found: dict[tuple[int, str], dict[str, Any]] = defaultdict(dict)
    for one, what, held, valid in rows:
        state = found[one, what]
        for window in [Days()] if everything or one in present else former.get(one, ()):
            days = meet(Days.of(valid), window)
            if days is None:
                continue
            if earlier in days:
                state["before"] = (held,)
            if later in days:
                state["after"] = (held,)
            state["day"] = max([state.get("day", EVER), *(day for day in days if earlier < day <= later)])
    return {
        key: (state["day"], state.get("before"), state.get("after"))
        for key, state in found.items()
        if state.get("before") != state.get("after")
    }


def _on(rows: QuerySet, on: date, scope: Scope | None, owner: str) -> QuerySet:
    """Dated rows of a day: of organisations in the scope, and of those that were in it on that day."""
    rows = rows.filter(valid__contains=on)
    if scope is None or scope.everything:
        return rows
    once = {one for one, stretches in _former(scope).items() if any(on in days for days in stretches)}
    return rows.filter(Q(**{f"{owner}__in": scope.ids(ROOM) | once}))


def _placed(on: date, scope: Scope | None) -> QuerySet[Placement]:
    return _on(Placement.objects.all(), on, scope, "child_id")


def _clipped(rows: list[tuple[Days, Any]], window: list[Days]) -> list[tuple[Days, Any]]:
    """Dated values inside the windows, in order, equal neighbours joined."""
    joined: list[tuple[Days, Any]] = []
    for days, value in sorted(rows, key=lambda row: row[0]):
        for shared in (part for one in window if (part := meet(days, one))):
            if joined and joined[-1][1] == value and joined[-1][0].end == shared.start:
                joined[-1] = (Days(joined[-1][0].start, shared.end), value)
            else:
                joined.append((shared, value))
    return joined

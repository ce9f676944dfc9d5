"""Reading organisations as of a day.

`scope` is the asker's scope (`access.scope.Scope`). None asks for whatever the transaction may see, which under the
web role is what row security leaves. With a scope, an organisation that was once in it is shown as it was in that
time and no further: row security gives the rows that touch the time, these queries clip them to it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from typing import Any, Protocol

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, BooleanField, F, Func, Q, QuerySet, Value

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
    return Organisation.objects.filter(among("pk", scope.ids(ROOM) | _former(scope).keys()))


def among(column: str, ids: Iterable[int]) -> Func:
    """`column = ANY(ids)`: one parameter, however many ids there are, where `__in` would send thousands."""
    array = Value(list(ids), output_field=ArrayField(BigIntegerField()))
    return Func(F(column), array, template="(%(expressions)s))", arg_joiner=" = ANY (", output_field=BooleanField())


def seen_on(on: date, scope: Scope | None) -> Callable[[int], bool]:
    """Tells whether the asker may look at an organisation as it stood on a day."""
    if scope is None or scope.everything:
        return lambda organisation_id: True
    present = scope.ids(ROOM)
    then = {one for one, stretches in _former(scope).items() if any(on in days for days in stretches)}
    return lambda organisation_id: organisation_id in present or organisation_id in then


def tree(on: date, scope: Scope | None = None) -> list[Node]:
    """The tree of a day. Whoever's parent is not in the scope stands at the top."""
    rows = Placement.objects.filter(valid__contains=on).select_related("child")
    seen = seen_on(on, scope)
    placements = [row for row in rows.order_by("child__sort_key", "child__code") if seen(row.child_id)]
    nodes = {row.child_id: Node(row.child) for row in placements}
    roots: list[Node] = []
    for row in placements:
        above = nodes.get(row.parent_id)
        (above.children if above else roots).append(nodes[row.child_id])
    return roots


def children(organisation: Organisation, on: date, scope: Scope | None = None) -> list[Organisation]:
    """Those directly below on a day."""
    rows = Placement.objects.filter(parent=organisation, valid__contains=on).select_related("child")
    seen = seen_on(on, scope)
    return [row.child for row in rows.order_by("child__sort_key", "child__code") if seen(row.child_id)]


def path(organisation: Organisation, on: date, scope: Scope | None = None) -> list[Organisation]:
    """From the highest visible organisation down to this one; empty when it is not in the tree that day."""
    seen = seen_on(on, scope)
    line: list[int] = []
    one: int | None = organisation.pk
    while one is not None and seen(one):
        row = Placement.objects.filter(child=one, valid__contains=on).first()
        if row is None:
            break
        line.append(one)
        one = row.parent_id
    found = Organisation.objects.in_bulk(line)
    return [found[pk] for pk in reversed(line) if pk in found]


def attributes_on(organisation: Organisation, on: date, scope: Scope | None = None) -> dict[str, Held]:
    """The attributes of a day by name, in order of registration; inherited ones from the nearest ancestor."""
    line = [one.pk for one in reversed(path(organisation, on, scope))]
    values: dict[tuple[int, str], AttributeValue] = {
        (row.organisation_id, row.name): row
        for row in AttributeValue.objects.filter(organisation__in=line, valid__contains=on)
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
    seen = seen_on(on, scope)
    rows = Placement.objects.order_by().filter(valid__contains=on).values_list("child_id", "parent_id")
    parents = {child: parent for child, parent in rows if seen(child)}
    own: dict[int, dict[str, str]] = defaultdict(dict)
    values = AttributeValue.objects.order_by().filter(valid__contains=on)
    for owner, name, text in values.values_list("organisation_id", "name", "value"):
        own[owner][name] = text
    inherited = [name for name, attribute in kinds.attributes().items() if attribute.inherited]
    found: dict[int, Standing] = {}

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
    present, former = (frozenset(), {}) if scope is None or scope.everything else (scope.ids(ROOM), _former(scope))
    everything = scope is None or scope.everything
    found: set[date] = set()
    for model, owner in ((Placement, "child_id"), (AttributeValue, "organisation_id")):
        rows = model.objects.order_by()
        own = rows if everything else rows.filter(among(owner, present))
        for valid in own.values_list("valid", flat=True).distinct():
            found |= set(Days.of(valid))
        for one, valid in rows.filter(among(owner, former)).values_list(owner, "valid") if former else ():
            for window in former[one]:
                found |= set(meet(Days.of(valid), window) or ())
    return sorted(found - {EVER, OPEN})[-most:]


def changes_between(earlier: date, later: date, scope: Scope | None = None) -> list[Change]:
    """What was otherwise on the earlier day, by the day on which it became so."""
    earlier, later = sorted((earlier, later))
    during = Days(earlier, later + ONE_DAY).valid
    former = {} if scope is None or scope.everything else _former(scope)

    def differing(rows: QuerySet, owner: str) -> QuerySet:
        """Rows that do not hold on both days, and those of which the asker may see only a part."""
        partly = ~Q(valid__contains=during)
        return rows.filter(partly | Q(among(owner, former)) if former else partly, valid__overlap=during)

    placements = differing(Placement.objects.order_by(), "child_id")
    attributes = differing(AttributeValue.objects.order_by(), "organisation_id")
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
    present, former = (frozenset(), {}) if scope is None or scope.everything else (scope.ids(ROOM), _former(scope))
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

"""Reading the register and its graph. Row security narrows it to the asker's scope.

What is needed may belong to an organisation outside the scope: it is then a node without a row, so that a group is not
taken to be smaller than it is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from gangmu.duties.resources import graph
from gangmu.duties.resources.graph import NONE, Edges
from gangmu.duties.resources.models import Dependency, Resource
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings import clock


def resources(on: date | None = None) -> QuerySet[Resource]:
    """The register in order: as it is on a day, or with everything that ever stood in it."""
    found = Resource.objects.order_by("sort_key", "code")
    return found if on is None else found.filter(valid__contains=on)


def dependencies(on: date) -> QuerySet[Dependency]:
    """What needs what on a day."""
    return Dependency.objects.filter(valid__contains=on).order_by("resource_id", "group", "on_id")


def owners(scope: Scope, permission: str) -> QuerySet[Organisation]:
    """The organisations for which the asker keeps the register."""
    every = Organisation.objects.order_by("sort_key", "code")
    if scope.everything:
        return every
    ids = [pk for pk in scope.changeable("resources") if scope.may_at(permission, pk)]
    return every.filter(pk__in=ids)


def ended_members(dependency: Dependency, on: date) -> QuerySet[Dependency]:
    """The members of a dependency's group on a day, itself among them."""
    return dependencies(on).filter(resource_id=dependency.resource_id, group=dependency.group).exclude(group="")


def history(resource: Resource, today: date) -> QuerySet[Dependency]:
    """The dependencies of a resource that do not stand today: ended ones and those to come."""
    mine = Dependency.objects.filter(Q(resource=resource) | Q(on=resource))
    past = mine.exclude(valid__contains=today).select_related("resource", "on")
    return past.order_by(Lower("valid"), "pk")


class Need(NamedTuple):
    """A dependency as the graph takes it: thousands are read for a page."""

    pk: int
    resource_id: int
    on_id: int
    group: str
    needed: int | None
    remark: str


@dataclass(frozen=True)
class Group:
    """A redundancy group of a resource: `needed` of its members suffice."""

    node: int
    name: str
    needed: int


class Net:
    """The graph of a day: resources as nodes, dependencies as edges."""

    def __init__(self, rows: Sequence[Resource], needs: Sequence[Need]) -> None:
        seen = {row.pk for row in rows}
        hidden = sorted({one.on_id for one in needs} - seen)
        self.ids = [*(row.pk for row in rows), *hidden]
        self.rows: list[Resource | None] = [*rows, *([None] * len(hidden))]
        self.number = {pk: node for node, pk in enumerate(self.ids)}
        self.needs = [one for one in needs if one.resource_id in seen]
        self.groups: list[Group] = []
        known: dict[tuple[int, str], int] = {}
        of = []
        for one in self.needs:
            if not one.group:
                of.append(NONE)
                continue
            key = (one.resource_id, one.group)
            if key not in known:
                known[key] = len(self.groups)
                self.groups.append(Group(self.number[one.resource_id], one.group, one.needed or 1))
            of.append(known[key])
        self.edges = Edges(
            len(self.ids),
            [self.number[one.resource_id] for one in self.needs],
            [self.number[one.on_id] for one in self.needs],
            of,
            [group.needed for group in self.groups],
        )

    def of(self, nodes: Iterable[int]) -> list[Resource]:
        """The resources that nodes stand for, without those outside the scope."""
        return [row for node in nodes if (row := self.rows[node]) is not None]

    @cached_property
    def single_points(self) -> list[int]:
        """Of each node whose failure alone takes it along, as bits."""
        return graph.single_points(self.edges)

    def around(self, node: int) -> "Net":
        """The part of the graph that `node` rests on or carries."""
        kept = {node, *graph.below(self.edges, [node]), *graph.above(self.edges, [node])}
        rows = [row for at, row in enumerate(self.rows) if at in kept and row is not None]
        here = {row.pk for row in rows}
        ids = {self.ids[at] for at in kept}
        return Net(rows, [one for one in self.needs if one.resource_id in here and one.on_id in ids])


def net(on: date | None = None) -> Net:
    """The graph of a day, today's when left out, as far as the asker sees it. Two queries."""
    day = on or clock.today()
    needs = dependencies(day).values_list("pk", "resource_id", "on_id", "group", "needed", "remark")
    return Net(list(resources(day)), [Need(*one) for one in needs])

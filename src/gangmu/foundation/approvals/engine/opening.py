"""How a route is resolved for one subject, and how its nodes open."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from gangmu.foundation.approvals.actions import CaseState, PlaceKind, PlaceStatus
from gangmu.foundation.approvals.engine.allowed import asked, may_decide
from gangmu.foundation.approvals.engine.standing import PathStep, Place, Standing
from gangmu.foundation.approvals.errors import NobodyHolds, NoSuchTier
from gangmu.foundation.approvals.people import People
from gangmu.foundation.approvals.routes import NodeDefinition, RouteDefinition
from gangmu.foundation.parties import kinds


def resolve(
    route: RouteDefinition, organisation: int, people: People, facts: Mapping[str, Any]
) -> tuple[PathStep, ...]:
    """Where each node is held, or why it is skipped.

    Raises:
        NoSuchTier: a tier that must not be skipped is absent, or no node is left.
    """
    path = tuple(_resolve(node, organisation, people, facts) for node in route.nodes)
    if all(step.skipped for step in path):
        text = _("The route “%(route)s” leaves nobody to decide for this organisation. Ask the administrator.")
        raise NoSuchTier(text % {"route": route.name})
    return path


def _resolve(node: NodeDefinition, organisation: int, people: People, facts: Mapping[str, Any]) -> PathStep:
    if not node.is_needed(facts):
        return PathStep(node.code, skipped="condition")
    if node.who.users:
        by_name = {person.username: person.id for person in people.persons.values()}
        named = tuple(by_name[name] for name in node.who.users if name in by_name)
        return PathStep(node.code, organisation, named)
    if not node.who.level:
        return PathStep(node.code, organisation)
    line = people.lines.get(organisation, ())
    tier = next((one for one in line if one.kind == node.who.level), None)
    if tier:
        return PathStep(node.code, tier.id)
    if node.refuse_absent:
        text = _("“%(node)s” needs a %(level)s above %(organisation)s, and there is none. Ask the administrator.")
        level = kinds.kind(node.who.level).name
        name = line[0].name if line else ""
        raise NoSuchTier(text % {"node": node.name, "level": level, "organisation": name})
    return PathStep(node.code, skipped="absent")


def submit(standing: Standing, people: People) -> Standing:
    """A case at the beginning of a round, its path resolved and its first node open.

    Raises:
        NobodyHolds: a node would be held by nobody, or by those alone who asked.
    """
    for index, step in enumerate(standing.path):
        if not step.skipped:
            _require_holder(standing, index, people)
    fresh = replace(standing, places=(), stage="")
    return enter(fresh, next_step(fresh, -1), people)


def next_step(standing: Standing, step: int) -> int | None:
    """The first node after `step` that is not skipped, or None."""
    return next((index for index in range(step + 1, len(standing.path)) if not standing.path[index].skipped), None)


def enter(standing: Standing, step: int | None, people: People) -> Standing:
    """The case at a node, its places open; at its end when there is none."""
    if step is None:
        ended = CaseState.ACKNOWLEDGED if standing.downward else CaseState.APPROVED
        return replace(standing, state=ended, step=None)
    state = CaseState.ISSUED if standing.downward else CaseState.OPEN
    moved = replace(standing, state=state, step=step)
    return moved.with_places(places_of(moved, step, people))


def _whole(standing: Standing, step: int, number: int) -> Place:
    """One place that asks everybody whom a node names."""
    resolved, node = standing.path[step], standing.route.node(standing.path[step].node)
    return Place(
        number=number,
        round=standing.round,
        step=step,
        kind=PlaceKind.NODE,
        status=PlaceStatus.OPEN,
        users=resolved.users,
        roles=node.who.roles,
        post=node.who.post,
        at=resolved.at,
    )


def places_of(standing: Standing, step: int, people: People) -> list[Place]:
    """The places that a node opens with: one for all, or one for each who holds it today, side by side or in order.

    When nobody holds it any more, one place stands for the node, so that somebody who comes or is named can decide.
    """
    node = standing.route.node(standing.path[step].node)
    first = standing.places_count + 1
    whole = _whole(standing, step, first)
    each = (
        []
        if node.mode == "any"
        else [user for user in asked(standing, whole, people) if may_decide(standing, user, people)]
    )
    if not each:
        return [whole]
    in_order = node.mode == "order"
    return [
        replace(
            whole,
            number=number,
            users=(user,),
            roles=(),
            post="",
            status=PlaceStatus.WAITING if in_order and number > first else PlaceStatus.OPEN,
            waits_for=number - 1 if in_order and number > first else None,
        )
        for number, user in enumerate(each, first)
    ]


def _require_holder(standing: Standing, step: int, people: People) -> None:
    place = _whole(standing, step, 1)
    everybody = asked(standing, place, people)
    if any(may_decide(standing, user, people) for user in everybody):
        return
    node, tier = standing.route.node(standing.path[step].node), people.tiers.get(place.at or 0)
    words = {
        "node": node.name,
        "who": who_in_words(node, people),
        "organisation": tier.name if tier else "",
        "names": ", ".join(people.name_of(user) for user in everybody),
    }
    able = [user for user in everybody if people.may(user, standing.organisation, *standing.decide)]
    if able:
        text = _(
            "“%(node)s” at %(organisation)s is held by %(names)s alone, who asked for this: nobody approves their own. "
            "Have somebody else made %(who)s there, or have somebody else submit."
        )
    elif everybody:
        text = _(
            "“%(node)s” at %(organisation)s is held by %(names)s, whose roles do not let them decide here. "
            "Ask the administrator."
        )
    else:
        text = _(
            "Nobody holds “%(node)s”: %(organisation)s has nobody who is %(who)s. "
            "Ask the administrator to give somebody this role there, then submit again."
        )
    raise NobodyHolds(text % words)


def who_in_words(node: NodeDefinition, people: People) -> str:
    """Whom a node asks, for messages: names of roles, the post, or user names."""
    if node.who.roles:
        names = [str(people.roles.get(role, role)) for role in node.who.roles]
        return " / ".join(f"“{name}”" for name in names)
    return node.who.post or ", ".join(node.who.users)

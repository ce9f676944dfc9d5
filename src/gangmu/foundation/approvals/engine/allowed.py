"""Who holds a place, and what somebody may do with a case now. Pages, the API, services and tests all ask here."""

from gangmu.foundation.approvals.actions import UNENDED, Action, CaseState
from gangmu.foundation.approvals.engine.standing import Place, Seat, Standing
from gangmu.foundation.approvals.people import ASK, CONFIGURE, DECIDE, ISSUE, People

TAKING_PART = (ASK, DECIDE, ISSUE, CONFIGURE)


def may_decide(standing: Standing, user: int, people: People) -> bool:
    """Whether somebody may decide on a case at all: by their roles, and because they did not ask for it."""
    return people.may(user, standing.organisation, *standing.decide) and not people.is_one_of(user, standing.askers)


def may_answer(standing: Standing, user: int, people: People) -> bool:
    """Whether somebody may be consulted: their roles reach the organisation and do more than look on."""
    return people.may_any(user, standing.organisation, *TAKING_PART)


def asked(standing: Standing, place: Place, people: People) -> list[int]:
    """Everybody whom a place asks, whether or not they may decide."""
    found = list(place.users)
    if place.roles and place.at is not None:
        found += people.with_role(place.roles, place.at, standing.organisation)
    if place.post and place.at is not None:
        found += people.with_post(place.post, place.at)
    return [user for user in dict.fromkeys(found) if user not in place.excluded]


def holders(standing: Standing, place: Place, people: People) -> list[int]:
    """Who may decide for a place in their own right; empty when nobody can any more."""
    able = may_decide if place.decides else may_answer
    return [user for user in asked(standing, place, people) if able(standing, user, people)]


def seat(standing: Standing, place: Place, user: int, people: People) -> Seat | None:
    """Somebody's right to a place, or None. Whoever stands in needs every right to decide themselves."""
    holding = holders(standing, place, people)
    if user in holding:
        return Seat(place, None)
    able = may_decide if place.decides else may_answer
    if user in place.excluded or not able(standing, user, people):
        return None
    for holder in holding:
        if user in people.stand_ins(holder):
            return Seat(place, holder)
    return None


def seats(standing: Standing, user: int, people: People) -> list[Seat]:
    """The open places at which somebody may act, consultations included."""
    if not standing.is_live:
        return []
    found = (seat(standing, place, user, people) for place in standing.places if place.is_open)
    return [one for one in found if one is not None]


def speaks_for_requester(standing: Standing, user: int, people: People) -> bool:
    """Whether somebody is the requester, or stands in for them."""
    return user == standing.requester or (
        user in people.stand_ins(standing.requester) and people.may(user, standing.organisation, *standing.ask)
    )


def allowed_actions(standing: Standing, user: int, people: People) -> frozenset[Action]:
    """What somebody may do with a case now."""
    found: set[Action] = set()
    organisation = standing.organisation
    if standing.state == CaseState.RETURNED and people.may(user, organisation, *standing.ask):
        found.add(Action.ISSUE if standing.downward else Action.SUBMIT)
    if standing.state not in UNENDED:
        return frozenset()
    if speaks_for_requester(standing, user, people):
        found.add(Action.WITHDRAW)
    if people.may_any(user, organisation, *TAKING_PART):
        found.add(Action.REMIND)
    if not standing.is_live:
        return frozenset(found)
    for one in seats(standing, user, people):
        if not one.place.decides:
            found.add(Action.ANSWER)
            continue
        node = standing.node_at(one.place.step)
        found.add(Action.ACKNOWLEDGE if node and node.purpose == "acknowledge" else Action.APPROVE)
        found |= {Action.RETURN, Action.DELEGATE, Action.ADD, Action.COUNTERSIGN, Action.CONSULT}
    if people.may(user, organisation, CONFIGURE) and not people.is_one_of(user, standing.askers):
        found.add(Action.REASSIGN)
    return frozenset(found)


def candidates(standing: Standing, action: Action, user: int, people: People) -> list[int]:
    """Whom somebody may name in an action: by name."""
    able = may_answer if action == Action.CONSULT else may_decide
    busy = busy_at(standing) if action != Action.CONSULT else frozenset()
    found = [
        one for one in people.persons if one != user and not people.is_one_of(one, busy) and able(standing, one, people)
    ]
    return sorted(found, key=lambda one: (people.persons[one].name, one))


def busy_at(standing: Standing) -> frozenset[int]:
    """Who is named at the present node already: one person does not count for two of its places."""
    if standing.step is None:
        return frozenset()
    return frozenset(
        user for place in standing.deciding(standing.step) for user in place.users if user not in place.excluded
    )

"""The parties of a grading: who may confirm for each, and that they are different people."""

from collections.abc import Mapping, Sequence

from gangmu.duties.grading.errors import NotReady, _, worded
from gangmu.duties.grading.models import Confirmation, Grading
from gangmu.duties.grading.scheme import Scheme
from gangmu.duties.grading.shipped import shipped
from gangmu.foundation.accounts.models import User
from gangmu.foundation.approvals.gathering import gather
from gangmu.foundation.approvals.models import Case
from gangmu.foundation.approvals.people import DECIDE, People
from gangmu.foundation.approvals.routes import current, defined

CONFIRM = "grading:confirm"


def require_different_people(scheme: Scheme, route: str, grading: Grading, by: User) -> None:
    """See that the route asks every party, and that as many different people can confirm.

    Parties that nobody holds at all are refused by approvals, which name the role.

    Raises:
        NotReady: a party has no node, or too few people hold the parties; names them.
    """
    definition = defined(current(route))
    nodes = {node.code: node for node in definition.nodes}
    missing = [scheme.confirmers[party] for party in grading.parties if party not in nodes]
    if missing:
        raise NotReady(
            _("The route “%(route)s” does not ask %(party)s. Ask the administrator to add the node “%(code)s”."),
            route=definition.name,
            party=missing[0],
            code=next(party for party in grading.parties if party not in nodes),
        )
    people = gather([grading.organisation_id], posts=any(node.who.post for node in definition.nodes))
    able: dict[str, list[int]] = {}
    for party in grading.parties:
        who = nodes[party].who
        line = people.lines.get(grading.organisation_id, ())
        at = next((one.id for one in line if one.kind == who.level), None) if who.level else grading.organisation_id
        found = people.with_role(who.roles, at, grading.organisation_id) if at else []
        found += people.with_post(who.post, at) if who.post and at else []
        found += [one.id for one in people.persons.values() if one.username in who.users]
        able[party] = [
            one
            for one in dict.fromkeys(found)
            if people.may(one, grading.organisation_id, DECIDE, CONFIRM) and not people.is_one_of(one, [by.pk])
        ]
    short = too_few({party: {person(people, one) for one in users} for party, users in able.items() if users})
    if short:
        raise NotReady(
            _(
                "%(parties)s are held by %(names)s alone, and nobody confirms for two parties. Give one of these roles "
                "to somebody else."
            ),
            parties=" / ".join(str(scheme.confirmers[party]) for party in short),
            names=", ".join(sorted({people.name_of(one) for party in short for one in able[party]})),
        )


def person(people: People, user: int) -> tuple[str, int]:
    """Who somebody is, with whichever account."""
    contact = people.persons[user].contact if user in people.persons else None
    return ("user", user) if contact is None else ("contact", contact)


def too_few(able: Mapping[str, set[tuple[str, int]]]) -> Sequence[str]:
    """Parties that together have fewer people than they are, or none: by augmenting paths (Kőnig)."""
    taken: dict[tuple[str, int], str] = {}

    def seat(party: str, tried: set[tuple[str, int]], asked: list[str]) -> bool:
        asked.append(party)
        for one in sorted(able[party] - tried):
            tried.add(one)
            if one not in taken or seat(taken[one], tried, asked):
                taken[one] = party
                return True
        return False

    for party in able:
        asked: list[str] = []
        if not seat(party, set(), asked):
            return [one for one in able if one in asked]
    return []


def refuses(case: Case, by: User) -> str:
    """Why somebody does not confirm for the party at which a grading stands: they have, for another one."""
    grading = Grading.objects.filter(pk=case.subject_id).first()
    if grading is None:
        return ""
    earlier = Confirmation.objects.filter(grading=grading, user=by).first()
    if earlier is None and by.contact_id is not None:
        earlier = Confirmation.objects.filter(grading=grading, contact_id=by.contact_id).first()
    party = case.path[case.step]["node"] if case.step is not None else ""
    if earlier is None or earlier.party == party:
        return ""
    named = shipped(grading.scheme).confirmers
    return worded(
        _(
            "%(name)s has confirmed for %(earlier)s already, and nobody confirms for two parties. "
            "Somebody else confirms for %(party)s."
        ),
        name=earlier.user_name,
        earlier=named.get(earlier.party, earlier.party),
        party=named.get(party, party),
    )

"""Whom to call about a sheet: who holds it at its node; while it is being filled in, the clerks of who files it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from gangmu.figures.filing.access import FILE
from gangmu.figures.filing.views.common import KIND
from gangmu.foundation.access.permissions import any_implies
from gangmu.foundation.approvals import queries as approvals
from gangmu.foundation.approvals.actions import UNENDED
from gangmu.foundation.approvals.gathering import gather
from gangmu.foundation.approvals.models import Case
from gangmu.foundation.parties.models import Contact
from gangmu.foundation.settings import clock


@dataclass(frozen=True)
class Called:
    """A name and a number; without a `user_id` somebody who has no account."""

    name: str
    phone: str = ""
    user_id: int | None = None


def cases_of(sheets: Iterable[int]) -> dict[int, Case]:
    """The cases under way by sheet."""
    rows = Case.objects.filter(kind=KIND, subject_id__in=list(sheets), state__in=UNENDED).select_related("route")
    return {case.subject_id: case for case in rows}


def people_to_call(standings: Sequence[Any]) -> dict[tuple[str, int], tuple[Called, ...]]:
    """By form and organisation."""
    cases = cases_of(one.sheet.pk for one in standings if one.sheet)
    approvals.read(list(cases.values()))
    filers = {one.filer.pk for one in standings if not (one.sheet and one.sheet.pk in cases)}
    clerks = clerks_of(filers)
    found: dict[tuple[str, int], tuple[Called, ...]] = {}
    for one in standings:
        case = cases.get(one.sheet.pk) if one.sheet else None
        if case is not None:
            held = approvals.holders(case)
            found[one.form.code, one.organisation.pk] = tuple(
                Called(holder.name, holder.phone, holder.user_id) for holder in held if holder.user_id
            )
        else:
            found[one.form.code, one.organisation.pk] = clerks.get(one.filer.pk, ())
    return found


def clerks_of(organisations: Collection[int]) -> dict[int, tuple[Called, ...]]:
    """Who may file for each organisation: those whose role is nearest to it; where nobody may, its contacts."""
    if not organisations:
        return {}
    people = gather(organisations)
    found: dict[int, tuple[Called, ...]] = {}
    for one in organisations:
        distance = {tier.id: place for place, tier in enumerate(people.lines.get(one, ()))}
        filing = [
            (distance[grant.at], grant.user)
            for grant in people.grants
            if grant.at in distance and (grant.branch or grant.at == one) and any_implies(grant.permissions, FILE)
        ]
        nearest = min((place for place, _user in filing), default=0)
        users = dict.fromkeys(user for place, user in sorted(filing) if place == nearest)
        found[one] = tuple(Called(people.name_of(user), people.persons[user].phone, user) for user in users)
    contacts = _contacts([one for one in organisations if not found[one]])
    return found | contacts


def _contacts(organisations: Collection[int]) -> dict[int, tuple[Called, ...]]:
    if not organisations:
        return {}
    rows = Contact.objects.filter(organisation__in=organisations, valid__contains=clock.today()).order_by("id")
    found: dict[int, list[Called]] = defaultdict(list)
    for row in rows:
        found[row.organisation_id].append(Called(row.name, row.mobile or row.phone))
    return {pk: tuple(people) for pk, people in found.items()}

"""What pages, the API and other rooms ask about cases; always of what the asker may see.

What the rules need of one case (its places, who there is) is read once for each `Case` object and kept on it: several
questions about the same object cost what one does. After a change, read the case anew.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from gangmu.foundation.accounts.models import User
from gangmu.foundation.approvals import engine, loading
from gangmu.foundation.approvals.actions import LIVE, Action, CaseState, PlaceStatus
from gangmu.foundation.approvals.deadlines import reading
from gangmu.foundation.approvals.engine import allowed
from gangmu.foundation.approvals.engine.opening import who_in_words
from gangmu.foundation.approvals.hats import hats
from gangmu.foundation.approvals.history import Step, histories, history
from gangmu.foundation.approvals.loading import Loaded
from gangmu.foundation.approvals.models import Case, Place
from gangmu.foundation.approvals.people import CONFIGURE
from gangmu.foundation.periods.measure import Reading
from gangmu.foundation.settings import clock


@dataclass(frozen=True)
class Holder:
    """Somebody who holds a case now, or, without a `user_id`, nobody: `why` then says why and what to do."""

    user_id: int | None
    name: str
    organisation: str
    phone: str
    since: datetime
    due: datetime | None
    late: bool
    on_behalf_of: str = ""
    why: str = ""
    place: int | None = None  # its number


@dataclass(frozen=True)
class Person:
    """Somebody who may be named."""

    user_id: int
    name: str
    organisation: str
    phone: str


@dataclass(frozen=True)
class NodeView:
    """One node of a case's path, as pages draw it."""

    index: int
    name: str
    organisation: str
    status: str  # passed | present | ahead | skipped
    note: str = ""  # why it is skipped
    places: tuple[Place, ...] = field(default=())


def read(cases: Collection[Case]) -> dict[int, Loaded]:
    """Cases with what the rules need of them, many at once; those read before are not read again."""
    known = {case.pk: case._read for case in cases if hasattr(case, "_read")}
    fresh = loading.load([case for case in cases if case.pk not in known])
    for one in fresh.values():
        one.case._read = one
    return known | fresh


def _read(case: Case) -> Loaded:
    return read([case])[case.pk]


def allowed_actions(case: Case, user: User) -> frozenset[Action]:
    """What a user may do with a case now."""
    one = _read(case)
    return engine.allowed_actions(one.standing, user.pk, one.people)


def places_of(case: Case, user: User) -> list[Place]:
    """The open places at which a user may act, consultations included; the first is theirs unless they choose."""
    one = _read(case)
    return [one.rows[chair.place.number] for chair in engine.seats(one.standing, user.pk, one.people)]


def waiting_for(user: User) -> list[tuple[Case, Place]]:
    """What waits for a user, also as somebody's stand-in; what is due first comes first, then what waits longest."""
    acting_for, organisations = hats(user)
    # what may be theirs, by named people, roles and posts; which of it is, the rules decide
    near = Q(users__overlap=sorted(acting_for)) | Q(at__in=sorted(organisations)) | ~Q(post="")
    rows = Place.objects.filter(near, status=PlaceStatus.OPEN, case__state__in=LIVE)
    cases = Case.objects.select_related("route").in_bulk(rows.values_list("case_id", flat=True).distinct())
    loaded = read(list(cases.values()))
    found = [
        (one.case, one.rows[chair.place.number])
        for one in loaded.values()
        for chair in engine.seats(one.standing, user.pk, one.people)
    ]
    far = datetime.max.replace(tzinfo=clock.now().tzinfo)
    return sorted(found, key=lambda pair: (pair[1].due_at or far, pair[1].opened_at or far, pair[0].pk))


def holders(case: Case) -> list[Holder]:
    """Who holds a case that has not ended: never empty for such a case, and empty for one that has ended.

    A returned case is held by its requester. Where nobody can decide any more, the answer says so, and who can help.
    """
    one, now = _read(case), clock.now()
    if case.state == CaseState.RETURNED:
        return [_holder(one, case.requested_by_id, case.since, None, otherwise=case.requested_by_name)]
    if case.state not in LIVE:
        return []
    found: list[Holder] = []
    for place in one.standing.open_places:
        row = one.rows[place.number]
        holding = engine.holders(one.standing, place, one.people)
        for user in holding:
            found.append(_holder(one, user, row.opened_at or case.since, row, now=now))
            for stand_in in one.people.stand_ins(user):
                if allowed.seat(one.standing, place, stand_in, one.people):
                    behalf = one.people.name_of(user)
                    found.append(_holder(one, stand_in, row.opened_at or case.since, row, now=now, behalf=behalf))
        if not holding:
            found.append(_nobody(one, row, now))
    return found


def _holder(
    one: Loaded,
    user: int,
    since: datetime,
    row: Place | None,
    *,
    now: datetime | None = None,
    behalf: str = "",
    otherwise: str = "",
) -> Holder:
    person = one.people.persons.get(user)
    due = row.due_at if row else None
    return Holder(
        user_id=user,
        name=person.name if person else otherwise,
        organisation=str(person.organisation) if person else "",
        phone=person.phone if person else "",
        since=since,
        due=due,
        late=bool(due and now and due < now),
        on_behalf_of=behalf,
        place=row.number if row else None,
    )


def _nobody(one: Loaded, row: Place, now: datetime) -> Holder:
    """That nobody can decide at a place, why, and who can help."""
    people, organisation = one.people, one.case.organisation_id
    node, tier = one.standing.node_at(row.step), people.tiers.get(row.at_id or organisation)
    helpers = sorted(people.name_of(user) for user in people.persons if people.may(user, organisation, CONFIGURE))
    named = ", ".join(row.user_names.get(str(user), "") for user in row.users if user not in row.excluded)
    who = named or (who_in_words(node, people) if node else "")
    text = _("Nobody can decide here at present: %(who)s at %(organisation)s is missing.")
    why = text % {"who": who, "organisation": tier.name if tier else ""}
    if helpers:
        why += " " + _("%(names)s can reassign it.") % {"names": ", ".join(helpers)}
    else:
        why += " " + _("Ask the administrator to give somebody the role there.")
    since = row.opened_at or one.case.since
    late = bool(row.due_at and row.due_at < now)
    return Holder(None, "", str(tier.name) if tier else "", "", since, row.due_at, late, "", why, row.number)


def path(case: Case) -> list[NodeView]:
    """The nodes of a case's route in order, each with its places of this round."""
    one = _read(case)
    ended = case.state in (CaseState.APPROVED, CaseState.ACKNOWLEDGED)
    skipped = {
        "absent": _("skipped: there is no such tier above this organisation"),
        "condition": _("skipped: not needed for this one"),
    }
    found = []
    for index, step in enumerate(one.standing.path):
        places = tuple(
            one.rows[place.number]
            for place in one.standing.places
            if place.step == index and place.status != PlaceStatus.VOID
        )
        tier = one.people.tiers.get(step.at or 0)
        passed = ended or (case.step is not None and index < case.step)
        status = "present" if case.step == index else "passed" if passed else "ahead"
        found.append(
            NodeView(
                index=index,
                name=str(one.standing.route.node(step.node).name),
                organisation=str(tier.name) if tier else "",
                status="skipped" if step.skipped else status,
                note=skipped.get(step.skipped, ""),
                places=places,
            )
        )
    return found


def clock_of(case: Case, place: Place) -> Reading | None:
    """How a place's deadline was computed; None when it has none."""
    standing = _read(case).standing
    node = standing.route.node(standing.path[place.step].node)
    if place.opened_at is None or place.due_at is None:
        return None
    return reading(standing.route, node, place.opened_at, place.closed_at or clock.now())


def case_of(kind: str, subject_id: int, organisation: int | None = None) -> Case | None:
    """The latest case of a subject (issued downward: at one organisation)."""
    return cases_of(kind, [subject_id], organisation).get(subject_id)


def cases_of(kind: str, subjects: Iterable[int], organisation: int | None = None) -> dict[int, Case]:
    """The latest case of each subject that has one."""
    rows = Case.objects.select_related("route").filter(kind=kind, subject_id__in=list(subjects))
    if organisation is not None:
        rows = rows.filter(organisation_id=organisation)
    return {case.subject_id: case for case in rows.order_by("subject_id", "-pk").distinct("subject_id")}


def candidates(case: Case, action: Action, user: User | None = None) -> list[Person]:
    """People whom a user may name in an action, never themselves: their scope covers the case's organisation."""
    one = _read(case)
    found = allowed.candidates(one.standing, action, user.pk if user else 0, one.people)
    persons = [one.people.persons[user_id] for user_id in found]
    return [Person(person.id, person.name, str(person.organisation), person.phone) for person in persons]


__all__ = [
    "Holder",
    "NodeView",
    "Person",
    "Step",
    "allowed_actions",
    "candidates",
    "case_of",
    "cases_of",
    "clock_of",
    "histories",
    "history",
    "holders",
    "path",
    "places_of",
    "read",
    "waiting_for",
]

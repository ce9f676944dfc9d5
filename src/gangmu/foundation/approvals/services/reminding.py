"""Reminding 催办, of one case and of all that are late."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from gangmu.foundation.accounts.models import User
from gangmu.foundation.approvals.actions import LIVE, Action, CaseState
from gangmu.foundation.approvals.engine.allowed import TAKING_PART, allowed_actions, holders
from gangmu.foundation.approvals.errors import CaseClosed, NobodyHolds, NotAllowed, NotFound, TooSoon
from gangmu.foundation.approvals.loading import Loaded, load
from gangmu.foundation.approvals.models import Case, Reminder
from gangmu.foundation.approvals.services.keys import kept, occasion
from gangmu.foundation.approvals.services.performing import lock
from gangmu.foundation.approvals.services.telling import REMINDED, REMINDED_MANY, to_each, whom_to_tell
from gangmu.foundation.approvals.services.writing import note_all
from gangmu.foundation.settings import clock

PAUSE = timedelta(hours=1)  # nobody is reminded of the same case more often


@dataclass(frozen=True)
class Reminded:
    """How many people were reminded of how many cases, and how many cases were left in peace for another while."""

    people: int
    cases: int
    too_soon: int


@transaction.atomic
def remind(case_id: int, *, by: User, key: str, words: str = "") -> list[str]:
    """Remind everybody who holds the case; their names. A returned case is held by its requester.

    Raises:
        NotAllowed: they have no part in the approvals of its organisation.
        NobodyHolds: nobody can decide any more; an administrator must reassign it.
        TooSoon: everybody who holds it was reminded less than an hour ago.
        CaseClosed: it has ended.
    """
    key = kept(key)
    case = lock([case_id]).get(case_id)
    if case is None:
        raise NotFound(_("There is no such case, or it is not in your scope."))
    done = Reminder.objects.filter(case=case, by=by, key=key)
    if done:
        return [one.to_name for one in done]
    one = load([case])[case.pk]
    if case.state not in (*LIVE, CaseState.RETURNED):
        raise CaseClosed(_("This has ended: nobody has to be reminded."))
    if Action.REMIND not in allowed_actions(one.standing, by.pk, one.people):
        raise NotAllowed(_("Your roles have no part in this organisation's approvals. Ask the administrator."))
    whom = _whom(one, by)
    if not whom:
        raise NobodyHolds(_("Nobody can decide on this at present. Ask the administrator to reassign it."))
    fresh = _not_lately([(one, user) for user in whom])
    if not fresh:
        raise TooSoon(_("They were reminded less than an hour ago. Call them, or wait."))
    return _remind(fresh, by=by, key=key, words=words)


@transaction.atomic
def remind_late(*, by: User, key: str, organisations: Collection[int] | None = None, words: str = "") -> Reminded:
    """Remind everybody who holds a case that is late, of all organisations in the asker's scope or of those given."""
    key = kept(key)
    late = Case.objects.filter(state__in=LIVE, due_at__lt=clock.now())
    if organisations is not None:
        late = late.filter(organisation_id__in=list(organisations))
    cases = lock(list(late.values_list("pk", flat=True)))
    loaded = load(list(cases.values()))
    again = set(Reminder.objects.filter(case_id__in=list(loaded), by=by, key=key).values_list("case_id", flat=True))
    wanted = [
        (one, user)
        for case_id, one in loaded.items()
        if case_id not in again and one.people.may_any(by.pk, one.case.organisation_id, *TAKING_PART)
        for user in _whom(one, by, late_alone=True)
    ]
    fresh = _not_lately(wanted)
    if fresh:
        _remind(fresh, by=by, key=key, words=words)
    cases_told = {one.case.pk for one, _user in fresh}
    return Reminded(
        people=len({user for _one, user in fresh}),
        cases=len(cases_told),
        too_soon=len({one.case.pk for one, _user in wanted} - cases_told),
    )


def _whom(one: Loaded, by: User, *, late_alone: bool = False) -> list[int]:
    """Who holds a case, and who stands in for them; never who reminds."""
    if one.case.state == CaseState.RETURNED:
        return [user for user in whom_to_tell(one.case.requested_by_id, one.people) if user != by.pk]
    now = clock.now()
    found: list[int] = []
    for place in one.standing.open_places:
        due = one.rows[place.number].due_at
        if late_alone and (due is None or due >= now):
            continue
        for holder in holders(one.standing, place, one.people):
            found += whom_to_tell(holder, one.people)
    return [user for user in dict.fromkeys(found) if user != by.pk]


def _not_lately(wanted: Sequence[tuple[Loaded, int]]) -> list[tuple[Loaded, int]]:
    cases = {one.case.pk for one, _user in wanted}
    rows = Reminder.objects.filter(case_id__in=cases).values_list("case_id", "to_id").annotate(last=Max("at"))
    last = {(case, user): at for case, user, at in rows}
    limit = clock.now() - PAUSE
    return [(one, user) for one, user in wanted if (at := last.get((one.case.pk, user))) is None or at <= limit]


def _remind(wanted: Iterable[tuple[Loaded, int]], *, by: User, key: str, words: str) -> list[str]:
    wanted = list(wanted)
    now = clock.now()
    Reminder.objects.bulk_create(
        Reminder(
            case=one.case,
            organisation_id=one.case.organisation_id,
            to_id=user,
            to_name=one.people.name_of(user, one.case.requested_by_name),
            by=by,
            by_name=by.name,
            at=now,
            words=words,
            key=key,
        )
        for one, user in wanted
    )
    told: dict[int, list[Case]] = defaultdict(list)
    of_case: dict[int, list[int]] = defaultdict(list)
    for one, user in wanted:
        told[user].append(one.case)
        of_case[one.case.pk].append(user)
    cases = {one.case.pk: one.case for one, _user in wanted}
    note_all([(cases[pk], "remind", {"to": users}) for pk, users in of_case.items()], by)
    to_each(told, "approvals.reminded", REMINDED, REMINDED_MANY, occasion("m", key, by.pk), by=by.name, words=words)
    return list(dict.fromkeys(one.people.name_of(user, one.case.requested_by_name) for one, user in wanted))

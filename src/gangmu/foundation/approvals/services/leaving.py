"""Leave 离岗 and stand-ins 代理人."""

from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from psycopg.types.range import DateRange

from gangmu.foundation.accounts.models import User
from gangmu.foundation.approvals.errors import ApprovalError, NotAllowed, NotFound
from gangmu.foundation.approvals.gathering import gather
from gangmu.foundation.approvals.models import Leave
from gangmu.foundation.approvals.people import ASK, CONFIGURE, DECIDE, People
from gangmu.foundation.parties.days import Days
from gangmu.foundation.settings import clock

ONE_DAY = timedelta(days=1)


@transaction.atomic
def set_leave(user: int, stand_in: int, first: date, last: date, *, by: User, organisation: int | None = None) -> Leave:
    """Say that `user` is away from `first` to `last` (both counted) and who acts meanwhile.

    Args:
        organisation: where the person works; left out: what their account says. Needed when it is somebody else's leave
            and for choosing the stand-in: that person's roles must reach it and do more than look on.

    Raises:
        NotAllowed: it is somebody else's leave and `by` may not configure approvals there, or the stand-in has no
            part there.
        ApprovalError: the days are over or the wrong way round, or touch another leave of the same person.
    """
    if last < first or last < clock.today():
        raise ApprovalError(_("The leave must end on or after its first day, and not before today."))
    if user == stand_in:
        raise NotAllowed(_("Name somebody else than the person who is away."))
    where = organisation if organisation is not None else by.organisation_id if user == by.pk else None
    if where is None:
        raise ApprovalError(_("Say at which organisation the person works."))
    people = gather([where])
    if user != by.pk and not people.may(by.pk, where, CONFIGURE):
        raise NotAllowed(_("Only administrators of approvals may set somebody else's leave."))
    if user not in people.persons:
        raise NotAllowed(_("The person who is away has no part in this organisation's approvals."))
    if not people.may_any(stand_in, where, ASK, DECIDE):
        raise NotAllowed(_("The stand-in's roles give them no part here. Choose from the list."))
    leave = Leave(
        user_id=user,
        user_name=people.name_of(user),
        organisation_id=where,
        stand_in_id=stand_in,
        stand_in_name=people.name_of(stand_in),
        valid=DateRange(first, last + ONE_DAY),
        set_by=by,
        set_at=clock.now(),
    )
    try:
        with transaction.atomic():
            leave.save()
    except IntegrityError as error:
        raise ApprovalError(_("They are away on some of these days already. End that leave first.")) from error
    return leave


@transaction.atomic
def end_leave(leave_id: int, *, by: User) -> Leave:
    """End a leave: today is the first day back. A leave that has not begun is removed.

    Raises:
        NotFound: there is none, or it is over.
        NotAllowed: it is somebody else's, and `by` may not configure approvals there.
    """
    leave = Leave.objects.select_for_update().filter(pk=leave_id).first()
    today = clock.today()
    if leave is None or Days.of(leave.valid).end <= today:
        raise NotFound(_("There is no such leave, or it is over."))
    people = gather([leave.organisation_id])
    if leave.user_id != by.pk and not people.may(by.pk, leave.organisation_id, CONFIGURE):
        raise NotAllowed(_("Only administrators of approvals may end somebody else's leave."))
    if Days.of(leave.valid).start >= today:
        leave.delete()
    else:
        leave.valid = DateRange(leave.valid.lower, today)
        leave.save(update_fields=["valid"])
    return leave


def stand_in_candidates(user: int, organisation: int) -> list[tuple[int, str]]:
    """Who may stand in for somebody at an organisation: id and name, by name."""
    people: People = gather([organisation])
    found = [
        one for one in people.persons.values() if one.id != user and people.may_any(one.id, organisation, ASK, DECIDE)
    ]
    return [(one.id, one.name) for one in sorted(found, key=lambda one: (one.name, one.id))]

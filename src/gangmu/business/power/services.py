"""What is done with the log of units: record an event, void one. The only place that writes it."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils.translation import gettext as _

from gangmu.business.power import queries
from gangmu.business.power.causes import explains
from gangmu.business.power.models import UnitEvent
from gangmu.business.power.unit_days import What, fits
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import AttributeValue, Organisation, Placement
from gangmu.foundation.settings import clock

FILE = "figures:file"
_LOG_LOCK = 7411004
_GRACE = timedelta(minutes=5)  # clocks on the plants' machines run ahead now and then


class EventRefused(ValueError):
    """The event cannot be recorded as given. `field` is where in a form it is wrong."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


@transaction.atomic
def record_event(
    unit: Organisation,
    what: What,
    at: datetime,
    *,
    by: User,
    scope: Scope,
    cause: str = "",
    available_mw: Decimal | None = None,
    words: str = "",
) -> UnitEvent:
    """Add an event to a unit's log. The same event again (unit, kind, instant) is the first one.

    Raises:
        PermissionDenied: `by` does not file figures for this unit.
        EventRefused: it lies in the future, does not fit what stands before or after it, or lacks what its kind needs.
    """
    if not scope.may_at(FILE, unit.pk):
        raise PermissionDenied
    _check_itself(unit, what, at, cause, available_mw)
    _one_at_a_time(unit.pk)
    same = queries.standing(unit.pk).filter(happened_at=at).first()
    if same and same.kind == what.value:
        return same
    if same:
        message = _("At this time %(event)s is recorded already. Void it first, or give the exact minute.")
        raise EventRefused(message % {"event": queries.told(same)}, "happened_at")
    before, after = queries.neighbours(unit.pk, at)
    _check_neighbours(what, before, after)
    return UnitEvent.objects.create(
        organisation=unit,
        kind=what.value,
        happened_at=at,
        cause=cause,
        available_mw=available_mw,
        words=words.strip(),
        recorded_at=clock.now(),
        recorded_by=by,
        recorded_by_name=by.name,
    )


@transaction.atomic
def void_event(event: UnitEvent, *, reason: str, by: User, scope: Scope) -> UnitEvent:
    """Take an event out of a unit's history, which keeps it with the reason. Voided again, nothing happens.

    Raises:
        PermissionDenied: `by` does not file figures for this unit.
        EventRefused: there is no reason.
    """
    if not scope.may_at(FILE, event.organisation_id):
        raise PermissionDenied
    if not reason.strip():
        raise EventRefused(_("Say why the event is voided."), "reason")
    _one_at_a_time(event.organisation_id)
    event.refresh_from_db()
    if event.is_void:
        return event
    event.voided_at, event.voided_by, event.voided_by_name = clock.now(), by, by.name
    event.void_reason = reason.strip()
    event.save(update_fields=["voided_at", "voided_by", "voided_by_name", "void_reason"])
    return event


def _one_at_a_time(unit_id: int) -> None:
    """Two who record for one unit at once see each other's events."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOG_LOCK, unit_id])


def _check_itself(unit: Organisation, what: What, at: datetime, cause: str, available_mw: Decimal | None) -> None:
    if unit.kind != "unit":
        raise EventRefused(_("%(name)s is no unit; events are recorded of units.") % {"name": unit}, "unit")
    if at > clock.now() + _GRACE:
        raise EventRefused(_("This time lies in the future. Record what has happened."), "happened_at")
    day = clock.business_date(at)
    if not Placement.objects.filter(child=unit, valid__contains=day).exists():
        raise EventRefused(_("%(name)s did not stand in the tree on %(day)s.") % {"name": unit, "day": day}, "unit")
    if what in (What.STOP, What.DERATE) and not explains(cause, what):
        raise EventRefused(_("Choose a cause that fits the event."), "cause")
    if what in (What.START, What.RESTORE) and cause:
        raise EventRefused(_("A start or full output has no cause; leave it empty."), "cause")
    if what is not What.DERATE:
        if available_mw is not None:
            raise EventRefused(_("Only a derating leaves a part of the capacity; leave it empty."), "available_mw")
        return
    if available_mw is None or available_mw < 0:
        raise EventRefused(_("Say how many MW are left: 0 or more."), "available_mw")
    capacity = AttributeValue.objects.filter(organisation=unit, name="capacity_mw", valid__contains=day).first()
    if capacity and capacity.number is not None and available_mw >= capacity.number:
        message = _("The unit has %(capacity)s MW; a derating leaves less.") % {"capacity": capacity.value}
        raise EventRefused(message, "available_mw")


def _check_neighbours(what: What, before: UnitEvent | None, after: UnitEvent | None) -> None:
    earlier, later = (What(one.kind) if one else None for one in (before, after))
    if before and not fits(earlier, what, None):
        message = _("This does not follow %(event)s, the event before it. Void that one, or record what is between.")
        raise EventRefused(message % {"event": queries.told(before)}, "kind")
    if after and not fits(None, what, later):
        message = _("%(event)s, the event after it, would not follow. Void that one, or record what is between.")
        raise EventRefused(message % {"event": queries.told(after)}, "kind")

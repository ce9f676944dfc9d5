"""Reading the log of units. Row security narrows it to the asker's scope."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime
from fractions import Fraction

from django.db.models import Q, QuerySet

from gangmu.business.power.causes import causes
from gangmu.business.power.models import UnitEvent
from gangmu.business.power.unit_days import Event, Is, UnitDay, What, day_bounds, unit_day
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.parties.models import Organisation, Placement
from gangmu.foundation.settings.clock import BUSINESS_ZONE

MOST_PLACES = 500


def events() -> QuerySet[UnitEvent]:
    """All events in scope, the latest first, voided ones included."""
    return UnitEvent.objects.order_by("-happened_at", "-pk")


def standing(organisation_id: int) -> QuerySet[UnitEvent]:
    """The events of a unit that hold, in order."""
    return UnitEvent.objects.filter(organisation_id=organisation_id, voided_at__isnull=True).order_by("happened_at")


def units_filed(scope: Scope) -> list[Organisation]:
    """The units for which the asker files figures, in order of their names."""
    ids = [pk for pk in scope.changeable("figures") if scope.may_at("figures:file", pk)]
    return list(Organisation.objects.filter(kind="unit", pk__in=ids).order_by("sort_key", "code"))


def units_at(words: str, on: date) -> list[int]:
    """The ids of units whose code or name, or that of an organisation right above them that day, holds `words`."""
    named = Q(code__icontains=words) | Q(name_zh__icontains=words) | Q(name_en__icontains=words)
    found = set(Organisation.objects.filter(named).values_list("pk", flat=True)[:MOST_PLACES])
    below = Placement.objects.filter(parent_id__in=found, valid__contains=on).values_list("child_id", flat=True)
    return sorted(found | set(below))


def told(event: UnitEvent) -> str:
    """An event in a few words: what and when."""
    at = event.happened_at.astimezone(BUSINESS_ZONE)
    return f"{event.get_kind_display()} {at:%Y-%m-%d %H:%M}"  # pyright: ignore[reportAttributeAccessIssue]


def neighbours(organisation_id: int, at: datetime) -> tuple[UnitEvent | None, UnitEvent | None]:
    """The events of a unit that hold just before and just after an instant."""
    held = standing(organisation_id)
    return held.filter(happened_at__lt=at).last(), held.filter(happened_at__gt=at).first()


def unit_days(capacities: Mapping[int, Fraction | None], day: date) -> dict[int, UnitDay]:
    """What a day was for units, by id, as far as the log says anything. Two queries.

    Args:
        capacities: MW by unit, None where it is not known.
    """
    start, end = day_bounds(day)
    found: dict[int, list[Event]] = defaultdict(list)
    for row in _concerning(capacities, start, end):
        found[row.organisation_id].append(as_event(row))
    days = {pk: unit_day(events, day, capacities[pk]) for pk, events in found.items()}
    return {pk: one for pk, one in days.items() if one is not None}


def _concerning(units: Collection[int], start: datetime, end: datetime) -> list[UnitEvent]:
    """The events of the day, the last before it, and for a unit without either the first after it."""
    held = UnitEvent.objects.filter(organisation_id__in=list(units), voided_at__isnull=True)
    inside = list(held.filter(happened_at__gte=start, happened_at__lt=end))
    before = held.filter(happened_at__lt=start).order_by("organisation_id", "-happened_at").distinct("organisation_id")
    after = held.filter(happened_at__gte=end).order_by("organisation_id", "happened_at").distinct("organisation_id")
    earlier = list(before)
    known = {row.organisation_id for row in (*earlier, *inside)}
    return [*earlier, *inside, *(row for row in after if row.organisation_id not in known)]


def as_event(row: UnitEvent) -> Event:
    """The row as a value."""
    cause = causes().get(str(row.cause))
    return Event(
        at=row.happened_at,
        what=What(row.kind),
        state=cause.state if cause else Is.FORCED,
        available_mw=None if row.available_mw is None else Fraction(row.available_mw),
    )

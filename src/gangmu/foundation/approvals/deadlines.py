"""When a place is due, and how that was computed."""

from datetime import datetime, time, timedelta
from functools import lru_cache

from django.utils.translation import gettext as _

from gangmu.foundation.approvals.routes import NodeDefinition, RouteDefinition
from gangmu.foundation.periods.calendars import WorkCalendar
from gangmu.foundation.periods.hours import AroundTheClock, Hours, WorkingHours
from gangmu.foundation.periods.measure import Event, Happening, Reading, StopClock, Target
from gangmu.foundation.periods.queries import work_calendar


def reading(route: RouteDefinition, node: NodeDefinition, opened_at: datetime, at: datetime) -> Reading | None:
    """The clock of a place: its target, what has counted so far, when it is due and why. None without a deadline."""
    deadline = node.deadline
    if deadline is None:
        return None
    hours: Hours = AroundTheClock()
    if deadline.working:
        hours = WorkingHours(work_calendar(), route.working_hours, provisional=True)
    source = _("route %(route)s, node “%(node)s”") % {"route": route.code, "node": node.name}
    target = Target(_("decision"), timedelta(hours=deadline.hours), source)
    clock = StopClock([Event(opened_at, Happening.STARTED, _("the case came to this node"))], hours)
    return clock.read(target, at)


def due_at(route: RouteDefinition, node: NodeDefinition, opened_at: datetime) -> datetime | None:
    """When a place that opens now is due."""
    if node.deadline is None:
        return None
    if not node.deadline.working:
        return opened_at + timedelta(hours=node.deadline.hours)
    return _working(work_calendar(), route.working_hours, node.deadline.hours, opened_at)


@lru_cache(maxsize=256)  # the calendar is the same object as long as no notice is loaded
def _working(
    calendar: WorkCalendar, working_hours: tuple[tuple[time, time], ...], amount: int, opened_at: datetime
) -> datetime | None:
    clock = StopClock([Event(opened_at, Happening.STARTED)], WorkingHours(calendar, working_hours, provisional=True))
    return clock.due(Target("decision", timedelta(hours=amount), "route"))

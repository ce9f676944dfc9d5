"""When sheets are due, and when approved ones are locked: moments of business time."""

from datetime import datetime, timedelta

from gangmu.figures.filing.definitions import FormDefinition, Moment
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock


def due_at(definition: FormDefinition, period: Period) -> datetime | None:
    """When the sheet of a period is due."""
    return moment_of(definition.due, period)


def locks_at(definition: FormDefinition, period: Period) -> datetime | None:
    """When an approved sheet of a period is locked by itself."""
    return moment_of(definition.locks, period)


def moment_of(moment: Moment | None, period: Period) -> datetime | None:
    """A moment of a form for a period, in business time."""
    if moment is None:
        return None
    day = period.end + timedelta(days=moment.days)
    return datetime.combine(day, moment.time, clock.BUSINESS_ZONE)

"""What roles and assignments are called on pages."""

from datetime import date, timedelta

from django.utils.translation import gettext as _

from gangmu.foundation.access.models import Assignment


def last_day(until: date | None) -> date | None:
    """The last day that counts, of a day that does not count any more."""
    return until - timedelta(days=1) if until else None


def reach_words(reach: str) -> str:
    """A reach, short."""
    return {
        Assignment.Reach.BRANCH: _("whole branch"),
        Assignment.Reach.OWN_ORGANISATION: _("this organisation alone"),
        Assignment.Reach.OWN_RECORDS: _("own records alone"),
    }.get(reach, reach)  # type: ignore[arg-type]


def assignment_words(one: Assignment) -> str:
    """An assignment in one line: role, organisation, reach, days."""
    days = _("since %(day)s") % {"day": one.valid_from}
    if one.valid_to:
        days = _("%(first)s to %(last)s") % {"first": one.valid_from, "last": last_day(one.valid_to)}
    return f"{one.role.name} · {one.organisation.name} ({reach_words(one.reach)}) · {days}"

"""Times as people say them: in 2 h, 3 h late, 5 min ago. Always measured against the injected clock."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gangmu.foundation.settings import clock

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def span_words(span: timedelta) -> str:
    """How long: minutes up to an hour, hours up to two days, then days. Whole ones, rounded down."""
    span = abs(span)
    if span < HOUR:
        return _("%(n)d min") % {"n": span // MINUTE}
    if span < 2 * DAY:
        return _("%(n)d h") % {"n": span // HOUR}
    days = span // DAY
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


def due_words(due: datetime, now: datetime | None = None) -> str:
    """When something must be done, seen from now: `in 2 h`, or `3 h late`."""
    now = now or clock.now()
    if abs(due - now) < MINUTE:
        return _("due now")
    words = {"span": span_words(due - now)}
    return _("%(span)s late") % words if due < now else _("in %(span)s") % words


def ago_words(since: datetime, now: datetime | None = None) -> str:
    """How long ago something was: `5 min ago`."""
    passed = (now or clock.now()) - since
    return _("just now") if passed < MINUTE else _("%(span)s ago") % {"span": span_words(passed)}

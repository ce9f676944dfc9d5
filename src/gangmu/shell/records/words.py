"""Records in the words of a reader."""

import json
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import DateTimeField, Field, ForeignKey
from django.urls import reverse
from django.utils.translation import gettext as _

from gangmu.foundation.records import kinds
from gangmu.foundation.records.models import Alarm, Event, History, Record
from gangmu.foundation.settings.clock import BUSINESS_ZONE
from gangmu.shell.records.names import name_of


def who(record: Record) -> str:
    """Who it was: a name where the asker may see the person."""
    if record.by_id is None:
        return _("the system")
    return str(record.by) if record.by else _("somebody outside your scope")


def where(record: Record) -> str:
    """The organisation's name, where the asker may see it."""
    if record.organisation_id is None:
        return "–"
    return str(record.organisation) if record.organisation else _("outside your scope")


def model_name(label: str) -> str:
    """What rows of a model are called; its label when there is no such model any more."""
    try:
        return str(apps.get_model(label)._meta.verbose_name)
    except LookupError:
        return label


def subject(text: str) -> str:
    """ "parties.organisation:12" as "organisation 12"."""
    label, _colon, key = text.partition(":")
    return f"{model_name(label)} {key}" if key else ""


def columns(label: str) -> dict[str, Field]:
    """A model's fields, by column; none when there is no such model any more."""
    try:
        return {field.column: field for field in apps.get_model(label)._meta.concrete_fields}
    except LookupError:
        return {}


def column_name(column: str, fields: dict[str, Field]) -> str:
    """What a column is called."""
    return name_of(fields[column]) if column in fields else column


def values(change: History) -> list[tuple[str, str, str, bool]]:
    """Every column of a change: its name, its value before and after, and whether it became another."""
    before, after = change.before or {}, change.after or {}
    fields = columns(change.model)
    rows = []
    for column in [*after, *(set(before) - set(after))]:
        old, new = before.get(column), after.get(column)
        name = column_name(column, fields)
        rows.append((name, text(old, fields.get(column)), text(new, fields.get(column)), old != new))
    hidden = set(change.changed or []) - set(before) - set(after)
    return rows + [(column_name(column, fields), "", _("changed; not recorded"), True) for column in sorted(hidden)]


def text(value: Any, field: Field | None = None) -> str:
    """A value of an image as text: instants in the business zone, rows of other tables by their number."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(field, DateTimeField) and isinstance(value, str):
        return f"{datetime.fromisoformat(value).astimezone(BUSINESS_ZONE):%Y-%m-%d %H:%M:%S}"
    if isinstance(field, ForeignKey):
        return f"{field.related_model._meta.verbose_name} {value}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def trail_of(subject_text: str) -> str:
    """Where the trail of an event's subject is; nothing without one."""
    label, _colon, key = subject_text.partition(":")
    return reverse("records:thing", args=[label, key]) if key else ""


def about(alarm: Alarm) -> str:
    """What an alarm concerns: a person, an address, an event, a seal, a receiver."""
    kind, _colon, key = alarm.about.partition(":")
    match kind:
        case "user":
            return str(alarm.user) if alarm.user else _("somebody outside your scope")
        case "typed":
            return _("a name that is no account's (%(hash)s)") % {"hash": key}
        case "address":
            return key
        case "event":
            return f"{alarm.user or ''} · {_('event')} {key}"
        case "seal":
            return _("seal %(number)s") % {"number": key}
    return key or alarm.about


def kind(event: Event) -> str:
    """What an event is called."""
    return kinds.title_of(event.kind)


def findings(event: Event) -> list[str]:
    """What a verification found, in the words it was noted with."""
    return [str(one.get("message", one)) for one in event.data.get("findings", []) if one.get("severity") != "note"]

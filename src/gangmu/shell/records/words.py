"""Records in the words of a reader."""

import json
from typing import Any

from django.apps import apps
from django.utils.translation import gettext as _

from gangmu.foundation.records.models import History, Record


def who(record: Record) -> str:
    """Who it was: a name where the asker may see the person."""
    if record.by_id is None:
        return _("the system")
    return str(record.by) if record.by else _("somebody outside your scope")


def where(record: Record) -> str:
    """The organisation's name, where the asker may see it."""
    if record.organisation_id is None:
        return ""
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


def columns(label: str) -> dict[str, str]:
    """The names of a model's columns, by column."""
    try:
        fields = apps.get_model(label)._meta.concrete_fields
    except LookupError:
        return {}
    return {field.column: str(field.verbose_name) for field in fields}


def values(change: History) -> list[tuple[str, str, str, bool]]:
    """Every column of a change: its name, its value before and after, and whether it became another."""
    before, after = change.before or {}, change.after or {}
    names = columns(change.model)
    hidden = set(change.changed or []) - set(before) - set(after)
    rows = [
        (
            names.get(column, column),
            text(before.get(column)),
            text(after.get(column)),
            before.get(column) != after.get(column),
        )
        for column in [*after, *(set(before) - set(after))]
    ]
    return rows + [(names.get(column, column), "", _("changed; not recorded"), True) for column in sorted(hidden)]


def text(value: Any) -> str:
    """A value of an image as text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

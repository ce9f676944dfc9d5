"""Recorded changes in the words of a reader."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.db.models import Field, ForeignKey
from django.utils.translation import gettext as _

from gangmu.foundation.parties import kinds, queries
from gangmu.foundation.parties.days import EVER, OPEN, Days
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.parties.queries import Scope
from gangmu.foundation.records.models import History

HIDDEN = {"id", "sort_key", "created_at", "changed_at", "organisation_id", "child_id", "number", "continued"}
ICONS = {
    "insert": ("plus", "success"),
    "update": ("pencil", ""),
    "delete": ("trash", "danger"),
    "baseline": ("eye", ""),
}


@dataclass(frozen=True)
class Row:
    """One recorded change: what happened to what, when, by whom, and the values that became others."""

    title: str
    at: datetime
    by: str
    icon: str
    tone: str
    values: list[tuple[str, str, str]]  # label, before, after


def describe(rows: Iterable[History], scope: Scope | None) -> list[Row]:
    """Rows of history for a page; organisations in them by name, where the asker may see them."""
    rows = list(rows)
    mentioned = {image.get("parent_id") for row in rows for image in (row.before, row.after) if image}
    names = {one.pk: one.name for one in queries.visible(scope).filter(pk__in=mentioned - {None})}
    return [_row(row, names) for row in rows]


def _row(row: Any, names: dict[int, str]) -> Row:
    model = apps.get_model(row.model)
    before, after = row.before or {}, row.after or {}
    values = []
    for field in model._meta.concrete_fields:
        column = field.column
        old, new = before.get(column), after.get(column)
        if column in HIDDEN or old == new:
            continue
        was, became = (_text(field, image[column], names) if column in image else "" for image in (before, after))
        values.append((_label(field), was, became))
    what = str(model._meta.verbose_name)
    attribute = kinds.attributes().get(str((after or before).get("name")))
    if row.model == "parties.attributevalue" and attribute:
        what = str(attribute.label)
        values = [value for value in values if value[0] != _label(model._meta.get_field("name"))]
    icon, tone = ICONS.get(row.operation, ("history", ""))
    title = f"{what} · {row.get_operation_display()}"
    by = _("operator") if row.by_id is None else str(row.by) if row.by else _("another user")
    return Row(title, row.at, by, icon, tone, values)


def _label(field: Field) -> str:
    return _("parent") if isinstance(field, ForeignKey) and field.column == "parent_id" else str(field.verbose_name)


def _text(field: Field, value: Any, names: dict[int, str]) -> str:
    if value is None or value == "":
        return _("at the top") if field.column == "parent_id" and value is None else ""
    if field.column == "parent_id":
        return names.get(value) or _("outside your scope")
    if field.column == "kind" and field.model is Organisation:
        return str(kinds.kind(value).name)
    if field.get_internal_type() == "DateRangeField":
        return str(_days(str(value)))
    return str(value)


def _days(text: str) -> Days:
    """A range as PostgreSQL writes it: [2024-01-01,)."""
    start, _comma, end = text.strip("[]()").partition(",")
    return Days(date.fromisoformat(start) if start else EVER, date.fromisoformat(end) if end else OPEN)

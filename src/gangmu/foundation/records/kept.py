"""Which tables keep history, and what their triggers look like."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import models

from gangmu.foundation.access.declarations import declared
from gangmu.foundation.settings.rowsecurity import ByOrganisation

TRIGGER = "records_keep_history"
GUARD = "records_are_only_added"
GUARDED = ("records_history", "records_event", "records_seal", "records_sealpart")
# What retention, alarms and receivers refuse, whoever writes: a trigger RULED on each row, by the function named.
RULED = "records_rule"
RULES = {
    "records_retention": "records_guard_retention",
    "records_retentionchange": "records_guard_change",
    "records_hold": "records_guard_hold",
    "records_purge": "records_guard_purge",
    "records_alarmrule": "records_guard_rule",
    "records_alarm": "records_guard_alarm",
    "records_receiver": "records_guard_receiver",
}
# Written through functions alone.
CLOSED = ("records_retention", "records_retentionchange", "records_hold", "records_purge", "records_alarmrule")


@dataclass(frozen=True)
class Kept:
    """A table whose changes the database writes down.

    Args:
        model: the model's label in lower case, by which history knows it.
        table: its table.
        keys: the columns of its primary key, in order.
        organisation: the column that holds the organisation's id, or "".
        excluded: columns that are in no image (secrets); that they changed is told.
        ignored: columns that are in no image and whose change alone is none (derived, or noted elsewhere).
    """

    model: str
    table: str
    keys: tuple[str, ...]
    organisation: str
    excluded: tuple[str, ...]
    ignored: tuple[str, ...]

    @property
    def arguments(self) -> list[str]:
        """The trigger's arguments, as `records_keep()` reads them."""
        return [self.model, ",".join(self.keys), self.organisation, ",".join(self.excluded), ",".join(self.ignored)]


def kept_tables() -> Iterator[Kept]:
    """Every table of a model with `keeps_history`, the tables of its many-to-many fields included."""
    for model in apps.get_models(include_auto_created=True):
        origin = model._meta.auto_created or model
        if not getattr(origin, "keeps_history", False) or model._meta.proxy:
            continue
        yield _kept(model)


def kept(label: str) -> Kept:
    """The table of one model, by label in any case."""
    return _kept(apps.get_model(label))


def _kept(model: type[models.Model]) -> Kept:
    meta = model._meta
    rule = declared(model)
    return Kept(
        model=meta.label_lower,
        table=meta.db_table,
        keys=tuple(str(field.column) for field in meta.pk_fields),
        organisation=rule.field if isinstance(rule, ByOrganisation) else "",
        excluded=tuple(getattr(model, "history_excludes", ())),
        ignored=tuple(getattr(model, "history_ignores", ())),
    )

"""What one person did, what happened to one thing: events and changes together, the latest first."""

from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db.models import Q, QuerySet
from django.urls import reverse

from gangmu.foundation.accounts.models import User
from gangmu.foundation.records import kinds, queries
from gangmu.foundation.records.models import Event, History
from gangmu.foundation.records.services import subject_of
from gangmu.shell.records import words

LONGEST = 200


@dataclass(frozen=True)
class Step:
    """One line of a trail."""

    at: datetime
    title: str
    url: str
    by: str
    note: str
    refused: bool
    icon: str


def person_trail(user: User) -> list[Step]:
    """What they did, and what was noted or changed about their account."""
    mine = Q(by=user) | Q(subject=subject_of(user))
    changed = Q(by=user) | Q(model__startswith="accounts.", row=str(user.pk))
    return _together(
        queries.events().filter(mine), History.objects.filter(changed).select_related("by").order_by("-id")
    )


def object_trail(label: str, row: str) -> list[Step]:
    """What happened to one row."""
    changes = History.objects.filter(model=label, row=row).select_related("by").order_by("-id")
    return _together(queries.events().filter(subject=f"{label}:{row}"), changes)


def _together(events: QuerySet[Event], changes: QuerySet[History]) -> list[Step]:
    steps = [_event(one) for one in islice(events, LONGEST)] + [_change(one) for one in islice(changes, LONGEST)]
    return sorted(steps, key=lambda step: step.at, reverse=True)[:LONGEST]


def _event(one: Event) -> Step:
    note = " · ".join(filter(None, (words.subject(one.subject), one.ip or "")))
    title, url = kinds.title_of(one.kind), reverse("records:event", args=[one.pk])
    return Step(one.at, title, url, words.who(one), note, one.refused, "alert-circle" if one.refused else "check")


def _change(one: History) -> Step:
    fields = words.columns(one.model)
    columns = ", ".join(words.column_name(column, fields) for column in one.changed or [])
    title = f"{words.model_name(one.model)} {one.row} · {one.get_operation_display()}"
    return Step(one.at, title, reverse("records:change", args=[one.pk]), words.who(one), columns, False, "history")

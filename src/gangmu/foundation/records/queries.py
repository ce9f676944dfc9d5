"""The reads. Row security narrows them to what the asker may see."""

from datetime import datetime

from django.db import models
from django.db.models import Q, QuerySet

from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.records.models import Event, History
from gangmu.foundation.records.services import subject_of


def history_of(row: models.Model) -> QuerySet[History]:
    """Every recorded change of one row, the latest first."""
    key = ",".join(str(value) for value in row.pk) if isinstance(row.pk, tuple) else str(row.pk)
    return History.objects.filter(model=row._meta.label_lower, row=key).select_related("by").order_by("-id")


def history_of_parts(parts: QuerySet) -> Q:
    """The condition under which history speaks of rows of another query (an organisation's placements, say)."""
    return Q(model=parts.model._meta.label_lower, row__in=[str(key) for key in parts.values_list("pk", flat=True)])


def events(
    *,
    kind: str | None = None,
    by: User | None = None,
    organisation: Organisation | None = None,
    subject: models.Model | None = None,
    since: datetime | None = None,
) -> QuerySet[Event]:
    """Events, the latest first. A kind that ends with "." means every kind that begins so (`accounts.`)."""
    found = Event.objects.select_related("by", "organisation").order_by("-id")
    if kind:
        found = found.filter(kind__startswith=kind) if kind.endswith(".") else found.filter(kind=kind)
    if by:
        found = found.filter(by=by)
    if organisation:
        found = found.filter(organisation=organisation)
    if subject is not None:
        found = found.filter(subject=subject_of(subject))
    if since:
        found = found.filter(at__gte=since)
    return found

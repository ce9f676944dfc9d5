"""One event, one change."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from gangmu.foundation.accounts.models import User
from gangmu.foundation.records import kinds, queries
from gangmu.foundation.records.models import History
from gangmu.shell.records import words
from gangmu.shell.records.trails import object_trail, person_trail
from gangmu.shell.records.views.asking import needs


@require_GET
def event(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything that was noted of an event."""
    record = get_object_or_404(queries.events(), pk=pk)
    title = kinds.title_of(record.kind)
    context = {
        "title": title,
        "breadcrumbs": [(_("Events"), reverse("records:events")), (title, "")],
        "record": record,
        "who": words.who(record),
        "where": words.where(record),
        "subject": words.subject(record.subject),
        "data": [(name, words.text(value)) for name, value in record.data.items()],
        "changes": changes_of(record.xact) if request.scope.may("records:view") else [],
        "trail": words.trail_of(record.subject),
    }
    return render(request, "records/event.html", context)


@require_GET
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """One change of a row, column by column."""
    record = get_object_or_404(History.objects.select_related("by", "organisation"), pk=pk)
    title = f"{words.model_name(record.model)} {record.row} · {record.get_operation_display()}"
    context = {
        "title": title,
        "breadcrumbs": [(_("Changes"), reverse("records:history")), (title, "")],
        "record": record,
        "who": words.who(record),
        "where": words.where(record),
        "values": words.values(record),
        "others": f"{reverse('records:history')}?model={record.model}&row={record.row}",
    }
    return render(request, "records/change.html", context)


def changes_of(xact: int) -> list[History]:
    """What was changed in the same transaction, for the reader's eyes."""
    return list(History.objects.filter(xact=xact).select_related("by", "organisation").order_by("id")[:50])


@require_GET
@needs("records:view")
def person(request: HttpRequest, user: int) -> HttpResponse:
    """Everything that one person did and was refused, and what was done with their account."""
    whom = get_object_or_404(User, pk=user)
    title = _("The trail of %(name)s") % {"name": whom}
    context = {
        "title": title,
        "breadcrumbs": [(_("Records"), reverse("records:overview")), (title, "")],
        "steps": person_trail(whom),
        "more": f"{reverse('records:events')}?person={whom.username}",
        "changes": f"{reverse('records:history')}?person={whom.username}",
    }
    return render(request, "records/trail.html", context)


@require_GET
@needs("records:view")
def thing(request: HttpRequest, label: str, row: str) -> HttpResponse:
    """Everything that happened to one row: its changes, and the events that speak of it."""
    title = f"{words.model_name(label)} {row}"
    context = {
        "title": title,
        "breadcrumbs": [(_("Records"), reverse("records:overview")), (title, "")],
        "steps": object_trail(label, row),
        "more": f"{reverse('records:events')}?subject={label}:{row}",
        "changes": f"{reverse('records:history')}?model={label}&row={row}",
    }
    return render(request, "records/trail.html", context)

"""One event, one change."""

import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from gangmu.foundation.records import kinds, queries
from gangmu.foundation.records.models import History
from gangmu.shell.records import words


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
        "data": json.dumps(record.data, ensure_ascii=False, indent=2) if record.data else "",
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

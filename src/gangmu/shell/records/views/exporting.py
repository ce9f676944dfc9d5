"""Handing the record over, with its seals."""

import tempfile
from collections.abc import Sequence
from typing import IO, Any

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from gangmu.foundation.accounts.models import User
from gangmu.foundation.accounts.queries import signed_in
from gangmu.foundation.records import kinds
from gangmu.foundation.records.export import Readable, columns_of, write_archive, write_csv, write_jsonl
from gangmu.foundation.records.services import note
from gangmu.foundation.settings import clock
from gangmu.foundation.ui import exports
from gangmu.foundation.ui.forms import show_form
from gangmu.foundation.ui.lists import ListPage
from gangmu.shell.records import words
from gangmu.shell.records.forms import ExportForm
from gangmu.shell.records.lists import EventList, HistoryList
from gangmu.shell.records.views.asking import needs

IN_MEMORY = 4 * 1024 * 1024
LISTS: dict[str, type[ListPage]] = {"event": EventList, "history": HistoryList}
SHEETS = {"csv": write_csv, "xlsx": exports.write_xlsx}


@require_http_methods(["GET", "POST"])
@needs("records:export")
def export(request: HttpRequest) -> HttpResponseBase:
    """Choose the file and say what it is for; the answer to that is the file. The export itself is recorded."""
    table = request.GET.get("table", "event")
    query = QueryDict(request.GET.urlencode(), mutable=True)
    for name in ("table", "page", "export", "sort", "col", "per_page"):
        query.pop(name, None)
    given = {"table": table if table in LISTS else "event", "query": query.urlencode()}
    form = ExportForm(request.POST or None, initial=given)
    if request.method == "POST" and form.is_valid():
        return _file(request, **form.cleaned_data)
    title = _("Export of the record")
    context = {
        "title": title,
        "breadcrumbs": [(_("Records"), reverse("records:overview")), (title, "")],
        "filters": _in_words(str(form["table"].value()), QueryDict(str(form["query"].value() or ""))),
    }
    return show_form(request, "records/export.html", form, context)


def _in_words(table: str, filters: QueryDict) -> list[tuple[str, str]]:
    """What is filtered by, as the list names it."""
    known = getattr(LISTS.get(table, EventList).filterset_class, "base_filters", {})
    labels = {name: str(one.label or name) for name, one in known.items()} | {"q": _("Search")}
    return [(labels.get(name, name), str(value)) for name, value in filters.items() if value]


def _file(request: HttpRequest, table: str, kind: str, query: str, reason: str) -> HttpResponse | FileResponse:
    filters = QueryDict(query)
    page = LISTS[table]()
    page.request = _as_asked(request, filters)
    by = signed_in(request)
    target: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 (the response closes it)
    told = {name: values for name, values in filters.lists() if any(values)}
    records = page.filtered.select_related(None)
    if kind == "jsonl":
        count = write_jsonl(target, table, records, told, by.username)
    else:
        readable = InWords(table)
        count = write_archive(target, kind, table, records, told, by.username, sheet=SHEETS[kind], readable=readable)
    data = {"table": table, "format": kind, "rows": count, "query": query, "reason": reason}
    note("records.exported", by=by, data=data, request=request)
    target.seek(0)
    name = f"records-{table}-{clock.today().isoformat()}.{'jsonl' if kind == 'jsonl' else 'zip'}"
    return FileResponse(target, as_attachment=True, filename=name)


def _as_asked(request: HttpRequest, filters: QueryDict) -> HttpRequest:
    """The request as the list would have got it: its filters in the address."""
    request.GET = filters  # type: ignore[assignment]
    return request


class InWords(Readable):
    """What a record is called, and whose it is, in the reader's language."""

    def __init__(self, table: str) -> None:
        names = columns_of(table)
        self._kind = names.index("kind" if table == "event" else "model")
        self._by, self._table = names.index("by_id"), table
        self._people: dict[str, str] = {}
        self.headers: Sequence[str] = (_("In words"), _("Person"))

    def cells(self, values: Sequence[str | None]) -> list[str]:
        title = str(values[self._kind] or "")
        shown = kinds.title_of(title) if self._table == "event" else words.model_name(title)
        return [shown, self._person(values[self._by])]

    def _person(self, key: Any) -> str:
        if not key:
            return ""
        if key not in self._people:
            found = User.objects.filter(pk=int(key)).first()
            self._people[key] = f"{found.name} ({found.username})" if found else ""
        return self._people[key]

"""A list is a list everywhere: search and filters on top, sorting, pages, columns, saved views, bulk actions, export.

It is a plain GET form, so it works without script and every state has an address; htmx only swaps the results.

    class OrganisationList(ListPage):
        key = "parties.organisations"
        title = _("Organisations")
        table_class = OrganisationTable
        filterset_class = OrganisationFilter
        search_fields = ("code", "name_zh", "name_en")

        def get_queryset(self):
            return queries.visible_organisations(self.request.user)
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.core.paginator import InvalidPage
from django.db.models import Model, Q, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views import View
from django_filters import FilterSet

from gangmu.foundation.records.services import note

from . import exports
from .asking import asker
from .models import SavedView
from .once import submit_once
from .tables import SelectColumn, Table

Text = str | Promise

RESULTS = "list-results"
PER_PAGE = (25, 50, 100, 200)
EXPORT_CHUNK = 2000
# Parameters that belong to the list itself; the rest are filters.
OWN_PARAMETERS = frozenset({"q", "sort", "page", "per_page", "col", "export"})


@dataclass(frozen=True)
class Action:
    """A button at the top of the page."""

    label: Text
    href: str
    icon: str = ""
    tone: str = ""


@dataclass(frozen=True)
class BulkAction:
    """Something to do with the rows that are ticked: calls the page's method `bulk_NAME(queryset) -> int`.

    The queryset is the page's own, narrowed to the ticked rows, so nothing outside the scope can be reached.
    The number returned is how many rows were changed.
    """

    name: str
    label: Text
    icon: str = ""
    tone: str = ""
    confirm: Text = ""


class ListPage(View):
    """One list. Set the attributes, write `get_queryset`; see the module's docstring."""

    key: str
    title: Text
    subtitle: Text = ""
    table_class: type[Table]
    filterset_class: type[FilterSet] | None = None
    search_fields: Sequence[str] = ()
    search_label: Text = _("Search")
    per_page: int = 50
    bulk_actions: Sequence[BulkAction] = ()
    empty_title: Text = _("Nothing here yet")
    empty_text: Text = ""
    empty_icon: str = "list-details"
    export_name: str = ""
    template_name: str = "ui/list/page.html"
    above_template: str = ""  # shown above the rows and renewed with them
    request: HttpRequest

    # To be written, or to be overridden.

    def get_queryset(self) -> QuerySet[Any]:
        """The rows that the asker may see, and no others."""
        raise NotImplementedError

    def get_actions(self) -> Sequence[Action]:
        """The buttons at the top, for this user."""
        return ()

    def get_breadcrumbs(self) -> Sequence[tuple[Text, str]]:
        """What stands above: pairs of label and address, the last one without an address."""
        return [(self.title, "")]

    def get_context(self) -> dict[str, Any]:
        """More for the template."""
        return {}

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        """Every word must occur in one of the `search_fields`."""
        for word in words.split()[:10]:
            found = Q()
            for name in self.search_fields:
                found |= Q(**{f"{name}__icontains": word})
            queryset = queryset.filter(found)
        return queryset

    def exported(self, kind: str, rows: int) -> None:
        """Record that rows left the system: which list, how many, under which filters."""
        data = {"list": self.key, "format": kind, "rows": rows, "query": self.current_query()}
        note("ui.exported", by=asker(self.request), data=data, request=self.request)

    # The machinery.

    @cached_property
    def filterset(self) -> FilterSet | None:
        if self.filterset_class is None:
            return None
        return self.filterset_class(self.request.GET or None, queryset=self.get_queryset(), request=self.request)

    @cached_property
    def words(self) -> str:
        return self.request.GET.get("q", "").strip()

    @cached_property
    def filtered(self) -> QuerySet[Any]:
        """The rows after filters and search. A filter that makes no sense selects nothing and says so."""
        queryset = self.get_queryset()
        if self.filterset is not None:
            valid = not self.filterset.is_bound or self.filterset.form.is_valid()
            queryset = self.filterset.qs if valid else queryset.none()
        if self.words and self.search_fields:
            queryset = self.search(queryset, self.words)
        return queryset

    @cached_property
    def optional_columns(self) -> list[tuple[str, Text]]:
        """The columns that the user may choose, with their headings."""
        table = self.table_class([])
        always = {*self.table_class.fixed, *list(table.columns.names())[:1]}
        return [(name, column.header) for name, column in table.columns.items() if name not in always]

    @cached_property
    def default_columns(self) -> list[str]:
        """Those of them that are shown as long as nobody has chosen, in the table's order."""
        return [name for name, _label in self.optional_columns if name not in self.table_class.hidden]

    @cached_property
    def chosen_columns(self) -> set[str]:
        names = {name for name, _label in self.optional_columns}
        return names.intersection(self.request.GET.getlist("col")) or set(self.default_columns)

    def make_table(self, rows: Any, *, select: bool = False) -> Table:
        """The table for some rows with the chosen columns."""
        unwanted = [name for name, _label in self.optional_columns if name not in self.chosen_columns]
        boxes = [("selected", SelectColumn())] if select and self.bulk_actions else []
        sequence = ("selected", *(self.table_class._meta.sequence or ("...",))) if boxes else None
        table = self.table_class(rows, exclude=unwanted, extra_columns=boxes, sequence=sequence, empty_text="")
        table.request = self.request  # given to the class itself, it would sort and cut the rows as the address says
        return table

    @cached_property
    def table(self) -> Table:
        table = self.in_order(self.make_table(self.filtered, select=True))
        asked = self.request.GET.get("page", "")
        page = int(asked[:9]) if asked.isascii() and asked.isdigit() else 1
        try:
            table.paginate(page=page, per_page=self.rows_per_page)
        except InvalidPage:
            table.paginate(page=table.paginator.num_pages, per_page=self.rows_per_page)
        return table

    def in_order(self, table: Table) -> Table:
        """Sort by what the address asks for; what is no column is ignored."""
        if self.order:
            table.order_by = self.order
        return table

    @cached_property
    def order(self) -> list[str]:
        """The columns that the address sorts by, `-` before those from high to low."""
        return [name for name in self.request.GET.getlist("sort") if name]

    @cached_property
    def rows_per_page(self) -> int:
        asked = self.request.GET.get("per_page", "")
        return int(asked) if asked in {str(size) for size in PER_PAGE} else self.per_page

    @cached_property
    def filters_are_set(self) -> bool:
        return any(value for name, value in self.request.GET.items() if name not in OWN_PARAMETERS) or bool(self.words)

    def saved_views(self) -> list[dict[str, Any]]:
        """The user's own views of this list and those that others share."""
        views = SavedView.objects.filter(Q(user=self.request.user.pk) | Q(shared=True), page=self.key)
        return [
            {"view": view, "own": view.user_id == self.request.user.pk, "current": view.is_shown_by(self.request.GET)}
            for view in views
        ]

    def current_query(self) -> str:
        """The present state without page and export, as it goes into a saved view."""
        parameters: QueryDict = self.request.GET.copy()
        for name in ("page", "export", "csrfmiddlewaretoken"):
            parameters.pop(name, None)
        for name in [name for name, values in parameters.lists() if not any(values)]:
            parameters.pop(name)
        return parameters.urlencode()

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse | FileResponse:
        kind = request.GET.get("export")
        if kind:
            return self.export(kind)
        partial = request.headers.get("HX-Request") == "true" and RESULTS in request.headers.get("HX-Target", "")
        template = "ui/list/results.html" if partial else self.template_name
        status = 422 if self.filterset and self.filterset.is_bound and not self.filterset.form.is_valid() else 200
        context = {
            "list": self,
            "title": self.title,
            "breadcrumbs": self.get_breadcrumbs(),
            "table": self.table,
            "total": self.table.paginator.count,
            "sizes": PER_PAGE,
            **self.get_context(),
        }
        return render(request, template, context, status=200 if partial else status)

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """A bulk action; the ticked rows come as `selected`."""
        return submit_once(self._bulk)(request)

    def _bulk(self, request: HttpRequest) -> HttpResponse:
        names = {action.name for action in self.bulk_actions}
        name = request.POST.get("action", "")
        if name not in names:
            raise BadRequest(_("This list has no such action. Reload the page and try again."))
        chosen = [key for key in request.POST.getlist("selected") if key.isascii() and key.isdigit()]
        if not chosen:
            messages.warning(request, _("No row was ticked, so nothing was changed. Tick rows first."))
        else:
            changed = getattr(self, f"bulk_{name}")(self.get_queryset().filter(pk__in=chosen))
            text = ngettext("%(n)d row was changed.", "%(n)d rows were changed.", changed)
            messages.success(request, text % {"n": changed})
        return redirect(request.get_full_path())

    def export(self, kind: str) -> FileResponse:
        """All rows of the present filters, in the present order and columns, as a file."""
        if kind not in exports.FORMATS:
            raise BadRequest(_("Lists can be exported as csv or xlsx."))
        table = self.in_order(self.make_table(self.filtered))
        counter = Counter(self._chunks(table.data.data))
        headers = [column.header for column in table.columns if not column.column.exclude_from_export]
        response = exports.file_response(
            counter, headers=headers, name=self.export_name or self.key.rpartition(".")[2], kind=kind
        )
        self.exported(kind, counter.rows)
        return response

    def _chunks(self, rows: Any) -> Iterator[list[Any]]:
        """The cells, some thousand rows at a time, so that a million rows need no more memory than a page."""
        if not isinstance(rows, QuerySet):
            yield from self._cells(rows)
            return
        chunk: list[Model] = []
        for row in rows.iterator(chunk_size=EXPORT_CHUNK):
            chunk.append(row)
            if len(chunk) == EXPORT_CHUNK:
                yield from self._cells(chunk)
                chunk = []
        yield from self._cells(chunk)

    def _cells(self, rows: Sequence[Any]) -> Iterator[list[Any]]:
        table = self.make_table(rows)
        columns = [column for column in table.columns if not column.column.exclude_from_export]
        for row in table.rows:
            yield [row.get_cell_value(column.name) for column in columns]


class Counter:
    """Passes rows on and counts them."""

    def __init__(self, rows: Iterator[list[Any]]) -> None:
        self._rows = rows
        self.rows = 0

    def __iter__(self) -> Iterator[list[Any]]:
        for row in self._rows:
            self.rows += 1
            yield row

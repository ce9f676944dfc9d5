"""What one was told: the list, following a notice to where it leads, marking read."""

from typing import Any

import django_filters
import django_tables2 as tables2
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from gangmu.foundation.accounts.queries import signed_in
from gangmu.foundation.notices import queries
from gangmu.foundation.notices.models import Notice
from gangmu.foundation.notices.services import mark_read
from gangmu.foundation.ui.lists import BulkAction, ListPage
from gangmu.foundation.ui.once import submit_once
from gangmu.foundation.ui.tables import MomentColumn, Table


class NoticeTable(Table):
    text = tables2.Column(verbose_name=_("Notice"), orderable=False)
    created_at = MomentColumn(verbose_name=_("At"))
    read_at = MomentColumn(verbose_name=_("Read at"))

    def render_text(self, record: Notice) -> SafeString:
        href = reverse("notices:open", args=[record.pk])
        shape = '<a href="{}">{}</a>' if record.read_at else '<a href="{}"><strong>{}</strong></a>'
        return format_html(shape, href, str(record))

    def value_text(self, record: Notice) -> str:
        return str(record)

    class Meta(Table.Meta):
        pass


class NoticeFilter(django_filters.FilterSet):
    unread = django_filters.ChoiceFilter(
        label=_("State"), choices=[("yes", _("unread")), ("no", _("read"))], empty_label=_("All"), method="by_state"
    )

    def by_state(self, rows: QuerySet[Notice], name: str, value: str) -> QuerySet[Notice]:
        return rows.filter(read_at__isnull=value == "yes")


class NoticeList(ListPage):
    """What one was told, the latest first; unread ones in bold."""

    key = "notices.list"
    title = _("Notices")
    table_class = NoticeTable
    filterset_class = NoticeFilter
    bulk_actions = (BulkAction("read", _("Mark read"), icon="check"),)
    template_name = "notices/list.html"
    empty_title = _("You have not been told anything yet")
    empty_text = _("Notices appear here when something needs your attention or has been done for you.")
    empty_icon = "bell"
    export_name = "notices"

    def get_queryset(self) -> QuerySet[Notice]:
        return queries.notices_of(signed_in(self.request))

    def get_context(self) -> dict[str, Any]:
        return {"unread": queries.unread_count(signed_in(self.request))}

    def bulk_read(self, chosen: QuerySet[Notice]) -> int:
        return mark_read(signed_in(self.request), chosen.values_list("pk", flat=True))


@require_GET
def open_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Go where a notice leads; it counts as read then."""
    notice = get_object_or_404(queries.notices_of(signed_in(request)), pk=pk)
    mark_read(signed_in(request), [notice.pk])
    return redirect(notice.url or "notices:list")


@require_POST
@submit_once
def mark_all_read(request: HttpRequest) -> HttpResponse:
    """Everything that one was told so far counts as read."""
    read = mark_read(signed_in(request))
    messages.success(request, ngettext("%(n)d notice marked read.", "%(n)d notices marked read.", read) % {"n": read})
    return redirect("notices:list")

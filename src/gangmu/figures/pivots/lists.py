"""The pivots that one keeps, and those that others share."""

from collections.abc import Sequence
from typing import Any

import django_tables2 as tables2
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from gangmu.figures.pivots.models import Pivot
from gangmu.foundation.ui.asking import asker
from gangmu.foundation.ui.lists import Action, ListPage
from gangmu.foundation.ui.tables import MomentColumn, Table


class PivotTable(Table):
    name = tables2.Column(verbose_name=_("Pivot"))
    organisation = tables2.Column(verbose_name=_("Shared with"), accessor="organisation__name", orderable=False)
    made_at = MomentColumn(verbose_name=_("Made at"))

    class Meta(Table.Meta):
        pass

    def render_name(self, record: Pivot) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("pivots:open", args=[record.pk]), record.name)

    def value_name(self, record: Pivot) -> str:
        return record.name


class PivotList(ListPage):
    """One's own pivots and those shared within one's scope."""

    key = "pivots.saved"
    title = _("Pivots")
    subtitle = _("Kept tables and charts of figures: your own, and those that colleagues share.")
    table_class = PivotTable
    search_fields = ("name",)
    empty_title = _("No pivots yet")
    empty_text = _(
        "Put indicators, organisations, periods and comparisons onto rows and columns, and save what you see."
    )
    empty_icon = "table"
    export_name = "pivots"

    def get_queryset(self) -> QuerySet[Pivot]:
        scope, user = self.request.scope, asker(self.request)
        rows = Pivot.objects.select_related("organisation")
        if not scope.may("figures:view"):
            return rows.none()
        shared = Q() if scope.everything else Q(organisation_id__in=list(scope.ids("figures")))
        return rows.filter(Q(user=user) | (Q(organisation__isnull=False) & shared))

    def get_actions(self) -> Sequence[Action]:
        return (Action(_("New pivot"), reverse("pivots:one"), icon="plus", tone="primary"),)

    def get_breadcrumbs(self) -> list[tuple[Any, str]]:
        return [(self.title, "")]

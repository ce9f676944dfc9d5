"""The list of closed months 关账: what was closed, where, by whom and why, and what was reopened."""

from collections.abc import Sequence
from typing import Any

import django_filters
import django_tables2 as tables2
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from gangmu.figures.filing.access import LOCK
from gangmu.figures.filing.models import MonthClosing
from gangmu.figures.filing.views.common import trail
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.periods.period import Period
from gangmu.foundation.ui.lists import Action, ListPage
from gangmu.foundation.ui.tables import MomentColumn, Table


class ClosingTable(Table):
    month = tables2.Column(verbose_name=_("Month"))
    indicator = tables2.Column(verbose_name=_("Indicator"), order_by=("indicator__code",))
    organisation = tables2.Column(verbose_name=_("Organisation"), order_by=("organisation__sort_key",))
    stands = tables2.Column(verbose_name=_("Status"), accessor="reopened_at", empty_values=(), orderable=False)
    closed_at = MomentColumn(verbose_name=_("Closed at"))
    reason = tables2.Column(verbose_name=_("Reason"), orderable=False)
    reopened_at = MomentColumn(verbose_name=_("Reopened at"))
    reopening_reason = tables2.Column(verbose_name=_("Reason for reopening"), orderable=False)
    change = tables2.Column(verbose_name="", orderable=False, empty_values=(), exclude_from_export=True)

    hidden = ("reopened_at", "reopening_reason")

    class Meta(Table.Meta):
        pass

    def render_month(self, record: MonthClosing) -> str:
        return Period.month(record.month.year, record.month.month).code

    def render_indicator(self, record: MonthClosing) -> str:
        return record.indicator.name

    def render_organisation(self, record: MonthClosing) -> str:
        return record.organisation.name

    def render_stands(self, record: MonthClosing) -> SafeString:
        tone, label = ("warning", _("month reopened")) if record.reopened_at else ("success", _("month closed"))
        return format_html('<span class="badge bg-{}-lt">{}</span>', tone, label)

    def value_stands(self, record: MonthClosing) -> str:
        return str(_("month reopened") if record.reopened_at else _("month closed"))

    def render_change(self, record: MonthClosing) -> SafeString | str:
        if record.reopened_at or not self.request.scope.may_at(LOCK, record.organisation_id):
            return ""
        return format_html(
            '<a class="btn btn-sm" href="{}">{}</a>', reverse("filing:month-reopen", args=[record.pk]), _("Reopen")
        )


def _indicators() -> QuerySet[Indicator]:
    return Indicator.objects.filter(pk__in=MonthClosing.objects.values("indicator")).order_by("code")


class ClosingFilter(django_filters.FilterSet):
    indicator = django_filters.ModelChoiceFilter(
        label=_("Indicator"), queryset=Indicator.objects.none(), empty_label=_("All")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.form.fields["indicator"].queryset = _indicators()


class ClosingList(ListPage):
    """Which months are closed: there settled values answer, and no figure changes."""

    key = "filing.months"
    title = _("Closed months")
    subtitle = _("A closed month is answered by its settled values; days keep their own, and no figure of it changes.")
    table_class = ClosingTable
    filterset_class = ClosingFilter
    search_fields = ("organisation__name_zh", "organisation__name_en", "organisation__code", "indicator__code")
    search_label = _("Organisation or indicator")
    empty_title = _("No month is closed")
    empty_text = _("Once a month's settled values are locked, it is closed here for an organisation and all below it.")
    empty_icon = "calendar"
    export_name = "closed-months"

    def get_actions(self) -> Sequence[Action]:
        if not self.request.scope.may(LOCK):
            return ()
        return (Action(_("Close a month"), reverse("filing:month-close"), icon="lock", tone="primary"),)

    def get_queryset(self) -> QuerySet[MonthClosing]:
        rows = MonthClosing.objects.select_related("organisation", "indicator")
        return rows.order_by("-month", "organisation__sort_key", "indicator__code", "-closed_at")

    def get_breadcrumbs(self) -> list[tuple[Any, str]]:
        return trail((self.title, ""))

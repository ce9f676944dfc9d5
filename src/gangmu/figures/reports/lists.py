"""The list of reports and their editions."""

from functools import cached_property
from typing import Any

import django_filters
import django_tables2 as tables2
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from gangmu.figures.reports import definitions, makers, queries
from gangmu.figures.reports.models import Edition
from gangmu.foundation.ui.lists import Action, ListPage
from gangmu.foundation.ui.tables import MomentColumn, NumberColumn, Table


def report_choices() -> list[tuple[str, str]]:
    designed = sorted((code, str(title)) for code, title in makers.titles().items())
    return [*((one.code, str(one.title)) for one in definitions.reports()), *designed]


class EditionTable(Table):
    period = tables2.Column(verbose_name=_("Period"), order_by=("last_day",))
    report = tables2.Column(verbose_name=_("Report"))
    organisation = tables2.Column(verbose_name=_("Organisation"), order_by=("organisation__sort_key",))
    number = NumberColumn(verbose_name=_("Edition"))
    reason = tables2.Column(verbose_name=_("Reason"))
    state = tables2.Column(verbose_name=_("State"))
    issued_at = MomentColumn(verbose_name=_("Issued at"))

    class Meta(Table.Meta):
        pass

    @cached_property
    def _titles(self) -> dict[str, str]:
        return dict(report_choices())

    def render_period(self, record: Edition) -> SafeString:
        return format_html('<a href="{}">{}</a>', queries.address(record), record.period)

    def value_period(self, record: Edition) -> str:
        return record.period

    def render_report(self, record: Edition) -> str:
        return self._titles.get(str(record.report), str(record.report))

    def render_organisation(self, record: Edition) -> str:
        return record.organisation.name

    def render_reason(self, record: Edition) -> str:
        return str(record.get_reason_display())

    def render_state(self, record: Edition) -> SafeString:
        tone = "success" if record.is_final else "warning"
        return format_html('<span class="badge bg-{}-lt">{}</span>', tone, record.get_state_display())

    def value_state(self, record: Edition) -> str:
        return str(record.get_state_display())


class EditionFilter(django_filters.FilterSet):
    """Report, reason, and the days between which the period ends."""

    report = django_filters.ChoiceFilter(label=_("Report"), choices=report_choices, empty_label=_("All"))
    reason = django_filters.ChoiceFilter(label=_("Reason"), choices=Edition.Reason.choices, empty_label=_("All"))
    since = django_filters.DateFilter(label=_("From"), field_name="last_day", lookup_expr="gte")
    until = django_filters.DateFilter(label=_("To"), field_name="last_day", lookup_expr="lte")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("since", "until"):
            self.form.fields[name].widget.input_type = "date"


class EditionList(ListPage):
    """Every edition in scope, the latest first; above them the reports themselves."""

    key = "reports.editions"
    title = _("Reports")
    table_class = EditionTable
    filterset_class = EditionFilter
    search_fields = ("organisation__name_zh", "organisation__name_en", "organisation__code")
    search_label = _("Organisation")
    empty_title = _("No editions yet")
    empty_text = _("A report is issued by the clock, or by hand on its page. Open it to see how it stands now.")
    empty_icon = "file-text"
    export_name = "editions"

    def get_queryset(self) -> QuerySet[Edition]:
        return queries.all_editions()

    def get_actions(self) -> list[Action]:
        return [
            Action(str(one.title), reverse("reports:report", args=[one.code]), "file-text", "primary")
            for one in definitions.reports()
        ]

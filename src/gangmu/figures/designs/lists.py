"""The list of reports designed in Excel."""

from typing import Any

import django_filters
import django_tables2 as tables2
from django.db.models import Max, QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from gangmu.figures.designs import queries
from gangmu.figures.designs.designing import DESIGN
from gangmu.figures.designs.models import Design
from gangmu.foundation.ui.lists import Action, ListPage
from gangmu.foundation.ui.tables import MomentColumn, Table
from gangmu.foundation.ui.templatetags import ui


class DesignTable(Table):
    name_zh = tables2.Column(verbose_name=_("Report"))
    grain = tables2.Column(verbose_name=_("Period"))
    organisation = tables2.Column(verbose_name=_("Belongs to"), empty_values=(), orderable=False)
    issue_at = tables2.Column(verbose_name=_("Issued"), empty_values=(), orderable=False)
    versions = tables2.Column(verbose_name=_("Workbooks"), empty_values=(), orderable=False)
    changed = MomentColumn(verbose_name=_("Last upload"), orderable=False)

    class Meta(Table.Meta):
        pass

    def render_name_zh(self, record: Design) -> SafeString:
        retired = ui.badge(_("no longer used"), "secondary") if record.is_retired else ""
        return format_html(
            '<a href="{}">{}</a> {}', reverse("designs:report", args=[record.code]), record.name, retired
        )

    def value_name_zh(self, record: Design) -> str:
        return record.name

    def render_grain(self, record: Design) -> str:
        return str(record.get_grain_display())

    def render_organisation(self, record: Design) -> str:
        return record.organisation.name if record.organisation else str(record.get_source_display())

    def render_issue_at(self, record: Design) -> str:
        if record.issue_at is None:
            return str(_("by hand"))
        return str(_("%(days)d days after, %(at)s")) % {"days": record.issue_after, "at": f"{record.issue_at:%H:%M}"}

    def render_versions(self, record: Design) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("designs:versions", args=[record.code]), _("Versions"))

    def value_versions(self, record: Design) -> str:
        return ""


class DesignFilter(django_filters.FilterSet):
    grain = django_filters.ChoiceFilter(label=_("Period"), choices=Design.Grain.choices, empty_label=_("All"))
    source = django_filters.ChoiceFilter(label=_("Source"), choices=Design.Source.choices, empty_label=_("All"))


class DesignList(ListPage):
    """Every report that is made of a workbook."""

    key = "designs.designs"
    title = _("Reports designed in Excel")
    subtitle = _("A workbook with expressions such as {{发电量，同比}} becomes a page, a PDF and a filled workbook.")
    table_class = DesignTable
    filterset_class = DesignFilter
    search_fields = ("name_zh", "name_en", "code")
    empty_title = _("No designs yet")
    empty_text = _("Lay out a report in Excel or WPS, write expressions into its cells, and upload it.")
    empty_icon = "table"
    export_name = "designs"

    def get_queryset(self) -> QuerySet[Design]:
        return queries.designs(self.request.scope).annotate(changed=Max("versions__made_at")).order_by("source", "pk")

    def get_actions(self) -> list[Action]:
        language = Action(_("The language of expressions"), reverse("designs:language"), "help-circle")
        if not self.request.scope.may(DESIGN):
            return [language]
        return [language, Action(_("New report"), reverse("designs:add"), "plus", "primary")]

    def get_breadcrumbs(self) -> list[tuple[Any, str]]:
        return [(_("Reports"), reverse("reports:list")), (self.title, "")]

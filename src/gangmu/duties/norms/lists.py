"""The baselines in scope."""

from typing import Any

import django_filters
import django_tables2 as tables2
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gangmu.duties.norms import queries
from gangmu.duties.norms.models import Baseline, Standard
from gangmu.foundation.ui.lists import ListPage
from gangmu.foundation.ui.tables import MomentColumn, NumberColumn, Table
from gangmu.foundation.ui.templatetags import ui


class BaselineTable(Table):
    subject = tables2.Column(verbose_name=_("Holds for"))
    organisation = tables2.Column(verbose_name=_("Organisation"), order_by=("organisation__sort_key",))
    standard = tables2.Column(
        verbose_name=_("Standard"), accessor="edition__standard__number", order_by=("edition__standard__code",)
    )
    edition = tables2.Column(verbose_name=_("Edition"), accessor="edition__edition")
    cell = tables2.Column(verbose_name=pgettext_lazy("standard", "Cell"))
    choices = tables2.Column(verbose_name=_("Choices"), orderable=False)
    size = NumberColumn(verbose_name=_("Clauses"))
    standing = tables2.Column(verbose_name=_("State"), empty_values=(), orderable=False)
    frozen_at = MomentColumn(verbose_name=_("Frozen at"))
    frozen_by_name = tables2.Column(verbose_name=_("Frozen by"))
    hidden = ("frozen_by_name",)

    class Meta(Table.Meta):
        pass

    def render_subject(self, record: Baseline) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("norms:baseline", args=[record.pk]), record.subject)

    def value_subject(self, record: Baseline) -> str:
        return record.subject

    def render_organisation(self, record: Baseline) -> str:
        return record.organisation.name

    def render_choices(self, record: Baseline) -> str:
        standard = queries.standard_of(record.edition)
        return ", ".join(f"{standard.subjects[code]} {one}" for code, one in record.choices.items())

    def render_standing(self, record: Baseline) -> SafeString:
        if record.is_followed:
            return ui.badge(_("followed by another"), "secondary")
        if not record.edition.is_current:
            return ui.badge(_("newer edition"), "warning")
        return ui.badge(_("holds"), "success")

    def value_standing(self, record: Baseline) -> str:
        return str(_("followed by another") if record.is_followed else _("holds"))


class BaselineFilter(django_filters.FilterSet):
    standard = django_filters.ModelChoiceFilter(
        label=_("Standard"),
        field_name="edition__standard",
        queryset=Standard.objects.order_by("code"),
        empty_label=_("All"),
    )


class BaselineList(ListPage):
    """What holds for whom, frozen: the newest first."""

    key = "norms.baselines"
    title = _("Baselines")
    subtitle = _("The clauses that hold for a system, service or contract, resolved and frozen for good.")
    table_class = BaselineTable
    filterset_class = BaselineFilter
    search_fields = ("subject", "organisation__name_zh", "organisation__name_en", "cell")
    empty_title = _("No baseline is frozen")
    empty_text = _("Open a standard, choose a cell and what it leaves open, and freeze it for a system.")
    empty_icon = "lock"
    export_name = "baselines"

    def get_queryset(self) -> QuerySet[Any]:
        return queries.baselines()

"""The list of statistical scopes."""

from collections.abc import Sequence

import django_tables2 as tables2
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gangmu.figures.scopes.models import StatisticalScope
from gangmu.foundation.parties import kinds
from gangmu.foundation.ui.here import here
from gangmu.foundation.ui.lists import Action, ListPage
from gangmu.foundation.ui.tables import Table
from gangmu.shell.figures.scopes.permitting import may_define


class ScopeTable(Table):
    name_zh = tables2.Column(verbose_name=_("Statistical scope"))
    code = tables2.Column(verbose_name=_("Code"))
    new_plants = tables2.Column(verbose_name=_("New plants"), orderable=False)
    structure = tables2.Column(verbose_name=_("Organisation tree"), orderable=False, empty_values=())
    levels = tables2.Column(verbose_name=_("Shown for"), orderable=False, empty_values=())
    source = tables2.Column(verbose_name=_("Origin of the definition"))
    revision = tables2.Column(verbose_name=pgettext_lazy("count of changes", "version"))

    class Meta(Table.Meta):
        pass

    def render_name_zh(self, record: StatisticalScope) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("scopes:one", args=[record.code]), record.name)

    def render_code(self, value: str) -> SafeString:
        return format_html("<code>{}</code>", value)

    def value_code(self, value: str) -> str:
        return value

    def value_name_zh(self, record: StatisticalScope) -> str:
        return record.name

    def render_structure(self, record: StatisticalScope) -> str:
        return str(record.get_structure_display())

    def render_levels(self, record: StatisticalScope) -> str:
        known = {one.code: str(one.name) for one in kinds.all_kinds()}
        return ", ".join(known.get(str(code), str(code)) for code in record.levels) or str(_("all"))

    value_structure, value_levels = render_structure, render_levels


class ScopeList(ListPage):
    """All statistical scopes; they are the same for everybody."""

    key = "scopes.list"
    title = _("Statistical scopes")
    subtitle = _("Which organisations count in a figure, on which days, and with which share.")
    table_class = ScopeTable
    search_fields = ("code", "name_zh", "name_en")
    empty_title = _("No statistical scope is defined")
    empty_text = _("A scope says who counts: everybody, the group's own share, or plants that were there a year ago.")
    empty_icon = "filter"
    export_name = "statistical-scopes"

    def get_queryset(self) -> QuerySet[StatisticalScope]:
        return StatisticalScope.objects.order_by("code")

    def get_actions(self) -> Sequence[Action]:
        adding = here("scopes:add")
        if adding and may_define(self.request.scope):
            return (Action(_("Define a scope"), adding, icon="plus", tone="primary"),)
        return ()

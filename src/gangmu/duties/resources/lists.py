"""The register as a list: by kind and owner, as it is or as it was on a day."""

from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import django_filters
import django_tables2 as tables2
from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from gangmu.duties.resources import queries
from gangmu.duties.resources.models import Dependency, Kind, Resource
from gangmu.duties.resources.rights import CHANGE, EXPORT
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings import clock
from gangmu.foundation.ui.lists import Action, ListPage
from gangmu.foundation.ui.tables import NumberColumn, Table
from gangmu.foundation.ui.templatetags import ui

TONES = {
    Kind.SYSTEM: "primary",
    Kind.SERVICE: "primary",
    Kind.PLATFORM: "info",
    Kind.DATA_SET: "info",
    Kind.SUPPLIER: "warning",
}


class ResourceTable(Table):
    """One line a resource. What it needs and what needs it is counted as of today."""

    name = tables2.Column(verbose_name=_("Name"), order_by=("sort_key", "code"), empty_values=())
    code = tables2.Column(verbose_name=_("Code"))
    kind = tables2.Column(verbose_name=_("Kind"))
    organisation = tables2.Column(verbose_name=_("Owner"), accessor="organisation_id", orderable=False)
    responsible = tables2.Column(verbose_name=_("Responsible person"), accessor="responsible_id", orderable=False)
    needs = NumberColumn(verbose_name=_("Needs"), empty_values=(), orderable=False)
    needed_by = NumberColumn(verbose_name=_("Needed by"), empty_values=(), orderable=False)
    supporting = tables2.Column(verbose_name=_("Supporting"))
    since = tables2.Column(verbose_name=_("In the register from"), accessor="valid__lower", order_by=("valid",))

    hidden = ("since",)

    class Meta(Table.Meta):
        pass

    @cached_property
    def _page(self) -> list[Resource]:
        return [row.record for row in self.paginated_rows]

    @cached_property
    def owners(self) -> dict[int, Organisation]:
        return Organisation.objects.in_bulk({one.organisation_id for one in self._page})

    @cached_property
    def people(self) -> dict[int, str]:
        wanted = {one.responsible_id for one in self._page}
        return dict(User.objects.filter(pk__in=wanted).values_list("pk", "name"))

    @cached_property
    def counted(self) -> tuple[Counter[int], Counter[int]]:
        rows = Dependency.objects.filter(valid__contains=clock.today()).order_by()
        ids = [one.pk for one in self._page]
        needs = rows.filter(resource__in=ids).values_list("resource_id", flat=True)
        return Counter(needs), Counter(rows.filter(on__in=ids).values_list("on_id", flat=True))

    def render_name(self, record: Resource) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("resources:one", args=[record.pk]), record.name)

    def value_name(self, record: Resource) -> str:
        return record.name

    def render_kind(self, record: Resource, value: Any) -> SafeString:
        return ui.badge(value, TONES.get(Kind(record.kind), "secondary"))

    def value_kind(self, value: Any) -> str:
        return str(value)

    def render_organisation(self, value: int) -> str:
        found = self.owners.get(value)
        return found.name if found else ui.NOTHING

    def render_responsible(self, value: int) -> str:
        return self.people.get(value, ui.NOTHING)

    def render_needs(self, record: Resource) -> str:
        return ui.number(self.counted[0][record.pk])

    def value_needs(self, record: Resource) -> int:
        return self.counted[0][record.pk]

    def render_needed_by(self, record: Resource) -> str:
        return ui.number(self.counted[1][record.pk])

    def value_needed_by(self, record: Resource) -> int:
        return self.counted[1][record.pk]

    def render_supporting(self, value: bool) -> str:
        return str(_("yes")) if value else ui.NOTHING

    def value_supporting(self, value: bool) -> bool:
        return value

    def render_since(self, value: Any) -> str:
        return ui.day(value)

    def value_since(self, value: Any) -> Any:
        return value


class ResourceFilter(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=Kind.choices, empty_label=_("All"))
    owner = django_filters.CharFilter(label=_("Owner's code"), method="by_owner")
    supporting = django_filters.ChoiceFilter(
        label=_("Supporting"), choices=[("yes", _("yes")), ("no", _("no"))], empty_label=_("All"), method="by_support"
    )
    day = django_filters.DateFilter(
        label=_("As of"), method="as_of", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def by_owner(self, rows: QuerySet[Resource], name: str, value: str) -> QuerySet[Resource]:
        found = Organisation.objects.filter(code__iexact=value.strip()).values_list("pk", flat=True)
        return rows.filter(organisation__in=list(found))

    def by_support(self, rows: QuerySet[Resource], name: str, value: str) -> QuerySet[Resource]:
        return rows.filter(supporting=value == "yes")

    def as_of(self, rows: QuerySet[Resource], name: str, value: Any) -> QuerySet[Resource]:
        return rows  # the page's rows are those of the day already


class ResourceList(ListPage):
    """The register as far as the asker sees it."""

    key = "resources"
    title = _("Register of resources")
    subtitle = _("Systems, services, rooms, lines, feeds and suppliers, with what needs what.")
    table_class = ResourceTable
    filterset_class = ResourceFilter
    search_fields = ("code", "name_zh", "name_en")
    search_label = _("Code or name")
    empty_title = _("Nothing is registered yet")
    empty_text = _("Register resources one by one, or bring them in from a file with what they need.")
    empty_icon = "server-cog"
    export_name = "resources"

    def get_queryset(self) -> QuerySet[Resource]:
        return queries.resources(self.day)

    @cached_property
    def day(self) -> Any:
        try:
            return forms.DateField().clean(self.request.GET.get("day") or clock.today())
        except forms.ValidationError:
            return clock.today()

    def get_actions(self) -> Sequence[Action]:
        actions = []
        if self.request.scope.may(CHANGE):
            actions.append(Action(_("Register a resource"), reverse("resources:add"), icon="plus", tone="primary"))
            actions.append(Action(_("From a file"), reverse("resources:import"), icon="upload"))
        if self.request.scope.may(EXPORT):
            actions.append(Action(_("With dependencies"), reverse("resources:export"), icon="file-spreadsheet"))
        actions.append(Action(_("What needs what"), reverse("resources:picture"), icon="hierarchy-2"))
        return actions

"""The list of organisations as of a day: filtered, sorted, saved, exported."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

import django_filters
import django_tables2 as tables2
from django import forms
from django.db.models import DecimalField, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.parties import kinds, queries
from gangmu.foundation.parties.models import AttributeValue, Organisation
from gangmu.foundation.parties.queries import Standing
from gangmu.foundation.ui.lists import Action, ListPage
from gangmu.foundation.ui.tables import NumberColumn, Table
from gangmu.shell.organisations import days


class OrganisationTable(Table):
    """One line an organisation. `standings` and `names` are those of the day, see `OrganisationList`."""

    name = tables2.Column(verbose_name=_("Name"), order_by=("sort_key", "code"), empty_values=())
    code = tables2.Column(verbose_name=_("Code"))
    kind = tables2.Column(verbose_name=_("Kind"))
    parent = tables2.Column(verbose_name=_("Placed under"), orderable=False, empty_values=())
    capacity_mw = NumberColumn(verbose_name=_("Capacity"), unit="MW", accessor="capacity")
    fuel = tables2.Column(verbose_name=_("Fuel"), orderable=False, empty_values=())
    province = tables2.Column(verbose_name=_("Province"), orderable=False, empty_values=())
    commissioned = tables2.Column(verbose_name=_("Commissioned"), orderable=False, empty_values=())

    hidden = ("commissioned",)

    class Meta(Table.Meta):
        sequence = ("name", "code", "kind", "parent", "capacity_mw", "fuel", "province", "commissioned")

    def render_name(self, record: Organisation) -> Any:
        href = days.link("organisations:detail", record.code, day=self.request.organisations.day)
        return format_html('<a href="{}">{}</a>', href, record.name)

    def value_name(self, record: Organisation) -> str:
        return record.name

    def render_kind(self, value: str) -> str:
        return str(kinds.kind(value).name)

    def render_parent(self, record: Organisation) -> str:
        page = self.request.organisations
        return page.names.get(page.standings[record.pk].parent_id, "")

    def render_capacity_mw(self, value: Decimal) -> str:
        return f"{value.normalize():,f}"

    def value_capacity_mw(self, value: Decimal) -> Decimal:
        return value.normalize()

    def render_fuel(self, record: Organisation) -> str:
        return self._attribute(record, "fuel")

    def render_province(self, record: Organisation) -> str:
        return self._attribute(record, "province")

    def render_commissioned(self, record: Organisation) -> str:
        return self._attribute(record, "commissioned")

    def _attribute(self, record: Organisation, name: str) -> str:
        text = self.request.organisations.standings[record.pk].attributes.get(name)
        return kinds.attributes()[name].shown(text) if text else ""


class OrganisationFilter(django_filters.FilterSet):
    """Kind, fuel, province, and the day. A fuel or province that comes from above counts."""

    request: Any

    kind = django_filters.ChoiceFilter(label=_("Kind"), empty_label=_("All"))
    fuel = django_filters.ChoiceFilter(label=_("Fuel"), empty_label=_("All"), method="by_attribute")
    province = django_filters.ChoiceFilter(label=_("Province"), empty_label=_("All"), method="by_attribute")
    day = django_filters.DateFilter(
        label=_("As of"), method="as_of", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        page: OrganisationList = self.request.organisations
        self.filters["kind"].extra["choices"] = [(kind.code, str(kind.name)) for kind in kinds.all_kinds()]
        for name in ("fuel", "province"):
            self.filters[name].extra["choices"] = list(page.present(name).items())

    def by_attribute(self, rows: QuerySet[Organisation], name: str, value: str) -> QuerySet[Organisation]:
        page: OrganisationList = self.request.organisations
        return rows.filter(
            queries.among("pk", [pk for pk, one in page.standings.items() if page.choice(name, one) == value])
        )

    def as_of(self, rows: QuerySet[Organisation], name: str, value: date) -> QuerySet[Organisation]:
        return rows  # the page's rows are those of the day already


class OrganisationList(ListPage):
    """Everybody in the tree of a day, in the asker's scope."""

    key = "organisations"
    title = _("Organisations")
    table_class = OrganisationTable
    filterset_class = OrganisationFilter
    search_fields = ("code", "name_zh", "name_en")
    search_label = _("Code or name")
    empty_title = _("No organisations yet")
    empty_text = _("Load them from a file: gangmu load organisations FILE.csv")
    empty_icon = "sitemap"
    export_name = "organisations"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any):
        request.organisations = self  # the table and the filters ask the page for what holds on its day
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def day(self) -> date:
        return days.asked(self.request)[0]

    @cached_property
    def standings(self) -> dict[int, Standing]:
        """Where everybody stands on the day and with which attributes."""
        return queries.standings(self.day, self.request.scope)

    @cached_property
    def names(self) -> dict[int | None, str]:
        """Names of organisations in the active language, by id."""
        rows = queries.visible(self.request.scope).order_by().values_list("id", "name_zh", "name_en")
        chinese = (get_language() or "zh-hans").startswith("zh")
        return {pk: (zh or en) if chinese else (en or zh) for pk, zh, en in rows}

    def choice(self, name: str, one: Standing) -> str:
        """The code of a standing's value, so that 安徽 and Anhui are one; an unknown value is its own code."""
        text = one.attributes.get(name, "")
        known = kinds.attributes()[name].choice(text)
        return known.code if known else text

    def present(self, name: str) -> dict[str, str]:
        """The values that somebody has on the day: code and name, by name."""
        attribute = kinds.attributes()[name]
        found = {
            self.choice(name, one): one.attributes[name] for one in self.standings.values() if name in one.attributes
        }
        return dict(sorted(((code, attribute.shown(text)) for code, text in found.items()), key=lambda pair: pair[1]))

    def get_queryset(self) -> QuerySet[Organisation]:
        number = AttributeValue.objects.filter(
            organisation=OuterRef("pk"), name="capacity_mw", valid__contains=self.day
        ).values("number")[:1]
        rows = Organisation.objects.filter(queries.among("pk", self.standings))
        return rows.annotate(capacity=Subquery(number, output_field=DecimalField())).order_by("sort_key", "code")

    def get_actions(self) -> Iterable[Action]:
        return (Action(_("Tree"), days.link("organisations:tree", day=self.day), icon="sitemap"),)

    def get_breadcrumbs(self) -> list[tuple[Any, str]]:
        return [(_("Organisation tree"), days.link("organisations:tree", day=self.day)), (self.title, "")]

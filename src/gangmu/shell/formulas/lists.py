"""All indicators as a list."""

from collections.abc import Sequence
from typing import Any

import django_filters
import django_tables2 as tables2
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from gangmu.figures.indicators.changing import CONFIGURE
from gangmu.figures.indicators.definitions import Making
from gangmu.figures.indicators.models import Indicator
from gangmu.figures.indicators.queries import definition_of
from gangmu.foundation.parties import kinds
from gangmu.foundation.ui.lists import Action, ListPage
from gangmu.foundation.ui.tables import NumberColumn, Table
from gangmu.foundation.ui.templatetags.ui import badge
from gangmu.shell.formulas.naming import matches

MADE = {
    Making.STORED: (_("filed"), "secondary"),
    Making.CELL: (_("by cell"), "info"),
    Making.RESULT: (_("on totals"), "primary"),
}


NARROW = {"td": {"class": "text-nowrap"}}


class IndicatorTable(Table):
    """One line an indicator."""

    name = tables2.Column(verbose_name=_("Indicator"), order_by=("name_zh",), empty_values=())
    code = tables2.Column(verbose_name=_("Code"))
    unit = tables2.Column(verbose_name=_("Unit"))
    precision = NumberColumn(verbose_name=_("Decimals"))
    made = tables2.Column(verbose_name=_("Comes about"), empty_values=(), orderable=False)
    grain = tables2.Column(verbose_name=_("Grain"), attrs=NARROW)
    level = tables2.Column(verbose_name=_("Level"), attrs=NARROW)
    formula = tables2.Column(verbose_name=_("Formula"), orderable=False)
    source = tables2.Column(verbose_name=_("Source"))

    hidden = ("source",)

    class Meta(Table.Meta):
        pass

    def render_name(self, record: Indicator) -> SafeString:
        link = format_html('<a href="{}">{}</a>', reverse("formulas:one", args=[record.code]), record.name)
        return format_html("{} {}", link, badge(_("by category"), "info")) if record.split_by else link

    def value_name(self, record: Indicator) -> str:
        return record.name

    def render_code(self, value: str) -> SafeString:
        return format_html("<code>{}</code>", value)

    def value_code(self, value: str) -> str:
        return value

    def render_made(self, record: Indicator) -> SafeString:
        return badge(*MADE[definition_of(record).making])

    def value_made(self, record: Indicator) -> str:
        return str(MADE[definition_of(record).making][0])

    def render_level(self, value: str) -> str:
        return level_word(value)

    def render_formula(self, record: Indicator) -> SafeString:
        if record.split_by and record.formula:  # written by the product, and long
            return format_html("{}", _("the whole is the total of its parts"))
        return format_html('<code class="formula-line">{}</code>', str(record.formula))

    def value_formula(self, record: Indicator) -> str:
        return str(record.formula)


def level_word(code: str) -> str:
    """The kind of organisation in words."""
    return str(next((one.name for one in kinds.all_kinds() if one.code == code), code))


class IndicatorFilter(django_filters.FilterSet):
    made = django_filters.ChoiceFilter(
        label=_("Comes about"),
        choices=[(making.value, word) for making, (word, _tone) in MADE.items()],
        method="by_making",
        empty_label=_("All"),
    )
    grain = django_filters.ChoiceFilter(label=_("Grain"), choices=Indicator.Grain.choices, empty_label=_("All"))
    source = django_filters.ChoiceFilter(label=_("Source"), choices=Indicator.Source.choices, empty_label=_("All"))

    def by_making(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        if value == Making.STORED:
            return queryset.filter(formula="")
        computed = queryset.exclude(formula="")
        return computed.filter(over_time="") if value == Making.RESULT else computed.exclude(over_time="")


class IndicatorList(ListPage):
    """Found by name in both languages, pinyin and its initials, code, and what the formula says."""

    key, title = "formulas.indicators", _("Indicators and formulas")
    subtitle = _("What is counted, in which unit, and how it adds up")
    table_class, filterset_class = IndicatorTable, IndicatorFilter
    search_fields = ("code",)
    search_label = _("Name, pinyin or code")
    empty_text = _("Indicators come with the product and from files (gangmu load indicators), or are made here.")
    empty_icon = "hash"

    def get_queryset(self) -> QuerySet[Any]:
        # Parts stand on the page of their whole, companions with tax or without on that of their original.
        return Indicator.objects.filter(member_of="", tax_of="").order_by("code")

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        found = [row for row in Indicator.objects.all() if matches(definition_of(row), words)]
        originals = {row.tax_of for row in found if row.tax_of} | {row.code for row in found}
        wholes = Indicator.objects.filter(code__in=originals).exclude(member_of="").values("member_of")
        return queryset.filter(Q(code__in=originals) | Q(code__in=wholes))

    def get_actions(self) -> Sequence[Action]:
        taxes = Action(_("Taxes"), reverse("formulas:taxes"), "list-details")
        if not self.request.scope.may(CONFIGURE):
            return [taxes]
        return [taxes, Action(_("Make an indicator"), reverse("formulas:make"), "plus", "primary")]

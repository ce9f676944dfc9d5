"""The systems with their grades: own ones, those in hand, and those that supporting systems take."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import django_filters
import django_tables2 as tables2
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from gangmu.duties.grading import queries, showing
from gangmu.duties.grading.models import Grading
from gangmu.duties.grading.queries import Standing
from gangmu.duties.grading.shipped import schemes, shipped
from gangmu.duties.grading.views.common import TITLE
from gangmu.duties.resources.models import Kind, Resource
from gangmu.foundation.ui.lists import Action, ListPage
from gangmu.foundation.ui.tables import Table
from gangmu.foundation.ui.templatetags import ui

MAIN, LEVEL, PROTECTION = "HS/T-42", "JR/T-0133", "GB/T-22240"


class SystemTable(Table):
    name = tables2.Column(verbose_name=_("System"), order_by=("sort_key",))
    code = tables2.Column(verbose_name=_("Code"))
    kind = tables2.Column(verbose_name=_("Kind"))
    organisation = tables2.Column(verbose_name=_("Owner"), order_by=("organisation__sort_key",))
    grade = tables2.Column(verbose_name=_("Service grade"), empty_values=(), orderable=False)
    level = tables2.Column(verbose_name=_("Hosting level"), empty_values=(), orderable=False)
    protection = tables2.Column(verbose_name=_("Classified protection"), empty_values=(), orderable=False)
    hand = tables2.Column(verbose_name=_("In hand"), empty_values=(), orderable=False)
    hidden = ("code",)

    class Meta(Table.Meta):
        pass

    @cached_property
    def standings(self) -> dict[int, dict[str, Standing]]:
        return queries.standings([row.record for row in self.paginated_rows])

    def of(self, record: Resource) -> dict[str, Standing]:
        """Where a system stands; asked one by one only in exports."""
        found = self.standings if record.pk in self.standings else queries.standings([record])
        return found[record.pk]

    def render_name(self, record: Resource) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("grading:system", args=[record.pk]), record.name)

    def value_name(self, record: Resource) -> str:
        return record.name

    def render_organisation(self, record: Resource) -> str:
        return record.organisation.name

    def render_kind(self, record: Resource) -> str:
        return str(Kind(record.kind).label)

    def render_grade(self, record: Resource) -> SafeString | str:
        standing = self.of(record)[MAIN]
        shown = self._result(standing)
        if standing.inherited is not None:
            return format_html('{} <span class="text-secondary">{}</span>', shown, _("inherited"))
        return shown

    def value_grade(self, record: Resource) -> str:
        return self._words(record, MAIN)

    def render_level(self, record: Resource) -> SafeString | str:
        return self._result(self.of(record)[LEVEL])

    def value_level(self, record: Resource) -> str:
        return self._words(record, LEVEL)

    def render_protection(self, record: Resource) -> SafeString | str:
        return self._result(self.of(record)[PROTECTION])

    def value_protection(self, record: Resource) -> str:
        return self._words(record, PROTECTION)

    def render_hand(self, record: Resource) -> SafeString | str:
        found = [one.in_hand for one in self.of(record).values() if one.in_hand]
        if not found:
            return ""
        (first, *_rest) = found
        badge = ui.badge(first.get_status_display(), showing.TONES[first.status])
        return format_html('<a href="{}">{}</a>', reverse("grading:grading", args=[first.pk]), badge)

    def value_hand(self, record: Resource) -> str:
        return ", ".join(str(one.in_hand.get_status_display()) for one in self.of(record).values() if one.in_hand)

    def _result(self, standing: Standing) -> SafeString | str:
        if not standing.result:
            return ui.NOTHING
        scheme = standing.scheme
        return ui.badge(showing.result_name(scheme, standing.result), showing.result_tone(scheme, standing.result))

    def _words(self, record: Resource, code: str) -> str:
        standing = self.of(record)[code]
        return showing.result_name(standing.scheme, standing.result) if standing.result else ""


class SystemFilter(django_filters.FilterSet):
    grade = django_filters.ChoiceFilter(
        label=_("Service grade"),
        choices=lambda: [(code, str(name)) for code, name in shipped(MAIN).result.levels.items()],
        empty_label=_("All"),
        method="by_grade",
    )
    status = django_filters.ChoiceFilter(
        label=_("Gradings"),
        choices=lambda: [*Grading.Status.choices[:4], ("none", _("without a grade"))],
        empty_label=_("All"),
        method="by_status",
    )
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=Kind.choices, empty_label=_("All"))

    def by_grade(self, rows: QuerySet[Resource], name: str, value: str) -> QuerySet[Resource]:
        taken = queries.inherited(list(rows.filter(supporting=True).values_list("pk", flat=True)), shipped(MAIN))
        raised = [pk for pk, one in taken.items() if one.result == value]
        own = Grading.objects.filter(scheme=MAIN, status="in_force", result=value, resource__supporting=False)
        return rows.filter(pk__in=[*raised, *own.values_list("resource_id", flat=True)])

    def by_status(self, rows: QuerySet[Resource], name: str, value: str) -> QuerySet[Resource]:
        if value == "none":
            graded = Grading.objects.filter(scheme=MAIN, status="in_force").values("resource_id")
            return rows.exclude(pk__in=graded).filter(supporting=False)
        return rows.filter(pk__in=Grading.objects.filter(status=value).values("resource_id"))


class SystemList(ListPage):
    """The systems in scope with their grades."""

    key = "grading.systems"
    title = TITLE
    table_class = SystemTable
    filterset_class = SystemFilter
    search_fields = ("code", "name_zh", "name_en", "organisation__name_zh", "organisation__name_en")
    search_label = _("System")
    empty_title = _("No systems yet")
    empty_text = _("Systems, services and platforms of the register are graded here: by which the others are served.")
    empty_icon = "shield-check"
    export_name = "grades"

    def get_queryset(self) -> QuerySet[Resource]:
        return queries.gradable().order_by("sort_key", "code")

    def get_actions(self) -> Sequence[Action]:
        return [
            Action(one.number, reverse("grading:matrices", args=[one.slug]), icon="table") for one in schemes().values()
        ]

    def get_context(self) -> dict[str, Any]:
        return {}

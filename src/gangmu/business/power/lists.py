"""The log of units as a list: by plant or unit, event, cause and day."""

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

from gangmu.business.power import queries
from gangmu.business.power.causes import causes
from gangmu.business.power.models import UnitEvent
from gangmu.business.power.services import FILE
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings import clock
from gangmu.foundation.ui.lists import Action, ListPage
from gangmu.foundation.ui.tables import MomentColumn, NumberColumn, Table
from gangmu.foundation.ui.templatetags import ui

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
TONES = {"start": "success", "stop": "danger", "derate": "warning", "restore": "info"}


class EventTable(Table):
    happened_at = MomentColumn(verbose_name=_("Time of the event"))
    organisation = tables2.Column(verbose_name=_("Generating unit"), accessor="organisation_id", orderable=False)
    kind = tables2.Column(verbose_name=_("Event"))
    cause = tables2.Column(verbose_name=_("Cause"), accessor="cause_name", order_by=("cause",))
    available_mw = NumberColumn(verbose_name=_("Capacity left (MW)"), digits=1)
    words = tables2.Column(verbose_name=_("In their words"), orderable=False)
    recorded_by_name = tables2.Column(verbose_name=_("Recorded by"))
    recorded_at = MomentColumn(verbose_name=_("Recorded at"))
    standing = tables2.Column(verbose_name=_("Standing"), empty_values=(), orderable=False)
    hidden = ("recorded_at",)

    class Meta(Table.Meta):
        pass

    @cached_property
    def units(self) -> dict[int, Organisation]:
        return Organisation.objects.in_bulk({row.record.organisation_id for row in self.paginated_rows})

    def render_organisation(self, value: int) -> str:
        found = self.units.get(value)
        return found.name if found else ui.NOTHING

    def render_kind(self, record: UnitEvent, value: Any) -> SafeString:
        return ui.badge(value, TONES.get(str(record.kind), "secondary"))

    def value_kind(self, value: Any) -> str:
        return str(value)

    def render_standing(self, record: UnitEvent) -> SafeString | str:
        if record.is_void:
            voided = ui.badge(_("voided"), "secondary")
            return format_html("{} {}: {}", voided, record.voided_by_name, record.void_reason)
        if self.request.scope.may_at(FILE, record.organisation_id):
            return format_html('<a href="{}">{}</a>', reverse("power:event-void", args=[record.pk]), _("Void …"))
        return ""

    def value_standing(self, record: UnitEvent) -> str:
        return f"{_('voided')}: {record.void_reason}" if record.is_void else ""


class EventFilter(django_filters.FilterSet):
    of = django_filters.CharFilter(label=_("Plant or unit"), method="by_place")
    kind = django_filters.ChoiceFilter(label=_("Event"), choices=UnitEvent.Kind.choices, empty_label=_("All"))
    cause = django_filters.ChoiceFilter(
        label=_("Cause"),
        choices=lambda: [(cause.code, str(cause.name)) for cause in causes().values()],
        empty_label=_("All"),
    )
    since = django_filters.DateFilter(label=_("From"), method="by_first_day", widget=DAY)
    until = django_filters.DateFilter(label=_("To"), method="by_last_day", widget=DAY)
    voided = django_filters.ChoiceFilter(
        label=_("Voided"),
        choices=[("no", _("without voided")), ("yes", _("voided alone"))],
        empty_label=_("All"),
        method="by_voided",
    )

    def by_place(self, rows: QuerySet[UnitEvent], name: str, value: str) -> QuerySet[UnitEvent]:
        return rows.filter(organisation_id__in=queries.units_at(value.strip(), clock.today()))

    def by_first_day(self, rows: QuerySet[UnitEvent], name: str, value: Any) -> QuerySet[UnitEvent]:
        return rows.filter(happened_at__gte=queries.day_bounds(value)[0])

    def by_last_day(self, rows: QuerySet[UnitEvent], name: str, value: Any) -> QuerySet[UnitEvent]:
        return rows.filter(happened_at__lt=queries.day_bounds(value)[1])

    def by_voided(self, rows: QuerySet[UnitEvent], name: str, value: str) -> QuerySet[UnitEvent]:
        return rows.filter(voided_at__isnull=value == "no")


class EventList(ListPage):
    """Events of the units in scope, the latest first."""

    key = "power.events"
    title = _("Unit event log")
    table_class = EventTable
    filterset_class = EventFilter
    search_fields = ("words", "cause")
    search_label = _("In their words")
    empty_title = _("No events yet")
    empty_text = _(
        "Record when units start, stop and are derated, and why: run hours and states of the daily sheets come from it."
    )
    empty_icon = "bolt"
    export_name = "unit-events"

    def get_queryset(self) -> QuerySet[UnitEvent]:
        return queries.events()

    def get_actions(self) -> Sequence[Action]:
        if self.request.scope.may(FILE):
            return (Action(_("Record an event"), "add/", icon="plus", tone="primary"),)
        return ()

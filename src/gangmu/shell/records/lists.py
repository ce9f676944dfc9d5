"""Events and changes as lists. Row security shows one's own, and those of organisations whose records one may read."""

from datetime import MAXYEAR, datetime, time, timedelta
from ipaddress import ip_network
from typing import Any

import django_filters
import django_tables2 as tables2
from django import forms
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.records import kinds, queries
from gangmu.foundation.records.kept import kept_tables
from gangmu.foundation.records.models import Alarm, Event, History, Record, Sign
from gangmu.foundation.settings.clock import BUSINESS_ZONE
from gangmu.foundation.ui.lists import Action, ListPage
from gangmu.foundation.ui.tables import MomentColumn, NumberColumn, Table
from gangmu.foundation.ui.templatetags.ui import badge
from gangmu.shell.records import words

DAY_INPUT = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
TONES = {"baseline": "secondary", "insert": "success", "update": "info", "delete": "danger"}


class RecordTable(Table):
    by = tables2.Column(verbose_name=_("By"), empty_values=(), orderable=False)
    organisation = tables2.Column(verbose_name=_("Organisation"), empty_values=(), orderable=False)

    def render_by(self, record: Record) -> str:
        return words.who(record)

    def render_organisation(self, record: Record) -> str:
        return words.where(record)

    class Meta(Table.Meta):
        pass


class DaysFilter(django_filters.FilterSet):
    """The days between which something happened, both included, in business days."""

    first = django_filters.DateFilter(label=_("From"), method="from_day", widget=DAY_INPUT)
    last = django_filters.DateFilter(label=_("To"), method="to_day", widget=DAY_INPUT)
    person = django_filters.CharFilter(label=_("Person"), method="by_person")
    where = django_filters.CharFilter(label=_("Organisation"), method="at_organisation")

    def by_person(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        found = Q(by__username__iexact=value) | Q(by__name__icontains=value)
        return rows.filter(found)

    def at_organisation(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        found = Q(organisation__code__iexact=value) | Q(organisation__name_zh__icontains=value)
        return rows.filter(found | Q(organisation__name_en__icontains=value))

    def from_day(self, rows: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        return rows.filter(at__gte=datetime.combine(value, time(), BUSINESS_ZONE))

    def to_day(self, rows: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        if value.year == MAXYEAR:
            return rows
        return rows.filter(at__lt=datetime.combine(value, time(), BUSINESS_ZONE) + timedelta(days=1))


class EventTable(RecordTable):
    kind = tables2.Column(verbose_name=_("Event"))
    at = MomentColumn(verbose_name=_("At"))
    subject = tables2.Column(verbose_name=_("Subject"), orderable=False)
    ip = tables2.Column(verbose_name=_("Address"))
    role = tables2.Column(verbose_name=_("Database role"))

    hidden = ("ip", "role")

    def render_kind(self, record: Event) -> SafeString:
        mark = badge(__("refused"), "danger") if record.refused else ""
        href = reverse("records:event", args=[record.pk])
        return format_html('<a href="{}">{}</a> {}', href, kinds.title_of(record.kind), mark)

    def value_kind(self, record: Event) -> str:
        return f"{kinds.title_of(record.kind)} · {__('refused')}" if record.refused else kinds.title_of(record.kind)

    def render_subject(self, value: str) -> str:
        return words.subject(value)

    class Meta(Table.Meta):
        sequence = ("kind", "at", "by", "organisation", "subject", "ip", "role")


class EventFilter(DaysFilter):
    kind = django_filters.ChoiceFilter(label=_("Event"), choices=kinds.known_kinds, empty_label=_("All"))
    refused = django_filters.ChoiceFilter(
        label=_("Outcome"), choices=[("False", _("done")), ("True", _("refused"))], empty_label=_("All")
    )
    ip = django_filters.CharFilter(label=_("Address"), method="from_address")
    subject = django_filters.CharFilter(widget=forms.HiddenInput)
    group = django_filters.CharFilter(field_name="kind", lookup_expr="startswith", widget=forms.HiddenInput)

    def from_address(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        try:
            network = ip_network(value, strict=False)
        except ValueError:
            return rows.none()
        return rows.extra(where=["records_event.ip <<= %s::inet"], params=[str(network)])


class EventList(ListPage):
    """What was done, decided and refused, the latest first."""

    key = "records.events"
    title = _("Events")
    subtitle = _(
        "What was done, decided and refused. You see your own, and those of organisations whose records you may read."
    )
    table_class = EventTable
    filterset_class = EventFilter
    search_fields = ("kind", "subject", "told")
    search_label = _("Kind, subject or details")
    empty_title = _("No events that you may see")
    empty_text = _("Sign-ins, downloads, exports and refusals appear here as they happen.")
    empty_icon = "list-details"
    export_name = "events"

    def get_queryset(self) -> QuerySet[Event]:
        return queries.events()

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        return super().search(queryset.annotate(told=Cast("data", TextField())), words)

    def get_actions(self) -> list[Action]:
        if not self.request.scope.may("records:export"):  # type: ignore[attr-defined]
            return []
        href = f"{reverse('records:export')}?table=event&{self.current_query()}"
        return [Action(_("Export with seals"), href, "database-export")]


class HistoryTable(RecordTable):
    model = tables2.Column(verbose_name=_("What"))
    row = tables2.Column(verbose_name=_("Number"), orderable=False)
    operation = tables2.Column(verbose_name=_("Change"))
    changed = tables2.Column(verbose_name=_("Columns"), orderable=False)
    at = MomentColumn(verbose_name=_("At"))
    role = tables2.Column(verbose_name=_("Database role"))

    hidden = ("row", "role")

    def render_model(self, record: History) -> SafeString:
        href = reverse("records:change", args=[record.pk])
        return format_html('<a href="{}">{}</a>', href, words.model_name(record.model))

    def value_model(self, value: str) -> str:
        return words.model_name(value)

    def render_operation(self, record: History) -> SafeString:
        return badge(record.get_operation_display(), TONES[record.operation])

    def value_operation(self, record: History) -> str:
        return str(record.get_operation_display())

    def render_changed(self, record: History) -> str:
        fields = words.columns(record.model)
        return ", ".join(words.column_name(column, fields) for column in record.changed or [])

    class Meta(Table.Meta):
        sequence = ("model", "row", "operation", "changed", "at", "by", "organisation", "role")


def kept_models() -> list[tuple[str, str]]:
    """The models that keep history, by name."""
    return sorted(((kept.model, words.model_name(kept.model)) for kept in kept_tables()), key=lambda pair: pair[1])


class HistoryFilter(DaysFilter):
    model = django_filters.ChoiceFilter(label=_("What"), choices=kept_models, empty_label=_("All"))
    operation = django_filters.ChoiceFilter(label=_("Change"), choices=History.Operation.choices, empty_label=_("All"))
    row = django_filters.CharFilter(label=_("Number"))


class HistoryList(ListPage):
    """Every recorded change of a row, the latest first."""

    key = "records.history"
    title = _("Changes")
    subtitle = _("Every change of a row, written by the database itself.")
    table_class = HistoryTable
    filterset_class = HistoryFilter
    empty_title = _("No changes that you may see")
    empty_text = _("Changes appear here for those who may read the records of an organisation.")
    empty_icon = "history"
    export_name = "changes"

    def get_actions(self) -> list[Action]:
        if not self.request.scope.may("records:export"):  # type: ignore[attr-defined]
            return []
        href = f"{reverse('records:export')}?table=history&{self.current_query()}"
        return [Action(_("Export with seals"), href, "database-export")]

    def get_queryset(self) -> QuerySet[History]:
        return History.objects.select_related("by", "organisation").order_by("-id")


class AlarmTable(Table):
    sign = tables2.Column(verbose_name=_("Alarm"))
    raised_at = MomentColumn(verbose_name=_("Raised at"))
    about = tables2.Column(verbose_name=_("About"), orderable=False, empty_values=())
    count = NumberColumn(verbose_name=_("Events"))
    acknowledged_at = MomentColumn(verbose_name=_("Acknowledged at"))
    note = tables2.Column(verbose_name=_("Note"), orderable=False)

    def render_sign(self, record: Alarm) -> SafeString:
        mark = "" if record.acknowledged_at else badge(__("not acknowledged"), "danger")
        href = reverse("records:alarm", args=[record.pk])
        return format_html('<a href="{}">{}</a> {}', href, record.get_sign_display(), mark)

    def value_sign(self, record: Alarm) -> str:
        return str(record.get_sign_display())

    def render_about(self, record: Alarm) -> str:
        return words.about(record)

    class Meta(Table.Meta):
        sequence = ("sign", "raised_at", "about", "count", "acknowledged_at", "note")


class AlarmFilter(django_filters.FilterSet):
    sign = django_filters.ChoiceFilter(label=_("Alarm"), choices=Sign.choices, empty_label=_("All"))
    acknowledged = django_filters.ChoiceFilter(
        label=_("State"),
        method="by_state",
        choices=[("no", _("not acknowledged")), ("yes", _("acknowledged"))],
        empty_label=_("All"),
    )

    def by_state(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(acknowledged_at__isnull=value == "no")


class AlarmList(ListPage):
    """Signs of intrusion, the latest first."""

    key = "records.alarms"
    title = _("Alarms")
    subtitle = _("Signs of intrusion that the rules saw in the record. Each is looked at by somebody and acknowledged.")
    table_class = AlarmTable
    filterset_class = AlarmFilter
    empty_title = _("No alarms")
    empty_text = _("Many refusals, forged sessions, sign-ins at night and whatever breaks the chain appear here.")
    empty_icon = "shield-check"
    export_name = "alarms"

    def get_actions(self) -> list[Action]:
        return [Action(_("Rules of alarms"), reverse("records:alarm-rules"), "adjustments")]

    def get_queryset(self) -> QuerySet[Alarm]:
        return Alarm.objects.select_related("user", "organisation").order_by("-id")

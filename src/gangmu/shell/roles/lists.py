"""Who holds which role where, as a list."""

from datetime import timedelta
from typing import Any

import django_filters
import django_tables2 as tables2
from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.access import services
from gangmu.foundation.access.models import Assignment, Role
from gangmu.foundation.access.needs import require
from gangmu.foundation.accounts.proof import is_fresh
from gangmu.foundation.settings import clock
from gangmu.foundation.ui.lists import Action, BulkAction, ListPage
from gangmu.foundation.ui.tables import DayColumn, Table
from gangmu.foundation.ui.templatetags.ui import badge
from gangmu.shell.roles import queries, refusing
from gangmu.shell.roles.words import last_day, reach_words

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
STATES = [("now", _("in force")), ("soon", _("ends within 30 days")), ("later", _("begins later")), ("over", _("over"))]
SOON = 30


class AssignmentTable(Table):
    """One line an assignment."""

    user = tables2.Column(verbose_name=_("Person"), order_by=("user__name", "pk"))
    role = tables2.Column(verbose_name=_("Role"), order_by=("role__code",))
    organisation = tables2.Column(verbose_name=_("Organisation"), order_by=("organisation__code",))
    reach = tables2.Column(verbose_name=_("Reach"))
    valid_from = DayColumn(verbose_name=_("First day"))
    valid_to = DayColumn(verbose_name=_("Last day"), empty_values=())
    state = tables2.Column(verbose_name=_("State"), empty_values=(), orderable=False)
    given_by = tables2.Column(verbose_name=_("Given by"), empty_values=(), order_by=("given_by__name",))
    because = tables2.Column(verbose_name=_("Reason"))
    acts = tables2.Column(verbose_name=_("Do"), empty_values=(), orderable=False, exclude_from_export=True)

    hidden = ("because",)
    fixed = ("acts",)

    def render_user(self, record: Assignment) -> SafeString:
        seen = f"{reverse('roles:seen')}?person={record.user.username}"
        name = format_html(
            '<a href="{}">{}</a> <small class="text-secondary">{}</small>', seen, record.user.name, record.user.username
        )
        return name if record.user.is_active else format_html("{} {}", name, badge(__("closed"), "danger"))

    def value_user(self, record: Assignment) -> str:
        return f"{record.user.name} ({record.user.username})"

    def render_role(self, record: Assignment) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("roles:one", args=[record.role_id]), record.role.name)

    def value_role(self, record: Assignment) -> str:
        return record.role.name

    def render_organisation(self, record: Assignment) -> str:
        return record.organisation.name

    def render_reach(self, record: Assignment) -> str:
        return reach_words(record.reach)

    def render_valid_to(self, record: Assignment) -> Any:
        day = last_day(record.valid_to)
        return DayColumn().render(day) if day else "–"

    def value_valid_to(self, record: Assignment) -> Any:
        return last_day(record.valid_to)

    def render_state(self, record: Assignment) -> SafeString:
        text, tone = state_of(record)
        return badge(text, tone)

    def value_state(self, record: Assignment) -> str:
        return state_of(record)[0]

    def render_given_by(self, record: Assignment) -> str:
        if record.given_by is None:
            return __("by the command line")
        return record.given_by.name

    def render_acts(self, record: Assignment) -> SafeString | str:
        if record.valid_to is not None and record.valid_to <= clock.today():
            return format_html('<a href="{}">{}</a>', reverse("roles:renew", args=[record.pk]), __("Renew"))
        end = format_html('<a href="{}">{}</a>', reverse("roles:end", args=[record.pk]), __("End"))
        if record.valid_to is None:
            return end
        return format_html('{} · <a href="{}">{}</a>', end, reverse("roles:renew", args=[record.pk]), __("Renew"))


def state_of(one: Assignment) -> tuple[str, str]:
    """How an assignment stands today, and the tone of it."""
    today = clock.today()
    if one.valid_from > today:
        return __("begins later"), "info"
    if one.valid_to is None:
        return __("in force"), "success"
    if one.valid_to <= today:
        return __("over"), "secondary"
    if (one.valid_to - today).days <= SOON:
        return __("ends soon"), "warning"
    return __("in force"), "success"


class AssignmentFilter(django_filters.FilterSet):
    """Organisation, role, state, and the day on which it counts."""

    request: Any

    organisation = django_filters.CharFilter(label=_("Organisation"), method="at")
    role = django_filters.ModelChoiceFilter(label=_("Role"), queryset=Role.objects.none(), empty_label=_("All"))
    state = django_filters.ChoiceFilter(label=_("State"), choices=STATES, empty_label=_("All"), method="standing")
    on = django_filters.DateFilter(label=_("Counts on"), method="counting", widget=DAY)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["role"].field.queryset = Role.objects.order_by("site", "code")
        self.filters["role"].field.label_from_instance = lambda role: role.name

    def at(self, rows: QuerySet[Assignment], name: str, value: str) -> QuerySet[Assignment]:
        one = Q(organisation__code__iexact=value)
        return rows.filter(one | Q(organisation__name_zh__icontains=value) | Q(organisation__name_en__icontains=value))

    def standing(self, rows: QuerySet[Assignment], name: str, value: str) -> QuerySet[Assignment]:
        today = clock.today()
        match value:
            case "later":
                return rows.filter(valid_from__gt=today)
            case "over":
                return rows.filter(valid_to__lte=today)
            case "soon":
                return rows.filter(queries.in_force(today), valid_to__lte=today + timedelta(days=SOON))
        return rows.filter(queries.in_force(today))

    def counting(self, rows: QuerySet[Assignment], name: str, value: Any) -> QuerySet[Assignment]:
        return rows.filter(queries.in_force(value))


class AssignmentList(ListPage):
    """Every assignment that the asker looks after, and the asker's own."""

    key = "roles.assignments"
    title = _("Assignments")
    table_class = AssignmentTable
    filterset_class = AssignmentFilter
    search_fields = ("user__name", "user__username", "role__code", "role__name_zh", "role__name_en")
    search_label = _("Person or role")
    bulk_actions = (
        BulkAction(
            "end",
            _("End today"),
            icon="player-stop",
            tone="danger",
            confirm=_("End the ticked assignments? Today is their last day."),
        ),
        BulkAction("renew", _("Renew for a year"), icon="refresh"),
    )
    empty_title = _("No assignments yet")
    empty_text = _("An assignment gives a person a role at an organisation, from a day on.")
    empty_icon = "user-check"
    export_name = "assignments"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        require(request, "access:view")
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not is_fresh(request):
            return redirect(f"{resolve_url('accounts:prove')}?next={reverse('roles:assignments')}")
        return super().post(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Assignment]:
        rows = Assignment.objects.select_related("user", "role", "organisation", "given_by")
        return rows.order_by("user__name", "role__code", "-valid_from", "pk")

    def get_actions(self) -> tuple[Action, ...]:
        scope = self.request.scope  # type: ignore[attr-defined]
        if not (scope.may("access:grant") or scope.may("access:assign")):
            return ()
        return (Action(_("Give a role"), reverse("roles:give"), icon="plus", tone="primary"),)

    def get_breadcrumbs(self) -> list[tuple[Any, str]]:
        return [(_("Roles"), reverse("roles:list")), (self.title, "")]

    def bulk_end(self, rows: QuerySet[Assignment]) -> int:
        until = clock.today() + timedelta(days=1)
        return self._each(rows, lambda one: services.end(one, until, because=__("Ended in the list")))

    def bulk_renew(self, rows: QuerySet[Assignment]) -> int:
        today = clock.today()

        def renew(one: Assignment) -> None:
            start = max(today, one.valid_to) if one.valid_to else today
            services.renew(one, today, start + timedelta(days=365), because=__("Renewed in the list"))

        return self._each(rows, renew)

    def _each(self, rows: QuerySet[Assignment], do: Any) -> int:
        """Do something with each; what is refused stands as it was, and is said."""
        done = 0
        for one in rows.order_by("pk"):
            try:
                do(one)
            except services.Refused as refused:
                text = refusing.noted(self.request, refused)
                messages.warning(self.request, f"{one.user} · {one.role.name}: {text}")
            else:
                done += 1
        return done

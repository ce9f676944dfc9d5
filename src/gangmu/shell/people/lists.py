"""Accounts as lists: everybody in scope, and the reports on those that somebody should look at."""

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

import django_filters
import django_tables2 as tables2
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.accounts import managing
from gangmu.foundation.accounts.models import Policy, User
from gangmu.foundation.settings import clock
from gangmu.foundation.ui.lists import Action, ListPage
from gangmu.foundation.ui.tables import DayColumn, MomentColumn, NumberColumn, Table
from gangmu.foundation.ui.templatetags.ui import badge
from gangmu.shell.people import queries
from gangmu.shell.people.words import POWERS, standing

VIEW, CHANGE = "accounts:view", "accounts:change"
ATTENTION: dict[str, tuple[Any, Callable[[QuerySet[User]], QuerySet[User]]]] = {
    "never": (_("never signed in"), queries.never_used),
    "dormant": (_("dormant"), queries.dormant),
    "locked": (_("locked"), queries.locked),
    "without-role": (_("without a role"), queries.without_role),
    "must-change": (_("must change the password"), queries.must_change),
    "expired": (_("password expired"), queries.expired),
    "one-factor": (_("no second factor"), queries.without_second_factor),
}


class PersonTable(Table):
    """One line an account. `state` comes with the row, see `managing.with_states`."""

    name = tables2.Column(verbose_name=_("Person"), order_by=("name", "username"))
    username = tables2.Column(verbose_name=_("User name"))
    organisation = tables2.Column(verbose_name=_("Organisation"), order_by=("organisation__sort_key",))
    standing = tables2.Column(verbose_name=_("State"), empty_values=(), orderable=False)
    last_login = MomentColumn(verbose_name=_("Last sign-in"))
    factors = tables2.Column(verbose_name=_("Second factors"), empty_values=(), orderable=False)
    email = tables2.Column(verbose_name=_("E-mail"))
    phone = tables2.Column(verbose_name=_("Phone"))
    valid_to = DayColumn(verbose_name=_("Ends on"))
    created_at = MomentColumn(verbose_name=_("Since"))

    hidden = ("email", "phone", "valid_to", "created_at")

    def render_name(self, record: User) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("people:one", args=[record.pk]), record.name)

    def value_name(self, record: User) -> str:
        return record.name

    def render_standing(self, record: User) -> SafeString:
        marks = standing(record, record.state, self.request.people.locked)  # type: ignore[attr-defined]
        return format_html("{}" * len(marks), *(badge(text, tone) for text, tone in marks))

    def value_standing(self, record: User) -> str:
        marks = standing(record, record.state, self.request.people.locked)  # type: ignore[attr-defined]
        return " · ".join(text for text, _tone in marks)

    def render_factors(self, record: User) -> str:
        return queries.factors(record.state) or "—"  # type: ignore[attr-defined]

    def value_factors(self, record: User) -> str:
        return queries.factors(record.state)  # type: ignore[attr-defined]

    class Meta(Table.Meta):
        sequence = (
            "name",
            "username",
            "organisation",
            "standing",
            "last_login",
            "factors",
            "email",
            "phone",
            "valid_to",
            "created_at",
        )


class BranchFilter(django_filters.FilterSet):
    """The branch of an organisation, as it stands today."""

    request: Any

    branch = django_filters.ChoiceFilter(label=_("Branch"), empty_label=_("All"), method="of_branch")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["branch"].extra["choices"] = queries.branches(self.request.scope)

    def of_branch(self, rows: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        return rows.filter(organisation__in=queries.branch(value, self.request.scope))


class PersonFilter(BranchFilter):
    state = django_filters.ChoiceFilter(
        label=_("State"),
        choices=[("active", _("active")), ("disabled", _("disabled")), ("ended", _("ended"))],
        empty_label=_("All"),
        method="in_state",
    )
    attention = django_filters.ChoiceFilter(
        label=_("Only"),
        choices=[(key, title) for key, (title, _rule) in ATTENTION.items()],
        empty_label=_("All"),
        method="that_need",
    )

    def in_state(self, rows: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        if value == "disabled":
            return rows.filter(is_active=False)
        if value == "ended":
            return rows.filter(is_active=True, valid_to__lte=clock.today())
        return queries.today_active(rows)

    def that_need(self, rows: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        return ATTENTION[value][1](rows)


class Accounts(ListPage):
    """What all lists of accounts have in common."""

    table_class = PersonTable
    filterset_class = PersonFilter
    search_fields = ("name", "username", "email", "phone", "organisation__code", "organisation__name_zh")
    search_label = _("Name, user name, phone or organisation")
    empty_icon = "users"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any):
        if not request.scope.may(VIEW):
            raise PermissionDenied
        request.people = self  # the table asks the page who is locked
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def locked(self) -> dict[int, Any]:
        """Who must wait, and until when."""
        return managing.locked(queries.accounts())

    def get_queryset(self) -> QuerySet[User]:
        return managing.with_states(queries.accounts()).order_by("name", "username")

    def get_breadcrumbs(self) -> list[tuple[Any, str]]:
        return [(_("Accounts"), reverse("people:list")), (self.title, "")]


class PersonList(Accounts):
    """Every account in scope."""

    key = "people.accounts"
    title = _("Accounts")
    empty_title = _("No accounts that you may see")
    empty_text = _("Make the first one, or take people over from a file.")
    export_name = "accounts"

    def get_breadcrumbs(self) -> list[tuple[Any, str]]:
        return [(self.title, "")]

    def get_actions(self) -> Iterable[Action]:
        actions = [Action(_("Reports"), reverse("people:reports"), icon="clipboard-list")]
        if self.request.scope.may(CHANGE):
            actions += [
                Action(_("From a file"), reverse("people:import"), icon="upload"),
                Action(_("New account"), reverse("people:create"), icon="plus", tone="primary"),
            ]
        return actions


class DormantReport(Accounts):
    """Accounts that nobody uses, which are disabled at night."""

    key = "people.dormant"
    title = _("Dormant accounts")
    filterset_class = BranchFilter
    empty_title = _("No dormant accounts")
    export_name = "dormant-accounts"

    @property
    def subtitle(self) -> str:  # type: ignore[override]
        days = Policy.of().dormant_days
        return __("Not used for %(n)d days. They are disabled in the night.") % {"n": days}

    def get_queryset(self) -> QuerySet[User]:
        return queries.dormant(super().get_queryset()).order_by("last_login", "created_at")


class NeverUsedReport(Accounts):
    """Accounts to which nobody has ever signed in."""

    key = "people.never-used"
    title = _("Accounts never used")
    filterset_class = BranchFilter
    subtitle = _("Nobody has ever signed in to these. Was the one-time password handed over?")
    empty_title = _("Every account has been used")
    export_name = "accounts-never-used"

    def get_queryset(self) -> QuerySet[User]:
        return queries.never_used(super().get_queryset()).order_by("created_at")


class WithoutRoleReport(Accounts):
    """Accounts that open nothing."""

    key = "people.without-role"
    title = _("Accounts without a role")
    filterset_class = BranchFilter
    subtitle = _("They hold no role today and none later, and cannot sign in anywhere.")
    empty_title = _("Every account holds a role")
    export_name = "accounts-without-role"

    def get_queryset(self) -> QuerySet[User]:
        return queries.without_role(super().get_queryset())


class SharedTable(PersonTable):
    addresses = NumberColumn(verbose_name=_("Addresses"), empty_values=(), orderable=False)
    browsers = NumberColumn(verbose_name=_("Browsers"), empty_values=(), orderable=False)
    ousted = NumberColumn(verbose_name=_("Ousted from elsewhere"), empty_values=(), orderable=False)

    hidden = ("email", "phone", "valid_to", "created_at", "factors")

    def _told(self, record: User, name: str) -> int:
        return self.request.people.shared[record.pk][name]

    def render_addresses(self, record: User) -> str:
        return str(self._told(record, "addresses"))

    def render_browsers(self, record: User) -> str:
        return str(self._told(record, "browsers"))

    def render_ousted(self, record: User) -> str:
        return str(self._told(record, "ousted"))

    def value_addresses(self, record: User) -> int:
        return self._told(record, "addresses")

    def value_browsers(self, record: User) -> int:
        return self._told(record, "browsers")

    def value_ousted(self, record: User) -> int:
        return self._told(record, "ousted")

    class Meta(Table.Meta):
        sequence = (
            "name",
            "username",
            "organisation",
            "standing",
            "addresses",
            "browsers",
            "ousted",
            "last_login",
            "...",
        )


class SharedReport(Accounts):
    """Accounts that several people perhaps use: a hint, no proof."""

    key = "people.shared"
    title = _("Accounts perhaps shared")
    table_class = SharedTable
    filterset_class = BranchFilter
    empty_title = _("No sign of shared accounts")
    export_name = "accounts-perhaps-shared"

    @property
    def subtitle(self) -> str:  # type: ignore[override]
        return __("Signed in from %(n)d addresses and more in a month. A hint, no proof: ask who uses them.") % {
            "n": managing.SHARED_ADDRESSES
        }

    @cached_property
    def shared(self) -> dict[int, dict[str, Any]]:
        """How many addresses, browsers and ousted sessions, by account."""
        return managing.shared()

    def get_queryset(self) -> QuerySet[User]:
        return super().get_queryset().filter(pk__in=list(self.shared))


class AdministratorTable(PersonTable):
    powers = tables2.Column(verbose_name=_("Administers"), empty_values=(), orderable=False)
    roles = tables2.Column(verbose_name=_("Roles"), empty_values=(), orderable=False)

    def render_powers(self, record: User) -> str:
        held = self.request.people.powers.get(record.pk, ())
        return __(", ").join(str(POWERS[one]) for one in held) or "—"

    def render_roles(self, record: User) -> str:
        return __(", ").join(one.name for one in self.request.people.roles.get(record.pk, ()))

    class Meta(Table.Meta):
        sequence = ("name", "username", "powers", "roles", "factors", "standing", "last_login", "...")


class AdministratorReport(Accounts):
    """Who administers, and by which factors they prove who they are."""

    key = "people.administrators"
    title = _("Administrators and their factors")
    table_class = AdministratorTable
    filterset_class = BranchFilter
    subtitle = _("Whoever holds a role of the back office. Each of them must have a second factor.")
    empty_title = _("No administrators that you may see")
    export_name = "administrators"

    @cached_property
    def powers(self) -> dict[int, list[str]]:
        """The parts of the three powers, by account."""
        return queries.powers()

    @cached_property
    def roles(self) -> dict[int, list[queries.Held]]:
        """Their roles, by account."""
        return queries.roles(self.powers)

    def get_queryset(self) -> QuerySet[User]:
        return super().get_queryset().filter(pk__in=list(self.powers))


REPORTS = (DormantReport, NeverUsedReport, WithoutRoleReport, SharedReport, AdministratorReport)

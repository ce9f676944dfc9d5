"""What the front page of the back office shows: a card for each part of the work, to those whose work it is."""

import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

import gangmu
from gangmu.figures.filing.models import Duty, Form
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.access.models import Assignment, Role
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.accounts.models import User
from gangmu.foundation.approvals.models import Leave, Route
from gangmu.foundation.parties import kinds
from gangmu.foundation.parties.models import Organisation, Placement
from gangmu.foundation.settings import clock
from gangmu.foundation.ui.here import here
from gangmu.foundation.ui.templatetags.ui import ago, number

WEEK = timedelta(days=7)
SOON = timedelta(days=30)
KINDS = 3
SEAL_LATE = timedelta(minutes=15)
STATE = """
    SELECT database_bytes, waiting, oldest, running, failed, seal, sealed_at, unsealed, refused
    FROM office_state(%s, %s)
"""


class State(NamedTuple):
    """Numbers of the whole installation, as the database gives them; those of events and jobs of the last week."""

    database_bytes: int
    waiting: int
    oldest: Any
    running: int
    failed: int
    seal: int | None
    sealed_at: Any
    unsealed: int
    refused: int


@dataclass(frozen=True)
class Line:
    """One line of a card: what, how much, and whether somebody should look."""

    label: str
    value: Any
    tone: str = ""


@dataclass(frozen=True)
class Card:
    """One part of an administrator's work."""

    title: str
    icon: str
    tone: str
    figure: Any
    unit: str
    lines: list[Line]
    url: str = ""
    link: str = ""


def state() -> State:
    """The state of the installation.

    Raises:
        ProgrammingError: whoever asks holds no role of the back office.
    """
    with connection.cursor() as cursor:
        cursor.execute(STATE, [clock.today(), clock.now() - WEEK])
        return State(*cursor.fetchone())


def cards(request: HttpRequest) -> Iterator[Card]:
    """The cards of whoever asks, in the order of the page."""
    whole = state()
    for permission, make in CARDS:
        if request.scope.may(permission):
            yield make(whole, request.scope)


def _organisations(whole: State, scope: Scope) -> Card:
    today = clock.today()
    placed = Placement.objects.filter(child=OuterRef("pk"), valid__contains=today)
    found = dict(Organisation.objects.filter(Exists(placed)).values_list("kind").annotate(n=Count("pk")))
    total = sum(found.values())
    most = sorted(found, key=lambda code: -found[code])[:KINDS]
    lines = [Line(str(kind.name), number(found[kind.code])) for kind in kinds.all_kinds() if kind.code in most]
    if rest := total - sum(found[code] for code in most):
        lines.append(Line(_("of other kinds"), number(rest)))
    tree = here("organisations:tree")
    return Card(
        _("Organisations"), "sitemap", "blue", number(total), _("in today's tree"), lines, tree, _("Open the tree")
    )


def _accounts(whole: State, scope: Scope) -> Card:
    held = Assignment.objects.filter(user=OuterRef("pk"), valid_from__lte=clock.today()).exclude(
        valid_to__lte=clock.today()
    )
    counted = User.objects.annotate(holds=Exists(held)).aggregate(
        active=Count("pk", filter=Q(is_active=True)),
        closed=Count("pk", filter=Q(is_active=False)),
        idle=Count("pk", filter=Q(is_active=True, last_login__isnull=True)),
        bare=Count("pk", filter=Q(is_active=True, holds=False)),
    )
    lines = [
        Line(_("never signed in"), number(counted["idle"])),
        Line(_("closed"), number(counted["closed"])),
    ]
    if scope.may("access:view"):  # to others an account's roles are not to be seen, so that it would seem to have none
        lines.insert(0, Line(_("without a role"), number(counted["bare"]), "warning" if counted["bare"] else ""))
    unit = ngettext("open account", "open accounts", counted["active"])
    return Card(_("Accounts"), "users", "green", number(counted["active"]), unit, lines)


def _roles(whole: State, scope: Scope) -> Card:
    today = clock.today()
    in_force = Assignment.objects.filter(valid_from__lte=today).exclude(valid_to__lte=today)
    counted = in_force.aggregate(held=Count("pk"), soon=Count("pk", filter=Q(valid_to__lte=today + SOON)))
    by_site = dict(Role.objects.values_list("site").annotate(n=Count("pk")))
    total = sum(by_site.values())
    lines = [
        Line(_("of the back office"), number(by_site.get("office", 0) + by_site.get("both", 0))),
        Line(_("given to somebody"), number(counted["held"])),
        Line(_("end within 30 days"), number(counted["soon"]), "warning" if counted["soon"] else ""),
    ]
    return Card(_("Roles"), "shield-check", "purple", number(total), _("roles in all"), lines)


def _forms(whole: State, scope: Scope) -> Card:
    forms = Form.objects.filter(is_current=True).count()
    lines = [
        Line(_("Indicators"), number(Indicator.objects.count())),
        Line(_("files for others"), number(Duty.objects.filter(valid__contains=clock.today()).count())),
    ]
    unit = ngettext("form in force", "forms in force", forms)
    return Card(_("Forms"), "clipboard-list", "orange", number(forms), unit, lines, here("filing:forms"), _("Look at"))


def _routes(whole: State, scope: Scope) -> Card:
    routes = Route.objects.filter(is_current=True).count()
    away = Leave.objects.filter(valid__contains=clock.today()).count()
    lines = [Line(_("away today, with a stand-in"), number(away))]
    unit = ngettext("route in force", "routes in force", routes)
    url = here("approvals:routes")
    return Card(_("Approval routes"), "route", "cyan", number(routes), unit, lines, url, _("Look at"))


def _jobs(whole: State, scope: Scope) -> Card:
    lines = [
        Line(_("being done"), number(whole.running)),
        Line(_("waiting"), number(whole.waiting)),
        Line(_("failed in 7 days"), number(whole.failed), "danger" if whole.failed else "success"),
    ]
    if whole.oldest is not None:
        lines.append(Line(_("waiting longest, since"), ago(whole.oldest)))
    open_ = whole.running + whole.waiting
    return Card(_("Long work"), "player-skip-forward", "yellow", number(open_), _("under way"), lines)


def _records(whole: State, scope: Scope) -> Card:
    late = whole.sealed_at is None or clock.now() - whole.sealed_at > SEAL_LATE
    lines = [
        Line(
            _("sealed up to"),
            ago(whole.sealed_at) if whole.sealed_at else _("never yet"),
            "warning" if late else "success",
        ),
        Line(_("not sealed yet"), number(whole.unsealed)),
        Line(_("refused at the door in 7 days"), number(whole.refused), "warning" if whole.refused else ""),
    ]
    url, unit = here("records:events"), _("seals in the chain")
    return Card(_("Records"), "lock", "teal", number(whole.seal or 0), unit, lines, url, _("Open the records"))


def _system(whole: State, scope: Scope) -> Card:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version')")
        (server,) = cursor.fetchone()
    lines = [
        Line(_("Database"), filesizeformat(whole.database_bytes)),
        Line("PostgreSQL", server.split(" ")[0]),
        Line("Python", platform.python_version()),
    ]
    return Card(_("System"), "database", "pink", gangmu.__version__, _("version of Gangmu"), lines)


CARDS: tuple[tuple[str, Callable[[State, Scope], Card]], ...] = (
    ("parties:view", _organisations),
    ("accounts:view", _accounts),
    ("access:view", _roles),
    ("figures:configure", _forms),
    ("approvals:configure", _routes),
    ("jobs:view", _jobs),
    ("records:view", _records),
    ("jobs:view", _system),
)

"""Routes to look at: every node with who decides there and how long it may take."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from gangmu.foundation.access.models import Role
from gangmu.foundation.approvals.gathering import words
from gangmu.foundation.approvals.models import Route
from gangmu.foundation.approvals.panels import deadline_words
from gangmu.foundation.approvals.routes import NodeDefinition, RouteDefinition, defined
from gangmu.foundation.parties import kinds
from gangmu.foundation.ui.here import here

MODES = {
    "any": gettext_lazy("one of them decides"),
    "all": gettext_lazy("all of them must approve"),
    "order": gettext_lazy("all of them, one after the other"),
}


@dataclass(frozen=True)
class NodePicture:
    """One node of a route in words."""

    name: str
    who: str
    mode: str
    deadline: str
    condition: str
    absent: str
    grants: str
    acknowledges: bool


@dataclass(frozen=True)
class RoutePicture:
    """One version of a route in words."""

    route: Route
    nodes: list[NodePicture]
    hours: str


@require_GET
def routes_page(request: HttpRequest) -> HttpResponse:
    """The routes in force."""
    names = _role_names()
    pictures = [_picture(one, names) for one in Route.objects.filter(is_current=True).order_by("code")]
    return render(request, "approvals/routes.html", {"tab": "routes", "pictures": pictures})


@require_GET
def route_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One version of a route, and the other versions of it."""
    route = get_object_or_404(Route, pk=pk)
    context: dict[str, Any] = {
        "tab": "routes",
        "picture": _picture(route, _role_names()),
        "versions": Route.objects.filter(code=route.code).order_by("-version"),
        "breadcrumbs": [
            *([(_("Approvals"), cases)] if (cases := here("approvals:list")) else ()),
            (_("Routes"), reverse("approvals:routes")),
            (route.name, ""),
        ],
    }
    return render(request, "approvals/route.html", context)


def _role_names() -> dict[str, str]:
    return {role.code: str(words(role.name_zh, role.name_en)) for role in Role.objects.all()}


def _picture(route: Route, roles: dict[str, str]) -> RoutePicture:
    definition = defined(route)
    hours = ", ".join(f"{opens:%H:%M}–{closes:%H:%M}" for opens, closes in definition.working_hours)
    return RoutePicture(route, [_node(node, definition, roles) for node in definition.nodes], hours)


def _node(node: NodeDefinition, route: RouteDefinition, roles: dict[str, str]) -> NodePicture:
    several = node.mode != "any" or len(node.who.users) > 1
    return NodePicture(
        name=str(node.name),
        who=_who(node, roles),
        mode=str(MODES[node.mode]) if several else "",
        deadline=deadline_words(node.deadline),
        condition="; ".join(f"{name}: {', '.join(values)}" for name, values in node.condition),
        absent=_("submission is refused where this tier is absent") if node.refuse_absent else "",
        grants=node.grants,
        acknowledges=node.purpose == "acknowledge",
    )


def _who(node: NodeDefinition, roles: dict[str, str]) -> str:
    who = node.who
    if who.users:
        return ", ".join(who.users)
    what = (
        _("post %(code)s") % {"code": who.post} if who.post else " / ".join(roles.get(code, code) for code in who.roles)
    )
    return _("%(what)s at %(where)s") % {"what": what, "where": _level(who.level)}


def _level(level: str) -> str:
    if not level:
        return _("the organisation itself")
    try:
        return str(kinds.kind(level).name)
    except ValidationError:
        return level

"""Looking at the register: one resource, what happens when it fails, and the whole picture."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from gangmu.duties.resources import graph, panels, picture, queries
from gangmu.duties.resources.lists import TONES
from gangmu.duties.resources.models import Kind, Resource
from gangmu.duties.resources.queries import Net
from gangmu.duties.resources.rights import CHANGE, VIEW
from gangmu.foundation.access.needs import needs
from gangmu.foundation.parties.days import Days
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings import clock

MOST_LISTED = 300  # lines of one list; a page of thousands helps nobody

LIST = (gettext_lazy("Register of resources"), "resources:list")


def trail(*steps: tuple[Any, str]) -> list[tuple[Any, str]]:
    """The way to a page of the register."""
    return [(LIST[0], reverse(LIST[1])), *steps]


def of_resource(resource: Resource, title: Any) -> list[tuple[Any, str]]:
    """The way to a page below a resource's."""
    return trail((resource.name, reverse("resources:one", args=[resource.pk])), (title, ""))


def found(pk: int) -> Resource:
    """A resource of the register, whether it stands today or not."""
    return get_object_or_404(Resource.objects.select_related("responsible", "post"), pk=pk)


def _owner(resource: Resource) -> Organisation | None:
    return Organisation.objects.filter(pk=resource.organisation_id).first()


@require_GET
@needs(VIEW)
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """What the register says of a resource, what it needs, and what needs it."""
    resource = found(pk)
    net = queries.net()
    node = net.number.get(resource.pk) if resource.is_current else None
    context: dict[str, Any] = {
        "title": resource.name,
        "breadcrumbs": trail((resource.name, "")),
        "resource": resource,
        "owner": _owner(resource),
        "tone": TONES.get(Kind(resource.kind), "secondary"),
        "mine": request.scope.may_at(CHANGE, resource.organisation_id),
        "last_day": Days.of(resource.valid).last_day,
        "history": [(one, Days.of(one.valid)) for one in queries.history(resource, clock.today())],
        "panels": list(panels.shown(request, resource)),
    }
    if node is not None:
        context |= _around(net, node, resource)
    return render(request, "resources/one.html", context)


def _around(net: Net, node: int, resource: Resource) -> dict[str, Any]:
    near = net.around(node)
    here = near.number[resource.pk]
    points = [row for row in near.of(graph.nodes_of(near.single_points[here])) if row.pk != resource.pk]
    label = _("What %(name)s needs, and what needs it") % {"name": resource.name}
    return {
        "told": picture.told(net, node),
        "needed_by": _direct(net, node)[:MOST_LISTED],
        "carries": len(graph.above(net.edges, [node])),
        "points": points[:MOST_LISTED],
        "picture": picture.draw(near, {here: picture.HERE}, label),
        "too_many": picture.joined(near) > picture.MOST_DRAWN,
    }


def _direct(net: Net, node: int) -> list[tuple[Resource | None, str, int, int]]:
    """Who needs a node, with the group that it is of: its name, how many suffice, of how many."""
    result = []
    for edge in net.edges.needed_by(node):
        of = int(net.edges.group[edge])
        who = net.rows[int(net.edges.source[edge])]
        group = net.groups[of] if of != graph.NONE else None
        size = int((net.edges.group == of).sum()) if group else 0
        result.append((who, group.name if group else "", group.needed if group else 0, size))
    return result


@require_GET
@needs(VIEW)
def if_fails(request: HttpRequest, pk: int) -> HttpResponse:
    """What goes along when a resource fails, and what works on with less behind it; `?with=PK` fails others besides."""
    resource = found(pk)
    net = queries.net()
    also = [int(one) for one in request.GET.getlist("with") if one.isascii() and one.isdigit() and len(one) < 19]
    failed = [net.number[one] for one in dict.fromkeys([pk, *also]) if one in net.number]
    context: dict[str, Any] = {
        "title": _("If this fails: %(name)s") % {"name": resource.name},
        "breadcrumbs": of_resource(resource, _("If this fails")),
        "resource": resource,
        "standing": bool(failed) and failed[0] == net.number.get(pk),
    }
    if context["standing"]:
        context |= _failure(net, failed, resource)
    return render(request, "resources/if_fails.html", context)


def _failure(net: Net, failed: list[int], resource: Resource) -> dict[str, Any]:
    outcome = graph.fail(net.edges, failed)
    tones = dict.fromkeys(outcome.lost, picture.LOST) | dict.fromkeys(outcome.weakened, picture.WEAKENED)
    tones |= dict.fromkeys(failed, picture.FAILED)
    concerned = {*failed, *outcome.lost, *outcome.weakened}
    part = _part(net, concerned)
    moved = {part.number[net.ids[node]]: tone for node, tone in tones.items()}
    weakened = []
    for node, groups in outcome.weakened.items():
        spare = [(net.groups[of].name, left, needed, left == needed) for of, left, needed in groups]
        weakened.append((net.rows[node], spare))
    others = [net.rows[node] for node in failed[1:]]
    also = [row.pk for row in others if row]
    return {
        "lost": [(net.rows[node], net.of(outcome.way(node)[1:-1])) for node in outcome.lost[:MOST_LISTED]],
        "lost_count": len(outcome.lost),
        "lost_more": max(0, len(outcome.lost) - MOST_LISTED),
        "weakened": weakened[:MOST_LISTED],
        "weakened_count": len(weakened),
        "weakened_more": max(0, len(weakened) - MOST_LISTED),
        "others": others,
        "next_to_fail": _spares(net, failed, outcome, also),
        "picture": picture.draw(part, moved, _("What goes along when %(name)s fails") % {"name": resource.name}),
        "legend": True,
    }


def _part(net: Net, kept: set[int]) -> Net:
    """The part of a net between some of its nodes."""
    ids = {net.ids[node] for node in kept}
    rows = [row for node, row in enumerate(net.rows) if node in kept and row is not None]
    mine = {row.pk for row in rows}
    return Net(rows, [one for one in net.needs if one.resource_id in mine and one.on_id in ids])


def _spares(net: Net, failed: list[int], outcome: graph.Failure, also: list[int]) -> list[tuple[Resource, str]]:
    """What stood in and has nothing behind it any more, with the address where it fails too."""
    gone = {*failed, *outcome.lost}
    found: dict[int, Resource] = {}
    for groups in outcome.weakened.values():
        for of, left, needed in groups:
            if left != needed:
                continue
            for edge in (net.edges.group == of).nonzero()[0].tolist():
                node = int(net.edges.target[edge])
                row = net.rows[node]
                if node not in gone and row is not None:
                    found[row.pk] = row
    return [(row, "?" + "&".join(f"with={pk}" for pk in (*also, row.pk))) for row in found.values()]


@require_GET
@needs(VIEW)
def whole(request: HttpRequest) -> HttpResponse:
    """Everything that needs something or is needed, drawn and in words; `?owner=CODE` and `?kind=` narrow it."""
    net = queries.net()
    owner, kind = request.GET.get("owner", "").strip(), request.GET.get("kind", "")
    if owner or kind:
        net = _narrowed(net, owner, kind)
    joined = sorted({*net.edges.source.tolist(), *net.edges.target.tolist()})
    alone = sorted(set(range(len(net.rows))).difference(joined))
    needing = [node for node in graph.order(net.edges) if net.edges.needs(node)]
    context = {
        "title": _("What needs what"),
        "subtitle": _("From left to right: each box needs those to its right. Dashed: one stands in for another."),
        "breadcrumbs": trail((_("What needs what"), "")),
        "picture": picture.draw(net, label=_("What needs what")),
        "too_many": len(joined) > picture.MOST_DRAWN,
        "drawn": picture.MOST_DRAWN,
        "told": [picture.told(net, node) for node in needing[:MOST_LISTED]],
        "told_more": max(0, len(needing) - MOST_LISTED),
        "single": net.of(alone)[:MOST_LISTED],
        "kinds": Kind.choices,
        "kind": kind,
        "owner": owner,
    }
    return render(request, "resources/picture.html", context)


def _narrowed(net: Net, owner: str, kind: str) -> Net:
    """Resources of an owner or a kind, with all that they rest on."""
    place = Organisation.objects.filter(code__iexact=owner).first() if owner else None
    start = [
        node
        for node, row in enumerate(net.rows)
        if row is not None
        and (not kind or row.kind == kind)
        and (not owner or (place is not None and row.organisation_id == place.pk))
    ]
    return _part(net, {*start, *graph.below(net.edges, start)})

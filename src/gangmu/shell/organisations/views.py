"""The tree of a day and one organisation through time. Row security holds below; the scope clips what it gives."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import chain
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from gangmu.foundation.parties import kinds, queries
from gangmu.foundation.parties.days import EVER, OPEN, Days
from gangmu.foundation.parties.models import Organisation, Succession
from gangmu.foundation.parties.queries import Change, Held, Node, Scope, Standing, Stretch
from gangmu.foundation.records.models import History
from gangmu.foundation.settings import clock
from gangmu.foundation.ui.here import here
from gangmu.foundation.ui.templatetags.ui import number
from gangmu.foundation.ui.trees import TreeNode
from gangmu.shell.organisations import days
from gangmu.shell.organisations.changing import rights
from gangmu.shell.organisations.histories import describe
from gangmu.shell.organisations.strips import Strip, strip

MOST_NODES = 600  # a larger tree is shown tier by tier
MOST_CHANGES = 100
HISTORY_PER_PAGE = 20
IN_THE_TREE = ("capacity_mw", "fuel")


@require_GET
def tree(request: HttpRequest) -> HttpResponse:
    """The tree of a day, a slider through time, and what changed since another day."""
    scope: Scope = request.scope
    day, since, form = days.asked(request)
    marks = queries.days_of_change(scope)
    first, last = days.bounds(marks, day)
    roots = queries.tree(day, scope)
    top = request.GET.get("top", "")
    if top:
        roots = [node for root in roots for node in root.walk() if node.organisation.code == top]
    changes = _changed(queries.changes_between(since, day, scope), day)
    planned = _planned(marks, scope)
    counts = Counter(node.organisation.kind for root in roots for node in root.walk())
    context = {
        "title": _("Organisation tree"),
        "breadcrumbs": _trail(queries.path(roots[0].organisation, day, scope) if top and roots else [], day),
        "day": day,
        "since": since,
        "since_asked": "since" in request.GET,
        "form": form,
        "first": first,
        "last": last,
        "marks": marks,
        "top": top,
        "nodes": _tree_nodes(roots, queries.standings(day, scope), day, _marked(planned)),
        "counts": [(kind, counts[kind.code]) for kind in kinds.all_kinds() if counts[kind.code]],
        "changes": changes[:MOST_CHANGES],
        "more_changes": max(len(changes) - MOST_CHANGES, 0),
        "planned": planned[:MOST_CHANGES],
        "changes_page": here("changes:list"),
        "anything": bool(marks) or bool(roots),
    }
    return render(request, "organisations/tree.html", context, status=422 if form.errors else 200)


@require_GET
def organisation(request: HttpRequest, code: str) -> HttpResponse:
    """One organisation: what it is on a day, where it stood, what it could do, who is below it, what was changed."""
    scope: Scope = request.scope
    shown: Any = queries.visible(scope).filter(code=code).first()
    if shown is None:
        raise Http404
    window = queries.windows(scope, shown.pk)
    was_own = [] if any(one.last_day is None for one in window) else window
    day, _since, form = days.asked(request, default=was_own[-1].last_day if was_own else None)
    placements = queries.placements_of(shown, scope)
    values = queries.attribute_history(shown, scope)
    edges = sorted({edge for one in [*placements, *chain(*values.values())] for edge in _edges(one.days)})
    first, last = days.bounds(edges, day)
    path = queries.path(shown, day, scope)
    held = queries.attributes_on(shown, day, scope)
    history = Paginator(_history(shown), HISTORY_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "title": shown.name,
        "organisation": shown,
        "kind": kinds.kind(shown.kind),
        "breadcrumbs": _trail(path or [shown], day),
        "day": day,
        "form": form,
        "first": first,
        "last": last,
        "marks": edges,
        "path": path,
        "was_own": was_own,
        "facts": _facts(held, {one.pk: one for one in path}, day),
        "strips": [_placement_strip(placements, (first, last), day), *_value_strips(values, (first, last), day)],
        "children": _rows(queries.children(shown, day, scope), day, scope),
        "history": history,
        "history_rows": describe(history.object_list, scope),
        "ahead": [] if was_own else _ahead(placements),
        "change": here("changes:begin", shown.code) if rights.may_change(request, shown.pk) else "",
        "succeeded": _successions(Succession.objects.filter(organisation=shown), "successor", scope),
        "preceded": _successions(Succession.objects.filter(successor=shown), "organisation", scope),
    }
    return render(request, "organisations/detail.html", context, status=422 if form.errors else 200)


def _ahead(placements: Sequence[Stretch]) -> list[str]:
    """What is planned for it, in words: where it will stand, or that it leaves."""
    today, told = clock.today(), []
    for one in placements:
        if one.days.start > today:
            name = one.parent.name if one.parent else _("at the top") if one.text else _("outside your scope")
            told.append(_("from %(day)s: %(name)s") % {"day": one.days.start, "name": name})
    last = placements[-1].days if placements else None
    if last and last.last_day and last.last_day >= today:
        told.append(_("leaves the tree after %(day)s") % {"day": last.last_day})
    return told


def _successions(rows: QuerySet[Succession], other: str, scope: Scope) -> list[dict[str, object]]:
    """Who goes on in its place, or in whose place it goes on; by name, where the asker sees them."""
    found = list(rows.order_by("from_date").values_list(f"{other}_id", "from_date"))
    known = queries.visible(scope).in_bulk([pk for pk, _day in found])
    return [
        {
            "day": since,
            "name": known[pk].name if pk in known else _("outside your scope"),
            "href": days.link("organisations:detail", known[pk].code) if pk in known else "",
        }
        for pk, since in found
    ]


def _trail(path: Sequence[Organisation], day: date) -> list[tuple[object, str]]:
    """Where one is: the tree, then from the top down; the last one without an address."""
    above = [(one.name, days.link("organisations:detail", one.code, day=day)) for one in path[:-1]]
    own = [(one.name, "") for one in path[-1:]]
    return [(_("Organisation tree"), days.link("organisations:tree", day=day) if path else ""), *above, *own]


def _planned(marks: Sequence[date], scope: Scope) -> list[dict[str, Any]]:
    """What will be otherwise after today, the next day first."""
    today = clock.today()
    ahead = [mark for mark in marks if mark > today]
    return list(reversed(_changed(queries.changes_between(today, ahead[-1], scope), today))) if ahead else []


def _marked(planned: Sequence[dict[str, Any]]) -> dict[str, str]:
    """The first planned change of each organisation's place in a few words, by code."""
    found: dict[str, str] = {}
    for one in planned:
        for label, _before, after in one["values"]:
            if one["moves"]:
                words = f"{label}: {after}" if after else str(label)
                found.setdefault(str(one["organisation"].code), f"{one['day']} {words}")
    return found


def _tree_nodes(
    roots: list[Node], standings: dict[int, Standing], day: date, planned: Mapping[str, str]
) -> list[TreeNode]:
    """Lines for the page. Of a large tree only so many tiers that it stays readable; a link leads further down."""
    tiers, level = 0, roots
    shown = 0
    while level and (tiers < 2 or shown + len(level) <= MOST_NODES):
        shown += len(level)
        tiers += 1
        level = [child for node in level for child in node.children]
    small = not level and shown <= 40

    def line(node: Node, depth: int) -> TreeNode:
        one = node.organisation
        cut = depth + 1 >= tiers and node.children
        note = _note(standings[one.pk].attributes)
        if cut:
            count = sum(1 for _node in node.walk()) - 1
            note = " · ".join(filter(None, [note, ngettext("%(n)d below", "%(n)d below", count) % {"n": count}]))
        return TreeNode(
            one.name,
            href=days.link("organisations:tree", day=day, top=one.code)
            if cut
            else days.link("organisations:detail", one.code, day=day),
            code=one.code,
            note=note,
            mark=planned.get(one.code, ""),
            icon=kinds.kind(one.kind).icon,
            children=[] if cut else [line(child, depth + 1) for child in node.children],
            open=small or depth < 1,
        )

    return [line(node, 0) for node in roots]


def _note(attributes: dict[str, str]) -> str:
    """The attributes that say most in one line: numbers with a unit of power, and choices."""
    parts = []
    for name in IN_THE_TREE:
        if name in attributes:
            parts.append(_shown(kinds.attributes()[name], attributes[name]))
    return " · ".join(parts)


def _shown(attribute: kinds.Attribute, text: str) -> str:
    return f"{number(text)} {attribute.unit}".strip() if attribute.type == "number" else attribute.shown(text)


def _facts(held: dict[str, Held], path: dict[int, Organisation], day: date) -> list[dict[str, object]]:
    """What holds on the day, with the organisation that an inherited value comes from."""
    return [
        {
            "label": one.attribute.label,
            "text": _shown(one.attribute, str(one.value.value)),
            "source": path.get(one.source_id) if one.inherited else None,
            "href": days.link("organisations:detail", path[one.source_id].code, day=day)
            if one.source_id in path
            else "",
        }
        for one in held.values()
    ]


def _placement_strip(placements: list[Stretch], span: tuple[date, date], day: date) -> Strip:
    pieces = []
    for one in placements:
        if one.parent:
            pieces.append((one, one.parent.name, days.link("organisations:detail", one.parent.code, day=day)))
        else:
            pieces.append((one, _("at the top") if one.text else _("outside your scope"), ""))
    return strip(_("Placed under"), pieces, span, day)


def _value_strips(values: dict[str, list[Stretch]], span: tuple[date, date], day: date) -> list[Strip]:
    strips = []
    for name, stretches in values.items():
        attribute = kinds.attributes()[name]
        pieces = [(one, number(one.text) if attribute.type == "number" else one.text, "") for one in stretches]
        strips.append(strip(str(attribute.label), pieces, span, day, attribute.unit))
    return strips


def _rows(below: list[Organisation], day: date, scope: Scope) -> list[dict[str, object]]:
    standings = queries.standings(day, scope) if below else {}
    return [
        {
            "organisation": one,
            "kind": kinds.kind(one.kind),
            "note": _note(standings[one.pk].attributes) if one.pk in standings else "",
            "href": days.link("organisations:detail", one.code, day=day),
        }
        for one in below
    ]


def _changed(changes: list[Change], day: date) -> list[dict[str, object]]:
    """One line for each organisation and day, the latest first: who, and what became what.

    Of one that entered or left the tree the attributes go without saying.
    """
    grouped: dict[tuple[date, int], list[Change]] = defaultdict(list)
    entered_or_left = set()
    for change in changes:
        grouped[change.day, change.organisation.pk].append(change)
        if change.what == queries.PLACEMENT and None in (change.before, change.after):
            entered_or_left.add(change.organisation.pk)
    lines = []
    for (since, pk), group in reversed(grouped.items()):
        told = [change for change in group if change.what == queries.PLACEMENT or pk not in entered_or_left]
        if told:
            one = group[0].organisation
            lines.append(
                {
                    "day": since,
                    "organisation": one,
                    "icon": kinds.kind(one.kind).icon,
                    "values": [_change_words(change) for change in told],
                    "moves": any(change.what == queries.PLACEMENT for change in told),
                    "href": days.link("organisations:detail", one.code, day=day),
                }
            )
    return lines


def _change_words(change: Change) -> tuple[object, str | None, str | None]:
    """What changed, from what, to what."""
    if change.what != queries.PLACEMENT:
        attribute = kinds.attributes()[change.what]
        before, after = (text and _shown(attribute, text) for text in (change.before, change.after))
        return attribute.label, before, after
    names = {queries.AT_THE_TOP: _("at the top"), queries.OUTSIDE: _("outside your scope"), None: None}
    before, after = (names.get(text, text) for text in (change.before, change.after))
    if change.before is None:
        return _("New in the tree"), before, after
    return _("Left the tree") if change.after is None else _("Placed under"), before, after


def _history(shown: Organisation) -> QuerySet[History]:
    """Every recorded change of the organisation and of what is dated about it, the latest first."""
    return History.objects.filter(organisation=shown, model__startswith="parties.").select_related("by").order_by("-id")


def _edges(one: Days) -> list[date]:
    return [edge for edge in one if edge not in (EVER, OPEN)]

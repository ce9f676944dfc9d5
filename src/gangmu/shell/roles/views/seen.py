"""What somebody sees 某人所见: menus, organisations and actions on a day, each with the assignment it comes from."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from gangmu.foundation.access import permissions, permits
from gangmu.foundation.access.models import Assignment
from gangmu.foundation.access.needs import needs
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.parties.queries import among
from gangmu.foundation.settings import clock
from gangmu.foundation.settings.sites import SITES, Where
from gangmu.foundation.ui import menu
from gangmu.shell.roles import queries
from gangmu.shell.roles.sites import page_at
from gangmu.shell.roles.views.roles import VIEW, trail

NAMED = 12


@dataclass(frozen=True)
class Sight:
    """What a person sees of one site on one day."""

    site: str
    label: Any
    menu: list[str]
    rooms: list[tuple[Any, list[tuple[Any, list[Assignment]]]]]
    places: list[tuple[Assignment, int, list[str]]]
    former: int
    reached: frozenset[int]

    @property
    def acts(self) -> set[str]:
        return {f"{room}: {action.label}" for room, lines in self.rooms for action, _sources in lines}


@require_GET
@needs(VIEW)
def seen(request: HttpRequest) -> HttpResponse:
    """Pick a person and a day, and perhaps another day to see what differs."""
    words = request.GET.get("person", "").strip()
    day = _day(request.GET.get("day"), clock.today())
    other = _day(request.GET.get("other"), None)
    person = _person(words)
    context: dict[str, Any] = {
        "title": _("What somebody sees"),
        "breadcrumbs": trail((_("What somebody sees"), "")),
        "words": words,
        "person": person,
        "day": day,
        "other": other,
        "lost": bool(words) and person is None,
    }
    if person is not None and day is not None:
        now = sights(person, day)
        context["sights"] = now
        context["held"] = queries.assignments_of(person, day)
        if other is not None:
            context["differences"] = _differences(sights(person, other), now)
    return render(request, "roles/seen.html", context)


def _day(text: str | None, otherwise: date | None) -> date | None:
    try:
        return parse_date(text or "") or otherwise
    except ValueError:
        return otherwise


def _person(words: str) -> User | None:
    """The account of this user name, or of this name when there is one such; among those that the asker sees."""
    if not words:
        return None
    found = User.objects.select_related("organisation").filter(username=words).first()
    named = User.objects.select_related("organisation").filter(name=words)[:2]
    return found or (named[0] if len(named) == 1 else None)


def sights(person: User, on: date) -> list[Sight]:
    """What a person sees on a day, site by site; sites of which they hold no role are left out."""
    held = queries.assignments_of(person, on)
    found = []
    for site in SITES:
        here = [one for one in held if one.role.site in (site, Where.BOTH)] if person.is_active else []
        if not here:
            continue
        scope = queries.scope_of_person(person, here, on, site)
        asking = cast(HttpRequest, SimpleNamespace(user=person, scope=scope, path="", GET={}, session={}))
        entries = menu.open_entries(asking, site, lambda name, site=site: page_at(site, name))
        branches = {one.pk: queries.branch_of(one, on) for one in here if one.reach != Assignment.Reach.OWN_RECORDS}
        places = [(one, len(branches.get(one.pk, ())), _names(branches.get(one.pk, ()))) for one in here]
        former = {one.organisation_id for one in scope.former("parties")}
        found.append(
            Sight(
                site,
                Where(site).label,
                [str(entry.label) for entry, _href in entries],
                _rooms(here),
                places,
                len(former),
                scope.ids("parties"),
            )
        )
    return found


def _names(ids: Iterable[int]) -> list[str]:
    rows = Organisation.objects.filter(among("pk", ids)).order_by("sort_key", "code")[: NAMED + 1]
    names = [one.name for one in rows]
    return names if len(names) <= NAMED else [*names[:NAMED], "…"]


def _rooms(held: list[Assignment]) -> list[tuple[Any, list[tuple[Any, list[Assignment]]]]]:
    found = []
    for room in permits.rooms():
        lines = []
        for action in room.actions:
            sources = [one for one in held if permissions.any_implies(one.role.permissions, action.code)]
            if sources:
                lines.append((action, sources))
        if lines:
            found.append((room.label, lines))
    return found


def _differences(then: list[Sight], now: list[Sight]) -> list[tuple[str, list[str], list[str]]]:
    """(of what, only now, only then) for everything that differs between two days."""
    found = []
    for site in SITES:
        one, other = ([sight for sight in sights if sight.site == site] for sights in (then, now))
        for label, read in (
            (_("Menu"), lambda sight: set(sight.menu)),
            (_("Actions"), lambda sight: sight.acts),
            (_("Organisations"), lambda sight: sight.reached),
        ):
            before = read(one[0]) if one else set()
            after = read(other[0]) if other else set()
            if before != after:
                gained, lost = after - before, before - after
                name = f"{Where(site).label} · {label}"
                found.append((name, _worded(gained), _worded(lost)))
    return found


def _worded(things: Iterable[Any]) -> list[str]:
    things = list(things)
    return _names(things) if things and isinstance(things[0], int) else sorted(map(str, things))

"""A home page, and its owner's own arrangement of it."""

import json

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from gangmu.foundation.boards import arranging, queries, services, settings, showing, tiles
from gangmu.foundation.boards.asking import View
from gangmu.foundation.boards.definitions import BoardDefinition, board_for
from gangmu.foundation.boards.places import Place, Places, places
from gangmu.foundation.settings import clock
from gangmu.foundation.ui.asking import asker
from gangmu.foundation.ui.once import submit_once

BOARD = "board"  # the part of the page that changes with the period


@require_GET
def home(request: HttpRequest, code: str = "") -> HttpResponse:
    """The home page of an organisation; without a code, of the highest that the asker may see."""
    known = places(request.scope)
    place = _place(known, code)
    if place is None:
        return render(request, "boards/none.html", {"title": _("Home page")})
    board, view = _board(place, request), View.of(request.GET)
    placed, is_own = queries.tiles_of(board, asker(request))
    arranging_now = "arrange" in request.GET
    asked = tiles.Asked(request.scope, place, known, view.period, view.at_least, view.compare, view.but())
    shown = showing.shown(board.code, [tile for tile in placed if tile.shown or arranging_now], asked)
    if not arranging_now:
        shown = [one for one in shown if one.inside] if is_own else showing.close_gaps(shown)
    trail = known.trail(place)
    context = {
        "title": place.name,
        "breadcrumbs": [(one.name, _address(one, view)) for one in trail[:-1]] + [(place.name, "")],
        "place": place,
        "board": board,
        "view": view,
        "period_label": view.period.label(get_language() or ""),
        "below": [(one, _address(one, view)) for one in known.children(place)],
        "kinds": view.kinds,
        "today": clock.today().isoformat(),
        "address": _address(place, view),
        "own": reverse("boards:of", args=[place.code]),
        "is_own": is_own,
        "arranging": arranging_now,
        "every": placed,
        "settings": settings.of(place, placed) if arranging_now else [],
        "tiles": shown,
        "fixed": dict(pair for one in shown for pair in one.fixed),
    }
    partial = request.headers.get("HX-Request") == "true" and BOARD in request.headers.get("HX-Target", "")
    return render(request, "boards/board.html" if partial else "boards/home.html", context)


@require_POST
@submit_once
def arrange(request: HttpRequest, code: str) -> HttpResponse:
    """Keep the asker's own arrangement of the page that this organisation's home has."""
    place = _given(request, code)
    board = _board(place, request)
    spots = settings.chosen(place, board, _sent(request, board), request.POST, queries.own_spots(board, asker(request)))
    services.arrange(board, spots, by=asker(request))
    return redirect("boards:of", code=place.code)


@require_POST
@submit_once
def reset(request: HttpRequest, code: str) -> HttpResponse:
    """Give the asker the shipped page back."""
    place = _given(request, code)
    services.reset(_board(place, request), by=asker(request))
    return redirect("boards:of", code=place.code)


def _given(request: HttpRequest, code: str) -> Place:
    place = _place(places(request.scope), code)
    assert place is not None  # without one of this code the page was not found
    return place


def _place(known: Places, code: str) -> Place | None:
    if not code:
        return next(iter(known.tops), None)
    place = known.by_code.get(code)
    if place is None:
        raise Http404(_("There is no such organisation, or you may not see its figures."))
    return place


def _board(place: Place, request: HttpRequest) -> BoardDefinition:
    board = board_for(place.kind)
    assert board is not None  # places are those with boards
    return queries.of_user(board, asker(request))


def _address(place: Place, view: View) -> str:
    return reverse("boards:of", args=[place.code]) + view.but()


def _sent(request: HttpRequest, board: BoardDefinition) -> list[arranging.Spot]:
    """What the form says: the grid's own account of itself, or, where no script ran, a list with order and sizes."""
    layout = request.POST.get("layout", "")
    if layout:
        try:
            return arranging.spots(json.loads(layout))
        except ValueError:
            raise BadRequest(_("The arrangement could not be read. Open the page anew and arrange it again.")) from None
    lines = []
    for place, tile in enumerate(board.tiles):
        order, w, h = (_number(request, f"{name}-{tile.id}") for name in ("order", "w", "h"))
        shown = f"shown-{tile.id}" in request.POST
        spot = arranging.Spot.of({"id": tile.id, "x": 0, "y": 0, "w": w or tile.w, "h": h or tile.h, "shown": shown})
        if spot:
            lines.append((order if order is not None else LAST, place, spot))
    return arranging.listed([spot for _order, _place, spot in sorted(lines, key=lambda line: line[:2])])


LAST = 10_000


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else None

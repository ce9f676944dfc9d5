"""The map: areas coloured by a figure, plants as points sized by capacity and toned by what has been approved."""

import json
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from hashlib import blake2b
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from gangmu.figures.cube.gateway import Question
from gangmu.figures.cube.question import Row
from gangmu.figures.tiles.asking import Figures
from gangmu.figures.tiles.kinds.charts import _shown, _value, home, home_of_any
from gangmu.figures.tiles.names import Name
from gangmu.figures.tiles.outlines import FILES
from gangmu.figures.tiles.positions import Positions, Standing
from gangmu.figures.tiles.showing import attribute_word, is_provisional, lookup, marks, one_unit
from gangmu.figures.tiles.wanting import lowest, question, question_of_lowest
from gangmu.foundation.boards.places import Place
from gangmu.foundation.boards.tiles import Asked
from gangmu.foundation.parties import kinds

Found = Mapping[Any, Any]
COUNTRY = "china"
ROOM_AROUND = 1.2  # degrees around the outermost plants
SMALLEST, LARGEST = 5, 18  # pixels across
TONES = ("green", "orange", "red", "gray")


def _areas(asked: Asked) -> Question:
    return question(asked, [asked.options["indicator"]], by="province")


def _plants(asked: Asked) -> Question | None:
    if asked.places.children(asked.organisation):
        return question_of_lowest(asked, [asked.options["indicator"]])
    return question(asked, [asked.options["indicator"]])


def wants_map(asked: Asked) -> Sequence[Hashable]:
    return [_areas(asked), *filter(None, [_plants(asked)]), Positions(), Name(asked.options["indicator"])]


def show_map(asked: Asked, found: Found) -> dict[str, Any] | None:
    code, standings = asked.options["indicator"], found[Positions()]
    plants = lowest(asked) or [asked.organisation]
    placed = [(place, standings[place.pk]) for place in plants if place.pk in standings]
    points = [(place, one) for place, one in placed if one.point]
    if not points:
        return None
    asking = _plants(asked)
    figures: Figures = found[asking] if asking else Figures()
    rows = {row.organisation: row for row in figures.of(code)}
    of_areas = [row for row in found[_areas(asked)].of(code) if row.group is not None]
    areas, outline = _coloured(asked, of_areas, placed), _outline(asked, of_areas)
    if outline != COUNTRY:
        areas = []  # the outline of one province has its cities, of which there are no figures
    shown = sorted(points, key=lambda pair: -pair[1].capacity)
    rows_of_places = _rows(shown)
    digest = blake2b(json.dumps(rows_of_places).encode(), digest_size=8).hexdigest()
    chart: dict[str, Any] = {
        "kind": "map",
        "area": outline,
        "unit": one_unit(of_areas or figures.of(code)),
        "name": found[Name(code)],
        "areas": areas,
        "places": digest,
        "tones": "".join(str(TONES.index(_tone(rows.get(place.code)))) for place, _one in shown),
        "shown": ";".join(_shown(rows.get(place.code)) for place, _one in shown),
        "home": home_of_any(asked),
        "own": asked.organisation.code,
    }
    if outline == COUNTRY and not asked.options.get("whole"):
        chart["bounds"] = _bounds([one.point for _place, one in points if one.point])
    counted = Counter(_tone(rows.get(place.code)) for place, _one in points)
    words = {
        "green": pgettext("figure", "approved"),
        "orange": pgettext("figure", "provisional"),
        "red": pgettext("figure", "not reported"),
        "gray": pgettext("figure", "files other figures"),
    }
    return {
        "chart": chart,
        "fixed": [(digest, rows_of_places)],
        "label": found[Name(code)],
        "legend": [(tone, words[tone], counted[tone]) for tone in TONES if counted[tone]],
        "words": [(area["name"], area["shown"]) for area in areas],
        "note": _("%(plants)s plants, sized by capacity") % {"plants": len(points)} if len(points) > 1 else "",
        "marks": marks(of_areas),
        "url": lookup(asked, [code], by="province"),
    }


def _rows(placed: Sequence[tuple[Place, Standing]]) -> list[list[Any]]:
    """What of the points does not change with the period: code, name, where, how large. A page carries it once."""
    largest = max(one.capacity for _place, one in placed) or 1
    return [
        [place.code, place.name, round(one.point[0], 2), round(one.point[1], 2), _size(one.capacity / largest)]
        for place, one in placed
        if one.point
    ]


def _size(part: float) -> float:
    return round(SMALLEST + (LARGEST - SMALLEST) * part**0.5, 1)


def _tone(row: Row | None) -> str:
    if row is None or row.value is None:
        return "gray" if row is not None and not row.expected else "red"
    return "orange" if is_provisional(row.state) else "green"


def _division(text: str | None) -> str:
    """The division code of a province, however it is written."""
    attribute = kinds.attributes().get("province")
    choice = attribute.choice(text) if attribute and text else None
    return choice.code if choice else ""


def _coloured(asked: Asked, rows: Sequence[Row], placed: Sequence[tuple[Place, Standing]]) -> list[dict[str, Any]]:
    homes = _homes(asked, placed)
    return [
        {
            "code": division,
            "name": attribute_word("province", row.group),
            "value": _value(row),
            "shown": _shown(row),
            "url": home(asked, homes[division]) if division in homes else "",
        }
        for row in rows
        if (division := _division(row.group))
    ]


def _homes(asked: Asked, placed: Sequence[tuple[Place, Standing]]) -> dict[str, Place]:
    """Where a click on a province leads: to the one right below the page's organisation with the most capacity there,
    or, where that is the page's already (a region with plants right below it), to the largest plant."""
    found: dict[str, dict[Place, float]] = defaultdict(lambda: defaultdict(float))
    for place, one in placed:
        trail = asked.places.trail(place)
        if asked.organisation not in trail or place == asked.organisation:
            continue
        below = trail[trail.index(asked.organisation) + 1]
        found[_division(one.province)][below] += one.capacity or 1
    return {division: max(under, key=lambda place: (under[place], place.code)) for division, under in found.items()}


def _outline(asked: Asked, rows: Sequence[Row]) -> str:
    """The country; for a single province its own."""
    divisions = {_division(row.group) for row in rows} - {""}
    if len(divisions) == 1 and not asked.options.get("whole"):
        return FILES.get(divisions.pop(), COUNTRY)
    return COUNTRY


def _bounds(points: Sequence[tuple[float, float]]) -> list[list[float]]:
    """North-west and south-east corners of a part of the country that holds all points."""
    east, north = [point[0] for point in points], [point[1] for point in points]
    return [
        [round(min(east) - ROOM_AROUND, 2), round(max(north) + ROOM_AROUND, 2)],
        [round(max(east) + ROOM_AROUND, 2), round(min(north) - ROOM_AROUND, 2)],
    ]

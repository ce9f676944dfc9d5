"""The tiles of a page, rendered: kept ones as they are, the others from what their sources find in one call each."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from gangmu.foundation.boards import arranging, tiles
from gangmu.foundation.boards.definitions import PlacedTile
from gangmu.foundation.boards.keeping import Kept

MOST = 24_000_000  # characters of kept tiles in a process
BLANK = 100


@dataclass(frozen=True)
class Shown:
    """What a tile shows: its head and body as HTML, and what the page carries for it once, outside of what changes with
    the period (`fixed`: by a digest). Without `inside` it has nothing to show here."""

    tile: PlacedTile
    kind: tiles.TileKind
    inside: SafeString
    fixed: tuple[tuple[str, Any], ...] = ()


_kept = Kept(MOST)


def shown(board: str, placed: Iterable[PlacedTile], asked: tiles.Asked) -> list[Shown]:
    """Every tile with what it shows; `inside` is empty where there is nothing to show."""
    state = tiles.state_of(asked.scope)
    each = [(tile, _key(board, tile, asked, state)) for tile in placed]
    found = {tile.id: one for tile, key in each if key and (one := _kept.get(key)) and _same(one.tile, tile)}
    missing = [(tile, replace(asked, options=tile.options), key) for tile, key in each if tile.id not in found]
    wants = {tile.id: list(tiles.kind(tile.kind).wants(own)) for tile, own, _key in missing}
    answers = tiles.found([want for tile, *_rest in missing for want in wants[tile.id]], asked.scope)
    for tile, own, key in missing:
        found[tile.id] = _show(tile, own, answers)
        if key and tiles.may_be_kept(wants[tile.id]):
            _kept.put(key, found[tile.id], len(found[tile.id].inside) + BLANK)
    return [replace(found[tile.id], tile=tile) for tile, _key in each]


def close_gaps(tiles_: list[Shown]) -> list[Shown]:
    """Without those that have nothing to show, the others moved up beside."""
    filled = [one for one in tiles_ if one.inside]
    if len(filled) == len(tiles_):
        return tiles_
    by_id = {one.tile.id: one for one in filled}
    return [replace(by_id[tile.id], tile=tile) for tile in arranging.closed([one.tile for one in filled])]


def _key(board: str, tile: PlacedTile, asked: tiles.Asked, state: Hashable | None) -> Hashable | None:
    if state is None:
        return None
    place, period = asked.organisation.pk, asked.period.code
    return board, tile.id, place, period, asked.at_least, asked.compare, asked.carried, get_language(), state


def _same(one: PlacedTile, other: PlacedTile) -> bool:
    """Whether they show the same, wherever they stand."""
    return (one.kind, one.title, one.options) == (other.kind, other.title, other.options)


def _show(tile: PlacedTile, asked: tiles.Asked, answers: tiles.Found) -> Shown:
    kind = tiles.kind(tile.kind)
    context = kind.show(asked, answers)
    if context is None:
        return Shown(tile, kind, SafeString(""))
    said = {"tile": tile, "period": asked.period, **context}
    head = {name: said.get(name) for name in ("url", "note", "marks")}
    body = render_to_string(kind.template, said)
    inside = render_to_string("boards/tile_inside.html", {"tile": tile, "body": body, **head})
    return Shown(tile, kind, inside, tuple(context.get("fixed", ())))

"""The tiles of a page, rendered: kept ones as they are, the others from what their sources find in one call each."""

import json
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from gangmu.foundation.boards import arranging, sharing, tiles
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
    found |= _of_others([(tile, key) for tile, key in each if key and tile.id not in found], state)
    missing = [(tile, replace(asked, options=tile.options), key) for tile, key in each if tile.id not in found]
    wants = {tile.id: list(tiles.kind(tile.kind).wants(own)) for tile, own, _key in missing}
    answers = tiles.found([want for tile, *_rest in missing for want in wants[tile.id]], asked.scope)
    for tile, own, key in missing:
        found[tile.id] = _show(tile, own, answers)
        if key and tiles.may_be_kept(wants[tile.id]):
            _keep(key, found[tile.id])
            _share(key, found[tile.id], state)
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
    return (
        board,
        tile.id,
        tile.settings,
        place,
        period,
        asked.at_least,
        asked.compare,
        asked.carried,
        get_language(),
        state,
    )


def _keep(key: Hashable, one: Shown) -> None:
    _kept.put(key, one, len(one.inside) + BLANK)


def _of_others(missing: list[tuple[PlacedTile, Hashable]], state: Hashable | None) -> dict[str, Shown]:
    """What other processes have rendered of these tiles."""
    shelf, found = sharing.shelf(), {}
    if shelf is None or not missing:
        return found
    of_state = sharing.digest(state)
    for tile, key in missing:
        name = _name(key, tile, of_state)
        if name and (held := shelf.get(name)) is not None:
            inside, fixed = held
            found[tile.id] = Shown(tile, tiles.kind(tile.kind), SafeString(inside), tuple(map(tuple, fixed)))
            _keep(key, found[tile.id])
    return found


def _share(key: Hashable, one: Shown, state: Hashable | None) -> None:
    shelf, name = sharing.shelf(), _name(key, one.tile, sharing.digest(state))
    if shelf is not None and name:
        shelf.put(name, [one.inside, one.fixed])


def _name(key: Hashable, tile: PlacedTile, of_state: str | None) -> str | None:
    """Under what a tile is shared; None where it cannot be. The state is the same for all tiles of a page."""
    if of_state is None or not isinstance(key, tuple):
        return None
    options = json.dumps(dict(tile.options), sort_keys=True, default=str)
    return sharing.digest((*key[:-1], of_state, tile.kind, tile.title.zh, tile.title.en, options))


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

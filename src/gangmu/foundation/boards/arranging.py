"""A shipped page and somebody's own arrangement of it, put together. Pure functions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gangmu.foundation.boards.definitions import BoardDefinition, PlacedTile
from gangmu.foundation.boards.tiles import COLUMNS, MOST_ROWS

LOWEST_ROW = 500
MOST_SETTINGS, LONGEST = 8, 64


@dataclass(frozen=True)
class Spot:
    """Where a tile stands on somebody's own page, whether it is shown, and what they chose of it."""

    id: str
    x: int
    y: int
    w: int
    h: int
    shown: bool = True
    settings: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, given: Any) -> "Spot | None":
        """From what was kept or sent; None for what is no spot. Numbers are brought into the grid."""
        if not isinstance(given, Mapping) or not isinstance(given.get("id"), str):
            return None
        numbers: dict[str, int] = {
            name: number for name in ("x", "y", "w", "h") if isinstance(number := given.get(name), int)
        }
        if len(numbers) < 4 or any(isinstance(number, bool) for number in numbers.values()):
            return None
        w = min(max(numbers["w"], 1), COLUMNS)
        h = min(max(numbers["h"], 1), MOST_ROWS)
        x, y = min(max(numbers["x"], 0), COLUMNS - w), min(max(numbers["y"], 0), LOWEST_ROW)
        return cls(given["id"], x, y, w, h, given.get("shown") is not False, _settings(given.get("settings")))

    def as_json(self) -> dict[str, Any]:
        found = {"id": self.id, "x": self.x, "y": self.y, "w": self.w, "h": self.h, "shown": self.shown}
        return {**found, "settings": dict(self.settings)} if self.settings else found


def _settings(given: Any) -> tuple[tuple[str, str], ...]:
    """What was chosen of a tile, as far as it is names with short texts."""
    if not isinstance(given, Mapping):
        return ()
    texts = sorted((name, value) for name, value in given.items() if isinstance(name, str) and isinstance(value, str))
    return tuple((name, value) for name, value in texts if max(len(name), len(value)) <= LONGEST)[:MOST_SETTINGS]


def spots(given: Any) -> list[Spot]:
    """The spots in what was kept or sent; each tile's first counts."""
    found: dict[str, Spot] = {}
    for one in given if isinstance(given, Sequence) and not isinstance(given, str) else ():
        spot = Spot.of(one)
        if spot:
            found.setdefault(spot.id, spot)
    return list(found.values())


def arranged(board: BoardDefinition, own: Iterable[Spot] = ()) -> list[PlacedTile]:
    """The tiles in reading order, those on the shelf last.

    A tile that came with a later version, which the arrangement does not know, stands below the others; one that is no
    longer shipped is left out.
    """
    known = {spot.id: spot for spot in own}
    if not known:
        return in_order(board.tiles)
    lowest = max((spot.y + spot.h for spot in known.values() if spot.shown), default=0)
    tiles: list[PlacedTile] = []
    for tile in board.tiles:
        spot = known.get(tile.id)
        if spot:
            placed = replace(tile, x=spot.x, y=spot.y, w=spot.w, h=spot.h, shown=spot.shown)
            tiles.append(_set(placed, spot) if spot.settings else placed)
        else:
            tiles.append(replace(tile, y=lowest + tile.y))
    return in_order(tiles)


def _set(tile: PlacedTile, spot: Spot) -> PlacedTile:
    """With what its reader chose among its options."""
    return replace(tile, options={**tile.options, **dict(spot.settings)}, settings=spot.settings)


def in_order(tiles: Iterable[PlacedTile]) -> list[PlacedTile]:
    return sorted(tiles, key=lambda tile: (not tile.shown, tile.y, tile.x))


def closed(tiles: Sequence[PlacedTile]) -> list[PlacedTile]:
    """Tiles moved sideways into the gaps that left-out ones leave: each to where it stands highest, its own columns
    first. Where nothing is left out, everything stays."""
    tops = [0] * COLUMNS
    placed = []
    for tile in tiles:
        ways = [tile.x, *range(0, COLUMNS - tile.w + 1, tile.w)]
        x = min(ways, key=lambda column: max(tops[column : column + tile.w]))  # the first of equal ones
        y = max(tops[x : x + tile.w])
        tops[x : x + tile.w] = [y + tile.h] * tile.w
        placed.append(replace(tile, x=x, y=y))
    return in_order(placed)


def listed(lines: Sequence[Spot]) -> list[Spot]:
    """Spots in the order of a list, put side by side from the top as far as they fit: for those who give an order
    without a grid. Hidden ones keep their size."""
    placed: list[Spot] = []
    x = y = tallest = 0
    for spot in lines:
        if not spot.shown:
            placed.append(spot)
            continue
        if x + spot.w > COLUMNS:
            x, y, tallest = 0, y + tallest, 0
        placed.append(replace(spot, x=x, y=y))
        x, tallest = x + spot.w, max(tallest, spot.h)
    return placed

"""What readers choose of single tiles when they arrange their page: units, statistical scopes, whatever kinds offer."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from gangmu.foundation.boards.arranging import Spot
from gangmu.foundation.boards.definitions import BoardDefinition, PlacedTile
from gangmu.foundation.boards.places import Place
from gangmu.foundation.boards.tiles import Setting, Text, kind


@dataclass(frozen=True)
class Choice:
    """One setting of one tile: the field in the form, what can be chosen, and what is."""

    tile: PlacedTile
    setting: Setting
    offers: Sequence[tuple[str, Text]]
    value: str

    @property
    def field(self) -> str:
        return field(self.tile.id, self.setting.name)

    @property
    def is_unknown(self) -> bool:
        """Whether something holds that is not offered any more: it stays until something else is chosen."""
        return self.value not in [value for value, _words in self.offers]


@dataclass(frozen=True)
class Line:
    """A tile with a choice, or None, for each of the settings that stand beside each other."""

    tile: PlacedTile
    choices: Sequence[Choice | None]


@dataclass(frozen=True)
class Sheet:
    """All that can be chosen of the tiles of a page."""

    settings: Sequence[Setting]
    lines: Sequence[Line]


def field(tile: str, setting: str) -> str:
    return f"set-{setting}-{tile}"


def of(place: Place, tiles: Sequence[PlacedTile]) -> Sheet:
    """What can be chosen of the tiles of an organisation's page."""
    by_tile: dict[str, dict[str, Choice]] = {}
    settings: dict[str, Setting] = {}
    for setting, several in _with_settings(tiles).items():
        offered = setting.offers(place, several)
        settings[setting.name] = setting
        for tile in several:
            offers = offered.get(tile.id, ())
            if offers:
                value = str(tile.options.get(setting.name) or offers[0][0])
                by_tile.setdefault(tile.id, {})[setting.name] = Choice(tile, setting, offers, value)
    lines = [Line(tile, [by_tile[tile.id].get(name) for name in settings]) for tile in tiles if tile.id in by_tile]
    return Sheet(list(settings.values()), lines)


def chosen(
    place: Place, board: BoardDefinition, spots: Iterable[Spot], given: Mapping[str, str], before: Sequence[Spot] = ()
) -> list[Spot]:
    """The spots with what a form says of each tile; what was not offered, or is as shipped, is passed over. A tile of
    which the form says nothing keeps what was chosen `before`."""
    sheet = of(place, list(board.tiles))
    by_tile = {line.tile.id: [choice for choice in line.choices if choice] for line in sheet.lines}
    kept = {spot.id: dict(spot.settings) for spot in before}
    found = []
    for spot in spots:
        own = kept.get(spot.id, {})
        for choice in by_tile.get(spot.id, ()):
            name, value = choice.setting.name, given.get(choice.field)
            if value is None:
                continue
            if value in [one for one, _words in choice.offers]:
                own.pop(name, None)
                if value != choice.value:  # of the board as shipped
                    own[name] = value
        found.append(replace(spot, settings=tuple(sorted(own.items()))))
    return found


def _with_settings(tiles: Sequence[PlacedTile]) -> dict[Setting, list[PlacedTile]]:
    found: dict[Setting, list[PlacedTile]] = {}
    for tile in tiles:
        for setting in kind(tile.kind).settings:
            found.setdefault(setting, []).append(tile)
    return found

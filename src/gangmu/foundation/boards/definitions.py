"""Home pages as the business ships them: which tiles, where, for which kinds of organisations."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gangmu.foundation.parties.kinds import Words


@dataclass(frozen=True)
class PlacedTile:
    """A tile on a page: `kind` is a registered one, `x` its first column of twelve, `y` its first row, from 0.

    A tile that is not `shown` waits on the shelf until somebody puts it onto their own page. `settings` is what its
    reader chose of it; the options hold that too.
    """

    id: str
    kind: str
    title: Words
    x: int
    y: int
    w: int
    h: int
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)
    shown: bool = True
    settings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class BoardDefinition:
    """A home page for organisations of these kinds. `code` is under which people's own arrangements are kept."""

    code: str
    title: Words
    kinds: tuple[str, ...]
    tiles: tuple[PlacedTile, ...]


_boards: dict[str, BoardDefinition] = {}


def register(board: BoardDefinition) -> None:
    """Make a home page known.

    Raises:
        ValueError: a tile's id is given twice, or another board is for one of its kinds.
    """
    ids = [tile.id for tile in board.tiles]
    if len(set(ids)) < len(ids):
        raise ValueError(f"board {board.code!r}: a tile's id is given twice")
    for known in _boards.values():
        both = set(known.kinds) & set(board.kinds)
        if known.code != board.code and both:
            raise ValueError(f"boards {known.code!r} and {board.code!r} are both for {', '.join(sorted(both))}")
    _boards[board.code] = board


def unregister(code: str) -> None:
    """Take a home page out again (for tests)."""
    _boards.pop(code, None)


def all_boards() -> list[BoardDefinition]:
    return list(_boards.values())


def board_for(kind: str) -> BoardDefinition | None:
    """The home page for organisations of a kind."""
    return next((board for board in _boards.values() if kind in board.kinds), None)


def kinds_with_boards() -> list[str]:
    return sorted({kind for board in _boards.values() for kind in board.kinds})

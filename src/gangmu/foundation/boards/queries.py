"""The reads of this room."""

from collections.abc import Callable
from dataclasses import replace

from gangmu.foundation.accounts.models import User
from gangmu.foundation.boards.arranging import Spot, arranged, spots
from gangmu.foundation.boards.definitions import BoardDefinition, PlacedTile
from gangmu.foundation.boards.models import Arrangement

Own = Callable[[User], list[PlacedTile]]
_own: list[Own] = []


def register_own(tiles: Own) -> None:
    """Say which further tiles a user has put onto every home page of theirs."""
    if tiles not in _own:
        _own.append(tiles)


def of_user(board: BoardDefinition, user: User) -> BoardDefinition:
    """A board with the user's own further tiles behind the shipped ones."""
    further = tuple(tile for tiles in _own for tile in tiles(user))
    return replace(board, tiles=board.tiles + further) if further else board


def own_spots(board: BoardDefinition, user: User) -> list[Spot]:
    """How a user has arranged a board; empty where it is as shipped."""
    kept = Arrangement.objects.filter(user=user, board=board.code).values_list("tiles", flat=True).first()
    return spots(kept)


def tiles_of(board: BoardDefinition, user: User) -> tuple[list[PlacedTile], bool]:
    """The tiles as the user sees them, and whether they are arranged otherwise than shipped."""
    own = own_spots(board, user)
    return arranged(board, own), bool(own)

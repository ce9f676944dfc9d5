"""The reads of this room."""

from gangmu.foundation.accounts.models import User
from gangmu.foundation.boards.arranging import Spot, arranged, spots
from gangmu.foundation.boards.definitions import BoardDefinition, PlacedTile
from gangmu.foundation.boards.models import Arrangement


def own_spots(board: BoardDefinition, user: User) -> list[Spot]:
    """How a user has arranged a board; empty where it is as shipped."""
    kept = Arrangement.objects.filter(user=user, board=board.code).values_list("tiles", flat=True).first()
    return spots(kept)


def tiles_of(board: BoardDefinition, user: User) -> tuple[list[PlacedTile], bool]:
    """The tiles as the user sees them, and whether they are arranged otherwise than shipped."""
    own = own_spots(board, user)
    return arranged(board, own), bool(own)

"""Keeping somebody's own arrangement."""

from collections.abc import Iterable

from gangmu.foundation.accounts.models import User
from gangmu.foundation.boards.arranging import Spot
from gangmu.foundation.boards.definitions import BoardDefinition
from gangmu.foundation.boards.models import Arrangement
from gangmu.foundation.settings import clock


def arrange(board: BoardDefinition, spots: Iterable[Spot], *, by: User) -> Arrangement:
    """Keep where `by` wants the tiles of a board. Spots of tiles that the board does not have are passed over."""
    known = {tile.id for tile in board.tiles}
    kept = [spot.as_json() for spot in spots if spot.id in known]
    values = {"tiles": kept, "updated_at": clock.now()}
    arrangement, _made = Arrangement.objects.update_or_create(user=by, board=board.code, defaults=values)
    return arrangement


def reset(board: BoardDefinition, *, by: User) -> bool:
    """Give the shipped page back; whether there was anything to take back."""
    deleted, _by_model = Arrangement.objects.filter(user=by, board=board.code).delete()
    return deleted > 0

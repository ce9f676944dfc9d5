"""A shipped page and somebody's own arrangement of it: pure functions, without a database."""

import pytest

from gangmu.foundation.boards import definitions
from gangmu.foundation.boards.arranging import Spot, arranged, closed, listed, spots
from gangmu.foundation.boards.definitions import BoardDefinition, PlacedTile
from gangmu.foundation.parties.kinds import Words

TITLE = Words("题", "Title")


def tile(id: str, x: int, y: int, w: int = 4, h: int = 2, shown: bool = True) -> PlacedTile:
    return PlacedTile(id, "figure", TITLE, x, y, w, h, {}, shown)


BOARD = BoardDefinition("tests", TITLE, ("tests",), (tile("b", 4, 0), tile("a", 0, 0), tile("c", 0, 2, shown=False)))


def test_as_shipped_tiles_come_in_reading_order_and_the_shelf_last():
    assert [one.id for one in arranged(BOARD)] == ["a", "b", "c"]


def test_an_own_arrangement_moves_sizes_hides_and_brings_back():
    own = [Spot("a", 8, 4, 2, 1), Spot("b", 0, 0, 12, 3, shown=False), Spot("c", 0, 0, 6, 6)]
    shown = arranged(BOARD, own)
    assert [(one.id, one.x, one.y, one.w, one.h, one.shown) for one in shown] == [
        ("c", 0, 0, 6, 6, True),
        ("a", 8, 4, 2, 1, True),
        ("b", 0, 0, 12, 3, False),
    ]


def test_a_tile_of_a_later_version_stands_below_and_one_no_longer_shipped_is_left_out():
    shown = arranged(BOARD, [Spot("a", 0, 0, 4, 5), Spot("gone", 0, 5, 4, 4)])
    assert [(one.id, one.y) for one in shown if one.shown] == [("a", 0), ("b", 9)]


@pytest.mark.parametrize(
    "given",
    [
        None,
        7,
        "text",
        {"id": "a"},
        [None, 7, "a", {}],
        [{"id": 3, "x": 0, "y": 0, "w": 1, "h": 1}],
        [{"id": "a", "x": "0", "y": 0, "w": 1, "h": 1}],
        [{"id": "a", "x": True, "y": 0, "w": 1, "h": 1}],
    ],
)
def test_what_is_no_arrangement_is_none(given):
    assert spots(given) == []


def test_numbers_are_brought_into_the_grid_and_the_first_spot_of_a_tile_counts():
    given = [{"id": "a", "x": 11, "y": -3, "w": 99, "h": 0}, {"id": "a", "x": 0, "y": 0, "w": 1, "h": 1}]
    assert spots(given) == [Spot("a", 0, 0, 12, 1)]
    assert spots([{"id": "a", "x": 11, "y": 10**9, "w": 4, "h": 99}]) == [Spot("a", 8, 500, 4, 12)]


def test_a_list_without_a_grid_is_laid_side_by_side():
    placed = listed([Spot("a", 0, 0, 8, 2), Spot("b", 0, 0, 4, 5), Spot("h", 0, 0, 4, 4, False), Spot("c", 0, 0, 6, 1)])
    assert [(one.id, one.x, one.y) for one in placed if one.shown] == [("a", 0, 0), ("b", 8, 0), ("c", 0, 5)]


def test_gaps_of_tiles_that_are_left_out_are_closed_sideways():
    rows = [tile("wide", 0, 0, 8, 4), tile("side", 8, 0, 4, 4), tile("a", 0, 4), tile("c", 8, 4), tile("d", 0, 6)]
    assert [(one.id, one.x, one.y) for one in closed(rows)] == [
        ("wide", 0, 0), ("side", 8, 0), ("a", 0, 4), ("d", 4, 4), ("c", 8, 4),
    ]  # fmt: skip


def test_two_pages_for_one_kind_and_two_tiles_of_one_id_are_refused():
    with pytest.raises(ValueError, match="twice"):
        definitions.register(BoardDefinition("x", TITLE, ("x",), (tile("a", 0, 0), tile("a", 4, 0))))
    with pytest.raises(ValueError, match="both for group"):
        definitions.register(BoardDefinition("x", TITLE, ("group",), ()))
    assert all(board.code != "x" for board in definitions.all_boards())

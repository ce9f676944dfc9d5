"""The home pages of a power group, read from `content/boards.yaml`."""

from importlib.resources import files
from typing import Any

from gangmu.business.power import content
from gangmu.foundation.boards import definitions
from gangmu.foundation.boards.definitions import BoardDefinition, PlacedTile
from gangmu.foundation.parties.kinds import Words
from gangmu.foundation.settings.shipped import from_yaml

PLACED = ("id", "kind", "title", "at", "shelf")


def boards() -> list[BoardDefinition]:
    """The shipped pages."""
    text = files(content.__name__).joinpath("boards.yaml").read_text("utf-8")
    return [
        BoardDefinition(row["code"], Words(**row["title"]), tuple(row["kinds"]), tuple(map(_tile, row["tiles"])))
        for row in from_yaml(text)["boards"]
    ]


def register_boards() -> None:
    for board in boards():
        definitions.register(board)


def _tile(row: dict[str, Any]) -> PlacedTile:
    x, y, w, h = row["at"]
    options = {name: value for name, value in row.items() if name not in PLACED}
    return PlacedTile(row["id"], row["kind"], Words(**row["title"]), x, y, w, h, options, not row.get("shelf", False))

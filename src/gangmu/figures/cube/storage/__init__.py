"""The cube's files: memory-mapped arrays with one writer and version-checked readers. No Django in here."""

from gangmu.figures.cube.storage.grains import Dimensions, Grain
from gangmu.figures.cube.storage.keys import key_parts
from gangmu.figures.cube.storage.layout import LOCKED, Cells, Open, Slab
from gangmu.figures.cube.storage.store import CubeBusy, CubeUnsound, Snapshot, Store
from gangmu.figures.cube.storage.writer import Journal, Position, Writer, writing

__all__ = [
    "LOCKED",
    "Cells",
    "CubeBusy",
    "CubeUnsound",
    "Dimensions",
    "Grain",
    "Journal",
    "Open",
    "Position",
    "Slab",
    "Snapshot",
    "Store",
    "Writer",
    "key_parts",
    "writing",
]

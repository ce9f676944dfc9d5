"""What the storage tests share: a naive model of a slab, and cells at random."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from gangmu.figures.cube.storage import Cells, Grain, Open, Position, Slab, Store, key_parts, writing

Name = tuple[int, int]  # organisation, period
DAY = 738_000  # somewhere in 2021


@dataclass
class Standing:
    """A cell: its locked value, if any, and newer unsettled revisions by state."""

    locked: int | None = None
    unsettled: dict[int, int] = field(default_factory=dict)


def cells_of(standing: dict[Name, Standing]) -> Cells:
    names = list(standing)
    rows = [
        (place, state, value) for place, name in enumerate(names) for state, value in standing[name].unsettled.items()
    ]
    opened = np.array(rows, np.int64).reshape(-1, 3)
    locked = [standing[name].locked for name in names]
    return Cells(
        organisation=np.array([name[0] for name in names], np.int64),
        period=np.array([name[1] for name in names], np.int64),
        settled=np.array([value is not None for value in locked], bool),
        value=np.array([value or 0 for value in locked], np.int64),
        open=Open(opened[:, 0], opened[:, 1], opened[:, 2]),
    )


def held(slab: Slab) -> dict[Name, Standing]:
    """Everything that a slab holds."""
    found: dict[Name, Standing] = {}
    for row, column in zip(*np.nonzero(slab.presence[: slab.filled, : slab.columns]), strict=True):
        name = (int(slab.organisations[column]), slab.base + int(row))
        found[name] = Standing(int(slab.value[row, column]))
    keys, values = slab.overlay()
    for row, column, state, value in zip(*key_parts(keys), values, strict=True):
        name = (int(slab.organisations[column]), slab.base + int(row))
        found.setdefault(name, Standing()).unsettled[int(state)] = int(value)
    return found


def assert_sound(slab: Slab) -> None:
    """Every running total is the sum of what stands before it; what is free is empty."""
    rows, columns = slab.filled, slab.columns
    assert not slab.total[0].any()
    assert not slab.count[0].any()
    assert (np.diff(slab.total[: rows + 1], axis=0) == slab.value[:rows]).all()
    assert (np.diff(slab.count[: rows + 1], axis=0) == slab.presence[:rows]).all()
    assert (slab.value[:rows][slab.presence[:rows] == 0] == 0).all()
    assert not slab.value[rows:].any()
    assert not slab.presence[rows:].any()
    assert not slab.value[:, columns:].any()
    assert not slab.blocks.faults(slab.value, slab.presence, rows, columns).any()
    keys, _values = slab.overlay()
    assert (np.diff(keys) > 0).all()


def fold(store: Store, changes: dict[tuple[int, int], dict[Name, Standing]], position: int) -> None:
    with writing(store) as writer:
        writer.fold({key: (Grain.DAY, cells_of(cells)) for key, cells in changes.items()}, Position(position, position))


def merged(parts: Iterable[dict[Name, Standing]]) -> dict[Name, Standing]:
    """Later ones replace earlier ones; emptied cells vanish."""
    whole: dict[Name, Standing] = {}
    for part in parts:
        whole.update(part)
    return {name: cell for name, cell in whole.items() if cell.locked is not None or cell.unsettled}

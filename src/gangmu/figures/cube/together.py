"""Settled sums of many slabs at once: what is the same for all of them is worked out once."""

from collections.abc import Sequence

import numpy as np

from gangmu.figures.cube.gather import Gather, Layout, Sums
from gangmu.figures.cube.storage import LOCKED, Slab
from gangmu.figures.cube.storage.layout import Bools, Int64s
from gangmu.figures.cube.stretches import Stretch

_INT64_SAFE = 2**62


def group_sums(gathers: Sequence[Gather], periods: Sequence[Stretch]) -> list[Sums | None]:
    """Sums, counts and states by period × group of each slab, or None where that is not certain to be right.

    For settled facts, each organisation in one group for all the periods: running totals are first added up by group,
    so that a period costs one subtraction for each group. Totals of groups may wrap around like those of columns.
    """
    found: list[Sums | None] = [None] * len(gathers)
    alike: dict[tuple[int, int, int, int], list[int]] = {}
    for number, gather in enumerate(gathers):
        if periods and len(gather.pairs) and not len(gather.overlay) and gather.layout.single:
            slab = gather.slab
            key = id(gather.layout), slab.base, slab.filled, slab.columns_room
            alike.setdefault(key, []).append(number)
    for numbers in alike.values():
        one = gathers[numbers[0]]
        rows = [one.rows(period) for period in periods]
        safe = [number for number in numbers if _is_safe(gathers[number], rows)]
        sums = _sums([gathers[number].slab for number in safe], one.layout, one.reach.groups, rows)
        for number, total, count in zip(safe, *sums, strict=True):
            found[number] = Sums(total, count, np.where(count > 0, LOCKED, 0).astype(np.uint8))
    return found


def _is_safe(gather: Gather, rows: list[Stretch]) -> bool:
    """Whether sums of groups fit into int64, and no organisation has cells on days on which it is in no group."""
    longest = max(after - first for first, after in rows)
    if gather.slab.largest * max(1, longest) * len(gather.pairs) >= _INT64_SAFE:
        return False
    low, high = min(first for first, _ in rows), max(after for _, after in rows)
    begin, end = np.clip(gather.segment_low, low, high), np.clip(gather.segment_high, low, high)
    return not (_cells_in(gather, low, begin, begin > low) or _cells_in(gather, end, high, end < high))


def _cells_in(gather: Gather, first: Int64s | int, after: Int64s | int, wanted: Bools) -> bool:
    """Whether some of the wanted pairs have settled cells in rows [first, after)."""
    if not wanted.any():
        return False
    rows = np.broadcast_arrays(first, after)
    count, column = gather.slab.count, gather.column[wanted]
    return bool((count[rows[0][wanted], column] != count[rows[1][wanted], column]).any())


def _sums(slabs: list[Slab], layout: Layout, groups: int, rows: list[Stretch]) -> tuple[Int64s, Int64s]:
    """Sums and counts by slab × period × group, of slabs of one shape."""
    edges, place = np.unique(np.array(rows), return_inverse=True)
    place = place.reshape(-1, 2)
    held = layout.group_of[layout.starts]
    shape = (len(slabs), len(rows), groups)
    result = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    room = slabs[0].columns_room if slabs else 0
    for into, name in zip(result, ("total", "count"), strict=True):
        kind = np.int64 if name == "total" else np.int32
        line, buffer = np.empty((len(edges), room), kind), np.empty((len(edges), len(layout.column)), kind)
        for number, slab in enumerate(slabs):
            # Whole rows first, since memory gives them at once; then the columns, out of the cache.
            getattr(slab, name).take(edges, axis=0, out=line, mode="clip")
            line.take(layout.column, axis=1, out=buffer, mode="clip")
            by_group = np.add.reduceat(buffer, layout.starts, axis=1, dtype=np.int64)
            into[number][:, held] = by_group[place[:, 1]] - by_group[place[:, 0]]
    return result

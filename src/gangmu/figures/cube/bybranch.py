"""Sums of whole branches from their running totals: a period is two rows, however many organisations there are."""

from collections.abc import Sequence

import numpy as np

from gangmu.figures.cube.gather import Overlay, Sums, read_overlay
from gangmu.figures.cube.storage import LOCKED, Grain, Slab
from gangmu.figures.cube.storage.layout import Int64s
from gangmu.figures.cube.stretches import Stretch
from gangmu.figures.cube.tree import Grouping, Tree

_INT64_SAFE = 2**62
_AT_ONCE = 1 << 18  # cells of several slabs that are held together


def branch_sums(
    slabs: Sequence[Slab], grouping: Grouping, tree: Tree, grain: Grain, at_least: int, periods: Sequence[Stretch]
) -> list[Sums | None]:
    """Sums, counts and lowest states by period × group of each slab; None where its branch totals do not hold, or a sum
    is not certain to fit. `periods` are on the axis of the grain."""
    found: list[Sums | None] = [None] * len(slabs)
    if not periods or grouping.branches is None or len(set(grouping.branches)) < len(grouping.branches):
        return found
    column = tree.lineage.places_of(np.array(grouping.branches, np.int64))
    if column is None:
        return found
    mark = tree.lineage.mark
    alike: dict[tuple[int, int], list[int]] = {}
    for number, slab in enumerate(slabs):
        if slab.branches is not None and slab.branches.hold(slab.changed, mark):
            alike.setdefault((slab.base, slab.filled), []).append(number)
    for (base, filled), numbers in alike.items():
        rows = np.clip(np.array(periods, np.int64) - base, 0, filled)
        rows[:, 1] = np.maximum(rows[:, 0], rows[:, 1])
        longest = max(1, int((rows[:, 1] - rows[:, 0]).max()))
        edges, places = np.unique(rows, return_inverse=True)
        first, after = places.reshape(-1, 2).T
        sure = [one for one in numbers if slabs[one].largest * longest * slabs[one].columns < _INT64_SAFE]
        step = max(1, _AT_ONCE // max(1, len(edges) * len(column)))
        for start in range(0, len(sure), step):
            part = sure[start : start + step]
            running = np.empty((len(part), len(edges), len(column), 2), np.int64)
            for place, number in enumerate(part):
                branches = slabs[number].branches
                assert branches is not None
                branches.at(edges, column, running[place])
            sums = running[:, after] - running[:, first]
            totals, counts = np.ascontiguousarray(sums[..., 0]), np.ascontiguousarray(sums[..., 1])
            states = (counts > 0).view(np.uint8) * np.uint8(LOCKED)
            for number, total, count, state in zip(part, totals, counts, states, strict=True):
                slab = slabs[number]
                overlay = read_overlay(slab, at_least) if slab.is_open else None
                if overlay is not None and len(overlay):
                    found[number] = _with_unsettled(slab, overlay, tree, grain, column, rows, total, count)
                else:
                    found[number] = Sums(total, count, state)
    return found


def _with_unsettled(
    slab: Slab,
    overlay: Overlay,
    tree: Tree,
    grain: Grain,
    column: Int64s,
    rows: Int64s,
    total: Int64s,
    count: Int64s,
) -> Sums:
    """With what unsettled cells change. `column` is that of each group, `rows` has the first of each period and the one
    after its last."""
    group, cell = _groups_of(slab, overlay, tree, grain, column)
    width = slab.filled + 1
    key = group * width + overlay.row[cell]
    order = np.argsort(key, kind="stable")
    key, cell = key[order], cell[order]
    base = np.arange(len(column)) * width
    first, after = (np.searchsorted(key, base + rows[:, one, None]) for one in (0, 1))

    def inside(changes: Int64s) -> Int64s:
        """Of what the cells change each, the sums by period × group."""
        running = np.concatenate([np.zeros(1, np.int64), np.cumsum(changes[cell])])
        return running[after] - running[first]

    hidden = inside(np.diff(overlay.settled_hidden))
    state = np.where(count > hidden, LOCKED, 0).astype(np.uint8)
    for one in range(LOCKED - 1, 0, -1):
        state[inside((overlay.state == one).astype(np.int64)) > 0] = one
    return Sums(total + inside(np.diff(overlay.added)), count + inside(np.diff(overlay.newly)), state)


def _groups_of(slab: Slab, overlay: Overlay, tree: Tree, grain: Grain, column: Int64s) -> tuple[Int64s, Int64s]:
    """In which groups each unsettled cell counts: the group and the cell's place in the overlay."""
    branch, organisation, low, high = tree.lineage.by_organisation(grain)
    filer = slab.organisations[overlay.column]
    begin, end = np.searchsorted(organisation, filer), np.searchsorted(organisation, filer, "right")
    repeats = end - begin
    cell = np.repeat(np.arange(len(filer)), repeats)
    segment = np.repeat(begin, repeats) + np.arange(len(cell)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    group_at = np.full(len(tree.lineage.ids), -1, np.int64)
    group_at[column] = np.arange(len(column))
    group, period = group_at[branch[segment]], overlay.row[cell] + slab.base
    counts = np.flatnonzero((group >= 0) & (low[segment] <= period) & (period < high[segment]))
    return group[counts], cell[counts]

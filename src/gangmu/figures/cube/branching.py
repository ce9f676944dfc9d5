"""Keeping branch totals equal to their slabs: after a folding, and when the tree has become another.

They are a pure function of a slab's running totals and of the tree's history, so that a part of their rows can be made
again at any time, whoever died in the middle before. A part of the work is done at a time: until its turn, a slab is
read without them.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from gangmu.figures.cube.settled import is_of_closed_months
from gangmu.figures.cube.storage import Grain, Slab, Writer
from gangmu.figures.cube.storage.branches import Branches
from gangmu.figures.cube.storage.layout import Int64s
from gangmu.figures.cube.storage.store import SlabKey
from gangmu.figures.cube.tree import Tree

_AT_ONCE = 1 << 20  # cells that are added up in one go
_A_TURN = 40_000_000  # cells that are added up while others who write wait: a third of a second or so


@dataclass(frozen=True)
class _Work:
    """What is to be made again: the rows after `first`."""

    key: SlabKey
    first: int
    cells: int


def refresh(writer: Writer, tree: Tree, keys: Iterable[SlabKey] | None = None, *, most: int = _A_TURN) -> bool:
    """Make branch totals again that do not hold, of some slabs or all, as far as a turn goes. Whether they hold now.

    Those of closed months have none: there are few, and they are rarely asked for.
    """
    due = sorted(_due(writer, tree, writer.entries if keys is None else keys), key=lambda one: one.cells)
    turn: list[_Work] = []
    for one in due:
        if turn and sum(each.cells for each in turn) + one.cells > most:
            break
        turn.append(one)
    if not turn:
        return True
    with writer.branches([one.key for one in turn], len(tree.lineage.ids)):
        members: dict[object, _Members] = {}  # slabs mostly have the same columns
        for one in turn:
            slab = writer.slab(one.key)  # with its branch totals, which may be new
            assert slab is not None
            grain = Grain(writer.entries[one.key]["grain"])
            alike = grain, slab.base, slab.filled, slab.organisations[: slab.columns].tobytes()
            if alike not in members:
                members[alike] = _Members.of(slab, tree, grain)
            _make(slab, one.first, tree, members[alike])
    return len(turn) == len(due)


def _due(writer: Writer, tree: Tree, keys: Iterable[SlabKey]) -> list[_Work]:
    found = []
    columns = len(tree.lineage.ids)
    for key in keys:
        slab = writer.slab(key)
        if slab is None or is_of_closed_months(key[0]) or not columns:
            continue
        branches = slab.branches
        if branches is not None and branches.hold(slab.changed, tree.lineage.mark):
            continue
        goes_on = (
            branches is not None and branches.mark == tree.lineage.mark and branches.has_room(slab.rows_room, columns)
        )
        first = min(slab.stale_from, slab.filled) if goes_on else 0
        pairs = len(tree.lineage.segments(Grain(writer.entries[key]["grain"]))[0])
        found.append(_Work(key, first, (slab.filled - first + 1) * pairs))
    return found


@dataclass(frozen=True)
class _Members:
    """Who has a column in a slab and belongs to which branch: those who do so in all its rows, by ascending branch, and
    those who do in some rows alone."""

    column: Int64s
    branches: Int64s  # each once
    starts: Int64s  # of each of these among the columns
    for_a_time: list[tuple[int, int, int, int]]  # column, branch, first row and the one after the last

    @classmethod
    def of(cls, slab: Slab, tree: Tree, grain: Grain) -> "_Members":
        branch, organisation, low, high = tree.lineage.segments(grain)
        column, filled = slab.columns_of(organisation), slab.filled
        low, high = np.clip(low - slab.base, 0, filled), np.clip(high - slab.base, 0, filled)
        held = (column >= 0) & (low < high)
        whole = held & (low == 0) & (high == filled)
        starts = np.flatnonzero(np.diff(branch[whole], prepend=-1))
        parts = [one[held & ~whole].tolist() for one in (column, branch, low, high)]
        return cls(column[whole], branch[whole][starts], starts, list(zip(*parts, strict=True)))


def _make(slab: Slab, first: int, tree: Tree, members: _Members) -> None:
    """Make the rows after `first` again, and say that they hold."""
    branches = slab.branches
    assert branches is not None
    branches.begin(tree.lineage.ids, tree.lineage.mark)
    _total_up(branches, slab, first, len(tree.lineage.ids), members)
    slab.note_branches()
    branches.done(slab.changed)


def _total_up(branches: Branches, slab: Slab, first: int, groups: int, members: _Members) -> None:
    """Rows after `first`, from the running totals of whoever has a column in the slab."""
    step = max(1, _AT_ONCE // max(1, len(members.column)))
    for start in range(first + 1, slab.filled + 1, step):
        rows = slice(start, min(start + step, slab.filled + 1))
        for into, running in ((branches.total, slab.total), (branches.count, slab.count)):
            into[rows, :groups] = 0
            if len(members.starts):
                taken = running[rows].take(members.column, axis=1)
                into[rows, members.branches] = np.add.reduceat(taken, members.starts, axis=1, dtype=np.int64)
    for column, branch, low, high in members.for_a_time:
        _add(branches, slab, column, branch, (low, high), first)


def wrong_branches(slab: Slab, tree: Tree, grain: Grain) -> bool:
    """Whether branch totals that say they hold do not: worked out from the cells, not from running totals."""
    branches = slab.branches
    if branches is None or not branches.hold(slab.changed, tree.lineage.mark):
        return False
    shape = slab.filled + 1, len(tree.lineage.ids)
    total, count = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    for group, one, low, high in zip(*(part.tolist() for part in tree.lineage.segments(grain)), strict=True):
        column = int(slab.columns_of(np.array([one]))[0])
        rows = slice(max(0, low - slab.base), max(0, min(high - slab.base, slab.filled)))
        if column >= 0:
            total[rows.start + 1 : rows.stop + 1, group] += slab.value[rows, column]
            count[rows.start + 1 : rows.stop + 1, group] += slab.presence[rows, column]
    held = [one[: shape[0], : shape[1]] for one in (branches.total, branches.count)]
    right = [np.cumsum(one, axis=0) for one in (total, count)]
    return any((one != other).any() for one, other in zip(held, right, strict=True))


def _add(branches: Branches, slab: Slab, column: int, group: int, days: tuple[int, int], first: int) -> None:
    """One who belonged to the branch in some rows alone."""
    low, high = days
    for into, running in ((branches.total, slab.total), (branches.count, slab.count)):
        inside = slice(max(first, low) + 1, high + 1)
        into[inside, group] += running[inside, column] - running[low, column]
        after = slice(max(first, high) + 1, slab.filled + 1)
        into[after, group] += running[high, column] - running[low, column]

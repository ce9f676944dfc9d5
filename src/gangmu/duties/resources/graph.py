"""The graph of dependencies as arrays: what rests on what, what a failure takes along, what nobody can spare.

Pure: nodes are numbers from 0, whoever calls knows what they stand for. A graph that row security has cut, and even one
with a circle, is walked to its end; only `single_points` and `layers` need one without circles.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Numbers = NDArray[np.int64]
NONE = -1


class Edges:
    """`source[e]` needs `target[e]`; `group[e]` is the number of its redundancy group, or -1: needed by itself.

    Args:
        count: how many nodes there are.
        needed: of each group, how many of its members suffice.
    """

    def __init__(
        self,
        count: int,
        source: ArrayLike = (),
        target: ArrayLike = (),
        group: ArrayLike | None = None,
        needed: ArrayLike = (),
    ) -> None:
        self.count = count
        self.source = np.asarray(source, np.int64)
        self.target = np.asarray(target, np.int64)
        self.group = np.full(len(self.source), NONE, np.int64) if group is None else np.asarray(group, np.int64)
        self.needed = np.asarray(needed, np.int64)
        if not len(self.source) == len(self.target) == len(self.group):
            raise ValueError("source, target and group name the same edges")
        self._down = _rows(count, self.source)
        self._up = _rows(count, self.target)

    def needs(self, node: int) -> list[int]:
        """The edges by which `node` needs something."""
        order, first = self._down
        return order[first[node] : first[node + 1]]

    def needed_by(self, node: int) -> list[int]:
        """The edges by which `node` is needed."""
        order, first = self._up
        return order[first[node] : first[node + 1]]


def _rows(count: int, by: Numbers) -> tuple[list[int], list[int]]:
    """The edges in order of `by`, and where each node's begin."""
    first = np.concatenate(([0], np.cumsum(np.bincount(by, minlength=count)))) if len(by) else np.zeros(count + 1, int)
    return np.argsort(by, kind="stable").tolist(), first.tolist()


# Propagation ----------------------------------------------------------------------------------------------------------


class Propagated(NamedTuple):
    """`maximum[n]` is the highest value of n and of all that needs n; `path[n]` the node through which it came down to
    n, -1 where it is n's own or there is none."""

    maximum: Numbers
    path: Numbers

    def way(self, node: int) -> list[int]:
        """The nodes from the one whose value it is down to `node`: a shortest way."""
        found = [node]
        while self.path[found[-1]] != NONE:
            found.append(int(self.path[found[-1]]))
        return found[::-1]


def propagate(values: ArrayLike, edges: Edges) -> Propagated:
    """Let every node take the highest value of whatever needs it, directly or through others.

    Redundancy lowers nothing: each member of a group takes the value of the whole, since the others may be gone.

    Args:
        values: of each node, the higher the more it asks for; below 0 is none.
    """
    own = np.asarray(values, np.int64)
    maximum = np.full(edges.count, NONE, np.int64)
    came = np.full(edges.count, NONE, np.int64).tolist()
    taken = [False] * edges.count
    target = edges.target.tolist()
    for value in sorted({int(one) for one in own if one >= 0}, reverse=True):
        front = [node for node in np.flatnonzero(own == value).tolist() if not taken[node]]
        for node in front:
            taken[node] = True
        while front:  # the highest value first: whoever has one is never reached by a higher
            maximum[front] = value
            reached = []
            for node in front:
                for edge in edges.needs(node):
                    below = target[edge]
                    if not taken[below]:
                        taken[below], came[below] = True, node
                        reached.append(below)
            front = reached
    return Propagated(maximum, np.asarray(came, np.int64))


# Reach ----------------------------------------------------------------------------------------------------------------


def below(edges: Edges, start: Iterable[int]) -> list[int]:
    """What the nodes of `start` rest on, nearest first, themselves left out."""
    return _reach(edges, start, edges.needs, edges.target.tolist())


def above(edges: Edges, start: Iterable[int]) -> list[int]:
    """What rests on the nodes of `start`, nearest first, themselves left out."""
    return _reach(edges, start, edges.needed_by, edges.source.tolist())


def _reach(edges: Edges, start: Iterable[int], around, end: list[int]) -> list[int]:
    queue = list(start)
    seen = [False] * edges.count
    for node in queue:
        seen[node] = True
    begun = len(queue)
    for node in queue:  # grows while it is walked
        for edge in around(node):
            if not seen[end[edge]]:
                seen[end[edge]] = True
                queue.append(end[edge])
    return queue[begun:]


# Failure --------------------------------------------------------------------------------------------------------------


class Failure(NamedTuple):
    """What happens when something fails.

    `lost` nodes, nearest first, without those that were told to fail; `because[n]` is the node whose loss took n along.
    `weakened`: nodes that work on, with for each of their groups that lost members (group, members left, needed).
    """

    lost: list[int]
    because: dict[int, int]
    weakened: dict[int, list[tuple[int, int, int]]]

    def way(self, node: int) -> list[int]:
        """The nodes from what failed to `node`, each taking the next along."""
        found = [node]
        while found[-1] in self.because:
            found.append(self.because[found[-1]])
        return found[::-1]


def fail(edges: Edges, failed: Iterable[int]) -> Failure:
    """What goes along with the nodes of `failed`: whatever needs one by itself, or has a group left with too few."""
    source, group, needed = edges.source.tolist(), edges.group.tolist(), edges.needed.tolist()
    left = np.bincount(edges.group[edges.group >= 0], minlength=len(needed)).tolist()
    owner: dict[int, int] = {}
    queue = list(dict.fromkeys(failed))
    begun = len(queue)
    gone = [False] * edges.count
    for node in queue:
        gone[node] = True
    because: dict[int, int] = {}
    for node in queue:
        for edge in edges.needed_by(node):
            who, of = source[edge], group[edge]
            if of != NONE:
                left[of] -= 1
                owner[of] = who
                if left[of] >= needed[of]:
                    continue
            if not gone[who]:
                gone[who], because[who] = True, node
                queue.append(who)
    weakened: dict[int, list[tuple[int, int, int]]] = {}
    for of, who in sorted(owner.items()):
        if not gone[who]:
            weakened.setdefault(who, []).append((of, left[of], needed[of]))
    return Failure(queue[begun:], because, weakened)


# Order ----------------------------------------------------------------------------------------------------------------


def circle(edges: Edges) -> list[int]:
    """Nodes of which each needs the next and the last the first; [] when nothing needs itself through others."""
    waiting = np.bincount(edges.target, minlength=edges.count).tolist()
    target, source = edges.target.tolist(), edges.source.tolist()
    _peel(edges, waiting, target)
    here = next((node for node, many in enumerate(waiting) if many), None)
    if here is None:
        return []
    walk: list[int] = []
    at: dict[int, int] = {}
    while here not in at:  # whoever remains is needed by one that remains
        at[here] = len(walk)
        walk.append(here)
        here = next(source[edge] for edge in edges.needed_by(here) if waiting[source[edge]])
    return walk[at[here] :][::-1]


def _peel(edges: Edges, waiting: list[int], target: list[int]) -> list[int]:
    """The nodes in an order in which each comes before what it needs, as far as there is one; counts `waiting` down."""
    queue = [node for node, many in enumerate(waiting) if not many]
    for node in queue:
        for edge in edges.needs(node):
            waiting[target[edge]] -= 1
            if not waiting[target[edge]]:
                queue.append(target[edge])
    return queue


def order(edges: Edges) -> list[int]:
    """All nodes, each before what it needs.

    Raises:
        ValueError: something needs itself through others.
    """
    found = _peel(edges, np.bincount(edges.target, minlength=edges.count).tolist(), edges.target.tolist())
    if len(found) < edges.count:
        raise ValueError("something needs itself through others")
    return found


def layers(edges: Edges) -> list[int]:
    """Of each node how many steps it stands below the tops that nobody needs: the longest way down to it."""
    depth = [0] * edges.count
    target = edges.target.tolist()
    for node in order(edges):
        for edge in edges.needs(node):
            depth[target[edge]] = max(depth[target[edge]], depth[node] + 1)
    return depth


def single_points(edges: Edges) -> list[int]:
    """Of each node the set of nodes whose failure alone takes it along, itself included, as bits of a number."""
    target, group, needed = edges.target.tolist(), edges.group.tolist(), edges.needed.tolist()
    found = [0] * edges.count
    for node in reversed(order(edges)):
        points = 1 << node
        members: dict[int, list[int]] = {}
        for edge in edges.needs(node):
            if group[edge] == NONE:
                points |= found[target[edge]]
            else:
                members.setdefault(group[edge], []).append(found[target[edge]])
        for of, sets in members.items():
            points |= _in_at_least(len(sets) - needed[of] + 1, sets)
        found[node] = points
    return found


def _in_at_least(many: int, sets: Sequence[int]) -> int:
    """What is in at least `many` of the sets."""
    if many <= 0:
        return 0
    held = [0] * (many + 1)  # held[n]: in at least n of those so far
    for one in sets:
        for n in range(many, 1, -1):
            held[n] |= held[n - 1] & one
        held[1] |= one
    return held[many]


def nodes_of(bits: int) -> list[int]:
    """The nodes of a set given as bits."""
    found = []
    while bits:
        lowest = bits & -bits
        found.append(lowest.bit_length() - 1)
        bits ^= lowest
    return found

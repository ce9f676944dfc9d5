"""Where the boxes of a picture stand: those that nobody needs at the left, what they need to their right.

Pure. Layers are the longest ways down; a line over several layers gets a bend in each, and the order within a layer
keeps lines short and crossings few (the barycentre of the neighbours, some sweeps to and fro).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from gangmu.duties.resources.graph import Edges, layers

WIDE, HIGH = 168, 48  # a box
ACROSS, DOWN = 216, 62  # from box to box
BEND = 22  # the height that a line takes in a layer which it only crosses
SWEEPS = 8


@dataclass(frozen=True)
class Box:
    """A node: its upper left corner."""

    node: int
    x: float
    y: float


@dataclass(frozen=True)
class Line:
    """An edge as the path of an SVG, from the box that needs to the box that is needed."""

    edge: int
    path: str


@dataclass(frozen=True)
class Laid:
    """A picture. Nodes without any edge are left out."""

    boxes: Sequence[Box]
    lines: Sequence[Line]
    width: float
    height: float


def lay_out(edges: Edges) -> Laid:
    """The boxes and lines of a graph without circles."""
    source, target = edges.source.tolist(), edges.target.tolist()
    joined = sorted({*source, *target})
    if not joined:
        return Laid((), (), 0, 0)
    depth = layers(edges)
    columns: list[list[int]] = [[] for _ in range(max(depth[node] for node in joined) + 1)]
    for node in joined:
        columns[depth[node]].append(node)
    ways, neighbours = _bends(source, target, depth, columns, edges.count)
    _sort(columns, neighbours)
    top = _places(columns, edges.count, neighbours)
    height = max(top[node] + (HIGH if node < edges.count else BEND) for column in columns for node in column)
    boxes = [Box(node, depth[node] * ACROSS, top[node]) for node in joined]
    lines = [Line(edge, _path(way, top, depth)) for edge, way in enumerate(ways)]
    return Laid(boxes, lines, (len(columns) - 1) * ACROSS + WIDE, height)


def _bends(
    source: list[int], target: list[int], depth: list[int], columns: list[list[int]], count: int
) -> tuple[list[list[int]], dict[int, tuple[list[int], list[int]]]]:
    """Of each edge its nodes and bends; of each of those what it is joined with to the left and to the right."""
    ways = []
    neighbours: dict[int, tuple[list[int], list[int]]] = {node: ([], []) for column in columns for node in column}
    bend = count
    for one, other in zip(source, target, strict=True):
        way = [one]
        for column in range(depth[one] + 1, depth[other]):
            columns[column].append(bend)
            neighbours[bend] = ([], [])
            way.append(bend)
            bend += 1
        way.append(other)
        ways.append(way)
        for left, right in zip(way, way[1:], strict=False):  # noqa: RUF007 (pairs of a list at hand)
            neighbours[left][1].append(right)
            neighbours[right][0].append(left)
    return ways, neighbours


def _sort(columns: list[list[int]], neighbours: dict[int, tuple[list[int], list[int]]]) -> None:
    """Order each column by where its neighbours stand, from left to right and back, some times."""
    place = {node: float(at) for column in columns for at, node in enumerate(column)}
    for sweep in range(SWEEPS):
        side = sweep % 2
        for column in columns if side == 0 else reversed(columns):
            middle = {node: _mean([place[one] for one in neighbours[node][side]], place[node]) for node in column}
            column.sort(key=middle.__getitem__)
            place.update((node, float(at)) for at, node in enumerate(column))


def _mean(numbers: list[float], otherwise: float) -> float:
    return sum(numbers) / len(numbers) if numbers else otherwise


def _places(
    columns: list[list[int]], count: int, neighbours: dict[int, tuple[list[int], list[int]]]
) -> dict[int, float]:
    """The upper edge of each box and bend: columns in their order, drawn towards their neighbours."""
    room = {node: float(DOWN if node < count else BEND) for column in columns for node in column}
    highest = max(sum(room[node] for node in column) for column in columns)
    top: dict[int, float] = {}
    for column in columns:
        y = (highest - sum(room[node] for node in column)) / 2
        for node in column:
            top[node], y = y, y + room[node]
    for sweep in range(SWEEPS):
        for column in columns if sweep % 2 == 0 else reversed(columns):
            wanted = []
            for node in column:
                near = neighbours[node][sweep % 2] or neighbours[node][1 - sweep % 2]
                wanted.append(sum(_centre(one, top, count) for one in near) / len(near) - _half(node, count))
            _settle(column, wanted, room, top)
    lowest = min(top.values())
    return {node: y - lowest for node, y in top.items()}


def _half(node: int, count: int) -> float:
    return (HIGH if node < count else BEND) / 2


def _centre(node: int, top: dict[int, float], count: int) -> float:
    return top[node] + _half(node, count)


def _settle(column: list[int], wanted: list[float], room: dict[int, float], top: dict[int, float]) -> None:
    """Put a column where it wants to be, keeping order and distance: neighbours that would overlap share the middle."""
    runs: list[
        tuple[float, float, list[int]]
    ] = []  # the sum of what its members want, less their offset; room; members
    for node, y in zip(column, wanted, strict=True):
        runs.append((y, room[node], [node]))
        while len(runs) > 1 and runs[-2][0] / len(runs[-2][2]) + runs[-2][1] > runs[-1][0] / len(runs[-1][2]):
            total, much, members = runs.pop()
            before, above, others = runs.pop()
            runs.append((before + total - above * len(members), above + much, others + members))
    for total, _much, members in runs:
        y = total / len(members)
        for node in members:
            top[node], y = y, y + room[node]


def _path(way: list[int], top: dict[int, float], depth: list[int]) -> str:
    """A smooth line from the right side of the first box through its bends to the left side of the last."""
    x, y = depth[way[0]] * ACROSS + WIDE, top[way[0]] + HIGH / 2
    parts = [f"M{x:.0f} {y:.1f}"]
    for at, node in enumerate(way[1:], start=1):
        last = at == len(way) - 1
        to_x = (depth[way[0]] + at) * ACROSS
        to_y = top[node] + (HIGH if last else BEND) / 2
        half = (to_x - x) / 2
        parts.append(f"C{x + half:.0f} {y:.1f} {to_x - half:.0f} {to_y:.1f} {to_x:.0f} {to_y:.1f}")
        if not last:
            parts.append(f"H{to_x + WIDE:.0f}")
        x, y = to_x + (0 if last else WIDE), to_y
    return "".join(parts)

"""The graph of five thousand systems: grades passed on, what a failure takes along, what nobody can spare."""

from collections.abc import Iterator

import numpy as np

from bench.measure import Result, alone
from gangmu.duties.resources.graph import NONE, Edges, above, circle, fail, order, propagate, single_points

SYSTEMS, NEEDS = 5_000, 20_000


def graph() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Source, target, group and needed of a graph without circles; of two needs in five one of the group suffices."""
    draw = np.random.default_rng(7)
    source = draw.integers(0, SYSTEMS - 1, NEEDS)
    target = np.minimum(source + 1 + (draw.random(NEEDS) * (SYSTEMS - 1 - source)).astype(int), SYSTEMS - 1)
    source, target = np.unique(np.stack([source, target]), axis=1)
    owners, group = np.unique(source, return_inverse=True)
    group = np.where(draw.random(len(source)) < 0.4, group, NONE)
    return source, target, group, np.ones(len(owners), int)


def cases() -> Iterator[Result]:
    """One case: everything that is asked of the graph, from the arrays on."""
    source, target, group, needed = graph()
    values = np.random.default_rng(8).integers(-1, 5, SYSTEMS)

    def ask() -> None:
        edges = Edges(SYSTEMS, source, target, group, needed)
        found = propagate(values, edges)
        deepest = order(edges)[-1]
        found.way(deepest)
        above(edges, [deepest])
        fail(edges, [deepest])
        single_points(edges)
        assert not circle(edges)

    note = f"{len(source):,} dependencies, two in five redundant; grades, reach, a failure, single points, circles"
    yield alone("graph of 5,000 systems", ask, goal="≤ 200 ms", note=note)

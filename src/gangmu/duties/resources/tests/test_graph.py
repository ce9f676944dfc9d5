"""The graph as arrays, held against walks that try everything."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangmu.duties.resources.graph import (
    NONE,
    Edges,
    above,
    below,
    circle,
    fail,
    layers,
    nodes_of,
    order,
    propagate,
    single_points,
)

MOST = 12


@st.composite
def graphs(draw, circles: bool = False) -> Edges:
    """Random graphs with redundancy; a node needs only later ones, unless circles are wanted."""
    count = draw(st.integers(1, MOST))
    pairs = [(a, b) for a in range(count) for b in range(count) if a != b and (circles or a < b)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=30)) if pairs else []
    shuffled = draw(st.permutations(range(count)))
    source, target = [shuffled[a] for a, _ in chosen], [shuffled[b] for _, b in chosen]
    group, needed, sizes = [], [], {}
    for node in source:
        pick = draw(st.integers(0, 2))  # 0: by itself; 1, 2: one of two groups of the node
        group.append(NONE if pick == 0 else sizes.setdefault((node, pick), len(sizes)))
    for number in range(len(sizes)):
        needed.append(draw(st.integers(1, group.count(number))))
    return Edges(count, source, target, group, needed)


def reachable(edges: Edges, node: int) -> set[int]:
    """Everything that needs `node`, directly or not: a walk along single edges until nothing is added."""
    found = {node}
    while True:
        more = {int(s) for s, t in zip(edges.source, edges.target, strict=True) if int(t) in found} - found
        if not more:
            return found
        found |= more


def works(edges: Edges, failed: set[int]) -> set[int]:
    """The nodes that work: the largest set in which each has what it needs, by striking out until nothing changes."""
    alive = set(range(edges.count)) - failed
    while True:
        struck = set()
        for node in alive:
            needs = [e for e in range(len(edges.source)) if edges.source[e] == node]
            alone = all(int(edges.target[e]) in alive for e in needs if edges.group[e] == NONE)
            groups = {int(edges.group[e]) for e in needs} - {NONE}
            enough = all(
                sum(int(edges.target[e]) in alive for e in needs if edges.group[e] == g) >= edges.needed[g]
                for g in groups
            )
            if not (alone and enough):
                struck.add(node)
        if not struck:
            return alive
        alive -= struck


values = st.lists(st.integers(-1, 4), min_size=MOST, max_size=MOST)


@pytest.mark.req("G-1")
@given(graphs(circles=True), values)
def test_propagation_is_the_maximum_over_everything_that_needs_it(edges, given_values):
    own = given_values[: edges.count]
    found = propagate(own, edges)
    joined = {(int(s), int(t)) for s, t in zip(edges.source, edges.target, strict=True)}
    for node in range(edges.count):
        assert found.maximum[node] == max(own[one] for one in reachable(edges, node))
        way = found.way(node)
        assert way[-1] == node
        assert all(step in joined for step in pairwise(way))
        if found.maximum[node] != NONE:
            assert own[way[0]] == found.maximum[node]


@given(graphs(circles=True), values)
def test_redundancy_lowers_nothing(edges, given_values):
    own = given_values[: edges.count]
    plain = Edges(edges.count, edges.source, edges.target)
    assert propagate(own, edges).maximum.tolist() == propagate(own, plain).maximum.tolist()


@given(graphs(), st.data())
def test_a_failure_takes_along_what_cannot_work_any_more(edges, data):
    failed = data.draw(st.sets(st.integers(0, edges.count - 1), max_size=4))
    found = fail(edges, failed)
    assert set(found.lost) == set(range(edges.count)) - works(edges, failed) - failed
    assert len(found.lost) == len(set(found.lost))
    joined = {(int(s), int(t)) for s, t in zip(edges.source, edges.target, strict=True)}
    for node in found.lost:
        way = found.way(node)
        assert way[0] in failed
        assert all((b, a) in joined for a, b in pairwise(way))
    for node, groups in found.weakened.items():
        assert node not in set(found.lost) | failed
        assert all(left >= needed for _group, left, needed in groups)


@given(graphs())
def test_single_points_are_those_whose_failure_alone_suffices(edges):
    points = single_points(edges)
    for node in range(edges.count):
        alone = {one for one in range(edges.count) if node not in works(edges, {one})}
        assert set(nodes_of(points[node])) == alone


@given(graphs(circles=True))
def test_a_circle_is_found_exactly_when_there_is_one(edges):
    path = circle(edges)
    joined = {(int(s), int(t)) for s, t in zip(edges.source, edges.target, strict=True)}
    assert bool(path) == any(other in reachable(edges, node) for node, other in joined)
    assert all(step in joined for step in zip(path, path[1:] + path[:1], strict=True))
    assert len(path) == len(set(path))


@given(graphs())
def test_order_and_layers_put_everything_before_what_it_needs(edges):
    place = {node: at for at, node in enumerate(order(edges))}
    depth = layers(edges)
    for s, t in zip(edges.source.tolist(), edges.target.tolist(), strict=True):
        assert place[s] < place[t]
        assert depth[s] < depth[t]


@given(graphs(circles=True), st.integers(0, MOST - 1))
def test_reach_is_what_a_walk_finds(edges, node):
    node %= edges.count
    up = above(edges, [node])
    assert set(up) == reachable(edges, node) - {node}
    turned = Edges(edges.count, edges.target, edges.source)
    assert set(below(edges, [node])) == reachable(turned, node) - {node}


def test_one_of_two_feeds_suffices_and_the_room_is_a_single_point():
    application, database, feed_a, feed_b, room = range(5)
    edges = Edges(
        5,
        [application, database, database, feed_a, feed_b],
        [database, feed_a, feed_b, room, room],
        [NONE, 0, 0, NONE, NONE],
        [1],
    )
    one = fail(edges, [feed_a])
    assert one.lost == []
    assert one.weakened == {database: [(0, 1, 1)]}
    assert fail(edges, [feed_a, feed_b]).lost == [database, application]
    everything = fail(edges, [room])
    assert set(everything.lost) == {feed_a, feed_b, database, application}
    assert everything.way(application) in ([room, feed_a, database, application], [room, feed_b, database, application])
    assert nodes_of(single_points(edges)[application]) == [application, database, room]
    assert propagate([3, -1, -1, -1, -1], edges).way(room)[0] == application


def test_an_empty_graph_has_nothing():
    edges = Edges(0)
    assert propagate([], edges).maximum.tolist() == []
    assert circle(edges) == [] and order(edges) == [] and single_points(edges) == []
    with pytest.raises(ValueError, match="same edges"):
        Edges(2, [0], [1, 0])
    assert np.array_equal(propagate([1, -1], Edges(2)).maximum, [1, NONE])

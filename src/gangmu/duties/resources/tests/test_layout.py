"""Where boxes and lines stand."""

from hypothesis import given

from gangmu.duties.resources.graph import Edges, layers
from gangmu.duties.resources.layout import ACROSS, HIGH, lay_out
from gangmu.duties.resources.picture import shortened
from gangmu.duties.resources.tests.test_graph import graphs


@given(graphs())
def test_boxes_stand_in_their_layers_and_never_on_one_another(edges):
    laid = lay_out(edges)
    joined = {*edges.source.tolist(), *edges.target.tolist()}
    assert {box.node for box in laid.boxes} == joined
    assert [line.edge for line in laid.lines] == list(range(len(edges.source)))
    depth = layers(edges)
    at = {box.node: box for box in laid.boxes}
    assert all(box.x == depth[box.node] * ACROSS for box in laid.boxes)
    for column in {box.x for box in laid.boxes}:
        tops = sorted(box.y for box in laid.boxes if box.x == column)
        assert all(later - earlier >= HIGH for earlier, later in zip(tops, tops[1:], strict=False))  # noqa: RUF007
    for line, source, target in zip(laid.lines, edges.source.tolist(), edges.target.tolist(), strict=True):
        start, end = line.path[1:].split("C")[0].split(), line.path.split(" ")[-2:]
        assert float(start[1]) == round(at[source].y + HIGH / 2, 1)
        assert abs(float(end[1]) - (at[target].y + HIGH / 2)) < 0.06
    assert all(box.y >= 0 and box.y + HIGH <= laid.height + 0.001 for box in laid.boxes)


def test_two_chains_do_not_cross():
    laid = lay_out(Edges(4, [0, 1], [3, 2]))
    y = {box.node: box.y for box in laid.boxes}
    assert (y[0] < y[1]) == (y[3] < y[2])


def test_nothing_joined_is_no_picture():
    assert lay_out(Edges(3)).boxes == ()


def test_names_are_shortened_by_their_width():
    assert shortened("营销管理系统") == "营销管理系统"
    assert shortened("广域网专线（运营商甲的备用线路）") == "广域网专线（运营商甲…"
    assert shortened("Enterprise resource planning") == "Enterprise resource…"

"""Running sums of cells, against plain loops."""

import random

import numpy as np
import pytest

from gangmu.figures.cube import running
from gangmu.figures.cube.gateway import Question, ask
from gangmu.figures.cube.running import summed
from gangmu.figures.cube.tree import Reach
from gangmu.figures.indicators.exact.cells import Exact
from gangmu.figures.indicators.exact.evaluating import evaluate
from gangmu.figures.indicators.formula.program import Leaf, Op, Program, Step
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.access.scope import SYSTEM

ORGANISATIONS, ROWS = 5, 30


def reach_of(segments: list[tuple[int, int, int, int]]) -> tuple[Reach, list[tuple[int, int]]]:
    pairs = sorted({one[:2] for one in segments})
    table = np.array([(pairs.index(one[:2]), *one[2:]) for one in sorted(segments)], np.int64).reshape(-1, 3)
    group, organisation = np.array(pairs, np.int64).reshape(-1, 2).T
    return Reach(3, group, organisation, *table.T, *table.T), pairs


@pytest.mark.parametrize("seed", range(40))
def test_sums_are_those_of_loops(seed, monkeypatch):
    rng = random.Random(seed)
    monkeypatch.setattr(running, "_CELLS_AT_ONCE", rng.choice([1, 12, 40, 10**6]))
    draw = np.random.default_rng(seed)
    value = draw.integers(-100, 100, (ROWS, ORGANISATIONS))
    present = draw.random((ROWS, ORGANISATIONS)) < 0.7
    value[~present] = 0
    state = np.where(present, draw.integers(1, 6, value.shape) if seed % 2 else 5, 0).astype(np.uint8)
    segments = []
    for group in range(3):
        for organisation in rng.sample(range(ORGANISATIONS), rng.randint(1, 4)):
            edges = [-99, *sorted(rng.sample(range(ROWS), rng.choice([0, 0, 2]))), 99]
            segments += [(group, organisation, *edges[at : at + 2]) for at in range(0, len(edges), 2)]
    reach, pairs = reach_of(segments)
    drawn = [sorted(rng.sample(range(ROWS + 1), 2)) for _ in range(rng.randint(1, 6))]
    periods = [(7, 7), *((low, high) for low, high in drawn)]

    def work(low: int, high: int):
        part = slice(low, high)
        return Exact(value[part].ravel(), 10, present[part].ravel()), present[part], state[part]

    found = summed(work, reach.organisation, ORGANISATIONS, reach, np.arange(len(pairs)), periods)
    assert found is not None and found.below == 10
    for number, (low, high) in enumerate(periods):
        for at, pair in enumerate(pairs):
            cells = [
                (int(value[row, pair[1]]), int(state[row, pair[1]]))
                for row in range(low, high)
                if present[row, pair[1]] and any(one[:2] == pair and one[2] <= row < one[3] for one in segments)
            ]
            right = sum(one for one, _state in cells), len(cells), min((state for _one, state in cells), default=0)
            assert (found.total[number, at], found.count[number, at], found.state[number, at]) == right


def test_what_is_not_whole_or_too_large_is_left_to_others():
    reach, _pairs = reach_of([(0, 0, -99, 99)])
    everywhere, states = np.ones((4, 1), np.bool_), np.full((4, 1), 5, np.uint8)

    def sums_of(column):
        return summed(
            lambda low, high: (column, everywhere, states), np.zeros(1, np.int64), 1, reach, np.arange(1), [(0, 4)]
        )

    leaf = Leaf("x")
    whole = Exact(np.array([1, 2, 3, 4]), 1, everywhere.ravel())
    program = Program((Step(Op.LEAF, payload=leaf), Step(Op.DIVIDE, (0, 0))), (leaf,))
    assert sums_of(whole) is not None
    assert sums_of(evaluate(program, {leaf: whole})) is None
    assert sums_of(Exact(np.array([1, 2, 3, 4]), np.array([1, 2, 3, 4]), everywhere.ravel())) is None
    assert sums_of(Exact(np.array([2**61] * 4), 1, everywhere.ravel())) is None


def test_capacities_alone_are_at_no_state(world):
    rules = {"grain": "day", "level": "unit", "over_time": "sum", "over_organisations": "sum", "unit": "MWh"}
    Indicator.objects.create(code="most", name_zh="most", name_en="most", formula="capacity_mwh", **rules)
    world("P1U1,gen,2026-11-01,actual,1")
    [row] = ask(Question(("most",), ("P1",), ("2026-11",)), SYSTEM).rows
    assert row.value is not None and row.reported and row.state is None

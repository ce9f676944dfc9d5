"""Reading slabs for groups and periods, against plain loops: segments that begin and end anywhere, unsettled cells."""

import random
from dataclasses import dataclass

import numpy as np
import pytest

from gangmu.figures.cube.extremes import extremes
from gangmu.figures.cube.gather import Gather, Sums
from gangmu.figures.cube.storage import Store
from gangmu.figures.cube.tests.storagekit import DAY, Name, Standing, fold
from gangmu.figures.cube.together import group_sums
from gangmu.figures.cube.tree import Reach

KEY = (1, 1)


@dataclass
class Case:
    cells: dict[Name, Standing]
    segments: list[tuple[int, int, int, int]]  # group, organisation, from, to
    periods: list[tuple[int, int]]

    @property
    def pairs(self) -> list[tuple[int, int]]:
        return sorted({(group, organisation) for group, organisation, _low, _high in self.segments})

    def reach(self) -> Reach:
        pairs, segments = self.pairs, sorted(self.segments)
        group, organisation = np.array(pairs, np.int64).reshape(-1, 2).T
        place = np.array([pairs.index(one[:2]) for one in segments], np.int64)
        low, high = np.array([one[2:] for one in segments], np.int64).reshape(-1, 2).T
        return Reach(3, group, organisation, place, low, high, place, low, high)

    def counting(self, pair: tuple[int, int], period: tuple[int, int], at_least: int) -> list[tuple[int, int]]:
        """Value and state of the cells that count, in order of time."""
        found = []
        for day in range(*period):
            cell = self.cells.get((pair[1], day))
            if cell is None or not any(one[:2] == pair and one[2] <= day < one[3] for one in self.segments):
                continue
            states = [state for state in sorted(cell.unsettled) if state >= at_least]
            if states:
                found.append((cell.unsettled[states[0]], states[0]))
            elif cell.locked is not None:
                found.append((cell.locked, 5))
        return found


def draw(seed: int) -> Case:
    rng = random.Random(seed)
    cells: dict[Name, Standing] = {}
    for _ in range(rng.choice([0, 3, 40, 200])):
        name = rng.randint(1, 6), DAY + rng.randint(0, 40)
        locked = rng.choice([None, rng.randint(-50, 50), rng.randint(-(10**15), 10**15)])
        unsettled = {state: rng.randint(-50, 50) for state in range(1, 5) if rng.random() < 0.12}
        if locked is not None or unsettled:
            cells[name] = Standing(locked, unsettled)
    segments = []
    for group in range(3):
        for organisation in rng.sample(range(1, 8), rng.randint(0, 7)):
            days = sorted(rng.sample(range(-10, 60), 4))
            stretches = rng.choice([[(-(10**9), 10**9)], [days[:2]], [days[:2], days[2:]], [(-(10**9), days[0])]])
            segments += [(group, organisation, DAY + low, DAY + high) for low, high in stretches]
    periods = [
        tuple(sorted((DAY + rng.randint(-20, 70), DAY + rng.randint(-20, 70)))) for _ in range(rng.randint(1, 4))
    ]
    return Case(cells, segments or [(0, 1, DAY, DAY + 1)], periods)  # type: ignore[arg-type]


def gathered(case: Case, folder, at_least: int, compute):
    store = Store(folder)
    half = {name: cell for number, (name, cell) in enumerate(case.cells.items()) if number % 2}
    fold(store, {KEY: {name: Standing(1) for name in half} or {(1, DAY): Standing()}}, 1)
    fold(store, {KEY: case.cells}, 2)

    def read(snapshot):
        slab = snapshot.slab(*KEY)
        assert slab is not None
        return compute(Gather(slab, case.reach(), at_least))

    return store.read(read)


def found(case: Case, gather: Gather, sums) -> dict[tuple[int, tuple[int, int]], tuple[int, int, int]]:
    pairs = [case.pairs[place] for place in gather.pairs]
    return {
        (number, pair): (int(sums.total[number, place]), int(sums.count[number, place]), int(sums.state[number, place]))
        for number in range(len(case.periods))
        for place, pair in enumerate(pairs)
    }


RULES = {
    "sum": sum,
    "first": lambda values: values[0],
    "last": lambda values: values[-1],
    "min": min,
    "max": max,
}


def _ends(gather: Gather, periods: list[tuple[int, int]], rule: str) -> Sums:
    return gather.ends(periods, rule) if rule in {"first", "last"} else extremes(gather, periods, rule)


@pytest.mark.parametrize("seed", range(60))
def test_what_is_gathered_is_what_loops_find(tmp_path, seed, monkeypatch):
    case = draw(seed)
    if seed % 3 == 0:
        monkeypatch.setattr("gangmu.figures.cube.gather._BLOCK_CELLS", 11)  # many blocks
        monkeypatch.setattr("gangmu.figures.cube.extremes._CELLS_AT_ONCE", 11)
        monkeypatch.setattr("gangmu.figures.cube.extremes._PERIODS_AT_ONCE", 2)
    if seed % 5 == 0:
        monkeypatch.setattr("gangmu.figures.cube.extremes._LONG_PIECE", 1)
    if seed % 4 == 0:
        monkeypatch.setattr("gangmu.figures.cube.gather.LONGEST_SUM", 7)  # sums piece by piece
    for at_least in range(1, 6):
        for rule, calculate in RULES.items():

            def compute(gather: Gather, rule: str = rule):
                sums = gather.sums(case.periods) if rule == "sum" else _ends(gather, case.periods, rule)
                return found(case, gather, sums)

            given = gathered(case, tmp_path / f"{at_least}{rule}", at_least, compute)
            for (number, pair), answer in given.items():
                cells = case.counting(pair, case.periods[number], at_least)
                values = [value for value, _state in cells]
                right = (calculate(values), len(cells), min(state for _value, state in cells)) if cells else (0, 0, 0)
                if rule == "sum" or cells:
                    assert answer == right, (at_least, rule, number, pair)
            known = {organisation for organisation, _day in case.cells}
            assert {pair for _number, pair in given} >= {pair for pair in case.pairs if pair[1] in known}


@pytest.mark.parametrize("seed", range(0, 60, 3))
def test_blocks_hold_the_cells_that_count(tmp_path, seed):
    case = draw(seed)

    def compute(gather: Gather):
        low, high = gather.rows((DAY - 5, DAY + 45))
        block = gather.block(low, high)
        return {
            (case.pairs[pair], int(row) + low + gather.slab.base): (
                int(block.value[row, place]),
                int(block.state[row, place]),
            )
            for place, pair in enumerate(gather.pairs)
            for row in np.flatnonzero(block.present[:, place])
        }

    given = gathered(case, tmp_path, 2, compute)
    right = {
        (pair, day): cells[0]
        for pair in case.pairs
        for day in range(DAY - 5, DAY + 45)
        if (cells := case.counting(pair, (day, day + 1), 2))
    }
    assert given == right


@pytest.mark.parametrize("seed", range(30))
def test_sums_by_group_are_the_sums_of_the_groups(tmp_path, seed):
    case = draw(seed)
    case.cells = {name: Standing(cell.locked) for name, cell in case.cells.items() if abs(cell.locked or 10**9) < 100}
    case.segments = [(group, one, -(10**9), 10**9) for group, one in case.pairs]

    def compute(gather: Gather):
        by_group = group_sums([gather], case.periods)[0]
        sums, group = gather.sums(case.periods), gather.reach.group[gather.pairs]
        right = [[sum(row[group == one].tolist()) for one in range(3)] for row in sums.total]
        counts = [[sum(row[group == one].tolist()) for one in range(3)] for row in sums.count]
        return by_group, right, counts, len(gather.pairs)

    by_group, right, counts, pairs = gathered(case, tmp_path, 1, compute)
    assert (by_group is None) == (pairs == 0)
    if by_group:
        assert (by_group[0].tolist(), by_group[1].tolist()) == (right, counts)


def test_sums_by_group_leave_to_others_what_they_cannot_do(tmp_path):
    cells = {(1, DAY): Standing(10**15), (2, DAY): Standing(1)}
    periods = [(DAY, DAY + 5)]

    def by_group(folder: str, segments, cells=cells, periods=periods):
        case = Case(cells, segments, periods)
        return gathered(case, tmp_path / folder, 1, lambda gather: group_sums([gather], case.periods)[0])

    always = [(0, 1, 0, 10**9), (0, 2, 0, 10**9)]
    assert by_group("whole", always) is not None
    assert by_group("cut", [(0, 1, DAY + 1, 10**9), *always[1:]]) is None
    assert by_group("unsettled", always, {**cells, (1, DAY + 1): Standing(None, {1: 1})}) is None
    far = {**cells, (2, DAY + 5_000): Standing(1)}
    assert by_group("too large", always, far, [(DAY, DAY + 5_000)]) is None

"""Branch totals: always those of who stood there, whatever was folded, moved, corrected or killed in between."""

from itertools import pairwise
from random import Random
from typing import Any

import numpy as np
import pytest
from django.db import connection, transaction

from gangmu.figures.cube import branching, bybranch, services
from gangmu.figures.cube.check import check
from gangmu.figures.cube.gateway import Question, ask
from gangmu.figures.cube.storage import Grain, Slab, Store, Writer, writing
from gangmu.figures.cube.storage.store import SlabKey
from gangmu.figures.cube.tests.storagekit import Standing, fold
from gangmu.figures.cube.tests.test_fold import record
from gangmu.figures.cube.tree import OPEN, OrganisationRow, Tree, load_tree
from gangmu.figures.filing.models import State
from gangmu.foundation.access.scope import SYSTEM

FIRST, DAYS = 738_000, 40
ORGANISATIONS = range(1, 14)


def _tree(random: Random) -> Tree:
    """Three floors; below the first two, everybody may move in the middle, come late and go early."""
    rows = [OrganisationRow(one, f"O{one}", "", "", "unit") for one in ORGANISATIONS]
    memberships, placements = [(1, 1, 0, 0, OPEN)], [(1, 0, 0, OPEN)]
    for middle in (2, 3, 4):
        memberships += [(middle, middle, 0, 0, OPEN), (1, middle, 1, 0, OPEN)]
        placements.append((middle, 1, 0, OPEN))
    for leaf in ORGANISATIONS[4:]:
        edges = sorted({FIRST - 5, *random.sample(range(FIRST, FIRST + DAYS), random.randrange(3)), OPEN})
        if random.random() < 0.3:
            edges[0] = FIRST + random.randrange(DAYS)
            edges = sorted(set(edges))
        for low, high in pairwise(edges):
            above = random.choice((2, 3, 4))
            memberships += [(leaf, leaf, 0, low, high), (above, leaf, 1, low, high), (1, leaf, 2, low, high)]
            placements.append((leaf, above, low, high))
    return Tree(rows, np.array(memberships, np.int64), np.array(placements, np.int64), [], [])


def _cells(random: Random) -> dict[SlabKey, dict[tuple[int, int], Standing]]:
    return {
        (random.choice((7, 8)), 1): {
            (random.choice(ORGANISATIONS), FIRST + random.randrange(DAYS)): Standing(random.randrange(-50, 50))
            for _ in range(random.randrange(1, 9))
        }
    }


def _slabs(writer: Writer) -> list[tuple[Grain, Slab]]:
    found = [(key, writer.slab(key)) for key in writer.entries]
    return [(Grain(writer.entries[key]["grain"]), slab) for key, slab in found if slab is not None]


@pytest.mark.parametrize("seed", range(20))
def test_at_random_they_are_what_the_cells_say(tmp_path, seed):
    random = Random(seed)
    store = Store(tmp_path)
    tree = _tree(random)
    for position in range(1, 25):
        fold(store, _cells(random), position)
        if random.random() < 0.2:
            tree = _tree(random)  # everybody stood elsewhere all the time
        if random.random() < 0.7:
            with writing(store) as writer:
                assert branching.refresh(writer, tree)
                for grain, slab in _slabs(writer):
                    assert slab.branches is not None
                    assert slab.branches.hold(slab.changed, tree.lineage.mark)
                    assert not branching.wrong_branches(slab, tree, grain)
    with writing(store) as writer:
        branching.refresh(writer, tree)
        grain, slab = _slabs(writer)[0]
        assert slab.branches is not None
        slab.branches.total[slab.filled, 0] += 1
        assert branching.wrong_branches(slab, tree, grain)  # the comparison above can fail


def test_what_does_not_fit_into_a_turn_waits_for_the_next(tmp_path):
    store, tree = Store(tmp_path), _tree(Random(1))
    cells = {(5, FIRST): Standing(1)}
    fold(store, {(7, 1): cells, (8, 1): cells, (9, 1): cells}, 1)
    with writing(store) as writer:
        assert [branching.refresh(writer, tree, most=1) for _turn in range(3)] == [False, False, True]
        assert all(slab.branches is not None for _grain, slab in _slabs(writer))


def _answered(monkeypatch: pytest.MonkeyPatch, question: Question) -> tuple[list[dict[str, Any]], list[bool]]:
    """The rows, and for each slab that was added up whether branch totals gave it."""
    used: list[bool] = []
    plain = bybranch.branch_sums

    def noting(*arguments: Any) -> Any:
        found = plain(*arguments)
        used.extend(one is not None for one in found)
        return found

    monkeypatch.setattr("gangmu.figures.cube.engine.branch_sums", noting)
    return [row.as_json() for row in ask(question, SYSTEM).rows], used


def _answered_without(monkeypatch: pytest.MonkeyPatch, question: Question) -> list[object]:
    monkeypatch.setattr("gangmu.figures.cube.engine.branch_sums", lambda slabs, *_rest: [None] * len(slabs))
    return [row.as_json() for row in ask(question, SYSTEM).rows]


FILED = (
    "P1U1,gen,2026-05-31,actual,100", "P1U1,gen,2026-06-01,actual,7", "P1U1,gen,2025-06-01,actual,5",
    "P1U2,gen,2026-06-01,actual,3", "P2U1,gen,2026-05-31,actual,2", "P3U1,gen,2026-06-01,actual,30",
    "P1U1,aux,2026-06-01,actual,0.5",
)  # fmt: skip


@pytest.mark.parametrize("by", [None, "children"])
def test_groups_and_branches_are_answered_from_them(world, monkeypatch, by):
    world(*FILED)
    places = ("G", "R1", "R2", "P1") if by is None else ("G",)
    question = Question(("gen", "aux"), places, ("2026", "2026-05", "2026-06-01"), by=by, compare="year-ago")
    rows, used = _answered(monkeypatch, question)
    assert used and all(used)
    assert rows == _answered_without(monkeypatch, question)


UNSETTLED = (
    ("P1U1", "2026-06-01", 800, State.FILED), ("P1U1", "2026-06-02", 900, State.PLANT),
    ("P1U2", "2026-05-30", 50, State.REGION), ("P2U1", "2026-05-31", 70, State.GROUP),
    ("P3U1", "2026-06-01", 10, State.LOCKED), ("P3U1", "2026-06-01", 11, State.FILED),
    ("P1U2", "2025-06-02", 60, State.FILED),
)  # fmt: skip


@pytest.mark.parametrize("at_least", ["filed", "plant", "region", "group", "locked"])
@pytest.mark.parametrize("by", [None, "children"])
def test_unsettled_facts_count_at_their_states(world, monkeypatch, by, at_least):
    """A place of its own for each: over a settled value, beside one, in a month before and after a move, a year ago."""
    world(*FILED)
    for line in UNSETTLED:
        record([line])
    places = ("G", "R1", "R2", "P1") if by is None else ("G",)
    periods = ("2026", "2026-05", "2026-06", "2026-06-01", "2026-06-02", "2026-11")
    question = Question(("gen", "aux"), places, periods, by=by, compare="year-ago", at_least=at_least)
    rows, used = _answered(monkeypatch, question)
    assert used and all(used)
    assert rows == _answered_without(monkeypatch, question)
    assert at_least in {row["state"] for row in rows}  # each has its place in the answer


def test_who_moved_in_the_middle_is_where_they_stood(world, monkeypatch):
    """P1 went from R1 to R2 on 2026-06-01: as a child of R1 it is not its whole branch."""
    world(*FILED)
    question = Question(("gen", "aux"), ("R1",), ("2026-05", "2026-06", "2026"), by="children")
    rows, used = _answered(monkeypatch, question)
    assert not any(used)
    assert rows == _answered_without(monkeypatch, question)
    whole = Question(("gen", "aux"), ("R1", "R2"), ("2026-05", "2026-06", "2026"))
    rows, used = _answered(monkeypatch, whole)
    assert all(used)
    assert rows == _answered_without(monkeypatch, whole)


def test_a_correction_of_an_old_day_and_a_new_tree_are_followed(world, monkeypatch):
    world(*FILED)
    world("P1U1,gen,2025-06-01,actual,6", correct="read wrongly")
    question = Question(("gen", "aux"), ("G", "R1", "R2"), ("2025", "2026"))
    rows, used = _answered(monkeypatch, question)
    assert all(used)
    assert rows == _answered_without(monkeypatch, question)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE parties_placement SET valid = daterange(lower(valid), '2026-07-01')"
            " WHERE child_id = (SELECT id FROM parties_organisation WHERE code = 'P3U1') AND upper_inf(valid)"
        )
    rows, used = _answered(monkeypatch, question)
    assert all(used)
    assert rows == _answered_without(monkeypatch, question)
    assert [str(one) for one in check()] == []


def test_a_wrong_total_is_told(world):
    world(*FILED)
    assert check() == []
    with writing(services.store()) as writer:
        assert writer.tree_file
        tree = load_tree(writer.folder / writer.tree_file)
        slab = _slabs(writer)[0][1]
        assert slab.branches is not None
        assert slab.branches.hold(slab.changed, tree.lineage.mark)
        slab.branches.count[slab.filled, 0] += 1
    assert any("branches" in str(one) for one in check())

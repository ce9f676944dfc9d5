"""The files of the cube: what is written is read back, totals stay right, growth loses nothing."""

import random

import numpy as np
import pytest

from gangmu.figures.cube.storage import CubeUnsound, Dimensions, Grain, Position, Store, writing
from gangmu.figures.cube.storage.layout import make_slab
from gangmu.figures.cube.tests.storagekit import DAY, Name, Standing, assert_sound, cells_of, fold, held, merged

KEY = (1, 1)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "cube")


def test_a_sum_is_the_difference_of_two_rows(store):
    fold(store, {KEY: {(7, DAY + t): Standing(10**t) for t in range(6)}}, 1)

    def sum_of_days_two_to_four(snapshot):
        slab = snapshot.slab(*KEY)
        column = slab.columns_of(np.array([7]))[0]
        low, high = DAY + 2 - slab.base, DAY + 5 - slab.base
        return int(slab.total[high, column] - slab.total[low, column])

    assert store.read(sum_of_days_two_to_four) == 11100


def test_running_totals_may_wrap_around_and_differences_stay_exact(store):
    largest = 10**15
    fold(store, {KEY: {(7, DAY + t): Standing(largest) for t in range(20_000)}}, 1)

    def differences(snapshot):
        slab = snapshot.slab(*KEY)
        starts = DAY - slab.base + np.arange(0, 11_000, 500)
        return (slab.total[starts + 9_000, 0] - slab.total[starts, 0]).tolist()

    assert set(store.read(differences)) == {9_000 * largest}


def test_a_cell_can_lose_its_settled_value(store):
    fold(store, {KEY: {(7, DAY): Standing(5), (7, DAY + 1): Standing(6)}}, 1)
    fold(store, {KEY: {(7, DAY): Standing()}}, 2)
    assert store.read(lambda snapshot: held(snapshot.slab(*KEY))) == {(7, DAY + 1): Standing(6)}
    store.read(lambda snapshot: assert_sound(snapshot.slab(*KEY)))


def test_unknown_organisations_have_no_column(store):
    fold(store, {KEY: {(30, DAY): Standing(1), (10, DAY): Standing(2)}}, 1)
    columns = store.read(lambda snapshot: snapshot.slab(*KEY).columns_of(np.array([10, 20, 30, 40])))
    assert (columns >= 0).tolist() == [True, False, True, False]


@pytest.mark.parametrize("seed", range(40))
def test_random_folds_hold_exactly_what_was_folded_last(store, seed):
    draw = random.Random(seed)
    written: dict[tuple[int, int], list[dict[Name, Standing]]] = {(1, 1): [], (2, 1): []}
    for step in range(draw.randint(1, 12)):
        changes = {}
        for key in draw.sample(sorted(written), draw.randint(1, 2)):
            cells = {}
            for _ in range(draw.choice([1, 1, 5, 60, 400])):
                name = (draw.randint(1, draw.choice([3, 60])), DAY + draw.randint(*draw.choice([(0, 5), (-500, 900)])))
                locked = draw.choice([None, draw.randint(-(10**15), 10**15), draw.randint(-9, 9)])
                unsettled = {state: draw.randint(-99, 99) for state in range(1, 5) if draw.random() < 0.15}
                cells[name] = Standing(locked, unsettled)
            changes[key] = cells
            written[key].append(cells)
        fold(store, changes, step + 1)
    for key, parts in written.items():
        if parts:
            assert store.read(lambda snapshot, key=key: held(snapshot.slab(*key))) == merged(parts)
            store.read(lambda snapshot, key=key: assert_sound(snapshot.slab(*key)))
    with writing(store) as writer:
        on_disk = {path.name for path in store.folder.iterdir()}
        assert len(on_disk) == 3 + 2 * len(writer.entries), "old generations are deleted"


def test_growth_of_a_full_slab_keeps_rows_columns_and_overlay(tmp_path):
    small = make_slab(tmp_path / "a", tmp_path / "b", Dimensions(DAY, 4, 8), 8)
    small.write(cells_of({(1, DAY + 1): Standing(3, {2: 9}), (2, DAY + 3): Standing(4)}))
    more = cells_of({(3, DAY + 4): Standing(1)})
    assert not small.has_room(more)
    large = make_slab(tmp_path / "c", tmp_path / "d", Dimensions(DAY - 10, 40, 16), 8)
    small.copy_into(large)
    assert held(large) == held(small)
    assert large.has_room(more)
    large.write(more)
    assert held(large) == {
        (1, DAY + 1): Standing(3, {2: 9}),
        (2, DAY + 3): Standing(4),
        (3, DAY + 4): Standing(1),
    }
    assert_sound(large)


def test_the_months_axis_counts_months():
    from datetime import date

    assert Grain.MONTH.index(date(2026, 12, 31)) + 1 == Grain.MONTH.index(date(2027, 1, 1))
    assert Grain.MONTH.first_day(Grain.MONTH.index(date(2026, 11, 20))) == date(2026, 11, 1)
    room = Dimensions.with_headroom(
        Grain.MONTH, Grain.MONTH.index(date(2026, 3, 1)), Grain.MONTH.index(date(2026, 5, 1)), 10
    )
    assert Grain.MONTH.first_day(room.base) == date(2026, 1, 1)
    assert room.rows == 24


def test_what_has_not_been_built_cannot_be_read(store):
    with pytest.raises(CubeUnsound, match="not been built"):
        store.read(lambda snapshot: None)


def test_after_a_power_cut_only_a_synced_cube_is_trusted(store, monkeypatch):
    fold(store, {KEY: {(7, DAY): Standing(5)}}, 1)
    monkeypatch.setattr("gangmu.figures.cube.storage.store.boot_id", lambda: 12345)
    with pytest.raises(CubeUnsound, match="machine stopped"):
        store.read(lambda snapshot: None)
    with writing(store) as writer:
        assert writer.must_rebuild()
    monkeypatch.undo()
    with writing(store) as writer:
        writer.sync()
    monkeypatch.setattr("gangmu.figures.cube.storage.store.boot_id", lambda: 12345)
    assert store.read(lambda snapshot: held(snapshot.slab(*KEY))) == {(7, DAY): Standing(5)}
    with writing(store) as writer:
        assert not writer.must_rebuild()


def test_an_error_inside_the_computation_reaches_the_reader(store):
    fold(store, {KEY: {(7, DAY): Standing(5)}}, 1)
    with pytest.raises(ZeroDivisionError):
        store.read(lambda snapshot: 1 // 0)


def test_the_position_is_that_of_the_last_fold(store):
    fold(store, {KEY: {(7, DAY): Standing(5)}}, 41)
    assert store.position == 41
    with writing(store) as writer:
        writer.fold({}, Position(42, 7))
    assert store.position == 42


def test_a_folder_made_anew_is_noticed(store):
    import shutil

    fold(store, {KEY: {(7, DAY): Standing(5)}}, 1)
    assert store.position == 1
    shutil.rmtree(store.folder)
    with pytest.raises(CubeUnsound, match="not been built"):
        store.read(lambda snapshot: None)
    fold(store, {KEY: {(7, DAY): Standing(6)}}, 9)
    assert store.position == 9
    assert store.read(lambda snapshot: held(snapshot.slab(*KEY))) == {(7, DAY): Standing(6)}

"""Readers and the writer in processes of their own; writers that are killed at every step."""

import multiprocessing
import os
import signal

import numpy as np
import pytest

from gangmu.figures.cube.storage import CubeUnsound, Grain, Position, Store, writing
from gangmu.figures.cube.tests.storagekit import DAY, Standing, assert_sound, cells_of, fold, held

PROCESSES = multiprocessing.get_context("fork")
KEYS = [(1, 1), (2, 1), (3, 1)]
ORGANISATIONS, DAYS = 40, 200


def sheet(value: int) -> dict:
    """The same value in all cells of a block, so that half a fold can be told."""
    return {(organisation, DAY + t): Standing(value) for organisation in range(ORGANISATIONS) for t in range(DAYS)}


def keep_folding(folder, stop, started) -> None:
    store, value = Store(folder), 1
    while not stop.is_set():
        value += 1
        block = cells_of(sheet(value))
        with writing(store) as writer:
            writer.fold(dict.fromkeys(KEYS, (Grain.DAY, block)), Position(value, value))
        started.set()


def one_value_everywhere(snapshot) -> set[int]:
    """The mean of every column of every slab, by running totals, first and last slab read at different times."""
    seen = set()
    for key in [*KEYS, *reversed(KEYS)]:
        slab = snapshot.slab(*key)
        low, high = DAY - slab.base, DAY + DAYS - slab.base
        columns = slab.columns_of(np.arange(ORGANISATIONS))
        sums = slab.total[high, columns] - slab.total[low, columns]
        seen.update((sums // DAYS).tolist())
        seen.update((sums % DAYS + slab.value[high - 1, columns]).tolist())
    return seen


def torn_readings(store: Store, folder, readings: int) -> int:
    fold(store, {key: sheet(1) for key in KEYS}, 1)
    stop, started = PROCESSES.Event(), PROCESSES.Event()
    writer = PROCESSES.Process(target=keep_folding, args=(folder, stop, started))
    writer.start()
    try:
        assert started.wait(60)
        return sum(len(store.read(one_value_everywhere)) != 1 for _ in range(readings))
    finally:
        stop.set()
        writer.join(60)


def test_readers_never_see_half_a_fold(tmp_path):
    assert torn_readings(Store(tmp_path), tmp_path, 300) == 0


def reading_across_a_fold(store: Store, folder) -> set[int]:
    """What a reader sees in whose first reading a fold takes place, between one slab and the next."""
    fold(store, {key: sheet(1) for key in KEYS}, 1)
    folds = iter([2])

    def read(snapshot) -> set[int]:
        slab = snapshot.slab(*KEYS[0])
        columns = slab.columns_of(np.arange(ORGANISATIONS))
        seen = set(slab.value[DAY - slab.base, columns].tolist())
        for value in folds:
            fold(Store(folder), {key: sheet(value) for key in KEYS}, value)
        return seen | one_value_everywhere(snapshot)

    return store.read(read)


def test_a_reader_across_a_fold_reads_again(tmp_path):
    assert reading_across_a_fold(Store(tmp_path), tmp_path) == {2}


def test_without_the_version_it_sees_both(tmp_path):
    """The test of the test: a torn reading is seen as soon as the version is not looked at."""
    assert reading_across_a_fold(Store(tmp_path, checked=False), tmp_path) == {1, 2}


def folded_until_death(folder, death: int) -> int:
    """Fold in a child that kills itself at its `death`-th step; the number of steps it had, if it lived."""
    reading, writing_end = os.pipe()
    child = os.fork()
    if child == 0:
        steps = 0

        def at(_step: str) -> None:
            nonlocal steps
            steps += 1
            if steps == death:
                os.kill(os.getpid(), signal.SIGKILL)

        with writing(Store(folder), at=at) as writer:
            writer.fold({key: (Grain.DAY, cells_of(cells)) for key, cells in second_fold().items()}, Position(2, 2))
        os.write(writing_end, steps.to_bytes(4, "big"))
        os._exit(0)
    os.close(writing_end)
    _pid, status = os.waitpid(child, 0)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return 0
    assert status == 0
    return int.from_bytes(told, "big")


def first_fold() -> dict:
    return {
        (1, 1): {
            (o, DAY + t): Standing(o * 100 + t, {1: 5} if t % 7 == 0 else {}) for o in range(5) for t in range(50)
        },
        (2, 1): {(1, DAY): Standing(8)},
    }


def second_fold() -> dict:
    """Changes old cells, fills new rows, adds columns, empties a cell, grows one slab and makes another."""
    return {
        (1, 1): {
            **{(o, DAY + 10 + t): Standing(-t, {3: 1, 2: 4}) for o in (1, 3, 9) for t in range(60)},
            (2, DAY + 7): Standing(),
        },
        (2, 1): {(o, DAY + t): Standing(o + t) for o in range(2, 40) for t in range(-900, 900, 90)},
        (3, 1): {(6, DAY): Standing(None, {1: 1})},
    }


def everything(store: Store) -> dict:
    def read(snapshot):
        for key in snapshot.entries:
            assert_sound(snapshot.slab(*key))
        return {key: held(snapshot.slab(*key)) for key in snapshot.entries}

    return store.read(read)


def test_a_writer_killed_at_any_step_is_repaired_by_the_next(tmp_path):
    reference = Store(tmp_path / "reference")
    fold(reference, first_fold(), 1)
    before = everything(reference)
    steps = folded_until_death(reference.folder, death=0)
    after = everything(reference)
    assert steps > 30
    unsound = 0
    for death in range(1, steps + 1):
        store = Store(tmp_path / str(death))
        fold(store, first_fold(), 1)
        assert folded_until_death(store.folder, death) == 0, "the child was to die"
        try:
            seen = everything(store)
            assert seen in (before, after)
            assert store.position == (1 if seen == before else 2)
        except CubeUnsound:
            unsound += 1
        with writing(store) as writer:
            assert not writer.must_rebuild()
            unfinished = writer.unfinished()
            touched = sum(len(cells) for cells in second_fold().values())
            if unfinished is not None:
                assert len(unfinished.cells) == touched, "the journal names every cell that may be torn"
            writer.fold({key: (Grain.DAY, cells_of(cells)) for key, cells in second_fold().items()}, Position(2, 2))
            assert writer.unfinished() is None
        assert everything(store) == after
        assert store.position == 2
    assert unsound > steps // 2


def test_a_writer_killed_while_replacing_everything_asks_for_a_rebuild(tmp_path):
    store = Store(tmp_path)
    fold(store, first_fold(), 1)
    child = os.fork()
    if child == 0:
        with writing(
            Store(tmp_path), at=lambda step: os.kill(os.getpid(), signal.SIGKILL) if step == "published" else None
        ) as writer:
            writer.replace_all({}, Position(9, 9))
        os._exit(1)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
    with pytest.raises(CubeUnsound, match="killed"):
        store.read(lambda snapshot: None)
    with writing(store) as writer:
        assert writer.must_rebuild()

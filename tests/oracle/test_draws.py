"""The drawn worlds make sense, look at what matters, and are the same again from the same seed."""

import csv
from collections import Counter
from dataclasses import asdict

from oracle import features
from oracle.filing import held
from oracle.runner import drawn, right_answer

SEED = 20261120


def test_what_should_occur_in_500_questions_occurs_and_the_oracle_answers_all():
    seen = Counter[str]()
    rows = []
    for number in range(25):
        world, questions = drawn(SEED, number, 20)
        known = held(world)
        for question in questions:
            found = right_answer(world, question, seen, known)["rows"]
            rows += [row for row in found if "value" in row]  # curves have points
        seen.update(world.features)
    assert not features.missing(seen, 500)
    assert not features.unknown(seen)
    with_value = [row for row in rows if row["value"] is not None]
    assert len(with_value) > 0.5 * len(rows) > 250
    assert len({row["value"] for row in with_value}) > 0.5 * len(with_value)


def test_the_same_seed_draws_the_same_and_another_does_not():
    assert drawn(1, 2, 8) == drawn(1, 2, 8)
    assert drawn(1, 2, 8) != drawn(1, 3, 8)
    assert drawn(1, 2, 8) != drawn(2, 2, 8)


def test_the_files_say_what_the_world_says(tmp_path):
    world, _ = drawn(SEED, 5, 1)
    written = world.write(tmp_path)
    with written.organisations.open(encoding="utf-8", newline="") as file:
        assert list(csv.DictReader(file)) == [asdict(line) for line in world.organisations]
    assert [reason for _, reason in written.facts] == [file.reason for file in world.files]
    for (path, _), loaded in zip(written.facts, world.files, strict=True):
        with path.open(encoding="utf-8", newline="") as file:
            lines = [(line["organisation"], line["period"], line["value"]) for line in csv.DictReader(file)]
        assert lines == [(line.organisation, line.period, line.value) for line in loaded.lines]
    text = written.indicators.read_text("utf-8")
    assert text.count("- code: ") == len(world.indicators)


def test_parents_come_before_their_children_in_the_file():
    for number in range(40):
        world, _ = drawn(SEED, number, 1)
        known = {""}
        for line in world.organisations:
            assert line.parent in known
            known.add(line.code)

"""Asks the product and the oracle the same, over random worlds, until they differ.

A case is one question about a random world; a world is loaded once and asked several.
"""

import json
import re
import shutil
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Protocol

from oracle.answer import answer
from oracle.curves import curve_answer
from oracle.draw import draw_questions, draw_world
from oracle.filing import Held, held
from oracle.shrink import shrink
from oracle.world import AnyQuestion, CurveQuestion, World, WorldError, command_of

QUESTIONS = 8


class Refused(Exception):
    """The product does not take a world that the oracle takes, or does not answer."""


class Loaded(Protocol):
    """A world inside the product."""

    refused: list[list[int]]  # for each facts file, the numbers (from 0) of the lines that did not enter

    def ask(self, question: AnyQuestion) -> dict[str, Any]: ...


Product = Callable[[World, Path], AbstractContextManager[Loaded]]


@dataclass(frozen=True)
class Difference:
    """`sort` tells kinds of difference apart, so that shrinking does not wander from one to another."""

    sort: str
    question: AnyQuestion
    expected: Any
    found: Any


@dataclass
class Outcome:
    cases: int = 0
    worlds: int = 0
    features: Counter[str] = field(default_factory=Counter)
    report: str = ""  # of the smallest world on which product and oracle differ; "" when they never did


def differences(
    product: Product, world: World, questions: list[AnyQuestion], folder: Path, seen: Counter[str] | None = None
) -> list[Difference]:
    """Load the world, ask all questions, and say where the answers are not the oracle's."""
    known = held(world)
    expected = [right_answer(world, question, seen, known) for question in questions]
    try:
        with product(world, folder) as loaded:
            if loaded.refused != known.refused:
                return [Difference("lines that were refused", questions[0], known.refused, loaded.refused)]
            found = []
            for question, right in zip(questions, expected, strict=True):
                try:
                    given = loaded.ask(question)
                except Refused as problem:
                    found.append(Difference(f"no answer: {_shape(problem)}", question, right, str(problem)))
                    continue
                if plain(given) != plain(right):
                    found.append(Difference(_sort(right, given), question, right, given))
            return found
    except Refused as problem:
        return [Difference(f"not loaded: {_shape(problem)}", questions[0], None, str(problem))]


def right_answer(
    world: World, question: AnyQuestion, seen: Counter[str] | None = None, known: Held | None = None
) -> dict[str, Any]:
    """The oracle's answer. `known` is what the world holds, where several questions are asked about it."""
    if isinstance(question, CurveQuestion):
        return curve_answer(world, question, Counter() if seen is None else seen)
    return answer(world, question, world.today, seen, known)


def plain(value: Any) -> Any:
    """Without keys that hold nothing: a missing "marks" is no mark, a missing "compare" no comparison."""
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items() if part is not None and part != []}
    if isinstance(value, list):
        return [plain(part) for part in value]
    return value


def _sort(right: dict[str, Any], given: dict[str, Any]) -> str:
    """Which keys of the rows differ."""
    rows, others = right["rows"], given.get("rows", [])
    if len(rows) != len(others):
        return "number of rows"
    keys = {
        key for row, other in zip(rows, others, strict=True) for key in row | other if row.get(key) != other.get(key)
    }
    return "rows: " + ", ".join(sorted(keys))


def _shape(problem: Exception) -> str:
    """A message without the codes and numbers in it."""
    return re.sub(r"[\w.-]*\d[\w.-]*", "#", str(problem))[:80]


def drawn(seed: int, number: int, count: int) -> tuple[World, list[AnyQuestion]]:
    """World `number` of a run with this seed, and its questions."""
    rng = Random(f"{seed}/{number}")
    world = draw_world(rng)
    return world, draw_questions(world, rng, count)


def run(
    product: Product,
    cases: int,
    seed: int,
    folder: Path,
    *,
    questions: int = QUESTIONS,
    most_wrong: int = 5,
    tries: int = 200,
    only: Callable[[World], bool] = lambda world: True,
) -> Outcome:
    """Ask `cases` questions, `questions` of a world. Worlds that are not among the `only` ones are passed over.

    After `most_wrong` worlds with differences the rest is left; the smallest is shrunk.
    """
    outcome = Outcome()
    wrong: list[tuple[int, World, list[Difference]]] = []
    while outcome.cases < cases and len(wrong) < most_wrong:
        number = outcome.worlds
        world, asked = drawn(seed, number, min(questions, cases - outcome.cases))
        if not only(world):
            outcome.worlds += 1
            continue
        found = differences(product, world, asked, folder / str(number), outcome.features)
        if found:
            wrong.append((number, world, found))
        outcome.features.update(world.features)
        outcome.cases += len(asked)
        outcome.worlds += 1
        shutil.rmtree(folder / str(number), ignore_errors=True)
    if wrong:
        outcome.report = _report(product, wrong, seed, folder, tries)
    return outcome


def _report(
    product: Product, wrong: list[tuple[int, World, list[Difference]]], seed: int, folder: Path, tries: int
) -> str:
    numbers = {number: [difference.sort for difference in found] for number, _, found in wrong}
    number, world, found = min(wrong, key=lambda one: sum(len(file.lines) for file in one[1].files))
    world, difference = smallest(product, world, found[0], folder / "smaller", tries)
    return "\n".join(
        [
            f"Product and oracle differ. Seed {seed}; by world: {numbers}.",
            f"World {number}, made smaller, on {world.today}:",
            described(world, difference.question, folder / "smallest"),
            f"--- {difference.sort}; the oracle says",
            json.dumps(difference.expected, ensure_ascii=False, indent=1),
            "--- the product says",
            difference.found
            if isinstance(difference.found, str)
            else json.dumps(difference.found, ensure_ascii=False, indent=1),
        ]
    )


def smallest(
    product: Product, world: World, difference: Difference, folder: Path, tries: int
) -> tuple[World, Difference]:
    """The smallest world found that shows a difference of the same sort."""
    shown = difference

    def still_wrong(smaller: World, question: AnyQuestion) -> bool:
        nonlocal shown
        try:
            found = differences(product, smaller, [question], folder)
        except (WorldError, IndexError, KeyError):  # what was left out is needed: no world at all
            return False
        if found and found[0].sort == difference.sort:
            shown = found[0]
            return True
        return False

    smaller, _ = shrink(world, difference.question, still_wrong, tries)
    return smaller, shown


def described(world: World, question: AnyQuestion, folder: Path) -> str:
    """The world's files and the command line, to be read and to be tried."""
    written = world.write(folder)
    paths = [written.organisations, *([written.categories] if written.categories else []), written.indicators]
    parts = [f"--- {path.name}\n{path.read_text('utf-8')}" for path in paths]
    for path, reason in written.facts:
        parts.append(f"--- {path.name}{f' --correct {reason!r}' if reason else ''}\n{path.read_text('utf-8')}")
    if written.curves:
        parts.append(f"--- {written.curves.name}\n{written.curves.read_text('utf-8')}")
    for path, file in written.curve_files:
        parts.append(f"--- {path.name} ({file.shape}) --correct {file.reason!r}\n{path.read_text('utf-8')}")
    parts.append(f"--- gangmu {command_of(question)} {' '.join(question.arguments())} --json")
    return "\n".join(parts)

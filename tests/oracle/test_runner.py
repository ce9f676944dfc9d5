"""A product with a mistake is caught, and the world that shows the mistake is made small.

The products here are the oracle itself with one mistake planted in it.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from oracle import formula, periods, reading, tree
from oracle.filing import held
from oracle.runner import Product, Refused, right_answer, run
from oracle.tree import History
from oracle.world import AnyQuestion, OrganisationLine, World

Change = Callable[[World], World]


class Pretender:
    """Answers by the oracle, on a changed world or with a changed oracle."""

    def __init__(self, world: World, mistake: Callable[[], AbstractContextManager[object]]) -> None:
        self.world, self.mistake = world, mistake
        self.refused = held(world).refused
        with mistake():
            self.known = held(world)  # in the way that the mistake has it

    def ask(self, question: AnyQuestion) -> dict[str, Any]:
        with self.mistake():
            return right_answer(self.world, question, known=self.known)


def pretending(change: Change = lambda world: world, mistake: Callable[[], Any] = nullcontext) -> Product:
    @contextmanager
    def product(world: World, folder: Path) -> Iterator[Pretender]:
        right = Pretender(world, nullcontext)
        wrong = Pretender(change(world), mistake)
        wrong.refused = right.refused
        yield wrong

    return product


def half_even(value: Fraction, decimals: int) -> Fraction:
    return Fraction(round(value * Fraction(10) ** decimals)) / Fraction(10) ** decimals


def without_last_days(world: World) -> World:
    def shorter(line: OrganisationLine) -> OrganisationLine:
        if not line.valid_to or line.valid_to == line.valid_from:
            return line
        return replace(line, valid_to=(date.fromisoformat(line.valid_to) - periods.ONE_DAY).isoformat())

    return replace(world, organisations=tuple(map(shorter, world.organisations)))


def without_corrections(world: World) -> World:
    return replace(world, files=tuple(file for file in world.files if not file.reason))


def with_plans_as_facts(world: World) -> World:
    files = tuple(
        replace(file, lines=tuple(replace(line, scenario="actual") for line in file.lines)) for file in world.files
    )
    return replace(world, files=files)


def first_tree_with(self: History, code: str, period: periods.Period) -> tree.Tree | None:
    return next((self.tree(day) for day in period.days() if code in self.tree(day)), None)


def zero_for_nothing(self: formula.Evaluation, node: formula.Node) -> Fraction | None:
    return evaluated(self, node) or Fraction(0)


evaluated = formula.Evaluation.value
RULES = reading.over_time

MISTAKES: dict[str, Product] = {
    "the last day does not count": pretending(without_last_days),
    "corrections are forgotten": pretending(without_corrections),
    "a plan counts as a fact": pretending(with_plans_as_facts),
    "ties go to the even neighbour": pretending(mistake=lambda: patch("oracle.answer.half_up", half_even)),
    "a month belongs to its first tree": pretending(
        mistake=lambda: patch.object(History, "last_tree_with", first_tree_with)
    ),
    "fuel and province do not come from above": pretending(mistake=lambda: patch.object(tree, "INHERITED", ())),
    "last is first": pretending(
        mistake=lambda: patch.object(
            reading, "over_time", lambda rule, v: RULES("first" if rule == "last" else rule, v)
        )
    ),
    "units are expected although their plant filed": pretending(
        mistake=lambda: patch.object(reading.Reading, "_stands_below", lambda *_: False)
    ),
    "the week 53 of a year without one is the first of the next": pretending(
        mistake=lambda: patch.object(
            periods, "week", lambda year, number: WEEK(year, number) if number < 53 else WEEK(year + 1, 1)
        )
    ),
    "nothing is zero in a formula": pretending(
        mistake=lambda: patch.object(formula.Evaluation, "value", zero_for_nothing)
    ),
    "a day without service counts as one with": pretending(
        mistake=lambda: patch.object(periods.Period, "days", lambda self: DAYS(self)[:-1] or DAYS(self))
    ),
}
WEEK, DAYS = periods.week, periods.Period.days


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_found(mistake: str, tmp_path: Path):
    outcome = run(MISTAKES[mistake], 2000, 20261120, tmp_path, questions=20, most_wrong=1, tries=0)
    assert "Product and oracle differ" in outcome.report
    assert outcome.cases <= 1000


def test_without_a_mistake_nothing_is_found(tmp_path: Path):
    outcome = run(pretending(), 40, 7, tmp_path)
    assert (outcome.report, outcome.cases, outcome.worlds) == ("", 40, 5)
    assert outcome.features["answer: a value"] > 5


def test_the_world_that_shows_a_mistake_is_made_small(tmp_path: Path):
    outcome = run(MISTAKES["corrections are forgotten"], 500, 20261120, tmp_path, most_wrong=1)
    folder = tmp_path / "smallest"
    lines = [path.read_text("utf-8").count("\n") - 1 for path in sorted(folder.glob("facts-*.csv"))]
    assert 1 <= sum(lines) <= 4
    assert (folder / "organisations.csv").read_text("utf-8").count("\n") <= 5
    assert (folder / "indicators.yaml").read_text("utf-8").count("- code:") <= 3
    for said in ("Seed 20261120", "organisations.csv", "--correct", "gangmu query --indicator", "the product says"):
        assert said in outcome.report


def test_a_product_that_refuses_a_world_or_a_question_is_reported(tmp_path: Path):
    @contextmanager
    def refusing(world: World, folder: Path) -> Iterator[Pretender]:
        raise Refused("gangmu load ended with 1: line 3")
        yield

    class Silent(Pretender):
        def ask(self, question: AnyQuestion) -> dict[str, Any]:
            raise Refused("gangmu query ended with 2")

    @contextmanager
    def silent(world: World, folder: Path) -> Iterator[Pretender]:
        yield Silent(world, nullcontext)

    assert "ended with 1: line 3" in run(refusing, 8, 1, tmp_path, most_wrong=1, tries=5).report
    assert "ended with 2" in run(silent, 8, 1, tmp_path, most_wrong=1, tries=5).report

"""Which lines of the facts files enter, and what holds in the end."""

import re
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

from oracle.periods import Period, parse
from oracle.tree import History
from oracle.world import Closing, FactFile, FactLine, Indicator, World

LARGEST = 10**15  # of the stored integer


class Filed(NamedTuple):
    value: Fraction
    state: str


Cell = tuple[str, str, str]  # indicator, period, scenario
Facts = dict[Cell, dict[str, Filed]]  # then by organisation

_PERIOD = {"day": r"\d{4}-\d\d-\d\d", "month": r"\d{4}-\d\d"}


class Book:
    """What has been filed so far."""

    def __init__(self, history: History, indicators: tuple[Indicator, ...]) -> None:
        self.facts: Facts = {}
        self._history = history
        self._indicators = {indicator.code: indicator for indicator in indicators}
        self.closed: list[Closing] = []

    def know(self, indicators: list[Indicator]) -> None:
        self._indicators |= {indicator.code: indicator for indicator in indicators}

    def why_not(self, line: FactLine, *, correcting: bool) -> str:
        """Why the line may not enter; "" when it may."""
        indicator = self._indicators.get(line.indicator)
        if indicator is None:
            return "no such category"
        if not indicator.is_filed:
            return "made of its parts"
        if not re.fullmatch(_PERIOD[indicator.grain], line.period):
            return "another grain"
        period = parse(line.period)
        if not indicator.takes(period.start, period.end):
            return "category not in use"
        decimals = len(line.value.partition(".")[2].rstrip("0"))
        if decimals > indicator.decimals_on(period.end):
            return "too many decimals"
        if abs(Fraction(line.value)) * 10**indicator.most_decimals > LARGEST:
            return "too large"
        if not any(line.organisation in tree for tree in self._history.trees(period)):
            return "organisation not there"
        if line.scenario == "actual" and self.is_closed(indicator, line.organisation, period):
            return "closed month"
        filed = self.facts.get((line.indicator, line.period, line.scenario), {})
        if any(self.above_or_below(line.organisation, other, period) for other in filed):
            return "filed above or below"
        held = filed.get(line.organisation)
        if held is not None and held.value != Fraction(line.value) and not correcting:
            return "another value is held"
        return ""

    def is_closed(self, indicator: Indicator, organisation: str, period: Period) -> bool:
        """Whether somebody at or above it, on any day of the month, has closed the month."""
        month = parse(period.start.isoformat()[:7])
        trees = [tree for tree in self._history.trees(month) if organisation in tree]
        return any(
            act.indicator == (indicator.settles or indicator.code)
            and act.month == month.code
            and any(act.organisation in tree.path(organisation) for tree in trees)
            for act in self.closed
        )

    def close(self, act: Closing) -> None:
        if act.reopens:
            self.closed = [one for one in self.closed if replace(act, reopens=False) != one]
        else:
            self.closed.append(act)

    def above_or_below(self, one: str, other: str, period: Period) -> bool:
        trees = self._history.trees(period)
        return any(tree.is_below(one, other) or tree.is_below(other, one) for tree in trees)

    def enter(self, line: FactLine) -> None:
        cell = self.facts.setdefault((line.indicator, line.period, line.scenario), {})
        cell[line.organisation] = Filed(Fraction(line.value), line.state)

    def load(self, file: FactFile) -> list[int]:
        """Enter the good lines; the numbers (from 0) of those refused."""
        refused = []
        for number, line in enumerate(file.lines):
            if self.why_not(line, correcting=bool(file.reason)):
                refused.append(number)
            else:
                self.enter(line)
        return refused


def file_all(world: World, history: History) -> tuple[Facts, list[list[int]]]:
    """What holds after all files, and the refused lines of each."""
    book, refused = _filed(world, history)
    return book.facts, refused


def closed_in_the_end(world: World, history: History) -> list[Closing]:
    """The closings that stand."""
    return _filed(world, history)[0].closed


def _filed(world: World, history: History) -> tuple[Book, list[list[int]]]:
    book = Book(history, world.indicators_at_first())
    early = len(world.files) - world.late
    refused = [book.load(file) for file in world.files[: min(early, 1)]]
    book.know(list(world.everything))
    refused += [book.load(file) for file in world.files[1:early]]
    for act in world.closings:
        book.close(act)
    return book, refused + [book.load(file) for file in world.files[early:]]

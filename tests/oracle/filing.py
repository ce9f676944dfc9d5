"""Which lines of the facts files enter, and what holds in the end."""

import re
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

from oracle.formula import half_up
from oracle.periods import Period, parse
from oracle.tree import History
from oracle.units import unit
from oracle.world import Closing, CurveFile, CurveLine, FactFile, FactLine, Indicator, World

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
    """What holds after all files, and the refused lines of each; of files of curves last."""
    book, refused = _filed(world, history)
    curves = CurveBook(world, history, book)
    return book.facts, refused + [curves.load(file) for file in world.curve_files]


class Held(NamedTuple):
    """What a world holds when everything has been filed: read by every question about it, and changed by none."""

    history: History
    facts: Facts
    refused: list[list[int]]
    closed: list[Closing]


def held(world: World) -> Held:
    """File everything, once for all questions."""
    history = History(world.organisations)
    facts, refused = file_all(world, history)
    return Held(history, facts, refused, closed_in_the_end(world, history))


def curves_of(world: World, history: History) -> "CurveBook":
    """The curves that hold after all files."""
    curves = CurveBook(world, history, _filed(world, history)[0])
    for file in world.curve_files:
        curves.load(file)
    return curves


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


Points = tuple[Fraction | None, ...]


class CurveBook:
    """The curves recorded so far. The figures of their days enter the book of facts with them."""

    def __init__(self, world: World, history: History, book: Book) -> None:
        self.points: dict[tuple[str, str], dict[str, Points]] = {}  # by indicator and day, then by organisation
        self.curves = {curve.indicator: curve for curve in world.curves}
        self._world, self._history, self._book = world, history, book

    def load(self, file: CurveFile) -> list[int]:
        """Take in what is good of a file; the numbers (from 0) of the lines refused."""
        refused = []
        for at, line in enumerate(file.lines):
            wrong = self.wrong_points(line, file)
            if not wrong and self.why_not(line, file):
                wrong = [n for n, text in enumerate(line.points) if text]
            left = tuple("" if n in wrong else text for n, text in enumerate(line.points))
            if file.shape == "wide":
                refused += [at] * bool(wrong)
            else:
                refused += [number for number, (row, n) in enumerate(file.rows()) if row == at and n in wrong]
            rest = CurveLine(line.organisation, line.indicator, line.day, left)
            if any(left) and not (file.shape == "wide" and wrong):
                if wrong and self.why_not(rest, file):
                    refused += [number for number, (row, n) in enumerate(file.rows()) if row == at and n not in wrong]
                else:
                    self._enter(rest)
        return sorted(refused)

    def wrong_points(self, line: CurveLine, file: CurveFile) -> list[int]:
        """The points where another value is held."""
        held = self.points.get((line.indicator, line.day), {}).get(line.organisation, (None,) * 96)
        return [
            n
            for n, text in enumerate(line.points)
            if text and held[n] is not None and held[n] != Fraction(text) and not file.reason
        ]

    def why_not(self, line: CurveLine, file: CurveFile) -> str:
        """Why none of a day's points may enter; "" when they may."""
        tree = self._history.tree(parse(line.day).start)
        if line.organisation not in tree:
            return "organisation not there"
        others = self.points.get((line.indicator, line.day), {})
        if any(tree.is_below(line.organisation, other) or tree.is_below(other, line.organisation) for other in others):
            return "curve above or below"
        reasons = [self._book.why_not(fact, correcting=bool(file.reason)) for fact in self._facts(line)]
        return next((f"its figure: {reason}" for reason in reasons if reason), "")

    def merged(self, line: CurveLine) -> Points:
        held = self.points.get((line.indicator, line.day), {}).get(line.organisation, (None,) * 96)
        return tuple(Fraction(text) if text else held[n] for n, text in enumerate(line.points))

    def _enter(self, line: CurveLine) -> None:
        for fact in self._facts(line):
            self._book.enter(fact)
        self.points.setdefault((line.indicator, line.day), {})[line.organisation] = self.merged(line)

    def _facts(self, line: CurveLine) -> list[FactLine]:
        """The figures of the day, if it misses no point."""
        curve, points = self.curves[line.indicator], [point for point in self.merged(line) if point is not None]
        if len(points) < 96:
            return []
        power = [point * 4 if curve.unit == "MWh" else point for point in points]
        mean = sum(power, Fraction(0)) / 96
        own = self._world.indicator(line.indicator)
        comes_to = {"energy": mean * 24, "mean": mean, "highest": max(power), "lowest": min(power)}
        parts = {"highest": curve.highest, "lowest": curve.lowest, "mean": curve.mean}
        is_energy = unit(own.unit).powers == unit("MWh").powers
        parts["energy" if is_energy else {"mean": "mean", "max": "highest", "min": "lowest"}[own.over_time]] = own.code
        found = []
        for part, code in parts.items():
            if not code:
                continue
            indicator = self._world.indicator(code)
            factor = unit("MWh" if part == "energy" else "MW").factor / unit(indicator.unit).factor
            decimals = indicator.decimals_on(parse(line.day).end)
            value = half_up(comes_to[part] * factor, decimals)
            found.append(FactLine(line.organisation, code, line.day, "actual", _decimal(value, decimals)))
        return found


def _decimal(value: Fraction, decimals: int) -> str:
    digits = str(abs(int(value * 10**decimals))).rjust(decimals + 1, "0")
    whole, part = digits[: len(digits) - decimals], digits[len(digits) - decimals :]
    return ("-" if value < 0 else "") + whole + ("." + part if decimals else "")

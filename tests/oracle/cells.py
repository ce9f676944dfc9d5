"""Cells, groups of cells, and the rules by which cells are added up."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from oracle.periods import Period
from oracle.tree import Tree

STATES = ("filed", "plant", "region", "group", "locked")


class Cell(NamedTuple):
    """One organisation and one day (or month). `tree` is where the cell is looked up."""

    organisation: str
    period: Period
    tree: Tree
    value: Fraction | None
    expected: bool
    state: str


@dataclass(frozen=True)
class Group:
    """The cells of an answer's row: those of `top` and all below it, or a part of them.

    With `by`, only those whose child of `top`, fuel, province or kind is `key` ("" is none). `alone` takes those of
    `top` itself and nothing below it. With a `scope`, only what it counts for a period that begins on `begins`.
    """

    top: str
    by: str = ""
    key: str = ""
    alone: bool = False
    scope: str = ""
    begins: date = date.min

    def holds(self, tree: Tree, code: str) -> bool:
        if self.alone:
            return code == self.top
        if self.top not in tree.path(code):
            return False
        return not self.by or group_key(tree, code, self.top, self.by) == self.key


def group_key(tree: Tree, code: str, top: str, by: str) -> str | None:
    """To which group of `top` an organisation below it belongs; None: to none (`top` itself is no child of its own)."""
    if by == "children":
        above = tree.path(code).index(top)
        return tree.path(code)[above - 1] if above else None
    return tree.attribute(code, by)


class Coverage(NamedTuple):
    reported: int
    expected: int

    @property
    def ratio(self) -> Fraction:
        """Where nothing is expected, nothing is covered."""
        return Fraction(self.reported, self.expected) if self.expected else Fraction(0)


@dataclass(frozen=True)
class Total:
    """What an indicator comes to in a group and period: exact, in the indicator's unit.

    `coverages` and `states` are those of every indicator that went into it, in the formula's order.
    """

    value: Fraction | None
    coverages: tuple[Coverage, ...]
    states: tuple[str, ...] = ()
    settled: int = 0  # settled values of closed months in it, each of an organisation's month
    adjustment: Fraction = Fraction(0)  # by how much they differ from their days

    @property
    def coverage(self) -> Coverage:
        return min(self.coverages, key=lambda coverage: coverage.ratio, default=Coverage(0, 0))

    @property
    def coverage_differs(self) -> bool:
        return len({coverage.ratio for coverage in self.coverages}) > 1

    @property
    def state(self) -> str | None:
        return min(self.states, key=STATES.index, default=None)


def over_time(rule: str, values: list[Fraction | None]) -> Fraction:
    """Of one organisation's reported values, in order of time; there is at least one."""
    known = [value for value in values if value is not None]
    match rule:
        case "first":
            return known[0]
        case "last":
            return known[-1]
    return _added_up(rule, known)


def over_organisations(rule: str, values: list[Fraction], organisations: int) -> Fraction | None:
    """`organisations` counts those from which something was expected or came."""
    if not values:
        return None
    if rule == "none":
        return values[0] if organisations == 1 else None
    return _added_up(rule, values)


def _added_up(rule: str, values: list[Fraction]) -> Fraction:
    if rule == "mean":
        return sum(values, Fraction(0)) / len(values)
    rules: dict[str, Callable[[list[Fraction]], Fraction]] = {
        "sum": lambda v: sum(v, Fraction(0)),
        "min": min,
        "max": max,
    }
    return rules[rule](values)

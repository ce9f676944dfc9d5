"""The typed tree of a formula. Long sums and products are one node, so that a tree is as deep as its brackets."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from gangmu.figures.indicators.formula.errors import Place


class Shift(StrEnum):
    """What a time function does to the period that its argument is asked for."""

    PRIOR = "prior"  # the period of the same kind before
    YEAR_AGO = "year_ago"  # the same-named period of last year
    YTD = "ytd"  # 1 January of the year in which the period ends, to the period's last day
    MTD = "mtd"  # the first of the month in which the period ends, to the period's last day
    LAST = "last"  # the same period, but its last reported value, organisation by organisation


# Name → fewest and most arguments.
FUNCTIONS: dict[str, tuple[int, int]] = {
    "if": (3, 3),
    "round": (2, 2),
    "abs": (1, 1),
    "min": (2, 100),
    "max": (2, 100),
    "total": (1, 100),
    "prior": (1, 1),
    "year_ago": (1, 1),
    "yoy": (1, 1),
    "ytd": (1, 1),
    "mtd": (1, 1),
    "last": (1, 1),
}
TIME_FUNCTIONS = frozenset({"prior", "year_ago", "yoy", "ytd", "mtd", "last"})


@dataclass(frozen=True, slots=True)
class Number:
    """A literal, with the unit given in brackets after it (`29307[kJ/kg]`) or without."""

    value: Fraction
    unit: str
    place: Place


@dataclass(frozen=True, slots=True)
class Reference:
    """An indicator by its code, or by its Chinese or English name in 「」."""

    text: str
    is_name: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Negative:
    operand: "Node"
    place: Place


@dataclass(frozen=True, slots=True)
class Term:
    """One further part of a chain: the sign before it and the part."""

    operator: str
    operand: "Node"
    place: Place


@dataclass(frozen=True, slots=True)
class Chain:
    """`a + b - c` or `a * b / c`, from left to right."""

    first: "Node"
    rest: tuple[Term, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Comparison:
    """`a < b`; stands only as the first argument of `if`. `operator` is one of < <= > >= = <>."""

    operator: str
    left: "Node"
    right: "Node"
    place: Place


@dataclass(frozen=True, slots=True)
class Call:
    function: str
    arguments: tuple["Node", ...]
    place: Place


Node = Number | Reference | Negative | Chain | Comparison | Call


def children(node: Node) -> tuple[Node, ...]:
    """The parts of `node`, in the order in which they are written."""
    match node:
        case Negative(operand=operand):
            return (operand,)
        case Chain(first=first, rest=rest):
            return (first, *(term.operand for term in rest))
        case Comparison(left=left, right=right):
            return (left, right)
        case Call(arguments=arguments):
            return arguments
    return ()


def walk(node: Node) -> Iterator[Node]:
    """`node` and everything below it, in the order in which it is written."""
    yield node
    for child in children(node):
        yield from walk(child)


def references(node: Node) -> list[Reference]:
    """The indicators that the formula names, each mention, in order."""
    return [part for part in walk(node) if isinstance(part, Reference)]

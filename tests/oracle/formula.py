"""Formulas: read, checked for units, evaluated.

A parsed formula is a nested tuple whose first item says what it is:
("number", Fraction), ("name", text), ("negate", x), ("+ - * /", x, y), ("> < >= <= = <>", x, y), (function, x, …).
Values are exact and in base units; None is "nothing reported".
"""

import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from oracle.units import ONE, Unit
from oracle.world import WorldError

Node = tuple[Any, ...]

TIME_FUNCTIONS = ("prior", "year_ago", "yoy", "ytd", "mtd", "last")
FUNCTIONS = ("if", "round", "abs", "min", "max", "total", *TIME_FUNCTIONS)
COMPARISONS: dict[str, Callable[[Fraction, Fraction], bool]] = {
    ">=": lambda x, y: x >= y,
    "<=": lambda x, y: x <= y,
    ">": lambda x, y: x > y,
    "<": lambda x, y: x < y,
    "<>": lambda x, y: x != y,
    "=": lambda x, y: x == y,
}
_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?)|([A-Za-z_][A-Za-z0-9_.]*)|「([^」]*)」|(>=|<=|<>|[-+*/(),<>=]))")


def tokens(text: str) -> list[tuple[str, str]]:
    """Pairs of what it is (number, word, quoted, sign) and how it is written."""
    found, position, end = [], 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            raise WorldError(f"cannot read {text[position:]!r}")
        kind = ("number", "word", "quoted", "sign")[(match.lastindex or 0) - 1]
        found.append((kind, match[match.lastindex or 0]))
        position = match.end()
    return found


class _Reader:
    """Comparison below sum below product below minus sign below number, name, call or parenthesis."""

    def __init__(self, text: str) -> None:
        self.left = [*tokens(text), ("end", "")]

    def next_is(self, *signs: str) -> bool:
        kind, text = self.left[0]
        return kind == "sign" and text in signs

    def take(self, expected: str = "") -> str:
        kind, text = self.left.pop(0)
        if expected and (kind, text) != ("sign", expected):
            raise WorldError(f"expected {expected}, found {text}")
        return text

    def whole(self) -> Node:
        node = self.comparison()
        if self.left[0][0] != "end":
            raise WorldError(f"left over: {self.left}")
        return node

    def comparison(self) -> Node:
        node = self.sum()
        if self.next_is(*COMPARISONS):
            node = (self.take(), node, self.sum())
        return node

    def sum(self) -> Node:
        node = self.product()
        while self.next_is("+", "-"):
            node = (self.take(), node, self.product())
        return node

    def product(self) -> Node:
        node = self.signed()
        while self.next_is("*", "/"):
            node = (self.take(), node, self.signed())
        return node

    def signed(self) -> Node:
        if self.next_is("-"):
            self.take()
            return ("negate", self.signed())
        return self.single()

    def single(self) -> Node:
        kind = self.left[0][0]
        if kind == "number":
            return ("number", Fraction(self.take()))
        if kind == "quoted":
            return ("name", self.take())
        if kind == "word":
            word = self.take()
            return self.call(word) if self.next_is("(") else ("name", word)
        self.take("(")
        node = self.comparison()
        self.take(")")
        return node

    def call(self, function: str) -> Node:
        if function not in FUNCTIONS:
            raise WorldError(f"no function {function}")
        self.take("(")
        arguments = [self.comparison()]
        while self.next_is(","):
            self.take()
            arguments.append(self.comparison())
        self.take(")")
        return (function, *arguments)


def read(text: str) -> Node:
    return _Reader(text).whole()


def names(node: Node) -> Iterator[str]:
    """Every name in it, in the order of writing."""
    if node[0] == "name":
        yield node[1]
    for part in node[1:]:
        if isinstance(part, tuple):
            yield from names(part)


def functions(node: Node) -> set[str]:
    found = {node[0]} if node[0] in FUNCTIONS else set[str]()
    return found.union(*(functions(part) for part in node[1:] if isinstance(part, tuple)))


def whole_number(node: Node) -> int:
    """The second argument of round."""
    if node[0] == "negate":
        return -whole_number(node[1])
    if node[0] != "number" or node[1].denominator != 1:
        raise WorldError("round wants a whole number of decimals")
    return int(node[1])


def unit_of(node: Node, unit_of_name: Callable[[str], Unit]) -> Unit | None:
    """The unit in which the node's value is a plain number; None for a written 0, which fits any.

    Raises:
        WorldError: unlike units are added or compared.
    """

    def of(part: Node) -> Unit | None:
        return unit_of(part, unit_of_name)

    def alike(parts: tuple[Node, ...]) -> Unit | None:
        found = [one for one in map(of, parts) if one is not None]
        if any(one.powers != found[0].powers for one in found):
            raise WorldError("unlike units")
        return found[0] if found else None

    match node[0]:
        case "number":
            return ONE if node[1] else None
        case "name":
            return unit_of_name(node[1])
        case "*" | "/":
            left, right = of(node[1]) or ONE, of(node[2]) or ONE
            return left.times(right) if node[0] == "*" else left.over(right)
        case "yoy":
            of(node[1])
            return ONE
        case "round":
            return of(node[1])
        case "if":
            of(node[1])
            return alike(node[2:])
        case ">" | "<" | ">=" | "<=" | "=" | "<>":
            alike(node[1:])
            return None
    return alike(node[1:])


def half_up(value: Fraction, decimals: int) -> Fraction:
    """Rounded once; a tie goes away from zero."""
    scale = Fraction(10) ** decimals
    whole = int(abs(value) * scale + Fraction(1, 2))
    return (whole if value >= 0 else -whole) / scale


class Evaluation:
    """Evaluates nodes; says what a name and a function of time mean by the two methods to be overridden."""

    def value_of_name(self, name: str) -> Fraction | None:
        raise NotImplementedError

    def unit_of_name(self, name: str) -> Unit:
        raise NotImplementedError

    def value_in_time(self, function: str, node: Node) -> Fraction | None:
        raise WorldError(f"{function} has no meaning here")

    def happened(self, what: str) -> None:
        """Called with the name of a rare case, for whoever counts them."""

    def value(self, node: Node) -> Fraction | None:
        if node[0] == "number":
            return node[1]
        if node[0] == "name":
            return self.value_of_name(node[1])
        if node[0] in TIME_FUNCTIONS:
            return self.value_in_time(node[0], node[1])
        if node[0] == "if":
            condition = self.condition(node[1])
            if condition is None:
                return None
            return self.value(node[2] if condition else node[3])
        if node[0] == "round":
            value = self.value(node[1])
            unit = unit_of(node[1], self.unit_of_name) or ONE
            return None if value is None else half_up(value / unit.factor, whole_number(node[2])) * unit.factor
        parts = [self.value(part) for part in node[1:]]
        known = [part for part in parts if part is not None]
        if node[0] == "total":
            self.happened("formula: total of some" if 0 < len(known) < len(parts) else "formula: total")
            return sum(known, Fraction(0)) if known else None
        if len(known) < len(parts):
            self.happened("formula: nothing in, nothing out")
            return None
        return self.calculated(node[0], known)

    def calculated(self, what: str, parts: list[Fraction]) -> Fraction | None:
        match what:
            case "negate":
                return -parts[0]
            case "abs":
                return abs(parts[0])
            case "min":
                return min(parts)
            case "max":
                return max(parts)
            case "+":
                return parts[0] + parts[1]
            case "-":
                return parts[0] - parts[1]
            case "*":
                return parts[0] * parts[1]
            case "/":
                if parts[1] == 0:
                    self.happened("formula: division by zero")
                    return None
                return parts[0] / parts[1]
        raise WorldError(f"{what} gives no number")

    def condition(self, node: Node) -> bool | None:
        left, right = self.value(node[1]), self.value(node[2])
        if left is None or right is None:
            return None
        return COMPARISONS[node[0]](left, right)

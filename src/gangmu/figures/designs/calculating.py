"""The common formulas of reports computed for the page and PDF, which no spreadsheet computes.

Exact fractions, rounded where they are shown. What is not covered (other functions, text arithmetic, circles) comes to
`UNKNOWN`, and the page says that the workbook has the figure. Bounded in steps and depth.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction

from gangmu.figures.designs.references import Reference, cut

MOST_STEPS = 2_000_000
MOST_RANGE = 100_000
DEEPEST = 60  # brackets and cells on the way, together: each is some eight calls
LONGEST_NUMBER = 40
MOST_BITS = 4_096
Scalar = Fraction | str | bool | None


class Unknown(Exception):
    """A formula that is not computed here."""


class Failed(Exception):
    """An error that a spreadsheet shows, such as #DIV/0!."""


@dataclass(frozen=True, slots=True)
class _Range:
    values: tuple[Scalar, ...]


WORD = re.compile(
    r"""\s*(<=|>=|<>|[-+*/^&=<>%(),;]|[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]{1,3})?|"(?:[^"]|"")*"|[A-Za-z.]+)"""
)


@dataclass(frozen=True, slots=True)
class _Formula:
    text: str


class Calculator:
    """Computes formulas of a workbook; results are kept.

    Args:
        cells: (sheet in small letters, row, column) → a value, or a `formula`.
    """

    def __init__(self, cells: Mapping[tuple[str, int, int], "Scalar | _Formula"]) -> None:
        self.cells = cells
        self.found: dict[tuple[str, int, int], Scalar | Exception] = {}
        self.open: list[tuple[str, int, int]] = []
        self.steps = 0
        self.depth = 0

    def value(self, at: tuple[str, int, int]) -> Scalar:
        """What a cell comes to.

        Raises:
            Unknown: it is not computed here.
            Failed: with the error that a spreadsheet shows.
        """
        self._step()
        content = self.cells.get(at)
        if not isinstance(content, _Formula):
            return content
        if at not in self.found:
            if at in self.open or self.depth >= DEEPEST:
                raise Unknown
            self.open.append(at)
            try:
                self.found[at] = _Reading(self, at[0], content.text).result()
            except (Unknown, Failed) as error:
                self.found[at] = error
            finally:
                self.open.pop()
        result = self.found[at]
        if isinstance(result, Exception):
            raise result
        return result

    def range(self, reference: Reference, sheet: str) -> _Range:
        name = reference.sheet_name.casefold() if reference.sheet else sheet
        first, last = reference.first, reference.last or reference.first
        if not (first.row and first.column and last.row and last.column):
            raise Unknown
        rows = sorted((first.row, last.row))
        columns = sorted((number_of(first.column), number_of(last.column)))
        if (rows[1] - rows[0] + 1) * (columns[1] - columns[0] + 1) > MOST_RANGE:
            raise Unknown
        places = [
            (name, row, column) for row in range(rows[0], rows[1] + 1) for column in range(columns[0], columns[1] + 1)
        ]
        return _Range(tuple(self.value(at) for at in places))

    def _step(self) -> None:
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise Unknown


def formula(text: str) -> _Formula:
    return _Formula(text)


def number_of(column: str) -> int:
    number = 0
    for letter in column:
        number = number * 26 + ord(letter) - 64
    return number


class _Reading:
    """One formula being computed as it is read."""

    def __init__(self, calculator: Calculator, sheet: str, text: str) -> None:
        self.calculator, self.sheet = calculator, sheet
        self.words: list[str | Reference] = list(self._words(text))
        self.position = 0

    def _words(self, text: str) -> Iterator[str | Reference]:
        pieces: list[str | Reference] = []
        for part in cut(text).parts:
            if isinstance(part, str) and pieces and isinstance(pieces[-1], str):
                pieces[-1] += part
            else:
                pieces.append(part)
        for number, piece in enumerate(pieces):
            if isinstance(piece, Reference):
                yield piece
                continue
            rest = piece[1:] if number == 0 and piece.startswith("=") else piece
            position = 0
            while rest[position:].strip():
                found = WORD.match(rest, position)
                if found is None:
                    raise Unknown
                yield found[1]
                position = found.end()

    def result(self) -> Scalar:
        result = self._scalar(self._comparison())
        if self.position != len(self.words):
            raise Unknown
        return Fraction(0) if result is None else result

    def _next(self) -> str | Reference:
        return self.words[self.position] if self.position < len(self.words) else ""

    def _take(self, *signs: str) -> str:
        word = self._next()
        if isinstance(word, str) and word in signs:
            self.position += 1
            return word
        return ""

    def _scalar(self, value: Scalar | _Range) -> Scalar:
        if isinstance(value, _Range):
            if len(value.values) != 1:
                raise Unknown
            return value.values[0]
        return value

    def _number(self, value: Scalar | _Range) -> Fraction:
        found = self._scalar(value)
        if found is None:
            return Fraction(0)
        if isinstance(found, str):
            raise Failed("#VALUE!")
        return _bounded(Fraction(found))

    def _comparison(self) -> Scalar | _Range:
        left = self._joined()
        while sign := self._take("<=", ">=", "<>", "<", ">", "="):
            left = _compare(sign, self._scalar(left), self._scalar(self._joined()))
        return left

    def _joined(self) -> Scalar | _Range:
        left = self._sum()
        if self._take("&"):
            raise Unknown
        return left

    def _sum(self) -> Scalar | _Range:
        left = self._product()
        while sign := self._take("+", "-"):
            right = self._number(self._product())
            left = _bounded(self._number(left) + (right if sign == "+" else -right))
        return left

    def _product(self) -> Scalar | _Range:
        left = self._factor()
        while sign := self._take("*", "/"):
            right = self._number(self._factor())
            if sign == "/" and right == 0:
                raise Failed("#DIV/0!")
            number = self._number(left)
            left = _bounded(number * right if sign == "*" else number / right)
        return left

    def _factor(self) -> Scalar | _Range:
        self.calculator._step()
        if self.calculator.depth >= DEEPEST:
            raise Unknown
        self.calculator.depth += 1
        try:
            if sign := self._take("-", "+"):
                number = self._number(self._factor())
                return -number if sign == "-" else number
            value = self._value()
            while self._take("%"):
                value = self._number(value) / 100
            if self._take("^"):
                raise Unknown
            return value
        finally:
            self.calculator.depth -= 1

    def _value(self) -> Scalar | _Range:
        word = self._next()
        self.position += 1
        if isinstance(word, Reference):
            return self.calculator.range(word, self.sheet)
        if word == "(":
            value = self._comparison()
            if not self._take(")"):
                raise Unknown
            return value
        if word[:1].isdigit():
            if len(word) > LONGEST_NUMBER:
                raise Unknown
            return _bounded(Fraction(word))
        if word.startswith('"'):
            return word[1:-1].replace('""', '"')
        if word.upper() in {"TRUE", "FALSE"} and self._next() != "(":
            return word.upper() == "TRUE"
        if word[:1].isalpha() and self._take("("):
            return self._function(word.upper())
        raise Unknown

    def _function(self, name: str) -> Scalar:
        if name not in FUNCTIONS:
            raise Unknown
        arguments: list[Scalar | _Range | Failed] = []
        while not self._take(")"):
            start = self.position
            try:
                arguments.append(self._comparison())
            except Failed as error:  # IF and IFERROR may not need it
                arguments.append(error)
                self._pass_over(start)
            if not self._take(",", ";") and self._next() != ")":
                raise Unknown
        return FUNCTIONS[name](self, arguments)

    def _pass_over(self, start: int) -> None:
        """Go on behind an argument that failed."""
        self.position, depth = start, 0
        while self.position < len(self.words):
            word = self._next()
            if depth == 0 and word in (",", ";", ")"):
                return
            depth += {"(": 1, ")": -1}.get(word, 0) if isinstance(word, str) else 0
            self.position += 1
        raise Unknown


Arguments = list[Scalar | _Range | Failed]


def _bounded(number: Fraction) -> Fraction:
    if number.numerator.bit_length() > MOST_BITS or number.denominator.bit_length() > MOST_BITS:
        raise Unknown
    return number


def _compare(sign: str, left: Scalar, right: Scalar) -> bool:
    if left is None or right is None:
        blank = "" if isinstance(left if right is None else right, str) else Fraction(0)
        left, right = blank if left is None else left, blank if right is None else right
    if isinstance(left, str) != isinstance(right, str):
        if sign in {"=", "<>"}:
            return sign == "<>"
        raise Unknown
    if isinstance(left, str) and isinstance(right, str):
        if sign not in {"=", "<>"}:
            raise Unknown
        return (left.casefold() == right.casefold()) == (sign == "=")
    one, two = Fraction(left or 0), Fraction(right or 0)  # type: ignore[arg-type]
    return {"=": one == two, "<>": one != two, "<": one < two, "<=": one <= two, ">": one > two, ">=": one >= two}[sign]


def _needed(argument: Scalar | _Range | Failed) -> Scalar | _Range:
    if isinstance(argument, Failed):
        raise argument
    return argument


def _numbers(reading: _Reading, arguments: Arguments) -> list[Fraction]:
    """Numbers as SUM takes them: of ranges the numbers alone, of single values what can be one."""
    found = []
    for argument in arguments:
        one = _needed(argument)
        if isinstance(one, _Range):
            found += [value for value in one.values if isinstance(value, Fraction)]
        else:
            found.append(reading._number(one))
    return found


def _sum(reading: _Reading, arguments: Arguments) -> Scalar:
    total = Fraction(0)
    for number in _numbers(reading, arguments):
        total = _bounded(total + number)
    return total


def _average(reading: _Reading, arguments: Arguments) -> Scalar:
    count = len(_numbers(reading, arguments))
    if not count:
        raise Failed("#DIV/0!")
    return Fraction(_sum(reading, arguments) or 0) / count


def _count_filled(reading: _Reading, arguments: Arguments) -> Scalar:
    found = [_needed(one) for one in arguments]
    return Fraction(sum(sum(v is not None for v in one.values) if isinstance(one, _Range) else 1 for one in found))


def _if(reading: _Reading, arguments: Arguments) -> Scalar:
    if not 2 <= len(arguments) <= 3:
        raise Unknown
    holds = reading._number(_needed(arguments[0])) != 0
    if not holds and len(arguments) == 2:
        return False
    return reading._scalar(_needed(arguments[1] if holds else arguments[2]))


def _if_error(reading: _Reading, arguments: Arguments) -> Scalar:
    if len(arguments) != 2:
        raise Unknown
    return reading._scalar(_needed(arguments[1] if isinstance(arguments[0], Failed) else arguments[0]))


def _round(reading: _Reading, arguments: Arguments) -> Scalar:
    if len(arguments) != 2:
        raise Unknown
    number, places = (reading._number(_needed(one)) for one in arguments)
    if not -15 <= places <= 15:
        raise Unknown
    power = Fraction(10) ** int(places)
    scaled = abs(number) * power
    rounded = Fraction((2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)) / power
    return rounded if number >= 0 else -rounded


def _subtotal(reading: _Reading, arguments: Arguments) -> Scalar:
    if len(arguments) < 2 or reading._number(_needed(arguments[0])) not in {9, 109}:
        raise Unknown
    return _sum(reading, arguments[1:])


FUNCTIONS: Mapping[str, Callable[[_Reading, Arguments], Scalar]] = {
    "SUM": _sum,
    "AVERAGE": _average,
    "MIN": lambda reading, arguments: min(_numbers(reading, arguments), default=Fraction(0)),
    "MAX": lambda reading, arguments: max(_numbers(reading, arguments), default=Fraction(0)),
    "COUNT": lambda reading, arguments: Fraction(len(_numbers(reading, arguments))),
    "COUNTA": _count_filled,
    "ABS": lambda reading, arguments: abs(reading._number(_needed(arguments[0]))) if arguments else None,
    "IF": _if,
    "IFERROR": _if_error,
    "ROUND": _round,
    "SUBTOTAL": _subtotal,
}


def as_decimal(number: Fraction) -> Decimal:
    """A result for showing: thirty digits decide every format that a report has."""
    return Context(prec=40).divide(Decimal(number.numerator), Decimal(number.denominator))

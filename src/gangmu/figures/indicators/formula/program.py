"""What is evaluated: a formula as a list of steps, each on the results of earlier ones.

Equal steps are one step, whatever formula they come from: a formula that mentions another a thousand times costs one
evaluation of it, and a chain of formulas that would be astronomically long when written out stays small.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from django.utils.translation import gettext as _

from gangmu.figures.indicators.formula.errors import TooLarge
from gangmu.figures.indicators.formula.tree import Shift

MOST_STEPS = 10_000
LEAF_BITS = 128  # what numerator or denominator of an input may have, roughly
MOST_BITS = 1 << 18
MOST_SHIFTS = 24


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value that the asker provides: an indicator's, in its own unit, for the period that `shifts` lead to.

    Shifts are applied to the asked period from left to right: `prior(ytd(x))` is `x` with (PRIOR, YTD), the year to
    date of the period before. LAST leaves the period and takes each organisation's last reported value in it.
    """

    code: str
    shifts: tuple[Shift, ...] = ()


class Op(StrEnum):
    LEAF = "leaf"
    REFERENCE = "reference"  # only before linking: payload is a Leaf whose code may be a formula
    CONSTANT = "constant"
    SCALE = "scale"
    ADD = "add"
    TOTAL = "total"  # the sum of those that are there
    SUBTRACT = "subtract"
    MULTIPLY = "multiply"
    DIVIDE = "divide"
    NEGATE = "negate"
    ABSOLUTE = "absolute"
    MINIMUM = "minimum"
    MAXIMUM = "maximum"
    ROUND = "round"
    CHOOSE = "choose"
    LESS = "less"
    LESS_OR_EQUAL = "less_or_equal"
    EQUAL = "equal"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Step:
    """One operation on the results of the steps numbered `arguments`.

    `payload` is the Leaf of a LEAF, the exact factor of a SCALE, the value of a CONSTANT, the digits of a ROUND.
    """

    op: Op
    arguments: tuple[int, ...] = ()
    payload: Leaf | Fraction | int | None = None


@dataclass(frozen=True, slots=True)
class Program:
    """Steps in an order in which they can be evaluated; the last one is the result.

    `leaves` stand in the order in which the formula mentions them.
    """

    steps: tuple[Step, ...]
    leaves: tuple[Leaf, ...]


class StepList:
    """Steps under construction. Adding an equal step again gives the number of the first.

    Raises:
        TooLarge: more than 10,000 steps, or exact results that could need more than 2^18 bits.
    """

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._numbers: dict[Step, int] = {}
        self._bits: list[tuple[int, bool]] = []  # size of the exact result; whether it is a polynomial

    def add(self, op: Op, *arguments: int, payload: Leaf | Fraction | int | None = None) -> int:
        step = Step(op, arguments, payload)
        number = self._numbers.get(step)
        if number is None:
            if len(self.steps) >= MOST_STEPS:
                raise TooLarge(
                    _("written out, the formula has more than %(most)d steps. Take some of its parts out.")
                    % {"most": MOST_STEPS}
                )
            number = self._numbers[step] = len(self.steps)
            self.steps.append(step)
            self._bits.append(self._size(step))
        return number

    def scale(self, number: int, factor: Fraction) -> int:
        return number if factor == 1 else self.add(Op.SCALE, number, payload=factor)

    def _size(self, step: Step) -> tuple[int, bool]:
        """How many bits numerator or denominator of the result may need."""
        sizes = [self._bits[number] for number in step.arguments]
        bits = [size for size, _polynomial in sizes]
        polynomial = all(is_polynomial for _size, is_polynomial in sizes)
        match step.op:
            case Op.LEAF | Op.REFERENCE:
                size = LEAF_BITS
            case Op.CONSTANT | Op.SCALE:
                assert isinstance(step.payload, Fraction)
                size = sum(bits) + max(step.payload.numerator.bit_length(), step.payload.denominator.bit_length())
            case Op.MULTIPLY:
                size = sum(bits)
            case Op.DIVIDE:
                size, polynomial = sum(bits), polynomial and self._is_constant(step.arguments[1])
            case Op.ADD | Op.SUBTRACT | Op.TOTAL:
                size = max(bits) + 1 if polynomial else sum(bits)
            case Op.CHOOSE:
                size = max(bits[1:])
            case Op.LESS | Op.LESS_OR_EQUAL | Op.EQUAL | Op.DIFFERENT:
                size = 1
            case _:
                size = max(bits) + 64
        if size > MOST_BITS:
            raise TooLarge(
                _("the formula multiplies so often that exact results would become too long. Take some factors out.")
            )
        return size, polynomial

    def _is_constant(self, number: int) -> bool:
        return self.steps[number].op is Op.CONSTANT


def link(result: Leaf, template_of: Callable[[Leaf], Program | None]) -> Program:
    """The program of the formula `result`, with the result formulas that it mentions put in.

    `template_of` gives the steps of a result formula with REFERENCE steps, None for what stays a leaf; with other
    shifts they may be others. There must be no cycle.

    Raises:
        TooLarge: see `StepList`; or time functions within each other more than 24 deep.
    """
    steps = StepList()
    numbers: dict[Leaf, int] = {}
    templates: dict[Leaf, Program | None] = {}
    leaves = _leaves_in_order(result, lambda leaf: _remembered(templates, leaf, template_of))
    waiting = [result]
    while waiting:
        wanted = waiting[-1]
        template = _remembered(templates, wanted, template_of)
        if wanted in numbers:
            waiting.pop()
        elif template is None:
            numbers[wanted] = steps.add(Op.LEAF, payload=wanted)
        else:
            missing = [leaf for leaf in _mentions(template, wanted) if leaf not in numbers]
            if missing:
                waiting.extend(missing)
            else:
                numbers[wanted] = _copied(template, wanted, steps, numbers)
    return Program(tuple(steps.steps[: numbers[result] + 1]), leaves)


def _remembered(
    known: dict[Leaf, Program | None], leaf: Leaf, template_of: Callable[[Leaf], Program | None]
) -> Program | None:
    if leaf not in known:
        known[leaf] = template_of(leaf)
    return known[leaf]


def _mentions(template: Program, asked: Leaf) -> list[Leaf]:
    """What `template` needs when it is asked for with the shifts of `asked`."""
    found = [Leaf(leaf.code, asked.shifts + leaf.shifts) for leaf in template.leaves]
    if any(len(leaf.shifts) > MOST_SHIFTS for leaf in found):
        raise TooLarge(_("time functions are nested more than %(most)d deep.") % {"most": MOST_SHIFTS})
    return found


def _leaves_in_order(result: Leaf, template_of: Callable[[Leaf], Program | None]) -> tuple[Leaf, ...]:
    seen: set[Leaf] = set()
    leaves: list[Leaf] = []
    waiting = [result]
    while waiting:
        wanted = waiting.pop()
        if wanted in seen:
            continue
        seen.add(wanted)
        if len(seen) > MOST_STEPS:
            raise TooLarge(
                _("written out, the formula has more than %(most)d steps. Take some of its parts out.")
                % {"most": MOST_STEPS}
            )
        template = template_of(wanted)
        if template is None:
            leaves.append(wanted)
        else:
            waiting.extend(reversed(_mentions(template, wanted)))
    return tuple(leaves)


def _copied(template: Program, asked: Leaf, steps: StepList, numbers: dict[Leaf, int]) -> int:
    renumbered: list[int] = []
    for step in template.steps:
        if step.op is Op.REFERENCE:
            assert isinstance(step.payload, Leaf)
            number = numbers[Leaf(step.payload.code, asked.shifts + step.payload.shifts)]
        else:
            arguments = (renumbered[argument] for argument in step.arguments)
            number = steps.add(step.op, *arguments, payload=step.payload)
        renumbered.append(number)
    return renumbered[-1]

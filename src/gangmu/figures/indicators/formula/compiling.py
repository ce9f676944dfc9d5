"""From a tree to steps, checking the units on the way.

Every part of a formula has a unit: an indicator's own, 1 for a plain number, products and quotients of them. What is
added or compared is converted to the unit of what stands first; the result is converted to the indicator's unit. The
literal 0 fits every unit. Ratios of equal dimensions become plain numbers at once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

from gangmu.figures.indicators.formula.errors import FormulaError, Place, TooLarge, UnitMismatch
from gangmu.figures.indicators.formula.parser import rounding_digits
from gangmu.figures.indicators.formula.program import MOST_SHIFTS, MOST_STEPS, Leaf, Op, Program, StepList
from gangmu.figures.indicators.formula.tree import (
    TIME_FUNCTIONS,
    Call,
    Chain,
    Comparison,
    Negative,
    Node,
    Number,
    Reference,
    Shift,
    walk,
)
from gangmu.figures.indicators.units import NUMBER, Unit, UnknownUnit, parse_unit

# A step, and its unit; None is the literal 0, which fits every unit.
_Typed = tuple[int, Unit | None]

_COMPARED = {
    "<": (Op.LESS, False),
    "<=": (Op.LESS_OR_EQUAL, False),
    ">": (Op.LESS, True),
    ">=": (Op.LESS_OR_EQUAL, True),
    "=": (Op.EQUAL, False),
    "<>": (Op.DIFFERENT, False),
}
_PLAIN_FUNCTIONS = {"min": Op.MINIMUM, "max": Op.MAXIMUM}


@dataclass(frozen=True, slots=True)
class Compiled:
    """One formula by itself: its steps with REFERENCEs to what it mentions, and the unit that its arithmetic gives.

    `explanation` is the arithmetic of the units in words: `万kWh ÷ MW = 10 h`.
    """

    program: Program
    unit: Unit
    explanation: str


def compile_tree(
    tree: Node, target: Unit, code_of: Callable[[Reference], str], unit_of: Callable[[str], Unit]
) -> Compiled:
    """The steps that give the value of `tree` in the unit `target`.

    Raises:
        UnitMismatch: quantities that do not go together, or a result that is not convertible to `target`.
        UnknownName, AmbiguousName: from `code_of`.
        TooLarge: see `StepList`.
    """
    compiler = _Compiler(target, code_of, unit_of)
    step, unit = compiler.node(tree, ())
    unit = unit or target
    if not unit.converts_to(target):
        raise UnitMismatch(
            _("%(unit)s cannot be %(target)s, which is the unit of the indicator.")
            % {"unit": unit.text, "target": target.text},
            tree.place,
        )
    last = compiler.steps.scale(step, unit.in_terms_of(target))
    ratio = unit.in_terms_of(target)
    explanation = target.text if unit.text == target.text else f"{unit.text} = {_decimal(ratio)} {target.text}"
    return Compiled(Program(tuple(compiler.steps.steps[: last + 1]), tuple(compiler.mentioned)), unit, explanation)


def compile_quantity(
    tree: Node, code_of: Callable[[Reference], str], unit_of: Callable[[str], Unit]
) -> tuple[Program, Unit | None]:
    """The steps that give the value of `tree` in the unit that its arithmetic gives; no unit for the literal 0.

    Raises:
        as `compile_tree`, which also converts the result.
    """
    compiler = _Compiler(NUMBER, code_of, unit_of)
    step, unit = compiler.node(tree, ())
    return Program(tuple(compiler.steps.steps[: step + 1]), tuple(compiler.mentioned)), unit


def refuse_time_functions(tree: Node) -> None:
    """Formulas that are evaluated cell by cell know no other period.

    Raises:
        FormulaError: the tree has one of them.
    """
    for node in walk(tree):
        if isinstance(node, Call) and node.function in TIME_FUNCTIONS:
            raise FormulaError(
                _(
                    "%(function)s looks at another period, but this formula is evaluated for each cell by itself. "
                    "Leave out over_time and over_organisations, or put %(function)s into an indicator of its own."
                )
                % {"function": node.function},
                node.place,
            )


class _Compiler:
    def __init__(self, target: Unit, code_of: Callable[[Reference], str], unit_of: Callable[[str], Unit]) -> None:
        self.target, self.code_of, self.unit_of = target, code_of, unit_of
        self.steps = StepList()
        self.mentioned: dict[Leaf, None] = {}
        self.visited: dict[tuple[int, tuple[Shift, ...]], _Typed] = {}

    def node(self, node: Node, shifts: tuple[Shift, ...]) -> _Typed:
        key = (id(node), shifts)
        if key not in self.visited:
            if len(self.visited) > MOST_STEPS:
                raise TooLarge(
                    _("written out, the formula has more than %(most)d steps. Take some of its parts out.")
                    % {"most": MOST_STEPS},
                    node.place,
                )
            self.visited[key] = self._node(node, shifts)
        return self.visited[key]

    def _node(self, node: Node, shifts: tuple[Shift, ...]) -> _Typed:
        match node:
            case Number():
                return self.number(node)
            case Reference():
                code = self.code_of(node)
                leaf = Leaf(code, shifts)
                self.mentioned.setdefault(leaf)
                return self.steps.add(Op.REFERENCE, payload=leaf), self.unit_of(code)
            case Negative(operand=operand):
                step, unit = self.node(operand, shifts)
                self.refuse_offset(unit, node.place)
                return self.steps.add(Op.NEGATE, step), unit
            case Chain(rest=rest):
                return self.sum(node, shifts) if rest[0].operator in "+-" else self.product(node, shifts)
            case Comparison():
                return self.comparison(node, shifts)
            case Call():
                return self.call(node, shifts)

    def number(self, node: Number) -> _Typed:
        unit: Unit | None = NUMBER
        if node.unit:
            try:
                unit = parse_unit(node.unit)
            except UnknownUnit as error:
                raise UnitMismatch(str(error), node.place) from error
        elif node.value == 0:
            unit = None
        return self.steps.add(Op.CONSTANT, payload=node.value), unit

    def sum(self, chain: Chain, shifts: tuple[Shift, ...]) -> _Typed:
        step, unit = self.node(chain.first, shifts)
        for term in chain.rest:
            other = self.node(term.operand, shifts)
            for part in (unit, other[1]):
                self.refuse_offset(part, term.place)
            step, other_step, unit = self.alike(
                (step, unit), other, term.place, _("%(left)s and %(right)s cannot be added or subtracted.")
            )
            step = self.steps.add(Op.ADD if term.operator == "+" else Op.SUBTRACT, step, other_step)
        return step, unit

    def product(self, chain: Chain, shifts: tuple[Shift, ...]) -> _Typed:
        step, maybe_unit = self.node(chain.first, shifts)
        self.refuse_offset(maybe_unit, chain.place)
        unit = maybe_unit or NUMBER
        for term in chain.rest:
            other_step, other_unit = self.node(term.operand, shifts)
            self.refuse_offset(other_unit, term.place)
            if term.operator == "*":
                step, unit = self.steps.add(Op.MULTIPLY, step, other_step), unit.times(other_unit or NUMBER)
            else:
                step, unit = self.steps.add(Op.DIVIDE, step, other_step), unit.per(other_unit or NUMBER)
            if unit.is_composed and not unit.dimensions:
                step, unit = self.steps.scale(step, unit.factor), NUMBER
        return step, unit

    def comparison(self, node: Comparison, shifts: tuple[Shift, ...]) -> _Typed:
        left, right, _unit = self.alike(
            self.node(node.left, shifts),
            self.node(node.right, shifts),
            node.place,
            _("%(left)s and %(right)s cannot be compared."),
        )
        op, swapped = _COMPARED[node.operator]
        return self.steps.add(op, *((right, left) if swapped else (left, right))), NUMBER

    def call(self, node: Call, shifts: tuple[Shift, ...]) -> _Typed:
        match node.function:
            case "if":
                condition, _unit = self.node(node.arguments[0], shifts)
                yes, no, unit = self.alike(
                    self.node(node.arguments[1], shifts),
                    self.node(node.arguments[2], shifts),
                    node.place,
                    _("if gives %(left)s or %(right)s; both must be convertible to each other."),
                )
                return self.steps.add(Op.CHOOSE, condition, yes, no), unit
            case "min" | "max":
                step, unit = self.node(node.arguments[0], shifts)
                for argument in node.arguments[1:]:
                    step, other, unit = self.alike(
                        (step, unit),
                        self.node(argument, shifts),
                        argument.place,
                        _("%(left)s and %(right)s cannot be compared."),
                    )
                    step = self.steps.add(_PLAIN_FUNCTIONS[node.function], step, other)
                return step, unit
            case "total":
                step, unit = self.node(node.arguments[0], shifts)
                self.refuse_offset(unit, node.place)
                for argument in node.arguments[1:]:
                    other = self.node(argument, shifts)
                    self.refuse_offset(other[1], argument.place)
                    step, other_step, unit = self.alike(
                        (step, unit), other, argument.place, _("%(left)s and %(right)s cannot be added or subtracted.")
                    )
                    step = self.steps.add(Op.TOTAL, step, other_step)
                return step, unit
            case "abs":
                step, unit = self.node(node.arguments[0], shifts)
                self.refuse_offset(unit, node.place)
                return self.steps.add(Op.ABSOLUTE, step), unit
            case "round":
                step, unit = self.node(node.arguments[0], shifts)
                if unit and unit.is_composed and unit.converts_to(self.target):
                    step, unit = self.steps.scale(step, unit.in_terms_of(self.target)), self.target
                return self.steps.add(Op.ROUND, step, payload=rounding_digits(node.arguments[1])), unit
            case "yoy":
                return self.growth(node, shifts)
        return self.node(node.arguments[0], self.shifted(shifts, Shift(node.function), node.place))

    def growth(self, node: Call, shifts: tuple[Shift, ...]) -> _Typed:
        now, unit = self.node(node.arguments[0], shifts)
        before, _unit = self.node(node.arguments[0], self.shifted(shifts, Shift.YEAR_AGO, node.place))
        self.refuse_offset(unit, node.place)
        return self.steps.add(Op.DIVIDE, self.steps.add(Op.SUBTRACT, now, before), before), NUMBER

    def shifted(self, shifts: tuple[Shift, ...], shift: Shift, place: Place) -> tuple[Shift, ...]:
        if len(shifts) >= MOST_SHIFTS:
            raise TooLarge(_("time functions are nested more than %(most)d deep.") % {"most": MOST_SHIFTS}, place)
        return (*shifts, shift)

    def alike(self, left: _Typed, right: _Typed, place: Place, complaint: str) -> tuple[int, int, Unit | None]:
        """Both steps in one unit: that of the left one, unless it is the literal 0."""
        (left_step, left_unit), (right_step, right_unit) = left, right
        if left_unit is None or right_unit is None:
            return left_step, right_step, left_unit or right_unit
        if not left_unit.converts_to(right_unit):
            raise UnitMismatch(complaint % {"left": left_unit.text, "right": right_unit.text}, place)
        return left_step, self.steps.scale(right_step, right_unit.in_terms_of(left_unit)), left_unit

    def refuse_offset(self, unit: Unit | None, place: Place) -> None:
        if unit is not None and unit.is_offset:
            raise UnitMismatch(_("%(unit)s can be compared, but not calculated with.") % {"unit": unit.text}, place)


def _decimal(value: Fraction) -> str:
    """A factor for a reader: a plain decimal where it ends, else a fraction."""
    for digits in range(16):
        scaled = value * 10**digits
        if scaled.denominator == 1:
            text = f"{scaled.numerator:0{digits + 1}d}"
            return f"{text[:-digits]}.{text[-digits:]}" if digits else text
    return f"{value.numerator}/{value.denominator}"

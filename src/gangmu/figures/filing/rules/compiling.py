"""From the rules of a form to a `RuleSet`: names, units and levels are settled when the form is loaded."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import get_args

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from gangmu.figures.filing.definitions import (
    SELF,
    FormDefinition,
    Missing,
    Operator,
    RuleDefinition,
    Statistics,
    Strength,
)
from gangmu.figures.filing.rules.compiled import Measured, Rule, Side
from gangmu.figures.filing.rules.levels import Levels
from gangmu.figures.filing.rules.ruleset import RuleSet
from gangmu.figures.indicators.catalogue import Catalogue
from gangmu.figures.indicators.definitions import CAPACITIES, OverOrganisations
from gangmu.figures.indicators.formula.compiling import compile_quantity
from gangmu.figures.indicators.formula.errors import START, FormulaError, Place
from gangmu.figures.indicators.formula.parser import parse
from gangmu.figures.indicators.formula.program import Leaf, Op, Program, Step, link
from gangmu.figures.indicators.formula.tree import (
    TIME_FUNCTIONS,
    Call,
    Node,
    Number,
    Reference,
    Shift,
    references,
    walk,
)
from gangmu.figures.indicators.units import NUMBER, Unit, UnknownUnit, parse_unit
from gangmu.foundation.parties import kinds

CODE = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,63}")
KNOWN_SHIFTS = ((), (Shift.PRIOR,), (Shift.YEAR_AGO,))
LARGEST_WINDOW = 3660
LOWEST = 1_000_000  # rank of a level that nobody knows


class RuleFault(ValueError):
    """What is wrong with one rule. `place` is where, such as `rules.balance.left, line 1, column 5`."""

    def __init__(self, place: str, message: str) -> None:
        super().__init__(place, message)
        self.place, self.message = place, message

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class RulesInvalid(ValueError):
    """Rules that cannot be compiled; `faults` has all that is wrong with them."""

    def __init__(self, faults: list[RuleFault]) -> None:
        super().__init__(faults)
        self.faults = faults

    def __str__(self) -> str:
        return "\n".join(map(str, self.faults))


def compile_rules(definition: FormDefinition, catalogue: Catalogue) -> RuleSet:
    """The rules of a form, ready to check.

    Raises:
        RulesInvalid: an indicator that the form does not have, units that do not go together, and the like; every
            fault with its place.
    """
    rules, faults = compile_what_holds(definition, catalogue)
    if faults:
        raise RulesInvalid(faults)
    return rules


def compile_what_holds(definition: FormDefinition, catalogue: Catalogue) -> tuple[RuleSet, list[RuleFault]]:
    """The rules that make sense, and what is wrong with the others.

    For a form that is in force: an indicator that was renamed since may leave a rule without its name, and nobody could
    file while all the others are thrown away with it.
    """
    compiler = _Compiler(definition, catalogue)
    rules = [compiler.rule(rule) for rule in definition.rules]
    history = [compiler.measured(code, "history", definition.history) for code in definition.history.indicators]
    beside = [compiler.measured(code, "neighbours", definition.neighbours) for code in definition.neighbours.indicators]
    return (
        RuleSet(
            definition,
            compiler.levels,
            tuple(rule for rule in rules if rule),
            tuple(one for one in history if one),
            tuple(one for one in beside if one),
        ),
        compiler.faults,
    )


class _Compiler:
    def __init__(self, definition: FormDefinition, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.faults: list[RuleFault] = []
        self.seen: set[str] = set()
        ranks: dict[str, int] = {SELF: -1}
        for section in definition.sections:
            if section.level not in ranks:
                ranks[section.level] = LOWEST
                with self.at(f"sections.{section.code}.level"):
                    ranks[section.level] = kinds.kind(section.level).rank
        self.levels = Levels(
            catalogue,
            ranks,
            {item.indicator: section.level for section in definition.sections for item in section.items},
        )

    @contextmanager
    def at(self, place: str) -> Iterator[None]:
        """Take note of what is wrong there, and go on with the rest."""
        try:
            yield
        except FormulaError as error:
            self.faults.append(RuleFault(f"{place}, {_line(error.place)}", error.message))
        except ValidationError as error:
            self.faults.append(RuleFault(place, " ".join(error.messages)))
        except (UnknownUnit, RuleFault) as error:
            self.faults.append(error if isinstance(error, RuleFault) else RuleFault(place, str(error)))

    def fault(self, place: str, message: str) -> None:
        self.faults.append(RuleFault(place, message))

    # Rules ------------------------------------------------------------------------------------------------------------

    def rule(self, rule: RuleDefinition) -> Rule | None:
        place = f"rules.{rule.code}"
        before = len(self.faults)
        self.words(rule, place)
        trees: dict[str, Node] = {}
        for name, text in (("left", rule.left), ("right", rule.right)):
            with self.at(f"{place}.{name}"):
                trees[name] = tree = parse(text)
                self.refuse_strangers(tree)
        share, amount = self.tolerance(rule, place)
        if len(self.faults) > before:
            return None
        stored = [code for tree in trees.values() for code in self.stored_in(tree)]
        if not stored:
            self.fault(place, _("neither side speaks of an item of the form."))
            return None
        level, base = self.levels.highest(stored), self.levels.lowest(stored)
        sides: dict[str, tuple[Program, Unit | None]] = {}
        for name, tree in trees.items():
            with self.at(f"{place}.{name}"):
                sides[name] = self.quantity(tree, level)
        if len(sides) < 2:
            return None
        unit = _unit_of_both(sides["left"][1], sides["right"][1])
        left = self.side(sides["left"], unit, rule.missing_left, f"{place}.left")
        right = self.side(sides["right"], unit, rule.missing_right, f"{place}.right")
        if left is None or right is None:
            return None
        with self.at(f"{place}.tolerance.amount"):
            amount = amount[0] * self.amount_factor(amount[1], sides["right"][1], unit), ""
        if len(self.faults) > before:
            return None
        items, digits = tuple(dict.fromkeys(stored)), self.digits(unit, stored)
        return Rule(rule, level, base, left, right, amount[0], share, items, unit.text, digits)

    def words(self, rule: RuleDefinition, place: str) -> None:
        """What a rule says besides its formulas."""
        if not CODE.fullmatch(rule.code):
            self.fault(place, _("a code has letters, digits, _ and . only, and at most 64 of them."))
        if rule.code in self.seen:
            self.fault(place, _("there are two rules of this code; each needs one of its own."))
        self.seen.add(rule.code)
        for name, value, known in (
            ("strength", rule.strength, get_args(Strength)),
            ("operator", rule.operator, get_args(Operator)),
            ("missing.left", rule.missing_left, get_args(Missing)),
            ("missing.right", rule.missing_right, get_args(Missing)),
        ):
            if value not in known:
                self.fault(
                    f"{place}.{name}",
                    _("“%(value)s” is not known; write one of %(known)s.")
                    % {"value": value, "known": ", ".join(known)},
                )
        if any(month not in range(1, 13) for month in rule.months):
            self.fault(f"{place}.months", _("months are numbers from 1 to 12."))

    def tolerance(self, rule: RuleDefinition, place: str) -> tuple[Fraction, tuple[Fraction, str]]:
        """Share of the right side, and amount with its unit ("": that of the right side)."""
        share, amount, unit = Fraction(0), Fraction(0), ""
        with self.at(f"{place}.tolerance.percent"):
            share = _plain(rule.tolerance_percent) / 100
        with self.at(f"{place}.tolerance.amount"):
            tree = parse(rule.tolerance)
            if not isinstance(tree, Number):
                raise FormulaError(_("a tolerance is a number, with its unit in brackets if need be: 0.5[MWh]."))
            amount, unit = tree.value, tree.unit
        return share, (amount, unit)

    def amount_factor(self, written: str, right: Unit | None, unit: Unit) -> Fraction:
        """How many `unit` one of the tolerance's amount is."""
        given = parse_unit(written) if written else right or unit
        if not given.converts_to(unit):
            raise FormulaError(
                _("%(left)s and %(right)s cannot be compared.") % {"left": given.text, "right": unit.text}
            )
        return given.in_terms_of(unit)

    def side(self, quantity: tuple[Program, Unit | None], unit: Unit, missing: Missing, place: str) -> Side | None:
        program, own = quantity
        if own is not None and not own.converts_to(unit):
            self.fault(place, _("%(left)s and %(right)s cannot be compared.") % {"left": own.text, "right": unit.text})
            return None
        factor = own.in_terms_of(unit) if own else Fraction(1)
        if factor != 1:
            last = Step(Op.SCALE, (len(program.steps) - 1,), factor)
            program = Program((*program.steps, last), program.leaves)
        return Side(program, missing)

    def digits(self, unit: Unit, stored: list[str]) -> int:
        """With how many decimals numbers of the rule are shown."""
        same = [self.catalogue[code].scale for code in stored if self.catalogue[code].unit == unit.text]
        return max(same, default=2)

    # Formulas ---------------------------------------------------------------------------------------------------------

    def quantity(self, tree: Node, level: str) -> tuple[Program, Unit | None]:
        """One side, down to items of the form, capacities, and cell formulas that are made below `level`."""
        whole, unit = compile_quantity(tree, self.catalogue.resolve, self.catalogue.unit)
        program = link(Leaf(""), lambda one: whole if one.code == "" else self.levels.template(one.code, level))
        for leaf in program.leaves:
            if leaf.shifts not in KNOWN_SHIFTS:
                raise FormulaError(
                    _("a rule looks at the period before (prior) or at last year (year_ago), at no other period."),
                    _first_shift(tree),
                )
            if leaf.shifts and leaf.code in CAPACITIES:
                raise FormulaError(_("the capacity of another period is not known here."), _first_shift(tree))
            self.check_added_up(leaf.code, level, tree.place)
        return program, unit

    def check_added_up(self, code: str, level: str, place: Place) -> None:
        """What is added up from below has to have what it is made of and weighted with."""
        if code in CAPACITIES or self.levels.meets(code) == level:
            return
        self.levels.program(code)
        weight = self.catalogue[code].weight
        if weight and self.levels.meets(code) != self.weight_level(weight, code, place):
            raise FormulaError(
                _("%(code)s is weighted with %(other)s, which is filed at another level.")
                % {"code": code, "other": weight},
                place,
            )

    def weight_level(self, weight: str, code: str, place: Place) -> str:
        for stored in self.levels.stored_below(weight):
            self.refuse_strange(stored, code, place)
        return self.levels.meets(weight)

    def stored_in(self, tree: Node) -> list[str]:
        """The items that a side needs, through formulas, each once in order."""
        codes = [self.catalogue.resolve(reference) for reference in references(tree)]
        return list(dict.fromkeys(stored for code in codes for stored in self.levels.stored_below(code)))

    def refuse_strangers(self, tree: Node) -> None:
        for reference in references(tree):
            code = self.catalogue.resolve(reference)
            if code not in CAPACITIES and self.catalogue[code].formula:
                self.catalogue.program(code)  # a formula that goes round in a circle says so
            for stored in self.levels.stored_below(code):
                self.refuse_strange(stored, code, reference.place)

    def refuse_strange(self, stored: str, code: str, place: Place) -> None:
        if stored not in self.levels.of_item:
            message = (
                _("%(code)s is no item of this form.")
                if stored == code
                else _("%(code)s needs %(other)s, which is no item of this form.")
            )
            raise FormulaError(message % {"code": code, "other": stored}, place)

    # Statistics -------------------------------------------------------------------------------------------------------

    def measured(self, code: str, name: str, statistics: Statistics) -> Measured | None:
        """An indicator that is compared with its own past or with neighbours."""
        place = f"{name}.{code}"
        with self.at(place):
            threshold = _plain(statistics.z)
            if threshold <= 0 or statistics.at_least < 3 or not 1 <= statistics.days <= LARGEST_WINDOW:
                raise RuleFault(
                    name,
                    _("z is above 0, at_least at least 3, and days between 1 and %(most)d.") % {"most": LARGEST_WINDOW},
                )
            self.catalogue.resolve(Reference(code, False, START))
            stored = self.levels.stored_below(code)
            for one in stored:
                self.refuse_strange(one, code, START)
            if not stored or len({self.levels.of_item[one] for one in stored}) != 1:
                raise RuleFault(place, _("its figures are filed at different levels; compare each of them alone."))
            definition = self.catalogue[code]
            program = self.levels.program(code)
            if any(leaf.shifts for leaf in program.leaves):
                raise RuleFault(place, _("it looks at other periods itself; compare what it is made of."))
            additive = definition.over_organisations is OverOrganisations.SUM
            return Measured(code, self.levels.meets(code), program, stored, additive, float(threshold))
        return None


def _unit_of_both(left: Unit | None, right: Unit | None) -> Unit:
    """In which unit the sides are compared and shown: the first that somebody wrote, ratios and products last."""
    units = [unit for unit in (left, right) if unit is not None]
    wishes: tuple[Callable[[Unit], bool], ...] = (
        lambda unit: not unit.is_composed and unit != NUMBER,
        lambda unit: not unit.is_composed,
        lambda unit: True,
    )
    return next((unit for wish in wishes for unit in units if wish(unit)), NUMBER)


def _plain(text: str) -> Fraction:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or value < 0 or value.adjusted() > 30:
        raise FormulaError(_("“%(text)s” is not a number such as 1234.5") % {"text": text[:40]})
    return Fraction(value)


def _first_shift(tree: Node) -> Place:
    calls = (node for node in walk(tree) if isinstance(node, Call) and node.function in TIME_FUNCTIONS)
    return next((call.place for call in calls), tree.place)


def _line(place: Place) -> str:
    return _("line %(line)d, column %(column)d") % {"line": place.line, "column": place.column}

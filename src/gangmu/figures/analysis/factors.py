"""Factor analysis 因素分析: how much of a change each factor of a result made.

The result is a formula of factors (`utilisation * capacity * price`). **Chain substitution** 连环替代 replaces the
factors one after the other, in a declared order, by their new values: the effect of a factor is what its replacement
changes. **Shapley values** are the mean of that over all orders, so no order has to be chosen. Both add up exactly to
the change of the result: chain substitution telescopes, and so does every one of the orders.

Source: 连环替代法 as in the CPA textbook 财务成本管理, chapter on 财务报表分析 (from general knowledge); L. S. Shapley,
"A value for n-person games" (1953); for its use on changes of ratios A. Shorrocks, "Decomposition procedures for
distributional analysis", J. Economic Inequality 11 (2013).
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from math import factorial

import numpy as np
from django.utils.translation import gettext as _

from gangmu.figures.analysis.errors import AnalysisError, BadModel, DividesByZero, MissingFactor, TooManyFactors
from gangmu.figures.analysis.rounding import apportioned, half_up, shown, shown_difference
from gangmu.figures.indicators.exact import rational
from gangmu.figures.indicators.exact.cells import Cells, Exact
from gangmu.figures.indicators.exact.evaluating import evaluate
from gangmu.figures.indicators.formula.compiling import compile_tree, refuse_time_functions
from gangmu.figures.indicators.formula.errors import UnknownName
from gangmu.figures.indicators.formula.parser import parse
from gangmu.figures.indicators.formula.program import Leaf, Op, Program, Step, link
from gangmu.figures.indicators.formula.tree import Reference
from gangmu.figures.indicators.units import parse_unit

MOST_SHAPLEY = 8  # 256 evaluations of the formula for every organisation
MOST_CHAIN = 100


class Method(StrEnum):
    """How the change is taken apart."""

    CHAIN = "chain"  # 连环替代
    SHAPLEY = "shapley"


@dataclass(frozen=True)
class FactorModel:
    """A result as steps, and its factors in the order in which they are replaced. Make one with the functions below."""

    program: Program
    factors: tuple[str, ...]


@dataclass(frozen=True)
class ShownAttribution:
    """An attribution at the decimals of its result: `effects` add up to `change`, which is `actual` − `base`."""

    base: Decimal
    actual: Decimal
    change: Decimal
    effects: Mapping[str, Decimal]


@dataclass(frozen=True)
class Attribution:
    """What each factor did to one organisation's result. All in the result's unit, exact.

    `effects` stand in the declared order and add up to `actual` − `base`.
    """

    base: Fraction
    actual: Fraction
    effects: Mapping[str, Fraction]

    @property
    def change(self) -> Fraction:
        return self.actual - self.base

    def shares(self) -> Mapping[str, Fraction] | None:
        """Each effect as a share of the change 贡献率, adding up to 1; None where nothing changed altogether."""
        if not self.change:
            return None
        return {factor: effect / self.change for factor, effect in self.effects.items()}

    def at(self, digits: int) -> ShownAttribution:
        """Rounded to `digits` decimals; the residue goes by the rule of `rounding`."""
        change = shown_difference(self.actual, self.base, digits)
        effects = apportioned(list(self.effects.values()), change, digits)
        return ShownAttribution(
            shown(half_up(self.base, digits), digits),
            shown(half_up(self.actual, digits), digits),
            shown(change, digits),
            {factor: shown(effect, digits) for factor, effect in zip(self.effects, effects, strict=True)},
        )


def factor_model(formula: str, unit: str, factors: Mapping[str, str]) -> FactorModel:
    """The model of a formula over factors.

    Args:
        unit: of the result; the formula's arithmetic is converted to it.
        factors: code → unit, in the order of substitution; exactly those that the formula mentions.

    Raises:
        FormulaError: the formula cannot be read, its units do not fit, or it looks at other periods.
        UnknownUnit: a unit is none.
        BadModel: a declared factor is not in the formula, or fewer than two are.
    """
    tree = parse(formula)
    refuse_time_functions(tree)
    units = {code: parse_unit(of) for code, of in factors.items()}

    def code_of(reference: Reference) -> str:
        if reference.is_name or reference.text not in units:
            raise UnknownName(reference.text, reference.place, is_name=reference.is_name, codes=units, names=())
        return reference.text

    compiled = compile_tree(tree, parse_unit(unit), code_of, units.__getitem__)
    own = Leaf(_unused(factors))
    return model_of(link(own, lambda leaf: compiled.program if leaf == own else None), list(factors))


def _unused(taken: Container[str]) -> str:
    """A name for the result that no factor has."""
    name = "result"
    while name in taken:
        name += "_"
    return name


def model_of(program: Program, order: Sequence[str]) -> FactorModel:
    """The model of a program that is linked already (an indicator's own formula), its factors replaced in `order`.

    Raises:
        BadModel: `order` is not exactly what the program needs, a factor belongs to another period, or there are
            fewer than two factors or more than 100.
    """
    shifted = [leaf.code for leaf in program.leaves if leaf.shifts]
    if shifted:
        raise BadModel(
            _("%(factor)s is asked for in another period. Take the time function into an indicator of its own.")
            % {"factor": shifted[0]}
        )
    needed = [leaf.code for leaf in program.leaves]
    if len(set(order)) != len(order):
        twice = next(code for code in order if list(order).count(code) > 1)
        raise BadModel(_("%(factor)s stands twice in the order of factors.") % {"factor": twice})
    if absent := [code for code in needed if code not in order]:
        raise BadModel(_("The order of factors leaves out %(factors)s.") % {"factors": ", ".join(absent)})
    if foreign := [code for code in order if code not in needed]:
        raise BadModel(_("The formula has no factor %(factors)s.") % {"factors": ", ".join(foreign)})
    if not 2 <= len(order) <= MOST_CHAIN:
        raise BadModel(
            _("%(count)d factors; an analysis needs 2 to %(most)d.") % {"count": len(order), "most": MOST_CHAIN}
        )
    return FactorModel(program, tuple(order))


def attribute(
    model: FactorModel, base: Mapping[str, Cells], actual: Mapping[str, Cells], method: Method = Method.CHAIN
) -> list[Attribution | AnalysisError]:
    """What each factor did, for many organisations at once.

    Args:
        base, actual: for each factor a column with one number for each organisation, in the factor's unit.

    Returns:
        For each organisation its attribution, or why there is none: `MissingFactor`, `DividesByZero`.

    Raises:
        TooManyFactors: Shapley values of more than 8 factors.
        MissingInput: a factor has no column at all.
        ValueError: the columns differ in length.
    """
    if method is Method.SHAPLEY and len(model.factors) > MOST_SHAPLEY:
        raise TooManyFactors(len(model.factors), MOST_SHAPLEY)
    runs = _Runs(model, base, actual)
    results, effects = (_chain if method is Method.CHAIN else _shapley)(runs)
    bases, actuals = results[0].fractions(), results[-1].fractions()
    columns = [effect.fractions() for effect in effects]
    found: list[Attribution | AnalysisError] = []
    for row in range(runs.rows):
        refusal = runs.refusal(row)
        if refusal:
            found.append(refusal)
            continue
        start, end = bases[row], actuals[row]
        parts = {code: column[row] for code, column in zip(model.factors, columns, strict=True)}
        assert start is not None and end is not None
        found.append(Attribution(start, end, {code: part for code, part in parts.items() if part is not None}))
    return found


def attribute_one(
    model: FactorModel,
    base: Mapping[str, Fraction | None],
    actual: Mapping[str, Fraction | None],
    method: Method = Method.CHAIN,
) -> Attribution:
    """What each factor did to one result.

    Raises:
        MissingFactor, DividesByZero, TooManyFactors.
    """
    columns = [{code: Exact.of_fractions([side.get(code)]) for code in model.factors} for side in (base, actual)]
    (found,) = attribute(model, *columns, method=method)
    if isinstance(found, AnalysisError):
        raise found
    return found


class _Runs:
    """Evaluations of the formula with some factors replaced, each remembered; a bit set of `replaced` for each."""

    def __init__(self, model: FactorModel, base: Mapping[str, Cells], actual: Mapping[str, Cells]) -> None:
        self.model = model
        self.sides = [
            {Leaf(code): side[code].exact() for code in model.factors if code in side} for side in (base, actual)
        ]
        sizes = {evaluate(model.program, side).size for side in self.sides}
        if len(sizes) != 1:
            raise ValueError(f"columns of different lengths: {sorted(sizes)}")
        (self.rows,) = sizes
        self.results: dict[int, Exact] = {}

    def result(self, replaced: int) -> Exact:
        """With the factors whose bits are set in `replaced` at their new values."""
        if replaced not in self.results:
            self.results[replaced] = evaluate(self.model.program, self._inputs(replaced), self.rows).exact()
        return self.results[replaced]

    def _inputs(self, replaced: int) -> dict[Leaf, Exact]:
        return {
            Leaf(code): self.sides[replaced >> number & 1][Leaf(code)] for number, code in enumerate(self.model.factors)
        }

    def refusal(self, row: int) -> AnalysisError | None:
        missing = [[code for code in self.model.factors if not side[Leaf(code)].present[row]] for side in self.sides]
        if any(missing):
            return MissingFactor(*missing)
        for replaced, result in sorted(self.results.items(), key=lambda item: (item[0].bit_count(), item[0])):
            if not result.present[row]:
                names = [code for number, code in enumerate(self.model.factors) if replaced >> number & 1]
                return DividesByZero(len(names), names, self._divisor(replaced, row))
        return None

    def _divisor(self, replaced: int, row: int) -> list[str]:
        """The factors in the divisor that is zero: from the result down to the first part that has no value."""
        index = np.array([row], dtype=np.intp)
        given = {leaf: cells.exact(index) for leaf, cells in self._inputs(replaced).items()}
        steps = self.model.program.steps

        def value(number: int) -> Exact:
            return evaluate(part_of(self.model.program, number), given, 1).exact()

        number = len(steps) - 1
        while True:
            step = steps[number]
            needed = step.arguments
            if step.op is Op.CHOOSE and (condition := value(needed[0])).present[0]:
                needed = (needed[1] if condition.numerator[0] else needed[2],)
            absent = [argument for argument in needed if not value(argument).present[0]]
            if not absent:
                codes = {leaf.code for leaf in part_of(self.model.program, step.arguments[-1]).leaves}
                return [code for code in self.model.factors if code in codes]
            number = absent[0]


def part_of(program: Program, last: int) -> Program:
    """The program that ends with one step of another."""
    wanted = {last}
    for number in range(last, -1, -1):
        if number in wanted:
            wanted.update(program.steps[number].arguments)
    numbers = {number: place for place, number in enumerate(sorted(wanted))}
    steps = tuple(
        Step(step.op, tuple(numbers[argument] for argument in step.arguments), step.payload)
        for number, step in enumerate(program.steps)
        if number in wanted
    )
    leaves = {step.payload for step in steps if step.op is Op.LEAF}
    return Program(steps, tuple(leaf for leaf in program.leaves if leaf in leaves))


def _chain(runs: _Runs) -> tuple[list[Exact], list[Exact]]:
    """The results of all steps, and the difference that each step makes."""
    results = [runs.result((1 << step) - 1) for step in range(len(runs.model.factors) + 1)]
    return results, [rational.subtract(after, before) for before, after in pairwise(results)]


def _shapley(runs: _Runs) -> tuple[list[Exact], list[Exact]]:
    """Each combination's result counts for a factor in it, and against one that is not, by the orders that meet it.

    With w(s) the part of all orders that replace just a given combination of s factors before a given other one, the
    effect of a factor is Σ w(s − 1) × result over the combinations with it, less Σ w(s) × result over those without.
    The second sum is that over all combinations less that over those with it, so what is left out is added up once.
    """
    count = len(runs.model.factors)
    before = [Fraction(factorial(size) * factorial(count - size - 1), factorial(count)) for size in range(count)]
    weights = [*before, Fraction(0)]
    results = [runs.result(replaced) for replaced in range(1 << count)]
    everywhere = _total(
        [rational.scale(result, weights[replaced.bit_count()]) for replaced, result in enumerate(results)]
    )
    inside = [
        rational.scale(result, weights[size - 1] + weights[size]) if (size := replaced.bit_count()) else None
        for replaced, result in enumerate(results)
    ]
    effects = []
    for number in range(count):
        own = [column for replaced, column in enumerate(inside) if column is not None and replaced >> number & 1]
        effects.append(rational.subtract(_total(own), everywhere))
    return [results[0], results[-1]], effects


def _total(columns: list[Exact]) -> Exact:
    """Pairs are added, then pairs of pairs: denominators stay short for as long as possible."""
    while len(columns) > 1:
        paired = [rational.add(*pair) for pair in zip(columns[::2], columns[1::2], strict=False)]
        columns = paired + columns[len(paired) * 2 :]
    return columns[0]

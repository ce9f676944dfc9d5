"""Factor analysis 因素分析 of an indicator by its formula, for a figure and for each of its parts.

Of a formula on totals the factors are the totals of its inputs. A formula by cell (a product of every plant and day)
is taken at the totals of its inputs too; what the cells' products differ from the product of totals is a factor of its
own, the *mix* 结构: where and when the quantities fell. So the effects add up to the figures that the product shows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from gangmu.figures.analysis.errors import AnalysisError
from gangmu.figures.analysis.factors import Attribution, FactorModel, Method, attribute, model_of
from gangmu.figures.analysis.rounding import apportioned, half_up, shown, shown_difference
from gangmu.figures.cube.exactly import Figures, Input
from gangmu.figures.indicators.exact.cells import Exact
from gangmu.figures.studies.errors import StudyError

MIX = "mix"
MOST_RUNS = 32_000  # evaluations of a formula, one for each part and combination of factors: some seconds
MIX_NAME = gettext_lazy("Mix of organisations and days")


@dataclass(frozen=True)
class Factor:
    """A factor with what it was, what it became and what that did, in the result's unit."""

    code: str
    name: str
    unit: str
    base: Decimal | None
    actual: Decimal | None
    effect: Decimal
    share: Decimal | None  # of the change, in percent

    def as_json(self) -> dict[str, object]:
        numbers = {name: _text(getattr(self, name)) for name in ("base", "actual", "effect", "share")}
        return {"factor": self.code, "name": self.name, "unit": self.unit, **numbers}


@dataclass(frozen=True)
class PartEffects:
    """What the factors did to one part's figure; or why that cannot be said."""

    label: str | None
    base: Decimal | None
    actual: Decimal | None
    change: Decimal | None
    effects: tuple[Decimal, ...]
    problem: str = ""


@dataclass(frozen=True)
class FactorTable:
    """`factors` add up to `change` = `actual` − `base`, as shown."""

    method: str
    order: tuple[str, ...]
    base: Decimal
    actual: Decimal
    change: Decimal
    factors: tuple[Factor, ...]
    parts: tuple[PartEffects, ...]
    columns: tuple[str, ...]  # names of the parts' effects
    parts_problem: str = ""


def factor_table(total: Figures, parts: Figures | None, order: Sequence[str], method: str) -> FactorTable:
    """The factors of a figure in two periods (base, actual), and of each of its parts.

    Raises:
        StudyError: the indicator is filed or has one factor, or one of its figures is missing.
        AnalysisError: the order is wrong, a factor is missing, the formula divides by zero on the way, or there are
            too many factors.
    """
    model = _model(total, order)
    (found,) = _attributed(total, model, method)
    if isinstance(found, AnalysisError):
        raise found
    digits = total.measure.precision
    base, actual, effects = found
    change = shown_difference(actual, base, digits)
    rounded = [shown(number, digits) for number in apportioned(list(effects.values()), change, digits)]
    named = {item.leaf.code: item for item in total.inputs.values()}
    factors = tuple(
        _factor(code, named.get(code), effect, rounded[place], actual - base)
        for place, (code, effect) in enumerate(effects.items())
    )
    lines: tuple[PartEffects, ...] = ()
    columns: tuple[str, ...] = ()
    problem = ""
    if parts is not None and len(parts.labels):
        try:
            lines, columns = _parts(parts, model, method)
        except StudyError as error:
            problem = str(error)
    whole = [shown(half_up(side, digits), digits) for side in (base, actual)]
    return FactorTable(
        method,
        model.factors,
        whole[0],
        whole[1],
        shown(change, digits),
        factors,
        lines,
        tuple(_name(code, named.get(code)) for code in columns),
        problem,
    )


def _model(total: Figures, order: Sequence[str]) -> FactorModel:
    program = total.measure.program
    if program is None:
        raise StudyError(_("This indicator is filed, not computed: it has no factors. See who contributed below."))
    if total.formula_changed:
        raise StudyError(_("The formula changed between the two periods. Choose periods of one version of it."))
    codes = [leaf.code for leaf in program.leaves]
    if len(codes) < 2:
        raise StudyError(
            _("The formula of this indicator has one factor alone: there is nothing to divide its change into.")
        )
    return model_of(program, order or codes)


Found = tuple[Fraction, Fraction, dict[str, Fraction]]


def _attributed(figures: Figures, model: FactorModel, method: str) -> "list[Found | AnalysisError]":
    """Base, actual and exact effects of each group, the mix of a formula by cell among them."""
    sides = [{leaf.code: one.sides[side] for leaf, one in figures.inputs.items()} for side in (0, 1)]
    found = attribute(model, sides[0], sides[1], Method(method))
    own = [side.fractions() for side in figures.sides]
    return [
        one if isinstance(one, AnalysisError) else _with_mix(one, own[0][row], own[1][row])
        for row, one in enumerate(found)
    ]


def _with_mix(one: Attribution, base: Fraction | None, actual: Fraction | None) -> "Found | AnalysisError":
    if base is None or actual is None:
        return AnalysisError(_("The figure is missing in one of the two periods."))
    effects = dict(one.effects)
    before, after = base - one.base, actual - one.actual
    if before or after:
        effects[MIX] = after - before
    return base, actual, effects


def _factor(code: str, item: Input | None, exact: Fraction, effect: Decimal, change: Fraction) -> Factor:
    share = shown(half_up(exact / change * 100, 1), 1) if change else None
    if item is None:
        return Factor(code, str(MIX_NAME), "", None, None, effect, share)
    base, actual = (_rounded(side, item.precision) for side in item.sides)
    return Factor(code, _name(code, item), item.unit, base, actual, effect, share)


def _name(code: str, item: Input | None) -> str:
    if item is None:
        return str(MIX_NAME) if code == MIX else code
    return item.name_zh if (get_language() or "zh-hans").startswith("zh") else item.name_en


def _rounded(column: Exact, digits: int) -> Decimal | None:
    number = column.fraction(0)
    return None if number is None else shown(half_up(number, digits), digits)


def _parts(parts: Figures, model: FactorModel, method: str) -> tuple[tuple[PartEffects, ...], tuple[str, ...]]:
    runs = len(parts.labels) * 2 ** len(model.factors)
    if method == Method.SHAPLEY and runs > MOST_RUNS:
        raise StudyError(
            _(
                "Shapley values of %(factors)d factors for %(count)d parts would take %(runs)d evaluations; %(most)d "
                "are possible. Choose chain substitution, or a smaller organisation."
            )
            % {"factors": len(model.factors), "count": len(parts.labels), "runs": runs, "most": MOST_RUNS}
        )
    digits = parts.measure.precision
    found = _attributed(parts, model, method)
    mixed = any(not isinstance(one, AnalysisError) and MIX in one[2] for one in found)
    columns = (*model.factors, MIX) if mixed else model.factors
    lines = tuple(_part_effects(label, one, columns, digits) for label, one in zip(parts.labels, found, strict=True))
    return lines, columns


def _part_effects(
    label: str | None, found: "Found | AnalysisError", columns: Sequence[str], digits: int
) -> PartEffects:
    if isinstance(found, AnalysisError):
        return PartEffects(label, None, None, None, (), str(found))
    base, actual, effects = found
    exact = [effects.get(code, Fraction(0)) for code in columns]
    change = shown_difference(actual, base, digits)
    told = tuple(shown(number, digits) for number in apportioned(exact, change, digits))
    whole = [shown(half_up(side, digits), digits) for side in (base, actual)]
    return PartEffects(label, whole[0], whole[1], shown(change, digits), told)


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"

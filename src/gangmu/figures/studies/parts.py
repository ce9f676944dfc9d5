"""Who did it: contributions 贡献, ranks 排名 and peers of the parts of a figure, by organisation or by attribute."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from gangmu.figures.analysis.contributions import Part, Ratio, RatioPart, of_ratio, of_sum
from gangmu.figures.analysis.errors import AnalysisError
from gangmu.figures.analysis.factors import part_of
from gangmu.figures.analysis.outliers import Judged, across_peers
from gangmu.figures.analysis.ranking import Better, Entry, Ranked, moves, ranking
from gangmu.figures.analysis.rounding import apportioned, half_up, shown, shown_difference
from gangmu.figures.cube.exactly import Figures
from gangmu.figures.indicators.exact.cells import Exact
from gangmu.figures.indicators.exact.evaluating import evaluate
from gangmu.figures.indicators.formula.program import Op, Program
from gangmu.figures.studies.errors import StudyError

REST = "\u2026"  # the label of what is in the whole and in none of its parts; no code is this


@dataclass(frozen=True)
class Contribution:
    """A part's figures and what it did to the whole's change. `mix` and `rate` of a ratio add up to `change`.

    `pull` is in percentage points of the growth rate, `share` in percent of the change.
    """

    label: str | None
    base: Decimal | None
    actual: Decimal | None
    change: Decimal
    pull: Decimal | None = None
    share: Decimal | None = None
    mix: Decimal | None = None
    rate: Decimal | None = None
    is_rest: bool = False


@dataclass(frozen=True)
class Contributions:
    """`lines` add up to the whole's change, as shown; the largest first. `is_ratio`: with mix and rate effects."""

    base: Decimal
    actual: Decimal
    change: Decimal
    is_ratio: bool
    lines: tuple[Contribution, ...]


def contributions(total: Figures, parts: Figures) -> Contributions:
    """What each part contributed to the change of the whole.

    Raises:
        StudyError: the indicator's parts do not add up, or a figure of the whole is missing.
        NoBase: the denominators of a side add up to 0.
    """
    base, actual = (side.values.fraction(0) for side in total.sides)
    if base is None or actual is None:
        raise StudyError(_("The figure is missing in one of the two periods."))
    digits = total.measure.precision
    if total.measure.over_organisations == "sum":
        lines = _of_sum(base, actual, parts, digits)
        is_ratio = False
    else:
        lines, is_ratio = _of_ratio(base, actual, total, parts, digits), True
    ordered = tuple(sorted(lines, key=lambda one: (one.is_rest, -abs(one.change))))
    whole = [shown(half_up(side, digits), digits) for side in (base, actual)]
    return Contributions(whole[0], whole[1], shown(shown_difference(actual, base, digits), digits), is_ratio, ordered)


def _of_sum(base: Fraction, actual: Fraction, parts: Figures, digits: int) -> list[Contribution]:
    columns = [side.fractions() for side in parts.sides]
    given = [
        Part(str(place), columns[0][place], columns[1][place])
        for place in range(len(parts.labels))
        if columns[0][place] is not None or columns[1][place] is not None
    ]
    rest = [
        whole - sum((one or 0 for one in column), Fraction(0))
        for whole, column in zip((base, actual), columns, strict=True)
    ]
    if any(rest):
        given.append(Part(REST, rest[0], rest[1]))
    found = of_sum(given)
    effects = apportioned([one.change for one in found.contributions], shown_difference(actual, base, digits), digits)
    return [
        Contribution(
            _label(one.key, parts),
            _shown(part.base, digits),
            _shown(part.actual, digits),
            shown(effect, digits),
            _percent(one.pull, 2),
            _percent(one.share, 1),
            is_rest=one.key == REST,
        )
        for one, part, effect in zip(found.contributions, given, effects, strict=True)
    ]


def _label(key: str, parts: Figures) -> str | None:
    return REST if key == REST else parts.labels[int(key)]


def _of_ratio(base: Fraction, actual: Fraction, total: Figures, parts: Figures, digits: int) -> list[Contribution]:
    if total.formula_changed:
        raise StudyError(_("The formula changed between the two periods. Choose periods of one version of it."))
    factor, whole = _ratios(total)
    _factor, each = _ratios(parts)
    for side, value in enumerate((base, actual)):
        one = whole[side][0]
        if one is None or not one.denominator or one.numerator / one.denominator * factor != value:
            raise StudyError(
                _("The inputs of this figure are not equally complete, so its change cannot be divided among parts.")
            )
    given = [
        RatioPart(str(place), each[0][place], each[1][place])
        for place in range(len(parts.labels))
        if each[0][place] is not None or each[1][place] is not None
    ]
    rest = [_rest(whole[side][0], each[side]) for side in (0, 1)]
    if any(one is not None and (one.numerator or one.denominator) for one in rest):
        given.append(RatioPart(REST, rest[0], rest[1]))
    found = of_ratio(given)
    effects = found.at(digits, factor)
    change = actual - base
    lines = []
    for one, exact, part in zip(effects, found.contributions, given, strict=True):
        share = exact.change * factor / change if change else None
        sides = [_value(side, factor, digits) for side in (part.base, part.actual)]
        mix = one.mix + one.other
        lines.append(
            Contribution(_label(one.key, parts), sides[0], sides[1], one.change, None, _percent(share, 1), mix,
                         one.rate, is_rest=one.key == REST)
        )  # fmt: skip
    return lines


Ratios = list[list[Ratio | None]]


def _ratios(figures: Figures) -> tuple[Fraction, Ratios]:
    """Numerators and denominators of a figure in both periods, and by what their quotient is to be multiplied."""
    measure = figures.measure
    if measure.is_result and measure.program is not None:
        factor, numerator, denominator = quotient(measure.program)
        sides = []
        for side in (0, 1):
            given = {leaf: one.sides[side] for leaf, one in figures.inputs.items()}
            rows = len(figures.labels)
            sides.append([evaluate(program, given, rows).exact() for program in (numerator, denominator)])
        return factor, [[_ratio(a, b) for a, b in zip(*map(Exact.fractions, side), strict=True)] for side in sides]
    if measure.over_organisations == "weighted":
        (weight,) = figures.inputs.values()
        found = []
        for side in (0, 1):
            values, weights = figures.sides[side].fractions(), weight.sides[side].fractions()
            found.append(
                [
                    None if value is None or not by else _ratio(value * by, by)
                    for value, by in zip(values, weights, strict=True)
                ]
            )
        return Fraction(1), found
    raise StudyError(_("The parts of this indicator do not add up to the whole, so none has a part in its change."))


def quotient(program: Program) -> tuple[Fraction, Program, Program]:
    """A formula as factor × numerator ÷ denominator.

    Raises:
        StudyError: it is no quotient.
    """
    factor, last = Fraction(1), len(program.steps) - 1
    while program.steps[last].op is Op.SCALE:
        payload = program.steps[last].payload
        assert isinstance(payload, Fraction)
        factor, (last,) = factor * payload, program.steps[last].arguments
    if program.steps[last].op is not Op.DIVIDE or any(leaf.shifts for leaf in program.leaves):
        raise StudyError(_("The formula is no quotient of two sums, so its change cannot be divided among parts."))
    above, below = program.steps[last].arguments
    return factor, part_of(program, above), part_of(program, below)


def _ratio(above: Fraction | None, below: Fraction | None) -> Ratio | None:
    if above is None and below is None:
        return None
    return Ratio(above or Fraction(0), below or Fraction(0))


def _rest(whole: Ratio | None, parts: list[Ratio | None]) -> Ratio | None:
    if whole is None:
        return None
    known = [one for one in parts if one is not None]
    return Ratio(
        whole.numerator - sum((one.numerator for one in known), Fraction(0)),
        whole.denominator - sum((one.denominator for one in known), Fraction(0)),
    )


def _value(one: Ratio | None, factor: Fraction, digits: int) -> Decimal | None:
    return None if one is None or not one.denominator else _shown(one.numerator / one.denominator * factor, digits)


# Ranks and peers ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """A part's place now, by how many it rose since the base, and what peers say of its figure."""

    ranked: Ranked
    label: str | None
    base: Decimal | None
    actual: Decimal | None
    moved: int | None
    judged: Judged | None


def places(parts: Figures, best: str, peers: Mapping[str | None, Hashable] | None) -> tuple[Place, ...]:
    """The parts in order of their figures; `peers` says who is like whom, where figures can be compared at all."""
    digits = parts.measure.precision
    columns = [side.fractions() for side in parts.sides]
    base, actual = (
        ranking(
            [
                Entry(str(row), value, side.reported[row], side.expected[row])
                for row, value in enumerate(columns[place])
            ],
            Better(best),
            digits,
        )
        for place, side in enumerate(parts.sides[:2])
    )
    moved = moves(actual, base)
    judged: dict[str, Judged] = {}
    if peers is not None:
        values = {str(row): value for row, value in enumerate(columns[1])}
        judged = across_peers(values, {str(row): peers.get(label) for row, label in enumerate(parts.labels)})
    return tuple(
        Place(
            one,
            parts.labels[int(one.key)],
            _shown(columns[0][int(one.key)], digits),
            _shown(columns[1][int(one.key)], digits),
            moved[one.key],
            judged.get(one.key),
        )
        for one in actual
    )


def _shown(value: Fraction | None, digits: int) -> Decimal | None:
    return None if value is None else shown(half_up(value, digits), digits)


def _percent(value: Fraction | None, digits: int) -> Decimal | None:
    return None if value is None else shown(half_up(value * 100, digits), digits)


__all__ = ["AnalysisError", "Contribution", "Contributions", "Place", "contributions", "places", "quotient"]

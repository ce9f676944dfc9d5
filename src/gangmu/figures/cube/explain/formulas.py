"""A formula with its numbers: as text, as a tree that a page draws like a textbook, and the inputs one by one."""

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Any

from gangmu.figures.cube.explain.subject import Subject
from gangmu.figures.cube.measure import Measure, capacity_of
from gangmu.figures.cube.question import STATES, decimal_text
from gangmu.figures.cube.results import Result, figures, shifted, stretch
from gangmu.figures.cube.tree import Grouping
from gangmu.figures.indicators.exact.evaluating import rounded
from gangmu.figures.indicators.formula import tree as formulas
from gangmu.figures.indicators.formula.tree import Shift
from gangmu.foundation.periods.errors import PeriodError

CAPACITY_NAMES = {
    "capacity_mw": {"zh": "装机容量", "en": "Capacity"},
    "capacity_mwh": {"zh": "装机可发电量", "en": "Capacity × hours"},
}
Shifts = tuple[Shift, ...]


class Formula:
    """The formula of a computed indicator, for one figure."""

    def __init__(self, subject: Subject, result: Result) -> None:
        self.subject, self.result = subject, result
        self.engine, self.period = subject.engine, subject.period
        self.measure = subject.measure.within(subject.period)
        self.whole = subject.asked.known.catalogue[self.measure.code]
        self.catalogue = subject.asked.known.timeline.on(subject.period.end)
        self.text = self.catalogue[self.measure.code].formula

    def as_json(self) -> dict[str, Any]:
        return {
            "text": self.text,
            **self._versions(),
            "with_numbers": self._with_numbers() if self.measure.is_result else None,
            "tree": self._node(self.catalogue.tree(self.measure.code), ()),
            "inputs": list(self._inputs()),
        }

    def _versions(self) -> dict[str, Any]:
        """Of a formula that was another one before: since when it is valid, and, of a formula by cell, those that the
        cells of the period's first days were made with."""
        if not self.whole.earlier:
            return {}
        start, end = self.period.start, self.period.end
        since = self.whole.since(end)
        following = [one.until for one in self.whole.earlier if one.until >= end]
        others = (
            [one for one in self.whole.earlier if start <= one.until < end] if self.measure.over_organisations else []
        )
        return {
            "since": since.isoformat() if since else None,
            "until": following[0].isoformat() if following else None,
            "before": [{"until": one.until.isoformat(), "text": one.formula} for one in others],
        }

    # Inputs ----------------------------------------------------------------------------------------------------------

    def _inputs(self) -> Iterable[dict[str, Any]]:
        """What the formula stands on: filed indicators, formulas by cell, capacities; result formulas are put in."""
        assert self.measure.program is not None
        for leaf in self.measure.program.leaves:
            capacity = capacity_of(leaf.code)
            code = capacity[0] if capacity else leaf.code
            found = {"indicator": code, "functions": [str(one) for one in leaf.shifts], "name": self._name(code)}
            if capacity:
                moved = shifted(self.period, leaf.shifts)
                column = self.engine.capacity(capacity[0], self.subject.whole, capacity[1], [stretch(moved)])
                number = column.fraction(0)
                value = None if number is None else decimal_text(round(number * 10**6), 6)
                yield {**found, "period": moved.code, "value": value, "unit": _capacity_unit(capacity[0])}
                continue
            one = self.engine.measures(leaf.code)
            if leaf in self.result.inputs:
                [moved], totals, column = self.result.inputs[leaf]
            else:
                moved = self.period
                totals = self.engine.totals(one, self.subject.whole, [stretch(moved)])
                column = totals.values
            decimals = one.decimals(moved)
            shown = rounded(column, decimals)
            assert totals is not None
            state = int(totals.state[0, 0])
            yield {
                **found,
                "period": moved.code,
                "value": decimal_text(int(shown.scaled[0]), decimals) if shown.present[0] else None,
                "unit": one.unit,
                "coverage": {"reported": int(totals.reported[0, 0]), "expected": int(totals.expected[0, 0])},
                "state": STATES[state - 1] if state else None,
            }

    def _name(self, code: str) -> dict[str, str]:
        if code in CAPACITY_NAMES:
            return CAPACITY_NAMES[code]
        one = self.engine.measures(code)
        return {"zh": one.name_zh, "en": one.name_en}

    # As text ---------------------------------------------------------------------------------------------------------

    def _with_numbers(self) -> str:
        """The formula's text with every indicator replaced by its figure of this period and its unit."""
        lines = self.text.splitlines() or [""]
        mentions = formulas.references(self.catalogue.tree(self.measure.code))
        for mention in sorted(mentions, key=lambda one: (one.place.line, one.place.column), reverse=True):
            row, column = mention.place.line - 1, mention.place.column - 1
            written = f"「{mention.text}」" if mention.is_name else mention.text
            if lines[row][column : column + len(written)] == written:
                value, unit = self._number(self.catalogue.resolve(mention), ())
                number = "–" if value is None else f"{value} {unit}".strip()
                lines[row] = lines[row][:column] + number + lines[row][column + len(written) :]
        return "\n".join(lines)

    def _number(self, code: str, shifts: Shifts) -> tuple[str | None, str]:
        """The figure of what a formula mentions, for the period that its time functions lead to."""
        if capacity_of(code):
            return self._capacity(code, shifts), _capacity_unit(code)
        one = self.engine.measures(code)
        try:
            moved = shifted(self.period, shifts)
        except PeriodError:
            return None, one.unit
        if Shift.LAST in shifts:
            if one.is_result:
                return None, one.unit
            values = self.engine.totals(one, self.subject.whole, [stretch(moved)], last=True).values
        else:
            values = figures(self.engine, one, self.subject.whole, [moved]).values
        decimals = one.decimals(moved)
        shown = rounded(values, decimals)
        return (decimal_text(int(shown.scaled[0]), decimals) if shown.present[0] else None), one.unit

    def _capacity(self, code: str, shifts: Shifts) -> str | None:
        kind = self.measure.level if self.measure.is_result else None
        grouping = self.subject.whole if kind else self._alone()
        moved = shifted(self.period, shifts)
        number = self.engine.capacity(code, grouping, kind, [stretch(moved)], last=Shift.LAST in shifts).fraction(0)
        return None if number is None else f"{float(number):g}"

    def _alone(self) -> Grouping:
        """The figure's own organisation without those below it: the capacity of a cell is its own."""
        return self.subject.alone([self.subject.organisation.id])

    # As a tree -------------------------------------------------------------------------------------------------------

    @property
    def _with_figures(self) -> bool:
        """Whether the formula was evaluated on the figures of what it mentions: on totals, or in one cell."""
        return self.measure.is_result or is_one_cell(self.subject)

    def _node(self, node: formulas.Node, shifts: Shifts) -> dict[str, Any]:
        return tree_of(node, lambda one, moved: self._mention(self.catalogue.resolve(one), moved), shifts)

    def _mention(self, code: str, shifts: Shifts) -> dict[str, Any]:
        value, unit = self._number(code, shifts) if self._with_figures else (None, "")
        try:
            period = shifted(self.period, shifts).code
        except PeriodError:
            period = ""
        return {
            "kind": "indicator",
            "indicator": code,
            "name": self._name(code),
            "functions": [str(one) for one in shifts],
            "period": period,
            "value": value,
            "unit": unit if self._with_figures else self._unit(code),
        }

    def _unit(self, code: str) -> str:
        return _capacity_unit(code) if capacity_of(code) else self.engine.measures(code).unit


def tree_of(
    node: formulas.Node, mention: Callable[[formulas.Reference, Shifts], dict[str, Any]], shifts: Shifts = ()
) -> dict[str, Any]:
    """A part of a formula as a page draws it. Time functions are carried to the indicators inside, which `mention`
    tells: of prior(a / b) to a and to b."""

    def part(one: formulas.Node, moved: Shifts = shifts) -> dict[str, Any]:
        return tree_of(one, mention, moved)

    match node:
        case formulas.Number(value=value, unit=unit):
            return {"kind": "number", "text": _literal(value), "unit": unit}
        case formulas.Reference():
            return mention(node, shifts)
        case formulas.Negative(operand=operand):
            return {"kind": "negative", "of": part(operand)}
        case formulas.Chain(first=first, rest=rest):
            parts = [[_first_sign(rest), part(first)], *([term.operator, part(term.operand)] for term in rest)]
            return {"kind": "product" if rest and rest[0].operator in "*/" else "sum", "parts": parts}
        case formulas.Comparison(operator=operator, left=left, right=right):
            return {"kind": "comparison", "operator": operator, "left": part(left), "right": part(right)}
        case formulas.Call(function="yoy", arguments=[operand]):
            now, before = part(operand), part(operand, (*shifts, Shift.YEAR_AGO))
            change = {"kind": "sum", "parts": [["+", now], ["-", before]]}
            return {"kind": "product", "parts": [["*", change], ["/", before]]}
        case formulas.Call(function=function, arguments=[operand]) if function in formulas.TIME_FUNCTIONS:
            return part(operand, (*shifts, Shift(function)))
        case formulas.Call(function=function, arguments=arguments):
            return {"kind": "call", "function": function, "arguments": [part(one) for one in arguments]}


def is_one_cell(subject: Subject, measure: Measure | None = None) -> bool:
    """Whether the figure is that of one organisation of the filing level in one period of the grain."""
    one = measure or subject.measure
    low, high = subject.cells_in(subject.period, one)
    return high - low == 1 and subject.organisation.kind == one.level


def _first_sign(rest: Sequence[formulas.Term]) -> str:
    return "*" if rest and rest[0].operator in "*/" else "+"


def _literal(value: Fraction) -> str:
    """A number as somebody would write it."""
    whole = value.limit_denominator(10**9)
    for places in range(10):
        if (value * 10**places).denominator == 1:
            return decimal_text(int(value * 10**places), places)
    return f"{whole.numerator}/{whole.denominator}"


def _capacity_unit(name: str) -> str:
    return "MWh" if name == "capacity_mwh" else "MW"

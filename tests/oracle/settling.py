"""Closed months: what settled values add to the days of their months."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from oracle import formula
from oracle.cells import Coverage, Group, Total
from oracle.formula import Node
from oracle.periods import Period, parse
from oracle.tree import Tree
from oracle.units import Unit, unit
from oracle.world import Indicator, Question

if TYPE_CHECKING:
    from oracle.reading import Reading

CAPACITIES = ("capacity_mw", "capacity_mwh")


class Settled(NamedTuple):
    """A settled value that answers. `amount` is by how much it differs from its days, `days` how many of these were
    expected and not reported."""

    organisation: str
    month: Period
    amount: Fraction
    days: int


class Settling:
    def __init__(self, reading: "Reading") -> None:
        self.reading = reading
        self._of: dict[str, list[Settled]] = {}

    @cached_property
    def closed(self) -> set[tuple[str, str, str]]:
        return {(act.indicator, act.organisation, act.month) for act in self.reading.held_in_the_end.closed}

    @cached_property
    def _as_filed(self) -> "Reading":
        """The cells as they were in the trees of their days, locked ones alone."""
        from oracle.reading import Reading

        question = Question("", "", "", structure="then", at_least="locked")
        return Reading(self.reading.world, self.reading.held_in_the_end, question, self.reading.today)

    def of(self, indicator: Indicator) -> list[Settled]:
        """The settled values of a filed indicator that answer."""
        if indicator.code not in self._of:
            self._of[indicator.code] = list(self._find(indicator)) if self.closed else []
        return self._of[indicator.code]

    def _find(self, indicator: Indicator) -> Iterator[Settled]:
        history = self.reading.history
        for partner in self.reading.world.indicators:
            if partner.settles != indicator.code:
                continue
            for (code, month_code, scenario), filed in self.reading.facts.items():
                if code != partner.code or scenario != "actual":
                    continue
                month = parse(month_code)
                for organisation, fact in filed.items():
                    tree = history.last_tree_with(organisation, month)
                    if tree is None or fact.state != "locked":
                        continue
                    if any((indicator.code, one, month_code) in self.closed for one in tree.path(organisation)):
                        yield self._settled(indicator, organisation, month, fact.value)

    def _settled(self, indicator: Indicator, organisation: str, month: Period, value: Fraction) -> Settled:
        """Beside its own days, those of all that stood below it, each day by the tree of that day."""
        late = 0
        for day in month.grains("day"):
            tree = self.reading.history.tree(day.start)
            filed = self.reading.facts.get((indicator.code, day.code, "actual"), {})
            for one, fact in filed.items():
                if one in tree and organisation in tree.path(one) and fact.state == "locked":
                    value -= fact.value
        for cell in self._as_filed.cells(indicator, month):
            late += cell.expected and cell.value is None and organisation in cell.tree.path(cell.organisation)
        return Settled(organisation, month, value, late)

    # In an answer

    def here(self, indicator: Indicator, period: Period) -> list[tuple[Tree, Settled]]:
        """Those of the closed months that lie in the period whole, with the tree in which each counts."""
        months = {month.code for month in period.grains("month")}
        found = []
        for one in self.of(indicator):
            tree = self.reading.place(one.organisation, one.month)
            if one.month.code in months and tree is not None:
                found.append((tree, one))
        return found

    def share(self, group: Group, one: Settled) -> Fraction:
        """With which share a statistical scope counts a settled value: that of its month; 0: not at all."""
        return self.reading.share(group, one.organisation, one.month, "")

    def places(self, indicator: Indicator, period: Period) -> list[tuple[Tree, Settled]]:
        """Who has settled values in it, of a filed indicator or of what a formula adds up."""
        if not adds_up(indicator):
            return []
        if indicator.is_filed:
            return self.here(indicator, period)
        found = []
        for month in period.grains("month"):
            for part in self.parts(indicator, month) or ():
                found += self.places(part, month)
        return found

    def parts(self, indicator: Indicator, month: Period) -> list[Indicator] | None:
        """The indicators that a formula of cells, as it holds on the month's last day, adds, subtracts and multiplies
        by numbers; None of any other."""
        if indicator.is_made_of_parts:
            return self.reading.world.parts(indicator)
        node = self.reading.node(indicator, month)
        if self._sort(node, month) != "indicator":
            return None
        return list({one.code: one for one in self._named(node, month)}.values())

    def _named(self, node: Node, month: Period) -> list[Indicator]:
        found = []
        for name in formula.names(node):
            one = self.reading.world.indicator(self.reading.code_of(name))
            found += self._named(self.reading.node(one, month), month) if one.is_result_formula else [one]
        return found

    def _sort(self, node: Node, month: Period) -> str:
        """ "number", "indicator" (a sum of multiples of indicators), or "" for everything else."""
        if node[0] == "number":
            return "number"
        if node[0] == "name":
            code = self.reading.code_of(node[1])
            if code in CAPACITIES:
                return ""
            one = self.reading.world.indicator(code)
            return self._sort(self.reading.node(one, month), month) if one.is_result_formula else "indicator"
        if node[0] not in ("negate", "total", "+", "-", "*", "/"):
            return ""
        sorts = [self._sort(part, month) for part in node[1:]]
        if "" in sorts:
            return ""
        match node[0]:
            case "*":
                return "" if sorts == ["indicator", "indicator"] else max(sorts, key=("number", "indicator").index)
            case "/":
                return sorts[0] if sorts[1] == "number" else ""
        return sorts[0] if len(set(sorts)) == 1 else ""

    def adjusted(self, days: Total, indicator: Indicator, group: Group, period: Period) -> Total:
        """The total with what the settled values of closed months add to it."""
        if not adds_up(indicator):
            return days
        count, amount, late = self.sum(indicator, group, period)
        if not count:
            return days
        (coverage,) = days.coverages
        return replace(
            days,
            value=(days.value or Fraction(0)) + amount,
            coverages=(Coverage(coverage.reported + late, coverage.expected),),
            states=days.states or ("locked",),
            settled=count,
            adjustment=amount,
        )

    def sum(self, indicator: Indicator, group: Group, period: Period) -> tuple[int, Fraction, int]:
        """How many settled values, what they add, and how many days they settle that nobody reported."""
        if not adds_up(indicator):
            return 0, Fraction(0), 0
        if indicator.is_filed:
            here = [
                (one, share)
                for tree, one in self.here(indicator, period)
                if group.holds(tree, one.organisation) and (share := self.share(group, one))
            ]
            amount = sum((one.amount * share for one, share in here), Fraction(0))
            return len(here), amount, sum(one.days for one, _share in here)
        count, amount = 0, Fraction(0)
        for month in period.grains("month"):
            parts = self.parts(indicator, month) or []
            sums = {part.code: self.sum(part, group, month)[:2] for part in parts}
            number = sum(one for one, _ in sums.values())
            amounts = {code: part for code, (_, part) in sums.items()}
            if number:
                if indicator.is_made_of_parts:
                    count, amount = count + number, amount + sum(amounts.values(), Fraction(0))
                    continue
                value = _OfAmounts(self.reading, amounts, month).value(self.reading.node(indicator, month))
                if value is not None:
                    count, amount = count + number, amount + value / unit(indicator.unit).factor
        return count, amount, 0


def adds_up(indicator: Indicator) -> bool:
    """Only days that are added up have settled months."""
    return (
        not indicator.is_result_formula
        and (indicator.grain or "day") == "day"
        and indicator.over_time in ("sum", "")
        and indicator.over_organisations in ("sum", "")
    )


class _OfAmounts(formula.Evaluation):
    """A formula of what is added to its inputs."""

    def __init__(self, reading: "Reading", amounts: dict[str, Fraction], month: Period) -> None:
        self.reading, self.amounts, self.month = reading, amounts, month

    def unit_of_name(self, name: str) -> Unit:
        return self.reading.unit_of(name)

    def value_of_name(self, name: str) -> Fraction | None:
        code = self.reading.code_of(name)
        one = self.reading.world.indicator(code)
        if one.is_result_formula:
            return self.value(self.reading.node(one, self.month))
        return self.amounts[code] * self.unit_of_name(name).factor

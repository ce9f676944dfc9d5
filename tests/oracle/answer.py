"""The answer to a question, as the JSON that `gangmu query` prints."""

from collections import Counter
from datetime import date
from fractions import Fraction
from typing import Any

from oracle import periods
from oracle.cells import Group, Total, group_key
from oracle.filing import Held, held
from oracle.formula import half_up
from oracle.periods import Period
from oracle.reading import Reading
from oracle.taxes import other_code
from oracle.world import Indicator, Question, World


def answer(
    world: World, question: Question, today: date, seen: Counter[str] | None = None, known: Held | None = None
) -> dict[str, Any]:
    """The rows. A row has "marks" only when there are any; `seen` counts rare cases that were met on the way.

    `known` is what the world holds, where it is known already.
    """
    return _Answer(Reading(world, known or held(world), question, today, seen), question).json()


class _Answer:
    def __init__(self, reading: Reading, question: Question) -> None:
        self.reading, self.question = reading, question
        code = f"{question.indicator}.{question.category}" if question.category else question.indicator
        self.indicator: Indicator = self.on_basis(reading.world.indicator(code))
        asked = periods.parse(question.period)
        compare = {
            "previous": periods.previous,
            "year-ago": periods.year_ago,
            "to-date": periods.to_date,
            "to-date-year-ago": periods.to_date_year_ago,
        }
        self.base = compare[question.compare](asked) if question.compare else None
        self.period = periods.to_date(asked) if question.compare == "to-date-year-ago" else asked

    def on_basis(self, indicator: Indicator) -> Indicator:
        """What tells it with tax or without, as is asked; itself, where it has none."""
        if not indicator.tax or not self.question.tax or indicator.filed == self.question.tax:
            return indicator
        self.reading.seen[f"tax: {self.question.tax}, of what is filed {indicator.filed}"] += 1
        return self.reading.world.indicator(other_code(indicator))

    def json(self) -> dict[str, Any]:
        top, by = self.question.organisation, self.question.by
        scoped = {"scope": self.question.scope, "begins": self.period.start} if self.question.scope else {}
        if by == "category":
            return {"rows": self.by_category(Group(top, **scoped))}
        if not by:
            return {"rows": [self.row(Group(top, **scoped))]}
        return {"rows": [self.row(Group(top, by, key, **scoped)) for key in self.keys(top, by, Group(top, **scoped))]}

    def by_category(self, group: Group) -> list[dict[str, Any]]:
        """A row for each part that is in use or has something, with its share; what is in no part comes last."""
        asked, found = self.indicator, []
        of_whole = self.row(group)
        whole = self.reading.world.indicator(asked.made_from or asked.code)
        adds_up = (whole.over_time, whole.over_organisations) == ("sum", "sum")
        for part in self.reading.world.parts(whole):
            self.indicator = part if asked == whole else self.reading.world.indicator(other_code(part))
            row = self.row(group) | {"group": part.category, "indicator": asked.code}
            found.append(row)
        rest = self.rest(of_whole, found)
        found = [
            row
            for row in found
            if row["coverage"]["reported"] or row["value"] is not None or self.is_used(whole, row["category"])
        ]
        if adds_up and not whole.is_made_of_parts and rest["value"] is not None and Fraction(rest["value"]) > 0:
            self.reading.seen["categories: what is not split"] += 1
            found.append(rest)
        value = Fraction(of_whole["value"] or 0)
        for row in found if adds_up and value > 0 else ():
            if row["value"] is not None:
                row["share"] = text(half_up(Fraction(row["value"]) / value, 6), 6)
                self.reading.seen["categories: a share"] += 1
        return found

    def is_used(self, whole: Indicator, category: str) -> bool:
        part = self.reading.world.indicator(f"{whole.code}.{category}")
        used = part.takes(self.period.start, self.period.end)
        self.reading.seen["categories: one that is not used"] += not used
        return used

    def rest(self, whole: dict[str, Any], parts: list[dict[str, Any]]) -> dict[str, Any]:
        """The whole without its parts, of the figures as they are shown."""

        def less(value: str | None, others: list[str | None], period: Period) -> str | None:
            known = [Fraction(one) for one in others if one is not None]
            decimals = self.indicator.decimals_on(period.end)
            return None if value is None else text(Fraction(value) - sum(known, Fraction(0)), decimals)

        row = {key: value for key, value in whole.items() if key != "settled"} | {"category": None}
        row["value"] = less(whole["value"], [one["value"] for one in parts], self.period)
        if not whole["compare"] or not self.base:
            return row
        base = less(whole["compare"]["value"], [one["compare"]["value"] for one in parts], self.base)
        row["compare"] = {"period": whole["compare"]["period"], "value": base, "change": None, "rate": None}
        if row["value"] is not None and base is not None and self.question.compare != "to-date":
            change = Fraction(row["value"]) - Fraction(base)
            decimals = max(self.indicator.decimals_on(one.end) for one in (self.period, self.base))
            row["compare"]["change"] = text(change, decimals)
            if Fraction(base) > 0:
                row["compare"]["rate"] = text(half_up(change / Fraction(base), 6), 6)
        return row

    def keys(self, top: str, by: str, whole: Group) -> list[str]:
        """The groups, in code order; none ("") comes last."""
        found = set()
        if by == "children":
            history = self.reading.history
            now = self.reading.structure == "now"
            trees = [history.tree(self.reading.today)] if now else history.trees(self.period)
            levels = self.reading.world.scope(whole.scope).levels if whole.scope else ()
            found = {
                child for tree in trees for child in tree.children(top) if not levels or tree.kind(child) in levels
            }
        else:
            below = self.reading.inputs(self.indicator, self.period)
            for one in below if self.indicator.is_result_formula else [self.indicator]:
                for cell in self.reading.held(whole, one, self.period):
                    found.add(group_key(cell.tree, cell.organisation, top, by))
                for tree, settled in self.reading.settling.places(one, self.period):
                    if whole.holds(tree, settled.organisation) and self.reading.settling.share(whole, settled):
                        found.add(group_key(tree, settled.organisation, top, by))
        return sorted(found, key=lambda key: (key == "", key))

    def row(self, group: Group) -> dict[str, Any]:
        total = self.reading.total(self.indicator, group, self.period)
        row: dict[str, Any] = {
            "organisation": group.top,
            "group": group.key or None,
            "indicator": self.indicator.code,
            "period": self.period.code,
            "value": self.shown(total.value, self.period),
            "unit": self.indicator.unit,
            "coverage": total.coverage._asdict(),
            "state": total.state,
            "compare": self.compare(group, total, self.base) if self.base else None,
        }
        if self.question.scope:
            row["scope"] = self.question.scope
        if self.indicator.part_of:
            row["category"] = self.indicator.category
        if total.coverage_differs:
            row["marks"] = ["coverage_differs"]
            self.reading.seen["coverage: inputs differ"] += 1
        if total.settled:
            decimals = self.indicator.decimals_on(self.period.end)
            shown = half_up(total.adjustment, decimals)
            row["settled"] = {"months": total.settled, "adjustment": text(shown, decimals)}
            self.reading.seen[f"closed: {'filed' if self.indicator.is_filed else 'a cell formula'}"] += 1
            self.reading.seen["closed: an adjustment"] += bool(total.adjustment)
        self.reading.seen["answer: a value" if row["value"] else "answer: nothing reported"] += 1
        return row

    def compare(self, group: Group, total: Total, base_period: Period) -> dict[str, Any]:
        base = self.reading.total(self.indicator, group, base_period)
        value, base_value = self.shown(total.value, self.period), self.shown(base.value, base_period)
        found: dict[str, Any] = {"period": base_period.code, "value": base_value, "change": None, "rate": None}
        if value is not None and base_value is not None and self.question.compare != "to-date":
            decimals = {self.indicator.decimals_on(period.end) for period in (self.period, base_period)}
            found["change"] = text(Fraction(value) - Fraction(base_value), max(decimals))
            self.reading.seen["precision: a change between two precisions"] += len(decimals) > 1
            self.reading.seen["compare: a change"] += 1
        if total.value is not None and base.value is not None and self.question.compare != "to-date":
            if base.value > 0:
                found["rate"] = text(half_up((total.value - base.value) / base.value, 6), 6)
                self.reading.seen["compare: a rate"] += 1
            elif value is not None and base_value is not None:
                found["word"] = "negative_base" if base.value < 0 else "both_zero" if total.value == 0 else "from_zero"
            if base.value <= 0:
                self.reading.seen["compare: base zero" if base.value == 0 else "compare: base negative"] += 1
        return found

    def shown(self, value: Fraction | None, period: Period) -> str | None:
        if value is None:
            return None
        precision = self.indicator.decimals_on(period.end)
        self.reading.seen["precision: an earlier one"] += precision != self.indicator.precision
        rounded = half_up(value, precision)
        if rounded == value:
            self.reading.seen["rounding: exact"] += 1
        elif abs(value - rounded) * 10**precision == Fraction(1, 2):
            self.reading.seen["rounding: a tie" if value > 0 else "rounding: a tie below zero"] += 1
        else:
            self.reading.seen["rounding: rounded"] += 1
        if value != 0 and rounded == 0:
            self.reading.seen["rounding: to zero" if value > 0 else "rounding: to zero from below"] += 1
        return text(rounded, precision)


def text(value: Fraction, decimals: int) -> str:
    """A number that has no more than these decimals, written with exactly as many; zero has no sign."""
    scaled = value * 10**decimals
    if scaled.denominator != 1:
        raise ValueError(f"{value} has more than {decimals} decimals")
    digits = str(abs(scaled.numerator)).rjust(decimals + 1, "0")
    whole, part = digits[: len(digits) - decimals], digits[len(digits) - decimals :]
    return ("-" if value < 0 else "") + whole + ("." + part if decimals else "")

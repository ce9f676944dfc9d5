"""The answer to a question about curves, as the JSON that `gangmu curve` prints."""

from collections import Counter
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Any

from oracle import periods
from oracle.answer import text
from oracle.cells import group_key, over_organisations
from oracle.filing import CurveBook, Points, curves_of
from oracle.formula import half_up
from oracle.tree import History, Tree
from oracle.world import CurveQuestion, World

NOTHING: Points = (None,) * 96


def curve_answer(world: World, question: CurveQuestion, seen: Counter[str]) -> dict[str, Any]:
    """The rows, by day and group."""
    return {"rows": _Asked(world, question, seen).rows()}


@lru_cache(maxsize=1)
def _held(world: World) -> tuple[History, CurveBook]:
    history = History(world.organisations)
    return history, curves_of(world, history)


class _Asked:
    def __init__(self, world: World, question: CurveQuestion, seen: Counter[str]) -> None:
        self.question, self.seen = question, seen
        self.history, self.held = _held(world)
        self.curve, self.indicator = self.held.curves[question.indicator], world.indicator(question.indicator)

    def rows(self) -> list[dict[str, Any]]:
        first, last = (date.fromisoformat(day) for day in (self.question.first, self.question.last))
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        return [self.row(day, key) for day in days for key in self.keys(day)]

    def keys(self, day: date) -> list[str]:
        top, by, tree = self.question.organisation, self.question.by, self.history.tree(day)
        if not by:
            return [""]
        if by == "children":
            return tree.children(top) if top in tree else []
        found = {group_key(tree, code, top, by) or "" for code in self.expected(day, tree)}
        return sorted(found, key=lambda key: (key == "", key))

    def there(self, day: date) -> dict[str, Points]:
        return self.held.points.get((self.indicator.code, day.isoformat()), {})

    def expected(self, day: date, tree: Tree, key: str | None = None) -> list[str]:
        """Who is to give the day's points at and below the asked one: of a group, or of all."""
        top, by, there = self.question.organisation, self.question.by, self.there(day)
        below = [code for code in tree.lines if top in tree.path(code)]
        if key is not None and by:
            below = [code for code in below if group_key(tree, code, top, by) == key]
        return [
            code
            for code in below
            if code in there
            or (
                tree.kind(code) == self.indicator.kind_of_organisation
                and not any(above in there for above in tree.path(code)[1:])
            )
        ]

    def row(self, day: date, key: str) -> dict[str, Any]:
        base = {"previous": periods.previous, "year-ago": periods.year_ago}.get(self.question.compare)
        other = base(periods.day_of(day)).start if base else None
        told = {
            "organisation": self.question.organisation,
            "group": key or None,
            "indicator": self.indicator.code,
            "unit": self.question.unit or self.curve.unit,
            **self.day(day, key),
            "compare": self.day(other, key) if other else None,
        }
        self.seen["curve: whole" if told.get("comes_to") else "curve: misses points"] += 1
        return told

    def day(self, day: date, key: str) -> dict[str, Any]:
        tree, there = self.history.tree(day), self.there(day)
        expected = self.expected(day, tree, key)
        giving = [there[code] for code in expected if code in there]
        columns = [[one[n] for one in giving if one[n] is not None] for n in range(96)]
        rule = self.indicator.over_organisations
        values = [
            over_organisations(rule, [one for one in column if one is not None], len(expected)) for column in columns
        ]
        unit, precision = self.question.unit or self.curve.unit, self.curve.precision
        energy_decimals = precision + 2 if self.curve.unit == "MW" else precision
        power = [None if value is None else value * (4 if self.curve.unit == "MWh" else 1) for value in values]
        shown = [None if value is None else value / (4 if unit == "MWh" else 1) for value in power]
        decimals = precision + 2 if (self.curve.unit, unit) == ("MW", "MWh") else precision
        known = [value for value in power if value is not None]
        comes_to = None
        if len(known) == 96:
            mean, highest, lowest = sum(known, Fraction(0)) / 96, max(known), min(known)
            comes_to = {
                "energy": text(half_up(mean * 24, energy_decimals), energy_decimals),
                "highest": text(half_up(highest, precision), precision),
                "lowest": text(half_up(lowest, precision), precision),
                "mean": text(half_up(mean, precision), precision),
                "highest_at": _end(known.index(highest)),
                "lowest_at": _end(known.index(lowest)),
                "load_factor": text(half_up(mean / highest, 6), 6) if highest > 0 else None,
                "valley_peak": text(half_up(lowest / highest, 6), 6) if highest > 0 else None,
            }
        if 0 < len(giving) < len(expected):
            self.seen["curve: some but not all give it"] += 1
        return {
            "day": day.isoformat(),
            "points": [None if value is None else text(half_up(value, decimals), decimals) for value in shown],
            "coverage": {"reported": [len(column) for column in columns], "expected": len(expected)},
            "state": "locked" if giving else None,
            "comes_to": comes_to,
        }


def _end(n: int) -> str:
    return f"{(n + 1) // 4:02}:{(n + 1) % 4 * 15:02}"

"""Questions about curves and their answers: 96 points of an organisation or of each group below it.

Whose curves count, on which days, and what the asker may see of them is decided as it is for figures of the cube;
points are added up by the rule of the indicator over organisations. What a day comes to is worked out of these points.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from difflib import get_close_matches
from fractions import Fraction
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from gangmu.figures.cube import services
from gangmu.figures.cube.errors import BadOption, UnknownIndicator
from gangmu.figures.cube.question import GROUPINGS, STATES
from gangmu.figures.cube.reading import read
from gangmu.figures.cube.tree import Tree
from gangmu.figures.cube.visibility import Scope, Visibility
from gangmu.figures.curves.errors import CurveError
from gangmu.figures.curves.models import Curve, CurveDay
from gangmu.figures.curves.points import LABELS, POINTS, Unit, day_of, decimals, factor, half_up
from gangmu.figures.filing.staging import decimal_text
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.periods.period import Period

COMPARISONS = ("previous", "year-ago")
MOST_ROWS = 1_000
RATIO_DECIMALS = 6
Values = list[Fraction | None]


@dataclass(frozen=True)
class CurveQuestion:
    """Which curves are wanted: of every day from `first` to `last`.

    Args:
        by: one row for each child of the organisation, or each fuel, province, grid or kind below it.
        compare: `previous`, `year-ago`, or the day that is laid beside a single one, as 2026-11-19.
        unit: MW or MWh; the curve's own when None.
    """

    indicator: str
    organisation: str
    first: date
    last: date
    by: str | None = None
    compare: str | None = None
    unit: str | None = None
    scenario: str = "actual"

    def check(self) -> None:
        """Refuse options that do not exist, and questions of no end.

        Raises:
            CannotAnswer: with what is possible.
            PeriodError: the day to compare with is none.
        """
        for option, value, known in (("by", self.by, GROUPINGS), ("unit", self.unit, tuple(Unit))):
            if value is not None and value not in known:
                nearest = get_close_matches(value, known, n=1, cutoff=0.5)
                raise BadOption(option, value, tuple(map(str, known)), nearest[0] if nearest else None)
        if self.last < self.first:
            raise CurveError(_("The last day lies before the first."))
        if (self.last - self.first).days >= MOST_ROWS:
            raise CurveError(_too_many())
        if self.compare and self.compare not in COMPARISONS and self.first != self.last:
            raise CurveError(_("A day is compared with a single one; ask for one day."))
        self.base(self.first)

    def base(self, day: date) -> date | None:
        """The day that is laid beside a day."""
        if self.compare is None:
            return None
        one = Period.day(day)
        if self.compare == "previous":
            return one.previous().start
        return one.year_ago().start if self.compare == "year-ago" else Period.parse(self.compare).start

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=count) for count in range((self.last - self.first).days + 1)]


def _too_many() -> str:
    return _("These are more than %(most)d curves. Ask for fewer days, or for fewer groups.") % {"most": MOST_ROWS}


@dataclass(frozen=True)
class DayCurve:
    """A curve of one day: `values` in `unit`, of a curve that is kept in `own` with so many decimals.

    `reported` counts, for each point, the organisations that gave it; `expected` those that were to. What the day comes
    to is None while a point is missing.
    """

    day: date
    unit: Unit
    own: Unit
    precision: int
    values: tuple[Fraction | None, ...]
    reported: tuple[int, ...]
    expected: int
    state: str | None

    @property
    def decimals(self) -> int:
        """Those with which the points are shown: enough for every sum to be exact."""
        return decimals(self.own, self.unit, self.precision)

    @property
    def points(self) -> list[str | None]:
        """The points as decimal texts, all with the same decimals."""
        return [None if one is None else self.text(one) for one in self.values]

    def text(self, value: Fraction) -> str:
        return decimal_text(half_up(value, self.decimals), self.decimals)

    @property
    def given(self) -> int:
        """How many of the 96 points there are."""
        return POINTS - self.values.count(None)

    @property
    def comes_to(self) -> dict[str, str | None] | None:
        """Energy in MWh, power in MW, load factor and valley ÷ peak as ratios."""
        day = day_of(self.values, self.unit)
        if day is None:
            return None
        energy, power = decimals(self.own, Unit.MWH, self.precision), self.precision
        texts = {"energy": decimal_text(half_up(day.energy, energy), energy)}
        texts |= {
            name: decimal_text(half_up(value, power), power)
            for name, value in (("highest", day.highest), ("lowest", day.lowest), ("mean", day.mean))
        }
        ratios = {"load_factor": day.load_factor, "valley_peak": day.valley_peak}
        return {
            **texts,
            "highest_at": LABELS[day.highest_at - 1],
            "lowest_at": LABELS[day.lowest_at - 1],
            **{
                name: None if ratio is None else decimal_text(half_up(ratio, RATIO_DECIMALS), RATIO_DECIMALS)
                for name, ratio in ratios.items()
            },
        }

    def as_json(self) -> dict[str, Any]:
        return {
            "day": self.day.isoformat(),
            "points": self.points,
            "coverage": {"reported": list(self.reported), "expected": self.expected},
            "state": self.state,
            "comes_to": self.comes_to,
        }


@dataclass(frozen=True)
class CurveRow:
    """A curve, and the one laid beside it. `group` is None for the organisation's own, and for "no value"."""

    organisation: str
    group: str | None
    indicator: str
    curve: DayCurve
    compare: DayCurve | None = None

    def as_json(self) -> dict[str, Any]:
        curve = self.curve
        return {
            "organisation": self.organisation,
            "group": self.group,
            "indicator": self.indicator,
            "unit": curve.unit.value,
            **curve.as_json(),
            "compare": self.compare.as_json() if self.compare else None,
        }


def ask_curves(question: CurveQuestion, scope: Scope) -> list[CurveRow]:
    """The curves that `question` asks for, as far as `scope` may see them, by day and group.

    Raises:
        CannotAnswer: NotVisible, UnknownIndicator, BadOption, CurveError, CubeBehind.
        PeriodError: a comparison leaves the known years.
    """
    question.check()
    curve = Curve.objects.select_related("indicator").filter(indicator__code=question.indicator).first()
    if curve is None:
        raise _no_curve(question.indicator)
    services.ensure_fresh()
    return read(lambda _snapshot, tree: _Answering(question, curve, Visibility(tree, scope), tree).rows())


def _no_curve(code: str) -> UnknownIndicator:
    known = list(Curve.objects.values_list("indicator__code", flat=True))
    near = get_close_matches(code, known, n=1, cutoff=0.6)
    message = _("There is no curve of “%(code)s”.") % {"code": code[:80]}
    return UnknownIndicator(message, near[0] if near else None)


@dataclass
class _Held:
    """What stands of the asked days, by day and organisation: points in units of 10^-precision, and the state."""

    points: dict[date, dict[int, list[int | None]]] = field(default_factory=lambda: defaultdict(dict))
    states: dict[date, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))
    covered: set[tuple[int, date]] = field(default_factory=set)
    weights: dict[tuple[int, date], Fraction] = field(default_factory=dict)


class _Answering:
    def __init__(self, question: CurveQuestion, curve: Curve, visibility: Visibility, tree: Tree) -> None:
        self.question, self.curve, self.visibility, self.tree = question, curve, visibility, tree
        self.asked = visibility.organisation(question.organisation)
        self.grouping = visibility.grouping(self.asked, question.by or "", False, 0)
        self.own = Unit(str(curve.unit))
        self.unit = Unit(question.unit) if question.unit else self.own
        self.precision = int(curve.precision)
        self.rule, self.level = str(curve.indicator.over_organisations), str(curve.indicator.level)

    def rows(self) -> list[CurveRow]:
        pairs = [(day, self.question.base(day)) for day in self.question.days]
        days = sorted({day for pair in pairs for day in pair if day is not None})
        members = {day: self._members(day) for day in days}
        held = self._held(members)
        found: list[CurveRow] = []
        for day, base in pairs:
            for place in self._groups(day, members[day], held):
                curve = self._curve(day, members[day][place], held)
                other = self._curve(base, members[base][place], held) if base else None
                group = self.grouping.labels[place] if self.question.by else None
                found.append(CurveRow(self.asked.code, group, self.question.indicator, curve, other))
            if len(found) > MOST_ROWS:
                raise CurveError(_too_many())
        return found

    def _members(self, day: date) -> dict[int, list[int]]:
        """The organisations of each group on a day."""
        number = day.toordinal()
        found: dict[int, list[int]] = {place: [] for place in range(len(self.grouping.labels))}
        for one in self.grouping.segments:
            if one.start <= number < one.end and self.tree.exists_on(one.organisation, number):
                found[one.group].append(one.organisation)
        return found

    def _groups(self, day: date, members: dict[int, list[int]], held: _Held) -> Iterable[int]:
        if not self.question.by:
            return [0]
        if self.question.by == "children":
            number = day.toordinal()
            codes = self.visibility.children(self.asked, number, number + 1, False)
            place_of = {label: place for place, label in enumerate(self.grouping.labels)}
            return [place_of[code] for code in codes]
        return [place for place, those in members.items() if self._expected(day, those, held)]

    def _held(self, members: dict[date, dict[int, list[int]]]) -> _Held:
        held = _Held()
        everybody = sorted({one for groups in members.values() for those in groups.values() for one in those})
        days = list(members)
        for organisation, day, points, state in CurveDay.objects.filter(
            indicator=self.curve, scenario__code=self.question.scenario, superseded_by=None, day__in=days,
            organisation__in=everybody,
        ).values_list("organisation_id", "day", "points", "state"):  # fmt: skip
            held.points[day][organisation], held.states[day][organisation] = points, state
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT organisation_id, day FROM curves_covered(%s, %s, %s::bigint[], %s::date[])",
                [self.curve.pk, self.question.scenario, everybody, days],
            )
            held.covered = set(cursor.fetchall())
            if self.rule == "weighted":
                cursor.execute(
                    "SELECT f.organisation_id, f.period, f.value, i.scale FROM filing_fact f"
                    " JOIN indicators_indicator i ON i.id = f.indicator_id AND i.code = %s"
                    " JOIN filing_scenario s ON s.id = f.scenario_id AND s.code = %s"
                    " WHERE f.superseded_by_id IS NULL AND f.period = ANY(%s) AND f.organisation_id = ANY(%s)",
                    [self.curve.indicator.weight, self.question.scenario, days, everybody],
                )
                held.weights = {(one, day): Fraction(value, 10**scale) for one, day, value, scale in cursor}
        return held

    def _expected(self, day: date, members: Sequence[int], held: _Held) -> int:
        """Those of the indicator's level, unless somebody above has their curve; and who has one in their place."""
        there = held.points.get(day, {})
        return sum(
            (one, day) not in held.covered if self.tree.kind(one) == self.level else one in there for one in members
        )

    def _curve(self, day: date, members: Sequence[int], held: _Held) -> DayCurve:
        there = held.points.get(day, {})
        giving = [one for one in members if one in there]
        expected = self._expected(day, members, held)
        columns = list(zip(*(there[one] for one in giving), strict=True)) or [()] * POINTS
        reported = tuple(len(column) - column.count(None) for column in columns)
        weights = [held.weights.get((one, day)) for one in giving]
        alone = self.rule != Indicator.OverOrganisations.NONE or max(expected, len(giving)) == 1
        scale = factor(self.own, self.unit) / 10**self.precision
        values = [self._together(column, weights) if alone else None for column in columns]
        scaled = tuple(None if value is None else value * scale for value in values)
        states = [held.states[day][one] for one in giving]
        state = STATES[min(states) - 1] if states else None
        return DayCurve(day, self.unit, self.own, self.precision, scaled, reported, expected, state)

    def _together(self, column: Sequence[int | None], weights: Sequence[Fraction | None]) -> Fraction | None:
        """One point of several organisations, by the indicator's rule."""
        known = [(value, weight) for value, weight in zip(column, weights, strict=True) if value is not None]
        if not known:
            return None
        values = [value for value, _weight in known]
        if self.rule == "weighted":
            weighed = [(value, weight) for value, weight in known if weight is not None]
            total = sum((weight for _value, weight in weighed), Fraction(0))
            return sum((value * weight for value, weight in weighed), Fraction(0)) / total if total else None
        if self.rule == "mean":
            return Fraction(sum(values), len(values))
        return Fraction({"min": min, "max": max}.get(self.rule, sum)(values))

"""Curves for a template: the chart, the day in figures, the points by hour, and what was recorded when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.utils.translation import gettext as _

from gangmu.figures.curves.asking import CurveQuestion, CurveRow, DayCurve
from gangmu.figures.curves.models import Curve
from gangmu.figures.curves.points import LABELS, POINTS
from gangmu.foundation.periods.period import parse_day
from gangmu.foundation.ui.templatetags.ui import number

MOST_SERIES = 8
TONES = ("primary", "orange", "green", "purple", "azure", "yellow", "red", "lime")
PARAMETERS = ("indicator", "organisation", "day", "compare", "by", "unit", "scenario")


@dataclass(frozen=True)
class Asked:
    """What an address says."""

    indicator: str = ""
    organisation: str = ""
    day: str = ""
    compare: str = ""
    by: str = ""
    unit: str = ""
    scenario: str = ""

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> "Asked":
        return cls(*(parameters.get(name, "").strip() for name in PARAMETERS))

    def but(self, **changes: str) -> str:
        changed = replace(self, **changes)
        return urlencode([(name, value) for name in PARAMETERS if (value := getattr(changed, name))])

    def question(self) -> CurveQuestion:
        """The question, of one day.

        Raises:
            PeriodError: the day is none.
        """
        day = parse_day(self.day)
        more = {name: getattr(self, name) or None for name in ("by", "compare", "unit")}
        return CurveQuestion(self.indicator, self.organisation, day, day, **more, scenario=self.scenario or "actual")


@dataclass(frozen=True)
class Figure:
    """One of the figures that a day comes to; `note` says when or against what."""

    label: str
    shown: str
    unit: str
    note: str = ""
    before: str = ""


def figures_of(curve: DayCurve, base: DayCurve | None) -> list[Figure]:
    """Energy, peak, valley, mean and load factor, each with that of the other day."""
    told, other = curve.comes_to, (base.comes_to if base else None) or {}
    if told is None:
        return []
    at, digits = _("at %(time)s"), curve.precision  # of the points: what quarters of hours add is left out here
    found = [
        Figure(_("Energy"), number(told["energy"], digits), "MWh", "",
               number(other["energy"], digits) if other else ""),
        Figure(_("Peak load"), number(told["highest"]), "MW", at % {"time": told["highest_at"]},
               f"{number(other['highest'])} · {other['highest_at']}" if other else ""),
        Figure(_("Valley load"), number(told["lowest"]), "MW", at % {"time": told["lowest_at"]},
               f"{number(other['lowest'])} · {other['lowest_at']}" if other else ""),
        Figure(_("Mean load"), number(told["mean"]), "MW", "", number(other["mean"]) if other else ""),
    ]  # fmt: skip
    for name, label in (("load_factor", _("Daily load factor")), ("valley_peak", _("Valley ÷ peak"))):
        if told[name] is not None:
            found.append(Figure(label, percent(told[name]), "", "", percent(other[name]) if other else ""))
    return found


def percent(ratio: str | None) -> str:
    return "–" if ratio is None else f"{number(Decimal(ratio) * 100, 2)}%"


@dataclass(frozen=True)
class Quarter:
    """A point in the table: its end, its value, by how much it differs, and its coverage where others have more."""

    point: int
    time: str
    shown: str
    difference: str
    direction: str
    coverage: str


def hours_of(curve: DayCurve, base: DayCurve | None) -> list[tuple[str, list[Quarter]]]:
    """24 hours of four points."""
    points = [_quarter(curve, base, point) for point in range(1, POINTS + 1)]
    return [(f"{hour:02}:00–{hour + 1:02}:00", points[4 * hour : 4 * hour + 4]) for hour in range(24)]


def _quarter(curve: DayCurve, base: DayCurve | None, point: int) -> Quarter:
    value = curve.values[point - 1]
    before = base.values[point - 1] if base else None
    change = None if value is None or before is None else value - before
    reported = curve.reported[point - 1]
    return Quarter(
        point,
        LABELS[point - 1],
        _shown(curve, value),
        "" if change is None else f"{'+' if change > 0 else ''}{number(curve.text(change))}",
        "" if not change else "up" if change > 0 else "down",
        f"{reported}/{curve.expected}" if reported != max(curve.reported) else "",
    )


def _shown(curve: DayCurve, value: Fraction | None) -> str:
    return "–" if value is None else number(curve.text(value))


def drawn(rows: Sequence[CurveRow]) -> Sequence[CurveRow]:
    """Those with points; a single one in any case."""
    return rows if len(rows) == 1 else [row for row in rows if row.curve.given]


def chart_of(rows: Sequence[CurveRow], names: Mapping[str | None, str]) -> dict[str, Any]:
    """The day's curves as lines, at most so many; beside a single one the day that it is compared with."""
    series = [
        _series(names.get(row.group) or row.organisation, row.curve, "main", TONES[place % len(TONES)])
        for place, row in enumerate(drawn(rows)[:MOST_SERIES])
    ]
    if len(rows) == 1:
        row = rows[0]
        series[0]["name"] = row.curve.day.isoformat()
        if row.compare:
            series.append(_series(row.compare.day.isoformat(), row.compare, "before", "primary"))
    return {"kind": "line", "unit": rows[0].curve.unit.value, "labels": list(LABELS), "series": series}


def _series(name: str, curve: DayCurve, role: str, tone: str) -> dict[str, Any]:
    values = [None if value is None else float(value) for value in curve.values]
    shown = [_shown(curve, value) for value in curve.values]
    return {"name": name, "values": values, "shown": shown, "role": role, "tone": tone}


@dataclass(frozen=True)
class Line:
    """A group in the table below the chart."""

    name: str
    url: str
    figures: list[Figure]
    given: int
    reported: str


def lines_of(rows: Sequence[CurveRow], names: Mapping[str | None, str], asked: Asked) -> list[Line]:
    return [
        Line(
            names.get(row.group) or "–",
            f"?{asked.but(organisation=row.group, by='')}" if row.group and asked.by == "children" else "",
            figures_of(row.curve, row.compare),
            row.curve.given,
            f"{min(row.curve.reported)}/{row.curve.expected}",
        )
        for row in rows
    ]


@dataclass(frozen=True)
class Revision:
    """One act that recorded points of a curve. `changes` are points whose value became another."""

    recorded_at: datetime
    recorded_by: str
    source: str
    reason: str
    new: int
    changes: list[tuple[str, str, str]]  # time, before, after


def history_of(curve: Curve, organisation: int, day: date, scenario: str) -> list[Revision]:
    """The revisions of one organisation's curve, the newest first; nothing of what is outside the present scope."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM curves_history(%s, %s, %s, %s)", [curve.pk, scenario, organisation, day])
        rows = cursor.fetchall()
    found: list[Revision] = []
    befores = [*(row[6] for row in rows[1:]), [None] * POINTS]
    for (_batch, _kind, source, reason, at, by, points), before in zip(rows, befores, strict=False):
        pairs = list(zip(LABELS, before, points, strict=True))
        digits = -int(curve.precision)
        changes = [
            (time, number(Decimal(old).scaleb(digits)), number(Decimal(new).scaleb(digits)))
            for time, old, new in pairs
            if old is not None and old != new
        ]
        new_ones = sum(old is None and new is not None for _time, old, new in pairs)
        found.append(Revision(at, by or "", source, reason, new_ones, changes))
    return found

"""Comparison aligned by the Spring Festival 春节对齐: days as far from the first day of the year 正月初一 are compared.

The festival moves between 21 January and 20 February, and with it the holiday's dip of load; January and February by
the calendar compare holidays with working days. Inside a window around the festival a day is compared with the day of
the other year that is as many days before or after the festival. Outside, with the day of the same name; where that
lies in the other year's window, or is 29 February, with none: such days are left out and counted. So no day is used
twice, and both sides have equally many days.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml
from django.utils.translation import gettext as _

from gangmu.figures.analysis.errors import AnalysisError, UnknownFestival
from gangmu.figures.analysis.words import Words
from gangmu.foundation.periods.dates import same_day_last_year

_CONTENT = Path(__file__).parent / "content" / "spring_festival.yaml"
MOST_BEFORE, MOST_AFTER = 60, 90
_EARLIEST, _LATEST = (1, 20), (2, 21)  # of all years, one day wider than the festival moves


@cache
def _content() -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(_CONTENT.read_text("utf-8"), Loader=loader)  # noqa: S506 (a safe loader)


def festivals() -> Mapping[int, date]:
    """Year → the festival's first day, for every year that is known."""
    return MappingProxyType(_content()["dates"])


def source() -> str:
    """Where the dates come from, in one line."""
    found = _content()["source"]
    return f"{found['title']} ({found['package']} {found['version']}, {found['licence']})"


def festival(year: int) -> date:
    """The first day of the first month 正月初一 that falls in a year.

    Raises:
        UnknownFestival: no source covers the year.
    """
    known = festivals()
    if year not in known:
        raise UnknownFestival(year, min(known), max(known))
    return known[year]


@dataclass(frozen=True)
class Window:
    """The days around the festival that are compared by their distance from it: 15 before to 25 after, by default.

    The default is the forty days of the spring travel season 春运. A window has at most 60 days before, 90 after.
    """

    before: int = 15
    after: int = 25

    def __post_init__(self) -> None:
        if not (0 <= self.before <= MOST_BEFORE and 0 <= self.after <= MOST_AFTER):
            raise AnalysisError(
                _(
                    "A window of %(before)d days before and %(after)d after the Spring Festival; "
                    "0 to %(most_before)d before and 0 to %(most_after)d after are possible."
                )
                % {
                    "before": self.before,
                    "after": self.after,
                    "most_before": MOST_BEFORE,
                    "most_after": MOST_AFTER,
                }
            )

    def offset(self, day: date) -> tuple[int, int] | None:
        """(year of the festival, days after its first day, negative before), None outside the window.

        Raises:
            UnknownFestival: the day could lie in the window of a year that no source covers.
        """
        for year in (day.year, day.year + 1):
            earliest = date(year, *_EARLIEST) - timedelta(days=self.before)
            latest = date(year, *_LATEST) + timedelta(days=self.after)
            if earliest <= day <= latest:
                distance = (day - festival(year)).days
                if -self.before <= distance <= self.after:
                    return year, distance
        return None


class By(StrEnum):
    """How a day found its counterpart."""

    FESTIVAL = "festival"
    CALENDAR = "calendar"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Pair:
    """A day and the day of the other year that it is compared with; None where it is left out."""

    day: date
    base: date | None
    by: By


def aligned(days: Iterable[date], window: Window | None = None, years_back: int = 1) -> list[Pair]:
    """Each day with its counterpart of `years_back` years before. No counterpart occurs twice.

    Raises:
        UnknownFestival: a year is needed that no source covers.
        ValueError: `years_back` below 1.
    """
    if years_back < 1:
        raise ValueError(f"{years_back} years back; at least 1 is needed")
    window = window or Window()
    return [_pair(day, window, years_back) for day in days]


def _pair(day: date, window: Window, years_back: int) -> Pair:
    place = window.offset(day)
    if place:
        year, distance = place
        return Pair(day, festival(year - years_back) + timedelta(days=distance), By.FESTIVAL)
    if (day.month, day.day) != (2, 29):
        base = day.replace(year=day.year - years_back)
        if window.offset(base) is None:
            return Pair(day, base, By.CALENDAR)
    return Pair(day, None, By.NONE)


def same_day(window: Window | None = None) -> Callable[[date, int], date]:
    """The day that stands for another some years back, for forecasts, where days may stand for several.

    In the window by distance from the festival, elsewhere by name; where that lies in the other year's window, the
    nearest day outside it.
    """
    window = window or Window()

    def counterpart(day: date, years_back: int) -> date:
        found = _pair(day, window, years_back)
        if found.base:
            return found.base
        for _year in range(years_back):
            day = same_day_last_year(day)
        place = window.offset(day)
        if place is None:  # 28 February for 29 February
            return day
        to_before, to_after = place[1] + window.before + 1, window.after - place[1] + 1
        return day + timedelta(days=-to_before if to_before <= to_after else to_after)

    return counterpart


@dataclass(frozen=True)
class Comparison:
    """Sums over the days that have a figure on both sides, in the figures' unit, exact.

    `days` were compared, `by_festival` of them inside the window; `left_out` have no counterpart, `missing` no figure
    on one of the sides.
    """

    value: Fraction
    base: Fraction
    days: int
    by_festival: int
    left_out: int
    missing: int

    @property
    def is_partial(self) -> bool:
        return bool(self.left_out or self.missing)

    def words(self) -> Words:
        """What was compared, for the foot of a table."""
        zh = f"按春节对齐比较{self.days}天，其中{self.by_festival}天按距春节天数对应"
        en = f"aligned by the Spring Festival: {self.days} days, {self.by_festival} of them by distance from it"
        if self.left_out:
            zh, en = f"{zh}，{self.left_out}天无对应日未计", f"{en}, {self.left_out} without a counterpart left out"
        if self.missing:
            zh, en = f"{zh}，{self.missing}天缺数未计", f"{en}, {self.missing} without figures left out"
        return Words(zh, en)


def compare(pairs: Iterable[Pair], figures: Mapping[date, Fraction | None]) -> Comparison:
    """The sums of both sides, like for like: `figures` holds the days of both years."""
    value = base = Fraction(0)
    days = by_festival = left_out = missing = 0
    for pair in pairs:
        if pair.base is None:
            left_out += 1
            continue
        now, then = figures.get(pair.day), figures.get(pair.base)
        if now is None or then is None:
            missing += 1
            continue
        value, base, days = value + now, base + then, days + 1
        by_festival += pair.by is By.FESTIVAL
    return Comparison(value, base, days, by_festival, left_out, missing)

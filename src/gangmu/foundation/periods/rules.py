"""Parameters of periods that a house may set otherwise: seasons and the settlement month.

None of these dates is fixed by a standard that we could read: heating seasons are set city by city, settlement
days by contract. They are therefore parameters with a source, marked unverified; `install` sets the house's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from gangmu.foundation.periods.dates import month_end


@dataclass(frozen=True, slots=True)
class Season:
    """A named stretch of the year 季节, from one (month, day) to another, which may lie in the next year.

    A season is named after the year in which it begins. A day that a month does not have means its last day, so
    that (2, 29) is the end of February in every year.
    """

    code: str
    first: tuple[int, int]
    last: tuple[int, int]
    zh: str
    en: str
    previous: str = ""  # the season that ends the day before this one begins; empty: the same season a year earlier
    source: str = ""
    verified: bool = False

    def dates(self, year: int) -> tuple[date, date]:
        ends_in = year if self.last >= self.first else year + 1
        return _clipped(year, *self.first), _clipped(ends_in, *self.last)


def _clipped(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, month_end(year, month).day))


_METEOROLOGICAL = "Meteorological seasons, whole months"
_HEATING = "Heating season of Beijing; other cities differ (Harbin: 20 October to 20 April)"

SEASONS: Mapping[str, Season] = {
    season.code: season
    for season in (
        Season("spring", (3, 1), (5, 31), "春季", "Spring", "winter", _METEOROLOGICAL),
        Season("summer", (6, 1), (8, 31), "夏季", "Summer", "spring", _METEOROLOGICAL),
        Season("autumn", (9, 1), (11, 30), "秋季", "Autumn", "summer", _METEOROLOGICAL),
        Season("winter", (12, 1), (2, 29), "冬季", "Winter", "autumn", _METEOROLOGICAL),
        Season("heating", (11, 15), (3, 15), "供暖期", "Heating season", "", _HEATING),
    )
}


@dataclass(frozen=True, eq=False)
class PeriodRules:
    """The parameters of one house. Compared by identity, so that parsed periods can be cached per set of rules.

    `settlement_last_day` is the last day of the settlement month 结算月: with 25, settlement month 2026-11 runs from
    26 October to 25 November 2026. 31 (the default) is the calendar month.
    """

    seasons: Mapping[str, Season] = field(default_factory=lambda: SEASONS)
    settlement_last_day: int = 31
    settlement_source: str = "Default: the calendar month; the contract or market rule decides"
    settlement_verified: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.settlement_last_day <= 31:
            raise ValueError(f"settlement_last_day is {self.settlement_last_day}; it must be a day from 1 to 31")
        for code, season in self.seasons.items():
            if code != season.code or not code.isascii() or not code.isalpha() or not code.islower():
                raise ValueError(f"season {code!r}: the code must be lower-case letters and match its key")
            if season.previous and season.previous not in self.seasons:
                raise ValueError(f"season {code!r} follows {season.previous!r}, which is not defined")

    def settlement_end(self, year: int, month: int) -> date:
        return _clipped(year, month, self.settlement_last_day)


_current = PeriodRules()


def current() -> PeriodRules:
    """The rules that `Period.parse` uses when it is given none."""
    return _current


def install(rules: PeriodRules) -> PeriodRules:
    """Make `rules` the house's own and return those in force before. Call once, when the process starts."""
    global _current
    before, _current = _current, rules
    return before

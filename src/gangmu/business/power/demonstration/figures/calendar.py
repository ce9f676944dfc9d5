"""The days for which figures are made, and what is special about them."""

from datetime import date, timedelta
from functools import cached_property

import numpy as np

from gangmu.business.power.demonstration.figures.noise import Floats, Ints

EPOCH = date(2024, 1, 1)  # where stocks and reservoirs begin; no figures before
SPRING_FESTIVALS = [
    date(2024, 2, 10), date(2025, 1, 29), date(2026, 2, 17), date(2027, 2, 6), date(2028, 1, 26), date(2029, 2, 13),
    date(2030, 2, 3), date(2031, 1, 23), date(2032, 2, 11), date(2033, 1, 31), date(2034, 2, 19), date(2035, 2, 8),
]  # fmt: skip
HOLIDAYS = [((5, 1), 5, 0.05), ((10, 1), 7, 0.08)]  # first day, how many, how much less is used
YEAR = 365.2425


class Calendar:
    """All days from `EPOCH` to a last one: what has a memory must begin at one place, whatever is asked for."""

    def __init__(self, last: date) -> None:
        if last < EPOCH:
            raise ValueError(f"figures are made from {EPOCH} on, not for {last}")
        self.count = (last - EPOCH).days + 1
        self.days = [EPOCH + timedelta(days=n) for n in range(self.count)]
        self.ordinals: Ints = np.arange(EPOCH.toordinal(), EPOCH.toordinal() + self.count)
        self.months = np.array([day.month for day in self.days])
        self.weekdays: Ints = (self.ordinals + 6) % 7  # Monday is 0
        self.of_year: Floats = np.array([day.timetuple().tm_yday for day in self.days], np.float64)
        self.years: Floats = (self.ordinals - EPOCH.toordinal()) / YEAR  # since the epoch

    def at(self, day: date) -> int:
        """The column of a day; beyond the ends, the nearest beyond them."""
        return min(max((day - EPOCH).days, 0), self.count)

    def season(self, peak: float) -> Floats:
        """A cosine over the year: 1 on its `peak` (a day of the year), −1 half a year away."""
        return np.cos(2 * np.pi * (self.of_year - peak) / YEAR)

    def bell(self, peak: float, width: float) -> Floats:
        """1 on a day of the year, falling off with `width` days on both sides, around the turn of the year too."""
        away = (self.of_year - peak + YEAR / 2) % YEAR - YEAR / 2
        return np.exp(-((away / width) ** 2))

    @cached_property
    def rest(self) -> Floats:
        """How much less is used on days of rest: weekends, holidays, and the weeks around the Spring Festival."""
        less = np.where(self.weekdays >= 5, 0.035, 0.0) + np.where(self.weekdays == 6, 0.01, 0.0)
        for (month, day), length, share in HOLIDAYS:
            for year in {one.year for one in self.days}:
                first = date(year, month, day).toordinal() - EPOCH.toordinal()
                inside = slice(max(first, 0), max(first + length, 0))
                less[inside] = np.maximum(less[inside], share)
        for festival in SPRING_FESTIVALS:
            away = self.ordinals - festival.toordinal()
            width = np.where(away < 1, 6.0, 9.0)
            less = np.maximum(less, 0.20 * np.exp(-(((away - 1) / width) ** 2)))
        return less

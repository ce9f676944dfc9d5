"""Small sums with dates that periods are made of."""

import calendar
from datetime import date

FIRST_YEAR, LAST_YEAR = 1900, 2200
FIRST_DAY, LAST_DAY = date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)


def month_end(year: int, month: int) -> date:
    """The last day of a month."""
    return date(year, month, calendar.monthrange(year, month)[1])


def month_before(year: int, month: int) -> tuple[int, int]:
    """Year and month of the month before."""
    return (year, month - 1) if month > 1 else (year - 1, 12)


def month_after(year: int, month: int) -> tuple[int, int]:
    """Year and month of the month after."""
    return (year, month + 1) if month < 12 else (year + 1, 1)


def weeks_in(year: int) -> int:
    """The number of ISO weeks, 52 or 53."""
    return date(year, 12, 28).isocalendar().week


def same_day_last_year(day: date) -> date:
    """The same day a year earlier; 28 February for 29 February."""
    if (day.month, day.day) == (2, 29):
        return date(day.year - 1, 2, 28)
    return day.replace(year=day.year - 1)

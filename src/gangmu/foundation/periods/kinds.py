"""The kinds of period."""

from enum import StrEnum


class Kind(StrEnum):
    """The kinds of period, finest first; spans of any length come last."""

    DAY = "day"
    TEN_DAY = "ten_day"
    WEEK = "week"
    MONTH = "month"
    SETTLEMENT = "settlement"
    QUARTER = "quarter"
    SEASON = "season"
    HALF = "half"
    YEAR = "year"
    SPAN = "span"

"""Periods, by looking at days."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)
MONTHS_OF = {"month": 1, "quarter": 3, "half": 6, "year": 12}

# First and last (month, day) of each season, and the season before it. The 29th of February stands for the last day.
SEASONS = {
    "spring": ((3, 1), (5, 31), "winter"),
    "summer": ((6, 1), (8, 31), "spring"),
    "autumn": ((9, 1), (11, 30), "summer"),
    "winter": ((12, 1), (2, 29), "autumn"),
    "heating": ((11, 15), (3, 15), ""),
}


@dataclass(frozen=True)
class Period:
    """`start` and `end` both count."""

    code: str
    kind: str
    start: date
    end: date

    def days(self) -> list[date]:
        return [self.start + ONE_DAY * n for n in range((self.end - self.start).days + 1)]

    def grains(self, grain: str) -> list["Period"]:
        """The days, or the months that lie wholly inside."""
        if grain == "day":
            return [day_of(day) for day in self.days()]
        months = {(day.year, day.month): None for day in self.days()}
        whole = [month_of(year, month) for year, month in months]
        return [month for month in whole if self.start <= month.start and month.end <= self.end]


def parse(code: str) -> Period:
    if ".." in code:
        first, last = code.split("..")
        return span(date.fromisoformat(first), date.fromisoformat(last))
    if re.fullmatch(r"\d{4}-\d\d-\d\d", code):
        return day_of(date.fromisoformat(code))
    year = int(code[:4])
    rest = code[5:]
    if rest == "":
        return months(year, "year", 1)
    if rest[0] == "W":
        return week(year, int(rest[1:]))
    if rest[0] == "Q":
        return months(year, "quarter", int(rest[1:]))
    if rest[0] == "H":
        return months(year, "half", int(rest[1:]))
    if rest in SEASONS:
        return season(year, rest)
    if rest.endswith("-S"):  # by default the settlement month is the calendar month
        month = month_of(year, int(rest[:2]))
        return Period(code, "settlement", month.start, month.end)
    if "-D" in rest:
        return ten_day(year, int(rest[:2]), int(rest[4:]))
    return month_of(year, int(rest))


def day_of(day: date) -> Period:
    return Period(day.isoformat(), "day", day, day)


def span(first: date, last: date) -> Period:
    if last < first:
        raise ValueError(f"a span from {first} to {last}")
    return Period(f"{first}..{last}", "span", first, last)


def last_day_of_month(year: int, month: int) -> date:
    return (date(year, month, 28) + 4 * ONE_DAY).replace(day=1) - ONE_DAY


def month_of(year: int, month: int) -> Period:
    return months(year, "month", month)


def months(year: int, kind: str, number: int) -> Period:
    """The month, quarter, half or year of this number within its year."""
    length = MONTHS_OF[kind]
    form = {"month": "{:04}-{:02}", "quarter": "{:04}-Q{}", "half": "{:04}-H{}", "year": "{:04}"}[kind]
    last_month = number * length
    start = date(year, last_month - length + 1, 1)
    return Period(form.format(year, number), kind, start, last_day_of_month(year, last_month))


def ten_day(year: int, month: int, number: int) -> Period:
    start = date(year, month, {1: 1, 2: 11, 3: 21}[number])
    end = last_day_of_month(year, month) if number == 3 else start + 9 * ONE_DAY
    return Period(f"{year:04}-{month:02}-D{number}", "ten_day", start, end)


def week(year: int, number: int) -> Period:
    monday = date.fromisocalendar(year, number, 1)
    return Period(f"{year:04}-W{number:02}", "week", monday, monday + 6 * ONE_DAY)


def season(year: int, name: str) -> Period:
    first, last, _ = SEASONS[name]
    end_year = year if last > first else year + 1
    end = last_day_of_month(end_year, 2) if last == (2, 29) else date(end_year, *last)
    return Period(f"{year:04}-{name}", "season", date(year, *first), end)


def containing(kind: str, day: date) -> Period:
    """The period of this kind with this day in it. Not for seasons and spans."""
    match kind:
        case "day":
            return day_of(day)
        case "ten_day":
            return ten_day(day.year, day.month, 1 if day.day <= 10 else 2 if day.day <= 20 else 3)
        case "week":
            year, number, _ = day.isocalendar()
            return week(year, number)
        case "settlement":
            return parse(f"{day:%Y-%m}-S")
    return months(day.year, kind, (day.month - 1) // MONTHS_OF[kind] + 1)


def previous(period: Period) -> Period:
    if period.kind == "span":
        length = period.end - period.start + ONE_DAY
        return span(period.start - length, period.end - length)
    if period.kind == "season":
        name = period.code[5:]
        before = SEASONS[name][2]
        if not before:
            return season(period.start.year - 1, name)
        year = period.start.year if before != "winter" else period.start.year - 1
        return season(year, before)
    return containing(period.kind, period.start - ONE_DAY)


def year_before(day: date) -> date:
    return date(day.year - 1, 2, 28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year - 1)


def year_ago(period: Period) -> Period:
    """The same name a year earlier."""
    match period.kind:
        case "day":
            return day_of(year_before(period.start))
        case "span":
            return span(year_before(period.start), year_before(period.end))
        case "week":
            year, number = int(period.code[:4]) - 1, int(period.code[6:])
            has_week_53 = date(year, 12, 28).isocalendar().week == 53
            return week(year, 52 if number == 53 and not has_week_53 else number)
    return parse(f"{int(period.code[:4]) - 1:04}{period.code[4:]}")


def to_date(period: Period) -> Period:
    return span(date(period.end.year, 1, 1), period.end)


def to_date_year_ago(period: Period) -> Period:
    """From 1 January of the year before to the last day of the period a year ago.

    Around New Year a week and its namesake may end in years that do not follow each other; then the year to date
    itself moves a year.
    """
    last = year_ago(period).end
    if last.year == period.end.year - 1:
        return span(date(last.year, 1, 1), last)
    return year_ago(to_date(period))


def month_to_date(period: Period) -> Period:
    return span(period.end.replace(day=1), period.end)

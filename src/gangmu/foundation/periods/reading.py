"""Reading a period's code: strict, with one way to write each period."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from gangmu.foundation.periods import hints
from gangmu.foundation.periods.dates import FIRST_DAY, FIRST_YEAR, LAST_YEAR, month_end, weeks_in
from gangmu.foundation.periods.errors import PeriodError, _
from gangmu.foundation.periods.kinds import Kind


@dataclass(frozen=True, slots=True)
class Written:
    """What a code says: its kind, year and number; days for days and spans, the month's first day for ten-days."""

    kind: Kind
    year: int
    number: int = 0
    first: date = FIRST_DAY
    last: date = FIRST_DAY
    season: str = ""


_CODE = re.compile(
    r"(?P<year>[0-9]{4})"
    r"(?:-(?:"
    r"(?P<month>[0-9]{2})(?:-(?:(?P<day>[0-9]{2})|D(?P<ten>[123])|(?P<settlement>S)))?"
    r"|W(?P<week>[0-9]{2})|Q(?P<quarter>[1-4])|H(?P<half>[12])|(?P<season>[a-z]+)"
    r"))?"
)


def read(code: str, seasons: Collection[str]) -> Written:
    """What `code` says.

    Raises:
        PeriodError: it is not a code, or names something that does not exist.
    """
    first, dots, last = code.partition("..")
    if dots:
        ends = _end_of_span(first, code), _end_of_span(last, code)
        return Written(Kind.SPAN, ends[0].year, 0, *ends)
    found = _CODE.fullmatch(code)
    if found is None:
        raise _unreadable(code)
    part = found.groupdict()
    year = int(part["year"])
    check_year(year, code)
    if part["month"]:
        return _read_month(part, year, int(part["month"]), code)
    if part["week"]:
        week = int(part["week"])
        if not 1 <= week <= weeks_in(year):
            raise PeriodError(code, _("%(year)s has weeks 01 to %(weeks)s."), year=year, weeks=weeks_in(year))
        return Written(Kind.WEEK, year, week)
    if part["quarter"]:
        return Written(Kind.QUARTER, year, int(part["quarter"]))
    if part["half"]:
        return Written(Kind.HALF, year, int(part["half"]))
    if part["season"]:
        if part["season"] not in seasons:
            raise PeriodError(code, _("the named seasons are: %(known)s."), known=", ".join(seasons))
        return Written(Kind.SEASON, year, season=part["season"])
    return Written(Kind.YEAR, year, 1)


def _read_month(part: dict[str, str | None], year: int, month: int, code: str) -> Written:
    first = _existing_day(year, month, 1, code)
    if part["ten"]:
        return Written(Kind.TEN_DAY, year, int(part["ten"]), first)
    if part["settlement"]:
        return Written(Kind.SETTLEMENT, year, month)
    if part["day"]:
        return Written(Kind.DAY, year, 0, _existing_day(year, month, int(part["day"]), code))
    return Written(Kind.MONTH, year, month)


def check_year(year: int, code: str) -> None:
    """Refuse years that are out of range."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise out_of_range(code)


def out_of_range(code: str) -> PeriodError:
    """The error for a period that would leave the known years."""
    return PeriodError(code, _("only the years 1900 to 2200 are known."))


_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")


def _end_of_span(text: str, code: str) -> date:
    found = _DAY.fullmatch(text)
    if found is None:
        if hints.foreign_character(code):
            raise _unreadable(code)
        raise PeriodError(code, _("a span is written with two days, such as 2026-01-01..2026-11-20."))
    year, month, day = map(int, found.groups())
    check_year(year, code)
    return _existing_day(year, month, day, code)


def _existing_day(year: int, month: int, day: int, code: str) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        pass
    if not 1 <= month <= 12:
        raise PeriodError(code, _("there is no month %(month)s."), month=f"{month:02}")
    length = month_end(year, month).day
    raise PeriodError(code, _("%(month)s has %(days)s days."), month=f"{year:04}-{month:02}", days=length)


def _unreadable(code: str) -> PeriodError:
    if not code:
        return PeriodError(code, _("it is empty."))
    if foreign := hints.foreign_character(code):
        position, character = foreign
        visible = character.isprintable() and not character.isspace()
        return PeriodError(
            code,
            _("character %(position)s (%(character)s) is not a plain ASCII character; no spaces or full-width digits."),
            position=position,
            character=f"“{character}”" if visible else ascii(character),
        )
    return PeriodError(
        code, _("periods are written 2026-11-20, 2026-11-D2, 2026-W47, 2026-11, 2026-Q4, 2026-H2 or 2026.")
    )

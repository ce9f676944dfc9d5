"""The calendars that are shipped, read from YAML: enough for every answer without a database."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from gangmu.foundation.periods.calendars import SATURDAY, CalendarYear, SessionCalendar, WorkCalendar
from gangmu.foundation.periods.errors import PeriodsError, _
from gangmu.foundation.periods.markets import Phase, TradingHours, TradingSpan
from gangmu.foundation.periods.period import Period

FOLDER = Path(__file__).parent / "content"
WORK = "CN"
REFERENCE_MARKET = "XSHG"


class UnknownMarket(PeriodsError, LookupError):
    """There is no market with this code."""

    def __init__(self, code: str, known: Iterable[str]) -> None:
        text = _("There is no market “%(code)s”. Known markets: %(known)s.")
        super().__init__(text, code=code[:40], known=", ".join(known))


@dataclass(frozen=True)
class Market:
    """A market's names, whose days it shares from which year on, and its trading hours."""

    code: str
    name_zh: str
    name_en: str
    days_of: str
    from_year: int
    hours: Mapping[str, TradingHours]
    night_suspended: frozenset[date]


@cache
def _read(name: str) -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load((FOLDER / f"{name}.yaml").read_text("utf-8"), Loader=loader)  # noqa: S506 (a safe loader)


def days_written(text: object) -> Iterator[date]:
    """The days of `2026-02-15` or `2026-02-15..2026-02-23`."""
    return Period.parse(str(text)).iter_days()


def _named_days(written: Mapping[object, str]) -> dict[date, str]:
    return {day: name for text, name in written.items() for day in days_written(text)}


def source_of(name: str) -> str:
    """Where a shipped calendar comes from, in one line."""
    source = _read(name)["source"]
    return f"{source['title']} {source['version']}"


def work_years() -> dict[int, CalendarYear]:
    """The shipped years of the working-day calendar."""
    source = source_of(WORK)
    return {
        year: CalendarYear(year, _named_days(days["days_off"]), _named_days(days["work_days"]), source)
        for year, days in _read(WORK)["years"].items()
    }


def session_years() -> dict[int, CalendarYear]:
    """The shipped years of the reference market, Shanghai."""
    source = source_of(REFERENCE_MARKET)
    return {
        year: CalendarYear(year, {day: "" for text in closed["closed"] for day in days_written(text)}, {}, source)
        for year, closed in _read(REFERENCE_MARKET)["years"].items()
    }


def festival_in_english(name: str) -> str:
    """The English name of a festival; the Chinese one where none is known."""
    return _read(WORK)["festivals"].get(name, name)


@cache
def guessed_year(year: int) -> CalendarYear:
    """A guess at a year without source: weekends and statutory holidays off; no arranged days off, no make-up days."""
    statutory = _read("statutory")
    off = {date.fromisoformat(f"{year:04}-{day}"): name for day, name in statutory["every_year"].items()}
    off |= _named_days(statutory["lunar"].get(year, {}))
    return CalendarYear(year, off, {}, statutory["source"]["title"], provisional=True)


def fixed_holidays(year: int) -> list[date]:
    """Statutory holidays that fall on the same date every year; no notice leaves them out."""
    return [date.fromisoformat(f"{year:04}-{day}") for day in _read("statutory")["every_year"]]


def markets() -> dict[str, Market]:
    """All markets, the reference market first."""
    return {code: _market(code, data) for code, data in _read("markets")["markets"].items()}


def _market(code: str, data: Mapping[str, Any]) -> Market:
    return Market(
        code=code,
        name_zh=data["name"]["zh"],
        name_en=data["name"]["en"],
        days_of=data.get("days_of", code),
        from_year=data.get("from_year", 0),
        hours={group: _hours(group, hours) for group, hours in data["hours"].items()},
        night_suspended=frozenset(day for run in data.get("night_suspended", ()) for day in days_written(run["days"])),
    )


def _hours(group: str, data: Mapping[str, Any]) -> TradingHours:
    spans = tuple(
        TradingSpan(
            phase=Phase(span["phase"]),
            starts=time.fromisoformat(span["from"]),
            ends=time.fromisoformat(span["to"]),
            night=span.get("night", False),
            since=span.get("since"),
            until=span.get("until"),
        )
        for span in data["phases"]
    )
    return TradingHours(group, data["name"]["zh"], data["name"]["en"], spans, data["source"], data["verified"])


def build_work_calendar(years: Mapping[int, CalendarYear]) -> WorkCalendar:
    """The working-day calendar over these years."""
    return WorkCalendar(WORK, years, guessed_year)


def build_session_calendar(
    code: str, years: Mapping[int, CalendarYear], work: WorkCalendar, *, night_suspended: frozenset[date] = frozenset()
) -> SessionCalendar:
    """The calendar of market `code` over these years; those before its own first year are left out.

    Raises:
        UnknownMarket: no market has this code.
    """
    known = markets()
    if code not in known:
        raise UnknownMarket(code, known)
    market = known[code]

    def guess(year: int) -> CalendarYear:
        off = work.year(year, provisional=True).off
        closed = {day: name for day, name in off.items() if day.weekday() < SATURDAY}
        return CalendarYear(year, closed, {}, guessed_year(year).source, provisional=True)

    return SessionCalendar(
        code,
        {year: days for year, days in years.items() if year >= market.from_year},
        guess,
        holidays=work,
        hours=market.hours,
        night_suspended=market.night_suspended | night_suspended,
    )


@cache
def work_calendar() -> WorkCalendar:
    """Working days as shipped."""
    return build_work_calendar(work_years())


@cache
def session_calendar(code: str = REFERENCE_MARKET) -> SessionCalendar:
    """Sessions of a market as shipped.

    Raises:
        UnknownMarket: no market has this code.
    """
    return build_session_calendar(code, session_years(), work_calendar())

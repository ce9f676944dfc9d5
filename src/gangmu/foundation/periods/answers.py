"""What `gangmu period` and `gangmu calendar` print: plain dictionaries of texts, numbers and lists.

Without a `source` the shipped calendars answer, and no database is needed; `source=queries` adds the notices that
were loaded. Every refusal is a `PeriodsError`, whose text says what to do.
"""

from typing import Any, Protocol

from gangmu.foundation.periods import content
from gangmu.foundation.periods.calendars import SessionCalendar, WorkCalendar
from gangmu.foundation.periods.period import Period, parse_day


class Source(Protocol):
    """Where calendars come from: the module `content` or the module `queries`."""

    def work_calendar(self) -> WorkCalendar: ...

    def session_calendar(self, code: str, /) -> SessionCalendar: ...


def describe_period(code: str) -> dict[str, str]:
    """Bounds and neighbours of a period, as codes and ISO dates."""
    period = Period.parse(code)
    return {
        "code": period.code,
        "kind": period.kind.value,
        "start": period.start.isoformat(),
        "end": period.end.isoformat(),
        "previous": period.previous().code,
        "year_ago": period.year_ago().code,
        "to_date": period.to_date().code,
    }


def workdays_answer(first: str, last: str, *, provisional: bool = False, source: Source = content) -> dict[str, Any]:
    """Working days from `first` to `last`, both included."""
    answer = source.work_calendar().between(parse_day(first), parse_day(last), provisional=provisional)
    return {
        "from": first,
        "to": last,
        "workdays": len(answer),
        "days": [day.isoformat() for day in answer.days],
        "provisional": answer.provisional,
    }


def add_answer(start: str, count: int, *, provisional: bool = False, source: Source = content) -> dict[str, Any]:
    """The day `count` working days after `start`, which is not counted; before it when negative."""
    answer = source.work_calendar().add(parse_day(start), count, provisional=provisional)
    return {
        "from": start,
        "workdays": count,
        "date": answer.day.isoformat(),
        "provisional": answer.provisional,
    }


def sessions_answer(
    first: str, last: str, market: str, *, provisional: bool = False, source: Source = content
) -> dict[str, Any]:
    """Trading days of a market from `first` to `last`, both included."""
    answer = source.session_calendar(market).between(parse_day(first), parse_day(last), provisional=provisional)
    return {
        "market": market,
        "from": first,
        "to": last,
        "sessions": len(answer),
        "days": [day.isoformat() for day in answer.days],
        "provisional": answer.provisional,
    }

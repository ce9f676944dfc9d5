"""Calendars as the database has them: the shipped editions and the notices loaded since."""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache

from gangmu.foundation.periods import content
from gangmu.foundation.periods.calendars import CalendarYear, Day, Days, SessionCalendar, WorkCalendar
from gangmu.foundation.periods.intervals import Interval, total
from gangmu.foundation.periods.models import Calendar, CalendarDay, CalendarEdition
from gangmu.foundation.periods.models import CalendarYear as YearRow


def work_calendar() -> WorkCalendar:
    """Working days, with every notice that was loaded."""
    return _work_calendar(_stand())


def session_calendar(code: str = content.REFERENCE_MARKET) -> SessionCalendar:
    """Sessions of a market, with every notice that was loaded.

    Raises:
        UnknownMarket: no market has this code.
    """
    return _session_calendar(code, _stand())


def calendar(code: str) -> WorkCalendar | SessionCalendar:
    """The calendar with this code."""
    return work_calendar() if code == content.WORK else session_calendar(code)


def workdays(first: date, last: date, *, provisional: bool = False) -> Days:
    """Working days from `first` to `last`, both included."""
    return work_calendar().between(first, last, provisional=provisional)


def add_workdays(day: date, count: int, *, provisional: bool = False) -> Day:
    """The day `count` working days after `day` (before it when negative); `day` itself is not counted."""
    return work_calendar().add(day, count, provisional=provisional)


def sessions(first: date, last: date, market: str, *, provisional: bool = False) -> Days:
    """Trading days of a market from `first` to `last`, both included."""
    return session_calendar(market).between(first, last, provisional=provisional)


def sessions_overlap(intervals: Iterable[Interval], market: str, group: str, *, provisional: bool = False) -> timedelta:
    """How much of `intervals` lies in continuous trading of a product group; overlapping intervals count once."""
    return total(session_calendar(market).overlap(intervals, group, provisional=provisional))


def night_suspended(code: str) -> frozenset[date]:
    """Trading days of a market that a notice left without a night session."""
    counted = _counted(code)
    days = CalendarDay.objects.filter(year__in=counted.values(), kind=CalendarDay.Kind.NO_NIGHT)
    return frozenset(days.values_list("day", flat=True))


def _stand() -> tuple[int, int, str]:
    """What tells one stand of the calendars from another: editions are only ever added."""
    editions = CalendarEdition.objects.order_by("pk")
    newest = editions.values_list("pk", "digest").last()
    return (editions.count(), *newest) if newest else (0, 0, "")


@lru_cache(maxsize=2)
def _work_calendar(stand: tuple[int, int, str]) -> WorkCalendar:
    return content.build_work_calendar(_years(content.WORK))


@lru_cache(maxsize=32)
def _session_calendar(code: str, stand: tuple[int, int, str]) -> SessionCalendar:
    found = Calendar.objects.filter(code=code, kind=Calendar.Kind.SESSIONS).select_related("days_of").first()
    shared = _years(found.days_of.code) if found and found.days_of else {}
    return content.build_session_calendar(
        code, shared | _years(code), _work_calendar(stand), night_suspended=night_suspended(code)
    )


def _counted(code: str) -> dict[int, int]:
    """For each year the row that counts: of the newest notice, else of the newest shipped edition."""
    rows = YearRow.objects.filter(edition__calendar__code=code)
    ordered = sorted(rows.values_list("edition__origin", "edition__number", "year", "pk"), key=_rank)
    return {year: pk for _origin, _number, year, pk in ordered}  # the last of a year stays


def _rank(row: tuple[str, int, int, int]) -> tuple[bool, int]:
    return row[0] == CalendarEdition.Origin.NOTICE, row[1]


def _years(code: str) -> dict[int, CalendarYear]:
    counted = _counted(code)
    rows = YearRow.objects.filter(pk__in=counted.values()).select_related("edition")
    days: dict[int, dict[str, dict[date, str]]] = {row.pk: {"off": {}, "work": {}, "no_night": {}} for row in rows}
    for year, day, kind, name in CalendarDay.objects.filter(year__in=days).values_list("year", "day", "kind", "name"):
        days[year][kind][day] = name
    return {
        row.year: CalendarYear(row.year, days[row.pk]["off"], days[row.pk]["work"], row.edition.source, row.provisional)
        for row in rows
    }

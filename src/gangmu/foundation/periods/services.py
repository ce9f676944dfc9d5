"""Editions of calendars come in here: those that are shipped, and the yearly notices that an administrator loads."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from django.db import transaction

from gangmu.foundation.periods import content, queries
from gangmu.foundation.periods.calendars import SATURDAY, CalendarYear
from gangmu.foundation.periods.dates import FIRST_YEAR, LAST_YEAR
from gangmu.foundation.periods.errors import PeriodsError, _
from gangmu.foundation.periods.models import Calendar, CalendarDay, CalendarEdition
from gangmu.foundation.periods.models import CalendarYear as YearRow
from gangmu.foundation.settings import clock


class NoticeError(PeriodsError, ValueError):
    """A notice that cannot be right; nothing of it was loaded."""


@dataclass(frozen=True)
class _Edition:
    origin: CalendarEdition.Origin
    source: str
    years: Mapping[int, CalendarYear]
    no_night: frozenset[date] = field(default_factory=frozenset)
    published_on: date | None = None


@transaction.atomic
def install_shipped() -> list[CalendarEdition]:
    """Bring the shipped calendars into the database; returns the editions that are new. Safe to repeat."""
    markets = content.markets()
    calendars = {content.WORK: _calendar(content.WORK, "工作日", "Working days", Calendar.Kind.WORK)}
    for code, market in markets.items():
        calendars[code] = _calendar(code, market.name_zh, market.name_en, Calendar.Kind.SESSIONS)
    for code, market in markets.items():
        if market.days_of != code:
            Calendar.objects.filter(code=code).update(days_of=calendars[market.days_of])
    shipped = {content.WORK: content.work_years(), content.REFERENCE_MARKET: content.session_years()}
    added = []
    for code, years in shipped.items():
        edition = _Edition(CalendarEdition.Origin.SHIPPED, content.source_of(code), years)
        row, new = _record(calendars[code], edition)
        if new:
            added.append(row)
    return added


@transaction.atomic
def load_notice(
    code: str,
    year: int,
    *,
    off: Mapping[str, str],
    source: str,
    work: Iterable[str] = (),
    no_night: Iterable[str] = (),
    published_on: date | None = None,
    provisional: bool = False,
) -> CalendarEdition:
    """Enter the notice for one year as a new edition of calendar `code`; the same notice again changes nothing.

    Args:
        off: days off (or closed), as `2027-02-05..2027-02-11` or `2027-04-05`, with the festival's Chinese name.
        source: the notice's title and number.
        work: make-up working days, written the same way; for working days only.
        no_night: trading days without a night session before them, holidays apart; for markets only.
        provisional: the notice is a draft: answers that rest on it are marked.

    Days may also lie in the December before: notices move those. That year then gets a new edition, too.

    Raises:
        NoticeError: what is wrong with the notice.
        PeriodError: a day is not written as it should be.
        UnknownDay: days of the December before are to change, and nothing is known about that year.
    """
    calendar = Calendar.objects.select_for_update().filter(code=code).first()
    if calendar is None:
        known = ", ".join(Calendar.objects.values_list("code", flat=True))
        raise NoticeError(_("There is no calendar “%(code)s”. Known calendars: %(known)s."), code=code, known=known)
    named = {day: name for text, name in off.items() for day in content.days_written(text)}
    make_up = {day for text in work for day in content.days_written(text)}
    nights = frozenset(day for text in no_night for day in content.days_written(text))
    _check(calendar, year, named.keys(), make_up, nights)
    if not source.strip():
        raise NoticeError(_("Name the notice (title, number) as the source."))

    this_year = CalendarYear(
        year,
        {day: name for day, name in named.items() if day.year == year},
        {day: "" for day in make_up if day.year == year},
        source,
        provisional,
    )
    years = {year: this_year}
    if any(day.year < year for day in (*named, *make_up, *nights)):
        before = queries.calendar(code).year(year - 1)
        years[year - 1] = replace(
            before,
            off={d: n for d, n in before.off.items() if d not in make_up}
            | {d: n for d, n in named.items() if d.year < year},
            work={d: n for d, n in before.work.items() if d not in named} | {d: "" for d in make_up if d.year < year},
            provisional=before.provisional or provisional,
        )
        nights |= {day for day in queries.night_suspended(code) if day.year == year - 1}
    edition = _Edition(CalendarEdition.Origin.NOTICE, source.strip(), years, nights, published_on)
    return _record(calendar, edition)[0]


def _check(calendar: Calendar, year: int, off: Iterable[date], work: set[date], nights: frozenset[date]) -> None:
    off = set(off)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise NoticeError(_("The year %(year)s is out of range: only 1900 to 2200 are known."), year=year)
    for day in sorted(off | work | nights):
        if day.year != year and (day.year, day.month) != (year - 1, 12):
            text = _("%(day)s is neither in %(year)s nor in the December before.")
            raise NoticeError(text, day=day, year=year)
    for day in sorted(off & work):
        raise NoticeError(_("%(day)s is both a day off and a make-up day."), day=day)
    for day in sorted(work):
        if calendar.kind != Calendar.Kind.WORK:
            raise NoticeError(_("%(day)s: markets do not trade on make-up days; leave them out."), day=day)
        if day.weekday() < SATURDAY:
            raise NoticeError(_("%(day)s is a weekday; only a Saturday or Sunday can be a make-up day."), day=day)
    for day in sorted(nights):
        if calendar.kind == Calendar.Kind.WORK:
            raise NoticeError(_("%(day)s: working days have no night sessions."), day=day)
        if day.weekday() >= SATURDAY or day in off:
            raise NoticeError(_("%(day)s is no trading day, so no night session belongs to it."), day=day)
    for day in content.fixed_holidays(year):
        if day not in off and (calendar.kind == Calendar.Kind.WORK or day.weekday() < SATURDAY):
            text = _("%(day)s is a statutory holiday and missing among the days off. Is the notice complete?")
            raise NoticeError(text, day=day)


def _calendar(code: str, name_zh: str, name_en: str, kind: Calendar.Kind) -> Calendar:
    return Calendar.objects.update_or_create(
        code=code, defaults={"name_zh": name_zh, "name_en": name_en, "kind": kind}
    )[0]


def _special_days(edition: _Edition, year: int) -> list[tuple[str, str, str]]:
    """Day, kind and festival of every special day of a year, in order."""
    known = edition.years[year]
    days = [(day.isoformat(), CalendarDay.Kind.OFF.value, name) for day, name in known.off.items()]
    days += [(day.isoformat(), CalendarDay.Kind.WORK.value, name) for day, name in known.work.items()]
    days += [(day.isoformat(), CalendarDay.Kind.NO_NIGHT.value, "") for day in edition.no_night if day.year == year]
    return sorted(days)


def _record(calendar: Calendar, edition: _Edition) -> tuple[CalendarEdition, bool]:
    """The edition's row, and whether it is new: an edition equal to the newest of its origin is not entered again."""
    days = {year: _special_days(edition, year) for year in sorted(edition.years)}
    flags = {year: edition.years[year].provisional for year in days}
    canonical = json.dumps([edition.source, days, flags], ensure_ascii=False, sort_keys=True)
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    last = calendar.editions.order_by("number").last()
    newest = calendar.editions.filter(origin=edition.origin).order_by("number").last()
    if newest and newest.digest == digest:
        return newest, False
    row = calendar.editions.create(
        number=last.number + 1 if last else 1,
        origin=edition.origin,
        source=edition.source,
        published_on=edition.published_on,
        digest=digest,
        recorded_at=clock.now(),
    )
    years = YearRow.objects.bulk_create(YearRow(edition=row, year=year, provisional=flags[year]) for year in days)
    CalendarDay.objects.bulk_create(
        CalendarDay(year=year, day=date.fromisoformat(day), kind=kind, name=name)
        for year in years
        for day, kind, name in days[year.year]
    )
    return row, True

"""How a figure runs: in its own past 异常, among records 历史新高, against plan and time 计划进度, to the end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from gangmu.figures.analysis.forecasts import Forecast, best, forecasts
from gangmu.figures.analysis.outliers import Alike, Judged, in_own_past, judge
from gangmu.figures.analysis.progress import Progress, progress
from gangmu.figures.analysis.records import Standing, standings
from gangmu.figures.analysis.rounding import half_up, shown
from gangmu.figures.analysis.words import Words
from gangmu.figures.cube.exactly import Figures
from gangmu.figures.studies.errors import StudyError
from gangmu.foundation.periods.errors import PeriodError
from gangmu.foundation.periods.kinds import Kind
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock

BACK = {
    Kind.DAY: 1826, Kind.WEEK: 260, Kind.TEN_DAY: 180, Kind.MONTH: 120, Kind.QUARTER: 40, Kind.HALF: 20, Kind.YEAR: 20,
}  # fmt: skip
COMPARABLE = 12  # periods before, longer than a day
YEARS = 4  # of days for forecasts: three of a profile, and one for what the methods would have said
FEW_YEARS = 2  # of formulas by cell, each day of which takes milliseconds


def back(period: Period, count: int) -> list[Period]:
    """The periods up to this one, the oldest first; none of a span that has no kind."""
    found = [period]
    while period.kind in BACK and len(found) <= count:
        try:
            found.append(found[-1].previous())
        except PeriodError:
            break
    return found[::-1]


def history(period: Period) -> list[Period]:
    """As far back as records are looked for."""
    return back(period, BACK.get(period.kind, 0))


def comparables(period: Period) -> list[Period]:
    """The periods with which one is compared in its own past, itself last."""
    if period.kind == Kind.DAY:
        return [*(Period.day(day) for day in sorted(Alike().days(period.start))), period]
    return back(period, COMPARABLE)


def judged(column: Sequence[Fraction | None], periods: Sequence[Period]) -> Judged | None:
    """Whether the last of these figures stands out among those before; None where it is missing."""
    value, period = column[-1], periods[-1]
    if value is None:
        return None
    if period.kind == Kind.DAY:
        past = {one.start: number for one, number in zip(periods[:-1], column, strict=False)}
        return in_own_past(period.start, value, past)
    count = len(periods) - 1
    basis = Words(f"此前{count}期", f"the {count} periods before")
    return judge(value, [number for number in column[:-1] if number is not None], basis)


def records(figures: Figures) -> tuple[Standing, Standing] | None:
    """Where the last of these periods stands among all: highest, lowest. Figures are compared as they are shown."""
    digits = figures.measure.precision
    values = [side.values.fraction(0) for side in figures.sides]
    if values[-1] is None:
        return None
    seen = [None if value is None else Fraction(half_up(value, digits)) for value in values]
    before = [(side.period.start, value) for side, value in zip(figures.sides[:-1], seen, strict=False)]
    last = seen[-1]
    assert last is not None
    return standings(before, last)


def record_words(one: Standing, period: Period) -> Words | None:
    """What is worth saying of a record; periods are called by their codes."""
    return one.words(named=lambda day: Period.of(period.kind, day).code)


# Plan and forecast ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PlanLine:
    """A period's plan, what is done of it, and how that stands against time."""

    period: Period
    plan: Decimal
    done: Decimal
    progress: Progress


@dataclass(frozen=True)
class MonthEnd:
    """What the month will come to by each method; `best` is the one with the least past error."""

    period: Period
    through: date
    done: Decimal
    forecasts: tuple[Forecast, ...]
    best: Forecast | None


def running(period: Period) -> tuple[Period, Period, date]:
    """The month and the year around a period, and the last day of which figures count: yesterday at most."""
    through = min(period.end, clock.today() - timedelta(days=1))
    through = max(through, period.start)
    return Period.of(Kind.MONTH, through), Period.of(Kind.YEAR, through), through


def plan_line(
    period: Period, plan: Fraction | None, done: Fraction | None, through: date, reported: int | None, digits: int
) -> PlanLine:
    """How a plan stands.

    Raises:
        StudyError: there is no plan, or nothing done yet.
        AnalysisError: the plan is zero or less.
    """
    if plan is None:
        raise StudyError(_("There is no plan for %(period)s.") % {"period": period.code})
    found = progress(plan, done or Fraction(0), period, min(through, period.end), reported=reported)
    return PlanLine(
        period, shown(half_up(plan, digits), digits), shown(half_up(done or Fraction(0), digits), digits), found
    )


def days_for_forecast(month: Period, through: date, years: int = YEARS) -> list[Period]:
    """The days that forecasts look at: of this month, and of the years before."""
    first = date(month.start.year - years, month.start.month, 1)
    return [Period.day(first + timedelta(days=number)) for number in range((through - first).days + 1)]


def month_end(daily: Mapping[date, Fraction | None], month: Period, through: date, digits: int) -> MonthEnd:
    """What a month will come to.

    Raises:
        StudyError: no day of it has a figure yet.
    """
    done = [value for day, value in daily.items() if month.start <= day <= through and value is not None]
    if not done:
        raise StudyError(_("No day of %(period)s is reported yet.") % {"period": month.code})
    found = forecasts(daily, month, through)
    total = shown(half_up(sum(done, Fraction(0)), digits), digits)
    return MonthEnd(month, through, total, tuple(found), best(found))

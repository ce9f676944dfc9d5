"""What a period will come to, by three methods that are told with their past error. For what adds up over time.

With the days through some day known, those of them that are reported adding up to D:

| method | forecast |
| --- | --- |
| run rate 按目前日均 | D + mean of the reported days × days not reported |
| same days last year 按去年同日 | D + g × Σ of last year's same days of the days not reported |
| seasonal profile 按季节曲线 | D ÷ the part of the period's total that the reported days had, mean of past years |

The growth g is Σ of the reported days ÷ Σ of last year's same days, of the days that both years have. Days not
reported are those to come and those that are missing. A method that lacks figures says which. The **past error** is
what the method would have said on the same day of the periods before, each from what was known of it then, against
what they came to: mean of |forecast − actual| ÷ actual, and the same with its sign (bias).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

from django.utils.translation import gettext as _

from gangmu.figures.analysis.errors import NoBase, TooLittle, UnknownFestival
from gangmu.figures.analysis.progress import days_gone
from gangmu.figures.analysis.words import Words, decimal, percent
from gangmu.foundation.periods.dates import same_day_last_year
from gangmu.foundation.periods.period import Period

Daily = Mapping[date, Fraction | None]
SameDay = Callable[[date, int], date]  # a day, and how many years back

YEARS, FEWEST_YEARS = 3, 2
TESTS, FEWEST_TESTS = 12, 3


class Method(StrEnum):
    """How a forecast is made."""

    RUN_RATE = "run_rate"
    LAST_YEAR = "last_year"
    SEASONAL = "seasonal"


_NAMES = {
    Method.RUN_RATE: Words("按目前日均", "by the run rate"),
    Method.LAST_YEAR: Words("按去年同日", "by the same days last year"),
    Method.SEASONAL: Words("按季节曲线", "by the seasonal profile"),
}


@dataclass(frozen=True)
class PastError:
    """How wrong a method was in `tests` past periods, as parts of what they came to. Exact."""

    tests: int
    mean: Fraction
    bias: Fraction
    worst: Fraction


@dataclass(frozen=True)
class Forecast:
    """What the period will come to, in the figures' unit, exact; or why there is no telling by this method."""

    method: Method
    value: Fraction | None
    why_not: TooLittle | NoBase | UnknownFestival | None = None
    past: PastError | None = None

    def words(self, digits: int, unit: Words) -> Words:
        """The forecast and its past error; the value at `digits` decimals."""
        name = _NAMES[self.method]
        if self.value is None:
            return Words(f"{name.zh}无法预计", f"no forecast {name.en}")
        value = decimal(self.value, digits)
        zh, en = f"{name.zh}预计{value}{unit.zh}", f"{value} {unit.en}".strip() + f" {name.en}"
        if self.past is None:
            return Words(f"{zh}，误差未知", f"{en}, error unknown")
        mean, bias = percent(self.past.mean), percent(abs(self.past.bias))
        zh = f"{zh}，过去{self.past.tests}期平均误差{mean}"
        en = f"{en}, mean error of the past {self.past.tests} periods {mean}"
        if bias == percent(Fraction(0)):
            return Words(zh, en)
        side = Words("偏高", "too high") if self.past.bias > 0 else Words("偏低", "too low")
        return Words(f"{zh}（平均{side.zh}{bias}）", f"{en} (on average {bias} {side.en})")


def by_name(day: date, years_back: int) -> date:
    """The same-named day some years back; 28 February for 29 February."""
    for _year in range(years_back):
        day = same_day_last_year(day)
    return day


def forecast(
    daily: Daily, period: Period, through: date, method: Method, *, years: int = YEARS, same_day: SameDay = by_name
) -> Fraction:
    """What a period will come to. Only days up to `through` are looked at, and days that `same_day` leads to.

    Args:
        daily: an organisation's (or group's) figures of days, this and past years.
        years: of the seasonal profile; at least two of them must be complete.
        same_day: day and years back → the day compared with; `festival.same_day()` follows the Spring Festival.

    Raises:
        TooLittle: no day is reported, or the method lacks figures of past years.
        NoBase: the past figures that something would be divided by add up to zero or less.
        AnalysisError: `through` lies outside the period.
        UnknownFestival: from `same_day`.
    """
    days_gone(period, through)
    known = {day: value for day in period.iter_days() if day <= through and (value := daily.get(day)) is not None}
    if not known:
        raise TooLittle(_("No day of %(period)s is reported yet.") % {"period": period.code})
    done = sum(known.values(), Fraction(0))
    open_days = [day for day in period.iter_days() if day not in known]
    if not open_days:
        return done
    match method:
        case Method.RUN_RATE:
            return done + done / len(known) * len(open_days)
        case Method.LAST_YEAR:
            return done + _growth(daily, known, same_day) * _last_years(daily, open_days, same_day)
    share = _share(daily, period, known, years, same_day)
    return done / share


def _growth(daily: Daily, known: Mapping[date, Fraction], same_day: SameDay) -> Fraction:
    now, then = Fraction(0), Fraction(0)
    for day, value in known.items():
        before = daily.get(same_day(day, 1))
        if before is not None:
            now, then = now + value, then + before
    if then <= 0:
        raise NoBase(_("The same days of last year have no figures, or add up to zero or less."))
    return now / then


def _last_years(daily: Daily, days: Sequence[date], same_day: SameDay) -> Fraction:
    total = Fraction(0)
    for day in days:
        before = daily.get(same_day(day, 1))
        if before is None:
            raise TooLittle(
                _("Last year has no figure for %(day)s, which stands for %(other)s.")
                % {"day": same_day(day, 1).isoformat(), "other": day.isoformat()}
            )
        total += before
    return total


def _share(daily: Daily, period: Period, known: Mapping[date, Fraction], years: int, same_day: SameDay) -> Fraction:
    shares = []
    for back in range(1, years + 1):
        past = {day: daily.get(same_day(day, back)) for day in period.iter_days()}
        figures = {day: value for day, value in past.items() if value is not None}
        total = sum(figures.values(), Fraction(0))
        if len(figures) == len(past) and total > 0:
            shares.append(sum((figures[day] for day in known), Fraction(0)) / total)
    if len(shares) < FEWEST_YEARS:
        raise TooLittle(
            _("A seasonal profile needs %(fewest)d complete years of the last %(years)d; there are %(found)d.")
            % {"fewest": FEWEST_YEARS, "years": years, "found": len(shares)}
        )
    share = sum(shares, Fraction(0)) / len(shares)
    if share <= 0:
        raise NoBase(_("In past years these days came to nothing, so they say nothing of the rest."))
    return share


def past_error(
    daily: Daily,
    period: Period,
    through: date,
    method: Method,
    *,
    tests: int = TESTS,
    years: int = YEARS,
    same_day: SameDay = by_name,
) -> PastError | None:
    """How wrong the method was on the same day of the `tests` periods before; None if it could not be tried.

    Only periods with a figure for every day and a positive sum count; as many days of each are taken as known as are
    over of this one, all but one of a shorter period at most.
    """
    errors = []
    for past in _before(period, tests):
        figures = [daily.get(day) for day in past.iter_days()]
        actual = sum((value for value in figures if value is not None), Fraction(0))
        if None in figures or actual <= 0:
            continue
        gone = min(days_gone(period, through), past.days - 1)
        try:
            told = forecast(daily, past, past.start + timedelta(days=gone - 1), method, years=years, same_day=same_day)
        except (TooLittle, NoBase, UnknownFestival):
            continue
        errors.append((told - actual) / actual)
    if not errors:
        return None
    sizes = [abs(error) for error in errors]
    count = len(errors)
    return PastError(count, sum(sizes, Fraction(0)) / count, sum(errors, Fraction(0)) / count, max(sizes))


def _before(period: Period, count: int) -> Iterator[Period]:
    for _number in range(count):
        period = period.previous()
        yield period


def forecasts(
    daily: Daily,
    period: Period,
    through: date,
    *,
    tests: int = TESTS,
    years: int = YEARS,
    same_day: SameDay = by_name,
) -> list[Forecast]:
    """What the period will come to, by all three methods in their order.

    Raises:
        AnalysisError: `through` lies outside the period.
    """
    found = []
    for method in Method:
        try:
            value = forecast(daily, period, through, method, years=years, same_day=same_day)
        except (TooLittle, NoBase, UnknownFestival) as why:
            found.append(Forecast(method, None, why))
            continue
        past = past_error(daily, period, through, method, tests=tests, years=years, same_day=same_day)
        found.append(Forecast(method, value, past=past))
    return found


def best(found: Sequence[Forecast], fewest: int = FEWEST_TESTS) -> Forecast | None:
    """The forecast whose method was least wrong in the past, the first of equals; None if none was tried enough."""
    tried = [one for one in found if one.value is not None and one.past is not None and one.past.tests >= fewest]
    return min(tried, key=lambda one: one.past.mean if one.past else Fraction(0), default=None)

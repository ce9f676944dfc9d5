"""Plan progress 计划进度 against time progress 时间进度: the part that is done beside the part that is over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from django.utils.translation import gettext as _

from gangmu.figures.analysis.errors import AnalysisError, NoBase, TooLittle
from gangmu.figures.analysis.words import Words, decimal, percent
from gangmu.foundation.periods.period import Period


@dataclass(frozen=True)
class Progress:
    """How a plan stands at the end of a day. Amounts in the plan's unit, rates a day; all exact.

    `completion` 完成率 is done ÷ plan, `time` 时间进度 the part of the period (or of its profile) that is over, `ahead`
    their difference, `expected` what the plan wants by now. `remaining` is never negative. `rate_so_far` is the mean
    of the `reported` days; `rate_needed` None when no day is left and something remains.
    """

    plan: Fraction
    done: Fraction
    gone: int
    left: int
    reported: int
    completion: Fraction
    time: Fraction
    rate_so_far: Fraction | None
    rate_needed: Fraction | None

    @property
    def ahead(self) -> Fraction:
        return self.completion - self.time

    @property
    def expected(self) -> Fraction:
        return self.plan * self.time

    @property
    def remaining(self) -> Fraction:
        return max(self.plan - self.done, Fraction(0))

    @property
    def is_partial(self) -> bool:
        """Whether days that are over have not been reported."""
        return self.reported < self.gone

    def words(self, digits: int, unit: Words) -> Words:
        """The progress as a report says it; amounts at `digits` decimals, percentages at one."""
        zh = [f"完成计划{percent(self.completion)}"]
        en = [f"{percent(self.completion)} of the plan done"]
        points = decimal(abs(self.ahead) * 100, 1)
        if points == "0.0":
            zh.append("与时间进度持平")
            en.append("level with time")
        else:
            zh.append(f"{'超前' if self.ahead > 0 else '滞后'}时间进度{points}个百分点")
            en.append(f"{points} percentage points {'ahead of' if self.ahead > 0 else 'behind'} time")
        if not self.remaining:
            zh.append("计划已完成")
            en.append("the plan is met")
        elif self.rate_needed is None:
            short = decimal(self.remaining, digits)
            zh.append(f"期满欠{short}{unit.zh}")
            en.append(f"{short} {unit.en} short at the end".replace("  ", " "))
        else:
            needed = decimal(self.rate_needed, digits)
            zh.append(f"余下{self.left}天日均需{needed}{unit.zh}")
            en.append(f"{needed} {unit.en} a day needed on the {self.left} days left".replace("  ", " "))
            if self.rate_so_far is not None:
                far = decimal(self.rate_so_far, digits)
                zh[-1] += f"（此前日均{far}{unit.zh}）"
                en[-1] += f" ({far} so far)"
        if self.is_partial:
            zh.append(f"已过{self.gone}天中{self.gone - self.reported}天缺数")
            en.append(f"{self.gone - self.reported} of {self.gone} days gone are missing")
        return Words("，".join(zh), ", ".join(en))


def progress(
    plan: Fraction,
    done: Fraction,
    period: Period,
    through: date,
    *,
    reported: int | None = None,
    profile: Mapping[date, Fraction] | None = None,
) -> Progress:
    """How a plan of a period stands at the end of the day `through`; the day before the period for its beginning.

    Args:
        reported: of the days that are over, those with a figure; all of them when left out.
        profile: the plan's weight of each day of the period, where its days are not alike: time progress is then the
            part of the weights that is over.

    Raises:
        NoBase: the plan is zero or negative, or the profile's weights are.
        AnalysisError: `through` lies outside the period, more days are reported than are over, or the profile leaves
            out a day or has a negative one.
    """
    if plan <= 0:
        raise NoBase(_("A plan of zero or less has no progress. Check the plan of the period."))
    gone = days_gone(period, through)
    reported = gone if reported is None else reported
    if not 0 <= reported <= gone:
        raise AnalysisError(
            _("%(reported)d days reported of %(gone)d that are over.") % {"reported": reported, "gone": gone}
        )
    left, remaining = period.days - gone, max(plan - done, Fraction(0))
    needed = remaining / left if left else Fraction(0) if not remaining else None
    time = Fraction(gone, period.days) if profile is None else _part_over(profile, period, gone)
    far = done / reported if reported else None
    return Progress(plan, done, gone, left, reported, done / plan, time, far, needed)


def days_gone(period: Period, through: date) -> int:
    """How many days of the period are over at the end of `through`.

    Raises:
        AnalysisError: `through` lies outside; the day before the period is allowed.
    """
    if not period.start - timedelta(days=1) <= through <= period.end:
        raise AnalysisError(
            _("%(day)s is not in %(period)s, which runs from %(first)s to %(last)s. Choose a day inside.")
            % {
                "day": through.isoformat(),
                "period": period.code,
                "first": period.start.isoformat(),
                "last": period.end.isoformat(),
            }
        )
    return (through - period.start).days + 1


def _part_over(profile: Mapping[date, Fraction], period: Period, gone: int) -> Fraction:
    days = list(period.iter_days())
    for day in days:
        if profile.get(day, Fraction(-1)) < 0:
            raise TooLittle(_("The profile has no weight for %(day)s, or a negative one.") % {"day": day.isoformat()})
    whole = sum((profile[day] for day in days), Fraction(0))
    if not whole:
        raise NoBase(_("The weights of the profile add up to 0."))
    return sum((profile[day] for day in days[:gone]), Fraction(0)) / whole

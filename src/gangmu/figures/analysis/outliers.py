"""Figures that stand out 异常值, judged robustly: by medians, which a few odd ones among the comparables hardly move.

With m the median of the comparables, the **spread** is 1.4826 × the median of |x − m| (MAD), which for normally
distributed figures is their standard deviation. A figure stands out when it is more than `limit` spreads from m. When
more than half of the comparables are equal, the MAD is 0; then the spread is 1.2533 × the mean of |x − m|, which one
wild comparable does move. When all are equal, every other figure stands out. All comparisons are exact.

Source: B. Iglewicz, D. Hoaglin, "How to Detect and Handle Outliers" (ASQC 1993), modified z-scores, limit 3.5.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

from gangmu.figures.analysis.words import Words, decimal, weekday
from gangmu.foundation.periods.dates import same_day_last_year

LIMIT = Fraction("3.5")
FEWEST = 5
_FROM_MAD, _FROM_MEAN = Fraction("1.4826"), Fraction("1.2533")


class Verdict(StrEnum):
    """What is said of a figure."""

    USUAL = "usual"
    HIGH = "high"
    LOW = "low"
    TOO_FEW = "too_few"  # comparables, so nothing is said


@dataclass(frozen=True)
class Judged:
    """A figure beside its comparables, all in one unit, exact.

    `score` is how many spreads it lies above the median, negative below; None where the spread is 0 or there are too
    few comparables. `basis` says in words what they are.
    """

    verdict: Verdict
    value: Fraction
    count: int
    basis: Words
    median: Fraction | None = None
    spread: Fraction | None = None
    score: Fraction | None = None
    limit: Fraction = LIMIT

    @property
    def stands_out(self) -> bool:
        return self.verdict in (Verdict.HIGH, Verdict.LOW)

    def words(self, digits: int, unit: Words) -> Words:
        """The judgement explained, figures at `digits` decimals."""
        if self.median is None:
            return Words(
                f"{self.basis.zh}只有{self.count}个数据，不作判断",
                f"only {self.count} figures of {self.basis.en}: not judged",
            )
        value, median = decimal(self.value, digits), decimal(self.median, digits)
        side = {
            Verdict.HIGH: Words("明显高于", "is far above"),
            Verdict.LOW: Words("明显低于", "is far below"),
            Verdict.USUAL: Words("处于正常范围，相对于", "is usual beside"),
        }[self.verdict]
        if self.score is None:
            far = Words("这些数据全部相同", "all of which are equal")
        else:
            score, limit = decimal(abs(self.score), 1), decimal(self.limit, 1)
            far = Words(f"偏离{score}倍稳健标准差，界限{limit}倍", f"{score} robust standard deviations, limit {limit}")
        return Words(
            f"{value}{unit.zh}{side.zh}{self.basis.zh}（{self.count}个）的中位数{median}{unit.zh}（{far.zh}）",
            f"{_with(value, unit.en)} {side.en} the median {_with(median, unit.en)} "
            f"of {self.basis.en} ({self.count}): {far.en}",
        )


def _with(figure: str, unit: str) -> str:
    return f"{figure} {unit}".strip()


def judge(
    value: Fraction, comparables: Sequence[Fraction], basis: Words, limit: Fraction = LIMIT, fewest: int = FEWEST
) -> Judged:
    """Whether a figure stands out among comparables in one unit; `fewest` are needed to say anything.

    Raises:
        ValueError: a limit that is not positive.
    """
    if limit <= 0:
        raise ValueError(f"a limit of {limit} spreads; it must be positive")
    if len(comparables) < max(fewest, 1):
        return Judged(Verdict.TOO_FEW, value, len(comparables), basis, limit=limit)
    return _judged(value, len(comparables), *_middle_and_spread(comparables), basis, limit)


def _judged(value: Fraction, count: int, middle: Fraction, spread: Fraction, basis: Words, limit: Fraction) -> Judged:
    verdict = Verdict.USUAL
    if abs(value - middle) > limit * spread:
        verdict = Verdict.HIGH if value > middle else Verdict.LOW
    score = (value - middle) / spread if spread else None
    return Judged(verdict, value, count, basis, middle, spread, score, limit)


def _middle_and_spread(numbers: Sequence[Fraction]) -> tuple[Fraction, Fraction]:
    middle = median(numbers)
    distances = [abs(number - middle) for number in numbers]
    spread = _FROM_MAD * median(distances)
    return middle, spread or _FROM_MEAN * sum(distances, Fraction(0)) / len(distances)


def median(numbers: Sequence[Fraction]) -> Fraction:
    """The middle one, or the mean of the middle two.

    Raises:
        ValueError: no numbers.
    """
    if not numbers:
        raise ValueError("no numbers have no median")
    ordered = sorted(numbers)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


# Within the own past ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Alike:
    """Which earlier days a day is compared with: of its kind, in the last weeks and at the same time of past years.

    `kind_of` gives days that are alike the same value: the weekday, or a working day's and a holiday's mark.
    """

    weeks: int = 8
    years: int = 3
    around: int = 14  # days before and after the same day of a past year
    kind_of: Callable[[date], Hashable] = date.weekday
    kind_words: Callable[[date], Words] = lambda day: weekday(day.weekday())

    def days(self, day: date) -> Iterator[date]:
        """The comparable days, each once, the last first; all before `day`."""
        seen: set[date] = set()
        kind, anniversary = self.kind_of(day), day
        stretches = [(day - timedelta(weeks=self.weeks), day - timedelta(days=1))]
        for _year in range(self.years):
            anniversary = same_day_last_year(anniversary)
            around = timedelta(days=self.around)
            stretches.append((anniversary - around, anniversary + around))
        for first, last in stretches:
            for number in range(last.toordinal(), first.toordinal() - 1, -1):
                other = date.fromordinal(number)
                if other < day and other not in seen and self.kind_of(other) == kind:
                    seen.add(other)
                    yield other

    def words(self, day: date) -> Words:
        kind = self.kind_words(day)
        return Words(
            f"近{self.weeks}周及前{self.years}年同期的{kind.zh}",
            f"{kind.en}s of the last {self.weeks} weeks and of the same time in {self.years} years before",
        )


def in_own_past(
    day: date,
    value: Fraction,
    history: Mapping[date, Fraction | None],
    alike: Alike | None = None,
    limit: Fraction = LIMIT,
    fewest: int = FEWEST,
) -> Judged:
    """Whether an organisation's figure of a day stands out in its own past. Days after it are not looked at."""
    alike = alike or Alike()
    found = [number for other in alike.days(day) if (number := history.get(other)) is not None]
    return judge(value, found, alike.words(day), limit, fewest)


# Across peers --------------------------------------------------------------------------------------------------------


def across_peers(
    values: Mapping[str, Fraction | None],
    kinds: Mapping[str, Hashable],
    limit: Fraction = LIMIT,
    fewest: int = FEWEST,
) -> dict[str, Judged]:
    """Whether figures of one indicator and period stand out among those of organisations of the same kind.

    Each is one of its own peers, as in the source. Use figures that size does not decide: rates, hours, prices.

    Args:
        kinds: organisation → what makes peers: the kind, or kind and fuel. Who has none is judged with nobody.
    """
    groups: dict[Hashable, list[str]] = {}
    for key, value in values.items():
        if value is not None:
            groups.setdefault(kinds.get(key, ("alone", key)), []).append(key)
    found: dict[str, Judged] = {}
    basis = Words("同类组织", "organisations of the same kind")
    for keys in groups.values():
        numbers = {key: number for key in keys if (number := values[key]) is not None}
        if len(numbers) < max(fewest, 1):
            found |= {
                key: judge(number, list(numbers.values()), basis, limit, fewest) for key, number in numbers.items()
            }
            continue
        middle, spread = _middle_and_spread(list(numbers.values()))
        found |= {key: _judged(number, len(numbers), middle, spread, basis, limit) for key, number in numbers.items()}
    return {key: found[key] for key in values if key in found}

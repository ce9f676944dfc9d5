"""Plan progress: what is said follows from the plan, the days and what is done."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gangmu.figures.analysis.errors import AnalysisError, NoBase, TooLittle
from gangmu.figures.analysis.progress import progress
from gangmu.figures.analysis.tests.drawn import FIGURES, POSITIVE
from gangmu.figures.analysis.words import Words
from gangmu.foundation.periods.period import Period

NOVEMBER = Period.parse("2026-11")
KWH = Words("万kWh", "10⁴ kWh")


@given(POSITIVE, FIGURES, st.integers(0, 30))
def test_at_the_rate_needed_the_plan_is_met_to_the_day(plan, done, gone):
    found = progress(plan, done, NOVEMBER, NOVEMBER.start + timedelta(days=gone - 1))
    assert (found.gone, found.left) == (gone, 30 - gone)
    assert found.completion == done / plan
    assert found.time == Fraction(gone, 30)
    assert (found.ahead > 0) == (done > found.expected)
    if found.rate_needed is None:
        assert gone == 30 and done < plan
    else:
        assert done + found.rate_needed * found.left == max(plan, done)
    if gone and done:
        ahead_by_rate = found.rate_so_far is not None and found.rate_so_far * 30 >= plan
        assert ahead_by_rate == (found.ahead >= 0)


@given(POSITIVE, FIGURES, st.integers(0, 30), POSITIVE)
def test_a_level_profile_is_time_itself(plan, done, gone, weight):
    through = NOVEMBER.start + timedelta(days=gone - 1)
    level = {day: weight for day in NOVEMBER.iter_days()}  # noqa: C420 (its type)
    assert progress(plan, done, NOVEMBER, through, profile=level) == progress(plan, done, NOVEMBER, through)


@settings(max_examples=30)
@given(st.lists(POSITIVE, min_size=30, max_size=30), st.integers(0, 30))
def test_a_plan_that_is_done_as_its_profile_wants_is_never_behind(weights, gone):
    profile = dict(zip(NOVEMBER.iter_days(), weights, strict=True))
    plan = sum(weights, Fraction(0))
    through = NOVEMBER.start + timedelta(days=gone - 1)
    found = progress(plan, sum(weights[:gone], Fraction(0)), NOVEMBER, through, profile=profile)
    assert found.ahead == 0


def test_words():
    behind = progress(Fraction(3000), Fraction(1800), NOVEMBER, date(2026, 11, 20), reported=18)
    assert behind.words(1, KWH) == Words(
        "完成计划60.0%，滞后时间进度6.7个百分点，余下10天日均需120.0万kWh（此前日均100.0万kWh），已过20天中2天缺数",
        "60.0% of the plan done, 6.7 percentage points behind time, 120.0 10⁴ kWh a day needed on the 10 days left "
        "(100.0 so far), 2 of 20 days gone are missing",
    )
    met = progress(Fraction(3000), Fraction(3300), NOVEMBER, date(2026, 11, 20))
    assert met.words(1, KWH).en == "110.0% of the plan done, 43.3 percentage points ahead of time, the plan is met"
    short = progress(Fraction(3000), Fraction(2900), NOVEMBER, date(2026, 11, 30))
    assert short.words(0, KWH).zh == "完成计划96.7%，滞后时间进度3.3个百分点，期满欠100万kWh"
    level = progress(Fraction(3000), Fraction(2000), NOVEMBER, date(2026, 11, 20))
    assert "level with time" in level.words(0, KWH).en
    nothing = progress(Fraction(3000), Fraction(0), NOVEMBER, date(2026, 10, 31))
    assert nothing.words(0, KWH).en == (
        "0.0% of the plan done, level with time, 100 10⁴ kWh a day needed on the 30 days left"
    )


def test_what_cannot_be_is_refused():
    with pytest.raises(NoBase, match="Check the plan"):
        progress(Fraction(0), Fraction(1), NOVEMBER, date(2026, 11, 20))
    for outside in (date(2026, 10, 30), date(2026, 12, 1)):
        with pytest.raises(AnalysisError, match="runs from 2026-11-01 to 2026-11-30"):
            progress(Fraction(1), Fraction(1), NOVEMBER, outside)
    with pytest.raises(AnalysisError, match="21 days reported of 20"):
        progress(Fraction(1), Fraction(1), NOVEMBER, date(2026, 11, 20), reported=21)
    with pytest.raises(TooLittle, match="2026-11-01"):
        progress(Fraction(1), Fraction(1), NOVEMBER, date(2026, 11, 20), profile={})
    with pytest.raises(NoBase, match="add up to 0"):
        zero = dict.fromkeys(NOVEMBER.iter_days(), Fraction(0))
        progress(Fraction(1), Fraction(1), NOVEMBER, date(2026, 11, 20), profile=zero)

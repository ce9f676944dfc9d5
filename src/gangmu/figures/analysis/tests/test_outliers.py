"""Outliers: the judgement by its definition, and which days and peers are compared."""

from datetime import date, timedelta
from fractions import Fraction
from statistics import median as standard_median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangmu.figures.analysis.outliers import Alike, Verdict, across_peers, in_own_past, judge, median
from gangmu.figures.analysis.tests.drawn import FIGURES, POSITIVE
from gangmu.figures.analysis.words import Words

BASIS = Words("同类", "its like")
MW = Words("MW", "MW")
numbers = st.lists(FIGURES | st.integers(-2, 2).map(Fraction), min_size=5, max_size=15)
SATURDAY = date(2026, 11, 14)


def fractions(*values: object) -> list[Fraction]:
    return [Fraction(str(value)) for value in values]


@given(numbers, FIGURES, POSITIVE)
def test_a_figure_stands_out_beyond_the_limit_of_spreads(drawn, value, limit):
    middle = standard_median(drawn)
    assert median(drawn) == middle
    mad = standard_median([abs(one - middle) for one in drawn])
    mean = sum((abs(one - middle) for one in drawn), Fraction(0)) / len(drawn)
    spread = mad * Fraction("1.4826") if mad else mean * Fraction("1.2533")
    found = judge(value, drawn, BASIS, limit)
    assert (found.median, found.spread) == (middle, spread)
    assert found.stands_out == (abs(value - middle) > limit * spread)
    assert (found.verdict is Verdict.HIGH) == (found.stands_out and value > middle)
    assert found.score == ((value - middle) / spread if spread else None)


@given(numbers, FIGURES, POSITIVE, FIGURES)
def test_unit_and_level_do_not_matter(drawn, value, factor, level):
    one = judge(value, drawn, BASIS)
    other = judge(value * factor + level, [number * factor + level for number in drawn], BASIS)
    assert (one.verdict, one.score) == (other.verdict, other.score)


@given(st.lists(POSITIVE, min_size=7, max_size=15, unique=True), st.integers(1, 3))
def test_a_few_wild_comparables_do_not_hide_an_outlier(drawn, wild):
    found = judge(Fraction(10**6), drawn + [Fraction(10**7)] * wild, BASIS)
    assert found.verdict is Verdict.HIGH
    assert found.median is not None
    assert found.median <= max(drawn)


def test_when_most_are_equal_the_mean_distance_decides_and_when_all_are_any_other_stands_out():
    mostly = fractions(5, 5, 5, 5, 6)
    assert judge(Fraction(6), mostly, BASIS).verdict is Verdict.HIGH  # 1 is 3.99 × 0.2 × 1.2533 away
    assert judge(Fraction("5.8"), mostly, BASIS).verdict is Verdict.USUAL
    same = judge(Fraction("5.01"), fractions(5, 5, 5, 5, 5), BASIS)
    assert (same.verdict, same.score) == (Verdict.HIGH, None)
    assert judge(Fraction(5), fractions(5, 5, 5, 5, 5), BASIS).verdict is Verdict.USUAL
    assert same.words(2, MW) == Words(
        "5.01MW明显高于同类（5个）的中位数5.00MW（这些数据全部相同）",
        "5.01 MW is far above the median 5.00 MW of its like (5): all of which are equal",
    )


def test_too_few_are_not_judged():
    found = judge(Fraction(9), fractions(1, 1, 1, 1), BASIS)
    assert found.verdict is Verdict.TOO_FEW
    assert not found.stands_out
    assert found.words(0, MW) == Words("同类只有4个数据，不作判断", "only 4 figures of its like: not judged")
    assert judge(Fraction(9), fractions(1, 1, 1, 1), BASIS, fewest=4).verdict is Verdict.HIGH
    with pytest.raises(ValueError, match="positive"):
        judge(Fraction(1), [], BASIS, Fraction(0))
    with pytest.raises(ValueError, match="no numbers"):
        median([])


@given(st.dates(date(2005, 1, 1), date(2030, 12, 31)), st.integers(0, 10), st.integers(0, 3), st.integers(0, 20))
def test_comparable_days_are_those_of_its_weekday_near_it_and_near_it_in_past_years(day, weeks, years, around):
    found = list(Alike(weeks, years, around).days(day))
    assert len(set(found)) == len(found)
    anniversaries = [day.replace(day=min(day.day, 28) if day.month == 2 else day.day, year=day.year - back)
                     for back in range(1, years + 1)]  # fmt: skip
    if (day.month, day.day) == (2, 29):
        anniversaries = [date(one.year, 2, 28) for one in anniversaries]
    expected = {
        other
        for n in range(1, 366 * 4)
        if (other := day - timedelta(days=n)).weekday() == day.weekday()
        and (n <= 7 * weeks or any(abs((other - one).days) <= around for one in anniversaries))
    }
    assert set(found) == expected


def test_however_wide_the_search_no_later_day_is_compared():
    found = list(Alike(weeks=1, years=2, around=400).days(SATURDAY))
    assert max(found) == SATURDAY - timedelta(days=7)
    assert len(set(found)) == len(found)


def test_a_saturday_is_compared_with_saturdays_only():
    history: dict[date, Fraction | None] = {
        SATURDAY - timedelta(days=n): Fraction(60 if (SATURDAY - timedelta(days=n)).weekday() >= 5 else 100)
        + Fraction(n % 3)
        for n in range(1, 1200)
    }
    assert in_own_past(SATURDAY, Fraction(61), history).verdict is Verdict.USUAL
    found = in_own_past(SATURDAY, Fraction(100), history)
    assert found.verdict is Verdict.HIGH
    words = found.words(0, MW)
    assert words.zh.startswith("100MW明显高于近8周及前3年同期的星期六（")
    assert "Saturdays of the last 8 weeks and of the same time in 3 years before" in words.en
    assert in_own_past(SATURDAY - timedelta(days=1), Fraction(100), history).verdict is Verdict.USUAL


@given(st.data())
def test_days_to_come_change_no_judgement(data):
    history = {SATURDAY - timedelta(days=7 * n): data.draw(st.none() | FIGURES) for n in range(1, 8)}
    later = {SATURDAY + timedelta(days=7 * n): data.draw(FIGURES) for n in range(4)}
    value = data.draw(FIGURES)
    assert in_own_past(SATURDAY, value, history) == in_own_past(SATURDAY, value, history | later)


def test_days_may_be_alike_by_another_mark():
    holidays = {SATURDAY, date(2026, 10, 1), date(2026, 10, 2), date(2026, 10, 3)}
    alike = Alike(kind_of=lambda day: day in holidays, kind_words=lambda _day: Words("假日", "holiday"))
    assert set(alike.days(SATURDAY)) == holidays - {SATURDAY}
    assert alike.words(SATURDAY).en.startswith("holidays of the last 8 weeks")


def test_peers_are_of_the_same_kind():
    values: dict[str, Fraction | None] = {f"coal{n}": Fraction(300 + n) for n in range(6)}
    values |= {f"gas{n}": Fraction(200 + n) for n in range(6)} | {"coal6": Fraction(215), "silent": None}
    kinds = {key: key.rstrip("0123456789") for key in values} | {"solar": "solar"}
    found = across_peers(values, kinds)
    assert "silent" not in found
    assert [key for key, one in found.items() if one.stands_out] == ["coal6"]
    assert found["coal6"].verdict is Verdict.LOW
    assert found["coal6"].count == 7
    assert (
        found["coal6"]
        .words(0, Words("g/kWh", "g/kWh"))
        .en.startswith("215 g/kWh is far below the median 302 g/kWh of organisations of the same kind (7): ")
    )
    unknown = across_peers({key: value for key, value in values.items() if value}, {})
    assert {one.verdict for one in unknown.values()} == {Verdict.TOO_FEW}


@given(st.lists(FIGURES, min_size=5, max_size=10))
def test_each_peer_is_judged_by_the_same_definition(drawn):
    found = across_peers({str(n): value for n, value in enumerate(drawn)}, {str(n): "x" for n in range(len(drawn))})
    for n, value in enumerate(drawn):
        alone = judge(value, drawn, found[str(n)].basis)
        assert found[str(n)] == alone

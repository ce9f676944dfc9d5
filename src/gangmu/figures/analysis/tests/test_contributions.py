"""Contributions add up, in exact numbers and in shown ones, whatever the parts are."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gangmu.figures.analysis.contributions import (
    Part,
    Presence,
    Ratio,
    RatioPart,
    Weighing,
    of_ratio,
    of_sum,
    shown_figure,
)
from gangmu.figures.analysis.errors import NoBase
from gangmu.figures.analysis.tests.drawn import DIGITS, FIGURES, POSITIVE

parts = st.lists(st.builds(Part, st.just("x"), st.none() | FIGURES, st.none() | FIGURES), max_size=8)
ratios = st.none() | st.builds(Ratio, FIGURES, FIGURES | st.just(Fraction(0)))
ratio_parts = st.lists(st.builds(RatioPart, st.just("x"), ratios, ratios), min_size=1, max_size=8)
weighings = st.sampled_from(Weighing)


@given(parts, DIGITS)
def test_contributions_to_a_sum_add_up(drawn, digits):
    found = of_sum(drawn)
    assert sum(one.change for one in found.contributions) == found.change
    if found.base > 0 and drawn:
        assert sum(one.pull for one in found.contributions if one.pull is not None) == found.change / found.base
    if found.change:
        assert sum(one.share for one in found.contributions if one.share is not None) == 1
    else:
        assert all(one.share is None for one in found.contributions)
    shown = found.at(digits)
    assert sum(shown, Decimal(0)) == shown_figure(found.actual, digits) - shown_figure(found.base, digits)


def test_a_sum_of_plants_one_of_them_new_one_closed():
    found = of_sum(
        [
            Part("north", Fraction(100), Fraction(130)),
            Part("south", Fraction(80), Fraction(60)),
            Part("new", None, Fraction(20)),
            Part("old", Fraction(20), None),
            Part("silent", None, None),
        ]
    )
    assert (found.base, found.actual) == (200, 210)
    assert [one.change for one in found.contributions] == [30, -20, 20, -20, 0]
    assert [one.pull for one in found.contributions] == [
        Fraction(15, 100), Fraction(-1, 10), Fraction(1, 10), Fraction(-1, 10), 0,
    ]  # fmt: skip
    assert [one.share for one in found.contributions] == [3, -2, 2, -2, 0]
    assert [one.presence for one in found.contributions] == [
        Presence.BOTH, Presence.BOTH, Presence.JOINED, Presence.LEFT, Presence.MISSING,
    ]  # fmt: skip
    assert all(one.pull is None for one in of_sum([Part("loss", Fraction(-5), Fraction(5))]).contributions)


def ratio_of(drawn, side):
    tops = [getattr(part, side).numerator for part in drawn if getattr(part, side)]
    below = [getattr(part, side).denominator for part in drawn if getattr(part, side)]
    return None if not sum(below) else sum(tops, Fraction(0)) / sum(below)


@given(ratio_parts, weighings, DIGITS)
def test_mix_and_rate_effects_add_up_to_the_change_of_the_ratio(drawn, weighing, digits):
    base, actual = ratio_of(drawn, "base"), ratio_of(drawn, "actual")
    if base is None or actual is None:
        with pytest.raises(NoBase):
            of_ratio(drawn, weighing)
        return
    found = of_ratio(drawn, weighing)
    assert (found.base, found.actual) == (base, actual)
    assert sum(one.change for one in found.contributions) == found.change
    others = sum(one.other for one in found.contributions)
    assert found.mix + found.rate + others == found.change
    factor = Fraction(100)
    shown = found.at(digits, factor)
    difference = shown_figure(actual * factor, digits) - shown_figure(base * factor, digits)
    assert sum((one.change for one in shown), Decimal(0)) == difference


@given(ratio_parts, weighings)
def test_without_a_change_of_structure_there_is_no_mix_and_without_one_of_rates_no_rate(drawn, weighing):
    assume(ratio_of(drawn, "base") is not None)
    doubled = [
        RatioPart(
            one.key,
            one.base,
            one.base and Ratio(one.base.numerator * 2 + one.base.denominator, one.base.denominator * 2),
        )
        for one in drawn
    ]
    assert all(one.mix == 0 for one in of_ratio(doubled, weighing).contributions)
    same_rates = [
        RatioPart(one.key, one.base, one.base and Ratio(one.base.numerator * (n + 1), one.base.denominator * (n + 1)))
        for n, one in enumerate(drawn)
    ]
    assume(ratio_of(same_rates, "actual") is not None)
    assert all(one.rate == 0 for one in of_ratio(same_rates, weighing).contributions)


there = st.builds(Ratio, FIGURES, POSITIVE)


@given(st.lists(st.builds(RatioPart, st.just("x"), there, there), min_size=1, max_size=6))
def test_effects_are_measured_where_the_weighing_says(drawn):
    totals = [sum((getattr(one, side).denominator for one in drawn), Fraction(0)) for side in ("base", "actual")]
    r0, r1 = ratio_of(drawn, "base"), ratio_of(drawn, "actual")
    chain, symmetric = of_ratio(drawn, Weighing.CHAIN), of_ratio(drawn, Weighing.SYMMETRIC)
    for one, chained, balanced in zip(drawn, chain.contributions, symmetric.contributions, strict=True):
        before, after = (ratio.numerator / ratio.denominator for ratio in (one.base, one.actual))
        old, new = one.base.denominator / totals[0], one.actual.denominator / totals[1]
        assert (chained.mix, chained.rate) == ((new - old) * (before - r0), new * (after - before))
        middle = (before + after - r0 - r1) / 2
        assert (balanced.mix, balanced.rate) == ((new - old) * middle, (new + old) / 2 * (after - before))


@given(ratio_parts)
def test_the_symmetric_effects_turn_round_with_the_sides(drawn):
    assume(ratio_of(drawn, "base") is not None and ratio_of(drawn, "actual") is not None)
    there = of_ratio(drawn)
    back = of_ratio([RatioPart(one.key, one.actual, one.base) for one in drawn])
    for one, other in zip(there.contributions, back.contributions, strict=True):
        assert (one.mix, one.rate, one.other) == (-other.mix, -other.rate, -other.other)


def test_a_good_plant_that_grows_lowers_the_coal_rate_though_no_plant_changed():
    drawn = [
        RatioPart("good", Ratio(Fraction(280), Fraction(1)), Ratio(Fraction(840), Fraction(3))),
        RatioPart("poor", Ratio(Fraction(960), Fraction(3)), Ratio(Fraction(320), Fraction(1))),
    ]
    for weighing in Weighing:
        found = of_ratio(drawn, weighing)
        assert (found.base, found.actual, found.rate) == (310, 290, 0)
        assert [one.mix < 0 for one in found.contributions] == [True, True]
        assert found.mix == -20


def test_joining_and_leaving_is_mix_and_a_numerator_alone_is_told_apart():
    drawn = [
        RatioPart("old", Ratio(Fraction(300), Fraction(1)), None),
        RatioPart("new", None, Ratio(Fraction(280), Fraction(1))),
        RatioPart("stays", Ratio(Fraction(310), Fraction(1)), Ratio(Fraction(310), Fraction(1))),
        RatioPart("heat only", Ratio(Fraction(10), Fraction(0)), Ratio(Fraction(30), Fraction(0))),
    ]
    found = of_ratio(drawn)
    assert [one.rate for one in found.contributions] == [0, 0, 0, 0]
    assert [one.other for one in found.contributions] == [0, 0, 0, 10]
    assert [one.presence for one in found.contributions][:2] == [Presence.LEFT, Presence.JOINED]


def test_a_ratio_without_a_denominator_says_on_which_side():
    with pytest.raises(NoBase, match="of the base add up to 0"):
        of_ratio([RatioPart("a", None, Ratio(Fraction(1), Fraction(1)))])
    with pytest.raises(NoBase, match="of the period itself add up to 0"):
        of_ratio([RatioPart("a", Ratio(Fraction(1), Fraction(1)), None)])


def test_no_parts_show_nothing():
    assert of_sum([]).at(2) == ()

"""The rule for what is left over when parts are rounded."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangmu.figures.analysis.rounding import apportioned, half_up, shown, shown_difference
from gangmu.figures.analysis.tests.drawn import DIGITS, FIGURES

halves = st.tuples(st.integers(-(10**6), 10**6), st.integers(1, 7)).map(
    lambda drawn: Decimal(drawn[0] * 10 + 5).scaleb(-drawn[1])
)


@given(st.decimals(min_value=-1000, max_value=1000, places=7) | halves, DIGITS)
def test_halves_go_away_from_zero_as_decimals_have_it(value, digits):
    rounded = value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    assert shown(half_up(Fraction(value), digits), digits) == rounded


def test_all_decimals_are_shown():
    assert f"{shown(150, 2):f}" == "1.50"
    assert f"{shown(-5, 3):f}" == "-0.005"
    assert f"{shown(10**18, 9):f}" == "1000000000.000000000"


@given(st.lists(FIGURES, min_size=1, max_size=12), FIGURES, DIGITS)
def test_shown_parts_add_up_to_the_shown_change_and_stay_within_a_unit(parts, base, digits):
    actual = base + sum(parts)
    change = shown_difference(actual, base, digits)
    result = apportioned(parts, change, digits)
    assert sum(result) == change
    for part, number in zip(parts, result, strict=True):
        assert abs(number - part * 10**digits) <= 1


@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=12), DIGITS)
def test_parts_that_need_no_rounding_are_shown_as_they_are(units, digits):
    parts = [Fraction(number, 10**digits) for number in units]
    assert apportioned(parts, sum(units), digits) == units


@given(st.lists(FIGURES | st.just(Fraction(0)), min_size=1, max_size=8), DIGITS)
def test_a_part_of_zero_stays_zero_when_the_total_is_the_rounded_sum(parts, digits):
    result = apportioned(parts, half_up(sum(parts, Fraction(0)), digits), digits)
    assert all(number == 0 for number, part in zip(result, parts, strict=True) if part == 0)


def test_the_residue_goes_to_the_part_that_rounding_moved_furthest_the_earlier_of_equals():
    thirds = [Fraction(1, 3)] * 3
    assert apportioned(thirds, 100, 2) == [34, 33, 33]
    sixths = [Fraction(1, 6), Fraction(1, 6), Fraction(2, 3)]
    assert apportioned(sixths, 10, 1) == [1, 2, 7]  # 0.17 went up to 0.2 twice, 0.67 to 0.7: one unit too many


def test_the_difference_is_that_of_what_is_shown():
    assert shown_difference(Fraction("1.16"), Fraction("-1.14"), 1) == 23  # 1.2 and -1.1; 2.30 exactly
    assert shown_difference(Fraction("1.16"), Fraction("1.04"), 1) == 2  # 1.2 and 1.0; 0.12 would be 0.1


def test_what_is_no_total_of_the_parts_is_refused():
    with pytest.raises(ValueError, match="not that of the parts"):
        apportioned([Fraction(1)], 103, 2)
    with pytest.raises(ValueError, match="nothing"):
        apportioned([], 1, 2)
    with pytest.raises(ValueError, match="decimals"):
        half_up(Fraction(1), -1)

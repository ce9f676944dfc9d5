"""Effects of factors against definitions in plain fractions, written here and nowhere else."""

from collections.abc import Mapping
from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gangmu.figures.analysis.errors import BadModel, DividesByZero, MissingFactor, TooManyFactors
from gangmu.figures.analysis.factors import (
    Attribution,
    FactorModel,
    Method,
    attribute,
    attribute_one,
    factor_model,
    model_of,
)
from gangmu.figures.analysis.tests.drawn import DIGITS, FIGURES
from gangmu.figures.indicators.exact.cells import Exact
from gangmu.figures.indicators.formula.errors import FormulaError
from gangmu.figures.indicators.formula.program import Leaf, Op, Program, Shift, Step

PLAIN = dict.fromkeys("abcd", "1")

# Formula, and what it means; None where it divides by zero.
FORMULAS = {
    "a * b * c * d": lambda a, b, c, d: a * b * c * d,
    "a * b - c * d": lambda a, b, c, d: a * b - c * d,
    "(a - b) / c + d": lambda a, b, c, d: None if c == 0 else (a - b) / c + d,
    "a / (b + c) * d": lambda a, b, c, d: None if b + c == 0 else a / (b + c) * d,
    "if(a > b, c / d, max(c, d))": lambda a, b, c, d: max(c, d) if a <= b else None if d == 0 else c / d,
}
SIDES = st.fixed_dictionaries(dict.fromkeys("abcd", FIGURES))
formulas = st.sampled_from(sorted(FORMULAS))


def exact_sum(found: Attribution) -> Fraction:
    return sum(found.effects.values(), Fraction(0))


def chained(formula: str, order, base, actual) -> dict[str, Fraction] | None:
    """Effects by replacing one factor after the other; None where a step divides by zero."""
    now, effects = dict(base), {}
    before = FORMULAS[formula](**now)
    for code in order:
        now[code] = actual[code]
        after = FORMULAS[formula](**now)
        if before is None or after is None:
            return None
        effects[code] = after - before
        before = after
    return effects


@given(formulas, st.permutations("abcd"), SIDES, SIDES)
def test_chain_substitution_is_what_each_replacement_changes(formula, order, base, actual):
    model = factor_model(formula, "1", dict.fromkeys(order, "1"))
    expected = chained(formula, order, base, actual)
    if expected is None:
        with pytest.raises(DividesByZero):
            attribute_one(model, base, actual)
        return
    found = attribute_one(model, base, actual)
    assert found.effects == expected
    assert list(found.effects) == list(order)
    assert exact_sum(found) == found.change == FORMULAS[formula](**actual) - FORMULAS[formula](**base)


@settings(max_examples=40)
@given(formulas, SIDES, SIDES)
def test_shapley_values_are_the_mean_over_all_orders(formula, base, actual):
    model = factor_model(formula, "1", PLAIN)
    every = [chained(formula, order, base, actual) for order in permutations("abcd")]
    if any(one is None for one in every):
        with pytest.raises(DividesByZero):
            attribute_one(model, base, actual, Method.SHAPLEY)
        return
    found = attribute_one(model, base, actual, Method.SHAPLEY)
    assert found.effects == {code: sum(one[code] for one in every if one) / 24 for code in "abcd"}
    assert exact_sum(found) == found.change


@given(formulas, SIDES, SIDES, DIGITS, st.sampled_from(Method))
def test_shown_effects_add_up_to_the_difference_of_the_shown_results(formula, base, actual, digits, method):
    model = factor_model(formula, "1", PLAIN)
    try:
        found = attribute_one(model, base, actual, method)
    except DividesByZero:
        assume(False)
        return
    shown = found.at(digits)
    assert sum(shown.effects.values()) == shown.change == shown.actual - shown.base
    for code, effect in shown.effects.items():
        assert abs(Fraction(effect) - found.effects[code]) <= Fraction(1, 10**digits)


@given(SIDES, SIDES, st.sets(st.sampled_from("abcd")), st.sampled_from(Method))
def test_a_factor_that_did_not_change_has_no_effect(base, actual, still, method):
    actual |= {code: base[code] for code in still}
    found = attribute_one(factor_model("a * b - c * d", "1", PLAIN), base, actual, method)
    assert all(found.effects[code] == 0 for code in still)
    shares = found.shares()
    assert (shares is None) == (found.change == 0)
    assert shares is None or sum(shares.values()) == 1


@given(SIDES, SIDES)
def test_shapley_values_know_no_order(base, actual):
    one = attribute_one(factor_model("a * b - c * d", "1", PLAIN), base, actual, Method.SHAPLEY)
    other = attribute_one(
        factor_model("a * b - c * d", "1", dict(reversed(PLAIN.items()))), base, actual, Method.SHAPLEY
    )
    assert one.effects == other.effects


rows = st.lists(
    st.tuples(*[st.fixed_dictionaries({code: st.none() | FIGURES for code in "abcd"})] * 2), min_size=1, max_size=6
)


@given(formulas, rows, st.sampled_from(Method))
def test_many_organisations_at_once_are_each_by_itself(formula, drawn, method):
    model = factor_model(formula, "1", PLAIN)
    columns = [{code: Exact.of_fractions([row[side][code] for row in drawn]) for code in "abcd"} for side in (0, 1)]
    together = attribute(model, *columns, method=method)
    assert len(together) == len(drawn)
    for (base, actual), found in zip(drawn, together, strict=True):
        try:
            alone = attribute_one(model, base, actual, method)
        except (MissingFactor, DividesByZero) as refused:
            assert type(found) is type(refused)
            assert str(found) == str(refused)
        else:
            assert found == alone


# Units, refusals ----------------------------------------------------------------------------------------------------


def revenue() -> FactorModel:
    """Revenue from hours, capacity and price, in 万元."""
    return factor_model("hours * capacity * price", "万元", {"hours": "h", "capacity": "MW", "price": "元/MWh"})


def values(hours: object, capacity: object, price: object) -> Mapping[str, Fraction]:
    return {"hours": Fraction(str(hours)), "capacity": Fraction(str(capacity)), "price": Fraction(str(price))}


def test_effects_are_in_the_unit_of_the_result():
    found = attribute_one(revenue(), values(400, 600, 350), values(380, 660, 360))
    assert (found.base, found.actual) == (8400, Fraction("9028.8"))
    assert found.effects == {"hours": -420, "capacity": 798, "price": Fraction("250.8")}


def test_a_missing_factor_is_named_with_its_side():
    with pytest.raises(MissingFactor) as refused:
        attribute_one(revenue(), {"hours": Fraction(1)}, {"hours": None, "capacity": Fraction(1), "price": Fraction(1)})
    assert refused.value.base == ("capacity", "price")
    assert refused.value.actual == ("hours",)
    assert "in the base: capacity, price; in the period itself: hours" in str(refused.value)


def test_a_division_by_zero_on_the_way_says_at_which_step_and_by_what():
    model = factor_model("a / (b - c) + d", "1", PLAIN)
    base = {"a": Fraction(1), "b": Fraction(3), "c": Fraction(2), "d": Fraction(0)}
    actual = {"a": Fraction(2), "b": Fraction(2), "c": Fraction(1), "d": Fraction(5)}
    with pytest.raises(DividesByZero) as refused:  # both ends are fine, b = 2 beside the old c = 2 is not
        attribute_one(model, base, actual)
    assert (refused.value.step, refused.value.replaced, refused.value.divisor) == (2, ("a", "b"), ("b", "c"))
    other = factor_model("a / (b - c) + d", "1", dict.fromkeys("acbd", "1"))
    assert exact_sum(attribute_one(other, base, actual)) == 6
    with pytest.raises(DividesByZero):  # some order always meets it
        attribute_one(other, base, actual, Method.SHAPLEY)


def test_the_divisor_named_is_the_one_on_the_side_that_if_takes():
    model = factor_model("if(a > 0, b / c, b / d)", "1", PLAIN)
    side = {"a": Fraction(-1), "b": Fraction(1), "c": Fraction(0), "d": Fraction(0)}
    with pytest.raises(DividesByZero) as refused:
        attribute_one(model, side, side)
    assert (refused.value.step, refused.value.divisor) == (0, ("d",))
    assert attribute_one(model, side | {"d": Fraction(1)}, side | {"d": Fraction(1)}).change == 0


def test_shapley_refuses_more_factors_than_it_can_combine():
    codes = [f"f{number}" for number in range(9)]
    model = factor_model(" * ".join(codes), "1", dict.fromkeys(codes, "1"))
    side = dict.fromkeys(codes, Fraction(2))
    assert attribute_one(model, side, side).actual == 512
    with pytest.raises(TooManyFactors, match="512 evaluations"):
        attribute_one(model, side, side, Method.SHAPLEY)


@pytest.mark.parametrize(
    ("formula", "factors", "words"),
    [
        ("a * b", {"a": "1"}, "no indicator b"),
        ("a * a", {"a": "1"}, "1 factors"),
        ("a * b", PLAIN, "no factor c, d"),
        ("prior(a) * b", {"a": "1", "b": "1"}, "another period"),
        ("a + b", {"a": "h", "b": "MW"}, "cannot be added"),
        ("a *", {"a": "1"}, "column 4"),
    ],
)
def test_what_is_no_model_is_refused(formula, factors, words):
    with pytest.raises((BadModel, FormulaError), match=words):
        factor_model(formula, "1", factors)


def test_an_order_must_name_every_factor_of_a_program_once():
    program = factor_model("a * b", "1", {"a": "1", "b": "1"}).program
    assert model_of(program, "ba").factors == ("b", "a")
    for order, words in (("a", "leaves out b"), ("aab", "twice")):
        with pytest.raises(BadModel, match=words):
            model_of(program, list(order))
    shifted = Leaf("a", (Shift.PRIOR,))
    with pytest.raises(BadModel, match="another period"):
        model_of(Program((Step(Op.LEAF, payload=shifted),), (shifted,)), ["a"])


def test_a_factor_may_have_the_name_that_the_result_would_take():
    found = attribute_one(
        factor_model("result * result_", "1", {"result": "1", "result_": "1"}),
        {"result": Fraction(2), "result_": Fraction(3)},
        {"result": Fraction(3), "result_": Fraction(5)},
    )
    assert found.effects == {"result": 3, "result_": 6}

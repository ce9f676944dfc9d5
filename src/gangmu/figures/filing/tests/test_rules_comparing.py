"""Rules: two sides, an operator, tolerances; where levels meet; the words of what they find."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangmu.figures.filing.models import Mark
from gangmu.figures.filing.rules import Context, Finding
from gangmu.figures.filing.tests.ruling import PLANT, U1, U2, compiled, facts, found, held, sheet

# Sides and operators --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operator", "below", "same", "above"),
    [
        ("<=", True, True, False),
        ("<", True, False, False),
        (">=", False, True, True),
        (">", False, False, True),
        ("=", False, True, False),
        ("!=", True, False, True),
    ],
)
def test_operators(operator, below, same, above):
    rule = {"left": "auxiliary", "operator": operator, "right": "generation"}
    for value, holds in (("9.99", below), ("10.00", same), ("10.01", above)):
        assert held(rule, {(U1, "auxiliary"): value, (U1, "generation"): "10"}) is holds


def test_units_are_converted_before_they_are_compared():
    rule = {"left": "on_grid", "operator": "=", "right": "generation"}
    assert held(rule, {(U1, "on_grid"): "123.4", (U1, "generation"): "12.34"})
    (finding,) = found(rule, {(U1, "on_grid"): "123.5", (U1, "generation"): "12.34"})
    assert finding.unit == "MWh"
    assert finding.numbers["left"] == "123.5" and finding.numbers["right"] == "123.4"
    assert finding.numbers["difference"] == "0.1" and finding.numbers["generation"] == "12.34"


def test_each_organisation_is_checked_by_itself():
    rule = {"left": "auxiliary", "operator": "<=", "right": "generation"}
    values = {(U1, "auxiliary"): "1", (U1, "generation"): "2", (U2, "auxiliary"): "3", (U2, "generation"): "2"}
    (finding,) = found(rule, values)
    assert (finding.key, finding.organisation_id) == (f"r0@{U2}", U2)
    assert finding.cells == ((U2, "auxiliary"), (U2, "generation"))


@given(
    st.sampled_from(["<=", "<", ">=", ">", "=", "!="]),
    st.integers(-500, 500),
    st.integers(-500, 500),
    st.sampled_from(["0", "0.5", "1.25", "3"]),
    st.sampled_from(["0", "2", "12.5"]),
)
def test_a_rule_says_what_arithmetic_says(operator, left, right, amount, percent):
    """auxiliary (in 0.01 万kWh) against on_grid (in 0.1 MWh), compared by hand in fractions of MWh."""
    one, other = Fraction(left, 10), Fraction(right, 10)
    slack = abs(other) * Fraction(percent) / 100 + Fraction(amount)
    expected = {
        "<=": one <= other + slack,
        "<": one < other + slack,
        ">=": one >= other - slack,
        ">": one > other - slack,
        "=": abs(one - other) <= slack,
        "!=": abs(one - other) > slack,
    }[operator]
    rule = {
        "left": "auxiliary",
        "operator": operator,
        "right": "on_grid",
        "tolerance": {"amount": amount, "percent": percent},
    }
    values = {(U1, "auxiliary"): Decimal(left).scaleb(-2), (U1, "on_grid"): Decimal(right).scaleb(-1)}
    assert held(rule, values) is expected


def test_a_tolerance_says_its_unit():
    rule = {"left": "auxiliary", "operator": "=", "right": "generation", "tolerance": {"amount": "500[kWh]"}}
    assert held(rule, {(U1, "auxiliary"): "10.05", (U1, "generation"): "10"})
    (finding,) = found(rule, {(U1, "auxiliary"): "10.06", (U1, "generation"): "10"})
    assert finding.numbers["allowed"] == "0.05"


def test_filed_rates_are_held_against_recomputed_ones():
    rule = {"left": "plant_rate", "operator": "=", "right": "auxiliary_rate", "tolerance": {"amount": "0.005"}}
    values = {
        (U1, "auxiliary"): "1",
        (U1, "generation"): "10",
        (U2, "auxiliary"): "1",
        (U2, "generation"): "30",
    }
    assert held(rule, values | {(PLANT, "plant_rate"): "5.00"})  # 2 of 40, not the mean of 10 % and 3.33 %
    (finding,) = found(rule, values | {(PLANT, "plant_rate"): "6.67"})
    assert finding.numbers["right"] == "5.00" and finding.unit == "%"
    assert set(finding.cells) == {
        (PLANT, "plant_rate"),
        *((u, c) for u in (U1, U2) for c in ("auxiliary", "generation")),
    }


# Levels ---------------------------------------------------------------------------------------------------------------


def test_units_add_up_to_the_plant():
    rule = {"left": "plant_auxiliary", "operator": "=", "right": "auxiliary"}
    values = {(U1, "auxiliary"): "1.5", (U2, "auxiliary"): "2.25"}
    assert held(rule, values | {(PLANT, "plant_auxiliary"): "3.75"})
    (finding,) = found(rule, values | {(PLANT, "plant_auxiliary"): "3.7"})
    assert finding.organisation_id == PLANT and finding.numbers["right"] == "3.75"


def test_a_sum_waits_for_all_of_its_units():
    rule = {"left": "plant_auxiliary", "operator": "=", "right": "auxiliary"}
    values = {(U1, "auxiliary"): "1.5", (PLANT, "plant_auxiliary"): "9"}
    assert held(rule, values)
    assert not held(rule, values, marks={(U2, "auxiliary"): Mark.OUT_OF_SERVICE})
    assert not held(rule | {"missing": {"right": "zero"}}, values)


def test_weighted_means_and_cell_formulas_are_made_where_they_are_filed():
    values = {
        (U1, "generation"): "10",
        (U1, "price"): "300",
        (U2, "generation"): "30",
        (U2, "price"): "500",
        (PLANT, "plant_price"): "450.00",
        (PLANT, "plant_revenue"): "180000",
    }
    assert held({"left": "plant_price", "operator": "=", "right": "price"}, values)
    assert held({"left": "plant_revenue", "operator": "=", "right": "revenue"}, values)
    assert not held({"left": "plant_revenue", "operator": "=", "right": "revenue"}, values | {(U2, "price"): "501"})


def test_what_does_not_add_up_is_compared_where_there_is_one():
    rule = {"left": "plant_pressure", "operator": "=", "right": "pressure"}
    values = {(U1, "pressure"): "16.7", (PLANT, "plant_pressure"): "16"}
    assert held(rule, values | {(U2, "pressure"): "16.7"})
    assert not held(rule, values, marks={(U2, "pressure"): Mark.OUT_OF_SERVICE})


def test_capacities_are_the_organisations_own():
    rule = {"left": "generation", "operator": "<=", "right": "capacity_mwh", "tolerance": {"percent": "2"}}
    assert held(rule, {(U1, "generation"): "24.48"})
    (finding,) = found(rule, {(U1, "generation"): "24.49"})
    assert finding.unit == "万kWh"
    assert finding.numbers["limit"] == "24.48" and finding.numbers["allowed"] == "0.48"
    assert held(rule, {(U1, "generation"): "99"}, context=Context(rows=facts(None)))


def test_capacities_of_units_add_up_beside_their_figures():
    rule = {"left": "plant_auxiliary", "operator": "<=", "right": "generation / capacity_mw * 2[MW]"}
    values = {(U1, "generation"): "10", (U2, "generation"): "30", (PLANT, "plant_auxiliary"): "4"}
    assert held(rule, values)  # 40 ÷ 20 MW × 2 MW
    assert not held(rule, values | {(PLANT, "plant_auxiliary"): "4.01"})


def test_ratios_are_shown_in_the_unit_that_is_written():
    rule = {"left": "generation / capacity_mw", "operator": "<=", "right": "24[h]"}
    (finding,) = found(rule, {(U1, "generation"): "25"})
    assert (finding.numbers["left"], finding.numbers["right"], finding.unit) == ("25.00", "24.00", "h")


def test_numbers_that_differ_are_shown_to_differ():
    rule = {"left": "auxiliary / generation", "operator": "<=", "right": "0.0001"}
    (finding,) = found(rule, {(U1, "auxiliary"): "10.01", (U1, "generation"): "100000"})
    assert finding.numbers["left"] == "0.0001001" and finding.numbers["right"] == "0.0001000"


# Words ----------------------------------------------------------------------------------------------------------------


def test_a_finding_speaks_both_languages_and_survives_a_record():
    rule = {"left": "generation", "operator": "<=", "right": "capacity_mwh", "tolerance": {"percent": "2"}}
    (finding,) = found(rule, {(U1, "generation"): "1234.5"}, context=Context(rows=facts(100)))
    assert finding.needs_words
    assert finding.message("en") == "Rule 0: 1,234.50 万kWh is more than 240.00 万kWh (tolerance 4.80 万kWh). Check."
    assert finding.message("zh-hans") == "规则0：1,234.50 万kWh 大于 240.00 万kWh（允差 4.80 万kWh）。请核对"
    assert Finding.from_json(finding.as_json()) == finding


@pytest.mark.parametrize("operator", ["<=", "<", ">=", ">", "=", "!="])
def test_every_operator_has_words(operator):
    values = {"<=": "2", "<": "2", ">=": "1", ">": "1", "=": "2", "!=": "1.5"}
    other = "1.5"
    (finding,) = found(
        {"left": "auxiliary", "operator": operator, "right": "generation"},
        {(U1, "auxiliary"): values[operator], (U1, "generation"): other},
    )
    english, chinese = finding.message("en"), finding.message("zh-hans")
    assert english != chinese and "1.50 万kWh" in english and "1.50 万kWh" in chinese


def test_errors_come_first():
    rules = compiled(
        {"left": "auxiliary", "operator": "<=", "right": "generation"},
        {"left": "auxiliary", "operator": "<", "right": "generation", "strength": "error"},
    )
    findings = rules.check(sheet({(U1, "auxiliary"): "2", (U1, "generation"): "1"}), Context())
    assert [finding.strength for finding in findings] == ["error", "warning"]
    assert [finding.needs_words for finding in findings] == [False, True]

"""Rules: two sides, an operator, what is missing, tolerances, seasons, levels, other periods."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from gangmu.figures.filing.definitions import FormDefinition
from gangmu.figures.filing.models import Mark
from gangmu.figures.filing.rules import (
    About,
    Context,
    Filled,
    Finding,
    RowFacts,
    RuleSet,
    RulesInvalid,
    Series,
    compile_rules,
)
from gangmu.figures.indicators.catalogue import Catalogue
from gangmu.figures.indicators.definitions import Grain, IndicatorDefinition, OverOrganisations, OverTime
from gangmu.foundation.parties.kinds import Words

DAY, BEFORE = date(2026, 7, 20), date(2026, 7, 19)
PLANT, U1, U2 = 1, 11, 12


def indicator(code: str, unit: str, precision: int, over="sum", formula="", weight=None) -> IndicatorDefinition:
    return IndicatorDefinition(
        code,
        Words(f"指标{code}", code.capitalize()),
        unit,
        precision,
        Grain.DAY,
        over_time=OverTime.SUM if over else None,
        over_organisations=OverOrganisations(over) if over else None,
        formula=formula,
        weight=weight,
    )


CATALOGUE = Catalogue(
    [
        indicator("generation", "万kWh", 2),
        indicator("auxiliary", "万kWh", 2),
        indicator("on_grid", "MWh", 1),
        indicator("price", "元/MWh", 2, "weighted", weight="generation"),
        indicator("pressure", "MPa", 2, "none"),
        indicator("auxiliary_rate", "%", 2, "", "auxiliary / generation"),
        indicator("revenue", "万元", 2, "sum", "generation * price"),
        indicator("hours", "h", 2, "", "generation / capacity_mw"),
        indicator("plant_auxiliary", "万kWh", 2),
        indicator("plant_rate", "%", 2, "mean"),
        indicator("plant_revenue", "元", 0),
        indicator("plant_price", "元/MWh", 2, "mean"),
        indicator("plant_pressure", "MPa", 2, "mean"),
        indicator("stock", "t", 0),
        indicator("opening", "t", 0),
        indicator("elsewhere", "t", 0),
        indicator("growth", "%", 1, "", "yoy(ytd(generation))"),
        indicator("odd", "t", 0, "", "stock + elsewhere"),
    ]
)
UNIT_ITEMS = ("generation", "auxiliary", "on_grid", "price", "pressure")
PLANT_ITEMS = (
    "plant_auxiliary",
    "plant_rate",
    "plant_revenue",
    "plant_price",
    "plant_pressure",
    "stock",
    "opening",
)


def form(*rules: dict, **more) -> FormDefinition:
    filled = [
        {"code": f"r{at}", "name": {"zh": f"规则{at}", "en": f"Rule {at}"}, "advice": {"zh": "请核对", "en": "Check."}}
        | rule
        for at, rule in enumerate(rules)
    ]
    return FormDefinition.from_json(
        {
            "code": "daily",
            "name": {"zh": "日报", "en": "Daily"},
            "route": "daily",
            "filed_by": {"kinds": ["plant"]},
            "sections": [
                {
                    "code": "units",
                    "name": {"zh": "机组", "en": "Units"},
                    "level": "unit",
                    "items": [{"indicator": code, "out_of_service": "blank"} for code in UNIT_ITEMS],
                },
                {
                    "code": "plant",
                    "name": {"zh": "全厂", "en": "Plant"},
                    "level": "self",
                    "items": [{"indicator": code} for code in PLANT_ITEMS],
                },
            ],
            "rules": filled,
        }
        | more
    )


def compiled(*rules: dict, **more) -> RuleSet:
    return compile_rules(form(*rules, **more), CATALOGUE)


def sheet(values: dict, marks: dict | None = None, day: date = DAY) -> Filled:
    """A sheet of PLANT with U1 and U2; values by `organisation, code` as texts."""
    numbers = {key: None if text is None else Decimal(text) for key, text in values.items()}
    return Filled(PLANT, day, {"self": [PLANT], "unit": [U1, U2]}, numbers, marks or {})


def facts(capacity: int | None = 10, day: date = DAY) -> dict:
    size = None if capacity is None else Fraction(capacity)
    units = RowFacts((PLANT,), size, None if size is None else size * 24)
    return {(U1, day): units, (U2, day): units, (PLANT, day): RowFacts()}


def found(rule: dict, values: dict, marks: dict | None = None, context: Context | None = None) -> list[Finding]:
    return compiled(rule).check(sheet(values, marks), context or Context(rows=facts()))


def held(rule: dict, values: dict, **more) -> bool:
    return not found(rule, values, **more)


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


# What is missing ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("operator", ["=", "<="])
def test_a_rule_is_skipped_where_a_side_is_missing(operator):
    rule = {"left": "auxiliary", "operator": operator, "right": "generation"}
    assert held(rule, {(U1, "auxiliary"): "5"}) and held(rule, {(U1, "generation"): "5", (U1, "auxiliary"): None})


def test_what_is_missing_counts_as_zero_where_the_rule_says_so():
    rule = {"left": "auxiliary + on_grid", "operator": "=", "right": "generation", "missing": {"left": "zero"}}
    assert held(rule, {(U1, "on_grid"): "50", (U1, "generation"): "5"})
    assert not held(rule, {(U1, "on_grid"): "50", (U1, "generation"): "6"})
    assert held(rule, {(U1, "on_grid"): "50"})


def test_a_missing_capacity_is_never_zero():
    rule = {"left": "generation", "operator": "<=", "right": "capacity_mwh", "missing": {"right": "zero"}}
    assert held(rule, {(U1, "generation"): "5"}, context=Context(rows=facts(None)))


def test_a_side_that_must_be_there_says_what_is_missing():
    rule = {
        "left": "auxiliary",
        "operator": "<=",
        "right": "generation",
        "missing": {"left": "fault"},
        "strength": "error",
    }
    assert held(rule, {})
    (finding,) = found(rule, {(U1, "generation"): "5"})
    assert (finding.about, finding.strength) == (About.MISSING, "error")
    with translation.override("en"):
        assert finding.text == "Rule 0 cannot be checked: there is no figure for Auxiliary"
    assert held(rule, {(U1, "generation"): "5"}, marks={(U1, "auxiliary"): Mark.OUT_OF_SERVICE})


def test_a_division_by_zero_is_no_finding():
    rule = {"left": "auxiliary / generation", "operator": "<=", "right": "0.1", "missing": {"left": "fault"}}
    standing = {(unit, code): "0" for unit in (U1, U2) for code in ("auxiliary", "generation")}
    assert held(rule, standing | {(U1, "auxiliary"): "1"})
    assert [finding.organisation_id for finding in found(rule, standing | {(U2, "auxiliary"): None})] == [U2]


# Seasons and other periods --------------------------------------------------------------------------------------------


def test_a_rule_has_its_season():
    rules = compiled({"left": "generation", "operator": ">=", "right": "5[万kWh]", "months": [6, 7]})
    july, august = sheet({(U1, "generation"): "1"}), sheet({(U1, "generation"): "1"}, day=date(2026, 8, 1))
    assert [len(one) for one in rules.check_many([july, august], Context())] == [1, 0]


def test_the_period_before_is_what_is_filed():
    rule = {"left": "opening", "operator": "=", "right": "prior(stock)"}
    series = Series(np.array([BEFORE.toordinal()]), np.array([1500]))
    context = Context(earlier={(PLANT, "stock"): series})
    assert held(rule, {(PLANT, "opening"): "1500"}, context=context)
    (finding,) = found(rule, {(PLANT, "opening"): "1400"}, context=context)
    assert finding.numbers["prior(stock)"] == "1500"
    assert held(rule, {(PLANT, "opening"): "1400"})  # nothing is known of yesterday


def test_sheets_that_are_checked_together_are_each_others_period_before():
    rules = compiled({"left": "opening", "operator": "=", "right": "prior(stock)"})
    yesterday = sheet({(PLANT, "stock"): "1500"}, day=BEFORE)
    context = Context(earlier={(PLANT, "stock"): Series(np.array([BEFORE.toordinal()]), np.array([7]))})
    assert rules.check_many([sheet({(PLANT, "opening"): "1500"}), yesterday], context) == [[], []]
    assert len(rules.check_many([sheet({(PLANT, "opening"): "7"}), yesterday], context)[0]) == 1


def test_last_year_and_months():
    rules = compiled({"left": "stock", "operator": "<=", "right": "year_ago(stock)"}, grain="month")
    august = date(2025, 8, 1)
    context = Context(earlier={(PLANT, "stock"): Series(np.array([august.toordinal()]), np.array([10]))})
    assert len(rules.check(sheet({(PLANT, "stock"): "11"}, day=date(2026, 8, 1)), context)) == 1
    rules = compiled({"left": "stock", "operator": "<=", "right": "prior(stock)"}, grain="month")
    assert len(rules.check(sheet({(PLANT, "stock"): "11"}, day=date(2025, 9, 1)), context)) == 1


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


# Loading --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "place", "words"),
    [
        ({"left": "generation", "right": "stock"}, "rules.r0.right", "cannot be compared"),
        ({"left": "generation + stock", "right": "0"}, "rules.r0.left, line 1, column 12", "cannot be added"),
        ({"left": "generaton", "right": "0"}, "rules.r0.left, line 1, column 1", "Did you mean generation"),
        ({"left": "auxiliary", "right": "2 * elsewhere"}, "rules.r0.right, line 1, column 5", "no item of this form"),
        ({"left": "odd", "right": "0"}, "rules.r0.left, line 1, column 1", "odd needs elsewhere"),
        ({"left": "generation +", "right": "0"}, "rules.r0.left, line 1, column 13", "expected"),
        ({"left": "ytd(generation)", "right": "0"}, "rules.r0.left, line 1, column 1", "prior"),
        ({"left": "generation", "right": "prior(prior(generation))"}, "rules.r0.right, line 1, column 1", "prior"),
        ({"left": "growth", "right": "0"}, "rules.r0.left, line 1, column 1", "prior"),
        ({"left": "prior(hours)", "right": "0"}, "rules.r0.left, line 1, column 1", "capacity"),
        ({"left": "1", "right": "capacity_mw"}, "rules.r0", "neither side"),
        ({"left": "generation", "right": "0", "operator": "=="}, "rules.r0.operator", "<="),
        ({"left": "generation", "right": "0", "strength": "severe"}, "rules.r0.strength", "warning"),
        ({"left": "generation", "right": "0", "missing": {"left": "no"}}, "rules.r0.missing.left", "skip"),
        ({"left": "generation", "right": "0", "months": [0]}, "rules.r0.months", "1 to 12"),
        ({"left": "generation", "right": "0", "code": "two words"}, "rules.two words", "letters"),
        ({"left": "generation", "right": "0", "tolerance": {"amount": "5[t]"}}, "rules.r0.tolerance.amount", "t and"),
        ({"left": "generation", "right": "0", "tolerance": {"amount": "-5"}}, "rules.r0.tolerance.amount", "number"),
        ({"left": "generation", "right": "0", "tolerance": {"percent": "two"}}, "rules.r0.tolerance.percent", "number"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_with_its_place(rule, place, words):
    with pytest.raises(RulesInvalid) as error:
        compiled({"operator": "<="} | rule)
    (fault,) = error.value.faults
    assert fault.place.startswith(place) and words in fault.message


def test_all_that_is_wrong_is_told_at_once():
    with pytest.raises(RulesInvalid) as error:
        compiled(
            {"left": "x", "operator": "<=", "right": "y"},
            {"left": "generation", "operator": "<=", "right": "stock", "code": "r0"},
            history={"indicators": ["elsewhere", "nothing", "plant_rate"], "z": "0"},
        )
    assert [fault.place.split(",")[0] for fault in error.value.faults] == [
        "rules.r0.left",
        "rules.r0.right",
        "rules.r0",
        "history",
        "history",
        "history",
    ]


def test_levels_that_nobody_registered_are_refused():
    definition = form()
    section = replace(definition.sections[0], level="hangar")
    with pytest.raises(RulesInvalid, match=r"sections\.units\.level"):
        compile_rules(replace(definition, sections=(section,)), CATALOGUE)

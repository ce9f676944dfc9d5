"""Rules where a side is missing, in their seasons, and against other periods."""

from datetime import date

import numpy as np
import pytest
from django.utils import translation

from gangmu.figures.filing.models import Mark
from gangmu.figures.filing.rules import About, Context, Series
from gangmu.figures.filing.tests.ruling import BEFORE, PLANT, U1, U2, compiled, facts, found, held, sheet

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

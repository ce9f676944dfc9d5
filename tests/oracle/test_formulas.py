"""Formulas in small questions that a person has worked out by hand."""

import pytest

from oracle.by_hand import GENERATION, MOVING, ORGANISATIONS, PRICE, RATE, RATED, covered, indicator, one
from oracle.world import WorldError


def test_a_rate_is_a_ratio_of_sums_in_its_own_unit():
    assert one(RATE, RATED, "rate P1 2026-11")["value"] == "2.00"  # 8 MWh of 400, not the mean of 5 % and 1 %


def test_a_formula_of_cells_is_added_up_by_its_own_rules():
    assert one(RATE, RATED, "rate_of_cells P1 2026-11-01")["value"] == "3.00"
    assert covered(one(RATE, RATED, "rate_of_cells P1 2026-11-01")) == (2, 3)


def test_a_ratio_is_marked_when_its_inputs_are_covered_differently():
    less = RATED.replace("U2 aux 2026-11-01 3000\n", "")
    row = one(RATE, less, "rate P1 2026-11-01")
    assert (row["value"], row["marks"], covered(row)) == ("1.25", ["coverage_differs"], (1, 3))
    assert "marks" not in one(RATE, RATED, "rate P1 2026-11-01")


def test_division_by_zero_and_nothing_give_nothing():
    assert one(RATE, "U1 gen 2026-11-01 0\nU1 aux 2026-11-01 5", "rate U1 2026-11-01")["value"] is None
    assert one(RATE, "U1 gen 2026-11-01 7", "rate U1 2026-11-01")["value"] is None


def test_products_are_made_before_adding_up():
    cost = indicator(
        "cost", unit="CNY", formula="gen * price", grain="day", level="unit", over_time="sum", over_organisations="sum"
    )
    filed = (
        "U1 gen 2026-11-01 2\nU1 price 2026-11-01 10\nU2 gen 2026-11-01 3\nU2 price 2026-11-01 20\nU2 gen 2026-11-02 9"
    )
    row = one([GENERATION, PRICE, cost], filed, "cost P1 2026-11")
    assert (row["value"], row["coverage"]["reported"]) == ("80.00", 2)


def test_inputs_of_different_levels_meet_at_the_higher():
    price = indicator("p", unit="CNY/MWh", level="plant", over_time="mean", over_organisations="mean")
    cost = indicator(
        "cost", unit="CNY", formula="gen * p", grain="day", level="plant", over_time="sum", over_organisations="sum"
    )
    filed = MOVING + "P1 p 2026-11-15 10\nP2 p 2026-11-16 100\nU1 gen 2026-11-15 5\n"
    assert one([GENERATION, price, cost], filed, "cost P1 2026-11")["value"] == "70.00"  # (2 + 5) · 10
    assert one([GENERATION, price, cost], filed, "cost G 2026-11")["value"] == "470.00"  # + 4 · 100
    # Today U3 stands below P2, so on the 15th only U1's 5 MWh are P1's
    assert one([GENERATION, price, cost], filed, "cost P1 2026-11", structure="now")["value"] == "50.00"


def test_days_are_added_up_before_they_enter_a_formula_of_months():
    fee = indicator("fee", unit="CNY/MWh", grain="month", over_time="last", over_organisations="mean")
    cost = indicator(
        "cost", unit="CNY", formula="gen*fee", grain="month", level="unit", over_time="sum", over_organisations="sum"
    )
    filed = MOVING + "U3 fee 2026-11 2"
    assert one([GENERATION, fee, cost], filed, "cost P2 2026-11")["value"] == "30.00"  # the month is P2's as a whole
    assert one([GENERATION, fee, cost], filed, "cost P1 2026-11")["value"] is None


def test_capacity_is_weighted_by_time_and_follows_the_move():
    share = indicator("use", unit="%", formula="gen / capacity_mwh", level="unit")
    mean = indicator("mean", unit="MW", formula="gen / gen * capacity_mw", level="unit")
    filed = MOVING + "U1 gen 2026-11-01 1"
    # P1 in November: 100 + 200 + 300 · 15/30 = 450 MW; 450 · 24 · 30 = 324000 MWh
    assert one([GENERATION, mean], filed, "mean P1 2026-11")["value"] == "450.00"
    row = one([indicator("gen"), share], "U1 gen 2026-11-01 3240", "use P1 2026-11")
    assert row["value"] == "1.00"


def test_capacity_of_a_day_out_of_service_is_zero():
    closing = ORGANISATIONS.replace("U1,unit,P1,2020-01-01,,", "U1,unit,P1,2020-01-01,2026-11-06,")
    mean = indicator("mean", unit="MW", formula="capacity_mw + gen / gen * capacity_mw * 0", level="unit")
    assert one([GENERATION, mean], "U1 gen 2026-11-01 1", "mean U1 2026-11", closing)["value"] == "20.00"


def test_functions_of_time_look_at_other_periods():
    made = [
        GENERATION,
        indicator("before", formula="prior(gen)"),
        indicator("twice", formula="prior(prior(gen))"),
        indicator("growth", unit="%", formula="yoy(gen)"),
        indicator("year", formula="ytd(gen) - mtd(gen)"),
    ]
    filed = "U1 gen 2025-11-02 2\nU1 gen 2026-10-31 1\nU1 gen 2026-11-01 4\nU1 gen 2026-11-02 3"
    assert one(made, filed, "before U1 2026-11-02")["value"] == "4.00"
    assert one(made, filed, "twice U1 2026-11-02")["value"] == "1.00"
    assert one(made, filed, "growth U1 2026-11-02")["value"] == "50.00"
    assert one(made, filed, "year U1 2026-11-02")["value"] == "1.00"


def test_formulas_choose_and_round_and_know_names():
    made = [
        GENERATION,
        indicator("bigger", formula="if(「gen名」 > 0, max(gen, 「gen name」 * 2), 0)"),
        indicator("rounded", unit="kWh", formula="round(gen / 3, 1) - -gen*0", precision=3),
    ]
    assert one(made, "U1 gen 2026-11-01 1", "bigger U1 2026-11-01")["value"] == "2.00"
    assert one(made, "U1 gen 2026-11-01 -1", "bigger U1 2026-11-01")["value"] == "0.00"
    assert one(made, "U1 gen 2026-11-01 0.5", "rounded U1 2026-11-01")["value"] == "200.000"  # 0.1666… MWh is 0.2 MWh


def test_unlike_units_are_not_added():
    with pytest.raises(WorldError, match="unlike"):
        one(
            [GENERATION, PRICE, indicator("wrong", formula="gen + price")], "U1 gen 2026-11-01 1", "wrong U1 2026-11-01"
        )


def test_a_result_formula_in_a_formula_of_cells_is_evaluated_there():
    made = [
        *RATE,
        indicator(
            "highest", unit="%", formula="rate", grain="day", level="unit", over_time="max", over_organisations="max"
        ),
    ]
    assert one(made, RATED, "highest P1 2026-11")["value"] == "5.00"


def test_last_takes_each_organisations_last_day():
    made = [GENERATION, indicator("latest", formula="last(gen)")]
    filed = "U1 gen 2026-11-01 4\nU1 gen 2026-11-03 1\nU2 gen 2026-11-02 8"
    assert one(made, filed, "latest P1 2026-11")["value"] == "9.00"


def test_capacity_as_an_indicator_has_cells_and_can_weigh():
    capacity = indicator(
        "cap", unit="MW", formula="capacity_mw", grain="day", level="unit", over_time="mean", over_organisations="sum"
    )
    level = indicator("temper", unit="1", over_organisations="weighted", weight="cap")
    filed = "U1 temper 2026-11-01 10\nU2 temper 2026-11-01 40"
    row = one([capacity, level], filed, "cap P1 2026-11")
    assert (row["value"], covered(row), row["state"]) == ("600.00", (75, 75), None)  # 300 while it was there
    assert one([capacity, level], filed, "temper P1 2026-11")["value"] == "30.00"  # (10 · 100 + 40 · 200) / 300

"""Trees, totals, coverage, comparison and grouping in small questions that a person has worked out by hand."""

import pytest

from oracle.by_hand import GENERATION, MOVING, ORGANISATIONS, PRICE, RATE, ask, covered, indicator, one


def test_a_row_has_exactly_the_fields_of_the_contract():
    assert one([GENERATION], "U1 gen 2026-11-01 1.5", "gen U1 2026-11-01") == {
        "organisation": "U1",
        "group": None,
        "indicator": "gen",
        "period": "2026-11-01",
        "value": "1.50",
        "unit": "MWh",
        "coverage": {"reported": 1, "expected": 1},
        "state": "locked",
        "compare": None,
    }


def test_nothing_reported_is_null_and_not_zero():
    row = one([GENERATION], "U1 gen 2026-11-01 0", "gen P1 2026-11-02")
    assert (row["value"], row["state"], covered(row)) == (None, None, (0, 3))
    assert one([GENERATION], "U1 gen 2026-11-01 0", "gen P1 2026-11-01")["value"] == "0.00"


def test_then_the_days_belong_to_whom_they_belonged():
    assert one([GENERATION], MOVING, "gen P1 2026-11")["value"] == "3.00"
    assert one([GENERATION], MOVING, "gen R2 2026-11")["value"] == "12.00"
    assert one([GENERATION], MOVING, "gen G 2026-11")["value"] == "15.00"


def test_now_all_days_belong_to_whom_they_belong_today():
    assert one([GENERATION], MOVING, "gen P1 2026-11", structure="now")["value"] is None
    assert one([GENERATION], MOVING, "gen P2 2026-11", structure="now")["value"] == "15.00"


def test_coverage_follows_the_move():
    # P1 in November: U1 and U2 on 30 days, U3 on 15
    assert covered(one([GENERATION], MOVING, "gen P1 2026-11")) == (2, 75)
    assert covered(one([GENERATION], MOVING, "gen P2 2026-11")) == (2, 15)
    assert covered(one([GENERATION], MOVING, "gen P2 2026-11", structure="now")) == (4, 30)


def test_a_month_belongs_to_the_tree_of_its_last_day():
    monthly = indicator("m", grain="month")
    filed = "U3 m 2026-10 5\nU3 m 2026-11 7"
    assert one([monthly], filed, "m P1 2026-Q4")["value"] == "5.00"
    assert one([monthly], filed, "m P2 2026-Q4")["value"] == "7.00"


def test_a_month_belongs_to_the_last_day_on_which_the_organisation_was_there():
    closing = ORGANISATIONS.replace("U3,unit,P2,2026-11-16,,", "U3,unit,P2,2026-11-16,2026-11-20,")
    closing += "U3,unit,P1,2026-12-05,,300,,\n"
    monthly = indicator("m", grain="month")
    filed = "U3 m 2026-11 7\nU3 m 2026-12 9"
    assert one([monthly], filed, "m P2 2026-H2", closing)["value"] == "7.00"
    assert one([monthly], filed, "m P1 2026-H2", closing)["value"] == "9.00"


def test_only_months_wholly_inside_count():
    monthly = indicator("m", grain="month")
    filed = "U1 m 2026-10 5\nU1 m 2026-11 7"
    assert covered(one([monthly], filed, "m U1 2026-11-01")) == (0, 0)
    assert one([monthly], filed, "m U1 2026-10-02..2026-11-30")["value"] == "7.00"
    assert covered(one([monthly], filed, "m U1 2026-10-02..2026-12-30")) == (1, 1)


def test_an_organisation_that_was_away_is_not_expected():
    away = ORGANISATIONS.replace("U1,unit,P1,2020-01-01,,", "U1,unit,P1,2020-01-01,2026-11-03,")
    away += "U1,unit,P1,2026-11-08,,100,,\n"
    assert covered(one([GENERATION], "U1 gen 2026-11-09 1", "gen U1 2026-11-D1", away)) == (1, 6)


TWO_UNITS = "U1 g 2026-11-01 1\nU1 g 2026-11-02 3\nU1 g 2026-11-05 2\nU2 g 2026-11-02 8\nU2 g 2026-11-04 4"


@pytest.mark.parametrize(
    ("rule", "value"),
    [("sum", "18.00"), ("mean", "8.00"), ("first", "9.00"), ("last", "6.00"), ("min", "5.00"), ("max", "11.00")],
)
def test_time_comes_first_organisation_by_organisation(rule: str, value: str):
    # mean 2 + 6, first 1 + 8, last 2 + 4, min 1 + 4, max 3 + 8
    assert one([indicator("g", over_time=rule)], TWO_UNITS, "g P1 2026-11-D1")["value"] == value


@pytest.mark.parametrize(("rule", "value"), [("sum", "18.00"), ("mean", "9.00"), ("min", "6.00"), ("max", "12.00")])
def test_then_organisations(rule: str, value: str):
    assert one([indicator("g", over_organisations=rule)], TWO_UNITS, "g P1 2026-11-D1")["value"] == value


def test_none_wants_exactly_one_organisation_from_which_something_is_expected():
    level = indicator("level", unit="m", over_time="last", over_organisations="none")
    filed = "U3 level 2026-11-16 5\nU3 level 2026-11-17 6"
    assert one([level], filed, "level P2 2026-11")["value"] == "6.00"
    assert one([level], filed, "level G 2026-11")["value"] is None
    assert covered(one([level], filed, "level G 2026-11-D2")) == (2, 30)


def test_weighted_is_over_all_cells_where_both_are_reported():
    filed = """
    U1 price 2026-11-01 100
    U1 gen 2026-11-01 1
    U1 price 2026-11-02 200
    U1 gen 2026-11-02 3
    U2 price 2026-11-01 400
    U2 gen 2026-11-01 4
    U2 price 2026-11-02 9999
    """
    row = one([GENERATION, PRICE], filed, "price P1 2026-11")
    assert row["value"] == "287.50"  # (100 · 1 + 200 · 3 + 400 · 4) / 8
    assert row["coverage"]["reported"] == 4


def test_weights_that_come_to_nothing_give_nothing():
    filed = "U1 price 2026-11-01 100\nU1 gen 2026-11-01 2\nU2 price 2026-11-01 300\nU2 gen 2026-11-01 -2"
    assert one([GENERATION, PRICE], filed, "price P1 2026-11")["value"] is None


def test_ties_go_away_from_zero_once():
    half = indicator("half", unit="MWh", precision=0, formula="gen / 2")
    quarter = indicator("quarter", unit="MWh", precision=0, formula="half / 1")
    for filed, value in (("1", "1"), ("-1", "-1"), ("3", "2"), ("-5", "-3"), ("0.98", "0"), ("-0.98", "0")):
        assert one([GENERATION, half, quarter], f"U1 gen 2026-11-01 {filed}", "quarter U1 2026-11")["value"] == value
    # 0.98 / 2 = 0.49 is not first rounded to 0.5 by anybody
    assert one([GENERATION, half], "U1 gen 2026-11-01 0.98", "half U1 2026-11")["value"] == "0"


def test_huge_values_stay_exact():
    tiny = indicator("tiny", unit="MWh", precision=9)
    filed = "U1 tiny 2026-11-01 999999.999999999\nU2 tiny 2026-11-01 -0.000000001\nU3 tiny 2026-11-01 1000000"
    assert one([tiny], filed, "tiny P1 2026-11")["value"] == "1999999.999999998"


def test_previous_and_its_rate():
    filed = "U1 gen 2026-10-01 3\nU1 gen 2026-11-01 4"
    row = one([GENERATION], filed, "gen U1 2026-11", compare="previous")
    assert row["compare"] == {"period": "2026-10", "value": "3.00", "change": "1.00", "rate": "0.333333"}


@pytest.mark.parametrize(("base", "rate"), [("0", None), ("-2", None), ("8", "-0.500000")])
def test_a_rate_needs_a_base_above_zero(base: str, rate: str | None):
    filed = f"U1 gen 2025-11-20 {base}\nU1 gen 2026-11-20 4"
    row = one([GENERATION], filed, "gen U1 2026-11-20", compare="year-ago")
    assert row["compare"]["rate"] == rate
    assert row["compare"]["change"] is not None


def test_a_change_of_percentages_is_in_points_of_the_shown_values():
    filed = "U1 aux 2026-10-01 10\nU1 gen 2026-10-01 3\nU1 aux 2026-11-01 20\nU1 gen 2026-11-01 3"
    row = one(RATE, filed, "rate U1 2026-11", compare="previous")
    # 0.67 − 0.33, although the exact change is 0.333…
    assert (row["value"], row["compare"]["change"], row["compare"]["rate"]) == ("0.67", "0.34", "1.000000")


def test_to_date_stands_beside_the_value():
    filed = "U1 gen 2026-01-01 1\nU1 gen 2026-11-01 4\nU1 gen 2026-12-01 100"
    row = one([GENERATION], filed, "gen U1 2026-11", compare="to-date")
    assert row["value"] == "4.00"
    assert row["compare"] == {"period": "2026-01-01..2026-11-30", "value": "5.00", "change": None, "rate": None}


def test_to_date_year_ago_compares_two_years_to_date():
    filed = "U1 gen 2026-01-01 6\nU1 gen 2026-11-01 4\nU1 gen 2025-03-01 5\nU1 gen 2025-12-01 100"
    row = one([GENERATION], filed, "gen U1 2026-11", compare="to-date-year-ago")
    assert (row["period"], row["value"]) == ("2026-01-01..2026-11-30", "10.00")
    assert row["compare"] == {"period": "2025-01-01..2025-11-30", "value": "5.00", "change": "5.00", "rate": "1.000000"}


def test_children_are_listed_with_and_without_figures_in_code_order():
    rows = ask([GENERATION], MOVING, "gen P2 2026-11", by="children")
    assert [(row["group"], row["value"]) for row in rows] == [("U3", "12.00")]
    rows = ask([GENERATION], MOVING, "gen P1 2026-11", by="children")
    assert [(row["group"], row["value"], row["organisation"]) for row in rows] == [
        ("U1", None, "P1"),
        ("U2", None, "P1"),
        ("U3", "3.00", "P1"),
    ]
    rows = ask([GENERATION], MOVING, "gen P1 2026-11", by="children", structure="now")
    assert [row["group"] for row in rows] == ["U1", "U2"]


def test_fuel_comes_from_above_and_follows_the_move():
    filed = MOVING + "U2 gen 2026-11-01 100"
    rows = ask([GENERATION], filed, "gen G 2026-11", by="fuel")
    assert [(row["group"], row["value"]) for row in rows] == [("coal", "3.00"), ("gas", "100.00"), ("hydro", "12.00")]
    rows = ask([GENERATION], filed, "gen G 2026-11", by="fuel", structure="now")
    assert [(row["group"], row["value"]) for row in rows] == [("coal", None), ("gas", "100.00"), ("hydro", "15.00")]


def test_no_value_comes_last():
    bare = ORGANISATIONS.replace("P1,plant,R1,2020-01-01,,,coal,", "P1,plant,R1,2020-01-01,,,,")
    rows = ask([GENERATION], "U1 gen 2026-11-01 1", "gen P1 2026-11-01", bare, by="fuel")
    assert [(row["group"], row["value"]) for row in rows] == [("gas", None), (None, "1.00")]


def test_a_plant_may_file_for_its_units():
    filed = "P1 gen 2026-11-01 60\nU1 gen 2026-11-02 1"
    row = one([GENERATION], filed, "gen R1 2026-11-01..2026-11-02")
    assert (row["value"], covered(row)) == ("61.00", (2, 4))  # the plant on the first day, three units on the second
    rows = ask([GENERATION], filed, "gen P1 2026-11-01..2026-11-02", by="children")
    assert [(row["value"], covered(row)) for row in rows] == [("1.00", (1, 1)), (None, (0, 1)), (None, (0, 1))]

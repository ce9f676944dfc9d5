"""The oracle's answers to small questions that a person has worked out by hand."""

import csv
import io
from datetime import date
from typing import Any

import pytest

from oracle.answer import answer
from oracle.filing import file_all
from oracle.tree import History
from oracle.world import FactFile, FactLine, Indicator, OrganisationLine, Question, World, WorldError

TODAY = date(2026, 12, 31)

# One group, two regions, two plants, three units. U3 moves from P1 to P2 on 16 November.
ORGANISATIONS = """\
code,kind,parent,valid_from,valid_to,capacity_mw,fuel,province
G,group,,2020-01-01,,,,
R1,region,G,2020-01-01,,,,Hebei
R2,region,G,2020-01-01,,,,Yunnan
P1,plant,R1,2020-01-01,,,coal,
P2,plant,R2,2020-01-01,,,hydro,
U1,unit,P1,2020-01-01,,100,,
U2,unit,P1,2020-01-01,,200,gas,
U3,unit,P1,2020-01-01,2026-11-15,300,,
U3,unit,P2,2026-11-16,,300,,
"""


def organisations(text: str = ORGANISATIONS) -> tuple[OrganisationLine, ...]:
    return tuple(
        OrganisationLine(name_zh=line["code"], name_en=line["code"], **line)
        for line in csv.DictReader(io.StringIO(text))
    )


def indicator(code: str, **given: Any) -> Indicator:
    usual = {"unit": "MWh", "precision": 2, "name_zh": f"{code}名", "name_en": f"{code} name"}
    if "formula" not in given:
        usual |= {"grain": "day", "level": "unit", "over_time": "sum", "over_organisations": "sum"}
    return Indicator(code=code, **(usual | given))


def facts(text: str, reason: str = "") -> FactFile:
    """Lines of `organisation indicator period value`."""
    lines = [line.split() for line in text.strip().splitlines()]
    return FactFile(tuple(FactLine(a, b, c, "actual", d) for a, b, c, d in lines), reason)


def ask(
    indicators: list[Indicator], filed: str | list[FactFile], question: str, world: str = ORGANISATIONS, **more: str
) -> list[dict[str, Any]]:
    """The rows for a question `indicator organisation period`."""
    files = [facts(filed)] if isinstance(filed, str) else filed
    made = World(organisations(world), tuple(indicators), tuple(files), TODAY)
    code, organisation, period = question.split()
    return answer(made, Question(code, organisation, period, **more), TODAY)["rows"]


def one(*arguments: Any, **more: Any) -> dict[str, Any]:
    (row,) = ask(*arguments, **more)
    return row


def covered(row: dict[str, Any]) -> tuple[int, int]:
    return row["coverage"]["reported"], row["coverage"]["expected"]


GENERATION = indicator("gen")
PRICE = indicator("price", unit="CNY/MWh", over_time="mean", over_organisations="weighted", weight="gen")


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


MOVING = """
U3 gen 2026-11-14 1
U3 gen 2026-11-15 2
U3 gen 2026-11-16 4
U3 gen 2026-11-17 8
"""


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


RATE = [
    indicator("gen", over_time="sum"),
    indicator("aux", unit="kWh"),
    indicator("rate", unit="%", formula="aux / gen"),
    indicator(
        "rate_of_cells",
        unit="%",
        formula="aux / gen",
        grain="day",
        level="unit",
        over_time="mean",
        over_organisations="mean",
    ),
]
RATED = """
U1 gen 2026-11-01 100
U1 aux 2026-11-01 5000
U2 gen 2026-11-01 300
U2 aux 2026-11-01 3000
"""


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


def refused(*files: FactFile) -> list[list[int]]:
    made = World(organisations(), (GENERATION, indicator("m", grain="month")), files, TODAY)
    return file_all(made, History(made.organisations))[1]


def test_facts_above_and_below_each_other_are_refused():
    first = facts("P1 gen 2026-11-01 60\nU1 m 2026-11 1")
    assert refused(first, facts("U1 gen 2026-11-01 1\nR1 gen 2026-11-01 1\nP2 gen 2026-11-01 1")) == [[], [0, 1]]
    # U3 was P1's in the first half of November and P2's in the second, so neither may file for the month beside it
    assert refused(facts("U3 m 2026-11 1"), facts("P1 m 2026-11 1\nP2 m 2026-11 1\nP1 m 2026-10 1")) == [[], [0, 1]]


def test_another_value_wants_a_reason_and_an_equal_line_changes_nothing():
    first = facts("U1 gen 2026-11-01 1.5")
    again = facts("U1 gen 2026-11-01 1.50\nU1 gen 2026-11-01 2")
    assert refused(first, again) == [[], [1]]
    corrected = FactFile(again.lines, "meter read again")
    assert refused(first, corrected) == [[], []]
    assert one([GENERATION], [first, corrected], "gen U1 2026-11-01")["value"] == "2.00"
    assert (
        one([GENERATION], [first, corrected, facts("U1 gen 2026-11-01 1.5", "no")], "gen U1 2026-11")["value"] == "1.50"
    )


def test_too_many_decimals_and_days_without_the_organisation_are_refused():
    assert refused(facts("U1 gen 2026-11-01 1.234\nU1 gen 2019-12-31 1\nU1 m 2019-12 1\nU1 m 2020-01 1")) == [[0, 1, 2]]


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

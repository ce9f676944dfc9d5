"""Reading formulas, their units, and what they become when formulas stand on formulas."""

from fractions import Fraction

import pytest

from gangmu.figures.indicators.catalogue import Catalogue
from gangmu.figures.indicators.definitions import Grain, IndicatorDefinition, OverOrganisations, OverTime
from gangmu.figures.indicators.exact.cells import Exact
from gangmu.figures.indicators.exact.evaluating import evaluate, rounded
from gangmu.figures.indicators.formula.errors import (
    AmbiguousName,
    CyclicFormula,
    FormulaError,
    TooLarge,
    UnitMismatch,
    UnknownName,
)
from gangmu.figures.indicators.formula.parser import parse
from gangmu.figures.indicators.formula.program import Leaf
from gangmu.figures.indicators.formula.tree import Call, Chain, Number, Shift
from gangmu.foundation.parties.kinds import Words

PRIOR, YEAR_AGO, YTD, MTD, LAST = Shift.PRIOR, Shift.YEAR_AGO, Shift.YTD, Shift.MTD, Shift.LAST


def stored(code: str, unit: str, zh: str = "", **more) -> IndicatorDefinition:
    return IndicatorDefinition(code, Words(zh or code, f"name of {code}"), unit, 2, Grain.DAY, **more)


def result(code: str, unit: str, formula: str, zh: str = "") -> IndicatorDefinition:
    return stored(code, unit, zh, over_time=None, over_organisations=None, formula=formula)


def cell(code: str, unit: str, formula: str) -> IndicatorDefinition:
    return stored(code, unit, formula=formula)


POWER = (
    stored("generation", "万kWh", "发电量"),
    stored("auxiliary", "MWh", "厂用电量"),
    stored("coal", "t", "标煤量"),
    stored("price", "元/MWh", "电价", over_organisations=OverOrganisations.WEIGHTED, weight="generation"),
    stored("temperature", "°C", "气温", over_time=OverTime.MEAN, over_organisations=OverOrganisations.MEAN),
)


def answer(formula: str, unit: str, precision: int = 2, **values: int) -> int | None:
    """What a result formula gives on whole numbers in the units of the indicators, scaled by 10^precision."""
    program = Catalogue([*POWER, result("asked", unit, formula)]).program("asked")
    inputs = {Leaf(code): Exact.of([value]) for code, value in values.items()}
    found = rounded(evaluate(program, inputs, rows=1), precision)
    return int(found.scaled[0]) if found.present[0] else None


# Reading -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "line", "column", "words"),
    [
        ("1 +", 1, 4, "the end of the formula"),
        ("", 1, 1, "expected a number"),
        ("（a + b）", 1, 1, "write ("),
        ("a ＋ b", 1, 3, "write +"),
        ("a × b", 1, 3, "write *"),
        ("a ÷ b", 1, 3, "write /"),
        ("min(a，b)", 1, 6, "write ,"),
        ("１２ + a", 1, 1, "write 1"),
        ("a >= b", 1, 3, "comparison stands only"),
        ("a ≥ b", 1, 3, "write >="),
        ("1,000 + a", 1, 3, "thousand separators"),
        ("1,a", 1, 2, "thousand separators"),
        ("min(1,000, a)", 1, 7, "thousand separators"),
        ("5% * a", 1, 2, "5[%]"),
        ("a ^ 2", 1, 3, "no powers"),
        ("12kWh", 1, 3, "12[kWh]"),
        (".5 * a", 1, 1, "0.5"),
        ("1. + a", 1, 2, "digit is missing"),
        ("发电量 / a", 1, 1, "「发电量」"),
        ("“发电量”", 1, 1, "between 「 and 」"),
        ("「发电量 / a", 1, 1, "not closed"),
        ("「」", 1, 1, "name of an indicator"),
        ("a\n + ", 2, 4, "the end of the formula"),
        ("a\n + （", 2, 4, "write ("),
        ("((a)", 1, 5, "close the bracket"),
        ("a)", 1, 2, "closes nothing"),
        ("a b", 1, 3, "sign is missing"),
        ("a[kWh]", 1, 2, "only a number"),
        ("if(a, 1, 2)", 1, 4, "comparison"),
        ("if(a > 1 > 2, 1, 2)", 1, 10, "two values at a time"),
        ("if(a > 0, 1)", 1, 1, "takes 3 arguments, not 2"),
        ("abs(a, b)", 1, 1, "takes 1 arguments, not 2"),
        ("a + (b > c)", 1, 8, "no number"),
        ("-(b > c)", 1, 5, "no number"),
        ("round(a, b)", 1, 10, "whole number"),
        ("round(a, 1.5)", 1, 10, "whole number"),
        ("round(a, 16)", 1, 10, "from -15 to 15"),
        ("sum(a)", 1, 1, "no function sum"),
        ("prio(a)", 1, 1, "“prior”"),
        ("prior + 1", 1, 1, "is a function"),
        ("a\u200b + b", 1, 2, "U+200B"),
        ("a & b", 1, 3, "if("),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(formula, line, column, words):
    with pytest.raises(FormulaError) as caught:
        parse(formula)
    assert (caught.value.place.line, caught.value.place.column) == (line, column)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "bomb",
    [
        "a" + " + a" * 1_500,
        "(" * 65 + "a" + ")" * 65,
        "-" * 65 + "a",
        "abs(" * 200 + "a" + ")" * 200,
        "1" * 31,
        "1e31",
        "1e999999999999",
        "a + " * 2_000,
        "x" * 65,
        "if(a>0," * 100,
    ],
)
def test_bombs_are_refused(bomb):
    with pytest.raises(TooLarge):
        parse(bomb)


def test_long_and_deep_formulas_within_the_bounds_are_read():
    assert len(parse("+".join(["a"] * 999)).rest) == 998  # pyright: ignore[reportAttributeAccessIssue]
    assert isinstance(parse("(" * 64 + "1" + ")" * 64), Number)
    assert isinstance(parse("IF(a <> 0, Round(b, -2), 1e-3)"), Call)
    tree = parse("a - b - c * d / e")
    assert isinstance(tree, Chain)
    assert [term.operator for term in tree.rest] == ["-", "-"]


# Units ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "unit", "explanation"),
    [
        ("generation / capacity_mw", "h", "万kWh ÷ MW = 10 h"),
        ("auxiliary / generation", "%", "1 = 100 %"),
        ("generation * price", "万元", "万kWh × 元 ÷ MWh = 0.001 万元"),
        ("coal / generation", "g/kWh", "t ÷ 万kWh = 100 g/kWh"),
        ("coal * 29307.6[kJ/kg]", "GJ", "t × kJ ÷ kg = 0.001 GJ"),
        ("generation - auxiliary", "万kWh", "万kWh"),
        ("if(coal > 0, generation, 0)", "kWh", "万kWh = 10000 kWh"),
        ("yoy(generation)", "%", "1 = 100 %"),
        ("0", "t", "t"),
        ("min(0, coal)", "t", "t"),
        ("generation / 3", "MWh", "万kWh = 10 MWh"),
        ("1 / capacity_mw * generation", "h", "万kWh ÷ MW = 10 h"),
        ("if(temperature > 30[°C], temperature, 0)", "°C", "°C"),
    ],
)
def test_the_arithmetic_of_units_is_explained(formula, unit, explanation):
    catalogue = Catalogue([*POWER, result("asked", unit, formula)])
    assert catalogue.compiled("asked").explanation == explanation


@pytest.mark.parametrize(
    ("formula", "unit", "column", "words"),
    [
        ("coal / auxiliary", "元", 6, "t ÷ MWh cannot be 元"),
        ("generation + coal", "t", 12, "万kWh and t cannot be added"),
        ("coal + 1", "t", 6, "t and 1 cannot be added"),
        ("if(generation > coal, 1, 2)", "1", 15, "cannot be compared"),
        ("if(coal > 0, coal, generation)", "t", 1, "if gives t or 万kWh"),
        ("max(coal, price)", "t", 11, "cannot be compared"),
        ("temperature + 1[°C]", "°C", 13, "not calculated with"),
        ("-temperature", "°C", 1, "not calculated with"),
        ("yoy(temperature)", "%", 1, "not calculated with"),
        ("coal * 3[kwh]", "t", 8, "Did you mean “kWh”"),
    ],
)
def test_units_that_do_not_go_together_are_refused(formula, unit, column, words):
    catalogue = Catalogue([*POWER, result("asked", unit, formula)])
    with pytest.raises(UnitMismatch) as caught:
        catalogue.program("asked")
    assert caught.value.place.column == column
    assert words in str(caught.value)


def test_values_are_converted_exactly():
    assert answer("auxiliary / generation", "%", auxiliary=7, generation=12) == 583  # 7 / 120
    assert answer("generation - auxiliary", "MWh", generation=1, auxiliary=3) == 700
    assert answer("generation / capacity_mw", "h", generation=1, capacity_mw=3) == 333
    assert answer("coal / generation", "g/kWh", coal=3, generation=1) == 30_000
    assert answer("1 - auxiliary / generation", "%", auxiliary=1, generation=1) == 9000
    assert answer("if(generation >= auxiliary, 1, 2)", "1", generation=1, auxiliary=10) == 100
    assert answer("coal * 7000[kcal/kg]", "GJ", 4, coal=1) == 293_076


def test_round_counts_in_the_unit_that_is_written():
    assert answer("round(generation / 3, 1)", "MWh", generation=10) == 3300  # 3.3 万kWh
    assert answer("round(auxiliary / generation, 2)", "%", auxiliary=7, generation=12) == 600  # 0.06
    # 1 万kWh at 0.1236 元/kWh is 1236 元: a product is rounded in the unit of the indicator.
    assert answer("round(generation * (price + 23.6[元/MWh]), -1)", "元", generation=1, price=100) == 124_000
    assert answer("round(-coal / 2, 0)", "t", coal=5) == -300


# Formulas on formulas ------------------------------------------------------------------------------------------------


def test_names_in_both_languages_and_codes_mean_the_same():
    catalogue = Catalogue([*POWER, result("asked", "%", "「厂用电量」 / 「name of generation」 * coal / coal")])
    assert catalogue.inputs("asked") == ("auxiliary", "generation", "coal")


def test_unknown_and_ambiguous_names_are_told():
    twins = [stored("x1", "t", "煤"), stored("x2", "t", "煤")]
    with pytest.raises(UnknownName, match="Did you mean generation"):
        Catalogue([*POWER, result("asked", "1", "generatoin")]).program("asked")
    with pytest.raises(UnknownName, match="Did you mean 「发电量」"):
        Catalogue([*POWER, result("asked", "1", "1 + 「发电量量」")]).program("asked")
    with pytest.raises(AmbiguousName, match="x1, x2"):
        Catalogue([*twins, result("asked", "t", "「煤」")]).program("asked")


def test_shifts_go_through_result_formulas_to_the_leaves_in_the_order_of_writing():
    catalogue = Catalogue(
        [
            *POWER,
            result("rate", "%", "auxiliary / generation"),
            result("asked", "1", "prior(ytd(rate)) + yoy(coal) + last(mtd(generation)) / generation"),
        ]
    )
    assert catalogue.leaves("asked") == (
        Leaf("auxiliary", (PRIOR, YTD)),
        Leaf("generation", (PRIOR, YTD)),
        Leaf("coal"),
        Leaf("coal", (YEAR_AGO,)),
        Leaf("generation", (LAST, MTD)),
        Leaf("generation"),
    )
    assert catalogue.leaves("coal") == (Leaf("coal"),)


def test_result_formulas_are_put_in_and_cell_formulas_are_leaves():
    catalogue = Catalogue(
        [
            *POWER,
            cell("revenue", "元", "generation * price"),
            result("rate", "1", "auxiliary / generation"),
            result("asked", "元", "revenue * rate"),
            cell("deep", "元", "revenue * rate"),
        ]
    )
    assert catalogue.leaves("asked") == (Leaf("revenue"), Leaf("auxiliary"), Leaf("generation"))
    assert catalogue.leaves("deep") == catalogue.leaves("asked")
    assert catalogue.leaves("revenue") == (Leaf("generation"), Leaf("price"))


def test_a_circle_through_twelve_indicators_names_them_all():
    circle = [result(f"x{at}", "t", f"x{(at + 1) % 12} + coal") for at in range(12)]
    with pytest.raises(CyclicFormula) as caught:
        Catalogue([*POWER, *circle]).program("x0")
    assert caught.value.cycle == tuple(f"x{at % 12}" for at in range(13))
    assert "x10 → x11 → x0" in str(caught.value)


def test_a_billion_laughs_cost_a_few_hundred_steps():
    laughs = [stored("x0", "t"), *(result(f"x{at}", "t", "+".join([f"x{at - 1}"] * 10)) for at in range(1, 13))]
    program = Catalogue(laughs).program("x12")
    assert len(program.steps) < 150
    found = rounded(evaluate(program, {Leaf("x0"): Exact.scaled([15], 1)}), 0)
    assert int(found.scaled[0]) == 15 * 10**11


@pytest.mark.parametrize(
    "formula",
    [
        "prior({0}) + year_ago({0}) + mtd({0}) + ytd({0})",  # another period each time: nothing can be shared
        " * ".join(["{0}"] * 30),  # digits without end
        "yoy(prior(mtd(ytd(year_ago(prior(mtd(ytd(prior({0})))))))))",  # more shifts than anybody means
    ],
)
def test_what_cannot_be_shared_is_refused(formula):
    laughs = [stored("x0", "1"), *(result(f"x{at}", "1", formula.format(f"x{at - 1}")) for at in range(1, 13))]
    with pytest.raises(TooLarge):
        Catalogue(laughs).program("x12")


def test_chains_of_formulas_do_not_exhaust_the_stack():
    chain = [stored("x0", "t"), *(result(f"x{at}", "t", f"(((x{at - 1}))) * 1 + 1[kg]") for at in range(1, 2000))]
    program = Catalogue(chain).program("x1999")
    found = evaluate(program, {Leaf("x0"): Exact.of([0])}).fraction(0)
    assert found == Fraction(1999, 1000)


# Totals of what is there ----------------------------------------------------------------------------------------------


def test_a_total_adds_up_what_is_there_in_the_unit_of_the_first():
    formula = "total(auxiliary, generation)"
    both = answer(formula, "MWh", auxiliary=5, generation=2)  # 2 万kWh are 20 MWh
    program = Catalogue([*POWER, result("asked", "MWh", formula)]).program("asked")
    absent = Exact.of([0, 0], 1, [False, False])
    one = {Leaf("auxiliary"): Exact.of([0, 7], 1, [False, True]), Leaf("generation"): absent}
    found = rounded(evaluate(program, one, rows=2), 0)
    assert (both, found.present.tolist(), found.scaled.tolist()) == (2500, [False, True], [0, 7])


@pytest.mark.parametrize("formula", ["total(auxiliary, coal)", "total(temperature)", "total()", "total(coal, 5)"])
def test_a_total_is_of_like_quantities(formula):
    with pytest.raises(FormulaError):
        Catalogue([*POWER, result("asked", "MWh", formula)]).program("asked")

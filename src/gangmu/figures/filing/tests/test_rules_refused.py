"""Rules that make no sense are refused when they are loaded, with their place."""

from dataclasses import replace

import pytest

from gangmu.figures.filing.rules import RulesInvalid, compile_rules
from gangmu.figures.filing.tests.ruling import CATALOGUE, compiled, form


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

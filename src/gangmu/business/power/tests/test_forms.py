"""The shipped forms ask for every item of the text, each of an indicator that exists, checked by rules that compile."""

import pytest

from gangmu.business.power.content import composing
from gangmu.figures.filing.definitions import FormDefinition
from gangmu.figures.filing.rules.compiling import compile_rules
from gangmu.figures.indicators.consistency import faults
from gangmu.figures.indicators.loading.checking import check
from gangmu.figures.indicators.loading.reading import read_indicators
from gangmu.foundation.parties import kinds

FORMS = {one["code"]: FormDefinition.from_json(one) for one in composing.forms()}
RANKS = {kind.code: kind.rank for kind in kinds.all_kinds()}


@pytest.fixture(scope="module")
def catalogue():
    catalogue, problems = check(read_indicators(composing.indicators_text()), [], RANKS)
    assert [str(problem) for problem in problems] == []
    return catalogue


def test_the_indicators_hold_by_themselves(catalogue):
    assert faults(catalogue, catalogue, RANKS) == []
    names = [name for one in catalogue.values() for name in (one.name.zh, one.name.en)]
    assert sorted({name for name in names if names.count(name) > 1}) == []


@pytest.mark.parametrize("code", FORMS)
def test_a_form_compiles(code, catalogue):
    rules = compile_rules(FORMS[code], catalogue)
    assert len(rules.rules) == len(FORMS[code].rules)

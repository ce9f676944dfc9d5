"""Figures as arrays are the figures of the rows, for whoever asks."""

from decimal import Decimal

import pytest

from gangmu.figures.cube.arrays import arrays
from gangmu.figures.cube.gateway import NotVisible, Question, ask
from gangmu.figures.cube.question import STATES
from gangmu.figures.cube.tests.test_together import EVERYBODY, INDICATORS, filed  # noqa: F401
from gangmu.foundation.access.scope import SYSTEM, acting_as
from gangmu.shell.testing.worlds import make_user

PERIODS = ("2026", "2026-05", "2026-06-01")


def flat(question: Question, scope) -> dict:
    """What `arrays` gives, as rows of words."""
    (found,) = arrays([question], scope)
    given = {}
    for i, code in enumerate(found.indicators):
        for p, period in enumerate(found.periods[: len(question.periods)]):
            for g, (organisation, label) in enumerate(found.groups):
                at = i, p, g
                value = Decimal(int(found.scaled[at])).scaleb(-found.precisions[i][p]) if found.present[at] else None
                state = STATES[found.state[at] - 1] if found.state[at] else None
                coverage = int(found.reported[at]), int(found.expected[at])
                given[code, period, organisation, label] = value, coverage, state
    return given


def rows(question: Question, scope) -> dict:
    return {
        (row.indicator, row.period, row.organisation, row.group): (
            Decimal(row.value) if row.value is not None else None,
            (row.reported, row.expected),
            row.state,
        )
        for row in ask(question, scope).rows
    }


@pytest.mark.parametrize("by", [None, "children", "fuel", "kind"])
@pytest.mark.parametrize("structure", ["then", "now"])
def test_arrays_are_the_rows(filed, by, structure):  # noqa: F811
    question = Question(INDICATORS, EVERYBODY, PERIODS, by=by, compare="year-ago", structure=structure)
    given, right = flat(question, SYSTEM), rows(question, SYSTEM)
    assert {key: given[key] for key in right} == right
    empty = {one for key, one in given.items() if key not in right}  # rows leave out what has nothing
    assert all(value is None for value, _coverage, _state in empty)
    assert any(value is not None for value, *_rest in right.values())


def test_the_periods_compared_with_follow(filed):  # noqa: F811
    (found,) = arrays([Question(("gen",), ("P1",), ("2026-06-01",), compare="year-ago")], SYSTEM)
    assert found.periods == ("2026-06-01", "2025-06-01")
    assert found.scaled[0, :, 0].tolist() == [1000, 500]


def test_arrays_show_what_the_asker_may_see(filed):  # noqa: F811
    with acting_as(make_user("former", "R1")) as scope:
        for by in (None, "children", "province"):
            question = Question(("gen", "aux_rate"), ("R1", "P2"), PERIODS, by=by)
            given, right = flat(question, scope), rows(question, scope)
            assert {key: given[key] for key in right} == right
            if by == "children":
                assert {key[2:] for key in given} == {key[2:] for key in right}
        with pytest.raises(NotVisible):
            arrays([Question(("gen",), ("P3",), ("2026",))], scope)

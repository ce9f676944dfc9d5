"""Which lines enter."""

from oracle.by_hand import GENERATION, TODAY, facts, indicator, one, organisations
from oracle.filing import file_all
from oracle.tree import History
from oracle.world import FactFile, World


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

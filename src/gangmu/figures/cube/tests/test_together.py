"""Many organisations asked for at once: the same rows as asked for one by one, whoever asks."""

import pytest

from gangmu.figures.cube.gateway import NotVisible, Question, ask
from gangmu.foundation.access.scope import SYSTEM, acting_as
from gangmu.shell.testing.worlds import make_user

INDICATORS = ("gen", "price", "level", "peak", "opening", "aux_rate", "hours", "revenue", "growth", "staff")
EVERYBODY = ("P1", "G", "P1U1", "R2", "P3", "R1", "P2")


@pytest.fixture
def filed(world):
    world(
        "P1U1,gen,2026-05-31,actual,100",
        "P1U1,gen,2026-06-01,actual,7",
        "P1U1,gen,2025-06-01,actual,5",
        "P1U2,price,2026-06-01,actual,300.5",
        "P1U2,gen,2026-06-01,actual,3",
        "P2U1,gen,2026-05-31,actual,2",
        "P2U1,aux,2026-05-31,actual,0.5",
        "P3U1,gen,2026-06-01,actual,30",
        "P3U1,level,2026-06-01,actual,12.5",
        "P3U1,peak,2026-06-01,actual,9.5",
        "P2,staff,2026-05,actual,12",
    )


@pytest.mark.parametrize("structure", ["then", "now"])
@pytest.mark.parametrize("compare", [None, "previous", "year-ago", "to-date"])
def test_together_is_one_by_one(filed, structure, compare):
    periods = ("2026", "2026-05", "2026-06-01")
    together = ask(Question(INDICATORS, EVERYBODY, periods, compare=compare, structure=structure), SYSTEM).rows
    alone = [
        row
        for code in EVERYBODY
        for row in ask(Question(INDICATORS, (code,), periods, compare=compare, structure=structure), SYSTEM).rows
    ]
    assert together == alone
    assert any(row.value for row in together)


def test_a_plant_that_has_moved_is_one_plant_with_its_whole_year(filed):
    with acting_as(make_user("present", "R2")) as scope:
        rows = ask(Question(("gen",), ("P1", "P3"), ("2026",)), scope).rows
    assert [(row.organisation, row.value) for row in rows] == [("P1", "110.00"), ("P3", "30.00")]


def test_who_may_see_a_part_sees_a_part(filed):
    with acting_as(make_user("former", "R1")) as scope:
        rows = ask(Question(("gen",), ("P1", "P2"), ("2026",)), scope).rows
        assert [(row.organisation, row.value) for row in rows] == [("P1", "100.00"), ("P2", "2.00")]
        with pytest.raises(NotVisible):
            ask(Question(("gen",), ("P2", "P3"), ("2026",)), scope)

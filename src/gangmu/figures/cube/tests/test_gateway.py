"""Asking the cube end to end: from facts in the database to rows."""

import pytest

from gangmu.figures.cube import services
from gangmu.figures.cube.gateway import Question, ask
from gangmu.figures.cube.storage import CubeBusy
from gangmu.foundation.access.scope import SYSTEM
from gangmu.foundation.settings.notnow import NotNow


def rows(indicator: str, organisation: str, period: str, **options: str) -> list[dict]:
    return ask(Question((indicator,), (organisation,), (period,), **options), SYSTEM).as_json()["rows"]


def shown(indicator: str, organisation: str, period: str, **options: str) -> list[tuple]:
    return [
        (row["group"], row["value"], row["coverage"]["reported"], row["coverage"]["expected"])
        for row in rows(indicator, organisation, period, **options)
    ]


def test_a_sum_with_its_coverage_and_state(world):
    world("P1U1,gen,2026-11-01,actual,10.25", "P1U1,gen,2026-11-02,actual,1", "P1U2,gen,2026-11-02,actual,-0.5")
    assert rows("gen", "P1", "2026-11") == [
        {
            "organisation": "P1",
            "group": None,
            "indicator": "gen",
            "period": "2026-11",
            "value": "10.75",
            "unit": "MWh",
            "coverage": {"reported": 3, "expected": 60},
            "state": "locked",
            "compare": None,
        }
    ]
    assert shown("gen", "P2", "2026-11") == [(None, None, 0, 30)]
    assert shown("gen", "G", "2026-11-02") == [(None, "0.50", 2, 4)]


def test_a_plant_that_moves_counts_where_it_was_or_where_it_is(world):
    world("P1U1,gen,2026-05-31,actual,100", "P1U1,gen,2026-06-01,actual,7", "P2U1,gen,2026-06-01,actual,2")
    assert shown("gen", "R1", "2026") == [(None, "102.00", 2, 2 * 151 + 365)]
    assert shown("gen", "R2", "2026") == [(None, "7.00", 1, 2 * 214 + 365)]
    assert shown("gen", "R1", "2026", structure="now") == [(None, "2.00", 1, 365)]
    assert shown("gen", "R2", "2026", structure="now") == [(None, "107.00", 2, 3 * 365)]
    assert [row[:2] for row in shown("gen", "R1", "2026", by="children")] == [("P1", "100.00"), ("P2", "2.00")]
    assert [row[:2] for row in shown("gen", "R1", "2026", by="children", structure="now")] == [("P2", "2.00")]
    assert [row[:2] for row in shown("gen", "G", "2026", by="fuel")] == [
        ("coal", "107.00"),
        ("hydro", None),
        ("wind", "2.00"),
    ]


def test_all_ways_of_adding_up(world):
    world(
        *(
            f"{unit},{code},2026-03-0{day},actual,{value}"
            for code in ("peak", "low", "opening")
            for unit, day, value in [("P1U1", 1, 5), ("P1U1", 2, 9), ("P1U2", 2, 7), ("P1U2", 4, 3)]
        ),
        "P1U1,gen,2026-03-01,actual,10",
        "P1U2,gen,2026-03-01,actual,30",
        "P1U1,gen,2026-03-02,actual,1",
        "P1U1,price,2026-03-01,actual,300",
        "P1U2,price,2026-03-01,actual,400.01",
        "P2U1,price,2026-03-01,actual,1",
        "P1U1,level,2026-03-01,actual,1.5",
        "P1U1,level,2026-03-03,actual,1.25",
        "P1,staff,2026-02,actual,10",
        "P1,staff,2026-03,actual,11",
    )
    assert shown("peak", "P1", "2026-03")[0][1] == "9.0"
    assert shown("low", "P1", "2026-03")[0][1] == "3.0"
    assert shown("opening", "P1", "2026-03")[0][1] == "12"
    assert shown("price", "G", "2026-03")[0] == (None, "375.01", 3, 124)
    assert shown("revenue", "G", "2026-03")[0] == (None, "15000.30", 2, 124)
    assert shown("level", "P1U1", "2026-03") == [(None, "1.25", 2, 31)]
    assert shown("level", "P1", "2026-03") == [(None, None, 2, 62)]
    assert shown("staff", "G", "2026-Q1") == [(None, "11", 2, 9)]
    assert shown("staff", "G", "2026-03-05") == [(None, None, 0, 0)]
    assert shown("hours", "P1", "2026-03") == [(None, "0.05", 3, 62)]


def test_ratios_and_comparisons(world):
    world("P1U1,gen,2026-03-01,actual,10", "P1U1,gen,2025-03-01,actual,8", "P1U1,aux,2026-03-01,actual,0.333")
    assert rows("aux_rate", "P1", "2026-03", compare="year-ago")[0]["value"] == "3.33"
    assert rows("gen", "P1", "2026-03", compare="year-ago")[0]["compare"] == {
        "period": "2025-03",
        "value": "8.00",
        "change": "2.00",
        "rate": "0.250000",
    }
    assert rows("gen", "P1", "2026-03", compare="to-date")[0]["compare"] == {
        "period": "2026-01-01..2026-03-31",
        "value": "10.00",
        "change": None,
        "rate": None,
    }
    assert rows("growth", "P1", "2026-03-01")[0]["value"] == "25.00"


def test_a_cube_that_is_being_written_for_long_is_asked_again_later(world, monkeypatch):
    """Whoever does not catch it answers 503, not 500."""
    world("P1U1,gen,2026-11-01,actual,1")

    def busy(_compute: object) -> None:
        raise CubeBusy("written")

    monkeypatch.setattr(services.store(), "read", busy)
    with pytest.raises(NotNow, match="brought up to date"):
        ask(Question(("gen",), ("G",), ("2026-11",)), SYSTEM)

"""Words in the place of a rate, and the year before aligned by the Spring Festival."""

import pytest

from gangmu.figures.cube.gateway import CannotAnswer, Question, ask
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.access.scope import SYSTEM


def compared(indicator: str, period: str, compare: str = "year-ago"):
    [row] = ask(Question((indicator,), ("P1U1",), (period,), compare=compare), SYSTEM).rows
    assert row.compare is not None
    return row.compare


def test_what_a_rate_does_not_say_is_said_in_words(world):
    Indicator.objects.filter(code="revenue").update(formula="", unit="万元", is_profit=True)
    world(
        *(f"P1U1,revenue,{year}-04-{day:02},actual,{number}"
          for day, pair in enumerate([(-5, 3), (-5, -2), (-5, -9), (5, -1), (0, -1), (-5, 0), (5, 6), (-4, -4)], 1)
          for year, number in zip((2025, 2026), pair, strict=True)),
        "P1U1,gen,2025-04-01,actual,0",
        "P1U1,gen,2026-04-01,actual,7",
        "P1U1,aux,2025-04-01,actual,-1",
        "P1U1,aux,2026-04-01,actual,7",
    )  # fmt: skip
    found = [compared("revenue", f"2026-04-{day:02}") for day in range(1, 9)]
    assert [(one.word, one.rate) for one in found] == [
        ("turned_to_profit", None),
        ("loss_narrowed", None),
        ("loss_widened", None),
        ("turned_to_loss", "-1.200000"),
        ("new_loss", None),
        ("loss_ended", None),
        (None, "0.200000"),
        ("loss_unchanged", None),
    ]
    assert found[0].told == "turned to profit" and found[0].as_json()["word"] == "turned_to_profit"
    assert "word" not in found[6].as_json()
    assert compared("gen", "2026-04-01").word == "from_zero"
    assert compared("aux", "2026-04-01").word == "negative_base"
    assert compared("gen", "2026-04-02").word is None  # nothing to compare
    assert compared("gen", "2026-04-01", "to-date").word is None


def test_days_around_the_festival_stand_beside_those_as_far_from_it(world):
    world(
        "P1U1,gen,2025-01-29,actual,100",  # the first day of the first month of 2025
        "P1U1,gen,2025-02-17,actual,50",
        "P1U1,gen,2026-02-17,actual,110",  # that of 2026
        "P1U1,gen,2026-02-18,actual,1",
    )
    aligned = compared("gen", "2026-02-17", "year-ago-festival")
    assert (aligned.period, aligned.value, aligned.rate) == ("2025-01-29", "100.00", "0.100000")
    assert compared("gen", "2026-02-17").value == "50.00"
    week = compared("gen", "2026-02-16..2026-02-22", "year-ago-festival")
    assert (week.period, week.value) == ("2025-01-28..2025-02-03", "100.00")
    assert compared("gen", "2026-06-01", "year-ago-festival").period == "2025-06-01"
    with pytest.raises(CannotAnswer, match=r"2026-02-02\.\.2026-02-28"):
        compared("gen", "2026-02", "year-ago-festival")
    with pytest.raises(CannotAnswer, match="2060"):
        compared("gen", "2060-02-03", "year-ago-festival")

"""Figures told in other units: the exact figure is converted and rounded once; tiers have units of their own."""

import pytest
from django.utils import translation

from gangmu.figures.cube.arrays import arrays
from gangmu.figures.cube.errors import BadOption, OtherUnit
from gangmu.figures.cube.gateway import Question, ask, explain
from gangmu.figures.cube.question import Row
from gangmu.figures.indicators.tiers import units_like
from gangmu.foundation.access.scope import SYSTEM

DAY = "2026-11-14"


def row(indicator: str, organisation: str = "G", **options) -> Row:
    [found] = ask(Question((indicator,), (organisation,), (DAY,), **options), SYSTEM).rows
    return found


@pytest.fixture
def filed(world):
    world(
        f"P1U1,gen,{DAY},actual,12345.67",
        f"P1U2,gen,{DAY},actual,0.01",
        "P1U1,gen,2025-11-14,actual,100",
        f"P1U1,price,{DAY},actual,300.25",
        f"P1U1,aux,{DAY},actual,12.345",
    )


@pytest.mark.req("M-7.2.10.1")
@pytest.mark.usefixtures("filed")
@pytest.mark.parametrize(
    ("language", "organisation", "told"),
    [
        ("zh-hans", "G", ("0.1235", "亿kWh")),
        ("zh-hans", "R2", ("1234.57", "万kWh")),
        ("zh-hans", "P1", ("12345.68", "MWh")),
        ("en", "G", ("12.35", "GWh")),
        ("en", "R2", ("12.346", "GWh")),
    ],
)
def test_each_tier_reads_its_own_unit(language, organisation, told):
    with translation.override(language):
        found = row("gen", organisation, unit="tier")
    assert (found.value, found.unit) == told
    assert (row("gen", organisation).value, row("gen", organisation).unit) == ("12345.68", "MWh")


@pytest.mark.usefixtures("filed")
def test_nothing_is_lost_in_a_unit_that_somebody_names():
    assert (row("gen", unit="亿kWh").value, row("gen", unit="kWh").value) == ("0.1234568", "12345680")
    assert row("gen", unit="GJ").value == "44444.45"  # 12345.68 · 3.6 = 44444.448
    # a formula's exact figure, not the rounded one: 12.345 ÷ 12345.68
    assert (row("aux_rate").value, row("aux_rate", unit="1").value) == ("0.10", "0.0010")


@pytest.mark.usefixtures("filed")
def test_what_it_is_compared_with_is_in_the_same_unit():
    found = row("gen", unit="万kWh", compare="year-ago").compare
    assert found is not None
    assert (found.value, found.change, found.rate) == ("10.000", "1224.568", "122.456800")


@pytest.mark.usefixtures("filed")
def test_a_unit_that_measures_something_else_is_refused_and_a_tier_leaves_it():
    for unit in ("t", "nonsense", "元"):
        with pytest.raises(OtherUnit, match="gen is measured in MWh"):
            row("gen", unit=unit)
    assert (row("price", unit="tier").value, row("price", unit="tier").unit) == ("300.25", "元/MWh")
    with pytest.raises(BadOption):
        ask(Question(("gen",), ("G",), (DAY,), by="category", unit="tier"), SYSTEM)


@pytest.mark.usefixtures("filed")
def test_arrays_are_in_it_and_explanations_are_in_the_unit_that_was_filed():
    [found] = arrays([Question(("gen",), ("G",), (DAY,), unit="亿kWh")], SYSTEM)
    assert (found.units, found.precisions, found.scaled.tolist()) == (("亿kWh",), ((7,),), [[[1234568]]])
    [told] = explain(Question(("gen",), ("G",), (DAY,), unit="亿kWh"), SYSTEM)["rows"]
    assert (told["value"], told["unit"]) == ("12345.68", "MWh")


@pytest.mark.usefixtures("filed")
@pytest.mark.parametrize(
    ("unit", "told"),
    [
        ("tier:group", ("12.35", "GWh")),
        ("tier:region", ("12.346", "GWh")),
        (
            "tier:plant:GWh",
            ("12.346", "GWh"),
        ),  # no tier of a plant: with the decimals of whoever reads it with the most
        ("tier:group:万kWh", ("1234.57", "万kWh")),
        ("tier:group:t", ("12.35", "GWh")),  # what does not fit stays of the tier
        ("tier:nobody", ("12345.68", "MWh")),
    ],
)
def test_a_page_asks_for_a_tier_whoever_the_figures_are_of_and_for_a_unit_with_its_decimals(unit, told):
    with translation.override("en"):
        assert (row("gen", "P1", unit=unit).value, row("gen", "P1", unit=unit).unit) == told
        assert row("price", "P1", unit=unit).unit == "元/MWh"


def test_units_that_fit_are_those_of_all_tiers_the_largest_first():
    assert units_like(["MWh"])[:4] == ["亿kWh", "GWh", "万kWh", "MWh"]
    assert units_like(["MWh", "%", "元"])[4:6] == ["%", "亿元"] and units_like(["元/MWh"]) == ["元/MWh"]

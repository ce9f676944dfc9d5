"""The demonstration's organisations: enough of every kind, named apart, and loaded without a fault or a warning."""

import csv
from collections import Counter
from datetime import date
from importlib import resources
from pathlib import Path

import pytest

from gangmu.business.power.tests.made_sheets import form_of, forms, world
from gangmu.foundation.parties.services import load_organisations

FILE = resources.files("gangmu.business.power.demonstration") / "organisations.csv"
ROWS = list(csv.DictReader(FILE.read_text("utf-8").splitlines()))
BY_CODE = {row["code"]: row for row in ROWS}
DOC = Path(__file__).parents[5] / "docs/concepts/demonstration.md"
WORDS = {"coal": "coal", "gas": "gas", "hydro": "hydro", "pumped_storage": "pumped storage", "nuclear": "nuclear",
         "solar": "solar", "biomass": "biomass", "waste": "waste"}  # fmt: skip


def test_there_is_enough_of_every_kind():
    kinds = Counter(row["kind"] for row in ROWS)
    assert kinds["plant"] >= 300
    assert kinds["unit"] >= 1000
    assert kinds["region"] >= 8
    assert {"storage", "heat_company", "heat_station", "virtual_plant", "reservoir"} <= set(kinds)
    assert {form_of(plant) for plant in world()} == set(forms())
    fuels = {row["fuel"] for row in ROWS if row["kind"] == "plant"}
    assert fuels == {*WORDS, "onshore_wind", "offshore_wind"}
    assert {plant.fuel for plant in world() if plant.cogeneration} == {"coal", "gas"}


def test_no_two_have_the_same_name():
    for column in ("code", "name_zh"):
        twice = [name for name, count in Counter(row[column] for row in ROWS).items() if count > 1]
        assert not twice


def test_what_is_of_no_source_says_so():
    made = ("storage", "heat_company", "heat_station", "virtual_plant")
    unmarked = [
        row["name_zh"]
        for row in ROWS
        if (row["kind"] in made or row["fuel"] == "biomass") and ("示范" not in row["name_zh"])
    ]
    assert not unmarked


def test_everybody_who_files_has_a_place():
    """South of Heilongjiang, north of the South China Sea, and in a province."""
    for row in ROWS:
        if row["kind"] in ("plant", "storage", "heat_company", "virtual_plant"):
            assert 73 < float(row["longitude"]) < 136, row["code"]
            assert 18 < float(row["latitude"]) < 54, row["code"]
            assert row["province"], row["code"]
            assert BY_CODE[row["parent"]]["kind"] == "region"


def test_units_begin_with_their_plant_or_later():
    for row in ROWS:
        if row["kind"] in ("unit", "reservoir"):
            assert row["valid_from"] >= BY_CODE[row["parent"]]["valid_from"], row["code"]
    begun = [row for row in ROWS if row["kind"] == "unit" and "2024-11-21" <= row["valid_from"] <= "2026-11-20"]
    assert len(begun) >= 10


def test_the_document_counts_what_there_is():
    text = DOC.read_text("utf-8")
    fuels = Counter(row["fuel"] for row in ROWS if row["kind"] == "plant")
    kinds = Counter(row["kind"] for row in ROWS)
    assert f"| plants | {kinds['plant']}:" in text
    assert f"| generating units | {kinds['unit']:,}," in text
    for fuel, words in WORDS.items():
        assert f"{fuels[fuel]} {words}" in text, fuel
    assert f"{fuels['onshore_wind'] + fuels['offshore_wind']} wind ({fuels['offshore_wind']} at sea)" in text
    for fuel in ("coal", "gas"):
        heat = sum(1 for row in ROWS if row["fuel"] == fuel and row["cogeneration"] == "yes")
        assert f"{fuels[fuel]} {fuel} ({heat} with heat)" in text
    others = {"storage": "storage stations", "heat_company": "heat companies", "heat_station": "heat stations",
              "virtual_plant": "virtual power plants", "reservoir": "reservoirs"}  # fmt: skip
    for kind, words in others.items():
        assert f"{kinds[kind]} {words}" in text, kind


@pytest.mark.django_db
def test_the_file_loads_without_a_fault_or_a_warning():
    with resources.as_file(FILE) as path:
        result = load_organisations(path)
    assert not result.problems
    assert not result.warnings


def test_the_plants_of_the_file_are_read_as_they_stand():
    plant = next(plant for plant in world() if plant.code == "525")
    assert (plant.fuel, plant.province, plant.reservoirs) == ("hydro", "湖北", ("525-R",))
    assert round(sum(unit.capacity_mw for unit in plant.units)) == 22500
    assert all(unit.commissioned <= date(2012, 1, 1) for unit in plant.units)

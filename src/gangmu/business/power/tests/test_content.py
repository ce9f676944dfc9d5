"""The shipped dictionaries are complete and say every word in both languages."""

import re

import pytest
import yaml

from gangmu.business.power import content
from gangmu.business.power.content import composing
from gangmu.figures.indicators.queries import catalogue
from gangmu.figures.indicators.taxes.queries import taxes
from gangmu.figures.indicators.unitwords import unit_words
from gangmu.foundation.parties import kinds
from gangmu.foundation.ui import icons


@pytest.mark.parametrize("name", ["fuels", "grids", "provinces"])
def test_no_spelling_means_two_things(name):
    spellings = [
        spelling
        for choice in content.choices(name)
        for spelling in {word.casefold() for word in (choice.code, choice.name.zh, choice.name.en, *choice.aliases)}
    ]
    assert [one for one in spellings if spellings.count(one) > 1] == []
    assert all(choice.name.zh and choice.name.en for choice in content.choices(name))


def test_there_are_34_provinces_with_distinct_codes():
    assert len({choice.code for choice in content.choices("provinces")}) == 34


@pytest.mark.parametrize(
    ("text", "code"),
    [("安徽", "340000"), ("安徽省", "340000"), ("anhui", "340000"), ("ANHUI", "340000"), ("Inner Mongolia", "150000")],
)
def test_a_province_is_known_in_any_spelling(text, code):
    choice = kinds.attributes()["province"].choice(text)
    assert choice is not None
    assert choice.code == code


def test_shanxi_and_shaanxi_are_two_provinces():
    province = kinds.attributes()["province"]
    assert [choice.name.zh for text in ("Shanxi", "Shaanxi") if (choice := province.choice(text))] == ["山西", "陕西"]


def test_the_file_format_s_attributes_are_registered_when_the_room_starts():
    assert list(kinds.attributes())[:6] == [
        "capacity_mw",
        "fuel",
        "province",
        "longitude",
        "latitude",
        "commissioned",
    ]
    assert kinds.all_kinds()[0].code == "group"


def test_every_kind_has_a_drawing():
    assert {kind.icon for kind in kinds.all_kinds()} <= set(icons.names())


def test_every_shipped_unit_is_english_to_an_english_reader():
    units = {row["unit"] for row in yaml.safe_load(composing.indicators_text())}
    assert {unit for unit in units if re.search("[\u4e00-\u9fff]", unit_words(unit, "en"))} == set()


@pytest.mark.django_db
def test_settlement_is_split_by_trade_type_and_fee_class():
    known = catalogue()
    parts = [f"settled_energy.{one}" for one in ("priority", "contract", "spot", "green", "other")]
    assert known["settled_energy"].formula == f"total({', '.join(parts)})" and set(parts) < set(known)
    assert known["settlement_price.spot"].weight == "settled_energy.spot"
    assert known["settlement_fees.capacity"].name.zh == "结算费用（不含税）·容量电费"
    assert known["settlement_price"].making == "cell"


def test_settlement_is_told_with_tax_too_by_rates_that_nobody_has_checked():
    known, shipped = catalogue(), taxes()
    assert known["settlement_fees.capacity.taxed"].name.zh == "结算费用（含税）·容量电费"
    assert known["settlement_price.taxed"].weight == "settled_energy"
    assert known["settlement_fees_per_energy.taxed"].formula == "settlement_fees.taxed / settled_energy"
    assert [one.percent for one in shipped["vat_power"].rates] == ["17", "16", "13"]
    assert [one.percent for one in shipped["vat_heat"].rates] == ["13", "11", "10", "9"]
    assert not any(rate.is_verified for one in shipped.values() for rate in one.rates)

"""Dictionaries of categories, and indicators that are split by them."""

import pytest

from gangmu.figures.indicators.categories.models import Category
from gangmu.figures.indicators.categories.queries import dictionaries
from gangmu.figures.indicators.categories.services import load_categories, register_days_filed
from gangmu.figures.indicators.definitions import Making, Member, Split, Total
from gangmu.figures.indicators.models import Indicator
from gangmu.figures.indicators.queries import catalogue, definition_of
from gangmu.figures.indicators.services import install_indicators, load_indicators
from gangmu.foundation.parties.kinds import Words

pytestmark = pytest.mark.django_db

TRADE = """\
- code: trade
  name: {zh: 交易类型, en: Trade type}
  categories:
    - {code: base, name: {zh: 基数, en: Base}, valid_to: 2026-06-30}
    - {code: spot, name: {zh: 现货, en: Spot}}
"""
GREEN = "    - {code: green, name: {zh: 绿电, en: Green}, valid_from: 2026-07-01}\n"
ENERGY = """\
- code: energy
  name: {zh: 电量, en: Energy}
  unit: MWh
  precision: 2
  split: {by: trade, total: parts}
"""
PRICE = """\
- code: price
  name: {zh: 电价, en: Price}
  unit: 元/MWh
  precision: 2
  over_organisations: weighted
  weight: energy
  split: {by: trade, total: parts}
"""


def item(code: str, **more: str) -> str:
    fields = {"name": f"{{zh: 名{code}, en: Name {code}}}", "unit": "MWh", "precision": "2", **more}
    return "\n  ".join([f"- code: {code}", *(f"{key}: {value}" for key, value in fields.items())]) + "\n"


@pytest.fixture
def categories(tmp_path):
    def load(text: str = TRADE) -> list[str]:
        path = tmp_path / "categories.yaml"
        path.write_text(text, "utf-8")
        return [str(problem) for problem in load_categories(path).problems]

    return load


@pytest.fixture
def indicators(tmp_path):
    def load(text: str) -> list[str]:
        path = tmp_path / "indicators.yaml"
        path.write_text(text, "utf-8")
        return [str(problem) for problem in load_indicators(path).problems]

    return load


def codes() -> list[str]:
    return list(Indicator.objects.filter(source="local").order_by("code").values_list("code", flat=True))


@pytest.mark.req("M-7.2.10.1")
def test_each_category_makes_an_indicator_of_its_own(categories, indicators):
    assert categories() == [] and indicators(ENERGY + PRICE) == []
    known = catalogue()
    spot, whole, price = known["energy.spot"], known["energy"], known["price.spot"]
    assert spot.name == Words("电量·现货", "Energy · Spot") and spot.making is Making.STORED
    assert known["energy.base"].member == Member("energy", "base", None, dictionaries()["trade"].categories[0].valid_to)
    assert (whole.formula, whole.making) == ("total(energy.base, energy.spot)", Making.CELL)
    assert whole.split == Split("trade", Total.PARTS)
    assert (price.weight, known["price"].weight) == ("energy.spot", "energy")
    assert known.dependants(["energy.spot"]) == {"energy", "price", "price.spot"}
    assert indicators(ENERGY + PRICE) == [] and len(codes()) == 6


def test_a_filed_whole_stands_beside_its_parts(categories, indicators):
    categories()
    assert indicators(ENERGY.replace("parts", "filed")) == []
    assert catalogue()["energy"].making is Making.STORED and codes() == ["energy", "energy.base", "energy.spot"]


def test_a_new_category_makes_parts_and_one_without_figures_goes(categories, indicators):
    categories()
    indicators(ENERGY + PRICE)
    assert categories(TRADE + GREEN) == []
    assert catalogue()["energy"].formula == "total(energy.base, energy.spot, energy.green)"
    assert [one.code for one in dictionaries()["trade"].categories] == ["base", "spot", "green"]
    without = TRADE.replace(TRADE.splitlines()[3] + "\n", "")
    assert categories(without) == []
    assert codes() == ["energy", "energy.spot", "price", "price.spot"] and Category.objects.count() >= 1
    assert catalogue()["energy"].formula == "total(energy.spot)"


def test_a_category_whose_part_a_formula_needs_stays(categories, indicators):
    categories()
    indicators(ENERGY + item("share", formula="energy.base / energy.spot", unit='"%"'))
    before = codes()
    assert categories(TRADE.replace(TRADE.splitlines()[3] + "\n", "")) == [
        "line 1, column 3: energy: its part energy.base would be no more, but share needs it."
    ]
    assert codes() == before and len(dictionaries()["trade"].categories) == 2
    assert indicators(ENERGY.replace("  split: {by: trade, total: parts}\n", "")) == [
        "line 1, column 3: energy: its part energy.base would be no more, but share needs it.",
        "line 1, column 3: energy: its part energy.spot would be no more, but share needs it.",
    ]


def test_categories_keep_the_days_of_their_figures(categories, indicators, monkeypatch):
    from datetime import date

    from gangmu.figures.indicators.categories import services

    def days(codes):
        return {"energy.spot": (date(2026, 1, 5), date(2026, 9, 1))} if "energy.spot" in codes else {}

    monkeypatch.setattr(services, "_days_filed", [])
    register_days_filed(days)
    categories()
    indicators(ENERGY)
    dated = TRADE.replace("en: Spot}}", "en: Spot}, valid_from: 2026-02-01, valid_to: 2026-08-31}")
    assert categories(dated) == [
        "line 5, column 7: there are figures of energy.spot from 2026-01-05 on; it cannot begin after.",
        "line 5, column 7: there are figures of energy.spot up to 2026-09-01; it cannot end before.",
    ]
    assert categories(dated.replace("2026-02-01", "2026-01-01").replace("2026-08-31", "2026-09-01")) == []
    assert str(Indicator.objects.get(code="energy.spot").valid_to) == "2026-09-01"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            ENERGY.replace("trade", "trad"),
            "line 5, column 10: energy: there is no dictionary of categories “trad”. Known ones: fee_class, trade, "
            "trade_type. Did you mean “trade”?",
        ),
        (
            ENERGY + item("energy.spot"),
            "line 5, column 10: energy: its part energy.spot would have the code of another indicator.",
        ),
        (
            item("x", formula="1[MWh]", split="{by: trade}"),
            "line 6, column 10: what has formula is not split. Split the indicators that it stands on.",
        ),
        (
            item("x", grain="month", settles="generation", split="{by: trade}"),
            "line 7, column 10: what has settles is not split. Split the indicators that it stands on.",
        ),
        (
            item("w") + PRICE.replace("weight: energy", "weight: w"),
            "line 10, column 11: price: each part is weighed by the part of w, which is not split by trade. Split it "
            "by the same dictionary.",
        ),
        (
            item("x", split="trade"),
            "line 5, column 10: split is {by: trade_type, total: filed}; total is filed or parts.",
        ),
        (
            item("x", split="{by: trade, total: sum}"),
            "line 5, column 29: total is one of filed, parts, not “sum”.",
        ),
        (
            item("x" * 60, split="{by: trade}"),
            f"line 5, column 10: {'x' * 60}: the code or name of its part {'x' * 60}.base would be too long: at most "
            "64 characters.",
        ),
        (
            item("x", split="{by: trade}", unit="nonsense"),
            None,
        ),
    ],
)
def test_what_cannot_be_split_is_said_at_its_place_and_nothing_is_recorded(categories, indicators, text, said):
    categories()
    found = indicators(text)
    assert len(found) == 1 and (said is None or found == [said])
    assert codes() == []


def test_parts_are_changed_by_their_whole_alone(categories, indicators):
    categories()
    indicators(ENERGY)
    assert indicators(item("energy.spot")) == [
        "line 1, column 9: energy.spot: this is the part of energy for spot; change energy or its dictionary."
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1, column 1: this is a list of dictionaries; each begins with “- code: …”."),
        (TRADE.replace("code: trade", "code: 交易"), "line 1, column 9: a code begins with a letter and goes on"),
        (TRADE.replace("code: spot", "code: base"), "line 5, column 7: the code “base” stands twice."),
        (TRADE.replace("现货", "基数"), "line 5, column 7: “spot” and “base” have the same name."),
        (TRADE.replace("valid_to: 2026-06-30", "valid_to: 2026-06-31"), "line 4, column 56: “2026-06-31” is not a day"),
        (
            TRADE.replace("valid_to: 2026-06-30", "valid_from: 2026-07-01, valid_to: 2026-06-30"),
            "line 4, column 80: valid_to is the last day; it is before valid_from.",
        ),
        (TRADE.replace("valid_to", "valid_too"), "line 4, column 46: unknown key “valid_too”. Known keys: code, name,"),
        (TRADE.replace(", en: Spot", ""), "line 5, column 26: a name has both languages: {zh: 现货, en: Spot}."),
        ("- code: trade\n  name: {zh: 甲, en: A}\n", "line 1, column 3: missing: categories."),
        (
            "- code: trade\n  name: {zh: 甲, en: A}\n  categories: []\n",
            "line 3, column 15: categories is a list of 1 to 40",
        ),
        (TRADE + TRADE, "line 6, column 3: the code “trade” stands twice."),
    ],
)
def test_faulty_dictionaries_are_refused_at_their_place(categories, text, said):
    found = categories(text)
    assert len(found) == 1 and found[0].startswith(said), found
    assert "trade" not in dictionaries()


def test_shipped_dictionaries_leave_alone_what_was_changed_here(categories, indicators):
    shipped = TRADE.replace("trade", "kept")
    assert load_categories(shipped, shipped=True).created == 1
    install_indicators(ENERGY.replace("trade", "kept").replace("code: energy", "code: sold"))
    categories(shipped.replace("en: Spot", "en: Spot market"))
    assert definition_of(Indicator.objects.get(code="sold.spot")).name.en == "Energy · Spot market"
    assert Indicator.objects.get(code="sold.spot").source == "shipped"
    assert load_categories(shipped, shipped=True).changed == 0
    assert dictionaries()["kept"].categories[1].name.en == "Spot market"
    assert install_indicators(ENERGY.replace("trade", "kept").replace("code: energy", "code: sold")) == []

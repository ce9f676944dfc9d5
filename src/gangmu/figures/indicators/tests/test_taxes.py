"""Taxes with dated rates, and the companions that tell the figures of indicators with tax and without."""

from datetime import date

import pytest

from gangmu.figures.indicators.categories.services import load_categories
from gangmu.figures.indicators.changing import propose
from gangmu.figures.indicators.definitions import Basis, Earlier, Making, OverOrganisations, Taxed
from gangmu.figures.indicators.models import Indicator, TaxRate
from gangmu.figures.indicators.queries import catalogue, definition_of
from gangmu.figures.indicators.services import install_indicators, load_indicators
from gangmu.figures.indicators.taxes.models import Tax
from gangmu.figures.indicators.taxes.queries import taxes
from gangmu.figures.indicators.taxes.services import load_taxes
from gangmu.foundation.parties.kinds import Words
from gangmu.foundation.records.models import Event

pytestmark = pytest.mark.django_db

SOURCE = "source: {zh: 某号文, en: Some act}"
VAT = f"""\
- code: vat
  name: {{zh: 增值税, en: VAT}}
  rates:
    - {{until: 2018-04-30, rate: 17%, {SOURCE}}}
    - {{until: 2019-03-31, rate: 0.16, {SOURCE}, verified: no}}
    - {{rate: 13%, {SOURCE}, verified: yes}}
"""
TRADE = """\
- code: trade
  name: {zh: 交易类型, en: Trade type}
  categories:
    - {code: base, name: {zh: 基数, en: Base}}
    - {code: spot, name: {zh: 现货, en: Spot}}
"""


def item(code: str, **more: str) -> str:
    fields = {"name": f"{{zh: 名{code}, en: Name {code}}}", "unit": "元", "precision": "2", **more}
    return "\n  ".join([f"- code: {code}", *(f"{key}: {value}" for key, value in fields.items())]) + "\n"


WITHOUT = "{rate: vat, filed: excluded}"
WITH = "{rate: vat, filed: included}"
FEES = item("fees", tax=WITHOUT, name="{zh: 费用（不含税）, en: Fees without tax}")
ENERGY = item("energy", unit="MWh")
PRICE = item("price", unit="元/MWh", formula="fees / energy", tax="follows")


@pytest.fixture
def rates(tmp_path):
    def load(text: str = VAT) -> list[str]:
        path = tmp_path / "taxes.yaml"
        path.write_text(text, "utf-8")
        return [str(problem) for problem in load_taxes(path).problems]

    return load


@pytest.fixture
def indicators(tmp_path, rates):
    assert rates() == []

    def load(text: str) -> list[str]:
        path = tmp_path / "indicators.yaml"
        path.write_text(text, "utf-8")
        return [str(problem) for problem in load_indicators(path).problems]

    return load


def codes() -> list[str]:
    return list(Indicator.objects.filter(source="local").order_by("code").values_list("code", flat=True))


@pytest.mark.req("M-7.2.10.1")
def test_an_indicator_with_a_tax_has_a_companion_with_the_rate_of_each_day(indicators):
    price = item("tariff", unit="元/MWh", over_organisations="weighted", weight="energy", tax=WITH, level="plant")
    assert indicators(FEES + item("energy", unit="MWh", level="plant") + price) == []
    known = catalogue()
    taxed = definition_of(Indicator.objects.get(code="fees.taxed"))
    assert taxed.formula == "fees * 1.13" and taxed.making is Making.CELL
    assert taxed.earlier == (
        Earlier(date(2018, 4, 30), "fees * 1.17"),
        Earlier(date(2019, 3, 31), "fees * 1.16"),
    )
    assert taxed.name == Words("费用（含税）", "Fees with tax") and taxed.taxed == Taxed(Basis.INCLUDED, "vat", "fees")
    untaxed = known["tariff.untaxed"]
    assert untaxed.formula == "tariff / 1.13" and untaxed.name == Words("名tariff（不含税）", "Name tariff without tax")
    assert (untaxed.over_organisations, untaxed.weight) == (OverOrganisations.WEIGHTED, "energy")
    assert untaxed.level == "plant"
    assert indicators(FEES) == [] and len(codes()) == 5


def test_a_formula_that_follows_stands_on_companions(indicators):
    growth = item("growth", unit='"%"', formula="year_ago(price) / 「名price」", tax="follows")
    dated = PRICE + "  earlier:\n    - {until: 2020-12-31, formula: 「费用（不含税）」 / energy / 2}\n"
    assert indicators(growth + dated + FEES + ENERGY) == []
    known = catalogue()
    assert known["price"].taxed == Taxed(Basis.EXCLUDED)
    assert known["price.taxed"].formula == "fees.taxed / energy" and known["price.taxed"].making is Making.RESULT
    assert definition_of(Indicator.objects.get(code="price.taxed")).earlier[0].formula == "fees.taxed / energy / 2"
    assert known["growth.taxed"].formula == "year_ago(price.taxed) / price.taxed"
    assert indicators(PRICE) == [], "a file of its own finds what stands"
    assert catalogue()["price.taxed"].formula == "fees.taxed / energy"


def test_parts_have_companions_too(indicators, tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text(TRADE, "utf-8")
    assert load_categories(path).problems == []
    assert indicators(FEES + "  split: {by: trade, total: parts}\n") == []
    known = catalogue()
    assert known["fees.spot.taxed"].name == Words("费用（含税）·现货", "Fees with tax · Spot")
    assert known["fees.taxed"].formula == "fees * 1.13" and known["fees"].formula == "total(fees.base, fees.spot)"
    path.write_text(TRADE.replace("base", "green").replace("基数", "绿电").replace("Base", "Green"), "utf-8")
    assert load_categories(path).problems == []
    assert codes() == [
        "fees", "fees.green", "fees.green.taxed", "fees.spot", "fees.spot.taxed", "fees.taxed",
    ]  # fmt: skip
    path.write_text(TRADE.replace("code: spot", "code: taxed"), "utf-8")
    assert "line 1, column 3: fees: its companion fees.taxed would have the code of another indicator." in [
        str(one) for one in load_categories(path).problems
    ]


def test_another_rate_makes_the_formulas_anew(indicators, rates):
    level = item("cost", tax=WITHOUT, level="region", over_time="sum", over_organisations="sum", formula="fees * 2")
    indicators(FEES + level)
    before = catalogue()
    assert rates(VAT.replace("2019-03-31", "2019-06-30").replace("13%", "12.5%")) == []
    row = definition_of(Indicator.objects.get(code="cost.taxed"))
    assert row.formula == "cost * 1.125" and row.earlier[1] == Earlier(date(2019, 6, 30), "cost * 1.16")
    assert row.level == "region" and catalogue()["cost"] == before["cost"]
    assert rates(VAT.replace("0.16", "17%")) == []
    assert definition_of(Indicator.objects.get(code="fees.taxed")).earlier == (
        Earlier(date(2019, 3, 31), "fees * 1.17"),
    )
    assert [one.data["taxes"] for one in Event.objects.filter(kind="indicators.taxes-defined").order_by("id")][-2:] == [
        ["vat"],
        ["vat"],
    ]
    assert taxes()["vat"].on(date(2019, 4, 1)).percent == "13" and TaxRate.objects.filter(tax__code="vat").count() == 3


def test_the_companion_goes_with_the_tax(indicators):
    indicators(FEES + ENERGY + PRICE)
    plain = item("fees", name="{zh: 费用（不含税）, en: Fees without tax}")
    assert indicators(plain) == [
        "line 1, column 3: fees: its companion fees.taxed would be no more, but price.taxed needs it."
    ]
    assert indicators(plain + PRICE.replace("  tax: follows\n", "")) == []
    assert codes() == ["energy", "fees", "price"]


def test_the_basis_can_be_told_otherwise(indicators):
    indicators(FEES + ENERGY + PRICE)
    assert indicators(FEES.replace("excluded", "included").replace("（不含税）", "") + PRICE) == []
    assert codes() == ["energy", "fees", "fees.untaxed", "price", "price.untaxed"]
    assert catalogue()["price.untaxed"].formula == "fees.untaxed / energy"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (item("a", tax="{rate: vta, filed: excluded}"), "line 5, column 8: a: there is no tax “vta”. Known"),
        (item("a", tax="{rate: vat, filed: neither}"), "line 5, column 27: filed is one of included, excluded, not"),
        (item("a", tax="vat"), "line 5, column 8: tax is {rate: vat_power, filed: excluded}, or follows; "),
        (item("a", tax="follows"), "line 5, column 8: what is filed follows nothing. Write tax: "),
        (item("a", tax=WITHOUT, unit="MWh"), "line 5, column 8: a: tax is in money and in prices; there is no "),
        (item("a", tax=WITHOUT, formula="e"), "line 6, column 12: a: no indicator"),
        (ENERGY + item("a", tax="follows", unit="MWh", formula="energy"), "line 9, column 8: a: there is nothing to "),
        (FEES + item("a", tax=WITHOUT, formula="fees * 2"), "line 10, column 8: a: a formula on totals has no rate"),
        (FEES + item("b", tax=WITH) + item("a", tax="follows", formula="fees + b"), "line 15, column 8: a: the "),
        (FEES + item("fees.taxed"), "line 5, column 8: fees: its companion fees.taxed would have the code"),
        (item("a" * 62, tax=WITHOUT), f"line 5, column 8: {'a' * 62}: the code or name of its companion "),
        (item("a", tax="follows", formula="b") + item("b", tax="follows", formula="a"), "circle"),
    ],
)  # fmt: skip
def test_what_does_not_hold_is_told_at_its_place(indicators, text, said):
    problems = indicators(text)
    if said == "circle":
        assert problems and all("a → b → a" in one or "b → a → b" in one for one in problems)
    elif said.endswith("no indicator"):
        assert len(problems) == 2 and "there is no indicator e" in problems[1]
    else:
        assert len(problems) == 1 and problems[0].startswith(said)
    assert codes() == []


def test_companions_are_changed_by_their_original_alone(indicators):
    indicators(FEES)
    assert indicators(item("fees.taxed")) == [
        "line 1, column 9: fees.taxed: this is made from fees and its tax; change fees."
    ]
    for code in ("fees", "fees.taxed"):
        [fault] = propose(definition_of(Indicator.objects.get(code=code))).faults
        assert fault.message == (
            "this indicator is told with tax and without; change it in a file: gangmu load indicators."
        )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("17%", "130", "line 4, column 33: a rate lies between 0 and 100 percent, not 130."),
        ("17%", "-1%", "line 4, column 33: “-1%” is no rate. Write 13% or 0.13."),
        ("17%", "13％", "line 4, column 33: “13％” is no rate. Write 13% or 0.13. Did you mean “13%”?"),
        ("17%", "0.1234567", "line 4, column 33: a rate has at most 6 decimals."),
        ("until: 2019-03-31", "until: 2018-04-30", "line 5, column 15: until 2018-04-30 is not after 2018-04-30, "),
        ("until: 2019-03-31, ", "", "line 5, column 7: until is missing: the last day of a rate."),
        ("- {rate: 13%", "- {until: 2030-01-01, rate: 13%", "line 6, column 15: the newest rate holds on: "),
        ("until: 2018-04-30", "until: 30.4.2018", "line 4, column 15: “30.4.2018” is not a day such as 2025-12-31."),
        ("until: 2018-04-30", "until: 9999-12-31", "line 4, column 15: the year of a last day lies between"),
        ("verified: no", "verified: maybe", "line 5, column 82: verified is one of yes, no, not “maybe”."),
        ("{zh: 某号文, en: Some act}}\n    - {until: 2019", "some act}\n    - {until: 2019", "line 4, column 46: "),
        ("rates:", "rate:", "line 3, column 3: unknown key “rate”. Known keys: code, "),
        ("code: vat", "code: v.t", "line 1, column 9: a code begins with a letter and goes on with "),
    ],
)  # fmt: skip
def test_bad_rates_are_told_at_their_place(rates, old, new, said):
    assert any(one.startswith(said) for one in rates(VAT.replace(old, new)))
    assert not Tax.objects.filter(code="vat").exists()


def test_what_is_shipped_leaves_alone_what_was_changed(rates):
    assert rates(VAT.replace("code: vat", "code: vat_power")) == []
    shipped = VAT.replace("code: vat", "code: vat_power").replace("13%", "1%")
    assert load_taxes(shipped, shipped=True).problems == []
    assert taxes()["vat_power"].rates[-1].percent == "13"
    assert install_indicators(FEES.replace("rate: vat,", "rate: nothing,")) == ["fees"], "kept back"
    assert install_indicators(FEES.replace("rate: vat,", "rate: vat_power,")) == []
    assert set(Indicator.objects.filter(code__startswith="fees").values_list("source", flat=True)) == {"shipped"}

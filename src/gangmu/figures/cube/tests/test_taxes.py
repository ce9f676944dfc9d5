"""Figures with tax and without: which indicator answers, and what it comes to where rates change."""

from pathlib import Path

import pytest

from gangmu.figures.cube.errors import BadOption
from gangmu.figures.cube.gateway import Question, ask, ask_all, explain
from gangmu.figures.cube.links import explanation
from gangmu.figures.filing.importing import load_facts
from gangmu.figures.filing.services.closing import close_month
from gangmu.figures.indicators.categories.services import load_categories
from gangmu.figures.indicators.models import Indicator
from gangmu.figures.indicators.services import load_indicators
from gangmu.figures.indicators.taxes.services import load_taxes
from gangmu.foundation.access.scope import SYSTEM
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.periods.period import Period

TAXES = """\
- code: vat
  name: {zh: 增值税, en: VAT}
  rates:
    - {until: 2026-11-10, rate: 16%, source: {zh: 旧号文, en: The old act}, verified: yes}
    - {rate: 13%, source: {zh: 新号文, en: The new act}}
"""
TRADE = """\
- code: trade
  name: {zh: 交易类型, en: Trade type}
  categories:
    - {code: base, name: {zh: 基数, en: Base}}
    - {code: spot, name: {zh: 现货, en: Spot}}
"""
INDICATORS = """\
- {code: fees, name: {zh: 费用, en: Fees}, unit: 元, precision: 2, tax: {rate: vat, filed: excluded}}
- {code: gross, name: {zh: 毛额, en: Gross}, unit: 元, precision: 2, tax: {rate: vat, filed: included}}
- {code: sold, name: {zh: 电量, en: Sold}, unit: MWh, precision: 1}
- code: tariff
  name: {zh: 电价, en: Tariff}
  unit: 元/MWh
  precision: 2
  over_organisations: weighted
  weight: sold
  tax: {rate: vat, filed: excluded}
- {code: average, name: {zh: 均价, en: Average}, unit: 元/MWh, precision: 2, formula: fees / sold, tax: follows}
- code: bill
  name: {zh: 账单（不含税）, en: Bill without tax}
  unit: 元
  precision: 2
  tax: {rate: vat, filed: excluded}
  split: {by: trade, total: filed}
"""
FACTS = """\
organisation,indicator,category,period,value
P1U1,fees,,2026-11-10,100
P1U1,fees,,2026-11-11,100.05
P1U2,fees,,2026-11-11,0.01
P1U1,gross,,2026-11-10,116
P1U1,gross,,2026-11-11,100
P1U1,sold,,2026-11-10,1
P1U1,sold,,2026-11-11,3
P1U1,tariff,,2026-11-10,400
P1U1,tariff,,2026-11-11,300
P1U1,bill,,2026-11-11,100
P1U1,bill,base,2026-11-11,30
P1U1,bill,spot,2026-11-11,60
"""


def load(folder: Path, name: str, text: str, how) -> list[str]:
    path = folder / name
    path.write_text(text, "utf-8")
    return [str(problem) for problem in how(path).problems]


@pytest.fixture
def taxed(world, tmp_path: Path):
    for name, text, how in (
        ("t.yaml", TAXES, load_taxes),
        ("c.yaml", TRADE, load_categories),
        ("i.yaml", INDICATORS, load_indicators),
        ("f.csv", FACTS, load_facts),
    ):
        assert load(tmp_path, name, text, how) == []
    return tmp_path


def row(code: str, period: str = "2026-11", **more) -> dict:
    [found] = ask(Question((code,), ("G",), (period,), **more), SYSTEM).as_json()["rows"]
    return found


def told(code: str, period: str = "2026-11", **more) -> tuple[str, str | None]:
    found = row(code, period, **more)
    return found["indicator"], found["value"]


@pytest.mark.req("M-7.2.10.1")
def test_each_day_has_its_own_rate_and_what_it_comes_to_is_rounded_once(taxed):
    assert told("fees") == told("fees", tax="excluded") == ("fees", "200.06")
    assert told("fees", tax="included") == ("fees.taxed", "229.07")  # 116 + 113.0565 + 0.0113
    assert told("gross", tax="included") == ("gross", "216.00")
    assert told("gross", tax="excluded") == ("gross.untaxed", "188.50")  # 100 + 100 / 1.13
    assert told("gross", "2026-11-11", tax="excluded") == ("gross.untaxed", "88.50")
    assert told("tariff", tax="included") == ("tariff.taxed", "370.25")  # (464 + 3 × 339) / 4
    assert told("average", tax="included") == ("average.taxed", "57.27") and told("average") == ("average", "50.02")
    assert told("sold", tax="included") == ("sold", "4.0")
    assert row("fees", tax="included")["coverage"] == row("fees")["coverage"]


def test_it_is_asked_for_with_everything_else(taxed):
    assert told("fees.taxed", tax="excluded") == ("fees", "200.06")
    found = row("fees", "2026-11-11", tax="included", compare="previous")
    assert (found["value"], found["compare"]["value"]) == ("113.07", "116.00")
    assert (found["compare"]["change"], found["compare"]["rate"]) == ("-2.93", "-0.025278")
    assert row("fees", tax="included", unit="万元")["value"] == "0.022907"
    questions = [Question(("fees", "sold"), ("G",), ("2026-11",), tax=tax) for tax in (None, "included")]
    assert [[one.indicator for one in answer.rows] for answer in ask_all(questions, SYSTEM)] == [
        ["fees", "sold"],
        ["fees.taxed", "sold"],
    ]
    with pytest.raises(BadOption):
        row("fees", tax="include")


def test_parts_by_category_are_told_on_the_same_basis(taxed):
    question = Question(("bill",), ("G",), ("2026-11",), by="category", tax="included")
    answer = ask(question, SYSTEM)
    assert [
        (one["indicator"], one["category"], one["value"], one.get("share")) for one in answer.as_json()["rows"]
    ] == [
        ("bill.taxed", "base", "33.90", "0.300000"),
        ("bill.taxed", "spot", "67.80", "0.600000"),
        ("bill.taxed", None, "11.30", "0.100000"),
    ]
    assert "indicator=bill.spot.taxed" in explanation(answer.rows[1], question)
    itself = Question(("bill.taxed",), ("G",), ("2026-11",), by="category")
    assert [one.value for one in ask(itself, SYSTEM).rows] == ["33.90", "67.80", "11.30"]
    spot = row("bill", tax="included", category="spot")
    assert (spot["indicator"], spot["category"], spot["value"]) == ("bill.spot.taxed", "spot", "67.80")
    assert row("bill.taxed", category="spot") == spot


def test_another_rate_is_another_figure_at_once(taxed):
    assert load(taxed, "t.yaml", TAXES.replace("13%", "9%").replace("2026-11-10", "2026-11-09"), load_taxes) == []
    assert told("fees", tax="included") == ("fees.taxed", "218.07")  # 200.06 × 1.09
    assert told("gross", tax="excluded") == ("gross.untaxed", "198.17")


def test_a_settled_month_goes_with_the_rate_of_its_month(taxed):
    settled = (
        "- {code: fees_month, name: {zh: 月报费用, en: Settled fees}, unit: 元, precision: 2, grain: month,"
        " level: plant, settles: fees}\n"
    )
    assert load(taxed, "s.yaml", settled, load_indicators) == []
    lines = "organisation,indicator,period,value\nP1U1,fees,2026-10-05,10\nP1,fees_month,2026-10,30\n"
    assert load(taxed, "g.csv", lines, load_facts) == []
    indicator, plant = Indicator.objects.get(code="fees"), Organisation.objects.get(code="P1")
    close_month(indicator, plant, Period.parse("2026-10"), reason="signed", by=None)
    assert told("fees", "2026-10", tax="included") == ("fees.taxed", "34.80")  # 30 × 1.16
    assert told("fees", "2026-Q4", tax="included") == ("fees.taxed", "263.87")


def test_an_explanation_tells_rate_days_source_and_that_nobody_checked_it(taxed):
    [found] = explain(Question(("fees",), ("G",), ("2026-11",), tax="included"), SYSTEM)["rows"]
    assert found["indicator"] == "fees.taxed" and found["formula"]["text"] == "fees * 1.13"
    assert found["tax"] == {
        "basis": "included",
        "of": "fees",
        "companion": "fees",
        "taxes": [
            {
                "code": "vat",
                "name": {"zh": "增值税", "en": "VAT"},
                "rates": [
                    {
                        "percent": "13",
                        "since": "2026-11-11",
                        "until": None,
                        "source": {"zh": "新号文", "en": "The new act"},
                        "verified": False,
                    },
                    {
                        "percent": "16",
                        "since": None,
                        "until": "2026-11-10",
                        "source": {"zh": "旧号文", "en": "The old act"},
                        "verified": True,
                    },
                ],
            }
        ],
    }
    [following] = explain(Question(("average.taxed",), ("G",), ("2026-11-11",)), SYSTEM)["rows"]
    assert [one["percent"] for one in following["tax"]["taxes"][0]["rates"]] == ["13"]
    [filed] = explain(Question(("fees",), ("G",), ("2026-11",)), SYSTEM)["rows"]
    assert (filed["tax"]["basis"], filed["tax"]["of"], filed["tax"]["companion"]) == ("excluded", None, "fees.taxed")
    [other] = explain(Question(("sold",), ("G",), ("2026-11",)), SYSTEM)["rows"]
    assert other["tax"] is None

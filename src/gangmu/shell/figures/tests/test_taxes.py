"""Tax included or excluded on pages and on the command line."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from gangmu.figures.cube import services as cube
from gangmu.figures.filing.importing import load_facts
from gangmu.figures.indicators.categories.queries import below_wholes
from gangmu.figures.indicators.models import Indicator
from gangmu.figures.indicators.services import load_indicators
from gangmu.foundation.settings import clock
from gangmu.shell.cli import main
from gangmu.shell.cli.session import embedded
from gangmu.shell.testing.worlds import make_world

NOW = "2026-06-03T07:30+08:00"
INDICATORS = """\
- {code: sold, name: {zh: 售电量, en: Energy sold}, unit: MWh, precision: 1}
- code: paid
  name: {zh: 电费（不含税）, en: Amount paid without tax}
  unit: 元
  precision: 2
  tax: {rate: vat_power, filed: excluded}
- {code: mean, name: {zh: 均价, en: Mean price}, unit: 元/MWh, precision: 2, formula: paid / sold, tax: follows}
"""
FACTS = """\
organisation,indicator,period,value
P1U1,sold,2026-06-01,200
P1U1,paid,2026-06-01,60000
"""
ASKED = "/figures/?indicator=sold&indicator=paid&indicator=mean&organisation=G&period=2026-06-01"


@pytest.fixture
def get(committed: str, tmp_path: Path):
    with clock.frozen(NOW):
        people = make_world(tmp_path)
        for name, text, load in (("i.yaml", INDICATORS, load_indicators), ("f.csv", FACTS, load_facts)):
            path = tmp_path / name
            path.write_text(text, "utf-8")
            assert load(path).problems == []
        cube.fold()

        def page(path: str, status: int = 200, language: str = "en") -> str:
            client = Client(headers={"accept-language": language})
            client.force_login(people.group)
            answer = client.get(path)
            assert answer.status_code == status, answer.content.decode()[:2000]
            text = b"".join(answer) if answer.streaming else answer.content  # type: ignore[call-overload]
            return text.decode("utf-8-sig")

        yield page


@pytest.mark.req("M-7.2.10.1")
def test_the_look_up_tells_money_on_the_basis_that_is_asked_for(get: Callable[..., str]):
    page = get(f"{ASKED}&tax=included")
    table = page[page.index("<tbody>") :]
    assert "67,800.00" in table and "339.00" in table and "Amount paid with tax" in table
    assert "indicator=paid.taxed&amp;organisation=G&amp;period=2026-06-01" in table and "tax=included" in page
    assert '<option value="included" selected>tax included</option>' in page
    assert ">电费（含税）<" in get(f"{ASKED}&tax=included", language="zh-hans").replace(" ", "")
    rows = list(csv.reader(io.StringIO(get(f"{ASKED}&tax=included&export=csv"))))
    assert [row[1] for row in rows[1:]] == ["sold", "paid.taxed", "mean.taxed"]
    assert "60,000.00" in get(ASKED) and "paid.taxed" not in get(ASKED), "companions are asked for by the switch"
    assert 'value="paid.taxed"' in get(f"{ASKED}&indicator=paid.taxed")
    assert get(f"{ASKED}&tax=neither", status=422)

    page = get("/figures/explain/?indicator=mean&organisation=G&period=2026-06-01&tax=included")
    assert "Mean price with tax" in page and "339.00" in page
    assert "VAT on electricity" in page and "13%" in page and "since 2019-04-01" in page and "unverified" in page
    assert "?indicator=mean&amp;organisation=G" in page, "the other basis"
    assert "tax=included" not in page[page.index('id="explanation-body"') :], "inputs are explained as they are"


def test_indicators_and_taxes_tell_of_each_other(get: Callable[..., str]):
    page = get("/indicators/taxes/")
    assert page.count("unverified") == 7 and "2019-04-01" in page and "/indicators/paid/" in page
    assert "财政部 税务总局 海关总署公告2019年第39号" in get("/indicators/taxes/", language="zh-hans")
    assert "Amount paid with tax" in get("/indicators/paid/") and "Mean price with tax" in get("/indicators/mean/")
    assert "made from" in get("/indicators/paid.taxed/")
    page = get("/indicators/?q=Amount")
    assert "/indicators/paid/" in page and "/indicators/paid.taxed/" not in page
    listed = [name for one, name in below_wholes(Indicator.objects.order_by("id")) if one.code.startswith("paid")]
    assert len(listed) == 2 and listed[1].startswith("\u2003")


def test_the_command_line_asks_and_explains(get: Callable[..., str], capsys, tmp_path: Path):
    question = ["--indicator", "mean", "--organisation", "G", "--period", "2026-06-01", "--tax", "included"]
    with embedded():
        assert main(["query", *question, "--json"]) == 0
        [row] = json.loads(capsys.readouterr().out)["rows"]
        assert (row["indicator"], row["value"]) == ("mean.taxed", "339.00")
        assert main(["explain", *question]) == 0
        told = capsys.readouterr().out
        assert "VAT on electricity 13%" in told and "unverified" in told
        assert main(["taxes", "list", "--json"]) == 0
        told = {one["code"]: one for one in json.loads(capsys.readouterr().out)["taxes"]}
        assert "paid" in told["vat_power"]["indicators"] and told["vat_power"]["rates"][1]["since"] == "2018-05-01"
        assert main(["taxes", "list"]) == 0 and "2019-04-01.." in capsys.readouterr().out
        path = tmp_path / "t.yaml"
        path.write_text(
            "- code: vat_power\n  name: {zh: 税, en: Tax}\n  rates: [{rate: 130, source: {zh: 甲, en: A}}]\n", "utf-8"
        )
        assert main(["load", "taxes", str(path)]) == 1
        assert "line 3, column 18: a rate lies between 0 and 100 percent" in capsys.readouterr().err
        path.write_text(path.read_text("utf-8").replace("130", "6%"), "utf-8")
        assert main(["load", "taxes", str(path)]) == 0
        assert main(["query", *question, "--json"]) == 0
        assert '"318.00"' in capsys.readouterr().out

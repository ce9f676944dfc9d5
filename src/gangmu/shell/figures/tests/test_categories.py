"""Split indicators on pages: looked up by category, in pivots, in lists and forms, and told where they come from."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from gangmu.figures.cube import services as cube
from gangmu.figures.cube.gateway import Question, ask
from gangmu.figures.designs.parser import parse
from gangmu.figures.designs.workbooks import vocabulary
from gangmu.figures.filing.importing import load_facts
from gangmu.figures.indicators.categories.services import load_categories
from gangmu.figures.indicators.services import load_indicators
from gangmu.figures.pivots.errors import PivotError
from gangmu.figures.pivots.grid import grid
from gangmu.figures.pivots.layout import Layout
from gangmu.figures.tiles.asking import fetch_figures
from gangmu.figures.tiles.kinds import charts
from gangmu.figures.tiles.names import Categories, Name, fetch_categories
from gangmu.foundation.access.scope import SYSTEM
from gangmu.foundation.boards.places import Place, places
from gangmu.foundation.boards.tiles import Asked
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock
from gangmu.shell.cli import main
from gangmu.shell.cli.session import embedded
from gangmu.shell.testing.worlds import World, make_world

NOW = "2026-06-03T07:30+08:00"
CATEGORIES = """\
- code: trade
  name: {zh: 交易, en: Trade}
  categories:
    - {code: spot, name: {zh: 现货, en: Spot}}
    - {code: base, name: {zh: 基数, en: Base}}
"""
INDICATORS = """\
- {code: sold, name: {zh: 售电量, en: Energy sold}, unit: MWh, precision: 1, split: {by: trade}}
- {code: paid, name: {zh: 电费, en: Amount paid}, unit: 元, precision: 0, split: {by: trade, total: parts}}
- {code: mean, name: {zh: 均价, en: Mean price}, unit: 元/MWh, precision: 2, formula: paid / sold}
"""
FACTS = """\
organisation,indicator,category,period,value
P1U1,sold,,2026-06-01,200
P1U1,sold,base,2026-06-01,150
P1U1,sold,spot,2026-06-01,40
P1U1,paid,base,2026-06-01,60000
P2U1,paid,spot,2026-06-01,20000
"""
ASKED = "/figures/?indicator=sold&indicator=mean&organisation=G&period=2026-06-01&by=category"


@pytest.fixture
def world(committed: str, tmp_path: Path):
    with clock.frozen(NOW):
        people = make_world(tmp_path)
        files = (("c", CATEGORIES, load_categories), ("i", INDICATORS, load_indicators), ("f", FACTS, load_facts))
        for name, text, load in files:
            path = tmp_path / f"{name}.{'csv' if load is load_facts else 'yaml'}"
            path.write_text(text, "utf-8")
            assert load(path).problems == []
        cube.fold()
        yield people


def get(people: World, path: str, status: int = 200, language: str = "en") -> str:
    client = Client(headers={"accept-language": language})
    client.force_login(people.group)
    answer = client.get(path)
    assert answer.status_code == status, answer.content.decode()[:2000]
    return b"".join(answer).decode("utf-8-sig") if answer.streaming else answer.content.decode()  # type: ignore[attr-defined]


@pytest.mark.req("M-7.2.10.1")
def test_pages_tell_parts_in_the_order_of_their_dictionary(world: World):
    page = get(world, ASKED)
    table = page[page.index("<tbody>") :]
    assert [table.index(word) for word in ("Total", "Spot", "Base", "not categorised")] == sorted(
        table.index(word) for word in ("Total", "Spot", "Base", "not categorised")
    )
    assert "75.00%" in table and "20.00%" in table and "5.00%" in table
    assert "indicator=sold.base&amp;organisation=G" in table and ">未分类<" in get(world, ASKED, language="zh-hans")
    rows = list(csv.reader(io.StringIO(get(world, ASKED + "&export=csv"))))
    assert rows[0][2:4] == ["Energy sold (MWh) · Value", "Energy sold (MWh) · Share (%)"]
    assert [row[0:4] for row in rows[2:]] == [
        ["Spot", "spot", "40.0", "20.00"],
        ["Base", "base", "150.0", "75.00"],
        ["not categorised", "", "10.0", "5.00"],
    ]
    assert "mean is not split by categories" in get(world, ASKED.replace("indicator=sold&", ""), 422)
    told = get(world, "/figures/explain/?indicator=paid&organisation=G&period=2026-06-01")
    assert "Amount paid · Base" in told and "paid.spot" in told

    # Parts stand below their whole, in pickers and lists
    assert page.count('value="sold.spot"') == 1 and "2 parts" in page
    found = get(world, "/indicators/?q=sold")
    assert "/indicators/sold/" in found and "sold.spot" not in found and "/indicators/paid/" not in found
    one = get(world, "/indicators/paid/")
    assert one.index("paid.spot") < one.index("paid.base") and "the whole is the total of its parts" in one
    assert "/indicators/paid/" in get(world, "/indicators/paid.spot/")

    # On rows and columns of a pivot
    query = "indicator=sold/category&indicator=mean&place=G/children&period=2026-06-01"
    shown = grid(Layout.of_query(query), SYSTEM)
    assert [item.key for item in shown.axes["indicator"]] == ["sold.spot", "sold.base", "sold", "mean"]
    (row,) = ask(Question(("sold",), ("R2",), ("2026-06-01",), category="base"), SYSTEM).rows
    assert str(shown.figure("sold.base", "G/children|R2", "2026-06-01", "value").value) == row.value == "150.0"
    assert "Energy sold: by category" in get(world, f"/pivots/?{query}&rows=place&columns=indicator,period,show")
    with pytest.raises(PivotError, match="possible are: sold/category"):
        grid(Layout.of_query(query.replace("sold/category", "sold/fuel")), SYSTEM)


def test_home_pages_and_designed_reports_tell_parts(world: World):
    with translation.override("en"):
        place, options = Place(0, "G", "Group", "group", None), {"indicator": "sold", "by": "category"}
        day = Period.parse("2026-06-01")
        asked = Asked(SYSTEM, place, places(SYSTEM), day, "filed", "year-ago", options=options)
        wanted = charts.wants_mix(asked)
        found: dict[Any, Any] = dict(fetch_figures([one for one in wanted if isinstance(one, Question)], SYSTEM))
        found |= fetch_categories([one for one in wanted if isinstance(one, Categories)], SYSTEM)
        found |= {one: "Sold" for one in wanted if isinstance(one, Name)}
        shown = charts.show_mix(asked, found)
    assert shown is not None
    assert [(one["name"], one["shown"]) for one in shown["chart"]["parts"]] == [
        ("Base", "150.0"),
        ("Spot", "40.0"),
        ("not categorised", "10.0"),
    ]
    assert shown["chart"]["total"] == "200.0" and "by=category" in shown["url"]
    known = vocabulary(SYSTEM)
    assert parse("sold.spot, yoy", known) == parse("「售电量·现货」，同比", known)


def test_parts_and_wholes_are_not_changed_on_pages(world: World):
    from gangmu.figures.indicators.changing import all_definitions, propose

    standing = all_definitions()
    for code in ("sold", "sold.spot", "paid"):
        (fault,) = propose(standing[code]).faults
        assert "gangmu load indicators" in fault.message
    assert propose(standing["mean"]).faults == ()


def test_the_command_line_lists_dictionaries_and_tells_cells_that_do_not_add_up(world: World, capsys):
    with embedded():
        assert main(["categories", "list", "--json"]) == 0
        found = {one["code"]: one for one in json.loads(capsys.readouterr().out)["dictionaries"]}
        assert found["trade"]["indicators"] == ["sold", "paid"]
        assert [one["code"] for one in found["trade"]["categories"]] == ["spot", "base"]
        assert main(["categories", "check", "--period", "2026-06", "--organisation", "R2"]) == 1
        told = capsys.readouterr().out.split("\t")
        assert told[:6] == ["P1U1", "sold", "2026-06-01", "200.0", "190.0", "10.0"]
        assert main(["categories", "check", "--period", "2026-05"]) == 0
        assert main(["categories", "check", "--period", "2026-06", "--organisation", "R9"]) == 2
        question = ["--indicator", "sold", "--organisation", "G", "--period", "2026-06"]
        assert main(["query", *question, "--by", "category", "--json"]) == 0
        rows = json.loads(capsys.readouterr().out)["rows"]
        assert [(row["indicator"], row["group"], row["category"], row["share"]) for row in rows] == [
            ("sold", "spot", "spot", "0.200000"),
            ("sold", "base", "base", "0.750000"),
            ("sold", None, None, "0.050000"),
        ]

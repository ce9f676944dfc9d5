"""Split indicators on pages: looked up by category, in pivots, in lists and forms, and told where they come from."""

import csv
import io
from pathlib import Path

import pytest
from django.test import Client

from gangmu.figures.cube import services as cube
from gangmu.figures.cube.gateway import Question, ask
from gangmu.figures.filing.importing import load_facts
from gangmu.figures.indicators.categories.services import load_categories
from gangmu.figures.indicators.services import load_indicators
from gangmu.figures.pivots.errors import PivotError
from gangmu.figures.pivots.grid import grid
from gangmu.figures.pivots.layout import Layout
from gangmu.foundation.access.scope import SYSTEM
from gangmu.foundation.settings import clock
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


def test_parts_and_wholes_are_not_changed_on_pages(world: World):
    from gangmu.figures.indicators.changing import all_definitions, propose

    standing = all_definitions()
    for code in ("sold", "sold.spot", "paid"):
        (fault,) = propose(standing[code]).faults
        assert "gangmu load indicators" in fault.message
    assert propose(standing["mean"]).faults == ()

"""Indicators from YAML: what is wrong is told at its line and column, all of it."""

from pathlib import Path

import pytest

from gangmu.figures.indicators.definitions import Grain, Making, OverOrganisations, OverTime
from gangmu.figures.indicators.loading.checking import check
from gangmu.figures.indicators.loading.reading import read_indicators
from gangmu.foundation.settings.textfiles import Unreadable

RANKS = {"group": 0, "region": 10, "plant": 20, "unit": 40}

GOOD = """\
- code: generation
  name: {zh: 发电量, en: Generation}
  unit: 万kWh
  precision: 4
- code: stock
  name: {zh: 库存, en: Stock}
  unit: t
  precision: 0
  grain: month
  level: plant
  over_time: last
- code: price
  name: {zh: 电价, en: Price}
  unit: 元/MWh
  precision: 2
  over_organisations: weighted
  weight: generation
- code: revenue
  name: {zh: 收入, en: Revenue}
  unit: 万元
  precision: 2
  over_time: sum
  over_organisations: sum
  formula: generation * 「Price」
- code: intensity
  name: {zh: 强度, en: Intensity}
  unit: t/MWh
  precision: 3
  formula: |
    「库存」 /
      generation
- code: stock_value
  name: {zh: 库存价值, en: Stock value}
  unit: t
  precision: 1
  over_time: last
  over_organisations: sum
  formula: stock * if(generation > 0, 1, 2)
"""


def problems(text, known=()):
    _catalogue, found = check(read_indicators(text), known, RANKS)
    return [(problem.line, problem.column, problem.message) for problem in found]


def item(code="x", **fields):
    given = {"name": "{zh: 甲, en: X}", "unit": "t", "precision": "1", **fields}
    return f"- code: {code}\n" + "".join(f"  {key}: {value}\n" for key, value in given.items() if value is not None)


def test_what_is_left_out_has_its_default():
    catalogue, found = check(read_indicators(GOOD), (), RANKS)
    assert found == []
    generation, stock = catalogue["generation"], catalogue["stock"]
    assert (generation.grain, generation.level, generation.making) == (Grain.DAY, "unit", Making.STORED)
    assert (generation.over_time, generation.over_organisations) == (OverTime.SUM, OverOrganisations.SUM)
    assert (stock.over_time, stock.over_organisations) == (OverTime.LAST, OverOrganisations.SUM)
    assert catalogue["price"].weight == "generation"
    assert catalogue["revenue"].making is Making.CELL
    # Inputs meet at the higher level and the coarser grain; a result formula has neither of its own.
    assert (catalogue["stock_value"].grain, catalogue["stock_value"].level) == (Grain.MONTH, "plant")
    assert (catalogue["intensity"].making, catalogue["intensity"].level) == (Making.RESULT, "unit")
    assert catalogue["intensity"].over_organisations is None


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        (item(precision="２"), 4, 14, "Write it with half-width digits: 2"),
        (item(precision="10"), 4, 14, "from 0 to 9"),
        (item(precision="1.0"), 4, 14, "whole number"),
        (item(precision='"1"'), 4, 14, "without quotes"),
        (item(precision="[1]"), 4, 14, "not a list"),
        (item(unit="kwh"), 3, 9, "Did you mean “kWh”"),
        (item(unit=None), 1, 3, "missing: unit"),
        (item(unit="{a: b}"), 3, 9, "not a list or mapping"),
        (item(code="1a"), 1, 9, "is not a code"),
        (item(code="a-b"), 1, 9, "Did you mean “a_b”"),
        (item(code="ａｂ"), 1, 9, "Did you mean “ab”"),
        (item(code="capacity_mw"), 1, 9, "has a meaning in formulas"),
        (item(code="YOY"), 1, 9, "has a meaning in formulas"),
        (item(name="发电量"), 2, 9, "both languages"),
        (item(name="{zh: 甲}"), 2, 9, "name in en is missing"),
        (item(name="{zh: 甲, en: ''}"), 2, 21, "blank"),
        (item(name="{zh: 「甲」, en: A}"), 2, 14, "neither 「 nor 」"),
        (item(name="{zh: 甲, eng: A}"), 2, 17, "Did you mean “en”"),
        (item(grain="hour"), 5, 10, "one of day, month"),
        (item(level="uint"), 5, 10, "Did you mean “unit”"),
        (item(over_time="avg"), 5, 14, "one of sum, mean, first, last, min, max"),
        (item(over_organisations="weighted"), 5, 23, "needs weight"),
        (item(weight="y"), 5, 11, "belongs to over_organisations: weighted"),
        (item(over_organisations="weighted", weight="y"), 6, 11, "there is no indicator y"),
        (item(over_organisations="weighted", weight="capacity_mw"), 6, 11, "is no indicator. Make one"),
        (item(over_organisations="weighted", weight="x"), 6, 11, "x → x"),
        (item(over_time="sum", formula="x"), 5, 14, "both over_time and over_organisations"),
        (item(formula='"  "'), 5, 12, "the formula is empty"),
        (item(formula="1[t] + （2"), 5, 19, "write ("),
        (item(formula="'1[t] + （2'"), 5, 20, "write ("),
        (item(formula="|\n    1[t]\n     + （2"), 7, 8, "write ("),
        (item(formula=">\n    1[t]\n    + （2"), 5, 12, "write ("),
        (item(formula="y + 1[t]"), 5, 12, "there is no indicator y"),
        (item(formula="x + 1[t]"), 5, 12, "x → x"),
        (item(formula="1[kWh]"), 5, 12, "kWh cannot be t"),
        (item(over_time="sum", over_organisations="sum", formula="prior(1[t])"), 7, 12, "evaluated for each cell"),
        (item(precison="1"), 5, 3, "Did you mean “precision”"),
        (item() + item(), 5, 9, "stands twice, first in line 1"),
        (item() + "  unit: t\n", 5, 3, "stands twice, first in line 3"),
        ("- 3\n", 1, 3, "a mapping"),
        ("- code：x\n", 1, 3, "half-width colon"),
        ("code: x\n", 1, 1, "a list of indicators"),
        ("", 1, 1, "empty"),
        ("- &a {code: *a}\n", 1, 3, "anchors"),
        ("- {code: *a}\n", 1, 10, "aliases"),
        ("- code: !!int 1\n", 1, 9, "tags"),
        ("- unit: %\n", 1, 9, "in quotes"),
        ("- code: a\n\tunit: b\n", 2, 1, "tab"),
        ("- {code: [}\n", 1, 11, "not closed"),
        ("- ? [a]\n  : b\n", 1, 5, "a key is a word"),
        ("- a\n---\n- b\n", 2, 1, "second document"),
        ("[" * 300_000, 1, 9, "nested more than 8 deep"),
        ("- a\x00b\n", 1, 4, "U+0000"),
    ],
)
def test_each_fault_has_its_place(text, line, column, words):
    found = problems(text)
    assert [(found[0][0], found[0][1])] == [(line, column)], found
    assert words in found[0][2]
    assert len(found) == 1


def test_all_faults_of_a_file_are_told_in_its_order():
    text = item("a", unit="foo") + item("b", formula="c + a") + item("d", precision="x") + item("e", formula="a * d")
    # c does not exist; a and d are in the file and have faults of their own, which are told once.
    assert [(line, column) for line, column, _words in problems(text)] == [(3, 9), (9, 12), (13, 14)]


def test_formulas_of_cells_meet_at_the_higher_level_and_coarser_grain():
    stock = item("stock", level="plant", grain="month")
    rules = {"over_time": "sum", "over_organisations": "sum"}
    assert problems(stock + item("y", level="unit", grain="month", formula="stock + stock", **rules)) == [
        (13, 12, "y: stock is filed at level plant, above unit; inputs meet at the higher level. Write level: plant.")
    ]
    assert (
        "monthly values only" in problems(stock + item("y", level="plant", grain="day", formula="stock", **rules))[0][2]
    )
    assert problems(stock + item("y", level="region", grain="month", formula="stock", **rules)) == []
    back = item("back", formula="prior(stock)") + item("y", grain="month", formula="back", **rules)
    assert "back looks at another period" in problems(stock + back)[0][2]


def test_weights_have_cells_of_the_same_grain_and_level():
    weighted = {"over_organisations": "weighted", "weight": "w"}
    assert "evaluated after adding up" in problems(item("w", formula="1[t]") + item("x", **weighted))[0][2]
    assert "grain and level" in problems(item("w", level="plant") + item("x", **weighted))[0][2]
    cells = item("w", formula="z * 2", over_time="sum", over_organisations="sum") + item("z")
    assert problems(cells + item("x", **weighted)) == []
    assert "weighted mean" in problems(item("w") + item("x", **weighted) + item("y", formula="last(x)"))[0][2]


def test_a_circle_is_told_once():
    circle = "".join(item(f"x{at}", formula=f"x{(at + 1) % 12} + 1[t]") for at in range(12))
    found = problems(circle + item("onlooker", formula="x3"))
    assert len(found) == 1
    assert found[0][:2] == (5, 12)
    assert all(f"x{at} → " in found[0][2] for at in range(12))


def test_a_change_that_breaks_what_exists_is_told_where_it_is_made():
    catalogue, _none = check(read_indicators(GOOD), (), RANKS)
    change = item("price", unit="元/t", over_organisations="weighted", weight="generation")
    assert [(line, column) for line, column, _words in problems(change, catalogue.values())] == [(1, 9)]
    assert "the existing indicator revenue no longer holds" in problems(change, catalogue.values())[0][2]


def test_long_chains_are_refused_and_twelve_are_not():
    def chain(length):
        first = item("x0")
        return first + "".join(item(f"x{at}", formula=f"x{at - 1} * 2") for at in range(1, length))

    assert problems(chain(13)) == []
    assert all("64 deep" in words for _line, _column, words in problems(chain(70)))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04 and so on", "ZIP / XLSX"),
        ("- code: 发电".encode("gb18030"), "line 1: this is not UTF-8"),
        ("- code: a".encode("utf-16"), "not UTF-8"),
        (b"#" * (2 * 1024 * 1024 + 1), "2 MB"),
    ],
)
def test_files_that_are_not_what_their_name_says(tmp_path, content, words):
    path = tmp_path / "indicators.yaml"
    path.write_bytes(content)
    with pytest.raises(Unreadable, match=words):
        read_indicators(path)


def test_a_file_that_is_missing_and_one_with_a_byte_order_mark(tmp_path):
    with pytest.raises(Unreadable, match="cannot be read"):
        read_indicators(tmp_path / "none.yaml")
    path = tmp_path / "marked.yaml"
    path.write_text(GOOD, "utf-8-sig")
    assert len(read_indicators(path).entries) == 6


def test_the_example_of_the_documentation_holds():
    page = (Path(__file__).resolve().parents[5] / "docs" / "concepts" / "formulas.md").read_text("utf-8")
    example = page.split("```yaml\n")[1].split("```")[0]
    catalogue, found = check(read_indicators(example), (), RANKS)
    assert found == [] and len(catalogue) == 8
    assert catalogue.compiled("hours").explanation == "万kWh ÷ MW = 10 h"

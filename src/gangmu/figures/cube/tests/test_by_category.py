"""Split indicators in the cube: parts, their shares, what is not split, and wholes that are made of parts."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from django.db import IntegrityError, transaction

from gangmu.figures.cube.check import check
from gangmu.figures.cube.errors import CannotAnswer
from gangmu.figures.cube.gateway import Question, ask, ask_all
from gangmu.figures.filing.bulk import BlocksRefused, record_blocks
from gangmu.figures.filing.importing import load_facts
from gangmu.figures.filing.models import Fact, State
from gangmu.figures.filing.queries.adding_up import differences
from gangmu.figures.indicators.categories.services import load_categories
from gangmu.figures.indicators.models import Indicator
from gangmu.figures.indicators.services import load_indicators
from gangmu.foundation.access.scope import SYSTEM
from gangmu.foundation.periods.period import Period

TRADE = """\
- code: trade
  name: {zh: 交易类型, en: Trade type}
  categories:
    - {code: base, name: {zh: 基数, en: Base}, valid_to: 2026-11-02}
    - {code: spot, name: {zh: 现货, en: Spot}}
    - {code: green, name: {zh: 绿电, en: Green}, valid_from: 2026-12-01}
"""
INDICATORS = """\
- {code: sold, name: {zh: 上网, en: Sold}, unit: MWh, precision: 1, split: {by: trade, total: filed}}
- {code: parts, name: {zh: 合计, en: Parts}, unit: MWh, precision: 1, split: {by: trade, total: parts}}
- code: cost
  name: {zh: 电价, en: Cost}
  unit: 元/MWh
  precision: 2
  over_organisations: weighted
  weight: parts
  split: {by: trade, total: parts}
"""


@dataclass(frozen=True)
class _Block:
    indicator: str
    organisations: tuple[str, ...]
    first: date
    values: np.ndarray

    @property
    def present(self) -> np.ndarray:
        return self.values != 0

    @property
    def out(self) -> np.ndarray:
        return self.values == 0


HEADER = "organisation,indicator,category,period,value\n"
FACTS = """\
P1U1,sold,,2026-11-01,100
P1U1,sold,base,2026-11-01,60
P1U1,sold,spot,2026-11-01,30.5
P2U1,sold,,2026-11-02,50
P2U1,sold,spot,2026-11-02,50
P1U1,parts,base,2026-11-01,10
P1U1,parts,spot,2026-11-01,30
P1U2,parts,spot,2026-11-01,20
P1U1,cost,base,2026-11-01,300
P1U1,cost,spot,2026-11-01,500
P1U2,cost,spot,2026-11-01,400
P1U2,parts,base,2026-11-02,5
"""


@pytest.fixture
def split(world, tmp_path: Path):
    """The split indicators with their figures; gives a loader of lines with a category."""
    for name, text, load in (("c", TRADE, load_categories), ("i", INDICATORS, load_indicators)):
        path = tmp_path / f"{name}.yaml"
        path.write_text(text, "utf-8")
        assert load(path).problems == []

    def facts(lines: str) -> list[str]:
        path = tmp_path / "split.csv"
        path.write_text(HEADER + lines, "utf-8")
        return [str(problem) for problem in load_facts(path).problems]

    assert facts(FACTS) == []
    return facts


def rows(code: str, period: str = "2026-11", **more) -> list[dict]:
    return ask(Question((code,), ("G",), (period,), **more), SYSTEM).as_json()["rows"]


def told(found: list[dict]) -> list[tuple]:
    return [(row["category"], row["value"], row.get("share")) for row in found]


@pytest.mark.req("M-7.2.10.1")
def test_each_part_has_a_row_with_its_share_and_what_is_not_split_comes_last(split):
    assert told(rows("sold", by="category")) == [
        ("base", "60.0", "0.400000"),
        ("spot", "80.5", "0.536667"),
        (None, "9.5", "0.063333"),
    ]
    assert rows("sold")[0]["value"] == "150.0" and "category" not in rows("sold")[0]
    assert [row["value"] for row in rows("sold", category="spot")] == ["80.5"]
    assert check() == []


def test_a_whole_made_of_parts_is_their_total_and_covered_where_one_is(split):
    (whole,) = rows("parts", "2026-11-01")
    assert (whole["value"], whole["coverage"]) == ("60.0", {"reported": 2, "expected": 4})
    assert told(rows("parts", by="category")) == [("base", "15.0", "0.230769"), ("spot", "50.0", "0.769231")]
    children = ask(Question(("parts",), ("R2",), ("2026-11",), by="children"), SYSTEM).as_json()["rows"]
    assert [(row["group"], row["value"]) for row in children] == [("P1", "65.0"), ("P3", None)]


def test_weighted_parts_weigh_by_the_part_of_their_weight(split):
    assert told(rows("cost", by="category")) == [("base", "300.00", None), ("spot", "460.00", None)]
    # (10·300 + 30·500 + 20·400) ÷ 60 on the 1st; the 5 MWh of the 2nd have no price
    assert rows("cost")[0]["value"] == "433.33"


def test_what_is_not_split_is_compared_as_it_is_shown(split):
    first = rows("sold", "2026-11-02", by="category", compare="previous")
    assert told(first) == [("base", None, None), ("spot", "50.0", "1.000000")]
    (rest,) = [row for row in rows("sold", "2026-11-01", by="category", compare="to-date") if not row["category"]]
    assert (rest["value"], rest["compare"]["value"], rest["compare"]["change"]) == ("9.5", "9.5", None)


def test_a_category_that_has_ended_keeps_its_figures_and_takes_no_new_ones(split):
    assert split("P1U1,sold,base,2026-11-03,1\nP1U1,sold,green,2026-11-03,1\nP1U1,sold,spot,2026-11-03,1\n") == [
        "line 2, period: the category base of sold is used from – to 2026-11-02; possible in this period: spot",
        "line 3, period: the category green of sold is used from 2026-12-01 to –; possible in this period: spot",
    ]
    assert [row["category"] for row in rows("sold", "2026-11-03", by="category")] == ["spot"]
    assert rows("sold", "2026", by="category")[0]["value"] == "60.0"


def test_the_database_takes_no_figure_of_a_category_outside_its_days(split):
    spot = Indicator.objects.get(code="sold.spot")
    Indicator.objects.filter(pk=spot.pk).update(valid_to="2026-11-30")
    blocks = [_Block("sold.spot", ("P3U1",), date(2026, 11, 29), np.ones((1, 3), np.int64))]
    with pytest.raises(BlocksRefused, match=r"1 figures .P3U1 2026-12-01.: lies outside the days"):
        record_blocks(blocks, source="history")
    fact = Fact.objects.filter(indicator=spot).first()
    assert fact is not None
    late = Fact(indicator=spot, scenario=fact.scenario, organisation=fact.organisation, batch=fact.batch, value=1,
                state=State.LOCKED, period=date(2026, 12, 1))  # fmt: skip
    with pytest.raises(IntegrityError, match="a category takes figures on its days alone"), transaction.atomic():
        late.save(force_insert=True)


def test_a_category_with_figures_stays(split, tmp_path):
    path = tmp_path / "categories.yaml"
    path.write_text("".join(line + "\n" for line in TRADE.splitlines() if "code: spot" not in line), "utf-8")
    problems = [str(problem) for problem in load_categories(path).problems]
    assert len(problems) == 3 and "there are figures of its part sold.spot; keep the category" in problems[-1]
    assert Indicator.objects.filter(code="sold.spot").exists()


def test_a_fact_names_a_category_of_its_own_dictionary(split):
    lines = ["P1U1,sold,spott,2026-11-05,1", "P1U1,gen,spot,2026-11-05,1", "P1U1,parts,,2026-11-05,1"]
    assert split("\n".join(lines) + "\n") == [
        "line 2, category: “spott” is no category of trade. Possible are: base, spot, green. Did you mean “spot”?",
        "line 3, category: gen is not split by categories; leave the category blank",
        "line 4, indicator: parts is made of its parts; say in the column category of which",
    ]


def test_cells_whose_parts_do_not_add_up_are_told(split):
    assert split("P2U1,sold,base,2026-11-02,0.5\nP3U1,sold,,2026-11-01,5\nP3U1,sold,spot,2026-11-01,5\n") == []
    november = Period.parse("2026-11")
    told = [(one.organisation, one.period, one.parts, one.rest, one.exceeds) for one in differences(november)]
    assert told == [("P1U1", "2026-11-01", "90.5", "9.5", False), ("P2U1", "2026-11-02", "50.5", "-0.5", True)]
    assert [one.organisation for one in differences(november, ("sold",), "R1")] == ["P2U1"]
    assert list(differences(november, ("parts",))) == list(differences(Period.parse("2026-12"))) == []


def test_questions_that_have_no_parts_are_refused(split):
    for more, said in (
        ({"by": "category"}, "gen is not split by categories."),
        ({"category": "spot"}, "gen is not split by categories."),
    ):
        with pytest.raises(CannotAnswer, match=said):
            rows("gen", **more)
    with pytest.raises(CannotAnswer, match=r"sold has no part “spo”. Possible: base, spot, green. Did you mean “spot”"):
        rows("sold", category="spo")
    with pytest.raises(CannotAnswer):
        rows("sold", category="spot", by="category")


def test_many_questions_at_once_answer_alike(split):
    asked = [
        Question(("sold", "parts"), ("G", "R2"), ("2026-11", "2026-10"), by="category"),
        Question(("sold",), ("G",), ("2026-11",)),
        Question(("gen",), ("G",), ("2026-11",), by="category"),
    ]
    many, one, refused = ask_all(asked, SYSTEM)
    assert many == ask(asked[0], SYSTEM) and one == ask(asked[1], SYSTEM) and isinstance(refused, CannotAnswer)
    assert json.dumps(many.as_json())  # type: ignore[union-attr]
    assert [row.indicator for row in many.rows[:4]] == ["sold", "sold", "sold", "parts"]  # type: ignore[union-attr]

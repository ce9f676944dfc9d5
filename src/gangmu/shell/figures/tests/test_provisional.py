"""Figures that the group has not approved are marked wherever they are read: page, files, explanation."""

import csv
import io

import pytest
from django.utils.translation import override

from gangmu.figures.cube import services as cube
from gangmu.figures.filing.importing import load_facts
from gangmu.figures.filing.models import Batch, Fact, Scenario, State
from gangmu.figures.indicators.models import Indicator
from gangmu.figures.indicators.services import load_indicators
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings import clock
from gangmu.shell.figures.sheets import is_provisional
from gangmu.shell.figures.tests.test_pages import INDICATORS, NOW, get, table, text
from gangmu.shell.testing.plugin import undone
from gangmu.shell.testing.worlds import make_world

FACTS = """\
organisation,indicator,period,scenario,value
P1U1,gen,2026-06-01,actual,1200
P1U2,gen,2026-05-31,actual,90
P3U1,gen,2026-05-31,actual,900
P1U1,aux,2026-06-01,actual,10
"""
AT = "indicator=gen&organisation=G&period=2026-06-01"


def record(state: State, *cells: tuple[str, str, int], day: str = "2026-06-01") -> None:
    """Facts of a state, as approvals leave them."""
    batch = Batch.objects.create(kind="sheet", key=f"{state}-{day}", recorded_at=clock.now(), facts_count=len(cells))
    for organisation, indicator, value in cells:
        Fact.objects.create(
            indicator=Indicator.objects.get(code=indicator),
            scenario=Scenario.objects.get(code="actual"),
            organisation=Organisation.objects.get(code=organisation),
            period=day,
            batch=batch,
            value=value,
            state=state,
        )


@pytest.fixture
def world(people):
    with clock.frozen(NOW), undone():
        yield people


@pytest.fixture(scope="module")
def people(committed_once, tmp_path_factory):
    folder = tmp_path_factory.mktemp("people")
    with clock.frozen(NOW), override("en"):
        people = make_world(folder)
        for name, content, loader in (("i.yaml", INDICATORS, load_indicators), ("f.csv", FACTS, load_facts)):
            (folder / name).write_text(content, "utf-8")
            assert not loader(folder / name).problems
        record(State.FILED, ("P2U1", "gen", 200))
        record(State.GROUP, ("P3U1", "gen", 10000))
        record(State.REGION, ("P1U1", "gen", 500), ("P2U1", "gen", 100), day="2026-05-31")
        cube.fold()
    return people


@pytest.mark.parametrize(
    ("state", "expected"),
    [(None, False), ("filed", True), ("plant", True), ("region", True), ("group", False), ("locked", False)],
)
def test_what_the_group_has_approved_is_not_provisional(state, expected):
    assert is_provisional(state) is expected


def test_each_figure_says_whether_it_is_provisional(world):
    lines = table(text(get(world.group, f"{AT}&by=children")))
    assert [(line[0], line[1]) for line in lines] == [
        ("Total", "provisional 2,220.0"),
        ("East Company", "provisional 20.0"),
        ("West Company", "2,200.0"),
    ]


def test_the_word_is_bilingual_and_tells_the_state(world):
    page = text(get(world.group, AT, language="zh-CN"))
    assert table(page)[0][1] == "未审定 2,220.0"
    assert 'title="已填报"' in page and "尚未经集团审定" in page
    assert 'title="filed"' in text(get(world.group, AT))


def test_approved_figures_alone_are_one_step_away(world):
    page = text(get(world.group, AT))
    assert f"{AT}&at_least=group" in page and "Show approved figures only" in page
    approved = text(get(world.group, f"{AT}&at_least=group"))
    assert table(approved)[0][1:3] == ["2,200.0", "2 of 4"]
    assert "Only entries from the state “approved by the group” on are counted." in approved
    assert "provisional" not in approved and f'href="?{AT}"' in approved


def test_nothing_from_a_state_on_leads_back_to_all(world):
    page = text(get(world.other, "indicator=gen&organisation=P2&period=2026-06-01&at_least=locked"))
    assert "Nothing has been reported" in page and 'href="?indicator=gen&organisation=P2&period=2026-06-01"' in page


def test_what_is_compared_with_is_marked_by_itself(world):
    (line,) = table(text(get(world.group, "indicator=gen&organisation=R2&period=2026-06-01&compare=previous")))
    assert line[1] == "2,200.0" and line[2] == "900.0"
    (line,) = table(text(get(world.group, "indicator=gen&organisation=P1&period=2026-06-01&compare=previous")))
    assert line[1] == "1,200.0" and line[2] == "provisional 140.0"


def test_files_say_it_too(world):
    content = text(get(world.group, f"{AT}&by=children&compare=previous&export=csv"))
    rows = list(csv.reader(io.StringIO(content.removeprefix("\ufeff"))))
    remarks = {row[0]: row[-1] for row in rows[1:]}
    assert remarks["Total"] == "Provisional: not yet approved by the group; Previous period: provisional"
    assert "Provisional" not in remarks["West Company"]
    chinese = text(get(world.group, f"{AT}&export=csv", language="zh-CN"))
    assert "未审定：尚未经集团审定" in chinese and "已填报" in chinese


def test_the_explanation_says_what_is_not_approved_yet(world):
    page = text(get(world.group, AT, path="/figures/explain/"))
    assert "At least one of its entries is not yet approved by the group" in page
    inputs = text(get(world.group, "indicator=rate&organisation=G&period=2026-06-01", path="/figures/explain/"))
    assert (
        inputs.count(">provisional</span>") == 2
    )  # the rate, and the generation in it; the auxiliary energy is locked
    approved = text(get(world.present, "indicator=gen&organisation=P3&period=2026-06-01", path="/figures/explain/"))
    assert "approved by the group" in approved and "provisional" not in approved

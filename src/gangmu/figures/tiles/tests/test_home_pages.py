"""Home pages with figures: that tiles tell what the gateway tells, to whom it may be told, at which state."""

import html
import json
import re
from dataclasses import replace
from hashlib import blake2b
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gangmu.figures.cube.gateway import Question, ask, ask_all
from gangmu.figures.cube.question import Answer
from gangmu.figures.scopes.models import StatisticalScope
from gangmu.figures.tiles.tests.conftest import STANDS_AT
from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.boards.models import Arrangement
from gangmu.foundation.settings import clock
from gangmu.shell.testing.worlds import make_user

MOST_QUERIES = 25


def opened(user: Any, path: str = "/home/", language: str = "en", status: int = 200) -> str:
    client = Client(headers={"accept-language": language})
    client.force_login(user)
    response = client.get(path)
    assert response.status_code == status, response.content[:500]
    return response.content.decode()


def tile(page: str, id: str) -> str:
    found = re.search(rf'<article[^>]*data-tile="{id}".*?</article>', page, re.S)
    return found[0] if found else ""


def charts(text: str) -> list[dict[str, Any]]:
    return [json.loads(html.unescape(data)) for data in re.findall(r'data-chart="([^"]*)"', text)]


def number(text: str) -> str:
    """The figure of a tile as it is read: without tags and thousands separators."""
    link = re.search(r'<p class="tile-number"><a[^>]*>(.*?)</a>', text, re.S)
    assert link, text
    return re.sub(r"<[^>]+>|,", "", link[1])


@pytest.fixture
def frozen(world):
    with clock.frozen(STANDS_AT):
        yield world


@pytest.mark.req("M-7.2.1")
def test_a_tile_s_figures_are_the_gateway_s(frozen):
    page = opened(frozen.group)
    question = Question(("generation", "utilisation_hours"), ("G",), ("2026-11-19",), unit="tier")
    with acting_as(frozen.group) as scope:
        told = {row.indicator: row.value for row in ask(question, scope).rows}
        filed = ask(replace(question, unit=None), scope).rows[0].value
        provinces = ask(Question(("generation",), ("G",), ("2026-11-19",), by="province"), scope).rows
        regions = ask(Question(("generation",), ("G",), ("2026-11-19",), by="children", unit="tier"), scope).rows
    assert (filed, told["generation"]) == ("10400.5", "10.40")
    assert number(tile(page, "generation")) == told["generation"]
    assert number(tile(page, "hours")) == told["utilisation_hours"]
    assert not tile(page, "map")  # nobody here has a position
    (ranking,) = charts(tile(page, "regions"))
    shown = {row["name"]: row["shown"].replace(",", "") for row in ranking["rows"]}
    named = {"R1": "East Company", "R2": "West Company"}
    assert shown == {named[str(row.group)]: row.value for row in regions if row.value is not None}
    assert {row.group for row in provinces} >= {"江苏", "浙江"}


def test_a_figure_says_how_it_moved_and_who_is_missing(frozen):
    text = tile(opened(frozen.other, "/home/P2/"), "generation")
    assert number(text) == "200.0" and "+25.0%" in text  # 160 a year ago
    against_before = tile(opened(frozen.other, "/home/P2/?compare=previous"), "generation")
    assert "\u221233.3%" in against_before
    assert "3 of 4" in tile(opened(frozen.group), "generation")
    warned = tile(opened(frozen.group), "warnings")
    assert "Plant Gamma" in warned and "Generation: not reported" in warned
    assert "Days of coal below 10 d" in warned and "3.0 d" in warned


@pytest.mark.req("M-7.2.1")
def test_a_state_switch_leaves_out_what_is_not_approved_and_marks_say_so(frozen, django_db_blocker):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE filing_fact SET state = 1 WHERE period = '2026-11-19' AND superseded_by_id IS NULL")
    from gangmu.figures.cube import services

    services.rebuild()
    page = opened(frozen.group)
    assert "provisional" in tile(page, "generation")
    approved = opened(frozen.group, "/home/?at_least=group")
    assert "provisional" not in tile(approved, "generation")
    assert "0 of 4" in tile(approved, "generation")


def test_the_period_can_be_a_month_or_a_year_and_a_strange_one_is_yesterday(frozen):
    assert number(tile(opened(frozen.group, "/home/?period=2026-11"), "generation")) == "58.30"
    assert number(tile(opened(frozen.group, "/home/?period=2026"), "generation")) == "58.30"
    for strange in ("2026-W47", "nonsense", "2026-13", "%00"):
        response = opened(frozen.group, f"/home/?period={strange}", status=400 if strange == "%00" else 200)
        assert strange == "%00" or number(tile(response, "generation")) == "10.40"


@pytest.mark.req("M-5.4")
def test_a_region_sees_its_own_figures_and_never_another_s(frozen):
    page = opened(frozen.present)  # region R2
    assert "West Company" in page and number(tile(page, "generation")) == "10.201"
    for strange in ("Plant Beta", "乙电厂", "East Company", "P2U1", "200.0"):
        assert strange not in page, strange
    for code in ("R1", "P2", "G", "nobody"):
        told = opened(frozen.present, f"/home/{code}/", status=404)
        assert "East Company" not in told and "Plant Beta" not in told
    assert "Plant Beta" not in opened(frozen.nobody)
    # R1 has P1 no longer: neither its page nor its name is R1's.
    assert "Plant Alpha" not in opened(frozen.former)
    opened(frozen.former, "/home/P1/", status=404)


@pytest.mark.req("M-5.4")
def test_an_upper_tier_opens_any_home_below(frozen):
    page = opened(frozen.group)
    assert 'href="/home/R1/"' in page and 'href="/home/R2/"' in page
    region = opened(frozen.group, "/home/R2/")
    assert "/home/P1/" in region and "Example Group" in region
    assert "Alpha 1" in opened(frozen.group, "/home/P1/")  # its units, by name


@pytest.mark.parametrize("place", ["/home/", "/home/R2/", "/home/P1/"])
def test_a_page_costs_few_queries_however_many_tiles_it_has(frozen, place):
    client = Client()
    client.force_login(frozen.group)
    client.get(place)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(place).status_code == 200
    assert len(queries) <= MOST_QUERIES, "\n".join(query["sql"][:120] for query in queries)


def test_pages_speak_both_languages(frozen):
    chinese = opened(frozen.group, language="zh-hans")
    assert "集团首页" in chinese and "发电量" in tile(chinese, "generation")
    assert "Generation" not in re.sub(r"<[^>]*>", "", chinese)
    english = opened(frozen.group).replace("简体中文", "")
    words = re.sub(r"<[^>]*>", "", re.sub(r'<span class="unit">[^<]*</span>', "", english))  # 万元 is a unit in both
    assert not re.search(r"[\u4e00-\u9fff]", words)


def test_everybody_begins_where_their_work_is(frozen):
    def begins(user: Any) -> str:
        client = Client()
        client.force_login(user)
        return client.get("/")["Location"]

    assert begins(frozen.group) == begins(frozen.present) == "/home/"
    assert begins(frozen.clerk) == "/inbox/"
    assert begins(make_user("plantreviewer", "P1", "reviewer")) == "/inbox/"
    assert begins(frozen.nobody) == "/organisations/"


@pytest.mark.req("M-5.4")
def test_an_own_arrangement_is_kept_shown_and_taken_back(frozen):
    client = Client(headers={"accept-language": "en"})
    client.force_login(frozen.group)
    layout = [{"id": "trend", "x": 0, "y": 0, "w": 12, "h": 4, "shown": True},
              {"id": "generation", "x": 0, "y": 4, "w": 3, "h": 2, "shown": False},
              {"id": "unheard of", "x": 0, "y": 9, "w": 3, "h": 2, "shown": True}]  # fmt: skip
    answer = client.post("/home/G/arrange/", {"layout": json.dumps(layout), "_key": "a key of a form"})
    assert answer["Location"] == "/home/G/"
    page = client.get("/home/G/").content.decode()
    assert not tile(page, "generation") and "tile-x-0 tile-w-12 tile-h-4" in tile(page, "trend")
    assert [one["id"] for one in Arrangement.objects.get().tiles] == ["trend", "generation"]
    # It is the user's own, and holds for other organisations of that kind; regions have a page of their own.
    assert tile(opened(make_user("colleague", "G", "manager")), "generation")
    assert tile(opened(frozen.group, "/home/R1/"), "generation")
    assert client.post("/home/G/reset/", {"_key": "another key"})["Location"] == "/home/G/"
    assert tile(client.get("/home/G/").content.decode(), "generation")


def test_without_script_a_list_gives_order_size_and_what_is_hidden(frozen):
    client = Client()
    client.force_login(frozen.clerk)
    form = client.get("/home/P1/?arrange=1").content.decode()
    fields = dict(re.findall(r'name="((?:order|w|h)-[\w-]+)" value="(\d+)"', form))
    fields |= {f"shown-{id}": "1" for id in re.findall(r'name="shown-([\w-]+)"', form)}
    fields |= {"order-table": "1", "order-generation": "2", "w-table": "12"}
    del fields["shown-on-grid"]
    client.post("/home/P1/arrange/", {**fields, "layout": "", "_key": "a key of a form"})
    page = client.get("/home/P1/").content.decode()
    assert re.findall(r'data-tile="([\w-]+)"', page)[:2] == ["table", "generation"]
    assert "tile-w-12" in tile(page, "table") and not tile(page, "on-grid")


def test_nobody_arranges_the_page_of_another_organisation_and_a_broken_layout_is_refused(frozen):
    client = Client()
    client.force_login(frozen.present)
    assert client.post("/home/R1/arrange/", {"layout": "[]", "_key": "a key of a form"}).status_code == 404
    assert client.post("/home/R2/arrange/", {"layout": "[{", "_key": "one more key"}).status_code == 400
    assert not Arrangement.objects.exists()


def test_an_answer_is_kept_only_while_nothing_has_changed_and_only_for_the_same_scope(frozen, tmp_path):
    question = Question(("generation",), ("R2",), ("2026-11-19",))
    gone = Question(("generation",), ("nowhere",), ("2026-11-19",))

    def told(user: Any) -> list[str | None]:
        with acting_as(user) as scope:
            answers = ask_all([question, gone, question], scope)
        assert not isinstance(answers[1], Answer)
        return [answer.rows[0].value if isinstance(answer, Answer) else None for answer in answers]

    assert told(frozen.group) == told(frozen.present) == ["10200.5", None, "10200.5"]
    assert told(frozen.other) == [None, None, None]
    path = tmp_path / "more.csv"
    path.write_text("organisation,indicator,period,scenario,value\nP3U1,generation,2026-11-19,actual,100.0\n")
    from gangmu.figures.cube import services
    from gangmu.figures.filing.importing import load_facts

    assert not load_facts(path).problems
    services.fold(sync=False)
    assert told(frozen.group) == ["10300.5", None, "10300.5"]


# Units and statistical scopes -----------------------------------------------------------------------------------------


@pytest.mark.req("M-7.2.10.1")
@pytest.mark.parametrize(
    ("language", "place", "told", "unit"),
    [
        ("zh-hans", "G", "0.1040", "亿kWh"),
        ("zh-hans", "R2", "1020.05", "万kWh"),
        ("zh-hans", "P1", "10200.5", "MWh"),
        ("en", "R2", "10.201", "GWh"),
    ],
)
def test_a_page_is_told_in_the_units_of_its_tier_in_figures_tables_and_charts(frozen, language, place, told, unit):
    page = opened(frozen.group, f"/home/{place}/", language=language)
    assert number(tile(page, "generation")) == told and f'<span class="unit">{unit}</span>' in tile(page, "generation")
    (trend,) = charts(tile(page, "trend"))
    assert trend["unit"] == unit and trend["series"][0]["shown"][-1].replace(",", "") == told
    assert re.search(rf'<th scope="row">[^<]*<span class="unit">{unit}</span>', tile(page, "table"))
    assert f">{float(told):,.{len(told.partition('.')[2])}f}</a>" in tile(page, "table")
    assert "unit=tier" in tile(page, "generation") and "unit=tier" in tile(page, "trend")
    assert not re.search(r">[\d,]+\.\d{5,}<", page)  # nowhere more decimals than a tier reads


def chosen(user: Any, **settings: str) -> str:
    """The group's page after somebody has chosen something of the tile of the trend and of generation."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    spots = [{"id": "generation", "x": 0, "y": 0, "w": 3, "h": 2}, {"id": "trend", "x": 0, "y": 2, "w": 8, "h": 4},
             {"id": "table", "x": 0, "y": 6, "w": 8, "h": 5}]  # fmt: skip
    given = {f"set-{name.replace('__', '-')}": value for name, value in settings.items()}
    key = blake2b(repr(settings).encode()).hexdigest()[:20]
    answer = client.post("/home/G/arrange/", {"layout": json.dumps(spots), "_key": key, **given})
    assert answer.status_code == 302
    return client.get("/home/G/").content.decode()


def test_a_reader_chooses_the_unit_of_a_tile(frozen):
    page = chosen(frozen.group, unit__generation="filed", unit__trend="万kWh", unit__table="万kWh")
    assert number(tile(page, "generation")) == "10400.5" and "unit=" not in tile(page, "generation").split("</h2>")[0]
    (trend,) = charts(tile(page, "trend"))
    assert (trend["unit"], trend["series"][0]["shown"][-1]) == ("10⁴ kWh", "1,040.05")
    assert ">1,040.05</a>" in tile(page, "table") and ">%</span>" in tile(page, "table")  # what does not fit stays
    assert Arrangement.objects.get().tiles[0]["settings"] == {"unit": "filed"}
    again = chosen(frozen.group, unit__generation="parsec", unit__trend="tier")  # not offered; and as shipped
    assert number(tile(again, "generation")) == "10400.5"
    assert charts(tile(again, "trend"))[0]["unit"] == "GWh"
    offered = opened(frozen.group, "/home/G/?arrange=1")
    assert re.search(r'<select [^>]*name="set-unit-hours"', offered) is None  # h fits nothing else
    assert '<option value="filed" selected>as filed</option>' in offered
    other = make_user("another", "G", "manager")
    assert number(tile(opened(other), "generation")) == "10.40"  # everybody has their own


def test_a_tile_counts_by_a_scope_and_says_so_and_breaks_nothing_else(frozen):
    def scope(code: str, name: str, part: dict[str, Any], levels: list[str]) -> None:
        version = {"valid_from": None, "valid_to": None, "count": [part], "except": []}
        StatisticalScope.objects.create(
            code=code, name_zh=name, name_en=name, versions=[version], levels=levels, source="local"
        )

    scope("alpha", "Alpha alone", {"organisations": ["P1"], "share": "1/2"}, [])
    scope("no-plant", "No plant", {"organisations": ["P9"]}, ["group"])
    scope("plants", "For plants", {}, ["plant"])
    page = chosen(frozen.group, scope__generation="alpha", scope__trend="no-plant", scope__table="plants")
    assert number(tile(page, "generation")) == "5.10"  # half of 10,200.5 MWh
    assert "Scope: Alpha alone" in tile(page, "generation") and "scope=alpha" in tile(page, "generation")
    assert "nobody of Example Group counts" in tile(page, "trend") and "Scope: No plant" in tile(page, "trend")
    assert "Scope:" not in tile(page, "table") and ">10.40</a>" in tile(page, "table")  # not offered here: not kept
    StatisticalScope.objects.filter(code="alpha").update(levels=["plant"])
    again = opened(frozen.group, "/home/G/")
    assert "no figures of G are shown" in tile(again, "generation") and ">10.40</a>" in tile(again, "table")
    StatisticalScope.objects.filter(code="alpha").delete()
    gone = opened(frozen.group, "/home/G/")
    assert "no statistical scope" in tile(gone, "generation") and ">10.40</a>" in tile(gone, "table")

"""The pages of figures as each person of the small world sees them; every number is the gateway's."""

import csv
import io
import re
from decimal import Decimal
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.utils.translation import override
from openpyxl import load_workbook

from gangmu.figures.cube import services as cube
from gangmu.figures.cube.gateway import Question, ask
from gangmu.figures.cube.question import Row
from gangmu.figures.filing.importing import load_facts
from gangmu.figures.indicators.services import load_indicators
from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.settings import clock
from gangmu.foundation.ui.templatetags.ui import number
from gangmu.shell.testing.plugin import undone
from gangmu.shell.testing.worlds import make_world

NOW = "2026-06-03T07:30+08:00"
INDICATORS = """\
- {code: gen, name: {zh: 发电量, en: Generation}, unit: MWh, precision: 1}
- {code: aux, name: {zh: 厂用电量, en: Auxiliary}, unit: MWh, precision: 1}
- {code: rate, name: {zh: 厂用电率, en: Auxiliary rate}, unit: "%", precision: 2, formula: 「厂用电量」 / gen}
- {code: coal, name: {zh: 月耗煤, en: Coal}, unit: t, precision: 0, grain: month}
"""
FACTS = """\
organisation,indicator,period,scenario,value
P1U1,gen,2026-05-31,actual,100
P1U1,gen,2026-06-01,actual,1200
P1U2,gen,2026-06-01,actual,50.5
P2U1,gen,2026-05-31,actual,10
P2U1,gen,2026-06-01,actual,20
P3U1,gen,2026-06-01,actual,1000
P1U1,aux,2026-06-01,actual,10
P1U1,gen,2025-06-01,actual,160
"""
ALL = "indicator=gen&indicator=aux&indicator=rate"


@pytest.fixture(scope="module")
def people(committed_once, tmp_path_factory):
    folder = tmp_path_factory.mktemp("people")
    with clock.frozen(NOW), override("en"):
        people = make_world(folder)
        for name, text, loader in (("i.yaml", INDICATORS, load_indicators), ("f.csv", FACTS, load_facts)):
            (folder / name).write_text(text, "utf-8")
            result = loader(folder / name)
            assert not result.problems, [str(problem) for problem in result.problems]
        cube.fold()
    return people


@pytest.fixture
def world(people):
    with clock.frozen(NOW), undone():
        yield people


def get(user, query: str = "", status: int = 200, path: str = "/figures/", language: str = "en"):
    client = Client(headers={"accept-language": language})
    client.force_login(user)
    response = client.get(f"{path}?{query}")
    assert response.status_code == status, response.content.decode()[:2000]
    return response


def text(response) -> str:
    return unescape(b"".join(response).decode())


def table(page: str) -> list[list[str]]:
    """The cells of the table of figures, by line, as a reader sees them."""
    found = re.search(r'<table class="table data-table table-stack figures-table.*?</table>', page, re.S)
    assert found, page
    body = found[0].partition("<tbody>")[2]
    strip = re.compile(r"<svg.*?</svg>|<[^>]+>", re.S)
    return [
        [" ".join(strip.sub(" ", cell).split()) for cell in re.findall(r"<t[hd][ >].*?</t[hd]>", line, re.S)]
        for line in re.findall(r"<tr.*?</tr>", body, re.S)
    ]


def answer(user, **options) -> list[Row]:
    options = {"indicators": ("gen",), "organisations": ("G",), "periods": ("2026-06-01",), **options}
    with acting_as(user) as scope:
        return ask(Question(**options), scope).rows


def test_the_page_shows_what_the_gateway_answers(world):
    page = text(get(world.group, f"{ALL}&organisation=G&period=2026-06-01&compare=previous"))
    codes = ("gen", "aux", "rate")
    rows = answer(world.group, indicators=codes, compare="previous")
    shown = {line[0].split()[-1]: line for line in table(page)}
    assert [number(row.value) for row in rows] == [shown[code][1] for code in codes]
    assert [number(row.compare.value) for row in rows if row.compare] == [shown[code][2] for code in codes]
    assert shown["gen"][1:] == ["2,270.5", "110.0", "+2,160.5", "▲ +1,964.09%", "4 of 4", "MWh"]
    assert shown["aux"][5] == "1 of 4"
    assert shown["rate"][5] == "1 of 4 ≠ Its inputs are not equally complete"


def test_groups_stand_below_the_total_and_lead_further_down(world):
    page = text(get(world.group, f"{ALL}&organisation=G&period=2026-06-01&by=children"))
    lines = table(page)
    assert [line[0] for line in lines] == ["Total", "East Company", "West Company"]
    rows = {(row.group, row.indicator): row.value for row in answer(world.group, indicators=("gen",), by="children")}
    assert [line[1] for line in lines[1:]] == [number(rows["R1", "gen"]), number(rows["R2", "gen"])]
    assert lines[0][1] == "2,270.5"
    assert "organisation=R2&period=2026-06-01&by=children" in page


def test_attributes_are_called_by_their_names(world):
    page = text(get(world.group, "indicator=gen&organisation=G&period=2026-06-01&by=fuel", language="zh-CN"))
    assert [(line[0], line[1]) for line in table(page)] == [
        ("合计", "2,270.5"),
        ("煤", "1,250.5"),
        ("水电", "1,000.0"),
        ("风电", "20.0"),
    ]


def test_without_a_question_the_latest_day_of_the_highest_organisation_is_shown(world):
    page = text(get(world.present))
    assert 'value="2026-06-01"' in page  # yesterday, the second, nothing was reported
    assert '<option value="R2" selected>' in page
    assert table(page)[0][:2] == ["Generation gen", "2,250.5"]


@pytest.mark.req("M-7.2.10.2")
def test_a_former_region_sees_the_plant_on_its_own_days_alone(world):
    query = "indicator=gen&organisation=P1&period={}"
    assert table(text(get(world.former, query.format("2026-05-31"))))[0][1] == "100.0"
    after = text(get(world.former, query.format("2026-06-01")))
    assert "1,250.5" not in after
    assert "Nothing has been reported" in after
    assert table(text(get(world.former, query.format("2026"))))[0][1] == "100.0"
    page = text(get(world.former))
    assert "No longer in your scope" in page
    assert "West Company" not in page


@pytest.mark.parametrize("path", ["/figures/", "/figures/explain/"])
def test_others_organisations_are_as_if_they_did_not_exist(world, path):
    theirs = text(get(world.other, "indicator=gen&organisation=P1&period=2026-06-01", 422, path))
    none = text(get(world.other, "indicator=gen&organisation=XX&period=2026-06-01", 422, path))
    said = "There is no organisation “{}”, or you may not see its figures."
    assert said.format("P1") in theirs
    assert said.format("XX") in none
    assert "Plant Alpha" not in theirs
    assert "1,250.5" not in theirs


def test_who_has_no_organisation_is_told_what_to_do(world):
    assert "No organisations in your scope" in text(get(world.nobody))
    response = Client().get("/figures/")
    assert (response.status_code, response["Location"].partition("?")[0]) == (302, "/sign-in/")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("organisation=G&indicator=gen&period=2026-13", "“2026-13” is not a valid period"),
        ("organisation=G&indicator=gne&period=2026", "There is no indicator “gne”."),
        ("organisation=G&indicator=gen&period=2026&by=colour", "“colour” is no value of by"),
        ("organisation=G&indicator=gen&period=2026&compare=never", "“never” is no value of compare"),
    ],
)
def test_a_faulty_question_is_told_and_nothing_typed_is_lost(world, query, said):
    page = text(get(world.group, query, 422))
    assert said in page
    for part in query.split("&"):
        name, _, value = part.partition("=")
        marked = rf'<option value="{value}" selected>|name="{name}" value="{value}"'
        assert re.search(marked, page), part


def test_an_indicator_filed_by_month_says_so_for_a_day(world):
    page = text(get(world.group, "indicator=gen&indicator=coal&organisation=G&period=2026-06-01"))
    assert "Coal is filed by month" in page


def test_files_hold_the_numbers_of_the_page(world):
    query = f"{ALL}&organisation=G&period=2026-06-01&by=children&compare=previous"
    shown = table(text(get(world.group, query)))
    csv_file = text(get(world.group, f"{query}&export=csv")).lstrip("\ufeff")
    heads, *lines = csv.reader(io.StringIO(csv_file))
    sheet = load_workbook(io.BytesIO(b"".join(get(world.group, f"{query}&export=xlsx")))).active
    assert sheet is not None
    book = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert book[0] == heads
    assert [line[0] for line in lines] == [line[0] for line in shown] == [line[0] for line in book[1:]]
    for place, name in ((1, "Generation (MWh)"), (6, "Auxiliary (MWh)"), (11, "Auxiliary rate (%)")):
        for offset, part in enumerate(("Value", "Previous period", "Difference", "Rate of change (%)")):
            title = f"{name} · {part}" if not (name.endswith("(%)") and part == "Difference") else None
            at = heads.index(title or f"{name} · Difference (points)")
            told = [re.sub(r"[▲▼ +%]", "", line[place + offset]) for line in shown]
            assert told == [number(line[at]) for line in lines], heads[at]
            assert told == [number(None if row[at] is None else Decimal(str(row[at])).quantize(_like(said)))
                            for row, said in zip(book[1:], told, strict=True)]  # fmt: skip


def _like(said: str) -> Decimal:
    """A spreadsheet's number knows no trailing zeros: as many decimals as the page says."""
    return Decimal(1).scaleb(-len(said.partition(".")[2]))


def test_a_file_of_one_organisation_has_a_line_for_each_indicator(world):
    query = f"{ALL}&organisation=G&period=2026-06-01&export=csv"
    lines = list(csv.DictReader(io.StringIO(text(get(world.group, query)).lstrip("\ufeff"))))
    assert [(line["Code"], line["Value"], line["Reported"], line["Expected"], line["State"]) for line in lines] == [
        ("gen", "2270.5", "4", "4", "locked"),
        ("aux", "10.0", "1", "4", "locked"),
        ("rate", "0.44", "1", "4", "locked"),
    ]
    assert lines[2]["Remarks"] == "Its inputs are not equally complete"
    get(world.group, query.replace("csv", "pdf"), 400)


def test_a_figure_explains_itself(world):
    page = text(get(world.group, "indicator=rate&organisation=G&period=2026-06-01", path="/figures/explain/"))
    assert "「厂用电量」 / gen" in page
    assert "10.0 MWh / 2270.5 MWh" in page
    assert "0.44" in page
    assert "Alpha 2" in page  # who has not filed the auxiliary energy
    assert "Where the entries come from" in page


def test_a_group_explains_its_own_figure(world):
    page = text(get(world.group, "indicator=gen&organisation=G&period=2026-06-01&by=children"))
    link = re.search(r'href="/figures/explain/\?([^"]*group=R2)"', page)
    assert link
    one = text(get(world.group, link[1], path="/figures/explain/"))
    assert "2,250.5" in one
    assert "West Company" in one
    assert "East Company" not in one.partition('<div id="explanation-body"')[2]


def test_a_correction_is_told_to_those_whose_figure_it_is(world, tmp_path):
    path = tmp_path / "meter.csv"
    path.write_text("organisation,indicator,period,scenario,value\nP1U1,gen,2026-05-31,actual,101\n", "utf-8")
    assert not load_facts(path, correct="the meter was read again", by=world.group).problems
    cube.fold()
    query = "indicator=gen&organisation=P1U1&period=2026-05-31"
    for user in (world.group, world.present, world.clerk):
        page = text(get(user, query, path="/figures/explain/"))
        assert "<del>100.0</del> → <ins>101.0</ins>" in page
        assert "the meter was read again" in page
        assert "meter.csv" in page
        assert "group" in page.partition('<div id="explanation-body"')[2]
    former = text(get(world.former, query, path="/figures/explain/"))
    assert "101.0" in former
    assert "the meter was read again" not in former
    assert "meter.csv" not in former
    with acting_as(world.other), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM filing_batches(ARRAY[1, 2, 3]::bigint[]) WHERE kind = 'correction'")
        assert cursor.fetchone() == (0,)


def test_the_explanation_fits_a_window(world):
    client = Client(headers={"accept-language": "en"})
    client.force_login(world.group)
    part = client.get("/figures/explain/?indicator=gen&organisation=G&period=2026", headers={"hx-request": "true"})
    assert part.content.decode().strip().startswith('<div id="explanation-body"')


def test_pages_speak_chinese_first(world):
    page = text(get(world.group, ALL, language="zh-CN"))
    for word in ("查数", "发电量", "示范" if "示范" in page else "示例集团", "填报率"):
        assert word in page
    with override("zh-hans"):
        assert "2026年6月1日" in page


@pytest.mark.parametrize("query", ["", f"{ALL}&organisation=G&period=2026&by=children&compare=year-ago"])
def test_a_page_needs_few_queries(world, query, django_assert_max_num_queries):
    client = Client()
    client.force_login(world.group)
    client.get(f"/figures/?{query}")
    with django_assert_max_num_queries(45):
        client.get(f"/figures/?{query}")


def test_figures_are_told_in_the_units_of_the_tier(world):
    page = text(get(world.group, "indicator=gen&organisation=G&period=2026-06-01&unit=tier", language="zh-CN"))
    assert "按层级" in page and "0.0227" in page and "亿kWh" in page
    csv_file = text(get(world.group, "indicator=gen&organisation=G&period=2026-06-01&unit=tier&export=csv"))
    assert ",2.27," in csv_file and "GWh" in csv_file
    assert "cannot be told" in text(get(world.group, "indicator=gen&organisation=G&period=2026-06-01&unit=t", 422))

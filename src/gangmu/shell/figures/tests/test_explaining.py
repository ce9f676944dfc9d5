"""Where figures come from: down to the life of an entry, the same on the page and from the command line, in scope."""

import json
import re
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gangmu.figures.cube.explain import explain
from gangmu.figures.cube.gateway import NotVisible, Question, ask
from gangmu.figures.cube.links import explanation
from gangmu.figures.filing.models import Duty, Sheet
from gangmu.figures.filing.tests.small import Small, organisation
from gangmu.foundation.access.scope import SYSTEM, acting_as
from gangmu.foundation.accounts.models import User
from gangmu.shell.figures.tests.conftest import CORRECTED, REMARK, RETURNED, WARNED
from gangmu.shell.figures.written import written
from gangmu.shell.testing.worlds import make_user

MOST_QUERIES = 25
DAY = "2026-11-19"


def row(indicator: str, organisation: str = "P1U1", period: str = DAY, user: User | None = None, **options) -> dict:
    question = Question((indicator,), (organisation,), (period,), **options)
    if user is None:
        [found] = explain(question, SYSTEM)["rows"]
    else:
        with acting_as(user) as scope:
            [found] = explain(question, scope)["rows"]
    return json.loads(json.dumps(found))


def page(user: User, query: str, *, language: str = "en", status: int = 200) -> str:
    client = Client(headers={"accept-language": language})
    client.force_login(user)
    response = client.get(f"/figures/explain/?{query}")
    assert response.status_code == status
    return unescape(response.content.decode())


def words(text: str) -> str:
    """What a reader reads."""
    body = text.partition('<div id="explanation-body"')[2]
    return " ".join(re.sub(r"<svg.*?</svg>|<[^>]+>", " ", body, flags=re.S).split())


# One entry ------------------------------------------------------------------------------------------------------------


def test_an_entry_tells_its_whole_life(told: Small):
    cell = row("gen")["cell"]
    assert (cell["value"], cell["state"], cell["origin"]["how"]) == ("14380.5", "locked", "correction")
    assert [one["value"] for one in cell["revisions"]] == ["15000.0", "14400.0", "14380.5"]
    assert [one["batch"]["kind"] for one in cell["revisions"]] == ["sheet", "sheet", "correction"]
    assert [one["batch"]["recorded_by"] for one in cell["revisions"]] == ["clerk"] * 3
    # As known then: each stood until the next was recorded.
    assert [one["until"] for one in cell["revisions"][:2]] == [
        one["batch"]["recorded_at"] for one in cell["revisions"][1:]
    ]
    assert cell["revisions"][2]["until"] is None
    sheet = Sheet.objects.get(period=DAY)
    assert (cell["sheet"]["id"], cell["sheet"]["form"]["code"], cell["sheet"]["form"]["version"]) == (
        sheet.pk,
        "small_daily",
        1,
    )
    assert (cell["sheet"]["organisation"], cell["sheet"]["status"]) == ("P1", "locked")
    decided = [(one["action"], one["by"], one["node"]) for one in cell["approvals"] if one["correction"] is None]
    assert decided == [
        ("submit", "clerk", ""),
        ("return", "plant-reviewer", "plant"),
        ("submit", "clerk", ""),
        ("approve", "plant-reviewer", "plant"),
        ("approve", "region-reviewer", "region"),
        ("approve", "group-manager", "group"),
    ]
    assert [one["at"][11:16] for one in cell["approvals"][3:6]] == ["01:00", "02:00", "03:00"]  # 09:00 to 11:00 here
    assert [one["by"] for one in cell["approvals"] if one["correction"] == 1][-1] == "group-manager"
    assert RETURNED in [one["reason"] for one in cell["approvals"]]
    [correction] = cell["corrections"]
    assert (correction["old"], correction["new"], correction["reason"]) == ("14400.0", "14380.5", CORRECTED)
    assert (correction["asked_by"], correction["status"]) == ("clerk", "applied")
    assert [(one["words"], one["rule"]) for one in cell["explanations"]] == [(WARNED, "within_capacity")]
    assert [(one["words"], one["about"]) for one in cell["remarks"]] == [(REMARK, "cell")]
    assert [(one["source"], one["value"]) for one in cell["received"]] == [("SIS", "14390.0")]
    assert [one["what"] for one in cell["events"]][:1] == ["opened"] and "locked" in [
        one["what"] for one in cell["events"]
    ]


def test_what_was_said_of_another_cell_is_not_told_here(told: Small):
    cell = row("gen", "P1U2")["cell"]
    assert (cell["value"], cell["origin"]["how"]) == ("6000.5", "sheet")
    assert (cell["explanations"], cell["remarks"], cell["corrections"], cell["received"]) == ([], [], [], [])
    assert {one["correction"] for one in cell["approvals"]} == {None}
    assert row("stock", "P1")["cell"]["value"] == "600"  # filed by the plant itself


def test_a_cell_without_a_figure_leads_to_its_sheet_and_a_total_is_no_cell(told: Small):
    assert row("hours")["cell"]["revisions"] == []
    assert row("hours")["cell"]["sheet"]["organisation"] == "P1"
    assert row("gen", "P1")["cell"] is None
    assert row("gen", "P1U1", "2026-11")["cell"] is None
    assert row("rate", "P1")["cell"] is None


def test_the_page_of_an_entry_tells_the_same(told: Small):
    shown = page(told.group_manager, f"indicator=gen&organisation=P1U1&period={DAY}")
    text = words(shown)
    people = ("plant-reviewer", "region-reviewer", "group-manager")
    figures = ("14,380.5", "15,000.0", "14,400.0", "SIS")
    said_of_it = (WARNED, REMARK, RETURNED, CORRECTED, "Small daily form", "Generation within capacity")
    for said in (*people, *figures, *said_of_it):
        assert said in text, said
    assert "<del>14,400.0</del> → <ins>14,380.5</ins>" in shown
    assert f'href="/filing/sheets/{Sheet.objects.get(period=DAY).pk}/"' in shown
    assert text.index("Correction 1 begun") < text.index(RETURNED) < text.index(WARNED)  # the latest first
    chinese = words(page(told.group_manager, f"indicator=gen&organisation=P1U1&period={DAY}", language="zh-CN"))
    for said in ("变动过程", "小日报", "由更正写入", "发电量"):
        assert said in chinese, said


def test_a_terminal_tells_the_same_in_words(told: Small):
    text = written(row("gen"), Question(("gen",), ("P1U1",), (DAY,)))
    lines = text.splitlines()
    assert lines[0] == "Generation · P1U1 · 19 November 2026"
    assert lines[1] == "14,380.5 MWh · locked"
    steps = [line for line in lines if line.startswith("  2026-11-20 ")]
    assert "Sheet opened" in steps[0] and "14,400.0 → 14,380.5" in steps[-1] and CORRECTED in steps[-1]
    assert any(RETURNED in line for line in steps) and any(WARNED in line for line in steps)
    group = written(row("rate", "G", "2026-11"), Question(("rate",), ("G",), ("2026-11",)))
    for said in (
        "  = 1400 t / 38381.5 MWh",
        "clerk 0512-6688; colleague",
        "West Company R2 · 36.48",
        "approved by the plant 3",
    ):
        assert said in group, said
    assert "\n\n" not in group and "None" not in group


# Going down -----------------------------------------------------------------------------------------------------------


def test_one_goes_up_again(told: Small):
    assert [one["code"] for one in row("gen")["above"]] == ["G", "R2", "P1"]
    assert [one["code"] for one in row("gen", "P1U1", "2026-05", structure="then")["above"]] == ["G", "R1", "P1"]
    assert [one["code"] for one in row("gen", user=told.clerk)["above"]] == ["P1"]


def test_one_goes_down_from_the_group_to_the_entry(told: Small):
    user = told.group_manager
    address = "indicator=gen&organisation=G&period=2026-11&at_least=filed&compare=year-ago"
    wanted = [("R2", "2026-11"), ("P1", "2026-11"), ("P1U1", "2026-11"), ("P1U1", DAY)]
    for code, period in wanted:
        links = re.findall(r'href="/figures/explain/\?([^"]*)"', page(user, address))
        address = next(
            one for one in links if f"organisation={code}&" in one and f"period={period}" in f"{one}&" and "gen" in one
        )
    assert "14,380.5" in words(page(user, address)) and WARNED in page(user, address)


def test_children_and_periods_are_the_gateways_figures(told: Small):
    one = row("gen", "G", "2026-11")
    by_child = {
        each.group: each.value for each in ask(Question(("gen",), ("G",), ("2026-11",), by="children"), SYSTEM).rows
    }
    assert {each["code"]: each["value"] for each in one["children"]} == by_child
    assert [each["code"] for each in one["periods"]] == [f"2026-11-{day:02}" for day in range(1, 21)]  # not to come
    for each in one["periods"]:
        [answer] = ask(Question(("gen",), ("G",), (each["code"],)), SYSTEM).rows
        assert (answer.value, answer.reported, answer.state) == (
            each["value"],
            each["coverage"]["reported"],
            each["state"],
        )
    months = row("gen", "G", "2026-10-15..2026-12-31")["periods"]
    assert [each["code"] for each in months] == ["2026-10-15..2026-10-31", "2026-11"]
    rate = row("rate", "R2", "2026-11")
    assert {each["code"]: each["value"] for each in rate["children"]}["P1"] == rate["value"]


def test_cells_are_organisations_by_days_with_the_sums_of_the_rules(told: Small):
    cells = row("gen", "R2", "2026-11")["cells"]
    assert [one["code"] for one in cells["rows"]] == ["P1U1", "P1U2", "P3U1"]
    at = cells["periods"].index(DAY)
    assert [one["cells"][at]["value"] for one in cells["rows"]] == ["14380.5", "6000.5", None]
    assert [one["sum"]["value"] for one in cells["rows"]] == ["26380.5", "12001.0", None]
    assert (cells["sums"][at]["value"], cells["sum"]["value"]) == ("20381.0", row("gen", "R2", "2026-11")["value"])
    user, query = told.group_manager, "indicator=rate&organisation=R2&period=2026-11&part=cells"
    shown = page(user, f"{query}&cells=burnt")
    table = shown.partition('id="explained-cells"')[2].partition("</section>")[0]
    assert "1,400" in words('<div id="explanation-body"' + table) and "cells=gen" in table
    assert "The organisations after" not in table


def test_attributes_and_todays_structure_go_down_too(told: Small):
    coal = explain(Question(("gen",), ("G",), ("2026-11",), by="fuel"), SYSTEM, ("coal",))["rows"][0]
    assert [one["code"] for one in coal["children"]] == ["R2"]
    text = page(told.group_manager, "indicator=gen&organisation=G&period=2026-11&by=fuel&group=coal")
    assert re.search(r'href="/figures/explain/\?indicator=gen&organisation=R2&period=2026-11&by=fuel&group=coal"', text)
    before = page(told.group_manager, "indicator=gen&organisation=R2&period=2026-05&structure=now")
    assert "the organisation tree as it is today" in before
    assert "structure=now" in re.findall(r'explain/\?(indicator=gen&organisation=P1&[^"]*)"', before)[0]
    then = row("gen", "R2", "2026-05")
    assert [one["code"] for one in then["children"]] == ["P3"]  # P1 came in June
    assert [one["code"] for one in row("gen", "R2", "2026-05", structure="now")["children"]] == ["P1", "P3"]


# Formulas -------------------------------------------------------------------------------------------------------------


def test_a_formula_is_set_like_in_a_textbook_with_its_numbers(told: Small):
    shown = page(told.group_manager, f"indicator=rate&organisation=P1&period={DAY}")
    math = re.search(r"<math.*?</math>", shown, re.S)
    assert math
    first, second = re.findall(r"<mfrac>.*?</mfrac>", math[0], re.S)
    assert re.sub(r"<[^>]+>", " ", first).split() == ["Coal", "burnt", "Generation"]
    assert re.sub(r"<[^>]+>", " ", second).split() == ["700", "t", "20,381.0", "MWh"]
    value = row("rate", "P1")["value"]
    assert value == "34.35" and "34.35 kg/MWh" in math[0]  # 700,000 kg ÷ 20,381 MWh
    assert f"indicator=burnt&organisation=P1&period={DAY}" in math[0]


def test_time_functions_are_told_with_the_figures_that_they_lead_to(told: Small):
    tree = row("growth", "P1")["formula"]["tree"]
    [_times, change], [_over, before] = tree["parts"]
    now, ago = (part for _sign, part in change["parts"])
    assert (now["period"], ago["period"], before["period"]) == (DAY, "2025-11-19", "2025-11-19")
    assert (now["value"], ago["value"]) == ("20381.0", None)
    assert "a year ago" in words(page(told.group_manager, f"indicator=growth&organisation=P1&period={DAY}"))


def test_a_formula_by_cell_has_numbers_in_a_cell_and_a_sum_above(told: Small):
    cell = row("idle")["formula"]["tree"]
    compared = cell["arguments"][0]
    assert (compared["left"]["value"], compared["right"]["value"]) == ("14400", "14380.5")
    assert row("idle")["value"] == "19.50"
    assert row("idle", "P1")["formula"]["tree"]["arguments"][0]["left"]["value"] is None
    whole = page(told.group_manager, f"indicator=idle&organisation=P1&period={DAY}")
    assert "∑" in whole and "∑" not in page(told.group_manager, f"indicator=idle&organisation=P1U1&period={DAY}")


# Coverage, state, comparison ------------------------------------------------------------------------------------------


def test_who_is_missing_is_told_with_whom_to_call(told: Small):
    absent = row("gen", "G", "2026-11", told.group_manager)["absent"]
    assert (absent["until"], absent["count"]) == (DAY, 4)
    assert absent["organisations"][0] == {
        "code": "P1U1",
        "name": {"zh": "甲厂1号机", "en": "Alpha 1"},
        "missing": 17,
        "expected": 19,
        "never": False,
        "call": [{"name": "clerk", "phone": "0512-6688"}, {"name": "colleague", "phone": ""}],
    }
    assert [(one["code"], one["never"]) for one in absent["organisations"][2:]] == [("P2U1", True), ("P3U1", True)]
    assert absent["organisations"][3]["call"] == []  # nobody files at P3
    whole = words(page(told.group_manager, "indicator=gen&organisation=G&period=2026-11"))
    listed = whole.partition("Who is missing")[2].partition("What it is made of")[0]
    assert "Alpha 2" in listed and "Gamma 1" not in listed and "2 organisations of this level have never" in listed
    shown = page(told.group_manager, "indicator=gen&organisation=P1&period=2026-11")
    assert 'href="tel:0512-6688"' in shown and "17 of 19 periods" in words(shown)
    assert row("gen", "G", "2026-12")["absent"]["count"] == 0  # nothing is due yet


def test_a_control_centre_that_files_for_others_is_called_first(told: Small):
    make_user("centre", "P3", "clerk")
    duty = {"organisation": organisation("P1"), "filer": organisation("P3"), "valid": ("2026-01-01", None)}
    Duty.objects.create(form_code="small_daily", **duty)
    absent = row("gen", "P1", "2026-11", told.group_manager)["absent"]
    assert [one["call"][0]["name"] for one in absent["organisations"]] == ["centre", "centre"]


def test_states_are_counted_by_contributing_organisation(told: Small):
    assert row("gen", "G")["states"] == [{"state": "locked", "organisations": 2}]
    assert row("gen", "G", "2026-11")["states"] == [{"state": "plant", "organisations": 2}]
    assert row("rate", "G", "2026-11-18")["states"] == [{"state": "plant", "organisations": 3}]
    assert row("gen", "G", "2026-11", at_least="locked")["states"] == [{"state": "locked", "organisations": 2}]
    assert "approved by the plant" in words(page(told.group_manager, "indicator=gen&organisation=G&period=2026-11"))


def test_one_address_carries_everything_that_was_asked(told: Small):
    question = Question(("gen",), ("P1",), (DAY,), compare="previous", at_least="plant", structure="now")
    [answer] = ask(question, SYSTEM).rows
    address = explanation(answer, question)
    assert address == (
        f"/figures/explain/?indicator=gen&organisation=P1&period={DAY}&compare=previous&structure=now&at_least=plant"
    )
    text = words(page(told.group_manager, address.partition("?")[2]))
    assert "20,381.0" in text and "Previous period 2026-11-18 18,000.5" in text and "+13.2%" in text


# Scope ----------------------------------------------------------------------------------------------------------------


@pytest.mark.req("M-5.8.1.3")
def test_people_and_organisations_of_others_are_not_told(told: Small):
    east = make_user("east", "R1")
    for user, code in ((east, "R2"), (east, "P3U1"), (told.clerk, "P3"), (told.clerk, "R2")):
        with pytest.raises(NotVisible):
            row("gen", code, "2026-11", user)
    ours = json.dumps(row("gen", "R1", "2026", east), ensure_ascii=False)
    for strange in ("P3", "丙", "clerk", "0512", CORRECTED, WARNED, "plant-reviewer"):
        assert strange not in ours, strange
    # P1 was R1's until June: it sees its days of then, and nobody who works there now.
    former = row("gen", "P1", "2026-05", east)
    assert [one["call"] for one in former["absent"]["organisations"]] == [[], []]
    cell = row("gen", "P1U1", "2026-05-31", east)["cell"]
    assert (cell["sheet"], cell["approvals"], cell["received"]) == (None, [], [])
    assert [one["code"] for one in former["above"]] == ["R1"]
    assert row("gen", "P1", "2026-11", east)["above"] == []
    for period in ("2026", "2026-11", DAY):
        shown = page(east, f"indicator=gen&organisation=P1&period={period}&part=cells")
        for strange in ("14,380.5", "clerk", "0512", "R2", "West", CORRECTED):
            assert strange not in shown.partition('<div id="explanation-body"')[2], strange


def test_without_a_scope_for_the_plant_its_own_people_still_see_it(told: Small):
    assert row("gen", user=told.clerk)["cell"] == row("gen", user=told.group_manager)["cell"]


# What it costs --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "indicator=gen&organisation=G&period=2026",
        "indicator=rate&organisation=G&period=2026&part=cells",
        "indicator=gen&organisation=G&period=2026&part=sources",
        f"indicator=gen&organisation=P1U1&period={DAY}",
    ],
)
def test_an_explanation_costs_few_queries(told: Small, query: str):
    client = Client()
    client.force_login(told.group_manager)
    client.get(f"/figures/explain/?{query}")
    with CaptureQueriesContext(connection) as queries:
        assert client.get(f"/figures/explain/?{query}").status_code == 200
    most = MOST_QUERIES + 3 * (f"period={DAY}" in query)  # a life is told by many tables
    # The test's own transaction is around it: savepoints, and a look at whose scope is given back afterwards.
    asked = [one["sql"] for one in queries if "SAVEPOINT" not in one["sql"] and "current_user" not in one["sql"]]
    assert len(asked) <= most, "\n".join(one[:150] for one in asked)

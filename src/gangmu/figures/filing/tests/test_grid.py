"""Filling in, seen from the server: who may, what is exchanged, what is refused, what one page costs."""

import gzip
import html
import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gangmu.figures.filing.models import Cell, Mark, Sheet
from gangmu.figures.filing.services import Edit, open_sheet, save_cells
from gangmu.figures.filing.tests.small import DAY, NOW, Small, make_small, organisation
from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.parties.services import load_organisations
from gangmu.foundation.settings import clock
from gangmu.shell.testing.worlds import make_user


@pytest.fixture
def small(db, tmp_path):
    with clock.frozen(NOW):
        yield make_small(tmp_path)


@pytest.fixture
def sheet(small: Small) -> Sheet:
    with acting_as(small.clerk) as scope:
        return open_sheet(small.form, organisation("P1"), DAY, by=small.clerk, scope=scope)


@pytest.fixture
def ids(sheet) -> dict[str, int]:
    """Organisations by code; read before a request leaves the test's transaction to the web role."""
    return dict(Organisation.objects.values_list("code", "pk"))


def client_of(user, language: str = "en") -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["gangmu_language"] = language
    return client


def exchange(user, sheet: Sheet, edits=(), *, seen: int = 0, key: str = "k" * 32, account=None, packed=False, **more):
    body = {
        "account": str(user.pk) if account is None else account,
        "sheets": [{"id": sheet.pk, "seen": seen, "key": key, "edits": list(edits)}],
    } | more
    data, headers = json.dumps(body).encode(), {"HX-Request": "true"}
    if packed:
        data, headers = gzip.compress(data), headers | {"Content-Encoding": "gzip"}
    return client_of(user).post(
        f"/filing/sheets/{sheet.pk}/cells/", data, content_type="application/json", headers=headers
    )


def answered(response) -> dict:
    assert response.status_code == 200, response.content.decode()
    (answer,) = response.json()["sheets"]
    return answer


def save_as(user, sheet: Sheet, *edits: Edit) -> None:
    with acting_as(user) as scope:
        save_cells(sheet, edits, by=user, key="", scope=scope)


def test_the_page_holds_every_cell_under_its_name(small: Small, sheet, ids):
    save_as(small.colleague, sheet, Edit(ids["P1U1"], "gen", "600"), Edit(ids["P1U2"], "gen", "停运"))
    response = client_of(small.clerk, "zh-hans").get(f"/filing/sheets/{sheet.pk}/edit/")
    page = response.content.decode()
    assert response["Gangmu-Account"] == str(small.clerk.pk)
    assert page.count("<td id=") == 10
    assert f'name="{ids["P1U1"]}:gen" value="600"' in page
    assert f'name="{ids["P1U2"]}:gen" value="停运"' in page
    assert f'name="{ids["P1"]}:burnt"' in page
    english = client_of(small.clerk).get(f"/filing/sheets/{sheet.pk}/edit/").content.decode()
    assert f'name="{ids["P1U2"]}:gen" value="out of service"' in english


def test_texts_and_cells_cannot_break_out_of_the_page(small: Small, sheet, ids):
    nasty = """</textarea><script>"'&quot;"""
    save_as(small.colleague, sheet, Edit(ids["P1U1"], "gen", nasty))
    page = client_of(small.clerk).get(f"/filing/sheets/{sheet.pk}/edit/").content.decode()
    assert "<script>" not in page and "</textarea><" not in page.replace("</textarea>\n", "")
    known = page.split('name="known" hidden>')[1].split("</textarea>")[0]
    cells = {cell[0]: cell[1] for cell in json.loads(html.unescape(known))["cells"]}
    assert cells[f"{ids['P1U1']}:gen"] == nasty


def test_who_may_not_fill_in_is_shown_the_sheet_to_read(small: Small, sheet):
    response = client_of(small.plant_reviewer).get(f"/filing/sheets/{sheet.pk}/edit/")
    assert (response.status_code, response["Location"]) == (302, f"/filing/sheets/{sheet.pk}/")
    assert client_of(small.world.other).get(f"/filing/sheets/{sheet.pk}/edit/").status_code == 404
    assert client_of(small.world.nobody).get(f"/filing/sheets/{sheet.pk}/edit/").status_code == 404


def test_an_exchange_by_somebody_outside_finds_nothing(small: Small, sheet, ids):
    edit = [f"{ids['P1U1']}:gen", "600", 0, 0]
    assert exchange(small.world.other, sheet, [edit]).status_code == 404
    refused = answered(exchange(small.plant_reviewer, sheet, [edit]))
    assert refused["editable"] is False and "Your roles do not" in refused["refused"]


@pytest.mark.parametrize("packed", [False, True])
def test_what_was_taken_as_it_was_sent_is_not_repeated(small: Small, sheet, ids, packed):
    unit = ids["P1U1"]
    answer = answered(exchange(small.clerk, sheet, [[f"{unit}:gen", "600", 0, 0]], packed=packed))
    assert answer == {"id": sheet.pk, "version": 1, "editable": True, "findings": []}


def test_what_stands_otherwise_than_sent_is_told(small: Small, sheet, ids):
    unit = ids["P1U1"]
    edits = [[f"{unit}:gen", "1.25", 0, 0], [f"{unit}:hours", "停运", 0, 0], [f"{unit}:state", "1", 0, 0]]
    answer = answered(exchange(small.clerk, sheet, edits))
    told = {cell[0].split(":")[1]: cell for cell in answer["cells"]}
    assert told["gen"][7].startswith("“1.25” has more decimals") and told["gen"][8] == "1.3"
    assert "is filed also while" in told["hours"][7]
    assert told["state"][1] == "Running"
    rounded = answered(
        exchange(small.clerk, sheet, [[f"{unit}:gen", "1.25", int(Mark.ROUNDED), 1]], seen=1, key="r" * 32)
    )
    assert "cells" not in rounded
    answer = answered(exchange(small.clerk, sheet, [[f"{unit}:gen", "out of service", 1, 2]], seen=2, key="s" * 32))
    assert "cells" not in answer


def test_a_colleagues_cells_come_along_and_conflicts_are_not_decided(small: Small, sheet, ids):
    unit = ids["P1U1"]
    save_as(small.colleague, sheet, Edit(unit, "gen", "590"), Edit(unit, "hours", "24"))
    answer = answered(exchange(small.clerk, sheet, [[f"{unit}:gen", "600", 0, 0]]))
    assert answer["version"] == 1
    assert [cell[:7] for cell in answer["conflicts"]] == [[f"{unit}:gen", "590", 0, 1, "colleague", "07:30", 0]]
    assert [cell[:7] for cell in answer["cells"]] == [[f"{unit}:hours", "24", 0, 1, "colleague", "07:30", 0]]


def test_an_exchange_repeated_is_done_once_and_tells_what_came_after(small: Small, sheet, ids):
    unit = ids["P1U1"]
    edits = [[f"{unit}:gen", "600", 0, 0]]
    answered(exchange(small.clerk, sheet, edits))
    save_as(small.colleague, sheet, Edit(unit, "gen", "590", base_version=1))
    again = answered(exchange(small.clerk, sheet, edits))
    assert again["version"] == 2
    assert [cell[:2] for cell in again["cells"]] == [[f"{unit}:gen", "590"]]
    assert Cell.objects.get(sheet=sheet).text == "590"


def test_nothing_new_costs_a_few_bytes_and_one_query_more_than_coming_in(small: Small, sheet):
    client = client_of(small.clerk)
    body = {"account": str(small.clerk.pk), "sheets": [{"id": sheet.pk, "seen": 0, "key": "", "edits": []}]}
    with CaptureQueriesContext(connection) as coming_in:
        client.get("/filing/seen/")  # no such page
    with CaptureQueriesContext(connection) as looking:
        response = client.post(f"/filing/sheets/{sheet.pk}/cells/", body, content_type="application/json")
    assert answered(response) == {"id": sheet.pk, "version": 0, "editable": True}
    own = [query["sql"] for query in looking if "filing_" in query["sql"] and "set_config" not in query["sql"]]
    assert len(own) == 1, own
    assert len(looking) <= len(coming_in) + 2


def test_another_account_in_the_same_browser_saves_nothing(small: Small, sheet, ids):
    edit = [f"{ids['P1U1']}:gen", "600", 0, 0]
    response = exchange(small.colleague, sheet, [edit], account=str(small.clerk.pk))
    assert response.status_code == 400
    assert "Somebody else has signed in" in response.content.decode()
    assert not Cell.objects.filter(sheet=sheet).exists()


BAD_BODIES = [
    b"",
    b"[]",
    b"{",
    b'{"account": "1"}',
    b'{"account": "1", "sheets": [{"id": 1}]}',
    b'{"account": "1", "sheets": [{"id": "x", "seen": 0, "key": "k", "edits": []}]}',
    b'{"account": "1", "sheets": [{"id": 1, "seen": 0, "key": "k", "edits": [["gen", "1", 0, 0]]}]}',
    b'{"account": "1", "sheets": [{"id": 1, "seen": 0, "key": "k", "edits": [["1:gen", 5, 0, 0]]}]}',
    b'{"account": "1", "sheets": [{"id": 1, "seen": 0, "key": "k", "edits": [["1:gen", "5", 99, 0]]}]}',
    b'{"account": "1", "sheets": [{"id": 1, "seen": 0, "key": "k", "edits": [["1:gen", "\\u0000", 0, 0]]}]}',
    b'{"account": "1", "sheets": [{"id": 1, "seen": 0, "key": "k", "edits": [["9'
    + b"9" * 30
    + b':gen", "1", 0, 0]]}]}',
    b'{"account": "1", "sheets": ' + b"[" * 20_000,
    '{"account": "1", "sheets": "\ud800"}'.encode("utf-8", "surrogatepass"),
]


@pytest.mark.parametrize("body", BAD_BODIES)
def test_what_no_page_of_ours_sends_is_refused_in_words(small: Small, sheet, body):
    response = client_of(small.clerk).post(f"/filing/sheets/{sheet.pk}/cells/", body, content_type="application/json")
    assert response.status_code == 400
    assert "Reload the page" in response.content.decode()


@pytest.mark.parametrize("body", [gzip.compress(b" " * 50_000_000), b"\x1f\x8b no gzip", b"{}"])
def test_packed_bodies_that_are_none_or_too_large_are_refused(small: Small, sheet, body):
    headers = {"Content-Encoding": "gzip"}
    address = f"/filing/sheets/{sheet.pk}/cells/"
    response = client_of(small.clerk).post(address, body, content_type="application/json", headers=headers)
    assert response.status_code == 400
    assert "Reload the page" in response.content.decode()


def test_figures_of_another_sheet_are_not_written_through_this_one(small: Small, sheet, ids):
    answer = answered(exchange(small.clerk, sheet, [[f"{ids['P3U1']}:gen", "600", 0, 0]]))
    assert "version" in answer and not Cell.objects.exists()


STATIONS = """\
code,name_zh,name_en,kind,parent,valid_from,valid_to,capacity_mw,fuel,province
P4,丁电厂,Plant Delta,plant,R2,2020-01-01,,,coal,四川
P4U1,丁厂1号机,Delta 1,unit,P4,2020-01-01,,100,,
"""


@pytest.fixture
def both(small: Small, sheet, tmp_path) -> list[Sheet]:
    """The sheets of two plants, which the region's people fill in."""
    (tmp_path / "more.csv").write_text(STATIONS, "utf-8")
    assert not load_organisations(tmp_path / "more.csv").problems
    return [sheet, open_sheet(small.form, organisation("P4"), DAY, by=None)]


def test_one_page_for_the_sheets_of_many_stations(small: Small, both):
    centre = make_user("centre", "R2", "clerk")
    first, other = both
    ids = dict(Organisation.objects.values_list("code", "pk"))
    page = client_of(centre).get(f"/filing/sheets/{first.pk}/edit/?with={other.pk},99999,x").content.decode()
    assert page.count("data-block") == 2
    for code in ("P1U1", "P1U2", "P4U1"):
        assert f'name="{ids[code]}:gen"' in page
    assert f'name="{ids["P4"]}:burnt"' in page
    more = {"id": other.pk, "seen": 0, "key": "m" * 32, "edits": [[f"{ids['P4U1']}:gen", "50", 0, 0]]}
    mine = {"id": first.pk, "seen": 0, "key": "m" * 32, "edits": [[f"{ids['P1U1']}:gen", "600", 0, 0]]}
    response = exchange(centre, first, sheets=[more, mine])
    assert [(one["id"], one["version"]) for one in response.json()["sheets"]] == [(first.pk, 1), (other.pk, 1)]
    assert set(Cell.objects.values_list("sheet_id", "text")) == {(first.pk, "600"), (other.pk, "50")}


def test_comments_on_a_cell_are_added_once(small: Small, sheet, ids):
    address = f"/filing/sheets/{sheet.pk}/cells/remarks/?cell={ids['P1U1']}:gen"
    client = client_of(small.clerk)
    assert client.get(address).json() == {"said": []}
    for _ in range(2):
        told = client.post(address, {"words": " Meter changed ", "_key": "x"}).json()
    assert told == {"said": [{"by": "clerk", "at": "07:30", "words": "Meter changed"}]}
    assert client_of(small.world.other).get(address).status_code == 404
    assert client.get(f"/filing/sheets/{sheet.pk}/cells/remarks/?cell=gen").status_code == 400


def test_the_worker_is_served_where_it_may_rule(db):
    response = Client().get("/filing/worker.js")
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/javascript")
    assert b"gangmu-pages" in response.content


@pytest.mark.parametrize(
    ("text", "value", "said"),
    [
        ("１２３４．５", 12345, ""),
        ("1,234.5", 12345, ""),
        ("1234.5MWh", 12345, ""),
        ("--", None, "“--” is no figure"),
        ("约100", None, "约100"),
        ("=A1+B1", None, "formula"),
        ("2026-11-20", None, "date"),
        ("9" * 200, None, ""),
    ],
)
def test_whatever_is_pasted_is_kept_as_typed_and_answered_at_its_cell(small: Small, sheet, ids, text, value, said):
    name = f"{ids['P1U1']}:gen"
    answer = answered(exchange(small.clerk, sheet, [[name, text, 0, 0], [f"{ids['P1U2']}:gen", "7", 0, 0]]))
    kept = {(one.organisation.code, one.indicator.code): one for one in Cell.objects.select_related()}
    one = kept["P1U1", "gen"]
    assert (one.text.strip(), one.value, kept["P1U2", "gen"].value) == (text, value, 70)
    told = {cell[0]: cell for cell in answer.get("cells", ())}
    if value is None:
        assert said in told[name][7] and told[name][7]
    else:
        assert name not in told or not told[name][7]

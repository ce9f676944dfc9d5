"""The pages of designed reports: what they tell and to whom; uploading with faults at cells; trying out; applying."""

import html
import io
import re
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from gangmu.figures.designs.making import make, version_for
from gangmu.figures.designs.models import Design, Version
from gangmu.figures.designs.tests.samples import design as workbook
from gangmu.figures.reports.models import Edition
from gangmu.figures.reports.tests.conftest import LAST
from gangmu.foundation.access.scope import SYSTEM
from gangmu.foundation.records.models import Event

DAY = f"/designs/power_day/?organisation=G&period={LAST.code}"
MOST_QUERIES = 60
GOOD = {
    "A1": "{{标题}} {{期间}}",
    "A3": "{{每个下级}}",
    "B3": "{{发电量}}",
    "C3": "{{发电量，第1日}}",
    "B4": "=SUM(B3:B3)",
}


def client(user: Any, language: str = "zh-hans") -> Client:
    made = Client(headers={"accept-language": language})
    made.force_login(user)
    return made


def opened(user: Any, path: str, language: str = "zh-hans", status: int = 200) -> str:
    response = client(user, language).get(path)
    assert response.status_code == status, response.content[:800]
    return html.unescape(response.content.decode())


def sent(user: Any, path: str) -> bytes:
    response = client(user).get(path)
    assert response.status_code == 200, response.content[:500]
    return b"".join(response.streaming_content) if response.streaming else response.content


@pytest.mark.req("M-7.2.9")
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_page_shows_the_sheet_with_its_figures_and_where_they_come_from(world, group, language):
    page = opened(world.group, DAY, language)
    version = version_for(Design.objects.get(code="power_day"), LAST.end, language)
    assert version is not None
    made = make(version, group, LAST, SYSTEM)
    cells = re.findall(r"<td[^>]*>(?:<font[^>]*>)?(?:<a [^>]*>)?([^<]*)", page)
    shown = [box.text for sheet in made.sheets for box in sheet.boxes if box.origins and box.text]
    assert len(shown) > 60 and set(shown) <= set(cells)
    assert page.count('data-window="#explanation"') > 30
    assert "style=" not in page.split("<main")[1]  # the site's policy allows none


def test_a_page_asks_the_database_a_bounded_number_of_times(world):
    opened(world.group, DAY)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        opened(world.group, DAY)
    assert len(queries) <= MOST_QUERIES, [one["sql"][:120] for one in queries]


@pytest.mark.req("M-7.2.9")
def test_figures_of_others_are_neither_shown_nor_sent(world, group):
    opened(world.clerk, DAY, status=404)
    own = opened(world.clerk, f"/designs/power_day/?organisation=P1&period={LAST.code}")
    assert "1,020.05" in own and "2,260.05" not in own
    assert client(world.nobody).get(DAY).status_code in (403, 404)
    assert (
        client(world.clerk).post("/designs/power_day/issue/?organisation=P1", {"_key": uuid4().hex}).status_code == 403
    )
    assert not Edition.objects.exists()


@pytest.mark.req("M-7.2.9")
def test_the_files_hold_the_same_figures(world, group):
    book = load_workbook(io.BytesIO(sent(world.group, DAY.replace("/?", "/file/?") + "&kind=xlsx")))
    sheet = book.worksheets[0]
    values = [cell.value for row in sheet.iter_rows() for cell in row]
    assert float(sheet["C6"].value) == 1040.05 and not any("{{" in str(value) for value in values)
    assert sent(world.group, DAY.replace("/?", "/file/?") + "&kind=pdf").startswith(b"%PDF")
    assert Event.objects.filter(kind="reports.exported").count() == 2


def upload(user: Any, path: Path, address: str, **given: str) -> Any:
    with path.open("rb") as file:
        return client(user).post(address, {"file": file, "language": "zh-hans", "_key": uuid4().hex, **given})


@pytest.mark.req("M-7.2.10.1")
def test_a_workbook_is_tried_out_before_it_applies_and_stands_then(world, group, tmp_path):
    design = Design.objects.create(
        code="own_month", name_zh="自定义月报", name_en="Own", grain="month", organisation=group, kinds=["group"]
    )
    path = workbook(tmp_path / "own.xlsx", GOOD)
    answer = upload(world.group, path, "/designs/own_month/versions/")
    assert answer.status_code == 302 and answer.url.endswith("/designs/own_month/?version=1")
    page = opened(world.group, answer.url + "&period=2026-11")
    assert "试用" in page and "东部公司" in page
    assert "版本" in opened(world.group, "/designs/own_month/?period=2026-11", status=422)  # nothing applies yet
    applied = client(world.group).post(
        "/designs/own_month/apply/?version=1", {"first_day": "2026-11-01", "_key": uuid4().hex}
    )
    assert applied.status_code == 302
    assert "东部公司" in opened(world.group, "/designs/own_month/?period=2026-11")
    version = Version.objects.get(design=design)
    for change in ({"content": b"x"}, {"valid_from": "2027-01-01"}):
        with pytest.raises(IntegrityError, match="stands"), transaction.atomic():
            Version.objects.filter(pk=version.pk).update(**change)
    assert client(world.clerk).get("/designs/own_month/?version=1&organisation=P1").status_code == 404


@pytest.mark.req("M-7.2.10.1")
@pytest.mark.parametrize(
    ("cells", "at", "word"),
    [
        ({"C7": "{{发电亮}}"}, "Sheet1!C7", "发电量"),
        ({"B2": "{{发电量，第3月}}"}, "Sheet1!B2", "没有"),
        ({"B2": "{{发电量，计量单位=GJ}}"}, "Sheet1!B2", "MWh"),
        ({"A1": "{{发电量}}", "D4": "=WEBSERVICE(A1)"}, "Sheet1!D4", "WEBSERVICE"),
        ({"A1": "{{发电量"}, "Sheet1!A1", "}}"),
    ],
)
def test_a_workbook_with_faults_is_refused_at_the_cell_and_nothing_is_kept(world, group, tmp_path, cells, at, word):
    before = Version.objects.count(), Design.objects.count()
    path = workbook(tmp_path / "wrong.xlsx", {"A1": "x", **cells})
    given = {"code": "own_day", "name_zh": "日报", "name_en": "Own", "grain": "day", "organisation": str(group.pk),
             "kinds": "group", "issue_after": "1", "complete_percent": "100", "at_least": "1"}  # fmt: skip
    answer = upload(world.group, path, "/designs/add/", **given)
    page = html.unescape(answer.content.decode())
    assert answer.status_code == 422 and at in page, page[-3000:]
    assert word in page.split('id="faults"')[1]
    assert (Version.objects.count(), Design.objects.count()) == before


@pytest.mark.req("M-7.2.10.1")
def test_only_those_whose_design_it_is_may_change_it(world, group, tmp_path):
    path = workbook(tmp_path / "own.xlsx", GOOD)
    assert upload(world.present, path, "/designs/power_month/versions/").status_code == 403
    assert client(world.present).get("/designs/power_month/settings/").status_code == 403
    assert client(world.present).get("/designs/add/").status_code == 403
    page = opened(world.group, "/designs/power_month/settings/")
    assert "generation, heat_sold" in page


@pytest.mark.req("M-7.2.9")
def test_an_issue_by_hand_while_somebody_is_missing_says_so(world, group):
    page = opened(world.group, DAY)
    assert "丙电厂" in page and "仍要发布" in page
    address = DAY.replace("/?", "/issue/?")
    held = client(world.group).post(address, {"_key": uuid4().hex}, follow=True)
    assert "丙电厂" in held.content.decode() and not Edition.objects.exists()
    client(world.group).post(address, {"_key": uuid4().hex, "all_the_same": "1"})
    edition = Edition.objects.get()
    page = opened(world.group, DAY + "&edition=1")
    assert "丙电厂" in page and "1,040.05" in page
    assert re.search(r'href="/designs/power_day/[^"]*edition=1"', opened(world.group, "/reports/"))
    assert edition.number == 1
    for view in ("compare/?from=1&", "receipts/?edition=1&"):
        opened(world.group, DAY.replace("/?", f"/{view}"))


def test_the_language_and_the_list_are_shown(world):
    assert "生产经营月报" in opened(world.clerk, "/designs/")
    assert "{{每个下级}}" in opened(world.clerk, "/designs/language/")
    assert sent(world.clerk, "/designs/power_month/template/?version=1")[:2] == b"PK"

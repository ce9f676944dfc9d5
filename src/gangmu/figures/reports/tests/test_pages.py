"""The pages of reports: what they tell and to whom, where their figures lead, what leaves as a file."""

import html
import io
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from openpyxl import load_workbook
from pypdf import PdfReader

from gangmu.figures.reports import services, showing
from gangmu.figures.reports.building import build
from gangmu.figures.reports.models import Edition, Subscription
from gangmu.figures.reports.tests.conftest import LAST, at_state, load
from gangmu.foundation.access.models import Assignment, Role
from gangmu.foundation.access.scope import SYSTEM
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.records.models import Event
from gangmu.shell.testing.worlds import World, make_user

DAILY = "/reports/power_daily/"
MOST_QUERIES = 25


def client(user: Any, language: str = "en") -> Client:
    made = Client(headers={"accept-language": language})
    made.force_login(user)
    return made


def opened(user: Any, path: str = DAILY, language: str = "en", status: int = 200) -> str:
    response = client(user, language).get(path)
    assert response.status_code == status, response.content[:500]
    return html.unescape(response.content.decode())


def sent(user: Any, path: str, language: str = "en") -> bytes:
    response = client(user, language).get(path)
    assert response.status_code == 200, response.content[:500]
    return b"".join(response.streaming_content) if response.streaming else response.content


def bare(text: str) -> str:
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", text))


@pytest.mark.req("M-7.2.9")
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_page_workbook_and_pdf_tell_the_same_figures(world: World, daily, group, language):
    content = build(daily, group, LAST, SYSTEM)
    page = bare(opened(world.group, language=language))
    pdf = PdfReader(io.BytesIO(sent(world.group, f"{DAILY}file/?kind=pdf", language)))
    text = bare("".join(one.extract_text() for one in pdf.pages))
    book = load_workbook(io.BytesIO(sent(world.group, f"{DAILY}file/?kind=xlsx", language)))
    cells: list[Any] = [cell.value for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    numbers = set(cells)
    with translation.override(language):
        for block, _line, cell in content.cells():
            if not cell.known:
                continue
            shown = bare(content.shown(cell))
            assert shown in page, (language, cell)
            assert block.kind == "trend" or shown in text, (language, cell)
            exact = content.decimal(cell)
            assert exact is not None and float(exact) in numbers, (language, cell)
        assert bare(showing.standing_words(content)) in page


@pytest.mark.req("M-7.2.9")
def test_every_figure_of_the_page_leads_to_its_explanation(world, daily, group):
    page = opened(world.group)
    links = re.findall(r'href="(/figures/explain/[^"]+)"[^>]*>(.*?)</a>', page, re.S)
    content = build(daily, group, LAST, SYSTEM)
    known = [cell for _block, _line, cell in content.cells() if cell.indicator and cell.known]
    assert len(links) >= len(known) > 40
    assert len(re.findall(r'class="figure-link', page)) == len(
        re.findall(r'figure-link[^"]*" href="/figures/explain/', page)
    )
    asks = client(world.group)
    with translation.override("en"):
        values = {showing.url(content, cell): cell for cell in known}
    told = dict(links)
    assert set(values) == set(told)
    for address in sorted(values)[::7]:
        response = asks.get(address)
        assert response.status_code == 200, address
        value = values[address].value
        assert value is not None and f"{float(value):,.1f}".split(".")[0] in response.content.decode(), address


@pytest.mark.req("M-7.2.9")
def test_an_approval_changes_the_report_at_once_and_says_how_far_it_has_come(world, daily, group, tmp_path):
    load(tmp_path, [("P3U1", "generation", LAST.code, "12200.0")])
    at_state(3, LAST.code)
    page = opened(world.group)
    assert "3 not yet approved" in page and "is-provisional" in page and "is-final" not in page
    services.issue(daily, group, LAST, Edition.Reason.SCHEDULED, files=False)
    at_state(4, LAST.code)
    page = opened(world.group)
    assert "all approved by the group" in page and "is-final" in page
    assert "Figures have changed since the last edition" in page
    edition = opened(world.group, f"{DAILY}?organisation=G&period={LAST.code}&edition=1")
    assert "3 not yet approved" in edition and "This is an edition as it was issued" in edition
    compared = opened(world.group, f"{DAILY}compare/?organisation=G&period={LAST.code}&from=1")
    assert "0 figures differ" in compared and "approved by the region → approved by the group" in compared


def test_a_report_costs_a_bounded_number_of_queries(world):
    asks = client(world.group)
    asks.get(DAILY)
    with CaptureQueriesContext(connection) as found:
        assert asks.get(DAILY).status_code == 200
    assert len(found) <= MOST_QUERIES, [one["sql"][:100] for one in found]


@pytest.mark.req("M-5.4")
def test_a_region_s_report_tells_nothing_of_another(world, daily):
    page = opened(world.present)
    assert "West Company" in page and "Plant Alpha" in page
    assert not [one for one in ("Plant Beta", "East Company", "乙电厂", "Example Group") if one in page]
    for code in ("R1", "P2", "G", "nowhere"):
        assert "Plant Beta" not in opened(world.present, f"{DAILY}?organisation={code}", status=404)
    for view in ("", "brief/", "file/", "picture/", "compare/?from=1"):
        opened(world.nobody, f"{DAILY}{view}", status=404)
    services.issue(daily, Organisation.objects.get(code="R1"), LAST, Edition.Reason.SCHEDULED)
    asked = f"organisation=R1&period={LAST.code}&edition=1"
    for view in ("", "brief/", "file/", "picture/"):
        opened(world.present, f"{DAILY}{view}?{asked}", status=404)
    assert "edition=1" not in opened(world.present, "/reports/")
    assert asked in opened(world.former, "/reports/")
    assert b"%PDF" in sent(world.former, f"{DAILY}file/?{asked}&kind=pdf")


def test_files_leave_with_the_right_to_export_alone_and_are_recorded(world, daily, group):
    reader = make_user("reader")
    role = Role.objects.create(
        code="reader", name_zh="读者", name_en="Reader", permissions=["figures:view", "parties:view"]
    )
    Assignment.objects.create(user=reader, role=role, organisation=group, valid_from="2020-01-01")
    page = opened(reader)
    assert "kind=pdf" not in page
    opened(reader, f"{DAILY}file/?kind=pdf", status=403)
    sent(world.group, f"{DAILY}file/?kind=xlsx")
    event = Event.objects.filter(kind="reports.exported").latest("pk")
    assert event.data == {"report": "power_daily", "kind": "xlsx", "language": "en", "period": LAST.code}
    opened(world.group, f"{DAILY}file/?kind=exe", status=400)
    opened(world.group, f"{DAILY}file/?language=fr", status=400)


def test_an_edition_is_issued_by_hand_once(world, group):
    asks = client(world.group)
    form = {"_key": "12345678-issue"}
    for _again in range(2):
        response = asks.post(f"{DAILY}issue/?organisation=G&period={LAST.code}", form)
        assert response.status_code == 302 and "edition=1" in response["Location"]
    edition = Edition.objects.get()
    assert (edition.reason, edition.issued_by, edition.files.count()) == ("manual", world.group, 4)
    assert "Issue an edition" in opened(world.group) and "Issue an edition" not in opened(world.present)
    assert client(world.present).post(f"{DAILY}issue/", {"_key": "87654321-issue"}).status_code == 403


def test_somebody_can_ask_to_be_told_and_take_it_back(world, daily, group):
    asks = client(world.present)
    asks.post(f"{DAILY}subscribe/?organisation=R2", {"_key": "subscribe-1", "wish": "join"})
    assert Subscription.objects.get().user == world.present
    assert 'aria-pressed="true"' in opened(world.present)
    asks.post(f"{DAILY}subscribe/?organisation=R2", {"_key": "subscribe-2", "wish": "leave"})
    assert not Subscription.objects.exists()


@pytest.mark.req("M-7.2.9")
def test_the_brief_tells_the_report_s_figures_in_words(world, daily, group):
    page = opened(world.group, f"{DAILY}brief/")
    assert "Generation: 10.4005 GWh, down 48.4% on the year; month to date 58.3015 GWh" in page
    assert "East Company lost most (−7.9600 GWh, −97.5%)" in page
    assert "Days of coal: 1 plant below 10 d; Plant Alpha has the least (3.0 d)." in page
    assert "At 2026-11-20 10:30 2 of 3 have reported. Not reported: Plant Gamma." in page
    chinese = opened(world.group, f"{DAILY}brief/", "zh-hans")
    assert "发电量 1,040.05 万kWh，同比下降 48.4%；月累计 5,830.15 万kWh" in chinese
    assert "同比减量最大的是东部公司" in chinese and "未报单位：丙电厂。" in chinese
    assert sent(world.group, f"{DAILY}picture/").startswith(b"\x89PNG")


def test_a_strange_address_shows_the_last_day_or_says_what_is_wrong(world):
    for strange in ("period=2026-13", "period=2026-11", "period=nonsense", "edition=", "organisation="):
        assert "19 November 2026" in opened(world.group, f"{DAILY}?{strange}")
    opened(world.group, "/reports/nothing/", status=404)
    for number in ("0", "99", "-1", "x", "9" * 40):
        opened(world.group, f"{DAILY}?edition={number}", status=404)
    opened(world.group, f"{DAILY}compare/?from=7", status=404)
    assert "Nobody has filed anything yet" in opened(world.group, f"{DAILY}?period=1990-01-01")

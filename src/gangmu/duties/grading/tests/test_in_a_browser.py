"""Four people grade a system in a browser; the database below it is raised; the certificate is printed and read."""

from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from gangmu.business import standards
from gangmu.duties.grading.models import Grading
from gangmu.duties.grading.tests.conftest import NOW, PARTIES, Register
from gangmu.duties.grading.tests.test_catalogue import read_pdf, read_word
from gangmu.foundation.settings import clock
from gangmu.shell.testing.browser import chromium, clicked, site, swap, too_wide, visit
from gangmu.shell.testing.worlds import make_world

__all__ = ["chromium", "site", "visit"]

pytestmark = pytest.mark.browser
standards.register()


@pytest.fixture(scope="module")
def systems(site, tmp_path_factory):
    """A trading system that needs a supporting database; the people of the four parties, and who prepares."""
    site.stands_at(NOW)
    with clock.frozen(NOW):
        make_world(tmp_path_factory.mktemp("world"))
        made = Register()
        for party in PARTIES:
            made.person(party, f"system_{party}")
        made.person("asker", "system_sponsor")
        trading, database = made.system("TR"), made.system("DB", supporting=True)
        made.needs(trading, database, group="stores", needed=1)
        made.needs(trading, made.system("DB2", supporting=True), group="stores", needed=1)
        return trading, database


def approve(page: Page) -> None:
    clicked(page, page.locator(".approval-decide button[type=submit]").first.click)


@pytest.mark.req("G-1", "G-5", "G-7")
def test_four_parties_grade_a_system_and_the_database_below_is_raised(visit, systems):
    trading, database = systems
    page = visit(f"/grading/systems/{database.pk}/", "asker")
    expect(page.locator("#scheme-hs-t-42")).to_contain_text("Nothing graded needs it yet")

    page = visit(f"/grading/systems/{trading.pk}/by/hs-t-42/", "asker")
    expect(page.locator("#calculation")).to_contain_text("Choose the factors")
    swap(page, lambda: page.locator("#id_realtime").select_option("high"), "realtime=high")
    expect(page.locator("#calculation")).to_contain_text("is missing")
    swap(page, lambda: page.locator("#id_sensitivity").select_option("high"), "sensitivity=high")
    swap(page, lambda: page.locator("#id_dependency").select_option("medium"), "dependency=medium")
    expect(page.locator(".grade-result")).to_contain_text("Grade 2")
    expect(page.locator(".grade-step")).to_have_count(2)
    expect(page.locator("#calculation td[aria-current=true]")).to_have_count(2)
    clicked(page, page.get_by_role("button", name="Save the grading").click)
    clicked(page, page.get_by_role("button", name="Submit").click)
    address = page.url.removeprefix("http://").partition("/")[2]

    for party in PARTIES:
        page = visit(f"/{address}", party)
        approve(page)
    expect(page.locator("body")).to_contain_text("in force since 2026-11-20")
    for party in PARTIES:
        expect(page.get_by_role("cell", name=party, exact=True)).to_be_visible()

    page = visit(f"/grading/systems/{database.pk}/", "asker")
    card = page.locator("#scheme-hs-t-42")
    expect(card).to_contain_text("Grade 2")
    expect(card.locator(".grade-way li")).to_have_text(["System DB is needed by", "System TR"])
    clicked(page, card.get_by_role("button", name="Take over").click)
    expect(page.locator("#scheme-hs-t-42")).not_to_contain_text("Not taken over yet")


@pytest.mark.req("G-7")
def test_the_certificate_is_printed_in_word_and_pdf(visit, systems):
    trading, _database = systems
    grading = Grading.objects.get(resource=trading, status="in_force")
    page = visit(f"/grading/gradings/{grading.pk}/", "asker")
    clicked(page, page.get_by_role("button", name="Make the certificates").click)
    links = page.locator("a[download]")
    expect(links).to_have_count(4)
    texts = {}
    for place in range(4):
        with page.expect_download() as waiting:
            links.nth(place).click()
        download = waiting.value
        content = Path(download.path()).read_bytes()
        pdf = download.suggested_filename.endswith(".pdf")
        assert content.startswith(b"%PDF" if pdf else b"PK"), BytesIO(content).read(8)
        texts[download.suggested_filename] = read_pdf(content) if pdf else read_word(content)
    english = [text for name, text in texts.items() if name.startswith("Grade")]
    chinese = [text for name, text in texts.items() if name.startswith("定级证书")]
    assert (len(english), len(chinese)) == (2, 2)
    for text in english:
        assert "Grade 2" in text
        assert "Technical department in charge" in text
    for text in chinese:
        assert "二级" in text
        assert "技术主管部门" in text


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_pages_fit_phone_and_desk(visit, systems, language):
    trading, database = systems
    paths = [
        "/grading/", f"/grading/systems/{trading.pk}/", f"/grading/systems/{database.pk}/",
        f"/grading/systems/{trading.pk}/go-live/", "/grading/schemes/hs-t-42/", "/grading/schemes/gb-t-22240/",
        f"/grading/systems/{trading.pk}/by/hs-t-42/?realtime=high&impact=major",
    ]  # fmt: skip
    assert too_wide(visit(paths[0], "asker", 390, language), paths) == []
    form = "/grading/schemes/hs-t-42/grade/"
    assert too_wide(visit(form, "technical", 390, language), [form]) == []

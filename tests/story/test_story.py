"""The whole way of one sheet, played in a browser by its people: filed, explained, returned, put right, approved by
three tiers, locked, corrected. In both languages; who approves holds a phone."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from gangmu.figures.cube import services as cube
from gangmu.figures.cube.gateway import Question, ask
from gangmu.figures.filing.models import Sheet
from gangmu.figures.filing.services import lock_due
from gangmu.foundation.access.scope import SYSTEM
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings import clock
from gangmu.shell.testing.browser import chromium, clicked, served, visit
from gangmu.shell.testing.worlds import make_user, make_world

__all__ = ["chromium", "visit"]

pytestmark = pytest.mark.browser

PHONE, DESK = 390, 1440
DAY = date(2026, 11, 19)
UNITS = "1\t25\t24\t0\t11500\t575\t3400\r\n1\t24\t24\t0\t5700\t290\t1700\r\n"
ITEMS = ("unit_state", "run_hours", "available_hours", "derated_hours", "generation", "auxiliary", "standard_coal")
PLANT = {
    "on_grid_energy": "16200",
    "coal_stock_opening": "100000",
    "coal_received": "5000",
    "coal_consumed": "7000",
    "coal_stock": "90000",  # 8,000 t less than the balance says
}


@dataclass(frozen=True)
class Said:
    """What the people of the story write, each in their language."""

    language: str
    why: str
    returned: str
    approved: str
    mistake: str


STORIES = [
    Said("zh-hans", "无人机盘煤，按实测库存", "请核对1号机发电量", "同意", "关口表底码抄错"),
    Said("en", "Stock measured by drone", "Check the generation of unit 1", "Agreed", "The gateway meter was misread"),
]


@pytest.fixture
def site(django_db_setup: None, django_db_blocker: Any):
    """A site of its own for each story: its people's inboxes begin empty."""
    with django_db_blocker.unblock(), served("story") as one:
        yield one


@dataclass(frozen=True)
class Story:
    """Who opens what at which time, and what is looked at again and again."""

    site: Any
    visit: Any
    said: Said

    def at(self, time: str, path: str, user: str, width: int = DESK) -> Page:
        self.site.stands_at(time)
        page = self.visit(path, user, width, self.said.language)
        expect(page.locator("html")).to_have_attribute("lang", {"zh-hans": "zh-Hans", "en": "en"}[self.said.language])
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{page.url} is wider than {width}"
        return page

    def inbox(self, time: str, user: str, width: int = DESK) -> Page:
        return self.at(time, "/inbox/", user, width)

    def waits_for(self, time: str, user: str, count: int) -> None:
        expect(self.inbox(time, user).locator(".inbox-entry")).to_have_count(count)

    def decide(self, time: str, user: str, *, reason: str = "") -> None:
        """From the inbox on a phone to the sheet, and say yes, or why not."""
        page = self.inbox(time, user, PHONE)
        clicked(page, page.locator(".inbox-entry").first.click)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE
        if reason:
            page.locator(".approval-decide .form-buttons > a").first.click()
            page.locator("#approval-body textarea[name=reason]").fill(reason)
            clicked(page, page.locator("#approval-body button[type=submit]").click)
        else:
            page.locator(".approval-decide textarea[name=words]").first.fill(self.said.approved)
            clicked(page, page.locator(".approval-decide .form-buttons > button").first.click)
        expect(page.locator(".alert-danger")).to_have_count(0)


@pytest.fixture(
    params=[STORIES[0], *(pytest.param(one, marks=pytest.mark.prove) for one in STORIES[1:])],
    ids=lambda said: said.language,
)
def story(request, site, visit, tmp_path) -> Story:
    with clock.frozen("2026-11-18T09:00"):
        make_world(tmp_path)
        for username, place, role in (("plant", "P1", "reviewer"), ("region", "R2", "reviewer")):
            make_user(username, place, role)
    return Story(site, visit, request.param)


def cell(page: Page, organisation: str, indicator: str):
    return page.locator(f'input[name="{Organisation.objects.get(code=organisation).pk}:{indicator}"]')


def type_into(page: Page, organisation: str, indicator: str, text: str) -> None:
    cell(page, organisation, indicator).click()
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def is_saved(page: Page) -> None:
    expect(page.locator("form.sheet-grid")).to_have_attribute("data-line", "saved")


def paste(page: Page, organisation: str, indicator: str, block: str) -> None:
    box = cell(page, organisation, indicator)
    box.click()
    box.evaluate(
        """(input, text) => {
            const data = new DataTransfer();
            data.setData('text/plain', text);
            input.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}));
        }""",
        block,
    )


def generation(at_least: str = "filed") -> tuple[str | None, str | None]:
    """The region's generation of the day, and its state."""
    cube.fold()
    (row,) = ask(Question(["generation"], ["R2"], [DAY.isoformat()], at_least=at_least), SYSTEM).rows
    return row.value, row.state


@pytest.mark.req("M-7.2.3")
def test_a_sheet_goes_its_way(story: Story):
    sheet = fill_in(story)
    submit(story, sheet)
    assert generation() == ("17200.0", "filed")
    story.waits_for("2026-11-20T08:05", "region", 0)  # not before the plant has approved

    story.decide("2026-11-20T08:10", "plant", reason=story.said.returned)
    put_right(story, sheet)
    for time, user, state in (
        ("2026-11-20T08:40", "plant", "plant"),
        ("2026-11-20T09:10", "region", "region"),
        ("2026-11-20T10:00", "group", "group"),
    ):
        story.decide(time, user)
        assert generation(at_least=state) == ("17100.0", state)
        story.waits_for(time, user, 0)
    expect_history(story, sheet, "2026-11-20T10:05", story.said.why, story.said.returned, story.said.approved)

    with clock.frozen("2026-11-23T12:01"):
        lock_due()
    assert generation(at_least="locked") == ("17100.0", "locked")
    correct(story, sheet)
    for time, user in (("2026-11-27T10:00", "plant"), ("2026-11-27T11:00", "region"), ("2026-11-27T14:00", "group")):
        assert generation() == ("17100.0", "locked")  # what was approved stands until the last word
        story.decide(time, user)
    assert generation(at_least="locked") == ("17080.0", "locked")
    expect_history(story, sheet, "2026-11-27T15:00", story.said.mistake, "11,380")


def fill_in(story: Story) -> Sheet:
    page = story.inbox("2026-11-20T07:30", "clerk")
    clicked(page, page.locator(".inbox-entry").first.click)
    if "/edit/" not in page.url:
        clicked(page, page.locator("a[href$='/edit/'], form[action*='/open/'] button").first.click)
    paste(page, "P1U1", ITEMS[0], UNITS)
    for indicator, text in PLANT.items():
        type_into(page, "P1", indicator, text)
    is_saved(page)
    # 25 hours in a day: said at the cell, and the sheet cannot be submitted
    hours = cell(page, "P1U1", "run_hours").locator("xpath=..")
    expect(hours).to_have_attribute("data-state", among("faulty"))
    clicked(page, page.locator("a[href$='/submit/']").first.click)
    expect(page.locator("#submit-form button[type=submit]")).to_be_disabled()
    clicked(page, page.locator("a[href*='/edit/']").first.click)
    type_into(page, "P1U1", "run_hours", "24")
    is_saved(page)
    clicked(page, page.locator("a[href$='/submit/']").first.click)
    return Sheet.objects.get()


def among(word: str) -> re.Pattern[str]:
    return re.compile(rf"(^|\s){word}(\s|$)")


def submit(story: Story, sheet: Sheet, time: str = "2026-11-20T07:50") -> None:
    page = story.at(time, f"/filing/sheets/{sheet.pk}/submit/", "clerk")
    warned = page.locator("textarea[name^=words-]")
    assert warned.count() >= 1
    for number in range(warned.count()):
        warned.nth(number).fill(story.said.why)
    clicked(page, page.locator("#submit-form button[type=submit]").click)
    expect(page.locator(".alert-danger")).to_have_count(0)
    expect(page.locator("#approval-panel")).to_be_visible()


def put_right(story: Story, sheet: Sheet) -> None:
    page = story.inbox("2026-11-20T08:20", "clerk")
    clicked(page, page.locator(".inbox-entry").first.click)
    expect(page.locator("body")).to_contain_text(story.said.returned)
    if "/edit/" not in page.url:
        clicked(page, page.locator("a[href$='/edit/']").first.click)
    type_into(page, "P1U1", "generation", "11400")
    is_saved(page)
    submit(story, sheet, "2026-11-20T08:25")


def correct(story: Story, sheet: Sheet) -> None:
    page = story.at("2026-11-27T09:00", f"/filing/sheets/{sheet.pk}/", "clerk")
    clicked(page, page.locator("a[href$='/correct/']").first.click)
    page.locator("textarea[name=reason]").fill(story.said.mistake)
    clicked(page, page.locator("main button[type=submit], #content button[type=submit]").last.click)
    if "/edit/" not in page.url:
        clicked(page, page.locator("a[href$='/edit/']").first.click)
    page.locator(f'input[name="new-{Organisation.objects.get(code="P1U1").pk}-generation"]').fill("11380")
    clicked(page, page.locator("form.sheet-tables button[type=submit]").click)
    expect(page.locator(".sheet-main")).to_contain_text("11,380")
    clicked(page, page.locator("form[action$='/submit/'] button").click)
    expect(page.locator("#approval-panel")).to_be_visible()


def expect_history(story: Story, sheet: Sheet, time: str, *words: str) -> None:
    page = story.at(time, f"/filing/sheets/{sheet.pk}/history/", "clerk")
    for text in words:
        expect(page.locator(".timeline, main").first).to_contain_text(text)

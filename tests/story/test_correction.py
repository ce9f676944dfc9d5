"""A figure turns out to be wrong after everybody has approved it: from the group's home page down to the cell, through
the correction's own route, and up again: home page, report and explanation tell the restatement, and the edition that
was issued stays beside the new one with its differences."""

from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from gangmu.figures.cube import services as cube
from gangmu.figures.filing.models import Correction, Sheet
from gangmu.figures.filing.services import lock_due
from gangmu.foundation.accounts.models import User
from gangmu.foundation.approvals.models import Case
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings import clock
from gangmu.shell.testing.browser import chromium, clicked, swap, visit
from gangmu.shell.testing.worlds import World
from story.test_headquarters_sees import (
    ALL,
    DESK,
    HOME,
    LANGUAGES,
    PHONE,
    REPORT,
    Told,
    approve,
    figures_of,
    is_number,
    rounded_from,
    site,
    world,
)
from story.test_headquarters_sees import tells as on_home

__all__ = ["chromium", "site", "visit", "world"]

pytestmark = pytest.mark.browser

FOUND, ASKED, AFTER = "2026-11-27T09:00", "2026-11-27T09:10", "2026-11-27T15:00"
WRONG, RIGHT = Decimal("5700.5"), Decimal("5600.5")
RESTATED = ALL - WRONG + RIGHT
REASONS = {"zh-hans": "关口表底码抄错", "en": "The gateway meter was misread"}


@pytest.fixture
def issued(world: World, site: Any) -> World:
    """The day is approved by all, its report has been issued, and the sheet is locked."""
    with clock.frozen("2026-11-20T10:00"):
        approve(Case.objects.get(), User.objects.get(username="group"))
        cube.fold(sync=False)
    with clock.frozen("2026-11-23T12:01"):
        assert lock_due()
        cube.fold(sync=False)
    return world


@pytest.mark.req("M-7.2.3", "M-7.2.9")
@pytest.mark.parametrize("told", [LANGUAGES[0], pytest.param(LANGUAGES[1], marks=pytest.mark.prove)])
def test_a_wrong_figure_is_put_right_from_the_home_page_down_and_up_again(site, issued, visit, told: Told):
    issue_an_edition(site, visit, told)
    correction = correct(down_to_the_cell(site, visit, told), site, visit, told)
    for time, user in (("2026-11-27T10:00", "plant"), ("2026-11-27T11:00", "region"), ("2026-11-27T14:00", "group")):
        assert on_home(open_at(site, visit, time, HOME, "group", told), ALL)  # what was approved stands until the end
        decide(site, visit, time, user, told)
    correction.refresh_from_db()
    assert correction.status == Correction.Status.APPLIED
    with clock.frozen(AFTER):
        cube.fold(sync=False)
    home_tells_it(site, visit, told)
    explanation_tells_it(site, visit, told)
    report_tells_it(site, visit, told)


def open_at(site: Any, visit: Any, time: str, path: str, user: str, told: Told, width: int = DESK) -> Page:
    site.stands_at(time)
    page: Page = visit(path, user, width, told.language)
    assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{page.url} is wider than {width}"
    return page


def issue_an_edition(site: Any, visit: Any, told: Told) -> None:
    page = open_at(site, visit, "2026-11-23T12:30", REPORT, "group", told)
    clicked(page, page.locator("form[action*='/issue/'] button").click)
    expect(page.locator(".alert-danger")).to_have_count(0)
    assert "edition=1" in page.url


def down_to_the_cell(site: Any, visit: Any, told: Told) -> str:
    """From the group's figure through region, plant and unit to the entry; the address of its sheet."""
    page = open_at(site, visit, FOUND, HOME, "group", told)
    assert on_home(page, ALL)
    expect(page.locator("[data-tile=restated]")).to_have_count(0)
    swap(page, lambda: page.click("[data-tile=generation] .figure-link"), "/figures/explain/")
    window = page.locator("#explanation-body")
    for code in ("R2", "P1", "P1U2"):
        swap(page, window.locator(f".explained-lines a.figure-link[href*='organisation={code}&']").click, "/explain/")
    expect(window).to_contain_text(f"{WRONG:,}")
    expect(window).to_contain_text(told.entry)
    return window.locator("a[href*='/filing/sheets/']").first.get_attribute("href") or ""


def correct(sheet: str, site: Any, visit: Any, told: Told) -> Correction:
    """The clerk opens the very sheet to which the explanation leads, and proposes the figure that is right."""
    assert f"/sheets/{Sheet.objects.get().pk}/" in sheet
    page = open_at(site, visit, ASKED, sheet, "clerk", told)
    if "/history/" in page.url:
        clicked(page, page.locator(f"a[href$='/filing/sheets/{Sheet.objects.get().pk}/']").first.click)
    clicked(page, page.locator("a[href$='/correct/']").first.click)
    page.locator("textarea[name=reason]").fill(REASONS[told.language])
    clicked(page, page.locator("#content button[type=submit], main button[type=submit]").last.click)
    if "/edit/" not in page.url:
        clicked(page, page.locator("a[href$='/edit/']").first.click)
    unit = Organisation.objects.get(code="P1U2")
    page.locator(f'input[name="new-{unit.pk}-generation"]').fill(str(RIGHT))
    clicked(page, page.locator("form.sheet-tables button[type=submit]").click)
    clicked(page, page.locator("form[action$='/submit/'] button").click)
    expect(page.locator("#approval-panel")).to_be_visible()
    return Correction.objects.get()


def decide(site: Any, visit: Any, time: str, user: str, told: Told) -> None:
    page = open_at(site, visit, time, "/inbox/", user, told, PHONE)
    clicked(page, page.locator(".inbox-entry").first.click)
    page.locator(".approval-decide textarea[name=words]").first.fill(told.agreed)
    clicked(page, page.locator(".approval-decide .form-buttons > button").first.click)
    expect(page.locator(".alert-danger")).to_have_count(0)
    with clock.frozen(time):
        cube.fold(sync=False)


def home_tells_it(site: Any, visit: Any, told: Told) -> None:
    page = open_at(site, visit, AFTER, HOME, "group", told)
    assert on_home(page, RESTATED)
    expect(page.locator("[data-tile=generation] .badge.bg-info-lt")).to_have_count(1)
    tile = page.locator("[data-tile=restated]")
    for text in (f"{WRONG:,}", f"{RIGHT:,}", REASONS[told.language]):
        expect(tile).to_contain_text(text)
    phone = open_at(site, visit, AFTER, HOME, "group", told, PHONE)
    expect(phone.locator("[data-tile=restated]")).to_contain_text(f"{RIGHT:,}")
    another = open_at(site, visit, AFTER, "/home/?period=2026-11-18", "group", told)
    expect(another.locator("[data-tile=restated], [data-tile=generation] .badge.bg-info-lt")).to_have_count(0)
    month = open_at(site, visit, AFTER, "/home/?period=2026-11", "group", told)
    expect(month.locator("[data-tile=restated]")).to_contain_text(f"{RIGHT:,}")


def explanation_tells_it(site: Any, visit: Any, told: Told) -> None:
    page = open_at(site, visit, AFTER, HOME, "group", told)
    swap(page, lambda: page.click("[data-tile=generation] .figure-link"), "/figures/explain/")
    window = page.locator("#explanation-body")
    for text in (f"{RESTATED:,}", f"{WRONG:,}", f"{RIGHT:,}", REASONS[told.language]):
        expect(window).to_contain_text(text)


def report_tells_it(site: Any, visit: Any, told: Told) -> None:
    """The report of today says that figures moved since the edition; a second edition stands beside the first."""
    page = open_at(site, visit, AFTER, REPORT, "group", told)
    clicked(page, page.locator(".alert a[href*='/compare/']").click)
    assert told_apart(page)
    page = open_at(site, visit, AFTER, REPORT, "group", told)
    clicked(page, page.locator("form[action*='/issue/'] button").click)
    assert "edition=2" in page.url
    clicked(page, page.locator(".alert a[href*='/compare/']").click)
    assert told_apart(page)
    for edition, figure, other in ((1, ALL, RESTATED), (2, RESTATED, ALL)):
        kept = figures_of(open_at(site, visit, AFTER, f"{REPORT}&edition={edition}", "group", told))
        assert any(tells(one, figure) for one in kept)
        assert not any(tells(one, other) for one in kept)


def tells(shown: str, figure: Decimal) -> bool:
    """Whether a text is this figure in some unit, with digits enough to be no other."""
    return is_number(shown) and sum(one.isdigit() for one in shown) >= 4 and rounded_from(shown, str(figure))


def told_apart(page: Page) -> bool:
    """Whether the comparison lists the group's figure of the day as it was and as it is."""
    rows = page.eval_on_selector_all(
        "tbody tr",
        "rows => rows.map(row => [...row.querySelectorAll('td.figure')].map(cell => cell.textContent.trim()))",
    )
    return any(tells(before, ALL) and tells(after, RESTATED) for before, after in rows)

"""The pages of filing in a real browser: they fit phone and desk in both languages, and renew themselves in parts."""

import pytest
from playwright.sync_api import expect

from gangmu.figures.filing.tests import small as kit
from gangmu.figures.filing.tests.books import filled
from gangmu.foundation.settings import clock
from gangmu.shell.testing.browser import chromium, clicked, site, swap, too_wide, visit

__all__ = ["chromium", "site", "visit"]

pytestmark = pytest.mark.browser

NOW = "2026-11-20T10:00+08:00"
SHEET = "/filing/sheets/{pk}/"


@pytest.fixture(scope="module")
def small(site, tmp_path_factory) -> kit.Small:
    site.stands_at(NOW)
    with clock.frozen(NOW):
        return kit.make_small(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def sheet(small):
    """Under approval, with a figure that stands out and words for it."""
    with clock.frozen(NOW):
        one = kit.filled(small)
        kit.put(small, one, {("P1U2", "hours"): "23.5"})
        kit.submit(small, one)
        return one


PAGES = ("/filing/", SHEET, f"{SHEET}history/", "/filing/sheets/", "/filing/corrections/", "/filing/forms/small_daily/")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_pages_fit_phone_and_desk(visit, sheet, language):
    page = visit(PAGES[0], "plant-reviewer", 390, language)
    assert too_wide(page, [path.format(pk=sheet.pk) for path in PAGES]) == []


def test_the_approver_decides_at_the_thumb(visit, sheet):
    page = visit(SHEET.format(pk=sheet.pk), "plant-reviewer", 390)
    buttons = page.locator(".approval-decide .form-buttons")
    box = buttons.bounding_box()
    assert box and box["y"] + box["height"] >= 890, "the buttons stand at the lower edge from the beginning"
    head = page.locator(".sheet-table .line-name").nth(1).bounding_box()
    page.locator(".sheet-section .table-scroll").first.evaluate("element => element.scrollLeft = 200")
    after = page.locator(".sheet-table .line-name").nth(1).bounding_box()
    assert head and after and head["x"] == after["x"], "names of items stay while the figures move"


def test_what_stood_before_is_put_away_with_a_press(visit, sheet):
    page = visit(SHEET.format(pk=sheet.pk), "clerk")
    column = page.locator("th.beside-column").first
    expect(column).to_be_visible()
    page.locator(".beside-switch").uncheck()
    expect(column).to_be_hidden()


def test_a_step_through_days_renews_the_page_alone(visit, sheet):
    page = visit("/filing/", "group-manager")
    page.evaluate("window.stayed = true")
    swap(page, lambda: page.locator(".day-stepper a").first.click(), "period=2026-11-18")
    expect(page.locator(".day-stepper input[name=period]")).to_have_value("2026-11-18")
    assert page.evaluate("window.stayed") is True
    assert "period=2026-11-18" in page.url


def test_reminding_follows_the_filter_that_is_set(visit, small):
    page = visit("/filing/?period=2026-11-17", "group-manager")
    before = int(page.locator(".list-total").inner_text().split()[0])
    swap(page, lambda: page.locator("select[name=form]").select_option("small_daily"), "form=small_daily")
    expect(page.locator(".list-total")).to_have_text("1 entry")
    assert before > 1
    page.on("dialog", lambda dialog: dialog.accept())
    clicked(page, lambda: page.locator("button[name=all]").click())
    expect(page.locator(".alert-success")).to_contain_text("Reminded of 1 sheet: clerk, colleague.")
    assert "form=small_daily" in page.url


def test_a_workbook_is_sent_from_the_page(visit, small, tmp_path):
    page = visit("/filing/import/?form=small_daily", "clerk")
    page.set_input_files("[name=file]", filled(tmp_path / "book.xlsx", small.form))
    clicked(page, lambda: page.locator("#form button[type=submit]").click())
    assert page.url.rstrip("/").rsplit("/", 1)[-1].isdigit(), "the page of the import"
    expect(page.locator("h1")).to_contain_text("book.xlsx")

"""A formula changed in a browser: found by pinyin with the keyboard alone, tried on figures, applied, seen."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from gangmu.figures.indicators.models import Indicator
from gangmu.shell.formulas.tests.conftest import NOW, make_figures
from gangmu.shell.testing.browser import Site, chromium, served, visit

__all__ = ["chromium", "visit"]


@pytest.fixture(scope="module")
def site(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[Site]:
    with django_db_blocker.unblock(), served("formulas") as one:
        one.stands_at(NOW)
        make_figures(tmp_path_factory.mktemp("world"))
        yield one


@pytest.mark.req("M-7.2.10.1")
def test_a_formula_is_changed_with_pinyin_and_its_figure_shows_the_new_version(visit: Callable[..., Page]):
    page = visit("/indicators/rate/change/", "configurer", language="zh-hans")
    field = page.locator("textarea[name=formula]")
    expect(page.locator(".formula-paint .word-name")).to_have_text("「厂用电量」")
    field.focus()
    page.keyboard.press("Control+End")
    page.keyboard.type(" + cydl")
    offers = page.locator(".formula-offers [role=option]")
    expect(offers.first).to_contain_text("厂用电量")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(field).to_have_value("「厂用电量」 / gen + 「厂用电量」")
    verdict = page.locator(".formula-verdict.is-wrong")
    expect(verdict).to_contain_text("14")
    expect(page.locator(".formula-paint .word-wrong")).to_have_count(1)
    page.keyboard.type(" / fadianl")
    page.keyboard.press("Tab")
    expect(field).to_have_value("「厂用电量」 / gen + 「厂用电量」 / gen")  # two are called 发电量
    expect(page.locator(".formula-verdict:not(.is-wrong)")).to_contain_text("%")
    page.fill("[name=since]", "2026-06-01")
    page.fill("[name=because]", "口径调整")
    page.select_option("[name=organisation]", "P1")
    page.fill("[name=periods]", "2026-05-31, 2026-06-01")
    page.locator("button[value=preview]").click()
    rows = page.locator("#preview tbody tr")
    expect(rows).to_have_count(4)
    expect(page.locator("#preview tr.preview-differs")).to_have_count(2)
    expect(rows.nth(1)).to_contain_text("10.00")
    page.locator("button[value=apply]").click()
    page.wait_for_url("**/indicators/rate/")
    assert Indicator.objects.get(code="rate").earlier
    page.goto("/figures/explain/?indicator=rate&organisation=P1&period=2026-06-01")
    expect(page.locator("main")).to_contain_text("2026-06-01 起有效")
    expect(page.locator("main pre.formula").first).to_contain_text("gen + 「厂用电量」")
    page.goto("/figures/explain/?indicator=rate&organisation=P1&period=2026-05-31")
    expect(page.locator("main")).to_contain_text("有效至 2026-05-31")


def test_without_script_it_is_a_text_field_that_previews(visit: Callable[..., Page]):
    page = visit("/indicators/double/change/", "configurer", java_script_enabled=False)
    page.fill("textarea[name=formula]", "rate * 3")
    page.fill("[name=because]", "thrice")
    page.select_option("[name=organisation]", "P1")
    page.fill("[name=periods]", "2026-05-31")
    page.locator("button[value=preview]").click()
    expect(page.locator("#preview tr.preview-differs")).to_have_count(1)

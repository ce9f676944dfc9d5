"""The reader's story in Chromium: find a clause, compare two cells, resolve one with its choices, freeze it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from gangmu.duties.norms.models import Baseline
from gangmu.foundation.access.models import Role
from gangmu.foundation.accounts.models import User
from gangmu.foundation.settings import clock
from gangmu.shell.testing.browser import Site, chromium, clicked, served, visit
from gangmu.shell.testing.worlds import make_user, make_world

__all__ = ["chromium", "visit"]
pytestmark = [pytest.mark.browser]
NOW = "2026-11-20T09:30+08:00"
HOSTING = "/norms/jr-t-0133-2015/"


@pytest.fixture(scope="module")
def site(django_db_setup: None, django_db_blocker: Any) -> Iterator[Site]:
    with django_db_blocker.unblock(), served("norms") as one:
        yield one


@pytest.fixture(scope="module")
def reader(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[User]:
    site.stands_at(NOW)
    with clock.frozen(NOW):
        make_world(tmp_path_factory.mktemp("world"))
        may = ["parties:view", "norms:view,export,freeze"]
        Role.objects.create(code="reader", name_zh="合规", name_en="Compliance", site="business", permissions=may)
        yield make_user("reader", "G", "reader")
    site.stands_at(None)


def test_two_cells_are_compared_and_one_is_frozen_with_its_choices(visit: Callable[..., Page], reader: User) -> None:
    page = visit("/norms/?q=kongtiao", reader)
    expect(page.locator("#c-6\\.1\\.1-f")).to_be_visible()

    page.goto(f"{HOSTING}compare/")
    page.get_by_label("From cell").select_option("A3B3")
    page.get_by_label("To cell").select_option("A3+B3")
    clicked(page, lambda: page.get_by_role("button", name="Compare").click())
    expect(page.locator(".norm-total")).to_have_text("figure 4 extended 1 added clause 1")
    assert page.locator(".norm-pair").count() == 5  # two figures stand in one clause
    expect(page.locator(".norm-pair").filter(has_text="60 → 30")).to_contain_text("10 → 5")

    page.goto(HOSTING)
    page.get_by_label("Cell").select_option("A3+B4")
    clicked(page, lambda: page.get_by_role("button", name="Show", exact=True).click())
    expect(page.get_by_text("Choices are open")).to_be_visible()
    for subject in ("facilities", "network", "security"):
        page.locator(f"select[name=choice-{subject}]").select_option("B1")
    clicked(page, lambda: page.get_by_role("button", name="Show", exact=True).click())
    expect(page.get_by_text("Choices are open")).not_to_be_visible()
    expect(page.locator("#c-7\\.1\\.1-a")).to_contain_text("chosen")

    clicked(page, lambda: page.get_by_role("link", name="Freeze a baseline").click())
    page.get_by_label("Organisation").fill("P1")
    page.get_by_label("Holds for").fill("Core trading")
    page.locator("select[name=choice-network]").select_option("")
    page.get_by_role("button", name="Freeze", exact=True).click()
    expect(page.get_by_text("leaves open: network")).to_be_visible()
    page.locator("select[name=choice-network]").select_option("B2")
    clicked(page, lambda: page.get_by_role("button", name="Freeze", exact=True).click())
    expect(page.get_by_text("The baseline is frozen")).to_be_visible()
    made = Baseline.objects.get()
    assert made.choices == {"facilities": "B1", "network": "B2", "security": "B1"}
    expect(page.get_by_text(made.digest)).to_be_visible()

    page.goto("/norms/baselines/")
    expect(page.get_by_role("link", name="Core trading")).to_be_visible()
    page.goto(f"{HOSTING}clauses/7.1.1-a/")
    expect(page.get_by_role("link", name="Core trading")).to_be_visible()


@pytest.mark.parametrize("path", ["", "compare/?a=A3B3&b=A3%2BB3", "figures/", "?cell=A3%2BB4", "clauses/7.4.5-d/"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_pages_fit_a_phone(visit: Callable[..., Page], reader: User, path: str, language: str) -> None:
    page = visit(HOSTING + path, reader, width=390, language=language)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

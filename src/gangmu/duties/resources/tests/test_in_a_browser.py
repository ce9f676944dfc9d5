"""The keeper's story in Chromium: systems from a file with a fault, what a failure takes along, a dependency ended."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from gangmu.duties.resources.models import Dependency, Resource
from gangmu.duties.resources.tests.conftest import NOW
from gangmu.foundation.access.models import Role
from gangmu.foundation.accounts.models import User
from gangmu.foundation.settings import clock
from gangmu.shell.testing.browser import Site, chromium, clicked, served, visit
from gangmu.shell.testing.worlds import make_user, make_world

__all__ = ["chromium", "visit"]
pytestmark = [pytest.mark.browser]
HEAD = "code,kind,name_zh,name_en,organisation,valid_from,needs,group,needed\n"
GOOD = """APP,system,营销系统,Marketing,G,2026-01-01,DB,,
DB,platform,数据库,Database,G,2026-01-01,FEED-A,power,1
DB,,,,,,FEED-B,power,
FEED-A,feed,一路,Feed A,G,2026-01-01,,,
FEED-B,feed,二路,Feed B,G,2026-01-01,{},,
"""


@pytest.fixture(scope="module")
def site(django_db_setup: None, django_db_blocker: Any) -> Iterator[Site]:
    with django_db_blocker.unblock(), served("resources") as one:
        yield one


@pytest.fixture
def keeper(site: Site, tmp_path: Path) -> Iterator[User]:
    site.stands_at(NOW)
    with clock.frozen(NOW):
        make_world(tmp_path)
        keeps = ["parties:view", "resources:view,export,change"]
        Role.objects.create(code="keeper", name_zh="维护人", name_en="Keeper", site="business", permissions=keeps)
        yield make_user("keeper", "G", "keeper")
    site.stands_at(None)


def give(page: Page, file: Path, needs: str) -> None:
    file.write_text(HEAD + GOOD.format(needs), "utf-8")
    page.goto("/resources/import/")
    page.set_input_files("input[type=file]", str(file))
    clicked(page, lambda: page.get_by_role("button", name="Look at what it would change").click())


def test_systems_come_in_and_show_what_a_failure_takes_along(visit: Callable[..., Page], keeper: User, tmp_path: Path):
    page = visit("/resources/", keeper)
    expect(page.get_by_text("Nothing is registered yet")).to_be_visible()
    give(page, tmp_path / "systems.csv", "APP")
    expect(page.get_by_text("This closes a circle: ").first).to_be_visible()
    give(page, tmp_path / "systems.csv", "")
    expect(page.get_by_text("Nothing has been written yet.")).to_be_visible()
    clicked(page, lambda: page.get_by_role("button", name="Take over", exact=True).click())
    expect(page.get_by_text("4 resources new")).to_be_visible()

    clicked(page, lambda: page.goto("/resources/picture/"))
    assert page.locator("svg.net .net-box").count() == 4
    fill = page.locator("svg.net .net-box rect").first.evaluate("one => getComputedStyle(one).fill")
    assert fill != "rgb(0, 0, 0)", "the style sheet knows the boxes"
    feed = page.get_by_role("list").get_by_role("link", name="Feed A").first
    clicked(page, feed.click)
    clicked(page, lambda: page.get_by_role("link", name="If this fails").click())
    expect(page.get_by_text("Nothing goes along")).to_be_visible()
    clicked(page, lambda: page.get_by_role("link", name="Feed B", exact=True).last.click())
    along = page.locator("section", has=page.get_by_role("heading", name="Goes along", exact=True))
    expect(along.get_by_role("link", name="Marketing")).to_be_visible()
    assert page.locator(".net-lost").count() == 2

    clicked(page, lambda: page.goto(f"/resources/{Resource.objects.get(code='FEED-B').pk}/need/"))
    assert page.locator("select[name=on] option[value=APP]").count() == 0
    page.goto(f"/resources/{Resource.objects.get(code='APP').pk}/")
    clicked(page, lambda: page.get_by_role("link", name="End …").click())
    clicked(page, lambda: page.get_by_role("button", name="End it").click())
    expect(page.get_by_text("Nothing is recorded")).to_be_visible()
    assert Dependency.objects.get(resource__code="APP").valid.upper == clock.today()
    with page.expect_download() as download:
        page.goto("/resources/")
        page.get_by_role("link", name="With dependencies").click()
    assert download.value.suggested_filename == "resources-2026-11-20.xlsx"
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto("/resources/picture/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

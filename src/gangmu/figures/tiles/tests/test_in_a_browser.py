"""A home page in a browser: drawn, drilled into, arranged and given back, on both widths."""

from pathlib import Path

import pytest

from gangmu.figures.tiles.tests.conftest import STANDS_AT, figures_of_the_world
from gangmu.foundation.parties.models import AttributeValue, Organisation
from gangmu.foundation.settings import clock
from gangmu.shell.testing.browser import chromium, clicked, site, swap, visit  # noqa: F401
from gangmu.shell.testing.worlds import make_world

pytestmark = [pytest.mark.browser]
LOADED = """async () => Promise.all(performance.getEntriesByType("resource").filter((one) => one.name.endsWith(".js"))
  .map(async (one) => (await fetch(one.name)).text()))"""
POSITIONS = {"P1": ("118.8", "32.0"), "P2": ("120.2", "30.3"), "P3": ("104.1", "30.7")}


@pytest.fixture(scope="module")
def home(site, tmp_path_factory: pytest.TempPathFactory, django_db_blocker, request):  # noqa: F811
    """The small world on the served site, its plants on the map."""
    folder: Path = tmp_path_factory.mktemp("world")
    with django_db_blocker.unblock(), clock.frozen(STANDS_AT):
        make_world(folder)
        for code, values in POSITIONS.items():
            for name, value in zip(("longitude", "latitude"), values, strict=True):
                AttributeValue.objects.create(
                    organisation=Organisation.objects.get(code=code),
                    name=name,
                    value=value,
                    number=value,
                    valid=("2020-01-01", None),
                )
        figures_of_the_world(folder)
    site.stands_at(STANDS_AT)
    return site


@pytest.mark.req("M-5.4")
def test_a_home_page_is_drawn_drilled_into_arranged_and_given_back(home, visit):  # noqa: F811
    page = visit("/", "group")
    assert page.url.endswith("/home/")
    page.wait_for_selector("[data-tile=map] .chart[data-drawn] svg")
    assert "10.40" in page.inner_text("[data-tile=generation] .tile-number")

    # What the browser has loaded holds Taiwan and the South China Sea islands; the map is drawn under the one name for
    # which they are drawn (the rest is proved by drawing it: frontend/tests/charts.test.ts).
    loaded = "".join(page.evaluate(LOADED))
    assert "台湾" in loaded and "南海诸岛" in loaded
    assert page.locator("[data-tile=map] .chart").get_attribute("data-chart", timeout=1000).count('"area":"china"') == 1

    # A figure explains itself in a window; the period changes the tiles without leaving the page.
    swap(page, lambda: page.click("[data-tile=generation] .figure-link"), "/figures/explain/")
    assert "Generation" in page.inner_text("#explanation-body")
    page.keyboard.press("Escape")
    swap(page, lambda: page.click(".kinds a:has-text('Month')"), "/home/G/")
    assert "58.30" in page.inner_text("[data-tile=generation] .tile-number")
    page.wait_for_selector("[data-tile=regions] .chart[data-drawn] svg")

    # A click on a bar leads to that region's home, and the period goes along.
    box = page.locator("[data-tile=regions] .chart-canvas svg path[fill]").nth(1)
    assert box.count()
    clicked(page, lambda: page.click("summary:has-text('Go down')") or page.click(".board-below a:has-text('West')"))
    assert "/home/R2/" in page.url and "period=2026-11" in page.url
    clicked(page, lambda: page.click("[data-tile=warnings] a:has-text('Plant')"))
    assert "/home/P" in page.url

    # One's own arrangement: hide a tile, drag another, save, and take the shipped one back.
    page.goto("/home/G/?arrange=1")
    page.wait_for_selector("form[data-ready] .grid-stack-item")
    page.click(".grid-stack-item[gs-id=generation] [data-hide]")
    assert page.locator("[data-shelf] [data-bring=generation]").count() == 1
    head = page.locator(".grid-stack-item[gs-id=contribution] .tile-head").bounding_box()
    free = page.locator("[data-grid]").bounding_box()  # where the hidden one stood
    assert head and free
    page.mouse.move(head["x"] + 30, head["y"] + 10)
    page.mouse.down()
    page.mouse.move(free["x"] + 40, head["y"] + 10, steps=12)
    page.mouse.up()
    clicked(page, lambda: page.click("button:has-text('Save')"))
    order = page.eval_on_selector_all("[data-tile]", "tiles => tiles.map(tile => tile.dataset.tile)")
    assert "generation" not in order and order[0] == "contribution"
    page.goto("/home/G/?arrange=1")
    page.wait_for_selector("form[data-ready]")
    clicked(page, lambda: page.click("button:has-text('As shipped')"))
    assert page.locator("[data-tile=generation]").count() == 1


def test_a_map_whose_outline_comes_when_the_page_has_gone_on_is_not_drawn(home, visit):  # noqa: F811
    page = visit("/inbox/", "group")
    held = []
    page.route("**/china*.js", lambda route: held.append(route))
    with page.expect_request("**/china*.js"):
        page.goto("/home/G/")
    old = page.query_selector("[data-tile=map] .chart")
    assert old is not None
    swap(page, lambda: page.click(".kinds a:has-text('Month')"), "/home/G/")
    for route in held:
        route.continue_()
    page.wait_for_selector("[data-tile=map] .chart[data-drawn] svg")
    assert old.evaluate("chart => [chart.isConnected, 'drawn' in chart.dataset]") == [False, False]


FLAT = """async (chart, height) => {
  chart.style.cssText = `height: ${height}; min-height: 0`;
  for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
}"""


def test_a_map_without_room_waits_for_it(home, visit):  # noqa: F811
    page = visit("/inbox/", "group")
    page.add_init_script(
        "document.addEventListener('DOMContentLoaded', () => { const sheet = new CSSStyleSheet();"
        " sheet.replaceSync('.chart { height: 0 !important; min-height: 0 !important }');"
        " document.adoptedStyleSheets.push(sheet); window.roomless = sheet })"
    )
    page.goto("/home/G/")
    page.wait_for_selector("[data-tile=map] .chart-canvas", state="attached")
    page.evaluate("roomless.replaceSync('')")
    page.wait_for_selector("[data-tile=map] .chart[data-drawn] svg")
    drawn = page.locator("[data-tile=map] .chart")
    for height in ("0", "8rem", "0", "20rem"):
        drawn.evaluate(FLAT, height)
    svg = page.locator("[data-tile=map] .chart svg").bounding_box()
    assert svg and svg["height"] > 250


def test_a_phone_has_one_column_and_the_tiles_fit(home, visit):  # noqa: F811
    page = visit("/home/", "group", 390, "zh-hans")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    lefts = page.eval_on_selector_all("[data-tile]", "tiles => tiles.map(tile => tile.getBoundingClientRect().left)")
    assert len(set(lefts)) == 1
    heights = page.eval_on_selector_all(".tile .chart", "charts => charts.map(chart => chart.clientHeight)")
    assert min(heights) > 80

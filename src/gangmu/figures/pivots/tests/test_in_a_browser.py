"""A pivot in a browser: dragged, moved by keys, saved, shared, put on a home page, and its workbook read back."""

from pathlib import Path

import pytest
from openpyxl import load_workbook

from gangmu.figures.cube.gateway import Question, ask
from gangmu.figures.studies.tests.conftest import STANDS_AT, figures_of_studies
from gangmu.foundation.access.scope import SYSTEM
from gangmu.foundation.settings import clock
from gangmu.shell.testing.browser import chromium, clicked, site, swap, visit  # noqa: F401
from gangmu.shell.testing.worlds import make_world

pytestmark = [pytest.mark.browser]
ASKED = "/pivots/?indicator=energy&place=G/children&period=2026-10,2026-11&show=value"


@pytest.fixture(scope="module")
def home(site, tmp_path_factory: pytest.TempPathFactory, django_db_blocker):  # noqa: F811
    """The small world with the figures of studies on the served site."""
    folder: Path = tmp_path_factory.mktemp("world")
    with django_db_blocker.unblock(), clock.frozen(STANDS_AT):
        make_world(folder)
        figures_of_studies(folder)
    site.stands_at(STANDS_AT)
    return site


def drag(page, grip: str, zone: str) -> None:
    """Press on something, draw it onto a zone, let go."""
    start, end = page.locator(grip).bounding_box(), page.locator(f"[data-zone={zone}]").bounding_box()
    assert start and end
    page.mouse.move(start["x"] + 6, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(end["x"] + end["width"] - 12, end["y"] + end["height"] / 2, steps=8)
    page.mouse.up()


def chips(page, zone: str) -> list[str]:
    return page.eval_on_selector_all(f"[data-zone={zone}] [data-chip]", "all => all.map(one => one.dataset.chip)")


def test_a_pivot_is_dragged_saved_shared_put_on_the_home_page_and_read_back(home, visit, tmp_path):  # noqa: F811
    page = visit(ASKED, "group")
    page.wait_for_selector("form[data-pivot][data-ready]")
    assert chips(page, "rows") == ["place", "indicator"]

    # A chip is dragged from the columns onto the rows; an offer from its palette; keys move a chip on.
    swap(page, lambda: drag(page, "#chip-period", "rows"), "/pivots/")
    assert chips(page, "rows") == ["place", "indicator", "period"] and "rows=" in page.url
    page.click("#palette-indicator summary")
    swap(page, lambda: drag(page, "[data-drag=indicator][data-value=earned]", "rows"), "/pivots/")
    assert page.locator("input[name=indicator][value=earned]").is_checked()
    assert chips(page, "rows") == ["place", "period", "indicator"]
    page.focus("#chip-period")
    swap(page, lambda: page.keyboard.press("ArrowRight"), "/pivots/")
    assert chips(page, "columns") == ["show", "period"]
    swap(page, lambda: page.click("#chip-period button[value='period:rows']"), "/pivots/")
    assert chips(page, "rows") == ["place", "indicator", "period"]

    # The address is the pivot: opened anew it is the same.
    shown = page.inner_text(".pivot-table")
    assert "2,850.0" in shown and "424.67" in shown
    page.goto(page.url)
    assert page.inner_text(".pivot-table") == shown

    # What is read back from the workbook is what the gateway answers.
    with page.expect_download() as got:
        page.click(".pivot-tools a[download]")
    path = tmp_path / "pivot.xlsx"
    got.value.save_as(path)
    sheet = load_workbook(path, data_only=True).worksheets[0]
    read: dict[tuple[str, str, str], object] = {}
    names = ["", "", ""]
    for row in sheet.iter_rows(min_row=5, values_only=True):
        names = [str(cell) if cell else name for cell, name in zip(row[:3], names, strict=True)]
        if row[3] is not None:
            read[names[0], names[1], names[2]] = row[3]
    with clock.frozen(STANDS_AT):
        for code, name in (("energy", "Energy (MWh)"), ("earned", "Earned per energy (CNY/MWh)")):
            for period, words in (("2026-10", "October 2026"), ("2026-11", "November 2026")):
                (total,) = ask(Question((code,), ("G",), (period,)), SYSTEM).rows
                assert read["Example Group, total", name, words] == float(total.value or 0)
                (west, *_rest) = (row for row in ask(Question((code,), ("G",), (period,), by="children"), SYSTEM).rows
                                  if row.group == "R2")  # fmt: skip
                assert read["West Company", name, words] == float(west.value or 0)

    # Saved and shared with the west, on the home page of its owner.
    clicked(page, lambda: page.click(".pivot-tools a:has-text('Save')"))
    page.fill("input[name=name]", "Energy and what it earned")
    page.select_option("select[name=organisation]", "R2")
    clicked(page, lambda: page.click("main form button[type=submit]"))
    assert "Energy and what it earned" in page.inner_text(".pivot-title")
    page.click(".pivot-tools details summary")
    clicked(page, lambda: page.click("button:has-text('Put on my home pages')"))
    page.goto("/home/G/")
    assert "2,090.0" in page.inner_text("[data-tile^=pivot-]")
    colleague = visit("/pivots/saved/", "present")
    clicked(colleague, lambda: colleague.click("a:has-text('Energy and what it earned')"))
    assert "cannot be answered" in colleague.inner_text("main")  # the group's figures are not theirs


def test_a_pivot_is_used_on_a_phone(home, visit):  # noqa: F811
    page = visit(ASKED, "group")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(ASKED)
    page.wait_for_selector("form[data-pivot][data-ready]")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    swap(page, lambda: page.click("#chip-period button[value='period:rows']"), "/pivots/")
    assert chips(page, "rows") == ["place", "indicator", "period"]
    page.click("#palette-show summary")
    swap(page, lambda: page.click("#palette-show label:has-text('Period on period')"), "/pivots/")
    assert "+90.00%" in page.inner_text(".pivot-table")

"""The grid on a line that drops, beside a colleague, and in a browser that several people use: nothing is lost."""

import pytest
from playwright.sync_api import expect

from gangmu.figures.filing.models import Sheet
from gangmu.figures.filing.tests.grids import Grid, chromium, grid, sheet, site, small, stored, visit, write_as
from gangmu.foundation.accounts.models import SignIn
from gangmu.foundation.settings import clock
from gangmu.shell.testing.browser import signed_in_cookies

__all__ = ["chromium", "grid", "sheet", "site", "small", "visit"]

pytestmark = pytest.mark.browser


def test_a_line_that_drops_loses_nothing(grid, sheet, small):
    """Offline in the middle of filing: the draft is there after a reload, and both people's cells after the sync."""
    one = grid()
    one.paste("600", ("P1U1", "gen"))
    one.is_saved()
    one.page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    one.page.wait_for_function(
        "() => caches.open('gangmu-pages').then(cache => cache.keys()).then(keys => keys.length > 0)"
    )
    one.page.context.set_offline(True)
    one.paste("300", ("P1U2", "gen"))
    one.paste("24", ("P1U1", "hours"))
    expect(one.form).to_have_attribute("data-line", "offline")
    one.is_kept()
    write_as(small.colleague, sheet, ("P1U2", "hours", "12"), ("P1", "burnt", "77"))

    one.page.reload()
    again = Grid(one.page)
    assert again.values(("P1U1", "gen"), ("P1U2", "gen"), ("P1U1", "hours")) == ["600", "300", "24"]
    expect(again.form).to_have_attribute("data-line", "offline")
    assert again.values(("P1U2", "hours")) == [""]

    again.page.context.set_offline(False)
    again.is_saved()
    again.has("P1", "burnt", "news")
    assert again.values(("P1U2", "hours"), ("P1", "burnt")) == ["12", "77"]
    assert stored(sheet) == {
        ("P1U1", "gen"): "600",
        ("P1U2", "gen"): "300",
        ("P1U1", "hours"): "24",
        ("P1U2", "hours"): "12",
        ("P1", "burnt"): "77",
    }


@pytest.mark.parametrize("whose", ["mine", "theirs"])
def test_two_figures_for_one_cell_are_shown_and_not_decided(grid, sheet, small, whose):
    one = grid()
    one.page.context.set_offline(True)
    one.paste("600", ("P1U1", "gen"))
    write_as(small.colleague, sheet, ("P1U1", "gen", "590"))
    one.page.context.set_offline(False)
    one.has("P1U1", "gen", "conflict")
    expect(one.box("P1U1", "gen").locator(".cell-theirs")).to_contain_text("colleague")
    expect(one.box("P1U1", "gen").locator(".cell-theirs")).to_contain_text("590")
    assert one.values(("P1U1", "gen")) == ["600"]
    assert stored(sheet) == {("P1U1", "gen"): "590"}
    expect(one.card()).to_contain_text("colleague wrote 590")

    one.is_kept()
    one.page.reload()  # it is still undecided afterwards
    one = Grid(one.page)
    one.has("P1U1", "gen", "conflict")
    one.page.click("a[data-grid-onwards]")
    expect(one.said()).to_contain_text("holds two figures")
    one.press("F8")
    one.card().get_by_text("Keep mine" if whose == "mine" else "Take theirs").click()
    one.is_saved()
    expected = "600" if whose == "mine" else "590"
    assert one.values(("P1U1", "gen")) == [expected]
    assert stored(sheet) == {("P1U1", "gen"): expected}


def test_a_colleague_is_seen_without_reloading(grid, sheet, small):
    one, other = grid(), grid("colleague")
    one.paste("600", ("P1U1", "gen"))
    one.is_saved()
    other.paste("300", ("P1U2", "gen"))
    other.has("P1U1", "gen", "news")
    other.cell("P1U1", "gen").click()
    assert other.values(("P1U1", "gen")) == ["600"]
    assert "news" not in other.state("P1U1", "gen")


def test_what_is_still_being_typed_survives_a_reload(grid, sheet):
    one = grid()
    one.page.context.set_offline(True)
    one.cell("P1U1", "gen").click()
    one.page.keyboard.type("61")
    one.page.context.set_offline(False)
    one.page.reload()
    again = Grid(one.page)
    again.is_saved()
    assert again.values(("P1U1", "gen")) == ["61"]
    assert stored(sheet) == {("P1U1", "gen"): "61"}


def test_copies_of_pages_go_with_who_signs_out_and_drafts_stay(grid, sheet, small, site):
    one = grid()
    kept = "() => caches.open('gangmu-pages').then(cache => cache.keys()).then(keys => keys.length)"
    one.page.wait_for_function(f"{kept}.then(count => count > 0)")
    one.page.context.set_offline(True)
    one.paste("600", ("P1U1", "gen"))
    one.is_kept()
    one.page.context.clear_cookies()
    one.page.context.set_offline(False)
    with one.page.expect_navigation(url="**/sign-in/**"):
        one.page.goto("/filing/")
    one.page.wait_for_function(f"{kept}.then(count => count === 0)")

    one.page.context.add_cookies(signed_in_cookies(small.colleague, site.url))
    one.page.goto(f"/filing/sheets/{sheet.pk}/edit/")
    other = Grid(one.page)
    assert other.values(("P1U1", "gen")) == [""]

    one.page.context.clear_cookies()
    one.page.context.add_cookies(signed_in_cookies(small.clerk, site.url))
    one.page.goto(f"/filing/sheets/{sheet.pk}/edit/")
    again = Grid(one.page)
    again.is_saved()
    assert again.values(("P1U1", "gen")) == ["600"]


def test_a_sheet_that_is_submitted_under_ones_hands(grid, sheet):
    one = grid()
    one.paste("600", ("P1U1", "gen"))
    one.is_saved()
    Sheet.objects.filter(pk=sheet.pk).update(status=Sheet.Status.SUBMITTED)
    one.paste("24", ("P1U1", "hours"))
    one.has("P1U1", "hours", "locked")
    expect(one.page.locator("[data-grid=line]")).to_contain_text("one cell of yours is not in it")
    assert stored(sheet) == {("P1U1", "gen"): "600"}
    Sheet.objects.filter(pk=sheet.pk).update(status=Sheet.Status.RETURNED)
    one.page.reload()
    Grid(one.page).is_saved()  # it was kept, and goes along now
    assert stored(sheet)[("P1U1", "hours")] == "24"


def test_somebody_else_in_the_same_browser_does_not_save_my_cells(grid, sheet, small, site):
    one = grid()
    one.page.context.clear_cookies()
    one.page.context.add_cookies(signed_in_cookies(small.colleague, site.url))
    one.paste("600", ("P1U1", "gen"))
    expect(one.form).to_have_attribute("data-line", "refused")
    expect(one.page.locator("[data-grid=line]")).to_contain_text("Somebody else has signed in")
    assert stored(sheet) == {}
    one.page.context.clear_cookies()
    one.page.context.add_cookies(signed_in_cookies(small.clerk, site.url))
    one.press("Control+s")
    one.is_saved()
    assert stored(sheet) == {("P1U1", "gen"): "600"}


@pytest.mark.req("M-5.8.1.2")
def test_who_signs_in_elsewhere_is_told_in_the_grid_and_loses_nothing(grid, sheet, small, site):
    one = grid()
    ousted = {"ended_at": clock.now(), "end_reason": "elsewhere", "ended_from": "192.0.2.9"}
    SignIn.objects.filter(user=small.clerk).update(**ousted)
    one.paste("600", ("P1U1", "gen"))
    expect(one.form).to_have_attribute("data-line", "signed-out")
    expect(one.page.locator("[data-grid=line]")).to_contain_text("signed in elsewhere")
    one.is_kept()
    assert stored(sheet) == {}
    one.page.reload()
    expect(one.page.get_by_text("signed in elsewhere")).to_be_visible()
    assert one.page.url.endswith(f"/sign-in/?next=/filing/sheets/{sheet.pk}/edit/")
    one.page.context.clear_cookies()
    one.page.context.add_cookies(signed_in_cookies(small.clerk, site.url))
    one.page.goto(f"/filing/sheets/{sheet.pk}/edit/")
    again = Grid(one.page)
    again.is_saved()
    assert stored(sheet) == {("P1U1", "gen"): "600"}


def test_signed_out_in_the_middle(grid, sheet, small, site):
    one = grid()
    one.page.context.clear_cookies(name="gangmu_business")
    one.paste("600", ("P1U1", "gen"))
    expect(one.form).to_have_attribute("data-line", "signed-out")
    one.is_kept()
    one.page.context.add_cookies(signed_in_cookies(small.clerk, site.url))
    one.press("Control+s")
    one.is_saved()
    assert stored(sheet) == {("P1U1", "gen"): "600"}

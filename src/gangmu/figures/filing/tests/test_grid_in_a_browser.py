"""The grid in a real browser: blocks, keys, faults at their cells, a line that drops, two people, and the bytes."""

import itertools
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from gangmu.figures.filing.models import Cell, Sheet
from gangmu.figures.filing.services import Edit, open_sheet, save_cells
from gangmu.figures.filing.tests.small import DAY, NOW, Small, make_small, organisation
from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock
from gangmu.shell.testing.browser import Wire, chromium, signed_in_cookies, site, visit

__all__ = ["chromium", "site", "visit"]

pytestmark = pytest.mark.browser

GRID_BUDGET = 220_000
INTERACTION_BUDGET = 15_000


@pytest.fixture(scope="module")
def small(site, tmp_path_factory) -> Small:
    site.stands_at(NOW)
    with clock.frozen(NOW):
        return make_small(tmp_path_factory.mktemp("world"))


DAYS = (DAY.start - timedelta(days=count) for count in itertools.count(0, 2))


@pytest.fixture
def sheet(small) -> Sheet:
    """An empty sheet: of a day of its own for each test."""
    with clock.frozen(NOW), acting_as(small.clerk) as scope:
        return open_sheet(small.form, organisation("P1"), Period.day(next(DAYS)), by=small.clerk, scope=scope)


class Grid:
    """The grid on a page, by the names that a clerk has for its cells."""

    def __init__(self, page: Page):
        self.page = page
        self.form = page.locator("form.sheet-grid")
        expect(self.form).to_have_attribute("data-ready", "")

    def cell(self, code: str, indicator: str):
        return self.page.locator(f'input[name="{organisation(code).pk}:{indicator}"]')

    def box(self, code: str, indicator: str):
        return self.cell(code, indicator).locator("xpath=..")

    def state(self, code: str, indicator: str) -> list[str]:
        return (self.box(code, indicator).get_attribute("data-state") or "").split()

    def has(self, code: str, indicator: str, state: str) -> None:
        expect(
            self.page.locator(f'td[data-state~="{state}"] > input[name="{organisation(code).pk}:{indicator}"]')
        ).to_have_count(1)

    def values(self, *names: tuple[str, str]) -> list[str]:
        return [self.cell(*name).input_value() for name in names]

    def is_saved(self) -> None:
        expect(self.form).to_have_attribute("data-line", "saved")

    def is_kept(self) -> None:
        """What was typed lies on the device."""
        expect(self.form).to_have_attribute("data-kept", "true")

    def paste(self, text: str, at: tuple[str, str]) -> None:
        """As the browser does it when the clipboard holds `text`."""
        self.cell(*at).click()
        self.cell(*at).evaluate(
            """(input, text) => {
                const data = new DataTransfer();
                data.setData('text/plain', text);
                data.setData('text/html', '<table><tr><td>another thing</td></tr></table>');
                const options = {clipboardData: data, bubbles: true, cancelable: true};
                input.dispatchEvent(new ClipboardEvent('paste', options));
            }""",
            text,
        )

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def said(self):
        return self.page.locator(".grid-said")

    def card(self):
        return self.page.locator(".grid-card")

    def active(self) -> str:
        return self.page.evaluate("document.activeElement.name")


@pytest.fixture
def grid(visit, small, sheet):
    def open_grid(user="clerk", width=1440, language="en", **options) -> Grid:
        return Grid(visit(f"/filing/sheets/{sheet.pk}/edit/", user, width, language, **options))

    return open_grid


def stored(sheet: Sheet) -> dict[tuple[str, str], str]:
    rows = Cell.objects.filter(sheet=sheet).values_list("organisation__code", "indicator__code", "text")
    return {(code, indicator): text for code, indicator, text in rows}


def write_as(user, sheet: Sheet, *cells: tuple[str, str, str], base: int | None = None) -> None:
    """A colleague saves cells meanwhile, on another machine."""
    seen = Sheet.objects.get(pk=sheet.pk).version if base is None else base
    edits = [Edit(organisation(code).pk, indicator, text, base_version=seen) for code, indicator, text in cells]
    with clock.frozen(NOW), acting_as(user) as scope:
        saved = save_cells(sheet, edits, by=user, key="", scope=scope)
    assert not saved.conflicts


def test_a_block_is_pasted_and_saved(grid, sheet):
    one = grid()
    one.paste("1,200.5\tRunning\t24\r\n600\t停机\t0\r\n", ("P1U1", "gen"))
    one.is_saved()
    assert stored(sheet) == {
        ("P1U1", "gen"): "1,200.5",
        ("P1U1", "state"): "Running",
        ("P1U1", "hours"): "24",
        ("P1U2", "gen"): "600",
        ("P1U2", "state"): "停机",
        ("P1U2", "hours"): "0",
    }
    assert one.page.locator("[data-grid=filled]").inner_text() == "6 of 10 filled"


def test_what_lies_beyond_the_edge_is_said(grid, sheet):
    one = grid()
    one.paste("1\t2\t3\t4\r\n5\t6\t7\t8\r\n9\t9\t9\t9", ("P1U1", "hours"))
    expect(one.said()).to_contain_text("One row lay beyond the edge")
    expect(one.said()).to_contain_text("3 columns lay beyond the edge")
    one.is_saved()
    assert stored(sheet) == {("P1U1", "hours"): "1", ("P1U2", "hours"): "5"}


def test_the_keyboard_alone_is_enough(grid, sheet):
    one = grid()
    unit = organisation("P1U1").pk
    one.cell("P1U1", "gen").focus()
    one.page.keyboard.type("600")
    one.press("Tab")
    one.page.keyboard.type("Running")
    one.press("Tab")
    one.page.keyboard.type("24")
    one.press("Enter")  # down, and back to where the row was begun
    assert one.active() == f"{organisation('P1U2').pk}:gen"
    one.page.keyboard.type("3")
    one.press("ArrowUp", "ArrowDown", "F2")
    one.page.keyboard.type("00")
    one.press("ArrowLeft", "Enter")  # inside the text arrows stay in it
    assert one.values(("P1U2", "gen")) == ["300"]
    assert one.active().endswith(":stock_open"), "below the last row the next section begins"
    one.press("ArrowUp", "ArrowRight", "ArrowUp")
    assert one.active() == f"{unit}:state"
    one.press("Shift+ArrowRight", "Shift+ArrowDown", "Control+d")
    one.is_saved()
    assert stored(sheet) == {
        ("P1U1", "gen"): "600",
        ("P1U1", "state"): "Running",
        ("P1U1", "hours"): "24",
        ("P1U2", "gen"): "300",
        ("P1U2", "state"): "Running",
        ("P1U2", "hours"): "24",
    }
    one.press("Delete", "Control+Home")
    one.page.keyboard.type("7")
    one.press("Escape")
    assert one.values(("P1U1", "gen"), ("P1U2", "hours")) == ["600", ""]
    one.press("Control+a")
    expect(one.page.locator(".grid-totals")).to_have_text("2 figures · sum 900 · mean 450.00")
    one.is_saved()
    assert stored(sheet)["P1U2", "hours"] == ""


def test_what_was_done_is_undone_and_done_again(grid, sheet):
    one = grid()
    one.cell("P1U1", "gen").click()
    one.page.keyboard.type("5")
    one.press("Enter")
    one.paste("1\tRunning\n2\tStopped", ("P1U1", "gen"))
    cells = [("P1U1", "gen"), ("P1U1", "state"), ("P1U2", "gen"), ("P1U2", "state")]
    assert one.values(*cells) == ["1", "Running", "2", "Stopped"]
    one.press("Control+z")
    assert one.values(*cells) == ["5", "", "", ""]
    one.press("Control+z")
    assert one.values(*cells) == ["", "", "", ""]
    one.press("Control+z")
    expect(one.said()).to_have_text("There is nothing to undo.")
    one.press("Control+y", "Control+Shift+z")
    assert one.values(*cells) == ["1", "Running", "2", "Stopped"]
    one.is_saved()
    assert stored(sheet)["P1U2", "gen"] == "2"


def test_a_fault_is_shown_at_its_cell_and_goes_when_it_is_mended(grid, sheet):
    one = grid()
    one.paste("--", ("P1U1", "gen"))
    one.has("P1U1", "gen", "faulty")
    expect(one.card()).to_contain_text("is no figure")
    expect(one.page.locator("[data-grid=faults]")).to_have_text("One fault")
    assert one.cell("P1U1", "gen").get_attribute("aria-invalid") == "true"
    one.page.keyboard.type("1.25")
    one.press("Enter", "ArrowUp")
    one.is_saved()
    one.has("P1U1", "gen", "faulty")  # generation has one decimal
    one.press("F6", "Enter")  # the card's button: take the rounding
    one.has("P1U1", "gen", "rounded")
    one.is_saved()
    assert "faulty" not in one.state("P1U1", "gen")
    kept = Cell.objects.get(sheet=sheet, indicator__code="gen")
    assert (kept.text, kept.value) == ("1.25", 13)


def test_what_a_rule_finds_stands_at_its_cells(grid, sheet):
    one = grid()
    one.paste("100\n50\n60\n95", ("P1", "stock_open"))
    one.has("P1", "burnt", "faulty")
    one.has("P1", "stock_open", "faulty")
    one.cell("P1", "stock").click()
    expect(one.card()).to_contain_text("The stock balances")
    one.page.keyboard.type("90")
    one.press("Enter")
    expect(one.page.locator("[data-grid=faults]")).to_be_hidden()
    one.paste("99999", ("P1U1", "gen"))
    one.has("P1U1", "gen", "warned")
    expect(one.card()).to_contain_text("say why when you submit")


def test_a_unit_that_stands_still(grid, sheet):
    one = grid()
    one.page.locator(f'button[data-idle="{organisation("P1U2").pk}"]').click()
    assert one.values(("P1U2", "gen"), ("P1U2", "state"), ("P1U2", "hours")) == ["out of service", "out of service", ""]
    one.has("P1U2", "gen", "idle")
    one.is_saved()
    marks = Cell.objects.filter(sheet=sheet).values_list("indicator__code", "mark", "value")
    assert set(marks) == {("gen", 1, 0), ("state", 1, None)}
    one.page.reload()
    Grid(one.page).has("P1U2", "gen", "idle")


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


def test_comments_on_a_cell(grid, sheet):
    one = grid()
    one.cell("P1U1", "gen").click()
    one.press("Shift+F2")
    one.page.keyboard.type("Meter was changed at noon")
    one.press("Control+Enter")
    expect(one.page.locator(".grid-remark")).to_contain_text("Meter was changed at noon")
    one.press("Escape")
    one.has("P1U1", "gen", "remarks")
    assert sheet.remarks.get().words == "Meter was changed at noon"


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


def test_without_script_it_is_a_form(visit, small, sheet):
    page = visit(f"/filing/sheets/{sheet.pk}/edit/", "clerk", java_script_enabled=False)
    name = f"{organisation('P1U1').pk}"
    page.fill(f'input[name="{name}:gen"]', "600")
    page.fill(f'input[name="{name}:state"]', "Running")
    write_as(small.colleague, sheet, ("P1U1", "hours", "24"))
    page.click("button >> text=Save")
    assert "2 cells were saved" in page.locator(".alert-success").inner_text()
    assert stored(sheet) == {("P1U1", "gen"): "600", ("P1U1", "state"): "Running", ("P1U1", "hours"): "24"}
    page.fill(f'input[name="{name}:gen"]', "601")
    write_as(small.colleague, sheet, ("P1U1", "gen", "590"))
    page.click("button >> text=Save")
    assert "you typed 601, but colleague has written 590" in page.locator(".alert-danger").inner_text()
    assert stored(sheet)["P1U1", "gen"] == "590"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("width", [1440, 390])
def test_it_fits_its_window(grid, width, language):
    one = grid(width=width, language=language)
    one.cell("P1U2", "hours").click()
    one.page.keyboard.type("24")
    one.cell("P1", "burnt").click()
    one.is_saved()
    assert one.page.evaluate("document.documentElement.scrollWidth") <= width
    for name in (("P1U2", "hours"), ("P1", "burnt")):
        box = one.cell(*name).bounding_box()
        assert box is not None and box["width"] >= 80 and box["height"] >= (40 if width == 390 else 28)
    for part in (".grid-bar", ".grid-foot", ".grid-wide", ".grid-tall"):
        box = one.page.locator(part).first.bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= width, part


def test_the_grid_fits_a_slow_line(chromium, site, small, sheet):
    context = chromium.new_context(base_url=site.url)
    context.add_cookies(signed_in_cookies(small.clerk, site.url))
    page = context.new_page()
    wire = Wire(page)
    page.goto(f"/filing/sheets/{sheet.pk}/edit/")
    page.wait_for_load_state("networkidle")
    one = Grid(page)
    page.wait_for_function(
        "() => caches.open('gangmu-pages').then(cache => cache.keys()).then(keys => keys.length > 0)"
    )
    assert wire.total <= GRID_BUDGET, wire.sizes
    wire.clear()
    one.paste("600\tRunning\t24\n300\tStopped\t1.255", ("P1U1", "gen"))
    one.is_saved()
    one.has("P1U2", "hours", "faulty")
    assert 0 < wire.total <= INTERACTION_BUDGET, wire.sizes
    context.close()

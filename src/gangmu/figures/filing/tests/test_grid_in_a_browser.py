"""The grid in a real browser: blocks, keys, faults at cells, comments, without script, many stations, the bytes."""

import pytest
from playwright.sync_api import expect

from gangmu.figures.filing.models import Cell, Sheet
from gangmu.figures.filing.services import open_sheet
from gangmu.figures.filing.tests.grids import Grid, chromium, grid, sheet, site, small, stored, visit, write_as
from gangmu.figures.filing.tests.small import NOW, organisation
from gangmu.foundation.parties.services import load_organisations
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock
from gangmu.shell.testing.browser import Wire, signed_in_cookies
from gangmu.shell.testing.worlds import make_user

__all__ = ["chromium", "grid", "sheet", "site", "small", "visit"]

pytestmark = pytest.mark.browser

GRID_BUDGET = 220_000
INTERACTION_BUDGET = 15_000


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


@pytest.fixture
def stations(small, sheet, tmp_path) -> list[Sheet]:
    """The sheets of five stations, which their control centre fills in."""
    rows = ["code,name_zh,name_en,kind,parent,valid_from,valid_to,capacity_mw,fuel,province"]
    for number in range(10, 15):
        rows.append(f"P{number},第{number}电厂,Plant {number},plant,R2,2020-01-01,,,coal,四川")
        rows.append(f"P{number}U1,第{number}电厂1号机,Plant {number} Unit 1,unit,P{number},2020-01-01,,100,,")
    (tmp_path / "stations.csv").write_text("\n".join(rows), "utf-8")
    assert not load_organisations(tmp_path / "stations.csv").problems
    make_user("centre", "R2", "clerk")
    period = Period.day(sheet.period)
    with clock.frozen(NOW):
        return [open_sheet(small.form, organisation(f"P{number}"), period, by=None) for number in range(10, 15)]


def test_a_control_centre_fills_in_many_stations_at_once(visit, stations):
    first, *others = stations
    with_others = ",".join(str(other.pk) for other in others)
    one = Grid(visit(f"/filing/sheets/{first.pk}/edit/?with={with_others}", "centre"))
    one.paste("\n".join(f"{count}00\tRunning\t24" for count in range(1, 6)), ("P10U1", "gen"))
    one.paste("\n".join(["70"] * 5), ("P10", "burnt"))
    one.is_saved()
    for count, other in enumerate(stations, start=1):
        assert stored(other) == {
            (f"P{9 + count}U1", "gen"): f"{count}00",
            (f"P{9 + count}U1", "state"): "Running",
            (f"P{9 + count}U1", "hours"): "24",
            (f"P{9 + count}", "burnt"): "70",
        }
    one.cell("P14U1", "gen").click()
    one.press("Shift+F2")
    one.page.keyboard.type("Meter of station 14")
    one.press("Control+Enter")
    expect(one.page.locator(".grid-remark")).to_contain_text("Meter of station 14")
    assert stations[-1].remarks.get().words == "Meter of station 14"

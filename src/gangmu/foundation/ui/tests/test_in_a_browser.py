"""The pages in a real browser: the strict policy holds, htmx swaps what it should, nothing typed is lost."""

import pytest
from playwright.sync_api import expect

from gangmu.foundation.accounts.models import User
from gangmu.foundation.ui.tests.test_pages import PAGES
from gangmu.shell.testing.browser import Wire, chromium, site, swap, visit
from gangmu.shell.testing.worlds import let_in

__all__ = ["chromium", "site", "visit"]

pytestmark = pytest.mark.browser

SIGN_IN_BUDGET = 60_000
INTERACTION_BUDGET = 15_000


@pytest.fixture(scope="module")
def someone(site):
    return let_in(User.objects.create(username="wu", name="Wu"))


@pytest.fixture
def open_page(visit, someone):
    def open_one(path, width=1440, **options):
        return visit(path, someone, width, **options)

    return open_one


def test_every_page_fits_its_window_and_obeys_the_policy(open_page):
    for width in (1440, 390):
        page = open_page("/ui/", width)
        for path in PAGES:
            page.goto(path)
            page.wait_for_load_state("networkidle")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
            assert page.evaluate("getComputedStyle(document.querySelector('.skip-link')).position") == "fixed"


@pytest.mark.parametrize(("scheme", "theme", "dark"), [("dark", "auto", 1), ("light", "auto", 0), ("light", "dark", 1)])
def test_dark_is_dark(open_page, scheme, theme, dark):
    page = open_page("/ui/form/", color_scheme=scheme)
    page.context.add_cookies([{"name": "gangmu_theme", "value": theme, "url": page.url}])
    page.reload()
    brightness = page.evaluate(
        """() => { const c = document.createElement('canvas').getContext('2d');
           c.fillStyle = getComputedStyle(document.body).backgroundColor; c.fillRect(0, 0, 1, 1);
           return c.getImageData(0, 0, 1, 1).data[0]; }"""
    )
    assert (brightness < 60) == bool(dark), brightness


def test_a_list_fetches_its_results_alone(open_page):
    page = open_page("/ui/list/")
    rows = page.locator("tbody tr")
    swap(page, lambda: page.fill("input[type=search]", "savedview"), "q=savedview")
    assert rows.count() == 1
    assert page.url.endswith("/ui/list/?q=savedview")
    swap(page, lambda: page.fill("input[type=search]", ""), "/ui/list/")
    answer = swap(page, lambda: page.click("th .sort >> text=Model"), "sort=")
    assert answer.request.headers["hx-target"] == "div#list-results"
    assert "<html" not in answer.text()
    assert len(answer.body()) and page.locator(".side").count() == 1
    answer = swap(page, lambda: page.click(".pagination a[rel=next]"), "page=2")
    assert "sort=" in page.url and page.locator(".page-item.active").inner_text() == "2"
    sizes = answer.request.sizes()
    assert sizes["responseBodySize"] <= INTERACTION_BUDGET
    page.go_back()
    expect(page.locator(".page-item.active")).to_have_text("1")


def test_columns_are_chosen_when_the_menu_closes_and_the_order_stays(open_page):
    page = open_page("/ui/list/?sort=-model")
    page.click("summary >> text=Columns")
    page.check("input[name=col][value=length]")
    page.uncheck("input[name=col][value=day]")
    swap(page, lambda: page.click("h1"), "col=length")
    assert "sort=-model" in page.url
    assert page.locator("thead th").all_inner_texts()[-1] == "Length"
    # the length of a page, at its foot, belongs to the same form and counts at once
    swap(page, lambda: page.select_option("select[name=per_page]", "100"), "per_page=100")
    assert "col=length" in page.url and "sort=-model" in page.url


FILLED = {"#id_code": "P01", "#id_name": "Plant", "#id_day": "2026-11-20", "#id_capacity": "660"}


def test_a_faulty_form_says_so_without_leaving_the_page(open_page):
    page = open_page("/ui/form/")
    for field, value in FILLED.items():
        page.fill(field, value)
    swap(page, lambda: page.click("button[type=submit] >> text=Save"), "/ui/form/")
    assert page.evaluate("document.activeElement.className").endswith("form-errors")
    assert page.input_value("#id_name") == "Plant"
    page.select_option("#id_fuel", "coal")
    with page.expect_navigation():
        page.click("button[type=submit] >> text=Save")
    assert page.locator(".alert-success").inner_text() == "Saved: Plant"


def test_an_expired_mark_is_renewed_and_the_second_press_saves(open_page):
    page = open_page("/ui/form/")
    for field, value in FILLED.items():
        page.fill(field, value)
    page.select_option("#id_fuel", "coal")
    page.context.clear_cookies(name="gangmu_business_csrf")
    page.context.add_cookies([{"name": "gangmu_business_csrf", "value": "x" * 32, "url": page.url}])
    swap(page, lambda: page.click("button[type=submit] >> text=Save"), "/ui/form/")
    assert "press the button once more" in page.locator("#toasts").inner_text()
    assert page.input_value("#id_name") == "Plant"
    with page.expect_navigation():
        page.click("button[type=submit] >> text=Save")
    assert page.locator(".alert-success").count() == 1


def test_a_form_sent_into_a_dead_line_stays_as_it_is(open_page):
    page = open_page("/ui/form/")
    page.fill("#id_name", "typed with care")
    page.context.set_offline(True)
    page.click("button[type=submit] >> text=Save")
    page.wait_for_selector("#toasts .toast")
    assert "No answer from the server" in page.locator("#toasts").inner_text()
    assert page.input_value("#id_name") == "typed with care"
    page.context.set_offline(False)
    swap(page, lambda: page.click("button[type=submit] >> text=Save"), "/ui/form/")
    assert page.locator(".form-errors").count() == 1


def test_the_slider_moves_to_the_day_of_the_change_before(open_page):
    page = open_page("/ui/?day=2026-06-01")
    swap(page, lambda: page.click("[data-step='-1']"), "day=2026-04-01")
    assert page.locator("#guide-tree time").inner_text() == "2026-04-01"
    assert page.url.endswith("day=2026-04-01")


def test_progress_asks_again_until_it_is_done(open_page):
    page = open_page("/ui/")
    page.wait_for_selector("progress[value='100']", timeout=20_000)
    assert page.locator(".job-progress[hx-get]").count() == 0


def test_pages_work_without_script(open_page):
    page = open_page("/ui/list/", 390, java_script_enabled=False)
    page.fill("input[name=q]", "savedview")
    page.press("input[name=q]", "Enter")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.click("button[popovertarget=side]")
    page.wait_for_selector(".side:popover-open")
    page.goto("/ui/form/")
    page.fill("#id_name", "Plant")
    page.click("button[type=submit] >> text=Save")
    expect(page.locator(".form-errors")).to_have_count(1)
    assert page.input_value("#id_name") == "Plant"


def test_the_sign_in_page_fits_a_slow_line(chromium, site):
    context = chromium.new_context(base_url=site.url)
    page = context.new_page()
    wire = Wire(page)
    page.goto("/sign-in/")
    page.wait_for_load_state("networkidle")
    assert len(wire.sizes) >= 3 and wire.total <= SIGN_IN_BUDGET, wire.sizes
    wire.clear()
    page.reload()
    page.wait_for_load_state("networkidle")
    again = [size for _address, size in wire.sizes if size > 1000]
    assert len(again) == 1, "only the page itself comes anew; the rest is kept by its hash"
    context.close()

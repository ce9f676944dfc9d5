"""The pages in a real browser: the strict policy holds, htmx swaps what it should, nothing typed is lost."""

import threading

import pytest
from django.contrib.auth import get_user_model
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.test import override_settings
from playwright.sync_api import sync_playwright

from gangmu.foundation.ui import assets
from gangmu.foundation.ui.tests.conftest import signed_in
from gangmu.foundation.ui.tests.test_pages import PAGES
from gangmu.shell.testing.plugin import own_database

pytestmark = pytest.mark.browser

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
ABOUT_THE_LINE = ("Failed to load resource", "htmx: htmx:error: Failed to fetch")  # refusals and dead lines are tested
SIGN_IN_BUDGET = 60_000
INTERACTION_BUDGET = 15_000


class QuietHandler(WSGIRequestHandler):
    def log_message(self, format, *args):
        pass


class Server(ThreadedWSGIServer):
    daemon_threads = True

    def process_request_thread(self, request, client_address):
        super().process_request_thread(request, client_address)
        connections.close_all()


@pytest.fixture(scope="module")
def chromium():
    assert assets.manifest(), "build the front end first: npm ci && npm run build"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(django_db_setup, django_db_blocker):
    """The site on a database of its own, served by threads of this process."""
    with django_db_blocker.unblock(), own_database("browser"), override_settings(DEMONSTRATION=True):
        server = Server(("127.0.0.1", 0), QuietHandler)
        server.set_app(get_wsgi_application())
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def cookies(site):
    user = get_user_model().objects.create(username="wu", name="Wu")
    jar = signed_in(user).cookies
    return [{"name": name, "value": morsel.value, "url": site} for name, morsel in jar.items()]


@pytest.fixture
def open_page(chromium, site, cookies):
    """Opens an address as the signed-in user; whatever the browser complains about fails the test."""
    contexts, complaints = [], []

    def open_one(path, width=1440, **options):
        context = chromium.new_context(base_url=site, viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        context.add_cookies(cookies)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path)
        page.wait_for_load_state("networkidle")
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert [text for text in complaints if not text.startswith(ABOUT_THE_LINE)] == []


def swap(page, act, path):
    """Do something and wait until the answer from `path` is in the page."""
    with page.expect_response(lambda response: path in response.url) as waiting:
        act()
    waiting.value.finished()
    page.wait_for_function("!document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')")
    return waiting.value


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
    page.wait_for_load_state("networkidle")
    assert page.locator(".page-item.active").inner_text() == "1"


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
    assert page.locator("tbody tr").count() == 1
    page.click("button[popovertarget=side]")
    page.wait_for_selector(".side:popover-open")
    page.goto("/ui/form/")
    page.fill("#id_name", "Plant")
    page.click("button[type=submit] >> text=Save")
    assert page.input_value("#id_name") == "Plant"
    assert page.locator(".form-errors").count() == 1


def test_the_sign_in_page_fits_a_slow_line(chromium, site):
    context = chromium.new_context(base_url=site)
    page = context.new_page()
    wire = context.new_cdp_session(page)
    sizes = []
    wire.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    wire.send("Network.enable")
    page.goto("/sign-in/")
    page.wait_for_load_state("networkidle")
    assert len(sizes) >= 3 and sum(sizes) <= SIGN_IN_BUDGET, sizes
    first = len(sizes)
    page.reload()
    page.wait_for_load_state("networkidle")
    again = [size for size in sizes[first:] if size > 1000]
    assert len(again) == 1, "only the page itself comes anew; the rest is kept by its hash"
    context.close()

"""The browser kit: the site served by threads of the test's process, Chromium, and a scale on the wire.

A room's browser tests import the fixtures that they use:
`from gangmu.shell.testing.browser import chromium, site, visit`.
Whatever the browser complains about (a policy that is broken, a script that fails) fails the test.
"""

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, Response, sync_playwright

from gangmu.foundation.settings import clock
from gangmu.foundation.ui import assets
from gangmu.shell.testing.chromiums import BROWSERS, FLAGS, chromium_here
from gangmu.shell.testing.plugin import own_database
from gangmu.shell.testing.sites import at_site

__all__ = ["Site", "Wire", "chromium", "clicked", "served", "signed_in_cookies", "site", "swap", "too_wide", "visit"]

ABOUT_THE_LINE = ("Failed to load resource", "htmx: htmx:error: Failed to fetch")  # refusals and dead lines are tested


class QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


class Server(ThreadedWSGIServer):
    daemon_threads = True
    at: str | None = None  # the instant at which the clock stands for every request

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        standing: AbstractContextManager[Any] = clock.frozen(self.at) if self.at else nullcontext()
        with standing:
            super().process_request_thread(request, client_address)
        connections.close_all()


def _at_its_time(server: Server, application: Callable[..., Any]) -> Callable[..., Any]:
    """Each request at the instant that is set when it comes: a browser keeps its connections for many."""

    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        with clock.frozen(server.at) if server.at else nullcontext():
            return application(environ, start)

    return answer


@dataclass(frozen=True)
class Site:
    """A site that is being served, on a database of its own in which tests commit."""

    server: Server

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def stands_at(self, instant: str | None) -> None:
        """Let every request from now on happen at `instant`; None lets time run."""
        self.server.at = instant


@contextmanager
def served(suffix: str, site: str = "business") -> Iterator[Site]:
    """One of the two sites on a fresh database, served by threads of this process."""
    with own_database(suffix), at_site(site, DEMONSTRATION=True):
        server = Server(("127.0.0.1", 0), QuietHandler)
        server.set_app(_at_its_time(server, get_wsgi_application()))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield Site(server)
        finally:
            server.shutdown()
            server.server_close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Chromium of this machine. Without one the test is skipped and says so; where CI is, it fails instead."""
    assert assets.manifest(), "build the front end first: npm ci && npm run build"
    executable = chromium_here()
    if executable is None:
        say = pytest.fail if os.environ.get("GANGMU_NEEDS_BROWSER") else pytest.skip
        say(f"NO BROWSER: none of {', '.join(BROWSERS)} is on PATH; install Chromium to run the tests of pages")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        # While Playwright's loop runs, Django keeps this thread's connections in another place: left open, they would
        # be found again, cut off, by the next module that opens a browser.
        connections.close_all()
        browser.close()


@pytest.fixture(scope="module")
def site(django_db_setup: None, django_db_blocker: Any) -> Iterator[Site]:
    """The site, for the tests of a module."""
    with django_db_blocker.unblock(), served("browser") as one:
        yield one


def signed_in_cookies(user: Any, url: str, language: str = "en") -> list[Any]:
    """The cookies of a browser in which `user` has signed in."""
    client = Client()
    client.force_login(user)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    return [{"name": name, "value": morsel.value, "url": url} for name, morsel in client.cookies.items()]


@pytest.fixture
def visit(chromium: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """`visit(path, user, width=1440, language="en")` opens a page in a browser of its own and waits until it rests."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_one(path: str, user: Any = None, width: int = 1440, language: str = "en", **options: Any) -> Page:
        options.setdefault("locale", "en-US")  # said to the server too: not every Chromium says one by itself
        context = chromium.new_context(base_url=site.url, viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        person = get_user_model().objects.get(username=user) if isinstance(user, str) else user
        if person is not None:
            context.add_cookies(signed_in_cookies(person, site.url, language))
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(error.stack or str(error)))
        page.goto(path)
        page.wait_for_load_state("networkidle")
        return page

    yield open_one
    for context in contexts:
        context.close()
    if said := [text for text in complaints if not text.startswith(ABOUT_THE_LINE)]:
        pytest.fail("the browser complained: " + " | ".join(said))


def swap(page: Page, act: Callable[[], Any], path: str) -> Response:
    """Do something and wait until the answer from `path` is in the page."""
    with page.expect_response(lambda response: path in response.url) as waiting:
        act()
    waiting.value.finished()
    page.wait_for_function("() => !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')")
    return waiting.value


def clicked(page: Page, act: Callable[[], Any]) -> None:
    """Do something that leads to another page, and wait until that rests."""
    with page.expect_navigation():
        act()
    page.wait_for_load_state("networkidle")


def too_wide(page: Page, paths: Iterable[str], widths: tuple[int, ...] = (390, 1440)) -> list[tuple[str, int]]:
    """Which pages are wider than their window: loaded at the first width, and drawn again at the others."""
    found = []
    for path in paths:
        page.set_viewport_size({"width": widths[0], "height": 900})
        page.goto(path)
        for width in widths:
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_function("() => !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')")
            if page.evaluate("document.documentElement.scrollWidth") > width:
                found.append((path, width))
    return found


@dataclass
class Wire:
    """What crosses the line to one page, headers and compression included, as the browser counts it.

    A service worker's own requests are counted too: they use the same line.
    """

    page: Page
    sizes: list[tuple[str, int]] = field(default_factory=list)
    _addresses: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        wire = self.page.context.new_cdp_session(self.page)
        wire.on("Network.requestWillBeSent", self._asked)
        wire.on("Network.loadingFinished", self._came)
        wire.send("Network.enable")
        self.page.context.on("requestfinished", self._came_to_a_worker)

    def _asked(self, event: dict[str, Any]) -> None:
        self._addresses[event["requestId"]] = event["request"]["url"]

    def _came(self, event: dict[str, Any]) -> None:
        self.sizes.append((self._addresses.get(event["requestId"], "?"), int(event["encodedDataLength"])))

    def _came_to_a_worker(self, request: Any) -> None:
        if request.service_worker:
            sizes = request.sizes()
            self.sizes.append((request.url, sizes["responseBodySize"] + sizes["responseHeadersSize"]))

    def clear(self) -> None:
        self.sizes.clear()

    @property
    def total(self) -> int:
        return sum(size for _address, size in self.sizes)

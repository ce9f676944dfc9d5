"""When a page rests: it has come, its scripts have begun, and it asks for nothing more.

Playwright's "networkidle" says the same half a second later.
"""

import time
from weakref import WeakKeyDictionary

from playwright.sync_api import Error, Frame, Page, Request

PATIENCE = 30  # seconds

# What a page is still at. Islands say when they are ready; what is out of sight need not be drawn.
AT_WORK = """() => {
    if (document.readyState !== 'complete') return 'loading';
    if (!document.documentElement.hasAttribute('data-script')) return '';
    const forms = 'form[data-cells]:not([data-ready]), form[data-board-arrange]:not([data-ready])';
    const inSight = one => {
        const { top, bottom } = one.getBoundingClientRect();
        return one.clientWidth && one.checkVisibility() && top < innerHeight && bottom > 0;
    };
    const look = () => {
        if (document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')) return 'asking the server';
        if (document.querySelector(forms)) return 'starting a form';
        return [...document.querySelectorAll('[data-chart]:not([data-drawn])')].some(inSight) ? 'drawing' : '';
    };
    // After whatever waits for its turn, and after a frame; a page behind another one has none.
    const idle = next => requestIdleCallback(next, {timeout: 200});
    const frame = next => { requestAnimationFrame(next); setTimeout(next, 100); };
    return new Promise(tell => idle(() => frame(() => idle(() => tell(look())))));
}"""


class Traffic:
    """What a page has asked for and not got yet."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.open: set[Request] = set()
        self.asked = 0
        page.on("request", self._goes)
        page.on("requestfinished", self._ends)
        page.on("requestfailed", self._ends)
        page.on("framenavigated", self._came)

    def _goes(self, request: Request) -> None:
        self.asked += 1
        self.open.add(request)

    def _ends(self, request: Request) -> None:
        self.open.discard(request)

    def _came(self, frame: Frame) -> None:
        """Whatever the page before it still waited for is of no interest."""
        if frame == self.page.main_frame:
            self.open.intersection_update([one for one in self.open if one.is_navigation_request()])


_traffic: WeakKeyDictionary[Page, Traffic] = WeakKeyDictionary()


def watch(page: Page) -> Traffic:
    """Count what a page asks for, from now on."""
    if page not in _traffic:
        _traffic[page] = Traffic(page)
    return _traffic[page]


def rest(page: Page) -> None:
    """Wait until a page rests, from when it was watched."""
    traffic = watch(page)
    end = time.monotonic() + PATIENCE
    page.wait_for_load_state("load")
    while True:
        asked = traffic.asked
        try:
            work = page.evaluate(AT_WORK)
        except Error as error:  # it leads on to another page
            if page.is_closed() or "context" not in error.message:
                raise
            work = "leading on"
            page.wait_for_load_state("load")
        if not work and not traffic.open and traffic.asked == asked:
            return
        assert time.monotonic() < end, f"{page.url} does not rest: {work}, {[one.url for one in traffic.open]}"
        if traffic.open:
            page.wait_for_timeout(5)

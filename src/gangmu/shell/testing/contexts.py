"""Browsers of people, kept for the next test: a new one costs a second, of which most goes into starting up.

A browser that is given back is emptied: pages closed, cookies, permissions, storage and workers gone, back on the line.
What it loaded before it still has; tests that weigh a cold start make a context of their own.
"""

from typing import Any
from weakref import WeakKeyDictionary

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page


class Contexts:
    """Contexts of one Chromium: those in use, and those that wait for the next visit."""

    def __init__(self, chromium: Browser) -> None:
        self.chromium = chromium
        self.used: list[Kept] = []
        self.free: list[Kept] = []

    def take(self, url: str, **options: Any) -> BrowserContext:
        """A browser of a person's own, for pages of `url`."""
        for one in [one for one in self.free if one.url != url]:  # its site is served no more
            self.free.remove(one)
            one.context.close()
        found = [one for one in self.free if one.options == options]
        one = found[0] if found else Kept(self.chromium, url, options)
        if found:
            self.free.remove(one)
        self.used.append(one)
        return one.context

    def give_back(self) -> None:
        """No test uses any of them now."""
        while self.used:
            one = self.used.pop()
            one.empty()
            self.free.append(one)


_contexts: WeakKeyDictionary[Browser, Contexts] = WeakKeyDictionary()


def contexts_of(chromium: Browser) -> Contexts:
    """Those of a Chromium, which go when it goes."""
    return _contexts.setdefault(chromium, Contexts(chromium))


class Kept:
    """A context whose first page stays open, so that its process lives on."""

    def __init__(self, chromium: Browser, url: str, options: dict[str, Any]) -> None:
        self.url, self.options = url, options
        self.context: BrowserContext = chromium.new_context(base_url=url, **options)
        self.first: Page = self.context.new_page()
        self.first.goto(f"{url}/static/gangmu/icon.svg")
        self.wire: CDPSession = self.context.new_cdp_session(self.first)

    def empty(self) -> None:
        for page in self.context.pages:
            if page is not self.first:
                page.close()
        self.context.set_offline(False)
        self.context.unroute_all()
        self.context.clear_permissions()
        self.wire.send("Storage.clearDataForOrigin", {"origin": self.url, "storageTypes": "all"})
        self.context.clear_cookies()

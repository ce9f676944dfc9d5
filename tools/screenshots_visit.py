"""Visiting a page in both colours, taking its pictures, and everything that the browser or the eye of a rule minds."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Request, Response
from playwright.sync_api import Page as Tab

from screenshots_pages import NOBODIES, Shot, Via, site_of

LANGUAGES = {"zh": "zh-hans", "en": "en"}
WIDTHS = {1440: 900, 390: 844}
MODES = ("light", "dark")
PATIENCE = 90_000  # milliseconds: the machine may have other things to do
TALLEST = 6000  # pixels; a list of 200 rows needs no longer picture

# Runs in the page. Words of codes, keys, names and addresses are left out: they are the same in both languages.
LOOK = r"""
([language, account]) => {
  const faults = [];
  const root = document.documentElement;
  const shown = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const name = (element) => {
    const classes = [...element.classList].slice(0, 2).map((one) => "." + one).join("");
    return element.tagName.toLowerCase() + (element.id ? "#" + element.id : classes);
  };
  if (root.scrollWidth > root.clientWidth + 1) {
    const clipped = (element) => {
      for (let one = element.parentElement; one; one = one.parentElement) {
        if (getComputedStyle(one).overflowX !== "visible" && one !== document.body && one !== root) return true;
      }
      return false;
    };
    const wide = [...document.body.querySelectorAll("*")].filter(
      (one) => shown(one) && one.getBoundingClientRect().right > root.clientWidth + 1 && !clipped(one),
    );
    faults.push(["overflow", root.scrollWidth + " px: " + wide.slice(0, 3).map(name).join(", ")]);
  }
  const names = ".page-subtitle, .office-hello, .bulk-where, .explained-value .text-secondary"; // of people and things
  const foreign = `code, kbd, pre, [lang], svg, script, style, template, noscript, option, ${names}`;
  const skip = (element) => {
    const held = element.closest(foreign);
    return held && held !== root;
  };
  const english = /\b[A-Za-z][a-z]{2,}\s+[a-z]{2,}\b|^\s*[A-Z][a-z]{3,}\s*$|^\s*[a-z]{4,}\s*$/;
  const chinese = /[\u4e00-\u9fff]/;
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const holder = walker.currentNode.parentElement;
    if (holder && !skip(holder) && shown(holder)) texts.push([holder, walker.currentNode.data.trim()]);
  }
  for (const element of document.body.querySelectorAll("[title], [aria-label], [placeholder]")) {
    if (skip(element)) continue;
    for (const which of ["title", "aria-label", "placeholder"]) {
      const text = element.getAttribute(which);
      if (text) texts.push([element, text]);
    }
  }
  const labels = "label, legend, button, th, h1, .side-link, .side-heading, .nav-link, .form-hint, .empty";
  for (const [element, text] of texts) {
    const left = english.test(text) && !chinese.test(text);
    const right = chinese.test(text) && element.closest(labels) && !element.closest(".choices");
    const named = text === account || /\.(xlsx|pdf|csv|docx)$|^(万|元)\S*$|^Excel$/.test(text);
    const wrong = language === "zh" ? left : right;
    if (wrong && !named) faults.push(["language", name(element) + ": " + text.slice(0, 80)]);
  }
  const raw = document.body.innerText.match(
    /.{0,30}(\{\{(?!发电量)|\{%|%\(\w+\)s|\bNone\b(?! [a-z])|undefined|NaN|\[object).{0,30}/,
  );
  if (raw) faults.push(["raw text", raw[0]]);
  for (const image of document.images) {
    if (image.complete && image.naturalWidth === 0 && shown(image)) faults.push(["picture", image.src]);
  }
  if (!document.styleSheets.length) faults.push(["style", "the page has no style sheet: npm run build"]);
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  const twice = ids.filter((one, place) => ids.indexOf(one) !== place);
  if (twice.length) faults.push(["id twice", [...new Set(twice)].slice(0, 3).join(", ")]);
  return faults;
}
"""

# Debian's browser writes days as Americans do, whatever the page's language is.
DAYS = r"""
(language) => {
  for (const input of document.querySelectorAll("input[type=date]")) {
    const [year, month, day] = input.value.split("-");
    input.type = "text";
    if (day) input.value = language === "zh" ? `${year}/${month}/${day}` : `${day}/${month}/${year}`;
  }
  for (const input of document.querySelectorAll("input[type=month]")) {
    const [year, month] = input.value.split("-");
    input.type = "text";
    const named = new Date(Date.UTC(year, month - 1)).toLocaleString("en-GB", { month: "long", year: "numeric" });
    if (month) input.value = language === "zh" ? `${year}年${Number(month)}月` : named;
  }
}
"""

# Charts are drawn when they come into view.
DRAWN = """() => [...document.querySelectorAll("[data-chart]")].every(
  (one) => !one.checkVisibility() || one.hasAttribute("data-drawn") || one.getBoundingClientRect().top > innerHeight,
)"""


@dataclass(frozen=True)
class Fault:
    """Something that is wrong with one page as one account sees it."""

    shot: str
    kind: str
    words: str
    where: str = ""

    def __str__(self) -> str:
        return f"{self.shot:28} {self.where:16} {self.kind:10} {self.words}"


@dataclass
class Visitor:
    """One browser, the accounts that have signed in with it, and what has been found."""

    browser: Browser
    urls: dict[str, str]
    folder: Path
    yesterday: str
    faults: list[Fault] = field(default_factory=list)
    taken: list[tuple[Shot, str, int, str]] = field(default_factory=list)
    _sessions: dict[str, Any] = field(default_factory=dict)
    _found: dict[Shot, str | None] = field(default_factory=dict)

    def sign_in(self, account: str) -> Any:
        """The cookies of an account, made once by pressing its button on the demonstration's sign-in page."""
        if account not in self._sessions:
            url = self.urls[site_of(account)]
            context = self.browser.new_context(base_url=url)
            tab = context.new_page()
            tab.goto("/sign-in/")
            button = tab.locator(f"button[name=account][value={account}]")
            if not button.count():
                raise SystemExit(f"{url}/sign-in/ has no button for the account {account}")
            with tab.expect_navigation():
                button.first.click()
            if "sign-in" in tab.url:
                raise SystemExit(f"{account} cannot sign in: {tab.locator('main').inner_text()}")
            self._sessions[account] = context.storage_state()
            context.close()
        return self._sessions[account]

    @contextmanager
    def as_account(self, account: str, language: str, width: int) -> Iterator[BrowserContext]:
        state = self.sign_in(account) if account not in NOBODIES else None
        url = self.urls[site_of(account)]
        context = self.browser.new_context(
            base_url=url,
            storage_state=state,
            viewport={"width": width, "height": WIDTHS[width]},
            color_scheme="light",
            reduced_motion="reduce",
            locale="zh-CN" if language == "zh" else "en-GB",
            timezone_id="Asia/Shanghai",
            has_touch=width < 500,
        )
        for cookie in ("gangmu_language", "gangmu_office_language"):
            context.add_cookies([{"name": cookie, "value": LANGUAGES[language], "url": url}])
        context.set_default_timeout(PATIENCE)
        try:
            yield context
        finally:
            context.close()

    def address(self, context: BrowserContext, shot: Shot) -> str | None:
        """Where the shot is, followed once; None with a fault when nothing there leads to it."""
        if not isinstance(shot.at, Via):
            return shot.at.format(yesterday=self.yesterday)
        if shot not in self._found:
            answer = context.request.get(shot.at.start, timeout=PATIENCE)
            self._found[shot] = self._led_on(context, shot.at, shot.at.found_in(answer.text()))
            if self._found[shot] is None:
                words = f"no link like {shot.at.link} on {shot.at.start} ({answer.status})"
                self.faults.append(Fault(shot.file, "not found", words, shot.account))
        found = self._found[shot]
        return f"{shot.at.start.split('?')[0]}{found}" if found and found.startswith("?") else found

    def _led_on(self, context: BrowserContext, via: Via, address: str | None) -> str | None:
        if address and via.into:
            return via.into.format(*re.findall(r"\d+", address))
        if not address or not via.then:
            return f"{address}{via.tail}" if address else None
        match = re.search(via.then, context.request.get(address, timeout=PATIENCE).text())
        return f"{match[1]}{via.tail}" if match else None

    def visit(self, context: BrowserContext, shot: Shot, language: str, width: int) -> None:
        """Open the page, look for faults, take a picture in each colour."""
        where = f"{language} {width}"

        def mind(kind: str, words: str) -> None:
            fault = Fault(shot.file, kind, " ".join(words.split())[:240], where)
            if fault not in self.faults:
                self.faults.append(fault)

        tab = context.new_page()
        self._listen(tab, shot, mind)
        try:
            address = self.address(context, shot)
            if address is None:
                return
            answer = tab.goto(address)
            if "/sign-in/" in tab.url and shot.account not in NOBODIES:
                self._come_back(context, shot.account)
                answer = tab.goto(address)
            tab.wait_for_load_state("networkidle")
            if answer is not None and answer.status not in shot.statuses:
                mind("status", f"{answer.status} at {address}")
            if "/sign-in/" in tab.url and shot.account not in NOBODIES:
                mind("status", f"{address} asks {shot.account} to sign in")
            if shot.act is not None:
                shot.act(tab)
            for kind, words in tab.evaluate(LOOK, [language, shot.account]):
                if shot.in_words or kind != "language":
                    mind(kind, words)
            self._unfold(tab, shot, language, width)
            for mode in MODES:
                self._take(tab, shot, language, width, mode)
        except Error as problem:
            mind("browser", str(problem))
        finally:
            tab.close()

    def _come_back(self, context: BrowserContext, account: str) -> None:
        """Sign in anew: somebody else has used the account meanwhile, and one account has one session."""
        self._sessions.pop(account, None)
        context.add_cookies(self.sign_in(account)["cookies"])

    def _listen(self, tab: Tab, shot: Shot, mind: Any) -> None:
        def console(message: ConsoleMessage) -> None:
            expected = "Failed to load resource" in message.text and shot.statuses != (200,)
            if message.type in ("error", "warning") and not expected:
                policy = "Content Security Policy" in message.text or "Content-Security-Policy" in message.text
                mind("policy" if policy else "console", message.text)

        def failed(request: Request) -> None:
            mind("request", f"{request.method} {request.url}: {request.failure}")

        def answered(response: Response) -> None:
            if response.status >= 400 and response.request.resource_type != "document":
                mind("request", f"{response.status} {response.url}")

        tab.on("console", console)
        tab.on("pageerror", lambda error: mind("script", str(error)))
        tab.on("requestfailed", failed)
        tab.on("response", answered)

    def _unfold(self, tab: Tab, shot: Shot, language: str, width: int) -> None:
        """Make the window as tall as the page, so that charts below are drawn; write days as people's browsers do."""
        tab.evaluate(DAYS, language)
        if shot.desk != WIDTHS[1440] and width == 1440:
            tab.set_viewport_size({"width": width, "height": shot.desk})
        if shot.full:
            tall = int(tab.evaluate("() => document.documentElement.scrollHeight"))
            tab.set_viewport_size({"width": width, "height": max(WIDTHS[width], min(tall, TALLEST))})
        tab.wait_for_function(DRAWN, timeout=30_000)

    def _take(self, tab: Tab, shot: Shot, language: str, width: int, mode: str) -> None:
        tab.emulate_media(color_scheme="dark" if mode == "dark" else "light", reduced_motion="reduce")
        tab.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        path = self.folder / f"{name_of(shot.file, language, width, mode)}.png"
        tab.screenshot(path=path, animations="disabled", caret="hide")
        self.taken.append((shot, language, width, mode))


def name_of(file: str, language: str, width: int, mode: str) -> str:
    return f"{file}-{language}-{width}-{mode}"


def write_list(folder: Path, faults: list[Fault]) -> None:
    """What was found, for programs."""
    lines = [vars(fault) for fault in faults]
    (folder / "faults.json").write_text(json.dumps(lines, ensure_ascii=False, indent=1), "utf-8")

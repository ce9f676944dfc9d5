"""The grid in a browser, as tests of it see it: a small world on a site, a sheet of the day, its cells by name."""

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
from gangmu.shell.testing.browser import chromium, site, visit

__all__ = ["Grid", "chromium", "grid", "sheet", "site", "small", "stored", "visit", "write_as"]


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

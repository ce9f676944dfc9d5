"""A plant is moved in a browser: looked at, made, and then the regions' home pages tell it; the former branch keeps its
days."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from playwright.sync_api import Page, expect

from gangmu.figures.cube import services as cube
from gangmu.figures.tiles.tests.conftest import STANDS_AT, figures_of_the_world
from gangmu.foundation.parties.models import Change
from gangmu.foundation.settings import clock
from gangmu.shell.testing.browser import Site, chromium, clicked, served, visit
from gangmu.shell.testing.sites import at_site
from gangmu.shell.testing.worlds import make_user, make_world

__all__ = ["chromium", "visit"]
pytestmark = pytest.mark.browser

BEFORE, AFTER = "2026-11-17", "2026-11-18"


@pytest.fixture(scope="module")
def site(django_db_setup, django_db_blocker):
    """The back office; the business site is the same server, asked as the other one."""
    with django_db_blocker.unblock(), served("moved", "office") as one:
        yield one


@pytest.fixture(scope="module")
def world(site: Site, tmp_path_factory):
    site.stands_at(STANDS_AT)
    folder = tmp_path_factory.mktemp("world")
    with clock.frozen(STANDS_AT):
        make_world(folder)
        figures_of_the_world(folder)
        make_user("builder", "G", "system_administrator")
    return site


def generation(page: Page) -> Decimal:
    """The large figure of a home page in MWh, in whole ones: it is told in the unit of the tier."""
    text = page.inner_text("[data-tile=generation] .tile-number")
    value = Decimal(text.rstrip("GMWh \n").replace(",", "")) * (1000 if "GWh" in text else 1)
    return value.quantize(Decimal(1), ROUND_HALF_UP)


def told(page: Page, code: str) -> tuple[Decimal, Decimal]:
    """What the preview says of an organisation's generation of the month: before and after."""
    section = page.locator(".moved-figures", has=page.get_by_text(code, exact=True))
    texts = section.locator("tr", has_text="Generation").first.locator(".moved-figure").first.inner_text().split()
    before, after = (Decimal(texts[place].replace(",", "")) for place in (0, 2))
    return before.quantize(Decimal(1), ROUND_HALF_UP), after.quantize(Decimal(1), ROUND_HALF_UP)


@pytest.mark.req("M-5.8.1.3")
def test_a_moved_plant(visit, world):
    def home(code: str, user: str, period: str) -> Page:
        with at_site("business", DEMONSTRATION=True):
            return visit(f"/home/{code}/?period={period}", user)

    def looked_up(user: str, day: str) -> str:
        """The plant's generation of a day on the look-up page."""
        with at_site("business", DEMONSTRATION=True):
            return visit(f"/figures/?organisation=P1&indicator=generation&period={day}", user).inner_text("main")

    days = {(code, day): generation(home(code, user, day))
            for code, user in (("R1", "former"), ("R2", "present")) for day in (BEFORE, AFTER)}  # fmt: skip
    months = {code: generation(home(code, user, "2026-11")) for code, user in (("R1", "former"), ("R2", "present"))}
    plant = {day: generation(home("P1", "present", day)) for day in (BEFORE, AFTER)}

    page = visit("/organisations/of/P1/", "builder")
    clicked(page, lambda: page.get_by_role("link", name="Change …").click())
    clicked(page, lambda: page.get_by_role("link", name="Move").first.click())
    page.fill("[name=to]", "R1")
    page.fill("[name=from_date]", "2026-11-18")
    page.fill("[name=reason]", "Decision 58")
    page.get_by_role("button", name="Show what it does").click()
    expect(page.get_by_role("heading", name="Plant Alpha moves to East Company")).to_be_visible()
    before, after = told(page, "R1")
    lost_from, lost_to = told(page, "R2")
    assert (before, lost_from) == (months["R1"], months["R2"])
    assert after - before == lost_from - lost_to > 0
    expect(page.locator(".moved-figures", has_text="Example Group")).to_contain_text("stays as it is")
    section = page.locator(".card", has=page.get_by_role("heading", name="Who sees it"))
    expect(section).to_contain_text("loses sight")

    page.get_by_role("button", name="Make this change").click()  # approved figures are concerned: that must be known
    expect(page.get_by_text("Say that you know.", exact=True)).to_be_visible()
    page.check("[name=although_approved]")
    page.get_by_role("button", name="Make this change").click()
    expect(page.get_by_text("Changed.")).to_be_visible()
    assert (Change.objects.get().reason, Change.objects.get().made_by_name) == ("Decision 58", "builder")
    cube.fold()

    assert generation(home("R1", "former", "2026-11")) == after
    assert generation(home("R2", "present", "2026-11")) == lost_to
    assert generation(home("R1", "former", AFTER)) == days["R1", AFTER] + plant[AFTER]
    assert generation(home("R2", "present", AFTER)) == days["R2", AFTER] - plant[AFTER]
    assert generation(home("R1", "former", BEFORE)) == days["R1", BEFORE]  # what was before stays as it was
    assert generation(home("R2", "present", BEFORE)) == days["R2", BEFORE]
    assert "12,000.5" in looked_up("present", BEFORE)  # the former branch keeps its days
    assert "11,100.5" not in looked_up("present", AFTER)
    assert "12,000.5" in looked_up("former", BEFORE)  # the present one has all of them
    assert "11,100.5" in looked_up("former", AFTER)

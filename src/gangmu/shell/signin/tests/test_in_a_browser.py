"""The front door in a browser: a card signs in, at the site whose card it is; nothing is wider than a phone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from gangmu.foundation.accounts.models import User
from gangmu.shell.demonstration import ACCOUNTS, PASSWORD
from gangmu.shell.testing.browser import Site, chromium, clicked, served, visit
from gangmu.shell.testing.worlds import make_user, make_world

__all__ = ["chromium", "visit"]

pytestmark = pytest.mark.browser

PHONE, DESK = 390, 1440
CAST = {"business": ("leader", "viewer"), "office": ("audit", "audit_administrator")}


@pytest.fixture(params=["business", "office"])
def at(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def site(at: str, django_db_setup: None, django_db_blocker: Any, tmp_path: Path) -> Iterator[Site]:
    """A site with the one account of the demonstration that is clicked."""
    with django_db_blocker.unblock(), served("door", at) as one:
        make_world(tmp_path)
        username, role = CAST[at]
        make_user(username, "G", role)
        user = User.objects.get(username=username)
        user.set_password(PASSWORD)
        user.save()
        yield one


def fits(page: Page, width: int) -> bool:
    return page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.req("M-5.8.1.2")
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_a_click_on_a_card_signs_in_at_its_site(at, visit, width):
    page = visit("/sign-in/", width=width)
    assert fits(page, width)
    shown = {card.get_attribute("value") for card in page.locator(".door-card").all()}
    assert shown and shown < {account.username for account in ACCOUNTS}
    username, _role = CAST[at]
    clicked(page, page.locator(f'.door-card[value="{username}"]').click)
    assert "/sign-in/" not in page.url
    assert fits(page, width)
    assert page.locator(".side-site").count() == (1 if at == "office" else 0)
    cookies = {cookie["name"] for cookie in page.context.cookies()}
    assert {name for name in cookies if name.startswith("gangmu_office")} == (cookies if at == "office" else set())


def test_the_password_is_asked_for_below_the_cards(at, visit):
    page = visit("/sign-in/")
    assert not page.locator("#id_password").is_visible()
    page.locator(".door-password > summary").click()
    username, _role = CAST[at]
    page.locator("#id_username").fill(username)
    page.locator("#id_password").fill("wrong")
    clicked(page, page.locator(".door-form .btn-primary").click)
    assert page.locator("#id_password").is_visible()
    assert "wrong" in page.locator(".door-form").inner_text()

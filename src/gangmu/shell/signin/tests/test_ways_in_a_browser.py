"""The ways in as a person walks them, in Chromium."""

import os
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pyotp.totp import TOTP

from gangmu.foundation.accounts import captcha, services, throttle
from gangmu.foundation.accounts.factors import recovery, totp
from gangmu.foundation.accounts.models import Passkey, Policy, SignIn, User
from gangmu.foundation.settings import clock
from gangmu.shell.testing.browser import Site, Wire, chromium, clicked, site, visit
from gangmu.shell.testing.post import deliver
from gangmu.shell.testing.worlds import PASSWORD, let_in

__all__ = ["chromium", "site", "visit"]
pytestmark = [pytest.mark.browser]
NEW = "Tide!over9Kites"
Visit = Callable[..., Page]


@pytest.fixture
def user(site: Site, settings: Any) -> Iterator[User]:
    """Somebody who has not been here; outside the demonstration, where rules hold."""
    settings.DEMONSTRATION = False
    site.stands_at("2026-11-20T08:00+08:00")
    with clock.frozen("2026-11-20T08:00+08:00"):
        number = User.objects.count()
        user = User(username=f"person{number}", name="王敏", email="wang@example.org")
        user.set_password(PASSWORD)
        user.save()
        let_in(user)
        yield user
    site.stands_at(None)
    throttle.forget_all()


def fill(page: Page, user: User, password: str = PASSWORD) -> None:
    page.fill("input[name=username]", user.username)
    page.fill("input[name=password]", password)
    clicked(page, lambda: page.get_by_role("button", name="Sign in", exact=True).click())


def sign_in(visit: Visit, user: User, path: str = "/account/", **options: Any) -> Page:
    """Open a page as a stranger, in English, and sign in where that leads."""
    page = visit("/sign-in/", language="en", locale="en-US", **options)
    page.goto(path)
    fill(page, user)
    return page


def is_in(page: Page) -> bool:
    return page.url.endswith("/account/") and page.locator("h1, .page-title").first.is_visible()


@pytest.mark.req("M-5.8.1.1")
def test_by_password_and_cold_below_60_kb(visit, user):
    page = visit("/", locale="en-US")
    fresh = page.context.new_page()
    wire = Wire(fresh)
    fresh.goto("/sign-in/?next=/account/")
    fresh.wait_for_load_state("networkidle")
    assert wire.total < 60_000
    fill(fresh, user)
    assert is_in(fresh)
    expect(fresh.get_by_text("this session")).to_be_visible()


def test_by_password_without_script(visit, user):
    page = sign_in(visit, user, java_script_enabled=False)
    assert is_in(page)


@pytest.mark.req("M-5.8.1.1")
def test_an_expired_password_is_changed_on_the_way(visit, user, site):
    site.stands_at("2027-03-01T08:00+08:00")
    page = sign_in(visit, user)
    expect(page.get_by_text("Your password has expired")).to_be_visible()
    page.fill("input[name=password]", "password123")
    page.fill("input[name=again]", "password123")
    clicked(page, lambda: page.get_by_role("button", name="Change the password").click())
    expect(page.get_by_text("well-known password").first).to_be_visible()
    page.fill("input[name=password]", NEW)
    page.fill("input[name=again]", NEW)
    clicked(page, lambda: page.get_by_role("button", name="Change the password").click())
    assert is_in(page)


@pytest.mark.req("M-5.8.1.1")
def test_an_authenticator_is_enrolled_and_asked_for_and_a_recovery_code_stands_in(visit, user, site):
    Policy.objects.update(second_factor="everyone")
    try:
        page = sign_in(visit, user)
        expect(page.locator("img.qr")).to_be_visible()
        assert page.evaluate("() => document.querySelector('img.qr').naturalWidth") > 0
        secret = page.locator(".secret").inner_text()
        page.fill("input[name=code]", TOTP(secret).at(clock.now()))
        clicked(page, lambda: page.get_by_role("button", name="Go on").click())
        clicked(page, lambda: page.get_by_role("button", name="Make ten new codes").click())
        codes = page.locator(".recovery-codes code").all_inner_texts()
        assert len(codes) == 10
        site.stands_at("2026-11-20T08:02+08:00")
        again = sign_in(visit, user)
        with clock.frozen("2026-11-20T08:02+08:00"):
            again.fill("input[name=code]", TOTP(secret).at(clock.now()))
        clicked(again, lambda: again.get_by_role("button", name="Go on").click())
        assert is_in(again)
        once_more = sign_in(visit, user)
        once_more.fill("input[name=code]", codes[4])
        clicked(once_more, lambda: once_more.get_by_role("button", name="Go on").click())
        assert is_in(once_more)
        assert recovery.left(user) == 9
    finally:
        Policy.objects.update(second_factor="administrators")


@pytest.mark.req("M-5.8.1.1")
def test_a_code_by_mail(visit, user, mailoutbox):
    totp.confirm(user, TOTP(totp.begin(user)).at(clock.now()))
    page = sign_in(visit, user)
    clicked(page, lambda: page.get_by_role("button", name="Send a code to w***@example.org").click())
    expect(page.get_by_text("A code was sent to w***@example.org")).to_be_visible()
    assert deliver() == 1
    code = re.search(r"\d{6}", mailoutbox[-1].body)
    assert code
    page.fill("input[name=code]", code[0])
    clicked(page, lambda: page.get_by_role("button", name="Go on").click())
    assert is_in(page)


def with_authenticator(page: Page) -> Any:
    """A virtual device that holds passkeys, with a finger on it."""
    wire = page.context.new_cdp_session(page)
    wire.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    return wire, wire.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]


@pytest.mark.req("M-5.8.1.1", "M-4.2.1")
def test_a_passkey_is_made_and_opens_the_account_alone(visit, user, site):
    page = visit("/sign-in/", locale="en-US")
    local = site.url.replace("127.0.0.1", "localhost")  # a passkey needs a name, not a number
    page.goto(f"{local}/account/passkey/")
    fill(page, user)
    wire, device = with_authenticator(page)
    page.fill("input[name=name]", "My laptop")
    clicked(page, lambda: page.get_by_role("button", name="Add a passkey").click())
    expect(page.get_by_text("My laptop")).to_be_visible()
    held = Passkey.objects.get(user=user)
    assert held.used_at is None
    page.goto(f"{local}/account/")
    clicked(page, lambda: page.locator("form[action='/sign-out/'] button").evaluate("one => one.click()"))
    page.goto(f"{local}/sign-in/?next=/account/")
    clicked(page, lambda: page.get_by_role("button", name="Sign in with a passkey").click())
    assert page.url == f"{local}/account/"
    assert SignIn.objects.filter(user=user).latest("pk").method == "passkey"
    held.refresh_from_db()
    assert held.used_at == clock.now()

    clicked(page, lambda: page.locator("form[action='/sign-out/'] button").evaluate("one => one.click()"))
    page.goto(f"{local}/sign-in/?next=/account/")
    fill(page, user)  # after the password it is the second factor
    assert page.url == f"{local}/sign-in/second/"
    clicked(page, lambda: page.get_by_role("button", name="Use a passkey").click())
    assert page.url == f"{local}/account/"
    assert SignIn.objects.filter(user=user).latest("pk").method == "password+passkey"

    Passkey.objects.filter(pk=held.pk).update(uses=10_000)  # as if a copy had been used elsewhere
    clicked(page, lambda: page.locator("form[action='/sign-out/'] button").evaluate("one => one.click()"))
    page.goto(f"{local}/sign-in/?next=/account/")
    clicked(page, lambda: page.get_by_role("button", name="Sign in with a passkey").click())
    expect(page.get_by_text("The passkey was not accepted")).to_be_visible()
    wire.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": device})


@pytest.mark.req("M-5.8.1.1")
def test_failures_bring_a_picture_and_then_a_lock_that_time_opens(visit, user, site, monkeypatch):
    monkeypatch.setattr(captcha.secrets, "choice", lambda given: "A" if given == captcha.LETTERS else given[0])
    page = visit("/sign-in/?next=/account/", locale="en-US")
    for minute in range(2):
        site.stands_at(f"2026-11-20T08:0{minute}+08:00")
        fill(page, user, "wrong")
        expect(page.get_by_text("User name or password is wrong")).to_be_visible()
    expect(page.locator("img.captcha")).to_be_visible()
    for minute in range(2, 5):
        site.stands_at(f"2026-11-20T08:0{minute}+08:00")
        page.fill("input[name=captcha]", "aaaaa")
        fill(page, user, "wrong")
    site.stands_at("2026-11-20T08:05+08:00")
    page.fill("input[name=captcha]", "aaaaa")
    fill(page, user)
    expect(page.get_by_text("Too many attempts. Wait 29 minutes")).to_be_visible()
    site.stands_at("2026-11-20T08:34+08:00")
    for said in ("Here is another one", ""):  # the picture was too old
        page.fill("input[name=captcha]", "aaaaa")
        fill(page, user)
        assert said in page.content()
    assert is_in(page)


@pytest.mark.req("M-5.8.1.2")
def test_the_older_page_says_that_somebody_signed_in_elsewhere(visit, user):
    desk = sign_in(visit, user)
    phone = sign_in(visit, user, width=390)
    assert is_in(phone)
    expect(phone.get_by_text("Your session elsewhere has ended")).to_be_visible()
    clicked(desk, lambda: desk.get_by_role("link", name="Change the password").click())
    expect(desk.get_by_text("Your account signed in elsewhere at 2026-11-20 08:00 from 127.0.0.1")).to_be_visible()
    assert desk.url.endswith("/sign-in/?next=/account/password/")
    fill(desk, user)
    assert desk.url.endswith("/account/password/")


@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_of_the_account_runs_out_of_the_page(visit, user, width):
    services.give_password(user, NEW)
    page = visit("/account/", user, width=width)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width


SHOTS = os.environ.get("GANGMU_SHOTS")


@pytest.mark.skipif(not SHOTS, reason="pictures are taken where GANGMU_SHOTS names a folder")
@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("width", [1440, 390])
def test_pictures(visit, user, site, language, width):
    page = visit("/sign-in/", user, width=width, language=language)
    for path in (
        "/account/",
        "/account/authenticator/",
        "/account/password/",
        "/account/recovery/",
        "/account/passkey/",
    ):
        page.goto(path)
        page.screenshot(path=f"{SHOTS}/{path.strip('/').replace('/', '-')}-{language}-{width}.png", full_page=True)
    services.give_password(user, NEW)
    page.context.clear_cookies()
    page.context.add_cookies([{"name": "gangmu_language", "value": language, "url": site.url}])
    page.goto("/sign-in/")
    for _ in range(2):
        page.fill("input[name=username]", user.username)
        page.fill("input[name=password]", "wrong")
        clicked(page, lambda: page.locator(".door-form form").first.locator("button[type=submit]").click())
    page.screenshot(path=f"{SHOTS}/sign-in-{language}-{width}.png", full_page=True)
    throttle.forget_all()
    page.goto("/sign-in/")
    page.fill("input[name=username]", user.username)
    page.fill("input[name=password]", NEW)
    clicked(page, lambda: page.locator(".door-form form").first.locator("button[type=submit]").click())
    page.screenshot(path=f"{SHOTS}/due-{language}-{width}.png", full_page=True)

"""The administrator's story in Chromium: people from a file, their first sign-in, a lock and its end."""

import os
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from gangmu.foundation.access.models import Assignment, Role
from gangmu.foundation.accounts import throttle
from gangmu.foundation.accounts.models import Passkey, SignIn, User
from gangmu.foundation.jobs import running
from gangmu.foundation.jobs.models import Job
from gangmu.foundation.settings import clock
from gangmu.shell.people.tests.conftest import NOW, Office, make_office
from gangmu.shell.testing.browser import Site, chromium, clicked, served, visit
from gangmu.shell.testing.sites import at_site

__all__ = ["chromium", "visit"]
pytestmark = [pytest.mark.browser]
Visit = Callable[..., Page]
FILE = """username,name_zh,name_en,organisation,post,part,telephone,mail,valid_from,valid_to
wangmin,王敏,Wang Min,P1,填报岗,,13800001234,wm@example.org,2026-11-01,
lilei,李雷,Li Lei,P3,审核岗,,13800005678,,,2027-06-30
clerk,,,P1,填报岗,backup,13800002222,,,
"""
FAULTY = FILE + "han,韩梅,,NOWHERE,,,,,,\nbad name,某人,,P3,,,12,,2026/11/1,\n"


@pytest.fixture(scope="module")
def site(django_db_setup: None, django_db_blocker: Any) -> Iterator[Site]:
    with django_db_blocker.unblock(), served("people", "office") as one:
        yield one


@pytest.fixture(scope="module")
def people(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Office:
    with clock.frozen(NOW):
        return make_office(tmp_path_factory.mktemp("office"))


@pytest.fixture
def office(site: Site, people: Office, settings: Any) -> Iterator[Office]:
    """Outside the demonstration, where rules hold."""
    settings.DEMONSTRATION = False
    site.stands_at(NOW)
    with clock.frozen(NOW):
        yield people
    site.stands_at(None)
    throttle.forget_all()


def given(tmp_path: Path, text: str) -> str:
    path = tmp_path / "people.csv"
    path.write_text(text, "utf-8")
    return str(path)


def take_over(page: Page, file: str) -> None:
    page.goto("/people/import/")
    page.set_input_files("input[type=file]", file)
    clicked(page, lambda: page.get_by_role("button", name="Look at what it would change").click())


def sign_in(page: Page, username: str, password: str) -> None:
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", password)
    clicked(page, lambda: page.locator(".door-form form").first.locator("button[type=submit]").click())


@pytest.mark.req("M-5.8.1.1", "M-5.8.1.2", "M-7.2.10.2")
def test_people_from_a_file_come_in_and_a_locked_one_is_unlocked(visit, office, site, tmp_path):
    page = visit("/people/", office.system)
    clicked(page, lambda: page.get_by_role("link", name="From a file").click())
    take_over(page, given(tmp_path, FILE))
    expect(page.get_by_text("Nothing has been written yet.")).to_be_visible()
    assert not User.objects.filter(username="wangmin").exists()
    clicked(page, lambda: page.get_by_role("button", name="Take over").click())
    running.run(Job.objects.latest("pk").pk)
    page.reload()
    expect(page.get_by_text("2 new, 1 changed, 0 as they were.")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Fetch the sheet").click()
    book: Any = openpyxl.load_workbook(BytesIO(Path(download.value.path()).read_bytes()))
    rows = list(book.active.values)
    passwords = {row[0]: row[3] for row in rows}

    clerk = User.objects.get(username="wangmin")
    Assignment.objects.create(user=clerk, role=Role.objects.get(code="clerk"), organisation=clerk.organisation)
    with at_site("business", DEMONSTRATION=False):
        hers = visit("/sign-in/", locale="en-US")
        sign_in(hers, "wangmin", passwords["wangmin"])
        expect(hers.get_by_text("Your password was chosen by somebody else.")).to_be_visible()
        for name in ("password", "again"):
            hers.fill(f"input[name={name}]", "Tide!over9Kites")
        clicked(hers, lambda: hers.get_by_role("button", name="Change the password").click())
        assert hers.url.removeprefix(site.url) == "/inbox/"
        clicked(hers, lambda: hers.goto("/account/"))
        expect(hers.get_by_role("cell", name="password", exact=True)).to_be_visible()

        another = visit("/sign-in/", locale="en-US")
        for number in range(5):
            throttle._aside.ask("UPDATE accounts_throttle SET blocked_until = NULL", [])
            throttle.attempt(throttle.account_key("wangmin"), f"192.0.2.{number}")
        sign_in(another, "wangmin", "Tide!over9Kites")
        expect(another.get_by_text("Too many attempts.")).to_be_visible()

    page.goto("/people/?attention=locked")
    clicked(page, lambda: page.get_by_role("link", name="Wang Min").or_(page.get_by_role("link", name="王敏")).click())
    expect(page.get_by_text("Too many failures: locked until")).to_be_visible()
    clicked(page, lambda: page.get_by_role("link", name="Unlock").click())
    page.fill("input[name=reason]", "called from the plant")
    clicked(page, lambda: page.get_by_role("button", name="Unlock").click())
    expect(page.get_by_text("The account is unlocked.")).to_be_visible()
    with at_site("business", DEMONSTRATION=False):
        last = visit("/sign-in/", locale="en-US")
        sign_in(last, "wangmin", "Tide!over9Kites")
        assert last.url.removeprefix(site.url) == "/inbox/"


@pytest.mark.req("M-5.8.1.1")
def test_a_page_that_renews_itself_says_so(visit, office, tmp_path):
    page = visit("/people/", office.system)
    header = FILE.splitlines()[0]
    take_over(page, given(tmp_path, f"{header}\nsomeone,某人,,P3,,,,,,\n"))
    with page.expect_request(lambda request: "hx-request" in request.headers and request.method == "GET") as asked:
        page.get_by_role("button", name="Take over").click()
    assert asked.value.headers["x-gangmu-unattended"] == "1"


def test_digits_are_heard_where_a_picture_is_to_be_read(visit, office):
    page = visit("/sign-in/", locale="en-US")
    for _ in range(2):
        sign_in(page, "nobodyknows", "wrong")
    sound = page.locator("audio")
    expect(sound).to_have_attribute("controls", "")
    length = page.evaluate(
        "async () => { const a = document.querySelector('audio'); a.preload = 'auto'; a.load();"
        " await new Promise((done, failed) => { a.onloadedmetadata = done; a.onerror = failed; }); return a.duration; }"
    )
    assert length > 5


SHOTS = os.environ.get("GANGMU_SHOTS")


@pytest.mark.skipif(not SHOTS, reason="pictures are taken where GANGMU_SHOTS names a folder")
@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("width", [1440, 390])
def test_pictures(visit, office, tmp_path, language, width):
    now = clock.now()
    User.objects.update(created_at=now, last_login=now)
    User.objects.filter(username="former").update(last_login=None)
    clerk = office.world.clerk
    if not SignIn.objects.filter(user=clerk).exists():
        fields = {"agent": "Firefox", "opened_at": now, "seen_at": now}
        SignIn.objects.create(
            user=clerk, session_key="1", site="business", method="password+totp", address="10.0.0.7", **fields
        )
        SignIn.objects.create(
            user=clerk,
            session_key="2",
            site="office",
            method="passkey",
            address="10.0.0.8",
            ended_at=now,
            end_reason="elsewhere",
            **fields,
        )
        Passkey.objects.create(user=clerk, credential=b"1", public_key=b"1", name="stick", created_at=now)
    page = visit("/people/", office.system, width=width, language=language)

    def shoot(name: str) -> None:
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width, name
        page.screenshot(path=f"{SHOTS}/{name}-{language}-{width}.png", full_page=True)

    for name, path in {
        "list": "/people/",
        "one": f"/people/{clerk.pk}/",
        "guarded": f"/people/{office.security.pk}/",
        "edit": f"/people/{clerk.pk}/edit/",
        "new": "/people/new/",
        "reset": f"/people/{clerk.pk}/do/reset/",
        "certificate": f"/people/{clerk.pk}/certificate/",
        "import": "/people/import/",
        "reports": "/people/reports/",
        "administrators": "/people/reports/administrators/",
        "policy": "/people/policy/",
    }.items():
        page.goto(path)
        shoot(name)
    page.goto("/people/import/")
    page.set_input_files("input[type=file]", given(tmp_path, FAULTY.replace("wangmin", "newone")))
    clicked(page, lambda: page.locator("form.entry-form button[type=submit]").click())
    shoot("preview")
    page.goto(f"/people/{clerk.pk}/do/reset/")
    clicked(page, lambda: page.locator("form.entry-form button[type=submit]").click())
    shoot("shown-once")
    page = visit("/people/policy/change/", office.security, width=width, language=language)
    page.fill("input[name=max_age_days]", "30")
    page.select_option("select[name=second_factor]", "everyone")
    clicked(page, lambda: page.locator("form.entry-form button[type=submit]").last.click())
    shoot("policy-change")

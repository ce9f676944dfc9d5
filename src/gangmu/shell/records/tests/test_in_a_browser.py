"""A morning of the audit administrator in Chromium: an alarm and the trail behind it, an export, a request for two."""

import os
import shutil
import zipfile

import pytest
from playwright.sync_api import expect

from gangmu.foundation.records import alarms, services
from gangmu.foundation.records.export import check_export
from gangmu.foundation.records.models import Alarm, Event, Retention
from gangmu.foundation.records.services import note_refusal
from gangmu.foundation.settings import clock
from gangmu.shell.testing.browser import Site, chromium, clicked, served, too_wide, visit
from gangmu.shell.testing.plugin import HOME
from gangmu.shell.testing.worlds import make_user, make_world

__all__ = ["chromium", "visit"]
pytestmark = pytest.mark.browser

NOW = "2026-11-20T08:30+08:00"


@pytest.fixture(scope="module")
def site(django_db_setup, django_db_blocker, tmp_path_factory):
    """The back office, with a data folder of its own: the chain's copy lies there."""
    home, before = tmp_path_factory.mktemp("home"), os.environ["GANGMU_HOME"]
    shutil.copytree(HOME / "secrets", home / "secrets")
    with django_db_blocker.unblock(), served("auditor", "office") as one:
        os.environ["GANGMU_HOME"] = str(home)
        try:
            yield one
        finally:
            os.environ["GANGMU_HOME"] = before


@pytest.fixture(scope="module")
def staff(site: Site, tmp_path_factory):
    site.stands_at(NOW)
    with clock.frozen(NOW):
        world = make_world(tmp_path_factory.mktemp("world"))
        people = {name: make_user(name, "G", "audit_administrator") for name in ("auditor", "colleague")}
        make_user("operator", "G", "system_administrator")
        for _number in range(6):
            note_refusal("accounts.sign-in-refused", by=world.clerk, data={"username": "clerk"})
        alarms.sweep()
        services.seal_pending()
        yield people


@pytest.mark.req("M-7.2.10.2")
def test_a_morning(visit, staff, tmp_path):
    page = visit("/records/", "auditor")
    expect(page.get_by_role("heading", name="Record at a glance")).to_be_visible()
    clicked(page, lambda: page.get_by_role("link", name="many refusals of one account").first.click())
    expect(page.get_by_text("The events behind it")).to_be_visible()
    clicked(page, lambda: page.get_by_role("link", name="The person's trail").click())
    assert page.get_by_text("Sign-in refused").count() >= 6
    page.go_back()
    page.fill("textarea[name=words]", "The clerk had forgotten it; called back.")
    clicked(page, lambda: page.get_by_role("button", name="Acknowledge").click())
    expect(page.get_by_text("The alarm was acknowledged.")).to_be_visible()
    assert Alarm.objects.get().note == "The clerk had forgotten it; called back."

    page.goto("/records/events/?refused=True")
    clicked(page, lambda: page.get_by_role("link", name="Export with seals").click())
    page.check("input[value=csv]")
    page.fill("textarea[name=reason]", "yearly inspection")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    path = tmp_path / "export.zip"
    download.value.save_as(path)
    done = check_export.check(str(path))
    assert (done.faults, done.records) == ([], 6)
    with zipfile.ZipFile(path) as archive:
        assert "records-event.csv" in archive.namelist()
    assert Event.objects.get(kind="records.exported").data["reason"] == "yearly inspection"


def test_shortening_takes_two_and_nothing_goes_below_180_days(visit, staff):
    page = visit("/records/retention/ask/", "operator")
    page.fill("input[name=code]", "exports")
    page.fill("input[name=name_zh]", "导出")
    page.fill("input[name=name_en]", "Exports")
    page.select_option("select[name=table]", "event")
    page.fill("textarea[name=kinds]", "ui.exported")
    page.fill("input[name=days]", "90")
    page.fill("textarea[name=reason]", "the disk is full")
    page.get_by_role("button", name="Ask for a shorter retention").click()
    expect(page.locator(".is-invalid, .invalid-feedback").first).to_be_visible()
    page.fill("input[name=days]", "200")
    clicked(page, lambda: page.get_by_role("button", name="Ask for a shorter retention").click())
    assert page.get_by_role("link", name="Answer").count() == 0
    second = visit("/records/retention/", "colleague")
    clicked(second, lambda: second.get_by_role("link", name="Answer").click())
    clicked(second, lambda: second.get_by_role("button", name="Agree").click())
    expect(second.get_by_text("Your answer was recorded.")).to_be_visible()
    assert Retention.objects.get().keep_days == 200


def test_every_page_fits_its_window(visit, staff):
    paths = ("", "events/", "history/", "alarms/", "alarms/rules/", "seals/", "retention/", "receivers/", "export/")
    assert too_wide(visit("/records/", "auditor", 390), [f"/records/{path}" for path in paths]) == []

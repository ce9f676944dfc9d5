"""Three administrators in a browser: each does the own part, and is refused the others' with a record."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from gangmu.foundation.access.models import Assignment, Role
from gangmu.foundation.accounts.models import User
from gangmu.foundation.records.models import Event
from gangmu.shell.testing.browser import Site, chromium, served, visit
from gangmu.shell.testing.worlds import make_user, make_world

__all__ = ["chromium", "visit"]

POWERS = ("system", "security", "audit")


@pytest.fixture(scope="module")
def site(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[Site]:
    with django_db_blocker.unblock(), served("roles", "office") as one:
        make_world(tmp_path_factory.mktemp("world"))
        for power in POWERS:
            make_user(power, "G", f"{power}_administrator")
        yield one


def proved(page: Page, path: str) -> None:
    """Go somewhere sensitive, and prove who one is when asked."""
    page.goto(path)
    if "/prove/" in page.url or page.locator("input[type=password]").count():
        page.fill("input[type=password]", "a long enough pass phrase 42")
        page.locator("main form button[type=submit]").click()
        page.wait_for_load_state("networkidle")


def menu_of(page: Page) -> set[str]:
    return set(page.locator(".side-link span").all_inner_texts())


def refusals() -> set[tuple[str, str]]:
    rows = Event.objects.filter(kind="ui.refused", refused=True)
    return {(User.objects.get(pk=event.by_id).username, event.data["path"]) for event in rows}


@pytest.mark.req("M-5.8.1.2")
def test_each_of_the_three_does_the_own_part_alone(visit: Callable[..., Page]):
    page = visit("/", "security")
    assert {"Roles", "Assignments", "Entitlement review"} <= menu_of(page)
    proved(page, "/roles/assignments/give/")
    page.fill("[name=people]", "clerk")
    page.select_option("[name=role]", str(Role.objects.get(code="reviewer").pk))
    page.fill("[name=at]", "P1")
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/roles/assignments/")
    given = Assignment.objects.get(user__username="clerk", role__code="reviewer")
    assert given.given_by is not None and given.given_by.username == "security"
    page.goto("/roles/assignments/give/")
    page.fill("[name=people]", "security")
    page.select_option("[name=role]", str(Role.objects.get(code="viewer").pk))
    page.fill("[name=at]", "G")
    page.locator("main form button[type=submit]").click()
    page.get_by_text("Nobody gives, renews or ends a role of their own.").first.wait_for()
    assert Event.objects.filter(kind="access.refused", refused=True, by__username="security").exists()
    for power in ("system", "audit"):
        other = visit("/", power)
        assert not {"Role", "Give a role"} & menu_of(other)
        other.goto("/roles/assignments/give/")
        assert other.locator("h1").inner_text() == "You may not do this"
        other.get_by_role("link", name="Why can it not be seen?").click()
        other.get_by_text("The permission is missing").wait_for()
        assert (power, "/roles/assignments/give/") in refusals()


def test_what_would_change_is_shown_before_a_role_is_saved(visit: Callable[..., Page]):
    role = Role.objects.get(code="clerk")
    page = visit("/", "security")
    proved(page, f"/roles/{role.pk}/edit/")
    page.uncheck("input[name=held][value='figures:export']")
    page.uncheck("input[name=opened][value='page:power:events']")
    page.get_by_role("button", name="Show what changes").click()
    page.get_by_text("Taken away").wait_for()
    assert page.get_by_text("Figures: Export figures and reports (figures:export)").count() == 1
    assert "figures:view,export,file" in Role.objects.get(code="clerk").permissions
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(f"**/roles/{role.pk}/")
    saved = Role.objects.get(code="clerk")
    assert "figures:view,file" in saved.permissions and saved.hides == ["page:power:events"]

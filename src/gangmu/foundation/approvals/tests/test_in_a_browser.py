"""Deciding in a real browser: with the thumb, in a window, many at once; nothing typed is lost."""

import pytest

from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.approvals import services
from gangmu.foundation.approvals.models import Case, Decision
from gangmu.foundation.approvals.subjects import ExceptionLine
from gangmu.foundation.approvals.tests.leaflets import leaflets_known
from gangmu.foundation.settings import clock
from gangmu.shell.testing.browser import chromium, clicked, site, swap, too_wide, visit
from gangmu.shell.testing.worlds import make_user, make_world

__all__ = ["chromium", "site", "visit"]

pytestmark = pytest.mark.browser

NOW = "2026-11-20T07:30+08:00"
INTERACTION_BUDGET = 15_000


@pytest.fixture(scope="module")
def office(site, tmp_path_factory):
    """A world with reviewers, and leaflets that can be submitted; every request happens at `NOW`."""
    site.stands_at(NOW)
    with clock.frozen(NOW):
        world = make_world(tmp_path_factory.mktemp("world"))
        make_user("plantreviewer", "P1", "reviewer")
        make_user("second", "P1", "reviewer")
        make_user("regionreviewer", "R2", "reviewer")
        with leaflets_known() as leaflets:
            yield world, leaflets


@pytest.fixture
def submit(office):
    def one(title: str, *exceptions: ExceptionLine) -> Case:
        world, leaflets = office
        with clock.frozen(NOW), acting_as(world.clerk):
            return leaflets.submit(leaflets.write(title, "P1", "1,234.5 MWh", *exceptions), world.clerk)

    return one


@pytest.fixture
def withdraw_all(office):
    """Takes back whatever other tests left behind."""

    def all_of_them() -> None:
        clerk = office[0].clerk
        with clock.frozen(NOW), acting_as(clerk):
            for case in Case.objects.filter(state="open"):
                services.withdraw(case.pk, by=clerk, key=f"away-{case.pk}")

    return all_of_them


def step_of(case: Case) -> int | None:
    return Case.objects.get(pk=case.pk).step


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_fits_its_window(visit, submit, language):
    case = submit(f"A rather long title of daily figures of a plant {language}")
    page = visit("/inbox/", "plantreviewer", 390, language)
    paths = (f"{case.pk}/", f"{case.pk}/return/", "", "many/", "late/", "decisions/", "leave/", "routes/")
    assert too_wide(page, [f"/approvals/{path}" for path in paths]) == []


def test_the_thumb_reaches_the_decision_without_scrolling(visit, submit):
    case = submit("For the thumb")
    page = visit("/inbox/", "plantreviewer", 390)
    clicked(page, lambda: page.click("text=For the thumb"))
    button = page.get_by_role("button", name="Approve")
    box = button.bounding_box()
    assert box and box["y"] + box["height"] <= 900 and box["height"] >= 44
    clicked(page, button.click)
    assert "Approved. It is now with regionreviewer." in page.inner_text(".messages")
    assert step_of(case) == 1


def test_a_return_is_said_in_a_window_and_keeps_what_was_typed(visit, submit):
    case = submit("For a return")
    page = visit(f"/approvals/{case.pk}/", "plantreviewer")
    swap(page, lambda: page.click("a:has-text('Return')"), "/return/")
    window = page.locator("#approval")
    swap(page, window.get_by_role("button", name="Return").click, "/return/")
    assert "Say it in a few words." in window.inner_text()
    window.locator("textarea").fill("unit 2 is missing")
    clicked(page, window.get_by_role("button", name="Return").click)
    assert "unit 2 is missing" in page.inner_text("#approval-panel")
    assert Case.objects.get(pk=case.pk).state == "returned"


def test_what_changed_meanwhile_is_refused_where_one_stands(visit, submit, office):
    case = submit("Changing")
    page = visit(f"/approvals/{case.pk}/", "plantreviewer")
    page.fill(".approval-decide textarea", "as discussed on the phone")
    office[1].leaflets[case.subject_id].text = "9,999.9 MWh"
    answer = swap(page, page.get_by_role("button", name="Approve").click, "/approve/")
    assert answer.status == 422
    assert "changed since you looked" in page.inner_text(".approval-decide [role=alert]")
    assert page.input_value(".approval-decide textarea") == "as discussed on the phone"
    assert page.locator(".approval-decide a:has-text('Return')").count() == 1
    assert step_of(case) == 0


def test_further_actions_open_from_the_menu(visit, submit):
    case = submit("To be handed over")
    page = visit(f"/approvals/{case.pk}/", "plantreviewer", 390)
    page.click(".approval-decide summary")
    answer = swap(page, lambda: page.click(".approval-decide a:has-text('Delegate')"), "/delegate/")
    assert len(answer.body()) < 5 * INTERACTION_BUDGET  # uncompressed; the wire carries a fifth of it
    page.select_option("#approval select", label="second · Plant Alpha")
    page.fill("#approval textarea", "on leave")
    clicked(page, page.locator("#approval button[type=submit]").click)
    assert "second" in page.inner_text(".holders")
    assert not page.get_by_role("button", name="Approve").count()


@pytest.mark.parametrize("width", [1440, 390])
def test_many_are_ticked_and_approved_with_one_button(visit, submit, withdraw_all, width):
    withdraw_all()
    clean = [submit(f"Clean {number} at {width}") for number in range(3)]
    odd = submit(f"Odd at {width}", ExceptionLine("warning", "Above capacity", "the meter was replaced"))
    page = visit("/approvals/many/", "plantreviewer", width)
    assert "the meter was replaced" in page.inner_text("#bulk")
    button = page.locator("#bulk button[type=submit]")
    assert button.inner_text().split() == ["Approve", "3"]
    all_clean, all_odd = page.locator("[data-tick-all]").nth(1), page.locator("[data-tick-all]").nth(0)
    all_clean.uncheck()
    assert button.is_disabled()
    all_odd.check()
    all_clean.check()
    assert button.inner_text().split() == ["Approve", "4"]
    all_odd.uncheck()
    clicked(page, button.click)
    assert "3 approved." in page.inner_text("main")
    assert [step_of(one) for one in clean] == [1, 1, 1]
    assert step_of(odd) == 0
    assert Decision.objects.filter(action="approve", case__in=clean).count() == 3


def test_the_inbox_counts_on_every_page_and_narrows_as_one_types(visit, submit):
    submit("A needle")
    page = visit("/organisations/", "plantreviewer")
    assert int(page.inner_text(".bell .bell-count")) >= 1
    page.goto("/inbox/")
    swap(page, lambda: page.fill("input[type=search]", "needle"), "q=needle")
    assert page.locator(".inbox-entry").count() == 1
    assert "q=needle" in page.url
    swap(page, lambda: page.check("input[name=late]"), "late=1")
    assert page.locator(".inbox-entry").count() == 0

"""The page of the day: what is to be filed, how it stands, whom to remind; many stations side by side; the inbox."""

import csv
import io
import re

import pytest

from gangmu.figures.filing.models import Form, Sheet
from gangmu.figures.filing.tests import small as kit
from gangmu.figures.filing.tests.pages.visiting import DAY, page, post, words
from gangmu.foundation.accounts.models import User
from gangmu.foundation.notices.models import Notice
from gangmu.foundation.settings import clock
from gangmu.shell.testing.worlds import make_user

pytestmark = pytest.mark.django_db


def test_a_clerk_finds_what_is_to_be_filed_and_begins_it_with_one_press(small):
    text = page(small.clerk, "/filing/")
    assert "Yours to file" in text
    assert "Small daily form" in text
    assert f'value="{DAY}"' in text  # yesterday
    place = kit.organisation("P1").pk
    response = post(small.clerk, "/filing/open/", form="small_daily", organisation=place, period=DAY)
    sheet = Sheet.objects.get()
    assert response["Location"] == f"/filing/sheets/{sheet.pk}/edit/"
    assert sheet.organisation.code == "P1"
    assert f"/filing/sheets/{sheet.pk}/" in page(small.clerk, "/filing/")


def test_a_sheet_outside_the_scope_cannot_be_begun(small):
    place = kit.organisation("P1").pk
    post(small.world.other, "/filing/open/", 404, form="small_daily", organisation=place, period=DAY)
    assert not Sheet.objects.exists()
    viewer = post(
        small.world.present, "/filing/open/", 200, follow=True, form="small_daily", organisation=place, period=DAY
    )
    assert "Your roles do not let you file" in viewer.content.decode()
    assert not Sheet.objects.exists()


def test_the_tiers_above_see_how_the_day_stands_and_whom_to_call(small):
    small.clerk.phone = "138 0000 1111"
    small.clerk.save()
    with clock.frozen("2026-11-20T10:00+08:00"):
        text = page(small.group_manager, "/filing/")
        assert re.search(r"standing-number\">1</span><span>expected", text)
        assert re.search(r"standing-danger.*?standing-number\">1</span><span>missing", text, re.S)
        assert 'href="tel:13800001111"' in text
        assert "Remind" in text
        kit.opened(small)
        assert re.search(
            r"standing-warning.*?standing-number\">1</span><span>late", page(small.group_manager, "/filing/"), re.S
        )


def test_reminding_reaches_those_who_file_once_an_hour(small):
    with clock.frozen("2026-11-20T10:00+08:00"):
        response = post(small.group_manager, f"/filing/remind/?period={DAY}", 200, follow=True, all="1")
        assert "Reminded of 1 sheet: clerk, colleague." in response.content.decode()
        again = post(small.group_manager, f"/filing/remind/?period={DAY}", 200, follow=True, all="1")
        assert "less than an hour ago" in again.content.decode()
    assert Notice.objects.filter(kind="filing.reminded").count() == 2
    assert "is not submitted yet" in str(Notice.objects.filter(kind="filing.reminded").first())


def test_reminding_of_a_sheet_under_approval_reaches_its_approver(small):
    kit.submit(small, kit.filled(small))
    line = f"small_daily:{kit.organisation('P1').pk}"
    response = post(small.group_manager, f"/filing/remind/?period={DAY}", 200, follow=True, who=line)
    assert "plant-reviewer" in response.content.decode()


def test_a_clerk_does_not_remind_others(small):
    assert "Remind all of them" not in page(small.clerk, "/filing/")
    post(small.clerk, "/filing/remind/", 403, all="1")


def test_the_days_list_is_filtered_and_exported(small):
    kit.submit(small, kit.filled(small))
    assert "Plant Alpha" in words(page(small.group_manager, "/filing/?status=submitted"))
    assert "Nothing matches these filters" in page(small.group_manager, "/filing/?status=approved")
    assert "Nothing matches these filters" in page(small.group_manager, "/filing/?q=gamma")
    page(small.group_manager, "/filing/?status=nonsense", 422)
    text = page(small.group_manager, "/filing/?export=csv").lstrip("\ufeff")
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["Organisation"], row["Status"]) == ("Plant Alpha", "under approval")


def test_a_month_can_be_looked_at(small):
    assert "Nothing is to be filed for this period" in page(small.group_manager, "/filing/?period=2026-10")


def test_what_is_no_period_shows_yesterday(small):
    assert f'value="{DAY}"' in page(small.clerk, "/filing/?period=nonsense")


def test_a_control_centre_fills_in_its_stations_in_one_grid(small):
    make_user("centre", "R2", "clerk")
    centre = User.objects.get(username="centre")
    Form.objects.filter(code="small_daily").update(
        definition=kit.FORM | {"filed_by": {"kinds": ["plant"]}}, digest="b" * 64
    )
    text = page(centre, f"/filing/many/?form=small_daily&period={DAY}")
    assert "Plant Alpha" in text and "Plant Gamma" in text and "Plant Beta" not in text
    places = [kit.organisation(code).pk for code in ("P1", "P3", "P2")]
    response = post(centre, "/filing/many/", form="small_daily", period=DAY, selected=places)
    first, second = Sheet.objects.order_by("organisation__sort_key")
    assert {first.organisation.code, second.organisation.code} == {"P1", "P3"}
    assert response["Location"] in (
        f"/filing/sheets/{first.pk}/edit/?with={second.pk}",
        f"/filing/sheets/{second.pk}/edit/?with={first.pk}",
    )
    grid = page(centre, response["Location"])
    assert "Alpha 1" in grid and "Gamma 1" in grid


def test_stations_are_chosen_and_opened_side_by_side(small):
    text = page(small.clerk, f"/filing/many/?form=small_daily&period={DAY}")
    assert "Plant Alpha" in text
    place = kit.organisation("P1").pk
    response = post(small.clerk, "/filing/many/", form="small_daily", period=DAY, selected=[place])
    assert response["Location"] == f"/filing/sheets/{Sheet.objects.get().pk}/edit/"
    other = kit.organisation("P2").pk
    post(small.clerk, "/filing/many/", form="small_daily", period=DAY, selected=[other])
    assert Sheet.objects.count() == 1
    for query in ("", "form=none&period=2026-11-19", "form=small_daily&period=2026-11", "form=small_daily&period=x"):
        page(small.clerk, f"/filing/many/?{query}", 404)


def test_the_inbox_holds_what_is_to_be_filed_until_it_is_submitted(small):
    text = page(small.clerk, "/inbox/")
    assert f"Small daily form · {DAY}" in text
    assert "Small daily form" not in page(small.plant_reviewer, "/inbox/")
    sheet = kit.filled(small)
    assert f"/filing/sheets/{sheet.pk}/edit/" in page(small.clerk, "/inbox/")
    kit.submit(small, sheet)
    assert "Small daily form" not in words(page(small.clerk, "/inbox/"))


def test_what_came_back_stands_in_the_inbox_of_colleagues_too(small):
    case = kit.submit(small, kit.filled(small))
    kit.send_back(case, small.plant_reviewer)
    text = page(small.colleague, "/inbox/")
    assert "Returned to colleagues" in text
    assert f"/filing/sheets/{case.subject_id}/" in text
    assert "Returned to colleagues" not in page(small.clerk, "/inbox/")  # theirs stands with approvals

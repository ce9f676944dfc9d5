"""Forms, duties and lists."""

import pytest

from gangmu.figures.filing.models import Duty
from gangmu.figures.filing.tests import small as kit
from gangmu.figures.filing.tests.pages.visiting import page, post, words
from gangmu.shell.testing.sites import at_site
from gangmu.shell.testing.worlds import make_user

pytestmark = pytest.mark.django_db


def test_a_form_shows_its_items_rules_and_versions(small):
    text = page(small.clerk, "/filing/forms/small_daily/")
    for part in (
        "Generation",
        "begins with Closing stock",
        "gen &lt;= capacity_mwh",
        "Version 1",
        "the day after, 09:00",
    ):
        assert part in text, part
    assert "Let somebody file" not in page(small.clerk, "/filing/duties/")
    page(small.clerk, "/filing/forms/none/", 404)
    page(small.clerk, "/filing/forms/small_daily/?version=7", 404)
    assert "Small daily form" in page(small.clerk, "/filing/forms/")


@pytest.mark.parametrize("address", ["sheets/", "corrections/", "forms/", "duties/"])
def test_lists_are_shown_and_exported(small, address):
    kit.approved(small)
    page(small.group_manager, f"/filing/{address}")
    page(small.group_manager, f"/filing/{address}?export=csv")
    assert "Plant Alpha" not in page(small.world.other, f"/filing/{address}")


def test_sheets_are_filtered_by_form_state_and_days(small):
    kit.approved(small)
    assert "Plant Alpha" in page(small.clerk, "/filing/sheets/?form_code=small_daily&status=approved&since=2026-11-19")
    assert "Plant Alpha" not in words(page(small.clerk, "/filing/sheets/?until=2026-11-18"))


def test_an_administrator_says_who_files_for_whom(small):
    administrator = make_user("administrator", "G", "business_administrator")
    auditor = make_user("auditor", "G", "audit_administrator")
    elsewhere = make_user("elsewhere", "P2", "business_administrator")
    given = {
        "form_code": "small_daily",
        "filer": "East Company",
        "organisations": "P1\nNowhere",
        "first_day": "2026-11-01",
        "last_day": "",
    }
    with at_site("office"):
        faulty = post(administrator, "/filing/duties/add/", 422, given).content.decode()
        assert "more than one of that name: Nowhere" in faulty
        assert "Nowhere</textarea>" in faulty
        post(administrator, "/filing/duties/add/", 302, given | {"organisations": "甲电厂"})
        duty = Duty.objects.get()
        assert (duty.organisation.code, duty.filer.code) == ("P1", "R1")
        again = post(administrator, "/filing/duties/add/", 422, given | {"organisations": "P1"}).content.decode()
        assert "Somebody files already" in again
        page(auditor, "/filing/duties/add/", 403)
        page(auditor, f"/filing/duties/{duty.pk}/end/", 404)
        page(elsewhere, f"/filing/duties/{duty.pk}/end/", 404)
    assert "outside your scope" in page(small.clerk, "/filing/duties/")
    page(small.clerk, f"/filing/duties/{duty.pk}/end/", 404)
    with at_site("office"):
        post(administrator, f"/filing/duties/{duty.pk}/end/", 302, {"last_day": "2026-11-20"})
    duty.refresh_from_db()
    assert str(duty.valid.upper) == "2026-11-21"

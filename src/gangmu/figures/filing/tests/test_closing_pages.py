"""Closing a month on its pages, in the scope of who does it; sheets and corrections meet the closed month."""

import pytest

from gangmu.figures.filing.errors import NotReady
from gangmu.figures.filing.importing import load_facts
from gangmu.figures.filing.models import Form, MonthClosing
from gangmu.figures.filing.services import (
    Edit,
    load_forms,
    lock_sheets,
    open_sheet,
    save_correction,
    start_correction,
    submit_correction,
)
from gangmu.figures.filing.services.closing import close_month, reopen_month
from gangmu.figures.filing.tests import small as kit
from gangmu.figures.filing.tests.pages.visiting import page, post, words
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock
from gangmu.shell.testing.worlds import make_user

pytestmark = pytest.mark.django_db
LINES = ("P1U1,gen,2026-10-01,7", "P2U1,gen,2026-10-01,5", "P1,gen_month,2026-10,9", "P2,gen_month,2026-10,4")


@pytest.fixture
def small(tmp_path):
    with clock.frozen("2026-11-20T07:30+08:00"):
        made = kit.make_small(tmp_path)
        Form.objects.exclude(code="small_daily").update(is_current=False)
        rules = {"precision": 1, "over_time": "sum", "over_organisations": "sum", "grain": "month", "level": "plant"}
        names = {"name_zh": "月报发电量", "name_en": "Settled generation", "unit": "MWh"}
        Indicator.objects.create(code="gen_month", settles="gen", **rules, **names)
        path = tmp_path / "october.csv"
        path.write_text("organisation,indicator,period,value\n" + "\n".join(LINES) + "\n", "utf-8")
        assert not load_facts(path).problems
        yield made


def close(user, at: str, status: int = 302, **more):
    gen = str(Indicator.objects.get(code="gen").pk)
    asked = {"month": "2026-10", "organisation": at, "indicators": gen, "reason": "signed by finance", **more}
    return post(user, "/filing/months/close/", status, asked)


@pytest.mark.req("M-7.2.10.1")
def test_a_month_is_closed_and_reopened_with_a_reason(small):
    assert "No month is closed" in words(page(small.group_manager, "/filing/months/"))
    close(small.group_manager, "G")
    (closing,) = MonthClosing.objects.all()
    assert (closing.reason, closing.closed_by) == ("signed by finance", small.group_manager)
    listed = words(page(small.group_manager, "/filing/months/"))
    assert "2026-10 Generation" in listed and "signed by finance" in listed and "Reopen" in listed
    text = close(small.group_manager, "G", 422).content.decode()
    assert "2026-10 is closed for gen at G already" in text
    post(small.group_manager, f"/filing/months/{closing.pk}/reopen/", 422, {"reason": " "})
    post(small.group_manager, f"/filing/months/{closing.pk}/reopen/", 302, {"reason": "meter read again"})
    closing.refresh_from_db()
    assert (closing.reopening_reason, closing.reopened_by) == ("meter read again", small.group_manager)


def test_who_may_not_lock_there_may_not_close_there(small):
    close(small.group_manager, "P1")
    (closing,) = MonthClosing.objects.all()
    clerk = small.clerk
    page(clerk, "/filing/months/close/", 403)
    page(clerk, f"/filing/months/{closing.pk}/reopen/", 403)
    assert "signed by finance" in words(page(clerk, "/filing/months/"))
    elsewhere = make_user("elsewhere", "P2", "viewer")
    assert "signed by finance" not in words(page(elsewhere, "/filing/months/"))
    page(elsewhere, f"/filing/months/{closing.pk}/reopen/", 404)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"month": "2026-11"}, "2026-11 is not over"),
        ({"month": "2026-09"}, "There is no settled value of 2026-09"),
        ({"month": "20269"}, "20269"),
        ({"organisation": "nowhere"}, "Not found"),
    ],
)
def test_what_is_wrong_is_said_beside_the_form(small, more, said):
    at = more.get("organisation", "G")
    rest = {name: text for name, text in more.items() if name != "organisation"}
    assert said in close(small.group_manager, at, 422, **rest).content.decode()
    assert not MonthClosing.objects.exists()


MONTHLY = {
    "code": "small_monthly",
    "name": {"zh": "小月报", "en": "Small monthly form"},
    "grain": "month",
    "route": "small",
    "correction_route": "small_correction",
    "filed_by": {"kinds": ["plant"], "fuels": ["coal"]},
    "sections": [
        {
            "code": "plant",
            "name": {"zh": "全厂", "en": "Plant"},
            "level": "self",
            "items": [{"indicator": "gen_month", "required": True}],
        }
    ],
}


def test_settled_values_come_through_a_monthly_sheet_and_stand_still_once_closed(small):
    """Filed, approved by three tiers, locked, closed: then neither a sheet nor a correction changes the month."""
    form = load_forms([MONTHLY])["small_monthly"]
    september, place = Period.parse("2026-09"), kit.organisation("P1")
    with acting_as(small.clerk) as scope:
        sheet = open_sheet(form, place, september, by=small.clerk, scope=scope)
    kit.put(small, sheet, {("P1", "gen_month"): "123.5"})
    case = kit.submit(small, sheet, key="september")
    gen, at = Indicator.objects.get(code="gen"), kit.organisation("G")
    with pytest.raises(NotReady, match="1 figures of 2026-09 are not locked yet: P1 gen_month 2026-09"):
        close_month(gen, at, september, reason="signed", by=None)
    for user in (small.plant_reviewer, small.region_reviewer, small.group_manager):
        kit.approve(case, user, key=f"a{user.pk}")
    sheet.refresh_from_db()
    lock_sheets([sheet], by=None)
    closing = close_month(gen, at, september, reason="signed", by=None)
    sheet.refresh_from_db()
    with acting_as(small.clerk) as scope:
        correction = start_correction(sheet, reason="meter read again", by=small.clerk, scope=scope)
        cell = (place.pk, "gen_month")
        save_correction(correction, [Edit(*cell, "124", 0, 10**6)], by=small.clerk, key="c1", scope=scope)
        with pytest.raises(NotReady, match="2026-09 is closed for gen at G, and with it for P1"):
            submit_correction(correction, by=small.clerk, key="c2", scope=scope)
    late = kit.filled(small, Period.parse("2026-09-15"))
    with pytest.raises(NotReady, match="2026-09 is closed for gen at G, and with it for P1U1"):
        kit.submit(small, late, key="late")
    reopen_month(closing, reason="meter read again", by=None)
    assert kit.submit(small, late, key="late")
    with acting_as(small.clerk) as scope:
        assert submit_correction(correction, by=small.clerk, key="c2", scope=scope)

"""The pages of filing as each person of the world sees them."""

import csv
import io
import re
from uuid import uuid4

import pytest
from django.test import Client

from gangmu.figures.filing.models import Correction, Duty, Explanation, Form, Remark, Sheet
from gangmu.figures.filing.tests import small as kit
from gangmu.foundation.accounts.models import User
from gangmu.foundation.approvals import queries as approvals
from gangmu.foundation.notices.models import Notice
from gangmu.foundation.settings import clock
from gangmu.shell.testing.sites import at_site
from gangmu.shell.testing.worlds import make_user, settle

pytestmark = pytest.mark.django_db
DAY = "2026-11-19"


@pytest.fixture
def small(tmp_path):
    with clock.frozen("2026-11-20T07:30+08:00"):
        made = kit.make_small(tmp_path)
        Form.objects.exclude(code="small_daily").update(is_current=False)
        yield made


def client_of(user, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(user)
    return client


def page(user, address: str, status: int = 200, language: str = "en") -> str:
    response = client_of(user, language).get(address)
    assert response.status_code == status, response.content.decode()[:3000]
    return b"".join(response).decode()


def post(
    user, address: str, status: int = 302, fields: dict[str, str] | None = None, *, follow: bool = False, **data: object
):
    settle()
    given = {"_key": uuid4().hex, **data, **(fields or {})}
    response = client_of(user).post(address, given, follow=follow)
    assert response.status_code == status, response.content.decode()[:3000]
    return response


def words(text: str) -> str:
    """What a page says, without its tags."""
    return " ".join(re.sub(r"<[^>]*>", " ", text.partition("<main")[2]).split())


# The day --------------------------------------------------------------------------------------------------------------


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


# One sheet ------------------------------------------------------------------------------------------------------------


def test_a_sheet_is_read_by_those_above_and_by_nobody_else(small):
    sheet = kit.filled(small)
    address = f"/filing/sheets/{sheet.pk}/"
    for user in (small.clerk, small.colleague, small.plant_reviewer, small.world.present, small.group_manager):
        text = page(user, address)
        assert "12,000.0" in text
        assert "Alpha 1" in text
    for user in (small.world.other, small.world.former, small.world.nobody):
        for part in ("", "history/", "submit/", "recall/", "correct/", "template/"):
            page(user, f"{address}{part}", 404)


def test_a_sheet_offers_what_may_be_done_now(small):
    sheet = kit.filled(small)
    address = f"/filing/sheets/{sheet.pk}/"
    assert "Fill in" in words(page(small.clerk, address))
    assert "Fill in" not in words(page(small.plant_reviewer, address))
    kit.submit(small, sheet)
    assert "Recall" in words(page(small.clerk, address))
    assert "Correct" not in words(page(small.clerk, address)).replace("Corrections", "")
    reviewer = page(small.plant_reviewer, address)
    assert 'class="approval-decide"' in reviewer
    assert "Approve" in words(reviewer)


def test_what_stood_before_stands_beside_each_figure(small):
    before = kit.opened(small, kit.DAY.previous())
    kit.put(small, before, kit.GOOD | {("P1U1", "gen"): "11111"})
    kit.submit(small, before, key="before")
    text = page(small.clerk, f"/filing/sheets/{kit.filled(small).pk}/")
    assert '<span title="Period before">11,111.0</span>' in text


def test_words_for_a_warning_stand_on_top_for_the_approver(small):
    sheet = kit.filled(small)
    kit.put(small, sheet, {("P1U1", "gen"): "15000"})
    address = f"/filing/sheets/{sheet.pk}/submit/"
    text = page(small.clerk, address)
    assert "Generation within capacity" in text
    key = re.search(r'name="finding-0" value="([^"]*)"', text)
    assert key
    silent = post(small.clerk, address, 422, {"finding-0": key[1], "words-0": ""}).content.decode()
    assert "Not submitted" in silent
    assert Sheet.objects.get().status == "open"
    said = "The meter was <changed>"
    post(small.clerk, address, 302, {"finding-0": key[1], "words-0": said, "words": "please look"})
    assert Explanation.objects.get().words == said
    read = page(small.plant_reviewer, f"/filing/sheets/{sheet.pk}/")
    assert read.index("The meter was &lt;changed&gt;") < read.index('id="section-units"')
    assert "cell-warning" in read
    assert "please look" in read


def test_faults_keep_a_sheet_from_being_submitted_and_lead_to_their_cells(small):
    sheet = kit.filled(small)
    kit.put(small, sheet, {("P1U1", "gen"): "", ("P1U2", "gen"): "--", ("P1", "stock"): "900"})
    text = page(small.clerk, f"/filing/sheets/{sheet.pk}/submit/")
    assert "3 faults keep the sheet from being submitted" in text
    unit = kit.organisation("P1U1").pk
    assert f'href="/filing/sheets/{sheet.pk}/edit/#cell-{unit}-gen"' in text
    answer = post(small.clerk, f"/filing/sheets/{sheet.pk}/submit/", 422, words="as typed").content.decode()
    assert "To be put right first (3)" in answer
    assert ">as typed</textarea>" in answer


def test_a_form_sent_twice_by_a_slow_line_submits_once(small):
    sheet = kit.filled(small)
    settle()
    client, key = client_of(small.clerk), uuid4().hex
    for _time in range(2):
        response = client.post(f"/filing/sheets/{sheet.pk}/submit/", {"_key": key, "words": ""})
        assert response.status_code == 302
    assert Sheet.objects.get().revision == 1


def test_a_submitted_sheet_is_recalled(small):
    sheet = kit.filled(small)
    kit.submit(small, sheet)
    assert "Recall" in page(small.clerk, f"/filing/sheets/{sheet.pk}/recall/")
    post(small.clerk, f"/filing/sheets/{sheet.pk}/recall/", words="wrong day")
    sheet.refresh_from_db()
    assert sheet.status == "open"
    history = page(small.clerk, f"/filing/sheets/{sheet.pk}/history/")
    assert "wrong day" in history


def test_an_approved_sheet_is_locked_by_those_who_may(small):
    sheet = kit.approved(small)
    refused = post(small.clerk, f"/filing/sheets/{sheet.pk}/lock/", 200, follow=True).content.decode()
    assert "Your roles do not include this" in refused
    viewer = post(small.world.present, f"/filing/sheets/{sheet.pk}/lock/", follow=True, status=200).content.decode()
    assert "Your roles do not include this" in viewer
    post(small.group_manager, f"/filing/sheets/{sheet.pk}/lock/")
    sheet.refresh_from_db()
    assert sheet.status == "locked"
    assert "12,000.0" in page(small.clerk, f"/filing/sheets/{sheet.pk}/")


def test_remarks_stay_with_their_cells(small):
    sheet = kit.filled(small)
    cell = f"{kit.organisation('P1U1').pk}-gen"
    post(small.clerk, f"/filing/sheets/{sheet.pk}/remark/", cell=cell, words="meter <b>changed</b>")
    post(small.plant_reviewer, f"/filing/sheets/{sheet.pk}/remark/", cell="", words="thank you")
    assert Remark.objects.count() == 2
    text = page(small.plant_reviewer, f"/filing/sheets/{sheet.pk}/")
    assert "meter &lt;b&gt;changed&lt;/b&gt;" in text
    assert f'href="#cell-{cell}"' in text
    post(small.world.present, f"/filing/sheets/{sheet.pk}/remark/", cell="", words="a viewer")
    assert Remark.objects.count() == 2


def test_every_step_stands_in_the_history(small):
    sheet = kit.filled(small)
    case = kit.submit(small, sheet)
    with clock.frozen("2026-11-20T08:00+08:00"):
        kit.send_back(case, small.plant_reviewer, reason="check unit one")
    with clock.frozen("2026-11-20T08:30+08:00"):
        kit.put(small, sheet, {("P1U1", "gen"): "12100"})
        kit.submit(small, sheet, key="second")
        case.refresh_from_db()
        for user in (small.plant_reviewer, small.region_reviewer, small.group_manager):
            kit.approve(case, user, key=f"ok{user.pk}")
    text = words(page(small.world.present, f"/filing/sheets/{sheet.pk}/history/"))
    for step in ("Sheet opened", "Revision 1", "check unit one", "Revision 2", "12,000.0 → 12,100.0", "group-manager"):
        assert step in text, step
    assert text.index("Revision 2") < text.index("check unit one") < text.index("Sheet opened")
    assert "Changed since the submission before" in page(small.world.present, f"/filing/sheets/{sheet.pk}/")


# Corrections ----------------------------------------------------------------------------------------------------------


def test_a_correction_goes_from_its_reason_to_the_figures_and_through_its_own_route(small):
    sheet = kit.approved(small)
    post(small.clerk, f"/filing/sheets/{sheet.pk}/correct/", 422, reason="  ")
    post(small.clerk, f"/filing/sheets/{sheet.pk}/correct/", reason="the meter was read again")
    made = Correction.objects.get()
    address = f"/filing/corrections/{made.pk}/"
    unit = kit.organisation("P1U1").pk
    bad = post(small.clerk, f"{address}edit/", 422, {f"new-{unit}-gen": "12oo0"}).content.decode()
    assert 'value="12oo0"' in bad
    assert "correction-box is-invalid" in bad
    assert "“12oo0”" in bad
    post(small.clerk, f"{address}edit/", 302, {f"new-{unit}-gen": "12100"})
    text = page(small.clerk, address)
    assert "<del>12,000.0</del>" in text
    assert "12,100.0" in text
    assert "What it will restate" in text
    assert "Plant Alpha" in text
    post(small.clerk, f"{address}submit/")
    for user in (small.region_reviewer, small.group_manager):
        case = approvals.case_of("filing.correction", made.pk)
        assert case
        assert "Approve" in words(page(user, address))
        kit.approve(case, user)
    assert "What it has restated" in page(small.clerk, address)
    fact = kit.stands("P1U1", "gen")
    assert fact and fact.value == 121000
    history = words(page(small.clerk, f"/filing/sheets/{sheet.pk}/history/"))
    assert "12,000.0 → 12,100.0" in history
    assert "the meter was read again" in history
    assert "the meter was read again" in page(small.group_manager, "/filing/corrections/")


def test_a_correction_is_changed_by_those_who_file_alone(small):
    sheet = kit.approved(small)
    page(small.group_manager, f"/filing/sheets/{sheet.pk}/correct/")
    post(small.world.present, f"/filing/sheets/{sheet.pk}/correct/", 422, reason="a viewer")
    refused = post(small.group_manager, f"/filing/sheets/{sheet.pk}/correct/", 422, reason="mine").content.decode()
    assert "mine</textarea>" in refused
    post(small.clerk, f"/filing/sheets/{sheet.pk}/correct/", reason="read again")
    made = Correction.objects.get()
    for part in ("edit/", "attach/", "submit/", "withdraw/"):
        post(small.group_manager, f"/filing/corrections/{made.pk}/{part}")
        post(small.world.present, f"/filing/corrections/{made.pk}/{part}")
        post(small.world.other, f"/filing/corrections/{made.pk}/{part}", 404)
    made.refresh_from_db()
    assert made.status == "open"
    assert not made.files.exists()
    page(small.world.other, f"/filing/corrections/{made.pk}/", 404)
    post(small.clerk, f"/filing/corrections/{made.pk}/withdraw/")
    made.refresh_from_db()
    assert made.status == "withdrawn"


def test_a_document_proves_a_correction(small):
    sheet = kit.approved(small)
    post(small.clerk, f"/filing/sheets/{sheet.pk}/correct/", reason="read again")
    made = Correction.objects.get()
    file = io.BytesIO(b"meter: 12100\n")
    file.name = "meter.txt"
    post(small.clerk, f"/filing/corrections/{made.pk}/attach/", file=file)
    text = page(small.plant_reviewer, f"/filing/corrections/{made.pk}/")
    assert "meter.txt" in text
    proof = f"/filing/corrections/{made.pk}/files/{made.files.get().pk}/"
    assert proof in text
    assert page(small.plant_reviewer, proof) == "meter: 12100\n"
    page(small.world.other, proof, 404)
    wrong = io.BytesIO(b"MZ")
    wrong.name = "meter.exe"
    post(small.clerk, f"/filing/corrections/{made.pk}/attach/", 422, file=wrong)


# Forms, duties, lists -------------------------------------------------------------------------------------------------


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


# Many, inbox, languages, cost -----------------------------------------------------------------------------------------


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


def test_a_template_comes_as_a_workbook(small):
    sheet = kit.filled(small)
    response = client_of(small.clerk).get(f"/filing/sheets/{sheet.pk}/template/")
    assert b"".join(response).startswith(b"PK")


def test_pages_speak_chinese_first(small):
    sheet = kit.approved(small)
    for address, said in (
        ("/filing/", "日度填报"),
        (f"/filing/sheets/{sheet.pk}/", "机组"),
        (f"/filing/sheets/{sheet.pk}/history/", "第 1 版"),
        ("/filing/forms/small_daily/", "小日报"),
        ("/filing/corrections/", "更正"),
    ):
        text = page(small.group_manager, address, language="zh-CN")
        assert said in text, address
        assert not re.search(r">\s*(Submit|History|Remarks|Status|Due|Forms)\s*<", text), address


@pytest.mark.parametrize(
    ("address", "most"), [("/filing/", 34), ("/filing/sheets/{pk}/", 48), ("/filing/sheets/{pk}/history/", 34)]
)
def test_a_page_needs_few_queries(small, address, most, django_assert_max_num_queries):
    sheet = kit.approved(small)
    client = client_of(small.group_manager)
    client.get(address.format(pk=sheet.pk))
    with django_assert_max_num_queries(most):
        client.get(address.format(pk=sheet.pk))

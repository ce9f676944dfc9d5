"""The pages of one sheet: who reads it, what it offers, findings, remarks, history."""

import re
from uuid import uuid4

import pytest

from gangmu.figures.filing.models import Explanation, Remark, Sheet
from gangmu.figures.filing.tests import small as kit
from gangmu.figures.filing.tests.pages.visiting import client_of, page, post, words
from gangmu.foundation.settings import clock
from gangmu.shell.testing.worlds import settle

pytestmark = pytest.mark.django_db


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


def test_a_template_comes_as_a_workbook(small):
    sheet = kit.filled(small)
    response = client_of(small.clerk).get(f"/filing/sheets/{sheet.pk}/template/")
    assert b"".join(response).startswith(b"PK")

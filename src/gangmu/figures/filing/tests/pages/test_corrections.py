"""The pages of a correction, from its reason to what it has restated."""

import io

import pytest

from gangmu.figures.filing.models import Correction
from gangmu.figures.filing.tests import small as kit
from gangmu.figures.filing.tests.pages.visiting import page, post, words
from gangmu.foundation.approvals import queries as approvals

pytestmark = pytest.mark.django_db


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

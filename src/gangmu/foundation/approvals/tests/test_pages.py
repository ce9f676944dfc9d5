"""Cases on pages: who sees what, who may do what, and that nothing typed is lost."""

import re
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import translation

from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.approvals import services
from gangmu.foundation.approvals.actions import Action, CaseState
from gangmu.foundation.approvals.models import Case, Decision
from gangmu.foundation.approvals.subjects import ExceptionLine
from gangmu.foundation.approvals.tests.leaflets import KIND, leaflets_known
from gangmu.foundation.settings import clock
from gangmu.shell.testing.sites import at_site
from gangmu.shell.testing.worlds import make_user, make_world

pytestmark = pytest.mark.django_db
MORNING = "2026-11-20T07:30+08:00"


@pytest.fixture
def world(tmp_path):
    with clock.frozen(MORNING):
        yield make_world(tmp_path)


@pytest.fixture
def leaflets(world, plant, region):
    with leaflets_known() as known:
        yield known


@pytest.fixture
def plant(world):
    return make_user("plantreviewer", "P1", "reviewer")


@pytest.fixture
def region(world):
    return make_user("regionreviewer", "R2", "reviewer")


@pytest.fixture
def case(leaflets, world, plant, region):
    return submitted(leaflets, world.clerk)


def submitted(leaflets, clerk, title="Daily figures", *exceptions, words=""):
    with acting_as(clerk):
        return leaflets.submit(leaflets.write(title, "P1", "1,234.5 MWh", *exceptions), clerk, words)


def client_of(user, language="en") -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(user)
    return client


def page(user, address: str, status: int = 200, language: str = "en") -> str:
    response = client_of(user, language).get(address)
    assert response.status_code == status, response.content.decode()[:3000]
    return b"".join(response).decode()


def hidden(text: str, form: str) -> dict[str, str]:
    """The hidden fields of one form of a page."""
    body = text.split(f'id="{form}"', 1)[1].split("</form>", 1)[0]
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', body))


def found(pattern: str, text: str) -> str:
    """What the first group of a pattern matches."""
    match = re.search(pattern, text)
    assert match, pattern
    return match[1]


def send(user, case, action: str, text: str = "", **fields):
    """Fill in an action's form of the case's page and send it."""
    if not text:
        text = page(user, f"/approvals/{case.pk}/{action}/?seen={case.content_hash}")
    form = re.search(rf'id="(approval-{action}-\d+)"', text)
    assert form, text
    data = hidden(text, form[1]) | fields
    return client_of(user).post(f"/approvals/{case.pk}/{action}/", data)


def test_a_page_says_who_holds_the_case_and_until_when(case, world, plant, region):
    plant.phone = "0551-1234567"
    plant.save()
    text = page(world.clerk, f"/approvals/{case.pk}/")
    assert "plantreviewer" in text and "tel:0551-1234567" in text
    assert "Due 2026-11-20 14:30" in re.sub(r"<[^>]+>", "", text)
    assert "4 working hours (workdays, 09:00–12:00, 13:30–18:00)" in text
    assert "Plant check" in text and "Region check" in text and "Group check" in text
    assert "1,234.5 MWh" in text


def test_the_reviewer_approves_on_the_page_and_the_case_moves_on(case, plant, region):
    text = page(plant, f"/approvals/{case.pk}/")
    answer = send(plant, case, "approve", text, words="looks right")
    assert answer.status_code == 302
    case.refresh_from_db()
    assert case.step == 1
    decision = Decision.objects.get(case=case, action=Action.APPROVE)
    assert (decision.decided_by, decision.words, decision.content_hash) == (plant, "looks right", case.content_hash)
    after = page(region, f"/approvals/{case.pk}/")
    assert "looks right" in after and "approval-approve" in after


def test_who_may_not_act_is_offered_nothing_and_refused_by_the_server(case, world, plant, region):
    text = page(region, f"/approvals/{case.pk}/")
    assert "approval-approve" not in text
    form = {"_key": uuid4().hex, "seen": case.content_hash, "words": "mine"}
    answer = client_of(region).post(f"/approvals/{case.pk}/approve/", form)
    assert answer.status_code == 422
    assert "mine" in answer.content.decode()
    own = client_of(world.clerk).post(f"/approvals/{case.pk}/approve/", {**form, "_key": uuid4().hex})
    assert own.status_code == 422
    assert "Nobody approves their own" in own.content.decode()
    assert not Decision.objects.filter(case=case, action=Action.APPROVE).exists()


def test_a_case_outside_the_scope_is_not_there(case, world):
    for path in ("", "approve/", "remind/"):
        page(world.other, f"/approvals/{case.pk}/{path}", 404)
    assert "Daily figures" not in page(world.other, "/approvals/")
    assert "Daily figures" not in page(world.other, "/approvals/decisions/")


def test_what_changed_after_it_was_seen_is_refused_and_the_words_stay(case, leaflets, plant):
    text = page(plant, f"/approvals/{case.pk}/")
    leaflets.leaflets[case.subject_id].text = "9,999.9 MWh"
    answer = send(plant, case, "approve", text, words="as discussed on the phone")
    said = answer.content.decode()
    assert answer.status_code == 422
    assert "as discussed on the phone" in said
    assert "changed" in said and f'href="/approvals/{case.pk}/"' in said
    case.refresh_from_db()
    assert case.step == 0


def test_a_slow_line_that_sends_twice_approves_once(case, plant, region):
    text = page(plant, f"/approvals/{case.pk}/")
    form = hidden(text, found(r'id="(approval-approve-\d+)"', text))
    client = client_of(plant)
    for _time in range(2):
        assert client.post(f"/approvals/{case.pk}/approve/", form).status_code == 302
    assert Decision.objects.filter(case=case, action=Action.APPROVE).count() == 1


def test_a_return_needs_a_reason_and_reaches_the_clerk(case, world, plant):
    empty = send(plant, case, "return", to="requester", reason=" ")
    assert empty.status_code == 422
    assert send(plant, case, "return", to="requester", reason="unit 2 is missing").status_code == 302
    case.refresh_from_db()
    assert case.state == CaseState.RETURNED
    text = page(world.clerk, f"/approvals/{case.pk}/")
    assert "unit 2 is missing" in text and "Back with" in text


def test_a_case_can_go_back_to_any_node_that_it_has_passed(case, plant, region, world):
    send(plant, case, "approve")
    text = page(region, f"/approvals/{case.pk}/return/?seen={case.content_hash}")
    assert "Plant check" in text and "Region check" not in text.split("approval-body")[1]
    assert send(region, case, "return", to="0", reason="look at unit 1 again").status_code == 302
    case.refresh_from_db()
    assert (case.state, case.step) == (CaseState.OPEN, 0)


def test_advice_is_asked_and_given(case, plant, region, world):
    assert send(plant, case, "consult", who=region.pk, question="Is the meter right?").status_code == 302
    text = page(region, f"/approvals/{case.pk}/")
    assert "Is the meter right?" in text
    assert send(region, case, "answer", text, words="It was changed on Monday.").status_code == 302
    assert "It was changed on Monday." in page(plant, f"/approvals/{case.pk}/")


def test_a_place_is_handed_over_shared_and_taken_back(case, plant, world):
    second = make_user("second", "P1", "reviewer")
    assert send(plant, case, "countersign", who=second.pk).status_code == 302
    assert (
        send(plant, case, "add", who=make_user("third", "P1", "reviewer").pk, when="after", reason="r").status_code
        == 302
    )
    assert send(plant, case, "delegate", to=make_user("fourth", "P1", "reviewer").pk, reason="leave").status_code == 302
    assert "approval-approve" not in page(plant, f"/approvals/{case.pk}/")
    assert send(world.clerk, case, "withdraw", reason="a mistake").status_code == 302
    case.refresh_from_db()
    assert case.state == CaseState.WITHDRAWN


def test_the_clerk_reminds_whoever_holds_it(case, world, plant):
    assert send(world.clerk, case, "remind", words="the group asks").status_code == 302
    again = send(world.clerk, case, "remind", words="and again")
    assert again.status_code == 422
    assert "less than an hour ago" in again.content.decode()


def test_a_form_leads_back_to_this_site_alone(case, plant):
    answer = send(plant, case, "approve", next="https://elsewhere.example/")
    assert answer["Location"] == f"/approvals/{case.pk}/"


def test_many_are_approved_at_once_and_the_unusual_is_left_for_a_look(leaflets, world, plant):
    clean = [submitted(leaflets, world.clerk, f"Figures {number}") for number in range(3)]
    odd = submitted(
        leaflets, world.clerk, "Strange figures", ExceptionLine("warning", "Above capacity", "meter was replaced")
    )
    text = page(plant, "/approvals/many/")
    unusual, usual = text.split("Nothing unusual")
    assert "Strange figures" in unusual and "Above capacity" in unusual and "meter was replaced" in unusual
    assert all(f"Figures {number}" in usual for number in range(3))
    boxes = re.findall(r'name="case" value="([^"]+)"[^>]*?(checked)?>', text)
    ticked = [box for box, checked in boxes if checked]
    assert len(boxes) == 4 and len(ticked) == 3
    leaflets.leaflets[clean[0].subject_id].text = "changed meanwhile"
    key = found(r'name="_key" value="([^"]+)"', text.split('id="bulk"')[1])
    client = client_of(plant)
    answer = client.post("/approvals/many/", {"_key": key, "case": ticked}, follow=True).content.decode()
    assert "2 approved." in answer and "1 changed since you looked" in answer
    assert "Changed after it was submitted" in answer
    steps = {one.pk: one.step for one in Case.objects.all()}
    assert [steps[one.pk] for one in clean] == [0, 1, 1]
    assert steps[odd.pk] == 0


def test_a_box_for_somebody_elses_case_does_nothing(leaflets, world, plant, region):
    case = submitted(leaflets, world.clerk)
    for user in (region, world.other, world.clerk):
        form = {"_key": uuid4().hex, "case": [f"{case.pk}:{case.content_hash[:16]}", "x:y", "7", ":"]}
        assert client_of(user).post("/approvals/many/", form).status_code == 302
    case.refresh_from_db()
    assert case.step == 0


def test_a_box_must_carry_all_of_what_was_seen(leaflets, world, plant):
    case = submitted(leaflets, world.clerk)
    for seen in ("", case.content_hash[:1], case.content_hash[:15], "0" * 16):
        form = {"_key": uuid4().hex, "case": [f"{case.pk}:{seen}"]}
        assert (
            "changed since you looked" in client_of(plant).post("/approvals/many/", form, follow=True).content.decode()
        )
    case.refresh_from_db()
    assert case.step == 0


def test_what_is_late_is_listed_with_whom_to_call_and_reminded_at_once(case, plant, region):
    plant.phone = "0551-1234567"
    plant.save()
    assert "Daily figures" not in page(region, "/approvals/late/")
    with clock.frozen("2026-11-20T16:00+08:00"):
        text = page(region, "/approvals/late/")
        assert "Daily figures" in text and "1 h late" in text
        assert "tel:0551-1234567" in text and "plantreviewer" in text
        client = client_of(region)
        key = uuid4().hex
        answer = client.post("/approvals/late/remind/", {"_key": key}, follow=True).content.decode()
        assert "1 person was reminded." in answer
        again = client.post("/approvals/late/remind/", {"_key": uuid4().hex}, follow=True).content.decode()
        assert "left in peace" in again


def test_a_stand_in_decides_in_both_names(case, plant):
    second = make_user("second", "P1", "reviewer")
    form = {"_key": uuid4().hex, "stand_in": second.pk, "first": "2026-11-20", "last": "2026-11-22"}
    text = client_of(plant).post("/approvals/leave/", form, follow=True).content.decode()
    assert "second acts for you from 2026-11-20 to 2026-11-22." in text
    assert "stands in for plantreviewer" in page(second, f"/approvals/{case.pk}/")
    wrong = client_of(plant).post("/approvals/leave/", {**form, "_key": uuid4().hex})
    assert wrong.status_code == 422
    pk = found(r"/approvals/leave/(\d+)/end/", text)
    assert (
        "has ended"
        in client_of(plant).post(f"/approvals/leave/{pk}/end/", {"_key": uuid4().hex}, follow=True).content.decode()
    )


def test_an_administrator_says_who_acts_for_somebody_who_fell_ill(case, plant):
    second, head = make_user("second", "P1", "reviewer"), make_user("head", "G", "business_administrator")
    address = "/approvals/leave/"
    assert "others-leave" not in page(plant, f"{address}?at=P1")
    with at_site("office"):
        assert "no such organisation" in page(head, f"{address}?at=nowhere")
        assert 'id="others-leave"' in page(head, f"{address}?at=P1")
    days = {"first": "2026-11-20", "last": "2026-11-22"}
    form = {"at": "P1", "user": plant.pk, "stand_in": second.pk, **days}

    def sent(user, **more):
        return client_of(user).post(address, {**form, **more, "_key": uuid4().hex}, follow=True)

    assert sent(second).status_code == 403
    with at_site("office"):
        assert sent(head, stand_in=plant.pk).status_code == 422
        text = sent(head).content.decode()
    assert "second acts for plantreviewer from 2026-11-20 to 2026-11-22." in text
    assert "stands in for plantreviewer" in page(second, f"/approvals/{case.pk}/")
    pk = found(r"/approvals/leave/(\d+)/end/", text)
    with at_site("office"):
        ended = client_of(head).post(f"{address}{pk}/end/", {"_key": uuid4().hex}, follow=True).content.decode()
    assert "The leave has ended." in ended and "plantreviewer" not in ended.partition("Away in my organisations")[2]


def test_routes_can_be_read(case, plant):
    text = page(plant, "/approvals/routes/")
    assert "Approval of leaflets" in text and "4 working hours" in text
    pk = found(r"/approvals/routes/(\d+)/", text)
    assert "in force" in page(plant, f"/approvals/routes/{pk}/")


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_every_page_speaks_the_readers_language_and_holds_nothing_inline(case, plant, language):
    addresses = ["", f"{case.pk}/", f"{case.pk}/return/", "many/", "late/", "decisions/", "leave/", "routes/"]
    for address in addresses:
        text = page(plant, f"/approvals/{address}", language=language)
        assert ("审批" in text) == (language == "zh-CN"), address
        assert not re.search(r"\sstyle=|\son\w+=|<style|<script(?![^>]*src=)", text), address


def test_lists_and_pages_need_few_queries_however_many_cases(leaflets, world, plant, django_assert_max_num_queries):
    for number in range(30):
        submitted(leaflets, world.clerk, f"Figures {number}")
    case = Case.objects.get(kind=KIND, subject_id=1)
    client = client_of(plant)
    client.get("/approvals/")
    with clock.frozen("2026-11-20T16:00+08:00"):
        for address in ("", "many/", "late/", "decisions/", f"{case.pk}/"):
            with django_assert_max_num_queries(40):
                client.get(f"/approvals/{address}")


def test_a_decision_can_be_exported(case, plant):
    with translation.override("en"):
        services.approve(case.pk, by=plant, seen=case.content_hash, key="key-12345", words="fine")
    text = page(plant, "/approvals/decisions/?export=csv")
    assert "fine" in text and "Daily figures" in text

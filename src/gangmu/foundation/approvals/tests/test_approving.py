"""The way up: submit, approve, return, withdraw; by the web role, each in their own scope."""

from datetime import date, timedelta

import pytest
from django.utils import translation

from gangmu.foundation.access.models import Role
from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.approvals import queries
from gangmu.foundation.approvals.actions import Action
from gangmu.foundation.approvals.errors import (
    AlreadyDecided,
    CaseClosed,
    CaseOpen,
    ContentChanged,
    NeedsReason,
    NobodyHolds,
    NotAllowed,
    NotFound,
)
from gangmu.foundation.approvals.models import Case, Decision
from gangmu.foundation.approvals.tests.papers import KIND
from gangmu.foundation.notices.models import Notice
from gangmu.foundation.parties.models import Contact, Placement
from gangmu.foundation.records.models import Event
from gangmu.foundation.settings import clock
from gangmu.shell.testing.worlds import settle


@pytest.mark.req("M-7.2.3")
def test_a_paper_is_approved_by_one_tier_after_the_other(office):
    case = office.submit(words="all meters read")
    stages = []
    for who, waits_for in (("plant", ["plant"]), ("region", ["region"]), ("group_reviewer", ["group_reviewer"])):
        assert [one.name for one in queries.holders(office.fresh(case))] == waits_for
        for other in {"plant", "region", "group_reviewer", "clerk"} - {who}:
            with pytest.raises((NotAllowed, AlreadyDecided)):
                office.approve(other, case)
        office.approve(who, case)
        stages.append(office.fresh(case).stage)
    case = office.fresh(case)
    assert (case.state, case.step, stages) == ("approved", None, ["plant", "region", "group"])
    assert [(one.action, one.decided_by_name) for one in case.decisions.order_by("number")] == [
        ("submit", "clerk"),
        ("approve", "plant"),
        ("approve", "region"),
        ("approve", "group_reviewer"),
    ]
    moves = [(state, moved.action, moved.from_node, moved.to_node, moved.stage) for state, moved in office.papers.moves]
    assert moves == [
        ("open", Action.SUBMIT, "", "plant", ""),
        ("open", Action.APPROVE, "plant", "region", "plant"),
        ("open", Action.APPROVE, "region", "group", "region"),
        ("approved", Action.APPROVE, "group", "", "group"),
    ]


@pytest.mark.req("M-7.2.3")
def test_nobody_approves_their_own_with_whatever_roles(office):
    for place in ("P1", "R2", "G"):
        office.person("clerk", place, "reviewer")
    case = office.submit()
    for holder in ("plant", "region", "group_reviewer"):
        with pytest.raises(NotAllowed, match="Nobody approves their own"):
            office.approve("clerk", case)
        assert Action.APPROVE not in queries.allowed_actions(office.fresh(case), office.users["clerk"])
        office.approve(holder, case)


def test_whoever_submitted_an_earlier_round_does_not_approve_a_later_one(office):
    office.person("plant", "P1", "clerk")
    office.person("second", "P1", "reviewer")
    case = office.submit("plant")
    office.do("return_", "second", case, reason="wrong meter")
    office.submit("clerk")
    with pytest.raises(NotAllowed):
        office.approve("plant", case)
    office.approve("second", case)


def test_a_second_account_of_the_requester_is_the_requester(office):
    contact = Contact.objects.create(
        organisation_id=office.organisation("P1"), name_zh="张三", phone="1", valid=("2020-01-01", None)
    )
    for name in ("clerk", "plant"):
        office.users[name].contact = contact
        office.users[name].save()
    with pytest.raises(NobodyHolds, match="nobody approves their own"):
        office.submit()
    office.person("second", "P1")
    case = office.submit()
    with pytest.raises(NotAllowed):
        office.approve("plant", case)
    office.approve("second", case)


def test_a_tier_that_is_absent_is_skipped_and_said(office):
    Placement.objects.filter(child_id=office.organisation("P2")).update(parent=office.organisation("G"))
    settle()
    office.person("clerk", "P2", "clerk")
    office.person("plant", "P2")
    case = office.submit(number=2, at="P2")
    path = queries.path(office.fresh(case))
    assert [(one.name, one.status, bool(one.note)) for one in path] == [
        ("Plant", "present", False),
        ("Region", "skipped", True),
        ("Group", "ahead", False),
    ]
    office.approve("plant", case)
    office.approve("group_reviewer", case)
    assert office.fresh(case).state == "approved"


def test_a_tier_that_nobody_holds_refuses_and_names_organisation_and_role(office):
    office.users["region"].assignments.all().delete()
    with pytest.raises(NobodyHolds, match=r"West Company has nobody who is “Reviewer”"):
        office.submit()
    assert not Case.objects.exists()
    assert office.papers.moves == []


def test_a_tier_held_by_the_requester_alone_refuses_and_says_why(office):
    office.person("region", "P1", "clerk")
    with pytest.raises(NobodyHolds, match=r"“Region” at West Company is held by region alone"):
        office.submit("region")


def test_a_role_that_does_not_decide_holds_nothing(office):
    Role.objects.filter(code="reviewer").update(permissions=["figures:view", "approvals:view,decide"])
    with pytest.raises(NobodyHolds, match="roles do not let them decide"):
        office.submit()


def test_who_may_not_ask_submits_nothing(office):
    with pytest.raises(NotAllowed, match="submit for Plant Alpha"):
        office.submit("plant")
    with pytest.raises(NotAllowed, match="submit for"):
        office.submit("other")


def test_a_return_says_why_and_goes_to_the_requester(office):
    case = office.submit()
    office.approve("plant", case)
    with pytest.raises(NeedsReason):
        office.do("return_", "region", case, reason="  ")
    office.do("return_", "region", case, reason="unit 2 is too high")
    case = office.fresh(case)
    assert (case.state, case.stage, case.step) == ("returned", "", None)
    (holder,) = queries.holders(case)
    assert (holder.user_id, holder.name) == (office.users["clerk"].pk, "clerk")
    notice = Notice.objects.get(user=office.users["clerk"])
    assert str(notice) == "region returned Paper 1: unit 2 is too high"
    with pytest.raises(CaseClosed, match="with the requester"):
        office.approve("region", case)
    state, moved = office.papers.moves[-1]
    assert (state, moved.reason, moved.stage, moved.to_node) == ("returned", "unit 2 is too high", "", "")


def test_submitted_again_every_node_decides_again(office):
    case = office.submit()
    office.approve("plant", case)
    office.do("return_", "region", case, reason="no")
    office.papers.texts[1] = "second"
    again = office.submit()
    assert (again.pk, again.round, again.state) == (case.pk, 2, "open")
    for who in ("plant", "region", "group_reviewer"):
        office.approve(who, case)
    assert office.fresh(case).state == "approved"


def test_a_return_to_an_earlier_node(office):
    case = office.submit()
    office.approve("plant", case)
    office.approve("region", case)
    with pytest.raises(NotAllowed, match="earlier node"):
        office.do("return_", "group_reviewer", case, reason="look again", to=2)
    office.do("return_", "group_reviewer", case, reason="look again", to=0)
    case = office.fresh(case)
    assert (case.state, case.step, case.stage) == ("open", 0, "")
    with pytest.raises((NotAllowed, AlreadyDecided)):
        office.approve("group_reviewer", case)
    for who in ("plant", "region", "group_reviewer"):
        office.approve(who, case)
    assert office.fresh(case).state == "approved"


def test_what_changed_is_not_approved(office):
    case = office.submit()
    before = office.seen(case)
    office.papers.texts[1] = "changed"
    with pytest.raises(ContentChanged, match="since you looked"):
        office.approve("plant", case, seen=before)
    with pytest.raises(ContentChanged, match="after it was submitted"):
        office.approve("plant", case)
    again = office.submit()
    assert (again.pk, again.round) == (case.pk, 2)
    office.approve("plant", case)


def test_what_changed_can_be_returned(office):
    case = office.submit()
    office.papers.texts[1] = "changed"
    office.do("return_", "plant", case, reason="it changed under my eyes")
    assert office.fresh(case).state == "returned"


def test_what_changed_after_the_first_approval_begins_anew(office):
    case = office.submit()
    office.approve("plant", case)
    office.papers.texts[1] = "changed"
    with pytest.raises(ContentChanged):
        office.approve("region", case)
    office.submit()
    with pytest.raises(NotAllowed):
        office.approve("region", case)
    assert office.fresh(case).step == 0


def test_submitting_twice(office):
    case = office.submit(key="slow line")
    assert office.submit(key="slow line").pk == case.pk
    with pytest.raises(CaseOpen):
        office.submit()
    assert Decision.objects.count() == 1


def test_the_same_key_decides_once(office):
    case = office.submit()
    first = office.approve("plant", case, key="slow line")
    assert office.approve("plant", case, key="slow line").pk == first.pk
    assert office.fresh(case).step == 1
    assert [action for _state, moved in office.papers.moves for action in [moved.action]] == ["submit", "approve"]


def test_long_keys_stay_different(office):
    case, other = office.submit(key="k" * 90 + "1"), office.submit(number=2, key="k" * 90 + "2")
    first = office.approve("plant", case, key="a" * 90 + "1")
    assert office.approve("plant", case, key="a" * 90 + "1") == first
    assert other.pk != case.pk


def test_a_colleague_who_was_faster_is_named(office):
    office.person("plant2", "P1")
    case = office.submit()
    (place,) = office.open_places(case)
    office.approve("plant", case, place=place.number)
    for more in ({}, {"place": place.number}):
        with pytest.raises(AlreadyDecided, match=r"plant was faster: “approve” at 11-20 07:30"):
            office.approve("plant2", case, **more)


def test_a_second_click_does_not_count_for_the_next_node(office):
    office.person("plant", "R2")
    case = office.submit()
    (place,) = office.open_places(case)
    office.approve("plant", case, place=place.number)
    with pytest.raises(AlreadyDecided):
        office.approve("plant", case, place=place.number)
    assert office.fresh(case).step == 1


def test_withdrawing(office):
    case = office.submit()
    with pytest.raises(NotAllowed):
        office.do("withdraw", "plant", case)
    office.approve("plant", case)
    office.do("withdraw", "clerk", case, reason="wrong day")
    assert office.fresh(case).state == "withdrawn"
    assert queries.holders(office.fresh(case)) == []
    with pytest.raises(CaseClosed):
        office.do("withdraw", "clerk", case)
    with pytest.raises(CaseClosed, match="withdrawn"):
        office.approve("region", case)
    assert office.submit().pk != case.pk


def test_a_stranger_finds_no_case(office):
    case = office.submit()
    for stranger in ("other", "stranger", "nobody"):
        with pytest.raises(NotFound):
            office.approve(stranger, case)
        with acting_as(office.users[stranger]):
            assert not Case.objects.exists()
            assert queries.waiting_for(office.users[stranger]) == []


def test_what_waits_for_whom(office):
    def waits(name: str) -> list[int]:
        with acting_as(office.users[name]):
            return [case.subject_id for case, _place in queries.waiting_for(office.users[name])]

    first, _second = office.submit(number=1), office.submit(number=2)
    assert (waits("plant"), waits("region"), waits("clerk")) == ([1, 2], [], [])
    office.approve("plant", first)
    assert (waits("plant"), waits("region"), waits("group_reviewer")) == ([2], [1], [])


def test_the_next_holders_are_told_once(office):
    case = office.submit()
    assert [str(one) for one in Notice.objects.filter(user=office.users["plant"])] == [
        "Paper 1 waits for your decision."
    ]
    office.approve("plant", case)
    assert Notice.objects.filter(user=office.users["region"]).count() == 1
    office.approve("region", case)
    office.approve("group_reviewer", case)
    assert str(Notice.objects.get(user=office.users["clerk"])) == "Paper 1 has passed all nodes."


def test_every_decision_is_recorded(office):
    case = office.submit()
    office.approve("plant", case)
    office.do("return_", "region", case, reason="why not")
    events = Event.objects.filter(subject=f"approvals.case:{case.pk}").order_by("id")
    assert [(one.kind, one.by_id) for one in events] == [
        ("approvals.submitted", office.users["clerk"].pk),
        ("approvals.approved", office.users["plant"].pk),
        ("approvals.returned", office.users["region"].pk),
    ]
    assert events[2].data["reason"] == "why not"
    assert events[1].data["content_hash"] == office.seen(case)


def test_deadlines_count_as_the_route_says_and_show_how(office):
    case = office.submit()  # Friday 07:30: four working hours are over at 14:30
    (place,) = office.open_places(case)
    assert place.due_at.astimezone(clock.BUSINESS_ZONE).isoformat() == "2026-11-20T14:30:00+08:00"
    assert office.fresh(case).due_at == place.due_at
    reading = queries.clock_of(office.fresh(case), place)
    assert reading is not None
    assert (reading.due, "13:30" in reading.hours, "“Plant”" in reading.target.source) == (place.due_at, True, True)
    office.approve("plant", case)
    (place,) = office.open_places(case)
    assert place.due_at == clock.now() + timedelta(hours=8)
    office.approve("region", case)
    assert office.fresh(case).due_at is None


def test_late_is_said(office):
    case = office.submit()
    with clock.frozen("2026-11-20T14:31"):
        assert [one.late for one in queries.holders(office.fresh(case))] == [True]
    assert [one.late for one in queries.holders(office.fresh(case))] == [False]


def test_history_in_words(office):
    case = office.submit()
    office.approve("plant", case, words="looks right")
    office.do("return_", "region", case, reason="no")
    lines = [(one.by, one.text, one.node, one.reason or one.words) for one in queries.history(office.fresh(case))]
    assert lines == [
        ("clerk", "submitted", "", ""),
        ("plant", "approved", "Plant", "looks right"),
        ("region", "returned to the requester", "Region", "no"),
    ]


def test_a_failing_subject_undoes_the_decision(office, monkeypatch):
    case = office.submit()

    def fails(self, moves):
        raise RuntimeError("the subject could not follow")

    monkeypatch.setattr("gangmu.foundation.approvals.subjects.SubjectKind.tell", fails)
    with pytest.raises(RuntimeError):
        office.approve("plant", case)
    assert (office.fresh(case).step, Decision.objects.count()) == (0, 1)


def test_case_of_gives_the_latest(office):
    case = office.submit()
    office.do("withdraw", "clerk", case)
    second = office.submit()
    assert queries.case_of(KIND, 1) == second
    assert queries.case_of(KIND, 99) is None


def test_notices_are_read_in_the_readers_language(office):
    case = office.submit()
    office.do("return_", "plant", case, reason="机组2偏高")
    notice = Notice.objects.get(user=office.users["clerk"])
    with translation.override("zh-hans"):
        assert str(notice) == "plant 退回了 纸 1：机组2偏高"
    assert str(notice) == "plant returned Paper 1: 机组2偏高"


def test_what_a_closed_plant_filed_of_its_last_day_goes_the_way_of_that_day(office):
    plant = office.organisation("P1")
    Placement.objects.filter(parent_id=plant).delete()
    last = Placement.objects.filter(child_id=plant, valid__contains=date(2026, 11, 19))
    last.update(valid=("2026-06-01", "2026-11-20"))
    settle()
    case = office.submit()
    for who in ("plant", "region", "group_reviewer"):
        office.approve(who, case)
    assert office.fresh(case).state == "approved"

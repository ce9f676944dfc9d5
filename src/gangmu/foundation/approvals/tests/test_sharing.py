"""Handing over, adding people, asking for advice, and what any, all and in-order nodes make of it."""

import pytest

from gangmu.foundation.access.models import Assignment
from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.approvals import queries, services
from gangmu.foundation.approvals.actions import Action
from gangmu.foundation.approvals.errors import AlreadyDecided, NeedsReason, NotAllowed, NotFound
from gangmu.foundation.approvals.models import Place
from gangmu.foundation.approvals.routes import load_routes
from gangmu.foundation.approvals.tests.conftest import node, route
from gangmu.foundation.notices.models import Notice
from gangmu.foundation.parties.models import Appointment, Contact, Post


def holding(office, case) -> list[str]:
    return sorted(one.name for one in queries.holders(office.fresh(case)))


def pk(office, name: str) -> int:
    return office.users[name].pk


def test_delegating_hands_the_place_over(office):
    office.person("deputy", "R2")
    case = office.submit()
    with pytest.raises(NeedsReason):
        office.do("delegate", "plant", case, to=pk(office, "deputy"), reason="")
    office.do("delegate", "plant", case, to=pk(office, "deputy"), reason="on site today")
    assert holding(office, case) == ["deputy"]
    with pytest.raises(NotAllowed):
        office.approve("plant", case)
    assert str(Notice.objects.get(user=office.users["deputy"])) == "Paper 1 waits for your decision."
    office.approve("deputy", case)
    assert office.fresh(case).step == 1
    last = queries.history(office.fresh(case))[1]
    assert (last.by, last.text, last.reason) == ("plant", "handed over to deputy", "on site today")


def test_nothing_is_delegated_to_the_requester_nor_to_who_may_not_decide(office):
    office.person("clerk", "P1", "reviewer")
    office.person("reader", "P1", "viewer")
    case = office.submit()
    for name, why in (
        ("clerk", "Nobody approves|nobody approves"),
        ("reader", "do not let"),
        ("stranger", "do not let"),
    ):
        with pytest.raises(NotAllowed, match=why):
            office.do("delegate", "plant", case, to=pk(office, name), reason="x")
    with pytest.raises(NotAllowed, match="somebody else than yourself"):
        office.do("delegate", "plant", case, to=pk(office, "plant"), reason="x")


def test_what_is_delegated_back_is_held_again(office):
    office.person("deputy", "R2")
    case = office.submit()
    office.do("delegate", "plant", case, to=pk(office, "deputy"), reason="x")
    office.do("delegate", "deputy", case, to=pk(office, "plant"), reason="back")
    assert holding(office, case) == ["plant"]


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_added_approver_decides_before_or_after(office, when):
    office.person("expert", "G")
    case = office.submit()
    office.do("add_approver", "plant", case, who=pk(office, "expert"), when=when, reason="new meter")
    first, second = ("expert", "plant") if when == "before" else ("plant", "expert")
    assert holding(office, case) == [first]
    with pytest.raises(NotAllowed):
        office.approve(second, case)
    office.approve(first, case)
    assert (office.fresh(case).step, holding(office, case)) == (0, [second])
    office.approve(second, case)
    assert office.fresh(case).step == 1


def test_it_is_not_yet_the_turn_of_who_waits(office):
    office.person("expert", "G")
    case = office.submit()
    (mine,) = office.open_places(case)
    office.do("add_approver", "plant", case, who=pk(office, "expert"), reason="x")
    with pytest.raises(NotAllowed, match="not your turn"):
        office.approve("plant", case, place=mine.number)


def test_an_added_approver_may_return(office):
    office.person("expert", "G")
    case = office.submit()
    office.do("add_approver", "plant", case, who=pk(office, "expert"), reason="x")
    office.do("return_", "expert", case, reason="wrong")
    assert office.fresh(case).state == "returned"
    assert not Place.objects.filter(case=case, status__in=["open", "waiting"]).exists()


def test_a_countersignature_is_needed_too(office):
    office.person("expert", "G")
    case = office.submit()
    office.do("countersign", "plant", case, who=pk(office, "expert"))
    assert holding(office, case) == ["expert", "plant"]
    office.approve("plant", case)
    assert office.fresh(case).step == 0
    office.approve("expert", case)
    assert office.fresh(case).step == 1


def test_nobody_counts_twice_at_a_node(office):
    office.person("expert", "G")
    case = office.submit()
    office.do("countersign", "plant", case, who=pk(office, "expert"))
    with pytest.raises(NotAllowed, match="asked at this node already"):
        office.do("add_approver", "plant", case, who=pk(office, "expert"), reason="x")


def test_an_answer_does_not_decide(office):
    office.person("expert", "G")
    case = office.submit()
    with pytest.raises(NeedsReason):
        office.do("consult", "plant", case, who=pk(office, "expert"), question=" ")
    office.do("consult", "plant", case, who=pk(office, "expert"), question="is 412 possible?")
    assert str(Notice.objects.get(user=office.users["expert"])) == "plant asks you about Paper 1: is 412 possible?"
    assert holding(office, case) == ["plant"]
    with pytest.raises(NotAllowed):
        office.approve("expert", case)
    with acting_as(office.users["expert"]):
        ((_case, place),) = queries.waiting_for(office.users["expert"])
        assert (place.kind, place.question) == ("consult", "is 412 possible?")
        services.answer(place.pk, by=office.users["expert"], words="yes, after the repair", key="a")
        with pytest.raises(AlreadyDecided):
            services.answer(place.pk, by=office.users["expert"], words="again", key="b")
    assert office.fresh(case).step == 0
    office.approve("plant", case)
    lines = [(one.by, one.text, one.words) for one in queries.history(office.fresh(case))][1:3]
    assert lines == [("plant", "asked expert", "is 412 possible?"), ("expert", "answered", "yes, after the repair")]


def test_a_question_ends_with_its_node(office):
    office.person("expert", "G")
    case = office.submit()
    office.do("consult", "plant", case, who=pk(office, "expert"), question="?")
    place = Place.objects.get(case=case, kind="consult")
    office.approve("plant", case)
    with acting_as(office.users["expert"]), pytest.raises(AlreadyDecided):
        services.answer(place.pk, by=office.users["expert"], words="late", key="a")
    with acting_as(office.users["stranger"]), pytest.raises(NotFound):
        services.answer(place.pk, by=office.users["stranger"], words="mine?", key="a")


def make_posts(office, *names: str) -> None:
    plant = office.organisation("P1")
    post = Post.objects.create(organisation_id=plant, code="HEAD", name_zh="主任", valid=("2020-01-01", None))
    for number, name in enumerate(names):
        person = Contact.objects.create(
            organisation_id=plant, name_zh=name, phone=str(number), valid=("2020-01-01", None)
        )
        role = "backup" if number else "primary"
        days = ("2020-01-01", None)
        Appointment.objects.create(organisation_id=plant, post=post, contact=person, role=role, valid=days)
        office.users[name].contact = person
        office.users[name].save()


def test_all_who_hold_a_node_decide(office):
    load_routes([route("tiers", node("plant", mode="all"))], "local")
    office.person("plant2", "P1")
    case = office.submit()
    assert holding(office, case) == ["plant", "plant2"]
    office.approve("plant2", case)
    with pytest.raises(AlreadyDecided):
        office.approve("plant2", case)
    assert holding(office, case) == ["plant"]
    office.approve("plant", case)
    assert office.fresh(case).state == "approved"


def test_in_order_means_one_after_the_other(office):
    load_routes([route("tiers", node("heads", {"post": "HEAD", "level": "plant"}, mode="order"))], "local")
    office.person("second", "P1")
    make_posts(office, "second", "plant")
    case = office.submit()
    assert holding(office, case) == ["second"]
    with pytest.raises(NotAllowed):
        office.approve("plant", case)
    office.approve("second", case)
    assert holding(office, case) == ["plant"]
    office.approve("plant", case)
    assert office.fresh(case).state == "approved"


def test_added_in_the_middle_of_an_order(office):
    who = {"users": ["plant", "region"]}
    load_routes([route("tiers", node("both", who, mode="order"))], "local")
    case = office.submit()
    office.do("add_approver", "plant", case, who=pk(office, "group_reviewer"), when="after", reason="x")
    for name in ("plant", "group_reviewer", "region"):
        assert holding(office, case) == [name]
        office.approve(name, case)
    assert office.fresh(case).state == "approved"


def test_a_node_of_a_post_is_held_by_who_holds_the_post(office):
    load_routes([route("tiers", node("head", {"post": "HEAD", "level": "plant"}))], "local")
    make_posts(office, "plant")
    case = office.submit()
    assert holding(office, case) == ["plant"]
    with acting_as(office.users["plant"]):
        assert [one.pk for one, _place in queries.waiting_for(office.users["plant"])] == [case.pk]
    office.approve("plant", case)


def test_a_post_is_found_by_who_holds_a_role_elsewhere(office):
    load_routes([route("tiers", node("head", {"post": "HEAD", "level": "plant"}))], "local")
    make_posts(office, "group_reviewer")
    case = office.submit()
    with acting_as(office.users["group_reviewer"]):
        assert [one.pk for one, _place in queries.waiting_for(office.users["group_reviewer"])] == [case.pk]
    office.approve("group_reviewer", case)


def test_a_condition_leaves_a_node_out(office):
    big = node("group", condition={"size": ["large", "huge"]})
    load_routes([route("tiers", node("plant"), big)], "local")
    case = office.submit(facts={"size": "small"})
    assert [(one.status, one.note) for one in queries.path(case)][1] == (
        "skipped",
        "skipped: not needed for this one",
    )
    office.approve("plant", case)
    assert office.fresh(case).state == "approved"
    other = office.submit(number=2, facts={"size": "huge"})
    office.approve("plant", other)
    assert office.fresh(other).step == 1


# Nobody left ---


def test_a_case_that_nobody_holds_says_so_and_who_can_help(office):
    office.person("helper", "G", "business_administrator")
    office.person("deputy", "R2")
    case = office.submit()
    Assignment.objects.filter(user=office.users["plant"]).delete()
    (nobody,) = queries.holders(office.fresh(case))
    assert (nobody.user_id, nobody.organisation) == (None, "Plant Alpha")
    assert "“Reviewer” at Plant Alpha is missing" in nobody.why
    assert "helper can reassign it" in nobody.why
    with pytest.raises(NotAllowed, match="administrators of approvals"):
        office.do("reassign", "region", case, to=pk(office, "deputy"), reason="x")
    office.do("reassign", "helper", case, to=pk(office, "deputy"), reason="nobody left at the plant")
    assert holding(office, case) == ["deputy"]
    office.approve("deputy", case)
    assert office.fresh(case).step == 1


def test_somebody_who_comes_later_holds_it(office):
    case = office.submit()
    Assignment.objects.filter(user=office.users["plant"]).delete()
    office.person("newcomer", "P1")
    assert holding(office, case) == ["newcomer"]
    office.approve("newcomer", case)


def test_who_lost_the_role_decides_no_longer(office):
    office.person("plant2", "P1")
    case = office.submit()
    Assignment.objects.filter(user=office.users["plant"]).update(valid_to="2026-11-20")
    with pytest.raises(NotFound):
        office.approve("plant", case)
    assert holding(office, case) == ["plant2"]


def test_nobody_reassigns_to_themselves(office):
    office.person("helper", "G", "business_administrator")
    office.person("helper", "G", "reviewer")
    case = office.submit()
    with pytest.raises(NotAllowed, match="somebody else than yourself"):
        office.do("reassign", "helper", case, to=pk(office, "helper"), reason="x")


def test_a_requester_does_not_choose_who_approves(office):
    office.person("clerk", "G", "business_administrator")
    case = office.submit()
    with pytest.raises(NotAllowed, match="Nobody approves their own"):
        office.do("reassign", "clerk", case, to=pk(office, "region"), reason="x")


def test_who_may_be_named(office):
    office.person("expert", "G")
    office.person("clerk", "G", "reviewer")
    case = office.submit()
    with acting_as(office.users["plant"]):
        offered = queries.candidates(case, Action.DELEGATE, office.users["plant"])
        asked = queries.candidates(case, Action.CONSULT, office.users["plant"])
    assert [one.name for one in offered] == ["expert", "group", "group_reviewer", "region"]
    assert {one.name for one in asked} - {one.name for one in offered} == {"clerk"}

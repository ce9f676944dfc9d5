"""Who is away, and who acts meanwhile."""

from datetime import date

import pytest

from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.approvals import queries, services
from gangmu.foundation.approvals.actions import Action
from gangmu.foundation.approvals.errors import ApprovalError, NobodyHolds, NotAllowed, NotFound
from gangmu.foundation.approvals.models import Decision, Leave
from gangmu.foundation.notices.models import Notice
from gangmu.foundation.settings import clock

FIRST, LAST = date(2026, 11, 20), date(2026, 11, 24)


def away(office, name: str, stand_in: str, by: str | None = None, **more) -> Leave:
    user, acting = office.users[name], office.users[by or name]
    with acting_as(acting):
        given = {"first": FIRST, "last": LAST, "organisation": user.organisation_id} | more
        return services.set_leave(user.pk, office.users[stand_in].pk, by=acting, **given)


def test_a_stand_in_acts_on_behalf_and_both_names_are_recorded(office):
    office.person("deputy", "R2")
    away(office, "plant", "deputy")
    case = office.submit()
    held = [(one.name, one.on_behalf_of) for one in queries.holders(office.fresh(case))]
    assert held == [("plant", ""), ("deputy", "plant")]
    with acting_as(office.users["deputy"]):
        assert [one.pk for one, _place in queries.waiting_for(office.users["deputy"])] == [case.pk]
    assert Notice.objects.filter(user=office.users["deputy"]).exists()
    decision = office.approve("deputy", case)
    assert (decision.decided_by_name, decision.on_behalf_of_name) == ("deputy", "plant")
    assert [(one.by, one.on_behalf_of) for one in queries.history(office.fresh(case))][-1] == ("deputy", "plant")


def test_before_and_after_the_leave_the_stand_in_is_nobody(office):
    office.person("deputy", "R2")
    away(office, "plant", "deputy")
    case = office.submit()
    with clock.frozen("2026-11-25T00:01"), pytest.raises(NotAllowed):
        office.approve("deputy", case)
    with clock.frozen("2026-11-24T23:59"):
        office.approve("deputy", case)


def test_a_stand_in_of_a_stand_in(office):
    for name in ("deputy", "third"):
        office.person(name, "R2")
    away(office, "plant", "deputy")
    away(office, "deputy", "third")
    case = office.submit()
    with acting_as(office.users["third"]):
        assert len(queries.waiting_for(office.users["third"])) == 1
    assert office.approve("third", case).on_behalf_of_name == "plant"


def test_standing_in_for_each_other_goes_round_once(office):
    office.person("deputy", "P1")
    away(office, "plant", "deputy")
    away(office, "deputy", "plant")
    case = office.submit()
    assert {one.name for one in queries.holders(office.fresh(case))} == {"plant", "deputy"}
    office.approve("deputy", case)


def test_a_stand_in_never_approves_their_own(office):
    office.person("clerk", "P1", "reviewer")
    away(office, "plant", "clerk")
    case = office.submit()
    with pytest.raises(NotAllowed, match="Nobody approves their own"):
        office.approve("clerk", case)
    assert Action.APPROVE not in queries.allowed_actions(office.fresh(case), office.users["clerk"])


def test_standing_in_for_the_requester_gives_no_vote_but_may_withdraw(office):
    office.person("colleague", "P1", "clerk")
    case = office.submit()
    away(office, "clerk", "colleague")
    with pytest.raises(NotAllowed):
        office.approve("colleague", case)
    office.do("withdraw", "colleague", case)
    last = Decision.objects.get(case=case, action="withdraw")
    assert (last.decided_by_name, last.on_behalf_of_name) == ("colleague", "clerk")


def test_a_stand_in_needs_the_roles_too(office):
    office.person("assistant", "P1", "clerk")
    away(office, "plant", "assistant")
    case = office.submit()
    with pytest.raises(NotAllowed, match="Your roles do not let you decide"):
        office.approve("assistant", case)
    assert [one.name for one in queries.holders(office.fresh(case))] == ["plant"]


def test_being_away_does_not_make_a_node_held(office):
    """The holder counts, not the stand-in: a node held by the requester alone stays refused."""
    office.person("deputy", "R2")
    office.person("plant", "P1", "clerk")
    away(office, "plant", "deputy")
    with pytest.raises(NobodyHolds):
        office.submit("plant")


def test_who_may_set_whose_leave(office):
    office.person("deputy", "P1")
    office.person("helper", "G", "business_administrator")
    with pytest.raises(NotAllowed, match="administrators of approvals"):
        away(office, "plant", "deputy", by="region")
    leave = away(office, "plant", "deputy", by="helper")
    assert (leave.user_name, leave.stand_in_name) == ("plant", "deputy")
    with pytest.raises(ApprovalError, match="away on some of these days"):
        away(office, "plant", "region")
    with pytest.raises(NotAllowed, match="no part here"):
        away(office, "region", "deputy")
    with pytest.raises(NotAllowed, match="somebody else than the person"):
        away(office, "region", "region")
    with pytest.raises(ApprovalError, match="on or after"):
        away(office, "region", "group_reviewer", first=LAST, last=FIRST)


def test_ending_a_leave(office):
    office.person("deputy", "P1")
    leave = away(office, "plant", "deputy")
    with clock.frozen("2026-11-22T08:00"):
        with acting_as(office.users["deputy"]), pytest.raises(NotAllowed):
            services.end_leave(leave.pk, by=office.users["deputy"])
        with acting_as(office.users["plant"]):
            assert services.end_leave(leave.pk, by=office.users["plant"]).valid.upper == date(2026, 11, 22)
            with pytest.raises(NotFound):
                services.end_leave(leave.pk, by=office.users["plant"])


def test_a_leave_that_has_not_begun_is_removed(office):
    office.person("deputy", "P1")
    leave = away(office, "plant", "deputy", first=LAST)
    with acting_as(office.users["plant"]):
        services.end_leave(leave.pk, by=office.users["plant"])
    assert not Leave.objects.exists()


def test_candidates_for_standing_in(office):
    found = services.leaving.stand_in_candidates(office.users["plant"].pk, office.organisation("P1"))
    assert [name for _pk, name in found] == ["clerk", "group", "group_reviewer", "region"]

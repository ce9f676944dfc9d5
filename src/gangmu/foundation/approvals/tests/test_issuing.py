"""Downward 下达: issued by the group, acknowledged by the tiers below."""

import pytest

from gangmu.foundation.access.models import Role
from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.approvals import queries, services
from gangmu.foundation.approvals.actions import Action
from gangmu.foundation.approvals.errors import NobodyHolds, NotAllowed
from gangmu.foundation.approvals.models import Case
from gangmu.foundation.approvals.routes import load_routes
from gangmu.foundation.approvals.tests.conftest import node, route
from gangmu.foundation.approvals.tests.papers import KIND

DOWN = route(
    "down",
    node("region", {"role": "reviewer", "level": "region"}, purpose="acknowledge", deadline={"hours": 24}),
    node("plant", {"role": "reviewer", "at": "subject"}, purpose="acknowledge", grants="received"),
)


@pytest.fixture
def plans(office):
    """Two plants of one region, each with somebody who receives; the issuer's role lets them issue and file."""
    Role.objects.filter(code="manager").update(
        permissions=["parties:view", "figures:view,approve,file,issue", "approvals:view,ask,decide,issue"]
    )
    load_routes([DOWN], "local")
    office.person("issuer", "G", "manager")
    office.person("plant3", "P3")
    office.paper(1, "P1")
    office.paper(2, "P3")
    return office


def issue(office, by: str = "issuer", key: str = "k") -> list[Case]:
    receivers = {1: office.organisation("P1"), 2: office.organisation("P3")}
    with acting_as(office.users[by]):
        return services.issue(KIND, receivers, route="down", by=office.users[by], key=key)


def test_what_is_issued_is_acknowledged_by_each_tier(plans):
    first, second = issue(plans)
    assert {first.state, second.state} == {"issued"}
    assert [one.name for one in queries.holders(plans.fresh(first))] == ["region"]
    offered = queries.allowed_actions(plans.fresh(first), plans.users["region"])
    assert Action.ACKNOWLEDGE in offered
    assert Action.APPROVE not in offered
    with pytest.raises(NotAllowed, match="acknowledges and does not approve"):
        plans.approve("region", first)
    plans.do("acknowledge", "region", first)
    plans.do("acknowledge", "plant", first)
    assert (plans.fresh(first).state, plans.fresh(first).stage) == ("acknowledged", "received")
    assert plans.fresh(second).state == "issued"
    assert [moved.action for _state, moved in plans.papers.moves][-1] == Action.ACKNOWLEDGE


def test_issued_twice_by_a_slow_line(plans):
    assert [one.pk for one in issue(plans)] == [one.pk for one in issue(plans)]


def test_a_receiver_may_return(plans):
    first, _second = issue(plans)
    plans.do("return_", "region", first, reason="the sum is wrong")
    assert plans.fresh(first).state == "returned"
    (holder,) = queries.holders(plans.fresh(first))
    assert holder.name == "issuer"
    assert Action.ISSUE in queries.allowed_actions(plans.fresh(first), plans.users["issuer"])
    plans.papers.texts[1] = "corrected"
    with acting_as(plans.users["issuer"]):
        (again,) = services.issue(
            KIND, {1: plans.organisation("P1")}, route="down", by=plans.users["issuer"], key="again"
        )
    assert (again.pk, again.round, again.state) == (first.pk, 2, "issued")


def test_who_may_not_issue_issues_nothing(plans):
    with pytest.raises(NotAllowed, match="issue to"):
        issue(plans, "region")


def test_issued_to_all_or_to_none(plans):
    plans.users["plant3"].assignments.all().delete()
    with pytest.raises(NobodyHolds, match="Plant Gamma"):
        issue(plans)
    assert not Case.objects.exists()

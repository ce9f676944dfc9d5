"""Routes from YAML: versions, faults that name their place, running cases that keep theirs."""

import pytest
import yaml

from gangmu.foundation.approvals.errors import RouteFault
from gangmu.foundation.approvals.models import Route
from gangmu.foundation.approvals.routes import RouteDefinition, current, load_routes
from gangmu.foundation.approvals.tests.conftest import TIERS, node, route

YAML = """
code: experts
name: {zh: 专家会审, en: Experts}
working_hours: ["08:30-12:00", "14:00-17:30"]
nodes:
  - code: plant
    name: {zh: 电厂, en: Plant}
    who: {role: [reviewer, manager], level: plant}
    deadline: {hours: 4, counted: working}
    grants: plant
  - code: experts
    name: {zh: 专家, en: Experts}
    who: {users: [zhang.wei, li.na]}
    mode: order
    condition: {fuel: [coal, gas], big: true}
    if_absent: refuse
"""


def test_a_route_is_read():
    found = RouteDefinition.from_json(yaml.safe_load(YAML))
    plant, experts = found.nodes
    assert (plant.who.roles, plant.who.level, plant.mode, plant.purpose) == (
        ("reviewer", "manager"), "plant", "any", "approve",
    )  # fmt: skip
    assert plant.deadline is not None
    assert (plant.deadline.hours, plant.deadline.working, plant.grants) == (4, True, "plant")
    assert (experts.who.users, experts.mode, experts.refuse_absent) == (("zhang.wei", "li.na"), "order", True)
    assert experts.is_needed({"fuel": "gas", "big": True})
    assert not experts.is_needed({"fuel": "gas", "big": False})
    assert not experts.is_needed({"fuel": "wind", "big": True})
    assert not experts.is_needed({})
    assert [f"{opens:%H%M}" for opens, _closes in found.working_hours] == ["0830", "1400"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": {"zh": "a", "en": "b"}}, "a route lacks “code”"),
        ({"code": "r", "name": {"zh": "a", "en": "b"}}, "route r lacks “nodes”"),
        (route("r", node("plant"), node("plant")), "two nodes plant"),
        ({**route("r", node("plant")), "name": {"zh": "a"}}, "route r: “name” needs zh and en"),
        (route("r", node("plant", mode="most")), r"node 1 \(plant\): “mode” is most; it must be one of: any, all"),
        (route("r", node("plant"), node("plant2", {"role": "reviewer"})), r"node 2 \(plant2\): “who” says one of"),
        (route("r", node("plant", {"role": "reviewer", "level": "plannt"})), "“plannt” is not a known kind"),
        (route("r", node("plant", {"users": ["a"], "level": "plant"})), "“who” says one of"),
        (route("r", node("plant", deadline={"hours": 0})), "a whole number above 0"),
        (route("r", node("plant", deadlin={"hours": 1})), "“deadlin” is not known"),
        ({**route("r", node("plant")), "working_hours": ["9-12"]}, "spans such as"),
        ({**route("r", node("plant")), "working_hours": ["12:00-09:00"]}, "must follow each other"),
    ],
)
def test_a_fault_names_its_place(given, said):
    with pytest.raises(RouteFault, match=said):
        RouteDefinition.from_json(given)


def test_a_role_that_does_not_exist_is_named(office):
    with pytest.raises(RouteFault, match=r"node plant: there is no role “boss”; there are: .*reviewer"):
        load_routes([route("new", node("plant", {"role": "boss", "level": "plant"}))], "local")
    assert not Route.objects.filter(code="new").exists()


def test_loaded_again_without_change_nothing_happens(office):
    (again,) = load_routes([TIERS], "local")
    assert (again.is_new, again.in_force, again.row.version) == (False, True, 1)
    assert Route.objects.filter(code="tiers").count() == 1


def test_a_change_is_a_new_version_and_a_running_case_keeps_its_own(office):
    case = office.submit()
    (changed,) = load_routes([route("tiers", node("group"))], "local")
    assert (changed.is_new, changed.row.version, current("tiers").pk) == (True, 2, changed.row.pk)
    for who in ("plant", "region", "group_reviewer"):
        office.approve(who, case)
    assert office.fresh(case).state == "approved"
    new = office.submit(number=2)
    office.approve("group_reviewer", new)
    assert office.fresh(new).state == "approved"


def test_a_returned_case_keeps_its_version_too(office):
    case = office.submit()
    load_routes([route("tiers", node("group"))], "local")
    office.do("return_", "plant", case, reason="x")
    again = office.submit()
    assert (again.pk, len(again.path)) == (case.pk, 3)


def test_a_shipped_version_does_not_displace_a_local_one(office):
    (shipped,) = load_routes([route("tiers", node("group"))], "shipped")
    assert (shipped.is_new, shipped.in_force, current("tiers").version) == (True, False, 1)
    (again,) = load_routes([route("tiers", node("group"))], "shipped")
    assert (again.is_new, again.in_force) == (False, False)


def test_a_route_that_is_not_there_is_said(office):
    with pytest.raises(RouteFault, match="no approval route “nothing”"):
        office.submit(route="nothing")

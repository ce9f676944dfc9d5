"""The verbs of the register."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import translation

from gangmu.duties.resources import queries, services
from gangmu.duties.resources.errors import ResourceRefused
from gangmu.duties.resources.models import Dependency, Resource
from gangmu.duties.resources.tests.small import SINCE, needs, registered
from gangmu.foundation.access.scope import SYSTEM, acting_as
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.records.models import Event
from gangmu.shell.testing.worlds import make_user

TODAY = date(2026, 11, 20)


def test_a_circle_is_refused_with_the_path_in_words(register):
    with pytest.raises(ResourceRefused) as refused, translation.override("en"):
        needs(register["ROOM"], register["APP"])
    message = str(refused.value)
    assert "This closes a circle: " in message
    path = message.removeprefix("This closes a circle: ").partition(". Leave out")[0].split(" → ")
    assert path[0] == path[-1]
    assert set(path) in ({"APP", "DB", "FEED-A", "ROOM"}, {"APP", "DB", "FEED-B", "ROOM"})
    assert not Dependency.objects.filter(resource=register["ROOM"]).exists()


def test_who_does_not_see_a_resource_of_the_path_does_not_read_its_code(register, world):
    clerk = make_user("p1", "P1", "manager")
    with acting_as(clerk) as scope:
        gate = Resource.objects.get(code="GATE")
        assert [row.code for row in queries.resources(TODAY)] == ["GATE"]
        with pytest.raises(PermissionDenied):
            services.need(gate, gate, since=TODAY, by=clerk, scope=scope)
        net = queries.net()
        assert [row and row.code for row in net.rows] == ["GATE", None]


def test_another_number_holds_for_the_whole_group_from_that_day_on(register):
    third = registered("LB-3")
    services.need(register["APP"], third, since=TODAY, by=None, scope=SYSTEM, group="balancers", needed=2)
    then = Dependency.objects.filter(resource=register["APP"], group="balancers", valid__contains=SINCE)
    now = Dependency.objects.filter(resource=register["APP"], group="balancers", valid__contains=TODAY)
    assert sorted(then.values_list("on__code", "needed")) == [("LB-1", 1), ("LB-2", 1)]
    assert sorted(now.values_list("on__code", "needed")) == [("LB-1", 2), ("LB-2", 2), ("LB-3", 2)]


def test_a_group_keeps_its_number_for_a_new_member(register):
    made = services.need(register["APP"], registered("LB-3"), since=TODAY, by=None, scope=SYSTEM, group="balancers")
    assert made.needed == 1


def test_nothing_leaves_the_register_while_others_need_it(register):
    with pytest.raises(ResourceRefused, match="APP"):
        services.end(register["DB"], TODAY, by=None, scope=SYSTEM)
    services.end(register["GATE"], TODAY, by=None, scope=SYSTEM)
    gate = Resource.objects.get(code="GATE")
    assert gate.valid.upper == date(2026, 11, 21)
    assert Dependency.objects.get(resource=gate).valid.upper == date(2026, 11, 21)


def test_a_dependency_ends_or_goes_when_it_never_was_right(register):
    first = Dependency.objects.get(resource=register["GATE"])
    services.unneed(first, TODAY, by=None, scope=SYSTEM)
    assert Dependency.objects.get(pk=first.pk).valid.upper == date(2026, 11, 21)
    second = needs(register["SAN"], register["ROOM"])
    services.unneed(second, None, by=None, scope=SYSTEM)
    assert not Dependency.objects.filter(pk=second.pk).exists()


def test_the_last_members_of_a_group_stay(register):
    row = Dependency.objects.get(resource=register["DB"], on=register["FEED-A"])
    other = Dependency.objects.get(resource=register["DB"], on=register["FEED-B"])
    services.unneed(row, TODAY, by=None, scope=SYSTEM)
    services.unneed(other, TODAY, by=None, scope=SYSTEM)  # the group is gone, nothing needs a member of it
    assert not Dependency.objects.filter(resource=register["DB"], valid__contains=date(2026, 12, 1), group="power")
    two = registered("X")
    for code in ("FEED-A", "FEED-B"):
        services.need(two, register[code], since=TODAY, by=None, scope=SYSTEM, group="both", needed=1)
    services.renumber(two, "both", 2, TODAY)
    with pytest.raises(ResourceRefused, match="both"):
        services.unneed(Dependency.objects.get(resource=two, on=register["FEED-A"]), TODAY, by=None, scope=SYSTEM)


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(register):
    app = register["APP"]
    services.change(app, {"name_en": "Other"}, based_on=0, by=None, scope=SYSTEM)
    with pytest.raises(ResourceRefused):
        services.change(app, {"name_en": "Third"}, based_on=0, by=None, scope=SYSTEM)
    assert Resource.objects.get(code="APP").name_en == "Other"
    assert Event.objects.filter(kind="resources.changed").count() == 1
    services.change(app, {"name_en": "Other"}, based_on=0, by=None, scope=SYSTEM)  # it says so already


def test_a_code_is_taken_once_in_the_whole_house(register):
    with pytest.raises(ResourceRefused) as refused:
        registered("APP", "P2")
    assert refused.value.field == "code"
    assert services.taken(["APP", "NONE"]) == {"APP"}


def test_the_register_is_kept_at_the_owner_alone(register, keeper, world):
    with acting_as(keeper) as scope:
        made = services.change(register["APP"], {"remark": "by the keeper"}, based_on=0, by=keeper, scope=scope)
        assert made.remark == "by the keeper"
    with acting_as(world.group) as scope, pytest.raises(PermissionDenied):
        services.change(register["APP"], {"remark": "by a reader"}, based_on=1, by=world.group, scope=scope)


def test_a_post_belongs_to_the_owner(register):
    from gangmu.foundation.parties.models import Post

    other = Organisation.objects.get(code="P1")
    post = Post.objects.create(organisation=other, code="p", name_zh="岗", valid=(SINCE, None))
    with pytest.raises(ResourceRefused) as refused:
        services.change(register["APP"], {"post": post}, based_on=0, by=None, scope=SYSTEM)
    assert refused.value.field == "post"

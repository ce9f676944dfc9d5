"""Who may change which organisations, as the database sees it: asked by the verbs, and by SQL of the web role."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, ProgrammingError, connection, transaction

from gangmu.foundation.access.models import Role
from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties import services
from gangmu.foundation.parties.models import AttributeValue, Change, Organisation, Placement
from gangmu.foundation.records.models import Event
from gangmu.foundation.settings import clock
from gangmu.shell.testing.worlds import make_user, make_world

DAY = date(2026, 12, 1)


def role(code: str, *permissions: str, site: str = "office") -> str:
    Role.objects.create(code=code, name_zh=code, name_en=code, site=site, permissions=list(permissions))
    return code


def one(code: str) -> Organisation:
    return Organisation.objects.get(code=code)


@pytest.fixture
def people(db, tmp_path) -> Iterator[dict[str, User]]:
    with clock.frozen("2026-11-20T07:30"):
        make_world(tmp_path)
        builder = role("builder", "parties:view,structure")
        tuner = role("tuner", "parties:view,parameters")
        both = role("both", "parties:*")
        elsewhere = role("elsewhere", "parties:*", site="business")
        yield {
            "group": make_user("group-builder", "G", builder),
            "region": make_user("region-builder", "R2", both),
            "tuner": make_user("tuner", "R2", tuner),
            "builder": make_user("builder", "R2", builder),
            "business": make_user("business", "G", elsewhere),
            "posts": make_user("posts", "G", role("posts", "parties:view,appoint")),
            "unit": make_user("unit", "P1U1", both),
        }


def tree() -> list:
    return [
        sorted(map(str, Organisation.objects.values_list("code", "name_zh", "name_en"))),
        sorted(map(str, Placement.objects.values_list("child__code", "parent__code", "valid"))),
        sorted(map(str, AttributeValue.objects.values_list("organisation__code", "name", "value", "valid"))),
        Change.objects.count(),
    ]


def refused(user: User, verb, *args, **kwargs) -> None:
    before = tree()
    with pytest.raises(services.NotYours), acting_as(user, site="office"), transaction.atomic():
        verb(*args, reason="test", **kwargs)
    assert tree() == before


def done(user: User, verb: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    with acting_as(user, site="office"):
        return verb(*args, reason="test", **kwargs)


@pytest.mark.req("M-5.8.1.3")
def test_the_system_administrator_of_the_group_changes_the_structure_anywhere(people):
    user = people["group"]
    change = done(user, services.move, one("P1"), one("R1"), DAY)
    assert (change.made_by_id, change.made_by_name) == (user.pk, "group-builder")
    event = Event.objects.latest("id")
    assert (event.kind, event.by_id, event.role.endswith("gangmu_web")) == ("parties.move", user.pk, True)
    with acting_as(user, site="office"):
        services.withdraw(change, reason="not so")
        opened = services.create(code="R9", kind="region", name_en="Nine", parent=one("G"), from_date=DAY, reason="new")
    assert Placement.objects.get(child=opened).parent == one("G")
    done(user, services.rename, one("G"), name_en="Group")  # a root is theirs who administer it


@pytest.mark.req("M-5.8.1.3")
def test_a_delegated_administrator_reaches_the_own_branch_and_not_beyond(people):
    user = people["region"]
    done(user, services.move, one("P1U2"), one("P3"), DAY)
    done(user, services.close, one("P1"), date(2027, 6, 30), with_everything_below=True)
    done(user, services.rename, one("R2"), name_en="The West")
    refused(user, services.move, one("P3"), one("R1"), DAY)  # out of the branch
    refused(user, services.move, one("P2"), one("R2"), DAY)  # into it
    refused(user, services.move, one("P3"), None, DAY)  # to the top
    refused(user, services.move, one("R2"), one("R1"), DAY)  # the top of the branch itself
    refused(user, services.close, one("R2"), date(2027, 6, 30), with_everything_below=True)
    refused(user, services.create, code="N", kind="plant", name_en="N", parent=one("R1"), from_date=DAY)
    refused(user, services.create, code="N", kind="plant", name_en="N", from_date=DAY)
    refused(user, services.rename, one("G"), name_en="Mine")
    refused(user, services.set_attribute, one("P2"), "fuel", "gas", DAY)


@pytest.mark.req("M-5.8.1.3")
def test_structure_and_parameters_are_two_rights(people):
    done(people["tuner"], services.set_attribute, one("P1U1"), "capacity_mw", "650", DAY)
    refused(people["tuner"], services.move, one("P1U2"), one("P3"), DAY)
    refused(people["tuner"], services.close, one("P1U2"), DAY)
    refused(people["tuner"], services.rename, one("P1U2"), name_en="Mine")
    refused(people["builder"], services.set_attribute, one("P1U1"), "capacity_mw", "1", DAY)
    values = {"capacity_mw": "5"}
    new = {"code": "N", "kind": "unit", "name_en": "N", "parent": one("P1"), "from_date": DAY}
    refused(people["builder"], services.create, **new, attributes=values)
    made = done(people["region"], services.create, **new, attributes=values)
    assert AttributeValue.objects.get(organisation=made).value == "5"
    closed = done(people["builder"], services.close, one("P1U2"), date(2026, 12, 31))  # its values end with it
    done(people["builder"], services.withdraw, closed)  # and come back
    held = AttributeValue.objects.filter(
        organisation__code="P1U2", name="capacity_mw", valid__contains=date(2027, 6, 1)
    )
    assert held.get().value == "300"


@pytest.mark.req("M-5.8.1.3")
@pytest.mark.parametrize("name", ["business", "posts"])
def test_roles_of_the_other_site_and_other_rights_of_the_room_change_nothing(people, name):
    refused(people[name], services.move, one("P1"), one("R1"), DAY)
    refused(people[name], services.set_attribute, one("P1"), "fuel", "gas", DAY)
    refused(people[name], services.create, code="N", kind="plant", name_en="N", parent=one("R1"), from_date=DAY)


def test_a_role_that_has_ended_changes_nothing(people):
    people["region"].assignments.update(valid_to="2026-11-20")
    refused(people["region"], services.rename, one("R2"), name_en="The West")


@pytest.mark.req("M-5.8.1.3")
@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO parties_placement (child_id, parent_id, valid) SELECT child_id, parent_id, '[2030-01-01,)' "
        "FROM parties_placement LIMIT 1",
        "UPDATE parties_placement SET parent_id = NULL",
        "DELETE FROM parties_placement",
        "UPDATE parties_attributevalue SET value = '9', number = 9",
        "DELETE FROM parties_attributevalue",
        "INSERT INTO parties_attributevalue (organisation_id, name, value, valid) SELECT id, 'fuel', 'gas', '[,)' "
        "FROM parties_organisation LIMIT 1",
        "UPDATE parties_organisation SET name_en = 'mine'",
        "DELETE FROM parties_organisation",
        "UPDATE parties_change SET reason = 'another'",
        "DELETE FROM parties_change",
        "INSERT INTO parties_succession (organisation_id, successor_id, from_date, change_id) VALUES (1, 2, now(), 1)",
        "SELECT parties_require_rights('{}')",
        "SELECT parties_require_unreferred('{}')",
        "SELECT parties_rebuild_closure()",
    ],
)
def test_the_web_role_writes_nothing_of_the_tree_by_itself_whoever_has_signed_in(people, statement):
    done(people["group"], services.move, one("P1"), one("R1"), DAY)
    before = tree()
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        acting_as(people["group"], site="office"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert tree() == before


def by_hand(user: User, **given) -> None:
    """Call the database's function with rows of one's own, as who can run SQL as the web role could."""
    empty = {"gone": [], "changed": [], "made": []}
    place = one(given.pop("place", "P1")).pk
    whole = {
        "verb": "move", "place": place, "from_date": "2026-12-01", "reason": "by hand", "subjects": [place],
        "before": {}, "after": {}, "details": {}, "withdraws": None, "made": [], "unmade": [], "named": [],
        "placements": empty, "attributes": empty, "successors": [], **given,
    }  # fmt: skip
    with acting_as(user, site="office"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT parties_apply(%s::jsonb, NULL)", [json.dumps(whole)])


@pytest.mark.req("M-5.8.1.3")
def test_rows_made_up_by_hand_are_asked_for_one_by_one(people):
    user, before = people["region"], tree()
    foreign_row = Placement.objects.get(child=one("P2")).pk
    foreign_value = AttributeValue.objects.get(organisation=one("P2U1"), name="capacity_mw").pk
    mine, theirs, empty = one("P3").pk, one("P2").pk, {"gone": [], "changed": [], "made": []}
    placed = {"child": mine, "parent": theirs, "valid": "[2030-01-01,)"}
    opened = {"id": 10**6, "code": "X", "kind": "plant", "name_zh": "x", "name_en": "x", "sort_key": "x"}
    value = {"organisation": theirs, "name": "fuel", "value": "gas", "valid": "[2030-01-01,)"}
    made_up = {**value, "organisation": one("P1U1").pk, "value": "unheard of"}
    for given in (
        {"placements": {**empty, "gone": [foreign_row]}},
        {"placements": {**empty, "changed": [{"id": foreign_row, "valid": "[2020-01-01,2030-01-01)"}]}},
        {"placements": {**empty, "made": [placed]}},
        {"placements": {**empty, "made": [{**placed, "parent": None}]}},
        {"made": [opened], "placements": {**empty, "made": [{**placed, "child": 10**6}]}},
        {"attributes": {**empty, "gone": [foreign_value]}},
        {"attributes": {**empty, "changed": [{"id": foreign_value, "valid": "[2020-01-01,2030-01-01)"}]}},
        {"attributes": {**empty, "made": [value]}},
        {"verb": "parameters", "attributes": {**empty, "made": [value]}},
        {"named": [{"id": theirs, "name_zh": "x", "name_en": "x", "sort_key": "x"}]},
        {"unmade": [theirs]},
        {"successors": [[mine, theirs]]},
        {"place": "R1"},
    ):
        with pytest.raises(ProgrammingError, match="not yours"):
            by_hand(user, **given)
    with pytest.raises(ProgrammingError, match="not yours"):
        by_hand(people["builder"], attributes={**empty, "made": [made_up]})
    with pytest.raises(DatabaseError, match="says why"):
        by_hand(user, reason=" ")
    assert tree() == before


@pytest.mark.req("M-5.8.1.3")
def test_nobody_withdraws_what_lies_outside_their_branch(people):
    change = done(people["group"], services.move, one("P2U1"), one("P3"), DAY)
    with pytest.raises(ProgrammingError, match="not yours"):
        by_hand(people["region"], withdraws=change.pk)
    with acting_as(people["region"], site="office"):
        assert not Change.objects.exists()  # a change above the branch is not shown in it
    with acting_as(people["group"], site="office"):
        assert Change.objects.get() == change


@pytest.mark.req("M-5.8.1.3")
def test_numbers_for_organisations_are_for_who_may_open_some(people):
    for name, allowed in (("group", True), ("tuner", False), ("business", False)):
        with acting_as(people[name], site="office"), connection.cursor() as cursor:
            try:
                with transaction.atomic():
                    cursor.execute("SELECT parties_new_id()")
                    drawn = True
            except ProgrammingError:
                drawn = False
        assert drawn is allowed, name


def test_an_organisation_that_will_open_is_seen_by_the_branch_in_which_it_will(people):
    done(people["group"], services.create, code="N", kind="plant", name_en="N", parent=one("R2"), from_date=DAY)
    with acting_as(people["region"], site="office"):
        assert Organisation.objects.filter(code="N").exists()
        assert services.withdraw(Change.objects.get(), reason="not so")
    assert not Organisation.objects.filter(code="N").exists()

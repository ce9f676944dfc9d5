"""Nobody ever ends with more than the giver had: random trees, roles and grants, given by SQL as the web role.

What somebody holds is read off their scope, which is computed apart from what judges a grant.
"""

from contextlib import suppress
from datetime import date, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, find, given, settings, target
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from gangmu.foundation.access import permissions, services
from gangmu.foundation.access.models import Assignment, Role
from gangmu.foundation.access.scope import Given, Scope, acting_as, scope_from
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Organisation, Placement
from gangmu.foundation.settings import clock
from gangmu.shell.testing.worlds import settle

pytestmark = pytest.mark.django_db

NOW = "2026-11-20T07:30+08:00"
TODAY = date(2026, 11, 20)
TURNS = [date(2022, 1, 1), date(2026, 6, 1), date(2026, 12, 1), date(2027, 7, 1)]
BEGINNING = date(2020, 1, 1)
# who may stand below whom; nothing stands below a unit
TIERS = {"G": "", "R1": "G", "R2": "G", "P1": "R", "P2": "R", "U1": "P", "U2": "P"}
ATOMS = [
    "parties:view",
    "parties:change",
    "figures:view",
    "figures:file",
    "approvals:*",
    "accounts:view",
    "access:view",
]
REACHES = ["branch", "branch", "own", "self"]
ENDS = [None, date(2026, 12, 1), date(2027, 3, 1), date(2027, 7, 1)]
LOOKED_AT = [TODAY, *TURNS[2:], date(2026, 12, 15), date(2027, 2, 28), date(2027, 6, 30), date(2030, 1, 1)]


@st.composite
def trees(draw: Any) -> list[tuple[str, str, date, date | None]]:
    """(child, parent, from, to) of organisations that move about, and of a unit that closes."""
    rows = []
    for child, tier in TIERS.items():
        parents = [one for one in TIERS if tier and one.startswith(tier)]
        if not parents:
            rows.append((child, "", BEGINNING, None))
            continue
        turns = [BEGINNING, *sorted(draw(st.sets(st.sampled_from(TURNS), max_size=2)))]
        closes = draw(st.sampled_from([None, None, date(2026, 8, 1), date(2027, 1, 1)])) if child == "U2" else None
        for start, end in pairwise([*turns, None]):
            if closes and start >= closes:
                break
            rows.append(
                (child, draw(st.sampled_from(parents)), start, min(end, closes) if end and closes else end or closes)
            )
    return rows


@st.composite
def roles(draw: Any) -> dict[str, Any]:
    held = draw(st.lists(st.sampled_from(ATOMS), min_size=1, max_size=4, unique=True))
    if draw(st.booleans()):
        held.append("access:grant")
    hidden = draw(st.sampled_from([[], [], ["page:documents:add"]]))
    return {"permissions": held, "site": draw(st.sampled_from(["business", "office", "both"])), "hides": hidden}


grants = st.tuples(
    st.integers(0, 2),  # who gives
    st.integers(0, 3),  # to whom
    st.integers(0, 4),  # which role
    st.sampled_from(list(TIERS)),
    st.sampled_from(REACHES),
    st.sampled_from([TODAY, date(2026, 12, 1), date(2027, 1, 15)]),
    st.sampled_from(ENDS),
)


def build(tree: list[tuple[str, str, date, date | None]]) -> dict[str, Organisation]:
    kinds = {"G": "group", "R": "region", "P": "plant", "U": "unit"}
    made = {
        code: Organisation.objects.create(code=f"D-{code}", name_zh=code, name_en=code, kind=kinds[code[0]])
        for code in TIERS
    }
    for child, parent, start, end in tree:
        Placement.objects.create(child=made[child], parent=made.get(parent), valid=(start, end))
    settle()
    return made


def scope_of_assignments(held: list[Assignment], on: date, site: str) -> Scope:
    """What these assignments make on a day, asked as the owner."""
    given = [
        Given(one.organisation_id, one.reach, tuple(one.role.permissions), one.role.code, frozenset(one.role.hides))
        for one in held
        if one.valid_from <= on and (one.valid_to is None or one.valid_to > on) and one.role.site in (site, "both")
    ]
    return scope_from(0, given, on, site)


def surplus(more: Scope, less: Scope, atoms: frozenset[str]) -> list[str]:
    """What `more` has and `less` has not."""
    found = []
    for atom in sorted(atoms):
        if more.may(atom) and not less.may(atom):
            found.append(f"may {atom}")
        everywhere = set().union(*(places for places, _granted in more._held))
        found += [f"may {atom} at {at}" for at in everywhere if more.may_at(atom, at) and not less.may_at(atom, at)]
    for room in ("parties", "figures", "approvals", "accounts", "access"):
        found += [f"sees {room} of {one}" for one in more.ids(room) - less.ids(room)]
        found += [f"changes {room} of {one}" for one in more.changeable(room) - less.changeable(room)]
        for one in more.former(room):
            days = {one.start or date.min, (one.end or date.max) - timedelta(days=1)}
            covered = one.organisation_id in less.ids(room) or any(
                other.organisation_id == one.organisation_id
                and all((other.start or date.min) <= day < (other.end or date.max) for day in days)
                for other in less.former(room)
            )
            found += [] if covered else [f"saw {room} of {one}"]
    if less.hides_anything and not more.hides_anything and not less.opens("page:documents:add"):
        found.append("opens a page")
    return found


worlds = st.tuples(
    trees(),
    st.lists(roles(), min_size=5, max_size=5),
    st.lists(grants, min_size=3, max_size=6),
    st.lists(grants, min_size=8, max_size=16),
)
# A giver who has everything but a few things, so that most grants come close to the edge.
WIDE = {"permissions": [*ATOMS, "access:grant"], "site": "both", "hides": []}


def outcomes(world: Any) -> tuple[int, list[str]]:
    """How many grants the database let pass, and what somebody ended with that the giver had not."""
    tree, shapes, held, tried = world
    passed, faults = 0, []
    with clock.frozen(NOW), transaction.atomic():
        places = build(tree)
        made = [
            Role.objects.create(code=f"d{number}", name_zh="d", name_en="d", **shape)
            for number, shape in enumerate([WIDE, *shapes[1:]])
        ]
        people = [
            User.objects.create(username=f"d{number}", name=f"d{number}", organisation=places[home])
            for number, home in enumerate(["G", "R1", "P1", "U1"])
        ]
        for number, (who, _to, role, at, reach, first, until) in enumerate(held):  # what givers begin with
            if until is None or until > first:
                key = {"user": people[who], "role": made[0 if number < 2 else role], "organisation": places[at]}
                days = {"reach": "branch" if number < 2 else reach, "valid_to": until}
                since = BEGINNING if first == TODAY else first
                Assignment.objects.get_or_create(**key, valid_from=since, defaults=days)
        for who, to, role, at, reach, first, until in tried:
            if until is not None and until <= first:
                continue
            try:
                with acting_as(people[who], site=""):
                    number = services.give(people[to], made[role], places[at], reach=reach, first=first, until=until)
            except services.Refused:
                continue
            passed += 1
            one = Assignment.objects.select_related("role").get(pk=number)
            if one.given_by_id != people[who].pk or who == to:
                faults.append("in another's name, or to oneself")
            mine = list(Assignment.objects.filter(user=people[who]).select_related("role"))
            for on in [day for day in [first, *LOOKED_AT] if first <= day and (until is None or day < until)]:
                for site in ("business", "office"):
                    more, less = (scope_of_assignments(those, on, site) for those in ([one], mine))
                    faults += surplus(more, less, permissions.atoms(one.role.permissions))
        transaction.set_rollback(True)
    return passed, faults


@pytest.mark.req("M-5.8.1.2")
@settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.target],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(world=worlds)
def test_nobody_ends_with_more_than_the_giver_had(db, world):
    passed, faults = outcomes(world)
    target(float(passed))
    assert faults == []


# P1 came from region R2 in 2026 and had unit U1 there until 2022: R1 never had U1, and P1's former days show it.
CAME_FROM_ELSEWHERE = (
    [
        ("G", "", BEGINNING, None),
        *[(region, "G", BEGINNING, None) for region in ("R1", "R2")],
        ("P1", "R2", BEGINNING, date(2026, 6, 1)),
        ("P1", "R1", date(2026, 6, 1), None),
        ("P2", "R2", BEGINNING, None),
        ("U1", "P1", BEGINNING, date(2022, 1, 1)),
        ("U1", "P2", date(2022, 1, 1), None),
        ("U2", "P1", BEGINNING, None),
    ],
    [{"permissions": ["parties:view"], "site": "both", "hides": []}] * 5,
    [(1, 0, 0, "R1", "branch", TODAY, None)],
    [(1, 2, 1, "P1", "branch", TODAY, None), (1, 2, 1, "P1", "own", TODAY, None)],
)
WITHIN = """
    access_branch_within(top bigint, below bigint, during daterange) RETURNS boolean LANGUAGE sql AS $$ SELECT true $$
"""


def test_what_came_along_from_elsewhere_is_not_given_on(db):
    """The plant alone can be given, its branch cannot; were it not for that rule, the property would see it."""
    assert outcomes(CAME_FROM_ELSEWHERE) == (1, [])
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE OR REPLACE FUNCTION {WITHIN}")
    _passed, faults = outcomes(CAME_FROM_ELSEWHERE)
    assert any(fault.startswith("saw parties") for fault in faults)


HOLES = {
    "where it stood once": "access_days_under(top bigint, below bigint) RETURNS datemultirange LANGUAGE sql AS $$ "
    "SELECT CASE WHEN EXISTS (SELECT FROM parties_membership m WHERE m.organisation_id = below "
    "AND m.ancestor_id = top) THEN '{(,)}' ELSE '{}' END::datemultirange $$",
    "one permission for another": "access_implies(granted text, wanted text) RETURNS boolean LANGUAGE sql AS $$ "
    "SELECT split_part(granted, ':', 1) = split_part(wanted, ':', 1) $$",
    "one's own": "access_same_person(one bigint, other bigint) RETURNS boolean LANGUAGE sql AS $$ SELECT false $$",
}
BEGINNINGS = range(6, 40)  # of searches: from the first of them the rarest hole is met within a dozen worlds


@pytest.mark.parametrize("hole", HOLES)
def test_the_property_sees_a_planted_hole(db, hole):
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE OR REPLACE FUNCTION {HOLES[hole]}")
    plan = settings(max_examples=40, deadline=None, phases=[Phase.generate], database=None)
    for beginning in BEGINNINGS:
        with suppress(NoSuchExample):
            world = find(worlds, lambda world: bool(outcomes(world)[1]), settings=plan, random=Random(beginning))
            assert outcomes(world)[1]
            return
    pytest.fail("the hole was not seen")


@given(
    granted=st.lists(st.sampled_from([*ATOMS, "*", "a:b,c", "a:b:c,d", "a:*:c", "figures", "*:view"]), max_size=4),
    wanted=st.sampled_from([*ATOMS, "a:b", "a:c", "a:b:c", "a:b:d", "a:x:c", "figures:view:coal", "records:view", "a"]),
)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_database_understands_permissions_as_python_does(db, granted, wanted):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM unnest(%s::text[]) AS one WHERE access_implies(one, %s)), "
            "ARRAY(SELECT access_atoms(%s::text[])), access_powers(%s::text[])",
            [granted, wanted, granted, granted],
        )
        implied, atoms, powers = cursor.fetchone()
    assert implied is permissions.any_implies(granted, wanted)
    assert set(atoms) == permissions.atoms(granted)
    assert powers == permissions.powers(granted)

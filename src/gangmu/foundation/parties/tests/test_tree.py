"""The database itself refuses what is no tree, and keeps the closure equal to a naive walk."""

import random
from datetime import date, timedelta
from itertools import pairwise

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.range import DateRange

from gangmu.foundation.parties import services, tree
from gangmu.foundation.parties.days import Days
from gangmu.foundation.parties.models import ClosureDue, Membership, Organisation, Placement
from gangmu.foundation.parties.tests.conftest import D

ALWAYS = DateRange(None, None)


def refused(*changes) -> str:
    """The message with which the database refuses `changes` at the end of their transaction."""
    with pytest.raises((tree.TreeRefused, IntegrityError)) as caught, transaction.atomic():
        for change in changes:
            change()
        tree.settle()
    return str(caught.value)


def place(child, parent, valid=ALWAYS):
    return lambda: Placement.objects.update_or_create(child=child, defaults={"parent": parent, "valid": valid})


def test_placements_of_a_child_do_not_overlap(world):
    message = refused(
        lambda: Placement.objects.create(child=world["P"], parent=world["R2"], valid=DateRange(D("2024-01-01"), None))
    )
    assert "placements_of_a_child_do_not_overlap" in message


def test_nobody_is_its_own_parent(world):
    assert "nobody_is_its_own_parent" in refused(place(world["P"], world["P"]))


def test_a_placement_has_days(world):
    day = D("2024-01-01")
    extra = Organisation.objects.create(code="X", kind="plant", name_zh="空")
    empty = DateRange(day, day)
    assert "a_placement_has_days" in refused(
        lambda: Placement.objects.create(child=extra, parent=world["G"], valid=empty)
    )


def test_a_circle_is_refused_even_when_each_half_is_right_alone(world):
    assert "below itself" in refused(place(world["R1"], world["U1"]))
    assert "below itself" in refused(place(world["R1"], world["R2"]), place(world["R2"], world["R1"]))


def test_a_circle_on_one_single_day_is_refused(world):
    day = D("2024-05-05")
    one_day = DateRange(day, day + timedelta(1))
    message = refused(
        lambda: Placement.objects.filter(child=world["R1"]).delete(),
        lambda: Placement.objects.create(child=world["R1"], parent=world["G"], valid=DateRange(None, day)),
        lambda: Placement.objects.create(child=world["R1"], parent=world["P"], valid=one_day),
        lambda: Placement.objects.create(
            child=world["R1"], parent=world["G"], valid=DateRange(day + timedelta(1), None)
        ),
    )
    assert "below itself during [2024-05-05,2024-05-06)" in message


def test_a_parent_stands_as_long_as_its_children(world):
    message = refused(place(world["P"], world["R1"], DateRange(None, D("2024-01-01"))))
    assert "U1 is placed under P, which is not in the tree during {[2024-01-01,)}" in message


def test_a_branch_is_at_most_32_tiers_deep(world):
    above = world["U1"]
    for tier in range(5, 33):
        above = services.create(code=f"T{tier}", kind="unit", name_zh="层", parent=above)
    with pytest.raises(tree.TreeRefused, match="more than 32 tiers deep"):
        services.create(code="T33", kind="unit", name_zh="层", parent=above)


def test_the_whole_question_is_asked_once_a_transaction(world):
    Placement.objects.filter(child=world["U1"]).update(parent=world["R1"])
    Placement.objects.filter(child=world["U2"]).update(parent=world["R1"])
    assert ClosureDue.objects.count() == 1
    tree.settle()
    assert ClosureDue.objects.count() == 0
    assert Membership.objects.filter(ancestor=world["P"]).count() == 1


def test_equal_closures_are_not_written_again(world):
    before = set(Membership.objects.values_list("id", flat=True))
    services.move(world["U1"], world["R2"], D("2024-01-01"))
    services.move(world["U1"], world["P"], D("2024-01-01"))
    after = set(Membership.objects.values_list("id", flat=True))
    untouched = set(Membership.objects.exclude(organisation=world["U1"]).values_list("id", flat=True))
    assert untouched <= before & after


def test_a_body_s_rows_are_of_its_organisation(world):
    with pytest.raises(IntegrityError, match="an_appointment_is_of_its_posts_organisation"), transaction.atomic():
        post = world["P"].posts.create(code="shift-leader", name_zh="值长", valid=ALWAYS)
        contact = world["P"].contacts.create(name_zh="王", mobile="1", valid=ALWAYS)
        post.appointments.create(organisation=world["R1"], contact=contact, role="primary", valid=ALWAYS)
        connection.check_constraints()


def test_a_post_has_one_primary_holder_a_day(world):
    post = world["P"].posts.create(code="shift-leader", name_zh="值长", valid=ALWAYS)
    wang, li = (world["P"].contacts.create(name_zh=name, mobile="1", valid=ALWAYS) for name in "王李")
    post.appointments.create(organisation=world["P"], contact=wang, role="primary", valid=ALWAYS)
    post.appointments.create(organisation=world["P"], contact=li, role="backup", valid=ALWAYS)
    with pytest.raises(IntegrityError, match="a_post_has_one_primary_holder_a_day"), transaction.atomic():
        post.appointments.create(
            organisation=world["P"], contact=li, role="primary", valid=DateRange(D("2024-01-01"), None)
        )


BEGIN = date(2024, 1, 1)
LENGTH = 20


def naive_closure(placements: list[tuple[int, int | None, Days]]) -> set[tuple[date, int, int, int]]:
    """(day, ancestor, organisation, depth), walked up day by day."""
    rows = set()
    for offset in range(LENGTH):
        day = BEGIN + timedelta(offset)
        parents = {child: parent for child, parent, days in placements if day in days}
        for organisation in parents:
            above, depth = organisation, 0
            while above is not None:
                rows.add((day, above, organisation, depth))
                above, depth = parents[above], depth + 1
    return rows


@given(st.integers(0, 2**32))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_closure_equals_a_walk_of_each_day_s_tree(db, seed):
    """Random worlds; organisation n only ever stands below smaller numbers, so that most of them are trees."""
    chance = random.Random(seed)
    with transaction.atomic():
        made = [Organisation(code=f"N{n}", kind="unit", name_zh="某") for n in range(9)]
        for one in made:
            one.stamp()
        Organisation.objects.bulk_create(made)
        placements: list[tuple[int, int | None, Days]] = []
        for n, organisation in enumerate(made):
            cuts = sorted(chance.sample(range(1, LENGTH), chance.randint(0, 3)))
            edges = [Days().start, *(BEGIN + timedelta(cut) for cut in cuts), Days().end]
            for start, end in pairwise(edges):
                days = Days(start, end)
                above = [
                    parent
                    for parent in made[:n]
                    if any(child == parent.pk and held == days for child, _p, held in placements)
                    or all(held == Days() for child, _p, held in placements if child == parent.pk)
                ]
                parent = chance.choice([*above, None])
                placements.append((organisation.pk, parent.pk if parent else None, days))
        Placement.objects.bulk_create(
            Placement(child_id=child, parent_id=parent, valid=days.valid) for child, parent, days in placements
        )
        tree.settle()
        for _step in range(4):
            child = chance.choice(made)
            parent = chance.choice([*made[: made.index(child)], None])
            services.move(child, parent, BEGIN + timedelta(chance.randrange(LENGTH)))
        stored = [(c, p, Days.of(v)) for c, p, v in Placement.objects.values_list("child", "parent", "valid")]
        closure = {
            (BEGIN + timedelta(offset), ancestor, organisation, depth)
            for ancestor, organisation, depth, valid in Membership.objects.values_list(
                "ancestor", "organisation", "depth", "valid"
            )
            for offset in range(LENGTH)
            if BEGIN + timedelta(offset) in Days.of(valid)
        }
        assert closure == naive_closure(stored)
        transaction.set_rollback(True)

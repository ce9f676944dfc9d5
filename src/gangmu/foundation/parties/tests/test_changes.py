"""Merging, splitting, reopening, planning and withdrawing; what is refused; what is recorded of it."""

from datetime import date

import pytest
from django.db import transaction

from gangmu.foundation.parties import changes, dependents, services
from gangmu.foundation.parties.changes import structure
from gangmu.foundation.parties.dependents import Objection
from gangmu.foundation.parties.models import AttributeValue, Change, Organisation, Placement, Succession
from gangmu.foundation.parties.services import New, Part
from gangmu.foundation.parties.tests.conftest import D
from gangmu.foundation.parties.tests.test_services import below, placements, values
from gangmu.foundation.records.models import Event
from gangmu.foundation.settings import clock

DAY, BEFORE = D("2026-06-01"), "2026-05-31"


@pytest.fixture(autouse=True)
def now():
    with clock.frozen("2026-11-20T07:30+08:00") as instant:
        yield instant


@pytest.fixture
def wide(world) -> dict[str, Organisation]:
    """With a second plant, Q, in R1 with one unit, and R3, which nobody stands below."""
    for code, kind, parent in (("Q", "plant", "R1"), ("Q1", "unit", "Q"), ("R3", "region", "G")):
        world[code] = services.create(code=code, kind=kind, name_en=code, parent=world[parent])
    return world


def everything() -> list:
    """All that a change can touch, by content."""
    rows = [
        sorted(Organisation.objects.values_list("code", "name_zh", "name_en")),
        sorted(str(row) for row in Placement.objects.values_list("child__code", "parent__code", "valid")),
        sorted(str(row) for row in AttributeValue.objects.values_list("organisation__code", "name", "value", "valid")),
    ]
    return [*rows, Change.objects.count(), Succession.objects.count(), Event.objects.count()]


def refused(error: type[Exception], said: str, verb, *args, **kwargs) -> None:
    """The verb is refused with words like these, and nothing is left of it."""
    before = everything()
    with pytest.raises(error, match=said), transaction.atomic():
        verb(*args, **kwargs)
    assert everything() == before


# Merging --------------------------------------------------------------------------------------------------------------


def test_merging_into_a_new_plant_hands_on_the_units_and_notes_the_successor(wide):
    change = services.merge([wide["P"], wide["Q"]], New("N", "plant", "新厂", "New"), DAY, reason="one site")
    new = Organisation.objects.get(code="N")
    assert placements(new) == [("R1", "from 2026-06-01")]
    assert below(new, "2026-06-01") == {"U1", "U2", "Q1"}
    assert placements(wide["P"]) == placements(wide["Q"]) == [("R1", f"until {BEFORE}")]
    assert below(wide["P"], BEFORE) == {"U1", "U2"}
    noted = Succession.objects.values_list("organisation__code", "successor__code", "from_date", "change_id")
    assert set(noted) == {("P", "N", DAY, change.pk), ("Q", "N", DAY, change.pk)}


def test_merging_into_one_of_them_keeps_it(wide):
    services.merge([wide["P"], wide["Q"]], wide["P"], DAY)
    assert placements(wide["P"]) == [("R1", "always")]
    assert below(wide["P"], "2026-06-01") == {"U1", "U2", "Q1"}
    assert placements(wide["Q"]) == [("R1", f"until {BEFORE}")]


def test_merging_a_tier_into_the_one_above_it(wide):
    services.merge([wide["R1"]], wide["G"], DAY)
    assert placements(wide["R1"]) == [("G", f"until {BEFORE}")]
    assert placements(wide["P"])[-1] == ("G", "from 2026-06-01")


def test_merged_values_end_with_their_organisation(wide):
    services.set_attribute(wide["Q"], "fuel", "coal", D("2020-01-01"))
    services.merge([wide["Q"]], wide["P"], DAY)
    assert values(wide["Q"], "fuel") == [("coal", f"2020-01-01 to {BEFORE}")]
    assert values(wide["P"], "fuel") == []


def test_who_joins_a_merged_organisation_later_joins_its_successor(wide):
    services.move(wide["Q1"], wide["P"], D("2027-01-01"))
    services.merge([wide["P"]], wide["R1"], DAY)
    assert placements(wide["Q1"]) == [("Q", "until 2026-12-31"), ("R1", "from 2027-01-01")]


@pytest.mark.parametrize(
    ("ones", "into", "said"),
    [
        (["P"], "P", "Name at least two"),
        ([], "P", "Name at least two"),
        (["R1", "R2"], "P", "P stands below R1; move it away first"),
        (["P", "Q"], New("U1", "plant", "新"), "U1 is U1"),
        (["P", "Q"], New("N", "plant"), "needs a Chinese or an English name"),
        (["P", "Q"], New("N", "plnat", "新"), "Did you mean “plant”"),
    ],
)
def test_what_cannot_be_merged(wide, ones, into, said):
    target = wide[into] if isinstance(into, str) else into
    refused(Exception, said, services.merge, [wide[code] for code in ones], target, DAY)


def test_who_did_not_stand_before_has_nothing_to_merge(wide):
    late = services.create(code="L", kind="plant", name_en="Late", parent=wide["R1"], from_date=DAY)
    refused(
        services.ChangeRefused, "L does not stand in the tree on 2026-05-31", services.merge, [late], wide["P"], DAY
    )


# Splitting ------------------------------------------------------------------------------------------------------------


def test_splitting_gives_each_part_its_children(wide):
    parts = [Part(New("P-A", "plant", "甲"), [wide["U1"].pk]), Part(New("P-B", "plant", "乙"), [wide["U2"].pk])]
    services.split(wide["P"], parts, DAY, reason="two owners")
    assert placements(wide["P"]) == [("R1", f"until {BEFORE}")]
    assert placements(wide["U1"]) == [("P", f"until {BEFORE}"), ("P-A", "from 2026-06-01")]
    assert placements(wide["U2"]) == [("P", f"until {BEFORE}"), ("P-B", "from 2026-06-01")]
    assert below(wide["R1"], "2026-06-01") == {"P-A", "P-B", "U1", "U2", "Q", "Q1"}
    assert set(Succession.objects.values_list("organisation__code", "successor__code")) == {("P", "P-A"), ("P", "P-B")}


def test_nothing_may_be_left_over_unless_it_is_said_to_stay(wide):
    parts = [Part(New("P-A", "plant", "甲"), [wide["U1"].pk]), Part(wide["Q"].pk, [])]
    refused(services.ChangeRefused, "Left over: U2", services.split, wide["P"], parts, DAY)
    services.split(wide["P"], parts[:1], DAY, keep=True)
    assert placements(wide["P"]) == [("R1", "always")]
    assert below(wide["P"], "2026-06-01") == {"U2"}


def test_a_part_may_be_an_organisation_that_there_is(wide):
    parts = [Part(wide["Q"].pk, [wide["U1"].pk]), Part(New("P-B", "plant", "乙"), [wide["U2"].pk])]
    services.split(wide["P"], parts, DAY)
    assert below(wide["Q"], "2026-06-01") == {"Q1", "U1"}


def test_a_unit_without_anybody_below_it_can_be_split(wide):
    services.split(wide["U1"], [Part(New("U1A", "unit", "甲")), Part(New("U1B", "unit", "乙"))], DAY)
    assert below(wide["P"], "2026-06-01") == {"U1A", "U1B", "U2"}


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([("N1", ["U1", "U2"])], "at least two parts"),
        ([("N1", ["U1", "U2"]), ("N2", ["U1"])], "U1 is given to two parts"),
        ([("N1", ["U1", "U2"]), ("N2", ["Q1"])], "Q1: not below P"),
        ([("N1", ["U1", "U2"]), ("N1", [])], "N1 is given to two parts"),
        ([("N1", ["U1", "U2"]), ("Q", [])], "Q is Q already"),
    ],
)
def test_what_cannot_be_split(wide, parts, said):
    given = [Part(New(code, "plant", "部"), [wide[child].pk for child in children]) for code, children in parts]
    refused(services.ChangeRefused, said, services.split, wide["P"], given, DAY)


# Reopening, circles, holes --------------------------------------------------------------------------------------------


def test_reopening_puts_it_where_it_stood_with_the_values_it_had(wide):
    services.set_attribute(wide["U1"], "capacity_mw", "300", D("2020-01-01"))
    services.close(wide["U1"], D("2023-12-31"))
    services.reopen(wide["U1"], DAY, reason="it runs again")
    assert placements(wide["U1"]) == [("P", "until 2023-12-31"), ("P", "from 2026-06-01")]
    assert values(wide["U1"], "capacity_mw") == [("300", "2020-01-01 to 2023-12-31"), ("300", "from 2026-06-01")]
    services.close(wide["U2"], D("2023-12-31"))
    services.reopen(wide["U2"], DAY, parent=wide["Q"])
    assert placements(wide["U2"])[-1] == ("Q", "from 2026-06-01")


def test_what_stands_is_not_reopened_and_nobody_is_reopened_under_the_closed(wide):
    refused(services.ChangeRefused, "U1 stands in the tree", services.reopen, wide["U1"], DAY)
    services.close(wide["P"], D("2023-12-31"), with_everything_below=True)
    refused(services.TreeRefused, "P does not stand in the tree from 2026-06-01", services.reopen, wide["U1"], DAY)


def test_circles_and_holes_are_told_by_name(wide):
    refused(services.TreeRefused, "R1 < U1 < P < R1|U1 < P < R1 < U1", services.move, wide["R1"], wide["U1"], DAY)
    services.close(wide["R3"], D("2026-12-31"))
    said = "R3 does not stand in the tree from 2027-01-01, when P would be under it"
    refused(services.TreeRefused, said, services.move, wide["P"], wide["R3"], DAY)
    refused(services.TreeRefused, "P would lose its parent R1", services.close, wide["R1"], D(BEFORE))


# Two at once, objections, withdrawing ---------------------------------------------------------------------------------


def test_who_looked_at_something_else_is_refused(wide):
    def moving(world):
        return structure.move(world, wide["P"].pk, wide["R2"].pk, DAY)

    plan, spoken = changes.preview(moving)
    assert spoken == [] and plan.changes_anything
    services.move(wide["P"], wide["R3"], D("2026-03-01"))
    refused(services.Stale, "changed these organisations since", changes.perform, moving, seen=plan.digest)
    again, _spoken = changes.preview(moving)
    services.move(wide["U1"], wide["Q"], D("2026-03-01"))  # somebody else's work beside it is no reason
    changes.perform(moving, seen=again.digest)
    assert placements(wide["P"])[-1] == ("R2", "from 2026-06-01")


@pytest.fixture
def objecting(monkeypatch):
    monkeypatch.setattr(dependents, "_objectors", {})
    spoken: list[Objection] = []
    dependents.register_objector("test", lambda plan: iter(spoken))
    return spoken


def test_what_speaks_against_it_must_be_said_to_be_known(wide, objecting):
    objecting += [Objection("approved", "Figures have been approved."), Objection("closed", "The month is closed.")]
    refused(services.Objected, "approved", services.move, wide["P"], wide["R2"], DAY)
    refused(services.Objected, "The month is closed", services.move, wide["P"], wide["R2"], DAY, although={"approved"})
    objecting.append(Objection("twice", "It would count twice.", final=True))
    refused(services.Objected, "twice", services.move, wide["P"], wide["R2"], DAY, although=changes.EVERYTHING)
    objecting.pop()
    assert services.move(wide["P"], wide["R2"], DAY, although={"approved", "closed"})


def test_a_planned_change_is_taken_back_as_if_it_had_never_been(wide):
    services.set_attribute(wide["U1"], "capacity_mw", "300", D("2020-01-01"))
    before = tree()
    for plan in (
        lambda: services.move(wide["P"], wide["R2"], D("2027-01-01")),
        lambda: services.close(wide["P"], D("2026-12-31"), with_everything_below=True),
        lambda: services.merge([wide["P"], wide["Q"]], New("N", "plant", "新"), D("2027-01-01")),
        lambda: services.split(wide["P"], [Part(New("N", "plant", "新"), [wide["U1"].pk])], D("2027-01-01"), keep=True),
        lambda: services.set_attribute(wide["U1"], "capacity_mw", "350", D("2027-01-01")),
    ):
        change = plan()
        assert change and change.state_on(clock.today()) == "planned"
        withdrawn = services.withdraw(change, reason="not now")
        assert withdrawn.state_on(clock.today()) == "withdrawn" and withdrawn.withdrawn_because == "not now"
        assert tree() == before
        assert not Succession.objects.exists()
        refused(services.ChangeRefused, "withdrawn already", services.withdraw, withdrawn)


def tree() -> tuple:
    """Who stands where when with which values, wherever the database has cut the rows."""
    world = changes.World.read()
    lines = {one.code: world.line(one.id) for one in world.organisations.values()}
    return lines, {one.code: world.attributes(one.id) for one in world.organisations.values()}


def test_a_withdrawn_opening_frees_the_code_unless_somebody_refers_to_it(wide):
    opened = services.create(code="N", kind="plant", name_en="New", parent=wide["R1"], from_date=D("2027-01-01"))
    change = Change.objects.get(opened__contains=[opened.pk])
    services.set_attribute(opened, "fuel", "gas", D("2027-01-01"))
    refused(services.ChangeRefused, "Changed again since: N", services.withdraw, change)
    services.withdraw(Change.objects.latest("id"))
    contact = opened.contacts.create(name_en="Somebody", phone="1", valid=(None, None))
    refused(services.ChangeRefused, "refers to it already", services.withdraw, change)
    contact.delete()
    services.withdraw(change)
    assert not Organisation.objects.filter(code="N").exists()
    services.create(code="N", kind="plant", name_en="Again", parent=wide["R1"])


def test_only_what_is_planned_and_untouched_is_withdrawn(wide):
    done = services.move(wide["P"], wide["R2"], clock.today())
    refused(services.ChangeRefused, "This change is in force", services.withdraw, done)
    first = services.move(wide["Q"], wide["R2"], D("2027-01-01"))
    second = services.move(wide["Q"], wide["R3"], D("2027-06-01"))
    assert first and second
    refused(services.ChangeRefused, "Changed again since: Q", services.withdraw, first)
    services.withdraw(second)
    services.withdraw(first)
    assert placements(wide["Q"]) == [("R1", "always")]


def test_a_planned_region_is_not_withdrawn_from_under_its_plants(wide):
    opened = services.create(code="R9", kind="region", name_en="Nine", parent=wide["G"], from_date=D("2027-01-01"))
    change = Change.objects.get(opened__contains=[opened.pk])
    services.move(wide["P"], opened, D("2027-02-01"))
    refused(services.TreeRefused, "P would lose its parent R9", services.withdraw, change)


# What is recorded -----------------------------------------------------------------------------------------------------


def test_each_change_says_who_when_why_and_what_and_leaves_an_event(wide, now):
    change = services.move(wide["P"], wide["R2"], DAY, reason="  reorganised  ")
    assert change is not None
    assert (change.verb, change.from_date, change.reason, change.made_at) == ("move", DAY, "reorganised", now)
    assert change.organisation == wide["G"]  # the nearest above both regions
    assert change.subjects == [wide["P"].pk]
    key = str(wide["P"].pk)
    assert change.before["placements"][key] == [[None, None, wide["R1"].pk]]
    assert change.after["placements"][key] == [
        [None, "2026-06-01", wide["R1"].pk],
        ["2026-06-01", None, wide["R2"].pk],
    ]
    event = Event.objects.latest("id")
    assert (event.kind, event.subject) == ("parties.move", f"parties.change:{change.pk}")
    assert event.data["reason"] == "reorganised" and event.data["to"] == "R2"


def test_what_is_already_so_leaves_nothing(wide):
    before = everything()
    assert services.move(wide["P"], wide["R1"], DAY) is None
    assert services.rename(wide["P"], name_en="P") is None
    assert services.set_attribute(wide["P"], "fuel", None, DAY) is None
    assert everything() == before


def test_several_values_of_a_unit_are_laid_over_each_other_by_their_days(wide):
    one = wide["U1"].pk
    wanted = [
        (one, "capacity_mw", "350", D("2026-01-01")),
        (one, "capacity_mw", "300", D("2020-01-01")),
        (one, "commissioned", "2020-01-01", D("2020-01-01")),
        (wide["U2"].pk, "capacity_mw", "1", D("2020-01-01")),
    ]
    change = changes.perform(lambda world: structure.parameters(world, wanted), reason="as built")
    assert values(wide["U1"], "capacity_mw") == [("300", "2020-01-01 to 2025-12-31"), ("350", "from 2026-01-01")]
    assert change.organisation == wide["P"] and set(change.subjects) == {one, wide["U2"].pk}
    assert change.from_date == date(2020, 1, 1)

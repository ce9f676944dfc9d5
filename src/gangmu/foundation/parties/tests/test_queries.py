"""What is read of a day is what a walk through the placements of that day gives; a scope clips it."""

from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from gangmu.foundation.parties import queries, services
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.parties.queries import AT_THE_TOP, OUTSIDE, PLACEMENT
from gangmu.foundation.parties.tests.conftest import D

MOVE = D("2024-07-01")
BEFORE = MOVE - timedelta(1)


@dataclass(frozen=True)
class Former:
    organisation_id: int
    start: date | None
    end: date | None


@dataclass(frozen=True)
class AScope:
    present: frozenset[int]
    once: tuple[Former, ...] = ()
    everything: bool = field(default=False)

    def ids(self, room: str) -> frozenset[int]:
        return self.present

    def former(self, room: str) -> tuple[Former, ...]:
        return self.once


@pytest.fixture
def moved(world):
    """The plant moves to the second region; its capacity changes before and after."""
    services.set_attribute(world["R1"], "province", "安徽", D("2020-01-01"))
    services.set_attribute(world["R2"], "province", "江苏", D("2020-01-01"))
    services.set_attribute(world["P"], "fuel", "coal", D("2020-01-01"))
    services.set_attribute(world["U1"], "capacity_mw", "600", D("2020-01-01"))
    services.set_attribute(world["U1"], "capacity_mw", "630", D("2023-01-01"))
    services.move(world["P"], world["R2"], MOVE)
    services.set_attribute(world["U1"], "capacity_mw", "660", D("2025-01-01"))
    return world


@pytest.fixture
def former_region(moved) -> AScope:
    once = tuple(Former(moved[code].pk, None, MOVE) for code in ("P", "U1", "U2"))
    return AScope(frozenset([moved["R1"].pk]), once)


def shape(on: date, scope=None) -> list:
    def line(node):
        return (
            (node.organisation.code, [line(child) for child in node.children])
            if node.children
            else node.organisation.code
        )

    return [line(node) for node in queries.tree(on, scope)]


def test_the_tree_of_each_day(moved):
    assert shape(BEFORE) == [("G", [("R1", [("P", ["U1", "U2"])]), "R2"])]
    assert shape(MOVE) == [("G", ["R1", ("R2", [("P", ["U1", "U2"])])])]


def test_a_scope_clips_the_tree_to_its_own_days(former_region):
    assert shape(BEFORE, former_region) == [("R1", [("P", ["U1", "U2"])])]
    assert shape(MOVE, former_region) == ["R1"]


def test_path_and_children(moved, former_region):
    unit = moved["U1"]
    assert [one.code for one in queries.path(unit, BEFORE)] == ["G", "R1", "P", "U1"]
    assert [one.code for one in queries.path(unit, MOVE)] == ["G", "R2", "P", "U1"]
    assert [one.code for one in queries.path(unit, BEFORE, former_region)] == ["R1", "P", "U1"]
    assert queries.path(unit, MOVE, former_region) == []
    assert [one.code for one in queries.children(moved["P"], MOVE)] == ["U1", "U2"]
    assert queries.children(moved["P"], MOVE, former_region) == []


def test_attributes_come_from_the_nearest_ancestor_of_the_day(moved, former_region):
    held = queries.attributes_on(moved["U1"], BEFORE)
    assert {name: (one.value.value, one.inherited) for name, one in held.items()} == {
        "capacity_mw": ("630", False),
        "fuel": ("coal", True),
        "province": ("安徽", True),
    }
    assert queries.attributes_on(moved["U1"], MOVE)["province"].value.value == "江苏"
    assert queries.attributes_on(moved["U1"], MOVE)["province"].source_id == moved["R2"].pk
    assert queries.attributes_on(moved["U1"], MOVE, former_region) == {}


def test_standings_agree_with_the_single_answers(moved, former_region):
    for on in (BEFORE, MOVE, D("2025-06-01")):
        for scope in (None, former_region):
            standings = queries.standings(on, scope)
            for one in Organisation.objects.all():
                path = queries.path(one, on, scope)
                assert (one.pk in standings) == bool(path)
                if path:
                    single = queries.attributes_on(one, on, scope)
                    assert standings[one.pk].attributes == {name: held.value.value for name, held in single.items()}


def test_history_is_one_stretch_where_nothing_changed_and_ends_with_the_scope(moved, former_region):
    stretches = queries.attribute_history(moved["U1"])["capacity_mw"]
    assert [(one.text, str(one.days)) for one in stretches] == [
        ("600", "2020-01-01 to 2022-12-31"),
        ("630", "2023-01-01 to 2024-12-31"),
        ("660", "from 2025-01-01"),
    ]
    seen = queries.attribute_history(moved["U1"], former_region)["capacity_mw"]
    assert [(one.text, str(one.days)) for one in seen] == [
        ("600", "2020-01-01 to 2022-12-31"),
        ("630", "2023-01-01 to 2024-06-30"),
    ]
    assert [(one.text, str(one.days)) for one in queries.attribute_history(moved["P"])["fuel"]] == [
        ("Coal", "from 2020-01-01")
    ]
    where = queries.placements_of(moved["P"], former_region)
    assert [(one.parent.code if one.parent else None, str(one.days)) for one in where] == [("R1", "until 2024-06-30")]


def told(earlier: date, later: date, scope=None) -> list[tuple]:
    changes = queries.changes_between(earlier, later, scope)
    return [(one.day, one.organisation.code, one.what, one.before, one.after) for one in changes]


def test_changes_between_two_days(moved):
    assert told(BEFORE, MOVE) == [(MOVE, "P", PLACEMENT, "R1", "R2")]
    assert told(MOVE, BEFORE) == told(BEFORE, MOVE)
    assert told(D("2023-06-01"), D("2024-01-01")) == []
    assert (D("2025-01-01"), "U1", "capacity_mw", "600", "660") in told(D("2022-06-01"), D("2025-06-01"))


def test_changes_a_former_region_is_told_end_with_the_plant_leaving(moved, former_region):
    seen = told(BEFORE, D("2025-06-01"), former_region)
    placed = [(day, code, before, after) for day, code, what, before, after in seen if what == PLACEMENT]
    assert placed == [(MOVE, "P", "R1", None), (MOVE, "U1", "P", None), (MOVE, "U2", "P", None)]
    assert (MOVE, "U1", "capacity_mw", "630", None) in seen
    assert not any(after for _day, _code, _what, _before, after in seen)


def test_a_parent_outside_the_scope_has_no_name(moved):
    plant_alone = AScope(frozenset([moved["P"].pk]))
    assert told(BEFORE, MOVE, plant_alone) == [(MOVE, "P", PLACEMENT, OUTSIDE, OUTSIDE)]
    services.move(moved["R1"], None, D("2025-01-01"))
    assert told(MOVE, D("2025-01-01"), AScope(frozenset([moved["R1"].pk]))) == [
        (D("2025-01-01"), "R1", PLACEMENT, OUTSIDE, AT_THE_TOP)
    ]


def test_the_days_of_change(moved, former_region):
    assert queries.days_of_change() == [
        D("2020-01-01"),
        D("2023-01-01"),
        MOVE,
        D("2025-01-01"),
    ]
    assert queries.days_of_change(former_region) == [D("2020-01-01"), D("2023-01-01"), MOVE]
    assert queries.days_of_change(most=2) == [MOVE, D("2025-01-01")]

"""Opening, moving, changing and closing organisations by date."""

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from gangmu.foundation.parties import services
from gangmu.foundation.parties.days import Days
from gangmu.foundation.parties.models import AttributeValue, Membership, Organisation, Placement
from gangmu.foundation.parties.tests.conftest import D
from gangmu.foundation.settings import clock


def placements(organisation: Organisation) -> list[tuple[str | None, str]]:
    rows = Placement.objects.filter(child=organisation).order_by("valid")
    return [(row.parent.code if row.parent else None, str(Days.of(row.valid))) for row in rows]


def values(organisation: Organisation, name: str) -> list[tuple[str, str]]:
    rows = AttributeValue.objects.filter(organisation=organisation, name=name).order_by("valid")
    return [(str(row.value), str(Days.of(row.valid))) for row in rows]


def below(organisation: Organisation, day: str) -> set[str]:
    rows = Membership.objects.filter(ancestor=organisation, depth__gt=0, valid__contains=D(day))
    return set(rows.values_list("organisation__code", flat=True))


def test_opening_an_organisation_sets_its_instants_from_the_clock(world):
    with clock.frozen("2026-11-20T07:30+08:00") as now:
        made = services.create(
            code="P9",
            kind="plant",
            name_zh="新厂",
            parent=world["R2"],
            from_date=D("2026-01-01"),
            attributes={"capacity_mw": "350.0", "fuel": "gas"},
        )
    assert (made.created_at, made.changed_at) == (now, now)
    assert placements(made) == [("R2", "from 2026-01-01")]
    assert values(made, "capacity_mw") == [("350", "from 2026-01-01")]
    assert "P9" in below(world["G"], "2026-01-01")
    assert "P9" not in below(world["G"], "2025-12-31")


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "P 9"},
        {"code": "P"},
        {"name_zh": ""},
        {"attributes": {"capacity_mw": "600MW"}},
        {"attributes": {"capacity": "600"}},
        {"from_date": D("2026-02-01"), "last_day": D("2026-01-01")},
    ],
)
def test_what_cannot_be_is_not_opened(world, wrong):
    given = {"code": "P9", "kind": "plant", "name_zh": "新厂", "parent": world["R2"]} | wrong
    with pytest.raises(ValidationError), transaction.atomic():
        services.create(**given)
    assert not Organisation.objects.filter(code="P9").exists()


def test_an_unknown_kind_is_refused_with_a_suggestion(world):
    with pytest.raises(ValidationError, match="Did you mean “plant”"):
        services.create(code="P9", kind="plnat", name_zh="新厂")


def test_a_plant_that_moves_takes_its_units_along_from_that_day(world):
    services.move(world["P"], world["R2"], D("2024-07-01"))
    assert placements(world["P"]) == [("R1", "until 2024-06-30"), ("R2", "from 2024-07-01")]
    assert below(world["R1"], "2024-06-30") == {"P", "U1", "U2"}
    assert below(world["R2"], "2024-06-30") == set()
    assert below(world["R1"], "2024-07-01") == set()
    assert below(world["R2"], "2024-07-01") == {"P", "U1", "U2"}


def test_moving_again_on_the_same_day_corrects_the_move(world):
    services.move(world["P"], world["R2"], D("2024-07-01"))
    services.move(world["P"], world["G"], D("2024-07-01"))
    assert placements(world["P"]) == [("R1", "until 2024-06-30"), ("G", "from 2024-07-01")]


def test_a_move_to_where_it_stands_changes_nothing(world):
    services.move(world["P"], world["R1"], D("2024-07-01"))
    assert placements(world["P"]) == [("R1", "always")]


def test_a_move_cuts_attributes_so_that_each_row_is_of_one_parent(world):
    services.set_attribute(world["P"], "fuel", "coal", D("2020-01-01"))
    services.move(world["P"], world["R2"], D("2024-07-01"))
    assert values(world["P"], "fuel") == [("coal", "2020-01-01 to 2024-06-30"), ("coal", "from 2024-07-01")]


def test_a_move_below_itself_is_refused_and_changes_nothing(world):
    with pytest.raises(services.TreeRefused, match="below itself"), transaction.atomic():
        services.move(world["R1"], world["U1"], D("2024-07-01"))
    assert placements(world["R1"]) == [("G", "always")]


def test_who_is_not_in_the_tree_cannot_move(world):
    services.close(world["U1"], D("2023-12-31"))
    with pytest.raises(services.NotInTheTree, match="U1 is not in the tree on 2024-01-01"):
        services.move(world["U1"], world["R2"], D("2024-01-01"))


def test_a_value_holds_until_its_next_change(world):
    services.set_attribute(world["P"], "capacity_mw", "600", D("2020-01-01"))
    services.set_attribute(world["P"], "capacity_mw", "660", D("2025-01-01"))
    services.set_attribute(world["P"], "capacity_mw", "630.50", D("2022-01-01"))
    assert values(world["P"], "capacity_mw") == [
        ("600", "2020-01-01 to 2021-12-31"),
        ("630.5", "2022-01-01 to 2024-12-31"),
        ("660", "from 2025-01-01"),
    ]
    services.set_attribute(world["P"], "capacity_mw", None, D("2023-01-01"))
    assert values(world["P"], "capacity_mw") == [
        ("600", "2020-01-01 to 2021-12-31"),
        ("630.5", "2022-01-01 to 2022-12-31"),
        ("660", "from 2025-01-01"),
    ]


def test_the_same_value_continued_after_a_move_counts_as_one(world):
    services.set_attribute(world["P"], "capacity_mw", "600", D("2020-01-01"))
    services.move(world["P"], world["R2"], D("2024-07-01"))
    services.set_attribute(world["P"], "capacity_mw", "660", D("2023-01-01"))
    assert values(world["P"], "capacity_mw") == [
        ("600", "2020-01-01 to 2022-12-31"),
        ("660", "2023-01-01 to 2024-06-30"),
        ("660", "from 2024-07-01"),
    ]


def test_the_value_that_holds_already_changes_nothing(world):
    services.set_attribute(world["P"], "fuel", "coal", D("2020-01-01"))
    before = list(AttributeValue.objects.values_list("id", "valid"))
    services.set_attribute(world["P"], "fuel", "coal", D("2022-01-01"))
    assert list(AttributeValue.objects.values_list("id", "valid")) == before


def test_closing_counts_the_last_day_and_ends_the_attributes(world):
    services.set_attribute(world["U1"], "capacity_mw", "300", D("2020-01-01"))
    services.close(world["U1"], D("2023-12-31"))
    assert placements(world["U1"]) == [("P", "until 2023-12-31")]
    assert values(world["U1"], "capacity_mw") == [("300", "2020-01-01 to 2023-12-31")]


def test_closing_a_plant_with_units_is_refused_unless_they_go_too(world):
    with pytest.raises(services.TreeRefused, match="U1 would lose its parent P"), transaction.atomic():
        services.close(world["P"], D("2023-12-31"))
    services.close(world["P"], D("2023-12-31"), with_everything_below=True)
    assert below(world["R1"], "2024-01-01") == set()
    assert below(world["R1"], "2023-12-31") == {"P", "U1", "U2"}


def test_a_new_name_sorts_anew(world):
    services.rename(world["P"], name_zh="安庆电厂")
    world["P"].refresh_from_db()
    assert (world["P"].name_zh, world["P"].name_en) == ("安庆电厂", "P")
    assert world["P"].sort_key.startswith("an qing")
    with pytest.raises(ValidationError):
        services.rename(world["P"], name_zh="", name_en=" ")

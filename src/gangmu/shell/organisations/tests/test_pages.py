"""The pages of organisations as each person of the world sees them."""

import csv
import io
from datetime import date

import pytest
from django.test import Client

from gangmu.foundation.parties import services
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings import clock
from gangmu.shell.testing.worlds import PASSWORD, make_world

pytestmark = pytest.mark.django_db
NOW = "2026-11-20T07:30+08:00"


@pytest.fixture
def world(tmp_path):
    with clock.frozen(NOW):
        yield make_world(tmp_path)


def page(user, address: str, status: int = 200, language: str = "en") -> str:
    client = Client(headers={"accept-language": language})
    client.force_login(user)
    response = client.get(address)
    assert response.status_code == status, response.content.decode()[:2000]
    return b"".join(response).decode()


def names(text: str) -> set[str]:
    """Which organisations of the world a page speaks of."""
    known = Organisation.objects.values_list("name_en", flat=True)
    return {name for name in known if name in text}


ALL = {"Example Group", "East Company", "West Company"} | {
    f"{kind} {name}" for kind, name in [("Plant", "Alpha"), ("Plant", "Beta"), ("Plant", "Gamma")]
}
ALL |= {"Alpha 1", "Alpha 2", "Beta 1", "Gamma 1"}
ALPHA = {"Plant Alpha", "Alpha 1", "Alpha 2"}


def test_the_tree_shows_everybody_their_branch(world):
    assert names(page(world.group, "/organisations/")) == ALL
    assert names(page(world.present, "/organisations/")) == ALPHA | {"West Company", "Plant Gamma", "Gamma 1"}
    assert names(page(world.other, "/organisations/")) == {"Plant Beta", "Beta 1"}
    assert names(page(world.nobody, "/organisations/")) == set()
    assert "No organisations yet" in page(world.nobody, "/organisations/")


def test_a_former_region_sees_the_plant_in_the_tree_of_its_own_days_alone(world):
    before = page(world.former, "/organisations/?day=2026-05-31&since=2026-05-31")
    assert names(before) == ALPHA | {"East Company", "Plant Beta", "Beta 1"}
    after = page(world.former, "/organisations/?day=2026-06-01&since=2026-06-01")
    assert names(after) == {"East Company", "Plant Beta", "Beta 1"}


def test_the_change_list_tells_the_move_to_those_who_may_know(world):
    asked = "/organisations/?day=2026-11-20&since=2026-05-01"
    text = page(world.group, asked)
    assert "<del>East Company</del>" in text
    assert "<ins>West Company</ins>" in text
    former = page(world.former, asked)
    assert "Plant Alpha" in former
    assert "Left the tree" in former
    assert "West Company" not in former
    assert "West Company" not in page(world.clerk, asked)


def test_the_detail_of_a_plant_that_left_is_as_it_was(world):
    with clock.frozen(NOW):
        services.set_attribute(Organisation.objects.get(code="P1"), "fuel", "gas", date(2026, 8, 1))
        services.set_attribute(Organisation.objects.get(code="P1U1"), "capacity_mw", "666", date(2026, 8, 1))
    former = page(world.former, "/organisations/of/P1/")
    assert "No longer in your scope" in former
    assert "Coal" in former
    assert "Gas" not in former
    assert "2026-06" not in former.replace("2026-06-01", "") and "2026-08" not in former
    assert "West Company" not in former
    unit = page(world.former, "/organisations/of/P1U1/?day=2026-11-20")
    assert "600" in unit
    assert "666" not in unit
    assert "It did not stand in the tree on this day." in unit
    present = page(world.present, "/organisations/of/P1/")
    assert "Gas" in present
    assert "Coal" in present
    assert "No longer in your scope" not in present


def test_what_is_outside_the_scope_does_not_exist(world):
    page(world.other, "/organisations/of/P1/", 404)
    page(world.former, "/organisations/of/R2/", 404)
    page(world.group, "/organisations/of/XX/", 404)
    page(world.nobody, "/organisations/of/G/", 404)


def test_strangers_are_sent_to_the_sign_in_page(world):
    for address in ("/organisations/", "/organisations/list/", "/organisations/of/P1/"):
        response = Client().get(address)
        assert (response.status_code, response["Location"].partition("?")[0]) == (302, "/sign-in/")


def test_the_detail_shows_inherited_attributes_with_their_source(world):
    text = page(world.clerk, "/organisations/of/P1U1/")
    assert "Coal" in text
    assert "Jiangsu" in text
    assert 'inherited from <a href="/organisations/of/P1/">Plant Alpha</a>' in text


def test_the_history_says_who_is_below_and_what_was_recorded(world):
    text = page(world.group, "/organisations/of/P1/")
    assert "Alpha 1" in text
    assert "Directly below" in text
    assert "East Company" in text


@pytest.mark.parametrize("address", ["/organisations/", "/organisations/list/", "/organisations/of/P1/"])
def test_a_day_that_is_none_is_told_and_nothing_breaks(world, address):
    page(world.group, f"{address}?day=2026-02-30", 422)


def test_the_list_filters_by_kind_fuel_and_province_that_come_from_above(world):
    units = page(world.group, "/organisations/list/?kind=unit&fuel=coal")
    assert names(units) == {"Alpha 1", "Alpha 2", "Plant Alpha"}  # their parent is a column
    wind = page(world.group, "/organisations/list/?kind=unit&province=330000")
    assert names(wind) == {"Beta 1", "Plant Beta"}


def test_the_list_is_of_the_day_asked_for(world):
    then = page(world.former, "/organisations/list/?day=2026-05-31")
    assert "Alpha 1" in then
    now = page(world.former, "/organisations/list/")
    assert names(now) == {"East Company", "Plant Beta", "Beta 1"}


def test_the_export_holds_the_same_rows(world):
    text = page(world.former, "/organisations/list/?export=csv").lstrip("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["Code"] for row in rows} == {"R1", "P2", "P2U1"}
    unit = next(row for row in rows if row["Code"] == "P2U1")
    assert unit["Capacity (MW)"] == "50"
    assert (unit["Placed under"], unit["Fuel"], unit["Province"]) == ("Plant Beta", "Wind", "Zhejiang")


def test_pages_speak_chinese_first(world):
    text = page(world.group, "/organisations/", language="zh-CN")
    assert "组织树" in text
    assert "示例集团" in text


def test_a_page_needs_few_queries(world, django_assert_max_num_queries):
    client = Client()
    client.login(username="group", password=PASSWORD)
    for address in ("/organisations/", "/organisations/list/", "/organisations/of/P1U1/"):
        with django_assert_max_num_queries(60):
            client.get(address)

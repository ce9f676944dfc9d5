import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from trestle.oscal.catalog import Catalog
from trestle.oscal.profile import Profile

from gangmu.duties.norms.oscal import documents
from gangmu.duties.norms.standard import Standard
from gangmu.duties.norms.tests.made_up import written
from gangmu.duties.norms.text import read_standard

AT = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture(scope="module")
def standard(tmp_path_factory: pytest.TempPathFactory) -> Standard:
    return read_standard(written(tmp_path_factory.mktemp("norms")))


def controls(group: dict) -> list[dict]:
    return [*group.get("controls", ()), *(one for inner in group.get("groups", ()) for one in controls(inner))]


def test_trestle_reads_the_catalogue_the_profiles_and_what_they_resolve_to(standard: Standard, tmp_path: Path) -> None:
    made = documents(standard, AT, {"facilities": "S2"})
    assert len(made) == 1 + 2 * len(standard.cells)
    for name, document in made.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(document), "utf-8")
        kind = Profile if name.startswith("profiles/") else Catalog
        assert kind.oscal_read(path) is not None, name


def test_every_entry_is_a_control_with_its_figures_as_parameters(standard: Standard) -> None:
    catalog = documents(standard, AT)["catalog.json"]["catalog"]
    found = {one["id"]: one for group in catalog["groups"] for one in controls(group)}
    assert len(found) == len(standard.entries)
    response = found["c-5.1.2-a"]
    assert {one["id"]: one["values"] for one in response["params"]} == {
        "c-5.1.2-a_minutes": ["15"],
        "c-5.1.2-a_availability": ["99.90"],
    }
    assert "{{ insert: param, c-5.1.2-a_minutes }}" in response["parts"][0]["prose"]


def test_a_profile_selects_what_its_resolved_catalogue_holds(standard: Standard) -> None:
    made = documents(standard, AT, {"facilities": "S2"}, "L2S4")
    (chosen,) = made["profiles/L2S4.json"]["profile"]["imports"][0]["include-controls"]
    groups = made["resolved/L2S4.json"]["catalog"]["groups"]
    assert {one["id"] for group in groups for one in controls(group)} == set(chosen["with-ids"])
    assert "c-5.2.1-a" in chosen["with-ids"]
    assert "c-5.1.1-a" not in chosen["with-ids"]


def test_the_same_content_gives_the_same_identifiers(standard: Standard) -> None:
    assert documents(standard, AT) == documents(standard, AT)

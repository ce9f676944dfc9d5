"""The hosting standard as shipped: what its cells resolve to, what differs, its figures, its OSCAL documents."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from trestle.oscal.catalog import Catalog
from trestle.oscal.profile import Profile

from gangmu.business import standards
from gangmu.duties.norms.resolving import resolve
from gangmu.duties.norms.shipped import shipped
from gangmu.duties.norms.standard import Standard
from gangmu.shell.cli import main

CODE = "JR/T-0133-2015"
CHOICES = {"facilities": "B1", "network": "B1", "security": "B1"}


@pytest.fixture(scope="module")
def standard() -> Standard:
    standards.register()
    return shipped(CODE)


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert main(["norms", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.req("H-5–7")
def test_everything_printed_is_324_entries_and_chapter_4(capsys: pytest.CaptureFixture[str]) -> None:
    told = printed(capsys, "show", CODE)["entries"]
    chapters = Counter(one["key"][0] for one in told)
    assert chapters["5"] + chapters["6"] + chapters["7"] == 324
    assert {one["origin"] for one in told} == {"own"}
    assert sum(1 for one in told if one["refers"]) == 24
    assert sum(1 for one in told if one["refers"] and "-" not in one["key"]) == 19


@pytest.mark.req("H-4.3")
def test_outsourcing_at_the_highest_level_resolves_with_and_without_choices(capsys: pytest.CaptureFixture[str]) -> None:
    still = printed(capsys, "show", CODE, "--cell", "A3+B4")["entries"]
    origins = {one["key"]: one["origin"] for one in still}
    assert [key for key, origin in origins.items() if origin == "open"] == ["7.3.1", "7.3.2-a", "7.3.3"]
    assert [one["alternatives"] for one in still if one["origin"] == "open"] == [["B1", "B2"]] * 3
    assert origins["7.4.1"] == "own"
    assert origins["7.3.5-n"] == "inherited"
    assert not any(key.startswith(("7.1.", "7.2.")) for key in origins)

    choice = ",".join(f"{subject}={one}" for subject, one in CHOICES.items())
    closed = printed(capsys, "show", CODE, "--cell", "A3+B4", "--choice", choice)
    assert closed["choices"] == CHOICES
    origins = {one["key"]: one["origin"] for one in closed["entries"]}
    assert "open" not in origins.values()
    assert origins["7.1.1-a"] == "chosen"
    assert origins["7.3.1"] == "inherited"
    assert not any(key.startswith("7.2.") for key in origins)
    assert len(origins) == len(still) + sum(1 for key in origins if key.startswith(("7.1.1", "7.1.2", "7.1.3")))


def test_two_levels_of_one_service_differ_as_the_text_does_and_no_more(capsys: pytest.CaptureFixture[str]) -> None:
    told = printed(capsys, "compare", CODE, "A3B3", "A3+B3")["differences"]
    figures = {(one["entries"][1], *one["values"]) for one in told if one["kind"] == "figure"}
    assert figures == {
        ("7.3.4.3-a", "99.9", "99.95"),
        ("7.3.5-f", 20, 30),
        ("7.3.5-n", 10, 5),
        ("7.3.5-n", 60, 30),
    }
    others = [(one["kind"], one["entries"]) for one in told if one["kind"] != "figure"]
    assert sorted(others) == [("extended", ["6.3.4.3-f", "7.3.4.3-f"]), ("new", [None, "7.3.4.1-c"])]


def test_cabinets_of_level_3_differ_from_those_of_3_plus_in_two_figures(capsys: pytest.CaptureFixture[str]) -> None:
    told = printed(capsys, "compare", CODE, "A3B1", "A3+B1")["differences"]
    assert [(one["kind"], one["entries"][1], one["values"]) for one in told] == [
        ("figure", "7.1.4-d", [20, 30]),
        ("figure", "7.1.4-e", [10, 5]),
    ]


def test_the_standards_cited_at_6_4_5_d_and_7_4_5_d_differ_as_printed(capsys: pytest.CaptureFixture[str]) -> None:
    told = printed(capsys, "compare", CODE, "A3B4", "A3+B4")["differences"]
    (cited,) = [one for one in told if one["kind"] == "citation"]
    assert cited["entries"] == ["6.4.5-d", "7.4.5-d"]
    assert cited["values"] == ["JR/T 0099", "JR/T 0059"]


def test_combined_services_hold_each_clause_once(standard: Standard) -> None:
    both = resolve(standard, "A3B1,A3B3", CHOICES)
    keys = [one.entry.key for one in both.held]
    assert len(keys) == len(set(keys))
    origins = {one.entry.key: one.origin for one in both.held}
    assert origins["6.1.1-a"] == "own"
    assert origins["6.3.5-a"] == "own"


@pytest.mark.req("H-ops")
def test_figures_that_differ_by_level_are_parameters(capsys: pytest.CaptureFixture[str]) -> None:
    told = printed(capsys, "parameters", CODE)["parameters"]
    found = {(row["entries"].get("6.3.5-n"), row["entries"].get("7.3.5-n")) for row in told}
    assert {(10, 5), (60, 30)} <= found
    every = [set(map(str, row["entries"].values())) for row in told]
    for values in ({"10", "20", "30"}, {"3", "6"}, {"99.9", "99.99"}, {"99.9", "99.95"}, {"1", "2"}, {"1", "2", "4"}):
        assert values in every, values


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["show", CODE, "--cell", "A4B1"], "A3B1"),
        (["show", CODE, "--cell", "A3+B4", "--choice", "facilities=B3"], "B1, B2"),
        (["show", CODE, "--cell", "A3+B4", "--choice", "roof=B1"], "facilities, network, security"),
        (["show", CODE, "--choice", "facilities=B1"], "--cell"),
        (["show", CODE, "--cell", "A3+B4", "--choice", "facilities"], "facilities=B1,network=B1"),
        (["show", "JR/T-0133"], CODE),
        (["compare", CODE, "A3B3", "A3B9"], "A3+B3"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is(
    capsys: pytest.CaptureFixture[str], words: list[str], says: str
) -> None:
    assert main(["norms", *words]) == 2
    told = capsys.readouterr()
    assert says in told.err
    assert not told.out


def test_trestle_loads_the_export(tmp_path: Path, capsys: pytest.CaptureFixture[str], standard: Standard) -> None:
    choice = ",".join(f"{subject}={one}" for subject, one in CHOICES.items())
    assert main(["norms", "oscal", CODE, "--out", str(tmp_path), "--choice", choice]) == 0
    capsys.readouterr()
    catalog = Catalog.oscal_read(tmp_path / "catalog.json")
    assert catalog is not None
    profiles = sorted((tmp_path / "profiles").iterdir())
    assert len(profiles) == 12
    for path in profiles:
        assert Profile.oscal_read(path) is not None
        assert Catalog.oscal_read(tmp_path / "resolved" / path.name) is not None

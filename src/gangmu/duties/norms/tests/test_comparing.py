from dataclasses import replace
from typing import Any

import pytest

from gangmu.duties.norms.comparing import compare
from gangmu.duties.norms.figures import parameters
from gangmu.duties.norms.resolving import resolve
from gangmu.duties.norms.standard import Standard
from gangmu.duties.norms.tests.made_up import HEAD, TOPICS, written
from gangmu.duties.norms.text import read_standard


@pytest.fixture(scope="module")
def standard(tmp_path_factory: pytest.TempPathFactory) -> Standard:
    return read_standard(written(tmp_path_factory.mktemp("norms")))


def differences(standard: Standard, a: str, b: str, **choices: str) -> list[dict[str, Any]]:
    sides = (resolve(standard, cell, choices, spare=True) for cell in (a, b))
    return compare(*sides).as_json()["differences"]


def test_a_cell_does_not_differ_from_itself(standard: Standard) -> None:
    for cell in standard.cells:
        assert differences(standard, cell, cell) == []


def test_two_levels_differ_in_figures_citations_strengths_and_statements(standard: Standard) -> None:
    found = differences(standard, "L2S1", "L3S1")
    told = [(one["kind"], one["entries"], one.get("values")) for one in found]
    drill = {"zh": "每年演练", "en": "They are drilled each year."}
    assert told == [
        ("figure", ["5.1.1-a", "6.1.1-a"], ["B", "A"]),
        ("citation", ["5.1.1-b", "6.1.1-b"], ["GB 1", "GB 2"]),
        ("strength", ["5.1.1-b", "6.1.1-b"], ["should", "must"]),
        ("extended", ["5.1.1-b", "6.1.1-b"], [None, [drill]]),
        ("new", [None, "6.1.1-c"], None),
        ("figure", ["5.1.2-a", "6.1.2-a"], [15, 10]),
        ("figure", ["5.1.2-a", "6.1.2-a"], ["99.90", "99.99"]),
    ]
    assert "key" not in str(found)


def test_the_other_way_round_is_reduced_and_gone(standard: Standard) -> None:
    kinds = [one["kind"] for one in differences(standard, "L3S1", "L2S1")]
    assert sorted(kinds) == ["citation", "figure", "figure", "figure", "gone", "reduced", "strength"]


def test_equal_figures_written_differently_and_other_numbers_are_no_difference(standard: Standard) -> None:
    # 99.90 and 99.9; 5.1.2-a and 5.3.2-a
    told = differences(standard, "L2S1", "L2S3", facilities="S1")
    assert told == []


def test_open_references_of_one_subject_are_alike_and_not_followed(standard: Standard) -> None:
    assert differences(standard, "L2S3", "L2S4") == []
    kinds = [(one["kind"], one["topic"]) for one in differences(standard, "L2S1", "L2S3")]
    assert kinds == [("gone", "room-grade"), ("gone", "two-feeds"), ("new", "facilities-of-the-lease")]


def test_words_that_vary_are_wording_and_no_figure(standard: Standard) -> None:
    kinds = [one["kind"] for one in differences(standard, "L2S1", "L2S2")]
    assert kinds == ["wording", "gone", "gone"]


def test_two_editions_compare_by_topic(standard: Standard, tmp_path: Any) -> None:
    later = read_standard(
        written(
            tmp_path,
            HEAD.replace('"2020"', '"2025"').replace('"5.1.1":', '"5.1.9":').replace('"5.1.2":', '"5.1.8":'),
            TOPICS.replace("5.1.1-b", "5.1.9-c")
            .replace("5.1.1", "5.1.9")
            .replace("5.1.2-a: {minutes: 15", "5.1.8-a: {minutes: 12"),
        )
    )
    (one,) = compare(resolve(standard, "L2S1"), resolve(later, "L2S1")).differences
    assert (one.kind, one.parameter, one.values, one.unit) == ("figure", "minutes", (15, 12), "minutes")
    assert one.entries == ("5.1.2-a", "5.1.8-a")


def test_figures_are_told_by_cell_and_whether_they_differ(standard: Standard) -> None:
    rows = {(row.topic, row.parameter.name): row for row in parameters(standard)}
    minutes = rows["response", "minutes"].as_json()
    assert minutes["cells"] == {"L2S1": ["15"], "L2S3": ["15"], "L3S1": ["10"]}
    assert minutes["entries"] == {"5.1.2-a": 15, "5.3.2-a": 15, "6.1.2-a": 10}
    assert minutes["differs"]
    assert ("room-grade", "place") not in rows
    same = replace(standard, entries={"5.1.2-a": standard.entries["5.1.2-a"]})
    assert [row.differs for row in parameters(same)] == [False, False]
    assert parameters(same, every=False) == []

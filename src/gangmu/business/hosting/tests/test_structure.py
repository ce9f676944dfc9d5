"""The clauses are held to the document: the same keys, strengths, figures, citations and references."""

import re
from collections import Counter

import pytest

from gangmu.business.hosting.tests.printed import Printed, read_structure
from gangmu.duties.norms.resolving import resolve
from gangmu.duties.norms.standard import STRENGTHS, Standard

PRINTED = read_structure()
DEFINITIONS = {"4.2-a", "4.2-b", "4.2-c", "4.3-a", "4.3-b", "4.3-c", "4.3-d"}  # print no strength of their own


def ids(printed: Printed) -> str:
    return printed.key


@pytest.mark.req("H-5–7")
def test_the_entries_are_those_of_the_document(standard: Standard):
    assert list(standard.entries) == [one.key for one in PRINTED]
    cells = [entry for key, entry in standard.entries.items() if not key.startswith("4")]
    assert len(cells) == 324
    assert len([one for one in cells if one.item]) == 305
    assert len([one for one in cells if one.to]) == 24
    assert [one.key for one in cells if one.to and one.item] == ["5.4.6-a", "6.3.2-a", "6.4.6-a", "7.3.2-a", "7.4.6-a"]


def test_every_entry_of_chapters_5_to_7_stands_in_one_cell(standard: Standard):
    found = Counter(len(standard.cells_of(entry)) for key, entry in standard.entries.items() if not key.startswith("4"))
    assert found == {1: 324}
    assert not any(standard.cells_of(entry) for key, entry in standard.entries.items() if key.startswith("4"))


@pytest.mark.req("H-5–7")
@pytest.mark.parametrize("printed", PRINTED, ids=ids)
def test_strengths_figures_and_references_are_as_printed(standard: Standard, printed: Printed):
    entry = standard.entries[printed.key]
    parameters = standard.topics[entry.topic].parameters
    assert entry.to == printed.to
    if entry.to:
        assert not entry.statements
        return
    strengths = {statement.strength for statement in entry.statements}
    assert strengths == ({"must"} if printed.key in DEFINITIONS else set(printed.strengths))
    figures = [str(value) for name, value in entry.values.items() if parameters[name].kind != "word"]
    assert sorted(figures) == sorted(printed.figures)


@pytest.mark.req("H-5–7")
def test_four_items_mix_what_must_and_what_should_be(standard: Standard):
    mixed = [
        key
        for key, entry in standard.entries.items()
        if {"must", "should"} <= {statement.strength for statement in entry.statements} and key != "4.4-g"
    ]
    assert mixed == ["5.1.1-d", "5.1.3-c", "5.2.3-c", "5.2.3-d"]


@pytest.mark.parametrize(
    ("key", "strengths"),
    [
        ("4.4-g", "must should"),
        ("5.1.1-d", "should must"),
        ("5.1.2-d", "must must_not"),
        ("5.1.3-a", "must may must must"),
        ("5.1.3-c", "should must"),
        ("5.2.3-c", "should should should must"),
        ("5.2.3-d", "should must"),
        ("5.3.5-p", "must must_not must_not"),
        ("6.3.5-p", "should should"),
        ("7.4.6-k", "must must_not must_not"),
    ],
)
def test_strengths_within_an_item(standard: Standard, key: str, strengths: str):
    assert [statement.strength for statement in standard.entries[key].statements] == strengths.split()
    assert set(strengths.split()) <= set(STRENGTHS)


@pytest.mark.req("H-4.4", "H-5–7")
def test_the_client_is_bound_where_the_document_binds_it(standard: Standard):
    bound = {
        key: [statement.bound for statement in entry.statements]
        for key, entry in standard.entries.items()
        if any(statement.bound != "provider" for statement in entry.statements)
    }
    chapter = {"4.1", *(f"4.2-{item}" for item in "abc"), *(f"4.3-{item}" for item in "abc")}
    assert set(bound) == chapter | {f"4.4-{item}" for item in "abcde"} | {"6.3.4.3-c", "7.3.4.3-c"}
    assert bound["6.3.4.3-c"] == bound["7.3.4.3-c"] == ["provider", "provider", "client"]
    assert bound["4.3-a"] == ["provider", "client"]


@pytest.mark.req("H-4.4")
def test_general_requirements_carry_their_figures(standard: Standard):
    def values(key: str) -> dict[str, object]:
        entry = standard.entries[key]
        parameters = standard.topics[entry.topic].parameters
        return {name: parameters[name].as_json(value)["value"] for name, value in entry.values.items()}

    assert values("4.4-c") == {"assessments": 1}
    assert values("4.4-d") == {"filings": 1}
    assert values("4.4-g")["years"] == 2
    assert [one.trigger for one in standard.entries["4.4-c"].statements] == [None, None, "serious_breach"]
    assert {one.trigger for one in standard.entries["4.4-e"].statements} == {"contract_signing"}


@pytest.mark.parametrize("level", ["5", "6", "7"])
def test_notice_is_of_major_changes_for_space_and_of_any_change_for_the_rest(standard: Standard, level: str):
    keys = {"1.4-d": "major_change", "2.4-d": "major_change", "3.5-f": "any_change"}
    keys["4.6-d" if level == "5" else "4.6-e"] = "any_change"
    found = {key: [one.trigger for one in standard.entries[f"{level}.{key}"].statements] for key in keys}
    assert found == {key: [trigger] for key, trigger in keys.items()}


def test_what_is_printed_oddly_stays(standard: Standard):
    """Level 3 cites the standard for operation where level 3+ cites the one for backup capability."""
    assert standard.entries["6.4.5-d"].values["norm"] == "JR/T 0099"
    assert standard.entries["7.4.5-d"].values["norm"] == "JR/T 0059"


def test_a_topic_stands_once_in_a_cell(standard: Standard):
    """What the application says of its own stands beside what base resources say, under another topic."""
    for code in standard.cells:
        chosen = {} if code[-1] in "12" else dict.fromkeys(standard.subjects, "B1")
        found = Counter(one.entry.topic for one in resolve(standard, code, chosen).held if one.entry.statements)
        assert max(found.values()) == 1, found.most_common(1)


def test_the_structure_is_that_of_the_document(document: list[Printed]):
    assert [one.line for one in PRINTED] == [one.line for one in document]


def test_who_the_document_names_is_who_is_bound(standard: Standard, document: list[Printed]):
    for printed in document:
        if printed.key.startswith(("4.1", "4.2", "4.3")):
            continue
        bound = {statement.bound for statement in standard.entries[printed.key].statements}
        named = re.search(r"委托方(在[^，]+，)?应", printed.text)
        assert ("client" in bound) == bool(named), printed.key

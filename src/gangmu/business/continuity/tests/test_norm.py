"""The guide to continuity management: its clauses are those of the print, in our own words."""

import pytest

from gangmu.business import standards
from gangmu.business.continuity.tests.printed import read_document, read_structure
from gangmu.duties.norms.shipped import shipped
from gangmu.duties.norms.standard import Standard
from gangmu.shell.testing import norms

REPORTS = {
    "report-overall-plan": "5.4-1",
    "report-impact-analysis": "6.4-1",
    "report-risk-assessment": "7.3-1",
    "report-strategy": "8.4-1",
    "report-resources": "9.9-1",
    "report-event": "10.5-2",
    "report-continuity-plan": "10.6-1",
    "report-training": "11.3-1",
    "report-drill": "12.4-1",
    "report-evaluation": "13.3-1",
    "report-improvement": "14.3-1",
}


@pytest.fixture(scope="module")
def standard() -> Standard:
    standards.register()
    return shipped("JR/T-0251-2022")


def test_the_clauses_are_those_of_the_structure(standard: Standard):
    assert list(standard.entries) == list(read_structure())
    assert len(standard.entries) == 256


def test_strengths_are_as_printed(standard: Standard):
    """A sentence without a modal verb is stated; `stated` may stand beside a printed strength."""
    for key, printed in read_structure().items():
        strengths = {statement.strength for statement in standard.entries[key].statements}
        assert strengths - {"stated"} == printed, key
        assert printed or strengths == {"stated"}, key


def test_eleven_documents_are_topics(standard: Standard):
    keys = {slug: [key for key, entry in standard.entries.items() if entry.topic == slug] for slug in REPORTS}
    assert keys == {slug: [key] for slug, key in REPORTS.items()}


@pytest.mark.parametrize(
    ("key", "bound"),
    [
        ("4.2-b", ["management"]),
        ("4.2-c", ["management"] * 3),
        ("4.3-b", ["committee"]),
        ("4.3-4", ["committee", "working_group"]),
        ("4.4-2", ["institution", "lead"]),
        ("4.4-3", ["departments"]),
        ("4.5-a-2", ["emergency_leaders"]),
        ("4.5-b-1", ["emergency_group"]),
        ("4.5-c", ["departments"]),
        ("10.3-d", ["institution"]),
    ],
)
def test_who_is_bound(standard: Standard, key: str, bound: list[str]):
    assert [statement.bound for statement in standard.entries[key].statements] == bound


def test_every_party_and_trigger_is_used(standard: Standard):
    statements = [one for entry in standard.entries.values() for one in entry.statements]
    assert {one.bound for one in statements} == set(standard.parties)
    assert {one.trigger for one in statements} - {None} == set(standard.triggers)


def test_recovery_objectives_follow_the_cited_standard(standard: Standard):
    """The guide prints no figure of RTO or RPO; it cites the edition of its day."""
    assert standard.entries["6.3-1"].values == {"cited": "JR/T 0059-2010"}
    quantities = [
        one
        for topic in standard.topics.values()
        for one in topic.parameters.values()
        if one.kind not in ("word", "standard")
    ]
    assert quantities == []


def test_texts_are_whole_sentences_in_both_languages(standard: Standard):
    assert norms.lacking(standard) == []
    assert norms.ill_formed(standard) == []


def test_the_structure_is_that_of_the_print():
    assert read_structure() == read_document(norms.printed("003"))
    assert list(read_structure()) == list(read_document(norms.printed("003")))


def test_no_phrase_is_the_prints(standard: Standard):
    assert norms.copied(standard, norms.printed("003")) == []

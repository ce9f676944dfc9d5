"""HS/T 42-2014: its clauses are those of the print, in our own words; table 1 and 4.1 stand beside each other."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from trestle.oscal.catalog import Catalog
from trestle.oscal.profile import Profile

from gangmu.business import standards
from gangmu.business.grading import schemes
from gangmu.business.grading.tests.printed import GRADES, Printed, Row, read_document, read_structure
from gangmu.duties.grading.shipped import shipped as scheme
from gangmu.duties.norms.oscal import documents
from gangmu.duties.norms.resolving import resolve
from gangmu.duties.norms.shipped import shipped
from gangmu.duties.norms.standard import Standard
from gangmu.shell.testing import norms

ROWS = [f"T1-{number}" for number in range(1, 21)]
PARTIES = ("业务方", "技术主管部门", "技术承办单位", "运维方")


@pytest.fixture(scope="module")
def standard() -> Standard:
    standards.register()
    return shipped("HS/T-42-2014")


@pytest.fixture(scope="module")
def document() -> Printed:
    return read_document(norms.printed("004"))


def figures(standard: Standard, key: str) -> tuple[str, ...]:
    """Figures with their units, and choices, as in the structure."""
    entry = standard.entries[key]
    parameters = standard.topics[entry.topic].parameters
    return tuple(
        f"{value}_{parameters[name].unit}" if parameters[name].unit else str(value)
        for name, value in entry.values.items()
        if parameters[name].kind != "word"
    )


def held(standard: Standard, grade: str) -> dict[str, str]:
    """Key → origin of what holds at a grade."""
    return {one.entry.key: one.origin for one in resolve(standard, grade).held}


def choices(standard: Standard, grade: str, name: str, begins: str) -> set[str]:
    return {
        str(standard.entries[key].values[name])
        for key in held(standard, grade)
        if key.startswith(begins) and name in standard.entries[key].values
    }


def test_the_clauses_are_those_of_the_structure(standard: Standard):
    found = {
        key: Row(
            tuple(statement.strength for statement in entry.statements),
            figures(standard, key),
            len(standard.cells_of(entry)) if key in ROWS else 0,
        )
        for key, entry in standard.entries.items()
    }
    assert found == read_structure()
    assert list(found) == list(read_structure())
    assert len(found) == 82


@pytest.mark.req("G-3")
def test_the_catalogue_has_five_two_and_four_services(standard: Standard):
    groups = {key: [one for one in standard.entries if one.startswith(f"{key}-")] for key in ("3-2", "3-3", "3-4")}
    assert [len(keys) for keys in groups.values()] == [5, 2, 4]
    assert [standard.entries[key].values["services"] for key in groups] == ["5", "2", "4"]


@pytest.mark.req("G-4")
@pytest.mark.parametrize(
    ("grade", "rows"),
    [
        ("5", [1, 11, 20]),
        ("4", [1, 5, 8, 9, 11, 19]),
        ("3", [1, 4, 5, 6, 7, 8, 9, 11, 13, 15, 18]),
        ("2", [1, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17]),
        ("1", [1, 2, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]),
    ],
)
def test_the_rows_that_table_1_ticks_for_a_grade(standard: Standard, grade: str, rows: list[int]):
    assert [key for key in held(standard, grade) if key in ROWS] == [f"T1-{row}" for row in rows]


@pytest.mark.req("G-4")
@pytest.mark.parametrize(
    ("grade", "table", "text"),
    [
        ("5", set(), set()),
        ("4", set(), set()),
        ("3", {"cold"}, {"cold"}),
        ("2", {"warm"}, {"cold", "warm"}),
        ("1", {"hot"}, {"cold", "warm", "hot"}),
    ],
)
def test_standby_of_the_table_and_of_the_text_are_both_kept(
    standard: Standard, grade: str, table: set[str], text: set[str]
):
    assert choices(standard, grade, "standby", "T1-") - text == set()
    assert {str(standard.entries[key].values["standby"]) for key in held(standard, grade) if key in ROWS[1:4]} == table
    assert choices(standard, grade, "standby", "4.") == text
    notes = {key for key in held(standard, grade) if key.startswith("T1-note2")}
    assert notes == {{"hot": "T1-note2-1", "warm": "T1-note2-2", "cold": "T1-note2-3"}[one] for one in text}


@pytest.mark.req("G-4")
def test_hours_of_services_by_grade(standard: Standard):
    """Application monitoring is 7×24 from grade 4 up; service outside working time belongs to 1 and 2 alone."""
    around = {grade for grade in "54321" if "T1-8" in held(standard, grade)}
    assert around == {"4", "3", "2", "1"}
    assert figures(standard, "T1-8") == ("7x24",)
    for key in ("T1-10", "T1-12", "T1-14"):
        assert figures(standard, key) == ("outside_working_time",)
        assert [grade for grade in "54321" if key in held(standard, grade)] == ["2", "1"]


@pytest.mark.req("G-4")
@pytest.mark.parametrize(
    ("grade", "time"),
    [("5", "3_working_days"), ("4", "2_working_days"), ("3", "1_working_days"), ("2", "4_hours"), ("1", "2_hours")],
)
def test_a_grade_has_one_time_for_major_faults(standard: Standard, grade: str, time: str):
    """What a grade takes over from the one below has neither that grade's time nor the marks of its systems."""
    by_topic: dict[str, list[tuple[str, ...]]] = {}
    for key in held(standard, grade):
        by_topic.setdefault(standard.entries[key].topic, []).append(figures(standard, key))
    assert by_topic["fault-time"] == by_topic["table-recovery"] == [(time,)]
    assert len(by_topic["realtime-mark"]) == len(by_topic["impact-mark"]) == 1


@pytest.mark.req("G-4")
def test_a_grade_builds_on_those_below(standard: Standard):
    grades = list(GRADES)
    for number, section in enumerate(grades):
        found = held(standard, GRADES[section])
        origins = {entry.section: found[key] for key in found if (entry := standard.entries[key]).section in grades}
        assert origins == {one: "own" if one == section else "inherited" for one in grades[: number + 1]}


@pytest.mark.req("G-5")
def test_the_business_side_owes_round_the_clock_support_at_grades_1_and_2(standard: Standard):
    assert [grade for grade in "54321" if "T1-note1" in held(standard, grade)] == ["2", "1"]
    (statement,) = standard.entries["T1-note1"].statements
    assert (statement.strength, statement.bound) == ("must", "business")
    assert standard.entries["T1-note1"].values["hours"] == "7x24"


def test_principles_name_who_does_what_and_when(standard: Standard):
    found = {
        key: [(one.strength, one.bound, one.trigger) for one in standard.entries[key].statements]
        for key in ("5-1", "5-2", "5-3", "5-4")
    }
    assert found == {
        "5-1": [("must", "all", "project_approval")],
        "5-2": [("must", "business+sponsor", "before_golive"), ("must", "business", "before_golive")],
        "5-3": [("must", "operation", "mismatch")],
        "5-4": [("must", "all", "grading")],
    }


def test_marks_of_grades_are_the_anchors_of_the_scheme(standard: Standard):
    schemes.register()
    printed = next(one for one in scheme("HS/T-42").steps if one.gives == "grade").printed
    for section, grade in GRADES.items():
        values = {
            name: value
            for entry in standard.entries.values()
            if entry.section.startswith(f"{section}-")
            for name, value in entry.values.items()
        }
        anchor = printed[str(values["realtime"]), str(values["impact"])]
        assert (anchor.level, anchor.clause) == (grade, section)
    assert len(printed) == len(GRADES)


def test_the_export_is_one_that_trestle_reads(standard: Standard, tmp_path: Path):
    """4.1 has entries of its own and sections below it, which one group of OSCAL cannot have."""
    made = documents(standard, datetime(2026, 11, 20, tzinfo=UTC))
    assert len(made) == 1 + 2 * 5
    for name, document in made.items():
        path = tmp_path / name.replace("/", "-")
        path.write_text(json.dumps(document), "utf-8")
        assert (Profile if name.startswith("profiles/") else Catalog).oscal_read(path) is not None, name


def test_every_party_and_trigger_is_used(standard: Standard):
    statements = [one for entry in standard.entries.values() for one in entry.statements]
    named = {party for one in statements for party in one.bound.split("+")} | {one.bound for one in statements}
    assert named | {"technical"} == set(standard.parties)
    assert {one.trigger for one in statements} - {None} == set(standard.triggers)


def test_texts_are_whole_sentences_in_both_languages(standard: Standard):
    assert norms.lacking(standard) == []
    assert norms.ill_formed(standard) == []


def test_ticks_services_and_times_are_those_of_the_print(standard: Standard, document: Printed):
    structure = read_structure()
    assert [structure[key].ticks for key in ROWS] == document.ticks
    assert [int(str(standard.entries[key].values["services"])) for key in ("3-2", "3-3", "3-4")] == document.services
    assert ["_".join(time) for time in document.recovery] == [structure[key].figures[0] for key in ROWS[15:]]
    for section, time in document.times.items():
        key = next(key for key, one in standard.entries.items() if one.topic == "fault-time" and section in key)
        assert structure[key].figures == ("_".join(time),)
    assert document.principles == len([key for key in structure if key.startswith("5-")])
    assert document.chapters == ["1", "2", "3", "4", "5"]


def test_marks_are_worded_as_in_the_print(standard: Standard, document: Printed):
    text = document.text.replace("\n", "")
    for section, grade in GRADES.items():
        assert document.marks[section] == 2
        part = text[text.rindex(f"{section.replace('.', '')} ") :]
        part = part[: part.index("影响", part.index("中断后"))] if grade != "5" else part[:200]
        realtime, impact = (
            standard.topics[f"{name}-mark"].parameters[name].values[str(entry.values[name])].zh
            for name in ("realtime", "impact")
            for entry in standard.entries.values()
            if entry.topic == f"{name}-mark" and entry.section.startswith(section)
        )
        assert f"实时性要求{realtime};" in part
        assert impact in part[part.index("中断后") :]


def test_as_many_musts_as_the_print_has(standard: Standard, document: Printed):
    """Where every sentence has its 应; 4.1.1 to 4.1.5 and the table list many things under one."""
    for section, keys in {"1": ["1-2"], "3": ["3-1", "3-2", "3-3", "3-4"], "4.1": ["4.1"]}.items():
        musts = [one for key in keys for one in standard.entries[key].statements if one.strength == "must"]
        assert len(musts) == document.obliges[section]
    musts = [one for number in range(1, 5) for one in standard.entries[f"5-{number}"].statements]
    assert len(musts) == document.obliges["5"]


def test_no_phrase_is_the_prints(standard: Standard):
    assert norms.copied(standard, norms.printed("004"), PARTIES) == []

"""The calculation and the command line's contract."""

import json

import pytest

from gangmu.business.grading.schemes import register
from gangmu.duties.grading.calculating import grade
from gangmu.duties.grading.errors import FactorsRefused
from gangmu.duties.grading.shipped import shipped
from gangmu.shell.cli import main

register()
HST, JRT, GBT = shipped("HS/T-42"), shipped("JR/T-0133"), shipped("GB/T-22240")


@pytest.fixture(autouse=True)
def _english(monkeypatch):
    monkeypatch.setenv("GANGMU_LANGUAGE", "en")


@pytest.mark.req("G-7")
def test_every_step_says_what_went_in_what_came_out_and_where_it_stands():
    outcome = grade(HST, {"realtime": "high", "sensitivity": "high", "dependency": "medium"})
    assert (outcome.result, outcome.source) == ("2", "house")
    assert [(step.gives, dict(step.of), step.level, step.source, step.clause) for step in outcome.steps] == [
        ("impact", {"sensitivity": "high", "dependency": "medium"}, "large", "house", ""),
        ("grade", {"realtime": "high", "impact": "large"}, "2", "printed", "4.1.4"),
    ]


@pytest.mark.req("G-6")
def test_the_lowest_sufficient_grade_is_the_base():
    """Chapter 5: a grade needs both of its printed features; more of one does not make up for less of the other."""
    for realtime, best in (("high", 1), ("medium", 3), ("low", 4)):
        for number, impact in enumerate(HST.factors["impact"].levels, 1):
            assert grade(HST, {"realtime": realtime, "impact": impact}).result == str(max(best, number))


def test_a_given_impact_and_a_made_one_lead_to_the_same():
    for sensitivity in HST.factors["sensitivity"].levels:
        for dependency in HST.factors["dependency"].levels:
            made = grade(HST, {"realtime": "medium", "sensitivity": sensitivity, "dependency": dependency})
            given = grade(HST, {"realtime": "medium", "impact": made.steps[0].level, "sensitivity": None})
            assert made.result == given.result
            assert made.source == "house"


@pytest.mark.parametrize(
    ("scheme", "factors", "said"),
    [
        (
            HST,
            {"realtime": "high"},
            "impact (major, large, obvious, slight, none) / sensitivity + dependency is missing",
        ),
        (HST, {"realtime": "high", "sensitivity": "high"}, "dependency (high, medium, low) is missing"),
        (HST, {"impact": "major"}, "realtime (high, medium, low) is missing"),
        (HST, {}, "realtime (high, medium, low); impact"),
        (HST, {"realtime": "high", "impact": "major", "sensitivity": "low"}, "impact is given, and sensitivity too"),
        (
            HST,
            {"realtime": "high", "impact": "major", "sensitivity": "high", "dependency": "high"},
            "sensitivity, dependency too",
        ),
        (HST, {"realtime": "urgent", "impact": "major"}, "“urgent” is not accepted. Accepted: high, medium, low."),
        (HST, {"realtime": "high", "impact": "MAJOR"}, "“MAJOR” is not accepted"),
        (
            HST,
            {"realtime": "high", "harm": "major"},
            "no factor “harm”; it has: realtime, impact, sensitivity, dependency",
        ),
        (JRT, {"institution": "core"}, "protection (3, 2, none) is missing"),
        (GBT, {"information": "3"}, "service (5, 4, 3, 2, 1) / service_object + service_degree is missing"),
        (
            GBT,
            {"information": "3", "information_degree": "severe", "service": "2"},
            "information is given, and information_degree too",
        ),
    ],
)
def test_what_cannot_be_graded_is_refused_with_what_would_be_right(scheme, factors, said):
    with pytest.raises(FactorsRefused) as refused:
        grade(scheme, factors)
    assert said in str(refused.value)


def test_classified_protection_is_the_higher_of_two():
    factors = {
        "information_object": "citizens", "information_degree": "severe",
        "service_object": "society", "service_degree": "serious",
    }  # fmt: skip
    outcome = grade(GBT, factors)
    assert [step.level for step in outcome.steps] == ["2", "3", "3"]
    assert grade(GBT, {"information": "4", "service": "2"}).result == "4"


# The command line -----------------------------------------------------------------------------------------------------


def run(capsys, *arguments: str) -> tuple[int, str, str]:
    code = main(["grade", *arguments])
    told = capsys.readouterr()
    return code, told.out, told.err


@pytest.mark.req("G-7")
@pytest.mark.parametrize(
    ("realtime", "impact", "expected", "source"),
    [
        ("high", "major", 1, "printed"),
        ("high", "large", 2, "printed"),
        ("medium", "obvious", 3, "printed"),
        ("low", "slight", 4, "printed"),
        ("low", "none", 5, "printed"),
        ("high", "none", 5, "house"),
    ],
)
def test_the_command_prints_the_grade_its_source_and_the_steps(capsys, realtime, impact, expected, source):
    code, out, _err = run(capsys, "HS/T-42", "--realtime", realtime, "--impact", impact, "--json")
    answer = json.loads(out)
    assert (code, answer["grade"], answer["source"]) == (0, expected, source)
    assert answer["steps"][-1]["of"] == {"realtime": realtime, "impact": impact}


@pytest.mark.req("H-4.2")
@pytest.mark.parametrize(
    ("institution", "protection", "level"),
    [
        ("operating", "2", "2"),
        ("operating", "3", "3"),
        ("operating", "none", "2"),
        ("core", "2", "3"),
        ("core", "3", "3+"),
        ("core", "none", "2"),
        ("service", "2", "2"),
        ("service", "3", "3"),
        ("service", "none", "2"),
    ],
)
def test_the_command_prints_the_hosting_level(capsys, institution, protection, level):
    code, out, _err = run(capsys, "JR/T-0133", "--institution", institution, "--protection", protection, "--json")
    assert (code, json.loads(out)["level"]) == (0, level)


@pytest.mark.req("H-4.2")
@pytest.mark.parametrize("protection", ["1", "4", "5", "", "two", "3+", "None"])
def test_any_other_protection_fails_loudly(capsys, protection):
    code, out, err = run(capsys, "JR/T-0133", "--institution", "core", f"--protection={protection}", "--json")
    assert (code, out) == (2, "")
    assert "3, 2, none" in err


def test_the_command_refuses_unknown_schemes_options_and_contradictions(capsys):
    code, _out, err = run(capsys, "HS/T-43", "--realtime", "high")
    assert code == 2
    assert "did you mean HS/T-42?" in err
    code, _out, err = run(capsys, "HS/T-42", "--protection", "2")
    assert code == 2
    assert "--protection" in err
    code, _out, err = run(
        capsys, "HS/T-42", "--realtime", "high", "--impact", "major", "--sensitivity", "low", "--dependency", "low"
    )
    assert code == 2
    assert "Give either impact alone, or sensitivity, dependency." in err
    code, _out, err = run(capsys, "HS/T-42", "--json")
    assert code == 2
    assert "is missing" in err


def test_in_words_every_step_stands_on_a_line_with_its_source(capsys):
    _code, out, _err = run(capsys, "HS/T-42", "--realtime", "low", "--sensitivity", "low", "--dependency", "low")
    assert out.splitlines() == [
        "Business sensitivity low × Business dependency low → Impact hardly any  (house rule, not from the standard)",
        "Real-time need low × Impact hardly any → Grade Grade 5  (printed 4.1.1)",
        "Grade: Grade 5  (house rule, not from the standard)",
    ]
    _code, out, _err = run(capsys, "GB/T-22240", "--information", "3", "--service", "2")
    assert "second-hand" in out

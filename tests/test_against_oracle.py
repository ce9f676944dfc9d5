"""The cube against the oracle: the same worlds, the same questions, exactly the same answers.

`make test` asks 500 questions, `make prove` 10,000. GANGMU_ORACLE_CASES and GANGMU_ORACLE_SEED say otherwise;
GANGMU_ORACLE_TRIES is how often a world with a difference may be tried smaller.
"""

import os
from pathlib import Path

import pytest

from oracle import features
from oracle.runner import Outcome, run

PROVING = os.environ.get("GANGMU_PROVE") == "1"
CASES = int(os.environ.get("GANGMU_ORACLE_CASES") or (10_000 if PROVING else 500))
SEED = int(os.environ.get("GANGMU_ORACLE_SEED") or (20261121 if PROVING else 20261120))
QUESTIONS = 8 if PROVING else 20  # of a world: loading one takes longer than asking
TRIES = int(os.environ.get("GANGMU_ORACLE_TRIES") or 200)


def test_the_cube_answers_as_the_oracle(django_db_setup, django_db_blocker, tmp_path: Path, capsys):
    from oracle.adapter import gangmu

    with django_db_blocker.unblock():
        outcome = run(gangmu, CASES, SEED, tmp_path, questions=QUESTIONS, tries=TRIES)
    with capsys.disabled():
        print(said(outcome))
    if outcome.report:
        pytest.fail(outcome.report, pytrace=False)
    assert outcome.cases == CASES
    assert not features.missing(outcome.features, outcome.cases)


def test_the_cube_answers_of_closed_months_as_the_oracle(django_db_setup, django_db_blocker, tmp_path: Path, capsys):
    """The same, of worlds in which a month was closed."""
    from oracle.adapter import gangmu

    cases = max(1, CASES // 5)
    with django_db_blocker.unblock():
        outcome = run(
            gangmu,
            cases,
            SEED + 1,
            tmp_path,
            questions=QUESTIONS // 2,
            tries=TRIES,
            only=lambda world: bool(world.closings),
        )
    with capsys.disabled():
        print(said(outcome))
    if outcome.report:
        pytest.fail(outcome.report, pytrace=False)
    assert outcome.cases == cases
    assert cases < 100 or not features.CLOSED - outcome.features.keys()


def said(outcome: Outcome) -> str:
    counts = "\n".join(f"  {count:7}  {name}" for name, count in sorted(outcome.features.items()))
    asked = f"{outcome.cases} questions about {outcome.worlds} random worlds (seed {SEED})"
    drawn = ", ".join(f"{name} {count}" for name, count in sorted(outcome.features.items()))
    verdict = "a difference" if outcome.report else "exactly the same answers"
    return f"\n{asked}. What occurred:\n{counts}\nPROOF oracle: {asked}, {verdict}. Drawn: {drawn}."

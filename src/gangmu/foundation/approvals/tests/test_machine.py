"""The engine as a state machine. `make test` tries a few dozen cases, `make prove` thousands.

And the test of this test: with a fault planted in the engine, the machine must find it.
"""

import os
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from gangmu.foundation.approvals.actions import PlaceStatus
from gangmu.foundation.approvals.engine import acting, allowed, opening
from gangmu.foundation.approvals.tests.machine import COUNTS, ApprovalMachine
from gangmu.foundation.approvals.tests.truth import PERSONS, World

PROVING = os.environ.get("GANGMU_PROVE") == "1"
HEALTHY = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
SEARCHING = settings(
    max_examples=400,
    stateful_step_count=40,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=HEALTHY,
)


def run(examples: int, steps: int) -> None:
    run_state_machine_as_test(
        ApprovalMachine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            suppress_health_check=HEALTHY,
        ),
    )


@pytest.mark.req("M-7.2.3")
def test_no_route_lets_anybody_do_what_must_not_be():
    COUNTS.clear()
    run(80, 40)
    assert COUNTS["ended"] and COUNTS["submitted again"] and COUNTS["brought to its end"], COUNTS


@pytest.mark.prove
def test_no_route_lets_anybody_do_what_must_not_be_thousands_of_times(capsys):
    COUNTS.clear()
    run(5000, 60)
    told = ", ".join(f"{name} {count}" for name, count in sorted(COUNTS.items()))
    with capsys.disabled():
        print(
            "\nPROOF approvals: 5000 random routes of one to six nodes, up to 60 acts of anybody on each: nobody "
            "approved their own, no node was skipped, nothing stale was approved, every case ended or said who holds "
            f"it. {told}."
        )
    assert min(COUNTS[f"done: {verb}"] for verb in ("approve", "return", "delegate", "add", "countersign")) > 100


def without_the_requester_check(standing, user, people):
    return people.may(user, standing.organisation, *standing.decide)


def without_permissions(standing, user, people):
    return not people.is_one_of(user, standing.askers)


def by_account_alone(standing, user, people):
    return people.may(user, standing.organisation, *standing.decide) and user not in standing.askers


@pytest.mark.parametrize("planted", [without_the_requester_check, without_permissions, by_account_alone])
def test_a_fault_in_who_may_decide_is_found(monkeypatch, planted):
    for module in (allowed, acting, opening):
        monkeypatch.setattr(module, "may_decide", planted)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(ApprovalMachine, settings=SEARCHING)


def test_a_node_left_out_is_found(monkeypatch):
    right = opening.next_step

    def one_too_far(standing, step):
        found = right(standing, step)
        return found if step < 0 or found is None else right(standing, found)

    monkeypatch.setattr(acting, "next_step", one_too_far)
    with pytest.raises(AssertionError, match="skipped"):
        run_state_machine_as_test(ApprovalMachine, settings=SEARCHING)


def test_an_approval_of_what_was_not_seen_is_found(monkeypatch):
    monkeypatch.setattr(acting, "_require_seen", lambda standing, deed, present: None)
    with pytest.raises(AssertionError, match="did not see"):
        run_state_machine_as_test(ApprovalMachine, settings=SEARCHING)


def test_a_node_that_does_not_wait_for_all_is_found(monkeypatch):
    right = acting._void

    def done_with_one(standing, place):
        after = right(standing, lambda one: one.step == place.step and one.number != place.number)
        return after.with_places([replace(place, status=PlaceStatus.DONE)])

    monkeypatch.setattr(acting, "_done", done_with_one)
    with pytest.raises(AssertionError, match="everybody it asks"):
        run_state_machine_as_test(ApprovalMachine, settings=SEARCHING)


def test_a_stand_in_for_somebody_who_is_there_is_found(monkeypatch):
    right = World.people

    def everybody_away(self):
        people = right(self)
        return replace(people, away={one: one % 8 + 1 for one in PERSONS})

    monkeypatch.setattr(World, "people", everybody_away)
    with pytest.raises(AssertionError, match=r"who is there|unasked"):
        run_state_machine_as_test(ApprovalMachine, settings=SEARCHING)

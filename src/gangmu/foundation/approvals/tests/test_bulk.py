"""Many at once: few statements, whatever goes wrong with one does not keep the others."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.approvals import queries, services
from gangmu.foundation.approvals.errors import AlreadyDecided, ContentChanged, NotAllowed, NotFound
from gangmu.foundation.approvals.models import Decision
from gangmu.foundation.notices.models import Notice
from gangmu.foundation.records.models import Event


def many(office, count: int) -> list:
    return [office.submit(number=number) for number in range(1, count + 1)]


def approve_many(office, by: str, cases, **more):
    user = office.users[by]
    with acting_as(user):
        pairs = [(case.pk, office.seen(case)) for case in cases]
        return services.approve_many(pairs, by=user, **({"key": office.key()} | more))


def test_many_are_approved_at_once(office):
    cases = many(office, 5)
    outcomes = approve_many(office, "plant", cases)
    assert [one.error for one in outcomes] == [None] * 5
    assert {office.fresh(case).step for case in cases} == {1}
    assert Event.objects.filter(kind="approvals.approved").count() == 5
    (notice,) = Notice.objects.filter(user=office.users["region"])
    assert str(notice) == "5 cases wait for your decision."
    approve_many(office, "region", cases)
    approve_many(office, "group_reviewer", cases)
    assert {office.fresh(case).state for case in cases} == {"approved"}
    assert str(Notice.objects.get(user=office.users["clerk"])) == "5 of your submissions have passed all nodes."


def test_one_that_is_refused_does_not_keep_the_others(office):
    cases = many(office, 5)
    office.papers.texts[2] = "changed"
    office.approve("plant", cases[2])
    foreign = office.paper(9, "P2")
    office.person("other_clerk", "P2", "clerk")
    office.person("other_plant", "P2")
    office.person("region1", "R1")
    far = office.submit("other_clerk", number=foreign, at="P2")
    outcomes = approve_many(office, "plant", [*cases, far])
    kinds = [type(one.error) for one in outcomes]
    assert kinds == [type(None), ContentChanged, AlreadyDecided, type(None), type(None), NotFound]
    assert Decision.objects.filter(action="approve").count() == 4


def test_nobody_approves_their_own_among_many(office):
    office.person("plant", "P1", "clerk")
    office.person("second", "P1")
    mine, theirs = office.submit("plant", number=1), office.submit("clerk", number=2)
    outcomes = approve_many(office, "plant", [mine, theirs])
    assert [type(one.error) for one in outcomes] == [NotAllowed, type(None)]


def test_the_same_key_sent_twice_approves_once(office):
    cases = many(office, 3)
    first = approve_many(office, "plant", cases, key="slow")
    again = approve_many(office, "plant", cases, key="slow")
    assert [one.decision for one in again] == [one.decision for one in first]
    assert {office.fresh(case).step for case in cases} == {1}


def test_the_number_of_statements_does_not_grow_with_the_number_of_cases(office):
    def statements(cases) -> int:
        with CaptureQueriesContext(
            connection,
        ) as told:
            approve_many(office, "plant", cases)
        return len(told)

    cases = many(office, 32)
    few, lots = statements(cases[:2]), statements(cases[2:])
    assert lots <= few
    assert few < 60  # the scope's own included


def test_the_inbox_costs_the_same_for_many(office):
    def statements() -> int:
        with acting_as(office.users["plant"]), CaptureQueriesContext(connection) as told:
            queries.waiting_for(office.users["plant"])
        return len(told)

    many(office, 2)
    few = statements()
    for number in range(10, 20):
        office.submit(number=number)
    assert statements() == few


@pytest.mark.parametrize("question", ["holders", "path"])
def test_questions_about_one_case_read_it_once(office, question):
    case = office.fresh(office.submit())
    queries.read([case])
    with CaptureQueriesContext(connection) as told:
        getattr(queries, question)(case)
        queries.allowed_actions(case, office.users["plant"])
    assert len(told) == 0


def test_a_paper_itself_may_refuse_a_decision_and_does_not_keep_the_others(office):
    cases = many(office, 3)
    office.papers.refusals[2] = "Ink is wet."
    outcomes = approve_many(office, "plant", cases)
    assert [str(one.error or "") for one in outcomes] == ["", "Ink is wet.", ""]
    assert type(outcomes[1].error) is NotAllowed
    assert Decision.objects.filter(action="approve").count() == 2
    office.papers.refusals.clear()
    office.approve("plant", cases[1])
    assert office.fresh(cases[1]).step == 1

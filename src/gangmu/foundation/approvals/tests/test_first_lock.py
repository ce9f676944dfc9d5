"""What the database itself refuses, whoever writes: the services could be wrong, these rows cannot be."""

import pytest
from django.db import Error, ProgrammingError, connection, transaction

from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.approvals.models import Case, Decision, Leave, Place, Reminder
from gangmu.foundation.parties.models import Contact
from gangmu.foundation.settings import clock
from gangmu.shell.testing.worlds import make_user


@pytest.fixture
def case(office) -> Case:
    return office.submit()


def said(office, case: Case, by: str, action: str = "approve", **more) -> Decision:
    """A decision as a service would write it; for the first place unless another is meant."""
    user = office.users[by]
    given = {
        "case": case,
        "organisation_id": case.organisation_id,
        "number": 90,
        "round": case.round,
        "action": action,
        "place": 1,
        "step": 0,
        "decided_by": user,
        "decided_by_name": by,
        "decided_at": clock.now(),
        "content_hash": case.content_hash,
        "key": "forged",
    }
    return Decision(**(given | more))


def refused(rows, match: str) -> None:
    with pytest.raises(Error, match=match), transaction.atomic():
        rows()


def test_the_honest_decision_is_written(office, case):
    said(office, case, "plant").save()


@pytest.mark.parametrize(
    ("by", "more", "match"),
    [
        ("clerk", {}, "nobody approves their own"),
        ("region", {}, "not theirs"),
        ("plant", {"content_hash": "f" * 64}, "other content"),
        ("plant", {"content_hash": ""}, "names_what_was_seen|other content"),
        ("plant", {"action": "return", "reason": "  "}, "a_decision_says_why"),
        ("plant", {"action": "delegate", "reason": ""}, "a_decision_says_why"),
        ("plant", {"place": 77}, "not open"),
        ("plant", {"round": 2}, "another organisation or round"),
        ("plant", {"action": "withdraw"}, "did not ask"),
    ],
)
def test_decisions_that_cannot_be(office, case, by, more, match):
    refused(said(office, case, by, **more).save, match)


def test_nobody_acts_on_behalf_of_who_is_there(office, case):
    office.person("deputy", "R2")
    forged = {"on_behalf_of": office.users["plant"], "on_behalf_of_name": "plant"}
    refused(said(office, case, "deputy", **forged).save, "whose stand-in they are not")
    refused(said(office, case, "plant", **forged).save, "whose stand-in they are not|themselves")


def test_a_second_account_of_the_requester_is_refused_too(office, case):
    contact = Contact.objects.create(
        organisation_id=case.organisation_id, name_zh="张三", phone="1", valid=("2020-01-01", None)
    )
    for name in ("clerk", "plant"):
        office.users[name].contact = contact
        office.users[name].save()
    refused(said(office, case, "plant").save, "nobody approves their own")


def test_an_excluded_holder_is_refused(office, case):
    Place.objects.filter(case=case).update(excluded=[office.users["plant"].pk])
    refused(said(office, case, "plant").save, "not theirs")


def test_a_decision_in_the_name_of_another_is_refused(office, case):
    with acting_as(office.users["region"]):
        refused(said(office, case, "plant").save, "name of another")


def test_decisions_are_only_added(office, case):
    refused(lambda: Decision.objects.update(words="nicer"), "only ever added")
    refused(lambda: Decision.objects.all()._raw_delete("default"), "only ever added")
    with acting_as(office.users["region"]):
        refused(lambda: Decision.objects.update(words="nicer"), "permission denied")
        refused(lambda: Decision.objects.all()._raw_delete("default"), "permission denied")
        refused(lambda: Reminder.objects.all()._raw_delete("default"), "permission denied")
        refused(lambda: Case.objects.all()._raw_delete("default"), "permission denied")
        refused(lambda: Place.objects.all()._raw_delete("default"), "permission denied")


def test_what_a_case_is_about_cannot_be_exchanged(office, case):
    with acting_as(office.users["region"]):
        for column, value in (("subject_id", 2), ("kind", "other"), ("organisation_id", case.organisation_id)):
            refused(lambda c=column, v=value: Case.objects.filter(pk=case.pk).update(**{c: v}), "permission denied")


def test_a_place_is_decided_by_a_decision(office, case):
    place = Place.objects.filter(case=case)
    refused(lambda: place.update(status="done", closed_at=clock.now()), "decided by a decision")
    office.approve("plant", case)
    done = Place.objects.filter(case=case, status="done")
    refused(lambda: done.update(status="open"), "not opened again")


def test_a_case_moves_by_decisions_alone(office, case):
    row = Case.objects.filter(pk=case.pk)
    ended = {"step": None, "ended_at": clock.now()}
    refused(lambda: row.update(state="approved", **ended), "decisions alone")
    refused(lambda: row.update(state="withdrawn", **ended), "decisions alone")
    refused(lambda: row.update(state="returned", step=None), "decisions alone")
    refused(lambda: row.update(askers=[office.users["region"].pk]), "stays known")
    refused(lambda: row.update(content_hash="f" * 64), "another round")
    refused(lambda: row.update(step=None), "stands_at_a_node")


def test_no_node_is_skipped_even_with_a_decision(office, case):
    said(office, case, "plant", number=2).save()
    Place.objects.filter(case=case).update(status="done", closed_at=clock.now())
    done = {"state": "approved", "step": None, "ended_at": clock.now(), "decisions_count": 2}
    refused(lambda: Case.objects.filter(pk=case.pk).update(**done), "a node was skipped")


def test_a_round_that_nobody_decided_in_ends_nothing(office, case):
    row = Case.objects.filter(pk=case.pk)
    ended = {"state": "approved", "step": None, "ended_at": clock.now()}
    with acting_as(office.users["clerk"]):
        refused(lambda: row.update(round=2, path=[], **ended), "begins at its first node")
        refused(lambda: row.update(round=2, state="returned", step=None), "begins at its first node")
        refused(lambda: row.update(round=3), "begins at its first node")
        refused(lambda: row.update(path=[]), "another path")


def test_what_has_ended_does_not_change(office, case):
    office.do("withdraw", "clerk", case)
    refused(lambda: Case.objects.filter(pk=case.pk).update(words="x"), "has ended")
    refused(said(office, case, "plant", place=1).save, "waits for nobody")


def test_a_subject_has_one_case_at_a_time(office, case):
    copy = Case.objects.get(pk=case.pk)
    copy.pk = None
    refused(copy.save, "a_subject_has_one_case_at_a_time")


def test_a_case_in_the_name_of_another_is_refused(office, case):
    copy = Case.objects.get(pk=case.pk)
    copy.pk, copy.subject_id = None, 99
    with acting_as(office.users["region"]):
        refused(copy.save, "name of another")
    copy.state = "approved"
    refused(copy.save, "first node|a_case_that")


def test_strangers_neither_see_nor_write(office, case):
    with acting_as(office.users["stranger"]):
        for model in (Case, Place, Decision, Reminder, Leave):
            assert not model.objects.exists()
        assert Case.objects.filter(pk=case.pk).update(words="mine") == 0
        refused(said(office, case, "stranger", place=1, number=5).save, "not theirs|row-level|denied")
    office.person("reader", "P1", "viewer")
    with acting_as(office.users["reader"]):
        assert Case.objects.filter(pk=case.pk).exists()
        assert Case.objects.filter(pk=case.pk).update(words="mine") == 0


def test_whom_to_call_is_told_of_ones_own_organisations_alone(office, case):
    def ask(name: str, statement: str, *values) -> list:
        with acting_as(office.users[name]), connection.cursor() as cursor:
            cursor.execute(statement, list(values))
            return cursor.fetchall()

    people = "SELECT name FROM approvals_people(%s, '2026-11-20')"
    lines = "SELECT above_id FROM approvals_lines(%s, '2026-11-20')"
    plant = [office.organisation("P1")]
    assert {"plant", "region", "group_reviewer", "clerk"} <= {name for (name,) in ask("clerk", people, plant)}
    assert len(ask("clerk", lines, plant)) == 3
    for stranger in ("stranger", "other", "nobody"):
        assert ask(stranger, people, plant) == ask(stranger, lines, plant) == []
        assert ask(stranger, "SELECT * FROM approvals_posts(%s, '2026-11-20')", plant) == []
    with pytest.raises(ProgrammingError, match="another user"):
        ask("region", "SELECT * FROM approvals_hats(%s, '2026-11-20')", office.users["plant"].pk)


def test_a_place_of_ones_own_making_gives_nobody_a_vote(office, case):
    """A colleague of the requester, who files and does not decide, puts themselves among those who are asked."""
    colleague = office.users["colleague"] = make_user("colleague", "P1", "clerk")
    with acting_as(colleague):
        Place.objects.filter(case=case).update(users=[colleague.pk])
        refused(said(office, case, "colleague").save, "do not let them decide")

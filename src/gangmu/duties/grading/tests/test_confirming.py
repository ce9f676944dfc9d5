"""Four parties confirm a grade; nobody for two of them; what was confirmed stands."""

import pytest
from django.db import DatabaseError, connection, transaction

from gangmu.duties.grading import queries, services
from gangmu.duties.grading.errors import FactorsRefused, NotPossible, NotReady
from gangmu.duties.grading.models import Confirmation, Grading
from gangmu.duties.grading.parties import too_few
from gangmu.duties.grading.tests.conftest import HIGH
from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.accounts.models import User
from gangmu.foundation.approvals import services as approving
from gangmu.foundation.approvals import subjects
from gangmu.foundation.approvals.errors import ApprovalError, NotAllowed
from gangmu.foundation.approvals.models import Case
from gangmu.foundation.parties.models import Contact, Organisation
from gangmu.foundation.settings import clock


@pytest.mark.req("G-5")
def test_a_grade_is_in_force_when_all_four_parties_have_confirmed(register_):
    grading = register_.prepare(register_.system("A"))
    assert (grading.status, grading.result, grading.source) == ("open", "1", "printed")
    case = register_.submit(grading)
    for party in ("business", "technical", "sponsor"):
        register_.confirm(case, party)
        assert Grading.objects.get(pk=grading.pk).status == "submitted"
    register_.confirm(case, "operation")
    grading.refresh_from_db()
    assert (grading.status, grading.valid.lower, grading.valid.upper) == ("in_force", clock.today(), None)
    assert list(grading.confirmations.order_by("pk").values_list("party", "user_name")) == [
        (party, party) for party in ("business", "technical", "sponsor", "operation")
    ]


@pytest.mark.req("G-5")
def test_the_same_person_does_not_confirm_twice(register_):
    """Somebody who holds two parties beside others may confirm for either, and is refused for the second."""
    register_.person("business", "system_technical")
    case = register_.submit(register_.prepare(register_.system("A")))
    register_.confirm(case, "business")
    with pytest.raises(NotAllowed, match=r"business has confirmed for Business side already.*Technical department"):
        register_.confirm(case, "business")
    register_.confirm(case, "technical")
    assert Confirmation.objects.count() == 2


def test_nor_with_another_account(register_):
    contact = Contact.objects.create(
        organisation=Organisation.objects.get(code="G"), name_zh="张三", phone="1", valid=("2020-01-01", None)
    )
    register_.person("second", "system_technical")
    User.objects.filter(username__in=["business", "second"]).update(contact=contact)
    case = register_.submit(register_.prepare(register_.system("A")))
    register_.confirm(case, "business")
    register_.users["second"].refresh_from_db()
    with pytest.raises(NotAllowed, match="has confirmed for Business side already"):
        register_.confirm(case, "second")


@pytest.mark.req("G-5")
def test_the_database_refuses_a_second_confirmation_itself(register_):
    grading = register_.prepare(register_.system("A"))
    register_.submit(grading)
    row = {"grading": grading, "organisation": grading.organisation, "confirmed_at": clock.now()}
    one = register_.users["business"]
    Confirmation.objects.create(party="business", user=one, user_name="x", **row)
    with pytest.raises(DatabaseError, match="nobody_confirms_twice"), transaction.atomic():
        Confirmation.objects.create(party="technical", user=one, user_name="x", **row)
    with pytest.raises(DatabaseError, match="does not ask for"), transaction.atomic():
        Confirmation.objects.create(party="anybody", user=register_.users["technical"], user_name="x", **row)
    with pytest.raises(DatabaseError, match="a party has not confirmed"), transaction.atomic():
        Grading.objects.filter(pk=grading.pk).update(
            status="in_force", valid=(clock.today(), None), confirmed_at=clock.now()
        )


@pytest.mark.req("G-5")
def test_parties_that_one_person_holds_alone_are_refused_at_submission(register_):
    register_.users["technical"].is_active = False
    register_.users["technical"].save()
    register_.person("business", "system_technical")
    with pytest.raises(NotReady, match=r"Business side / Technical department in charge are held by business alone"):
        register_.submit(register_.prepare(register_.system("A")))
    assert not Case.objects.exists()


def test_whoever_prepared_it_confirms_for_no_party(register_):
    register_.person("asker", "system_business")
    case = register_.submit(register_.prepare(register_.system("A")))
    with pytest.raises(ApprovalError):
        register_.confirm(case, "asker")


def test_people_are_found_for_parties_where_there_are_enough():
    a, b, c = ("user", 1), ("user", 2), ("user", 3)
    assert list(too_few({"x": {a, b}, "y": {a}, "z": {b, c}})) == []
    assert set(too_few({"x": {a, b}, "y": {a}, "z": {b}})) == {"x", "y", "z"}
    assert set(too_few({"x": {c}, "y": {a}, "z": {a}})) == {"y", "z"}


def test_what_a_return_leaves_is_confirmed_anew(register_):
    grading = register_.prepare(register_.system("A"))
    case = register_.submit(grading)
    register_.confirm(case, "business")
    user = register_.users["technical"]
    with acting_as(user):
        seen = subjects.kind_of(case.kind).content_hash(grading.pk)
        approving.return_(case.pk, by=user, seen=seen, key=register_.key(), reason="impact is lower", to="requester")
    grading.refresh_from_db()
    assert (grading.status, grading.confirmations.count()) == ("returned", 0)
    changed = register_.prepare(grading.resource, {"realtime": "high", "impact": "large"})
    assert (changed.pk, changed.result) == (grading.pk, "2")
    again = register_.submit(changed)
    assert again.pk == case.pk
    for party in ("business", "technical", "sponsor", "operation"):
        register_.confirm(again, party)
    grading.refresh_from_db()
    assert (grading.status, grading.result) == ("in_force", "2")


@pytest.mark.req("G-5")
def test_a_regrading_is_raised_by_operation_and_agreed_by_business_and_technical(register_):
    system = register_.system("A")
    first = register_.graded(system)
    with pytest.raises(NotPossible):
        register_.prepare(system, {"realtime": "low", "impact": "slight"}, reason="hardly used")
    with pytest.raises(NotReady, match="Say how the system differs"):
        register_.prepare(system, {"realtime": "low", "impact": "slight"}, by="operation")
    with clock.frozen("2026-12-01T09:30+08:00"):
        second = register_.graded(system, {"realtime": "low", "impact": "slight"}, by="operation", reason="hardly used")
    first.refresh_from_db()
    assert (first.status, str(first.valid.upper), first.result) == ("ended", "2026-12-01", "1")
    assert (second.kind, second.status, second.result, second.number) == ("again", "in_force", "4", 2)
    assert set(second.confirmations.values_list("party", flat=True)) == {"business", "technical"}


def test_a_regrading_of_the_same_day_takes_the_place_of_the_first(register_):
    system = register_.system("A")
    first = register_.graded(system)
    second = register_.graded(system, {"realtime": "high", "impact": "large"}, by="operation", reason="smaller")
    first.refresh_from_db()
    assert (first.status, first.valid.isempty, second.status) == ("ended", True, "in_force")


def test_what_was_confirmed_is_not_changed_by_anybody(register_):
    grading = register_.graded(register_.system("A"))
    for change in ({"result": "5"}, {"factors": {}}, {"calculation": {}}, {"status": "open", "valid": None}):
        with pytest.raises(DatabaseError, match="a confirmed grade stands"), transaction.atomic():
            Grading.objects.filter(pk=grading.pk).update(**change)
    with pytest.raises(DatabaseError, match="a confirmed grade stands"), transaction.atomic():
        grading.confirmations.all().delete()
    with pytest.raises(NotPossible), acting_as(register_.users["asker"]) as scope:
        services.withdraw_grading(grading, by=register_.users["asker"], key="k" * 10, scope=scope)


def test_an_unfinished_calculation_is_not_saved(register_):
    with pytest.raises(FactorsRefused):
        register_.prepare(register_.system("A"), {"realtime": "high"})
    assert not Grading.objects.exists()


def test_a_grading_is_prepared_where_ones_roles_reach(register_):
    register_.person("elsewhere", "system_sponsor", "R1")
    system = register_.system("A", "P3")
    user = register_.users["elsewhere"]
    with pytest.raises(NotPossible, match="Your roles do not let you"):
        services.prepare_grading(system, "HS/T-42", {"realtime": "high", "impact": "major"}, by=user)
    assert services.prepare_grading(register_.system("B", "P2"), "HS/T-42", HIGH, by=user).result == "1"


def test_grades_are_seen_in_scope_alone(register_):
    system = register_.system("A", "P1")
    for party in ("business", "technical", "sponsor", "operation"):
        register_.person(party, f"system_{party}", "P1")
    register_.person("asker", "system_sponsor", "P1")
    grading = register_.graded(system)
    register_.person("stranger", "system_business", "P2")
    with acting_as(register_.users["stranger"]):
        assert not Grading.objects.exists()
        assert not Confirmation.objects.exists()
        assert not queries.gradable().exists()
    with acting_as(register_.users["asker"]):
        assert Grading.objects.get().pk == grading.pk


def test_the_hosting_level_is_confirmed_by_the_client(register_):
    grading = register_.prepare(register_.system("A"), {"institution": "core", "protection": "3"}, scheme="JR/T-0133")
    case = register_.submit(grading)
    register_.confirm(case, "business")
    grading.refresh_from_db()
    assert (grading.status, grading.result, grading.source) == ("in_force", "3+", "printed")


def test_a_grading_whose_matrix_has_changed_is_looked_at_again(register_):
    grading = register_.prepare(register_.system("A"), {"realtime": "high", "impact": "obvious"})
    assert (grading.result, grading.source) == ("3", "house")
    with acting_as(register_.users["technical"]) as scope:
        services.change_cells(
            "HS/T-42", "grade", {("high", "obvious"): "2"}, from_day=clock.today(), reason="trading",
            by=register_.users["technical"], scope=scope,
        )  # fmt: skip
    with pytest.raises(NotReady, match="it now gives Grade 2"):
        register_.submit(grading)
    assert register_.prepare(grading.resource, {"realtime": "high", "impact": "obvious"}).result == "2"


def test_asked_twice_it_is_one_case(register_):
    grading = register_.prepare(register_.system("A"))
    first, second = register_.submit(grading), register_.submit(grading)
    assert first.pk == second.pk
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM approvals_case")
        assert cursor.fetchone() == (1,)

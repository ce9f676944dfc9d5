"""What the web role can do to people by plain SQL: no more than by the pages."""

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.accounts.models import Certificate, SignIn, User
from gangmu.foundation.settings import clock
from gangmu.shell.testing.worlds import make_user


def run(user, statement, *values):
    with acting_as(user, site="office"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else cursor.rowcount


@pytest.mark.req("M-5.8.1.3", "M-5.8.1.5")
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT accounts_set_password(%s, 'x', now(), false, true)",
        "SELECT accounts_close(%s, '', 'all', 'closed', now())",
        "SELECT * FROM accounts_sign_ins(%s, 10)",
        "SELECT accounts_end_session(%s, 1, now())",
        "SELECT accounts_unlock(%s, ARRAY['account:x'])",
        "SELECT * FROM accounts_forget_factors(%s)",
        "SELECT * FROM accounts_certificates(%s)",
        "SELECT accounts_bind_certificate(%s, 'f', 'i', 's', 'n', now(), now())",
        "SELECT accounts_unbind_certificate(%s, 1)",
        "SELECT accounts_post(%s, 'mail', 'x', now(), now())",
        "SELECT accounts_guarded(%s)",
        "SELECT accounts_place(%s, 1)",
        "SELECT * FROM people_refusals(%s, 10)",
    ],
)
def test_an_account_out_of_sight_is_out_of_reach(at_the_office, statement):
    for user in (at_the_office.branch, at_the_office.world.clerk):
        with pytest.raises(ProgrammingError, match=r"another user|out of sight"):
            run(user, statement, at_the_office.world.other.pk)


@pytest.mark.req("M-5.8.1.3")
def test_what_is_told_of_many_tells_of_those_in_scope(at_the_office):
    world, branch = at_the_office.world, at_the_office.branch
    seen = {pk for (pk,) in run(branch, "SELECT user_id FROM accounts_states(NULL)")}
    assert {world.clerk.pk, world.present.pk, branch.pk} <= seen
    assert not {world.other.pk, world.former.pk, at_the_office.security.pk} & seen
    everybody = [one.pk for one in User.objects.all()]
    assert {pk for (pk,) in run(branch, "SELECT * FROM accounts_managed(%s)", everybody)} == {
        world.clerk.pk,
        world.present.pk,
    }
    assert {pk for (pk,) in run(branch, "SELECT DISTINCT user_id FROM people_roles(%s)", everybody)} <= seen
    assert run(world.other, "SELECT user_id FROM accounts_states(NULL)") == [(world.other.pk,)]
    with pytest.raises(ProgrammingError, match="without the right"):
        run(world.clerk, "SELECT * FROM accounts_taken(ARRAY['group'])")


@pytest.mark.req("M-5.8.1.5", "M-7.2.10.2")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_user SET email = 'mine@example.org' WHERE username = 'secadmin'",
        "UPDATE accounts_user SET phone = '1' WHERE username = 'secadmin'",
        "UPDATE accounts_user SET is_active = false WHERE username = 'sysadmin'",
        "UPDATE accounts_user SET name = 'x' WHERE username = 'sysadmin'",
    ],
)
def test_the_database_refuses_what_an_administrator_must_not(at_the_office, statement):
    with pytest.raises(ProgrammingError, match=r"another power|one's own"):
        run(at_the_office.system, statement)


def test_the_password_factors_and_certificates_of_another_power_stay(at_the_office):
    system, pk = at_the_office.system, at_the_office.security.pk
    for statement in (
        "SELECT accounts_set_password(%s, 'x', now(), false, true)",
        "SELECT * FROM accounts_forget_factors(%s)",
        "SELECT accounts_bind_certificate(%s, 'f', 'i', 's', 'n', now(), now())",
    ):
        with pytest.raises(ProgrammingError, match=r"another user|another power"):
            run(system, statement, pk)
    assert not Certificate.objects.exists()


@pytest.mark.req("M-7.2.10.2")
def test_nobody_switches_off_the_last_administrator_whatever_the_role(at_the_office):
    for change in ({"is_active": False}, {"valid_to": "2026-12-01"}):
        for user in (at_the_office.system, at_the_office.security):
            with pytest.raises(IntegrityError, match="the last"), transaction.atomic():
                User.objects.filter(pk=user.pk).update(**change)
    second = make_user("sysadmin2", "G", "system_administrator")
    User.objects.filter(pk=second.pk).update(valid_to="2026-12-01")
    with pytest.raises(IntegrityError, match="the last"), transaction.atomic():  # the other ends sooner
        User.objects.filter(pk=at_the_office.system.pk).update(valid_to="2027-01-01")
    User.objects.filter(pk=at_the_office.system.pk).update(valid_to="2026-11-25")


def test_a_session_of_somebody_else_is_not_ended_by_its_number(at_the_office):
    world, now = at_the_office.world, clock.now()
    fields = {"site": "business", "method": "password", "opened_at": now, "seen_at": now}
    theirs = SignIn.objects.create(user=world.other, session_key="x", **fields)
    assert run(at_the_office.branch, "SELECT accounts_end_session(%s, %s, now())", world.clerk.pk, theirs.pk) == [
        (False,)
    ]
    theirs.refresh_from_db()
    assert theirs.ended_at is None

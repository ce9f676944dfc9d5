"""The rules of signing in on their page: dated, bounded, and set by the security administrator alone."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import ProgrammingError, connection, transaction

from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.accounts import passwords
from gangmu.foundation.accounts.models import FLOORS, Credential, Policy, User
from gangmu.foundation.records.models import Event
from gangmu.foundation.settings import clock
from gangmu.shell.people.tests.conftest import browser_of


def values(**changed: Any) -> dict[str, Any]:
    """The shipped rules as the form sends them, from a day on."""
    shipped = Policy()
    given = {name: getattr(shipped, name) for name in FLOORS}
    return {**given, "first_day": "2026-11-21", "second_factor": "administrators", "weak_words": "", **changed}


def send(client: Any, status: int, **fields: Any) -> str:
    response = client.post("/people/policy/change/", {"_key": uuid4().hex, **fields})
    assert response.status_code == status, response.content.decode()[-3000:]
    return response.content.decode()


@pytest.mark.req("M-5.8.1.1", "M-7.2.10.2")
def test_rules_are_looked_at_before_they_are_set_and_stand_from_their_day(at_the_office):
    client = browser_of(at_the_office.security)
    Credential.objects.update(changed_at=clock.now() - timedelta(days=27))
    clerk = at_the_office.world.clerk
    Credential.objects.filter(user=clerk).update(changed_at=clock.now() - timedelta(days=60))
    asked = values(max_age_days=30, min_length=12, weak_words="Longtan\n龙滩\n\nlongtan")
    seen = send(client, 200, **asked)
    assert "passwords expire within 7 days after" in seen
    assert "passwords have expired by then: clerk" in " ".join(seen.split()).replace("<strong>1</strong> ", "")
    assert Policy.objects.count() == 1
    send(client, 302, **asked, agreed="1")
    assert Policy.of().min_length == 10
    with clock.frozen("2026-11-21T00:00+08:00"):
        rules = Policy.of()
        assert (rules.min_length, rules.max_age_days, rules.weak_words) == (12, 30, ["longtan", "龙滩"])
        assert [one.code for one in passwords.faults("Tide!L0ngt4n!Kites", clerk)] == ["word"]
        assert [one.code for one in passwords.faults("Tide龙滩!over9Kites", clerk)] == ["word"]
    event = Event.objects.filter(kind="accounts.policy-set").latest("pk")
    assert event.data["changed"] == {"min_length": [10, 12], "max_age_days": [90, 30]}
    assert event.data["words"] == {"added": 2, "removed": 0}
    shown = client.get("/people/policy/").content.decode()
    assert "to come" in shown
    response = client.post("/people/policy/withdraw/", {"_key": uuid4().hex, "day": "2026-11-21"})
    assert response.status_code == 302
    assert Policy.objects.count() == 1


@pytest.mark.req("M-5.8.1.1")
@pytest.mark.parametrize("rule", FLOORS)
def test_no_floor_is_undercut_by_the_page_or_by_its_function(at_the_office, rule):
    lowest, highest = FLOORS[rule]
    client = browser_of(at_the_office.security)
    for value in (lowest - 1, highest + 1):
        assert "value is" in send(client, 422, **values(**{rule: value}), agreed="1")
    with acting_as(at_the_office.security, site="office"), connection.cursor() as cursor:
        rules = '{"valid_from": "2026-12-01", "second_factor": "everyone", "second_factor_roles": [], "weak_words": []'
        rules += "".join(f', "{name}": {highest + 1 if name == rule else FLOORS[name][0]}' for name in FLOORS) + "}"
        with pytest.raises(Exception, match="accounts_policy_" + rule), transaction.atomic():
            cursor.execute("SELECT accounts_put_policy(%s)", [rules])


@pytest.mark.req("M-7.2.10.2")
@pytest.mark.parametrize("who", ["system", "branch", "audit"])
def test_nobody_else_sets_rules_not_even_in_sql(at_the_office, who):
    user = getattr(at_the_office, who)
    client = browser_of(user)
    assert client.get("/people/policy/change/").status_code == 403
    assert client.post("/people/policy/withdraw/", {"_key": uuid4().hex, "day": "2027-01-01"}).status_code == 403
    rules = '{"valid_from": "2026-12-01"}'
    for statement in (
        "SELECT accounts_put_policy(%s)",
        "SELECT accounts_drop_policy((%s::jsonb->>'valid_from')::date)",
    ):
        refused = pytest.raises(ProgrammingError, match="the rules of signing in")
        with acting_as(user, site="office"), refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [rules])


def test_rules_do_not_change_in_the_past(at_the_office):
    client = browser_of(at_the_office.security)
    assert "not in the past" in send(client, 422, **values(first_day="2026-11-19"), agreed="1")


@pytest.mark.parametrize("word", ["ab", "!!!!", "x" * 41])
def test_a_word_must_be_one(at_the_office, word):
    assert "a word has" in send(browser_of(at_the_office.security), 422, **values(weak_words=word))


def test_who_must_enrol_a_second_factor_is_named(at_the_office):
    seen = send(browser_of(at_the_office.security), 200, **values(second_factor="everyone"))
    assert "must enrol a second factor" in seen
    assert "clerk" in seen
    few = send(browser_of(at_the_office.security), 200, **values(second_factor_roles=["clerk"]))
    assert "clerk" in few.split("must enrol a second factor")[1].split("</li>")[0]
    assert User.objects.filter(username="former").exists()
    assert "former" not in few.split("must enrol a second factor")[1].split("</li>")[0]

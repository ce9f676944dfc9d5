"""Signs of intrusion become alarms, once, and are acknowledged by people."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ObjectDoesNotExist

from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.records import alarms
from gangmu.foundation.records.alarms import Seen, acknowledge, is_unusual, raise_alarm, rule_of, set_rule, sweep
from gangmu.foundation.records.models import Alarm, Event, Sign
from gangmu.foundation.records.retention import Refused
from gangmu.foundation.records.services import note
from gangmu.foundation.records.tests.conftest import appoint, auditing
from gangmu.foundation.settings import clock
from gangmu.shell.testing.worlds import make_user

NOON = "2026-11-20T12:00+08:00"  # a Friday


class Knock:
    """A request, as far as a record needs one."""

    def __init__(self, address):
        self.META = {"REMOTE_ADDR": address}


def refuse(kind, by=None, address="10.0.0.9", **data):
    """A refusal in the test's own transaction."""
    from django.db import connection

    number = note(kind, by=by, data=data, request=Knock(address))  # type: ignore[arg-type]
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE records_event DISABLE TRIGGER records_are_only_added")
        cursor.execute("UPDATE records_event SET refused = true WHERE id = %s", [number])
        cursor.execute("ALTER TABLE records_event ENABLE ALWAYS TRIGGER records_are_only_added")
    return number


@pytest.fixture
def guarded(world):
    """The world at noon, with an audit and a security administrator."""
    make_user("guard", "G", "security_administrator")
    with clock.frozen(NOON):
        yield world


def open_alarms():
    return {(one.sign, one.about): one.count for one in Alarm.objects.filter(acknowledged_at=None)}


def test_many_refusals_of_one_account_are_an_alarm_once(guarded):
    for _number in range(4):
        refuse("accounts.sign-in-refused", guarded.clerk)
    assert sweep() == []
    refuse("accounts.sign-in-refused", guarded.clerk)
    (alarm,) = sweep()
    assert (alarm.sign, alarm.about, alarm.count, alarm.user) == (
        "refused-account",
        f"user:{guarded.clerk.pk}",
        5,
        guarded.clerk,
    )
    assert Event.objects.filter(kind="records.alarm-raised", subject=f"records.alarm:{alarm.pk}").exists()
    assert sweep() == []
    refuse("accounts.second-factor-refused", guarded.clerk)
    assert sweep() == []
    assert open_alarms() == {("refused-account", f"user:{guarded.clerk.pk}"): 6}
    assert sweep() == []
    assert open_alarms() == {("refused-account", f"user:{guarded.clerk.pk}"): 6}


def test_a_name_that_is_nobodys_is_counted_by_its_hash(guarded):
    for _number in range(5):
        refuse("accounts.sign-in-refused", typed="abc123")
    assert [one.about for one in sweep()] == ["typed:abc123"]


def test_refusals_that_lie_far_apart_are_none(guarded):
    for number in range(8):
        with clock.frozen(clock.now() + timedelta(minutes=4 * number)):
            refuse("accounts.sign-in-refused", guarded.clerk)
            assert sweep() == []


def test_many_refusals_of_one_address_are_an_alarm_whoever_was_meant(guarded):
    for number in range(20):
        refuse("accounts.sign-in-refused", address="10.9.9.9", typed=f"name{number}")
    assert [(one.about, one.address) for one in sweep()] == [("address:10.9.9.9", "10.9.9.9")]


def test_pages_refused_to_one_person_and_forged_proofs(guarded):
    for _number in range(10):
        refuse("ui.refused", guarded.other, path="/x/")
    for _number in range(3):
        refuse("approvals.signature-refused", guarded.former)
    found = {(one.sign, one.user) for one in sweep()}
    assert found == {("refused-scope", guarded.other), ("forged-proof", guarded.former)}


@pytest.mark.parametrize(
    ("at", "unusual"),
    [
        ("2026-11-20T06:59+08:00", True),
        ("2026-11-20T07:00+08:00", False),
        ("2026-11-20T19:59+08:00", False),
        ("2026-11-20T20:00+08:00", True),
        ("2026-11-21T10:00+08:00", True),  # a Saturday
        ("2026-10-01T10:00+08:00", True),  # National Day
    ],
)
def test_what_is_an_unusual_hour(db, at, unusual):
    with clock.frozen(at):
        assert is_unusual(clock.now(), rule_of(Sign.HOURS)) is unusual


def test_an_administrator_at_night_is_an_alarm_and_a_clerk_is_not(guarded):
    with clock.frozen("2026-11-21T02:00+08:00"):
        guard = type(guarded.clerk).objects.get(username="guard")
        event = note("accounts.signed-in", by=guard)
        note("accounts.signed-in", by=guarded.clerk)
        (alarm,) = sweep()
        assert (alarm.sign, alarm.about, alarm.user) == ("unusual-hours", f"event:{event}", guard)
        assert sweep() == []


def test_what_was_acknowledged_is_no_alarm_again_until_more_comes(guarded):
    for _number in range(5):
        refuse("accounts.sign-in-refused", guarded.clerk)
    (alarm,) = sweep()
    with auditing(guarded.group):
        acknowledge(alarm, words="He had forgotten it; called him.")
    alarm.refresh_from_db()
    assert (alarm.acknowledged_by, alarm.note) == (guarded.group, "He had forgotten it; called him.")
    assert sweep() == []
    for _number in range(5):
        refuse("accounts.sign-in-refused", guarded.clerk)
    (again,) = sweep()
    assert again.pk != alarm.pk


def test_an_alarm_is_acknowledged_once_with_words_by_who_may(guarded):
    now = clock.now()
    alarm = raise_alarm(Seen(Sign.CHAIN, "chain", 1, now, now))
    assert alarm is not None
    for user, words in ((guarded.group, " "), (guarded.clerk, "x"), (guarded.present, "x")):
        with auditing(user), pytest.raises((Refused, ObjectDoesNotExist)):
            acknowledge(alarm, words=words)
    with auditing(guarded.group):
        acknowledge(alarm, words="seen")
        with pytest.raises(Refused):
            acknowledge(alarm, words="again")


def test_who_sees_alarms_and_who_is_told(guarded):
    now = clock.now()
    whole = raise_alarm(Seen(Sign.CHAIN, "chain", 1, now, now))
    branch = raise_alarm(Seen(Sign.SCOPE, "user:1", 1, now, now, organisation=guarded.clerk.organisation_id))
    assert whole and branch
    people = {user.username: user for user in type(guarded.clerk).objects.all()}
    appoint(people["clerk"], "viewer")
    for name, count in (("group", 2), ("guard", 2), ("clerk", 0), ("present", 0)):
        with acting_as(people[name], site="office"):
            assert Alarm.objects.count() == count, name
    assert [one.username for one in alarms.to_be_told(whole)] == ["group", "guard"]


def test_rules_begin_on_a_day_and_cannot_be_made_deaf(guarded):
    guard = type(guarded.clerk).objects.get(username="guard")
    with auditing(guard):
        set_rule(Sign.ACCOUNT, valid_from=date(2026, 11, 21), threshold=3, window=30)
        for bad in ({"threshold": 51}, {"threshold": 0}, {"window": 4}, {"window": 1441}, {"from_hour": 4}):
            with pytest.raises(Refused):
                set_rule(Sign.SCOPE, **{"valid_from": date(2026, 11, 21), "threshold": 3, "window": 30, **bad})
    with auditing(guarded.group), pytest.raises(Refused):
        set_rule(Sign.SCOPE, valid_from=date(2026, 11, 21), threshold=3, window=30)
    assert rule_of(Sign.ACCOUNT).threshold == 5
    assert rule_of(Sign.ACCOUNT, date(2026, 11, 21)).threshold == 3
    assert Event.objects.filter(kind="records.alarm-rule-set", by=guard).count() == 1

"""Old records leave when two people agree, and verification still passes."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.parties.models import Contact, Organisation
from gangmu.foundation.records import services
from gangmu.foundation.records.models import Event, History, Hold, Retention, RetentionChange, Table
from gangmu.foundation.records.purge import answer_purge, carry_out_confirmed, carry_out_purge, request_purge
from gangmu.foundation.records.retention import (
    Refused,
    answer_change,
    ask_change,
    lengthen,
    place_hold,
    release_hold,
)
from gangmu.foundation.records.tests.conftest import appoint, auditing, codes, later
from gangmu.foundation.records.verify import verify
from gangmu.foundation.settings import clock
from gangmu.shell.testing.worlds import make_user


@pytest.fixture
def people(sealed_world):
    """Two audit administrators, and a system administrator who may ask."""
    appoint(sealed_world.group)
    appoint(sealed_world.present)
    make_user("operator", "G", "system_administrator")
    services.seal_pending()
    return sealed_world


def agreed(world, code="tests", table="event", kinds=("tests.first",), days=366):
    """A class as two people agreed to it."""
    with auditing(world.group):
        change = ask_change(code, "测试", "Tests", table=table, kinds=kinds, days=days, reason="disk is full")
    with auditing(world.present):
        answer_change(change, agree=True)
    return Retention.objects.get(code=code)


@pytest.fixture
def retention(people):
    return agreed(people)


def asked(retention, user, days=367):
    with auditing(user):
        return request_purge(retention, clock.now() - timedelta(days=days))


def purged(retention, world):
    """Everything of a class, purged two years from now."""
    with later(733):
        purge = asked(retention, world.group)
        with auditing(world.present):
            answer_purge(purge, agree=True)
        return carry_out_purge(purge)


def test_what_two_people_agreed_to_remove_is_gone_and_the_chain_still_holds(people, retention):
    assert purged(retention, people).removed == 3
    assert not Event.objects.filter(kind="tests.first").exists()
    assert Event.objects.filter(kind="tests.second").count() == 3
    assert codes() == set()
    services.seal_pending()
    assert codes() == set()


def test_a_worker_carries_out_what_was_confirmed_and_nothing_else(people, retention):
    with later(733):
        declined, confirmed = asked(retention, people.group), asked(retention, people.group)
        with auditing(people.present):
            answer_purge(declined, agree=False)
            answer_purge(confirmed, agree=True)
        assert [one.pk for one in carry_out_confirmed()] == [confirmed.pk]
        assert carry_out_confirmed() == []
    with pytest.raises(Refused):
        carry_out_purge(declined)


def test_what_is_younger_than_its_class_keeps_may_not_be_asked_for(people, retention):
    with pytest.raises(Refused, match="366 days"):
        asked(retention, people.group, days=300)


def test_our_own_clock_set_ahead_makes_no_record_old(people, retention):
    """The database counts by its own."""
    with clock.advanced(timedelta(days=2000)), pytest.raises(Refused):
        asked(retention, people.group)


def test_nobody_confirms_their_own_purge_with_any_account(people, retention):
    with later(733):
        purge = asked(retention, people.group)
        with pytest.raises(Refused), auditing(people.group):
            answer_purge(purge, agree=True)
        twin = appoint(make_user("twin"))
        top = Organisation.objects.get(code="G")
        contact = Contact.objects.create(organisation=top, name_zh="同一人", phone="1", valid=("2020-01-01", None))
        type(twin).objects.filter(pk__in=[people.group.pk, twin.pk]).update(contact=contact)
        with pytest.raises(Refused), auditing(twin):
            answer_purge(purge, agree=True)


def test_who_may_ask_may_not_answer(people, retention):
    operator = type(people.group).objects.get(username="operator")
    with later(733):
        purge = asked(retention, operator)
        other = asked(retention, people.group)
        with pytest.raises(Refused), auditing(operator):
            answer_purge(other, agree=True)
        with auditing(people.group):
            answer_purge(purge, agree=True)
    with pytest.raises(Refused), auditing(people.clerk):
        request_purge(retention, clock.now() - timedelta(days=800))


def test_a_purge_that_nobody_confirmed_is_not_carried_out(people, retention):
    with later(733):
        purge = asked(retention, people.group)
        with pytest.raises(Refused):
            carry_out_purge(purge)
    with (
        pytest.raises(DatabaseError, match="not open and confirmed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT records_purge(%s, '{}', '{1,2,3}')", [purge.pk])


def test_a_confirmed_purge_takes_nothing_but_what_it_says(people, retention):
    """Other kinds, younger ones, what is under a hold: refused by the function that deletes."""
    other = list(Event.objects.filter(kind="tests.second").values_list("pk", flat=True))
    with later(733):
        purge = asked(retention, people.group)
        with auditing(people.present):
            answer_purge(purge, agree=True)
        with pytest.raises(DatabaseError, match="must be kept"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT records_purge(%s, '{}', %s)", [purge.pk, other])
    mine = list(Event.objects.filter(kind="tests.first").values_list("pk", flat=True))
    with pytest.raises(DatabaseError, match="must be kept"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT records_purge(%s, '{}', %s)", [purge.pk, mine])  # today they are not old


def test_a_purge_is_carried_out_once(people, retention):
    purge = purged(retention, people)
    with pytest.raises(Refused):
        carry_out_purge(purge)


def test_a_legal_hold_keeps_what_it_covers_until_it_is_released(people, retention):
    with auditing(people.group):
        hold = place_hold("A court asked for it", table=Table.EVENT, kind="tests.first")
    assert purged(retention, people).removed == 0
    with auditing(people.present):
        release_hold(hold, reason="the court is done")
    assert purged(retention, people).removed == 3
    assert codes() == set()
    with pytest.raises(Refused), auditing(people.present):
        release_hold(hold, reason="again")


def test_history_leaves_but_the_last_image_of_what_still_stands_stays(people):
    retention = agreed(people, "places", "history", ["parties.organisation"])
    for name in ("One", "Two", "Three"):
        Organisation.objects.filter(code="P2").update(name_en=name)
    services.seal_pending()
    before = History.objects.filter(model="parties.organisation").count()
    assert purged(retention, people).removed == 3
    left = History.objects.filter(model="parties.organisation")
    assert left.count() == before - 3
    assert left.get(row=str(Organisation.objects.get(code="P2").pk)).after["name_en"] == "Three"
    assert codes() == set()
    Organisation.objects.filter(code="P2").update(name_en="Four")
    assert codes() == set()


def test_a_deletion_passed_off_as_a_purge_is_told(people, retention, owner):
    """Without the key somebody can write the event of a purge, even of one that was confirmed, but not sign it."""
    purge = purged(retention, people)
    rows = [event.pk for event in Event.objects.filter(kind="tests.second")]
    services.note(
        "records.purged", data={"purge": purge.pk, "class": "tests", "table": "event", "rows": rows, "mac": "00"}
    )
    owner("DELETE FROM records_event WHERE kind = 'tests.second'")
    found = verify().findings
    assert {finding.code for finding in found if not finding.is_note} == {"tombstone-forged", "row-removed"}
    assert {finding.params["row"] for finding in found if finding.code == "row-removed"} == set(rows)


# Retention itself ---


def test_one_person_lengthens_and_nobody_shortens_alone(people, retention):
    with auditing(people.group):
        assert lengthen(retention, 500, reason="the auditor asked").keep_days == 500
        with pytest.raises(Refused):
            lengthen(retention, 400, reason="no")
        change = ask_change("tests", "测试", "Tests", table="event", kinds=["tests.first"], days=200, reason="full")
        with pytest.raises(Refused):
            answer_change(change, agree=True)
    retention.refresh_from_db()
    assert retention.keep_days == 500
    with auditing(people.present):
        answer_change(change, agree=True)
    retention.refresh_from_db()
    assert retention.keep_days == 200


def test_nothing_goes_below_180_days_whoever_agrees(people, retention):
    with auditing(people.group), pytest.raises(Refused):
        ask_change("tests", "测试", "Tests", table="event", kinds=["tests.first"], days=179, reason="full")


def test_what_was_declined_changes_nothing_and_is_answered_once(people, retention):
    with auditing(people.group):
        change = ask_change("tests", "测试", "Tests", table="event", kinds=["tests.first"], days=200, reason="full")
    with auditing(people.present):
        answer_change(change, agree=False, words="no")
        with pytest.raises(Refused):
            answer_change(change, agree=True)
    retention.refresh_from_db()
    assert retention.keep_days == 366
    assert {"records.retention-asked", "records.retention-declined"} <= set(
        Event.objects.values_list("kind", flat=True)
    )


FORBIDDEN = [
    "UPDATE records_retention SET keep_days = 180",
    "UPDATE records_retention SET keep_days = 1",
    """UPDATE records_retention SET kinds = '["tests.first", "tests.second"]'""",
    "DELETE FROM records_retention",
    'INSERT INTO records_retention (code, name_zh, name_en, "table", kinds, keep_days) '
    "VALUES ('x', 'x', 'x', 'event', '[\"accounts.signed-in\"]', 180)",
    "UPDATE records_retentionchange SET answer = 'agreed', answered_by_id = requested_by_id + 1",
    "DELETE FROM records_retentionchange",
    "UPDATE records_purge SET confirmed_at = now(), confirmed_by_id = requested_by_id + 1",
    "DELETE FROM records_hold",
    "UPDATE records_hold SET released_at = now(), released_by_id = placed_by_id",
    "DELETE FROM records_event",
    "DELETE FROM records_history",
    "SELECT records_purge(1, '{}', '{1}')",
    "UPDATE records_alarm SET acknowledged_at = now(), acknowledged_by_id = 1, note = 'x'",
    "DELETE FROM records_alarm",
    'INSERT INTO records_alarmrule (sign, valid_from, threshold, "window", from_hour, to_hour) '
    "VALUES ('refused-account', '2020-01-01', 50, 5, 7, 20)",
    "DELETE FROM records_receiver",
]


@pytest.fixture
def everything(people, retention):
    """A row of each table, so that what changes none of them is no proof."""
    with auditing(people.group):
        place_hold("court", table="event", kind="tests.second")
        ask_change("tests", "测试", "Tests", table="event", kinds=["tests.first"], days=200, reason="full")
    with later(733):
        asked(retention, people.group)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO records_alarm (sign, about, count, first_at, last_at, raised_at, data) "
            "VALUES ('chain', 'chain', 1, now(), now(), now(), '{}')"
        )
        cursor.execute(
            "INSERT INTO records_receiver (name, url, ca, from_environment, started_at, next_xact, safe_xact, sent,"
            " failure) VALUES ('environment', 'udp://127.0.0.1:514', '', true, now(), 0, 0, 0, '')"
        )
    return people


@pytest.mark.req("M-5.8.1.3")
@pytest.mark.parametrize("role", ["gangmu_web", "gangmu_system"])
def test_no_role_of_the_product_shortens_or_removes_by_sql(everything, role):
    done = []
    for statement in FORBIDDEN:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL ROLE {role}; SET LOCAL gangmu.user_id = '{everything.group.pk}'")
            cursor.execute("SET LOCAL gangmu.purge = 'confirmed'")
            try:
                with transaction.atomic():
                    cursor.execute(statement)
                    done.append((statement, cursor.rowcount))
            except DatabaseError:
                pass
            transaction.set_rollback(True)
    assert done == []


def test_an_auditor_by_sql_alone_is_refused_too(everything):
    """With the whole scope of the person, not the page's manners."""
    done = []
    for statement in FORBIDDEN:
        with acting_as(everything.group, site="office"), connection.cursor() as cursor:
            try:
                with transaction.atomic():
                    cursor.execute(statement)
                    done.append((statement, cursor.rowcount))
            except DatabaseError:
                pass
            transaction.set_rollback(True)
    assert done == []


def test_an_altered_rule_is_told_by_verification(people, retention, owner):
    owner("ALTER TABLE records_retention DISABLE TRIGGER records_rule")
    assert codes() == {"trigger-altered"}
    owner("ALTER TABLE records_retention ENABLE ALWAYS TRIGGER records_rule")
    assert codes() == set()
    with later(1):
        assert codes() == {"function-altered"}


def test_holds_and_requests_are_seen_by_auditors_and_by_who_asked(everything):
    for user, holds, changes in ((everything.present, 1, 2), (everything.clerk, 0, 0)):
        with acting_as(user, site="office"):
            assert (Hold.objects.count(), RetentionChange.objects.count()) == (holds, changes)

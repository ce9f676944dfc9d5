"""Old records leave when two people agree, and verification still passes."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.records import services
from gangmu.foundation.records.models import Event, History, Purge, Retention, Table
from gangmu.foundation.records.purge import PurgeRefused, carry_out_purge, confirm_purge, request_purge
from gangmu.foundation.records.tests.conftest import codes
from gangmu.foundation.records.verify import verify
from gangmu.foundation.settings import clock


@pytest.fixture
def retention(sealed_world):
    return Retention.objects.create(
        code="tests", name_zh="测试", name_en="Tests", table="event", kinds=["tests.first"], keep_years=1
    )


def in_two_years():
    return clock.advanced(timedelta(days=733))


def purged(retention, world):
    """Everything of a class, purged two years from now."""
    with in_two_years():
        purge = request_purge(retention, clock.now() - timedelta(days=367), by=world.group)
        return carry_out_purge(confirm_purge(purge, by=world.present))


def test_what_two_people_agreed_to_remove_is_gone_and_the_chain_still_holds(sealed_world, retention):
    assert purged(retention, sealed_world).removed == 3
    assert not Event.objects.filter(kind="tests.first").exists()
    assert Event.objects.filter(kind="tests.second").count() == 3
    assert codes() == set()
    services.seal_pending()
    assert codes() == set()


def test_what_is_younger_than_its_class_keeps_may_not_be_asked_for(sealed_world, retention):
    with pytest.raises(PurgeRefused):
        request_purge(retention, clock.now() - timedelta(days=300), by=sealed_world.group)


def test_nobody_confirms_their_own_purge(sealed_world, retention):
    with in_two_years():
        purge = request_purge(retention, clock.now() - timedelta(days=367), by=sealed_world.group)
        with pytest.raises(PurgeRefused):
            confirm_purge(purge, by=sealed_world.group)
        with pytest.raises(IntegrityError), transaction.atomic():
            Purge.objects.filter(pk=purge.pk).update(confirmed_by=sealed_world.group, confirmed_at=clock.now())


def test_a_purge_that_nobody_confirmed_is_not_carried_out(sealed_world, retention):
    with in_two_years():
        purge = request_purge(retention, clock.now() - timedelta(days=367), by=sealed_world.group)
        with pytest.raises(PurgeRefused):
            carry_out_purge(purge)
    with (
        pytest.raises(DatabaseError, match="not open and confirmed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT records_purge(%s, '{}', '{1,2,3}')", [purge.pk])


def test_a_purge_is_carried_out_once(sealed_world, retention):
    purge = purged(retention, sealed_world)
    with pytest.raises(PurgeRefused):
        carry_out_purge(purge)


def test_a_legal_hold_keeps_what_it_covers_until_it_is_released(sealed_world, retention):
    hold = services.place_hold("A court asked for it", by=sealed_world.group, table=Table.EVENT, kind="tests.first")
    assert purged(retention, sealed_world).removed == 0
    services.release_hold(hold, by=sealed_world.present)
    assert purged(retention, sealed_world).removed == 3
    assert codes() == set()


def test_history_leaves_but_the_last_image_of_what_still_stands_stays(sealed_world):
    retention = Retention.objects.create(
        code="places", name_zh="机构", name_en="Places", table="history", kinds=["parties.organisation"], keep_years=1
    )
    for name in ("One", "Two", "Three"):
        Organisation.objects.filter(code="P2").update(name_en=name)
    services.seal_pending()
    with in_two_years():
        before = History.objects.filter(model="parties.organisation").count()
    assert purged(retention, sealed_world).removed == 3
    left = History.objects.filter(model="parties.organisation")
    assert left.count() == before - 3
    assert left.get(row=str(Organisation.objects.get(code="P2").pk)).after["name_en"] == "Three"
    assert codes() == set()
    Organisation.objects.filter(code="P2").update(name_en="Four")
    assert codes() == set()


def test_a_deletion_passed_off_as_a_purge_is_told(sealed_world, retention, owner):
    """Without the key somebody can write the event of a purge, even of one that was confirmed, but not sign it."""
    purge = purged(retention, sealed_world)
    rows = [event.pk for event in Event.objects.filter(kind="tests.second")]
    services.note(
        "records.purged", data={"purge": purge.pk, "class": "tests", "table": "event", "rows": rows, "mac": "00"}
    )
    owner("DELETE FROM records_event WHERE kind = 'tests.second'")
    found = verify().findings
    assert {finding.code for finding in found if not finding.is_note} == {"tombstone-forged", "row-removed"}
    assert {finding.params["row"] for finding in found if finding.code == "row-removed"} == set(rows)

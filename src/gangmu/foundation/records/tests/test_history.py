"""What the database writes down by itself, and who may touch it."""

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.utils import ProgrammingError

from gangmu.foundation.access.models import Role
from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.accounts.models import Totp
from gangmu.foundation.parties.models import Contact, Organisation
from gangmu.foundation.records import queries
from gangmu.foundation.records.install import install_history
from gangmu.foundation.records.kept import kept_tables
from gangmu.foundation.records.models import Event, History
from gangmu.foundation.records.services import note, note_refusal
from gangmu.foundation.settings import clock

pytestmark = pytest.mark.django_db


def execute(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)


def test_a_change_is_kept_with_both_images_and_who_made_it(world):
    plant = Organisation.objects.get(code="P2")
    contact = Contact.objects.create(organisation=plant, name_zh="甲", phone="1", valid=("2020-01-01", None))
    with clock.frozen("2026-11-20T07:30+08:00") as now, acting_as(world.group):
        Contact.objects.filter(pk=contact.pk).update(phone="2")
    change, first = queries.history_of(contact)
    assert (first.operation, first.before, first.after["phone"]) == ("insert", None, "1")
    assert (change.operation, change.changed) == ("update", ["phone"])
    assert (change.before["phone"], change.after["phone"]) == ("1", "2")
    assert (change.by, change.organisation_id, change.role.split("/")[-1]) == (world.group, plant.pk, "gangmu_web")
    assert change.at == now
    assert change.fixed_clock == (abs((now - change.written_at).total_seconds()) > 86400)


def test_plain_sql_is_kept_too(world):
    execute("UPDATE parties_organisation SET name_en = 'By hand' WHERE code = 'P2'")
    assert queries.history_of(Organisation.objects.get(code="P2"))[0].after["name_en"] == "By hand"


def test_an_update_that_changes_nothing_leaves_no_history(world):
    execute("UPDATE parties_organisation SET name_en = name_en")
    assert not History.objects.filter(model="parties.organisation", operation="update").exists()


def test_secrets_are_in_no_image_but_their_change_is_told(world):
    world.clerk.set_password("another long pass phrase 43")
    world.clerk.save()
    history = queries.history_of(world.clerk.credential)
    assert "password" in history[0].changed
    assert not [one for one in history if "password" in {**(one.before or {}), **(one.after or {})}]


def test_a_sign_in_alone_is_no_change_of_an_account(world):
    before = queries.history_of(world.clerk).count()
    execute("UPDATE accounts_user SET last_login = now()")
    assert queries.history_of(world.clerk).count() == before


def test_a_code_used_is_no_change_of_an_authenticator(world):
    held = Totp.objects.create(user=world.clerk, secret="closed")
    before = queries.history_of(held).count()
    execute("UPDATE accounts_totp SET last_step = 7")
    assert queries.history_of(held).count() == before


def test_a_row_that_changes_its_key_is_one_removed_and_one_added(world):
    role = Role.objects.create(code="tests", name_zh="测试", name_en="Tests")
    execute("UPDATE access_role SET id = id + 100000 WHERE id = %s", role.pk)
    added = History.objects.get(model="access.role", row=str(role.pk + 100000))
    assert (added.operation, added.before, added.after["code"]) == ("insert", None, "tests")
    removed = queries.history_of(role)[0]
    assert (removed.operation, removed.after, removed.before["code"]) == ("delete", None, "tests")


def test_deleting_is_kept(world):
    role = Role.objects.create(code="tests", name_zh="测试", name_en="Tests")
    key = role.pk
    role.delete()
    last = History.objects.filter(model="access.role", row=str(key)).latest("id")
    assert (last.operation, last.before["code"], last.after) == ("delete", "tests", None)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO records_history (model) VALUES ('x')",
        "UPDATE records_history SET row = '1'",
        "DELETE FROM records_history",
        "INSERT INTO records_event (kind) VALUES ('x')",
        "UPDATE records_event SET kind = 'x'",
        "DELETE FROM records_event",
        "TRUNCATE records_history",
        "SELECT * FROM records_seal",
        "INSERT INTO records_seal (number) VALUES (1)",
        "SELECT records_purge(1, '{}', '{}')",
        "ALTER TABLE parties_organisation DISABLE TRIGGER records_keep_history",
    ],
)
def test_the_web_role_cannot_write_records(world, statement):
    with pytest.raises(ProgrammingError), acting_as(world.group):
        execute(statement)


def test_the_web_role_cannot_forge_history_with_a_table_of_its_own(world):
    with pytest.raises(ProgrammingError, match="permission denied"), acting_as(world.group):
        execute("CREATE TEMPORARY TABLE forged (id bigint)")
        execute(
            "CREATE TRIGGER forge AFTER INSERT ON forged FOR EACH ROW "
            "EXECUTE FUNCTION records_keep('parties.organisation', 'id', '', '', '')"
        )


@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = {}", "DELETE FROM {0}"])
@pytest.mark.parametrize(("table", "column"), [("records_history", "row"), ("records_event", "kind")])
def test_not_even_the_owner_changes_records_by_accident(world, statement, table, column):
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
        execute(statement.format(table, column, column))


def test_history_is_written_for_a_session_that_calls_itself_a_replica(world):
    execute("SET LOCAL session_replication_role = replica")
    execute("UPDATE parties_organisation SET name_en = 'Hidden' WHERE code = 'P2'")
    execute("SET LOCAL session_replication_role = origin")
    assert queries.history_of(Organisation.objects.get(code="P2"))[0].after["name_en"] == "Hidden"


def test_history_is_seen_by_those_who_see_the_records_of_its_organisation(world):
    plant = Organisation.objects.get(code="P2")
    execute("UPDATE parties_organisation SET name_en = name_en || '!'")
    with acting_as(world.group):
        assert queries.history_of(plant).count() == 2
    for stranger in (world.present, world.clerk, world.nobody):
        with acting_as(stranger):
            assert not queries.history_of(plant).exists()


def test_an_event_is_seen_by_whoever_it_is_about_and_bears_nobody_elses_name(world):
    with acting_as(world.clerk):
        note("tests.done", by=world.group, subject=Organisation.objects.get(code="P1"), data={"a": 1})
        assert [(event.kind, event.by, event.data) for event in queries.events()] == [
            ("tests.done", world.clerk, {"a": 1})
        ]
    with acting_as(world.nobody):
        assert not queries.events().exists()


def test_events_are_found_by_kind_person_and_subject(world):
    plant = Organisation.objects.get(code="P1")
    note("found.one", by=world.clerk, subject=plant, organisation=plant)
    note("found.two", by=world.group)
    assert {event.kind for event in queries.events(kind="found.")} == {"found.one", "found.two"}
    assert [event.kind for event in queries.events(kind="found.one")] == ["found.one"]
    assert [event.kind for event in queries.events(by=world.group)] == ["found.two"]
    assert [event.kind for event in queries.events(subject=plant)] == ["found.one"]
    assert [event.kind for event in queries.events(organisation=plant)] == ["found.one"]


def test_a_refusal_stays_when_the_request_is_rolled_back(world):
    kind = "tests.refused-and-rolled-back"
    with pytest.raises(RuntimeError), transaction.atomic():
        note("tests.rolled-back")
        note_refusal(kind, data={"why": "no"})
        raise RuntimeError
    event = queries.events(kind=kind).latest("id")
    assert (event.refused, event.data) == (True, {"why": "no"})
    assert not Event.objects.filter(kind="tests.rolled-back").exists()


def test_a_refusal_is_recorded_after_its_connection_was_cut(world):
    note_refusal("tests.refused")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
            "AND query LIKE 'SELECT public.records_note%' AND pid <> pg_backend_pid()"
        )
        assert cursor.fetchall() == [(True,)]
    note_refusal("tests.refused-again")
    assert queries.events(kind="tests.refused-again").exists()


def test_installing_twice_changes_nothing(world):
    before = History.objects.count(), Event.objects.count()
    install_history(connection)
    assert (History.objects.count(), Event.objects.count()) == before


def test_rows_that_are_there_before_their_trigger_are_written_down_as_found(world):
    table = next(kept for kept in kept_tables() if kept.model == "access.role")
    execute(f"DROP TRIGGER records_keep_history ON {table.table}")
    execute("SET LOCAL gangmu.purge = 'confirmed'")
    execute("DELETE FROM records_history WHERE model = 'access.role'")
    install_history(connection)
    found = History.objects.filter(model="access.role")
    assert {one.operation for one in found} == {"baseline"}
    assert {one.after["code"] for one in found} == set(Role.objects.values_list("code", flat=True))


def test_a_trigger_that_was_tampered_with_is_put_right_and_told(world):
    execute("ALTER TABLE access_role DISABLE TRIGGER records_keep_history")
    install_history(connection)
    assert queries.events(kind="records.trigger-repaired")[0].data["table"] == "access_role"
    role = Role.objects.create(code="tests", name_zh="测试", name_en="Tests")
    assert queries.history_of(role).count() == 1

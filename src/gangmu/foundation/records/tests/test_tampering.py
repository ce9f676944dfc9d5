"""What somebody with the owner's rights does to the past, and what verification says of it."""

import hashlib
import hmac
import json

import pytest
from django.db import connection
from django.utils import translation

from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.records import chain
from gangmu.foundation.records.models import Event, History, Seal, SealPart
from gangmu.foundation.records.services import note, seal_pending
from gangmu.foundation.records.tests.conftest import codes
from gangmu.foundation.records.verify import verify
from gangmu.foundation.settings import home


def findings(code: str) -> list:
    return [finding for finding in verify().findings if finding.code == code]


def recompute_chain(key: str) -> None:
    """Make every seal fit the rows as they are now, as far as somebody can who signs with `key`."""
    with connection.cursor() as cursor:
        chain.stable_text(cursor)
        head = ""
        lines = []
        for seal in Seal.objects.order_by("number"):
            leaves = chain._hash(cursor, seal.from_xact, seal.to_xact)
            parts = {table: chain._part(packed) for table, packed in leaves.items()}
            for table, packed in leaves.items():
                cursor.execute(
                    "UPDATE records_sealpart SET leaves = %s, count = %s, digest = %s "
                    'WHERE seal_id = %s AND "table" = %s',
                    [packed, parts[table].count, parts[table].digest, seal.number, table],
                )
            seal.previous = head
            head = chain.stored_line(seal, parts).header.head
            seal.head = head
            seal.mac = hmac.new(key.encode(), head.encode(), hashlib.sha256).hexdigest()
            cursor.execute(
                "UPDATE records_seal SET previous = %s, head = %s, mac = %s WHERE number = %s",
                [seal.previous, seal.head, seal.mac, seal.number],
            )
            lines.append(chain.stored_line(seal, parts).text())
    chain.log_path().write_text("".join(lines))


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("event", "UPDATE records_event SET data = '{\"number\": 9}' WHERE id = %s"),
        ("event", "UPDATE records_event SET at = at - interval '1 hour' WHERE id = %s"),
        ("event", "UPDATE records_event SET by_id = NULL WHERE id = %s"),
        ("history", "UPDATE records_history SET by_id = 1 WHERE id = %s"),
        ("history", "UPDATE records_history SET request = 'x' WHERE id = %s"),
    ],
)
def test_a_changed_record_is_named(standing, owner, table, change):
    row = (Event.objects.filter(kind="tests.first") if table == "event" else History.objects).latest("id").pk
    owner(change, row)
    found = findings("row-changed")
    assert [(one.params["table"], one.params["row"]) for one in found] == [(table, row)]
    assert str(row) in str(found[0])


def test_a_record_moved_to_another_transaction_is_found(standing, owner):
    row = Event.objects.filter(kind="tests.second").latest("id").pk
    owner("UPDATE records_event SET xact = 1 WHERE id = %s", row)
    assert [one.params["row"] for one in findings("row-changed")] == [row]


def test_a_removed_record_is_named(standing, owner):
    row = Event.objects.filter(kind="tests.first").latest("id").pk
    owner("DELETE FROM records_event WHERE id = %s", row)
    assert [one.params["row"] for one in findings("row-removed")] == [row]


def test_a_record_forged_into_a_sealed_transaction_is_named(standing, owner):
    [(row,)] = owner(
        "INSERT INTO records_event (kind, subject, data, role, request, at, written_at, fixed_clock, xact) "
        "SELECT 'tests.forged', '', '{}', role, '', at, written_at, false, xact FROM records_event "
        "WHERE kind = 'tests.first' LIMIT 1 RETURNING id"
    )
    assert [one.params["row"] for one in findings("row-forged")] == [row]


@pytest.mark.parametrize(("said", "written"), [("10 days", "10 days"), ("10 days", "0"), ("-1 day", "-1 day")])
def test_a_back_dated_record_is_named_before_and_after_it_is_sealed(sealed_world, owner, said, written):
    [(row,)] = owner(
        "INSERT INTO records_event (kind, subject, data, role, request, at, written_at, fixed_clock, xact) "
        "SELECT 'tests.forged', '', '{}', '', '', clock_timestamp() - %s::interval, "
        "clock_timestamp() - %s::interval, false, records_xact() RETURNING id",
        said,
        written,
    )
    code = "row-back-dated" if written == "0" else "row-time"
    assert [one.params["row"] for one in findings(code)] == [row]
    seal_pending()
    assert [one.params["row"] for one in findings(code)] == [row]


def test_a_record_with_a_number_never_given_out_is_named(standing, owner):
    owner(
        "INSERT INTO records_event (kind, subject, data, role, request, at, written_at, fixed_clock, xact) "
        "SELECT 'tests.forged', '', '{}', '', '', now(), now(), false, records_xact() + 100000"
    )
    assert "row-future" in codes()


def test_forged_history_does_not_fit_what_stands(standing, owner):
    plant = Organisation.objects.get(code="P2")
    [(row,)] = owner(
        "INSERT INTO records_history (model, row, organisation_id, operation, before, after, changed, role, request,"
        " at, written_at, fixed_clock, xact) "
        'SELECT model, row, organisation_id, \'update\', after || \'{"kind": "unit"}\', after || \'{"kind": "x"}\','
        " '[\"kind\"]', role, '', now(), clock_timestamp(), false, records_xact() "
        "FROM records_history WHERE model = 'parties.organisation' AND row = %s ORDER BY id DESC LIMIT 1 RETURNING id",
        str(plant.pk),
    )
    assert [one.params["row"] for one in findings("history-broken")] == [row]
    assert [one.params["key"] for one in findings("image-differs")] == [str(plant.pk)]


def test_a_chain_that_was_cut_together_with_its_rows_is_told_by_the_file(sealed_world, owner):
    note("tests.third")
    seal_pending()
    second = Seal.objects.get(number=2)
    owner("DELETE FROM records_event WHERE xact >= %s", second.from_xact)
    owner("DELETE FROM records_sealpart WHERE seal_id >= 2")
    owner("DELETE FROM records_seal WHERE number >= 2")
    assert codes() == {"chain-cut"}


def test_a_seal_missing_in_the_middle_is_told(standing, owner):
    owner("DELETE FROM records_sealpart WHERE seal_id = 1")
    owner("DELETE FROM records_seal WHERE number = 1")
    assert {"seal-missing", "seal-unlinked"} <= codes()


def test_a_recomputed_chain_is_told_even_when_the_file_was_rewritten_too(standing, owner):
    owner("UPDATE records_event SET data = '{\"number\": 9}' WHERE kind = 'tests.first'")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE records_seal DISABLE TRIGGER records_are_only_added")
        cursor.execute("ALTER TABLE records_sealpart DISABLE TRIGGER records_are_only_added")
    before = chain.log_path().read_bytes()
    recompute_chain("a key that somebody made up")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE records_seal ENABLE ALWAYS TRIGGER records_are_only_added")
        cursor.execute("ALTER TABLE records_sealpart ENABLE ALWAYS TRIGGER records_are_only_added")
    assert codes() == {"seal-forged"}
    assert [one.params["seal"] for one in findings("seal-forged")] == [1, 2]
    chain.log_path().write_bytes(before)
    assert codes() == {"seal-forged", "seal-differs"}


def test_altered_leaves_are_told(standing, owner):
    part = SealPart.objects.get(seal_id=1, table="event")
    owner("UPDATE records_sealpart SET leaves = %s WHERE seal_id = 1 AND \"table\" = 'event'", bytes(part.leaves)[:-40])
    assert "seal-altered" in codes()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda text: "", "log-missing"),
        (lambda text: text.splitlines(keepends=True)[0], "log-cut"),
        (lambda text: text.splitlines(keepends=True)[1], "log-damaged"),
        (lambda text: "x" + text, "log-damaged"),
        (lambda text: text.replace("[3,", "[4,", 1), "seal-differs"),
    ],
)
def test_a_file_that_was_touched_is_told(standing, change, code):
    path = chain.log_path()
    path.write_text(change(path.read_text()))
    assert code in codes()


def test_a_missing_file_is_told(standing):
    chain.log_path().unlink()
    assert codes() == {"log-missing"}


def test_a_missing_key_is_told(standing):
    (home.home() / "secrets" / "seal").unlink()
    assert codes() == {"key-missing"}


def test_a_row_changed_while_its_trigger_was_off_is_named(standing):
    plant = Organisation.objects.get(code="P2")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE parties_organisation DISABLE TRIGGER records_keep_history")
        cursor.execute("UPDATE parties_organisation SET name_zh = '别名' WHERE code = 'P2'")
        assert codes() == {"trigger-altered", "image-differs"}
        cursor.execute("ALTER TABLE parties_organisation ENABLE ALWAYS TRIGGER records_keep_history")
    [found] = verify().findings
    assert (found.code, found.params["key"], found.params["columns"]) == ("image-differs", str(plant.pk), "name_zh")


def test_rows_added_and_removed_while_the_trigger_was_off_are_named(standing):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE access_role DISABLE TRIGGER records_keep_history")
        cursor.execute(
            "INSERT INTO access_role (code, name_zh, name_en, permissions, site) VALUES ('x', 'x', 'x', '{}', 'both')"
        )
        cursor.execute("DELETE FROM access_role WHERE code = 'reviewer'")
        cursor.execute("ALTER TABLE access_role ENABLE ALWAYS TRIGGER records_keep_history")
    assert codes() == {"no-history", "gone"}


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("DROP TRIGGER records_keep_history ON parties_organisation", "trigger-missing"),
        ("DROP TRIGGER records_are_only_added ON records_event", "trigger-missing"),
        ("ALTER TABLE parties_organisation ENABLE TRIGGER records_keep_history", "trigger-altered"),
        (
            "CREATE OR REPLACE TRIGGER records_keep_history AFTER INSERT ON parties_organisation FOR EACH ROW "
            "EXECUTE FUNCTION records_keep('parties.organisation', 'id', 'id', '', '')",
            "trigger-altered",
        ),
        (
            "CREATE OR REPLACE TRIGGER records_keep_history AFTER INSERT OR UPDATE OR DELETE ON parties_organisation "
            "FOR EACH ROW EXECUTE FUNCTION records_keep('parties.organisation', 'id', 'id', 'name_zh', '')",
            "trigger-altered",
        ),
        (
            "CREATE OR REPLACE FUNCTION records_keep() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER "
            "SET search_path = pg_catalog, pg_temp AS $$ BEGIN RETURN NULL; END $$",
            "function-altered",
        ),
        ("ALTER FUNCTION records_note SECURITY INVOKER", "function-altered"),
        ("ALTER FUNCTION records_keep RESET search_path", "function-altered"),
        ("DROP FUNCTION records_purge(bigint, bigint[], bigint[])", "function-missing"),
        ("CREATE RULE swallow AS ON INSERT TO records_event DO INSTEAD NOTHING", "trigger-foreign"),
        ("GRANT INSERT ON records_event TO gangmu_web", "privilege"),
        ("GRANT UPDATE ON records_seal TO gangmu_system", "privilege"),
    ],
)
def test_tampering_with_what_writes_history_is_told(standing, statement, code):
    with connection.cursor() as cursor:
        cursor.execute(statement)
    assert code in codes()


def test_the_report_says_where_in_both_languages_and_as_json(standing, owner):
    row = Event.objects.filter(kind="tests.first").latest("id").pk
    owner("DELETE FROM records_event WHERE id = %s", row)
    report = verify()
    with translation.override("en"):
        assert report.lines()[0] == f"event {row} was removed after seal 1 sealed it."
        text = json.loads(json.dumps(report.as_dict()))
    assert text["ok"] is False
    assert text["findings"][0] | {"message": ""} == {
        "code": "row-removed",
        "severity": "error",
        "table": "event",
        "row": str(row),
        "seal": "1",
        "message": "",
    }


def test_a_hundred_findings_of_a_kind_are_listed_and_the_rest_counted(sealed_world, owner):
    for number in range(120):
        note("tests.many", data={"number": number})
    seal_pending()
    owner("DELETE FROM records_event WHERE kind = 'tests.many'")
    report = verify()
    assert len([one for one in report.findings if one.code == "row-removed"]) == 100
    assert report.unlisted == {"row-removed": 20}

"""`gangmu audit`: what an operator sees when everything holds, and when somebody has been at the past."""

import json

import pytest
from django.db import connection

from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.records import chain
from gangmu.foundation.records.models import Event, Seal
from gangmu.foundation.records.services import note
from gangmu.shell.cli import main
from gangmu.shell.cli.session import embedded
from gangmu.shell.testing.worlds import make_world


@pytest.fixture
def gangmu(committed, tmp_path, capsys):
    """Runs a command; its exit code and what it printed."""

    def run(*words: str) -> tuple[int, str]:
        capsys.readouterr()
        code = main(list(words))
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    with embedded():
        world = make_world(tmp_path)
        note("tests.happened", by=world.group)
        assert run("audit", "seal")[0] == 0
        note("tests.happened-later", by=world.group)
        assert run("audit", "seal")[0] == 0
        yield run


def as_owner(*statements: str) -> None:
    """Do what somebody who owns the database can do, guards switched off first."""
    with connection.cursor() as cursor:
        for table in ("records_event", "records_history", "records_seal", "records_sealpart"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        for statement in statements:
            cursor.execute(statement)
        for table in ("records_event", "records_history", "records_seal", "records_sealpart"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL")
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER records_are_only_added")


def found(run) -> set[str]:
    code, printed = run("audit", "verify", "--json")
    report = json.loads(printed)
    assert code == (0 if report["ok"] else 1)
    return {one["code"] for one in report["findings"]}


def test_an_untouched_record_holds(gangmu):
    code, printed = gangmu("audit", "verify")
    assert code == 0
    assert printed.startswith("2 seals over ")
    assert gangmu("audit", "seal") == (0, "nothing new to seal 无新增记录\n")


def test_a_changed_event_is_named_by_its_number(gangmu):
    row = Event.objects.get(kind="tests.happened").pk
    as_owner(f"UPDATE records_event SET kind = 'tests.never-happened' WHERE id = {row}")
    code, printed = gangmu("audit", "verify")
    assert code == 1
    assert f"event {row} was changed after seal 1 sealed it." in printed


def test_a_cut_chain_is_found_and_nothing_more_is_sealed_onto_it(gangmu):
    last = Seal.objects.latest("number")
    as_owner(
        f"DELETE FROM records_event WHERE xact >= {last.from_xact}",
        f"DELETE FROM records_history WHERE xact >= {last.from_xact}",
        f"DELETE FROM records_sealpart WHERE seal_id = {last.number}",
        f"DELETE FROM records_seal WHERE number = {last.number}",
    )
    assert found(gangmu) == {"chain-cut"}
    note("tests.afterwards")
    code, printed = gangmu("audit", "seal")
    assert code != 0
    assert "gangmu audit verify" in printed


def test_forged_history_is_found(gangmu):
    plant = Organisation.objects.get(code="P2")
    as_owner(
        "INSERT INTO records_history (model, row, organisation_id, operation, before, after, changed, role, request,"
        " at, written_at, fixed_clock, xact) SELECT model, row, organisation_id, 'update', after, after, '[]', role,"
        f" '', at, written_at, false, xact FROM records_history WHERE model = 'parties.organisation'"
        f" AND row = '{plant.pk}'"
    )
    assert "row-forged" in found(gangmu)


def test_a_row_changed_behind_the_back_of_history_is_found(gangmu):
    as_owner(
        "ALTER TABLE parties_organisation DISABLE TRIGGER records_keep_history",
        "UPDATE parties_organisation SET name_en = 'Changed' WHERE code = 'P2'",
        "ALTER TABLE parties_organisation ENABLE ALWAYS TRIGGER records_keep_history",
    )
    code, printed = gangmu("audit", "verify")
    assert code == 1
    assert f"parties.organisation:{Organisation.objects.get(code='P2').pk}" in printed
    assert "name_en" in printed


def test_a_rewritten_file_does_not_help_without_the_key(gangmu):
    path = chain.log_path()
    lines = path.read_text().splitlines(keepends=True)
    path.write_text(lines[0])
    as_owner("DELETE FROM records_event WHERE kind = 'tests.happened-later'")
    assert {"log-cut", "row-removed"} <= found(gangmu)

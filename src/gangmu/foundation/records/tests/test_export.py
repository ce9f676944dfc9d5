"""An export can be checked by whoever receives it, with the standard library alone; and what was changed is told."""

import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest

from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.records import chain, services
from gangmu.foundation.records.export import Readable, check_export, write_archive, write_csv, write_jsonl
from gangmu.foundation.records.models import Event, History
from gangmu.foundation.records.tests.conftest import appoint, auditing
from gangmu.foundation.ui import exports

NASTY = {
    "text": "=HYPERLINK(\"x\")\t\n\\N \\ 'quoted' ␀-- 纲目",
    "line": "\r\n\u2028",
    "x": "_x000D_",
    "zero": "\v\b\f",
}


@pytest.fixture
def auditor(sealed_world):
    """Somebody who reads everything, and records with characters that files stumble over."""
    appoint(sealed_world.group)
    for number in range(3):
        services.note("=tests.nasty", by=sealed_world.clerk, data={**NASTY, "number": number})
        services.note("'=tests.quoted", by=sealed_world.clerk, organisation=Organisation.objects.get(code="P2"))
    Organisation.objects.filter(code="P2").update(name_en="=1+1", name_zh="+乙")
    services.seal_pending()
    services.note("tests.unsealed", by=sealed_world.group)
    return sealed_world.group


def exported(auditor, folder, kind, table="event", filters=None):
    filters = filters or {}
    model = {"event": Event, "history": History}[table]
    path = folder / f"export.{kind if kind == 'jsonl' else 'zip'}"
    with auditing(auditor), path.open("wb") as target:
        records = model.objects.filter(**filters)
        if kind == "jsonl":
            count = write_jsonl(target, table, records, {"filters": "x"}, "group")
        else:
            sheet = {"csv": write_csv, "xlsx": exports.write_xlsx}[kind]
            count = write_archive(target, kind, table, records, {}, "group", sheet=sheet, readable=Readable())
    assert count == records_of(auditor, model, filters)
    return path


def records_of(auditor, model, filters):
    with auditing(auditor):
        return model.objects.filter(**filters).count()


@pytest.mark.parametrize("kind", ["jsonl", "csv", "xlsx"])
@pytest.mark.parametrize("table", ["event", "history"])
def test_every_record_of_an_export_is_found_in_its_seal(auditor, tmp_path, kind, table):
    done = check_export.check(str(exported(auditor, tmp_path, kind, table)), str(chain.log_path()))
    assert done.faults == []
    assert done.records > 5
    assert len(done.seals.heads) >= 2
    assert (done.unsealed, done.unread, done.compared) == (1 if table == "event" else 0, 0, True)


def test_a_filtered_export_holds_just_what_was_asked_for_and_can_be_checked(auditor, tmp_path):
    path = exported(auditor, tmp_path, "jsonl", filters={"kind": "=tests.nasty"})
    done = check_export.check(str(path), str(chain.log_path()))
    assert (done.faults, done.records, len(done.seals.heads)) == ([], 3, 1)
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    told = [json.loads(line["values"]["data"]) for line in lines if line["record"] == "event"]
    assert [one["number"] for one in told] == [0, 1, 2]
    assert told[0]["text"] == NASTY["text"]


@pytest.mark.parametrize("kind", ["jsonl", "csv", "xlsx"])
def test_the_program_runs_alone(auditor, tmp_path, kind):
    """Copied out of the archive, without this product on the path."""
    path = exported(auditor, tmp_path, kind)
    program = tmp_path / "check_export.py"
    program.write_bytes(Path(check_export.__file__).read_bytes())
    if kind != "jsonl":
        with zipfile.ZipFile(path) as archive:
            assert archive.read("check_export.py") == program.read_bytes()
    command = [sys.executable, "-I", str(program), str(path), "--seals", str(chain.log_path())]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Everything holds" in done.stdout


def edited(path, edit):
    """An export whose lines somebody went over, and who corrected the end."""
    import hashlib

    lines = path.read_bytes().splitlines(keepends=True)
    kept = edit(lines[:-1])
    end = json.loads(lines[-1])
    end["records"] = sum(b'{"record":"event"' in line for line in kept)
    end["sha256"] = hashlib.sha256(b"".join(kept)).hexdigest()
    path.write_bytes(b"".join(kept) + json.dumps(end).encode() + b"\n")
    return check_export.check(str(path), str(chain.log_path())).faults


def test_what_was_changed_afterwards_is_told(auditor, tmp_path):
    path = exported(auditor, tmp_path, "jsonl")
    whole = path.read_bytes()

    def try_(edit):
        path.write_bytes(whole)
        return edited(path, edit)

    assert try_(lambda lines: lines) == []
    assert "is not what seal" in try_(lambda lines: [line.replace(b"tests.first", b"tests.fifth") for line in lines])[0]
    forged = [b'"previous":"' + b"0" * 8]
    changed = try_(lambda lines: [line.replace(b'"from_xact":', b'"from_xact":1') for line in lines])
    assert any("head is not that of its header" in fault for fault in changed), forged
    path.write_bytes(whole[: len(whole) // 2])
    assert check_export.check(str(path)).faults
    path.write_bytes(whole.replace(b"tests.first", b"tests.fifth"))
    assert len(check_export.check(str(path)).faults) >= 3


def test_a_seal_of_another_chain_is_told_by_the_copy_of_seals_log(auditor, tmp_path):
    path = exported(auditor, tmp_path, "jsonl")
    log = tmp_path / "copy.log"
    lines = chain.log_path().read_text().splitlines()
    log.write_text("\n".join(lines[:1]) + "\n")
    faults = check_export.check(str(path), str(log)).faults
    assert faults and all("seals.log has another head" in fault for fault in faults)


def test_a_changed_spreadsheet_is_told(auditor, tmp_path):
    path = exported(auditor, tmp_path, "csv")
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(other, "w") as into:
        for name in archive.namelist():
            into.writestr(name, archive.read(name).replace(b"tests.second", b"tests.seventh"))
    faults = check_export.check(str(other)).faults
    assert sum("is not what seal" in fault for fault in faults) == 3
    assert any("the file was changed" in fault for fault in faults)


def test_no_cell_is_a_formula(auditor, tmp_path):
    path = exported(auditor, tmp_path, "csv")
    with zipfile.ZipFile(path) as archive:
        text = archive.read("records-event.csv").decode("utf-8-sig")
    assert "'=tests.nasty" in text
    assert ",=tests" not in text
    path = exported(auditor, tmp_path, "xlsx")
    with zipfile.ZipFile(path) as archive, archive.open("records-event.xlsx") as file, zipfile.ZipFile(file) as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")


def test_pages_of_records_join_without_a_gap(auditor, tmp_path, monkeypatch):
    from gangmu.foundation.records import export

    monkeypatch.setattr(export, "PAGE", 2)
    done = check_export.check(str(exported(auditor, tmp_path, "jsonl")), str(chain.log_path()))
    assert done.faults == []


def test_who_sees_less_exports_less(auditor, sealed_world, tmp_path):
    with auditing(sealed_world.clerk), tempfile.TemporaryFile() as target, pytest.raises(Exception, match="seals are"):
        write_jsonl(target, "event", Event.objects.all(), {}, "clerk")

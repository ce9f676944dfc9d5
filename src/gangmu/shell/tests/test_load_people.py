"""gangmu load people: as a page does it, for whoever sets an installation up."""

import stat

import pytest
from click.testing import CliRunner

from gangmu.foundation.accounts.models import User
from gangmu.shell.cli.load import load_command
from gangmu.shell.testing.post import deliver
from gangmu.shell.testing.worlds import make_world

HEAD = "username,name_zh,organisation,post,telephone,mail\n"


@pytest.fixture
def folder(committed, tmp_path):
    make_world(tmp_path)
    return tmp_path


def load(*arguments: object):
    return CliRunner().invoke(load_command, ["people", *map(str, arguments)])


def test_people_come_from_a_file_and_passwords_go_into_another(folder):
    file = folder / "people.csv"
    file.write_text(HEAD + "wang,王敏,P3,填报岗,13800001234,\nli,李雷,P1,,,\n", "utf-8")
    dry = load(file, "--dry-run")
    assert "wang  new" in dry.output
    assert not User.objects.filter(username="wang").exists()
    done = load(file)
    assert done.exit_code == 0, done.output
    assert "2 new, 0 changed" in done.output
    sheet = folder / "people.passwords.csv"
    assert stat.S_IMODE(sheet.stat().st_mode) == 0o600
    [_head, first, _second] = sheet.read_text("utf-8-sig").splitlines()
    assert User.objects.get(username="wang").check_password(first.split(",")[3])
    again = load(file)
    assert "0 new, 0 changed, 2 as they were" in again.output


def test_faults_stop_everything_and_a_sheet_is_not_written_over(folder):
    file = folder / "people.csv"
    file.write_text(HEAD + "wang,王敏,P3,,,\nli,李雷,NOWHERE,,,\n", "utf-8")
    refused = load(file)
    assert refused.exit_code == 1
    assert "line 3, organisation: “NOWHERE” is no organisation" in refused.output
    assert not User.objects.filter(username="wang").exists()
    (folder / "people.passwords.csv").write_text("of somebody else")
    assert "is there already" in load(file, "--keep-good").output
    assert not User.objects.filter(username="wang").exists()
    kept = load(file, "--keep-good", "--sheet", folder / "mine.csv")
    assert "1 new" in kept.output
    assert User.objects.filter(username="wang").exists()


def test_one_time_passwords_go_by_mail(folder):
    file = folder / "people.csv"
    file.write_text(HEAD + "wang,王敏,P3,,,wang@example.org\n", "utf-8")
    assert load(file, "--mail").exit_code == 0
    assert deliver() == 1
    assert not (folder / "people.passwords.csv").exists()

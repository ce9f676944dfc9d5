import os
import shutil
import string
import subprocess

import pytest

from gangmu.foundation.settings.postgres import DatabaseUnavailable, open_database, problems
from gangmu.foundation.settings.tests.postgres_helpers import query, wait_until_stopped


def refusal_of(home, **more) -> DatabaseUnavailable:
    with pytest.raises(DatabaseUnavailable) as refusal:
        open_database(home, linger=0.0, **more).close()
    return refusal.value


def test_a_data_folder_of_another_major_version(cluster):
    (cluster.data / "PG_VERSION").write_text("17\n")
    for create in (False, True):
        problem = refusal_of(cluster.home, create=create)
        assert problem.code == "other_version"
        for text in (problem.english, problem.chinese):
            assert "PostgreSQL 17" in text and "18" in text and "pg_dump" in text
    assert not (cluster.data / "postmaster.pid").exists()


def test_a_folder_of_something_else(tmp_path):
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "notes.txt").write_text("mine")
    assert refusal_of(tmp_path, create=True).code == "not_a_cluster"
    assert (tmp_path / "postgres" / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("no_such_setting = on", 'unrecognized configuration parameter "no_such_setting" in file "{file}" line 2'),
        ("work_mem = 16MB x", 'syntax error in file "{file}" line 2'),
        ("max_connections = many", 'invalid value for parameter "max_connections": "many"'),
    ],
)
def test_wrong_settings_of_the_operator_are_named_with_their_line(cluster, line, said):
    cluster.local_configuration.write_text(f"# mine\n{line}\n")
    problem = refusal_of(cluster.home)
    assert problem.code == "configuration"
    assert said.format(file=cluster.local_configuration) in problem.english
    assert str(cluster.local_configuration) in problem.english and str(cluster.local_configuration) in problem.chinese
    cluster.local_configuration.write_text("work_mem = 17MB\n")
    with open_database(cluster.home, linger=0.0) as database:
        assert query(database, "SHOW work_mem") == "17MB"


def test_a_corrupted_configuration_of_ours_heals(cluster):
    for name in ("postgresql.conf", "pg_hba.conf", "pg_ident.conf"):
        (cluster.data / name).write_bytes(b"\x00\xff garbage = = '\n")
    with open_database(cluster.home, linger=0.0) as database:
        assert query(database, "SHOW fsync", "web") == "on"


def test_damaged_files_are_not_started_over(cluster):
    (cluster.data / "global" / "pg_control").unlink()
    problem = refusal_of(cluster.home)
    assert problem.code == "damaged"
    assert "pg_control" in problem.english


def test_a_missing_password_file(cluster):
    cluster.secret_path("web").unlink()
    with open_database(cluster.home, linger=0.0) as database, pytest.raises(DatabaseUnavailable) as refusal:
        database.dsn("web")
    assert refusal.value.code == "secret_missing"


def test_a_thing_in_the_place_of_the_socket(cluster):
    (cluster.run / ".s.PGSQL.5432").mkdir(parents=True)
    problem = refusal_of(cluster.home)
    assert problem.code == "socket"
    assert str(cluster.run) in problem.english


def test_the_problem_is_told_again_to_who_comes_later_and_gone_when_mended(cluster):
    cluster.local_configuration.write_text("no_such_setting = on\n")
    assert refusal_of(cluster.home).code == "configuration"
    assert cluster.status().state == "failed"
    assert refusal_of(cluster.home).code == "configuration"
    cluster.local_configuration.unlink()
    open_database(cluster.home, linger=0.0).close()
    wait_until_stopped(cluster)


def test_a_full_disk(tmp_path, _template_home):
    place = tmp_path / "small"
    place.mkdir()
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=150m", "tmpfs", str(place)], capture_output=True)
    if mount.returncode != 0:
        pytest.skip(f"cannot mount a small disk here: {mount.stderr.decode().strip()}")
    try:
        home = place / "home"
        shutil.copytree(_template_home, home)
        with (place / "filler").open("wb") as filler, pytest.raises(OSError):
            while True:
                filler.write(b"x" * 65536)
                filler.flush()
        problem = refusal_of(home)
        assert problem.code == "disk_full"
        assert str(place) in problem.english
        (place / "filler").unlink()
        with open_database(home, linger=0.0) as database:
            assert query(database, "SELECT 1", "web") == 1
            cluster = database.cluster
        wait_until_stopped(cluster)
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ('FATAL:  could not write lock file "postmaster.pid": No space left on device', "disk_full"),
        ("FATAL:  could not map anonymous shared memory: Cannot allocate memory", "memory"),
        ('FATAL:  database locale is incompatible with operating system\nDETAIL:  setlocale("x")', "locale"),
        ("PANIC:  could not locate a valid checkpoint record at 0/1", "damaged"),
        ('FATAL:  data directory "/x" has wrong ownership', "unwritable"),
        ("FATAL:  something quite new", "start_failed"),
        ("", "start_failed"),
    ],
)
def test_the_servers_words_become_a_problem(said, code):
    details = {"folder": "/f", "log": "/l", "local": "/c", "socket": "/s"}
    text = f"2026-11-20 08:00:00 UTC [1] LOG:  starting\n2026-11-20 08:00:00 UTC [1] {said}\n" if said else ""
    problem = problems.from_server_log(text, "start_failed", **details)
    assert problem.code == code
    if said:
        assert said.split(":  ", 1)[1].splitlines()[0] in problem.english


def test_statements_never_reach_a_message():
    said = "ERROR:  syntax error\nSTATEMENT:  CREATE ROLE x PASSWORD 'hush'\n"
    details = {"folder": "/f", "log": "/l", "local": "/c", "socket": "/s"}
    assert "hush" not in str(problems.from_server_log(said, "initialisation_failed", **details))


def test_every_text_stands_in_both_languages_with_the_same_details():
    def fields(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for code, (english, chinese) in problems.TEXTS.items():
        assert fields(english) == fields(chinese), code
        assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese), code
        problem = DatabaseUnavailable(code, **dict.fromkeys(fields(english), "x"))
        assert DatabaseUnavailable.from_json(problem.to_json()).args == problem.args


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    problem = refusal_of(tmp_path / "file" / "home", create=True)
    assert problem.code == "unwritable"
    assert os.fspath(tmp_path / "file") in problem.english

"""What the command line says of itself: both languages, UTF-8, JSON alone on standard output."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from gangmu.shell.cli import gangmu, main

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def commands(command: click.Command, *words: str) -> Iterator[tuple[str, ...]]:
    yield words
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from commands(below, *words, name)


@pytest.mark.parametrize("words", list(commands(gangmu)), ids=" ".join)
def test_help_speaks_both_languages(words, monkeypatch, capsys):
    def said(language: str) -> str:
        monkeypatch.setenv("GANGMU_LANGUAGE", language)
        assert main([*words, "--help"]) == 0
        return capsys.readouterr().out

    english, chinese = said("en"), said("zh-hans")
    assert not CHINESE.search(english)
    assert english.startswith("Usage:") and chinese.startswith("用法：")
    explained = re.findall(r"^  +(?:-\S.*?|[a-z]+)  +(\S.*)$", chinese, re.M)
    assert explained and all(CHINESE.search(line) for line in explained), chinese
    assert "-h, --help" in english and "-h, --help" in chinese


@pytest.mark.parametrize(
    ("words", "english", "chinese"),
    [
        (["nosuch"], "No such command 'nosuch'.", "没有命令 'nosuch'。"),
        (["query"], "Missing option '--indicator'", "缺少选项 '--indicator'"),
        (["query", "--by", "colour"], "is not one of 'children'", "不是 'children'"),
        (["query", "--foo"], "No such option '--foo'.", "没有选项 '--foo'。"),
        (["load", "facts"], "Missing argument 'FILE'", "缺少参数 'FILE'"),
        (["load", "facts", "a", "b"], "unexpected extra argument (b)", "多出的参数（b）"),
        (["load", "facts", "a", "--correct", " "], "say why the values change", "请说明为何更改"),
        (["calendar", "add", "2026-11-20", "x"], "'x' is not a valid integer", "'x' 不是有效的数值"),
    ],
)
def test_wrong_words_are_told_in_the_language_asked_for(words, english, chinese, monkeypatch, capsys):
    for language, expected in (("en", english), ("zh-hans", chinese)):
        monkeypatch.setenv("GANGMU_LANGUAGE", language)
        assert main(words) == 2
        said = capsys.readouterr()
        assert expected in said.err
        assert said.out == ""


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    settings = {key: value for key, value in os.environ.items() if not key.startswith(("LANG", "LC_", "PYTHON"))}
    command = [sys.executable, "-m", "gangmu.shell.cli", *words]
    return subprocess.run(command, capture_output=True, env=settings | environment, check=False)


def test_commands_without_a_database_speak_both_languages_too():
    period = run("period", "2026-13", GANGMU_LANGUAGE="zh-hans")
    assert (period.returncode, period.stdout) == (2, b"")
    assert "没有 13 月" in period.stderr.decode()
    assert "there is no month 13" in run("period", "2026-13", GANGMU_LANGUAGE="en").stderr.decode()


@pytest.mark.parametrize(
    "encoding", [{"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}, {"PYTHONIOENCODING": "gbk"}]
)
def test_what_is_said_is_utf_8_whatever_the_terminal_claims(encoding):
    assert "没有 13 月" in run("period", "2026-13", GANGMU_LANGUAGE="zh-hans", **encoding).stderr.decode("utf-8")


def test_a_full_disk_and_a_reader_who_leaves_are_no_accidents(tmp_path):
    command = [sys.executable, "-m", "gangmu.shell.cli", "period", "2026", "--json"]
    with open("/dev/full", "wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False, env=os.environ)
    assert done.returncode == 2
    assert done.stderr.startswith(b"gangmu: ") and b"Traceback" not in done.stderr
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, check=False, env=os.environ)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")


def test_a_home_that_is_no_folder_is_said_in_a_line(tmp_path):
    (tmp_path / "file").write_text("")
    environment = {"GANGMU_HOME": str(tmp_path / "file"), "GANGMU_LANGUAGE": "en"}
    for words in (["init"], ["check"], ["query", "--indicator", "a", "--organisation", "b", "--period", "2026"]):
        done = run(*words, **environment)
        assert done.returncode != 0
        assert b"Traceback" not in done.stderr and str(tmp_path / "file").encode() in done.stderr


def test_the_operators_own_mistakes_are_shown_without_ours(committed, capsys):
    from gangmu.shell.cli.session import embedded

    with embedded():
        assert main(["shell", "-c", "1 / 0"]) == 1
        said = capsys.readouterr().err
        assert "ZeroDivisionError" in said and "click" not in said
        assert main(["shell", "-c", "print(6 * 7)"]) == 0
        assert capsys.readouterr().out == "42\n"


def test_an_account_for_nowhere_is_refused(committed, capsys, monkeypatch):
    from gangmu.shell.cli.session import embedded

    monkeypatch.setenv("GANGMU_NEW_PASSWORD", "a long enough pass phrase 42")
    with embedded():
        assert main(["account", "create", "somebody", "--organisation", "nowhere"]) == 1
    assert "“nowhere”" in capsys.readouterr().err


def test_a_database_of_another_version_is_said_in_a_line(committed, capsys):
    from django.db import connection

    from gangmu.shell.cli.session import embedded

    with connection.cursor() as cursor:
        cursor.execute("ALTER FUNCTION cube_look() RENAME TO something_else")
    with embedded():
        assert main(["query", "--indicator", "a", "--organisation", "b", "--period", "2026"]) == 2
    assert "gangmu migrate" in capsys.readouterr().err


def test_two_do_not_install_at_the_same_time(committed):
    import psycopg
    from django.db import OperationalError, connection

    from gangmu.shell.installing import INSTALLERS_LOCK, install

    with psycopg.connect(os.environ["GANGMU_DATABASE_URL"], autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [INSTALLERS_LOCK])
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '50ms'")
        with pytest.raises(OperationalError, match="lock timeout"):
            install(migrate=False)
    install(migrate=False)

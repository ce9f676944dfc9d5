"""What operators do with directories."""

import pytest

from gangmu.foundation.accounts.directories.models import Directory, Identity
from gangmu.foundation.accounts.directories.tests.slapd import BASE, READER, READER_PASSWORD, slapd
from gangmu.foundation.accounts.models import User
from gangmu.foundation.records.models import Event
from gangmu.foundation.settings import clock
from gangmu.shell.cli import main
from gangmu.shell.cli.session import embedded

__all__ = ["slapd"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def run(monkeypatch, capsys):
    monkeypatch.setenv("GANGMU_LANGUAGE", "en")
    monkeypatch.setenv("GANGMU_DIRECTORY_SECRET", READER_PASSWORD)

    def command(*arguments: str, expect: int = 0) -> str:
        with embedded():
            code = main(["account", "directory", *arguments])
        said = capsys.readouterr()
        assert code == expect, said.out + said.err
        return said.out + said.err

    return command


@pytest.fixture
def set_up(run, slapd):
    options = [f"--set={name}={value}" for name, value in slapd.options().items()]
    names = ["--name-zh=集团目录", "--name-en=Group directory"]
    with clock.frozen("2026-11-20T08:00+08:00"):
        run("set", "group", "--kind=ldap", *names, *options, "--secret")
        yield


def test_a_directory_is_set_tried_bound_followed_and_ended(run, set_up, slapd):
    user = User.objects.create(username="w.min", name="王敏")
    shown = run("show")
    assert f"bind_dn = {READER}" in shown and f"base = {BASE}" in shown
    assert READER_PASSWORD not in shown
    assert "login='wangmin'" in run("try", "group", "--login", "wangmin")
    assert "Nobody has that name" in run("try", "group", "--login", "*")
    assert "Nobody has that name" in run("bind", "group", "w.min", "--login", "nobody", expect=1)
    assert "w.min: group " in run("bind", "group", "w.min", "--login", "wangmin")
    assert run("bind", "group", "w.min", "--subject", "x", expect=1)
    assert Identity.objects.count() == 1
    assert "group: 1 · –" in run("follow")
    slapd.modify("wangmin", description="left")
    assert "group: 1 · w.min (disabled)" in run("follow")
    slapd.modify("wangmin", description="back")
    run("unbind", "group", "w.min")
    assert not Identity.objects.filter(user=user).exists()
    run("end", "group")
    assert run("show") == ""
    kinds = ["directory-set", "identity-bound", "directory-disabled", "identity-unbound", "directory-ended"]
    held = set(Event.objects.values_list("kind", flat=True))
    assert {f"accounts.{kind}" for kind in kinds} <= held
    assert not Event.objects.filter(data__icontains=READER_PASSWORD).exists()


def test_what_is_set_holds_from_its_day_on(run, set_up):
    run("set", "group", "--from=2026-12-01", "--site=office", "--set=filter=(mail={name})")
    assert Directory.at("business")
    with clock.frozen("2026-12-01T08:00+08:00"):
        (row,) = Directory.on()
        assert (row.site, row.options["filter"], row.options["base"]) == ("office", "(mail={name})", BASE)
        assert not Directory.at("business")
    assert "not in the past" in run("set", "group", "--from=2026-11-19", expect=1)


def test_what_is_known_by_other_ids_is_another_directory(run, set_up):
    User.objects.create(username="w.min", name="王敏")
    run("bind", "group", "w.min", "--login", "wangmin")
    assert "a code of its own" in run("set", "group", "--set=id=uid", expect=1)


def test_what_cannot_be_meant_is_refused(run, set_up):
    assert "without TLS" in run("set", "group", "--set=plain=yes", "--set=address=ldap://10.0.0.1", expect=1)
    assert "no option" in run("set", "group", "--set=colour=red", expect=1)
    assert "no directory “nowhere”" in run("try", "nowhere", expect=1)
    run("set", "group", "--set=address=ldaps://localhost:1")
    assert "localhost:1" in run("try", "group", expect=1)

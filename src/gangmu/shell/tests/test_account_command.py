"""gangmu account: what an operator does with accounts, and the record that it leaves."""

import pytest

from gangmu.foundation.access.models import Assignment
from gangmu.foundation.accounts import services, throttle
from gangmu.foundation.accounts.factors import recovery
from gangmu.foundation.accounts.models import Certificate, Policy, SignIn, User
from gangmu.foundation.records.models import Event
from gangmu.foundation.settings import clock
from gangmu.shell.cli import main
from gangmu.shell.cli.session import embedded
from gangmu.shell.signin.tests.certificates import Authority, pem, trust
from gangmu.shell.testing.worlds import make_world

pytestmark = pytest.mark.django_db
GOOD = "Tide!over9Kites"


@pytest.fixture
def run(tmp_path, monkeypatch, settings):
    make_world(tmp_path)
    settings.GANGMU_HOME = tmp_path
    monkeypatch.setenv("GANGMU_NEW_PASSWORD", GOOD)

    def one(*arguments: str) -> int:
        with embedded():
            return main(["account", *arguments])

    return one


def recorded(kind: str) -> Event:
    return Event.objects.filter(kind=kind).latest("pk")


@pytest.mark.req("M-5.8.1.1")
def test_an_account_is_made_with_a_role_and_a_password_that_is_not_its_owners(run):
    assert run("create", "wangmin", "--name", "王敏", "--organisation", "P1", "--role", "clerk") == 0
    user = User.objects.get(username="wangmin")
    assert services.password_is_due(user) == "given"
    assert Assignment.objects.get(user=user).role.code == "clerk"
    assert recorded("accounts.created").subject == f"accounts.user:{user.pk}"


@pytest.mark.parametrize(
    ("password", "said"),
    [("short", "At least 10"), ("Wangmin!2026x", "Not your user name"), ("Password!2026", "well-known")],
)
def test_a_weak_password_makes_no_account(run, monkeypatch, capsys, password, said):
    monkeypatch.setenv("GANGMU_NEW_PASSWORD", password)
    assert run("create", "wangmin", "--name", "王敏") == 1
    assert said in capsys.readouterr().err
    assert not User.objects.filter(username="wangmin").exists()


def test_an_account_is_switched_off_and_on_unlocked_and_given_a_password(run):
    user = User.objects.get(username="clerk")
    now = clock.now()
    SignIn.objects.create(user=user, session_key="a", method="x", opened_at=now, seen_at=now)
    for _ in range(3):
        throttle.attempt(throttle.account_key("clerk"), "192.0.2.1")
    assert run("disable", "clerk") == 0
    user.refresh_from_db()
    assert (user.is_active, SignIn.objects.get().end_reason) == (False, "closed")
    assert run("enable", "clerk") == 0
    user.refresh_from_db()
    assert user.is_active
    assert run("unlock", "clerk") == 0
    assert run("password", "clerk") == 0
    assert services.password_is_due(user) == "given"
    for kind in ("disabled", "enabled", "unlocked", "password-given"):
        assert recorded(f"accounts.{kind}").subject == f"accounts.user:{user.pk}"
    assert run("disable", "nobody-of-that-name") == 1


def test_how_somebody_is_reached_and_until_when(run):
    assert run("change", "clerk", "--email", "c@example.org", "--phone", "13800001234", "--until", "2027-01-01") == 0
    user = User.objects.get(username="clerk")
    assert (user.email, user.phone, str(user.valid_to)) == ("c@example.org", "13800001234", "2027-01-01")
    with clock.frozen("2026-12-31T23:59"):
        assert user.may_sign_in()
    with clock.frozen("2027-01-01T00:00"):
        assert not user.may_sign_in()
    assert run("change", "clerk", "--email", "nonsense") == 1


def test_lost_factors_are_removed(run):
    user = User.objects.get(username="clerk")
    recovery.renew(user)
    assert run("forget-factors", "clerk") == 0
    assert recovery.left(user) == 0


def test_a_certificate_is_bound_once_and_only_ours(run, tmp_path, capsys):
    authority, file = Authority("Our CA"), tmp_path / "clerk.pem"
    trust(tmp_path, authority)
    file.write_bytes(pem(authority.issue("clerk")))
    assert run("bind", "clerk", str(file)) == 0
    assert Certificate.objects.get().user.username == "clerk"
    assert run("bind", "other", str(file)) == 1
    assert "bound" in capsys.readouterr().err
    file.write_bytes(pem(Authority("Somebody").issue("clerk")))
    assert run("bind", "clerk", str(file)) == 1
    assert "other-issuer" in capsys.readouterr().err
    file.write_text("nothing")
    assert run("bind", "clerk", str(file)) == 1


def test_rules_are_shown_changed_from_a_day_on_and_not_undercut(run, capsys):
    assert run("policy", "--from", "2100-01-01", "--set", "min_length=14", "--set", "second_factor=everyone") == 0
    assert "min_length = 14" in capsys.readouterr().out
    changed = Policy.objects.get(valid_from="2100-01-01")
    assert (changed.min_length, changed.kinds, changed.second_factor) == (14, 3, "everyone")
    assert Policy.of().min_length == 10
    for refused in (
        "min_length=7",
        "max_failures=6",
        "lock_minutes=5",
        "second_factor=nobody",
        "nonsense=1",
        "kinds=x",
    ):
        assert run("policy", "--from", "2100-01-01", "--set", refused) == 1
    assert run("policy", "--from", "2020-01-01", "--set", "min_length=14") == 1
    assert run("policy", "--from", "soon", "--set", "min_length=14") == 1
    assert recorded("accounts.policy-set").data["valid_from"] == "2100-01-01"

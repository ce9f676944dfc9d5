"""What administrators do to accounts, to whose, and what nobody does."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from gangmu.foundation.accounts import managing, services, throttle
from gangmu.foundation.accounts.factors import recovery, totp
from gangmu.foundation.accounts.models import Certificate, Credential, Passkey, SignIn, Totp, User
from gangmu.foundation.records.models import Event
from gangmu.foundation.settings import clock
from gangmu.shell.people.tests.conftest import browser_of
from gangmu.shell.signin.tests.certificates import Authority, pem, trust
from gangmu.shell.testing.post import deliver
from gangmu.shell.testing.worlds import make_user


def send(client: Client, address: str, status: Any = 302, **fields: Any) -> str:
    response = client.post(address, {"_key": uuid4().hex, **fields})
    assert response.status_code == status, response.content.decode()[-3000:]
    return response.content.decode()


def page(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, response.content.decode()[-3000:]
    return b"".join(response).decode()


def act(client: Client, user: User, verb: str, status: int = 302, **fields: Any) -> str:
    return send(client, f"/people/{user.pk}/do/{verb}/", status, **fields)


def latest(kind: str) -> Event:
    found = Event.objects.filter(kind=kind).order_by("-pk").first()
    assert found is not None, kind
    return found


NEW = {"username": "wangmin", "name": "王敏", "organisation": "P3", "email": "wm@example.org", "phone": "13800001234"}


@pytest.mark.req("M-5.8.1.2")
def test_a_new_account_has_a_one_time_password_that_is_shown_once(at_the_office):
    client = browser_of(at_the_office.system)
    send(client, "/people/new/", handing="show", **NEW)
    made = User.objects.get(username="wangmin")
    shown = page(client, f"/people/{made.pk}/")
    password = shown.split('<code class="secret">')[1].split("<")[0]
    assert made.check_password(password)
    assert Credential.objects.get(user=made).must_change
    assert password not in page(client, f"/people/{made.pk}/")
    event = latest("accounts.created")
    assert (event.by, event.subject) == (at_the_office.system, f"accounts.user:{made.pk}")
    assert password not in str(event.data)


def test_a_one_time_password_can_be_sent_and_is_not_in_the_queue_in_clear(at_the_office):
    client = browser_of(at_the_office.system)
    send(client, "/people/new/", handing="mail", **NEW)
    made = User.objects.get(username="wangmin")
    assert "secret" not in page(client, f"/people/{made.pk}/")
    assert deliver() == 1
    [letter] = mail.outbox
    password = letter.body.split("one-time password ")[1].split(".")[0]
    assert letter.to == ["wm@example.org"]
    assert made.check_password(password)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"username": "9x"}, "Latin letters"),
        ({"username": "clerk"}, "is taken"),
        ({"organisation": "NOWHERE"}, "no organisation with this code"),
        ({"name": ""}, "required"),
        ({"email": "no address"}, "valid email"),
        ({"email": "", "handing": "mail"}, "no e-mail address"),
        ({"last_day": "2026-11-19"}, "is over"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_made(at_the_office, changed, said):
    before = User.objects.count()
    text = send(browser_of(at_the_office.system), "/people/new/", 422, **{"handing": "show", **NEW, **changed})
    assert said in text
    assert User.objects.count() == before


def test_a_change_leaves_what_was_before(at_the_office):
    client, clerk = browser_of(at_the_office.system), at_the_office.world.clerk
    values = {"name": "李雷", "organisation": "P3", "email": "l@example.org", "phone": "", "last_day": "2026-12-31"}
    send(client, f"/people/{clerk.pk}/edit/", **values)
    clerk.refresh_from_db()
    assert (clerk.name, clerk.organisation.code, str(clerk.valid_to)) == ("李雷", "P3", "2027-01-01")
    assert latest("accounts.changed").data["changed"]["organisation"] == ["P1", "P3"]


def test_a_locked_account_is_found_and_unlocked(at_the_office):
    client, clerk = browser_of(at_the_office.system), at_the_office.world.clerk
    for _ in range(5):
        throttle._aside.ask("UPDATE accounts_throttle SET blocked_until = NULL", [])
        throttle.attempt(throttle.account_key("clerk"), "192.0.2.1")
    assert throttle.standing(throttle.account_key("clerk"), "192.0.2.2").wait > 60
    listed = page(client, "/people/?attention=locked")
    assert "clerk" in listed
    assert "former" not in listed
    assert "Too many failures: locked until" in page(client, f"/people/{clerk.pk}/")
    act(client, clerk, "unlock", reason="called from the plant")
    assert managing.locked(User.objects.all()) == {}
    assert latest("accounts.unlocked").data["reason"] == "called from the plant"


def test_a_disabled_account_loses_its_sessions_and_comes_back(at_the_office):
    client, clerk = browser_of(at_the_office.system), at_the_office.world.clerk
    theirs = browser_of(clerk)
    act(client, clerk, "disable")
    clerk.refresh_from_db()
    assert not clerk.is_active
    assert not SignIn.objects.filter(user=clerk, ended_at=None).exists()
    assert theirs.get("/").status_code == 302
    act(client, clerk, "enable")
    clerk.refresh_from_db()
    assert clerk.is_active
    assert [latest(f"accounts.{one}").subject for one in ("disabled", "enabled")] == [f"accounts.user:{clerk.pk}"] * 2


def test_a_reset_ends_sessions_and_gives_a_password_that_must_change(at_the_office):
    client, clerk = browser_of(at_the_office.system), at_the_office.world.clerk
    browser_of(clerk)
    act(client, clerk, "reset", handing="show")
    shown = page(client, f"/people/{clerk.pk}/")
    assert clerk.check_password(shown.split('<code class="secret">')[1].split("<")[0])
    assert services.password_is_due(clerk) == "given"
    assert not SignIn.objects.filter(user=clerk, ended_at=None).exists()


def test_lost_factors_are_forgotten(at_the_office):
    client, clerk = browser_of(at_the_office.system), at_the_office.world.clerk
    totp.begin(clerk)
    Totp.objects.update(confirmed_at=clock.now())
    recovery.renew(clerk)
    Passkey.objects.create(user=clerk, credential=b"1", public_key=b"1", name="stick", created_at=clock.now())
    shown = page(client, f"/people/{clerk.pk}/")
    assert "in force" in shown
    assert Totp.objects.get().secret not in shown
    act(client, clerk, "forget-factors")
    assert not Totp.objects.exists()
    assert not Passkey.objects.exists()
    assert latest("accounts.factor-removed").data["recovery"] == 10


def test_one_session_is_ended(at_the_office):
    client, clerk = browser_of(at_the_office.system), at_the_office.world.clerk
    theirs, other = browser_of(clerk), browser_of(clerk)
    [first, second] = SignIn.objects.filter(user=clerk).order_by("pk")
    send(client, f"/people/{clerk.pk}/session/{first.pk}/end/")
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.end_reason, second.ended_at) == ("closed", None)
    assert other.session.get("_auth_user_id")
    assert not theirs.session.get("_auth_user_id")


def test_a_certificate_is_bound_from_a_file_and_taken_away(at_the_office, settings, tmp_path):
    settings.GANGMU_HOME = tmp_path
    authority = Authority("House CA")
    trust(tmp_path, authority)
    client, clerk = browser_of(at_the_office.system), at_the_office.world.clerk
    address = f"/people/{clerk.pk}/certificate/"
    assert "holds no certificate" in send(client, address, 422, file=_file(b"nothing"))
    stranger = Authority("Other CA").issue("clerk")
    assert "not issued by a CA" in send(client, address, 422, file=_file(pem(stranger)))
    assert latest("accounts.certificate-refused").refused
    good = authority.issue("clerk")
    send(client, address, file=_file(good.public_bytes(Encoding.DER)))
    bound = Certificate.objects.get()
    shown = page(client, f"/people/{clerk.pk}/")
    assert bound.fingerprint in shown
    assert "stands for an account already" in send(client, address, 422, file=_file(pem(good)))
    send(client, f"/people/{clerk.pk}/certificate/{bound.pk}/remove/")
    assert not Certificate.objects.exists()


@pytest.mark.req("M-5.8.1.2", "M-7.2.10.2")
def test_a_branch_is_looked_after_by_its_own_administrator_alone(at_the_office):
    world, keeper = at_the_office.world, browser_of(at_the_office.branch)
    listed = page(keeper, "/people/")
    assert "clerk" in listed
    assert "present" in listed
    assert "other" not in listed.replace("another", "")
    page(keeper, f"/people/{world.other.pk}/", 404)
    act(keeper, world.other, "disable", 404)
    act(keeper, world.clerk, "disable")
    assert "whose accounts you may change" in send(
        keeper, "/people/new/", 422, **{**NEW, "organisation": "P2"}, handing="show"
    )
    send(keeper, "/people/new/", handing="show", **NEW)


@pytest.mark.req("M-7.2.10.2")
def test_who_holds_roles_beyond_the_branch_is_not_its_administrators_to_take_over(at_the_office):
    boss = make_user("boss", "G", "manager")
    User.objects.filter(pk=boss.pk).update(organisation=at_the_office.world.clerk.organisation)
    keeper = browser_of(at_the_office.branch)
    assert "outside the branch" in page(keeper, f"/people/{boss.pk}/")
    for verb in ("reset", "forget-factors", "disable"):
        act(keeper, boss, verb, 403, handing="show")
    assert boss.check_password("a long enough pass phrase 42")


@pytest.mark.req("M-7.2.10.2")
def test_the_system_administrator_does_not_come_by_another_power(at_the_office):
    client, security = browser_of(at_the_office.system), at_the_office.security
    assert "holds a part of security or audit" in page(client, f"/people/{security.pk}/")
    act(client, security, "reset", 403, handing="show")
    act(client, security, "forget-factors", 403)
    page(client, f"/people/{security.pk}/certificate/", 403)
    values = {"name": "安全", "organisation": "G", "email": "mine@example.org", "phone": "1"}
    send(client, f"/people/{security.pk}/edit/", **values)
    security.refresh_from_db()
    assert (security.name, security.email) == ("安全", "")
    totp.begin(security)
    Totp.objects.update(confirmed_at=clock.now())
    act(client, security, "reset", handing="show")  # the authenticator is still asked for


@pytest.mark.req("M-7.2.10.2")
def test_nobody_disables_oneself_or_the_last_administrator(at_the_office):
    system, security = at_the_office.system, at_the_office.security
    client = browser_of(system)
    act(client, system, "disable", 403)
    assert "last account that administers security" in act(client, security, "disable", 422)
    assert latest("accounts.change-refused").refused
    values = {"name": "安全", "organisation": "G", "last_day": "2026-12-31"}
    assert "last account" in send(client, f"/people/{security.pk}/edit/", 422, **values)
    second = make_user("secadmin2", "G", "security_administrator")
    act(client, security, "disable")
    assert "last account" in act(client, second, "disable", 422)
    other = browser_of(make_user("sysadmin2", "G", "system_administrator"))
    act(other, system, "disable")


@pytest.mark.req("M-7.2.10.2")
@pytest.mark.parametrize("who", ["security", "audit"])
def test_other_administrators_look_and_change_nothing(at_the_office, who):
    client, clerk = browser_of(getattr(at_the_office, who)), at_the_office.world.clerk
    assert "clerk" in page(client, "/people/")
    assert "Reset the password" not in page(client, f"/people/{clerk.pk}/")
    for verb in ("reset", "disable", "unlock", "forget-factors", "end-sessions"):
        act(client, clerk, verb, 403, handing="show")
    for address in ("/people/new/", "/people/import/", f"/people/{clerk.pk}/edit/"):
        page(client, address, 403)


def test_sensitive_pages_ask_for_a_fresh_proof_and_lead_back(at_the_office):
    client, clerk = browser_of(at_the_office.system), at_the_office.world.clerk
    session = client.session
    session["proved_at"] = (clock.now() - timedelta(minutes=11)).isoformat()
    session.save()
    for address in ("/people/new/", f"/people/{clerk.pk}/edit/", f"/people/{clerk.pk}/do/reset/"):
        for answer in (client.get(address), client.post(address, {"_key": uuid4().hex})):
            assert answer["Location"] == f"/account/prove/?next={address.replace('/', '%2F')}"
    assert client.get(f"/people/{clerk.pk}/").status_code == 200


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_list_that_goes_out_is_harmless_and_recorded(at_the_office, kind):
    clerk = at_the_office.world.clerk
    User.objects.filter(pk=clerk.pk).update(name='=HYPERLINK("http://evil")')
    content = browser_of(at_the_office.system).get(f"/people/?export={kind}")
    data = b"".join(content)
    if kind == "csv":
        assert "'=HYPERLINK" in data.decode("utf-8-sig")
    assert latest("ui.exported").data["list"] == "people.accounts"


def test_reports_name_whom_they_are_about(at_the_office):
    client = browser_of(at_the_office.system)
    now = clock.now()
    User.objects.update(created_at=now, last_login=now)
    User.objects.filter(username="former").update(last_login=now - timedelta(days=100))
    User.objects.filter(username="present").update(last_login=None)
    make_user("roleless", None)
    for number in range(4):
        SignIn.objects.create(
            user=at_the_office.world.other,
            session_key=str(number),
            site="business",
            method="password",
            address=f"192.0.2.{number}",
            agent=f"Browser {number}",
            opened_at=now,
            seen_at=now,
            ended_at=now,
            end_reason="elsewhere",
            ended_from="192.0.2.9",
        )

    def named(report: str) -> set[str]:
        text = page(client, f"/people/reports/{report}/?export=csv")
        return {line.split(",")[1] for line in text.splitlines()[1:]}

    assert named("dormant") == {"former"}
    assert named("never-used") == {"present", "roleless"}
    assert named("without-role") == {"roleless"}
    assert named("shared") == {"other"}
    assert named("administrators") == {"sysadmin", "keeper2", "secadmin", "auditor", "nobody"}
    assert ",4,4,4," in page(client, "/people/reports/shared/?export=csv")
    overview = page(client, "/people/reports/")
    assert "Dormant accounts" in overview


def _file(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("given.cer", content)


def test_an_account_of_no_organisation_is_given_its_place_by_who_sees_the_whole(at_the_office):
    stray = make_user("stray", None)
    address = f"/people/{stray.pk}/place/"
    page(browser_of(at_the_office.branch), address, 404)
    page(browser_of(at_the_office.security), address, 403)
    client = browser_of(at_the_office.system)
    assert "Where the person works" in page(client, f"/people/{stray.pk}/")
    assert "no organisation with this code" in send(client, address, 422, organisation="NOWHERE")
    send(client, address, organisation="P1")
    stray.refresh_from_db()
    assert stray.organisation.code == "P1"
    page(client, address, 403)
    act(client, stray, "disable")

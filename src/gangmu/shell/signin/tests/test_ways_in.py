"""Every way in, step by step, and what is refused on each; what a refusal leaves although the request rolls back."""

import re
from datetime import timedelta
from ipaddress import ip_network

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID
from django.core import mail
from django.test import Client
from pyotp.totp import TOTP

from gangmu.foundation.accounts import captcha, services
from gangmu.foundation.accounts.factors import certificates, recovery, totp
from gangmu.foundation.accounts.models import Certificate, Policy, SignIn, Throttle, User
from gangmu.foundation.records.models import Event
from gangmu.foundation.settings import clock
from gangmu.shell.signin import steps
from gangmu.shell.signin.tests.certificates import Authority, header, trust
from gangmu.shell.testing.post import deliver
from gangmu.shell.testing.worlds import PASSWORD, let_in

pytestmark = pytest.mark.django_db
NEW = "Tide!over9Kites"
START = "2026-11-20T08:00+08:00"


@pytest.fixture
def now():
    with clock.frozen(START) as moment:
        yield moment


@pytest.fixture
def user(now):
    user = User(username="wangmin", name="王敏", email="wang@example.org", created_at=now)
    user.set_password(PASSWORD)
    user.save()
    return let_in(user)


@pytest.fixture
def browser():
    return Client(headers={"accept-language": "en"})


def post(client: Client, path: str = "/sign-in/", **values: str):
    given = {"username": "wangmin", "password": PASSWORD} if path == "/sign-in/" else {}
    return client.post(path, {**given, **values})


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def enrol(user: User) -> TOTP:
    with clock.advanced(-timedelta(minutes=5)):
        generator = TOTP(totp.begin(user))
        assert totp.confirm(user, generator.at(clock.now()))
    return generator


def refusals(kind: str) -> list[Event]:
    """Refusals of a kind, the latest first. They are committed beside the test's transaction, and stay."""
    return list(Event.objects.filter(kind=kind, refused=True).order_by("-pk"))


@pytest.mark.req("M-5.8.1.1")
def test_a_password_that_has_expired_opens_nothing_but_its_own_change(browser, user):
    with clock.advanced(timedelta(days=90)):
        assert post(browser, next="/notices/")["Location"] == "/sign-in/password/"
        assert not is_in(browser)
        assert "expired" in browser.get("/sign-in/password/").content.decode()
        again = browser.post("/sign-in/password/", {"password": PASSWORD, "again": PASSWORD})
        assert again.status_code == 422
        assert "You have had this password" in again.content.decode()
        differs = browser.post("/sign-in/password/", {"password": NEW, "again": NEW + "x"})
        assert differs.status_code == 422
        done = browser.post("/sign-in/password/", {"password": NEW, "again": NEW})
        assert done["Location"] == "/notices/"
        assert is_in(browser)
        assert post(Client(), password=PASSWORD).status_code == 422
        assert Event.objects.filter(kind="accounts.password-changed", by=user, data__why="expired").exists()


@pytest.mark.req("M-5.8.1.1")
def test_a_password_given_by_an_administrator_must_be_changed_first(browser, user):
    services.give_password(user, NEW)
    assert post(browser, password=NEW)["Location"] == "/sign-in/password/"
    assert "chosen by somebody else" in browser.get("/sign-in/password/").content.decode()
    assert not is_in(browser)


def test_the_demonstrations_passwords_do_not_expire(browser, user, settings):
    settings.DEMONSTRATION = True
    with clock.advanced(timedelta(days=400)):
        post(browser)
        assert is_in(browser)


@pytest.mark.req("M-5.8.1.1")
def test_password_and_authenticator(browser, user, now):
    generator = enrol(user)
    assert post(browser, next="/notices/")["Location"] == "/sign-in/second/"
    assert not is_in(browser)
    wrong = browser.post("/sign-in/second/", {"code": "000000"})
    assert wrong.status_code == 422
    assert refusals("accounts.second-factor-refused")[0].by_id == user.pk
    code = generator.at(now)
    assert browser.post("/sign-in/second/", {"code": code})["Location"] == "/notices/"
    assert SignIn.objects.get(ended_at=None).method == "password+totp"
    other = Client()
    post(other)
    assert other.post("/sign-in/second/", {"code": code}).status_code == 422  # replayed
    assert not is_in(other)


@pytest.mark.req("M-5.8.1.1")
def test_password_and_recovery_code(browser, user):
    enrol(user)
    code = recovery.renew(user)[3]
    post(browser)
    assert browser.post("/sign-in/second/", {"code": code})["Location"] == "/"
    assert is_in(browser)
    other = Client()
    post(other)
    assert other.post("/sign-in/second/", {"code": code}).status_code == 422


@pytest.mark.req("M-5.8.1.1")
def test_password_and_code_by_mail(browser, user):
    Policy.objects.update(second_factor="everyone")
    enrol(user)
    post(browser)
    assert "Send a code to w***@example.org" in browser.get("/sign-in/second/").content.decode()
    assert browser.post("/sign-in/code/", {"way": "mail"})["Location"] == "/sign-in/second/"
    assert "was sent to w***@example.org" in browser.get("/sign-in/second/").content.decode()
    assert mail.outbox == []  # nothing is sent while somebody waits
    assert deliver() == 1
    code = mail.outbox[-1].body.split("is ")[1][:6]
    assert browser.post("/sign-in/second/", {"code": code})["Location"] == "/"
    assert SignIn.objects.get(ended_at=None).method == "password+sent"


def test_nobody_is_sent_a_code_who_has_not_begun(browser, user):
    assert browser.post("/sign-in/code/", {"way": "mail"})["Location"] == "/sign-in/"
    assert mail.outbox == []


@pytest.mark.parametrize("path", ["/sign-in/second/", "/sign-in/enrol/", "/sign-in/password/"])
def test_no_step_is_taken_without_the_one_before(browser, user, path):
    assert browser.get(path)["Location"] == "/sign-in/"
    assert browser.post(path, {"code": "1", "password": NEW, "again": NEW})["Location"] == "/sign-in/"


def test_who_stops_half_way_begins_again_after_ten_minutes(browser, user):
    enrol(user)
    post(browser)
    with clock.advanced(timedelta(minutes=10)):
        assert browser.get("/sign-in/second/")["Location"] == "/sign-in/"


@pytest.mark.req("M-5.8.1.1")
def test_who_must_have_a_second_factor_is_led_to_one(browser, user, now):
    Policy.objects.update(second_factor="everyone")
    assert post(browser)["Location"] == "/sign-in/enrol/"
    page = browser.get("/sign-in/enrol/").content.decode()
    secret = page.split('class="secret">')[1].split("<")[0]
    assert browser.get("/sign-in/enrol/").content.decode().count(secret) == 1  # the same until it is confirmed
    assert not is_in(browser)
    assert browser.post("/sign-in/enrol/", {"code": "000000"}).status_code == 422
    with clock.advanced(timedelta(minutes=1)) as later:
        done = browser.post("/sign-in/enrol/", {"code": TOTP(secret).at(later)})
        assert done["Location"] == "/account/recovery/"
        assert is_in(browser)
        made = browser.post("/account/recovery/").content.decode()
        assert made.count("<code>") == 10


@pytest.mark.req("M-5.8.1.1")
def test_five_failures_lock_the_name_whether_it_exists_or_not(user, now):
    said = {}
    for name in ("wangmin", "nobody-at-all"):
        client = Client(headers={"accept-language": "en"}, REMOTE_ADDR=f"192.0.2.{len(name)}")
        answers = []
        for number in range(7):
            with clock.frozen(now + timedelta(minutes=number)):
                client.get("/sign-in/")
                letters = _letters(client)
                answer = post(client, username=name, password="wrong", captcha=letters)
                answers.append((answer.status_code, _problems(answer)))
        said[name] = answers
        with clock.frozen(now + timedelta(minutes=8)):
            assert "Wait 26 minutes" in _problems(post(client, username=name, captcha=_letters(client)))
    assert said["wangmin"] == said["nobody-at-all"]
    assert "User name or password is wrong" in said["wangmin"][0][1]
    assert "Too many attempts" in said["wangmin"][6][1]
    with clock.frozen(now + timedelta(minutes=40)):
        client = Client(REMOTE_ADDR="192.0.2.99")
        post(client)
        post(client, captcha=_letters(client))
        assert is_in(client)


def _problems(answer) -> str:
    """What the page complains of."""
    said = re.findall(r"Too many attempts[^<]*|User name or password is wrong|Not the letters", answer.content.decode())
    return " ".join(said)


def _letters(client: Client) -> str:
    """Read the picture, as only a test can: the session keeps what answers it, hashed, so it is put there anew."""
    session = client.session
    if captcha.KEY in session:
        held = session[captcha.KEY]
        held["digest"] = captcha.digest(f"{held['salt']}:AAAAA", captcha.KEY)
        session[captcha.KEY] = held
        session.save()
    return "AAAAA"


def test_a_picture_comes_after_two_failures_and_must_be_read(browser, user):
    post(browser, password="wrong")
    second = post(browser, password="wrong")
    assert 'name="captcha"' in second.content.decode()
    assert "data:image/png" in second.content.decode()
    unread = post(browser, captcha="XXXXX")
    assert unread.status_code == 422
    assert "Not the letters" in unread.content.decode()
    assert not is_in(browser)
    assert post(browser, captcha=_letters(browser)).status_code == 302
    assert is_in(browser)
    assert not Throttle.objects.filter(key__startswith="account:").exists()


def test_what_was_typed_as_a_name_is_not_written_down(browser, user):
    post(browser, username="MySecret!Passw0rd", password="x")
    post(browser, password="wrong")
    mine, typed = refusals("accounts.sign-in-refused")[:2]
    assert mine.data == {"username": "wangmin"}
    assert mine.by_id == user.pk
    assert set(typed.data) == {"typed"}
    assert "MySecret" not in str(typed.data)


def test_a_refusal_is_recorded_and_counted_although_the_request_breaks(user, monkeypatch):
    def broken(*_args, **_kwargs):
        raise RuntimeError("while the answer is made")

    before = len(refusals("accounts.sign-in-refused"))
    client = Client(raise_request_exception=False)
    monkeypatch.setattr("gangmu.shell.signin.views.password.show", broken)
    assert post(client, password="wrong").status_code == 500
    assert len(refusals("accounts.sign-in-refused")) == before + 1
    assert Throttle.objects.filter(key__startswith="account:").values_list("failures", flat=True).get() == 1


@pytest.mark.req("M-5.8.1.2")
def test_the_newest_session_wins_and_the_older_is_told(user, now):
    desk = Client(headers={"accept-language": "en"}, REMOTE_ADDR="192.0.2.1")
    phone = Client(headers={"accept-language": "en"}, REMOTE_ADDR="192.0.2.2")
    post(desk)
    assert is_in(desk)
    post(phone)
    assert "Your session elsewhere has ended" in phone.get("/account/").content.decode()
    assert desk.get("/notices/?page=1")["Location"] == "/sign-in/?next=/notices/%3Fpage%3D1"
    page = desk.get("/sign-in/?next=/notices/").content.decode()
    assert "signed in elsewhere at 2026-11-20 08:00 from 192.0.2.2" in page
    toast = desk.post("/account/sessions/end/", headers={"HX-Request": "true"})
    assert toast.status_code == 401
    assert "signed in elsewhere" in toast.content.decode()
    assert desk.get("/account/", headers={"HX-Request": "true"})["HX-Redirect"].startswith("/sign-in/")
    assert desk.get("/api/v1/organisations").status_code == 401
    assert is_in(phone)
    post(desk, next="/notices/")
    assert is_in(desk)
    assert not is_in(phone)
    assert SignIn.objects.filter(user=user, ended_at=None).count() == 1


def test_the_last_sign_in_is_told(user, now):
    post(Client(REMOTE_ADDR="192.0.2.1"))
    with clock.advanced(timedelta(hours=3)):
        browser = Client(headers={"accept-language": "en"}, REMOTE_ADDR="192.0.2.2")
        post(browser)
        assert "Last sign-in at 2026-11-20 08:00 from 192.0.2.1" in browser.get("/account/").content.decode()


def test_signing_out_leaves_nothing(browser, user):
    post(browser)
    key = browser.cookies["gangmu_business"].value
    browser.post("/sign-out/")
    assert SignIn.objects.get(user=user).end_reason == "signed-out"
    browser.cookies["gangmu_business"] = key
    assert not is_in(browser)


def test_a_session_key_that_somebody_planted_is_worth_nothing(user):
    victim, thief = Client(), Client()
    victim.cookies["gangmu_business"] = thief.cookies["gangmu_business"] = "a" * 32
    post(victim)
    assert victim.cookies["gangmu_business"].value != "a" * 32
    assert is_in(victim)
    assert not is_in(thief)


@pytest.mark.parametrize(
    "values",
    [
        {"username": "x" * 65},
        {"password": "x" * 257},
        {"username": "wang\x00min"},
        {"password": PASSWORD + "\x00"},
        {"username": "wangmin' OR '1'='1"},
        {"username": "{{ 7*7 }}", "password": "{% debug %}"},
        {"username": ""},
        {"username": "wangmin ", "password": f" {PASSWORD}"},
    ],
)
def test_hostile_input_is_refused_without_a_fault(browser, user, values):
    assert post(browser, **values).status_code in (400, 422)
    assert not is_in(browser)


def test_a_state_of_the_way_in_cannot_be_made_up(browser, user):
    browser.cookies["gangmu_business"] = '{"signing_in": {"user": 1}}'
    assert browser.get("/sign-in/second/")["Location"] == "/sign-in/"


@pytest.mark.req("M-4.2.1")
def test_what_is_sensitive_asks_for_a_fresh_proof(browser, user, now):
    post(browser)
    assert browser.get("/account/authenticator/").status_code == 200
    with clock.frozen(now + timedelta(minutes=10)):
        assert (
            browser.get("/account/authenticator/")["Location"] == "/account/prove/?next=%2Faccount%2Fauthenticator%2F"
        )
        assert browser.post("/account/recovery/")["Location"] == "/account/prove/?next=%2Faccount%2F"
        wrong = browser.post("/account/prove/", {"password": "wrong", "next": "/account/authenticator/"})
        assert wrong.status_code == 422
        assert refusals("accounts.proof-refused")[0].by_id == user.pk
        done = browser.post("/account/prove/", {"password": PASSWORD, "next": "/account/authenticator/"})
        assert done["Location"] == "/account/authenticator/"
        assert browser.get("/account/authenticator/").status_code == 200


def test_changing_the_password_ends_other_sessions_and_asks_for_the_present_one(browser, user, now):
    with clock.frozen(now + timedelta(days=2)):
        post(browser)
        wrong = {"present": "wrong", "password": NEW, "again": NEW}
        assert browser.post("/account/password/", wrong).status_code == 422
        other = SignIn.objects.create(
            user=user, session_key="b" * 40, method="x", opened_at=clock.now(), seen_at=clock.now()
        )
        done = browser.post("/account/password/", {**wrong, "present": PASSWORD})
        assert done["Location"] == "/account/"
        other.refresh_from_db()
        assert other.end_reason == "password"
        assert is_in(browser)


def test_who_must_have_a_second_factor_does_not_remove_the_last(browser, user, now):
    generator = enrol(user)
    Policy.objects.update(second_factor="everyone")
    post(browser)
    browser.post("/sign-in/second/", {"code": generator.at(now)})
    browser.post("/account/authenticator/", {"remove": "1"})
    assert totp.in_force(user)
    Policy.objects.update(second_factor="administrators")
    browser.post("/account/authenticator/", {"remove": "1"})
    assert not totp.in_force(user)


@pytest.mark.parametrize("number", ["", "x", "9" * 30, "-1", "1; DROP"])
def test_what_is_no_number_of_a_key_removes_nothing(browser, user, number):
    post(browser)
    assert browser.post("/account/remove/", {"kind": "passkey", "number": number}).status_code == 302


@pytest.mark.parametrize("answer", ["{}", "[]", '{"id": 1}', "x" * 30_000, '{"id":"AA","rawId":"AA","response":{}}'])
def test_what_is_no_answer_of_a_passkey_is_refused(browser, user, answer):
    assert browser.post("/sign-in/passkey/question/").status_code == 200
    assert browser.post("/sign-in/passkey/", {"answer": answer}).status_code == 422
    assert refusals("accounts.passkey-refused")
    assert not is_in(browser)


@pytest.fixture
def authority(now, settings, tmp_path):
    settings.GANGMU_HOME = tmp_path
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1/32")]
    made = Authority("Our CA")
    trust(tmp_path, made)
    return made


def by_certificate(certificate, **options):
    client = Client(headers={"accept-language": "en", "x-client-certificate": header(certificate)}, **options)
    return client, client.post("/sign-in/certificate/")


@pytest.mark.req("M-5.8.1.1", "M-4.2.1")
def test_a_certificate_that_is_bound_opens_its_account(user, authority):
    given = authority.issue("wangmin")
    client, refused = by_certificate(given)
    assert refused.status_code == 422
    assert refusals("accounts.certificate-refused")[0].data["why"] == "unbound"
    post(client)  # by password, with the certificate shown
    client.post("/account/certificate/")
    bound = Certificate.objects.get()
    assert (bound.user_id, bound.serial) == (user.pk, f"{given.serial_number:x}")
    client, opened = by_certificate(given)
    assert opened.status_code == 302
    assert is_in(client)
    assert SignIn.objects.get(ended_at=None).method == "certificate"
    post(other := Client(headers={"x-client-certificate": header(given)}))
    assert is_in(other)
    assert SignIn.objects.get(ended_at=None).method == "password+certificate"


@pytest.mark.req("M-5.8.1.1")
@pytest.mark.parametrize(
    "why",
    [
        "other-issuer",
        "expired",
        "not-yet-valid",
        "revoked",
        "revocation-list-stale",
        "revocation-list-forged",
        "not-for-clients",
        "account",
    ],
)
def test_a_certificate_that_is_not_good_is_refused_and_recorded(user, authority, now, tmp_path, why):
    good = authority.issue("wangmin")
    match why:
        case "other-issuer":
            good = Authority("Our CA").issue("wangmin")  # of the same name, with another key
        case "expired":
            good = authority.issue("wangmin", ends=now)
        case "not-yet-valid":
            good = authority.issue("wangmin", begins=now + timedelta(minutes=5))
        case "not-for-clients":
            good = authority.issue("wangmin", usage=ExtendedKeyUsageOID.SERVER_AUTH)
        case "account":
            User.objects.update(valid_to="2026-11-20")
    lists = tmp_path / "certificates" / "ours.crl"
    match why:
        case "revoked":
            lists.write_bytes(authority.revoke(good))
        case "revocation-list-stale":
            lists.write_bytes(authority.revoke(next_update=now + timedelta(seconds=1)))
        case "revocation-list-forged":
            lists.write_bytes(authority.revoke(by=Authority("Somebody")))
    Certificate.objects.create(
        user=user,
        fingerprint=certificates.fingerprint(good),
        issuer="x",
        serial="x",
        subject="x",
        valid_to=now,
        bound_at=now,
    )
    later = timedelta(seconds=2) if why == "revocation-list-stale" else timedelta(0)
    with clock.advanced(later):
        client, refused = by_certificate(good)
    assert refused.status_code == 422
    assert "not accepted" in refused.content.decode()
    assert refusals("accounts.certificate-refused")[0].data["why"] == why
    assert not is_in(client)


def test_a_clock_that_is_two_minutes_ahead_is_forgiven(user, authority, now):
    certificates.judge(authority.issue("wangmin", begins=now + timedelta(minutes=2) - timedelta(seconds=1)))


@pytest.mark.parametrize(
    "text", ["garbage", "%2D" * 20_000, "-----BEGIN CERTIFICATE-----%0AAAAA%0A-----END CERTIFICATE-----"]
)
def test_a_header_that_holds_no_certificate_is_refused(user, authority, text):
    client = Client(headers={"x-client-certificate": text})
    assert client.post("/sign-in/certificate/").status_code == 422
    assert refusals("accounts.certificate-refused")[0].data["why"] in ("malformed", "too-large")


def test_a_certificate_from_anybody_but_the_proxy_is_not_looked_at(user, authority):
    given = authority.issue("wangmin")
    certificates.bind(user, given)
    client, refused = by_certificate(given, REMOTE_ADDR="192.0.2.66")
    assert refused.status_code == 422
    assert refusals("accounts.certificate-refused")[0].data["why"] == "absent"
    assert not is_in(client)


def test_the_state_of_somebody_on_the_way_in_is_short(browser, user):
    enrol(user)
    post(browser)
    held = browser.session[steps.KEY]
    assert set(held) == {"user", "by", "next", "at"}

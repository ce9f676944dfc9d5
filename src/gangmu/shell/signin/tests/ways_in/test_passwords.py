"""By password: when it opens nothing, what slows guessing down, and what is written of a refusal."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from gangmu.foundation.accounts import captcha, services
from gangmu.foundation.accounts.models import SignIn, Throttle
from gangmu.foundation.records.models import Event
from gangmu.foundation.settings import clock
from gangmu.shell.signin.tests.ways_in.kit import NEW, is_in, post, refusals
from gangmu.shell.testing.worlds import PASSWORD

pytestmark = pytest.mark.django_db


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

"""Plain sign-in: who comes in, what is told to those who do not."""

import pytest
from django.test import Client

from gangmu.foundation.accounts.models import User
from gangmu.foundation.records.models import Event
from gangmu.shell.demonstration import ACCOUNTS, PASSWORD
from gangmu.shell.testing.worlds import PASSWORD as PASS_PHRASE
from gangmu.shell.testing.worlds import let_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def user(db):
    user = User(username="wang", name="王敏")
    user.set_password(PASS_PHRASE)
    user.save()
    return let_in(user)


def sign_in(client: Client, **values: str):
    return client.post("/sign-in/", {"username": "wang", "password": PASS_PHRASE, **values})


def test_the_right_password_opens_the_site_and_is_recorded(client, user):
    response = sign_in(client)
    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.get("/notices/").status_code == 200
    assert Event.objects.filter(kind="accounts.signed-in", by=user).count() == 1


def test_the_session_gets_a_new_key_when_somebody_signs_in(client, user):
    client.get("/sign-in/")
    session = client.session
    session["before"] = 1
    session.save()
    key = session.session_key
    sign_in(client)
    assert client.session.session_key != key


@pytest.mark.parametrize("values", [{"password": "wrong"}, {"username": "nobody-at-all"}, {"username": "WANG"}])
def test_a_refusal_does_not_tell_whether_the_account_exists(client, user, values):
    response = sign_in(client, **values)
    assert response.status_code == 422
    text = response.content.decode()
    assert "用户名或密码不正确" in text
    assert PASS_PHRASE not in text
    assert client.get("/notices/").status_code == 302


def test_an_inactive_account_is_refused_like_an_unknown_one(client, user):
    User.objects.update(is_active=False)
    assert sign_in(client).status_code == 422


def test_an_account_switched_off_while_signed_in_is_out_at_the_next_click(client, user):
    sign_in(client)
    User.objects.update(is_active=False)
    assert client.get("/notices/").status_code == 302


@pytest.mark.parametrize(
    "target", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", "\\\\x"]
)
def test_nobody_is_sent_elsewhere_after_signing_in(client, user, target):
    assert sign_in(client, next=target)["Location"] == "/"


def test_one_is_sent_to_where_one_wanted_to_go(client, user):
    assert client.get("/notices/")["Location"] == "/sign-in/?next=/notices/"
    assert sign_in(client, next="/notices/")["Location"] == "/notices/"


def test_signing_out_ends_the_session_and_is_no_link(client, user):
    sign_in(client)
    assert client.get("/sign-out/").status_code == 405
    client.post("/sign-out/")
    assert client.get("/notices/").status_code == 302


def test_the_page_speaks_both_languages(client, db):
    assert "登录" in client.get("/sign-in/").content.decode()
    client.cookies["gangmu_language"] = "en"
    assert "Sign in" in client.get("/sign-in/").content.decode()


def test_known_passwords_are_shown_in_demonstration_mode_alone(client, db, settings):
    assert PASSWORD not in client.get("/sign-in/").content.decode()
    settings.DEMONSTRATION = True
    text = client.get("/sign-in/").content.decode()
    assert all(f'value="{username}"' in text for username, *_rest in ACCOUNTS)

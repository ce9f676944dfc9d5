"""Once in: one session for each account, its end, and what asks for a fresh proof."""

from datetime import timedelta

import pytest
from django.test import Client

from gangmu.foundation.accounts.models import SignIn
from gangmu.foundation.settings import clock
from gangmu.shell.signin.tests.ways_in.kit import is_in, post, refusals
from gangmu.shell.testing.worlds import PASSWORD

pytestmark = pytest.mark.django_db


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

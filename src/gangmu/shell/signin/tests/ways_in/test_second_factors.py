"""The second step: its kinds, who must have one, and the way between the steps."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from pyotp.totp import TOTP

from gangmu.foundation.accounts.factors import recovery, totp
from gangmu.foundation.accounts.models import Policy, SignIn
from gangmu.foundation.settings import clock
from gangmu.shell.signin import steps
from gangmu.shell.signin.tests.ways_in.kit import NEW, enrol, is_in, post, refusals
from gangmu.shell.testing.post import deliver

pytestmark = pytest.mark.django_db


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


def test_the_state_of_somebody_on_the_way_in_is_short(browser, user):
    enrol(user)
    post(browser)
    held = browser.session[steps.KEY]
    assert set(held) == {"user", "by", "next", "at"}

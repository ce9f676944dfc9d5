"""What is no name, no number, no answer of a passkey, and what somebody made up or planted."""

import pytest
from django.test import Client

from gangmu.shell.signin.tests.ways_in.kit import is_in, post, refusals
from gangmu.shell.testing.worlds import PASSWORD

pytestmark = pytest.mark.django_db


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

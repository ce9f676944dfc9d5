"""Plain sign-in: who comes in, what is told to those who do not."""

import re

import pytest
from django.test import Client, override_settings

from gangmu.foundation.access.models import Assignment, Role
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.records.models import Event
from gangmu.shell.demonstration import ACCOUNTS, PASSWORD
from gangmu.shell.testing.sites import at_site
from gangmu.shell.testing.worlds import PASSWORD as PASS_PHRASE
from gangmu.shell.testing.worlds import let_in, make_user, make_world

pytestmark = pytest.mark.django_db
OTHER = {"business": "office", "office": "business"}


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


WRONG_SITE = "管理员请在后台管理登录，其他人员请在业务网站登录"


@pytest.mark.req("M-5.8.1.2")
@pytest.mark.parametrize(("site", "role"), [("business", "audit_administrator"), ("office", "viewer")])
def test_who_has_no_role_of_the_site_is_refused_like_a_stranger(tmp_path, site, role):
    """In the very words of a wrong password, and the refusal is recorded."""
    make_world(tmp_path)
    name = f"not-of-the-{site}-site"
    make_user(name, "G", role)
    said = []
    with at_site(site):
        client = Client()
        for username, password in ((name, PASS_PHRASE), (name, "wrong"), ("nobody-at-all", "wrong")):
            response = client.post("/sign-in/", {"username": username, "password": password})
            assert response.status_code == 422
            assert WRONG_SITE in response.content.decode()
            said.append(re.sub(r'(value|content)="[^"]*"', "", response.content.decode()))
            assert client.get("/organisations/").status_code == 302
    assert said[0] == said[1] == said[2]
    refusal = Event.objects.get(kind="accounts.site-refused", data__username=name)
    assert (refusal.refused, refusal.data) == (True, {"username": name, "site": site})
    with at_site(OTHER[site], DEMONSTRATION=True):  # where administrators need no second factor
        assert client.post("/sign-in/", {"username": name, "password": PASS_PHRASE}).status_code == 302
        assert "示例集团" in client.get("/organisations/").content.decode()


def test_who_holds_roles_of_both_sites_signs_in_at_each_with_the_roles_of_each(tmp_path):
    make_world(tmp_path)
    user = make_user("zhao", "P1", "clerk")
    given = {"role": Role.objects.get(code="audit_administrator"), "organisation": Organisation.objects.get(code="G")}
    Assignment.objects.create(user=user, valid_from="2020-01-01", **given)
    for site, sees_the_rest in (("business", False), ("office", True)):
        with at_site(site, DEMONSTRATION=True):  # where administrators need no second factor
            client = Client()
            assert client.post("/sign-in/", {"username": "zhao", "password": PASS_PHRASE}).status_code == 302
            assert ("乙电厂" in client.get("/organisations/list/").content.decode()) == sees_the_rest


def test_a_role_that_ends_ends_the_session(client, user):
    sign_in(client)
    user.assignments.update(valid_to="2020-01-02")
    assert client.get("/notices/").status_code == 302
    user.assignments.update(valid_to=None)
    assert client.get("/notices/").status_code == 302  # the session is gone for good


@pytest.mark.parametrize("site", ["business", "office"])
def test_the_demonstration_offers_a_card_for_each_account_of_the_site(db, monkeypatch, site):
    monkeypatch.setenv("GANGMU_SITES", "business=http://127.0.0.1:8000/ office=http://127.0.0.1:8001/")
    with at_site(site):
        assert "sign-in/as" not in Client().get("/sign-in/").content.decode()
    with at_site(site, DEMONSTRATION=True):
        text = Client().get("/sign-in/").content.decode()
    shown = set(re.findall(r'name="account" value="(\w+)"', text))
    sites = dict(Role.objects.values_list("code", "site"))
    assert shown == {username for username, _name, _english, role, _place in ACCOUNTS if sites[role] == site}
    assert {"business": "http://127.0.0.1:8001/", "office": "http://127.0.0.1:8000/"}[site] in text
    assert PASSWORD not in text


def test_a_card_signs_in_and_nothing_else_does(tmp_path):
    make_world(tmp_path)
    user = User.objects.get(username="group")
    user.set_password(PASSWORD)
    user.save()
    client = Client()
    assert client.post("/sign-in/as/", {"account": "group"}).status_code == 404  # no demonstration
    with override_settings(DEMONSTRATION=True):
        assert Client(enforce_csrf_checks=True).post("/sign-in/as/", {"account": "group"}).status_code == 403
        assert client.get("/sign-in/as/").status_code == 405
        assert client.post("/sign-in/as/", {"account": "admin"}).status_code == 404  # of the other site
        assert client.post("/sign-in/as/", {"account": "clerk"}).status_code == 404  # none of the demonstration's
        assert client.get("/notices/").status_code == 302
        answer = client.post("/sign-in/as/", {"account": "group", "next": "//elsewhere.example"})
        assert (answer.status_code, answer["Location"]) == (302, "/")
        assert client.get("/notices/").status_code == 200
        user.set_password(PASS_PHRASE)
        user.save()
        assert Client().post("/sign-in/as/", {"account": "group"}).status_code == 403  # no longer everybody's

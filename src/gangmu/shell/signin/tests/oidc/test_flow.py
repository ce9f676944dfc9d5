"""Coming in by OpenID Connect, against a provider of its own making: what opens, and what comes back forged."""

import base64
import logging
import threading
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
import requests
from django.test import Client, override_settings
from oidc_provider_mock import User as Known
from oidc_provider_mock import app as provider_app

from gangmu.foundation.accounts.directories import oidc, services
from gangmu.foundation.accounts.directories.models import Directory, Identity, Spent
from gangmu.foundation.accounts.directories.options import Oidc, read
from gangmu.foundation.accounts.factors import totp
from gangmu.foundation.accounts.models import Policy, SignIn, User
from gangmu.foundation.records.models import Event
from gangmu.foundation.settings import clock
from gangmu.shell.testing.browser import chromium, clicked, served
from gangmu.shell.testing.worlds import let_in

__all__ = ["chromium"]
CLIENT, SECRET = "gangmu", "the client's secret"


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """A provider, served on loopback."""
    logging.getLogger("oidc_provider_mock").setLevel(logging.ERROR)
    known = [Known(sub="248289", claims={"preferred_username": "wangmin", "name": "王敏", "email": "wang@example.org"})]
    server: WSGIServer = make_server("127.0.0.1", 0, provider_app(user_claims=known), handler_class=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def directory(issuer: str, *, site: str = "business", arrivals: str = "refuse", **options: str) -> Directory:
    return services.configure(
        "keycloak",
        day=clock.today(),
        options={"issuer": issuer, "client_id": CLIENT, "algorithms": "RS256,ES256", **options},
        secret=SECRET,
        kind="oidc",
        name_zh="统一身份认证",
        name_en="Group login",
        site=site,
        arrivals=arrivals,
    )


@pytest.fixture
def user(db, issuer) -> User:
    user = User.objects.create(username="w.min", name="王敏")
    services.bind(user, directory(issuer), "248289")
    return let_in(user)


@pytest.fixture
def browser() -> Client:
    return Client(headers={"accept-language": "en"})


def away(browser: Client) -> str:
    """Press the button; where it leads."""
    answer = browser.get("/sign-in/with/keycloak/?next=/account/")
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"]


def back(address: str, subject: str = "248289") -> str:
    """Say at the provider who one is; with which path and query the browser comes back."""
    answer = requests.post(address, {"sub": subject}, allow_redirects=False, timeout=10)
    assert answer.status_code in (302, 303), answer.text
    parts = urlsplit(answer.headers["Location"])
    assert parts.path == "/sign-in/with/keycloak/back/"
    return f"{parts.path}?{parts.query}"


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def reasons() -> list[str]:
    found = Event.objects.filter(kind="accounts.directory-refused", refused=True).order_by("-pk")
    return [one.data["why"] for one in found]


@pytest.mark.req("M-5.8.1.1")
def test_who_is_proved_by_the_provider_comes_in(browser, user):
    assert "Sign in with Group login" in browser.get("/sign-in/").content.decode()
    address = away(browser)
    asked = parse_qs(urlsplit(address).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["response_type"] == ["code"]
    assert len(asked["state"][0]) >= 32 and len(asked["nonce"][0]) >= 32
    assert browser.get(back(address))["Location"] == "/account/"
    assert is_in(browser)
    assert SignIn.objects.get(user=user, ended_at=None).method == "oidc"


def test_what_came_back_once_does_not_come_back_again(browser, user):
    path = back(away(browser))
    stolen = {name: cookie.value for name, cookie in browser.cookies.items()}
    assert browser.get(path).status_code == 302
    thief = Client(headers={"accept-language": "en"})
    thief.cookies.load(stolen)
    assert "did not succeed" in thief.get(path).content.decode()
    assert reasons()[0] == "not-asked"
    assert not is_in(thief)


def test_two_who_come_back_with_the_same_at_the_same_time_are_one(browser, user):
    path = back(away(browser))
    held = dict(browser.session["asked_provider"])
    twin = Client(headers={"accept-language": "en"})
    twin.get("/sign-in/with/keycloak/")
    session = twin.session
    session["asked_provider"] = held  # as if both had read the session before either had used it up
    session.save()
    before = Spent.objects.count()
    assert browser.get(path).status_code == 302
    assert "did not succeed" in twin.get(path).content.decode()
    assert reasons()[0] == "replayed"
    assert Spent.objects.count() == before + 1


def test_a_code_of_somebody_elses_browser_signs_nobody_in(browser, user):
    """Login CSRF: a link with the attacker's code and state, opened by a victim."""
    attackers = Client()
    path = back(away(attackers))
    assert browser.get(path).status_code == 422
    assert reasons()[0] == "not-asked"
    away(browser)
    assert browser.get(path).status_code == 422
    assert reasons()[0] == "state"
    assert not is_in(browser)


def test_a_code_goes_with_the_verifier_of_the_browser_that_asked_and_once(user, monkeypatch):
    options = read("oidc", Directory.objects.get().options)
    assert isinstance(options, Oidc)
    sent: list[dict[str, list[str]]] = []
    send = oidc._Bounded.send

    def noting(self: Any, request: Any, *args: Any, **more: Any) -> Any:
        if request.method == "POST":
            sent.append(parse_qs(request.body))
            assert request.headers["Authorization"].startswith("Basic ")
        return send(self, request, *args, **more)

    monkeypatch.setattr(oidc._Bounded, "send", noting)
    where = "http://testserver/sign-in/with/keycloak/back/"
    question = oidc.ask(options, where)
    code = parse_qs(urlsplit(back(question.address)).query)["code"][0]
    given = {"state": question.state, "code": code}
    assert oidc.answered(options, SECRET, where, question, given).subject == "248289"
    challenge = base64.urlsafe_b64encode(sha256(sent[0]["code_verifier"][0].encode()).digest()).rstrip(b"=").decode()
    assert parse_qs(urlsplit(question.address).query)["code_challenge"] == [challenge]
    assert sent[0]["redirect_uri"] == [where]
    with pytest.raises(oidc.Refused) as refused:
        oidc.answered(options, SECRET, where, question, given)
    assert refused.value.why == "code"


@pytest.mark.parametrize(
    "query",
    ["", "?code=x", "?state=x&code=x", "?error=access_denied", "?state=&code=", "?code=x&state=" + "y" * 5000],
)
def test_what_no_provider_sends_is_refused_and_recorded(browser, user, query):
    away(browser)
    before = len(reasons())
    answer = browser.get(f"/sign-in/with/keycloak/back/{query}")
    assert answer.status_code == 422
    assert "did not succeed" in answer.content.decode()
    assert len(reasons()) == before + 1
    assert not is_in(browser)


def test_a_refusal_by_the_provider_is_one(browser, user):
    state = parse_qs(urlsplit(away(browser)).query)["state"][0]
    assert browser.get(f"/sign-in/with/keycloak/back/?error=access_denied&state={state}").status_code == 422
    assert reasons()[0] == "provider-refused"


def test_another_provider_that_answers_is_told_apart(browser, user):
    path = back(away(browser))
    assert browser.get(f"{path}&iss=https://evil.example.org").status_code == 422
    assert reasons()[0] == "issuer"


def test_who_comes_back_too_late_begins_again(browser, user):
    path = back(away(browser))
    with clock.advanced(timedelta(minutes=10)):
        assert browser.get(path).status_code == 422
    assert reasons()[0] == "too-late"


def test_whom_the_provider_knows_and_we_do_not_is_told_so(browser, user):
    answer = browser.get(back(away(browser), "somebody"))
    assert "you have no account here" in answer.content.decode()
    assert reasons()[0] == "unbound"
    assert Event.objects.filter(kind="accounts.directory-refused", data__subject="somebody").exists()


def test_an_account_is_made_without_roles_where_the_configuration_says_so(browser, db, issuer):
    directory(issuer, arrivals="create")
    assert "An account was made for you" in browser.get(back(away(browser))).content.decode()
    made = Identity.objects.get(directory="keycloak", subject="248289").user
    assert (made.username, made.name, made.email) == ("wangmin", "王敏", "wang@example.org")
    let_in(made)
    assert browser.get(back(away(browser))).status_code == 302


def test_a_provider_that_is_down_says_so(browser, user):
    Directory.objects.update(options={"issuer": "http://127.0.0.1:1", "client_id": CLIENT})
    answer = browser.get("/sign-in/with/keycloak/")
    assert "Group login does not answer at present" in answer.content.decode()
    assert Event.objects.filter(kind="accounts.directory-away", data__directory="keycloak").exists()


def test_it_is_of_its_site(browser, user):
    Directory.objects.update(site="office")
    assert "Group login" not in browser.get("/sign-in/").content.decode()
    assert browser.get("/sign-in/with/keycloak/").status_code == 422
    assert browser.get("/sign-in/with/nowhere/back/").status_code == 422


def test_a_second_factor_is_asked_all_the_same(browser, user):
    Policy.objects.update(second_factor="everyone")
    assert browser.get(back(away(browser)))["Location"] == "/sign-in/enrol/"
    assert not totp.in_force(user)
    assert not is_in(browser)


@pytest.mark.browser
@pytest.mark.req("M-5.8.1.1")
def test_in_a_browser(issuer, chromium, django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), served("oidc") as site, override_settings(DEMONSTRATION=False):
        user = User.objects.create(username="w.min", name="王敏")
        services.bind(let_in(user), directory(issuer), "248289")
        context = chromium.new_context(base_url=site.url, locale="en-US")
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.goto("/sign-in/?next=/account/")
        clicked(page, lambda: page.get_by_role("link", name="Sign in with Group login").click())
        assert page.url.startswith(issuer)
        page.locator("input[name=sub]").first.fill("248289")
        clicked(
            page,
            lambda: (
                page.locator("form").filter(has=page.locator("input[name=sub]")).last.locator("button").first.click()
            ),
        )
        assert page.url == f"{site.url}/account/"
        assert not [one for one in said if "Content Security Policy" in one]
        context.close()

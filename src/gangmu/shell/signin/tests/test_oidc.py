"""Coming in by OpenID Connect, against a provider of its own making: what opens, and each way of forging it."""

import base64
import hmac
import json
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
from django.core.exceptions import ValidationError
from django.test import Client, override_settings
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey
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


@pytest.fixture(autouse=True)
def nothing_known() -> Iterator[None]:
    oidc.forget()
    yield
    oidc.forget()


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


# Tokens, forged one by one


@pytest.fixture(scope="module")
def key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})


class Provider:
    """What a provider says of itself, without one."""

    def __init__(self, *keys: Any) -> None:
        self.options = Oidc(issuer="https://login.example.org", client_id=CLIENT, algorithms="RS256,ES256")
        self.keys, self.fetched = list(keys), 0

    def fetch(self, _session: Any, address: str) -> dict[str, Any]:
        self.fetched += 1
        if address.endswith("/jwks"):
            return KeySet(self.keys).as_dict(private=False)  # type: ignore[return-value]
        base = "https://login.example.org"
        names = ("authorization_endpoint", "token_endpoint")
        return {"issuer": base, "jwks_uri": f"{base}/jwks", **{name: f"{base}/{name}" for name in names}}


@pytest.fixture
def provider(key, monkeypatch) -> Iterator[Provider]:
    made = Provider(key)
    monkeypatch.setattr(oidc, "_fetch", made.fetch)
    with clock.frozen("2026-11-20T08:00+08:00"):
        yield made


def claims(**more: Any) -> dict[str, Any]:
    now = int(clock.now().timestamp())
    made = {
        "iss": "https://login.example.org",
        "sub": "248289",
        "aud": CLIENT,
        "nonce": "our nonce",
        "iat": now,
        "exp": now + 300,
        **more,
    }
    return {name: value for name, value in made.items() if value is not None}


def signed(key: Any, *, alg: str = "RS256", kid: str | None = "one", **more: Any) -> str:
    header = {"alg": alg} | ({"kid": kid} if kid else {})
    return jwt.encode(header, claims(**more), key, algorithms=[alg])


def judged(provider: Provider, text: str, **more: Any) -> oidc.Person:
    return oidc.judge(provider.options, text, nonce="our nonce", **more)


def why(provider: Provider, text: str, **more: Any) -> str:
    with pytest.raises(oidc.Refused) as refused:
        judged(provider, text, **more)
    return refused.value.why


def test_a_good_token_is_good(provider, key):
    assert judged(provider, signed(key, preferred_username="wangmin")).login == "wangmin"
    assert judged(provider, signed(key, kid=None)).subject == "248289"
    assert judged(provider, signed(key, aud=[CLIENT])).subject == "248289"
    assert judged(provider, signed(key, aud=[CLIENT, "another"], azp=CLIENT)).subject == "248289"


NOW = 1_795_132_800  # 2026-11-20 08:00 in Shanghai


@pytest.mark.parametrize(
    "more",
    [
        {"iss": "https://login.example.org/"},
        {"iss": "https://evil.example.org"},
        {"iss": None},
        {"aud": "another"},
        {"aud": ["another"]},
        {"aud": []},
        {"aud": None},
        {"aud": [CLIENT, "another"]},
        {"azp": "another"},
        {"nonce": "another nonce"},
        {"nonce": None},
        {"exp": NOW - 121},
        {"exp": None},
        {"exp": "tomorrow"},
        {"iat": NOW + 121},
        {"iat": NOW - 721},
        {"iat": None},
        {"iat": True},
        {"nbf": NOW + 121},
        {"sub": None},
        {"sub": ""},
        {"sub": 248289},
        {"sub": "x" * 256},
        {"amr": "mfa"},
    ],
)
def test_a_token_of_somebody_else_for_somebody_else_or_of_another_time_is_refused(provider, key, more):
    assert int(clock.now().timestamp()) == NOW
    assert why(provider, signed(key, **more)) == "claims"


@pytest.mark.parametrize("more", [{"exp": NOW - 119}, {"iat": NOW + 119}, {"nbf": NOW + 119}, {"iat": NOW - 719}])
def test_clocks_may_differ_by_two_minutes(provider, key, more):
    assert judged(provider, signed(key, **more)).subject == "248289"


def test_a_token_of_another_access_token_is_refused(provider, key):
    assert why(provider, signed(key, at_hash="AAAA"), access_token="stolen") == "claims"


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_no_signature_is_no_signature(provider, key):
    body = part(claims())
    for algorithm in ("none", "None", "NONE", "", None):
        assert why(provider, f"{part({'alg': algorithm, 'kid': 'one'})}.{body}.") in ("algorithm", "malformed")
    head, _body, signature = signed(key).split(".")
    assert why(provider, f"{head}.{part(claims(sub='admin'))}.{signature}") == "signature"
    assert why(provider, f"{head}.{body}.") in ("signature", "malformed")
    assert why(provider, f"{head}.{body}.{signature[:-8]}AAAAAAAA") == "signature"


def test_the_public_key_is_no_password(provider, key):
    """Confusion of algorithms: a token signed by HMAC with what everybody may read."""
    for public in (key.as_pem(private=False), json.dumps(key.as_dict(private=False)).encode()):
        body = f"{part({'alg': 'HS256', 'kid': 'one'})}.{part(claims())}"
        mac = base64.urlsafe_b64encode(hmac.digest(public, body.encode(), "sha256")).rstrip(b"=").decode()
        assert why(provider, f"{body}.{mac}") == "algorithm"
    provider.keys.append(OctKey.import_key(b"x" * 32, {"kid": "two"}))
    assert why(provider, signed(OctKey.import_key(b"x" * 32), alg="HS256", kid="two")) == "algorithm"


def test_a_key_that_the_token_brings_along_is_not_looked_at(provider):
    thief = RSAKey.generate_key(2048, {"kid": "one"})
    for more in ({"jwk": thief.as_dict(private=False)}, {"jku": "https://evil.example.org/jwks"}):
        forged = f"{part({'alg': 'RS256', 'kid': 'one', **more})}.{part(claims())}"
        assert why(provider, f"{forged}.{part({})}") in ("signature", "malformed")
    assert why(provider, signed(thief)) == "signature"
    assert why(provider, signed(thief, kid="../../etc/passwd")) == "key"


def test_an_algorithm_fits_its_key_and_is_allowed(provider, key):
    assert why(provider, signed(key, alg="PS256")) == "algorithm"  # not set
    other = ECKey.generate_key("P-256", {"kid": "two", "use": "sig"})
    provider.keys.append(other)
    assert judged(provider, signed(other, alg="ES256", kid="two")).subject == "248289"
    assert why(provider, signed(other, alg="ES256", kid="one")) == "key"
    third = RSAKey.generate_key(2048, {"kid": "three"})
    provider.keys.append(RSAKey.import_key({**third.as_dict(private=False), "use": "enc"}))
    with clock.advanced(timedelta(minutes=1)):
        assert why(provider, signed(third, kid="three")) == "key"  # it is for encrypting


def test_a_new_key_is_fetched_when_a_token_names_it_and_not_more_often(provider, key):
    judged(provider, signed(key))
    fetched = provider.fetched
    rotated = RSAKey.generate_key(2048, {"kid": "two", "use": "sig"})
    provider.keys[:] = [rotated]
    assert why(provider, signed(rotated, kid="two")) == "key"  # asked a moment ago
    assert provider.fetched == fetched
    with clock.advanced(timedelta(seconds=31)):
        assert judged(provider, signed(rotated, kid="two")).subject == "248289"
        assert why(provider, signed(key)) == "key"  # the old one is gone


@pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "x" * 40_000, "é.é.é", "{}", "e30.e30.e30"])
def test_what_is_no_token_is_refused(provider, text):
    assert why(provider, text) in ("malformed", "too-large", "algorithm", "signature")


def test_two_factors_count_where_the_installation_trusts_the_provider(provider, key):
    assert not judged(provider, signed(key, amr=["pwd", "mfa"], acr="gold")).two_factors
    provider.options = Oidc(issuer=provider.options.issuer, client_id=CLIENT, trust_amr="mfa", trust_acr="gold")
    assert judged(provider, signed(key, amr=["pwd", "mfa"])).two_factors
    assert judged(provider, signed(key, acr="gold")).two_factors
    assert not judged(provider, signed(key, amr=["pwd"])).two_factors
    assert not judged(provider, signed(key, amr=[["mfa"], {"mfa": 1}], acr=["gold"])).two_factors


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"issuer": "http://login.example.org"}, "https"),
        ({"issuer": "https://user:x@login.example.org"}, "https"),
        ({"algorithms": "none"}, "does not sign"),
        ({"algorithms": "HS256"}, "does not sign"),
        ({"algorithms": ""}, "does not sign"),
        ({"scope": "profile"}, "lacks openid"),
        ({"client_id": ""}, "is missing"),
    ],
)
def test_what_would_trust_anybody_is_refused(english, more, said):
    with pytest.raises(ValidationError, match=said):
        read("oidc", {"issuer": "https://login.example.org", "client_id": CLIENT, **more})


def test_a_provider_that_says_it_is_another_is_not_asked(provider):
    provider.options = Oidc(issuer="https://login.example.org/other", client_id=CLIENT)
    with pytest.raises(oidc.Away, match="it says that it is"):
        oidc.ask(provider.options, "https://figures.example.org/back/")


# In a browser


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

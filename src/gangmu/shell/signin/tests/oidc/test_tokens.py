"""Tokens of a provider, forged one by one; what would trust anybody is no configuration."""

import base64
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from gangmu.foundation.accounts.directories import oidc
from gangmu.foundation.accounts.directories.options import Oidc, read
from gangmu.foundation.settings import clock

CLIENT = "gangmu"
NOW = 1_795_132_800  # 2026-11-20 08:00 in Shanghai


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

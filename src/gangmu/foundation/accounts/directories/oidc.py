"""Asking a provider of OpenID Connect: authorisation code with PKCE, and a token that is judged from end to end.

Authlib speaks OAuth and judges claims, joserfc verifies signatures. What is fetched is fetched by HTTPS, without
following redirects, up to a size, within seconds. Keys are fetched anew when a token names one that is not known.
"""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from requests.adapters import HTTPAdapter

from gangmu.foundation.accounts.directories.ldap import Away
from gangmu.foundation.accounts.directories.options import Oidc, is_safe
from gangmu.foundation.settings import clock

PATIENCE = 5  # seconds for one answer
MOST_BYTES = 256 * 1024
KNOWN_FOR = timedelta(minutes=10)  # what a provider said of itself, and its keys
ASKED_AGAIN_AFTER = timedelta(seconds=30)  # for a key that is not known
SKEW = timedelta(minutes=2)  # by which the provider's clock may differ from ours
OLDEST = timedelta(minutes=10)  # a token is made for the sign-in that asks for it
KEY_TYPES = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}


class Refused(Exception):
    """What came back proves nobody. `why` is a word for the record."""

    def __init__(self, why: str, detail: str = "") -> None:
        super().__init__(why)
        self.why, self.detail = why, detail[:200]


@dataclass(frozen=True)
class Question:
    """What a browser is sent away with; all but the address stays here."""

    address: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True)
class Person:
    """Whom the provider says it is."""

    subject: str
    login: str
    name: str
    mail: str
    two_factors: bool  # the provider says so in a way that the installation trusts


class _Bounded(HTTPAdapter):
    """Reads no more than an answer may have."""

    def send(self, request: Any, *args: Any, **kwargs: Any) -> requests.Response:
        response = super().send(request, **{**kwargs, "stream": True, "timeout": PATIENCE})
        with response:
            content = response.raw.read(MOST_BYTES + 1, decode_content=True)
        if len(content) > MOST_BYTES:
            raise requests.RequestException("the answer is too long")
        response._content, response._content_consumed = content, True  # type: ignore[attr-defined]
        return response


@contextmanager
def _session(options: Oidc, **more: Any) -> Iterator[Any]:
    session = OAuth2Session(options.client_id, scope=options.scope, code_challenge_method="S256", **more)
    session.trust_env = False  # no password of somebody's .netrc, no proxy by accident
    session.max_redirects = 0
    session.verify = options.ca or True
    for scheme in ("https://", "http://"):
        session.mount(scheme, _Bounded())
    try:
        yield session
    finally:
        session.close()


@dataclass
class _Known:
    """What a provider said of itself, and when."""

    metadata: dict[str, Any]
    keys: KeySet
    at: datetime


_known: dict[tuple[str, str], _Known] = {}


def _fetch(session: Any, address: str) -> dict[str, Any]:
    if not is_safe(address):
        raise Away(f"{address[:100]} is not HTTPS")
    try:
        response = session.request("GET", address, withhold_token=True)
        if response.status_code != 200:
            raise Away(f"{address}: {response.status_code}")
        found = response.json()
    except (requests.RequestException, ValueError) as problem:
        raise Away(f"{address}: {problem}") from problem
    if not isinstance(found, dict):
        raise Away(f"{address}: no object")
    return found


def provider(options: Oidc, *, afresh: bool = False) -> tuple[dict[str, Any], KeySet]:
    """What a provider says of itself, and its keys.

    Raises:
        Away: it cannot be asked, or is not who it should be.
    """
    held = _known.get((options.issuer, options.ca))
    age = clock.now() - held.at if held else KNOWN_FOR
    if held and abs(age) < (ASKED_AGAIN_AFTER if afresh else KNOWN_FOR):
        return held.metadata, held.keys
    with _session(options) as session:
        metadata = _fetch(session, f"{options.issuer.rstrip('/')}/.well-known/openid-configuration")
        if metadata.get("issuer") != options.issuer:
            raise Away(f"it says that it is {str(metadata.get('issuer'))[:100]}")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not is_safe(str(metadata.get(name, ""))):
                raise Away(f"{name} is not HTTPS")
        try:
            keys = KeySet.import_key_set(_fetch(session, metadata["jwks_uri"]))  # type: ignore[arg-type]
        except (JoseError, ValueError, TypeError, KeyError) as problem:
            raise Away(f"{metadata['jwks_uri']}: no keys ({type(problem).__name__})") from problem
    _known[options.issuer, options.ca] = _Known(metadata, keys, clock.now())
    return metadata, keys


def forget() -> None:
    """Forget what providers said."""
    _known.clear()


def ask(options: Oidc, back: str) -> Question:
    """Where to send a browser, and what to know it by when it comes to `back`.

    Raises:
        Away: the provider cannot be asked.
    """
    metadata, _keys = provider(options)
    verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
    more = {"nonce": nonce} | ({"acr_values": options.ask_acr} if options.ask_acr else {})
    with _session(options, redirect_uri=back) as session:
        address, state = session.create_authorization_url(
            metadata["authorization_endpoint"], state=secrets.token_urlsafe(24), code_verifier=verifier, **more
        )
    return Question(address, state, nonce, verifier)


def answered(options: Oidc, secret: str, back: str, question: Question, given: Mapping[str, str]) -> Person:
    """Who has come back, of a browser that was sent away with `question`.

    Raises:
        Refused: it proves nobody.
        Away: the provider does not answer.
    """
    if not secrets.compare_digest(given.get("state", "").encode(), question.state.encode()):
        raise Refused("state")
    if "error" in given:
        raise Refused("provider-refused", given["error"])
    if given.get("iss", options.issuer) != options.issuer:  # RFC 9207
        raise Refused("issuer")
    code = given.get("code", "")
    if not code or len(code) > 4096:
        raise Refused("code")
    metadata, _keys = provider(options)
    token = _exchange(options, secret, metadata, back, question, code)
    if not isinstance(token.get("id_token"), str):
        raise Refused("no-token")
    return judge(options, token["id_token"], nonce=question.nonce, access_token=token.get("access_token"))


def _exchange(
    options: Oidc, secret: str, metadata: dict[str, Any], back: str, question: Question, code: str
) -> dict[str, Any]:
    offered = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    method = next(
        (one for one in ("client_secret_basic", "client_secret_post") if one in offered), "client_secret_basic"
    )
    more = {"client_secret": secret, "token_endpoint_auth_method": method if secret else "none"}
    with _session(options, redirect_uri=back, **more) as session:
        try:
            return session.fetch_token(
                metadata["token_endpoint"],
                code=code,
                code_verifier=question.verifier,
                grant_type="authorization_code",
            )
        except AuthlibBaseError as problem:
            raise Refused("code", str(problem)) from problem
        except (requests.RequestException, ValueError) as problem:
            raise Away(f"{metadata['token_endpoint']}: {problem}") from problem


def judge(options: Oidc, text: str, *, nonce: str, access_token: str | None = None) -> Person:
    """Whom a token speaks of.

    Raises:
        Refused: it is not signed by the provider, not for us, not for this sign-in, or not of now.
        Away: the provider's keys cannot be had.
    """
    token = _verified(options, text)
    now = clock.now()
    claims = CodeIDToken(
        token.claims,
        token.header,
        options={
            "iss": {"essential": True, "value": options.issuer},
            "aud": {"essential": True, "value": options.client_id},
        },
        params={"nonce": nonce, "client_id": options.client_id, "access_token": access_token},
    )
    try:
        claims.validate(now=int(now.timestamp()), leeway=int(SKEW.total_seconds()))
    except JoseError as problem:
        raise Refused("claims", str(problem)) from problem
    subject, issued = token.claims.get("sub"), token.claims.get("iat")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise Refused("claims", "sub")
    if isinstance(issued, bool) or not isinstance(issued, int | float):
        raise Refused("claims", "iat")
    if now.timestamp() - issued > (OLDEST + SKEW).total_seconds():
        raise Refused("claims", "too old")

    def said(name: str) -> str:
        value = token.claims.get(name)
        return value if isinstance(value, str) else ""

    amr = token.claims.get("amr") or []
    trusted = bool(set(options.trust_amr.replace(",", " ").split()) & {one for one in amr if isinstance(one, str)})
    trusted = trusted or said("acr") in set(options.trust_acr.replace(",", " ").split())
    return Person(subject, said(options.login), said(options.name), said(options.mail), two_factors=trusted)


def _verified(options: Oidc, text: str) -> jwt.Token:
    """A token whose signature is one of the provider's, by an algorithm that is allowed and fits the key."""
    if len(text) > 32_768:
        raise Refused("too-large")
    try:
        header = jws.extract_compact(text.encode()).headers()
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as problem:
        raise Refused("malformed") from problem
    algorithm, named = header.get("alg"), header.get("kid")
    if algorithm not in options.signing:
        raise Refused("algorithm", str(algorithm))
    for afresh in (False, True):
        _metadata, keys = provider(options, afresh=afresh)
        fitting = [key for key in keys.keys if _fits(key, algorithm, named)]
        if fitting:
            break
    if len(fitting) != 1:
        raise Refused("key")
    try:
        return jwt.decode(text, fitting[0], algorithms=[algorithm])
    except (JoseError, ValueError, TypeError) as problem:
        raise Refused("signature", type(problem).__name__) from problem


def _fits(key: Any, algorithm: str, named: Any) -> bool:
    """Whether a key of the provider may have made a signature: of the kind, for signing, and the one that is named."""
    said = key.as_dict(private=False)
    return (
        key.key_type == KEY_TYPES.get(algorithm[:2])
        and said.get("use") in (None, "sig")
        and said.get("alg") in (None, algorithm)
        and (named is None or said.get("kid") == named)
    )

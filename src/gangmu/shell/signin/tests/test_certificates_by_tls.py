"""The listener for certificates, asked by real clients of TLS and by a browser."""

import contextlib
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID
from django.core.wsgi import get_wsgi_application
from django.db import connections
from OpenSSL import SSL

from gangmu.foundation.accounts.directories.tests.certificates import make_server_certificate
from gangmu.foundation.accounts.factors import certificates
from gangmu.foundation.accounts.models import SignIn, User
from gangmu.foundation.records.models import Event
from gangmu.foundation.settings import clock
from gangmu.shell.signin.tests.certificates import Authority, header, pem, trust
from gangmu.shell.sites.certificates import Terms, server
from gangmu.shell.testing.browser import chromium, clicked
from gangmu.shell.testing.plugin import own_database
from gangmu.shell.testing.sites import at_site
from gangmu.shell.testing.worlds import PASSWORD, let_in

__all__ = ["chromium"]


@dataclass
class Client:
    """Somebody with a certificate and its key, in files."""

    certificate: Any
    files: tuple[str, str]


@dataclass
class Listener:
    """What is served, and who may issue."""

    port: int
    folder: Path
    authority: Authority

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    @property
    def ca(self) -> str:
        return str(self.folder / "ca.pem")

    def client(self, authority: Authority | None = None, **options: Any) -> Client:
        """Somebody whose certificate is written down, with its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        made = (authority or self.authority)._issue("wangmin", key, **options)
        name = f"{made.serial_number:x}"
        (self.folder / f"{name}.pem").write_bytes(pem(made))
        form, bare = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        (self.folder / f"{name}.key").write_bytes(key.private_bytes(serialization.Encoding.PEM, form, bare))
        return Client(made, (str(self.folder / f"{name}.pem"), str(self.folder / f"{name}.key")))

    def session(self, client: Client | None) -> requests.Session:
        session = requests.Session()
        session.trust_env, session.verify = False, self.ca
        session.cert = client.files if client else None
        session.headers["Accept-Language"] = "en"
        return session

    def sign_in(self, client: Client | None, **headers: str) -> requests.Response:
        """What the button does."""
        with self.session(client) as session:
            page = session.get(f"{self.url}/sign-in/")
            token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
            assert token, page.text
            values = {"csrfmiddlewaretoken": token[1], "next": "/account/"}
            here = {"Referer": f"{self.url}/sign-in/", **headers}
            return session.post(f"{self.url}/sign-in/certificate/", values, headers=here)


@pytest.fixture(scope="module")
def listener(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[Listener]:
    home = tmp_path_factory.mktemp("home")
    authority = Authority("Our CA")
    trust(home, authority)
    make_server_certificate(home)
    terms = Terms(home / "server.pem", home / "server.key", home / "certificates" / "ca.pem")
    here = at_site(
        "business", DEMONSTRATION=False, GANGMU_HOME=home, SESSION_COOKIE_SECURE=True, CSRF_COOKIE_SECURE=True
    )
    with django_db_blocker.unblock(), own_database("certificates"), here:
        application = get_wsgi_application()

        def closing(environ: Any, start: Any) -> Any:
            try:
                return application(environ, start)
            finally:
                connections.close_all()

        running = server("127.0.0.1", 0, closing, terms)
        running.prepare()
        thread = threading.Thread(target=running.serve, daemon=True)
        thread.start()
        try:
            yield Listener(running.bind_addr[1], home, authority)
        finally:
            running.stop()
            thread.join(10)


@pytest.fixture
def user(listener: Listener) -> User:
    user = User(username=f"person{User.objects.count()}", name="王敏")
    user.set_password(PASSWORD)
    user.save()
    return let_in(user)


def refused() -> str:
    return Event.objects.filter(kind="accounts.certificate-refused").latest("pk").data["why"]


@pytest.mark.req("M-5.8.1.1")
def test_a_certificate_that_is_bound_opens_its_account(listener, user):
    client = listener.client()
    assert "was not accepted" in listener.sign_in(client).text
    assert refused() == "unbound"
    certificates.bind(user, client.certificate)
    done = listener.sign_in(client)
    assert (done.status_code, done.url) == (200, f"{listener.url}/account/")
    held = SignIn.objects.get(user=user, ended_at=None)
    assert (held.method, held.address) == ("certificate", "127.0.0.1")
    cookies = done.request.headers["Cookie"]
    assert "gangmu_business=" in cookies


@pytest.mark.req("M-5.8.1.1")
@pytest.mark.parametrize("why", ["other-issuer", "expired", "not-yet-valid", "not-for-clients", "revoked"])
def test_a_certificate_that_is_not_good_is_told_so_on_a_page_and_in_the_record(listener, user, why):
    now, options, authority = clock.now(), {}, None
    match why:
        case "other-issuer":
            authority = Authority("Our CA")
        case "expired":
            options["ends"] = now - timedelta(seconds=1)
        case "not-yet-valid":
            options["begins"] = now + timedelta(minutes=5)
        case "not-for-clients":
            options["usage"] = ExtendedKeyUsageOID.SERVER_AUTH
    client = listener.client(authority, **options)
    if why == "revoked":  # the list is read anew: no restart
        certificates.bind(user, client.certificate)
        assert listener.sign_in(client).status_code == 200
        (listener.folder / "certificates" / "ours.crl").write_bytes(listener.authority.revoke(client.certificate))
    answer = listener.sign_in(client)
    assert answer.status_code == 422
    assert "The certificate was not accepted" in answer.text
    assert refused() == why
    (listener.folder / "certificates" / "ours.crl").unlink(missing_ok=True)


@pytest.mark.parametrize("spoilt", [False, True])
def test_a_certificate_counts_only_with_a_signature_of_its_key(listener, spoilt):
    """In TLS 1.2 the client's signature crosses the line in the open: here one byte of it is changed on the way."""
    client = listener.client()
    terms = Terms(listener.folder / "server.pem", listener.folder / "server.key", listener.folder / "none.pem")
    ours = SSL.Connection(terms.context(), None)
    ours.set_accept_state()
    context = ssl.create_default_context(cafile=listener.ca)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(*client.files)
    to_client, to_us = ssl.MemoryBIO(), ssl.MemoryBIO()
    theirs = context.wrap_bio(to_client, to_us, server_hostname="localhost")
    for _flight in range(4):
        with contextlib.suppress(ssl.SSLWantReadError):
            theirs.do_handshake()
        for record in _records(to_us.read()):
            is_signature = record[0] == 22 and record[5] == 15
            ours.bio_write(record[:-1] + bytes([record[-1] ^ 1]) if spoilt and is_signature else record)
        try:
            ours.do_handshake()
        except SSL.WantReadError:
            pass
        except SSL.Error as problem:
            assert spoilt
            assert problem.args[0][-1][2] == "bad signature"
            return
        with contextlib.suppress(SSL.WantReadError):
            to_client.write(ours.bio_read(65_536))
    assert not spoilt
    shown = ours.get_peer_certificate(as_cryptography=True)
    assert shown == client.certificate


def _records(flight: bytes) -> Iterator[bytes]:
    """What crosses the line, record by record."""
    at = 0
    while at < len(flight):
        length = 5 + int.from_bytes(flight[at + 3 : at + 5])
        yield flight[at : at + length]
        at += length


def test_no_header_stands_for_a_certificate(listener, user):
    client = listener.client()
    certificates.bind(user, client.certificate)
    answer = listener.sign_in(None, **{"X-Client-Certificate": header(client.certificate)})
    assert answer.status_code == 422
    assert refused() == "absent"
    other = listener.client()
    listener.sign_in(other, **{"X-Client-Certificate": header(client.certificate), "X_Client_Certificate": "x"})
    assert refused() == "unbound"


def test_whoever_has_none_sees_the_site_and_is_not_offered_the_button(listener):
    with listener.session(None) as session:
        page = session.get(f"{listener.url}/sign-in/")
    assert page.status_code == 200
    assert "/sign-in/certificate/" not in page.text
    assert page.headers["Server"] == "gangmu"


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_old_tls_is_not_spoken(listener, newest):
    context = ssl.create_default_context(cafile=listener.ca)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, newest
    with socket.create_connection(("127.0.0.1", listener.port), 10) as line, pytest.raises((ssl.SSLError, OSError)):
        context.wrap_socket(line, server_hostname="localhost")


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_present_tls_is(listener, newest):
    context = ssl.create_default_context(cafile=listener.ca)
    context.maximum_version = newest
    line = socket.create_connection(("127.0.0.1", listener.port), 10)
    with context.wrap_socket(line, server_hostname="localhost") as secure:
        assert secure.version() == newest.name.replace("_", ".")


def test_lines_that_say_nothing_hold_up_nobody(listener):
    silent = [socket.create_connection(("127.0.0.1", listener.port), 10) for _one in range(40)]
    try:
        with listener.session(None) as session:
            assert session.get(f"{listener.url}/sign-in/").status_code == 200
    finally:
        for one in silent:
            one.close()


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        (b"GET /sign-in/ HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 70_000 + b"\r\n\r\n", b" 413 "),
        (b"POST /sign-in/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n", b" 413 "),
        (b"POST /sign-in/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", b" 403 "),
        (b"\x00\x01\x02 / HTTP/1.1\r\n\r\n", b" 400 "),
        (b"GET /sign-in/ HTTP/1.1\r\nHost: evil.example.org\r\n\r\n", b" 400 "),
        (b"GET http://evil.example.org/sign-in/ HTTP/1.1\r\nHost: evil.example.org\r\n\r\n", b" 400 "),
    ],
)
def test_what_no_browser_sends_is_refused(listener, said, answered):
    context = ssl.create_default_context(cafile=listener.ca)
    line = socket.create_connection(("127.0.0.1", listener.port), 10)
    with context.wrap_socket(line, server_hostname="localhost") as secure:
        secure.sendall(said)
        assert answered in secure.recv(200).split(b"\r\n")[0] + b" "


@pytest.mark.browser
@pytest.mark.req("M-5.8.1.1")
def test_in_a_browser(listener, user, chromium):
    client = listener.client()
    certificates.bind(user, client.certificate)
    shown = {"origin": listener.url, "certPath": client.files[0], "keyPath": client.files[1]}
    context = chromium.new_context(
        base_url=listener.url, client_certificates=[shown], ignore_https_errors=True, locale="en-US"
    )
    page = context.new_page()
    page.goto("/sign-in/?next=/account/")
    page.wait_for_load_state("networkidle")
    clicked(page, lambda: page.get_by_role("button", name="Sign in with your certificate").click())
    assert page.url == f"{listener.url}/account/"
    assert {cookie["secure"] for cookie in context.cookies() if cookie["name"] == "gangmu_business"} == {True}
    context.close()

"""Both sites behind Debian's nginx, with the very configuration that docs/operators-guide.md prints.

Everything is on loopback: the administrators' network is 127.0.0.2, everybody else comes from other 127.x addresses.
"""

import http.client
import os
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.test import override_settings

from gangmu.foundation.records.models import Event
from gangmu.foundation.settings import clock
from gangmu.shell.testing.worlds import PASSWORD, make_user, make_world
from hardening import certificates, servers

pytestmark = pytest.mark.xdist_group("nginx")

BUSINESS, OFFICE = "figures.example.com", "office.example.com"
ADMINISTRATOR, STAFF = "127.0.0.2", "127.0.0.3"
TLS_ONLY = ("GANGMU_HTTPS", "GANGMU_ALLOWED_HOSTS", "GANGMU_TRUSTED_PROXIES", "GANGMU_OFFICE_NETWORKS")


@dataclass
class Front:
    folder: Path
    ports: dict[str, int]

    def ask(
        self, host: str, path: str, *, source: str = STAFF, port: str = "tls", method: str = "GET", **more
    ) -> "Answer":
        """One request over a connection of its own, from an address of the test's choice."""
        headers = {"Host": host, "Accept-Language": "en", **more.get("headers", {})}
        body = more.get("body")
        line = socket.create_connection(("127.0.0.1", self.ports[port]), 30, source_address=(source, 0))
        if port == "tls":
            context = ssl.create_default_context(cafile=str(self.folder / "gangmu.pem"))
            if person := more.get("person"):
                context.load_cert_chain(self.folder / f"{person}.pem", self.folder / f"{person}.key")
            line = context.wrap_socket(line, server_hostname=more.get("sni", host))
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[port], timeout=30)
        connection.sock = line
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.getheaders(), answer.read().decode("utf-8", "replace"))
        finally:
            connection.close()


@dataclass
class Answer:
    status: int
    headers: list[tuple[str, str]]
    text: str

    def header(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def cookies(self) -> dict[str, str]:
        pairs = [value.partition(";")[0].partition("=") for value in self.header("Set-Cookie")]
        return {name: value for name, _equals, value in pairs}


@pytest.fixture(scope="module")
def front(committed_once: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    if servers.program() is None:
        say = pytest.fail if os.environ.get("CI") else pytest.skip
        say("NO NGINX: the printed configuration of the proxy is not tested; apt-get install nginx-light")
    folder = tmp_path_factory.mktemp("nginx")
    certificates.make(folder, "ca")
    certificates.make(folder, "gangmu", BUSINESS, OFFICE)
    certificates.make(folder, "person", issuer="ca")
    make_world(folder)
    hashers = ["django.contrib.auth.hashers.Argon2PasswordHasher"]  # the served processes know no quick one
    with override_settings(PASSWORD_HASHERS=hashers):
        make_user("wang", "G", "manager")
    settings = {
        "GANGMU_HTTPS": "1",
        "GANGMU_ALLOWED_HOSTS": f"{BUSINESS},{OFFICE}",
        "GANGMU_TRUSTED_PROXIES": "127.0.0.1",
        "GANGMU_OFFICE_NETWORKS": ADMINISTRATOR,
    }
    with (
        servers.both_sites(folder, **settings) as sites,
        servers.nginx(folder, sites, office_network=ADMINISTRATOR) as ports,
    ):
        yield Front(folder, ports)


@pytest.mark.req("M-5.8.1.2")
def test_one_address_leads_to_both_sites_by_their_names(front: Front):
    business = front.ask(BUSINESS, "/sign-in/")
    office = front.ask(OFFICE, "/sign-in/", source=ADMINISTRATOR)
    assert (business.status, office.status) == (200, 200)
    assert list(business.cookies) == ["gangmu_business_csrf"]
    assert list(office.cookies) == ["gangmu_office_csrf"]
    assert "Back office" in office.text and "Back office" not in business.text


def test_a_name_that_is_none_of_ours_gets_nothing(front: Front):
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        front.ask("elsewhere.example.com", "/", port="plain")
    with pytest.raises(ssl.SSLError):
        front.ask("elsewhere.example.com", "/")
    assert front.ask("elsewhere.example.com", "/sign-in/", sni=BUSINESS).status in {400, 421}


def test_plain_requests_go_to_https_and_stay_there(front: Front):
    sent = front.ask(BUSINESS, "/figures/?q=1", port="plain")
    assert (sent.status, sent.header("Location")) == (308, [f"https://{BUSINESS}/figures/?q=1"])
    away = front.ask(BUSINESS, "/figures/?q=1")
    assert away.status == 302 and away.header("Location")[0].startswith("/sign-in/?next=")
    for path in ("/sign-in/", "/nowhere/", "/static/gangmu/icon.svg", "/static/gangmu/none.js"):
        assert front.ask(BUSINESS, path).header("Strict-Transport-Security") == ["max-age=31536000"], path


def test_cookies_are_for_https_and_for_no_script_where_they_are_secret(front: Front):
    page = front.ask(BUSINESS, "/sign-in/")
    (cookie,) = page.header("Set-Cookie")
    assert "Secure" in cookie and "SameSite=Lax" in cookie
    token = page.cookies["gangmu_business_csrf"]
    form = urlencode({"username": "wang", "password": PASSWORD, "csrfmiddlewaretoken": token})
    opened = front.ask(
        BUSINESS,
        "/sign-in/",
        method="POST",
        body=form,
        headers={
            "Cookie": f"gangmu_business_csrf={token}",
            "Content-Type": "application/x-www-form-urlencoded",
            "Referer": f"https://{BUSINESS}/sign-in/",
        },
    )
    assert opened.status == 302, opened.text
    session = next(value for value in opened.header("Set-Cookie") if value.startswith("gangmu_business="))
    assert {"Secure", "HttpOnly", "SameSite=Lax"} <= {part.strip() for part in session.split(";")}


@pytest.mark.parametrize("source", [STAFF, ADMINISTRATOR])
def test_what_a_client_says_of_its_address_is_written_anew(front: Front, source):
    forged = {
        "X-Forwarded-For": ADMINISTRATOR,
        "X-Forwarded-Host": "elsewhere.example.com",
        "X-Forwarded-Proto": "http",
        "X-Real-IP": ADMINISTRATOR,
        "Forwarded": f"for={ADMINISTRATOR};proto=http;host=elsewhere.example.com",
        "X-Client-Certificate": "-----BEGIN%20CERTIFICATE-----",
        "X_Forwarded_For": ADMINISTRATOR,
    }
    since = clock.now() - timedelta(minutes=5)
    answer = front.ask(OFFICE, "/", source=source, headers=forged)
    assert answer.status == (302 if source == ADMINISTRATOR else 403)
    assert "elsewhere.example.com" not in answer.text + str(answer.headers)
    # at the site's own door too, without the proxy's list of networks
    direct = front.ask(OFFICE, "/", source=STAFF, port="office", headers={**forged, "X-Forwarded-Proto": "https"})
    assert direct.status == 421
    assert not Event.objects.filter(at__gt=since, kind="access.network-refused", ip=ADMINISTRATOR).exists()


def test_a_proxy_that_is_not_trusted_is_told_what_to_set_and_no_circle_begins(front: Front):
    for headers in ({}, {"X-Forwarded-Proto": "https"}, {"X-Forwarded-Proto": "http"}):
        answer = front.ask(BUSINESS, "/sign-in/", source=STAFF, port="business", headers=headers)
        assert (answer.status, answer.header("Location")) == (421, [])
        assert "GANGMU_TRUSTED_PROXIES" in answer.text and "受信任的代理" in answer.text
        assert STAFF not in answer.text
    silent = front.ask(BUSINESS, "/sign-in/", source="127.0.0.1", port="business")
    assert silent.status == 421
    assert f"plain request came from {STAFF}" in (front.folder / "business.log").read_text()


def test_the_real_address_is_in_no_answer(front: Front):
    """Headers, redirects and error pages, of the product and of nginx."""
    long = "x" * 20_000
    asked = [
        *(front.ask(BUSINESS, path) for path in ("/", "/sign-in/", "/nowhere/", "/api/v1/organisations", "/sign-in")),
        *(
            front.ask(BUSINESS, path)
            for path in ("/static/gangmu/icon.svg", "/static/gangmu", "//", "/%2e%2e/", "/%00")
        ),
        front.ask(BUSINESS, f"/{long}"),
        front.ask(BUSINESS, "/", method="DELETE"),
        front.ask(BUSINESS, "/sign-in/", method="POST", body="x"),
        front.ask(BUSINESS, "/", headers={"Cookie": f"a={long}"}),
        front.ask(OFFICE, "/"),
        front.ask(OFFICE, "/nowhere/", source=ADMINISTRATOR),
        front.ask(OFFICE, "/records/", source=ADMINISTRATOR, headers={"HX-Request": "true"}),
        front.ask(BUSINESS, "/", port="plain"),
    ]
    hidden = ["127.0.0.1", *(str(front.ports[one]) for one in ("business", "office")), "granian", "gangmu_business:"]
    for answer in asked:
        said = f"{answer.headers}{answer.text}".lower()
        assert [one for one in hidden if one.lower() in said] == [], answer
        assert not any("nginx/" in value for _name, value in answer.headers)
    assert {answer.status for answer in asked} >= {200, 302, 308, 400, 401, 403, 404, 414}


def test_a_body_over_the_limit_is_refused_before_it_is_read(front: Front):
    answer = front.ask(BUSINESS, "/sign-in/", method="POST", body=None, headers={"Content-Length": str(200 << 20)})
    assert answer.status == 413


def test_a_certificate_is_passed_on_and_one_of_another_ca_is_not(front: Front):
    """What is passed on is judged by the product: this one is bound to nobody."""
    certificates.make(front.folder, "stranger-ca")
    certificates.make(front.folder, "stranger", issuer="stranger-ca")
    foreign = front.ask(BUSINESS, "/sign-in/", person="stranger")
    assert foreign.status == 400 and "gangmu" not in foreign.text.lower()
    page = front.ask(BUSINESS, "/sign-in/", person="person")
    token = page.cookies["gangmu_business_csrf"]
    answer = front.ask(
        BUSINESS,
        "/sign-in/certificate/",
        person="person",
        method="POST",
        body=urlencode({"csrfmiddlewaretoken": token}),
        headers={
            "Cookie": f"gangmu_business_csrf={token}",
            "Content-Type": "application/x-www-form-urlencoded",
            "Referer": f"https://{BUSINESS}/sign-in/",
        },
    )
    assert answer.status == 422
    refused = Event.objects.filter(kind="accounts.certificate-refused", ip=STAFF)
    (why,) = {event.data["why"] for event in refused}
    assert why != "absent"  # the header arrived and was read


def test_who_signs_in_too_often_is_slowed_by_the_proxy(front: Front):
    statuses = [front.ask(BUSINESS, "/sign-in/", source="127.0.0.77").status for _ in range(30)]
    assert statuses[0] == 200 and statuses[-1] == 429
    assert front.ask(BUSINESS, "/sign-in/", source="127.0.0.78").status == 200

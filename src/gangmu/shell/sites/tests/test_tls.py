"""`gangmu run` with a certificate of its own: HTTPS and nothing older, HSTS, secure cookies, and the other port."""

import os
import re
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from gangmu.foundation.accounts.directories.tests.certificates import make_server_certificate
from gangmu.shell.signin.tests.certificates import Authority, trust

PATIENCE = 120.0  # seconds for what takes ten; cores may be shared


def free_ports(count: int) -> list[int]:
    held = [socket.socket() for _one in range(count)]
    for one in held:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def gangmu(home: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-P", "-m", "gangmu.shell.cli.tethered", str(os.getpid()), "gangmu.shell.cli", *arguments]


@pytest.fixture(scope="module")
def ports(committed_once) -> Iterator[tuple[int, int, int, int, str]]:
    """A new installation, served by HTTPS: the ports of both sites, each with that for certificates; and the CA."""
    home = Path(os.environ["GANGMU_HOME"])
    own = ("GANGMU_HOME", "GANGMU_DATABASE_URL")
    kept = {
        name: value
        for name, value in os.environ.items()
        if name.startswith(own) or not name.startswith(("GANGMU_", "DJANGO_"))
    }
    environment = {**kept, "GANGMU_LANGUAGE": "en"}
    ca = make_server_certificate(home)
    trust(home, Authority("Our CA"))
    found = free_ports(4)
    names = ("--port", "--office-port", "--certificate-port", "--office-certificate-port")
    where = [f"{name}={port}" for name, port in zip(names, found, strict=True)]
    tls = [f"--certificate={home}/server.pem", f"--key={home}/server.key"]
    with (home / "run.log").open("wb") as log:
        run = subprocess.Popen(
            gangmu(home, "run", "--workers=1", *where, *tls), env=environment, stdout=log, stderr=log
        )
    try:
        end = time.monotonic() + PATIENCE
        for port in found:
            while not answers(port, str(ca)):
                assert run.poll() is None and time.monotonic() < end, (home / "run.log").read_text()
                time.sleep(0.1)
        yield (*found, str(ca))  # type: ignore[misc]
    finally:
        run.terminate()
        run.wait(60)


def answers(port: int, ca: str) -> bool:
    try:
        return get(port, ca).status_code == 200
    except requests.RequestException:
        return False


def get(port: int, ca: str, path: str = "/sign-in/", scheme: str = "https") -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.get(f"{scheme}://localhost:{port}{path}", verify=ca, allow_redirects=False, timeout=10)


def speaks(port: int, ca: str, version: ssl.TLSVersion) -> bool:
    context = ssl.create_default_context(cafile=ca)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    try:
        with context.wrap_socket(socket.create_connection(("127.0.0.1", port), 10), server_hostname="localhost"):
            return True
    except OSError:  # ssl.SSLError is one
        return False


@pytest.mark.req("M-5.8.1.1")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_both_sites_speak_https_and_nothing_less(ports):
    *found, ca = ports
    for port in found:
        page = get(port, ca)
        assert page.headers["Strict-Transport-Security"] == "max-age=31536000"
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        set_cookies = page.raw.headers.getlist("Set-Cookie")
        assert set_cookies
        assert all("Secure" in one for one in set_cookies)
        versions = (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
        assert [speaks(port, ca, one) for one in versions] == [False, False, True, True]
        with pytest.raises(requests.RequestException):
            answer = get(port, ca, scheme="http")
            answer.raise_for_status()


def test_the_sign_in_page_leads_to_the_port_for_certificates_of_its_site(ports):
    business, office, business_asks, office_asks, ca = ports
    for site, asks in ((business, business_asks), (office, office_asks)):
        link = f'href="https://localhost:{asks}/sign-in/?next=%2F"'
        assert link in get(site, ca).text
        assert re.search(r'href="https://localhost:\d+/sign-in/', get(asks, ca).text) is None

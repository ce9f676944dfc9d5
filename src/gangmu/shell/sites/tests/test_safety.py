"""The product does not start where it would serve others insecurely, and says what to set."""

import os
import subprocess
import sys

import pytest
from click import ClickException, UsageError

from gangmu.shell.cli.serve import demo_command, run_command
from gangmu.shell.sites.safety import refusals

LOOPBACK, EVERYWHERE = ("127.0.0.1", "::1"), ("0.0.0.0", "127.0.0.1")
SAFE = {"GANGMU_ALLOWED_HOSTS": "figures.example.com,office.example.com", "GANGMU_HTTPS": "1"}


def without(name: str) -> dict[str, str]:
    return {key: value for key, value in SAFE.items() if key != name}


@pytest.mark.parametrize(
    ("hosts", "environment"),
    [
        (LOOPBACK, {}),
        (("localhost", "[::1]"), {"GANGMU_DEMONSTRATION": "1"}),
        (EVERYWHERE, SAFE),
        (LOOPBACK, SAFE | {"GANGMU_TRUSTED_PROXIES": "127.0.0.1", "GANGMU_OFFICE_NETWORKS": "10.0.0.0/8"}),
    ],
)
def test_what_is_safe_is_served(hosts, environment):
    assert refusals(hosts, environment) == []


@pytest.mark.parametrize(
    ("hosts", "environment", "named"),
    [
        (EVERYWHERE, without("GANGMU_ALLOWED_HOSTS"), "GANGMU_ALLOWED_HOSTS"),
        (EVERYWHERE, SAFE | {"GANGMU_ALLOWED_HOSTS": "*"}, "GANGMU_ALLOWED_HOSTS"),
        (EVERYWHERE, SAFE | {"GANGMU_ALLOWED_HOSTS": " , "}, "GANGMU_ALLOWED_HOSTS"),
        (EVERYWHERE, without("GANGMU_HTTPS"), "GANGMU_HTTPS=1"),
        (("127.0.0.1", "192.0.2.1"), without("GANGMU_HTTPS"), "--certificate"),
        (LOOPBACK, without("GANGMU_HTTPS"), "GANGMU_HTTPS=1"),  # a name of its own: a proxy stands in front
        (LOOPBACK, {"GANGMU_TRUSTED_PROXIES": "127.0.0.1"} | without("GANGMU_HTTPS"), "GANGMU_HTTPS=1"),
        (EVERYWHERE, SAFE | {"GANGMU_DEMONSTRATION": "1"}, "GANGMU_DEMONSTRATION"),
        (LOOPBACK, SAFE | {"GANGMU_DEMONSTRATION": "1"}, "GANGMU_DEMONSTRATION"),
        (LOOPBACK, {"GANGMU_OFFICE_NETWORKS": "intranet"}, "GANGMU_OFFICE_NETWORKS"),
        (LOOPBACK, {"GANGMU_TRUSTED_PROXIES": "10.0.0.1/8"}, "GANGMU_TRUSTED_PROXIES"),
    ],
)
def test_what_is_not_safe_is_refused_by_name(hosts, environment, named):
    assert [problem for problem in refusals(hosts, environment) if named in problem]


def test_a_certificate_of_the_server_is_https():
    assert refusals(EVERYWHERE, without("GANGMU_HTTPS"), has_certificate=True) == []


def test_everything_that_is_missing_is_said_at_once(monkeypatch):
    for name in SAFE:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ClickException) as refused:
        run_command.main(["--office-host", "0.0.0.0"], standalone_mode=False)
    assert "GANGMU_ALLOWED_HOSTS" in refused.value.message and "GANGMU_HTTPS" in refused.value.message


@pytest.mark.parametrize("option", ["--host", "--office-host"])
@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "example.com"])
def test_a_demonstration_listens_on_loopback_alone_at_both_sites(option, host):
    with pytest.raises(ClickException, match="loopback only"):
        demo_command.main([option, host], standalone_mode=False)


def test_the_sites_have_a_port_each():
    with pytest.raises(UsageError, match="a port of its own"):
        run_command.main(["--port", "8000", "--office-port", "8000"], standalone_mode=False)


def test_a_certificate_needs_its_key(tmp_path):
    certificate = tmp_path / "certificate.pem"
    certificate.touch()
    with pytest.raises(UsageError, match="go together"):
        run_command.main(["--certificate", str(certificate)], standalone_mode=False)


SHOW = """
from django.conf import settings
print(settings.SITE, settings.ROOT_URLCONF, settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_SECURE,
      settings.CSRF_COOKIE_SECURE, settings.SECURE_HSTS_SECONDS > 0, settings.SECURE_SSL_REDIRECT,
      settings.ALLOWED_HOSTS)
"""


def shown(**environment: str) -> str:
    """The settings of a web process in an environment."""
    ended = subprocess.run(
        [sys.executable, "-c", SHOW],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "gangmu.shell.settings", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.stdout.strip() or ended.stderr.strip().splitlines()[-1]


def test_a_process_is_of_the_site_that_its_environment_names():
    assert shown(GANGMU_SITE="business").startswith(
        "business gangmu.shell.urls gangmu_business False False False False"
    )
    secure = shown(GANGMU_SITE="office", GANGMU_HTTPS="1", GANGMU_ALLOWED_HOSTS="office.example.com")
    assert secure == "office gangmu.shell.office.urls gangmu_office True True True True ['office.example.com']"
    assert "GANGMU_SITE is “elsewhere”" in shown(GANGMU_SITE="elsewhere")

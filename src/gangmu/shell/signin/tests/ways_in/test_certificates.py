"""By certificate: what is bound, what is not good, and through whom it must come."""

from datetime import timedelta
from ipaddress import ip_network

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID
from django.test import Client

from gangmu.foundation.accounts.factors import certificates
from gangmu.foundation.accounts.models import Certificate, SignIn, User
from gangmu.foundation.settings import clock
from gangmu.shell.signin.tests.certificates import Authority, header, trust
from gangmu.shell.signin.tests.ways_in.kit import is_in, post, refusals

pytestmark = pytest.mark.django_db


@pytest.fixture
def authority(now, settings, tmp_path):
    settings.GANGMU_HOME = tmp_path
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1/32")]
    made = Authority("Our CA")
    trust(tmp_path, made)
    return made


def by_certificate(certificate, **options):
    client = Client(headers={"accept-language": "en", "x-client-certificate": header(certificate)}, **options)
    return client, client.post("/sign-in/certificate/")


@pytest.mark.req("M-5.8.1.1", "M-4.2.1")
def test_a_certificate_that_is_bound_opens_its_account(user, authority):
    given = authority.issue("wangmin")
    client, refused = by_certificate(given)
    assert refused.status_code == 422
    assert refusals("accounts.certificate-refused")[0].data["why"] == "unbound"
    post(client)  # by password, with the certificate shown
    client.post("/account/certificate/")
    bound = Certificate.objects.get()
    assert (bound.user_id, bound.serial) == (user.pk, f"{given.serial_number:x}")
    client, opened = by_certificate(given)
    assert opened.status_code == 302
    assert is_in(client)
    assert SignIn.objects.get(ended_at=None).method == "certificate"
    post(other := Client(headers={"x-client-certificate": header(given)}))
    assert is_in(other)
    assert SignIn.objects.get(ended_at=None).method == "password+certificate"


@pytest.mark.req("M-5.8.1.1")
@pytest.mark.parametrize(
    "why",
    [
        "other-issuer",
        "expired",
        "not-yet-valid",
        "revoked",
        "revocation-list-stale",
        "revocation-list-forged",
        "not-for-clients",
        "account",
    ],
)
def test_a_certificate_that_is_not_good_is_refused_and_recorded(user, authority, now, tmp_path, why):
    good = authority.issue("wangmin")
    match why:
        case "other-issuer":
            good = Authority("Our CA").issue("wangmin")  # of the same name, with another key
        case "expired":
            good = authority.issue("wangmin", ends=now)
        case "not-yet-valid":
            good = authority.issue("wangmin", begins=now + timedelta(minutes=5))
        case "not-for-clients":
            good = authority.issue("wangmin", usage=ExtendedKeyUsageOID.SERVER_AUTH)
        case "account":
            User.objects.update(valid_to="2026-11-20")
    lists = tmp_path / "certificates" / "ours.crl"
    match why:
        case "revoked":
            lists.write_bytes(authority.revoke(good))
        case "revocation-list-stale":
            lists.write_bytes(authority.revoke(next_update=now + timedelta(seconds=1)))
        case "revocation-list-forged":
            lists.write_bytes(authority.revoke(by=Authority("Somebody")))
    Certificate.objects.create(
        user=user,
        fingerprint=certificates.fingerprint(good),
        issuer="x",
        serial="x",
        subject="x",
        valid_to=now,
        bound_at=now,
    )
    later = timedelta(seconds=2) if why == "revocation-list-stale" else timedelta(0)
    with clock.advanced(later):
        client, refused = by_certificate(good)
    assert refused.status_code == 422
    assert "not accepted" in refused.content.decode()
    assert refusals("accounts.certificate-refused")[0].data["why"] == why
    assert not is_in(client)


def test_a_clock_that_is_two_minutes_ahead_is_forgiven(user, authority, now):
    certificates.judge(authority.issue("wangmin", begins=now + timedelta(minutes=2) - timedelta(seconds=1)))


@pytest.mark.parametrize(
    "text", ["garbage", "%2D" * 20_000, "-----BEGIN CERTIFICATE-----%0AAAAA%0A-----END CERTIFICATE-----"]
)
def test_a_header_that_holds_no_certificate_is_refused(user, authority, text):
    client = Client(headers={"x-client-certificate": text})
    assert client.post("/sign-in/certificate/").status_code == 422
    assert refusals("accounts.certificate-refused")[0].data["why"] in ("malformed", "too-large")


def test_a_certificate_from_anybody_but_the_proxy_is_not_looked_at(user, authority):
    given = authority.issue("wangmin")
    certificates.bind(user, given)
    client, refused = by_certificate(given, REMOTE_ADDR="192.0.2.66")
    assert refused.status_code == 422
    assert refusals("accounts.certificate-refused")[0].data["why"] == "absent"
    assert not is_in(client)

"""Who somebody really is behind proxies, and which networks the back office answers."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client

from gangmu.foundation.records.queries import events
from gangmu.foundation.settings import clock
from gangmu.shell.sites.addresses import ClientAddressMiddleware, OfficeNetworksMiddleware, client_of
from gangmu.shell.sites.networks import is_in, read_address, read_networks
from gangmu.shell.testing.sites import at_site

PROXIES = read_networks("10.0.0.1, 10.0.0.2, fd00::/8", "GANGMU_TRUSTED_PROXIES")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("192.0.2.7:51000", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("192.0.2.7:port", "None"),
        ("unknown", "None"),
        ("", "None"),
        ("192.0.2.300", "None"),
    ],
)
def test_an_address_is_read_as_proxies_and_servers_write_it(text, address):
    assert str(read_address(text)) == address


@pytest.mark.parametrize("text", ["10.0.0.0/33", "10.0.0.1/8", "intranet", "10.0.0.1;10.0.0.2"])
def test_a_setting_that_names_no_network_says_so(text):
    with pytest.raises(ValueError, match=r"GANGMU_OFFICE_NETWORKS: .* is no network"):
        read_networks(text, "GANGMU_OFFICE_NETWORKS")


def test_networks_are_addresses_and_blocks():
    networks = read_networks(" 10.1.0.0/16, 192.0.2.7 ,", "GANGMU_OFFICE_NETWORKS")
    assert [is_in(read_address(one), networks) for one in ("10.1.255.1", "192.0.2.7", "192.0.2.8")] == [  # type: ignore[arg-type]
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("203.0.113.9, 192.0.2.7", "192.0.2.7"),  # the client wrote the first itself
        ("192.0.2.7, 10.0.0.2", "192.0.2.7"),  # through two proxies
        ("10.0.0.2", "10.0.0.2"),  # a proxy's own health check
        ("192.0.2.7, unknown", "None"),
        ("", "None"),
    ],
)
def test_the_client_is_the_last_whom_a_trusted_proxy_heard(forwarded, client):
    assert str(client_of(forwarded, PROXIES)) == client


def told(**meta: str) -> HttpRequest:
    """What a view is told of a request that came with these headers."""
    request = HttpRequest()
    request.META = {"wsgi.url_scheme": "http", "REMOTE_ADDR": "10.0.0.1", **meta}
    seen = []
    answer = ClientAddressMiddleware(lambda asked: seen.append(asked) or HttpResponse())(request)
    assert (answer.status_code, len(seen)) in {(200, 1), (400, 0)}
    request.status = answer.status_code  # type: ignore[attr-defined]
    return request


def test_a_trusted_proxy_is_believed(settings):
    settings.TRUSTED_PROXIES = PROXIES
    request = told(
        HTTP_X_FORWARDED_FOR="203.0.113.9, 192.0.2.7", HTTP_X_FORWARDED_PROTO="https", HTTP_X_CLIENT_CERT="a name"
    )
    assert request.META["REMOTE_ADDR"] == "192.0.2.7"
    assert request.META["wsgi.url_scheme"] == "https"
    assert request.through_proxy and request.claims["HTTP_X_CLIENT_CERT"] == "a name"


def test_nobody_else_is_believed_and_nothing_is_left_to_be_read(settings):
    settings.TRUSTED_PROXIES = PROXIES
    headers = {
        "HTTP_FORWARDED": "for=192.0.2.7",
        "HTTP_X_FORWARDED_FOR": "192.0.2.7",
        "HTTP_X_FORWARDED_HOST": "elsewhere.example",
        "HTTP_X_FORWARDED_PROTO": "https",
        "HTTP_X_REAL_IP": "192.0.2.7",
        "HTTP_X_CLIENT_CERT": "a name",
    }
    request = told(**headers, REMOTE_ADDR="198.51.100.4")
    assert request.META == {"wsgi.url_scheme": "http", "REMOTE_ADDR": "198.51.100.4"}
    assert not request.through_proxy and request.claims == {}
    assert not set(headers) & set(told(**headers).META)


def test_what_no_proxy_writes_is_refused(settings):
    settings.TRUSTED_PROXIES = PROXIES
    assert told(HTTP_X_FORWARDED_FOR="192.0.2.7, <script>").status == 400


@pytest.fixture
def limited():
    """The back office, open to one network, behind one proxy."""
    networks = read_networks("192.0.2.0/24", "GANGMU_OFFICE_NETWORKS")
    with at_site("office", OFFICE_NETWORKS=networks, TRUSTED_PROXIES=PROXIES):
        yield


@pytest.mark.django_db
@pytest.mark.req("M-5.8.1.2")
@pytest.mark.parametrize("path", ["/sign-in/", "/", "/records/events/", "/nowhere/", "/static/gangmu/icon.svg"])
def test_the_back_office_answers_its_networks_alone(limited, path):
    proxied = Client(REMOTE_ADDR="10.0.0.1", raise_request_exception=False)
    assert proxied.get(path, headers={"x-forwarded-for": "192.0.2.7"}).status_code != 403
    for client, headers in (
        (Client(REMOTE_ADDR="198.51.100.4"), {}),
        (Client(REMOTE_ADDR="198.51.100.4"), {"x-forwarded-for": "192.0.2.7"}),
        (proxied, {"x-forwarded-for": "192.0.2.7, 198.51.100.4"}),
        (proxied, {}),
    ):
        answer = client.get(path, headers=headers)
        assert answer.status_code == 403
        assert "未对您所在的网络开放" in answer.content.decode()
        assert not answer.cookies


def test_the_business_site_answers_every_network(settings):
    settings.OFFICE_NETWORKS = read_networks("192.0.2.0/24", "GANGMU_OFFICE_NETWORKS")
    request = HttpRequest()
    request.META = {"REMOTE_ADDR": "198.51.100.4"}
    assert OfficeNetworksMiddleware(lambda _request: HttpResponse())(request).status_code == 200


@pytest.mark.django_db
def test_a_refused_network_leaves_one_record_a_minute(limited):
    client = Client(REMOTE_ADDR="198.51.100.9")
    noted = lambda: events(kind="access.network-refused").filter(ip="198.51.100.9").count()  # noqa: E731
    with clock.frozen("2026-11-20T07:30:00"):
        assert [client.get("/records/").status_code for _ in range(3)] == [403] * 3
        assert noted() == 1
    with clock.frozen("2026-11-20T07:31:00"):
        client.get("/records/")
    assert noted() == 2
    assert events(kind="access.network-refused").latest("id").data == {"path": "/records/"}

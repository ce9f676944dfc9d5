"""From where somebody comes: the real address behind proxies that are trusted, and the networks of the back office."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseBase, HttpResponseForbidden

from gangmu.foundation.records.services import note_refusal
from gangmu.foundation.settings import clock
from gangmu.foundation.settings.sites import OFFICE, served
from gangmu.shell.sites.networks import CLIENT_CERTIFICATE, Address, Network, is_in, read_address

log = logging.getLogger("gangmu.sites")

GetResponse = Callable[[HttpRequest], HttpResponseBase]

# What a proxy says of the client. From anybody else it is a claim that nobody has to believe.
CLAIMS = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_", "HTTP_X_REAL_IP", "HTTP_X_SSL_", "HTTP_X_CLIENT_")
OWN = ("HTTP_X_CLIENT_CERTIFICATE",)
AT_MOST_EVERY = timedelta(minutes=1)
REMEMBERED = 1000


class ClientAddressMiddleware:
    """Lets REMOTE_ADDR be the client's own address, and the scheme that which the client used.

    Forwarded headers count when the connection comes from one of GANGMU_TRUSTED_PROXIES, and are taken away from every
    request, so that nothing behind this reads one by mistake. `request.through_proxy` says which it was; what else a
    trusted proxy says of the client is then in `request.claims`.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        claims = {name: request.META.pop(name) for name in list(request.META) if name.startswith(CLAIMS)}
        peer = read_address(request.META.get("REMOTE_ADDR", ""))
        through = peer is not None and is_in(peer, settings.TRUSTED_PROXIES)
        if (
            through_listener := CLIENT_CERTIFICATE in request.META
        ):  # our own, where no header says whose certificate it is
            claims["HTTP_X_CLIENT_CERTIFICATE"] = quote(request.META.pop(CLIENT_CERTIFICATE))
        believed = claims if through else {name: claims[name] for name in OWN if through_listener}
        request.through_proxy, request.claims = through, believed  # type: ignore[attr-defined]
        if peer is not None:
            request.META["REMOTE_ADDR"] = str(peer)
        if through and not _believe(request, claims):
            return HttpResponseBadRequest(
                "X-Forwarded-For holds no address. 代理请求头 X-Forwarded-For 中没有有效地址。\n",
                content_type="text/plain; charset=utf-8",
            )
        said = claims.get("HTTP_X_FORWARDED_PROTO", "") if through else ""
        if settings.SECURE_SSL_REDIRECT and request.META["wsgi.url_scheme"] != "https" and not said:
            return _nobody_vouches(str(peer), through)
        return self.get_response(request)


def _nobody_vouches(peer: str, through: bool) -> HttpResponse:
    """HTTPS is asked for, and neither this server speaks it nor does a trusted proxy say that it does.

    A redirect to HTTPS would come back here the same way, for ever. The address is told to the log alone.
    """
    missing = "it sends no X-Forwarded-Proto" if through else "it is not in GANGMU_TRUSTED_PROXIES"
    log.error("GANGMU_HTTPS=1, and a plain request came from %s: if that is the proxy in front, %s", peer, missing)
    return HttpResponse(
        "This request came without HTTPS, and no trusted proxy says otherwise. Administrator: set "
        "GANGMU_TRUSTED_PROXIES to the address of the proxy in front (the log names it), and let the proxy send "
        "X-Forwarded-Proto.\n"
        "请求未使用 HTTPS，也没有受信任的代理说明其使用了 HTTPS。请管理员在 GANGMU_TRUSTED_PROXIES 中写明前置代理的地址"
        "（见日志），并让代理发送 X-Forwarded-Proto。\n",
        status=421,
        content_type="text/plain; charset=utf-8",
    )


def _believe(request: HttpRequest, claims: dict[str, Any]) -> bool:
    """Take over what a trusted proxy says; False when it cannot be what a proxy wrote."""
    if claims.get("HTTP_X_FORWARDED_PROTO", "").strip().lower() == "https":
        request.META["wsgi.url_scheme"] = "https"
    if "HTTP_X_FORWARDED_FOR" not in claims:
        return True
    client = client_of(claims["HTTP_X_FORWARDED_FOR"], settings.TRUSTED_PROXIES)
    if client is None:
        return False
    request.META["REMOTE_ADDR"] = str(client)
    return True


def client_of(forwarded: str, trusted: Sequence[Network]) -> Address | None:
    """The last address that no trusted proxy has: each proxy adds at the end whom it heard, the client writes before.

    None when what stands there is no address.
    """
    heard = None
    for part in reversed(forwarded.split(",")):
        heard = read_address(part.strip())
        if heard is None or not is_in(heard, trusted):
            return heard
    return heard


class OfficeNetworksMiddleware:
    """Answers nothing of the back office to networks that it is not open to. Refusals are recorded, of each address
    once a minute: whoever knocks often does not fill the records."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self._noted: dict[str, datetime] = {}

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if served() != OFFICE or not settings.OFFICE_NETWORKS:
            return self.get_response(request)
        client = read_address(request.META.get("REMOTE_ADDR", ""))
        if client is not None and is_in(client, settings.OFFICE_NETWORKS):
            return self.get_response(request)
        self._note(request, str(client))
        return self._refusal()

    def _note(self, request: HttpRequest, client: str) -> None:
        now = clock.now()
        if client in self._noted and abs(now - self._noted[client]) < AT_MOST_EVERY:
            return
        if len(self._noted) >= REMEMBERED:
            self._noted.clear()
        self._noted[client] = now
        note_refusal("access.network-refused", data={"path": request.path[:500]}, request=request)

    def _refusal(self) -> HttpResponse:
        return HttpResponseForbidden(
            "The back office is not open to your network. Ask your administrator.\n"
            "后台管理未对您所在的网络开放，请联系管理员。\n",
            content_type="text/plain; charset=utf-8",
        )

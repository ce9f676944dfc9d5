"""What holds for every response: what a page may load, and how htmx is answered."""

import secrets
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils.cache import patch_vary_headers
from django_htmx.middleware import HtmxDetails

from . import errors
from .uploads import refuse_unprintable

GetResponse = Callable[[HttpRequest], HttpResponse]

# Form arrows and check marks are drawings inside the style sheet: that is what `data:` is for, images only.
POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "media-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)


class ContentSecurityPolicyMiddleware:
    """Nothing inline, nothing from elsewhere. A view that needs more has the wrong design.

    The outermost of all, so that refusals and files have these headers like pages.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        also = getattr(response, "connects_to", "")  # one address of the installation's settings
        response["Content-Security-Policy"] = POLICY.replace(
            "connect-src 'self'", f"connect-src 'self' {also}".rstrip()
        )
        response["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        response["Cross-Origin-Opener-Policy"] = "same-origin"
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        response["X-Content-Type-Options"] = "nosniff"
        response["X-Frame-Options"] = "DENY"  # for what is older than frame-ancestors
        response["Referrer-Policy"] = settings.SECURE_REFERRER_POLICY
        if settings.SECURE_HSTS_SECONDS and request.is_secure():
            response["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}"
        return response


class PageMiddleware:
    """Gives every request a reference number, dresses bare refusals as pages, and translates redirects for htmx.

    Views answer as if there were no htmx: `redirect(...)` after a success. A redirect that a script follows would
    put the next page into the middle of this one; so it becomes an instruction to go there. A redirect to the
    sign-in page in answer to a form becomes a message, and what was typed stays where it is.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.reference = f"{secrets.token_hex(2)}-{secrets.token_hex(2)}".upper()  # type: ignore[attr-defined]
        response = self.get_response(request)
        if response.status_code in {405, 413} and not response.streaming and not response.content:
            allowed = response.get("Allow")
            response = errors.method_not_allowed(request) if response.status_code == 405 else errors.too_large(request)
            if allowed:
                response["Allow"] = allowed
        patch_vary_headers(response, ["HX-Request"])
        if errors.from_htmx(request) and response.status_code in {301, 302, 303, 307, 308}:
            return self._instead_of_redirect(request, response)
        return response

    def process_view(self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict) -> None:
        refuse_unprintable(request)

    def _instead_of_redirect(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        sign_in = resolve_url(settings.LOGIN_URL)
        address = response["Location"]
        if address.partition("?")[0] == sign_in:
            if request.method != "GET":
                return errors.signed_out(request, sign_in)
            page = HtmxDetails(request).current_url_abs_path  # back to the page, not to the piece it asked for
            address = redirect_to_login(page).url if page else address
        go = HttpResponse(status=204, headers={"HX-Redirect": address})
        go.cookies = response.cookies
        return go

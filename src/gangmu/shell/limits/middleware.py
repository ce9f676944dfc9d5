"""Refuses what is asked too often, with 429 and when to come again."""

import logging
from collections.abc import Callable

import psycopg
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _

from gangmu.foundation.accounts.models import User
from gangmu.foundation.accounts.throttle import address_key
from gangmu.foundation.records.services import note_refusal
from gangmu.foundation.settings import clock
from gangmu.foundation.settings.aside import Aside
from gangmu.foundation.ui import errors
from gangmu.shell.limits.rules import OF_AN_ADDRESS, Rule, rule_of

log = logging.getLogger("gangmu.limits")
GetResponse = Callable[[HttpRequest], HttpResponseBase]

_aside = Aside()  # what was taken stands although the request's transaction rolls back


class RateLimitMiddleware:
    """Stands behind the sign-in, so that it counts by account; strangers are counted by address."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict) -> HttpResponse | None:
        rule = rule_of(request) if settings.RATE_LIMITS else None
        if rule is None:
            return None
        for key, burst in keys(request, rule):
            wait, tell = take(key, rule, burst)
            if wait:
                return refusal(request, rule, wait, tell=tell)
        return None


def keys(request: HttpRequest, rule: Rule) -> list[tuple[str, int]]:
    """Under what a request is counted, and how many of each there are."""
    found = [(f"{rule.kind}:{address_key(request.META.get('REMOTE_ADDR', ''))}", rule.burst * OF_AN_ADDRESS)]
    if request.user.is_authenticated:
        found.insert(0, (f"{rule.kind}:account:{request.user.pk}", rule.burst))
    return found


def take(key: str, rule: Rule, burst: int) -> tuple[int, bool]:
    """(seconds to wait, whether to record it). A database that does not answer limits nobody."""
    values = [key, clock.now(), rule.every * rule.burst / burst, burst]
    try:
        wait, tell = _aside.ask("SELECT wait, tell FROM limits_take(%s, %s, %s, %s)", values)[0]
    except psycopg.Error:
        log.exception("what is taken could not be counted: %s", rule.kind)
        return 0, False
    return wait, tell


def refusal(request: HttpRequest, rule: Rule, wait: int, *, tell: bool) -> HttpResponse:
    """429 in the user's language, to programs as JSON."""
    if tell:
        by = request.user if isinstance(request.user, User) else None
        note_refusal(
            "access.rate-limited", by=by, data={"kind": rule.kind, "path": request.path[:500]}, request=request
        )
    words = _("Asked too often. Come again in %(wait)d seconds.") % {"wait": wait}
    response: HttpResponse
    if request.path.startswith("/api/"):
        response = JsonResponse({"error": "too_many_requests", "message": words}, status=429)
    else:
        response = errors.respond(request, "429", 429, detail=words)
    response["Retry-After"] = str(wait)
    return response

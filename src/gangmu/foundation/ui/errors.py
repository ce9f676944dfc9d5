"""Error pages in both languages: what happened, why, what to do, and a reference number.

They must work when nothing else does: no database, no session, no menu. To htmx they are a toast that leaves the
page, and what was typed in it, as it was; to programs they are JSON.
"""

import json
import logging
import secrets
import sys
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.template import loader
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.accounts.sessions import told
from gangmu.foundation.records.services import note_refusal
from gangmu.foundation.settings.notnow import NotNow

from .context import Shell
from .here import here

log = logging.getLogger("gangmu.errors")

Text = str | Promise
PROGRAMS = "/api/"  # below it nobody wants a page
# What programs are told, by kind; the others under the name of their kind.
WORDS = {
    "400": "bad_request",
    "403": "forbidden",
    "404": "not_found",
    "405": "method_not_allowed",
    "413": "too_large",
    "429": "too_many_requests",
    "500": "server_error",
    "503": "database_away",
    "not-now": "not_now",
}


@dataclass(frozen=True)
class Explanation:
    """The words of one kind of error."""

    what: Text
    why: Text
    do: Text


EXPLANATIONS = {
    "400": Explanation(
        _("The request could not be understood"),
        _("Something in the address or in the form does not have the form that the system expects."),
        _("Go back, correct what you entered and send it again."),
    ),
    "403": Explanation(
        _("You may not do this"),
        _("Your roles do not include this action, or the organisation lies outside your scope."),
        _("If you need it for your work, ask your administrator for the role and name the reference number."),
    ),
    "404": Explanation(
        _("There is nothing here"),
        _("The address is wrong, the entry was removed, or it belongs to an organisation outside your scope."),
        _("Check the address, or look for the entry in its list."),
    ),
    "405": Explanation(
        _("This address does not take that kind of request"),
        _("A form was sent to a page that only shows things, or a page was opened that only receives forms."),
        _("Go back and use the buttons of the page."),
    ),
    "413": Explanation(
        _("What you sent is too large"),
        _("The form or the file is over the limit that the administrator has set."),
        _("Send a smaller file, or split it into several."),
    ),
    "429": Explanation(
        _("Too much at once"),
        _("Files, uploads and reports are costly: an account may ask for so many in a minute."),
        _("Wait as long as it says and try again. What was there before is unchanged."),
    ),
    "500": Explanation(
        _("Something went wrong on our side"),
        _("An error occurred in the system. Nothing was saved; what was there before is unchanged."),
        _("Try again in a moment. If it happens again, tell your administrator the reference number."),
    ),
    "503": Explanation(
        _("The database is away for a moment"),
        _("It is being started again. Whether what you had just sent was saved is not certain."),
        _("Wait a few seconds and send it again: a form counts once, however often it is sent."),
    ),
    "not-now": Explanation(
        _("This cannot be told at the moment"),
        _("What it is made of is being brought up to date. Nothing was changed."),
        _("Wait a few seconds and try again."),
    ),
    "csrf": Explanation(
        _("The form was open for too long"),
        _("Its security mark is no longer valid, because you signed in again or your browser does not keep cookies."),
        _("Go back with your browser's button: what you typed is still there. Reload the page and send it again."),
    ),
    "csrf-htmx": Explanation(
        _("The form's security mark had expired"),
        _("You signed in again since the page was opened. The mark has been renewed."),
        _("Nothing was lost: press the button once more."),
    ),
    "signed-out": Explanation(
        _("You are no longer signed in"),
        _("Your session ended, or you signed in on another device. Nothing was saved yet."),
        _("Sign in in a new window, come back here and press the button again: what you typed is still there."),
    ),
}


def from_htmx(request: HttpRequest) -> bool:
    """Whether a script asked, not the browser itself. A page that htmx restores from history is a page."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-History-Restore-Request") != "true"


def reference(request: HttpRequest) -> str:
    """The number by which a user and an administrator speak of the same event."""
    return getattr(request, "reference", None) or f"{secrets.token_hex(2)}-{secrets.token_hex(2)}".upper()


def respond(
    request: HttpRequest,
    kind: str,
    status: int,
    *,
    detail: Text = "",
    link: tuple[str, Text] | None = None,
    why: str = "",
) -> HttpResponse:
    """The page, to htmx the toast, to programs the same as JSON, for one kind of error."""
    if request.path.startswith(PROGRAMS):
        return _to_programs(request, kind, status, detail)
    context = {
        "explanation": EXPLANATIONS[kind],
        "detail": detail,
        "status": status,
        "reference": reference(request),
        "link": link,
        "why": why if getattr(getattr(request, "user", None), "is_authenticated", False) else "",
        "path": request.path,
        "shell": Shell(request),
    }
    if not from_htmx(request):
        return HttpResponse(loader.render_to_string("ui/errors/page.html", context), status=status)
    response = HttpResponse(loader.render_to_string("ui/errors/toast.html", context), status=status)
    response["HX-Retarget"] = "#toasts"
    response["HX-Reswap"] = "beforeend"
    response["HX-Reselect"] = ".toast"
    response["HX-Push-Url"] = "false"
    return response


def _to_programs(request: HttpRequest, kind: str, status: int, detail: Text) -> HttpResponse:
    said = EXPLANATIONS[kind]
    words = [str(said.what), str(detail or said.why), str(said.do)]
    told = {"error": WORDS.get(kind, kind), "message": " ".join(words), "reference": reference(request)}
    return JsonResponse(told, status=status)


def _said(exception: Exception | None, kind: type[Exception]) -> str:
    """The words that a view gave to its refusal. Those of other kinds of errors are for developers."""
    words = exception.args[0] if isinstance(exception, kind) and exception.args else ""
    return str(words) if isinstance(words, (str, Promise)) else ""


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """handler400; a body over the limit comes this way too."""
    if isinstance(exception, (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)):
        return too_large(request)
    return respond(request, "400", 400, detail=_said(exception, BadRequest))


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """handler403; the refusal is recorded."""
    user = getattr(request, "user", None)
    data = {"path": request.path[:500], "method": request.method, "reference": reference(request)}
    note_refusal("ui.refused", by=user if user and user.is_authenticated else None, data=data, request=request)
    why = f"{here(settings.WHY_URL)}?{urlencode({'address': request.path[:400]})}" if request.method == "GET" else ""
    return respond(request, "403", 403, detail=_said(exception, PermissionDenied), why=why)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """handler404"""
    return respond(request, "404", 404)


def method_not_allowed(request: HttpRequest) -> HttpResponse:
    """What PageMiddleware puts in place of an empty 405."""
    return respond(request, "405", 405)


def too_large(request: HttpRequest) -> HttpResponse:
    """What PageMiddleware puts in place of an empty 413."""
    return respond(request, "413", 413)


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500. The log line carries the same reference number as the page."""
    number = reference(request)
    if isinstance(sys.exc_info()[1], (OperationalError, InterfaceError)):
        return database_away(request, number)
    if isinstance(sys.exc_info()[1], NotNow):
        return not_now(request, number)
    log.error("reference %s: %s %s", number, request.method, request.path, exc_info=sys.exc_info())
    request.reference = number  # type: ignore[attr-defined]
    return respond(request, "500", 500)


def database_away(request: HttpRequest, number: str) -> HttpResponse:
    """The connection was lost, perhaps in the middle of a commit: nobody may say that nothing was saved."""
    problem = sys.exc_info()[1]
    log.warning("reference %s: %s %s: the database is away: %s", number, request.method, request.path, problem)
    request.reference = number  # type: ignore[attr-defined]
    response = respond(request, "503", 503)
    response["Retry-After"] = "5"
    return response


def not_now(request: HttpRequest, number: str) -> HttpResponse:
    """What was asked for is being made."""
    problem = sys.exc_info()[1]
    log.warning("reference %s: %s %s: not now: %s", number, request.method, request.path, problem)
    request.reference = number  # type: ignore[attr-defined]
    response = respond(request, "not-now", 503, detail=str(problem or ""))
    response["Retry-After"] = "5"
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """CSRF_FAILURE_VIEW. To our own script it hands a fresh token, so that the second press of the button works.

    Another site cannot read this answer, so the token tells it nothing.
    """
    log.warning("reference %s: CSRF refused at %s: %s", reference(request), request.path, reason)
    if not from_htmx(request):
        return respond(request, "csrf", 403)
    response = respond(request, "csrf-htmx", 403)
    response["HX-Trigger"] = json.dumps({"gangmu:token": {"token": get_token(request)}})
    return response


def signed_out(request: HttpRequest, sign_in: str) -> HttpResponse:
    """A form came after the session had ended: say so and leave the page alone."""
    why = told(getattr(request.session, "ended", None))
    return respond(request, "signed-out", 401, detail=why, link=(sign_in, _("Sign in")))

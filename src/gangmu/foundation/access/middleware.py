"""One transaction around the whole response, rendering included, with the scope set before anything is read."""

from collections.abc import Callable
from typing import TypeVar

from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _

from gangmu.foundation.access import permits
from gangmu.foundation.access.scope import ANONYMOUS, Scope, become_web, enter, present_settings, scope_of, set_local
from gangmu.foundation.accounts.models import User
from gangmu.foundation.settings.sites import served

GetResponse = Callable[[HttpRequest], HttpResponseBase]
View = TypeVar("View", bound=Callable)


def open_to_strangers(view: View) -> View:
    """Mark a view that needs no sign-in."""
    view.open_to_strangers = True  # type: ignore[attr-defined]
    return view


class ScopeMiddleware:
    """Opens the request's transaction as the web role and sets the scope of who asks.

    A view that raises, or answers with a server error, leaves nothing behind. Streams run after the response has
    left this block: they open their own transaction with `scope.acting_as`.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with transaction.atomic():
            before = present_settings()  # nothing, unless a test holds a transaction open around this one
            session_user = request.session.get(SESSION_KEY)
            user_id = int(session_user) if session_user else None
            become_web(user_id, Scope(user_id))  # enough to read one's own account
            request.scope = _scope_at_this_site(request)
            enter(request.scope)
            response = self.get_response(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
            elif before and not transaction.get_rollback():
                set_local(before)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        transaction.set_rollback(True)


def _scope_at_this_site(request: HttpRequest) -> Scope:
    """What the person may do with the roles of this site. Without any they are a stranger here, session or not."""
    if not isinstance(request.user, User):
        return ANONYMOUS
    scope = scope_of(request.user, site=served())
    if scope.admitted:
        return scope
    logout(request)
    return ANONYMOUS


class SignInRequiredMiddleware:
    """Nothing is shown to strangers but what says so. Programs get 401, people the sign-in page."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict) -> HttpResponse | None:
        if getattr(view, "open_to_strangers", False):
            return None
        if request.user.is_authenticated:
            self._refuse_what_roles_leave_out(request)
            return None
        if request.path.startswith("/api/"):
            return JsonResponse(
                {"error": "sign_in_required", "message": _("Sign in first, or send a valid token.")},
                status=401,
                headers={"WWW-Authenticate": 'Session realm="gangmu"'},
            )
        return redirect_to_login(request.get_full_path())

    def _refuse_what_roles_leave_out(self, request: HttpRequest) -> None:
        match = request.resolver_match
        if match is not None and not permits.is_open(request.scope, match.view_name, request.method or "GET"):
            raise PermissionDenied(_("Your roles leave this page out."))

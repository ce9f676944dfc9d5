"""The way in: what somebody has proved so far, and what is still asked of them before a session opens.

Between the steps nobody is signed in. What is known stands in a session that holds nothing else, for ten minutes.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib import auth, messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from gangmu.foundation.access import permissions
from gangmu.foundation.access.models import Assignment
from gangmu.foundation.accounts import services
from gangmu.foundation.accounts.backend import speak_for
from gangmu.foundation.accounts.factors import passkeys, totp
from gangmu.foundation.accounts.models import Policy, User
from gangmu.foundation.accounts.proof import proved_now
from gangmu.foundation.accounts.sessions import stored_key
from gangmu.foundation.records.services import note
from gangmu.foundation.settings import clock
from gangmu.foundation.settings.sites import OFFICE, Where, served

KEY = "signing_in"
PATIENCE = timedelta(minutes=10)
STRONG = {"passkey"}  # a key that asked for a PIN or a finger: two factors in one
ADMINISTERED = ("accounts", "access", "records")
BACKEND = "gangmu.foundation.accounts.backend.PasswordBackend"


@dataclass(frozen=True)
class Coming:
    """Somebody on the way in."""

    user: User
    by: tuple[str, ...]
    next: str


def after(request: HttpRequest) -> str:
    """Where somebody wanted to go: an address of this site, or its home page."""
    target = request.POST.get("next") or request.GET.get("next") or "/"
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe and target.startswith("/") else "/"


def address_of(request: HttpRequest) -> str:
    """From where a request came."""
    return request.META.get("REMOTE_ADDR") or ""


def begin(request: HttpRequest, user: User, by: tuple[str, ...], target: str) -> HttpResponse:
    """Somebody has proved something: keep it, under a new key, and go on."""
    request.session.flush()
    return _keep(request, Coming(user, by, target))


def proved(request: HttpRequest, coming: Coming, by: str) -> HttpResponse:
    """One thing more is proved."""
    return _keep(request, Coming(coming.user, (*coming.by, by), coming.next))


def _keep(request: HttpRequest, coming: Coming) -> HttpResponse:
    request.session[KEY] = {
        "user": coming.user.pk,
        "by": list(coming.by),
        "next": coming.next,
        "at": clock.now().isoformat(),
    }
    return go_on(request, coming)


def coming(request: HttpRequest) -> Coming | None:
    """Who is on the way in; row security shows from here on what is their own."""
    held = request.session.get(KEY)
    if not held or clock.now() - datetime.fromisoformat(held["at"]) >= PATIENCE:
        return None
    speak_for(held["user"])
    user = User.objects.filter(pk=held["user"]).first()
    if user is None or not user.may_sign_in():
        return None
    return Coming(user, tuple(held["by"]), held["next"])


def has_second_factor(user: User) -> bool:
    """Whether the person has a factor besides the password."""
    return totp.in_force(user) or bool(passkeys.of(user))


def must_have_second_factor(user: User) -> bool:
    """Whether the policy asks for one: at the back office and of who administers always, of others as it says.

    Not in the demonstration, whose passwords are known.
    """
    if settings.DEMONSTRATION:
        return False
    policy = Policy.of()
    if policy.second_factor == Policy.SecondFactor.EVERYONE:
        return True
    today = clock.today()
    held = Assignment.objects.filter(user=user, valid_from__lte=today).filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=today)
    )
    roles = [one.role for one in held.select_related("role") if one.role.site in (served(), Where.BOTH)]
    return any(
        role.site == OFFICE
        or role.code in policy.second_factor_roles
        or any(permissions.may_change(role.permissions, room) for room in ADMINISTERED)
        for role in roles
    )


def go_on(request: HttpRequest, one: Coming) -> HttpResponse:
    """The next step, or the session."""
    alone = len(set(one.by)) < 2 and not STRONG & set(one.by)
    if alone and has_second_factor(one.user):
        return redirect("accounts:second")
    if alone and must_have_second_factor(one.user):
        return redirect("accounts:enrol")
    if "password" in one.by and not settings.DEMONSTRATION and services.password_is_due(one.user):
        return redirect("accounts:due")
    return _open(request, one)


def _open(request: HttpRequest, one: Coming) -> HttpResponse:
    """Nothing more is asked: the session opens, under a key that nobody has seen, and every other one ends."""
    request.session.flush()
    auth.login(request, one.user, backend=BACKEND)
    proved_now(request)
    method = "+".join(one.by)
    before = services.open_session(
        one.user,
        key=stored_key(request.session.session_key),
        method=method,
        address=address_of(request) or None,
        agent=request.headers.get("User-Agent", ""),
    )
    data = {"method": method, "ousted": before.ousted}
    note("accounts.signed-in", by=one.user, data=data, request=request)
    if before.at is not None and not settings.DEMONSTRATION:
        at = f"{before.at.astimezone(clock.BUSINESS_ZONE):%Y-%m-%d %H:%M}"
        messages.info(
            request,
            _("Last sign-in at %(at)s from %(address)s. If that was not you, change your password.")
            % {"at": at, "address": before.address or "?"},
        )
    if before.ousted:
        messages.warning(request, _("Your session elsewhere has ended: one account has one session."))
    return redirect(one.next)

"""User name and password; the picture after failures; signing out."""

import secrets
from typing import Any

from django.contrib import auth
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gangmu.foundation.access.middleware import open_to_strangers
from gangmu.foundation.accounts import captcha, services, throttle
from gangmu.foundation.accounts.factors import certificates
from gangmu.foundation.accounts.models import SignIn, User
from gangmu.foundation.accounts.queries import signed_in
from gangmu.foundation.accounts.sessions import stored_key, told
from gangmu.foundation.records.services import note, note_refusal
from gangmu.shell.signin import gate, steps
from gangmu.shell.signin.demonstration import demonstration_accounts
from gangmu.shell.signin.forms import SignInForm


def must_wait(seconds: int) -> str:
    """What somebody is told who tried too often: the same whether the account exists or not."""
    minutes = -(-seconds // 60)
    if seconds < 60:
        return _("Too many attempts. Wait %(n)d seconds and try again.") % {"n": seconds}
    return _("Too many attempts. Wait %(n)d minutes, or ask your security administrator.") % {"n": minutes}


def refuse(request: HttpRequest, kind: str, username: str, user: User | None = None, **data: Any) -> None:
    """Record a refusal. What was typed as a name is written down only where it is one: people type passwords there."""
    named = {"username": username} if user is not None else {"typed": throttle.masked(username)[:12]}
    note_refusal(kind, by=user, data={**named, **data}, request=request)


@open_to_strangers
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page."""
    if request.user.is_authenticated:
        return redirect(steps.after(request))
    if request.method == "GET":
        return show(request, SignInForm(), status=200)
    username = request.POST.get("username", "")[:64]
    name, address = throttle.account_key(username), steps.address_of(request)
    standing = throttle.standing(name, address)
    form = SignInForm(request.POST, captcha=standing.needs_captcha)
    if not form.is_valid():
        return show(request, form, draw=standing.needs_captcha)
    if standing.wait:
        refuse(request, "accounts.sign-in-throttled", username, _known(username), wait=standing.wait)
        form.add_error(None, must_wait(standing.wait))
        return show(request, form, draw=standing.needs_captcha)
    if standing.needs_captcha and not captcha.answered(request.session, form.cleaned_data.get("captcha", "")):
        form.add_error("captcha", _("Not the letters in the picture. Here is another one."))
        return show(request, form, draw=True)
    wait = throttle.attempt(name, address)
    if wait:
        form.add_error(None, must_wait(wait))
        return show(request, form, draw=True)
    user = auth.authenticate(request, username=username, password=form.cleaned_data["password"])
    if not isinstance(user, User):
        refuse(request, "accounts.sign-in-refused", username, _known(username))
        form.add_error(None, gate.REFUSED)
        return show(request, _anew(form, name, address), draw=throttle.standing(name, address).needs_captcha)
    throttle.forgive(name, address)
    if not gate.admit(request, user):
        form.add_error(None, gate.REFUSED)
        return show(request, form)
    by = ("password", "certificate") if _holds_certificate(request, user) else ("password",)
    return steps.begin(request, user, by, steps.after(request))


def _anew(form: SignInForm, name: str, address: str) -> SignInForm:
    """The form with its errors, and with a picture when the failure before has made one due."""
    shown = SignInForm(form.data, captcha=throttle.standing(name, address).needs_captcha)
    shown._errors = form.errors
    shown.cleaned_data = form.cleaned_data
    return shown


def _known(username: str) -> User | None:
    """The account of a refused name, for the record alone."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM accounts_credentials(%s)", [username])
        row = cursor.fetchone()
    return User(pk=row[0], username=username) if row else None


def _holds_certificate(request: HttpRequest, user: User) -> bool:
    """Whether a trusted proxy passed on a good certificate of this person."""
    try:
        given = certificates.presented(request)
        return given is not None and certificates.holder(given) == user.pk
    except certificates.Refused as problem:
        note_refusal("accounts.certificate-refused", by=user, data={"why": problem.why}, request=request)
        return False


def show(
    request: HttpRequest, form: SignInForm, *, status: int = 422, draw: bool = False, problem: str = ""
) -> HttpResponse:
    """The page with its form, why the session before ended, and a picture when one is due."""
    context = {
        "form": form,
        "next": steps.after(request),
        "accounts": demonstration_accounts(),
        "ended": told(getattr(request.session, "ended", None)),
        "problem": problem,
        "picture": captcha.ask(request.session) if draw else "",
        "sound": secrets.token_hex(4),
        "certificate": bool(certificates.passed_on(request)),
    }
    return render(request, "signin/sign_in.html", context, status=status)


@open_to_strangers
@never_cache
@require_GET
def sound(request: HttpRequest) -> HttpResponse:
    """Six digits to hear, where a picture is to be read: either of the two is the answer."""
    spoken = captcha.spoken(request.session)
    if spoken is None:
        raise Http404
    return HttpResponse(spoken, content_type="audio/wav")


@open_to_strangers
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session; nothing of it is left."""
    if request.user.is_authenticated:
        user = signed_in(request)
        key = stored_key(request.session.session_key)
        services.end_sessions(user, this=key, which="this", why=SignIn.End.SIGNED_OUT)
        note("accounts.signed-out", by=user, request=request)
    auth.logout(request)
    return redirect("accounts:sign-in")

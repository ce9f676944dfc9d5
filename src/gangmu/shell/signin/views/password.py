"""User name and password; the picture after failures; signing out."""

import secrets
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import auth
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gangmu.foundation.access.middleware import open_to_strangers
from gangmu.foundation.accounts import captcha, services, throttle
from gangmu.foundation.accounts.directories import services as services_of_directories
from gangmu.foundation.accounts.directories.models import Directory
from gangmu.foundation.accounts.factors import certificates
from gangmu.foundation.accounts.models import SignIn, User
from gangmu.foundation.accounts.queries import signed_in
from gangmu.foundation.accounts.sessions import stored_key, told
from gangmu.foundation.records.services import note, note_refusal
from gangmu.shell.signin import directories, gate, steps
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
        return show(request, SignInForm(directories=_choices()), status=200)
    username = request.POST.get("username", "")[:64]
    directory = directories.named(Directory.Kind.LDAP, request.POST.get("directory", ""))
    name = services_of_directories.typed_key(directory, username) if directory else throttle.account_key(username)
    address = steps.address_of(request)
    standing = throttle.standing(name, address)
    form = SignInForm(request.POST, captcha=standing.needs_captcha, directories=_choices())
    if not form.is_valid():
        return show(request, form, draw=standing.needs_captcha)
    if standing.wait:
        known = _known(username) if directory is None else None
        refuse(request, "accounts.sign-in-throttled", username, known, wait=standing.wait)
        form.add_error(None, must_wait(standing.wait))
        return show(request, form, draw=standing.needs_captcha)
    if standing.needs_captcha and not captcha.answered(request.session, form.cleaned_data.get("captcha", "")):
        form.add_error("captcha", _("Not the letters in the picture. Here is another one."))
        return show(request, form, draw=True)
    wait = throttle.attempt(name, address)
    if wait:
        form.add_error(None, must_wait(wait))
        return show(request, form, draw=True)
    if directory is not None:
        return _by_directory(request, form, directory, name)
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


def _choices() -> list[tuple[str, str]]:
    """Whose password may be typed: that of a directory, or that of the product's own account."""
    found = [(one.code, str(one)) for one in directories.of_site(Directory.Kind.LDAP)]
    return [*found, (directories.HERE, _("An account of this system"))] if found else []


def _by_directory(request: HttpRequest, form: SignInForm, directory: Directory, name: str) -> HttpResponse:
    """Come in by the password of a directory."""
    address = steps.address_of(request)
    given = form.cleaned_data
    try:
        user = directories.by_password(request, directory, given["username"], given["password"])
    except (directories.Away, directories.Stranger) as problem:
        throttle.forgive(name, address)
        form.add_error(None, str(problem))
        return show(request, form)
    if user is None:
        form.add_error(None, gate.REFUSED)
        return show(request, _anew(form, name, address), draw=throttle.standing(name, address).needs_captcha)
    throttle.forgive(name, address)
    if not gate.admit(request, user):
        form.add_error(None, gate.REFUSED)
        return show(request, form)
    by = ("ldap", "certificate") if _holds_certificate(request, user) else ("ldap",)
    return steps.begin(request, user, by, steps.after(request))


def _anew(form: SignInForm, name: str, address: str) -> SignInForm:
    """The form with its errors, and with a picture when the failure before has made one due."""
    captcha_due = throttle.standing(name, address).needs_captcha
    shown = SignInForm(form.data, captcha=captcha_due, directories=_choices())
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
        "certificate_address": _certificate_address(request),
        "providers": directories.of_site(Directory.Kind.OIDC),
    }
    return render(request, "signin/sign_in.html", context, status=status)


def _certificate_address(request: HttpRequest) -> str:
    """Where this site asks for certificates itself, under the name by which it was reached, or nothing."""
    if not settings.CERTIFICATE_PORT or certificates.passed_on(request):
        return ""
    host = request.get_host()
    name = host if host.endswith("]") else host.rsplit(":", 1)[0]
    here = f"https://{name}:{settings.CERTIFICATE_PORT}"
    return (
        ""
        if here == f"https://{host}"
        else f"{here}{reverse('accounts:sign-in')}?{urlencode({'next': steps.after(request)})}"
    )


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

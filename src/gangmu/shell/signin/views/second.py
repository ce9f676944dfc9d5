"""The steps after the first proof: a second factor, its enrolment where one is required, a password that is due."""

import base64

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from gangmu.foundation.access.middleware import open_to_strangers
from gangmu.foundation.accounts import services, throttle
from gangmu.foundation.accounts.factors import passkeys, recovery, sent, totp
from gangmu.foundation.accounts.models import User
from gangmu.foundation.records.services import note, note_refusal
from gangmu.foundation.ui.forms import show_form
from gangmu.shell.signin import steps
from gangmu.shell.signin.forms import CodeForm, NewPasswordForm
from gangmu.shell.signin.views.password import must_wait

CODES = (("totp", totp.accept), ("recovery", recovery.accept), ("sent", sent.accept))


def judge_code(request: HttpRequest, user: User, form: CodeForm) -> str:
    """By which factor the code typed proves the person; "" with an error on the form when by none."""
    key, address = throttle.account_key(user.username, "second"), steps.address_of(request)
    wait = throttle.attempt(key, address)
    if wait:
        note_refusal("accounts.sign-in-throttled", by=user, data={"wait": wait}, request=request)
        form.add_error("code", must_wait(wait))
        return ""
    for name, accept in CODES:
        if accept(user, form.cleaned_data["code"].strip()):
            throttle.forgive(key, address)
            return name
    note_refusal("accounts.second-factor-refused", by=user, request=request)
    form.add_error("code", _("This code is wrong, was used before, or its time is over."))
    return ""


@open_to_strangers
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def second(request: HttpRequest) -> HttpResponse:
    """The second factor."""
    coming = steps.coming(request)
    if coming is None:
        return redirect("accounts:sign-in")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        name = judge_code(request, coming.user, form)
        if name:
            return steps.proved(request, coming, name)
    context = {
        "totp": totp.in_force(coming.user),
        "ways": sent.ways(coming.user),
        "passkeys": bool(passkeys.of(coming.user)),
    }
    return show_form(request, "signin/second.html", form, context)


@open_to_strangers
@require_POST
def send_code(request: HttpRequest) -> HttpResponse:
    """Send a code by mail or message."""
    coming = steps.coming(request)
    if coming is None:
        return redirect("accounts:sign-in")
    ways = sent.ways(coming.user)
    way = request.POST.get("way", "")
    if way in ways:
        fresh = sent.send(coming.user, way)
        said = _("A code was sent to %(to)s.") if fresh else _("A code was sent to %(to)s a moment ago. Use that one.")
        request.session["said"] = said % {"to": ways[way]}
        if fresh:
            note("accounts.code-sent", by=coming.user, data={"way": way}, request=request)
    return redirect("accounts:second")


def picture_of(user: User, secret: str) -> str:
    """The QR code of an enrolment, as the address of an image."""
    drawn = segno.make(totp.address(user, secret), error="m").svg_inline(scale=4, border=4, light="#fff")
    if "xmlns" not in drawn:
        drawn = drawn.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return "data:image/svg+xml;base64," + base64.b64encode(drawn.encode()).decode()


@open_to_strangers
@never_cache
@require_http_methods(["GET", "POST"])
def enrol(request: HttpRequest) -> HttpResponse:
    """An authenticator, where the policy asks for a second factor and the person has none yet."""
    coming = steps.coming(request)
    if coming is None:
        return redirect("accounts:sign-in")
    if steps.has_second_factor(coming.user):
        return redirect("accounts:second")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        key, address = throttle.account_key(coming.user.username, "second"), steps.address_of(request)
        wait = throttle.attempt(key, address)
        if wait:
            form.add_error("code", must_wait(wait))
        elif totp.confirm(coming.user, form.cleaned_data["code"].strip()):
            throttle.forgive(key, address)
            note("accounts.factor-added", by=coming.user, data={"factor": "totp"}, request=request)
            return steps.proved(request, steps.Coming(coming.user, coming.by, "/account/recovery/"), "totp")
        else:
            note_refusal("accounts.second-factor-refused", by=coming.user, request=request)
            form.add_error("code", _("This code is wrong. Look whether the clock of your telephone is right."))
    secret = totp.pending_secret(coming.user)
    context = {"picture": picture_of(coming.user, secret), "secret": secret}
    return show_form(request, "signin/enrol.html", form, context)


@open_to_strangers
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def due(request: HttpRequest) -> HttpResponse:
    """A password that has expired, or that somebody else chose, opens nothing but its own change."""
    coming = steps.coming(request)
    if coming is None or "password" not in coming.by:
        return redirect("accounts:sign-in")
    why = services.password_is_due(coming.user)
    if not why:
        return steps.go_on(request, coming)
    form = NewPasswordForm(request.POST or None, user=coming.user, ask_present=False)
    if request.method == "POST" and form.is_valid() and form.save():
        note("accounts.password-changed", by=coming.user, data={"why": why}, request=request)
        return steps.go_on(request, coming)
    status = 422 if form.errors else 200
    return render(request, "signin/due.html", {"form": form, "why": why}, status=status)

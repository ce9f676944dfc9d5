"""Proofs by cryptography: passkeys, and certificates that a trusted proxy passes on."""

from base64 import b64decode, b64encode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from gangmu.foundation.access.middleware import open_to_strangers
from gangmu.foundation.accounts import throttle
from gangmu.foundation.accounts.backend import speak_for
from gangmu.foundation.accounts.factors import certificates, passkeys
from gangmu.foundation.accounts.models import User
from gangmu.foundation.records.services import note_refusal
from gangmu.shell.signin import gate, steps
from gangmu.shell.signin.forms import SignInForm
from gangmu.shell.signin.views.password import must_wait, show

CHALLENGE = "passkey"


def site_and_origin(request: HttpRequest) -> tuple[str, str]:
    """What a passkey is bound to: the host name, and the address as the browser knows it."""
    host = request.get_host()
    return host.rsplit(":", 1)[0] if not host.endswith("]") else host, f"{request.scheme}://{host}"


def keep_challenge(request: HttpRequest, challenge: bytes) -> None:
    request.session[CHALLENGE] = b64encode(challenge).decode()


def take_challenge(request: HttpRequest) -> bytes:
    """The challenge that was asked last; it does not count again.

    Raises:
        Refused: none was asked.
    """
    held = request.session.pop(CHALLENGE, None)
    if not held:
        raise passkeys.Refused("no challenge")
    return b64decode(held)


@open_to_strangers
@never_cache
@require_POST
def passkey_question(request: HttpRequest) -> HttpResponse:
    """What the browser is to ask the device: of whoever is on the way in, or of anybody."""
    coming = steps.coming(request)
    question, challenge = passkeys.question(site_and_origin(request)[0], coming.user if coming else None)
    keep_challenge(request, challenge)
    return HttpResponse(question, content_type="application/json")


def _fail(request: HttpRequest, sentence: str) -> HttpResponse:
    if request.session.get(steps.KEY):
        request.session["said"] = sentence
        return redirect("accounts:second")
    return show(request, SignInForm(), problem=sentence)


@open_to_strangers
@require_POST
def passkey(request: HttpRequest) -> HttpResponse:
    """What the device answered: the whole way in, or the second factor of whoever has begun."""
    if request.user.is_authenticated:
        return redirect(steps.after(request))
    answer = request.POST.get("answer", "")
    coming = steps.coming(request)
    address = steps.address_of(request)
    user: User | None = coming.user if coming else None
    try:
        if not answer:  # the person has changed their mind; nothing was tried
            return _fail(request, _("The passkey was not accepted. Try again, or sign in by password."))
        user_id = user.pk if user else passkeys.claimed_user(answer)
        key = throttle.account_key(str(user_id or address), "passkey")
        if wait := throttle.attempt(key, address):
            return _fail(request, must_wait(wait))
        challenge = take_challenge(request)
        if user_id is None:
            raise passkeys.Refused("nobody")
        speak_for(user_id)
        user = user or User.objects.filter(pk=user_id).first()
        if user is None or not user.may_sign_in():
            raise passkeys.Refused("nobody")
        site, origin = site_and_origin(request)
        passkeys.accept(user, answer, challenge=challenge, site=site, origin=origin)
    except passkeys.Refused as problem:
        note_refusal("accounts.passkey-refused", by=user, data={"why": str(problem)[:200]}, request=request)
        speak_for(0)
        return _fail(request, _("The passkey was not accepted. Try again, or sign in by password."))
    throttle.forgive(key, address)
    if coming is not None:
        return steps.proved(request, coming, "passkey")
    if not gate.admit(request, user):
        speak_for(0)
        return _fail(request, str(gate.REFUSED))
    return steps.begin(request, user, ("passkey",), steps.after(request))


@open_to_strangers
@require_POST
def certificate(request: HttpRequest) -> HttpResponse:
    """Come in by the certificate that the proxy passed on."""
    if request.user.is_authenticated:
        return redirect(steps.after(request))
    address = steps.address_of(request)
    try:
        given = certificates.presented(request)
        if given is None:
            raise certificates.Refused("absent")
        user_id = certificates.holder(given)
        speak_for(user_id)
        user = User.objects.filter(pk=user_id).first()
        if user is None or not user.may_sign_in():
            raise certificates.Refused("account")
    except certificates.Refused as problem:
        note_refusal("accounts.certificate-refused", data={"why": problem.why, "from": address}, request=request)
        return _fail(request, _("The certificate was not accepted. Ask your security administrator."))
    if not gate.admit(request, user):
        speak_for(0)
        return _fail(request, str(gate.REFUSED))
    return steps.begin(request, user, ("certificate",), steps.after(request))

"""My account 我的账号: password, factors, sessions; each sensitive change asks for a fresh proof."""

from django.contrib import messages
from django.contrib.auth.hashers import check_password
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gangmu.foundation.accounts import services, throttle
from gangmu.foundation.accounts.directories.models import Directory, Identity
from gangmu.foundation.accounts.factors import certificates, passkeys, recovery, sent, totp
from gangmu.foundation.accounts.models import Certificate, Passkey, Policy, SignIn, User
from gangmu.foundation.accounts.proof import fresh_proof_required, proved_now
from gangmu.foundation.accounts.queries import signed_in
from gangmu.foundation.accounts.sessions import stored_key
from gangmu.foundation.records.services import note, note_refusal
from gangmu.foundation.settings import clock
from gangmu.foundation.ui.forms import show_form
from gangmu.shell.signin import directories, steps
from gangmu.shell.signin.forms import CodeForm, NewPasswordForm, ProofForm
from gangmu.shell.signin.views.keys import keep_challenge, site_and_origin, take_challenge
from gangmu.shell.signin.views.password import must_wait
from gangmu.shell.signin.views.second import picture_of

SIGN_INS_SHOWN = 20


def _mine(request: HttpRequest) -> tuple[User, str]:
    """Who asks, and the stored key of their session."""
    return signed_in(request), stored_key(request.session.session_key)


def _home() -> tuple[str, str]:
    return (_("My account"), reverse("accounts:account"))


@never_cache
@require_GET
def account(request: HttpRequest) -> HttpResponse:
    """What proves that it is I, where I am signed in, and when I was."""
    user, key = _mine(request)
    policy = Policy.of()
    with connection.cursor() as cursor:
        cursor.execute("SELECT changed_at FROM accounts_password_state(%s)", [user.pk])
        row = cursor.fetchone()
    age = (clock.now() - row[0]).days if row else 0
    context = {
        "title": _("My account"),
        "account": user,
        "changed_at": row[0] if row else None,
        "days_left": max(policy.max_age_days - age, 0),
        "totp": totp.in_force(user),
        "recovery": recovery.left(user),
        "passkeys": passkeys.of(user),
        "certificates": Certificate.objects.filter(user=user).order_by("bound_at"),
        "identities": Identity.objects.filter(user=user).order_by("directory"),
        "offered": bool(certificates.passed_on(request)),
        "ways": sent.ways(user),
        "sign_ins": SignIn.objects.filter(user=user).order_by("-opened_at", "-pk")[:SIGN_INS_SHOWN],
        "this": key,
    }
    return render(request, "signin/account.html", context)


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def prove(request: HttpRequest) -> HttpResponse:
    """Show once more who one is."""
    user = signed_in(request)
    form = ProofForm(request.POST or None, with_code=totp.in_force(user))
    if request.method == "POST" and form.is_valid():
        key, address = throttle.account_key(user.username, "second"), steps.address_of(request)
        wait = throttle.attempt(key, address)
        if wait:
            form.add_error(None, must_wait(wait))
        elif _proves(request, user, form) and (
            "code" not in form.fields or totp.accept(user, form.cleaned_data["code"].strip())
        ):
            throttle.forgive(key, address)
            proved_now(request)
            note("accounts.proved", by=user, request=request)
            return redirect(steps.after(request))
        else:
            note_refusal("accounts.proof-refused", by=user, request=request)
            if not form.errors:
                form.add_error(None, _("That does not prove it: the password or the code is wrong."))
    context = {
        "title": _("Show that it is you"),
        "breadcrumbs": [_home()],
        "next": steps.after(request),
        "has_password": _has_password(user) or _has_directory(user),
    }
    return show_form(request, "signin/prove.html", form, context)


def _proves(request: HttpRequest, user: User, form: ProofForm) -> bool:
    """Whether the password typed is the account's own, or where it has none that of its directory."""
    if _has_password(user):
        return _is_password(user, form.cleaned_data["password"])
    try:
        return directories.is_password(request, user, form.cleaned_data["password"])
    except directories.Away as problem:
        form.add_error(None, str(problem))
        return False


def _has_password(user: User) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM accounts_password_state(%s)", [user.pk])
        return cursor.fetchone() is not None


def _has_directory(user: User) -> bool:
    bound = set(Identity.objects.filter(user=user).values_list("directory", flat=True))
    return any(one.code in bound for one in directories.of_site(Directory.Kind.LDAP))


def _is_password(user: User, password: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT password FROM accounts_password_state(%s)", [user.pk])
        row = cursor.fetchone()
    return row is not None and check_password(password, row[0])


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Change one's password; every other session ends."""
    user, key = _mine(request)
    form = NewPasswordForm(request.POST or None, user=user, this=key)
    if request.method == "POST" and form.is_valid():
        name, address = throttle.account_key(user.username, "second"), steps.address_of(request)
        wait = throttle.attempt(name, address)
        if wait:
            form.add_error("present", must_wait(wait))
        elif not _is_password(user, form.cleaned_data["present"]):
            note_refusal("accounts.proof-refused", by=user, request=request)
            form.add_error("present", _("This is not your present password."))
        else:
            throttle.forgive(name, address)
            if form.save():
                note("accounts.password-changed", by=user, data={"why": "wished"}, request=request)
                messages.success(request, _("Your password was changed. Your other sessions have ended."))
                return redirect("accounts:account")
    context = {"title": _("Change the password"), "breadcrumbs": [_home()]}
    return show_form(request, "signin/password.html", form, context)


@never_cache
@require_http_methods(["GET", "POST"])
@fresh_proof_required
def authenticator(request: HttpRequest) -> HttpResponse:
    """Enrol an authenticator, or remove it."""
    user = signed_in(request)
    if request.POST.get("remove"):
        if _last_that_must_stay(user, totp_goes=True):
            messages.error(request, _("Your roles require a second factor: add a passkey before you remove this one."))
        else:
            totp.remove(user)
            note("accounts.factor-removed", by=user, data={"factor": "totp"}, request=request)
            messages.success(request, _("The authenticator was removed."))
        return redirect("accounts:account")
    if totp.in_force(user):
        return redirect("accounts:account")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if totp.confirm(user, form.cleaned_data["code"].strip()):
            note("accounts.factor-added", by=user, data={"factor": "totp"}, request=request)
            messages.success(request, _("The authenticator is in force."))
            return redirect("accounts:recovery")
        form.add_error("code", _("This code is wrong. Look whether the clock of your telephone is right."))
    secret = totp.pending_secret(user)
    context = {
        "title": _("Add an authenticator"),
        "breadcrumbs": [_home()],
        "picture": picture_of(user, secret),
        "secret": secret,
    }
    return show_form(request, "signin/authenticator.html", form, context)


def _last_that_must_stay(user: User, *, totp_goes: bool = False) -> bool:
    """Whether removing this factor would leave somebody without one who must have one."""
    keys = len(passkeys.of(user))
    left = keys if totp_goes else keys - 1 + totp.in_force(user)
    return left < 1 and steps.must_have_second_factor(user)


@never_cache
@require_http_methods(["GET", "POST"])
@fresh_proof_required
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Ten new codes; they are shown once, in the answer, and nowhere else."""
    user = signed_in(request)
    codes = []
    if request.method == "POST":
        codes = recovery.renew(user)
        note("accounts.recovery-codes-made", by=user, request=request)
    context = {
        "title": _("Recovery codes"),
        "breadcrumbs": [_home()],
        "codes": codes,
        "left": recovery.left(user),
    }
    return render(request, "signin/recovery.html", context)


@never_cache
@require_POST
@fresh_proof_required
def new_passkey_question(request: HttpRequest) -> HttpResponse:
    """What the browser is to ask the device for a new passkey."""
    question, challenge = passkeys.registration(signed_in(request), site_and_origin(request)[0])
    keep_challenge(request, challenge)
    return HttpResponse(question, content_type="application/json")


@never_cache
@require_http_methods(["GET", "POST"])
@fresh_proof_required
def new_passkey(request: HttpRequest) -> HttpResponse:
    """Keep a new passkey."""
    user = signed_in(request)
    problem = ""
    if request.method == "POST":
        site, origin = site_and_origin(request)
        name = request.POST.get("name", "").strip() or _("Passkey")
        try:
            answer, challenge = request.POST.get("answer", ""), take_challenge(request)
            passkeys.enrol(user, answer, challenge=challenge, site=site, origin=origin, name=name)
        except passkeys.Refused as refused:
            data = {"why": str(refused)[:200]}
            note_refusal("accounts.passkey-refused", by=user, data=data, request=request)
            problem = _("The device gave no passkey that can be used here. Try again.")
        else:
            note("accounts.factor-added", by=user, data={"factor": "passkey", "name": name}, request=request)
            messages.success(request, _("The passkey was added."))
            return redirect("accounts:account")
    context = {"title": _("Add a passkey"), "breadcrumbs": [_home()], "problem": problem}
    return render(request, "signin/new_passkey.html", context, status=422 if problem else 200)


@require_POST
@fresh_proof_required
def remove(request: HttpRequest) -> HttpResponse:
    """Remove a passkey or a certificate of one's own."""
    user = signed_in(request)
    kind, number = request.POST.get("kind"), request.POST.get("number", "")
    if kind == "passkey" and number.isdecimal() and len(number) < 19:
        if _last_that_must_stay(user):
            messages.error(request, _("Your roles require a second factor: add another one before you remove this."))
        elif Passkey.objects.filter(user=user, pk=int(number)).delete()[0]:
            note("accounts.factor-removed", by=user, data={"factor": "passkey"}, request=request)
    elif kind == "certificate" and number.isdecimal() and len(number) < 19:
        gone, _by_model = Certificate.objects.filter(user=user, pk=int(number)).delete()
        if gone:
            note("accounts.factor-removed", by=user, data={"factor": "certificate"}, request=request)
    return redirect("accounts:account")


@require_POST
@fresh_proof_required
def bind_certificate(request: HttpRequest) -> HttpResponse:
    """Let the certificate that the proxy passed on stand for this account."""
    user = signed_in(request)
    try:
        given = certificates.presented(request)
        if given is None:
            raise certificates.Refused("absent")
        bound = certificates.bind(user, given)
    except certificates.Refused as problem:
        note_refusal("accounts.certificate-refused", by=user, data={"why": problem.why}, request=request)
        messages.error(request, _("The certificate was not accepted. Ask your security administrator."))
    else:
        data = {"factor": "certificate", "subject": bound.subject, "serial": bound.serial}
        note("accounts.factor-added", by=user, data=data, request=request)
        messages.success(request, _("The certificate now stands for your account."))
    return redirect("accounts:account")


@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    """End every session of mine but this."""
    user, key = _mine(request)
    ended = services.end_sessions(user, this=key, which="others")
    if ended:
        note("accounts.sessions-ended", by=user, data={"count": ended}, request=request)
    messages.success(request, _("Your other sessions have ended."))
    return redirect("accounts:account")

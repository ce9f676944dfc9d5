"""What is done to an account in one step: each has a page that says what it does, and asks why."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from gangmu.foundation.accounts import managing, services
from gangmu.foundation.accounts.factors import certificates
from gangmu.foundation.accounts.models import User
from gangmu.foundation.accounts.proof import fresh_proof_for_form
from gangmu.foundation.records.services import note, note_refusal
from gangmu.foundation.ui.asking import asker
from gangmu.foundation.ui.forms import show_form
from gangmu.foundation.ui.once import submit_once
from gangmu.shell.people.forms import CertificateForm, ReasonForm, ResetForm
from gangmu.shell.people.views.one import changeable, hand_over, trail

Data = dict[str, Any]


@dataclass(frozen=True)
class Verb:
    """One thing to do: its title, what it means, the event that it leaves, and the doing, which says what to note."""

    title: Any
    words: Any
    event: str
    done: Any
    do: Callable[[HttpRequest, User, Form], Data | None]
    tone: str = "primary"
    form: type[ReasonForm] = ReasonForm


def _disable(request: HttpRequest, account: User, form: Form) -> Data:
    services.disable(account)
    return {}


def _enable(request: HttpRequest, account: User, form: Form) -> Data:
    services.enable(account)
    return {}


def _unlock(request: HttpRequest, account: User, form: Form) -> Data:
    return {"counters": services.unlock(account)}


def _reset(request: HttpRequest, account: User, form: Form) -> Data:
    state = account.state  # type: ignore[attr-defined]
    if state["guarded"] and not (state["totp"] or state["passkeys"]):
        raise PermissionDenied(NO_RESET)
    handing = form.cleaned_data["handing"]
    hand_over(request, account, managing.reset_password(account), handing)
    return {"handing": handing}


def _forget(request: HttpRequest, account: User, form: Form) -> Data:
    if account.state["guarded"]:  # type: ignore[attr-defined]
        raise PermissionDenied(NOT_GUARDED)
    return {"factor": "all", **managing.forget_factors(account)}


def _end_sessions(request: HttpRequest, account: User, form: Form) -> Data:
    return {"count": services.end_sessions(account)}


NOT_GUARDED = gettext_lazy(
    "This account holds a part of security or audit. Who looks after accounts must not come by it: its owner changes "
    "its factors under My account, or the operator with gangmu account."
)
NO_RESET = gettext_lazy(
    "This account holds a part of security or audit and has no second factor yet: with a password alone you would come "
    "by it. The operator resets it with gangmu account password."
)

VERBS = {
    "disable": Verb(
        gettext_lazy("Disable"),
        gettext_lazy(
            "Nobody signs in with this account any more, and its sessions end now. What it did keeps its name."
        ),
        "accounts.disabled",
        gettext_lazy("The account is disabled."),
        _disable,
        "danger",
    ),
    "enable": Verb(
        gettext_lazy("Enable"),
        gettext_lazy("The account can be used again, with the roles that it still holds. It counts as used today."),
        "accounts.enabled",
        gettext_lazy("The account is enabled."),
        _enable,
    ),
    "unlock": Verb(
        gettext_lazy("Unlock"),
        gettext_lazy("Failed attempts are forgotten. Make sure that it was its owner who failed."),
        "accounts.unlocked",
        gettext_lazy("The account is unlocked."),
        _unlock,
    ),
    "reset": Verb(
        gettext_lazy("Reset the password"),
        gettext_lazy(
            "The account gets a one-time password, which its owner must change at once. Its sessions end, and it is "
            "unlocked. Make sure that it is its owner who asks."
        ),
        "accounts.password-given",
        gettext_lazy("The account has a one-time password."),
        _reset,
        "danger",
        ResetForm,
    ),
    "forget-factors": Verb(
        gettext_lazy("Forget the factors"),
        gettext_lazy(
            "Authenticator, passkeys and recovery codes are removed, for somebody who has lost them. Sessions end. "
            "Whoever must have a second factor enrols a new one when signing in."
        ),
        "accounts.factor-removed",
        gettext_lazy("The factors were removed."),
        _forget,
        "danger",
    ),
    "end-sessions": Verb(
        gettext_lazy("End all sessions"),
        gettext_lazy("Whoever is signed in with it must sign in again. What stands in an open form is kept."),
        "accounts.sessions-ended",
        gettext_lazy("All sessions have ended."),
        _end_sessions,
    ),
}


@never_cache
@require_http_methods(["GET", "POST"])
@fresh_proof_for_form
@submit_once
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Say what a verb does, then do it."""
    if verb not in VERBS:
        raise Http404
    account, one = changeable(request, pk), VERBS[verb]
    form = one.form(request.POST or None, account=account)
    if request.method == "POST" and form.is_valid():
        try:
            data = one.do(request, account, form) or {}
        except ValidationError as problem:
            note_refusal(
                "accounts.change-refused",
                by=asker(request),
                subject=account,
                organisation=account.organisation,
                data={"verb": verb, "why": getattr(problem, "code", "") or ""},
                request=request,
            )
            form.add_error(None, problem.messages)  # type: ignore[arg-type]
        else:
            reason = form.cleaned_data.get("reason", "").strip()
            note(
                one.event,
                by=asker(request),
                subject=account,
                organisation=account.organisation,
                data={"username": account.username, **({"reason": reason} if reason else {}), **data},
                request=request,
            )
            messages.success(request, str(one.done))
            return redirect("people:one", pk=pk)
    back = reverse("people:one", args=[pk])
    context = {
        "title": f"{one.title} · {account.name}",
        "breadcrumbs": trail((account.name, back), (one.title, "")),
        "words": one.words,
        "submit": one.title,
        "tone": one.tone,
        "back": back,
    }
    return show_form(request, "people/form.html", form, context)


@require_POST
@submit_once
def end_session(request: HttpRequest, pk: int, session: int) -> HttpResponse:
    """End one session of somebody."""
    account = changeable(request, pk)
    if managing.end_session(account, session):
        note(
            "accounts.sessions-ended",
            by=asker(request),
            subject=account,
            organisation=account.organisation,
            data={"username": account.username, "count": 1},
            request=request,
        )
        messages.success(request, _("The session has ended."))
    else:
        messages.info(request, _("The session had ended already."))
    return redirect("people:one", pk=pk)


REFUSED = {
    "malformed": gettext_lazy("The file holds no certificate in PEM or DER."),
    "too-large": gettext_lazy("The file is too large for a certificate."),
    "other-issuer": gettext_lazy("It was not issued by a CA of this installation (certificates/ca.pem)."),
    "expired": gettext_lazy("It, or its CA, has expired."),
    "not-yet-valid": gettext_lazy("It, or its CA, is not valid yet."),
    "not-for-clients": gettext_lazy("It is not for signing in: a CA's, or a server's."),
    "revoked": gettext_lazy("It has been revoked."),
    "revocation-list-stale": gettext_lazy("The revocation list of its CA is older than it says; renew it first."),
    "revocation-list-forged": gettext_lazy("The revocation list is not signed by the CA."),
    "bound": gettext_lazy("It stands for an account already."),
}


@never_cache
@require_http_methods(["GET", "POST"])
@fresh_proof_for_form
@submit_once
def bind_certificate(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a certificate from a file stand for an account."""
    account = changeable(request, pk)
    if account.state["guarded"]:  # type: ignore[attr-defined]
        raise PermissionDenied(NOT_GUARDED)
    form = CertificateForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            given = certificates.read(form.cleaned_data["file"].read(certificates.LONGEST + 1))
            bound = certificates.bind(account, given)
        except certificates.Refused as problem:
            data = {"why": problem.why, "username": account.username}
            note_refusal("accounts.certificate-refused", by=asker(request), subject=account, data=data, request=request)
            form.add_error("file", REFUSED.get(problem.why, problem.why))
        else:
            data = {"factor": "certificate", "subject": bound.subject, "serial": bound.serial}
            note(
                "accounts.factor-added",
                by=asker(request),
                subject=account,
                organisation=account.organisation,
                data={"username": account.username, **data},
                request=request,
            )
            words = {"subject": bound.subject, "from": f"{given.not_valid_before_utc:%Y-%m-%d}"}
            words |= {"to": f"{given.not_valid_after_utc:%Y-%m-%d}"}
            said = _(
                "%(subject)s, valid from %(from)s to %(to)s, now stands for this account. Compare its fingerprint."
            )
            messages.success(request, said % words)
            return redirect("people:one", pk=pk)
    back = reverse("people:one", args=[pk])
    context = {
        "title": _("Bind a certificate"),
        "breadcrumbs": trail((account.name, back), (_("Bind a certificate"), "")),
        "words": _("Whoever holds its key can sign in as %(name)s. It is judged anew each time.")
        % {"name": account.name},
        "submit": _("Bind a certificate"),
        "tone": "primary",
        "back": back,
    }
    return show_form(request, "people/form.html", form, context)


@require_POST
@submit_once
def unbind_certificate(request: HttpRequest, pk: int, certificate: int) -> HttpResponse:
    """Take a certificate from an account."""
    account = changeable(request, pk)
    serial = managing.unbind(account, certificate)
    if serial is not None:
        note(
            "accounts.factor-removed",
            by=asker(request),
            subject=account,
            organisation=account.organisation,
            data={"username": account.username, "factor": "certificate", "serial": serial},
            request=request,
        )
        messages.success(request, _("The certificate no longer stands for this account."))
    return redirect("people:one", pk=pk)

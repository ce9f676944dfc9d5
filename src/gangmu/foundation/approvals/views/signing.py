"""Signing a decision: say it, take the file to sign, bring the signature back; and take a signed one away."""

import base64
import binascii

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from gangmu.foundation.accounts.queries import signed_in
from gangmu.foundation.approvals import panels, queries
from gangmu.foundation.approvals.actions import Action
from gangmu.foundation.approvals.errors import ApprovalError
from gangmu.foundation.approvals.models import Signature, SigningRequest
from gangmu.foundation.approvals.signing import bundle as bundles
from gangmu.foundation.approvals.signing import cms
from gangmu.foundation.approvals.signing.services import SIGNABLE, prepare, sign
from gangmu.foundation.approvals.verbs import VERBS
from gangmu.foundation.approvals.views.case import visible_case
from gangmu.foundation.records.services import note
from gangmu.foundation.ui.forms import show_form
from gangmu.foundation.ui.once import submit_once


class SignatureForm(forms.Form):
    """The signature, as a file or as the local agent gave it."""

    signature = forms.FileField(
        label=gettext_lazy("Signature file"),
        help_text=gettext_lazy("A detached signature in CMS (PKCS #7) form, DER or PEM: .p7s"),
        required=False,
    )
    given = forms.CharField(required=False, max_length=2 * cms.LONGEST, widget=forms.HiddenInput)

    def clean(self) -> dict:
        data = super().clean() or {}
        if not data.get("signature") and not data.get("given"):
            self.add_error("signature", _("Choose the file with your signature."))
        return data

    def content(self) -> bytes:
        """What was handed over; too much of it is refused as a signature, not read."""
        file = self.cleaned_data.get("signature")
        if file:
            return file.read(cms.LONGEST + 1)
        try:
            return base64.b64decode(self.cleaned_data["given"], validate=True)
        except binascii.Error:
            return b""


@submit_once
@require_http_methods(["GET", "POST"])
def to_sign(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Say what is to be signed: the words of the decision come first, since they are signed too."""
    case = visible_case(pk)
    if action not in SIGNABLE:
        raise Http404
    verb = VERBS[Action(action)]
    given = {name: request.GET[name] for name in ("seen", "place", "next") if request.GET.get(name)}
    form = verb.form(request.POST or None, initial=given)
    panels.fill(form, case, verb.action, signed_in(request))
    problem = ""
    if request.method == "POST" and form.is_valid():
        try:
            wanted = prepare(case, verb.action, by=signed_in(request), given=form.cleaned_data)
            return redirect("approvals:signing", wanted.pk)
        except ApprovalError as error:
            problem = str(error)
    title = _("%(verb)s with a signature") % {"verb": verb.label}
    context = {"case": case, "verb": verb, "title": title, "problem": problem, "breadcrumbs": trail(case.pk, title)}
    response = show_form(request, "approvals/to_sign.html", form, context)
    response.status_code = 422 if problem else response.status_code
    return response


def trail(case: int, title: str) -> list[tuple[str, str]]:
    return [
        (_("Approvals"), reverse("approvals:list")),
        (_("Case %(number)d") % {"number": case}, reverse("approvals:case", args=[case])),
        (title, ""),
    ]


def mine(request: HttpRequest, pk: int) -> SigningRequest:
    """One's own decision to sign, of a case that one still sees."""
    wanted = get_object_or_404(SigningRequest.objects.select_related("case__route"), pk=pk, user=signed_in(request))
    visible_case(wanted.case_id)
    return wanted


@submit_once
@require_http_methods(["GET", "POST"])
def signing(request: HttpRequest, request_id: int) -> HttpResponse:
    """Take the file, sign it, bring the signature: verified, the decision counts."""
    wanted = mine(request, request_id)
    form = SignatureForm(request.POST or None, request.FILES or None)
    problem = ""
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                sign(wanted, form.content(), by=signed_in(request), request=request)
        except ApprovalError as error:
            problem = str(error)
        else:
            case = visible_case(wanted.case_id)
            done = VERBS[Action(wanted.action)].done
            standing = panels.standing_words(case, queries.holders(case))
            messages.success(request, f"{done} {_('The signature was verified and kept.')} {standing}")
            return redirect("approvals:case", wanted.case_id)
    title = _("Sign the decision")
    context = {
        "wanted": wanted,
        "verb": VERBS[Action(wanted.action)],
        "title": title,
        "problem": problem,
        "agent": settings.SIGNING_AGENT,
        "breadcrumbs": trail(wanted.case_id, title),
    }
    response = show_form(request, "approvals/signing.html", form, context)
    response.status_code = 422 if problem else response.status_code
    if settings.SIGNING_AGENT:
        response.connects_to = settings.SIGNING_AGENT  # type: ignore[attr-defined]
    return response


@require_GET
def text(request: HttpRequest, request_id: int) -> HttpResponse:
    """What is signed, byte for byte."""
    wanted = mine(request, request_id)
    return HttpResponse(
        wanted.text.encode(),
        content_type="application/json",
        headers={"Content-Disposition": 'attachment; filename="decision.json"'},
    )


@require_GET
def bundle(request: HttpRequest, signature: int) -> HttpResponse:
    """A signed decision to take away and verify elsewhere; recorded."""
    one = get_object_or_404(Signature.objects.select_related("decision", "organisation"), pk=signature)
    data = {"decision": one.decision.number, "case": one.case_id}
    by = signed_in(request)
    note("approvals.bundle-exported", by=by, organisation=one.organisation, subject=one, data=data, request=request)
    return HttpResponse(
        bundles.pack(one),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{bundles.name_of(one)}"'},
    )


__all__ = ["bundle", "signing", "text", "to_sign"]

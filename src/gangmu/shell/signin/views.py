"""Plain sign-in: user name and password."""

from typing import Any

from django import forms
from django.contrib import auth
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from gangmu.foundation.access.middleware import open_to_strangers
from gangmu.foundation.accounts.queries import signed_in
from gangmu.foundation.records.services import note, note_refusal
from gangmu.shell.signin import gate
from gangmu.shell.signin.demonstration import demonstration_accounts


class SignInForm(forms.Form):
    """One message for a wrong name and a wrong password: it does not tell whether an account exists."""

    username = forms.CharField(label=_("User name"), max_length=64)
    password = forms.CharField(label=_("Password"), max_length=256, widget=forms.PasswordInput)

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.user: Any = None
        self.fields["username"].widget.attrs.update(autocomplete="username", autofocus=True, autocapitalize="none")
        self.fields["password"].widget.attrs.update(autocomplete="current-password")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        self.user = auth.authenticate(self.request, **cleaned)
        if self.user is None:
            note_refusal("accounts.sign-in-refused", data={"username": cleaned["username"]}, request=self.request)
            raise ValidationError(gate.REFUSED)
        if not gate.admit(self.request, self.user):
            raise ValidationError(gate.REFUSED)
        return cleaned


def _after(request: HttpRequest) -> str:
    target = request.POST.get("next") or request.GET.get("next") or "/"
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe and target.startswith("/") else "/"


@open_to_strangers
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page."""
    if request.user.is_authenticated:
        return redirect(_after(request))
    form = SignInForm(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        auth.login(request, form.user)
        note("accounts.signed-in", by=form.user, request=request)
        return redirect(_after(request))
    status = 422 if form.errors else 200
    context = {"form": form, "next": _after(request), "accounts": demonstration_accounts()}
    return render(request, "signin/sign_in.html", context, status=status)


@open_to_strangers
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    if request.user.is_authenticated:
        note("accounts.signed-out", by=signed_in(request), request=request)
    auth.logout(request)
    return redirect("accounts:sign-in")

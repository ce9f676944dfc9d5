"""What is typed to come in, and on one's account."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.accounts import services
from gangmu.foundation.accounts.models import User
from gangmu.foundation.accounts.passwords import LONGEST, rules_in_words


class SignInForm(forms.Form):
    """User name and password, and after failures the letters of a picture.

    Where there are directories one says whose password it is: it is shown to nobody else.
    """

    username = forms.CharField(label=_("User name"), max_length=64)
    password = forms.CharField(label=_("Password"), max_length=LONGEST, strip=False, widget=forms.PasswordInput)

    def __init__(
        self, *args: Any, captcha: bool = False, directories: Sequence[tuple[str, str]] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if directories:
            choice = forms.ChoiceField(
                label=_("Password of"), choices=directories, initial=directories[0][0], required=False
            )
            self.fields = {"directory": choice, **self.fields}
        self.fields["username"].widget.attrs.update(autocomplete="username", autofocus=True, autocapitalize="none")
        self.fields["password"].widget.attrs.update(autocomplete="current-password")
        if captcha:
            attributes = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
            widget = forms.TextInput(attrs=attributes)
            label = _("Letters in the picture, or digits heard")
            self.fields["captcha"] = forms.CharField(label=label, max_length=12, widget=widget, required=False)


class CodeForm(forms.Form):
    """A code: of the authenticator, sent, or for recovery."""

    code = forms.CharField(label=_("Verification code"), max_length=20)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs.update(autocomplete="one-time-code", autofocus=True, autocapitalize="none")


class NewPasswordForm(forms.Form):
    """A new password, twice; where somebody is signed in, the present one before."""

    present = forms.CharField(
        label=_("Present password"), max_length=LONGEST, strip=False, widget=forms.PasswordInput, required=False
    )
    password = forms.CharField(label=_("New password"), max_length=LONGEST, strip=False, widget=forms.PasswordInput)
    again = forms.CharField(label=_("New password again"), max_length=LONGEST, strip=False, widget=forms.PasswordInput)

    def __init__(self, *args: Any, user: User, this: str = "", ask_present: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.this = user, this
        self.fields["password"].help_text = rules_in_words()
        self.fields["present"].widget.attrs.update(autocomplete="current-password")
        for name in ("password", "again"):
            self.fields[name].widget.attrs.update(autocomplete="new-password")
        if not ask_present:
            del self.fields["present"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        if cleaned["password"] != cleaned["again"]:
            self.add_error("again", _("The two are not the same."))
            return cleaned
        return cleaned

    def save(self) -> bool:
        """Change the password; whether it could be."""
        try:
            services.change_password(self.user, self.cleaned_data["password"], this=self.this)
        except ValidationError as problem:
            self.add_error("password", problem)
            return False
        return True


class ProofForm(forms.Form):
    """The password once more, and a code where the person has an authenticator."""

    password = forms.CharField(label=_("Password"), max_length=LONGEST, strip=False, widget=forms.PasswordInput)
    code = forms.CharField(label=_("Code of your authenticator"), max_length=20)

    def __init__(self, *args: Any, with_code: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].widget.attrs.update(autocomplete="current-password", autofocus=True)
        self.fields["code"].widget.attrs.update(autocomplete="one-time-code")
        if not with_code:
            del self.fields["code"]

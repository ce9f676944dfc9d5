"""What is typed about people, and about the rules of signing in."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.access.models import Role
from gangmu.foundation.access.scope import Scope
from gangmu.foundation.accounts import managing
from gangmu.foundation.accounts.models import FLOORS, LONGEST_WORD, MOST_WORDS, Policy, User
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings import clock
from gangmu.shell.people import queries

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
SHORTEST_WORD = 3


class HandOver(forms.Form):
    """How a one-time password reaches its owner."""

    handing = forms.ChoiceField(
        label=_("One-time password"),
        choices=[("show", _("show it to me, once")), ("mail", _("send it by e-mail"))],
        widget=forms.RadioSelect,
        initial="show",
    )

    def needs_mail(self, email: str) -> None:
        """Nothing is sent to somebody who has no address."""
        if self.cleaned_data.get("handing") == "mail" and not email:
            self.add_error("handing", __("The account has no e-mail address to send it to."))


class PlaceForm(forms.Form):
    """Where somebody works."""

    organisation = forms.CharField(label=_("Organisation"), max_length=64, help_text=_("Its code."))

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.scope = scope

    def clean_organisation(self) -> Organisation:
        code = self.cleaned_data["organisation"].strip()
        found = queries.changeable_organisations(self.scope).filter(code=code).first()
        if found is None:
            raise ValidationError(__("There is no organisation with this code whose accounts you may change."))
        return found


class PersonForm(PlaceForm, HandOver):
    """Who somebody is, where they work, how they are reached."""

    username = forms.CharField(
        label=_("User name"),
        max_length=64,
        help_text=_("Latin letters, digits and . _ @ - only. It stays for ever."),
        validators=User._meta.get_field("username").validators,
    )
    name = forms.CharField(label=_("Person"), max_length=80)
    email = forms.EmailField(label=_("E-mail"), required=False, max_length=254)
    phone = forms.CharField(label=_("Phone"), required=False, max_length=32)
    last_day = forms.DateField(
        label=_("Last day"), required=False, widget=DAY, help_text=_("Blank: the account does not end by itself.")
    )

    def __init__(self, *args: Any, scope: Scope, account: User | None = None, guarded: bool = False, **kwargs: Any):
        super().__init__(*args, scope=scope, **kwargs)
        self.account = account
        self.order_fields(["username", "name", "organisation", "email", "phone", "last_day", "handing"])
        if account is not None:
            del self.fields["username"], self.fields["handing"]
        if guarded:
            for name in ("email", "phone"):
                self.fields[name].disabled = True
                self.fields[name].help_text = _(
                    "Holds a part of security or audit: codes go where its owner, or the operator, has said."
                )

    def clean_username(self) -> str:
        username = self.cleaned_data["username"]
        if managing.taken([username]):
            raise ValidationError(__("This user name is taken. Add a digit or the initials."))
        return username

    def clean_last_day(self) -> date | None:
        day = self.cleaned_data["last_day"]
        if day is not None and day < clock.today() and (self.account is None or self.account.valid_to is None):
            raise ValidationError(__("This day is over. To end an account now, disable it."))
        return day

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if "handing" in self.fields:
            self.needs_mail(given.get("email", ""))
        return given

    def values(self) -> dict[str, Any]:
        """What goes into the account."""
        given = self.cleaned_data
        day = given["last_day"]
        return {
            "name": given["name"].strip(),
            "organisation": given["organisation"],
            "email": given["email"],
            "phone": given["phone"].strip(),
            "valid_to": day + timedelta(days=1) if day else None,
        }

    @staticmethod
    def of(account: User) -> dict[str, Any]:
        """The present values."""
        return {
            "name": account.name,
            "organisation": account.organisation.code if account.organisation else "",
            "email": account.email,
            "phone": account.phone,
            "last_day": account.valid_to - timedelta(days=1) if account.valid_to else None,
        }


class ReasonForm(forms.Form):
    """Why somebody does to `account` what they do, for the record."""

    reason = forms.CharField(
        label=_("Why"), max_length=200, required=False, help_text=_("For the record: a request, a date, a person.")
    )

    def __init__(self, *args: Any, account: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account = account


class ResetForm(HandOver, ReasonForm):
    """Giving a one-time password."""

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        self.needs_mail(self.account.email)
        return given


class CertificateForm(forms.Form):
    """A certificate from a file."""

    file = forms.FileField(
        label=_("Certificate"),
        max_length=200,
        help_text=_("PEM or DER (.pem, .crt, .cer, .der), without its key."),
        widget=forms.ClearableFileInput(attrs={"accept": ".pem,.crt,.cer,.der"}),
    )


class ImportForm(forms.Form):
    """A file of people, and how the new ones get their one-time passwords."""

    file = forms.FileField(
        label=_("File"), max_length=200, widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv"})
    )
    handing = forms.ChoiceField(
        label=_("One-time passwords of new accounts"),
        choices=[("sheet", _("in a sheet that I fetch once")), ("mail", _("to each person by e-mail"))],
        widget=forms.RadioSelect,
        initial="sheet",
    )


def _rule(name: str) -> forms.IntegerField:
    lowest, highest = FLOORS[name]
    return forms.IntegerField(
        label=Policy._meta.get_field(name).verbose_name,
        min_value=lowest,
        max_value=highest,
        help_text=f"{lowest} – {highest}",
    )


class PolicyForm(forms.Form):
    """The rules of signing in from a day on. What undercuts a floor is refused here, and by the database."""

    first_day = forms.DateField(label=_("From"), widget=DAY)
    min_length, kinds, history = _rule("min_length"), _rule("kinds"), _rule("history")
    max_age_days, min_age_days = _rule("max_age_days"), _rule("min_age_days")
    weak_words = forms.CharField(
        label=_("Words refused in passwords"),
        required=False,
        max_length=LONGEST_WORD * MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Names of your products, places and systems, one in a line; besides the lists that are shipped."),
    )
    max_failures, lock_minutes = _rule("max_failures"), _rule("lock_minutes")
    address_failures, captcha_after = _rule("address_failures"), _rule("captcha_after")
    idle_minutes, absolute_hours = _rule("idle_minutes"), _rule("absolute_hours")
    code_minutes, dormant_days = _rule("code_minutes"), _rule("dormant_days")
    second_factor = forms.ChoiceField(label=_("Second factor of"), choices=Policy.SecondFactor.choices)
    second_factor_roles = forms.MultipleChoiceField(
        label=_("Roles that need a second factor besides"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = Role.objects.exclude(site="office").order_by("code")
        self.fields["second_factor_roles"].choices = [(one.code, one.name) for one in roles]  # type: ignore[attr-defined]

    def clean_first_day(self) -> date:
        day = self.cleaned_data["first_day"]
        if day < clock.today():
            raise ValidationError(__("Rules change from today on, not in the past."))
        return day

    def clean_weak_words(self) -> list[str]:
        words = list(dict.fromkeys(line.strip().lower() for line in self.cleaned_data["weak_words"].splitlines()))
        words = [word for word in words if word]
        if len(words) > MOST_WORDS:
            raise ValidationError(__("At most %(n)d words.") % {"n": MOST_WORDS})
        for word in words:
            shortest = 2 if not word.isascii() else SHORTEST_WORD
            if not shortest <= len(word) <= LONGEST_WORD or not any(letter.isalnum() for letter in word):
                raise ValidationError(
                    __("“%(word)s”: a word has %(least)d to %(most)d characters, and letters or digits among them.")
                    % {"word": word[:50], "least": shortest, "most": LONGEST_WORD}
                )
        return words

    def policy(self) -> Policy:
        """The rules as typed."""
        given = self.cleaned_data
        values = {name: given[name] for name in FLOORS}
        return Policy(
            valid_from=given["first_day"],
            second_factor=given["second_factor"],
            second_factor_roles=given["second_factor_roles"],
            weak_words=given["weak_words"],
            **values,
        )

    @staticmethod
    def of(policy: Policy) -> dict[str, Any]:
        """The values of rules, from tomorrow on."""
        values = {name: getattr(policy, name) for name in FLOORS}
        return {
            **values,
            "first_day": max(clock.today() + timedelta(days=1), policy.valid_from),
            "second_factor": policy.second_factor,
            "second_factor_roles": policy.second_factor_roles,
            "weak_words": "\n".join(policy.weak_words),
        }

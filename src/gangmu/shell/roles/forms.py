"""Giving, ending and renewing roles; a role's names; opening a review."""

import re
from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gangmu.figures.publications.forms import organisations_named
from gangmu.foundation.access.models import Assignment, Role
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings.sites import Where

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
MOST = 200


class RoleField(forms.ModelChoiceField):
    """Roles by their names, as people know them."""

    def label_from_instance(self, obj: Role) -> str:
        return f"{obj.name} ({Where(obj.site).label})"


def people_named(text: str) -> list[User]:
    """The accounts that a text names by user name or by name, with commas or new lines between.

    Raises:
        ValidationError: one names nobody whom the asker sees, or several.
    """
    texts = list(dict.fromkeys(filter(None, (one.strip() for one in re.split(r"[\n\t,，;；、]", text)))))
    known: dict[str, set[User]] = {}
    for user in User.objects.filter(Q(username__in=texts) | Q(name__in=texts)):
        for each in {user.username, user.name}:
            known.setdefault(each, set()).add(user)
    wrong = [one for one in texts if len(known.get(one, ())) != 1]
    if wrong or not texts or len(texts) > MOST:
        raise forms.ValidationError(
            _("No account in your scope, or more than one of that name: %(names)s. Use the user name.")
            % {"names": ", ".join(wrong[:8])}
        )
    return [next(iter(known[one])) for one in texts]


class DaysForm(forms.Form):
    """A first and a last day, both counted."""

    first_day = forms.DateField(label=gettext_lazy("First day"), widget=DAY)
    last_day = forms.DateField(
        label=gettext_lazy("Last day"), widget=DAY, required=False, help_text=gettext_lazy("Empty: until it is ended.")
    )
    because = forms.CharField(label=gettext_lazy("Reason"), max_length=400, required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        first, last = given.get("first_day"), given.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("The last day lies before the first."))
        return given

    @property
    def until(self) -> date | None:
        """The first day that does not count any more."""
        last = self.cleaned_data.get("last_day")
        return last + timedelta(days=1) if last else None


class GiveForm(DaysForm):
    """A role, to one person or several, at one organisation or several."""

    people = forms.CharField(
        label=gettext_lazy("People"),
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("User names or names, with commas or new lines between."),
    )
    role = RoleField(label=gettext_lazy("Role"), queryset=Role.objects.none())
    at = forms.CharField(
        label=gettext_lazy("Organisation"),
        max_length=2000,
        help_text=gettext_lazy("Code or name; several with commas between."),
    )
    reach = forms.ChoiceField(label=gettext_lazy("Reach"), choices=Assignment.Reach.choices)

    field_order = ("people", "role", "at", "reach", "first_day", "last_day", "because")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].queryset = Role.objects.order_by("site", "code")

    def clean_people(self) -> list[User]:
        return people_named(self.cleaned_data["people"])

    def clean_at(self) -> list[Organisation]:
        texts = [one.strip() for one in re.split(r"[\n\t,，;；、]", self.cleaned_data["at"]) if one.strip()]
        return organisations_named(texts[:MOST])


class EndForm(forms.Form):
    """The last day on which an assignment counts."""

    last_day = forms.DateField(
        label=gettext_lazy("Last day"), widget=DAY, help_text=gettext_lazy("Yesterday ends it at once.")
    )
    because = forms.CharField(label=gettext_lazy("Reason"), max_length=400)


class RenewForm(forms.Form):
    """Until when a role is given again."""

    last_day = forms.DateField(
        label=gettext_lazy("Last day"), widget=DAY, required=False, help_text=gettext_lazy("Empty: until it is ended.")
    )
    because = forms.CharField(label=gettext_lazy("Reason"), max_length=400, required=False)


class RoleForm(forms.Form):
    """A role's names and site; its permissions are the tree beside it."""

    code = forms.SlugField(
        label=gettext_lazy("Code"), max_length=64, help_text=gettext_lazy("Small letters, digits, _ and -; it stays.")
    )
    name_zh = forms.CharField(label=gettext_lazy("Chinese name"), max_length=80)
    name_en = forms.CharField(label=gettext_lazy("English name"), max_length=80)
    site = forms.ChoiceField(label=gettext_lazy("To be used at"), choices=Where.choices)

    def __init__(self, *args: Any, role: Role | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if role is not None:
            del self.fields["code"]

    def clean_code(self) -> str:
        code = self.cleaned_data["code"]
        if Role.objects.filter(code=code).exists():
            raise forms.ValidationError(_("There is a role with this code."))
        return code

"""What is asked for resources and dependencies."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gangmu.duties.resources.models import Kind, Resource
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Organisation, Post
from gangmu.foundation.parties.models.organisations import CODE_PATTERN
from gangmu.foundation.settings import clock

MOST_CHOICES = 300  # more than these are named by code
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def particulars(text: str) -> dict[str, str]:
    """What is written one in a line as `name: value`.

    Raises:
        ValidationError: a line says something else.
    """
    found = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        name, sign, value = (part.strip() for part in re.sub("[：=＝]", ":", line, count=1).partition(":"))
        if not (name and sign and value):
            raise forms.ValidationError(_("“%(line)s” does not say “name: value”."), params={"line": line[:60]})
        if len(name) > 40 or len(value) > 200:
            raise forms.ValidationError(
                _("“%(name)s” is too long: 40 characters for the name, 200 for the value."), params={"name": name[:40]}
            )
        found[name] = value
    return found


class _ByCode(forms.Form):
    """A form that knows organisations and resources by their codes."""

    def choose(self, name: str, label: Any, found: Sequence[Any], hint: Any) -> None:
        """A field for one of `found`: to choose from while there are not too many."""
        self.offered = getattr(self, "offered", {}) | {name: {str(one.code): one for one in found}}
        if len(found) <= MOST_CHOICES:
            choices = [("", "–"), *((str(one.code), f"{one.name} ({one.code})") for one in found)]
            self.fields[name] = forms.ChoiceField(label=label, choices=choices)
        else:
            self.fields[name] = forms.CharField(label=label, max_length=64, help_text=hint)

    def chosen(self, name: str) -> Any:
        code = self.cleaned_data[name].strip()
        if code not in self.offered[name]:
            raise forms.ValidationError(_("“%(code)s” is none that you can choose here."), params={"code": code[:64]})
        return self.offered[name][code]


class ResourceForm(_ByCode):
    """What the register says of a resource. Owners are those whose register the asker keeps."""

    code = forms.RegexField(
        CODE_PATTERN,
        label=_("Code"),
        max_length=64,
        help_text=_("Letters, digits, Chinese characters and _ . : # -; nobody else's."),
        error_messages={"invalid": _("Use letters, digits, Chinese characters and _ . : # - alone.")},
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=Kind.choices)
    name_zh = forms.CharField(label=_("Chinese name"), max_length=200, required=False)
    name_en = forms.CharField(label=_("English name"), max_length=200, required=False)
    supporting = forms.BooleanField(
        label=_("Supporting"),
        required=False,
        help_text=_("It has no grading factors of its own: it takes the highest grade of whatever needs it."),
    )
    responsible = forms.CharField(
        label=_("Responsible person"), max_length=150, required=False, help_text=_("User name.")
    )
    post = forms.CharField(
        label=_("Responsible post"), max_length=200, required=False, help_text=_("Code or name of a post of the owner.")
    )
    attributes = forms.CharField(
        label=_("Particulars"),
        required=False,
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One in a line, such as “address: No. 1 Example Road”."),
    )
    remark = forms.CharField(
        label=_("Remark"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 2})
    )
    since = forms.DateField(label=_("In the register from"), widget=DAY)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    field_order = ("code", "kind", "name_zh", "name_en", "organisation", "since", "supporting", "responsible", "post")

    def __init__(self, *args: Any, owners: Sequence[Organisation], resource: Resource | None = None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.resource = resource
        self.choose("organisation", _("Owner"), owners, _("The organisation's code."))
        if resource is not None:
            del self.fields["since"]
        self.order_fields(self.field_order)

    def clean_organisation(self) -> Organisation:
        return self.chosen("organisation")

    def clean_attributes(self) -> dict[str, str]:
        return particulars(self.cleaned_data["attributes"])

    def clean_responsible(self) -> User | None:
        name = self.cleaned_data["responsible"].strip()
        if not name:
            return None
        held = self.resource.responsible if self.resource else None
        if held is not None and held.username == name:
            return held
        found = User.objects.filter(username=name).first()
        if found is None:
            raise forms.ValidationError(_("“%(name)s” is no user whom you may see."), params={"name": name[:80]})
        return found

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not given.get("name_zh") and not given.get("name_en") and not self.errors.keys() & {"name_zh", "name_en"}:
            self.add_error("name_zh", _("Give a Chinese or an English name."))
        owner, called = given.get("organisation"), (given.get("post") or "").strip()
        given["post"] = None
        if owner and called:
            named = Q(code=called) | Q(name_zh=called) | Q(name_en=called)
            given["post"] = Post.objects.filter(named, organisation=owner).first()
            if given["post"] is None:
                self.add_error("post", _("The owner has no post of this code or name."))
        return given

    def values(self) -> dict[str, Any]:
        """What goes into the register."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("since", "version")}


class NeedForm(_ByCode):
    """What a resource needs, and what stands in for it."""

    group = forms.CharField(
        label=_("Redundancy group"),
        max_length=40,
        required=False,
        strip=True,
        help_text=_("Needs of one group stand in for each other, such as two power feeds. Blank: needed by itself."),
    )
    needed = forms.IntegerField(
        label=_("Of which suffice"), required=False, min_value=1, max_value=1000, help_text=_("Of a group; blank: 1.")
    )
    since = forms.DateField(label=_("From"), widget=DAY)
    remark = forms.CharField(label=_("Remark"), max_length=200, required=False)
    field_order = ("on", "group", "needed", "since", "remark")

    def __init__(self, *args: Any, offered: Sequence[Resource], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.choose("on", _("It needs"), offered, _("The resource's code."))
        self.order_fields(self.field_order)

    def clean_on(self) -> Resource:
        return self.chosen("on")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("needed") and not given.get("group"):
            self.add_error("group", _("Name the group of which so many suffice."))
        return given


class EndForm(forms.Form):
    """The last day of a resource or a dependency."""

    last_day = forms.DateField(label=_("Last day"), widget=DAY)


class UnneedForm(EndForm):
    """The last day of a dependency, or that it never was."""

    never = forms.BooleanField(
        label=_("It was recorded by mistake"), required=False, help_text=_("It goes altogether; history keeps it.")
    )
    field_order = ("last_day", "never")

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["last_day"].required = False

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not given.get("never") and not given.get("last_day") and "last_day" not in self.errors:
            self.add_error("last_day", _("Give the last day."))
        return given

    @property
    def asked(self) -> date | None:
        return None if self.cleaned_data["never"] else self.cleaned_data["last_day"]


class FileForm(forms.Form):
    """A file of resources."""

    file = forms.FileField(
        label=_("File"), max_length=200, widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv"})
    )


def first_values(resource: Resource | None) -> dict[str, Any]:
    """What the form begins with."""
    if resource is None:
        return {"since": clock.today(), "kind": Kind.SYSTEM}
    return {
        **{name: getattr(resource, name) for name in ("code", "kind", "name_zh", "name_en", "supporting", "remark")},
        "organisation": str(resource.organisation.code),
        "responsible": resource.responsible.username if resource.responsible else "",
        "post": resource.post.code if resource.post else "",
        "attributes": "\n".join(f"{name}: {value}" for name, value in resource.attributes.items()),
        "version": resource.version,
    }

"""What each verb asks. `asked()` gives it in codes and texts, as a draft keeps it."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gangmu.foundation.parties import kinds, queries
from gangmu.foundation.parties.changes import LONGEST_REASON
from gangmu.foundation.parties.loading import values
from gangmu.foundation.parties.models import Organisation, Placement, Verb
from gangmu.foundation.settings import clock
from gangmu.shell.organisations.changing.fields import (
    DayInput,
    OrganisationField,
    organisations_named,
    standing_on,
)

MOST_PARTS = 6
NAME = {"max_length": values.LONGEST_TEXT, "required": False}


class ChangeForm(forms.Form):
    """What all verbs ask: why. `one` is the organisation from whose page the change was begun."""

    verb: ClassVar[str]
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Recorded with the change: the decision or notice on which it rests."),
    )

    def __init__(self, one: Organisation, *args: Any, **kwargs: Any) -> None:
        self.one = one
        super().__init__(*args, **kwargs)
        self.order_fields([name for name in self.fields if name != "reason"])  # the reason comes last

    def asked(self) -> dict[str, Any]:
        raise NotImplementedError

    def _from(self) -> str:
        return self.cleaned_data["from_date"].isoformat()


def from_date_field() -> forms.DateField:
    return forms.DateField(label=gettext_lazy("From"), widget=DayInput(), initial=clock.today)


def higher_kinds(kind: str) -> list[str]:
    """Kinds that usually stand above one."""
    rank = kinds.kind(kind).rank
    return [each.code for each in kinds.all_kinds() if each.rank < rank]


class MoveForm(ChangeForm):
    verb = Verb.MOVE
    to = OrganisationField(label=gettext_lazy("To"), help_text=gettext_lazy("Code or name of the organisation."))
    from_date = from_date_field()

    def __init__(self, one: Organisation, *args: Any, **kwargs: Any) -> None:
        super().__init__(one, *args, **kwargs)
        self.fields["to"].offer(standing_on(clock.today(), higher_kinds(one.kind)))  # type: ignore[attr-defined]

    def asked(self) -> dict[str, Any]:
        return {"code": self.one.code, "to": self.cleaned_data["to"].code, "from": self._from()}


class CreateForm(ChangeForm):
    """A new organisation below the one from whose page it is opened."""

    verb = Verb.CREATE
    code = forms.CharField(label=gettext_lazy("Code"), max_length=values.LONGEST_CODE)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"))
    name_zh = forms.CharField(label=gettext_lazy("Chinese name"), **NAME)
    name_en = forms.CharField(label=gettext_lazy("English name"), **NAME)
    from_date = from_date_field()
    last_day = forms.DateField(label=gettext_lazy("Last day"), widget=DayInput(), required=False)

    def __init__(self, one: Organisation, *args: Any, **kwargs: Any) -> None:
        super().__init__(one, *args, **kwargs)
        rank = kinds.kind(one.kind).rank
        below = [each for each in kinds.all_kinds() if each.rank > rank] or kinds.all_kinds()
        self.fields["kind"].choices = [(each.code, str(each.name)) for each in below]  # type: ignore[attr-defined]

    def asked(self) -> dict[str, Any]:
        given = self.cleaned_data
        last = given["last_day"].isoformat() if given["last_day"] else ""
        new = {name: given[name] for name in ("code", "kind", "name_zh", "name_en")}
        return {**new, "parent": self.one.code, "from": self._from(), "last_day": last, "attributes": {}}


class RenameForm(ChangeForm):
    verb = Verb.RENAME
    name_zh = forms.CharField(label=gettext_lazy("Chinese name"), **NAME)
    name_en = forms.CharField(label=gettext_lazy("English name"), **NAME)

    def __init__(self, one: Organisation, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"name_zh": one.name_zh, "name_en": one.name_en, **(kwargs.get("initial") or {})}
        super().__init__(one, *args, **kwargs)

    def asked(self) -> dict[str, Any]:
        return {"code": self.one.code, **{name: self.cleaned_data[name] for name in ("name_zh", "name_en")}}


class CloseForm(ChangeForm):
    verb = Verb.CLOSE
    last_day = forms.DateField(label=gettext_lazy("Last day"), widget=DayInput(), initial=clock.today)
    below = forms.BooleanField(label=gettext_lazy("With everything that stands below it"), required=False)

    def asked(self) -> dict[str, Any]:
        last = self.cleaned_data["last_day"].isoformat()
        return {"code": self.one.code, "last_day": last, "below": self.cleaned_data["below"]}


class ReopenForm(ChangeForm):
    verb = Verb.REOPEN
    from_date = from_date_field()
    parent = OrganisationField(
        label=gettext_lazy("Under"), required=False, help_text=gettext_lazy("Blank: where it stood when it closed.")
    )
    values = forms.BooleanField(label=gettext_lazy("With the parameters of its last day"), required=False, initial=True)

    def __init__(self, one: Organisation, *args: Any, **kwargs: Any) -> None:
        super().__init__(one, *args, **kwargs)
        self.fields["parent"].offer(standing_on(clock.today(), higher_kinds(one.kind)))  # type: ignore[attr-defined]

    def asked(self) -> dict[str, Any]:
        given = self.cleaned_data
        parent = given["parent"].code if given["parent"] else ""
        return {"code": self.one.code, "parent": parent, "from": self._from(), "values": given["values"]}


INTO = [
    ("one", gettext_lazy("into this one, which goes on")),
    ("other", gettext_lazy("into another that there is")),
    ("new", gettext_lazy("into a new one")),
]


class MergeForm(ChangeForm):
    """With whom, and into what."""

    verb = Verb.MERGE
    siblings = forms.MultipleChoiceField(
        label=gettext_lazy("Merge it with"), required=False, widget=forms.CheckboxSelectMultiple
    )
    others = forms.CharField(
        label=gettext_lazy("and with"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Codes or names of others, one in a line."),
    )
    into = forms.ChoiceField(label=gettext_lazy("Into"), choices=INTO, widget=forms.RadioSelect, initial="one")
    other = OrganisationField(label=gettext_lazy("The other"), required=False)
    code = forms.CharField(label=gettext_lazy("Code of the new one"), max_length=values.LONGEST_CODE, required=False)
    name_zh = forms.CharField(label=gettext_lazy("Chinese name of the new one"), **NAME)
    name_en = forms.CharField(label=gettext_lazy("English name of the new one"), **NAME)
    from_date = from_date_field()

    def __init__(self, one: Organisation, *args: Any, **kwargs: Any) -> None:
        super().__init__(one, *args, **kwargs)
        siblings = siblings_of(one)
        self.fields["siblings"].choices = [(str(each.code), each.name) for each in siblings]  # type: ignore[attr-defined]
        if not siblings:
            del self.fields["siblings"]
            self.fields["others"].label = _("Merge it with")
        self.fields["other"].offer(siblings)  # type: ignore[attr-defined]

    def clean_others(self) -> list[Organisation]:
        texts = [text.strip() for text in self.cleaned_data["others"].splitlines() if text.strip()]
        return organisations_named(texts[:100])

    def clean(self) -> None:
        given = self.cleaned_data
        needed = {"other": "other", "new": "code"}.get(given.get("into", ""))
        if needed and not given.get(needed) and needed not in self.errors:
            self.add_error(needed, _("Say which."))

    def asked(self) -> dict[str, Any]:
        given = self.cleaned_data
        codes = [self.one.code, *given.get("siblings", ()), *(one.code for one in given["others"])]
        match given["into"]:
            case "one":
                into: Any = self.one.code
            case "other":
                into = given["other"].code
            case _:
                names = {name: given[name] for name in ("name_zh", "name_en")}
                into = {"code": given["code"], "kind": self.one.kind, **names}
        return {"codes": list(dict.fromkeys(codes)), "into": into, "from": self._from()}


def siblings_of(one: Organisation) -> list[Organisation]:
    """Those of its kind that stand beside it today."""
    row = Placement.objects.filter(child=one, valid__contains=clock.today()).first()
    if row is None or row.parent_id is None:
        return []
    beside = Placement.objects.filter(parent=row.parent_id, valid__contains=clock.today()).values("child")
    rows = Organisation.objects.filter(pk__in=beside, kind=one.kind).exclude(pk=one.pk)
    return list(rows.order_by("sort_key", "code")[:40])


class SplitForm(ChangeForm):
    """Into which parts, and which of them gets each that stands below."""

    verb = Verb.SPLIT

    def __init__(self, one: Organisation, *args: Any, parts: int = 2, **kwargs: Any) -> None:
        super().__init__(one, *args, **kwargs)
        self.parts = min(max(parts, 1), MOST_PARTS)
        self.children = queries.children(one, clock.today())
        for number in range(1, self.parts + 1):
            words = {"n": number}
            self.fields[f"code_{number}"] = forms.CharField(
                label=_("Code of part %(n)d") % words, max_length=values.LONGEST_CODE, required=number == 1,
                help_text=_("The code of one that there is, or a new one with its names.") if number == 1 else "",
            )  # fmt: skip
            self.fields[f"zh_{number}"] = forms.CharField(label=_("Chinese name of part %(n)d") % words, **NAME)
            self.fields[f"en_{number}"] = forms.CharField(label=_("English name of part %(n)d") % words, **NAME)
        choices = [("", _("stays")), *((str(n), _("part %(n)d") % {"n": n}) for n in range(1, self.parts + 1))]
        for child in self.children:
            self.fields[f"child_{child.pk}"] = forms.ChoiceField(
                label=f"{child.name} {child.code}", choices=choices, required=False
            )
        self.fields["keep"] = forms.BooleanField(
            label=_("%(name)s stays, with those that are given to nobody") % {"name": one.name}, required=False
        )
        self.fields["from_date"] = from_date_field()
        self.order_fields([name for name in self.fields if name != "reason"])

    def clean(self) -> None:
        given = self.cleaned_data
        for number in range(1, self.parts + 1):
            code = given.get(f"code_{number}", "")
            known = Organisation.objects.filter(code=code).exists()
            if code and not known and not (given.get(f"zh_{number}") or given.get(f"en_{number}")):
                self.add_error(f"zh_{number}", _("A new organisation needs a Chinese or an English name."))

    def asked(self) -> dict[str, Any]:
        given, parts = self.cleaned_data, []
        for number in range(1, self.parts + 1):
            code = given[f"code_{number}"]
            if not code:
                continue
            names = {"name_zh": given[f"zh_{number}"], "name_en": given[f"en_{number}"]}
            known = Organisation.objects.filter(code=code).exists()
            children = [str(child.code) for child in self.children if given[f"child_{child.pk}"] == str(number)]
            into: Any = code if known else {"code": code, "kind": self.one.kind, **names}
            parts.append({"into": into, "children": children})
        return {"code": self.one.code, "parts": parts, "keep": given["keep"], "from": self._from()}


FORMS: dict[str, type[ChangeForm]] = {
    form.verb: form for form in (CreateForm, RenameForm, MoveForm, MergeForm, SplitForm, CloseForm, ReopenForm)
}


class ApplyForm(forms.Form):
    """What was looked at, and what speaks against it and is known."""

    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, objections: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for objection in objections:
            if not objection.final:
                label = _("I know, and it is right all the same")
                self.fields[f"although_{objection.key}"] = forms.BooleanField(
                    label=label, error_messages={"required": _("Say that you know.")}
                )

    def although(self) -> set[str]:
        return {name.removeprefix("although_") for name in self.fields if name.startswith("although_")}


class WithdrawForm(forms.Form):
    """Why a plan is taken back."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 2})
    )

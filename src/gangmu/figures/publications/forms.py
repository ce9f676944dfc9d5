"""Publishing a ranking, and ending one."""

import re
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from gangmu.figures.filing.models import State
from gangmu.figures.indicators.models import Indicator
from gangmu.figures.publications.models import Publication
from gangmu.foundation.access.models import Role
from gangmu.foundation.parties import kinds
from gangmu.foundation.parties.models import Organisation

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
MOST = 500
GRAINS = [
    (Publication.Grain.DAY, pgettext_lazy("kind of period", "Day")),
    (Publication.Grain.MONTH, pgettext_lazy("kind of period", "Month")),
    (Publication.Grain.YEAR, pgettext_lazy("kind of period", "Year")),
]


class RoleField(forms.ModelMultipleChoiceField):
    """Roles by their names, as people know them."""

    def label_from_instance(self, obj: Role) -> str:
        return obj.name


class PublicationForm(forms.Form):
    """Which ranking, of whose plants, to whom, from when."""

    name_zh = forms.CharField(label=gettext_lazy("Chinese name"), max_length=120)
    name_en = forms.CharField(label=gettext_lazy("English name"), max_length=120)
    organisation = forms.CharField(
        label=gettext_lazy("Plants of"), max_length=200, help_text=gettext_lazy("Code or name of the organisation.")
    )
    indicators = forms.CharField(
        label=gettext_lazy("Indicators"),
        max_length=400,
        help_text=gettext_lazy("Codes or names with commas between them; the first one ranks."),
    )
    order = forms.ChoiceField(label=gettext_lazy("Order"), choices=Publication.Order.choices)
    columns = forms.MultipleChoiceField(
        label=gettext_lazy("Further columns"),
        choices=Publication.Column.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    grains = forms.MultipleChoiceField(
        label=gettext_lazy("Periods"),
        choices=GRAINS,
        widget=forms.CheckboxSelectMultiple,
        initial=["day", "month", "year"],
    )
    fuels = forms.MultipleChoiceField(
        label=gettext_lazy("Fuels"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None ticked: plants of every fuel."),
    )
    at_least = forms.TypedChoiceField(label=gettext_lazy("State at least"), choices=State.choices, coerce=int)
    figures_from = forms.DateField(label=gettext_lazy("Figures from"), widget=DAY)
    to = forms.CharField(
        label=gettext_lazy("People of"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Codes or names, one in a line: their people and those of all below them."),
    )
    roles = RoleField(
        label=gettext_lazy("With one of the roles"),
        queryset=Role.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None ticked: whoever may see figures."),
    )
    first_day = forms.DateField(label=gettext_lazy("From"), widget=DAY)
    last_day = forms.DateField(label=gettext_lazy("Last day"), widget=DAY, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fuel = kinds.attributes().get("fuel")
        self.fields["fuels"].choices = [(one.code, str(one.name)) for one in fuel.choices] if fuel else []
        self.fields["roles"].queryset = Role.objects.order_by("code")

    def clean_organisation(self) -> Organisation:
        return organisations_named([self.cleaned_data["organisation"].strip()])[0]

    def clean_to(self) -> list[Organisation]:
        return organisations_named(_texts(self.cleaned_data["to"])[:MOST])

    def clean_indicators(self) -> list[str]:
        texts = _texts(self.cleaned_data["indicators"])
        rows = Indicator.objects.filter(Q(code__in=texts) | Q(name_zh__in=texts) | Q(name_en__in=texts))
        known = {text: str(one.code) for one in rows for text in (one.name_zh, one.name_en, one.code)}
        if wrong := [text for text in texts if text not in known]:
            raise forms.ValidationError(_("There is no indicator %(codes)s.") % {"codes": ", ".join(wrong[:8])})
        return list(dict.fromkeys(known[text] for text in texts))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        first, last = given.get("first_day"), given.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("The last day lies before the first."))
        return given


class EndForm(forms.Form):
    """The last day of a publication."""

    last_day = forms.DateField(label=gettext_lazy("Last day"), widget=DAY)


def _texts(given: str) -> list[str]:
    return list(dict.fromkeys(filter(None, (text.strip() for text in re.split(r"[\n\t,，;；、]", given)))))


def organisations_named(texts: list[str]) -> list[Organisation]:
    """The organisations that texts name by code or name.

    Raises:
        ValidationError: one names nobody, or several.
    """
    known: dict[str, list[Organisation]] = {}
    for one in Organisation.objects.filter(Q(code__in=texts) | Q(name_zh__in=texts) | Q(name_en__in=texts)):
        for text in {one.code, one.name_zh, one.name_en}:
            known.setdefault(text, []).append(one)
    wrong = [text for text in texts if len(known.get(text, ())) != 1]
    if wrong or not texts:
        raise forms.ValidationError(
            _("Not found, or more than one of that name: %(names)s. Use the code.") % {"names": ", ".join(wrong[:8])}
        )
    return [known[text][0] for text in texts]

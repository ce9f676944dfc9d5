"""Freezing a baseline: for whom, for what, which cell, which choices."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from gangmu.duties.norms import showing
from gangmu.duties.norms.standard import Standard
from gangmu.foundation.parties.models import Organisation


class FreezeForm(forms.Form):
    """The choices are of the standard; `gone` are clauses whose falling away must be agreed to."""

    organisation = forms.CharField(
        label=gettext_lazy("Organisation"), max_length=200, help_text=gettext_lazy("Code or name of the organisation.")
    )
    subject = forms.CharField(
        label=gettext_lazy("Holds for"),
        max_length=200,
        help_text=gettext_lazy("The system, service or contract, by the code or name by which people know it."),
    )

    def __init__(self, *args: Any, standard: Standard, gone: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.standard = standard
        if standard.cells:
            cells = [(code, showing.cell_name(standard, code)) for code in standard.cells]
            self.fields["cell"] = forms.ChoiceField(label=pgettext("standard", "Cell"), choices=[("", "–"), *cells])
            if len(standard.axes) > 1:
                self.fields["also"] = forms.ChoiceField(
                    label=_("Combined with"), choices=[("", "–"), *cells], required=False
                )
        offered = [("", "–"), *((code, f"{code} {name}") for code, name in standard.alternatives.items())]
        for code, name in standard.subjects.items():
            self.fields[f"choice-{code}"] = forms.ChoiceField(
                label=_("Choice: %(subject)s") % {"subject": name}, choices=offered, required=False
            )
        if gone:
            self.fields["dropping"] = forms.MultipleChoiceField(
                label=_("Agreed to fall away"),
                choices=[(key, key) for key in gone],
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )

    def clean_organisation(self) -> Organisation:
        given = self.cleaned_data["organisation"].strip()
        found = list(Organisation.objects.filter(Q(code=given) | Q(name_zh=given) | Q(name_en=given))[:2])
        if len(found) != 1:
            raise forms.ValidationError(
                _("Not found, or more than one of that name: %(names)s. Use the code.") % {"names": given}
            )
        return found[0]

    @property
    def cell(self) -> str:
        """The cell, or cells with commas."""
        codes = [self.cleaned_data.get("cell", ""), self.cleaned_data.get("also", "")]
        return ",".join(dict.fromkeys(code for code in codes if code))

    @property
    def choices(self) -> dict[str, str]:
        found = {code: self.cleaned_data.get(f"choice-{code}", "") for code in self.standard.subjects}
        return {code: one for code, one in found.items() if one}

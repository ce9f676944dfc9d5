"""What is asked for an event of a unit."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gangmu.business.power.causes import causes
from gangmu.business.power.models import UnitEvent
from gangmu.foundation.parties.models import Organisation

MOST_CHOICES = 100  # more units than this are named by code


class EventForm(forms.Form):
    """A start, stop, derating or its end. The units are those for which the asker files."""

    kind = forms.ChoiceField(label=_("Event"), choices=UnitEvent.Kind.choices)
    happened_at = forms.DateTimeField(
        label=_("Time of the event"),
        help_text=_("To the minute, Beijing time."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    cause = forms.ChoiceField(
        label=_("Cause"), required=False, help_text=_("Of a stop or a derating; left empty for the others.")
    )
    available_mw = forms.DecimalField(
        label=_("Capacity left (MW)"),
        required=False,
        max_digits=10,
        decimal_places=3,
        help_text=_("What the unit can still do while derated."),
    )
    words = forms.CharField(
        label=_("In your words"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
    field_order = ("unit", "kind", "happened_at", "cause", "available_mw", "words")

    def __init__(self, *args: Any, units: Sequence[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.units = {str(unit.code): unit for unit in units}
        label = _("Generating unit")
        if len(self.units) <= MOST_CHOICES:
            named = [(code, f"{unit.name} ({code})") for code, unit in self.units.items()]
            field: forms.Field = forms.ChoiceField(label=label, choices=named)
        else:
            field = forms.CharField(label=label, max_length=64, help_text=_("The unit's code."))
        self.fields["unit"] = field
        self.order_fields(self.field_order)
        self.fields["cause"].choices = [  # pyright: ignore[reportAttributeAccessIssue]
            ("", "–"),
            *((cause.code, str(cause.name)) for cause in causes().values()),
        ]

    def clean_unit(self) -> Organisation:
        code = self.cleaned_data["unit"].strip()
        if code not in self.units:
            raise forms.ValidationError(_("“%(code)s” is no unit for which you file.") % {"code": code})
        return self.units[code]


class VoidForm(forms.Form):
    """Why an event is voided."""

    reason = forms.CharField(
        label=_("Why it is voided"), max_length=2000, strip=True, widget=forms.Textarea(attrs={"rows": 2})
    )

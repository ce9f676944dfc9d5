"""Keeping a pivot, and when it is filed."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gangmu.figures.pivots.models import Use


class SaveForm(forms.Form):
    """A name, and with whom it is shared."""

    query = forms.CharField(widget=forms.HiddenInput, max_length=20_000)
    name = forms.CharField(label=_("Name"), max_length=80)
    organisation = forms.ChoiceField(
        label=_("Shared with"),
        required=False,
        help_text=_(
            "Whoever may see figures of this organisation finds it. They see figures of their own scope alone."
        ),
    )

    def __init__(self, *args: Any, places: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].choices = [("", _("nobody: mine alone")), *places]  # type: ignore[attr-defined]


class ScheduleForm(forms.Form):
    """When a pivot is filed."""

    every = forms.ChoiceField(label=_("File the workbook"), choices=Use.Every.choices, required=False)
    at = forms.TimeField(
        label=_("At"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("Beijing time. The workbook is filed among your documents, and you get a notice."),
    )  # fmt: skip

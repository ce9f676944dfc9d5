"""The forms in which curves are handed in: a file, or one day typed or pasted."""

import re
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gangmu.figures.curves.points import LABELS, POINTS
from gangmu.foundation.boards.asking import yesterday

FILES = (".xlsx", ".csv")
TIMED = re.compile(r"^([0-9]{1,2}[:：][0-9]{2})(?:[:：]00)?[\t ,;]+(.*)$")


class FileForm(forms.Form):
    """A file of curves, and how it is to be read."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        max_length=200,
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(FILES)}),
        help_text=gettext_lazy("Excel (.xlsx) or CSV: a line a day with 96 columns, or a line a point."),
    )
    labels = forms.ChoiceField(
        label=gettext_lazy("A time names"),
        choices=[
            ("end", gettext_lazy("the end of its quarter: 00:15 … 24:00")),
            ("start", gettext_lazy("its beginning: 00:00 … 23:45")),
        ],
    )
    correct = forms.CharField(
        label=gettext_lazy("Why points that stand are corrected"),
        required=False,
        max_length=500,
        help_text=gettext_lazy("Left blank, other values for points that stand are refused."),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if not str(file.name).lower().endswith(FILES):
            raise forms.ValidationError(_("Send an Excel workbook (.xlsx) or a CSV file."))
        return file


class DayForm(forms.Form):
    """One organisation's curve of one business day."""

    how = forms.CharField(widget=forms.HiddenInput, initial="day", required=False)  # tells it from the other form

    organisation = forms.ChoiceField(label=gettext_lazy("Organisation"))
    indicator = forms.ChoiceField(label=gettext_lazy("Indicator"))
    day = forms.DateField(
        label=gettext_lazy("Business day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    values = forms.CharField(
        label=gettext_lazy("96 values"),
        max_length=8_000,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "class": "curve-values"}),
        help_text=gettext_lazy(
            "Paste a column or a row of a spreadsheet, from 00:15 to 24:00; with its times beside it if you like. A "
            "blank line is a point that is missing."
        ),
        strip=False,
    )
    correct = forms.CharField(label=gettext_lazy("Why points that stand are corrected"), required=False, max_length=500)

    def __init__(self, *args: Any, organisations: list[tuple[str, str]], indicators: list[tuple[str, str]], **kw: Any):
        super().__init__(*args, auto_id="day_%s", **kw)
        self.fields["organisation"].choices = organisations  # type: ignore[attr-defined]
        self.fields["indicator"].choices = indicators  # type: ignore[attr-defined]
        self.fields["day"].initial = yesterday().start

    def clean_values(self) -> list[str]:
        try:
            return pasted(self.cleaned_data["values"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error

    def clean_day(self) -> date:
        return self.cleaned_data["day"]


def pasted(text: str) -> list[str]:
    """The 96 values of a text: a column, a row with tabs, or words with blanks between them; with times, by these.

    Raises:
        ValueError: they are not 96; says how many.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n")
    timed = [TIMED.match(line.strip()) for line in lines if line.strip()]
    if timed and all(timed):
        by_time = {_label(match[1]): match[2].strip() for match in timed if match}
        strange = [time for time in by_time if time not in LABELS]
        if strange:
            raise ValueError(
                _("“%(text)s” is no time of a business day from 00:15 to 24:00.") % {"text": strange[0][:20]}
            )
        if len(by_time) < len(timed):
            raise ValueError(_("A time stands twice among these values."))
        return [_plain(by_time.get(label, "")) for label in LABELS]
    if len(lines) > 1 and len(lines) != POINTS and not any("\t" in line for line in lines):
        values = text.split()  # several in a line
    elif "\t" in text:
        values = [part for line in lines for part in line.split("\t")]
    else:
        values = lines if len(lines) > 1 else re.split(r",\s+|[\s;；，]+", text.strip())
        if len(values) == 1:
            values = text.strip().split(",")
    if len(values) != POINTS:
        raise ValueError(
            _("These are %(count)d values; a business day has 96, from 00:15 to 24:00.") % {"count": len(values)}
        )
    return [_plain(value) for value in values]


def _label(text: str) -> str:
    hours, minutes = text.replace("：", ":").split(":")
    return f"{int(hours):02}:{minutes}"


def _plain(text: str) -> str:
    """A value as a file writes it: what could end its cell is taken out, so that it is refused as what it is."""
    return text.strip().replace(",", "，").replace('"', "”").replace("\n", " ")

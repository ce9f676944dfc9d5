"""What is asked for: factors of a scheme, cells of a matrix, what is handed over before going live."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gangmu.duties.grading.models import GoLiveFile
from gangmu.duties.grading.scheme import Cell, Scheme, Step
from gangmu.foundation.settings import clock

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
WORDS = forms.Textarea(attrs={"rows": 2})


class FactorsForm(forms.Form):
    """The factors of a scheme, none of them required: which of them must be given, the calculation says."""

    def __init__(self, *args: Any, scheme: Scheme, again: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scheme = scheme
        for code, scale in scheme.factors.items():
            choices = [("", "–"), *((level, str(label)) for level, label in scale.levels.items())]
            made = scheme.step(code)
            names = [str(scheme.factors[one].title) for one in made.of] if made else []
            help_text = _("Or leave it open and give: %(factors)s.") % {"factors": ", ".join(names)} if names else ""
            self.fields[code] = forms.ChoiceField(
                label=str(scale.title), choices=choices, required=False, help_text=help_text
            )
        self.fields["reason"] = forms.CharField(
            label=_("How the system differs from its grade") if again else _("Why these factors"),
            required=again,
            max_length=2000,
            widget=WORDS,
        )

    @property
    def factors(self) -> dict[str, str]:
        """What was chosen."""
        data = self.cleaned_data if self.is_bound and hasattr(self, "cleaned_data") else self.initial
        return {code: data[code] for code in self.scheme.factors if data.get(code)}


class MatrixForm(forms.Form):
    """The cells of the house of one matrix, from which day on, and why."""

    from_day = forms.DateField(label=_("From"), widget=DAY)
    reason = forms.CharField(label=_("Why the matrix changes"), max_length=2000, widget=WORDS)

    def __init__(self, *args: Any, scheme: Scheme, step: Step, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"from_day": clock.today()})
        super().__init__(*args, **kwargs)
        self.step = step
        choices = [(level, str(label)) for level, label in scheme.scale(step.gives).levels.items()]
        for (row, column), level in step.house.items():
            self.fields[f"cell-{row}-{column}"] = forms.ChoiceField(choices=choices, initial=level)

    @property
    def levels(self) -> dict[Cell, str]:
        """Cell → level, as asked for."""
        return {cell: self.cleaned_data["-".join(("cell", *cell))] for cell in self.step.house}

    @property
    def day(self) -> date:
        return self.cleaned_data["from_day"]


class GoLiveForm(forms.Form):
    """What business side and sponsor hand over."""

    backup_policy = forms.CharField(
        label=_("Backup policy"), required=False, max_length=4000, widget=WORDS,
        help_text=_("What is backed up, how often, how long it is kept, how a restore is tried."),
    )  # fmt: skip
    backup_servers = forms.CharField(
        label=_("Backup servers"), required=False, max_length=4000, widget=WORDS,
        help_text=_("Which servers are handed over for backups and standby."),
    )  # fmt: skip
    monitoring = forms.CharField(
        label=_("Monitoring needs"), required=False, max_length=4000, widget=WORDS,
        help_text=_("What is watched, which value raises an alarm, and the tool that the sponsor provides."),
    )  # fmt: skip
    support = forms.CharField(
        label=_("Round-the-clock support by the business side"), required=False, max_length=4000, widget=WORDS,
        help_text=_("Who answers for the business side at any hour; grades 1 and 2 need it."),
    )  # fmt: skip


class HandOverForm(forms.Form):
    """A file that is handed over."""

    item = forms.ChoiceField(label=_("What it is"), choices=GoLiveFile.Item.choices)
    file = forms.FileField(label=_("File"))

"""Adding a report, its settings, and workbooks for it."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gangmu.figures.designs.models import CODE_PATTERN, Design, Language
from gangmu.figures.filing.models import State
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.access.models import Role
from gangmu.foundation.boards.definitions import kinds_with_boards
from gangmu.foundation.parties import kinds
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings import clock

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
TIME = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class WorkbookForm(forms.Form):
    """A workbook in one language."""

    file = forms.FileField(
        label=gettext_lazy("Workbook"),
        max_length=200,
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
        help_text=gettext_lazy("An Excel workbook (.xlsx) with expressions such as {{发电量，同比}} in its cells."),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language of the workbook"), choices=Language.choices, initial=Language.ZH
    )
    remark = forms.CharField(label=gettext_lazy("Remark"), max_length=200, required=False)


class SettingsForm(forms.Form):
    """What a report is called, for whom it is, when it is issued and what has to be complete."""

    name_zh = forms.CharField(label=gettext_lazy("Chinese name"), max_length=120)
    name_en = forms.CharField(label=gettext_lazy("English name"), max_length=120)
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Issued for"),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Every organisation of these kinds, at and below the one that the report belongs to."),
    )
    issue_at = forms.TimeField(
        label=gettext_lazy("Issued at"),
        required=False,
        widget=TIME,
        help_text=gettext_lazy("Empty: issued by hand alone."),
    )
    issue_after = forms.IntegerField(label=gettext_lazy("Days after the period"), min_value=0, max_value=366, initial=1)
    standing = forms.CharField(
        label=gettext_lazy("Indicators waited for"),
        max_length=400,
        required=False,
        help_text=gettext_lazy(
            "Codes or names of indicators with commas between them. The report is held back until they are filed. "
            "Empty: nothing is waited for."
        ),
    )
    complete_percent = forms.IntegerField(
        label=gettext_lazy("Filed at least, %"), min_value=0, max_value=100, initial=100
    )
    at_least = forms.TypedChoiceField(label=gettext_lazy("State at least"), choices=State.choices, coerce=int)
    patience = forms.IntegerField(
        label=gettext_lazy("Issued all the same after days"),
        min_value=0,
        max_value=366,
        required=False,
        help_text=gettext_lazy("Empty: never before it is complete."),
    )
    reader_roles = forms.MultipleChoiceField(
        label=gettext_lazy("Sent to"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "Who holds one of these roles at the organisation; besides those who have asked for it."
        ),
    )
    asks_confirmation = forms.BooleanField(label=gettext_lazy("Readers confirm that they have read it"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kinds"].choices = [(code, str(kinds.kind(code).name)) for code in kinds_with_boards()]
        roles = Role.objects.filter(site__in=("business", "both")).order_by("code")
        self.fields["reader_roles"].choices = [(one.code, one.name) for one in roles]

    def clean_standing(self) -> list[str]:
        told = self.cleaned_data["standing"].replace("，", ",").replace("、", ",")
        wanted = [part.strip() for part in told.split(",") if part.strip()]
        rows = list(Indicator.objects.values_list("code", "name_zh", "name_en"))
        known = {name: str(code) for code, zh, en in rows for name in (en, zh, code) if name}
        unknown = [name for name in wanted if name not in known]
        if unknown:
            raise forms.ValidationError(_("There is no indicator %(codes)s.") % {"codes": ", ".join(unknown)})
        return [known[name] for name in wanted]

    def put_into(self, design: Design) -> Design:
        for name in SettingsForm.base_fields:
            setattr(design, name, self.cleaned_data[name])
        return design

    @staticmethod
    def initial_of(design: Design) -> dict[str, Any]:
        found = {name: getattr(design, name) for name in SettingsForm.base_fields}
        return {**found, "standing": ", ".join(design.standing)}


class RetiringForm(SettingsForm):
    is_retired = forms.BooleanField(label=gettext_lazy("No longer used"), required=False)


class AddForm(WorkbookForm, SettingsForm):
    """A new report with its first workbook."""

    code = forms.RegexField(
        CODE_PATTERN,
        label=gettext_lazy("Code"),
        max_length=48,
        help_text=gettext_lazy("Small letters, digits and _, such as month_of_heat; part of its address for ever."),
    )
    grain = forms.ChoiceField(label=gettext_lazy("Period"), choices=Design.Grain.choices, initial=Design.Grain.MONTH)
    organisation = forms.ModelChoiceField(
        label=gettext_lazy("Belongs to"), queryset=Organisation.objects.none(), empty_label=None
    )
    field_order = ("file", "language", "code", "name_zh", "name_en", "grain", "organisation", "kinds")

    def __init__(self, *args: Any, places: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Organisation.objects.filter(pk__in=places, kind__in=kinds_with_boards())
        self.fields["organisation"].queryset = rows.order_by("sort_key", "code")
        self.fields["organisation"].label_from_instance = lambda one: one.name
        del self.fields["remark"]


class ApplyForm(forms.Form):
    """From which day a version applies."""

    first_day = forms.DateField(label=gettext_lazy("For periods that end on or after"), widget=DAY, initial=clock.today)

"""What the pages of the record ask for."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.records.models import FLOOR_DAYS, Retention, Sign, Table
from gangmu.foundation.records.syslog import read_address
from gangmu.foundation.settings import clock

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
WHY = {"required": _("Say why: it stands in the record.")}


def words(label: Any, *, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages=WHY,
    )


class AcknowledgeForm(forms.Form):
    words = words(_("What you found, and what was done"))


class AlarmRuleForm(forms.Form):
    sign = forms.ChoiceField(label=_("Alarm"), choices=Sign.choices)
    valid_from = forms.DateField(label=_("From"), widget=DAY)
    threshold = forms.IntegerField(label=_("How many"), min_value=1, max_value=50)
    window = forms.IntegerField(label=_("Within minutes"), min_value=5, max_value=1440)
    from_hour = forms.IntegerField(label=_("Usual hours from"), min_value=5, max_value=12, initial=7)
    to_hour = forms.IntegerField(label=_("Usual hours until"), min_value=12, max_value=23, initial=20)


class ExportForm(forms.Form):
    table = forms.ChoiceField(label=_("Records"), choices=Table.choices)
    kind = forms.ChoiceField(
        label=_("File"),
        choices=[("xlsx", _("Excel, with its seals")), ("csv", _("CSV, with its seals")), ("jsonl", _("JSON lines"))],
        widget=forms.RadioSelect,
        initial="xlsx",
    )
    query = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)
    reason = words(_("What it is for"))


class LengthenForm(forms.Form):
    days = forms.IntegerField(label=_("Days to keep"), min_value=FLOOR_DAYS, max_value=36_600)
    reason = words(_("Why"))


class AskRetentionForm(forms.Form):
    code = forms.SlugField(
        label=_("Code"), max_length=64, help_text=_("An existing class is changed, another is made.")
    )
    name_zh = forms.CharField(label=_("Chinese name"), max_length=80)
    name_en = forms.CharField(label=_("English name"), max_length=80)
    table = forms.ChoiceField(label=_("Records"), choices=Table.choices)
    kinds = forms.CharField(
        label=_("Kinds"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One a line: kinds of event such as ui.exported, or of row such as parties.contact."),
    )
    days = forms.IntegerField(label=_("Days to keep"), min_value=FLOOR_DAYS, max_value=36_600)
    reason = words(_("Why"))

    def clean_kinds(self) -> Sequence[str]:
        given = sorted({line.strip() for line in self.cleaned_data["kinds"].splitlines() if line.strip()})
        if any(len(one) > 120 for one in given) or len(given) > 200:
            raise ValidationError(_("These are no kinds: one a line, each below 120 characters."))
        return given


class AnswerForm(forms.Form):
    """Agree or decline; which, the button says."""

    words = words(_("Your words (may be left empty)"), required=False)


class HoldForm(forms.Form):
    table = forms.ChoiceField(label=_("Records"), choices=Table.choices)
    kind = forms.CharField(label=_("Kind"), max_length=120, required=False, help_text=_("Left empty: every kind."))
    organisation = forms.ModelChoiceField(
        label=_("Organisation"),
        queryset=Organisation.objects.none(),
        to_field_name="code",
        required=False,
        empty_label=_("All"),
    )
    reason = words(_("Why"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = Organisation.objects.order_by("code")  # type: ignore[attr-defined]


class ReleaseForm(forms.Form):
    reason = words(_("Why"))


class PurgeForm(forms.Form):
    retention = forms.ModelChoiceField(label=_("Retention class"), queryset=Retention.objects.none())
    before = forms.DateField(label=_("Older than"), widget=DAY)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["retention"].queryset = Retention.objects.order_by("code")  # type: ignore[attr-defined]
        self.fields["before"].initial = clock.today() - timedelta(days=2 * FLOOR_DAYS)


class ReceiverForm(forms.Form):
    name = forms.SlugField(label=_("Name"), max_length=40)
    url = forms.CharField(
        label=_("Address"), max_length=200, help_text=_("tls://log.example.com:6514; tcp:// or udp://")
    )
    ca = forms.CharField(
        label=_("Certificates of its CA (PEM)"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("For tls:// alone; left empty, those of this machine count."),
    )

    def clean_url(self) -> str:
        url = self.cleaned_data["url"].strip()
        try:
            read_address(url)
        except ValueError as problem:
            raise ValidationError(
                _("This is no address: write tls://, tcp:// or udp:// with host and port.")
            ) from problem
        return url

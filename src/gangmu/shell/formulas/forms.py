"""The form of an indicator: what it says, from which day, and whose figures to try it on."""

from dataclasses import replace
from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from gangmu.figures.indicators.decimals import MOST_DECIMALS
from gangmu.figures.indicators.definitions import (
    CODE,
    LONGEST_CODE,
    LONGEST_NAME,
    LONGEST_UNIT,
    RESERVED_CODES,
    Grain,
    IndicatorDefinition,
    Making,
    OverOrganisations,
    OverTime,
)
from gangmu.figures.indicators.formula.tokens import LONGEST_FORMULA
from gangmu.figures.indicators.loading.reading import FIRST_YEAR, LAST_YEAR, name_fault
from gangmu.figures.indicators.models import Indicator
from gangmu.figures.indicators.units import UnknownUnit, parse_unit
from gangmu.foundation.parties import kinds
from gangmu.foundation.parties.kinds import Words
from gangmu.foundation.periods.errors import PeriodError
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock
from gangmu.shell.figures import places

MOST_PERIODS = 6
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
MAKINGS = [
    (Making.STORED.value, _("filed")),
    (Making.RESULT.value, _("formula on totals (ratios)")),
    (Making.CELL.value, _("formula by cell (products), then added up")),
]
NO_RULE = [("", "–")]


class IndicatorForm(forms.Form):
    """`before` is the indicator as it stands; None makes a new one."""

    code = forms.CharField(label=_("Code"), max_length=LONGEST_CODE)
    name_zh = forms.CharField(label=_("Chinese name"), max_length=LONGEST_NAME)
    name_en = forms.CharField(label=_("English name"), max_length=LONGEST_NAME)
    unit = forms.CharField(
        label=_("Unit"),
        max_length=LONGEST_UNIT,
        required=False,
        help_text=_("Such as 万kWh, 元/MWh, %. 1: plain number."),
    )
    precision = forms.IntegerField(label=_("Decimals"), min_value=0, max_value=MOST_DECIMALS)
    made = forms.ChoiceField(label=_("Comes about"), choices=MAKINGS)
    formula = forms.CharField(
        label=_("Formula"),
        required=False,
        max_length=LONGEST_FORMULA,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocapitalize": "off", "autocomplete": "off"}),
    )
    since = forms.DateField(
        label=_("Valid from"),
        required=False,
        widget=DAY,
        help_text=_("Formula and decimals of before stay valid for the days before. Empty: for all time."),
    )
    grain = forms.ChoiceField(label=_("Grain"), choices=Indicator.Grain.choices)
    level = forms.ChoiceField(label=_("Level"))
    over_time = forms.ChoiceField(label=_("Over time"), choices=NO_RULE + Indicator.OverTime.choices, required=False)
    over_organisations = forms.ChoiceField(
        label=_("Over organisations"), choices=NO_RULE + Indicator.OverOrganisations.choices, required=False
    )
    weight = forms.CharField(
        label=_("Weight"), max_length=LONGEST_CODE, required=False, help_text=_("A code; only of a weighted mean.")
    )
    because = forms.CharField(label=_("Reason"), max_length=400, help_text=_("Kept with the change."))
    organisation = forms.ChoiceField(label=_("Try it on"))
    periods = forms.CharField(
        label=_("Periods"), max_length=160, help_text=_("2026-11, 2026-Q4, 2026 … with commas, at most six.")
    )

    def __init__(self, request: HttpRequest, before: IndicatorDefinition | None) -> None:
        self.before = before
        super().__init__(request.POST if request.method == "POST" else None, initial=initial(before))
        self.fields["level"].choices = [
            (kind.code, kind.name) for kind in sorted(kinds.all_kinds(), key=lambda kind: kind.rank)
        ]
        self.fields["organisation"].choices = [
            (place.code, place.label) for group in places.choices(request.scope) for place in group.places
        ]
        if before is not None:
            self.fields["code"].disabled = True
        else:
            del self.fields["since"]

    def clean_code(self) -> str:
        code = self.cleaned_data["code"]
        if self.before is None:
            if not CODE.fullmatch(code):
                raise forms.ValidationError(
                    __("A code begins with a letter or _ and goes on with letters, digits, _ and dots.")
                )
            if code.lower() in RESERVED_CODES:
                raise forms.ValidationError(
                    __("“%(code)s” has a meaning in formulas; choose another code.") % {"code": code}
                )
            if Indicator.objects.filter(code=code).exists():
                raise forms.ValidationError(__("There is an indicator of this code already."))
        return code

    def _name(self, key: str) -> str:
        name = self.cleaned_data[key].strip()
        if fault := name_fault(name):
            raise forms.ValidationError(fault)
        return name

    def clean_name_zh(self) -> str:
        return self._name("name_zh")

    def clean_name_en(self) -> str:
        return self._name("name_en")

    def clean_unit(self) -> str:
        unit = self.cleaned_data["unit"].strip()
        try:
            parse_unit(unit)
        except UnknownUnit as error:
            raise forms.ValidationError(str(error)) from error
        return unit

    def clean_formula(self) -> str:
        return self.cleaned_data["formula"].replace("\r\n", "\n").strip()

    def clean_since(self) -> date | None:
        day = self.cleaned_data["since"]
        if day is not None and not FIRST_YEAR < day.year <= LAST_YEAR:
            raise forms.ValidationError(__("Formulas are valid from a day of this or the last century."))
        return day

    def clean_periods(self) -> list[str]:
        text = self.cleaned_data["periods"].replace("，", ",").replace("、", ",")
        codes = list(dict.fromkeys(filter(None, (one.strip() for one in text.split(",")))))
        if not 1 <= len(codes) <= MOST_PERIODS:
            raise forms.ValidationError(__("One to %(most)d periods.") % {"most": MOST_PERIODS})
        try:
            return [Period.parse(code).code for code in codes]
        except PeriodError as error:
            raise forms.ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        made = given.get("made")
        if made == Making.STORED:
            given["formula"] = ""
        elif "formula" in given and not given["formula"]:
            self.add_error("formula", __("A formula is missing."))
        if made == Making.RESULT:
            given["over_time"] = given["over_organisations"] = given["weight"] = ""
        elif made:
            for key in ("over_time", "over_organisations"):
                if not given.get(key):
                    self.add_error(key, __("Say how it adds up."))
            weighted = given.get("over_organisations") == OverOrganisations.WEIGHTED
            if weighted != bool(given.get("weight")):
                self.add_error("weight", __("A weighted mean has a weight, and nothing else has one."))
        return given

    def definition(self) -> IndicatorDefinition:
        """What the form says, without versions."""
        given = self.cleaned_data
        name = Words(given["name_zh"], given["name_en"])
        before = self.before or IndicatorDefinition(given["code"], name, "", 0, Grain.DAY)
        return replace(
            before,
            name=name,
            unit=given["unit"],
            precision=given["precision"],
            grain=Grain(given["grain"]),
            level=given["level"],
            over_time=OverTime(given["over_time"]) if given["over_time"] else None,
            over_organisations=OverOrganisations(given["over_organisations"]) if given["over_organisations"] else None,
            weight=given["weight"] or None,
            formula=given["formula"],
        )


def initial(before: IndicatorDefinition | None) -> dict[str, Any]:
    """What stands in the form at first; figures of last month to try it on."""
    month = Period.parse(f"{clock.today():%Y-%m}").previous().code
    given: dict[str, Any] = {"periods": month}
    if before is None:
        return given | {"made": Making.RESULT.value, "precision": 2, "level": "unit"}
    return given | {
        "code": before.code,
        "name_zh": before.name.zh,
        "name_en": before.name.en,
        "unit": before.unit,
        "precision": before.precision,
        "made": before.making.value,
        "formula": before.formula,
        "grain": before.grain.value,
        "level": before.level,
        "over_time": before.over_time or "",
        "over_organisations": before.over_organisations or "",
        "weight": before.weight or "",
    }


def language() -> str:
    return "zh" if (get_language() or "zh").startswith("zh") else "en"

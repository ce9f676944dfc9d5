"""Defining a statistical scope: the fields of one part, or several parts and versions as text."""

import json
import re
from typing import Any

import yaml
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gangmu.figures.scopes.attributes import condition_attributes, share_attributes
from gangmu.figures.scopes.definitions import ScopeDefinition
from gangmu.figures.scopes.models import StatisticalScope
from gangmu.foundation.parties import kinds

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
MANY = forms.SelectMultiple(attrs={"size": 5})
TEXT = forms.Textarea(attrs={"rows": 2})
YAML = forms.Textarea(attrs={"rows": 9, "spellcheck": "false", "class": "form-control font-monospace"})


class ScopeForm(forms.Form):
    """What a scope says. `versions`, when it is filled in, stands in the place of the fields of one part."""

    code = forms.CharField(label=gettext_lazy("Code"), max_length=64)
    name_zh = forms.CharField(label=gettext_lazy("Chinese name"), max_length=120)
    name_en = forms.CharField(label=gettext_lazy("English name"), max_length=120)
    organisations = forms.CharField(
        label=gettext_lazy("Organisations"),
        widget=TEXT,
        required=False,
        help_text=gettext_lazy("Codes, with all below them; empty: all."),
    )
    share = forms.CharField(
        label=gettext_lazy("Share"),
        max_length=40,
        initial="100%",
    )
    excepted = forms.CharField(
        label=gettext_lazy("But not"),
        widget=TEXT,
        required=False,
        help_text=gettext_lazy("Codes, with all below them."),
    )
    without = forms.ChoiceField(label=gettext_lazy("But not whoever counts in"), required=False)
    first_day = forms.DateField(label=gettext_lazy("From"), widget=DAY, required=False)
    versions = forms.CharField(
        label=gettext_lazy("Several parts or versions (YAML)"),
        widget=YAML,
        required=False,
        help_text=gettext_lazy("Filled in, it stands in the place of the fields about one part."),
    )
    new_plants = forms.ChoiceField(label=gettext_lazy("New plants"), choices=StatisticalScope.NewPlants.choices)
    structure = forms.ChoiceField(
        label=gettext_lazy("Organisation tree"), choices=StatisticalScope.Structure.choices, required=False
    )
    levels = forms.MultipleChoiceField(
        label=gettext_lazy("Shown for"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None ticked: for organisations of every kind."),
    )
    day = forms.DateField(label=gettext_lazy("Preview of the day"), widget=DAY, required=False)

    def __init__(self, *args: Any, others: list[tuple[str, str]], fixed: str = "", **kwargs: Any) -> None:
        """`others` are scopes that can be left out; `fixed` the code of the one that is changed."""
        super().__init__(*args, **kwargs)
        for name, attribute in reversed(condition_attributes().items()):
            choices = [(one.code, str(one.name)) for one in attribute.choices]
            if len(choices) > 2:
                field = forms.MultipleChoiceField(
                    label=str(attribute.label), choices=choices, required=False,
                    widget=MANY if len(choices) > 12 else forms.CheckboxSelectMultiple,
                )  # fmt: skip
                self.fields[f"of_{name}"] = field
        self.fields["levels"].choices = [(one.code, str(one.name)) for one in kinds.all_kinds()]
        self.fields["without"].choices = [("", "–"), *others]
        self.fields["share"].help_text = _("A percentage such as 51.5%%, or one of: %(known)s.") % {
            "known": ", ".join(share_attributes())
        }
        if fixed:
            self.fields["code"].disabled = True
        order = ["code", "name_zh", "name_en", "organisations"]
        order += [name for name in self.fields if name.startswith("of_")]
        self.order_fields([*order, *(name for name in self.fields if name not in order)])

    def text(self) -> str:
        """The definition as YAML, as a file would say it."""
        given = self.cleaned_data
        entry: dict[str, Any] = {
            "code": given["code"].strip(),
            "name": {"zh": given["name_zh"].strip(), "en": given["name_en"].strip()},
            "new_plants": given["new_plants"],
            "structure": given["structure"] or "asked",
            "levels": given["levels"],
        }
        if not given["versions"].strip():
            entry["versions"] = [self._one_part(given)]
            return f"- {json.dumps(entry, ensure_ascii=False)}\n"
        lines = given["versions"].replace("\r\n", "\n").rstrip().split("\n")
        # the user's lines keep their numbers: the rest stands below them
        body = "\n".join(f"    {line}" for line in lines)
        rest = "\n".join(f"  {key}: {json.dumps(value, ensure_ascii=False)}" for key, value in entry.items())
        return f"- versions:\n{body}\n{rest}\n"

    def _one_part(self, given: dict[str, Any]) -> dict[str, Any]:
        part: dict[str, Any] = {"share": given["share"].strip()}
        if codes := codes_of(given["organisations"]):
            part["organisations"] = codes
        part |= {name[3:]: values for name, values in given.items() if name.startswith("of_") and values}
        out: list[dict[str, Any]] = []
        if codes := codes_of(given["excepted"]):
            out.append({"organisations": codes})
        if given["without"]:
            out.append({"scope": given["without"]})
        version: dict[str, Any] = {"count": [part], "except": out}
        return {"valid_from": given["first_day"].isoformat(), **version} if given["first_day"] else version


def codes_of(text: str) -> list[str]:
    return list(dict.fromkeys(filter(None, (part.strip() for part in re.split(r"[\s,，;；、]+", text)))))


def initial_of(one: ScopeDefinition) -> dict[str, Any]:
    """The fields of a scope that stands; what does not fit into them as text."""
    found: dict[str, Any] = {
        "code": one.code,
        "name_zh": one.name.zh,
        "name_en": one.name.en,
        "new_plants": one.new_plants.value,
        "structure": one.structure,
        "levels": list(one.levels),
    }
    [*earlier, version] = one.versions
    excepted = [
        part for part in version.exceptions if part.organisations and not (part.attributes or part.kinds or part.scope)
    ]
    without = [
        part for part in version.exceptions if part.scope and not (part.attributes or part.kinds or part.organisations)
    ]
    part = version.count[0]
    simple = (
        not earlier
        and version.last is None
        and len(version.count) == 1
        and not (part.scope or part.kinds)
        and len(excepted) <= 1
        and len(without) <= 1
        and len(excepted) + len(without) == len(version.exceptions)
    )
    if not simple:
        rows = [_plain(one.as_json()) for one in one.versions]
        return {**found, "versions": yaml.safe_dump(rows, allow_unicode=True, sort_keys=False, default_flow_style=None)}
    share = part.share if isinstance(part.share, str) else f"{float(part.share * 100):.12g}%"
    return {
        **found,
        "organisations": ", ".join(part.organisations),
        "share": share,
        "excepted": ", ".join(excepted[0].organisations) if excepted else "",
        "without": without[0].scope if without else "",
        "first_day": version.first,
        **{f"of_{name}": list(values) for name, values in part.attributes},
    }


def _plain(version: dict[str, Any]) -> dict[str, Any]:
    """A version as one would write it: shares in percent, nothing that says nothing."""
    for part in (*version["count"], *version["except"]):
        if (share := part.get("share", "")) and share[0].isdigit():
            numerator, _slash, below = share.partition("/")
            part["share"] = f"{int(numerator) * 100 / int(below or 1):.12g}%"
    version["count"] = [part or "all" for part in version["count"]]
    return {key: value for key, value in version.items() if value}

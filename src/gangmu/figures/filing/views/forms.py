"""The read view of a form: what is asked, by which rules, in which version."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from gangmu.figures.filing.definitions import SELF, FormDefinition, Moment, RuleDefinition, Section
from gangmu.figures.filing.lists import GRAINS, FormList, filed_by
from gangmu.figures.filing.models import Form
from gangmu.figures.filing.views.common import trail
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.parties import kinds

MISSING = {
    "skip": _("not checked"),
    "zero": _("taken as 0"),
    "fault": _("a fault"),
}
STANDSTILL = {
    "zero": _("counts as 0"),
    "blank": _("stays blank"),
    "": "",
}
STRENGTHS = {
    "error": (_("must hold"), "danger"),
    "warning": (_("needs an explanation"), "warning"),
}


@require_GET
def form(request: HttpRequest, code: str) -> HttpResponse:
    """One version of a form: the one in force, or that which the address asks for."""
    versions = list(Form.objects.filter(code=code).order_by("-version"))
    asked = request.GET.get("version", "")
    shown = next((one for one in versions if (str(one.version) == asked if asked else one.is_current)), None)
    if shown is None:
        raise Http404
    defined = shown.defined
    known = {one.code: one for one in Indicator.objects.filter(code__in=_codes(defined))}
    context = {
        "title": shown.name,
        "breadcrumbs": trail((FormList.title, reverse("filing:forms")), (shown.name, "")),
        "form": shown,
        "defined": defined,
        "grain": GRAINS[defined.grain],
        "filed_by": filed_by(shown),
        "due": _moment(defined.due, defined.grain),
        "locks": _moment(defined.locks, defined.grain),
        "sections": [_section(section, known) for section in defined.sections],
        "rules": [_rule(rule) for rule in defined.rules],
        "history": [known[code].name for code in defined.history.indicators if code in known],
        "neighbours": [known[code].name for code in defined.neighbours.indicators if code in known],
        "versions": versions,
    }
    return render(request, "filing/form.html", context)


def _codes(defined: FormDefinition) -> set[str]:
    opened = {item.opens_with for item in defined.items.values() if item.opens_with}
    return {*defined.items, *opened, *defined.history.indicators, *defined.neighbours.indicators}


def _moment(moment: Moment | None, grain: str) -> str:
    """A deadline in words: the day after, 09:00."""
    if moment is None:
        return ""
    words = {
        ("day", 0): _("the same day, %(time)s"),
        ("day", 1): _("the day after, %(time)s"),
    }.get((grain, moment.days), _("%(days)d days after its end, %(time)s"))
    return words % {"days": moment.days, "time": moment.time.strftime("%H:%M")}


def _section(section: Section, known: dict[str, Indicator]) -> dict[str, Any]:
    return {
        "name": section.name,
        "level": _("the filing organisation itself") if section.level == SELF else kinds.kind(section.level).name,
        "rows": [
            {
                "item": item,
                "indicator": known.get(item.indicator),
                "standstill": STANDSTILL[item.out_of_service],
                "opens_with": known.get(item.opens_with),
                "choices": [str(choice.name) for choice in item.choices],
            }
            for item in section.items
        ],
    }


def _rule(rule: RuleDefinition) -> dict[str, Any]:
    label, tone = STRENGTHS[rule.strength]
    tolerances = [f"{rule.tolerance_percent}%"] if rule.tolerance_percent != "0" else []
    tolerances += [rule.tolerance] if rule.tolerance != "0" else []
    return {
        "rule": rule,
        "strength": label,
        "tone": tone,
        "formula": f"{rule.left} {rule.operator} {rule.right}",
        "tolerance": " + ".join(tolerances),
        "missing": [MISSING[one] for one in dict.fromkeys((rule.missing_left, rule.missing_right))],
        "months": rule.months,
    }

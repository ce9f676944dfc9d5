"""One indicator; making and changing one: checked while it is written, tried on real figures, then applied."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gangmu.figures.cube.bycategory import with_parts
from gangmu.figures.cube.errors import CannotAnswer
from gangmu.figures.cube.measures import KnownMeasures, known_measures
from gangmu.figures.cube.previewing import Difference, Preview, preview
from gangmu.figures.indicators.catalogue import Catalogue
from gangmu.figures.indicators.categories.queries import dictionaries
from gangmu.figures.indicators.changing import (
    CONFIGURE,
    CannotChange,
    Proposal,
    apply_change,
    configures,
    propose,
)
from gangmu.figures.indicators.consistency import Fault
from gangmu.figures.indicators.decimals import decimals_since
from gangmu.figures.indicators.definitions import Basis, Grain, IndicatorDefinition, Making
from gangmu.figures.indicators.formula.errors import FormulaError
from gangmu.figures.indicators.formula.tokens import LONGEST_FORMULA
from gangmu.figures.indicators.models import Indicator
from gangmu.figures.indicators.taxes.companions import counterpart
from gangmu.figures.indicators.units import UnknownUnit, parse_unit
from gangmu.figures.reports.definitions import reports
from gangmu.figures.reports.models import Edition
from gangmu.foundation.access.needs import needs
from gangmu.foundation.parties.kinds import Words
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.periods.errors import PeriodError
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock
from gangmu.foundation.ui.asking import asker
from gangmu.foundation.ui.forms import show_form
from gangmu.foundation.ui.here import here
from gangmu.foundation.ui.once import submit_once
from gangmu.shell.formulas import drawing, used
from gangmu.shell.formulas.forms import IndicatorForm, language
from gangmu.shell.formulas.lists import MADE, IndicatorList, level_word
from gangmu.shell.formulas.naming import completions

VIEW = "figures:view"
REFUSED = (CannotAnswer, PeriodError, FormulaError)
PREVIEW, APPLY = "preview", "apply"


@require_GET
@needs(VIEW)
def one(request: HttpRequest, code: str) -> HttpResponse:
    """What an indicator is, how it comes about, in which versions, and where it is used."""
    known = known_measures()
    if code not in known.catalogue:
        raise Http404
    definition, today = known.catalogue[code], known.timeline.on(clock.today())
    row = Indicator.objects.get(code=code)
    context = {
        "title": _name(definition),
        "breadcrumbs": _trail((_name(definition), "")),
        "one": definition,
        "row": row,
        "made": MADE[definition.making],
        "level": level_word(definition.level),
        "versions": list(_versions(definition)),
        "decimals": list(_decimals(definition)),
        "formula": drawing.drawn(today, definition, of=_summed(definition)) if definition.formula else "",
        "text": today[code].formula,
        "units": drawing.units(today, code) if definition.formula else "",
        "inputs": drawing.inputs(today, code),
        "uses": used.uses(code),
        "weight": known.catalogue.get(definition.weight or ""),
        "dictionary": dictionaries().get(definition.split.by) if definition.split else None,
        "parts": _parts(definition, known),
        "whole": known.catalogue.get(definition.member.of) if definition.member else None,
        "taxed": _taxed(definition),
        "lookup": here("figures:lookup"),
        "may_change": _may_change(request),
    }
    return render(request, "formulas/one.html", context)


def _parts(definition: IndicatorDefinition, known: KnownMeasures) -> list[Indicator]:
    """The parts of a split indicator, in the order of its dictionary."""
    codes = with_parts(definition.code, known.catalogue)[:-1] if definition.split else []
    rows = {str(row.code): row for row in Indicator.objects.filter(code__in=codes)}
    return [rows[code] for code in codes]


def _taxed(definition: IndicatorDefinition) -> dict[str, Any] | None:
    """Whether tax is in it, which, and the indicator that tells the same on the other basis."""
    if definition.taxed is None:
        return None
    return {
        "basis": _("tax included") if definition.taxed.basis is Basis.INCLUDED else _("tax excluded"),
        "code": definition.taxed.tax,
        "is_companion": bool(definition.taxed.of),
        "companion": Indicator.objects.get(code=counterpart(definition)),
    }


def _versions(definition: IndicatorDefinition) -> Iterator[dict[str, Any]]:
    """The formulas, the newest first: since when, until when, and the text."""
    rows = [(one.until, one.formula) for one in definition.earlier] + [(None, definition.formula)]
    for until, formula in reversed(rows if definition.earlier else []):
        yield _version(definition.since(until or date.max), until) | {"formula": formula}


def _decimals(definition: IndicatorDefinition) -> Iterator[dict[str, Any]]:
    """The decimals, where they change with time: as the formulas."""
    rows = [(one.until, one.precision) for one in definition.precisions] + [(None, definition.precision)]
    for until, count in reversed(rows if definition.precisions else []):
        yield _version(decimals_since(until or date.max, definition.precisions), until) | {"count": count}


def _version(since: date | None, until: date | None) -> dict[str, Any]:
    today = clock.today()
    in_force = (since is None or since <= today) and (until is None or today <= until)
    return {"since": since, "until": until, "in_force": in_force}


def _summed(definition: IndicatorDefinition) -> str:
    if definition.making is not Making.CELL or (definition.over_time, definition.over_organisations) != ("sum", "sum"):
        return ""
    return f"{level_word(definition.level)}, {_('days') if definition.grain == 'day' else _('months')}"


def _name(definition: IndicatorDefinition) -> str:
    return definition.name.zh if language() == "zh" else definition.name.en


def _trail(*rest: tuple[str, str]) -> list[tuple[Any, str]]:
    return [(IndicatorList.title, reverse("formulas:list")), *rest]


# Changing -------------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@needs(CONFIGURE)
@submit_once
def make(request: HttpRequest) -> HttpResponse:
    """A new indicator."""
    return _form(request, None)


@require_http_methods(["GET", "POST"])
@needs(CONFIGURE)
@submit_once
def change(request: HttpRequest, code: str) -> HttpResponse:
    """Another definition of an indicator, from a day on."""
    definition = known_measures().catalogue.get(code)
    if definition is None:
        raise Http404
    return _form(request, definition)


def _form(request: HttpRequest, before: IndicatorDefinition | None) -> HttpResponse:
    if not _may_change(request):
        raise PermissionDenied(
            _("Indicators hold for everybody: who configures figures of the whole tree changes them.")
        )
    form = IndicatorForm(request, before)
    title = _("Change %(name)s") % {"name": _name(before)} if before else _("Make an indicator")
    shown: dict[str, Any] = {
        "title": title,
        "breadcrumbs": _trail(
            *([(_name(before), reverse("formulas:one", args=[before.code]))] if before else []), (title, "")
        ),
        "before": before,
        "cancel": reverse("formulas:one", args=[before.code]) if before else reverse("formulas:list"),
        "check": reverse("formulas:check"),
        "names": reverse("formulas:names"),
        "draft_code": before.code if before else "",
    }
    if request.method == "POST" and form.is_valid():
        since = form.cleaned_data.get("since")
        proposal = propose(form.definition(), since)
        found = None
        if not proposal.faults:
            found = _previewed(form, proposal, request)
        _tell(form, proposal.faults)
        if found is not None and not form.errors:
            if request.POST.get("step") == APPLY:
                applied = _apply(request, form, proposal, found)
                if applied is not None:
                    return applied
            shown |= _preview_context(form, proposal, found)
    return show_form(request, "formulas/form.html", form, shown)


def _previewed(form: IndicatorForm, proposal: Proposal, request: HttpRequest) -> Preview | None:
    try:
        return preview(proposal, form.cleaned_data["organisation"], form.cleaned_data["periods"], request.scope)
    except REFUSED as error:
        form.add_error("periods", str(error))
        return None


def _apply(request: HttpRequest, form: IndicatorForm, proposal: Proposal, found: Preview) -> HttpResponse | None:
    """Make the change that was looked at; None where it is another one by now, which is said."""
    if request.POST.get("seen") != _seen(proposal, found):
        messages.warning(
            request, _("Figures, indicators or the form changed since you looked. Look again, then apply.")
        )
        return None
    rows = [row.as_json() for row in found.rows[:20]]
    try:
        apply_change(
            form.definition(),
            proposal.since,
            seen=proposal.stamp,
            because=form.cleaned_data["because"],
            by=asker(request),
            request=request,
            more={"organisation": form.cleaned_data["organisation"], "previewed": rows},
        )
    except CannotChange as refused:
        messages.warning(request, str(refused))
        _tell(form, refused.faults)
        return None
    messages.success(request, _("%(name)s was saved.") % {"name": _name(proposal.definition)})
    return redirect("formulas:one", code=proposal.definition.code)


def _seen(proposal: Proposal, found: Preview) -> str:
    return f"{proposal.stamp}{found.stamp}"


def _tell(form: IndicatorForm, faults: tuple[Fault, ...]) -> None:
    """Put faults beside the fields that they are of, with line and column."""
    for fault in faults:
        of_this = fault.code == form.cleaned_data.get("code")
        field = (
            fault.field if of_this and fault.field in form.fields else ("formula" if "formula" in form.fields else None)
        )
        text = fault.message
        if of_this and fault.place and field == "formula":
            words = {"line": fault.place.line, "column": fault.place.column, "message": fault.message}
            text = _("line %(line)d, column %(column)d: %(message)s") % words
        form.add_error(field, text)


def _preview_context(form: IndicatorForm, proposal: Proposal, found: Preview) -> dict[str, Any]:
    organisation = Organisation.objects.filter(code=form.cleaned_data["organisation"]).first()
    return {
        "proposal": proposal,
        "preview": found,
        "rows": [_shown(row) for row in found.rows],
        "seen": _seen(proposal, found),
        "where": organisation.name if organisation else "",
        "editions": _editions(proposal),
        "others": len(proposal.affected) - 1,
        "units": _units(proposal),
        "multiplies": proposal.multiplies,
    }


def _shown(row: Difference) -> dict[str, Any]:
    return {
        "row": row,
        "name": row.name[language()],
        "period": Period.parse(row.period).label(language()),
        "url": here("formulas:one", row.indicator),
    }


def _editions(proposal: Proposal) -> int:
    """Issued editions, in the asker's scope, of reports that show an affected indicator, since the change is valid."""
    codes = [report.code for report in reports() if report.indicators & set(proposal.affected)]
    editions = Edition.objects.filter(report__in=codes)
    return (editions.filter(last_day__gte=proposal.since) if proposal.since else editions).count()


def _units(proposal: Proposal) -> str:
    if not proposal.definition.formula:
        return ""
    catalogue = Catalogue((dict(known_measures().catalogue) | {proposal.definition.code: proposal.definition}).values())
    return drawing.units(catalogue, proposal.definition.code)


def _may_change(request: HttpRequest) -> bool:
    """Whether the asker configures figures at the top of the tree: indicators are everybody's."""
    return request.scope.may(CONFIGURE) and configures()


# What the editor asks -------------------------------------------------------------------------------------------------


@require_GET
@needs(VIEW)
def names(request: HttpRequest) -> JsonResponse:
    """What can be written into a formula, for completion."""
    found = completions(known_measures().catalogue.values())
    return JsonResponse({"names": found}, json_dumps_params={"ensure_ascii": False, "separators": (",", ":")})


@require_POST
@needs(CONFIGURE)
def check(request: HttpRequest) -> JsonResponse:
    """A formula as it is being written: its first fault and place, or the arithmetic of its units."""
    text = request.POST.get("formula", "")[: LONGEST_FORMULA + 1].replace("\r\n", "\n")
    code, unit = request.POST.get("code", ""), request.POST.get("unit", "")
    known = known_measures().catalogue
    draft = Catalogue((*known.values(), _draft(known, code, unit, text)))
    try:
        parse_unit(unit)
        name = code if code in known else DRAFT
        draft.program(name)
        return JsonResponse({"units": drawing.units(draft, name), "inputs": len(draft.inputs(name))})
    except FormulaError as error:
        place = {"line": error.place.line, "column": error.place.column}
        return JsonResponse({"message": error.message, "told": str(error), **place})
    except UnknownUnit as error:
        return JsonResponse({"message": str(error), "told": str(error), "field": "unit"})


DRAFT = "_draft_"


def _draft(known: Catalogue, code: str, unit: str, formula: str) -> IndicatorDefinition:
    blank = IndicatorDefinition(DRAFT, Words(DRAFT, DRAFT), "", 0, Grain.DAY, over_time=None, over_organisations=None)
    one = known.get(code) or blank
    return replace(one, unit=unit, formula=formula, earlier=())

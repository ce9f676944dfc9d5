"""Pages of unit parameters: of one with their history, of many at once, from and to a file."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from gangmu.foundation.parties import kinds, queries
from gangmu.foundation.parties.changes import LONGEST_REASON
from gangmu.foundation.parties.models import Organisation, Verb
from gangmu.foundation.parties.tree import ChangeRefused
from gangmu.foundation.records.services import note
from gangmu.foundation.settings import clock
from gangmu.foundation.settings.textfiles import Unreadable
from gangmu.foundation.ui import exports
from gangmu.foundation.ui.asking import asker
from gangmu.foundation.ui.forms import show_form
from gangmu.foundation.ui.once import submit_once
from gangmu.shell.organisations.changing import files, rights
from gangmu.shell.organisations.changing.fields import DayInput, OrganisationField, standing_on
from gangmu.shell.organisations.changing.forms import from_date_field, higher_kinds
from gangmu.shell.organisations.changing.parameters import MOST_ROWS, Grid, ParameterForm, Wanted, below, kinds_below
from gangmu.shell.organisations.changing.views import keep, prepare, trail

MOST_PROBLEMS = 50


@require_http_methods(["GET", "POST"])
@submit_once
def of_one(request: HttpRequest, code: str) -> HttpResponse:
    """The parameters of one organisation: what holds, what held and what will, and setting them from a day on."""
    one = rights.visible_one(request, code)
    rights.require(request, Verb.PARAMETERS, one)
    form = ParameterForm(one, request.POST or None)
    if form.is_valid():
        try:
            return prepare(request, one, form)
        except (ChangeRefused, ValidationError) as refused:
            form.add_error(None, refused)
    title = _("Parameters of %(name)s") % {"name": one.name}
    context = {
        "title": title,
        "breadcrumbs": trail((one.name, reverse("changes:begin", args=[code])), (title, "")),
        "organisation": one,
        "history": _history(one, request.scope),
        "cancel": reverse("changes:begin", args=[code]),
        "grid": f"{reverse('changes:parameters')}?of={code}",
    }
    return show_form(request, "organisations/changing/parameters_of.html", form, context)


def _history(one: Organisation, scope: Any) -> list[dict[str, Any]]:
    """Every value that each parameter had or will have, the latest first."""
    today, found = clock.today(), []
    for name, stretches in queries.attribute_history(one, scope).items():
        attribute = kinds.attributes()[name]
        values = [
            {"text": attribute.shown(each.text), "days": each.days, "holds": today in each.days,
             "ahead": each.days.start > today}
            for each in reversed(stretches)
        ]  # fmt: skip
        found.append({"label": attribute.label, "unit": attribute.unit, "values": values})
    return found


class WhichForm(forms.Form):
    """Whose parameters, and on which day."""

    of = OrganisationField(label=gettext_lazy("Of"), required=False)
    kind = forms.CharField(required=False, max_length=40)
    day = forms.DateField(label=gettext_lazy("As of"), required=False, widget=DayInput())


class SaveForm(forms.Form):
    """From when, and why."""

    from_date = from_date_field()
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=LONGEST_REASON, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


@require_http_methods(["GET", "POST"])
def of_many(request: HttpRequest) -> HttpResponseBase:
    """The parameters of all units of a plant, or of whatever stands below an organisation, as a grid or a file."""
    return _export(request) if request.method == "GET" and request.GET.get("export") else _grid(request)


@submit_once
def _grid(request: HttpRequest) -> HttpResponse:
    if not request.scope.may(rights.PARAMETERS):
        raise PermissionDenied(_("Your roles do not let you set parameters."))
    which, one, day, kind, ones = _which(request)
    which.fields["of"].offer(standing_on(day, higher_kinds(kinds.all_kinds()[-1].code)))  # type: ignore[attr-defined]
    if one is None:
        context = {"title": _("Unit parameters"), "breadcrumbs": trail((_("Unit parameters"), "")), "which": which}
        return render(request, "organisations/changing/parameters.html", context, status=422 if which.errors else 200)
    present = kinds_below(one, day, request.scope)
    shown = ones[:MOST_ROWS]
    given = request.POST if request.method == "POST" else None
    grid = Grid(shown, day, request.scope, given)
    save = SaveForm(request.POST or None)
    refused = ""
    if save.is_valid() and not grid.faults:
        wanted = grid.wanted(save.cleaned_data["from_date"])
        try:
            if wanted:
                return keep_values(request, one, wanted, save.cleaned_data["reason"])
            refused = _("Nothing is other than it is already. Change a value first.")
        except (ChangeRefused, ValidationError) as error:
            refused = " ".join(error.messages)
    title = _("Parameters below %(name)s") % {"name": one.name}
    address = f"{reverse('changes:parameters')}?of={one.code}&kind={kind}"
    context = {
        "title": title,
        "breadcrumbs": trail((_("Unit parameters"), reverse("changes:parameters")), (one.name, "")),
        "which": which,
        "organisation": one,
        "kinds": [(each, f"{reverse('changes:parameters')}?of={one.code}&kind={each.code}&day={day}",
                   each.code == kind) for each in present],
        "grid": grid,
        "save": save,
        "refused": refused,
        "more": len(ones) - len(shown),
        "address": address,
        "day": day,
        "upload": f"{reverse('changes:parameters-import')}?of={one.code}",
    }  # fmt: skip
    status = 422 if request.method == "POST" else 200
    return render(request, "organisations/changing/parameters.html", context, status=status)


def keep_values(request: HttpRequest, one: Organisation, wanted: list[Wanted], reason: str) -> HttpResponse:
    """Prepare a change of values."""
    return keep(request, one, Verb.PARAMETERS, {"values": [each.as_asked() for each in wanted]}, reason)


def _which(request: HttpRequest) -> tuple[WhichForm, Organisation | None, date, str, list[Organisation]]:
    """Whose parameters are asked for: the form, the organisation above them, the day, their kind, themselves.

    Raises:
        Http404, PermissionDenied: it is not the asker's to see, or to change.
    """
    which = WhichForm(request.GET)
    which.is_valid()
    day = which.cleaned_data.get("day") or clock.today()
    named = which.cleaned_data.get("of")
    if named is None:
        return which, None, day, "", []
    one = rights.visible_one(request, str(named.code))
    rights.require(request, Verb.PARAMETERS, one)
    present = [each.code for each in kinds_below(one, day, request.scope)]
    asked = which.cleaned_data.get("kind") or ""
    kind = asked if asked in present else present[-1] if present else ""
    return which, one, day, kind, below(one, kind, day, request.scope)


def _export(request: HttpRequest) -> HttpResponseBase:
    _form, one, day, _kind, ones = _which(request)
    kind = request.GET["export"]
    if kind not in exports.FORMATS or one is None:
        raise Http404
    data = {"list": "organisations.parameters", "format": kind, "rows": len(ones), "query": request.GET.urlencode()}
    note("ui.exported", by=asker(request), organisation=one, data=data, request=request)
    return files.exported(ones, day, kind)


class UploadForm(forms.Form):
    """A file, from which day its values hold where it does not say, and why."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("CSV (UTF-8 or GB18030) or XLSX: a column code, and columns named like those of an "
                               "export. A blank cell leaves a value as it is; - takes it away."),
    )  # fmt: skip
    from_date = from_date_field()
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 2})
    )


@require_http_methods(["GET", "POST"])
@submit_once
def take(request: HttpRequest) -> HttpResponse:
    """Parameters from a file: all that is wrong with it, or what it would change."""
    code = request.GET.get("of", "")
    one = rights.visible_one(request, code) if code else _top(request)
    rights.require(request, Verb.PARAMETERS, one)
    form = UploadForm(request.POST or None, request.FILES or None)
    problems: list[Any] = []
    if form.is_valid():
        mine = [pk for pk in request.scope.ids(queries.ROOM) if request.scope.may_at(rights.PARAMETERS, pk)]
        try:
            reading = files.read(form.cleaned_data["file"], form.cleaned_data["from_date"], mine)
            problems = reading.problems
            if not problems and not reading.wanted:
                form.add_error(None, _("The file says nothing that is other than it is already."))
            elif not problems:
                return keep_values(request, one, reading.wanted, form.cleaned_data["reason"])
        except Unreadable as error:
            form.add_error("file", str(error))
        except (ChangeRefused, ValidationError) as error:
            form.add_error(None, error)
    title = _("Parameters from a file")
    context = {
        "title": title,
        "breadcrumbs": trail((_("Unit parameters"), reverse("changes:parameters")), (title, "")),
        "cancel": f"{reverse('changes:parameters')}?of={one.code}",
        "problems": problems[:MOST_PROBLEMS],
        "more": max(len(problems) - MOST_PROBLEMS, 0),
    }
    response = show_form(request, "organisations/changing/parameters_file.html", form, context)
    if problems:
        response.status_code = 422
    return response


def _top(request: HttpRequest) -> Organisation:
    """The highest organisation that the asker sees."""
    roots = queries.tree(clock.today(), request.scope)
    if not roots:
        raise Http404
    return roots[0].organisation

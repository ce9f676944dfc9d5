"""Published rankings: those shown to the asker, one of them, and publishing."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from gangmu.figures.publications import queries, services
from gangmu.figures.publications.errors import NotPublished, PublicationError
from gangmu.figures.publications.forms import EndForm, PublicationForm
from gangmu.figures.publications.models import Publication
from gangmu.figures.publications.queries import Published
from gangmu.figures.publications.tile import names_of
from gangmu.figures.tiles.showing import is_provisional
from gangmu.foundation.boards.asking import KINDS, View
from gangmu.foundation.parties.days import Days
from gangmu.foundation.periods.kinds import Kind
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock
from gangmu.foundation.ui.asking import asker
from gangmu.foundation.ui.forms import show_form
from gangmu.foundation.ui.once import submit_once

VIEW = "figures:view"


def _trail(*rest: tuple[Any, str]) -> list[tuple[Any, str]]:
    return [(_("Published rankings"), reverse("publications:mine")), *rest]


@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """What is published to the asker."""
    if not request.scope.may(VIEW):
        raise PermissionDenied
    context = {
        "title": _("Published rankings"),
        "granted": [(one, names_of(one.indicators, request.scope)) for one in queries.granted()],
        "manage": reverse("publications:made"),
    }
    return render(request, "publications/mine.html", context)


@require_GET
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """A ranking, for those to whom it is granted and for those whose it is."""
    publication = _visible(request, pk)
    view = View.of(request.GET)
    if "period" not in request.GET and str(view.period.kind) not in publication.grains:
        view = replace(view, period=Period.of(Kind(publication.grains[0]), view.period.end))
    try:
        told = queries.ranking(publication, view.period, request.scope)
        refused = ""
    except NotPublished as error:
        told, refused = None, str(error)
    own = told is not None and 0 < len(told.own) < len(told.lines)
    context = {
        "title": publication.name,
        "breadcrumbs": _trail((publication.name, "")),
        "publication": publication,
        "view": view,
        "kinds": [each for kind, each in zip(KINDS, view.kinds, strict=True) if str(kind) in publication.grains],
        "today": clock.today().isoformat(),
        "own_address": reverse("publications:one", args=[pk]),
        "period_label": view.period.label(get_language() or ""),
        "told": told,
        "refused": refused,
        "names": names_of(publication.indicators, request.scope),
        "marks_own": own,
        "provisional": told is not None and is_provisional(told.state),
    }
    return render(request, "publications/one.html", context)


def _visible(request: HttpRequest, pk: int) -> Published:
    """The publication, or as if there were none."""
    if not request.scope.may(VIEW):
        raise PermissionDenied
    found = next((one for one in queries.granted() if one.pk == pk), None)
    if found is None:
        own = Publication.objects.select_related("organisation").filter(pk=pk).first()
        if own is None or own.organisation_id not in request.scope.ids(queries.ROOM):
            raise Http404(_("There is no such publication, or it is not published to you."))
        found = queries.may_manage(own)
    return found


@require_http_methods(["GET", "POST"])
@submit_once
def add(request: HttpRequest) -> HttpResponse:
    """Publish a ranking."""
    if not request.scope.may(services.ISSUE):
        raise PermissionDenied(_("Your roles do not let you publish figures."))
    today = clock.today()
    form = PublicationForm(
        request.POST or None, initial={"first_day": today, "figures_from": today.replace(month=1, day=1)}
    )
    if form.is_valid():
        given = dict(form.cleaned_data)
        to, roles = given.pop("to"), list(given.pop("roles"))
        days = Days.until(given.pop("first_day"), given.pop("last_day"))
        try:
            made = services.publish(
                Publication(**given, valid=days.valid), to, roles, by=asker(request), scope=request.scope
            )
        except PublicationError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Published: %(name)s.") % {"name": made.name})
            return redirect("publications:made")
    title = _("Publish a ranking")
    context = {"title": title, "breadcrumbs": _trail((title, "")), "cancel": reverse("publications:made")}
    return show_form(request, "publications/form.html", form, context)


@require_http_methods(["GET", "POST"])
@submit_once
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a publication end with a day."""
    publication = get_object_or_404(Publication.objects.select_related("organisation"), pk=pk)
    if not request.scope.may_at(services.ISSUE, publication.organisation_id):
        raise PermissionDenied(_("Your roles do not let you publish figures."))
    form = EndForm(request.POST or None, initial={"last_day": clock.today()})
    if form.is_valid():
        services.end(publication, form.cleaned_data["last_day"], by=asker(request), scope=request.scope)
        messages.success(request, _("%(name)s is not shown any more after that day.") % {"name": publication.name})
        return redirect("publications:made")
    title = f"{_('End')} · {publication.name}"
    context = {"title": title, "breadcrumbs": _trail((title, "")), "cancel": reverse("publications:made")}
    return show_form(request, "publications/form.html", form, context)

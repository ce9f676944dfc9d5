"""Recording events of units and voiding them. The list is in lists.py."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from gangmu.business.power import queries, services
from gangmu.business.power.forms import EventForm, VoidForm
from gangmu.business.power.services import EventRefused
from gangmu.business.power.unit_days import What
from gangmu.foundation.settings import clock
from gangmu.foundation.ui.asking import asker
from gangmu.foundation.ui.forms import show_form
from gangmu.foundation.ui.once import submit_once

LIST = (_("Unit event log"), "power:events")


def _trail(title: Any) -> list[tuple[Any, str]]:
    return [(LIST[0], reverse(LIST[1])), (title, "")]


@require_http_methods(["GET", "POST"])
@submit_once
def add(request: HttpRequest) -> HttpResponse:
    """Record an event of a unit for which the asker files; `?unit=CODE` chooses it."""
    units = queries.units_filed(request.scope)
    if not units:
        raise PermissionDenied
    initial = {"unit": request.GET.get("unit", ""), "happened_at": clock.now()}
    form = EventForm(request.POST or None, units=units, initial=initial)
    if form.is_valid():
        given = dict(form.cleaned_data)
        unit, what, at = given.pop("unit"), What(given.pop("kind")), given.pop("happened_at")
        try:
            event = services.record_event(unit, what, at, by=asker(request), scope=request.scope, **given)
        except EventRefused as refused:
            form.add_error(refused.field, str(refused))
        else:
            messages.success(
                request, _("Recorded: %(unit)s, %(event)s.") % {"unit": unit, "event": queries.told(event)}
            )
            return redirect(f"{reverse(LIST[1])}?of={unit.code}")
    title = _("Record an event")
    context = {"title": title, "breadcrumbs": _trail(title), "cancel": reverse(LIST[1]), "submit": _("Record")}
    return show_form(request, "power/event_form.html", form, context)


@require_http_methods(["GET", "POST"])
@submit_once
def void(request: HttpRequest, pk: int) -> HttpResponse:
    """Void an event that was wrong; it stays in the list with the reason."""
    event = get_object_or_404(queries.events().select_related("organisation"), pk=pk)
    if event.is_void or not request.scope.may_at(services.FILE, event.organisation_id):
        raise PermissionDenied
    form = VoidForm(request.POST or None)
    if form.is_valid():
        services.void_event(event, reason=form.cleaned_data["reason"], by=asker(request), scope=request.scope)
        messages.success(request, _("The event was voided. Record the right one if there is one."))
        return redirect(f"{reverse(LIST[1])}?of={event.organisation.code}")
    title = _("Void an event")
    context = {
        "title": title,
        "breadcrumbs": _trail(title),
        "cancel": reverse(LIST[1]),
        "submit": _("Void it"),
        "event": event,
    }
    return show_form(request, "power/event_form.html", form, context)

"""Changing the register: resources and dependencies."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from gangmu.duties.resources import graph, queries, services
from gangmu.duties.resources.errors import ResourceRefused
from gangmu.duties.resources.forms import EndForm, NeedForm, ResourceForm, UnneedForm, first_values
from gangmu.duties.resources.models import Dependency, Resource
from gangmu.duties.resources.rights import CHANGE
from gangmu.duties.resources.views.looking import found, of_resource, trail
from gangmu.foundation.settings import clock
from gangmu.foundation.ui.asking import asker
from gangmu.foundation.ui.forms import show_form
from gangmu.foundation.ui.once import submit_once

FORM = "resources/form.html"


def _refused(form: Any, problem: ResourceRefused) -> None:
    form.add_error(problem.field if problem.field in form.fields else None, str(problem))


def _own(request: HttpRequest, pk: int) -> Resource:
    """A resource whose register the asker keeps."""
    resource = found(pk)
    if not request.scope.may_at(CHANGE, resource.organisation_id):
        raise PermissionDenied
    return resource


@require_http_methods(["GET", "POST"])
@submit_once
def add(request: HttpRequest) -> HttpResponse:
    """Put a resource into the register."""
    owners = list(queries.owners(request.scope, CHANGE))
    if not owners:
        raise PermissionDenied
    form = ResourceForm(request.POST or None, owners=owners, initial=first_values(None))
    if form.is_valid():
        try:
            made = services.register(form.values(), form.cleaned_data["since"], by=asker(request), scope=request.scope)
        except ResourceRefused as problem:
            _refused(form, problem)
        else:
            messages.success(request, _("%(name)s is registered. Say what it needs.") % {"name": made.name})
            return redirect("resources:one", pk=made.pk)
    title = _("Register a resource")
    context = {
        "title": title,
        "breadcrumbs": trail((title, "")),
        "cancel": reverse("resources:list"),
        "submit": _("Register"),
    }
    return show_form(request, FORM, form, context)


@require_http_methods(["GET", "POST"])
@submit_once
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what the register says of a resource."""
    resource = _own(request, pk)
    owners = list(queries.owners(request.scope, CHANGE))
    form = ResourceForm(request.POST or None, owners=owners, resource=resource, initial=first_values(resource))
    page = reverse("resources:one", args=[pk])
    if form.is_valid():
        based_on = form.cleaned_data["version"]
        try:
            services.change(
                resource,
                form.values(),
                based_on=resource.version if based_on is None else based_on,
                by=asker(request),
                scope=request.scope,
            )
        except ResourceRefused as problem:
            _refused(form, problem)
        else:
            messages.success(request, _("The register was changed."))
            return redirect(page)
    title = _("Change")
    context = {"title": title, "subtitle": resource.name, "breadcrumbs": of_resource(resource, title), "cancel": page}
    return show_form(request, FORM, form, context)


@require_http_methods(["GET", "POST"])
@submit_once
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a resource out of the register after a day."""
    resource = _own(request, pk)
    form = EndForm(request.POST or None, initial={"last_day": clock.today()})
    page = reverse("resources:one", args=[pk])
    if form.is_valid():
        try:
            services.end(resource, form.cleaned_data["last_day"], by=asker(request), scope=request.scope)
        except ResourceRefused as problem:
            _refused(form, problem)
        else:
            messages.success(request, _("It leaves the register after that day; what it needed ends with it."))
            return redirect(page)
    title = _("Take out of the register")
    context = {
        "title": title,
        "subtitle": resource.name,
        "breadcrumbs": of_resource(resource, title),
        "cancel": page,
        "submit": title,
    }
    return show_form(request, FORM, form, context)


def _offered(resource: Resource) -> Sequence[Resource]:
    """What a resource may come to need today: neither itself, nor what it needs already, nor what rests on it."""
    net = queries.net()
    node = net.number.get(resource.pk)
    out = {resource.pk}
    if node is not None:
        out |= {net.ids[one] for one in graph.above(net.edges, [node])}
        out |= {net.ids[int(net.edges.target[edge])] for edge in net.edges.needs(node)}
    return [row for row in net.rows if row is not None and row.pk not in out]


@require_http_methods(["GET", "POST"])
@submit_once
def need(request: HttpRequest, pk: int) -> HttpResponse:
    """Record what a resource needs."""
    resource = _own(request, pk)
    initial = {"since": max(clock.today(), resource.since), "group": request.GET.get("group", "")}
    form = NeedForm(request.POST or None, offered=_offered(resource), initial=initial)
    page = reverse("resources:one", args=[pk])
    if form.is_valid():
        given = dict(form.cleaned_data)
        on, since = given.pop("on"), given.pop("since")
        try:
            services.need(resource, on, since=since, by=asker(request), scope=request.scope, **given)
        except ResourceRefused as problem:
            if problem.field == "valid_from":
                problem.field = "since"
            _refused(form, problem)
        else:
            messages.success(request, _("Recorded: it needs %(name)s.") % {"name": on.name})
            return redirect(page)
    title = _("Record a dependency")
    context = {
        "title": title,
        "subtitle": resource.name,
        "breadcrumbs": of_resource(resource, title),
        "cancel": page,
        "submit": _("Record"),
    }
    return show_form(request, FORM, form, context)


@require_http_methods(["GET", "POST"])
@submit_once
def unneed(request: HttpRequest, pk: int, dependency: int) -> HttpResponse:
    """End a dependency, or take back one that never was right."""
    resource = _own(request, pk)
    one = get_object_or_404(Dependency.objects.select_related("on"), pk=dependency, resource=resource)
    yesterday = clock.today() - timedelta(days=1)
    form = UnneedForm(request.POST or None, initial={"last_day": max(yesterday, one.since)})
    page = reverse("resources:one", args=[pk])
    if form.is_valid():
        try:
            services.unneed(one, form.asked, by=asker(request), scope=request.scope)
        except ResourceRefused as problem:
            _refused(form, problem)
        else:
            messages.success(request, _("The dependency was ended."))
            return redirect(page)
    title = _("End a dependency")
    words = _("%(resource)s needs %(on)s") % {"resource": resource.name, "on": one.on.name}
    context = {
        "title": title,
        "subtitle": words,
        "breadcrumbs": of_resource(resource, title),
        "cancel": page,
        "submit": _("End it"),
    }
    return show_form(request, FORM, form, context)

"""Roles: all of them, one, two beside each other, and changing one."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gangmu.foundation.access import services
from gangmu.foundation.access.models import Assignment, Role
from gangmu.foundation.access.needs import needs, require
from gangmu.foundation.accounts.proof import fresh_proof_required
from gangmu.foundation.settings import clock
from gangmu.foundation.ui.forms import show_form
from gangmu.foundation.ui.once import submit_once
from gangmu.shell.roles import queries, refusing
from gangmu.shell.roles.forms import RoleForm
from gangmu.shell.roles.permits import declare_menu
from gangmu.shell.roles.tree import Tree, difference, held_of, hides_from, permissions_from, tree_of

VIEW, CONFIGURE = "access:view", "access:configure"
SHOWN = 20


def trail(*rest: tuple[Any, str]) -> list[tuple[Any, str]]:
    """The way to a page of roles."""
    return [(_("Roles"), reverse("roles:list")), *rest]


@require_GET
@needs(VIEW)
def every_role(request: HttpRequest) -> HttpResponse:
    """All roles, with how many people hold each."""
    context = {
        "title": _("Roles"),
        "breadcrumbs": [(_("Roles"), "")],
        "roles": queries.roles_with_holders(clock.today()),
        "configures": request.scope.may(CONFIGURE),
    }
    return render(request, "roles/list.html", context)


@require_GET
@needs(VIEW)
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One role: its tree, and who holds it."""
    role = get_object_or_404(Role, pk=pk)
    declare_menu()
    held = Assignment.objects.filter(queries.not_over(clock.today()), role=role)
    rows = held.select_related("user", "organisation").order_by("organisation__code", "user__name")
    context = {
        "title": role.name,
        "breadcrumbs": trail((role.name, "")),
        "role": role,
        "tree": tree_of(role.permissions, role.hides),
        "held": rows[:SHOWN],
        "total": held.aggregate(n=Count("user", distinct=True))["n"],
        "others": Role.objects.exclude(pk=role.pk).order_by("site", "code"),
        "configures": request.scope.may(CONFIGURE),
    }
    return render(request, "roles/one.html", context)


@require_GET
@needs(VIEW)
def compare(request: HttpRequest) -> HttpResponse:
    """Two roles beside each other."""
    roles = Role.objects.order_by("site", "code")
    chosen = [roles.filter(code=request.GET.get(name, "")).first() for name in ("one", "other")]
    lines = []
    if all(chosen):
        first, second = (tree_of(role.permissions, role.hides) for role in chosen if role)
        for mine, theirs in zip(first.rooms, second.rooms, strict=True):
            actions = [
                (action.action, action.held, other.held, _elements_differ(action.elements, other.elements))
                for action, other in zip(mine.actions, theirs.actions, strict=True)
                if action.held or other.held
            ]
            if actions:
                lines.append((mine.label, actions))
        lines += _rest(first, second)
    context = {
        "title": _("Compare two roles"),
        "breadcrumbs": trail((_("Compare two roles"), "")),
        "roles": roles,
        "one": chosen[0],
        "other": chosen[1],
        "lines": lines,
    }
    return render(request, "roles/compare.html", context)


def _elements_differ(mine: list[Any], theirs: list[Any]) -> list[tuple[Any, Any, bool]]:
    pairs = zip(mine, theirs, strict=True)
    return [(one.kind, one.element.label, one.open) for one, other in pairs if one.open != other.open]


def _rest(first: Tree, second: Tree) -> list[tuple[Any, list[Any]]]:
    codes = sorted({*first.others, *second.others})
    lines = [({"label": code}, code in first.others, code in second.others, []) for code in codes]
    return [(_("Further permissions"), lines)] if lines else []


@require_http_methods(["GET", "POST"])
@needs(CONFIGURE)
@fresh_proof_required
@submit_once
def add(request: HttpRequest) -> HttpResponse:
    """Make a role, from nothing or as a copy of another."""
    model = Role.objects.filter(pk=request.GET.get("copy") or 0).first() if _number(request.GET.get("copy")) else None
    initial = {}
    if model is not None:
        initial = {
            "code": f"{model.code}_copy"[:64],
            "name_zh": _copied(model.name_zh),
            "name_en": _copied(model.name_en),
            "site": model.site,
        }
    form = RoleForm(request.POST or None, initial=initial)
    role = Role(permissions=list(model.permissions) if model else [], hides=list(model.hides) if model else [])
    return _change(request, form, role, Role(), _("New role"), reverse("roles:list"))


def _copied(name: str) -> str:
    return f"{name} 2"


def _number(text: str | None) -> bool:
    return bool(text) and text.isascii() and text.isdigit() and len(text) < 10


@require_http_methods(["GET", "POST"])
@needs(CONFIGURE)
@fresh_proof_required
@submit_once
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a role. What changes for how many people is shown before it is saved."""
    role = get_object_or_404(Role, pk=pk)
    before = Role(permissions=list(role.permissions), hides=list(role.hides), site=role.site)
    initial = {"name_zh": role.name_zh, "name_en": role.name_en, "site": role.site}
    form = RoleForm(request.POST or None, initial=initial, role=role)
    return _change(request, form, role, before, role.name, reverse("roles:one", args=[pk]))


def _change(request: HttpRequest, form: RoleForm, role: Role, before: Role, title: str, back: str) -> HttpResponse:
    """The tree as a form; then what it changes; then the change."""
    declare_menu()
    version = role.version if role.pk else 0
    problem = ""
    if request.method == "POST":
        role.permissions = permissions_from(request.POST)
        role.hides = hides_from(request.POST, before.hides)
        given = request.POST.get("version", "")
        version = int(given) if _number(given) else 0
    if request.method == "POST" and form.is_valid():
        for name, value in form.cleaned_data.items():
            setattr(role, name, value)
        try:
            role.clean()
        except ValidationError as error:
            problem = "; ".join(error.messages)
        else:
            if "confirmed" in request.POST:
                try:
                    number = services.save_role(role, based_on=version)
                except services.Refused as refused:
                    problem = refusing.noted(request, refused)
                else:
                    messages.success(request, _("%(role)s was saved.") % {"role": role.name})
                    return redirect("roles:one", number)
            elif "again" not in request.POST:
                return _summary(request, form, role, before, version, title, back)
    if problem:
        form.add_error(None, problem)
    context = {
        "title": title,
        "breadcrumbs": trail((title, "")),
        "role": role,
        "tree": tree_of(role.permissions, role.hides),
        "version": version,
        "back": back,
    }
    return show_form(request, "roles/edit.html", form, context)


def _summary(
    request: HttpRequest, form: RoleForm, role: Role, before: Role, version: int, title: str, back: str
) -> HttpResponse:
    """What would change, and for how many people."""
    people = 0
    if role.pk:
        held = Assignment.objects.filter(queries.not_over(clock.today()), role_id=role.pk)
        people = held.aggregate(n=Count("user", distinct=True, filter=Q(user__is_active=True)))["n"]
    sent = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name not in ("csrfmiddlewaretoken", "_key", "again")
    ]
    context = {
        "title": title,
        "breadcrumbs": trail((title, "")),
        "role": role,
        "difference": difference(before, role),
        "people": people,
        "site_changes": bool(role.pk) and before.site != role.site,
        "sent": sent,
        "held": len(held_of(role)),
        "back": back,
    }
    return show_form(request, "roles/summary.html", form, context)


@require_POST
@fresh_proof_required
@submit_once
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a role that nobody ever held."""
    require(request, CONFIGURE)
    role = get_object_or_404(Role, pk=pk)
    try:
        services.remove_role(role)
    except services.Refused as refused:
        messages.error(request, refusing.noted(request, refused))
        return redirect("roles:one", pk)
    messages.success(request, _("%(role)s was removed.") % {"role": role.name})
    return redirect("roles:list")

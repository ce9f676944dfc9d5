"""One account: who it is, what proves that it is they, where they signed in; making one and changing it."""

import json
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from gangmu.foundation.accounts import managing
from gangmu.foundation.accounts.factors.secrecy import InvalidToken, closed, opened
from gangmu.foundation.accounts.models import User
from gangmu.foundation.accounts.proof import fresh_proof_for_form
from gangmu.foundation.parties.queries import tree
from gangmu.foundation.records.services import note
from gangmu.foundation.settings import clock
from gangmu.foundation.ui.asking import asker
from gangmu.foundation.ui.forms import show_form
from gangmu.foundation.ui.once import submit_once
from gangmu.shell.people import queries
from gangmu.shell.people.forms import PersonForm, PlaceForm
from gangmu.shell.people.lists import CHANGE, REPORTS, VIEW
from gangmu.shell.people.words import standing

ONE_TIME, PURPOSE = "one_time", "people.one-time"


def trail(*rest: tuple[Any, str]) -> list[tuple[Any, str]]:
    return [(_("Accounts"), reverse("people:list")), *rest]


def seen(request: HttpRequest, pk: int) -> User:
    """An account in scope, with its state, or as if there were none."""
    if not request.scope.may(VIEW):
        raise PermissionDenied
    return get_object_or_404(managing.with_states(queries.accounts()), pk=pk)


def changeable(request: HttpRequest, pk: int) -> User:
    """An account that the asker looks after."""
    if not request.scope.may(CHANGE):
        raise PermissionDenied
    account = seen(request, pk)
    if account.pk not in managing.managed([account.pk]):
        raise PermissionDenied(why_not(request, account))
    return account


def why_not(request: HttpRequest, account: User) -> str:
    """Why the asker does not look after an account."""
    if account.pk == asker(request).pk:
        return _("Nobody changes their own account here. Ask another administrator, or open My account.")
    if account.organisation_id is None:
        return _("This account belongs to no organisation yet. Whoever looks after all accounts says where it works.")
    return _("This account works, or holds roles, outside the branch whose accounts you change.")


@never_cache
@require_GET
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything that an administrator sees of an account."""
    account = seen(request, pk)
    state = account.state  # type: ignore[attr-defined]
    locked = managing.locked(User.objects.filter(pk=account.pk))
    may = request.scope.may(CHANGE)
    mine = may and account.pk in managing.managed([account.pk])
    context = {
        "title": account.name,
        "breadcrumbs": trail((account.name, "")),
        "account": account,
        "state": state,
        "changed_at": queries.moment(state["changed_at"]) if state["changed_at"] else None,
        "marks": standing(account, state, locked),
        "locked_until": locked.get(account.pk),
        "posts": queries.posts(account),
        "roles": queries.roles([account.pk]).get(account.pk, []),
        "certificates": managing.bound(account),
        "entries": managing.entries([account.pk]).get(account.pk, []),
        "sign_ins": managing.sign_ins(account),
        "refusals": queries.refusals(account),
        "mine": mine,
        "why_not": why_not(request, account) if may and not mine else "",
        "placeable": account.organisation_id is None and account.pk != asker(request).pk and _sees_all(request),
        "guarded": state["guarded"],
        "resettable": not state["guarded"] or state["totp"] or state["passkeys"],
        "password": _taken_once(request, account),
    }
    return render(request, "people/one.html", context)


def keep_once(request: HttpRequest, account: User, password: str) -> None:
    """Keep a one-time password for the next look at the account, and for no other."""
    request.session[ONE_TIME] = closed(json.dumps([account.pk, password]), PURPOSE)


def _taken_once(request: HttpRequest, account: User) -> str:
    """The one-time password that was kept for this page; it is gone then."""
    kept = request.session.pop(ONE_TIME, "")
    try:
        pk, password = json.loads(opened(kept, PURPOSE)) if kept else (None, "")
    except InvalidToken:
        return ""
    return password if pk == account.pk else ""


def hand_over(request: HttpRequest, account: User, password: str, handing: str) -> None:
    """Show a one-time password once, or have it sent."""
    if handing == "mail":
        managing.send_one_time(account, password)
        messages.success(request, _("The one-time password is on its way to %(to)s.") % {"to": account.email})
    else:
        keep_once(request, account, password)


@never_cache
@require_http_methods(["GET", "POST"])
@fresh_proof_for_form
@submit_once
def create(request: HttpRequest) -> HttpResponse:
    """Make an account."""
    if not request.scope.may(CHANGE):
        raise PermissionDenied
    form = PersonForm(request.POST or None, scope=request.scope)
    if request.method == "POST" and form.is_valid():
        account = User(username=form.cleaned_data["username"], **form.values())
        try:
            password = managing.create(account)
        except ValidationError as problem:
            form.add_error(None, problem.messages)  # type: ignore[arg-type]
        else:
            handing = form.cleaned_data["handing"]
            note(
                "accounts.created",
                by=asker(request),
                subject=account,
                organisation=account.organisation,
                data={"username": account.username, "handing": handing},
                request=request,
            )
            hand_over(request, account, password, handing)
            return redirect("people:one", pk=account.pk)
    context = {"title": _("New account"), "breadcrumbs": trail((_("New account"), "")), "back": reverse("people:list")}
    return show_form(request, "people/form.html", form, context)


@never_cache
@require_http_methods(["GET", "POST"])
@fresh_proof_for_form
@submit_once
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change who somebody is, where they work, how they are reached, until when."""
    account = changeable(request, pk)
    guarded = account.state["guarded"]  # type: ignore[attr-defined]
    initial = PersonForm.of(account)
    form = PersonForm(request.POST or None, initial=initial, scope=request.scope, account=account, guarded=guarded)
    if request.method == "POST" and form.is_valid():
        try:
            changed = managing.change(account, form.values())
        except ValidationError as problem:
            form.add_error(None, problem.messages)  # type: ignore[arg-type]
        else:
            if changed:
                note(
                    "accounts.changed",
                    by=asker(request),
                    subject=account,
                    organisation=account.organisation,
                    data={"username": account.username, "changed": changed},
                    request=request,
                )
                messages.success(request, _("The account was changed."))
            return redirect("people:one", pk=pk)
    back = reverse("people:one", args=[pk])
    context = {
        "title": _("Change the account"),
        "breadcrumbs": trail((account.name, back), (_("Change"), "")),
        "back": back,
    }
    return show_form(request, "people/form.html", form, context)


@never_cache
@require_http_methods(["GET", "POST"])
@fresh_proof_for_form
@submit_once
def place(request: HttpRequest, pk: int) -> HttpResponse:
    """Say where somebody works whose account belongs nowhere yet, such as one that a directory has made."""
    account = seen(request, pk)
    if account.organisation_id is not None or account.pk == asker(request).pk or not _sees_all(request):
        raise PermissionDenied(why_not(request, account))
    form = PlaceForm(request.POST or None, scope=request.scope)
    if request.method == "POST" and form.is_valid():
        organisation = form.cleaned_data["organisation"]
        if managing.place(account, organisation):
            data = {"username": account.username, "changed": {"organisation": ["", str(organisation.code)]}}
            note(
                "accounts.changed",
                by=asker(request),
                subject=account,
                organisation=organisation,
                data=data,
                request=request,
            )
            messages.success(request, _("The account was changed."))
        return redirect("people:one", pk=pk)
    back = reverse("people:one", args=[pk])
    context = {
        "title": _("Where the person works"),
        "breadcrumbs": trail((account.name, back), (_("Change"), "")),
        "back": back,
    }
    return show_form(request, "people/form.html", form, context)


def _sees_all(request: HttpRequest) -> bool:
    """Whether the asker looks after accounts of the whole tree; the database asks again."""
    if not request.scope.may(CHANGE):
        return False
    tops = {node.organisation.pk for node in tree(clock.today()) if node.children}
    return tops <= request.scope.changeable("accounts")


@require_GET
def reports(request: HttpRequest) -> HttpResponse:
    """The reports there are, with how many accounts each names."""
    if not request.scope.may(VIEW):
        raise PermissionDenied
    shown = []
    for report in REPORTS:
        page = report()
        page.request = request
        name = report.key.removeprefix("people.")
        count = page.get_queryset().count()
        shown.append({"title": report.title, "url": reverse(f"people:{name}"), "count": count, "about": page.subtitle})
    context = {"title": _("Reports"), "breadcrumbs": trail((_("Reports"), "")), "reports": shown}
    return render(request, "people/reports.html", context)

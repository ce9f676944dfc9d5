"""One case: its page, and what is done with it."""

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from gangmu.foundation.accounts.queries import signed_in
from gangmu.foundation.approvals import panels, queries
from gangmu.foundation.approvals.actions import Action
from gangmu.foundation.approvals.errors import ApprovalError
from gangmu.foundation.approvals.forms import ActionForm
from gangmu.foundation.approvals.models import Case
from gangmu.foundation.approvals.verbs import VERBS, Verb
from gangmu.foundation.ui.once import submit_once


def visible_case(pk: int) -> Case:
    """A case of the asker's scope, which row security draws."""
    return get_object_or_404(Case.objects.select_related("route"), pk=pk)


@require_GET
def case_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Any case whatever its subject: facts, exceptions, the way it goes, what may be done."""
    case = visible_case(pk)
    panel = panels.panel_of(request, case)
    context = {
        "panel": panel,
        "subject": panel.subject,
        "breadcrumbs": [(_("Approvals"), reverse("approvals:list")), (panel.title, "")],
    }
    return render(request, "approvals/case.html", context)


@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Take one action: GET shows its form (in a window where there is script), POST does it.

    What is refused comes back with the reason and everything that was typed.
    """
    case = visible_case(pk)
    verb = VERBS.get(Action(action)) if action in Action.values else None
    if verb is None:
        raise Http404
    return _take(request, case, verb) if request.method == "POST" else _ask(request, case, verb)


def _ask(request: HttpRequest, case: Case, verb: Verb) -> HttpResponse:
    given = {name: request.GET[name] for name in ("seen", "place", "next") if request.GET.get(name)}
    form = verb.form(initial=given, auto_id=f"id_{verb.action}_%s")
    problem = "" if verb.action in queries.allowed_actions(case, signed_in(request)) else _not_now(verb)
    return _show(request, case, verb, form, problem)


@submit_once
def _take(request: HttpRequest, case: Case, verb: Verb) -> HttpResponse:
    form = verb.form(request.POST, auto_id=f"id_{verb.action}_%s")
    panels.fill(form, case, verb.action, signed_in(request))
    if not form.is_valid():
        return _show(request, case, verb, form)
    by = signed_in(request)
    try:
        with transaction.atomic():
            verb.perform(case, by, request.POST["_key"], form.cleaned_data)
    except ApprovalError as error:
        return _show(request, case, verb, form, str(error))
    case.refresh_from_db()
    messages.success(request, f"{verb.done} {panels.standing_words(case, queries.holders(case))}")
    return redirect(back(request, form.cleaned_data["next"], case))


def _show(request: HttpRequest, case: Case, verb: Verb, form: ActionForm, problem: str = "") -> HttpResponse:
    if not form.is_bound:
        panels.fill(form, case, verb.action, signed_in(request))
    fresh = back(request, str(form["next"].value() or ""), case)
    # The form on the page itself has the other actions beside it: refused, it must not come back without them.
    panel = panels.Panel(case, signed_in(request), fresh, str(form["seen"].value() or ""))
    form_id = f"approval-{verb.action}-{form['place'].value() or 0}"
    context = {
        "case": case,
        "verb": verb,
        "form": form,
        "form_id": form_id,
        "problem": problem,
        "url": reverse("approvals:act", args=[case.pk, verb.action.value]),
        "fresh": fresh,
        "panel": panel,
        "with_others": form.is_bound
        and verb.action in panels.FIRST
        and panel.first[:1]
        and panel.first[0].id == form_id,
    }
    failed = form.is_bound and (form.errors or problem)
    return render(request, "approvals/act.html", context, status=422 if failed else 200)


def _not_now(verb: Verb) -> str:
    text = _("“%(action)s” is not open to you at this moment: somebody may have been faster, or it is not your turn.")
    return text % {"action": verb.label}


def back(request: HttpRequest, target: str, case: Case) -> str:
    """Where the form came from, on this site; else the case's page."""
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe and target.startswith("/") else reverse("approvals:case", args=[case.pk])

"""The rules of signing in: those that hold, those to come, those before; and changing them, with whom it affects."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gangmu.foundation.access.models import Role
from gangmu.foundation.accounts import managing
from gangmu.foundation.accounts.models import FLOORS, Policy
from gangmu.foundation.accounts.proof import ask_for_proof, fresh_proof_for_form, is_fresh
from gangmu.foundation.records.services import note
from gangmu.foundation.settings import clock
from gangmu.foundation.ui.asking import asker
from gangmu.foundation.ui.forms import show_form
from gangmu.foundation.ui.once import submit_once
from gangmu.shell.people import queries
from gangmu.shell.people.forms import PolicyForm
from gangmu.shell.people.lists import VIEW

SET = "access:policy"
SOON = timedelta(days=7)
NAMED = 20


@dataclass(frozen=True)
class Affected:
    """Whom rules would affect in one way."""

    words: str
    tone: str
    names: list[str]
    more: int


def _may_set(request: HttpRequest) -> None:
    if not request.scope.may(SET):
        raise PermissionDenied


@require_GET
def policy(request: HttpRequest) -> HttpResponse:
    """The rules that hold, and their versions."""
    if not (request.scope.may(VIEW) or request.scope.may(SET)):
        raise PermissionDenied
    present = Policy.of()
    versions = list(Policy.objects.order_by("-valid_from"))
    context = {
        "title": _("Sign-in policy"),
        "present": present,
        "rules": [(Policy._meta.get_field(name).verbose_name, getattr(present, name), FLOORS[name]) for name in FLOORS],
        "roles": [one.name for one in Role.objects.filter(code__in=present.second_factor_roles).order_by("code")],
        "versions": [
            (one, _differences(before, one)) for one, before in zip(versions, [*versions[1:], None], strict=True)
        ],
        "today": clock.today(),
        "may_set": request.scope.may(SET),
    }
    return render(request, "people/policy.html", context)


def _differences(before: Policy | None, after: Policy) -> list[tuple[Any, str, str]]:
    """What one version changes in the one before it: rule, before, after."""
    if before is None:
        return []
    names = [*FLOORS, "second_factor", "second_factor_roles", "weak_words"]
    return [
        (Policy._meta.get_field(name).verbose_name, _shown(before, name), _shown(after, name))
        for name in names
        if getattr(before, name) != getattr(after, name)
    ]


def _shown(rules: Policy, name: str) -> str:
    value = getattr(rules, name)
    if name == "weak_words":
        return ngettext("%(n)d word", "%(n)d words", len(value)) % {"n": len(value)}
    if name == "second_factor":
        return str(Policy.SecondFactor(value).label)
    return ", ".join(value) if isinstance(value, list) else str(value)


@never_cache
@require_http_methods(["GET", "POST"])
@fresh_proof_for_form
@submit_once
def change(request: HttpRequest) -> HttpResponse:
    """Set rules from a day on: first whom they affect, then, when that was seen, the rules."""
    _may_set(request)
    newest = Policy.objects.order_by("-valid_from").first() or Policy.of()
    form = PolicyForm(request.POST or None, initial=PolicyForm.of(newest))
    context: dict[str, Any] = {
        "title": _("Change the policy"),
        "breadcrumbs": [(_("Sign-in policy"), reverse("people:policy")), (_("Change"), "")],
    }
    if request.method == "POST" and form.is_valid():
        rules = form.policy()
        before = Policy.of(rules.valid_from)
        context |= {"affected": affected(rules), "differences": _differences(before, rules), "seen": True}
        if "agreed" in request.POST and _set(request, form, rules, before):
            messages.success(request, _("The rules hold from %(day)s on.") % {"day": rules.valid_from})
            return redirect("people:policy")
    return show_form(request, "people/policy_form.html", form, context)


def _set(request: HttpRequest, form: PolicyForm, rules: Policy, before: Policy) -> bool:
    try:
        managing.put_policy(rules)
    except ValidationError as problem:
        form.add_error(None, problem.messages)  # type: ignore[arg-type]
        return False
    changed = {
        name: [getattr(before, name), getattr(rules, name)]
        for name in [*FLOORS, "second_factor", "second_factor_roles"]
        if getattr(before, name) != getattr(rules, name)
    }
    words = {"added": len(set(rules.weak_words) - set(before.weak_words))}
    words |= {"removed": len(set(before.weak_words) - set(rules.weak_words))}
    data = {"valid_from": str(rules.valid_from), "changed": changed, "words": words}
    note("accounts.policy-set", by=asker(request), data=data, request=request)
    return True


@require_POST
@submit_once
def withdraw(request: HttpRequest) -> HttpResponse:
    """Take back rules that have not begun."""
    _may_set(request)
    if not is_fresh(request):
        return ask_for_proof(reverse("people:policy"))
    try:
        day = date.fromisoformat(request.POST.get("day", ""))
    except ValueError:
        return redirect("people:policy")
    if managing.drop_policy(day):
        note("accounts.policy-withdrawn", by=asker(request), data={"valid_from": str(day)}, request=request)
        messages.success(request, _("The rules of %(day)s were withdrawn.") % {"day": day})
    return redirect("people:policy")


def affected(rules: Policy) -> list[Affected]:
    """Whom rules would affect from their first day on: the active accounts in the asker's sight."""
    accounts = {one.pk: one for one in queries.today_active(queries.accounts())}
    states = {pk: state for pk, state in managing.states().items() if pk in accounts and state["changed_at"]}
    first = datetime.combine(rules.valid_from, time(), clock.BUSINESS_ZONE)
    longest = timedelta(days=rules.max_age_days)
    ends = {
        pk: queries.moment(state["changed_at"]) + longest for pk, state in states.items() if not state["must_change"]
    }
    unused = first - timedelta(days=rules.dormant_days)
    must_have = _must_have_second(rules, list(accounts))
    found = [
        (_("passwords have expired by then"), "danger", [pk for pk, end in ends.items() if end <= first]),
        (
            _("passwords expire within 7 days after"),
            "warning",
            [pk for pk, end in ends.items() if first < end <= first + SOON],
        ),
        (
            _("accounts are dormant by then, and disabled in the night"),
            "danger",
            [pk for pk, one in accounts.items() if (one.last_login or one.created_at) < unused],
        ),
        (
            _("people must enrol a second factor when they next sign in"),
            "warning",
            [pk for pk in must_have if pk in states and not (states[pk]["totp"] or states[pk]["passkeys"])],
        ),
    ]
    return [
        Affected(words, tone, [accounts[pk].name for pk in sorted(ids)[:NAMED]], len(ids))
        for words, tone, ids in found
        if ids
    ]


def _must_have_second(rules: Policy, ids: list[int]) -> list[int]:
    if rules.second_factor == Policy.SecondFactor.EVERYONE:
        return ids
    always = queries.powers()
    named = set(rules.second_factor_roles)
    return [pk for pk, held in queries.roles(ids).items() if pk in always or named & {one.code for one in held}]

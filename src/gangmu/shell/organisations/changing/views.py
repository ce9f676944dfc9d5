"""Changing an organisation: which verb, what exactly, what it does to all that depends on the tree, and making it."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gangmu.foundation.accounts.proof import is_fresh
from gangmu.foundation.parties import changes, dependents, kinds, services
from gangmu.foundation.parties.changes import Plan
from gangmu.foundation.parties.changes.lines import piece_on
from gangmu.foundation.parties.dependents import Objection, Section
from gangmu.foundation.parties.models import Change, Organisation, Verb
from gangmu.foundation.parties.tree import ChangeRefused
from gangmu.foundation.records.services import note_refusal
from gangmu.foundation.settings import clock
from gangmu.foundation.ui.asking import asker
from gangmu.foundation.ui.forms import show_form
from gangmu.foundation.ui.once import submit_once
from gangmu.shell.organisations.changing import asking, rights, words
from gangmu.shell.organisations.changing.forms import FORMS, MOST_PARTS, ApplyForm, ChangeForm, SplitForm, WithdrawForm
from gangmu.shell.organisations.changing.lists import ChangeList
from gangmu.shell.organisations.models import Draft

MOST_STEPS = 40
REFUSED = "parties.change-refused"
CHOICES = (
    (Verb.MOVE, gettext_lazy("Move"), gettext_lazy("Under another organisation, from a day on."), "arrow-right"),
    (Verb.CREATE, gettext_lazy("Open below"), gettext_lazy("A new organisation under this one."), "plus"),
    (Verb.MERGE, gettext_lazy("Merge"), gettext_lazy("With others into one, which takes what is below."), "share"),
    (Verb.SPLIT, gettext_lazy("Split"), gettext_lazy("Into parts, each with some of what is below."), "hierarchy-2"),
    (Verb.CLOSE, gettext_lazy("Close"), gettext_lazy("Leaves the tree after a last day; its past stays."), "x"),
    (Verb.REOPEN, gettext_lazy("Open again"), gettext_lazy("In the tree again, as on its last day."), "refresh"),
    (Verb.RENAME, gettext_lazy("Rename"), gettext_lazy("Another name, for all days."), "pencil"),
    (Verb.PARAMETERS, gettext_lazy("Set parameters"), gettext_lazy("Capacity, fuel …, from a day on."), "adjustments"),
)


def trail(*rest: tuple[Any, str]) -> list[tuple[Any, str]]:
    return [(ChangeList.title, reverse("changes:list")), *rest]


@require_GET
def begin(request: HttpRequest, code: str) -> HttpResponse:
    """What can be done with an organisation."""
    one = rights.visible_one(request, code)
    stands = _stands(one)
    shown = [
        (label, text, icon, address)
        for verb, label, text, icon in CHOICES
        if request.scope.may_at(rights.permission_for(verb), one.pk) and (verb != Verb.REOPEN) == stands
        for address in [_address(verb, code)]
    ]
    if not shown:
        rights.require(request, Verb.MOVE, one)
    title = _("Change %(name)s") % {"name": one.name}
    context = {
        "title": title,
        "breadcrumbs": trail((title, "")),
        "organisation": one,
        "kind": kinds.kind(one.kind),
        "choices": shown,
        "changes": _changes_of(one),
    }
    return render_page(request, "begin", context)


def _stands(one: Organisation) -> bool:
    """Whether it stands in the tree today or will."""
    line = changes.World.read().line(one.pk)
    return piece_on(line, clock.today()) is not None or any(days.start > clock.today() for days, _parent in line)


def _address(verb: str, code: str) -> str:
    return reverse("changes:parameters-of", args=[code]) if verb == Verb.PARAMETERS else reverse(
        "changes:ask", args=[code, verb]
    )  # fmt: skip


def _changes_of(one: Organisation) -> list[dict[str, Any]]:
    rows = list(Change.objects.filter(subjects__contains=[one.pk])[:12])
    told = words.sentences(rows)
    return [
        {"change": row, "text": told[row.pk], "state": words.state_name(state), "tone": words.TONES[state]}
        for row in rows
        for state in [row.state_on(clock.today())]
    ]


@require_http_methods(["GET", "POST"])
@submit_once
def ask(request: HttpRequest, code: str, verb: str) -> HttpResponse:
    """What exactly, from when, why. What is asked is kept as a draft, and shown with what it does."""
    if verb not in FORMS:
        raise Http404
    one = rights.visible_one(request, code)
    rights.require(request, verb, one)
    form = _form(request, verb, one)
    if form.is_valid():
        try:
            return prepare(request, one, form)
        except (ChangeRefused, ValidationError) as refused:
            form.add_error(None, refused)
    label = next(label for each, label, *_rest in CHOICES if each == verb)
    above = (_("Change %(name)s") % {"name": one.name}, reverse("changes:begin", args=[code]))
    context = {
        "title": f"{label} · {one.name}",
        "breadcrumbs": trail(above, (label, "")),
        "organisation": one,
        "cancel": reverse("changes:begin", args=[code]),
        "verb": verb,
        "parts": _parts(request) + 1 if verb == Verb.SPLIT and _parts(request) < MOST_PARTS else 0,
    }
    return show_form(request, "organisations/changing/ask.html", form, context)


def _form(request: HttpRequest, verb: str, one: Organisation) -> ChangeForm:
    if verb == Verb.SPLIT:
        return SplitForm(one, request.POST or None, parts=_parts(request))
    return FORMS[verb](one, request.POST or None)


def _parts(request: HttpRequest) -> int:
    text = request.GET.get("parts", "2")
    return min(max(int(text), 1), MOST_PARTS) if text.isascii() and text.isdigit() and len(text) < 3 else 2


def prepare(request: HttpRequest, one: Organisation, form: ChangeForm) -> HttpResponse:
    """Keep what a form asks as a draft, if it can be made at all.

    Raises:
        ChangeRefused, ValidationError: it cannot.
    """
    return keep(request, one, form.verb, form.asked(), form.cleaned_data["reason"])


def keep(request: HttpRequest, one: Organisation, verb: str, asked: dict[str, Any], reason: str) -> HttpResponse:
    """As `prepare`, of what has been asked in another way."""
    changes.preview(asking.planner_of(verb, asked))
    draft = Draft(organisation=one, verb=verb, asked=asked, reason=reason.strip())
    draft.made_by, draft.made_by_name, draft.made_at = asker(request), asker(request).name, clock.now()
    draft.save()
    return redirect("changes:draft", pk=draft.pk)


@require_http_methods(["GET", "POST"])
@submit_once
def look(request: HttpRequest, pk: int) -> HttpResponse:
    """What a prepared change does, before it is made; and making it, with a fresh proof of who does."""
    draft = get_object_or_404(Draft.objects.select_related("organisation"), pk=pk)
    may = request.scope.may_at(rights.permission_for(draft.verb), draft.organisation_id)
    planner = asking.planner_of(draft.verb, draft.asked)
    plan: Plan | None = None
    objections: list[Objection] = []
    refused = ""
    try:
        with transaction.atomic():
            plan, objections = changes.preview(planner)
    except (ChangeRefused, ValidationError) as error:
        refused = " ".join(error.messages)
    final = [objection for objection in objections if objection.final]
    form = ApplyForm(request.POST or None, objections=objections, initial={"seen": plan.digest if plan else ""})
    if request.method == "POST":
        if not may:
            rights.require(request, draft.verb, draft.organisation)
        if not is_fresh(request):
            return redirect(_prove(request))
        if plan and form.is_valid():
            made = _make(request, draft, form)
            if isinstance(made, Change):
                return redirect("changes:one", pk=made.pk)
            refused = made
    title = words.sentence_of_plan(plan) if plan else _("A change that cannot be made")
    context = {
        "title": title,
        "breadcrumbs": trail((_("Preview"), "")),
        "draft": draft,
        "plan": plan,
        "refused": refused,
        "final": final,
        "known": [objection for objection in objections if not objection.final],
        "steps": words.steps_of_plan(plan)[:MOST_STEPS] if plan else [],
        "more_steps": max(len(words.steps_of_plan(plan)) - MOST_STEPS, 0) if plan else 0,
        "sections": _sections(request, plan) if plan else [],
        "may": may and plan is not None and not final,
        "fresh": is_fresh(request),
        "prove": _prove(request),
        "again": _again(draft),
        "ends": [plan.after.name(one) for one in plan.leaving][:8] if plan else [],
        "successors": [(plan.after.name(one), plan.after.name(other)) for one, other in plan.successors]
        if plan
        else [],
    }
    return show_form(request, "organisations/changing/look.html", form, context)


def _make(request: HttpRequest, draft: Draft, form: ApplyForm) -> Change | str:
    """Make a prepared change; why not, where it is refused."""
    try:
        with transaction.atomic():
            made = changes.perform(
                asking.planner_of(draft.verb, draft.asked),
                reason=draft.reason,
                seen=form.cleaned_data["seen"],
                although=form.although(),
                address=request.META.get("REMOTE_ADDR") or None,
            )
            draft.delete()
    except (ChangeRefused, ValidationError) as error:
        told = {"verb": draft.verb, "asked": draft.asked, "why": " ".join(error.messages)}
        note_refusal(REFUSED, by=asker(request), organisation=draft.organisation, data=told, request=request)
        return " ".join(error.messages)
    ahead = made.state_on(clock.today()) == "planned"
    done = _("Planned for %(day)s.") % {"day": made.from_date} if ahead else _("Changed.")
    messages.success(request, done)
    return made


def _sections(request: HttpRequest, plan: Plan) -> list[Section]:
    """What depends on the tree, as far as the asker may see it."""
    found = []
    for one in dependents.all_dependents():
        if one.permission and not request.scope.may(one.permission):
            found.append(Section(str(one.label), summary=_("Your roles do not show you this. Let somebody look at this "
                                                           "page whose roles do.")))  # fmt: skip
            continue
        section = one.show(plan, request.scope)
        if section is not None:
            found.append(section)
    return found


def _prove(request: HttpRequest) -> str:
    """Where one shows who one is, and comes back from."""
    return f"{resolve_url(settings.PROVE_URL)}?{urlencode({'next': request.path})}"


def _again(draft: Draft) -> str:
    """Where it is asked anew."""
    return _address(draft.verb, str(draft.organisation.code))


@require_POST
@submit_once
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw a prepared change away: whoever prepared it, or could make it."""
    draft = get_object_or_404(Draft.objects.select_related("organisation"), pk=pk)
    own = draft.made_by_id == asker(request).pk
    if not own and not request.scope.may_at(rights.permission_for(draft.verb), draft.organisation_id):
        raise PermissionDenied(_("Only who prepared a change, or may make it, throws it away."))
    draft.delete()
    messages.info(request, _("The prepared change was thrown away. Nothing was changed."))
    return redirect("changes:list")


@require_GET
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """A change: who, when, why, and what it made of what."""
    rights.require_view(request)
    change = get_object_or_404(Change, pk=pk)
    state = change.state_on(clock.today())
    title = words.sentences([change])[change.pk]
    steps = words.steps_of(change)
    named = Organisation.objects.filter(pk__in=change.subjects).order_by("sort_key")
    context = {
        "title": title,
        "breadcrumbs": trail((title, "")),
        "change": change,
        "state": words.state_name(state),
        "tone": words.TONES[state],
        "steps": steps[:MOST_STEPS],
        "more_steps": max(len(steps) - MOST_STEPS, 0),
        "subjects": named,
        "withdraw": reverse("changes:withdraw", args=[pk])
        if state == "planned" and request.scope.may_at(rights.permission_for(change.verb), change.organisation_id)
        else "",
    }
    return render_page(request, "one", context)


@require_http_methods(["GET", "POST"])
@submit_once
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a planned change back."""
    rights.require_view(request)
    change = get_object_or_404(Change.objects.select_related("organisation"), pk=pk)
    rights.require(request, change.verb, change.organisation)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and not is_fresh(request):
        return redirect(_prove(request))
    if form.is_valid():
        try:
            with transaction.atomic():
                services.withdraw(
                    change,
                    reason=form.cleaned_data["reason"],
                    although=changes.EVERYTHING,
                    address=request.META.get("REMOTE_ADDR") or None,
                )
        except (ChangeRefused, ValidationError) as refused:
            told = {"change": pk, "why": " ".join(refused.messages)}
            note_refusal(REFUSED, by=asker(request), organisation=change.organisation, data=told, request=request)
            form.add_error(None, refused)
        else:
            messages.success(request, _("Withdrawn. Everything stands as if it had not been planned."))
            return redirect("changes:one", pk=pk)
    sentence = words.sentences([change])[pk]
    title = _("Withdraw what is planned")
    context = {
        "title": title,
        "breadcrumbs": trail((sentence, reverse("changes:one", args=[pk])), (title, "")),
        "sentence": sentence,
        "change": change,
        "cancel": reverse("changes:one", args=[pk]),
        "fresh": is_fresh(request),
        "prove": _prove(request),
    }
    return show_form(request, "organisations/changing/withdraw.html", form, context)


def render_page(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    return render(request, f"organisations/changing/{name}.html", context)

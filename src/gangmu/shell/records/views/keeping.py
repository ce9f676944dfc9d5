"""Retention, holds and purges: one asks, another answers."""

from collections.abc import Callable
from datetime import datetime, time
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from gangmu.foundation.records import purge as purges
from gangmu.foundation.records import retention as keeping
from gangmu.foundation.records.models import FLOOR_DAYS, Answer, Hold, Purge, Retention, RetentionChange
from gangmu.foundation.settings.clock import BUSINESS_ZONE
from gangmu.foundation.ui.forms import show_form
from gangmu.foundation.ui.once import submit_once
from gangmu.shell.records.forms import (
    AnswerForm,
    AskRetentionForm,
    HoldForm,
    LengthenForm,
    PurgeForm,
    ReleaseForm,
)
from gangmu.shell.records.views.asking import needs

ASK = ("records:retain", "retention:ask")


@require_GET
@needs("records:view", *ASK)
def retention(request: HttpRequest) -> HttpResponse:
    """What is kept how long, what waits for an answer, holds, purges."""
    people = ("requested_by", "answered_by")
    context = {
        "floor": FLOOR_DAYS,
        "classes": Retention.objects.order_by("code"),
        "waiting": RetentionChange.objects.filter(answer=Answer.OPEN).select_related(*people).order_by("-id"),
        "answered": RetentionChange.objects.exclude(answer=Answer.OPEN).select_related(*people).order_by("-id")[:20],
        "holds": Hold.objects.select_related("organisation", "placed_by", "released_by").order_by("-id")[:50],
        "purges": Purge.objects.select_related("retention", "requested_by", "confirmed_by", "declined_by").order_by(
            "-id"
        )[:50],
        "may_retain": request.scope.may("records:retain"),  # type: ignore[attr-defined]
        "may_ask": any(request.scope.may(one) for one in ASK),  # type: ignore[attr-defined]
    }
    return render(request, "records/retention.html", context)


def _done(
    request: HttpRequest, form: forms.Form, title: str, said: str, act: Callable[[dict[str, Any]], Any], **more: Any
) -> HttpResponse:
    """Show a form, or do what it says and go back; what the database refuses comes back with the form."""
    if request.method == "POST" and form.is_valid():
        try:
            act(form.cleaned_data)
        except keeping.Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, said)
            return redirect("records:retention")
    trail = [(_("Retention"), reverse("records:retention")), (title, "")]
    return show_form(request, "records/keeping_form.html", form, {"title": title, "breadcrumbs": trail, **more})


@require_http_methods(["GET", "POST"])
@needs("records:retain")
@submit_once
def lengthen(request: HttpRequest, code: str) -> HttpResponse:
    """Keep the records of a class longer: one person is enough."""
    held = get_object_or_404(Retention, code=code)
    form = LengthenForm(request.POST or None, initial={"days": held.keep_days})
    title = _("Keep longer: %(name)s") % {"name": held}
    return _done(request, form, title, _("The records are kept longer."), lambda data: keeping.lengthen(held, **data))


@require_http_methods(["GET", "POST"])
@needs(*ASK)
@submit_once
def ask_retention(request: HttpRequest) -> HttpResponse:
    """Ask that records be kept for a shorter time; somebody else answers."""
    form = AskRetentionForm(request.POST or None, initial={"days": 366})
    note = _("Whatever is asked for: nothing leaves before %(days)d days, and another person must agree.")
    return _done(
        request,
        form,
        _("Ask for a shorter retention"),
        _("The request waits for another person."),
        lambda data: keeping.ask_change(data.pop("code"), data.pop("name_zh"), data.pop("name_en"), **data),
        note=note % {"days": FLOOR_DAYS},
    )


def _agrees(request: HttpRequest) -> bool:
    return request.POST.get("agree") == "yes"


@require_http_methods(["GET", "POST"])
@needs("records:retain")
@submit_once
def answer_retention(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree to a shorter retention as a second person, or decline."""
    change = get_object_or_404(RetentionChange.objects.select_related("requested_by"), pk=pk)
    facts = [
        (_("Asked for by"), change.requested_by),
        (_("Why"), change.reason),
        (_("Records"), change.get_table_display()),
        (_("Kinds"), ", ".join(change.kinds)),
        (_("Days to keep"), change.keep_days),
    ]
    return _done(
        request,
        AnswerForm(request.POST or None),
        _("Shorter retention: %(name)s") % {"name": change},
        _("Your answer was recorded."),
        lambda data: keeping.answer_change(change, agree=_agrees(request), words=data["words"]),
        facts=facts,
        answers=True,
    )


@require_http_methods(["GET", "POST"])
@needs("records:retain")
@submit_once
def hold(request: HttpRequest) -> HttpResponse:
    """Place a legal hold."""
    form = HoldForm(request.POST or None)
    return _done(
        request,
        form,
        _("Place a legal hold"),
        _("The hold stands: no purge touches what it covers."),
        lambda data: keeping.place_hold(data.pop("reason"), **data),
    )


@require_http_methods(["GET", "POST"])
@needs("records:retain")
@submit_once
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Release a legal hold."""
    held = get_object_or_404(Hold, pk=pk)
    return _done(
        request,
        ReleaseForm(request.POST or None),
        _("Release the hold: %(reason)s") % {"reason": held.reason},
        _("The hold was released."),
        lambda data: keeping.release_hold(held, **data),
    )


@require_http_methods(["GET", "POST"])
@needs(*ASK)
@submit_once
def ask_purge(request: HttpRequest) -> HttpResponse:
    """Ask for records to be removed that their class no longer needs."""
    return _done(
        request,
        PurgeForm(request.POST or None),
        _("Ask for a purge"),
        _("The request waits for another person."),
        lambda data: purges.request_purge(data["retention"], datetime.combine(data["before"], time(), BUSINESS_ZONE)),
        note=_("Only records that are sealed, older than their class wants and under no hold are removed."),
    )


@require_http_methods(["GET", "POST"])
@needs("records:retain")
@submit_once
def answer_purge(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm a purge as a second person, or decline; a worker carries it out."""
    asked = get_object_or_404(Purge.objects.select_related("retention", "requested_by"), pk=pk)
    facts = [
        (_("Asked for by"), asked.requested_by),
        (_("Retention class"), asked.retention),
        (_("Older than"), f"{asked.before.astimezone(BUSINESS_ZONE):%Y-%m-%d}"),
    ]
    return _done(
        request,
        forms.Form(request.POST if request.method == "POST" else None),
        _("Purge of %(name)s") % {"name": asked.retention},
        _("Your answer was recorded."),
        lambda _data: purges.answer_purge(asked, agree=_agrees(request)),
        facts=facts,
        answers=True,
    )

"""Leave: who acts for me while I am away; and, as an administrator says it, for others who are."""

from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from gangmu.foundation.accounts.queries import signed_in
from gangmu.foundation.approvals import services
from gangmu.foundation.approvals.errors import ApprovalError
from gangmu.foundation.approvals.forms import LeaveForm, OthersLeaveForm
from gangmu.foundation.approvals.models import Leave
from gangmu.foundation.approvals.people import CONFIGURE
from gangmu.foundation.approvals.services.leaving import stand_in_candidates
from gangmu.foundation.parties.days import Days
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings import clock
from gangmu.foundation.ui.once import submit_once

SHOWN = 100
LONGEST = 200


@require_http_methods(["GET", "POST"])
def leave(request: HttpRequest) -> HttpResponse:
    """My leaves and those of my organisations; a form for the next one."""
    if request.method == "GET":
        return _show(request, _form(request))
    return _set_for_another(request) if "at" in request.POST else _set(request)


def _form(request: HttpRequest) -> LeaveForm:
    bound = request.POST if request.method == "POST" else None
    form = LeaveForm(bound, initial={"first": clock.today(), "last": clock.today()})
    _offer_stand_ins(form, request)
    return form


def _offer_stand_ins(form: LeaveForm, request: HttpRequest) -> None:
    me = signed_in(request)
    people = stand_in_candidates(me.pk, me.organisation_id) if me.organisation_id else []
    form.fields["stand_in"].offer((pk, name, "") for pk, name in people)


def _place(request: HttpRequest, text: str) -> Organisation | None:
    """The organisation that is named by code or name, when the asker may say there who is away."""
    named = Organisation.objects.filter(Q(code=text) | Q(name_zh=text) | Q(name_en=text))[:2] if text else ()
    found = [one for one in named if request.scope.may_at(CONFIGURE, one.pk)]
    return found[0] if len(found) == 1 else None


def _others_form(place: Organisation, data: QueryDict | None = None) -> OthersLeaveForm:
    form = OthersLeaveForm(data, initial={"at": place.code, "first": clock.today(), "last": clock.today()})
    people = [(pk, name, "") for pk, name in stand_in_candidates(0, place.pk)]
    for field in ("user", "stand_in"):
        form.fields[field].offer(people)
    return form


def _show(request: HttpRequest, form: LeaveForm, others_form: OthersLeaveForm | None = None) -> HttpResponse:
    reader, today = signed_in(request), clock.today()
    leaves = list(Leave.objects.filter(valid__endswith__gt=today).order_by("valid")[:SHOWN])
    configures = request.scope.may(CONFIGURE)
    at = request.GET.get("at", "").strip()[:LONGEST] if configures else ""
    if others_form is None and (place := _place(request, at)):
        others_form = _others_form(place)
    context = {
        "tab": "leave",
        "form": form,
        "configures": configures,
        "at": at,
        "others_form": others_form,
        "mine": [_line(one, request) for one in leaves if one.user_id == reader.pk],
        "for_others": [_line(one, request) for one in leaves if one.stand_in_id == reader.pk],
        "others": [_line(one, request) for one in leaves if reader.pk not in (one.user_id, one.stand_in_id)],
    }
    refused = any(one is not None and one.is_bound and one.errors for one in (form, others_form))
    return render(request, "approvals/leave.html", context, status=422 if refused else 200)


def _line(one: Leave, request: HttpRequest) -> dict[str, object]:
    """A leave with its last day: the range in the database ends before its end."""
    days = Days.of(one.valid)
    first, last = days.start, days.end - timedelta(days=1)
    may_end = one.organisation_id is not None and request.scope.may_at(CONFIGURE, one.organisation_id)
    return {"leave": one, "first": first, "last": last, "now": first <= clock.today() <= last, "may_end": may_end}


@submit_once
def _set(request: HttpRequest) -> HttpResponse:
    form, by = _form(request), signed_in(request)
    if form.is_valid():
        data = form.cleaned_data
        try:
            with transaction.atomic():
                made = services.set_leave(by.pk, data["stand_in"], data["first"], data["last"], by=by)
        except ApprovalError as error:
            form.add_error(None, str(error))
        except ValidationError as error:
            form.add_error(None, error)
        else:
            text = _("%(name)s acts for you from %(first)s to %(last)s.")
            given = {"name": made.stand_in_name, "first": data["first"], "last": data["last"]}
            messages.success(request, text % given)
            return redirect("approvals:leave")
    return _show(request, form)


@submit_once
def _set_for_another(request: HttpRequest) -> HttpResponse:
    place = _place(request, request.POST["at"])
    if place is None:
        raise PermissionDenied(_("Only administrators of approvals may set somebody else's leave."))
    form, by = _others_form(place, request.POST), signed_in(request)
    if form.is_valid():
        data = form.cleaned_data
        try:
            with transaction.atomic():
                made = services.set_leave(
                    data["user"], data["stand_in"], data["first"], data["last"], by=by, organisation=place.pk
                )
        except ApprovalError as error:
            form.add_error(None, str(error))
        else:
            text = _("%(name)s acts for %(away)s from %(first)s to %(last)s.")
            given = {"name": made.stand_in_name, "away": made.user_name, "first": data["first"], "last": data["last"]}
            messages.success(request, text % given)
            return redirect("approvals:leave")
    own = LeaveForm(initial={"first": clock.today(), "last": clock.today()})
    _offer_stand_ins(own, request)
    return _show(request, own, form)


@require_POST
@submit_once
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a leave: today is the first day back."""
    found = get_object_or_404(Leave, pk=pk)
    try:
        with transaction.atomic():
            services.end_leave(found.pk, by=signed_in(request))
    except ApprovalError as error:
        messages.error(request, str(error))
    else:
        own = found.user_id == signed_in(request).pk
        text = _("The leave has ended; nobody acts for you any more.") if own else _("The leave has ended.")
        messages.success(request, text)
    return redirect("approvals:leave")
